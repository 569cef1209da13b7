//! An estate that follows from a seed: groups, environments, variables, throttles, signatures, APIs and bindings.
//!
//! Every thing has a slot, and what is in the slot follows from the seed and the slot's turn. An edit turns some slots. What
//! does not fit together is left out: a second API for a request, a variable that has no value, a selector without APIs.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use apigctl::kind::Kind;
use apigctl::provider::Vendor;
use serde_json::{Value, json};

use crate::support::document;
use crate::support::reduced::{stripped, takes};

/// SplitMix64.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64, name: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed, name).hash(&mut hasher);
        Self(hasher.finish())
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    /// True in so many of 100 cases.
    fn odds(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// So many of them, none twice.
    pub(super) fn some<T: Copy>(&mut self, from: &[T], count: usize) -> Vec<T> {
        let mut left = from.to_vec();
        (0..count.min(from.len())).map(|_| left.swap_remove(self.below(left.len()))).collect()
    }
}

const LEAF: &str = include_str!("../engine/certificates/leaf.pem");
const CA: &str = include_str!("../engine/certificates/ca.pem");
const RSA: &str = include_str!("../engine/certificates/rsa.pem");

const GROUPS: usize = 3;
/// The first two are kept by what others hung on them.
const APPS: usize = 3;
const APIS: usize = 12;
const THROTTLES: usize = 4;
pub(super) const ENVIRONMENTS: [&str; 2] = ["TEST", "PRE"];

/// What a vendor takes, beyond what its table of lacks says.
pub(super) struct Ways {
    /// Whether a variable can get another value.
    variables_change: bool,
    /// Whether environments are made, or some are given.
    pub(super) environments_made: bool,
    /// Whether access controls know ranges of addresses, and not networks alone.
    ranges: bool,
    /// Whether an access control that lets in can be made one that keeps out.
    effects_change: bool,
}

pub(super) fn ways(vendor: &Vendor) -> Ways {
    let all = Ways { variables_change: true, environments_made: true, ranges: true, effects_change: true };
    match vendor.name {
        "alibaba-cloudapi" => Ways { environments_made: false, ranges: false, effects_change: false, ..all },
        "huawei-apig-v1" => Ways { variables_change: false, ..all },
        _ => all,
    }
}

#[derive(Clone)]
pub(super) struct Estate {
    seed: u64,
    vendor: &'static Vendor,
    turns: BTreeMap<String, u64>,
}

/// An API as selectors see it.
struct Api {
    group: String,
    name: String,
    tier: &'static str,
    tag: &'static str,
    publish: Vec<String>,
    by_app: bool,
}

/// What APIs may name.
struct Named {
    channels: Vec<String>,
    authorizers: Vec<String>,
}

impl Estate {
    pub(super) fn new(seed: u64, vendor: &'static Vendor) -> Self {
        Self { seed, vendor, turns: BTreeMap::new() }
    }

    /// Whether its gateway has a kind.
    fn has(&self, kind: Kind) -> bool {
        takes(self.vendor, kind, "")
    }

    fn slot(&self, name: &str) -> Rng {
        let turn = self.turns.get(name).copied().unwrap_or_default();
        Rng::new(self.seed, &format!("{name} {turn}"))
    }

    /// Turns some slots: a few, or half of them.
    pub(super) fn edit(&mut self, rng: &mut Rng) {
        let percent = [5, 15, 50][rng.below(3)];
        let mut names: Vec<String> = (0..APIS).map(|i| format!("api {i}")).collect();
        names.extend((0..GROUPS).map(|i| format!("group {i}")));
        names.extend((0..GROUPS).map(|i| format!("variable {i}")));
        names.extend((0..THROTTLES).map(|i| format!("throttle {i}")));
        names.extend((0..2).map(|i| format!("signature {i}")));
        names.extend((0..2).flat_map(|i| {
            [
                "access",
                "quota",
                "channel",
                "authorizer",
                "plugin",
                "certificate",
                "domain",
                "feature",
                "gateway",
            ]
            .map(|kind| format!("{kind} {i}"))
        }));
        names.extend((0..APPS).map(|i| format!("app {i}")));
        names.extend(ENVIRONMENTS.iter().map(|e| format!("environment {e}")));
        for environment in ENVIRONMENTS.iter().chain(&["RELEASE"]) {
            names.extend(
                ["throttle", "signature", "accessControl", "plugin", "authorization"]
                    .map(|kind| format!("binding {environment} {kind}")),
            );
        }
        for name in names {
            if rng.odds(percent) {
                *self.turns.entry(name).or_default() += 1;
            }
        }
    }

    pub(super) fn documents(&self) -> Vec<Value> {
        self.build().0
    }

    /// How many resources of a kind there should be.
    pub(super) fn wanted(&self, kind: Kind) -> usize {
        self.build().1.get(&kind).copied().unwrap_or_default()
    }

    fn build(&self) -> (Vec<Value>, BTreeMap<Kind, usize>) {
        let mut documents = Vec::new();
        let mut counts = BTreeMap::new();
        let groups: Vec<usize> =
            (0..GROUPS).filter(|i| *i == 0 || self.slot(&format!("group {i}")).odds(75)).collect();
        for i in &groups {
            let mut rng = self.slot(&format!("group {i}"));
            rng.next();
            let spec = json!({ "description": format!("Team {}", rng.below(9)) });
            documents.push(document("Group", json!({ "name": format!("team_{i}") }), spec));
        }
        let mut environments = vec!["RELEASE".to_owned()];
        for name in ENVIRONMENTS {
            if self.slot(&format!("environment {name}")).odds(80) {
                documents.push(document("Environment", json!({ "name": name }), json!({})));
                environments.push(name.to_owned());
            }
        }
        let throttles = self.throttles(&mut documents);
        let signatures = self.signatures(&mut documents);
        let policies = self.access_controls(&mut documents);
        let plugins = self.plugins(&mut documents);
        let quotas = self.quotas(&mut documents);
        let mut apps = self.apps(&quotas, &mut counts, &mut documents);
        apps.push("app_one".to_owned());
        let hosts = self.variables(&groups, &environments, &mut documents);
        let named =
            Named { channels: self.channels(&mut documents), authorizers: self.authorizers(&mut documents) };
        self.features(&mut documents);
        self.gateway(&mut documents);
        let certificates = self.certificates(&mut documents);
        let own = self.domains(&groups, &certificates, &mut documents);
        counts.insert(Kind::OwnCertificate, own);
        let apis = self.apis(&groups, &environments, &hosts, &named, &mut documents);
        counts.insert(Kind::Api, apis.len());
        for environment in &environments {
            for (word, kind, policies) in [
                ("throttle", Kind::ThrottleBinding, &throttles),
                ("signature", Kind::SignatureBinding, &signatures),
                ("accessControl", Kind::AccessBinding, &policies),
                ("plugin", Kind::PluginBinding, &plugins),
            ] {
                *counts.entry(kind).or_default() +=
                    self.bindings(environment, word, policies, &apis, &mut documents);
            }
            *counts.entry(Kind::AppAuthorization).or_default() +=
                self.authorizations(environment, &apps, &apis, &mut documents);
        }
        (stripped(self.vendor, documents), counts)
    }

    fn throttles(&self, documents: &mut Vec<Value>) -> Vec<String> {
        let mut names = Vec::new();
        for i in 0..THROTTLES {
            let mut rng = self.slot(&format!("throttle {i}"));
            if !rng.odds(75) {
                continue;
            }
            let name = format!("limit_{i}");
            let mut exceptions = Vec::new();
            for app in rng.some(&["app_one", "app_two"], [0, 1, 2][i % 3]) {
                exceptions.push(json!({ "app": app, "limit": 1 + rng.below(50) }));
            }
            if rng.odds(30) {
                exceptions
                    .push(json!({ "user": "0123456789abcdef0123456789abcdef", "limit": 1 + rng.below(50) }));
            }
            let spec =
                json!({ "per": "1s", "limits": { "api": 100 + rng.below(100) }, "exceptions": exceptions });
            documents.push(document("Throttle", json!({ "name": name }), spec));
            names.push(name);
        }
        names
    }

    fn signatures(&self, documents: &mut Vec<Value>) -> Vec<String> {
        let mut names = Vec::new();
        for i in 0..2 {
            let mut rng = self.slot(&format!("signature {i}"));
            if !rng.odds(75) {
                continue;
            }
            let name = format!("key_{i}");
            let key = format!("key{:05}", rng.below(3));
            let spec = json!({ "key": key, "secret": { "fromEnv": rng.pick(&["KEY_A", "KEY_B"]) } });
            documents.push(document("Signature", json!({ "name": name }), spec));
            names.push(name);
        }
        names
    }

    fn access_controls(&self, documents: &mut Vec<Value>) -> Vec<String> {
        let mut names = Vec::new();
        for i in 0..2 {
            let mut rng = self.slot(&format!("access {i}"));
            if !rng.odds(75) {
                continue;
            }
            let name = format!("office_{i}");
            let last = if ways(self.vendor).ranges { "198.51.100.1-198.51.100.7" } else { "198.51.100.0/29" };
            let values = rng.some(&["192.0.2.9", "192.0.2.0/29", last], 2);
            let turn = if ways(self.vendor).effects_change { rng.below(2) } else { i };
            let effect = ["allow", "deny"][turn];
            let spec = json!({ "effect": effect, "values": values });
            documents.push(document("AccessControl", json!({ "name": name }), spec));
            names.push(name);
        }
        names
    }

    /// Two of one type, one of another with a password or that names an app, and one that only one gateway has.
    fn plugins(&self, documents: &mut Vec<Value>) -> Vec<String> {
        let mut names = Vec::new();
        let has = |field: &str| takes(self.vendor, Kind::Plugin, field);
        let most = if has("native") { 4 } else { 3 };
        for i in (0..most).filter(|_| self.has(Kind::Plugin)) {
            let mut rng = self.slot(&format!("plugin {i}"));
            if !rng.odds(75) {
                continue;
            }
            let name = format!("plug_{i}");
            let spec = match i {
                3 => {
                    json!({ "native": { "type": "caching", "definition": { "duration": 60 + rng.below(3) } } })
                }
                2 if !has("kafkaLog") => json!({ "rateLimit": {
                    "per": "1s", "limits": { "api": 100 }, "exceptions": [{ "app": "app_one", "limit": 1 + rng.below(50) }],
                } }),
                2 => json!({ "kafkaLog": {
                    "brokers": ["kafka.internal:9093"], "topic": format!("calls{}", rng.below(3)),
                    "security": {
                        "protocol": "SASL_SSL", "username": "gateway",
                        "password": { "fromEnv": rng.pick(&["KEY_A", "KEY_B"]) },
                    },
                } }),
                _ => json!({ "cors": { "allowOrigins": [format!("https://{}.example.com", rng.below(3))] } }),
            };
            documents.push(document("Plugin", json!({ "name": name }), spec));
            names.push(name);
        }
        names
    }

    fn quotas(&self, documents: &mut Vec<Value>) -> Vec<String> {
        let mut names = Vec::new();
        for i in (0..2).filter(|_| self.has(Kind::Quota)) {
            let mut rng = self.slot(&format!("quota {i}"));
            if !rng.odds(75) {
                continue;
            }
            let name = format!("allowance_{i}");
            let spec = json!({ "limit": 1 + rng.below(3), "per": rng.pick(&["1h", "1d"]) });
            documents.push(document("Quota", json!({ "name": name }), spec));
            names.push(name);
        }
        names
    }

    /// Their names; quotas and codes are counted.
    fn apps(
        &self,
        quotas: &[String],
        counts: &mut BTreeMap<Kind, usize>,
        documents: &mut Vec<Value>,
    ) -> Vec<String> {
        let mut names = Vec::new();
        for i in 0..APPS {
            let mut rng = self.slot(&format!("app {i}"));
            if !rng.odds(75) {
                continue;
            }
            let mut spec = json!({ "description": format!("Partner {}", rng.below(3)) });
            if rng.odds(50) {
                spec["key"] = json!(format!("callerkey{i}{}", rng.below(2)));
                spec["secret"] = json!({ "fromEnv": rng.pick(&["KEY_A", "KEY_B"]) });
            }
            if rng.odds(50) {
                let values = [format!("192.0.2.{}", rng.below(3))];
                spec["accessControl"] = json!({ "effect": rng.pick(&["allow", "deny"]), "values": values });
            }
            if let Some(quota) = quotas.get(rng.below(3)) {
                spec["quota"] = json!(quota);
                *counts.entry(Kind::QuotaBinding).or_default() += 1;
            }
            // Sources change their names, and names their sources; no two apps have one.
            let few = if takes(self.vendor, Kind::App, "codes") { rng.below(3) } else { 0 };
            let sources = rng.some(&["A", "B", "C"], few);
            *counts.entry(Kind::AppCode).or_default() += sources.len();
            let code = |(name, from): (&&str, &&str)| json!({ "name": name, "secret": { "fromEnv": format!("CODE_{i}{from}") } });
            spec["codes"] = ["first", "second"].iter().zip(&sources).map(code).collect();
            let name = format!("caller_{i}");
            documents.push(document("App", json!({ "name": name }), spec));
            names.push(name);
        }
        names
    }

    fn channels(&self, documents: &mut Vec<Value>) -> Vec<String> {
        let mut names = Vec::new();
        for i in (0..2).filter(|_| self.has(Kind::Channel)) {
            let mut rng = self.slot(&format!("channel {i}"));
            if !rng.odds(75) {
                continue;
            }
            let name = format!("servers_{i}");
            let hosts = rng.some(&["10.0.0.1", "10.0.0.2", "10.0.0.3"], 2);
            let mut spec = json!({ "port": 80 + rng.below(2) });
            if takes(self.vendor, Kind::Channel, "vpc") {
                // No two are for one server.
                spec["memberType"] = json!("ecs");
                spec["members"] = json!([{ "ecsId": format!("i-{i}-{}", hosts[0]) }]);
                spec["vpc"] = json!({ "id": format!("vpc-{}", rng.below(2)) });
                if rng.odds(50) {
                    spec["vpc"]["hostHeader"] = json!("shop.internal");
                }
            } else if takes(self.vendor, Kind::Channel, "members[].host") {
                spec["members"] = hosts.iter().map(|host| json!({ "host": host })).collect();
            } else {
                spec["memberType"] = json!("ecs");
                spec["members"] = hosts
                    .iter()
                    .map(|host| json!({ "ecsId": host.replace('.', "-"), "ecsName": "server" }))
                    .collect();
                spec["healthCheck"] = json!({
                    "protocol": "tcp", "interval": "10s", "timeout": "5s", "healthyAfter": 2, "unhealthyAfter": 5,
                });
            }
            documents.push(document("Channel", json!({ "name": name }), spec));
            names.push(name);
        }
        names
    }

    fn authorizers(&self, documents: &mut Vec<Value>) -> Vec<String> {
        let mut names = Vec::new();
        for i in (0..2).filter(|_| self.has(Kind::Authorizer)) {
            let mut rng = self.slot(&format!("authorizer {i}"));
            if !rng.odds(75) {
                continue;
            }
            let name = format!("check_{i}");
            let spec = json!({
                "type": "frontend", "function": "urn:fss:check", "version": format!("v{}", rng.below(3)),
                "userData": format!("of {}", rng.below(3)),
            });
            documents.push(document("Authorizer", json!({ "name": name }), spec));
            names.push(name);
        }
        names
    }

    fn features(&self, documents: &mut Vec<Value>) {
        for (i, name) in ["app_api_key", "app_jwt"].into_iter().enumerate() {
            let mut rng = self.slot(&format!("feature {i}"));
            if !rng.odds(75) {
                continue;
            }
            let word = rng.pick(&["on", "off"]);
            let config =
                if i == 0 { json!(word) } else { json!({ "enable": word, "auth_header": "X-Token" }) };
            documents.push(document("Feature", json!({ "name": name }), json!({ "config": config })));
        }
    }

    fn gateway(&self, documents: &mut Vec<Value>) {
        let mut rng = self.slot("gateway 0");
        if !rng.odds(75) {
            return;
        }
        let mut tags = serde_json::Map::new();
        for key in rng.some(&["team", "cost", "place"], 2) {
            tags.insert(key.to_owned(), json!(format!("v{}", rng.below(2))));
        }
        let accounts = [
            "iam:domain::0123456789abcdef0123456789abcdef",
            "iam:domain::fedcba9876543210fedcba9876543210",
            "*",
        ];
        let permissions = rng.some(&accounts, 2);
        let spec = json!({ "description": format!("Of {}", rng.below(3)), "tags": tags, "endpointPermissions": permissions });
        documents.push(document("Gateway", json!({ "name": "engine" }), spec));
    }

    /// Two for different names, and one name that both are for.
    fn certificates(&self, documents: &mut Vec<Value>) -> Vec<String> {
        let all = [("LEAF_KEY", LEAF, format!("{LEAF}{CA}")), ("RSA_KEY", RSA, format!("{RSA}\n"))];
        let mut names = Vec::new();
        for (i, (key, content, chain)) in all.iter().enumerate().filter(|_| self.has(Kind::Certificate)) {
            let mut rng = self.slot(&format!("certificate {i}"));
            if !rng.odds(75) {
                continue;
            }
            let content = if rng.odds(50) { content } else { chain.as_str() };
            let mut spec = json!({ "content": content, "privateKey": { "fromEnv": key } });
            // No gateway lets it go while a domain asks callers for certificates.
            if i == 0 {
                spec["trustedRootCa"] = json!(CA);
            }
            let name = format!("cert_{i}");
            documents.push(document("Certificate", json!({ "name": name }), spec));
            names.push(name);
        }
        names
    }

    /// How many have a certificate to themselves.
    fn domains(&self, groups: &[usize], certificates: &[String], documents: &mut Vec<Value>) -> usize {
        let mut own = 0;
        for i in 0..2 {
            let mut rng = self.slot(&format!("domain {i}"));
            let group = *rng.pick(groups);
            if !rng.odds(75) {
                continue;
            }
            let mut spec = json!({ "minTls": rng.pick(&["1.1", "1.2"]), "redirectHttp": rng.odds(50), "verifyClients": rng.odds(50) });
            let fits = |name: &&String| i == 0 || *name == "cert_0";
            if let Some(name) = certificates.iter().filter(fits).nth(rng.below(3)) {
                spec["certificate"] = json!(name);
                own += self.vendor.folds.len();
            }
            let name = ["pay.example.com", "a.shop.example.com"][i];
            documents.push(document(
                "Domain",
                json!({ "name": name, "group": format!("team_{group}") }),
                spec,
            ));
        }
        own
    }

    /// The groups whose variable has a value everywhere, and what it is called.
    fn variables(
        &self,
        groups: &[usize],
        environments: &[String],
        documents: &mut Vec<Value>,
    ) -> BTreeMap<usize, String> {
        let mut complete = BTreeMap::new();
        for i in groups.iter().filter(|_| self.has(Kind::Variable)) {
            let mut rng = self.slot(&format!("variable {i}"));
            if !rng.odds(70) {
                continue;
            }
            let fixed = !ways(self.vendor).variables_change;
            // What cannot have another value has another name with it.
            let turn = rng.below(3);
            let name = if fixed { format!("host{turn}") } else { "host".to_owned() };
            let mut value = || json!(format!("host{}.internal", if fixed { turn } else { rng.below(3) }));
            let values: serde_json::Map<String, Value> =
                environments.iter().map(|e| (e.clone(), value())).collect();
            let metadata = json!({ "name": name, "group": format!("team_{i}") });
            documents.push(document("Variable", metadata, json!({ "values": values })));
            complete.insert(*i, name);
        }
        complete
    }

    fn apis(
        &self,
        groups: &[usize],
        environments: &[String],
        hosts: &BTreeMap<usize, String>,
        named: &Named,
        documents: &mut Vec<Value>,
    ) -> Vec<Api> {
        let mut apis = Vec::new();
        let mut claims: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
        for i in 0..APIS {
            let mut rng = self.slot(&format!("api {i}"));
            let group = *rng.pick(&[0, 0, 1, 2]);
            let (path, method) = (rng.below(6), *rng.pick(&["GET", "POST", "PUT", "ANY"]));
            let renamed = rng.odds(20);
            let here = claims.entry((group, path)).or_default();
            let taken = here.iter().any(|other| *other == method || *other == "ANY" || method == "ANY");
            if !rng.odds(80) || !groups.contains(&group) || taken {
                continue;
            }
            here.push(method);
            let name = if renamed { format!("op_{i}_again") } else { format!("op_{i}") };
            let (tier, tag) = (*rng.pick(&["public", "inner"]), *rng.pick(&["red", "blue"]));
            let publish: Vec<String> = environments.iter().filter(|_| rng.odds(70)).cloned().collect();
            let host = hosts.get(&group).filter(|_| rng.odds(60)).map(|name| format!("#{name}#"));
            let host = host.unwrap_or_else(|| "plain.internal".to_owned());
            let backend = if rng.odds(30) {
                json!({ "mock": { "body": format!("{{\"n\":{}}}", rng.below(3)) } })
            } else {
                json!({ "http": { "url": format!("https://{host}/v{}/{{id}}", rng.below(3)), "method": "POST" } })
            };
            let backend = match named.channels.get(rng.below(4)) {
                Some(channel) => {
                    json!({ "http": { "channel": channel, "scheme": "http", "path": "/{id}", "method": "POST" } })
                }
                None => backend,
            };
            let auth = match named.authorizers.get(rng.below(4)) {
                Some(authorizer) => json!({ "type": "authorizer", "authorizer": authorizer }),
                None => json!({ "type": rng.pick(&["none", "app"]) }),
            };
            let by_app = auth["type"] == "app";
            let mut spec = json!({
                "request": { "method": method, "path": format!("/items{path}/{{id}}") },
                "parameters": [{ "name": "id", "in": "path" }],
                "auth": auth,
                "backend": backend, "tags": [tag], "publish": publish,
            });
            if takes(self.vendor, Kind::Api, "policies") && rng.odds(30) {
                spec["policies"] = json!([{
                    "name": "inside", "when": [{ "sourceIp": [format!("10.{}.0.0/16", rng.below(3))] }],
                    "backend": { "mock": { "body": "{}" } },
                }]);
            }
            let group = format!("team_{group}");
            let metadata = json!({ "name": name, "group": group, "labels": { "tier": tier } });
            documents.push(document("Api", metadata, spec));
            apis.push(Api { group, name, tier, tag, publish, by_app });
        }
        apis
    }

    /// A way to part APIs that its gateway knows.
    fn way(&self, rng: &mut Rng) -> usize {
        let way = rng.below(5);
        if way == BY_TAG && !takes(self.vendor, Kind::Api, "tags") { BY_TAG + 1 } else { way }
    }

    /// Apps for parts of the APIs of an environment; the parts do not overlap. How many pairs are authorized.
    fn authorizations(
        &self,
        environment: &str,
        apps: &[String],
        apis: &[Api],
        documents: &mut Vec<Value>,
    ) -> usize {
        let mut rng = self.slot(&format!("binding {environment} authorization"));
        let mut pairs = 0;
        for (i, (selector, selects)) in parts(self.way(&mut rng)).iter().enumerate() {
            let fits = |a: &&Api| a.by_app && selects(a) && a.publish.iter().any(|e| e == environment);
            let count = apis.iter().filter(fits).count();
            let few = 1 + rng.below(3);
            let mut callers: Vec<&str> = apps.iter().map(String::as_str).collect();
            callers = rng.some(&callers, few);
            if !rng.odds(80) || count == 0 {
                continue;
            }
            pairs += count * callers.len();
            let metadata = json!({ "name": format!("callers-{environment}-{i}") });
            let spec = json!({ "environment": environment, "apps": callers, "apis": selector });
            documents.push(document("Authorization", metadata, spec));
        }
        pairs
    }

    /// Policies for parts of the APIs of an environment; the parts do not overlap. How many are bound.
    fn bindings(
        &self,
        environment: &str,
        word: &str,
        policies: &[String],
        apis: &[Api],
        documents: &mut Vec<Value>,
    ) -> usize {
        let mut rng = self.slot(&format!("binding {environment} {word}"));
        let parts = parts(self.way(&mut rng));
        let mut bound = 0;
        for (i, (selector, selects)) in parts.iter().enumerate() {
            let count =
                apis.iter().filter(|a| selects(a) && a.publish.iter().any(|e| e == environment)).count();
            if !rng.odds(80) || count == 0 || policies.is_empty() {
                continue;
            }
            bound += count;
            let policy = rng.pick(policies);
            let metadata = json!({ "name": format!("{word}-{environment}-{i}") });
            let spec = json!({ "environment": environment, word: policy, "apis": selector });
            documents.push(document("Binding", metadata, spec));
        }
        bound
    }
}

/// A selector, and what it selects.
type Part<'a> = (Value, Box<dyn Fn(&Api) -> bool + 'a>);

/// The way that parts them by their tags.
const BY_TAG: usize = 1;

/// One of the ways to part APIs.
fn parts<'a>(way: usize) -> Vec<Part<'a>> {
    let group = |i: usize| -> Part<'a> {
        (json!({ "group": format!("team_{i}") }), Box::new(move |api: &Api| api.group == format!("team_{i}")))
    };
    let tag =
        |tag: &'static str| -> Part<'a> { (json!({ "tags": [tag] }), Box::new(move |api| api.tag == tag)) };
    let tier = |tier: &'static str| -> Part<'a> {
        (json!({ "labels": { "tier": tier } }), Box::new(move |api| api.tier == tier))
    };
    match way {
        0 => vec![group(0), group(1), group(2)],
        BY_TAG => vec![tag("red"), tag("blue")],
        2 => vec![tier("public"), tier("inner")],
        3 => vec![(json!({ "names": ["*_again"] }), Box::new(|api| api.name.ends_with("_again")))],
        _ => Vec::new(),
    }
}
