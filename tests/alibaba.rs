//! Alibaba Cloud API Gateway as a target: what sets it apart from the gateways that the contract was written for.
//!
//! Each test plans and applies documents on the engine's dialect and asks the law of the suite: after an apply, the plan is
//! empty.

mod plugins;

use std::sync::Arc;

use apigctl::cache::Cache;
use apigctl::engine::{Access, Credentials, Engine, Options};
use apigctl::export;
use apigctl::history::Pick;
use apigctl::http::{Client, RetryPolicy, Settings, Transport};
use apigctl::plan::Plan;
use apigctl::provider::{self, Place, Want, alibaba};
use apigctl::session;
use serde_json::{Value, json};

use crate::support::{Bench, Fault, document, lines};

fn bench() -> Bench {
    Bench::of(&alibaba::VENDOR)
}

fn group(name: &str) -> Value {
    document("Group", json!({ "name": name }), json!({ "description": "Shop." }))
}

fn environment(name: &str) -> Value {
    document("Environment", json!({ "name": name }), json!({}))
}

fn api(name: &str, publish: &[&str]) -> Value {
    let spec = json!({
        "request": { "method": "POST", "path": format!("/{name}/{{id}}"), "protocol": "HTTPS" },
        "parameters": [
            { "name": "id", "in": "path" },
            { "name": "limit", "in": "query", "type": "number", "minimum": 1, "validate": true },
        ],
        "auth": { "type": "app" },
        "backend": { "http": { "url": format!("https://shop.internal/{name}/{{id}}"), "method": "POST", "timeout": "5s" } },
        "publish": publish,
    });
    document("Api", json!({ "name": name, "group": "shop_a" }), spec)
}

/// The id of an API.
fn api_id(bench: &Bench, name: &str) -> String {
    let answer = bench.action("DescribeApis", &format!("ApiName={name}"));
    answer["ApiSummarys"]["ApiSummary"][0]["ApiId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn apis_are_made_published_changed_and_removed() {
    let bench = bench();
    let all = |apis: &[Value]| [&[group("shop_a"), environment("TEST")], apis].concat();
    let plan = bench.applied(&all(&[api("first", &["RELEASE", "TEST"]), api("second", &["RELEASE"])])).await;
    assert_eq!(plan.steps.len(), 5, "a group, two APIs, one call for each environment");
    let mut changed = api("first", &["RELEASE", "TEST"]);
    changed["spec"]["backend"]["http"]["timeout"] = json!("9s");
    let plan = bench.applied(&all(&[changed.clone(), api("second", &["TEST"])])).await;
    assert_eq!(
        lines(&plan),
        [
            "publish Publication/shop_a/first/RELEASE manifestChanged: backend.http.timeout",
            "publish Publication/shop_a/first/TEST manifestChanged: backend.http.timeout",
            "publish Publication/shop_a/second/TEST new",
            "unpublish Publication/shop_a/second/RELEASE removed",
            "update Api/shop_a/first manifestChanged: backend.http.timeout",
        ]
    );
    bench.applied(&all(&[changed])).await;
    bench.applied(&[]).await;
}

#[tokio::test]
async fn what_no_manifest_says_stays() {
    let bench = bench();
    let documents = [group("shop_a"), api("first", &["RELEASE"])];
    bench.applied(&documents).await;
    let id = api_id(&bench, "first");
    let body = format!("ApiId={id}&ForceNonceCheck=true&ResultType=XML&RequestMode=MAPPING_PASSTHROUGH");
    bench.action("ModifyApiConfiguration", &body);
    bench.assert_settled().await;
    let mut changed = documents[1].clone();
    changed["spec"]["description"] = json!("Changed.");
    let plan = bench.applied(&[documents[0].clone(), changed]).await;
    assert!(lines(&plan)[1].ends_with("manifestChanged: description"), "{:?}", lines(&plan));
    let shown = bench.action("DescribeApi", &format!("ApiId={id}"));
    assert_eq!(shown["ForceNonceCheck"], true);
    assert_eq!(shown["ResultType"], "XML");
    assert_eq!(shown["RequestConfig"]["RequestMode"], "MAPPING_PASSTHROUGH");
    assert_eq!(shown["Description"], "Changed.");
}

#[tokio::test]
async fn what_was_changed_by_hand_is_shown_and_changed_back() {
    let bench = bench();
    let documents = [group("shop_a"), api("first", &["RELEASE"])];
    bench.applied(&documents).await;
    let id = api_id(&bench, "first");
    bench.action("ModifyApiConfiguration", &format!("ApiId={id}&Description=By%20hand"));
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["update Api/shop_a/first changedByHand: description"]);
    bench.apply(&plan).await;
    bench.assert_settled().await;
}

#[tokio::test]
async fn environments_are_neither_made_nor_removed_nor_others() {
    let bench = bench();
    let plan = bench.applied(&[group("shop_a"), environment("TEST"), environment("PRE")]).await;
    assert_eq!(lines(&plan), ["create Group/shop_a new"]);
    let plan = bench.applied(&[]).await;
    assert_eq!(lines(&plan), ["delete Group/shop_a removed"]);
    bench.write(&[environment("STAGING")]);
    let problems = bench.plan().await.unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert!(problems[0].message.contains("RELEASE, PRE and TEST"), "{}", problems[0].message);
}

#[tokio::test]
async fn a_version_that_ran_before_runs_again() {
    let bench = bench();
    let with = |text: &str| {
        let mut document = api("first", &["RELEASE"]);
        document["spec"]["description"] = json!(text);
        [group("shop_a"), document]
    };
    bench.applied(&with("One.")).await;
    bench.applied(&with("Two.")).await;
    let plan = bench.rollback(&["shop_a/first"], "RELEASE", Pick::Previous).await.unwrap();
    assert_eq!(lines(&plan), ["switch Publication/shop_a/first/RELEASE rollback: description"]);
    bench.apply(&plan).await;
    // It is not published again until the manifest changes.
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
}

#[tokio::test]
async fn policies_are_attached_swapped_and_removed() {
    let bench = bench();
    bench.secrets.lock().unwrap().insert("KEY_SECRET".into(), "s3cret_one".into());
    let throttle = |name: &str, limit: u32| {
        let spec = json!({ "per": "1m", "limits": { "api": limit }, "exceptions": [{ "app": "caller", "limit": 5 }] });
        document("Throttle", json!({ "name": name }), spec)
    };
    let signature = |key: &str| {
        let spec = json!({ "key": key, "secret": { "fromEnv": "KEY_SECRET" } });
        document("Signature", json!({ "name": "backend_key" }), spec)
    };
    let access = |values: &[&str]| {
        document("AccessControl", json!({ "name": "office" }), json!({ "effect": "allow", "values": values }))
    };
    let binding = |name: &str, field: &str, to: &str| {
        let spec = json!({ "environment": "RELEASE", field: to, "apis": { "group": "shop_a" } });
        document("Binding", json!({ "name": name }), spec)
    };
    let app = document("App", json!({ "name": "caller" }), json!({ "description": "Calls." }));
    let rest = [group("shop_a"), api("first", &["RELEASE"]), api("second", &["RELEASE"]), app];
    let with = |more: &[Value]| [&rest[..], more].concat();
    bench
        .applied(&with(&[
            throttle("gold", 10),
            throttle("silver", 9),
            signature("first_key"),
            access(&["10.0.0.1", "10.0.0.0/8"]),
            binding("limits", "throttle", "gold"),
            binding("signs", "signature", "backend_key"),
            binding("guards", "accessControl", "office"),
        ]))
        .await;
    bench.secrets.lock().unwrap().insert("KEY_SECRET".into(), "s3cret_two".into());
    let plan = bench
        .applied(&with(&[
            throttle("gold", 12),
            throttle("silver", 9),
            signature("second_key"),
            access(&["10.0.0.1", "10.0.0.9"]),
            binding("limits", "throttle", "silver"),
            binding("guards", "accessControl", "office"),
        ]))
        .await;
    assert_eq!(
        lines(&plan),
        [
            "bind ThrottleBinding/shop_a/first/RELEASE manifestChanged: to",
            "bind ThrottleBinding/shop_a/second/RELEASE manifestChanged: to",
            "unbind SignatureBinding/shop_a/first/RELEASE removed",
            "unbind SignatureBinding/shop_a/second/RELEASE removed",
            "update AccessControl/office manifestChanged: values",
            "update Signature/backend_key manifestChanged: key",
            "update Throttle/gold manifestChanged: limits.api",
        ]
    );
    bench.applied(&with(&[])).await;
    bench.applied(&[]).await;
}

#[tokio::test]
async fn a_publication_that_goes_loses_its_policies_first() {
    let bench = bench();
    let throttle =
        document("Throttle", json!({ "name": "gold" }), json!({ "per": "1s", "limits": { "api": 9 } }));
    let spec = json!({ "environment": "RELEASE", "throttle": "gold", "apis": { "group": "shop_a" } });
    let binding = document("Binding", json!({ "name": "limits" }), spec);
    bench.applied(&[group("shop_a"), api("first", &["RELEASE"]), throttle, binding]).await;
    let plan = bench.applied(&[group("shop_a"), api("first", &[])]).await;
    assert_eq!(
        lines(&plan),
        [
            "delete Throttle/gold removed",
            "unbind ThrottleBinding/shop_a/first/RELEASE removed",
            "unpublish Publication/shop_a/first/RELEASE removed",
        ]
    );
}

#[tokio::test]
async fn apps_have_credentials_and_are_authorized_from_the_side_that_takes_fewer_calls() {
    let bench = bench();
    bench.secrets.lock().unwrap().insert("APP_SECRET".into(), "app_secret_one".into());
    let app = |name: &str| document("App", json!({ "name": name }), json!({ "description": "Calls." }));
    let keyed = |key: &str| {
        let spec = json!({ "key": key, "secret": { "fromEnv": "APP_SECRET" } });
        document("App", json!({ "name": "keyed" }), spec)
    };
    let authorization = |name: &str, apps: &[&str], names: &[&str]| {
        let spec =
            json!({ "apps": apps, "environment": "RELEASE", "apis": { "group": "shop_a", "names": names } });
        document("Authorization", json!({ "name": name }), spec)
    };
    let around = [
        group("shop_a"),
        api("first", &["RELEASE"]),
        api("second", &["RELEASE"]),
        app("caller"),
        app("other"),
    ];
    let with = |more: &[Value]| [&around[..], more].concat();
    let plan = bench
        .applied(&with(&[
            keyed("key_one"),
            authorization("for_caller", &["caller"], &["first", "second"]),
            authorization("for_first", &["other", "keyed"], &["first"]),
        ]))
        .await;
    let calls = plan.steps.iter().filter(|step| step.call.path.contains("Authorities")).count();
    assert_eq!(calls, 2, "one app for two APIs, one API for two other apps");
    bench.secrets.lock().unwrap().insert("APP_SECRET".into(), "app_secret_two".into());
    let plan =
        bench.applied(&with(&[keyed("key_one"), authorization("for_first", &["other"], &["first"])])).await;
    assert!(lines(&plan).contains(&"update App/keyed secretChanged: ".to_owned()), "{:?}", lines(&plan));
    bench.applied(&with(&[keyed("key_two")])).await;
    bench.applied(&[]).await;
}

/// An estate with a bit of everything, and what its secrets are.
fn estate(bench: &Bench, text: &str) -> Vec<Value> {
    let mut secrets = bench.secrets.lock().unwrap();
    secrets.insert("KEY_SECRET".into(), "s3cret_one".into());
    secrets.insert("APP_SECRET".into(), "app_secret_one".into());
    drop(secrets);
    let binding = |name: &str, field: &str, to: &str| {
        let spec = json!({ "environment": "RELEASE", field: to, "apis": { "group": "shop_a" } });
        document("Binding", json!({ "name": name }), spec)
    };
    let mut first = api("first", &["RELEASE", "TEST"]);
    first["spec"]["description"] = json!(text);
    vec![
        group("shop_a"),
        environment("TEST"),
        first,
        api("second", &["RELEASE"]),
        document(
            "Throttle",
            json!({ "name": "gold" }),
            json!({ "description": text, "per": "1m", "limits": { "api": 9 }, "exceptions": [{ "app": "keyed", "limit": 5 }] }),
        ),
        document(
            "Signature",
            json!({ "name": "backend_key" }),
            json!({ "key": "first_key", "secret": { "fromEnv": "KEY_SECRET" } }),
        ),
        document(
            "AccessControl",
            json!({ "name": "office" }),
            json!({ "effect": "allow", "values": ["10.0.0.1", if text.is_empty() { "10.0.0.2" } else { "10.0.0.3" }] }),
        ),
        document(
            "App",
            json!({ "name": "keyed" }),
            json!({ "description": text, "key": "key_one", "secret": { "fromEnv": "APP_SECRET" } }),
        ),
        document(
            "Domain",
            json!({ "name": "shop.example.com", "group": "shop_a" }),
            json!({ "redirectHttp": !text.is_empty() }),
        ),
        document(
            "Plugin",
            json!({ "name": "pages" }),
            json!({ "description": text, "cors": { "allowOrigins": ["*"], "allowHeaders": ["X-A", "X-B"] } }),
        ),
        document(
            "Plugin",
            json!({ "name": "limit_1" }),
            json!({ "rateLimit": {
                "per": "1s", "limits": { "api": 9 },
                "exceptions": [{ "app": "keyed", "limit": if text.is_empty() { 1 } else { 2 } }],
            } }),
        ),
        document(
            "Plugin",
            json!({ "name": "cached" }),
            json!({ "native": { "type": "caching", "definition": { "duration": 60, "varyByHeaders": ["X-A"] } } }),
        ),
        binding("shows", "plugin", "pages"),
        binding("counts", "plugin", "limit_1"),
        binding("keeps", "plugin", "cached"),
        binding("limits", "throttle", "gold"),
        binding("signs", "signature", "backend_key"),
        binding("guards", "accessControl", "office"),
        document(
            "Authorization",
            json!({ "name": "callers" }),
            json!({ "apps": ["keyed"], "environment": "RELEASE", "apis": { "group": "shop_a" } }),
        ),
    ]
}

/// Plans and applies until nothing is left to do.
async fn settle(bench: &Bench, what: &str) {
    for _ in 0..4 {
        let plan = bench.planned().await;
        if plan.is_empty() {
            return;
        }
        bench.apply_with(&plan, None).await;
    }
    panic!("{what}: {:#?}", lines(&bench.planned().await));
}

/// How many calls an apply makes, those included that ask how a task goes on.
async fn calls(bench: &Bench, plan: &Plan) -> usize {
    let bench = bench.copy();
    bench.apply_with(plan, None).await;
    bench.wire.calls().len()
}

#[tokio::test]
async fn a_fault_at_any_call_does_no_harm() {
    let bench = bench();
    let plans = [estate(&bench, ""), estate(&bench, "Changed."), Vec::new()];
    for documents in plans {
        bench.write(&documents);
        let plan = bench.planned().await;
        for number in 0..calls(&bench, &plan).await {
            for fault in Fault::ALL {
                let other = bench.copy();
                other.apply_with(&plan, Some(Box::new(move |n, _| (n == number).then_some(fault)))).await;
                settle(&other, &format!("{fault:?} at call {number}")).await;
            }
        }
        bench.apply(&plan).await;
        bench.assert_settled().await;
    }
}

#[tokio::test]
async fn what_is_exported_plans_nothing() {
    let bench = bench();
    bench.applied(&estate(&bench, "Told.")).await;
    let want = Want { all: true, details: true, ..Want::default() };
    let observed = session::observe(&bench.target(), &want, true).await.unwrap();
    let files = export::export(&observed, None).files;
    let folder = bench.path("manifests");
    std::fs::remove_dir_all(&folder).unwrap();
    for file in files {
        let path = folder.join(file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.text).unwrap();
    }
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_captured_is_the_same_gateway() {
    let bench = bench();
    bench.applied(&estate(&bench, "Told.")).await;
    let (snapshot, notes) = session::capture(&bench.target()).await.unwrap();
    assert_eq!(notes, Vec::<String>::new());
    let other = self::bench();
    for part in ["manifests", ".apigctl"] {
        let to = other.path(part);
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(bench.path(part)).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
    let engine = &other.engine;
    session::load_snapshot(engine, engine.instance_id(), snapshot, &other.path("snapshot.json")).unwrap();
    *other.secrets.lock().unwrap() = bench.secrets.lock().unwrap().clone();
    assert_eq!(lines(&other.planned().await), Vec::<String>::new());
}

#[tokio::test]
async fn a_second_look_reads_only_lists() {
    let bench = bench();
    let documents = estate(&bench, "Told.");
    bench.applied(&documents).await;
    let target = bench.target();
    let want = Want { details: true, ..Want::default() };
    let everything = Want { all: true, details: true, ..Want::default() };
    let seen = target.provider.observe(&target.client, &everything, &mut Cache::default()).await.unwrap();
    let mut want = seen.resources.iter().fold(want, |mut want, (address, live)| {
        want.addresses.insert(address.clone());
        want.digests.extend(live.digest().map(|digest| (address.clone(), digest)));
        want
    });
    want.addresses.retain(|address| ["Group", "Api", "Publication"].contains(&address.kind.name()));
    want.digests.retain(|address, _| want.addresses.contains(address));
    let mut cache = Cache::default();
    target.provider.observe(&target.client, &want, &mut cache).await.unwrap();
    let target = bench.target();
    bench.wire_reset();
    target.provider.observe(&target.client, &want, &mut cache).await.unwrap();
    // Two lists, and a few definitions that the cache knows, to see whether it is right.
    assert!(bench.wire.calls().len() <= 2 + 2, "{:#?}", bench.wire.calls());
}

#[tokio::test]
async fn calls_are_signed_as_the_gateway_wants_them() {
    let pair =
        |secret: &str| provider::Credentials::KeyPair { access_key: "key".into(), secret_key: secret.into() };
    let credentials =
        Credentials { access_key: "key".into(), secret_key: "secret".into(), ..Credentials::default() };
    let engine = Arc::new(Engine::in_memory(Options { credentials, ..Options::default() }));
    for (secret, works) in [("secret", true), ("another", false)] {
        let provider =
            (alibaba::VENDOR.open)(Place { credentials: Some(Arc::new(pair(secret))), ..Place::default() });
        let engine = Arc::clone(&engine);
        let client = Client::new(Settings {
            endpoint: "http://apigateway.example.com:8080".into(),
            transport: Transport::InProcess(Arc::new(move |request| {
                Ok(engine.handle(request, Access::Signed))
            })),
            encode: provider.encoder(),
            sign: provider.signer(),
            errors: provider.errors(),
            concurrency: 4,
            retry: RetryPolicy::default(),
        });
        let observed = provider.observe(&client, &Want::default(), &mut Cache::off()).await;
        assert_eq!(observed.is_ok(), works, "{observed:?}");
        let made = client
            .json(&apigctl::http::Request {
                method: http::Method::POST,
                path: "/CreateApiGroup".into(),
                query: Vec::new(),
                body: Some(
                    json!({ "GroupName": "signed_group", "Description": "a b & c" }).to_string().into(),
                ),
                idempotent: false,
            })
            .await;
        assert_eq!(made.is_ok(), works, "{made:?}");
    }
}
