//! Release trains: plans for one environment, promotion, and going back to what ran before.

use apigctl::diff::train::Train;
use apigctl::history::{Pick, Query};
use apigctl::plan::Plan;
use apigctl::session::{self, Rules};
use serde_json::{Value, json};

use crate::support::{Bench, document, lines};

fn ground() -> Vec<Value> {
    vec![
        document("Group", json!({ "name": "shop" }), json!({})),
        document("Environment", json!({ "name": "TEST" }), json!({})),
        throttle(100),
    ]
}

fn throttle(limit: u64) -> Value {
    document("Throttle", json!({ "name": "gold" }), json!({ "per": "1m", "limits": { "api": limit } }))
}

fn api(name: &str, body: &str, publish: &[&str]) -> Value {
    let spec = json!({
        "request": { "method": "GET", "path": format!("/{name}") }, "auth": { "type": "none" },
        "backend": { "mock": { "body": body } }, "publish": publish,
    });
    document("Api", json!({ "group": "shop", "name": name }), spec)
}

fn binding(environment: &str, apis: &[&str]) -> Value {
    let spec = json!({ "environment": environment, "throttle": "gold", "apis": { "names": apis } });
    document("Binding", json!({ "name": format!("gold-{}", environment.to_lowercase()) }), spec)
}

fn host(value: &str) -> Value {
    let spec = json!({ "values": { "TEST": format!("test.{value}"), "RELEASE": value } });
    document("Variable", json!({ "name": "host", "group": "shop" }), spec)
}

const BOTH: &[&str] = &["TEST", "RELEASE"];

fn write(bench: &Bench, documents: &[&[Value]]) {
    bench.write(&documents.concat());
}

fn publish(environments: &[&str]) -> Rules {
    let environments = environments.iter().map(ToString::to_string).collect();
    Rules { train: Some(Train::Publish(environments)), ..Rules::default() }
}

fn promote(only: &[&str]) -> Rules {
    let only = only.iter().map(ToString::to_string).collect();
    let (from, to) = ("TEST".to_owned(), "RELEASE".to_owned());
    Rules { train: Some(Train::Promote { from, to, only }), ..Rules::default() }
}

async fn under(bench: &mut Bench, rules: Rules) -> Plan {
    bench.rules = rules;
    let plan = bench.planned().await;
    bench.rules = Rules::default();
    plan
}

async fn refused(bench: &mut Bench, rules: Rules) -> Vec<String> {
    bench.rules = rules;
    let problems = bench.plan().await.expect_err("the plan is not refused");
    bench.rules = Rules::default();
    problems.iter().map(|p| format!("{} {}", p.code, p.message)).collect()
}

fn notes(plan: &Plan, code: &str) -> Vec<String> {
    let of_code = plan.notes.iter().filter(|note| note.code == code);
    of_code
        .map(|n| {
            let about = n.address.as_ref().map(|a| format!("{a} ")).unwrap_or_default();
            format!("{about}{}", n.message)
        })
        .collect()
}

/// A shop that runs everywhere.
async fn running() -> Bench {
    let bench = Bench::new();
    write(
        &bench,
        &[
            &ground(),
            &[api("buy", "1", BOTH), api("sell", "1", BOTH), host("shop"), binding("RELEASE", &["buy"])],
        ],
    );
    bench.apply(&bench.planned().await).await;
    bench.assert_settled().await;
    bench
}

#[tokio::test]
async fn a_train_brings_what_is_new_to_one_environment_and_then_to_the_next() {
    let mut bench = running().await;
    let bindings = [binding("TEST", &["buy"]), binding("RELEASE", &["buy", "sell"])];
    write(
        &bench,
        &[&ground(), &[api("buy", "2", BOTH), api("sell", "1", BOTH), host("shop.new")], &bindings],
    );
    let plan = under(&mut bench, publish(&["TEST"])).await;
    assert_eq!(
        lines(&plan),
        [
            "bind ThrottleBinding/shop/buy/TEST new",
            "publish Publication/shop/buy/TEST manifestChanged: backend.mock.body",
            "update Api/shop/buy manifestChanged: backend.mock.body",
            "update Variable/shop/TEST/host manifestChanged: value",
        ]
    );
    assert_eq!(notes(&plan, "held-back"), ["3 changes are held back in RELEASE"]);
    // Nothing is promoted before it was tried out.
    let unripe = "not-promotable `shop/buy` cannot be promoted: TEST does not run what the manifest says";
    assert_eq!(refused(&mut bench, promote(&[])).await, [unripe]);
    bench.apply(&plan).await;
    assert_eq!(lines(&under(&mut bench, publish(&["TEST"])).await), Vec::<String>::new());

    let plan = under(&mut bench, promote(&[])).await;
    assert_eq!(
        lines(&plan),
        [
            "bind ThrottleBinding/shop/sell/RELEASE new",
            "publish Publication/shop/buy/RELEASE neverPublished: backend.mock.body",
            "update Variable/shop/RELEASE/host manifestChanged: value",
        ]
    );
    assert_eq!(notes(&plan, "held-back"), Vec::<String>::new());
    bench.apply(&plan).await;
    bench.assert_settled().await;
}

#[tokio::test]
async fn what_is_not_ready_is_not_promoted() {
    let mut bench = running().await;
    let ask = |bench: &Bench, sell: &str| {
        let apis = [api("buy", "2", BOTH), api("sell", sell, BOTH), api("hide", "1", &["RELEASE"])];
        write(bench, &[&ground(), &apis, &[host("shop"), binding("RELEASE", &["buy", "hide"])]]);
    };
    ask(&bench, "2");
    let plan = under(&mut bench, publish(&["TEST"])).await;
    bench.apply(&plan).await;
    // Edited on, and not published in TEST again.
    ask(&bench, "3");
    let unripe = "not-promotable `shop/sell` cannot be promoted: TEST does not run what the manifest says";
    assert_eq!(refused(&mut bench, promote(&[])).await, [unripe]);
    // By name the rest may go.
    let plan = under(&mut bench, promote(&["shop/buy"])).await;
    assert_eq!(lines(&plan), ["publish Publication/shop/buy/RELEASE neverPublished: backend.mock.body"]);
    bench.apply(&plan).await;

    ask(&bench, "2");
    // What is published in RELEASE alone was tried out nowhere; what is attached to it waits with it.
    let plan = under(&mut bench, promote(&[])).await;
    assert_eq!(lines(&plan), ["publish Publication/shop/sell/RELEASE neverPublished: backend.mock.body"]);
    assert_eq!(
        notes(&plan, "not-promoted"),
        ["Api/shop/hide the manifests do not publish it in TEST, so it is not promoted to RELEASE"]
    );
    assert_eq!(notes(&plan, "held-back"), ["2 changes are held back in RELEASE"]);
}

#[tokio::test]
async fn a_draft_changed_by_hand_is_not_promoted() {
    let mut bench = running().await;
    write(
        &bench,
        &[
            &ground(),
            &[api("buy", "2", BOTH), api("sell", "1", BOTH), host("shop"), binding("RELEASE", &["buy"])],
        ],
    );
    let plan = under(&mut bench, publish(&["TEST"])).await;
    bench.apply(&plan).await;
    let path = format!("/apis/{}", bench.id("/apis", "apis", "buy"));
    let mut body = bench.call("GET", &path, &Value::Null);
    body["mock_info"]["result_content"] = json!("by hand");
    bench.call("PUT", &path, &body);
    let problem = "not-promotable `shop/buy` cannot be promoted: its draft at the gateway is not what the manifest says";
    assert_eq!(refused(&mut bench, promote(&[])).await, [problem]);
}

#[tokio::test]
async fn what_still_runs_elsewhere_keeps_what_it_needs() {
    let mut bench = running().await;
    // The API, its throttle and its variable leave.
    write(&bench, &[&ground()[..2], &[api("sell", "1", BOTH)]]);
    let plan = under(&mut bench, publish(&["TEST"])).await;
    assert_eq!(
        lines(&plan),
        ["delete Variable/shop/TEST/host removed", "unpublish Publication/shop/buy/TEST removed"]
    );
    assert_eq!(
        notes(&plan, "held-back"),
        [
            "2 changes are held back: what would go is still used in other environments",
            "2 changes are held back in RELEASE",
        ]
    );
    bench.apply(&plan).await;
    let plan = under(&mut bench, promote(&[])).await;
    assert_eq!(
        lines(&plan),
        ["delete Variable/shop/RELEASE/host removed", "unpublish Publication/shop/buy/RELEASE removed"]
    );
    bench.apply(&plan).await;
    let plan = under(&mut bench, publish(&["TEST"])).await;
    assert_eq!(lines(&plan), ["delete Api/shop/buy removed", "delete Throttle/gold removed"]);
    bench.apply(&plan).await;
    bench.assert_settled().await;
}

#[tokio::test]
async fn what_is_shared_changes_everywhere_and_that_is_said() {
    let mut bench = running().await;
    let rest = [api("buy", "1", BOTH), api("sell", "1", BOTH), host("shop"), binding("RELEASE", &["buy"])];
    write(&bench, &[&ground()[..2], &[throttle(7)], &rest]);
    let plan = under(&mut bench, publish(&["TEST"])).await;
    assert_eq!(lines(&plan), ["update Throttle/gold manifestChanged: limits.api"]);
    assert_eq!(
        notes(&plan, "shared"),
        ["Throttle/gold it is in use in RELEASE too, and changes there at once"]
    );
    // A promotion changes nothing that is shared.
    let plan = under(&mut bench, promote(&[])).await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert_eq!(notes(&plan, "held-back"), ["1 change is held back outside of environments"]);
}

#[tokio::test]
async fn names_that_nobody_knows() {
    let mut bench = running().await;
    assert_eq!(
        refused(&mut bench, publish(&["TEST", "TSET"])).await,
        ["unknown-name neither the manifests nor the gateway have the environment `TSET`"]
    );
    assert_eq!(
        refused(&mut bench, promote(&["shopp", "shop/by"])).await,
        [
            "unknown-name neither the manifests nor the gateway have the group `shopp`",
            "unknown-name neither the manifests nor the gateway have the API `shop/by`",
        ]
    );
}

#[tokio::test]
async fn what_ran_before_runs_again_and_stays() {
    let bench = running().await;
    let documents = |body: &str| {
        [
            ground(),
            vec![api("buy", body, BOTH), api("sell", "1", BOTH), host("shop"), binding("RELEASE", &["buy"])],
        ]
        .concat()
    };
    for body in ["2", "3"] {
        bench.write(&documents(body));
        bench.apply(&bench.planned().await).await;
    }
    let plan = bench.rollback(&["shop"], "RELEASE", Pick::Previous).await.unwrap();
    assert_eq!(lines(&plan), ["switch Publication/shop/buy/RELEASE rollback: backend.mock.body"]);
    assert_eq!(
        (notes(&plan, "held").len(), notes(&plan, "no-such-version").len()),
        (1, 1),
        "{:?}",
        plan.notes
    );
    bench.apply(&plan).await;
    // Nothing is undone by the next run, and it says why.
    let settled = bench.planned().await;
    assert_eq!(lines(&settled), Vec::<String>::new());
    assert_eq!(notes(&settled, "held").len(), 1);
    // Further back, by number.
    let of_buy = bench.rollback(&["shop/buy"], "RELEASE", Pick::Nothing).await.unwrap();
    assert!(of_buy.is_empty());
    let plan = bench.rollback(&["shop/buy"], "RELEASE", Pick::Previous).await.unwrap();
    assert_eq!(plan.changes[0].after.as_ref().unwrap().to_value()["backend"]["mock"]["body"], "1");
    let oldest = plan.changes[0].switch.clone().unwrap();
    bench.apply(&plan).await;
    assert_eq!(lines(&bench.planned().await), Vec::<String>::new());
    // Another change of the manifest is published.
    bench.write(&documents("4"));
    let plan = bench.planned().await;
    assert_eq!(
        lines(&plan),
        [
            "publish Publication/shop/buy/RELEASE manifestChanged: backend.mock.body",
            "publish Publication/shop/buy/TEST manifestChanged: backend.mock.body",
            "update Api/shop/buy manifestChanged: backend.mock.body",
        ]
    );
    bench.apply(&plan).await;
    bench.assert_settled().await;
    // Back and forth: once the manifest runs again, nothing is held.
    let versions = async || {
        let query =
            Query { environment: "RELEASE".into(), names: vec!["shop/buy".into()], pick: Pick::Nothing };
        let observed = session::rollback::histories(&bench.target(), query).await.unwrap();
        observed.histories.into_values().next().unwrap().versions
    };
    let newest = versions().await.into_iter().find(|version| version.runs).unwrap();
    let back = bench.rollback(&["shop/buy"], "RELEASE", Pick::Exactly(oldest.to.to_string())).await.unwrap();
    bench.apply(&back).await;
    assert_eq!(versions().await.iter().find(|v| v.runs).unwrap().id, oldest.to);
    let forth = bench.rollback(&["shop/buy"], "RELEASE", Pick::Exactly(newest.id.to_string())).await.unwrap();
    assert_eq!(notes(&forth, "held"), Vec::<String>::new());
    bench.apply(&forth).await;
    assert_eq!(notes(&bench.planned().await, "held"), Vec::<String>::new());
    bench.assert_settled().await;
}

#[tokio::test]
async fn what_cannot_be_rolled_back_says_so() {
    let bench = running().await;
    let wrong = async |names: &[&str], environment: &str, pick: Pick| {
        let problems = bench.rollback(names, environment, pick).await.unwrap_err();
        problems.iter().map(|p| format!("{} {}", p.code, p.message)).collect::<Vec<_>>()
    };
    assert_eq!(
        wrong(&["shop/by", "shop"], "RELEASE", Pick::Previous).await,
        ["not-published nothing of `shop/by` is published in RELEASE"]
    );
    assert_eq!(
        wrong(&["shop/buy"], "RELEASE", Pick::Exactly("20200101000000".into())).await,
        ["unknown-version `shop/buy` has no version `20200101000000` in RELEASE"]
    );
    bench.write(&[ground(), vec![api("buy", "2", BOTH), api("sell", "1", BOTH)]].concat());
    bench.apply(&bench.planned().await).await;
    std::fs::remove_file(bench.path(".apigctl/ledger.json")).unwrap();
    let refused = wrong(&["shop/buy"], "RELEASE", Pick::Previous).await;
    assert!(refused[0].starts_with("not-owned") && refused[0].contains("not switched"), "{refused:?}");
}

/// As a user types it, with the engine that a project has without any gateway.
#[test]
fn the_commands() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str], code: i32| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_apigctl"));
        let output = command.args(args).current_dir(folder.path()).env("NO_COLOR", "1").output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{args:?}\n{}{}",
            text(&output.stdout),
            text(&output.stderr)
        );
        text(&output.stdout) + &text(&output.stderr)
    };
    let write = |body: &str| {
        let documents = [
            document("Group", json!({ "name": "shop" }), json!({})),
            document("Environment", json!({ "name": "TEST" }), json!({})),
            api("buy", body, BOTH),
        ];
        let text: Vec<String> = documents.iter().map(|d| format!("---\n{d}\n")).collect();
        std::fs::write(folder.path().join("manifests/shop.yaml"), text.concat()).unwrap();
    };
    run(&["init"], 0);
    std::fs::remove_file(folder.path().join("manifests/hello.yaml")).unwrap();
    write("1");
    run(&["apply", "-y"], 0);
    write("2");
    let plan = run(&["plan", "--publish", "TEST", "--detailed-exitcode"], 2);
    assert!(plan.contains("only in   TEST") && plan.contains("1 change is held back in RELEASE"), "{plan}");
    assert!(run(&["promote", "TEST", "RELEASE"], 1).contains("cannot be promoted"));
    assert!(run(&["promote", "TEST", "TEST"], 1).contains("cannot be promoted to itself"));
    run(&["apply", "--publish", "TEST", "-y"], 0);
    assert!(run(&["promote", "TEST", "RELEASE", "--dry-run"], 0).contains("publish RELEASE: shop/buy"));
    // Nobody to ask.
    assert!(run(&["promote", "TEST", "RELEASE"], 1).contains("--auto-approve"));
    run(&["promote", "TEST", "RELEASE", "-y"], 0);
    let listed = || {
        let text = run(&["rollback", "shop", "--env", "RELEASE", "--list", "--format", "json"], 0);
        serde_json::from_str::<Value>(&text).unwrap()[0]["versions"].clone()
    };
    let versions = listed();
    assert_eq!((versions.as_array().unwrap().len(), &versions[0]["runs"]), (2, &json!(true)), "{versions}");
    let to = versions[1]["id"].as_str().unwrap();
    assert!(run(&["rollback", "shop/buy", "--env", "RELEASE", "--to", to, "-y"], 0).contains("switched 1"));
    assert_eq!(listed().as_array().unwrap().iter().find(|v| v["runs"] == true).unwrap()["id"], to);
    assert!(run(&["plan", "--detailed-exitcode"], 0).contains("it was rolled back"));
    assert!(run(&["rollback", "shop", "--env", "RELEASE", "--to", "yesterday"], 1).contains("14 digits"));
}
