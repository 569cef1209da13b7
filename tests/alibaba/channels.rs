//! Channels as VPC accesses.

use apigctl::plan::Reply;
use serde_json::{Value, json};

use super::{api, api_id, bench, environment, group, settle};
use crate::support::{Bench, Fault, document, lines};

fn channel(name: &str, vpc: Value, server: &str, port: u16) -> Value {
    let spec = json!({ "port": port, "memberType": "ecs", "members": [{ "ecsId": server }], "vpc": vpc });
    document("Channel", json!({ "name": name }), spec)
}

/// An API whose backend is behind a channel.
fn by_channel(name: &str, channel: &str, publish: &[&str]) -> Value {
    let mut api = api(name, publish);
    api["spec"]["backend"] = json!({ "http": {
        "channel": channel, "scheme": "http", "path": format!("/{name}/{{id}}"), "method": "POST",
    } });
    api
}

pub(super) fn estate(host: Option<&str>, server: &str) -> Vec<Value> {
    let mut vpc = json!({ "id": "vpc-1" });
    if let Some(host) = host {
        vpc["hostHeader"] = json!(host);
    }
    vec![
        group("shop_a"),
        environment("TEST"),
        channel("servers", vpc, server, 8080),
        by_channel("first", "servers", &["TEST", "RELEASE"]),
    ]
}

/// The access of a name.
fn access(bench: &Bench, name: &str) -> Option<Value> {
    let answer = bench.action("DescribeVpcAccesses", &format!("Name={name}&AccurateQuery=true"));
    answer["VpcAccessAttributes"]["VpcAccessAttribute"].get(0).cloned()
}

/// What runs knows of its access.
fn runs(bench: &Bench, stage: &str) -> Value {
    let id = api_id(bench, "first");
    let shown = bench.action("DescribeDeployedApi", &format!("ApiId={id}&StageName={stage}"));
    shown["ServiceConfig"]["VpcConfig"].clone()
}

#[tokio::test]
async fn a_channel_is_one_server_and_takes_what_runs_along() {
    let bench = bench();
    let plan = bench.applied(&estate(Some("shop.internal"), "i-1")).await;
    assert_eq!(
        (plan.calls(), plan.calls_bound),
        (5, 5),
        "group, access, API, and a call for each environment"
    );
    let made = access(&bench, "servers").unwrap();
    let said = ["VpcId", "InstanceId", "Port", "VpcTargetHostName"].map(|member| made[member].clone());
    assert_eq!(said, [json!("vpc-1"), json!("i-1"), json!(8080), json!("shop.internal")]);
    // What no manifest says stays, and what one says no more goes.
    bench.action(
        "TagResources",
        &format!(
            "ResourceType=vpcAccess&ResourceId.1={}&Tag.1.Key=team&Tag.1.Value=a",
            made["VpcAccessId"].as_str().unwrap()
        ),
    );
    let plan = bench.applied(&estate(None, "i-2")).await;
    assert_eq!(lines(&plan), ["update Channel/servers manifestChanged: members, vpc.hostHeader"]);
    assert!(matches!(&plan.steps[0].reply, Reply::Task(task) if task.whole), "{:?}", plan.steps[0]);
    let changed = access(&bench, "servers").unwrap();
    assert_eq!((&changed["InstanceId"], &changed["VpcTargetHostName"]), (&json!("i-2"), &json!("")));
    assert_eq!((&changed["VpcAccessId"], &changed["Tags"]), (&made["VpcAccessId"], &changed["Tags"]));
    assert_eq!(changed["Tags"]["TagInfo"][0]["Value"], "a");
    for stage in ["TEST", "RELEASE"] {
        assert_eq!(runs(&bench, stage)["InstanceId"], "i-2", "what runs follows");
    }
    // By hand, and back.
    bench.action("ModifyVpcAccessAndUpdateApis", "Name=servers&Port=9090&NeedBatchWork=true");
    let plan = bench.applied(&estate(None, "i-2")).await;
    assert_eq!(lines(&plan), ["update Channel/servers changedByHand: port"]);
    // The API and its access change in one plan, and so does the way to it.
    let mut both = estate(None, "i-3");
    both[3]["spec"]["description"] = json!("Changed.");
    bench.applied(&both).await;
    assert_eq!(runs(&bench, "RELEASE")["InstanceId"], "i-3");
    let plan = bench.applied(&[environment("TEST")]).await;
    assert!(lines(&plan).contains(&"delete Channel/servers removed".to_owned()), "{:?}", lines(&plan));
    assert_eq!(access(&bench, "servers"), None);
}

#[tokio::test]
async fn what_others_run_keeps_its_channel() {
    let bench = bench();
    bench.applied(&[group("shop_a"), channel("servers", json!({ "id": "vpc-1" }), "i-1", 80)]).await;
    let theirs = bench.neighbour();
    let external = json!({
        "apiVersion": "apigctl/v1", "kind": "Group", "metadata": { "name": "shop_a", "external": true },
    });
    theirs.applied(&[external.clone(), by_channel("theirs", "servers", &["RELEASE"])]).await;
    bench.write(&[group("shop_a")]);
    let plan = bench.planned().await;
    assert_eq!(lines(&plan), Vec::<String>::new());
    let kept = plan.notes.iter().find(|note| note.code == "kept").unwrap();
    assert!(kept.message.contains("Api/shop_a/theirs uses it"), "{kept:?}");
    theirs.applied(&[external]).await;
    let plan = bench.applied(&[group("shop_a")]).await;
    assert_eq!(lines(&plan), ["delete Channel/servers removed"]);
}

#[tokio::test]
async fn an_api_may_name_an_access_that_no_document_describes() {
    let bench = bench();
    bench.action("SetVpcAccess", "Name=theirs&VpcId=vpc-9&InstanceId=i-9&Port=80&Description=Theirs");
    let before = access(&bench, "theirs");
    bench.applied(&[group("shop_a"), by_channel("first", "theirs", &["RELEASE"])]).await;
    bench.applied(&[]).await;
    assert_eq!(access(&bench, "theirs"), before);
    bench.write(&[group("shop_a"), by_channel("first", "thiers", &["RELEASE"])]);
    let problems = bench.plan().await.unwrap_err();
    assert!(problems.iter().any(|problem| problem.code == "not-on-gateway"), "{problems:#?}");
    // Others' access is taken over only with consent.
    bench.write(&[channel("theirs", json!({ "id": "vpc-9" }), "i-8", 80)]);
    assert!(bench.plan().await.is_err());
}

#[tokio::test]
async fn what_is_no_vpc_access_is_a_problem_of_its_field() {
    let bench = bench();
    let good = || channel("servers", json!({ "id": "vpc-1" }), "i-1", 80);
    let with = |edit: fn(&mut Value)| {
        let mut document = good();
        edit(&mut document["spec"]);
        document
    };
    for (document, said) in [
        (with(|spec| drop(spec.as_object_mut().unwrap().remove("vpc"))), "told the network"),
        (with(|spec| spec["vpc"]["id"] = json!("")), "is no id"),
        (with(|spec| spec["members"] = json!([])), "the channel has 0"),
        (with(|spec| spec["members"] = json!([{ "ecsId": "i-1" }, { "ecsId": "i-2" }])), "the channel has 2"),
        (with(|spec| spec["members"][0]["port"] = json!(81)), "one port"),
        (with(|spec| spec["members"][0]["weight"] = json!(5)), "gets all requests"),
        (with(|spec| spec["members"][0]["enabled"] = json!(false)), "gets all requests"),
        (with(|spec| spec["balance"] = json!("uriHash")), "gets all requests"),
        (
            with(|spec| {
                spec["memberType"] = json!("ip");
                spec["members"] = json!([{ "host": "10.0.0.1" }]);
            }),
            "by its id in the cloud",
        ),
    ] {
        bench.write(&[document]);
        let problems = bench.plan().await.unwrap_err();
        assert!(problems.iter().any(|problem| problem.message.contains(said)), "{said}: {problems:#?}");
    }
    // Two for one server: the rehearsal says so before anything is done.
    bench.write(&[good(), channel("others", json!({ "id": "vpc-1" }), "i-1", 80)]);
    let problems = bench.plan().await.unwrap_err();
    assert!(problems.iter().any(|problem| problem.message.contains("DuplicateVpcAccess")), "{problems:#?}");
}

#[tokio::test]
async fn a_fault_at_any_call_leaves_one_access() {
    let bench = bench();
    for documents in [estate(Some("a"), "i-1"), estate(None, "i-2"), Vec::new()] {
        bench.write(&documents);
        let plan = bench.planned().await;
        for number in 0..plan.calls() {
            for fault in Fault::ALL {
                let other = bench.copy();
                let chooser = Box::new(move |n, _: &_| (n == number).then_some(fault));
                other.apply_with(&plan, Some(chooser)).await;
                let about = format!("{fault:?} at call {number} of {:#?}", lines(&plan));
                settle(&other, &about).await;
                assert_eq!(access(&other, "servers").is_some(), !documents.is_empty(), "{about}");
            }
        }
        bench.apply(&plan).await;
        bench.assert_settled().await;
    }
}
