//! Whose a resource is: a lost ledger, two scopes on one gateway, protection, renames, drift, large deletions.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and has files of its own"
)]

mod renames;
mod runs;

use std::fs;

use apigctl::plan::{Action, brake};
use apigctl::session::Rules;
use serde_json::{Value, json};

use crate::support::{Bench, document, lines};

const LEDGER: &str = ".apigctl/ledger.json";

fn group(name: &str) -> Value {
    document("Group", json!({ "name": name }), json!({}))
}

fn throttle(name: &str, api: u64) -> Value {
    document("Throttle", json!({ "name": name }), json!({ "per": "1m", "limits": { "api": api } }))
}

fn api(group: &str, name: &str, publish: &[&str]) -> Value {
    let spec = json!({
        "request": { "method": "GET", "path": format!("/{name}") }, "auth": { "type": "none" },
        "backend": { "mock": { "body": "{}" } }, "publish": publish,
    });
    document("Api", json!({ "group": group, "name": name }), spec)
}

fn binding(name: &str, throttle: &str, group: &str) -> Value {
    let spec = json!({ "environment": "RELEASE", "throttle": throttle, "apis": { "group": group } });
    document("Binding", json!({ "name": name }), spec)
}

fn external(kind: &str, name: &str) -> Value {
    json!({ "apiVersion": "apigctl/v1", "kind": kind, "metadata": { "name": name, "external": true } })
}

/// `metadata.FIELD: value` in a document.
fn with(mut document: Value, field: &str, value: Value) -> Value {
    document["metadata"][field] = value;
    document
}

/// Code and message of each problem.
async fn refused(bench: &Bench) -> Vec<String> {
    let problems = bench.plan().await.expect_err("the plan is not refused");
    problems.iter().map(|p| format!("{} {}", p.code, p.message)).collect()
}

async fn applied(documents: &[Value]) -> Bench {
    let bench = Bench::new();
    bench.applied(documents).await;
    bench
}

#[tokio::test]
async fn a_lost_ledger_makes_nothing_again() {
    let mut bench = applied(&[group("shop"), throttle("gold", 100), api("shop", "buy", &["RELEASE"])]).await;
    fs::remove_file(bench.path(LEDGER)).unwrap();
    let before = bench.dump();
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    let note = plan.notes.iter().find(|note| note.code == "unowned").unwrap();
    assert!(
        note.message.starts_with("4 resources are on the gateway") && note.message.contains("--adopt"),
        "{note:?}"
    );

    // What differs is not touched, either, unless it is taken over.
    bench.write(&[group("shop"), throttle("gold", 200), api("shop", "buy", &["RELEASE"])]);
    assert_eq!(
        refused(&bench).await,
        [
            "not-owned the gateway has the throttle `gold` already, and it is not in the ledger: it is not changed"
        ]
    );
    // Whoever leaves its document out leaves it alone.
    bench.write(&[group("shop"), api("shop", "buy", &["RELEASE"])]);
    assert_eq!(lines(&bench.planned().await), Vec::<String>::new());
    assert_eq!(bench.dump().throttles, before.throttles);

    bench.write(&[group("shop"), throttle("gold", 200), api("shop", "buy", &["RELEASE"])]);
    bench.rules = Rules { adopt: true, ..Rules::default() };
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["update Throttle/gold differs: limits.api"]);
    assert!(plan.changes[0].adopted && !plan.changes[0].owned);
    bench.apply(&plan).await;
    bench.rules = Rules::default();
    bench.assert_settled().await;
    // Now it is owned, so it goes with its document.
    bench.write(&[group("shop"), api("shop", "buy", &["RELEASE"])]);
    assert_eq!(lines(&bench.planned().await), ["delete Throttle/gold removed"]);
}

#[tokio::test]
async fn an_api_of_others_is_not_published() {
    let bench = applied(&[group("shop"), api("shop", "buy", &[])]).await;
    fs::remove_file(bench.path(LEDGER)).unwrap();
    bench.write(&[group("shop"), api("shop", "buy", &["RELEASE"])]);
    assert_eq!(
        refused(&bench).await,
        [
            "not-owned the gateway has the API `shop/buy` already, and it is not in the ledger: it is not published or bound"
        ]
    );
}

#[tokio::test]
async fn what_every_gateway_has_needs_no_consent() {
    let bench = Bench::new();
    bench.write(&[document("Environment", json!({ "name": "RELEASE" }), json!({ "description": "live" }))]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["update Environment/RELEASE differs: description"]);
    bench.apply(&plan).await;
    bench.assert_settled().await;
    bench.write(&[group("shop")]);
    assert_eq!(lines(&bench.planned().await), ["create Group/shop new"], "and it is never deleted");
}

/// Gives the project of a bench a scope.
fn scope(bench: &Bench, name: &str) {
    fs::write(bench.path("apigctl.yaml"), json!({ "scope": name }).to_string()).unwrap();
}

#[tokio::test]
async fn two_scopes_leave_each_other_alone() {
    let mut bench = Bench::new();
    let a = |limit| {
        [
            throttle("gold", limit),
            group("alpha"),
            api("alpha", "first", &["RELEASE"]),
            binding("alpha", "gold", "alpha"),
        ]
    };
    let b = [
        external("Throttle", "gold"),
        group("beta"),
        api("beta", "second", &["RELEASE"]),
        binding("beta", "gold", "beta"),
    ];
    scope(&bench, "team-a");
    bench.write(&a(100));
    let plan = bench.planned().await;
    bench.apply(&plan).await;
    scope(&bench, "team-b");
    bench.write(&b);
    let plan = bench.planned().await;
    assert_eq!(plan.changes.iter().filter(|c| c.action == Action::Bind).count(), 1);
    bench.apply(&plan).await;
    bench.assert_settled().await;

    scope(&bench, "team-a");
    bench.write(&a(100));
    bench.assert_settled().await;
    bench.write(&a(200));
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["update Throttle/gold manifestChanged: limits.api"]);
    bench.apply(&plan).await;
    // The throttle that the other scope binds to stays, although it left these manifests.
    bench.write(&a(200)[1..3]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["unbind ThrottleBinding/alpha/first/RELEASE removed"]);
    assert!(
        plan.notes.iter().any(|n| n.code == "kept" && n.message.contains("still bound to it")),
        "{:?}",
        plan.notes
    );
    bench.apply(&plan).await;

    // What the one describes and the other owns is not taken over, not even on demand.
    bench.rules = Rules { adopt: true, ..Rules::default() };
    bench.write(&[
        group("alpha"),
        api("alpha", "first", &["RELEASE"]),
        group("beta"),
        api("beta", "second", &[]),
    ]);
    let plan = bench.planned().await;
    let note = plan.notes.iter().find(|n| n.code == "owned-elsewhere").unwrap();
    assert!(note.message.contains("the scope `team-b` owns them"), "{note:?}");
    assert!(plan.adopt.is_empty() && plan.changes.is_empty(), "{:?} {:?}", plan.adopt, lines(&plan));
    let mut changed = api("beta", "second", &[]);
    changed["spec"]["request"]["path"] = json!("/z");
    bench.write(&[group("alpha"), api("alpha", "first", &["RELEASE"]), group("beta"), changed]);
    assert_eq!(
        refused(&bench).await,
        ["owned-elsewhere the API `beta/second` belongs to the scope `team-b`: it is not changed"]
    );

    bench.rules = Rules { destroy: true, ..Rules::default() };
    bench.write(&[]);
    scope(&bench, "team-b");
    let plan = bench.planned().await;
    assert_eq!(
        lines(&plan),
        [
            "delete Api/beta/second destroyed",
            "delete Group/beta destroyed",
            "unpublish Publication/beta/second/RELEASE destroyed"
        ]
    );
    bench.apply(&plan).await;
    let dump = bench.dump();
    assert_eq!((dump.groups.len(), dump.apis.len(), dump.throttles.len()), (1, 1, 1));
}

#[tokio::test]
async fn what_is_protected_does_not_go() {
    let protected = |on: bool| with(api("shop", "buy", &["RELEASE"]), "protect", json!(on));
    let mut bench =
        applied(&[group("shop"), protected(true), with(throttle("gold", 1), "protect", json!(true))]).await;
    let kept = [
        "protected-resource the API `shop/buy` is protected, and the manifests would have it removed",
        "protected-resource the publication `shop/buy/RELEASE` is protected, and the manifests would have it removed",
        "protected-resource the throttle `gold` is protected, and the manifests would have it removed",
    ];
    bench.write(&[group("shop")]);
    let mut found = refused(&bench).await;
    found.sort();
    assert_eq!(found, kept, "the ledger remembers it without the document");
    bench.rules = Rules { destroy: true, ..Rules::default() };
    bench.write(&[]);
    let found = refused(&bench).await;
    assert!(
        found.iter().any(|p| p.ends_with("`gold` is protected, and `destroy` would remove it")),
        "{found:?}"
    );
    bench.rules = Rules { prune: false, ..Rules::default() };
    bench.write(&[group("shop")]);
    assert_eq!(lines(&bench.planned().await), Vec::<String>::new());
    bench.rules = Rules::default();

    // Nor is it taken offline, which its callers would notice as much.
    let mut offline = protected(true);
    offline["spec"]["publish"] = json!([]);
    bench.write(&[group("shop"), offline, with(throttle("gold", 1), "protect", json!(true))]);
    assert_eq!(
        refused(&bench).await,
        [
            "protected-resource the publication `shop/buy/RELEASE` is protected, and the manifests would have it removed"
        ]
    );

    // To give up protection is a change of the ledger alone; after it, everything may go.
    bench.write(&[group("shop"), protected(false), throttle("gold", 1)]);
    let plan = bench.planned().await;
    assert_eq!((lines(&plan), plan.adopt.len()), (Vec::new(), 3));
    bench.apply_with(&plan, None).await.unwrap();
    bench.assert_settled().await;
    bench.write(&[group("shop")]);
    let plan = bench.planned().await;
    assert_eq!(plan.changes.len(), 3, "{:?}", lines(&plan));
    bench.apply(&plan).await;
}

#[tokio::test]
async fn drift_is_shown_alone_and_the_ledger_can_follow_it() {
    let documents = |limit| [group("shop"), throttle("gold", limit), throttle("silver", 1)];
    let mut bench = applied(&documents(100)).await;
    let (gold, silver) =
        (bench.id("/throttles", "throttles", "gold"), bench.id("/throttles", "throttles", "silver"));
    let body =
        json!({ "name": "gold", "type": 1, "api_call_limits": 7, "time_interval": 1, "time_unit": "MINUTE" });
    bench.call("PUT", &format!("/throttles/{gold}"), &body);
    bench.call("DELETE", &format!("/throttles/{silver}"), &Value::Null);
    // The manifest changes something else.
    bench.write(&[documents(100).as_slice(), &[group("new")]].concat());
    bench.rules = Rules { refresh_only: true, ..Rules::default() };
    let before = bench.dump();
    let plan = bench.planned().await;
    assert_eq!(
        lines(&plan),
        ["create Throttle/silver removedByHand", "update Throttle/gold changedByHand: limits.api"]
    );
    assert_eq!((plan.steps.len(), plan.calls_bound), (0, 0));
    let outcome = bench.apply_with(&plan, None).await.unwrap();
    assert!(outcome.done.is_empty());
    assert_eq!(bench.wire.calls(), Vec::<String>::new());
    assert_eq!(bench.dump().throttles, before.throttles);
    assert_eq!(lines(&bench.planned().await), Vec::<String>::new(), "the ledger has followed");
    bench.rules = Rules::default();
    assert_eq!(
        lines(&bench.planned().await),
        [
            "create Group/new new",
            "create Throttle/silver new",
            "update Throttle/gold manifestChanged: limits.api"
        ]
    );
}

#[tokio::test]
async fn a_plan_that_removes_much_has_the_brake_on() {
    let throttles: Vec<Value> = (0..44).map(|n| throttle(&format!("limit_{n}"), 1)).collect();
    let mut bench = applied(&throttles).await;
    let mut braked = async |left: usize, destroy: bool| {
        bench.rules = Rules { destroy, ..Rules::default() };
        bench.write(&throttles[..left]);
        let plan = bench.planned().await;
        (brake::brake(&plan, None), brake::brake(&plan, Some(5)).is_some())
    };
    // A quarter of 44 is 11.
    assert_eq!(braked(33, false).await, (None, true));
    assert_eq!(braked(40, false).await, (None, false));
    let (braked_at, _) = braked(32, false).await;
    let braked_at = braked_at.expect("12 of 44 are too many");
    assert_eq!((braked_at.removals, braked_at.limit, braked_at.owned, braked_at.asked), (12, 11, 44, false));
    assert_eq!(braked(0, true).await, (None, true), "a destroy is to remove everything");
}
