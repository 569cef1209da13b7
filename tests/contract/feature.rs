//! Settings of the gateway.

use apigctl::kind::Kind;
use serde_json::{Value, json};

use super::{Case, Expected, Subject, WRONG, ground, step};
use crate::support::{Bench, document, lines};

pub(super) fn subjects() -> Vec<Subject> {
    vec![feature(), feature_number(), feature_secret()]
}

fn subject(name: &'static str, feature: &str, spec: Value, cases: Vec<Case>) -> Subject {
    Subject {
        name,
        kind: Kind::Feature,
        around: Vec::new(),
        base: document("Feature", json!({ "name": feature }), spec),
        // It is there from the start, and stays.
        created: vec![format!("update Feature/{feature} differs")],
        removed: Vec::new(),
        cases,
    }
}

fn refused(fields: &[&str], edits: Vec<(&str, Value)>) -> Case {
    Case { outcome: Expected::Refused("provider-unsupported"), ..Case::edit(fields, edits, Vec::new()) }
}

fn feature() -> Subject {
    let of = "Feature/app_jwt";
    let config = |value, shown: &str| {
        let line = format!("update {of} manifestChanged: {shown}");
        Case::edit(&["config"], vec![("/config", value)], vec![line])
    };
    let cases = vec![
        Case::set(of, "enabled", json!(false)),
        config(json!({ "enable": "on", "auth_header": "X-Other" }), "config.auth_header"),
        // The same fields as a text, and others.
        config(json!("{\"enable\": \"off\", \"auth_header\": \"X-Token\"}"), "config.enable"),
        refused(&["config"], vec![("/config", json!("on"))]),
        refused(&["config"], vec![("/config", json!({ "auth_header": "X-Token" }))]),
        refused(&["config"], vec![("/config/header", json!("X-Token"))]),
        refused(&["secret.fromEnv"], vec![("/secret", json!({ "fromEnv": "KEY_A" }))]),
    ];
    subject("feature", "app_jwt", json!({ "config": { "enable": "on", "auth_header": "X-Token" } }), cases)
}

fn feature_number() -> Subject {
    let line = "update Feature/request_body_size manifestChanged: config";
    let size = |value| Case::edit(&["config"], vec![("/config", value)], vec![line.to_owned()]);
    let cases = vec![
        size(json!(2_000_000)),
        size(json!("3000000")),
        refused(&["config"], vec![("/config", json!(0))]),
    ];
    subject("feature_number", "request_body_size", json!({ "config": 1_000_000 }), cases)
}

fn feature_secret() -> Subject {
    let of = "backend_client_certificate";
    let other = |field: &str, edits| {
        Case::edit(&[field], edits, vec![format!("update Feature/{of} secretChanged: ")])
    };
    let cases = vec![
        other("secret.fromEnv", vec![("/secret/fromEnv", json!("KEY_B"))]),
        other("secret.fromFile", vec![("/secret", json!({ "fromFile": "key-file" }))]),
        other("secret.fromCommand[]", vec![("/secret", json!({ "fromCommand": ["key-command", "gold"] }))]),
        refused(&["config"], vec![("/config/key", json!("in clear"))]),
    ];
    let spec =
        json!({ "config": { "enable": "on", "ca": "", "content": "" }, "secret": { "fromEnv": "KEY_A" } });
    subject("feature_secret", of, spec, cases)
}

/// What is possible only with a feature waits for it; what it was set to stays when its document goes, which is told.
#[tokio::test]
async fn features_come_first_and_stay() {
    let bench = Bench::new();
    let limit =
        document("Feature", json!({ "name": "ratelimit" }), json!({ "config": { "api_limits": 900 } }));
    let throttle =
        document("Throttle", json!({ "name": "gold" }), json!({ "per": "1s", "limits": { "api": 800 } }));
    bench.write(&[ground(), vec![throttle, limit]].concat());
    let plan = bench.planned().await;
    let first = plan.steps.first().unwrap();
    assert_eq!(plan.changes[first.items[0].change].address.to_string(), "Feature/ratelimit");
    let waits =
        plan.steps.iter().skip(1).all(|s| s.items.iter().all(|i| i.needs.contains(&first.items[0].change)));
    assert!(waits, "{:#?}", plan.steps);
    bench.apply(&plan).await;
    bench.assert_settled().await;
    bench.write(&ground());
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["delete Throttle/gold removed"]);
    let kept = plan.notes.iter().find(|n| n.code == "kept").unwrap();
    assert_eq!(kept.message, "left the manifests; every gateway has it, and it stays as it is");
    bench.apply(&plan).await;
    bench.assert_settled().await;
    assert_eq!(bench.dump().features.len(), 1);
}

/// Somebody else's change is undone, whoever set it first.
#[tokio::test]
async fn a_feature_is_as_its_manifest_says() {
    let bench = Bench::new();
    bench.call("POST", "/features", &json!({ "name": "app_basic", "enable": true, "config": "off" }));
    let all = [document("Feature", json!({ "name": "app_basic" }), json!({ "config": "on" }))];
    step(&bench, "feature", "before", &all, &["update Feature/app_basic differs: config".to_owned()]).await;
    bench.call("POST", "/features", &json!({ "name": "app_basic", "enable": false, "config": "on" }));
    step(&bench, "feature", "by hand", &all, &["update Feature/app_basic changedByHand: enabled".to_owned()])
        .await;
    assert_eq!(WRONG.take(), Vec::<String>::new());
    let unknown = document("Feature", json!({ "name": "app_basics" }), json!({ "config": "on" }));
    bench.write(&[unknown]);
    let problems = bench.plan().await.unwrap_err();
    assert_eq!(problems[0].help.as_deref(), Some("did you mean `app_basic`?"));
}
