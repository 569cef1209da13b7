//! API groups, their three stages and the variables of these.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::{hex, seconds};
use super::answer::Reply;
use super::context::Ctx;
use super::fault::Fault;
use super::instances;
use super::records::{Filter, Kind, PLAIN, by_id, exact, need, part, sweep};

/// The stages every group has, and what they are for.
pub(crate) const STAGES: [(&str, &str); 3] =
    [("RELEASE", "production"), ("PRE", "pre-release"), ("TEST", "test")];

pub(crate) static GROUP: Kind = Kind {
    coll: Coll::CloudGroup,
    id: "GroupId",
    noun: "ApiGroup",
    unique: &[("GroupName", "GroupName")],
    quota: Some((100, None)),
    filters: &[
        by_id("GroupId"),
        part("GroupName"),
        exact("InstanceId"),
        Filter { param: "BasePath", member: "BasePath", part: true },
    ],
    tagged: Some("apiGroup"),
    gone_is_fine: true,
    sorted: true,
    prepare: |ctx, gateway, old, doc| {
        if old.is_none() {
            let instance = instances::of(gateway, ctx.text("InstanceId"))?;
            doc.insert("InstanceId".to_owned(), instance.id.as_ref().into());
            doc.insert("InstanceType".to_owned(), instance.text("InstanceType").into());
            doc.insert("HttpsPolicy".to_owned(), "HTTPS2_TLS1_0".into());
        }
        let path = doc.get("BasePath").and_then(Value::as_str).unwrap_or("");
        if path.is_empty() {
            doc.insert("BasePath".to_owned(), "/".into());
        } else if !path.starts_with('/') || path.contains(char::is_whitespace) {
            return Err(Fault::invalid("BasePath"));
        }
        Ok(())
    },
    extra: |ctx, gateway, record, doc| {
        let domain = sub_domain(ctx, &record.id);
        let more = [
            ("SubDomain", json!(domain)),
            ("Status", json!("NORMAL")),
            ("BillingStatus", json!("NORMAL")),
            ("IllegalStatus", json!("NORMAL")),
            ("TrafficLimit", json!(500)),
            ("Ipv6Status", json!("UNBIND")),
            ("DisableInnerDomain", json!(false)),
            ("CloudMarketCommodity", json!(false)),
        ];
        for (name, value) in more {
            doc.entry(name).or_insert(value);
        }
        if doc.get("VpcIntranetEnable") == Some(&Value::Bool(true)) {
            let domain = format!("{}-{}-vpc.alicloudapi.com", record.id, ctx.region);
            doc.entry("VpcDomain").or_insert(domain.into());
        }
        if doc.get("VpcSlbIntranetEnable") == Some(&Value::Bool(true)) {
            let domain = format!("{}-{}-intranet.alicloudapi.com", record.id, ctx.region);
            doc.entry("VpcSlbIntranetDomain").or_insert(domain.into());
        }
        doc.insert("StageItems".to_owned(), stage_items(record));
        doc.insert("CustomDomains".to_owned(), super::domains::of_group(gateway, &record.id));
    },
    leaving: |_, tx, record| {
        if tx.records_by(Coll::CloudApi, "GroupId", &[&record.id]).next().is_some() {
            return Err(Fault::in_use("ApiGroup"));
        }
        for coll in [Coll::CloudVariable, Coll::CloudBinding, Coll::CloudModel, Coll::CloudDomain] {
            sweep(tx, coll, "GroupId", &[&record.id]);
        }
        Ok(())
    },
    ..PLAIN
};

/// The second-level domain of a group.
pub(crate) fn sub_domain(ctx: &Ctx, group_id: &str) -> String {
    format!("{group_id}-{}.alicloudapi.com", ctx.region)
}

/// The name of a group.
pub(crate) fn name_of<'g>(gateway: &'g Gateway, group_id: &str) -> &'g str {
    gateway.record(Coll::CloudGroup, group_id).map_or("", |group| group.text("GroupName"))
}

/// The group a parameter names.
pub(crate) fn named<'g>(ctx: &Ctx, gateway: &'g Gateway) -> Result<&'g Record, Fault> {
    need(gateway, Coll::CloudGroup, ctx.text("GroupId"), "ApiGroup")
}

/// The id of a stage of a group: what it was loaded with, else made from the group's.
pub(crate) fn stage_id(group: &Record, stage: &str) -> String {
    let loaded = group.doc.get("StageItems").and_then(|items| items["StageInfo"].as_array());
    let known = loaded.and_then(|items| items.iter().find(|item| item["StageName"] == stage));
    if let Some(id) = known.and_then(|item| item["StageId"].as_str()) {
        return id.to_owned();
    }
    hex(digest(&SHA256, format!("{}/{stage}", group.id).as_bytes()).as_ref())[..32].to_owned()
}

fn stage_items(group: &Record) -> Value {
    let one = |(name, about): &(&str, &str)| json!({"StageId": stage_id(group, name), "StageName": name, "Description": about});
    json!({"StageInfo": STAGES.iter().map(one).collect::<Vec<Value>>()})
}

/// The stage of a group that has an id.
pub(crate) fn stage_named<'c>(group: &Record, id: &str) -> Result<&'c str, Fault> {
    let named = STAGES.iter().find(|(name, _)| stage_id(group, name) == id);
    named.map(|(name, _)| *name).ok_or_else(|| Fault::absent("Stage"))
}

/// Changes members of a group: `prepare` gets those that are sent.
fn change(ctx: &Ctx, tx: &mut Tx, change: impl FnOnce(&mut Doc) -> Result<(), Fault>) -> Result<(), Fault> {
    let mut group = named(ctx, tx)?.clone();
    change(&mut group.doc)?;
    group.updated = ctx.now;
    tx.put(Coll::CloudGroup, Row::Record(group));
    Ok(())
}

/// `ModifyApiGroupNetworkPolicy`, `ModifyIntranetDomainPolicy`.
pub(crate) fn network(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    change(ctx, tx, |doc| {
        for name in ["VpcIntranetEnable", "VpcSlbIntranetEnable"] {
            if let Some(flag) = ctx.flag(name) {
                doc.insert(name.to_owned(), flag.into());
            }
        }
        if let Some(flag) = ctx.flag("InnerDomainEnable") {
            doc.insert("DisableInnerDomain".to_owned(), (!flag).into());
        }
        if let Some(flag) = ctx.flag("InternetIPV6Enable") {
            doc.insert("Ipv6Status".to_owned(), if flag { "BIND" } else { "UNBIND" }.into());
        }
        if let Some(policy) = ctx.given("HttpsPolicy") {
            doc.insert("HttpsPolicy".to_owned(), policy.into());
        }
        Ok(())
    })?;
    Ok(Reply::empty())
}

/// `ModifyApiGroupInstance`.
pub(crate) fn move_to(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let instance = instances::of(tx, ctx.text("TargetInstanceId"))?;
    let (id, kind) = (instance.id.clone(), instance.text("InstanceType").to_owned());
    change(ctx, tx, |doc| {
        doc.insert("InstanceId".to_owned(), id.as_ref().into());
        doc.insert("InstanceType".to_owned(), kind.into());
        doc.insert("MigrationStatus".to_owned(), "Success".into());
        Ok(())
    })?;
    Ok(Reply::empty())
}

/// `ModifyApiGroupVpcWhitelist`.
pub(crate) fn set_whitelist(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    change(ctx, tx, |doc| {
        doc.insert("VpcIds".to_owned(), ctx.text("VpcIds").into());
        Ok(())
    })?;
    Ok(Reply::empty())
}

/// `DescribeApiGroupVpcWhitelist`.
pub(crate) fn whitelist(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    Ok(Reply::one("VpcIds", named(ctx, gateway)?.text("VpcIds")))
}

/// `SetGroupAuthAppCode`.
pub(crate) fn set_code(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    change(ctx, tx, |doc| {
        doc.insert("AuthAppCode".to_owned(), ctx.text("AuthAppCode").into());
        Ok(())
    })?;
    Ok(Reply::empty())
}

/// `CreateIntranetDomain`.
pub(crate) fn intranet_domain(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let domain = format!("{}-{}-vpc.alicloudapi.com", named(ctx, tx)?.id, ctx.region);
    change(ctx, tx, |doc| {
        doc.insert("VpcIntranetEnable".to_owned(), true.into());
        Ok(())
    })?;
    Ok(Reply::one("DomainName", domain))
}

/// `CreateApiStageVariable`.
pub(crate) fn set_variable(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let group = named(ctx, tx)?;
    let (group_id, stage) = (group.id.clone(), stage_named(group, ctx.text("StageId"))?);
    let name = ctx.text("VariableName");
    let fits = name.len() <= 50 && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-".contains(&c));
    if !fits {
        return Err(Fault::invalid("VariableName"));
    }
    let id = variable_id(&group_id, stage, name);
    if tx.record(Coll::CloudVariable, &id).is_some() {
        return Err(Fault::duplicate("VariableName"));
    }
    let count = tx.count_by(Coll::CloudVariable, "GroupId,StageName", &[&group_id, stage]);
    ctx.room("StageVariable", 50, count)?;
    let mut doc = Doc::new();
    doc.insert("GroupId".to_owned(), group_id.as_ref().into());
    doc.insert("StageName".to_owned(), stage.into());
    for name in ["VariableName", "VariableValue", "SupportRoute", "StageRouteModel"] {
        if let Some(value) = ctx.params.get(name) {
            doc.insert(name.to_owned(), value.clone());
        }
    }
    tx.put(
        Coll::CloudVariable,
        Row::Record(Record { id: id.into(), created: ctx.now, updated: ctx.now, doc }),
    );
    Ok(Reply::empty())
}

/// The id of a variable.
pub(crate) fn variable_id(group_id: &str, stage: &str, name: &str) -> String {
    format!("{group_id}/{stage}/{name}")
}

/// `DeleteApiStageVariable`.
pub(crate) fn delete_variable(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let group = named(ctx, tx)?;
    let stage = stage_named(group, ctx.text("StageId"))?;
    let id = variable_id(&group.id, stage, ctx.text("VariableName"));
    if tx.remove(Coll::CloudVariable, &id) { Ok(Reply::empty()) } else { Err(Fault::absent("StageVariable")) }
}

/// `DescribeApiStage`: one stage of a group with its variables.
pub(crate) fn stage(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let group = named(ctx, gateway)?;
    let stage = stage_named(group, ctx.text("StageId"))?;
    let about = STAGES.iter().find(|(name, _)| *name == stage).map_or("", |(_, about)| about);
    let variables: Vec<&Record> =
        gateway.records_by(Coll::CloudVariable, "GroupId,StageName", &[&group.id, stage]).collect();
    let changed = variables.iter().map(|variable| variable.updated).max().unwrap_or(group.created);
    let members = [
        ("GroupId", group.id.as_ref()),
        ("StageId", ctx.text("StageId")),
        ("StageName", stage),
        ("Description", about),
    ];
    let mut doc: Doc = members.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect();
    doc.insert("CreatedTime".to_owned(), seconds(group.created).into());
    doc.insert("ModifiedTime".to_owned(), seconds(changed).into());
    let items: Vec<Value> = variables.into_iter().map(|it| Value::Object(it.doc.clone())).collect();
    doc.insert("Variables".to_owned(), items.into());
    Ok(Reply::Doc(doc))
}
