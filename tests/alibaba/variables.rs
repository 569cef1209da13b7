//! Variables: a stage's id belongs to its group, and no action changes a value.

use apigctl::plan::Reply;
use serde_json::{Value, json};

use super::{api, api_id, bench, environment, group, settle};
use crate::support::{Bench, Fault, document, lines};

fn variable(name: &str, values: Value) -> Value {
    document("Variable", json!({ "name": name, "group": "shop_a" }), json!({ "values": values }))
}

/// An API whose backend is told by a variable.
fn by_host(publish: &[&str]) -> Value {
    let mut api = api("first", publish);
    api["spec"]["backend"]["http"]["url"] = json!("https://#host#/first/{id}");
    api
}

pub(super) fn estate(value: &str) -> Vec<Value> {
    vec![
        group("shop_a"),
        environment("TEST"),
        variable("host", json!({ "TEST": "test.internal", "RELEASE": value })),
        by_host(&["TEST", "RELEASE"]),
    ]
}

/// The ids of the group and of one of its stages.
fn stage(bench: &Bench, name: &str) -> (String, String) {
    let groups = bench.action("DescribeApiGroups", "GroupName=shop_a");
    let group = groups["ApiGroupAttributes"]["ApiGroupAttribute"][0]["GroupId"].as_str().unwrap().to_owned();
    let detail = bench.action("DescribeApiGroup", &format!("GroupId={group}"));
    let stages = detail["StageItems"]["StageInfo"].as_array().unwrap();
    let stage = stages.iter().find(|stage| stage["StageName"] == name).unwrap();
    (group, stage["StageId"].as_str().unwrap().to_owned())
}

/// The variables of a stage.
fn shown(bench: &Bench, name: &str) -> Vec<Value> {
    let (group, stage) = stage(bench, name);
    let detail = bench.action("DescribeApiStage", &format!("GroupId={group}&StageId={stage}"));
    detail["Variables"]["VariableItem"].as_array().unwrap().clone()
}

fn values(bench: &Bench, name: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pair = |row: &Value| (text(&row["VariableName"]), text(&row["VariableValue"]));
    shown(bench, name).iter().map(pair).collect()
}

fn pair(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

#[tokio::test]
async fn a_group_and_its_variables_are_made_by_one_plan() {
    let bench = bench();
    let plan = bench.applied(&estate("shop.internal")).await;
    // Group, two variables, API, two environments to publish in; and the read of the group's stages.
    assert_eq!((plan.steps.len(), plan.calls(), plan.calls_bound), (6, 7, 7));
    let asks: Vec<&str> =
        plan.steps.iter().flat_map(|step| step.reply.calls()).map(|call| call.path.as_str()).collect();
    assert_eq!(asks, ["/DescribeApiGroup"]);
    assert_eq!(values(&bench, "RELEASE"), pair("host", "shop.internal"));
    assert_eq!(values(&bench, "TEST"), pair("host", "test.internal"));
    // They come before what names them goes live.
    let at = |kind: &str| {
        let of_kind =
            |step: &&apigctl::plan::Step| plan.changes[step.items[0].change].address.kind.name() == kind;
        plan.steps.iter().position(|step| of_kind(&step)).unwrap()
    };
    assert!(at("Variable") < at("Publication"));
    // Nothing is asked where no variable is made.
    let plan = bench.applied(&[estate("shop.internal"), vec![group("shop_b")]].concat()).await;
    assert_eq!((lines(&plan), plan.calls()), (vec!["create Group/shop_b new".to_owned()], 1));
    let plan = bench.applied(&[]).await;
    assert!(lines(&plan).iter().all(|line| !line.contains("Variable")), "{:?}", lines(&plan));
}

#[tokio::test]
async fn another_value_is_another_variable_and_publishes_nothing() {
    let bench = bench();
    bench.applied(&estate("shop.internal")).await;
    let plan = bench.applied(&estate("other.internal")).await;
    assert_eq!(lines(&plan), ["update Variable/shop_a/RELEASE/host manifestChanged: value"]);
    assert!(matches!(&plan.steps[0].reply, Reply::Then { clears: true, .. }), "{:?}", plan.steps[0]);
    assert_eq!((plan.calls(), plan.calls_bound), (2, 2));
    assert_eq!(values(&bench, "RELEASE"), pair("host", "other.internal"));
    // Deleted by hand between plan and apply: it is made all the same.
    bench.write(&estate("third.internal"));
    let plan = bench.planned().await;
    let (group, stage) = stage(&bench, "RELEASE");
    let of = format!("GroupId={group}&StageId={stage}&VariableName=host");
    bench.action("DeleteApiStageVariable", &of);
    assert!(bench.apply_with(&plan, None).await.unwrap().is_complete());
    assert_eq!(values(&bench, "RELEASE"), pair("host", "third.internal"));
    // Changed by hand: changed back.
    bench.action("DeleteApiStageVariable", &of);
    bench.action("CreateApiStageVariable", &format!("{of}&VariableValue=hand.internal"));
    let plan = bench.applied(&estate("third.internal")).await;
    assert_eq!(lines(&plan), ["update Variable/shop_a/RELEASE/host changedByHand: value"]);
}

#[tokio::test]
async fn what_a_request_picks_is_left_alone_and_told() {
    let bench = bench();
    bench.applied(&estate("shop.internal")).await;
    let (group_id, stage) = stage(&bench, "RELEASE");
    let of = format!("GroupId={group_id}&StageId={stage}&VariableName=host");
    bench.action("DeleteApiStageVariable", &of);
    let model = "%7B%22location%22%3A%22HEAD%22%7D";
    let routed = format!("{of}&VariableValue=a.internal&SupportRoute=true&StageRouteModel={model}");
    bench.action("CreateApiStageVariable", &routed);
    let before = shown(&bench, "RELEASE");
    bench.write(&estate("other.internal"));
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    let told = plan.notes.iter().find(|note| note.code == "not-readable").unwrap();
    assert!(told.message.contains("route model"), "{told:?}");
    assert_eq!(told.address.as_ref().unwrap().to_string(), "Variable/shop_a/RELEASE/host");
    bench.apply_with(&plan, None).await.unwrap();
    assert_eq!(shown(&bench, "RELEASE"), before);
    // One that nobody's manifest names keeps its group.
    let mut theirs = format!("GroupId={group_id}&StageId={stage}&VariableName=theirs");
    theirs.push_str("&SupportRoute=true&VariableValue=x");
    bench.action("CreateApiStageVariable", &theirs);
    bench.write(&[environment("TEST")]);
    let plan = bench.planned().await;
    assert!(!lines(&plan).iter().any(|line| line.contains("Group/shop_a")), "{:#?}", lines(&plan));
    let kept = plan.notes.iter().find(|note| note.code == "kept").unwrap();
    assert!(kept.message.contains("Variable/shop_a/RELEASE/theirs"), "{kept:?}");
}

#[tokio::test]
async fn variables_are_read_only_where_they_are_managed() {
    let bench = bench();
    let reads = async |documents: &[Value]| {
        bench.applied(documents).await;
        bench.planned().await.reads
    };
    let none = reads(&[group("shop_a"), group("shop_b"), environment("TEST")]).await;
    let one = reads(&[
        group("shop_a"),
        group("shop_b"),
        environment("TEST"),
        variable("host", json!({ "TEST": "a" })),
    ])
    .await;
    // The detail of the group, and the stage.
    assert_eq!(one, none + 2);
    let both = estate("shop.internal");
    let three = reads(&[&both[..3], &[group("shop_b")]].concat()).await;
    assert_eq!(three, none + 3);
}

#[tokio::test]
async fn a_group_that_does_not_tell_its_stages_is_made_all_the_same() {
    let bench = bench();
    bench.write(&estate("shop.internal"));
    let plan = bench.planned().await;
    let silent = Box::new(|_, request: &http::Request<bytes::Bytes>| {
        let asked = request.headers().get("x-acs-action").is_some_and(|action| action == "DescribeApiGroup");
        asked.then_some(Fault::ErrorBefore)
    });
    let outcome = bench.apply_with(&plan, Some(silent)).await.unwrap();
    let failed: Vec<&str> = outcome.failed.iter().map(|failure| failure.message.as_str()).collect();
    assert_eq!(failed.len(), 2, "{failed:?}");
    for message in failed {
        assert!(
            message.starts_with("the id of ") && message.contains(" in Group/shop_a is not known: "),
            "{message}"
        );
    }
    let rest = bench.planned().await;
    assert!(!lines(&rest).iter().any(|line| line.contains("Group/shop_a ")), "{:?}", lines(&rest));
    settle(&bench, "with an answer").await;
    assert_eq!(values(&bench, "RELEASE"), pair("host", "shop.internal"));
}

#[tokio::test]
async fn what_a_stage_does_not_take_is_a_problem_of_its_field() {
    let bench = bench();
    let long = "n".repeat(51);
    for (document, field, said) in [
        (variable(&long, json!({ "TEST": "a" })), "metadata.name", "too long"),
        (variable("a.b", json!({ "TEST": "a" })), "metadata.name", "holds `.`"),
        (variable("host", json!({ "STAGING": "a" })), "spec.values.STAGING", "RELEASE, PRE and TEST"),
    ] {
        bench.write(&[group("shop_a"), document]);
        let problems = bench.plan().await.unwrap_err();
        let found = problems.iter().find(|problem| problem.message.contains(said));
        assert!(found.is_some(), "{field}: {problems:#?}");
    }
}

#[tokio::test]
async fn what_runs_finds_its_variables_after_any_fault() {
    let bench = bench();
    for documents in [estate("shop.internal"), estate("other.internal"), Vec::new()] {
        bench.write(&documents);
        let plan = bench.planned().await;
        for number in 0..plan.calls() {
            for fault in Fault::ALL {
                let other = bench.copy();
                let chooser = Box::new(move |n, _: &_| (n == number).then_some(fault));
                let outcome = other.apply_with(&plan, Some(chooser)).await;
                let about = format!("{fault:?} at call {number} of {:#?}", lines(&plan));
                // Whatever does not end the process is made good by the same apply.
                assert_eq!(outcome.is_some_and(|outcome| outcome.is_complete()), !fault.kills(), "{about}");
                settle(&other, &about).await;
                if !documents.is_empty() {
                    assert_eq!(shown(&other, "RELEASE").len(), 1, "{about}");
                    api_id(&other, "first");
                }
            }
        }
        bench.apply(&plan).await;
        bench.assert_settled().await;
    }
}
