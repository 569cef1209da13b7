//! Publishing: stages, versions and their history.
//!
//! A version keeps the definition as it was when it was published. A deployment says which version runs in a stage.

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::{Nanos, seconds, version_number};
use super::answer::{Reply, page};
use super::apis;
use super::context::Ctx;
use super::fault::Fault;
use super::groups::{self, STAGES, name_of, stage_id};
use super::records::{Filter, exact, part, passes};
use super::tags;

/// How many versions of an API are kept per stage.
const VERSIONS_MAX: usize = 100;

/// The id of a deployment.
pub(crate) fn id(api_id: &str, stage: &str) -> String {
    format!("{api_id}/{stage}")
}

/// The id of a version.
pub(crate) fn version_id(api_id: &str, stage: &str, number: &str) -> String {
    format!("{api_id}/{stage}/{number}")
}

/// Where an API runs, stage by stage.
pub(crate) fn infos(gateway: &Gateway, api_id: &str) -> Value {
    let one = |(stage, _): &(&str, &str)| match gateway.record(Coll::CloudDeployment, &id(api_id, stage)) {
        Some(it) => {
            json!({"StageName": stage, "DeployedStatus": "DEPLOYED", "EffectiveVersion": it.text("HistoryVersion")})
        }
        None => json!({"StageName": stage, "DeployedStatus": "NONDEPLOYED", "EffectiveVersion": ""}),
    };
    STAGES.iter().map(one).collect()
}

/// The definition a version holds.
pub(crate) fn definition(version: &Record) -> Option<&Doc> {
    version.doc.get("Definition").and_then(Value::as_object)
}

/// The number of a version: the moment of publishing in the vendor's home time zone, with milliseconds; one later when
/// that one is taken.
fn fresh_number(gateway: &Gateway, api_id: &str, stage: &str, now: Nanos) -> String {
    let mut at = now;
    loop {
        let number = format!("{}{:03}", version_number(at), at.div_euclid(1_000_000).rem_euclid(1000));
        if gateway.record(Coll::CloudVersion, &version_id(api_id, stage, &number)).is_none() {
            return number;
        }
        at += 1_000_000;
    }
}

/// Publishes the draft of an API.
fn publish(ctx: &Ctx, tx: &mut Tx, api_id: &str, stage: &str, description: &str) -> Result<(), Fault> {
    let api = super::records::need(tx, Coll::CloudApi, api_id, "Api")?;
    check_backend(tx, api, stage)?;
    let (group_id, definition) = (api.text("GroupId").to_owned(), api.doc.clone());
    let number = fresh_number(tx, api_id, stage, ctx.now);
    let mut doc = Doc::new();
    for (name, value) in [
        ("ApiId", api_id),
        ("GroupId", group_id.as_str()),
        ("StageName", stage),
        ("HistoryVersion", number.as_str()),
        ("Description", description),
    ] {
        doc.insert(name.to_owned(), value.into());
    }
    doc.insert("Definition".to_owned(), definition.into());
    let row =
        Record { id: version_id(api_id, stage, &number).into(), created: ctx.now, updated: ctx.now, doc };
    let deployment = deployment(&row, ctx.now);
    tx.put(Coll::CloudVersion, Row::Record(row));
    tx.put(Coll::CloudDeployment, Row::Record(deployment));
    forget_old(tx, api_id, stage);
    Ok(())
}

/// What the draft sends requests to must be there.
fn check_backend(gateway: &Gateway, api: &Record, stage: &str) -> Result<(), Fault> {
    let name = api.text("VpcName");
    if !name.is_empty() && gateway.count_by(Coll::CloudVpc, "Name", &[name]) == 0 {
        return Err(Fault::absent("Vpc"));
    }
    if api.doc.get("BackendEnable") == Some(&Value::Bool(true)) {
        let at = [api.text("BackendId"), stage];
        if gateway.count_by(Coll::CloudBackendModel, "BackendId,StageName", &at) == 0 {
            return Err(Fault::absent("BackendModel"));
        }
    }
    Ok(())
}

/// The row that says a version runs.
pub(crate) fn deployment(version: &Record, now: Nanos) -> Record {
    let mut doc = Doc::new();
    for name in ["ApiId", "GroupId", "StageName", "HistoryVersion"] {
        doc.insert(name.to_owned(), version.text(name).into());
    }
    for name in ["VpcName", "BackendId"] {
        if let Some(value) = definition(version).and_then(|it| it.get(name)) {
            doc.insert(name.to_owned(), value.clone());
        }
    }
    let id = id(version.text("ApiId"), version.text("StageName")).into();
    Record { id, created: now, updated: now, doc }
}

/// The oldest versions go when there are too many, never the one that runs.
fn forget_old(tx: &mut Tx, api_id: &str, stage: &str) {
    let running = tx.record(Coll::CloudDeployment, &id(api_id, stage)).map(|it| it.text("HistoryVersion"));
    let all: Vec<&Record> = tx.records_by(Coll::CloudVersion, "ApiId,StageName", &[api_id, stage]).collect();
    let surplus = all.len().saturating_sub(VERSIONS_MAX);
    let old = all.iter().filter(|version| Some(version.text("HistoryVersion")) != running).take(surplus);
    let ids: Vec<Box<str>> = old.map(|version| version.id.clone()).collect();
    for id in ids {
        tx.remove(Coll::CloudVersion, &id);
    }
}

/// Takes an API offline; what is bound to it there goes.
pub(crate) fn abolish_one(tx: &mut Tx, api_id: &str, stage: &str) -> Result<(), Fault> {
    if !tx.remove(Coll::CloudDeployment, &id(api_id, stage)) {
        return Err(Fault::absent("Deployment"));
    }
    Ok(())
}

/// `DeployApi`.
pub(crate) fn deploy(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let id = apis::named(ctx, tx)?.id.clone();
    publish(ctx, tx, &id, ctx.text("StageName"), ctx.text("Description"))?;
    Ok(Reply::empty())
}

/// `AbolishApi`.
pub(crate) fn abolish(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let id = apis::named(ctx, tx)?.id.clone();
    abolish_one(tx, &id, ctx.text("StageName"))?;
    Ok(Reply::empty())
}

/// `SwitchApi`: a version of the history runs again.
pub(crate) fn switch(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let (api_id, stage) = (apis::named(ctx, tx)?.id.clone(), ctx.text("StageName"));
    if tx.record(Coll::CloudDeployment, &id(&api_id, stage)).is_none() {
        return Err(Fault::absent("Deployment"));
    }
    let wanted = version_id(&api_id, stage, ctx.text("HistoryVersion"));
    let version = super::records::need(tx, Coll::CloudVersion, &wanted, "HistoryVersion")?;
    let deployment = deployment(version, ctx.now);
    tx.put(Coll::CloudDeployment, Row::Record(deployment));
    Ok(Reply::empty())
}

/// The APIs of a batch: id and group; one that is not there refuses the whole call.
fn batch<'c>(ctx: &'c Ctx, gateway: &Gateway) -> Result<Vec<&'c Value>, Fault> {
    let all: Vec<&Value> = ctx.items("Api").iter().collect();
    if all.is_empty() {
        return Err(Fault::missing("Api"));
    }
    if all.len() > 100 {
        return Err(Fault::invalid("Api"));
    }
    let mut seen = std::collections::BTreeSet::new();
    for item in &all {
        let text = |name: &str| item[name].as_str().unwrap_or("");
        apis::of(gateway, text("ApiUid"), text("GroupId"))?;
        if !seen.insert((text("ApiUid"), text("StageName"), text("StageId"))) {
            return Err(Fault::repeated("ApiUid"));
        }
    }
    Ok(all)
}

/// Notes what an operation did, to be asked for by its id.
pub(crate) fn note(ctx: &Ctx, tx: &mut Tx, kind: &str, results: Vec<Value>) -> String {
    let id = ctx.id();
    let mut doc = Doc::new();
    doc.insert("Kind".to_owned(), kind.into());
    doc.insert("Results".to_owned(), results.into());
    let row = Record { id: id.as_str().into(), created: ctx.now, updated: ctx.now, doc };
    tx.put(Coll::CloudTask, Row::Record(row));
    let old: Vec<Box<str>> = {
        let surplus = tx.table(Coll::CloudTask).len().saturating_sub(1000);
        tx.records(Coll::CloudTask).take(surplus).map(|task| task.id.clone()).collect()
    };
    for id in old {
        tx.remove(Coll::CloudTask, &id);
    }
    id
}

/// What a task says of one API, in the words of all kinds of tasks.
pub(crate) fn result(gateway: &Gateway, api_id: &str, stage: &str) -> Value {
    let api = gateway.record(Coll::CloudApi, api_id);
    let group_id = api.map_or("", |api| api.text("GroupId"));
    let stage_id =
        gateway.record(Coll::CloudGroup, group_id).map_or_else(String::new, |group| stage_id(group, stage));
    json!({"ApiUid": api_id, "ApiName": api.map_or("", |api| api.text("ApiName")), "GroupId": group_id,
        "GroupName": name_of(gateway, group_id), "StageName": stage, "StageId": stage_id,
        "DeployedStatus": "OVER", "AbolishStatus": "OVER", "UpdateStatus": "OVER",
        "ErrorMsg": "Success. Request Success."})
}

/// `BatchDeployApis`.
pub(crate) fn deploy_many(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let stage = ctx.text("StageName");
    let mut results = Vec::new();
    for item in batch(ctx, tx)? {
        let api_id = item["ApiUid"].as_str().unwrap_or("");
        publish(ctx, tx, api_id, stage, ctx.text("Description"))?;
        results.push(result(tx, api_id, stage));
    }
    let task = note(ctx, tx, "DescribeDeployApiTask", results);
    Ok(Reply::one("OperationId", task))
}

/// `BatchAbolishApis`: each API is taken offline in the stage that is named with it, by name or id.
pub(crate) fn abolish_many(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let mut results = Vec::new();
    for item in batch(ctx, tx)? {
        let text = |name: &str| item[name].as_str().unwrap_or("");
        let group = super::records::need(tx, Coll::CloudGroup, text("GroupId"), "ApiGroup")?;
        let stage = match (text("StageName"), text("StageId")) {
            ("", "") => return Err(Fault::missing("StageName")),
            ("", id) => groups::stage_named(group, id)?,
            (name, _) => name,
        };
        abolish_one(tx, text("ApiUid"), stage)?;
        results.push(result(tx, text("ApiUid"), stage));
    }
    let task = note(ctx, tx, "DescribeAbolishApiTask", results);
    Ok(Reply::one("OperationId", task))
}

/// `DescribeDeployApiTask` and its like.
pub(crate) fn task(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let task = gateway.record(Coll::CloudTask, ctx.text("OperationUid"));
    let task = task.filter(|task| task.text("Kind") == ctx.operation.action);
    let task = task.ok_or_else(|| Fault::absent("OperationUid"))?;
    let results = task.doc.get("Results").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Ok(page(ctx, results.iter(), |item| item.as_object().cloned().unwrap_or_default()))
}

/// The version that runs in a stage.
pub(crate) fn running<'g>(gateway: &'g Gateway, api_id: &str, stage: &str) -> Option<&'g Record> {
    let deployment = gateway.record(Coll::CloudDeployment, &id(api_id, stage))?;
    gateway.record(Coll::CloudVersion, &version_id(api_id, stage, deployment.text("HistoryVersion")))
}

/// `DescribeDeployedApi` and `DescribeApiDoc`: what runs.
pub(crate) fn describe(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = apis::named(ctx, gateway)?;
    let stage = ctx.given("StageName").unwrap_or("RELEASE");
    let version = running(gateway, &api.id, stage).ok_or_else(|| Fault::absent("Deployment"))?;
    let deployed = gateway.record(Coll::CloudDeployment, &id(&api.id, stage)).map_or(0, |it| it.created);
    Ok(Reply::Doc(shown(ctx, gateway, version, deployed)))
}

fn shown(ctx: &Ctx, gateway: &Gateway, version: &Record, deployed: Nanos) -> Doc {
    let empty = Doc::new();
    let mut doc = apis::shown(ctx, gateway, version.text("ApiId"), definition(version).unwrap_or(&empty));
    for name in ["StageName", "HistoryVersion"] {
        doc.insert(name.to_owned(), version.text(name).into());
    }
    doc.insert("DeployedTime".to_owned(), seconds(deployed).into());
    doc.insert("Status".to_owned(), status(gateway, version).into());
    doc
}

fn status(gateway: &Gateway, version: &Record) -> &'static str {
    let deployment =
        gateway.record(Coll::CloudDeployment, &id(version.text("ApiId"), version.text("StageName")));
    let runs = deployment.is_some_and(|it| it.text("HistoryVersion") == version.text("HistoryVersion"));
    if runs { "ONLINE" } else { "OFFLINE" }
}

/// `DescribeApiHistory`.
pub(crate) fn history(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = apis::named(ctx, gateway)?;
    let id = version_id(&api.id, ctx.text("StageName"), ctx.text("HistoryVersion"));
    let version = super::records::need(gateway, Coll::CloudVersion, &id, "HistoryVersion")?;
    Ok(Reply::Doc(shown(ctx, gateway, version, version.created)))
}

/// `DescribeApiHistories` and `DescribeHistoryApis`: all versions of a group, newest first.
pub(crate) fn histories(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let group = groups::named(ctx, gateway)?;
    let filters = [exact("ApiId"), exact("StageName")];
    let mut all: Vec<&Record> = gateway
        .records_by(Coll::CloudVersion, "GroupId", &[&group.id])
        .filter(|version| filters.iter().all(|filter| passes(ctx, filter, version)))
        .filter(|version| {
            let name = definition(version).and_then(|it| it.get("ApiName")).and_then(Value::as_str);
            name.is_some_and(|name| name.contains(ctx.text("ApiName")))
        })
        .collect();
    all.reverse();
    Ok(page(ctx, all.into_iter(), |version| {
        let empty = Doc::new();
        let definition = definition(version).unwrap_or(&empty);
        let mut doc = apis::brief(ctx, gateway, version.text("ApiId"), definition);
        for name in ["StageName", "HistoryVersion"] {
            doc.insert(name.to_owned(), version.text(name).into());
        }
        let alias = STAGES.iter().find(|(name, _)| *name == version.text("StageName"));
        doc.insert("StageAlias".to_owned(), alias.map_or("", |(_, about)| about).into());
        doc.insert("DeployedTime".to_owned(), seconds(version.created).into());
        doc.insert("Status".to_owned(), status(gateway, version).into());
        doc
    }))
}

/// `DescribeDeployedApis`: what runs, oldest deployment first.
pub(crate) fn list(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let (group, stage) = (ctx.text("GroupId"), ctx.text("StageName"));
    if !group.is_empty() {
        groups::named(ctx, gateway)?;
    }
    let all: Box<dyn Iterator<Item = &Record>> = match (group, stage) {
        ("", "") => Box::new(gateway.records(Coll::CloudDeployment)),
        ("", stage) => Box::new(gateway.records_by(Coll::CloudDeployment, "StageName", &[stage])),
        (group, "") => Box::new(gateway.records_by(Coll::CloudDeployment, "GroupId", &[group])),
        both => Box::new(gateway.records_by(Coll::CloudDeployment, "GroupId,StageName", &[both.0, both.1])),
    };
    let filters = [part("ApiName"), exact("ApiMethod"), exact("ApiPath")];
    let of_deployment = Filter { param: "ApiId", member: "ApiId", part: false };
    let wanted = |deployment: &&Record| {
        let api_id = deployment.text("ApiId");
        passes(ctx, &of_deployment, deployment)
            && tags::pass(ctx, gateway, Some("api"), api_id)
            && (filters.iter().all(|filter| ctx.text(filter.param).is_empty())
                || matches_running(ctx, gateway, deployment, &filters))
    };
    Ok(page(ctx, all.filter(wanted), |deployment| {
        let (api_id, stage) = (deployment.text("ApiId"), deployment.text("StageName"));
        let empty = Doc::new();
        let version = running(gateway, api_id, stage);
        let mut doc = apis::brief(ctx, gateway, api_id, version.and_then(definition).unwrap_or(&empty));
        doc.insert("StageName".to_owned(), stage.into());
        doc.insert("DeployedTime".to_owned(), seconds(deployment.created).into());
        doc
    }))
}

/// Whether what runs has what the parameters ask for.
fn matches_running(ctx: &Ctx, gateway: &Gateway, deployment: &Record, filters: &[Filter]) -> bool {
    let version = running(gateway, deployment.text("ApiId"), deployment.text("StageName"));
    let Some(definition) = version.and_then(definition) else { return false };
    filters.iter().all(|filter| {
        let (wanted, its) = (ctx.text(filter.param), definition.get(filter.member).and_then(Value::as_str));
        let its = its.unwrap_or("");
        wanted.is_empty() || if filter.part { its.contains(wanted) } else { its == wanted }
    })
}
