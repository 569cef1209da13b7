//! Alibaba Cloud API Gateway as a target: what sets it apart from the gateways that the contract was written for.
//!
//! Each test plans and applies documents on the engine's dialect and asks the law of the suite: after an apply, the plan is
//! empty.

use apigctl::history::Pick;
use apigctl::provider::alibaba;
use serde_json::{Value, json};

use crate::support::{Bench, document, lines};

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
