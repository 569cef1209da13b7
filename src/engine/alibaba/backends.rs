//! Accesses to machines in virtual networks, and shared backends with a configuration per stage.

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::seconds;
use super::answer::{Reply, page};
use super::apis;
use super::bindings::place;
use super::context::Ctx;
use super::deploy::{self, abolish_one, note, result};
use super::fault::Fault;
use super::groups::stage_id;
use super::records::{self, Filter, Kind, PLAIN, by_id, exact, find, need, part, shown, sweep};

pub(crate) static VPC: Kind = Kind {
    coll: Coll::CloudVpc,
    id: "VpcAccessId",
    noun: "Vpc",
    unique: &[("Name", "Name")],
    quota: Some((1000, None)),
    filters: &[by_id("VpcAccessId"), exact("VpcId"), exact("InstanceId"), exact("Port")],
    tagged: Some("vpcAccess"),
    name: |ctx| format!("vpc-{}", &ctx.id()[..20]),
    prepare: |ctx, gateway, old, _| {
        let Some(access) = machine(ctx, gateway) else { return Ok(()) };
        if old.is_some_and(|old| old.id == access.id) {
            return Ok(());
        }
        Err(Fault::duplicate("VpcAccess"))
    },
    ..PLAIN
};

/// The access to the machine and port the parameters name.
fn machine<'g>(ctx: &Ctx, gateway: &'g Gateway) -> Option<&'g Record> {
    let at = [ctx.text("VpcId"), ctx.text("InstanceId")];
    let port = ctx.number("Port");
    gateway
        .records_by(Coll::CloudVpc, "VpcId,InstanceId", &at)
        .find(|access| port.is_none_or(|port| access.number("Port") == Some(port)))
}

/// `DescribeVpcAccesses`: a part of the name is enough, unless the query is to be accurate.
pub(crate) fn vpc_list(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let name = Filter { param: "Name", member: "Name", part: ctx.flag("AccurateQuery") != Some(true) };
    records::list_where(&VPC, ctx, gateway, |record| records::passes(ctx, &name, record))
}

/// What runs with an access, or with a backend: API and stage.
fn running(gateway: &Gateway, index: &str, value: &str) -> Vec<(String, String)> {
    let found = gateway.records_by(Coll::CloudDeployment, index, &[value]);
    found.map(|it| (it.text("ApiId").to_owned(), it.text("StageName").to_owned())).collect()
}

/// `RemoveVpcAccess`: what runs with it goes on, and is named.
pub(crate) fn remove_vpc(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let access = machine(ctx, tx).ok_or_else(|| Fault::absent("Vpc"))?.clone();
    let one = |deployment: &Record| {
        let group = tx.record(Coll::CloudGroup, deployment.text("GroupId"));
        let stage = group.map_or_else(String::new, |group| stage_id(group, deployment.text("StageName")));
        json!({"ApiId": deployment.text("ApiId"), "GroupId": deployment.text("GroupId"), "StageId": stage})
    };
    let apis: Vec<Value> =
        tx.records_by(Coll::CloudDeployment, "VpcName", &[access.text("Name")]).map(one).collect();
    forget_vpc(tx, &access);
    Ok(Reply::one("Apis", apis))
}

fn forget_vpc(tx: &mut Tx, access: &Record) {
    tx.remove(Coll::CloudVpc, &access.id);
    super::tags::forget(tx, "vpcAccess", &access.id);
}

/// Takes offline what runs with something, and notes it as a task.
fn abolish(ctx: &Ctx, tx: &mut Tx, all: Vec<(String, String)>) -> Result<Reply, Fault> {
    let mut results = Vec::new();
    for (api, stage) in all {
        abolish_one(tx, &api, &stage)?;
        results.push(result(tx, &api, &stage));
    }
    Ok(Reply::one("OperationId", note(ctx, tx, "DescribeAbolishApiTask", results)))
}

/// `RemoveVpcAccessAndAbolishApis`.
pub(crate) fn remove_vpc_and_abolish(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let access = machine(ctx, tx).ok_or_else(|| Fault::absent("Vpc"))?.clone();
    let all = running(tx, "VpcName", access.text("Name"));
    forget_vpc(tx, &access);
    abolish(ctx, tx, all)
}

/// `ModifyVpcAccessAndUpdateApis`: drafts follow, and with `NeedBatchWork` what runs, too.
pub(crate) fn modify_vpc(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let name = ctx.text("Name");
    let access = tx.records_by(Coll::CloudVpc, "Name", &[name]).next();
    let mut access = access.ok_or_else(|| Fault::absent("Vpc"))?.clone();
    let members = ["VpcId", "InstanceId", "Port", "VpcTargetHostName"];
    for member in members {
        if let Some(value) = ctx.params.get(member) {
            access.doc.insert(member.to_owned(), value.clone());
        }
    }
    let at = [access.text("VpcId"), access.text("InstanceId")];
    let taken = |other: &Record| other.id != access.id && other.doc.get("Port") == access.doc.get("Port");
    if tx.records_by(Coll::CloudVpc, "VpcId,InstanceId", &at).any(taken) {
        return Err(Fault::duplicate("VpcAccess"));
    }
    access.updated = ctx.now;
    tx.put(Coll::CloudVpc, Row::Record(access.clone()));
    let settle = |definition: &mut Doc| {
        if let Some(Value::Object(vpc)) =
            definition.get_mut("ServiceConfig").and_then(|service| service.get_mut("VpcConfig"))
        {
            for member in &members[..3] {
                vpc.insert((*member).to_owned(), access.doc.get(*member).cloned().unwrap_or_default());
            }
        }
    };
    let drafts: Vec<Record> = tx.records_by(Coll::CloudApi, "VpcName", &[name]).cloned().collect();
    for mut draft in drafts {
        settle(&mut draft.doc);
        tx.put(Coll::CloudApi, Row::Record(draft));
    }
    let mut results = Vec::new();
    if ctx.flag("NeedBatchWork") == Some(true) {
        for (api, stage) in running(tx, "VpcName", name) {
            let Some(mut version) = deploy::running(tx, &api, &stage).cloned() else { continue };
            if let Some(Value::Object(definition)) = version.doc.get_mut("Definition") {
                settle(definition);
            }
            tx.put(Coll::CloudVersion, Row::Record(version));
            let mut done = result(tx, &api, &stage);
            done["UpdateStatus"] = "success".into();
            results.push(done);
        }
    }
    Ok(Reply::one("OperationId", note(ctx, tx, "DescribeUpdateVpcInfoTask", results)))
}

/// `DescribeApisByVpcAccess`: what runs with an access, or with any.
pub(crate) fn apis_by_vpc(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let name = ctx.text("VpcName");
    let wanted =
        |it: &&Record| !it.text("VpcName").is_empty() && (name.is_empty() || it.text("VpcName") == name);
    let found = gateway.records(Coll::CloudDeployment).filter(wanted);
    Ok(page(ctx, found, |deployment| {
        let mut doc = place(ctx, gateway, deployment);
        let name = deployment.text("VpcName");
        doc.insert("VpcName".to_owned(), name.into());
        if let Some(access) = gateway.records_by(Coll::CloudVpc, "Name", &[name]).next() {
            for member in ["VpcId", "InstanceId", "Port"] {
                doc.insert(member.to_owned(), access.doc.get(member).cloned().unwrap_or_default());
            }
        }
        doc
    }))
}

pub(crate) static BACKEND: Kind = Kind {
    coll: Coll::CloudBackend,
    id: "BackendId",
    noun: "Backend",
    unique: &[("BackendName", "BackendName")],
    quota: Some((1000, None)),
    filters: &[part("BackendName"), exact("BackendType")],
    tagged: Some("backend"),
    leaving: |_, tx, record| {
        let used = |coll| tx.count_by(coll, "BackendId", &[&record.id]) > 0;
        if used(Coll::CloudApi) || used(Coll::CloudDeployment) {
            return Err(Fault::in_use("Backend"));
        }
        sweep(tx, Coll::CloudBackendModel, "BackendId", &[&record.id]);
        Ok(())
    },
    ..PLAIN
};

/// `DeleteBackend`.
pub(crate) fn delete(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    needed(ctx, "BackendId")?;
    records::delete(&BACKEND, ctx, tx)
}

fn needed(ctx: &Ctx, name: &str) -> Result<(), Fault> {
    if ctx.given(name).is_some() { Ok(()) } else { Err(Fault::missing(name)) }
}

/// The configuration of a backend as its detail shows it.
fn model_shown(record: &Record) -> Value {
    json!({
        "BackendModelId": record.id, "StageName": record.text("StageName"), "Description": record.text("Description"),
        "BackendConfig": record.doc.get("BackendConfig"), "GmtCreate": seconds(record.created),
        "GmtModified": seconds(record.updated),
    })
}

/// `DescribeBackendInfo`: with the configurations of all stages.
pub(crate) fn describe(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    needed(ctx, "BackendId")?;
    let backend = find(&BACKEND, ctx, gateway)?;
    let mut doc = shown(&BACKEND, ctx, gateway, backend);
    let models = gateway.records_by(Coll::CloudBackendModel, "BackendId", &[&backend.id]);
    doc.insert("BackendModels".to_owned(), models.map(model_shown).collect());
    Ok(Reply::one("BackendInfo", doc))
}

/// What a configuration holds: of the kind of its backend.
fn config(ctx: &Ctx, backend: &Record) -> Result<Value, Fault> {
    let sent = ctx.params.get("BackendModelData").ok_or_else(|| Fault::missing("BackendModelData"))?;
    let mut config = sent.clone();
    let kind = ctx.given("BackendType").unwrap_or_else(|| backend.text("BackendType"));
    if kind != backend.text("BackendType") {
        return Err(Fault::invalid("BackendType"));
    }
    config["Type"] = kind.into();
    let needed = match kind {
        "HTTP" => "ServiceAddress",
        "VPC" => "VpcConfig",
        "OSS" => "OssConfig",
        "FC" | "FC_EVENT" | "FC_HTTP" => "FunctionComputeConfig",
        "EVENTBRIDGE" => "EventBridgeConfig",
        "DISCOVERY" => "DiscoveryConfig",
        "EDAS" => "EdasConfig",
        _ => return Ok(config),
    };
    if config[needed].is_null() { Err(Fault::missing(needed)) } else { Ok(config) }
}

/// `CreateBackendModel`: one per stage.
pub(crate) fn create_model(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    needed(ctx, "BackendId")?;
    needed(ctx, "StageName")?;
    let backend = find(&BACKEND, ctx, tx)?.clone();
    let stage = ctx.text("StageName");
    let config = config(ctx, &backend)?;
    if tx.count_by(Coll::CloudBackendModel, "BackendId,StageName", &[&backend.id, stage]) > 0 {
        return Err(Fault::duplicate("BackendModel"));
    }
    let mut doc = Doc::new();
    for (name, value) in
        [("BackendId", &*backend.id), ("StageName", stage), ("Description", ctx.text("Description"))]
    {
        doc.insert(name.to_owned(), value.into());
    }
    doc.insert("BackendConfig".to_owned(), config);
    let id = ctx.id();
    let row = Record { id: id.as_str().into(), created: ctx.now, updated: ctx.now, doc };
    tx.put(Coll::CloudBackendModel, Row::Record(row));
    Ok(Reply::one("BackendModelId", id))
}

/// The configuration a call names: by its id, or by backend and stage.
fn model<'g>(ctx: &Ctx, gateway: &'g Gateway) -> Result<&'g Record, Fault> {
    let absent = || Fault::absent("BackendModel");
    let found = match ctx.given("BackendModelId") {
        Some(id) => gateway.record(Coll::CloudBackendModel, id),
        None => {
            needed(ctx, "BackendId")?;
            needed(ctx, "StageName")?;
            let at = [ctx.text("BackendId"), ctx.text("StageName")];
            gateway.records_by(Coll::CloudBackendModel, "BackendId,StageName", &at).next()
        }
    };
    let fits = |model: &&Record| {
        let is = |name: &str| ctx.given(name).is_none_or(|wanted| model.text(name) == wanted);
        is("BackendId") && is("StageName")
    };
    found.filter(fits).ok_or_else(absent)
}

/// What runs with a configuration.
fn affected(gateway: &Gateway, model: &Record) -> Vec<(String, String)> {
    let mut all = running(gateway, "BackendId", model.text("BackendId"));
    all.retain(|(_, stage)| stage == model.text("StageName"));
    all
}

/// `ModifyBackendModel`: what runs with it runs with the new one.
pub(crate) fn modify_model(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let mut model = model(ctx, tx)?.clone();
    let backend = need(tx, Coll::CloudBackend, model.text("BackendId"), "Backend")?.clone();
    if ctx.params.contains_key("BackendModelData") {
        model.doc.insert("BackendConfig".to_owned(), config(ctx, &backend)?);
    }
    if let Some(text) = ctx.params.get("Description") {
        model.doc.insert("Description".to_owned(), text.clone());
    }
    model.updated = ctx.now;
    let with_backend = |(api, stage): (String, String)| {
        let mut it = result(tx, &api, &stage);
        it["BackendId"] = backend.id.as_ref().into();
        it
    };
    let results = affected(tx, &model).into_iter().map(with_backend).collect();
    tx.put(Coll::CloudBackendModel, Row::Record(model));
    Ok(Reply::one("OperationId", note(ctx, tx, "DescribeUpdateBackendTask", results)))
}

/// `DeleteBackendModel`: what runs with it is taken offline, as the document says.
pub(crate) fn delete_model(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let model = model(ctx, tx)?.clone();
    let all = affected(tx, &model);
    tx.remove(Coll::CloudBackendModel, &model.id);
    abolish(ctx, tx, all)
}

/// `DescribeApisByBackend`: drafts, or what runs in a stage.
pub(crate) fn apis_by_backend(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let backend = find(&BACKEND, ctx, gateway)?;
    let brief = |api: &Record| apis::brief(ctx, gateway, &api.id, &api.doc);
    let Some(stage) = ctx.given("StageName") else {
        let found = gateway.records_by(Coll::CloudApi, "BackendId", &[&backend.id]);
        return Ok(page(ctx, found, brief));
    };
    let found = gateway
        .records_by(Coll::CloudDeployment, "BackendId", &[&backend.id])
        .filter(|it| it.text("StageName") == stage)
        .filter_map(|it| gateway.record(Coll::CloudApi, it.text("ApiId")));
    Ok(page(ctx, found, brief))
}
