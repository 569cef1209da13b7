//! The contract of every kind: created, each of its fields changed, removed; after each apply the plan is empty.
//!
//! A [`Subject`] is a document with a case for every field of its schema; [`every_field_has_a_case`] fails for a field
//! without one. What a plan says is compared with what the case expects, whole: nothing else may change.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and has files of its own"
)]

mod api;
mod attach;
mod authorization;
mod certificate;
mod code;
mod copies;
mod feature;
mod gateway;
mod named;
mod own_certificate;
mod plugin;
mod small;
mod vendors;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use apigctl::engine::Snapshot;
use apigctl::kind::{Form, Kind};
use apigctl::provider::huawei_v2::VENDOR as V2;
use apigctl::{capabilities, kinds};
use serde_json::{Value, json};

use crate::support::reduced::strip;
use crate::support::{Bench, document, lines};

/// One document, what is around it, and what becomes of it when it changes.
pub(crate) struct Subject {
    name: &'static str,
    kind: Kind,
    /// Documents that it needs.
    around: Vec<Value>,
    /// The document.
    base: Value,
    /// What its creation says.
    created: Vec<String>,
    /// What its removal says.
    removed: Vec<String>,
    cases: Vec<Case>,
}

/// One change.
pub(crate) struct Case {
    /// The fields that it is the case of, as in the schema: `parameters[].default`.
    fields: Vec<String>,
    /// JSON pointers below `spec`, and what is to stand there; null: nothing.
    edits: Vec<(String, Value)>,
    outcome: Expected,
}

pub(crate) enum Expected {
    /// The plan says this.
    Lines(Vec<String>),
    /// The manifests have a problem of this code: the gateway cannot do it.
    Refused(&'static str),
}

impl Case {
    /// A field that can be told by its path, set to `value`; the plan names it.
    fn set(subject: &str, field: &str, value: Value) -> Self {
        let pointer = format!("/{}", field.replace('.', "/"));
        Self::edit(
            &[field],
            vec![(&pointer, value)],
            vec![format!("update {subject} manifestChanged: {field}")],
        )
    }

    fn edit(fields: &[&str], edits: Vec<(&str, Value)>, lines: Vec<String>) -> Self {
        Self {
            fields: fields.iter().map(|f| (*f).to_owned()).collect(),
            edits: edits.into_iter().map(|(p, v)| (p.to_owned(), v)).collect(),
            outcome: Expected::Lines(lines),
        }
    }

    fn applied(&self, base: &Value) -> Value {
        let mut document = base.clone();
        for (pointer, value) in &self.edits {
            put(&mut document["spec"], pointer, value.clone());
        }
        document
    }
}

/// Sets what a pointer leads to, making objects on the way; null removes.
fn put(root: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let mut at = root;
    for part in parent.split('/').skip(1) {
        at = match part.parse::<usize>() {
            Ok(index) => &mut at[index],
            Err(_) => &mut at[part],
        };
    }
    match (last.parse::<usize>(), value.is_null()) {
        (Ok(index), true) => drop(at.as_array_mut().unwrap().remove(index)),
        (Ok(index), false) if index == at.as_array().map_or(0, Vec::len) => {
            at.as_array_mut().unwrap().push(value);
        }
        (Ok(index), false) => at[index] = value,
        (Err(_), true) => drop(at.as_object_mut().unwrap().remove(last)),
        (Err(_), false) => at[last] = value,
    }
}

fn subjects() -> Vec<Subject> {
    let mut all = small::subjects();
    all.extend(named::subjects());
    all.extend(plugin::subjects());
    all.extend(authorization::subjects());
    all.extend(certificate::subjects());
    all.extend(feature::subjects());
    all.extend(gateway::subjects());
    all.extend(api::subjects());
    all
}

/// What documents are about and apigctl does not manage yet.
fn externals(bench: &Bench) {
    for (name, kind) in
        [("front_a", "FRONTEND"), ("front_b", "FRONTEND"), ("back_a", "BACKEND"), ("back_b", "BACKEND")]
    {
        let body = json!({
            "name": name, "type": kind, "authorizer_type": "FUNC",
            "authorizer_uri": "urn:fss:local-1:p:function:default:check",
        });
        bench.call("POST", "/authorizers", &body);
    }
    for name in ["chan_a", "chan_b"] {
        let body = json!({
            "name": name, "port": 80, "balance_strategy": 1, "member_type": "ip", "type": 2,
            "members": [{ "host": "10.0.0.1" }],
        });
        bench.call("POST", "/vpc-channels", &body);
    }
    for name in ["app_one", "app_two"] {
        bench.call("POST", "/apps", &json!({ "name": name }));
    }
}

/// What the gateway holds, but for its settings, which stay as they are.
fn held(bench: &Bench) -> Snapshot {
    Snapshot { features: Vec::new(), instances: Vec::new(), ..bench.dump() }
}

/// The documents that subjects stand on.
fn ground() -> Vec<Value> {
    vec![
        document("Group", json!({ "name": "shop" }), json!({})),
        document("Group", json!({ "name": "stock" }), json!({})),
        document("Environment", json!({ "name": "TEST" }), json!({})),
        document("Environment", json!({ "name": "STAGE" }), json!({})),
    ]
}

/// The secrets and files that subjects name.
fn prepare(bench: &Bench) {
    for (name, value) in [
        ("KEY_A", "abcdefgh12345678"),
        ("KEY_B", "bcdefgha12345678"),
        ("key-file", "fileabcd12345678"),
        ("key-command", "comdabcd12345678"),
        ("CODE_A", &*"codeA+/=".repeat(8)),
        ("CODE_B", &*"codeB+/=".repeat(8)),
        ("code-file", &*"codeF+/=".repeat(8)),
        ("code-command", &*"codeC+/=".repeat(8)),
    ] {
        bench.secrets.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }
    certificate::prepare(bench);
}

async fn run(subject: &Subject) {
    // What only others take is run as on theirs.
    let mut base = subject.base.clone();
    if !strip(&V2, &mut base) || base != subject.base {
        return vendors::run(&V2, subject.name).await;
    }
    let bench = Bench::new();
    prepare(&bench);
    let empty = held(&bench);
    let mut around = ground();
    bench.write(&around);
    bench.apply(&bench.planned().await).await;
    externals(&bench);
    let group = bench.id("/api-groups", "groups", "shop");
    let responses = format!("/api-groups/{group}/gateway-responses");
    for name in ["words_a", "words_b"] {
        bench.call("POST", &responses, &json!({ "name": name }));
    }
    around.extend(subject.around.iter().cloned());
    bench.write(&around);
    bench.apply(&bench.planned().await).await;
    bench.assert_settled().await;
    let before = held(&bench);
    let with = |document: &Value| [around.as_slice(), std::slice::from_ref(document)].concat();

    step(&bench, subject.name, "creation", &with(&subject.base), &subject.created).await;
    copies::holds(&bench, subject.name).await;
    for case in &subject.cases {
        let what = format!("{:?}", case.edits);
        let changed = with(&case.applied(&subject.base));
        match &case.outcome {
            Expected::Refused(code) => {
                bench.write(&changed);
                let problems = bench.plan().await.err().unwrap_or_default();
                if !problems.iter().any(|p| p.code == *code) {
                    let found = format!("{} {what}: no problem {code}: {problems:#?}", subject.name);
                    WRONG.with_borrow_mut(|wrong| wrong.push(found));
                }
            }
            Expected::Lines(expected) => {
                let found = step(&bench, subject.name, &what, &changed, expected).await;
                // And back: the same resources change again.
                let back = step_back(&bench, subject, &what, &with(&subject.base)).await;
                assert_eq!(found, back, "{} {what}: the way back touches other resources", subject.name);
            }
        }
    }
    step(&bench, subject.name, "removal", &around, &subject.removed).await;
    assert_eq!(held(&bench), before, "{}: the removal left something or took more", subject.name);
    let wrong = WRONG.take();
    assert!(wrong.is_empty(), "plans are not what was expected:\n{}", wrong.join("\n"));
    let nothing = json!({
        "apiVersion": "apigctl/v1", "kind": "Environment", "metadata": { "name": "RELEASE", "external": true },
    });
    bench.write(&[nothing]);
    for name in ["words_a", "words_b"] {
        let id = bench.id(&responses, "responses", name);
        bench.call("DELETE", &format!("{responses}/{id}"), &Value::Null);
    }
    bench.apply(&bench.planned().await).await;
    bench.assert_settled().await;
    let mut left = held(&bench);
    (left.apps, left.authorizers, left.vpc_channels) = (Vec::new(), Vec::new(), Vec::new());
    assert_eq!(left, empty, "{}: the end is not the beginning", subject.name);
}

thread_local! {
    /// What plans said otherwise than expected: all of it is reported, not the first.
    static WRONG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Plans, compares, applies, plans again. The addresses that changed.
async fn step(
    bench: &Bench,
    name: &str,
    what: &str,
    documents: &[Value],
    expected: &[String],
) -> BTreeSet<String> {
    bench.write(documents);
    let plan = bench.planned().await;
    let mut expected = expected.to_vec();
    expected.sort();
    if lines(&plan) != expected {
        WRONG.with_borrow_mut(|wrong| {
            wrong.push(format!("{name} {what}\n  expected {expected:#?}\n  found {:#?}", lines(&plan)));
        });
    }
    bench.apply(&plan).await;
    bench.assert_settled().await;
    plan.changes.iter().map(|c| c.address.to_string()).collect()
}

async fn step_back(bench: &Bench, subject: &Subject, what: &str, documents: &[Value]) -> BTreeSet<String> {
    bench.write(documents);
    let plan = bench.planned().await;
    assert!(!plan.is_empty(), "{} {what}: no way back", subject.name);
    bench.apply(&plan).await;
    bench.assert_settled().await;
    plan.changes.iter().map(|c| c.address.to_string()).collect()
}

macro_rules! contract {
    ($($test:ident),*) => {
        $(#[tokio::test]
        async fn $test() {
            let name = stringify!($test);
            let all = subjects();
            let subject = all.iter().find(|s| s.name == name).unwrap();
            if vendors::is_refused(&V2, name, "*") {
                vendors::refuse(&V2, subject).await;
            } else {
                run(subject).await;
            }
        })*

        /// The same on the other gateways.
        mod huawei_v1 {
            use apigctl::provider::huawei_v1::VENDOR;

            $(#[tokio::test]
            async fn $test() {
                super::vendors::run(&VENDOR, stringify!($test)).await;
            })*
        }

        mod alibaba {
            use apigctl::provider::alibaba::VENDOR;

            $(#[tokio::test]
            async fn $test() {
                super::vendors::run(&VENDOR, stringify!($test)).await;
            })*
        }

        #[test]
        fn every_subject_is_run() {
            let run: BTreeSet<&str> = [$(stringify!($test)),*].into();
            assert_eq!(run, subjects().iter().map(|s| s.name).collect());
        }
    };
}

contract!(
    group,
    environment,
    variable,
    throttle,
    signature,
    access_control,
    plugin_cors,
    plugin_response_headers,
    plugin_rate_limit,
    plugin_kafka_log,
    plugin_breaker,
    plugin_third_auth,
    plugin_native,
    app,
    quota,
    channel,
    channel_ecs,
    channel_vpc,
    channel_microservice,
    authorizer,
    group_response,
    certificate,
    domain,
    domain_bare,
    feature,
    feature_number,
    feature_secret,
    gateway,
    binding,
    authorization,
    api_http,
    api_channel,
    api_grpc,
    api_function,
    api_mock,
    api_policy_http,
    api_policy_channel,
    api_policy_function,
    api_policy_mock,
    api_authorizer
);

#[test]
fn every_field_has_a_case() {
    let mut cases: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
    for subject in subjects() {
        let of_kind = cases.entry(subject.kind).or_default();
        of_kind.extend(subject.cases.iter().flat_map(|c| c.fields.iter().cloned()));
    }
    let mut wrong = Vec::new();
    for def in kinds::ALL.iter().filter(|d| d.form == Form::Document) {
        let fields = capabilities::fields(def.kind);
        let cases = cases.remove(&def.kind).unwrap_or_default();
        wrong.extend(fields.difference(&cases).map(|f| format!("{}.{f} has no case", def.kind)));
        wrong.extend(cases.difference(&fields).map(|f| format!("{}.{f} is no field", def.kind)));
    }
    assert!(wrong.is_empty(), "tests/contract: {wrong:#?}");
}

/// What a document says of itself: its name and group are its identity; the rest stays in the manifests.
#[tokio::test]
async fn metadata() {
    let bench = Bench::new();
    let ground = ground();
    let api = |metadata: Value| {
        document(
            "Api",
            metadata,
            json!({
                "request": { "method": "GET", "path": "/buy" }, "auth": { "type": "none" },
                "backend": { "mock": {} }, "publish": ["TEST"],
            }),
        )
    };
    let with = |metadata: Value| [ground.as_slice(), &[api(metadata)]].concat();
    bench.write(&with(json!({ "name": "buy", "group": "shop" })));
    bench.apply(&bench.planned().await).await;
    let moved = |from: &str, to: &str| {
        [
            format!("create Api/{to} new"),
            format!("publish Publication/{to}/TEST new"),
            format!("delete Api/{from} removed"),
            format!("unpublish Publication/{from}/TEST removed"),
        ]
    };
    // The request path is free before the new one takes it.
    step(
        &bench,
        "metadata",
        "renamed",
        &with(json!({ "name": "sell", "group": "shop" })),
        &moved("shop/buy", "shop/sell"),
    )
    .await;
    step(
        &bench,
        "metadata",
        "moved",
        &with(json!({ "name": "sell", "group": "stock" })),
        &moved("shop/sell", "stock/sell"),
    )
    .await;
    let said = json!({
        "name": "sell", "group": "stock", "labels": { "tier": "public" }, "dependsOn": ["Group/shop"],
    });
    step(&bench, "metadata", "labelled", &with(said), &[]).await;
    // Given to someone else: nothing is done, and it is not apigctl's any more.
    let given = json!({
        "apiVersion": "apigctl/v1", "kind": "Api",
        "metadata": { "name": "sell", "group": "stock", "external": true },
    });
    bench.write(&[ground.as_slice(), &[given]].concat());
    let plan = bench.planned().await;
    assert!(!lines(&plan).iter().any(|line| line.starts_with("delete Api")), "{:#?}", lines(&plan));
    assert_eq!(WRONG.take(), Vec::<String>::new());
}

/// The answer to attaching access control policies does not say publications: each is told by its API and environment.
#[tokio::test]
async fn one_call_attaches_a_policy_in_two_environments() {
    let bench = Bench::new();
    let mut documents = ground();
    let api = |name: &str| {
        document(
            "Api",
            json!({ "name": name, "group": "shop" }),
            json!({
                "request": { "method": "GET", "path": format!("/{name}") }, "auth": { "type": "none" },
                "backend": { "mock": {} }, "publish": ["TEST", "STAGE"],
            }),
        )
    };
    documents.extend([api("buy"), api("sell")]);
    bench.write(&documents);
    bench.apply(&bench.planned().await).await;
    documents.push(document(
        "AccessControl",
        json!({ "name": "office" }),
        json!({ "effect": "deny", "by": "account", "values": ["partner_one"] }),
    ));
    for environment in ["TEST", "STAGE"] {
        documents.push(document(
            "Binding",
            json!({ "name": format!("office-in-{environment}") }),
            json!({ "environment": environment, "accessControl": "office", "apis": { "names": ["*"] } }),
        ));
    }
    bench.write(&documents);
    let plan = bench.planned().await;
    assert_eq!((plan.changes.len(), plan.steps.len(), plan.calls_bound), (5, 2, 2), "{:#?}", lines(&plan));
    bench.apply(&plan).await;
    bench.assert_settled().await;
    assert_eq!(bench.dump().acl_bindings.len(), 4);
    documents.truncate(documents.len() - 2);
    bench.write(&documents);
    let plan = bench.planned().await;
    assert_eq!((plan.changes.len(), plan.steps.len(), plan.calls_bound), (4, 1, 1), "{:#?}", lines(&plan));
    bench.apply(&plan).await;
    bench.assert_settled().await;
}

/// What the manifest leaves to the gateway is as it should be, whatever it is.
#[tokio::test]
async fn an_app_without_key_and_secret_leaves_both_to_the_gateway() {
    let bench = Bench::new();
    let app = |spec: Value| document("App", json!({ "name": "caller" }), spec);
    step(&bench, "app", "made up", &[app(json!({}))], &["create App/caller new".to_owned()]).await;
    let key = |bench: &Bench| bench.dump().apps[0]["app_key"].as_str().unwrap().to_owned();
    let made_up = key(&bench);
    let described = app(json!({ "description": "For the partner" }));
    let line = "update App/caller manifestChanged: description".to_owned();
    step(&bench, "app", "described", &[described], &[line]).await;
    assert_eq!(key(&bench), made_up, "an update made up another key");
    let said = app(json!({ "description": "For the partner", "key": "callerkey1" }));
    step(&bench, "app", "said", &[said], &["update App/caller manifestChanged: key".to_owned()]).await;
    assert_eq!(key(&bench), "callerkey1");
    assert_eq!(WRONG.take(), Vec::<String>::new());
}

/// No call removes a health check, and the members of a microservice are not ours: left out, they stay as they are.
#[tokio::test]
async fn what_a_channel_leaves_to_the_gateway_stays() {
    let bench = Bench::new();
    let check = json!({ "protocol": "tcp", "interval": "9s", "timeout": "3s", "healthyAfter": 1, "unhealthyAfter": 2 });
    let service = json!({ "cse": { "engine": "e", "service": "s" } });
    let members = json!([{ "host": "10.0.0.1" }]);
    let channel = |members: &Value, check: &Value| {
        let mut spec =
            json!({ "port": 80, "members": members, "healthCheck": check, "microservice": service });
        spec.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        document("Channel", json!({ "name": "servers" }), spec)
    };
    let created = ["create Channel/servers new".to_owned()];
    step(&bench, "channel", "said", &[channel(&members, &check)], &created).await;
    let before = bench.dump();
    step(&bench, "channel", "left out", &[channel(&Value::Null, &Value::Null)], &[]).await;
    let mut balanced = channel(&Value::Null, &Value::Null);
    balanced["spec"]["balance"] = json!("uriHash");
    let line = "update Channel/servers manifestChanged: balance".to_owned();
    step(&bench, "channel", "balanced", &[balanced], &[line]).await;
    let after = bench.dump();
    for part in ["members", "vpc_health_config"] {
        let id = |dump: &apigctl::engine::Snapshot| dump.vpc_channels[0][part].pointer("/0/id").cloned();
        assert_eq!(id(&after), id(&before), "{part}");
        assert!(!after.vpc_channels[0][part].is_null(), "{part} is gone");
    }
    assert_eq!(WRONG.take(), Vec::<String>::new());
}

/// What APIs name goes after all of them, whether they go with it or move away from it, in drafts and in what runs.
#[tokio::test]
async fn what_apis_name_goes_after_them() {
    let bench = Bench::new();
    let ground = ground();
    let channel = document("Channel", json!({ "name": "servers" }), json!({ "port": 80 }));
    let api = |name: &str, backend: Value| {
        document(
            "Api",
            json!({ "name": name, "group": "shop" }),
            json!({
                "request": { "method": "GET", "path": format!("/{name}") }, "auth": { "type": "none" },
                "backend": backend, "publish": ["TEST"],
            }),
        )
    };
    let by_channel = json!({ "http": { "channel": "servers", "path": "/", "method": "GET" } });
    let mut documents = ground.clone();
    documents.extend([channel, api("buy", by_channel.clone()), api("sell", by_channel)]);
    bench.write(&documents);
    bench.apply(&bench.planned().await).await;
    bench.assert_settled().await;
    documents.truncate(ground.len());
    documents.push(api("buy", json!({ "mock": {} })));
    bench.write(&documents);
    let plan = bench.planned().await;
    let last = plan.steps.last().unwrap();
    assert_eq!(plan.changes[last.items[0].change].address.to_string(), "Channel/servers");
    assert_eq!((plan.changes.len(), last.items[0].needs.len()), (5, 4), "{:#?}", lines(&plan));
    bench.apply(&plan).await;
    bench.assert_settled().await;
    assert_eq!(bench.dump().vpc_channels.len(), 0);
}

/// Every group has a default response: it is made with the group, can be described, and is never made or removed by us.
#[tokio::test]
async fn the_default_response_of_a_group_is_changed_only() {
    let bench = Bench::new();
    let group = document("Group", json!({ "name": "shop" }), json!({}));
    let response = |name: &str, status: u16| {
        let spec = json!({ "errors": { "throttled": { "status": status, "body": "slower" } } });
        document("GroupResponse", json!({ "name": name, "group": "shop" }), spec)
    };
    let all = [group.clone(), response("default", 503), response("words", 504)];
    bench.write(&all);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["create Group/shop new", "create GroupResponse/shop/words new"]);
    assert!(plan.notes.iter().any(|note| note.code == "next-plan"), "{:?}", plan.notes);
    bench.apply(&plan).await;
    let line = "update GroupResponse/shop/default differs: errors".to_owned();
    step(&bench, "response", "the next plan", &all, &[line]).await;
    let line = "update GroupResponse/shop/default manifestChanged: errors.throttled.status".to_owned();
    step(&bench, "response", "changed", &[all[0].clone(), response("default", 429), all[2].clone()], &[line])
        .await;
    // It stays when it leaves the manifests; the other goes with its group, without a call of its own.
    step(&bench, "response", "left out", &[group.clone(), all[2].clone()], &[]).await;
    assert_eq!(bench.dump().group_responses.len(), 2);
    let other = document("Environment", json!({ "name": "TEST" }), json!({}));
    bench.write(std::slice::from_ref(&other));
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["create Environment/TEST new", "delete Group/shop removed"]);
    bench.apply(&plan).await;
    bench.assert_settled().await;
    assert_eq!(bench.dump().group_responses.len(), 0);
    assert_eq!(WRONG.take(), Vec::<String>::new());
}

/// A kind that nobody describes, names or owns is not read; of what belongs to an app only what is asked for.
#[tokio::test]
async fn what_is_not_wanted_is_not_read() {
    let bench = Bench::new();
    let mut documents = vec![document("Group", json!({ "name": "shop" }), json!({}))];
    let mut reads = Vec::new();
    let added = [
        json!({}),
        document(
            "AccessControl",
            json!({ "name": "office" }),
            json!({ "effect": "deny", "values": ["192.0.2.9"] }),
        ),
        document("App", json!({ "name": "silent" }), json!({})),
        document(
            "App",
            json!({ "name": "caller" }),
            json!({ "accessControl": { "effect": "allow", "values": ["192.0.2.9"] } }),
        ),
    ];
    for document in added {
        documents.extend(Some(document).filter(|d| d.get("kind").is_some()));
        bench.write(&documents);
        bench.apply(&bench.planned().await).await;
        reads.push(bench.planned().await.reads);
    }
    // Lists of groups, environments, throttles, signatures and APIs; then of policies; of apps, with the gateway's limits,
    // because a secret may have changed; and the one access control.
    assert_eq!(reads, [5, 6, 8, 9]);
}
