//! Codes and quotas of apps: rotations without a gap, names that only the manifests know, and quotas in the fewest calls.

use apigctl::plan::Plan;
use serde_json::{Value, json};

use crate::support::{Bench, Fault, document, lines};

fn bench() -> Bench {
    let bench = Bench::new();
    for name in ["A", "B", "C", "D", "E", "F"] {
        bench.secrets.lock().unwrap().insert(name.to_owned(), text(name));
    }
    bench
}

fn text(name: &str) -> String {
    format!("{name}+code/=").repeat(9)
}

fn app(codes: &[(&str, &str)]) -> Vec<Value> {
    let codes: Vec<Value> =
        codes.iter().map(|(name, from)| json!({ "name": name, "secret": { "fromEnv": from } })).collect();
    vec![document("App", json!({ "name": "caller" }), json!({ "codes": codes }))]
}

/// The codes on the gateway, by the names of their sources.
fn there(bench: &Bench) -> Vec<String> {
    let mut found: Vec<String> =
        bench.dump().app_codes.iter().map(|row| row["app_code"].as_str().unwrap()[..1].to_owned()).collect();
    found.sort();
    found
}

/// Method and place of each call of a plan.
fn methods(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.call.method.as_str()).collect()
}

#[tokio::test]
async fn the_new_code_is_made_before_the_old_one_goes() {
    let bench = bench();
    bench.applied(&app(&[("first", "A")])).await;
    let old = bench.dump().app_codes[0]["id"].as_str().unwrap().to_owned();
    let plan = bench.applied(&app(&[("first", "B")])).await;
    assert_eq!(
        lines(&plan),
        [
            "create AppCode/caller/first secretChanged".to_owned(),
            format!("delete AppCode/caller/id:{old} secretChanged"),
        ]
    );
    assert_eq!(methods(&plan), ["POST", "DELETE"]);
    assert_eq!(there(&bench), ["B"]);
    let saved = serde_json::to_string(&plan).unwrap();
    assert!(!saved.contains("+code/"), "{saved}");
}

#[tokio::test]
async fn a_rotation_that_was_cut_off_is_finished() {
    for (number, fault) in
        [(0, Fault::KillBefore), (0, Fault::KillAfter), (1, Fault::KillBefore), (1, Fault::KillAfter)]
    {
        let bench = bench();
        bench.applied(&app(&[("first", "A"), ("second", "C")])).await;
        let rotated = app(&[("first", "B"), ("second", "C")]);
        bench.write(&rotated);
        let plan = bench.planned().await;
        let chooser = Box::new(move |call: usize, _: &_| (call == number).then_some(fault));
        assert!(bench.apply_with(&plan, Some(chooser)).await.is_none());
        bench.applied(&rotated).await;
        assert_eq!(there(&bench), ["B", "C"], "{fault:?} at {number}");
    }
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_code() {
    for fault in [Fault::LostAfter, Fault::TornAfter, Fault::ErrorAfter] {
        let bench = bench();
        bench.applied(&app(&[])).await;
        bench.write(&app(&[("first", "A")]));
        let plan = bench.planned().await;
        let chooser = Box::new(move |call: usize, _: &_| (call == 0).then_some(fault));
        let outcome = bench.apply_with(&plan, Some(chooser)).await.unwrap();
        assert!(outcome.is_complete(), "{fault:?} {:?}", outcome.failed);
        assert!(!bench.wire.calls().iter().any(|call| call.contains("code/")), "a code is in a URL");
        bench.assert_settled().await;
        assert_eq!(there(&bench), ["A"]);
    }
}

#[tokio::test]
async fn where_there_is_no_room_the_old_one_goes_first() {
    let bench = bench();
    let five = [("one", "A"), ("two", "B"), ("three", "C"), ("four", "D"), ("five", "E")];
    bench.applied(&app(&five)).await;
    let mut rotated = five;
    rotated[0].1 = "F";
    let plan = bench.applied(&app(&rotated)).await;
    assert_eq!(methods(&plan), ["DELETE", "POST"]);
    let note = plan.notes.iter().find(|note| note.code == "goes-first").unwrap();
    assert!(
        note.message.contains("the app `caller` has as many app codes as the gateway takes (5)"),
        "{note:?}"
    );
    assert_eq!(there(&bench), ["B", "C", "D", "E", "F"]);
    // One that only goes is no rotation.
    let plan = bench.applied(&app(&rotated[..4])).await;
    assert!(plan.notes.is_empty(), "{:?}", plan.notes);
}

#[tokio::test]
async fn codes_are_known_by_what_they_say() {
    let bench = bench();
    bench.applied(&app(&[("first", "A"), ("second", "B")])).await;
    let before = bench.dump().app_codes;
    // Under other names they are the same codes; nothing is called.
    bench.write(&app(&[("first", "B"), ("third", "A")]));
    let plan = bench.planned().await;
    assert_eq!((lines(&plan), plan.steps.len()), (Vec::<String>::new(), 0));
    bench.apply(&plan).await;
    bench.assert_settled().await;
    assert_eq!(bench.dump().app_codes, before);
    // By its new name one goes.
    let plan = bench.applied(&app(&[("first", "B")])).await;
    assert_eq!(lines(&plan), ["delete AppCode/caller/third removed"]);
    assert_eq!(there(&bench), ["B"]);
}

#[tokio::test]
async fn codes_of_others_and_unreadable_sources_are_left_alone() {
    let bench = bench();
    bench.applied(&app(&[("first", "A")])).await;
    let path = format!("/apps/{}/app-codes", bench.id("/apps", "apps", "caller"));
    bench.call("POST", &path, &json!({ "app_code": text("F") }));
    bench.assert_settled().await;
    // Without its source a code is known by the id on record.
    bench.secrets.lock().unwrap().remove("A");
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert!(plan.notes.iter().any(|note| note.code == "secret-missing"), "{:?}", plan.notes);
    // A code that is to be made is planned, and rehearsed, without its text.
    bench.write(&app(&[("first", "A"), ("second", "MISSING")]));
    assert_eq!(lines(&bench.planned().await), ["create AppCode/caller/second new"]);
    bench.secrets.lock().unwrap().insert("A".to_owned(), text("A"));
    bench.applied(&app(&[])).await;
    assert_eq!(there(&bench), ["F"]);
}

#[tokio::test]
async fn two_codes_of_one_name_are_refused() {
    let bench = bench();
    bench.write(&app(&[("first", "A"), ("first", "B"), ("id:x", "C")]));
    let problems = bench.plan().await.err().unwrap_or_default();
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    assert!(codes.contains(&"duplicate-name") && codes.contains(&"invalid-value"), "{problems:#?}");
}

#[tokio::test]
async fn quotas_are_given_at_once_and_swapped_in_one_call() {
    let bench = bench();
    let quota = |name: &str| document("Quota", json!({ "name": name }), json!({ "limit": 9, "per": "1d" }));
    let apps = |quota: &Value| -> Vec<Value> {
        let spec = if quota.is_null() { json!({}) } else { json!({ "quota": quota }) };
        ["red", "blue", "green"].map(|name| document("App", json!({ "name": name }), spec.clone())).into()
    };
    let both = vec![quota("gold_calls"), quota("iron_calls")];
    let plan = bench.applied(&[both.clone(), apps(&json!("gold_calls"))].concat()).await;
    assert_eq!((plan.changes.len(), plan.steps.len(), plan.calls_bound), (8, 6, 6), "{:#?}", lines(&plan));
    let plan = bench.applied(&[both.clone(), apps(&json!("iron_calls"))].concat()).await;
    assert_eq!((plan.changes.len(), plan.steps.len(), plan.calls_bound), (3, 1, 1), "{:#?}", lines(&plan));
    assert_eq!(bench.dump().app_quota_apps.len(), 3);
    // One list of the quota that has apps, not a call for each of three.
    bench.planned().await;
    let asked = |bench: &Bench| -> Vec<String> {
        let calls = bench.wire.calls().into_iter();
        calls.filter(|call| call.contains("/bound-")).collect()
    };
    assert_eq!(asked(&bench).len(), 1, "{:?}", asked(&bench));
    // A quota that goes takes its bindings along.
    let plan = bench.applied(&[both[..1].to_vec(), apps(&Value::Null)].concat()).await;
    assert_eq!(lines(&plan), ["delete Quota/iron_calls removed"]);
    assert_eq!(bench.dump().app_quota_apps.len(), 0);
}

#[tokio::test]
async fn a_quota_that_others_gave_is_left_alone_and_keeps_the_quota() {
    let bench = bench();
    let quota = document("Quota", json!({ "name": "gold_calls" }), json!({ "limit": 9, "per": "1d" }));
    let app = |name: &str| document("App", json!({ "name": name }), json!({}));
    bench.applied(&[quota, app("red")]).await;
    let row = bench.call("GET", "/app-quotas", &Value::Null)["quotas"][0].clone();
    let path = format!("/app-quotas/{}/binding-apps", row["app_quota_id"].as_str().unwrap());
    bench.call("POST", &path, &json!({ "app_ids": [bench.id("/apps", "apps", "red")] }));
    bench.assert_settled().await;
    bench.write(&[app("red")]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert_eq!(
        plan.notes.iter().map(|note| &*note.message).collect::<Vec<_>>(),
        ["left the manifests, but 1 app that this plan does not touch is still bound to it: kept"]
    );
    assert_eq!(bench.dump().app_quota_apps.len(), 1);
}

#[tokio::test]
async fn an_app_that_moves_to_another_quota_does_not_go_with_the_first() {
    let bench = bench();
    let quota = |name: &str| document("Quota", json!({ "name": name }), json!({ "limit": 9, "per": "1d" }));
    let app = |quota: &str| document("App", json!({ "name": "red" }), json!({ "quota": quota }));
    bench.applied(&[quota("gold_calls"), app("gold_calls")]).await;
    let plan = bench.applied(&[quota("iron_calls"), app("iron_calls")]).await;
    assert_eq!(
        lines(&plan),
        [
            "bind QuotaBinding/red manifestChanged: to",
            "create Quota/iron_calls new",
            "delete Quota/gold_calls removed",
        ]
    );
    assert!(plan.changes.iter().all(|change| change.takes_along.is_empty()), "{:?}", plan.changes);
    assert_eq!(bench.dump().app_quota_apps.len(), 1);
}
