//! Random estates, random edits, faults at every call: applied until settled, the plan is empty, nothing stands there twice,
//! and what is not apigctl's is as it was.
//!
//! Everything follows from a seed, which a failure names. `APIGCTL_SIMULATE=20` runs so many seeds (a few where absent), from
//! `APIGCTL_SIMULATE_FROM` on, with every fault at every call.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and has files of its own"
)]

mod estate;

use std::collections::{BTreeMap, BTreeSet};

use apigctl::diff::train::Train;
use apigctl::engine::Snapshot;
use apigctl::kind::Kind;
use apigctl::plan::Plan;
use serde_json::{Value, json};

use crate::support::{Bench, Fault, lines};
use estate::{ENVIRONMENTS, Estate, Rng};

const EDITS: u64 = 3;

fn seeds(fewest: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let from = number("APIGCTL_SIMULATE_FROM").unwrap_or(1);
    from..from + number("APIGCTL_SIMULATE").unwrap_or(fewest)
}

/// Names the seed when a test fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {0}: APIGCTL_SIMULATE_FROM={0} APIGCTL_SIMULATE=1", self.0);
        }
    }
}

/// Whether many seeds are asked for: then every fault is tried at every call.
fn at_length() -> bool {
    std::env::var_os("APIGCTL_SIMULATE").is_some()
}

/// Has every edit of every estate done by `each`, which says how many scenarios that were.
async fn edits(fewest: u64, mut each: impl AsyncFnMut(&mut Run, &Plan) -> usize) {
    let mut scenarios = 0;
    for seed in seeds(fewest) {
        let _named = Seed(seed);
        let mut run = Run::begin(seed).await;
        for _ in 0..EDITS {
            let Some(plan) = run.edit().await else { continue };
            scenarios += each(&mut run, &plan).await;
        }
    }
    eprintln!("{scenarios} scenarios");
}

#[tokio::test]
async fn estates_settle() {
    edits(8, async |run, plan| {
        run.bench.apply(plan).await;
        run.check(&run.bench).await;
        1
    })
    .await;
}

#[tokio::test]
async fn trains_come_to_the_same() {
    edits(8, async |run, _| {
        // Some of the way, in trains that may be refused where what they bring was not tried out, and then the rest.
        let stops = [ENVIRONMENTS[0], ENVIRONMENTS[1], "RELEASE"];
        let mut trains = 0;
        for _ in 0..3 {
            let (from, to) = (run.rng.below(3), run.rng.below(3));
            let (from, to) = (stops[from].to_owned(), stops[to].to_owned());
            run.bench.rules.train = Some(match from == to {
                true => Train::Publish(BTreeSet::from([to])),
                false => Train::Promote { from, to, only: Vec::new() },
            });
            let plan = run.bench.plan().await;
            run.bench.rules.train = None;
            match plan {
                Ok(Some(plan)) if !plan.is_empty() => {
                    run.bench.apply(&plan).await;
                    trains += 1;
                }
                Ok(_) => {}
                Err(problems) => {
                    let known = ["not-promotable", "not-applied", "unknown-name", "request-taken"];
                    assert!(problems.iter().all(|p| known.contains(&p.code)), "{problems:#?}");
                }
            }
        }
        if let Some(rest) = run.bench.plan().await.unwrap().filter(|plan| !plan.is_empty()) {
            run.bench.apply(&rest).await;
        }
        run.check(&run.bench).await;
        trains
    })
    .await;
}

#[tokio::test]
async fn a_fault_at_any_call_does_no_harm() {
    edits(1, async |run, plan| {
        let mut scenarios = 0;
        for number in 0..plan.steps.len() {
            let faults = if at_length() { Fault::ALL.to_vec() } else { run.rng.some(&Fault::ALL, 2) };
            for fault in faults {
                run.with_fault(plan, number, fault).await;
                scenarios += 1;
            }
        }
        run.bench.apply(plan).await;
        scenarios
    })
    .await;
}

#[tokio::test]
async fn answers_from_the_past_do_no_harm() {
    edits(1, async |run, plan| {
        for number in 0..plan.steps.len() {
            let ending = [None, Some(Fault::KillAfter), Some(Fault::LostAfter)][run.rng.below(3)];
            let since = run.rng.below(number + 1);
            run.with_stale_reads(plan, number, ending, since).await;
        }
        run.bench.apply(plan).await;
        plan.steps.len()
    })
    .await;
}

#[tokio::test]
async fn a_bad_day_passes() {
    edits(8, async |run, plan| {
        let odds = [5, 30, 80][run.rng.below(3)];
        // With kills and without: where every second call ends the process, nothing else gets to fail.
        let faults = if run.rng.below(2) == 0 { Fault::ALL.len() } else { Fault::ALL.len() - 2 };
        run.until_settled(plan, odds, faults).await;
        run.check(&run.bench).await;
        1
    })
    .await;
}

/// An estate and its gateway.
struct Run {
    bench: Bench,
    estate: Estate,
    rng: Rng,
    foreign: BTreeMap<String, Value>,
}

impl Run {
    /// A gateway with things of other people, and a first estate on it.
    async fn begin(seed: u64) -> Self {
        let mut bench = Bench::new();
        bench.rehearse = seed.is_multiple_of(2);
        for (name, key) in [
            ("LEAF_KEY", include_str!("engine/certificates/leaf.key")),
            ("RSA_KEY", include_str!("engine/certificates/rsa.key")),
        ] {
            bench.secrets.lock().unwrap().insert(name.to_owned(), key.to_owned());
        }
        for name in ["KEY_A", "KEY_B"] {
            bench.secrets.lock().unwrap().insert(name.to_owned(), format!("secret0123456{name}"));
        }
        for name in ["0A", "0B", "0C", "1A", "1B", "1C", "2A", "2B", "2C"] {
            bench.secrets.lock().unwrap().insert(format!("CODE_{name}"), format!("code/{name}+").repeat(9));
        }
        strangers(&bench);
        let mut foreign: BTreeSet<String> = rows(&bench.dump()).into_keys().collect();
        let estate = Estate::new(seed);
        bench.write(&estate.documents());
        let first = bench.planned().await;
        bench.apply(&first).await;
        let before = rows(&bench.dump());
        intruders(&bench);
        let after = rows(&bench.dump());
        foreign.extend(after.keys().filter(|id| !before.contains_key(*id)).cloned());
        let foreign = after.into_iter().filter(|(id, _)| foreign.contains(id)).collect();
        let run = Self { bench, estate, rng: Rng::new(seed, "run"), foreign };
        run.check(&run.bench).await;
        run
    }

    /// Changes the estate and plans the change; none where there is nothing to do, or what cannot be done in one go: two APIs
    /// that exchange their paths.
    async fn edit(&mut self) -> Option<Plan> {
        let before = self.estate.clone();
        self.estate.edit(&mut self.rng);
        self.bench.write(&self.estate.documents());
        let plan = self.bench.plan().await.unwrap_or_else(|problems| panic!("problems: {problems:#?}"));
        let Some(plan) = plan else {
            self.estate = before;
            self.bench.write(&self.estate.documents());
            return None;
        };
        (!plan.is_empty()).then_some(plan)
    }

    /// Applies with one fault, on a copy, then applies again.
    async fn with_fault(&self, plan: &Plan, number: usize, fault: Fault) {
        let bench = self.bench.copy();
        let about = format!("{fault:?} at call {number} of {:#?}", lines(plan));
        let chooser = Box::new(move |call, _: &_| (call == number).then_some(fault));
        let outcome = bench.apply_with(plan, Some(chooser)).await;
        assert_eq!(outcome.is_none(), fault.kills(), "{about}");
        if let Some(outcome) = outcome {
            assert!(outcome.is_complete(), "one fault is not made good: {about}\n{:#?}", outcome.failed);
        } else {
            let rest = bench.planned().await;
            let again = bench.apply_with(&rest, None).await.unwrap();
            assert!(again.is_complete(), "after {about}\n{:#?}", again.failed);
        }
        self.check(&bench).await;
    }

    /// Applies, perhaps not to the end, then plans and applies while reads show the gateway as it was before call `since`.
    async fn with_stale_reads(&self, plan: &Plan, number: usize, ending: Option<Fault>, since: usize) {
        let bench = self.bench.copy();
        let about = format!("{ending:?} at call {number}, reads from before {since}, of {:#?}", lines(plan));
        bench.wire.remember_before(since);
        let chooser = Box::new(move |call, _: &_| ending.filter(|_| call == number));
        bench.apply_with(plan, Some(chooser)).await;
        bench.wire.answer_from_the_past(true);
        // What seems to be missing may make the manifests seem wrong: then nothing is done.
        if let Ok(Some(again)) = bench.plan().await {
            bench.apply_with(&again, None).await;
        }
        bench.wire.answer_from_the_past(false);
        let rest = bench.planned().await;
        let outcome = bench.apply_with(&rest, None).await.unwrap();
        assert!(outcome.is_complete(), "{about}\n{:#?}", outcome.failed);
        self.check(&bench).await;
    }

    /// Applies on a wire that fails in `odds` of 100 calls, again and again.
    async fn until_settled(&mut self, plan: &Plan, odds: usize, faults: usize) {
        let mut plan = plan.clone();
        for round in 0..40 {
            let odds = if round < 6 { odds } else { 0 };
            let seed = self.rng.next();
            let chooser = Box::new(move |call: usize, _: &_| {
                let mut rng = Rng::new(seed, &call.to_string());
                (rng.below(100) < odds).then(|| Fault::ALL[rng.below(faults)])
            });
            let done = self.bench.apply_with(&plan, Some(chooser)).await.is_some_and(|o| o.is_complete());
            plan = self.bench.planned().await;
            assert!(!done || plan.is_empty(), "a complete apply left {:#?}", lines(&plan));
            if plan.is_empty() {
                // Nothing to do may still be something to write down.
                self.bench.apply_with(&plan, None).await.unwrap();
                return;
            }
        }
        panic!("not settled: {:#?}", lines(&plan));
    }

    /// The laws.
    async fn check(&self, bench: &Bench) {
        bench.assert_settled().await;
        let plan = bench.planned().await;
        let odd: Vec<_> =
            plan.notes.iter().filter(|n| ["same-name-twice", "unowned"].contains(&&*n.code)).collect();
        assert!(odd.is_empty(), "{odd:#?}");
        let dump = bench.dump();
        let now = rows(&dump);
        for (id, row) in &self.foreign {
            assert_eq!(now.get(id), Some(row), "what is not apigctl's was touched");
        }
        for (kind, list) in [
            (Kind::Api, &dump.apis),
            (Kind::ThrottleBinding, &dump.throttle_bindings),
            (Kind::SignatureBinding, &dump.sign_bindings),
            (Kind::AccessBinding, &dump.acl_bindings),
            (Kind::PluginBinding, &dump.plugin_attachments),
            (Kind::AppAuthorization, &dump.app_auths),
            (Kind::AppCode, &dump.app_codes),
        ] {
            let ours = list.iter().filter(|row| !self.foreign.contains_key(row["id"].as_str().unwrap()));
            assert_eq!(ours.count(), self.estate.wanted(kind), "{kind}: not as many as wanted");
        }
        // One is someone else's.
        let quotas = dump.app_quota_apps.len() - 1;
        assert_eq!(quotas, self.estate.wanted(Kind::QuotaBinding), "not as many quotas of apps as wanted");
        for (list, keys) in [
            (&dump.groups, &["name"][..]),
            (&dump.envs, &["name"]),
            (&dump.throttles, &["name"]),
            (&dump.signs, &["name"]),
            (&dump.acls, &["acl_name"]),
            (&dump.plugins, &["plugin_name"]),
            (&dump.apps, &["name"]),
            (&dump.app_quotas, &["name"]),
            (&dump.app_auths, &["app_id", "api_id", "env_id"]),
            (&dump.certificates, &["name"]),
            (&dump.vpc_channels, &["name"]),
            (&dump.authorizers, &["name"]),
            (&dump.apis, &["group_id", "name"]),
            (&dump.variables, &["group_id", "env_id", "variable_name"]),
        ] {
            let names: BTreeSet<String> =
                list.iter().map(|row| keys.iter().map(|k| row[*k].to_string()).collect()).collect();
            assert_eq!(names.len(), list.len(), "something stands there twice: {list:#?}");
        }
    }
}

/// The rows of a gateway that have an id.
fn rows(snapshot: &Snapshot) -> BTreeMap<String, Value> {
    let all = json!(snapshot);
    let rows = all.as_object().unwrap().values().flat_map(|rows| rows.as_array().unwrap());
    rows.filter_map(|row| {
        let id = row.get("id").or(row.get("version_id"))?.as_str()?;
        Some((id.to_owned(), row.clone()))
    })
    .collect()
}

/// What other people have on the gateway, apart from the estate.
fn strangers(bench: &Bench) {
    for name in ["app_one", "app_two"] {
        bench.call("POST", "/apps", &json!({ "name": name, "remark": "stranger" }));
    }
    let body = json!({ "name": "stranger", "call_limits": 9, "time_unit": "DAY", "time_interval": 1 });
    let quota = bench.call("POST", "/app-quotas", &body);
    let path = format!("/app-quotas/{}/binding-apps", quota["app_quota_id"].as_str().unwrap());
    bench.call("POST", &path, &json!({ "app_ids": [bench.id("/apps", "apps", "app_two")] }));
    let group = bench.call("POST", "/api-groups", &json!({ "name": "stranger" }));
    let env = bench.call("POST", "/envs", &json!({ "name": "STRANGER", "remark": "stranger" }));
    bench.call(
        "POST",
        "/env-variables",
        &json!({ "group_id": group["id"], "env_id": env["id"], "variable_name": "stranger", "variable_value": "a" }),
    );
    let publish =
        stranger_api(bench, group["id"].as_str().unwrap(), "stranger-api", env["id"].as_str().unwrap());
    let throttle = bench.call(
        "POST",
        "/throttles",
        &json!({ "name": "stranger", "time_unit": "SECOND", "time_interval": 1, "api_call_limits": 9 }),
    );
    bench.call(
        "POST",
        "/throttle-bindings",
        &json!({ "strategy_id": throttle["id"], "publish_ids": [publish] }),
    );
}

/// What other people hang on apps of the estate, which keeps them.
fn on_apps(bench: &Bench) {
    let apps = bench.call("GET", "/apps?limit=500", &Value::Null);
    let app = |name: &str| {
        apps["apps"].as_array().unwrap().iter().find(|app| app["name"] == name).map(|app| app["id"].clone())
    };
    let (group, environment) =
        (bench.id("/api-groups", "groups", "stranger"), bench.id("/envs", "envs", "STRANGER"));
    if let Some(app) = app("caller_0") {
        let api = bench.call(
            "POST",
            "/apis",
            &json!({
                "name": "stranger-asks", "group_id": group, "type": 1, "req_protocol": "HTTPS", "req_method": "GET",
                "req_uri": "/stranger-asks", "auth_type": "APP", "backend_type": "MOCK",
                "mock_info": { "result_content": "stranger" },
            }),
        );
        let body = json!({ "env_id": environment, "app_ids": [app], "api_ids": [api["id"]] });
        bench.call("POST", "/app-auths", &body);
    }
    if let Some(app) = app("caller_1") {
        let throttles = bench.call("GET", "/throttles?limit=500", &Value::Null);
        let throttles = throttles["throttles"].as_array().unwrap();
        let throttle = throttles.iter().find(|row| row["name"] == "stranger").unwrap();
        let path = format!("/throttles/{}/throttle-specials", throttle["id"].as_str().unwrap());
        bench.call("POST", &path, &json!({ "object_type": "APP", "object_id": app, "call_limits": 1 }));
    }
}

/// Things of other people in the midst of the estate.
fn intruders(bench: &Bench) {
    on_apps(bench);
    let release = bench.id("/envs", "envs", "RELEASE");
    let groups = bench.call("GET", "/api-groups?limit=500", &Value::Null);
    for group in groups["groups"].as_array().unwrap().iter().filter(|g| g["name"] != "stranger").take(1) {
        let group = group["id"].as_str().unwrap();
        let publish = stranger_api(bench, group, "stranger-within", &release);
        bench.call(
            "POST",
            "/env-variables",
            &json!({ "group_id": group, "env_id": release, "variable_name": "stranger", "variable_value": "a" }),
        );
        let throttles = bench.call("GET", "/throttles?limit=500", &Value::Null);
        if let Some(throttle) = throttles["throttles"].as_array().unwrap().last() {
            bench.call(
                "POST",
                "/throttle-bindings",
                &json!({ "strategy_id": throttle["id"], "publish_ids": [publish] }),
            );
        }
    }
    // Groups of the estate that have nothing of others but a variable, or a response.
    let mut others = groups["groups"].as_array().unwrap().iter().filter(|g| g["name"] != "stranger").skip(1);
    if let Some(group) = others.next() {
        bench.call(
            "POST",
            "/env-variables",
            &json!({ "group_id": group["id"], "env_id": release, "variable_name": "stranger", "variable_value": "b" }),
        );
    }
    if let Some(group) = others.next() {
        let path = format!("/api-groups/{}/gateway-responses", group["id"].as_str().unwrap());
        bench.call("POST", &path, &json!({ "name": "stranger" }));
    }
    // A variable of another group in an environment of the estate.
    let environments = bench.call("GET", "/envs?limit=500", &Value::Null);
    let own = |e: &&Value| !["STRANGER", "RELEASE"].contains(&e["name"].as_str().unwrap());
    if let Some(environment) = environments["envs"].as_array().unwrap().iter().find(own) {
        let group = bench.id("/api-groups", "groups", "stranger");
        bench.call(
            "POST",
            "/env-variables",
            &json!({ "group_id": group, "env_id": environment["id"], "variable_name": "elsewhere", "variable_value": "c" }),
        );
    }
}

/// What others hang on an app that is to go: each of them keeps it.
#[tokio::test]
async fn what_others_hung_on_an_app_keeps_it() {
    let bench = Bench::new();
    let document = crate::support::document;
    let app = |name: &str| document("App", json!({ "name": name }), json!({}));
    let names = ["authorized", "excepted", "limited", "plain"];
    bench.write(&names.map(app));
    bench.apply(&bench.planned().await).await;
    strangers(&bench);
    let id = |name: &str| bench.id("/apps", "apps", name);
    let env = bench.id("/envs", "envs", "STRANGER");
    let api = bench.call(
        "POST",
        "/apis",
        &json!({
            "name": "theirs", "group_id": bench.id("/api-groups", "groups", "stranger"), "type": 1,
            "req_protocol": "HTTPS", "req_method": "GET", "req_uri": "/theirs", "auth_type": "APP",
            "backend_type": "MOCK", "mock_info": { "result_content": "stranger" },
        }),
    );
    let body = json!({ "env_id": env, "app_ids": [id("authorized")], "api_ids": [api["id"]] });
    bench.call("POST", "/app-auths", &body);
    let throttle = bench.id("/throttles", "throttles", "stranger");
    let body = json!({ "object_type": "APP", "object_id": id("excepted"), "call_limits": 1 });
    bench.call("POST", &format!("/throttles/{throttle}/throttle-specials"), &body);
    let quotas = bench.call("GET", "/app-quotas", &Value::Null);
    let quota = quotas["quotas"][0]["app_quota_id"].as_str().unwrap().to_owned();
    let body = json!({ "app_ids": [id("limited")] });
    bench.call("POST", &format!("/app-quotas/{quota}/binding-apps"), &body);
    let before = rows(&bench.dump());
    bench.write(&[document("Environment", json!({ "name": "DEV" }), json!({}))]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["create Environment/DEV new", "delete App/plain removed"]);
    let mut kept: Vec<String> =
        plan.notes.iter().map(|n| format!("{}: {}", n.address.as_ref().unwrap(), n.message)).collect();
    kept.sort();
    let kept_by =
        |app: &str, what: &str| format!("App/{app}: left the manifests, but {what} would go with it: kept");
    assert_eq!(
        kept,
        [
            kept_by("authorized", "the authorization of the app authorized on Api/stranger/theirs"),
            kept_by("excepted", "its exception in the throttle stranger"),
            kept_by("limited", "its quota stranger"),
        ]
    );
    bench.apply(&plan).await;
    bench.assert_settled().await;
    let after = rows(&bench.dump());
    let gone: Vec<&Value> =
        before.iter().filter(|(id, _)| !after.contains_key(*id)).map(|(_, row)| row).collect();
    assert_eq!((gone.len(), &gone[0]["name"]), (1, &json!("plain")));
}

/// What others hang on what is to go: an app's authorization and a domain.
#[tokio::test]
async fn what_others_hung_on_it_keeps_it() {
    let document = |kind: &str, metadata: Value, spec: Value| json!({ "apiVersion": "apigctl/v1", "kind": kind, "metadata": metadata, "spec": spec });
    let bench = Bench::new();
    let group = document("Group", json!({ "name": "shop" }), json!({}));
    let environment = |name: &str| document("Environment", json!({ "name": name }), json!({}));
    let api = |name: &str, publish: &[&str]| {
        let spec = json!({
            "request": { "method": "GET", "path": format!("/{name}") }, "auth": { "type": "app" },
            "backend": { "mock": {} }, "publish": publish,
        });
        document("Api", json!({ "name": name, "group": "shop" }), spec)
    };
    let all = [
        group.clone(),
        document("Group", json!({ "name": "empty" }), json!({})),
        environment("DEV"),
        environment("TEST"),
        api("stays", &["DEV", "RELEASE"]),
        api("goes", &["TEST", "RELEASE"]),
    ];
    bench.write(&all);
    bench.apply(&bench.planned().await).await;
    let app = bench.call("POST", "/apps", &json!({ "name": "customer" }));
    for (name, environment) in [("stays", "DEV"), ("goes", "TEST"), ("goes", "RELEASE")] {
        let (api, environment) = (bench.id("/apis", "apis", name), bench.id("/envs", "envs", environment));
        let body = json!({ "env_id": environment, "app_ids": [app["id"]], "api_ids": [api] });
        bench.call("POST", "/app-auths", &body);
    }
    let empty = bench.id("/api-groups", "groups", "empty");
    let body = json!({ "url_domain": "api.example.com", "min_ssl_version": "TLSv1.2" });
    bench.call("POST", &format!("/api-groups/{empty}/domains"), &body);
    // Whoever leaves with its API leaves; what someone else's authorization or domain hangs on stays.
    bench.write(&[group, api("stays", &["RELEASE"])]);
    let plan = bench.planned().await;
    let notes: BTreeMap<String, String> = plan
        .notes
        .iter()
        .map(|n| (n.address.as_ref().map(ToString::to_string).unwrap_or_default(), n.message.clone()))
        .collect();
    assert_eq!(
        notes["Group/empty"],
        "left the manifests, but the domain api.example.com would go with it: kept"
    );
    assert_eq!(
        notes["Environment/DEV"],
        "left the manifests, but the authorization of the app customer on Api/shop/stays would go with it: kept"
    );
    assert_eq!(
        notes["Api/shop/goes"],
        "the authorization of the app customer on Api/shop/goes and 1 more goes with it, made by others"
    );
    let deleted: Vec<String> = plan
        .changes
        .iter()
        .filter(|c| c.action == apigctl::plan::Action::Delete)
        .map(|c| c.address.to_string())
        .collect();
    assert_eq!(deleted, ["Environment/TEST", "Api/shop/goes"]);
    bench.apply(&plan).await;
    let left = bench.call("GET", "/app-auths/binded-apps?limit=500", &Value::Null);
    assert_eq!(left["total"], 1);
}

/// What APIs of others name stays, as long as they do.
#[tokio::test]
async fn what_others_use_stays() {
    let bench = Bench::new();
    let document = |kind: &str, metadata: Value, spec: Value| json!({ "apiVersion": "apigctl/v1", "kind": kind, "metadata": metadata, "spec": spec });
    let group = document("Group", json!({ "name": "shop" }), json!({}));
    let used = [
        document(
            "Authorizer",
            json!({ "name": "check" }),
            json!({ "type": "frontend", "function": "urn:f" }),
        ),
        document(
            "Channel",
            json!({ "name": "servers" }),
            json!({ "port": 80, "members": [{ "host": "10.0.0.1" }] }),
        ),
        document("GroupResponse", json!({ "name": "words", "group": "shop" }), json!({})),
        document(
            "Channel",
            json!({ "name": "unused" }),
            json!({ "port": 80, "members": [{ "host": "10.0.0.2" }] }),
        ),
    ];
    bench.write(&[std::slice::from_ref(&group), &used].concat());
    bench.apply(&bench.planned().await).await;
    let id = |path: &str, list: &str, name: &str| bench.id(path, list, name);
    let group_id = id("/api-groups", "groups", "shop");
    let responses = format!("/api-groups/{group_id}/gateway-responses");
    let body = json!({
        "name": "theirs", "group_id": group_id, "type": 1, "req_protocol": "HTTPS", "req_method": "GET", "req_uri": "/theirs",
        "auth_type": "AUTHORIZER", "authorizer_id": id("/authorizers", "authorizer_list", "check"),
        "response_id": id(&responses, "responses", "words"), "backend_type": "HTTP",
        "backend_api": {
            "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000, "vpc_channel_status": 1,
            "vpc_channel_info": { "vpc_channel_id": id("/vpc-channels", "vpc_channels", "servers") },
        },
    });
    let theirs = bench.call("POST", "/apis", &body);
    bench.write(std::slice::from_ref(&group));
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["delete Channel/unused removed"]);
    let kept: BTreeSet<String> = plan
        .notes
        .iter()
        .filter(|note| note.message == "left the manifests, but Api/shop/theirs uses it: kept")
        .map(|note| note.address.as_ref().unwrap().to_string())
        .collect();
    assert_eq!(
        kept.iter().collect::<Vec<_>>(),
        ["Authorizer/check", "Channel/servers", "GroupResponse/shop/words"]
    );
    bench.apply(&plan).await;
    bench.call("DELETE", &format!("/apis/{}", theirs["id"].as_str().unwrap()), &Value::Null);
    assert_eq!(lines(&bench.planned().await).len(), 3);
}

fn stranger_api(bench: &Bench, group: &str, name: &str, env: &str) -> String {
    let api = bench.call(
        "POST",
        "/apis",
        &json!({
            "name": name, "group_id": group, "type": 1, "req_protocol": "HTTPS", "req_method": "GET",
            "req_uri": format!("/{name}"), "auth_type": "NONE", "backend_type": "MOCK",
            "mock_info": { "result_content": "stranger" },
        }),
    );
    let body = json!({ "action": "online", "env_id": env, "api_id": api["id"], "remark": "stranger" });
    let published = bench.call("POST", "/apis/action", &body);
    published["publish_id"].as_str().unwrap().to_owned()
}
