//! `metadata.was`: a new name, without anything being made anew.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{LEDGER, api, applied, binding, group, refused, throttle, with};
use crate::support::{Bench, document, lines};

fn estate(names: [&str; 4], was: bool) -> Vec<Value> {
    let [shop, buy, gold, qa] = names;
    let old = |document: Value, was_called: &str| match was {
        true => with(document, "was", json!(was_called)),
        false => document,
    };
    let exception =
        json!({ "per": "1m", "limits": { "api": 5 }, "exceptions": [{ "user": "u1", "limit": 2 }] });
    vec![
        old(group(shop), "shop"),
        old(document("Environment", json!({ "name": qa }), json!({})), "STAGE"),
        old(document("Throttle", json!({ "name": gold }), exception), "gold"),
        document(
            "Variable",
            json!({ "name": "host", "group": shop }),
            json!({ "values": { qa: "a.internal" } }),
        ),
        old(at_a_path(api(shop, buy, &["RELEASE", qa])), "buy"),
        binding("all", gold, shop),
    ]
}

/// The path of an API is not a matter of its name.
fn at_a_path(mut api: Value) -> Value {
    api["spec"]["request"]["path"] = json!("/orders");
    api
}

const OLD: [&str; 4] = ["shop", "buy", "gold", "STAGE"];
const NEW: [&str; 4] = ["market", "purchase", "premium", "TEST"];

fn ids(bench: &Bench) -> BTreeSet<String> {
    let dump = serde_json::to_value(bench.dump()).unwrap();
    let rows = dump.as_object().unwrap().values().flat_map(|rows| rows.as_array().into_iter().flatten());
    rows.filter_map(|row| Some(row.get("id")?.as_str()?.to_owned())).collect()
}

#[tokio::test]
async fn everything_that_is_renamed_stays_what_it_is() {
    let bench = applied(&estate(OLD, false)).await;
    let before = ids(&bench);
    bench.write(&estate(NEW, true));
    let plan = bench.planned().await;
    assert_eq!(
        lines(&plan),
        [
            "update Api/market/purchase renamed: ",
            "update Environment/TEST renamed: ",
            "update Group/market renamed: ",
            "update Throttle/premium renamed: ",
        ]
    );
    bench.apply(&plan).await;
    assert_eq!(ids(&bench), before, "nothing was made anew");
    // The documents may keep `was`, or drop it.
    bench.assert_settled().await;
    bench.write(&estate(NEW, false));
    bench.assert_settled().await;
    let names: Vec<String> =
        bench.dump().groups.iter().map(|g| json!(g)["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["market"]);
}

#[tokio::test]
async fn a_rename_may_change_fields_too() {
    let bench = applied(&[throttle("gold", 1)]).await;
    bench.write(&[with(throttle("premium", 2), "was", json!("gold"))]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), ["update Throttle/premium manifestChanged: limits.api"]);
    assert_eq!(plan.changes[0].was.as_ref().map(ToString::to_string).as_deref(), Some("Throttle/gold"));
    bench.apply(&plan).await;
    bench.assert_settled().await;
}

#[tokio::test]
async fn a_rename_that_the_ledger_missed_is_found() {
    let bench = applied(&estate(OLD, false)).await;
    let ledger = std::fs::read(bench.path(LEDGER)).unwrap();
    bench.write(&estate(NEW, true));
    let plan = bench.planned().await;
    bench.apply(&plan).await;
    // As if the process had been killed before it wrote the ledger.
    std::fs::write(bench.path(LEDGER), ledger).unwrap();
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert_eq!(plan.renamed.len(), 4, "{:?}", plan.renamed);
    bench.apply_with(&plan, None).await.unwrap();
    bench.assert_settled().await;
    bench.write(&[]);
    assert!(bench.planned().await.changes.len() > 4, "all of it is owned");
}

#[tokio::test]
async fn what_the_gateway_cannot_rename_is_made_anew() {
    let variable = |name: &str| {
        document(
            "Variable",
            json!({ "name": name, "group": "shop" }),
            json!({ "values": { "RELEASE": "x" } }),
        )
    };
    let bench = applied(&[group("shop"), variable("host")]).await;
    bench.write(&[group("shop"), with(variable("backend"), "was", json!("host"))]);
    let plan = bench.planned().await;
    assert_eq!(
        lines(&plan),
        ["create Variable/shop/RELEASE/backend renamedAnew", "delete Variable/shop/RELEASE/host renamedAnew"]
    );
    let note = plan.notes.iter().find(|n| n.code == "renamed-anew").unwrap();
    assert!(note.message.contains("the gateway changes only the value"), "{note:?}");
    bench.apply(&plan).await;
    bench.assert_settled().await;
    bench.write(&[group("shop"), with(variable("host"), "was", json!("backend"))]);
    // What is protected is not made anew.
    let protected = with(variable("backend"), "protect", json!(true));
    bench.write(&[group("shop"), protected]);
    bench.apply_with(&bench.planned().await, None).await.unwrap();
    bench.write(&[group("shop"), with(variable("host"), "was", json!("backend"))]);
    assert_eq!(
        refused(&bench).await,
        [
            "protected-resource the variable `shop/RELEASE/backend` is protected, and this gateway can rename it only by making it anew"
        ]
    );
}

#[tokio::test]
async fn what_is_not_owned_is_not_renamed() {
    let bench = applied(&[throttle("gold", 1)]).await;
    std::fs::remove_file(bench.path(LEDGER)).unwrap();
    bench.write(&[with(throttle("premium", 1), "was", json!("gold"))]);
    let found = refused(&bench).await;
    assert!(found[0].starts_with("not-owned ") && found.len() == 1, "{found:?}");
}

#[tokio::test]
async fn old_names_that_are_none() {
    let bench = applied(&[throttle("gold", 1), throttle("silver", 1)]).await;
    let was = |name: &str, was: &str| with(throttle(name, 1), "was", json!(was));
    let cases: [(&[Value], &str); 5] = [
        (&[was("gold", "gold")], "rename-conflict the throttle is called `gold` already"),
        (
            &[throttle("gold", 1), throttle("silver", 1), was("premium", "gold")],
            "rename-conflict the throttle `gold` is described, too, so it cannot become this one",
        ),
        (
            &[was("one", "gold"), was("two", "gold"), throttle("silver", 1)],
            "rename-conflict two documents say that they were the throttle `gold`",
        ),
        (
            &[was("silver", "gold")],
            "rename-conflict the gateway has both the throttle `gold` and the throttle `silver`",
        ),
        (
            &[
                group("shop"),
                api("shop", "buy", &["RELEASE"]),
                throttle("gold", 1),
                with(binding("b", "gold", "shop"), "was", json!("c")),
            ],
            "rename-conflict this binding has no name at the gateway, so it cannot be renamed",
        ),
    ];
    for (documents, message) in cases {
        bench.write(documents);
        assert_eq!(refused(&bench).await, [message]);
        let problems = bench.plan().await.unwrap_err();
        let span = problems[0].span.as_ref().unwrap();
        assert!(span.source.text[..span.start].trim_end().ends_with("\"was\":"), "{span:?}");
    }
    // A gateway that never had the old name gets the new one, and a word about it.
    bench.write(&[throttle("gold", 1), throttle("silver", 1), was("new", "never")]);
    assert_eq!(lines(&bench.planned().await), ["create Throttle/new new"]);
}
