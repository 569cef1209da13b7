//! What is bound to an API in a stage: a traffic control, a signature key, an IP control. One of each at a time.

use serde_json::Value;

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::seconds;
use super::answer::{Reply, page};
use super::apis;
use super::context::Ctx;
use super::fault::Fault;
use super::groups;
use super::records::need;

/// A kind of what can be bound.
pub(crate) struct Policy {
    /// What the bindings are kept under.
    pub(crate) name: &'static str,
    pub(crate) coll: Coll,
    /// The parameter and member with its id.
    pub(crate) id: &'static str,
    /// The member with its name.
    pub(crate) title: &'static str,
    pub(crate) noun: &'static str,
}

pub(crate) static TRAFFIC: Policy = Policy {
    name: "trafficControl",
    coll: Coll::CloudTraffic,
    id: "TrafficControlId",
    title: "TrafficControlName",
    noun: "TrafficControl",
};
pub(crate) static SIGNATURE: Policy = Policy {
    name: "signature",
    coll: Coll::CloudSignature,
    id: "SignatureId",
    title: "SignatureName",
    noun: "Signature",
};
pub(crate) static IP_CONTROL: Policy = Policy {
    name: "ipControl",
    coll: Coll::CloudIpControl,
    id: "IpControlId",
    title: "IpControlName",
    noun: "IpControl",
};

/// The id of a binding. `slot` tells those apart of which there may be several in one place.
pub(crate) fn id(policy: &str, place: &str, stage: &str, slot: &str) -> String {
    format!("{policy}/{place}/{stage}/{slot}")
}

/// A binding as a row; the same one again keeps its time.
pub(crate) fn put(ctx: &Ctx, tx: &mut Tx, id: String, members: &[(&str, &str)]) {
    let doc: Doc = members.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    if tx.record(Coll::CloudBinding, &id).is_some_and(|old| old.doc == doc) {
        return;
    }
    let row = Record { id: id.into(), created: ctx.now, updated: ctx.now, doc };
    tx.put(Coll::CloudBinding, Row::Record(row));
}

/// Refuses what is bound somewhere.
pub(crate) fn check_free(gateway: &Gateway, policy: &str, id: &str, noun: &str) -> Result<(), Fault> {
    if gateway.count_by(Coll::CloudBinding, "Policy,PolicyId", &[policy, id]) > 0 {
        return Err(Fault::in_use(noun));
    }
    Ok(())
}

/// The APIs of a call; all must be in the group that is named with them.
fn targets(ctx: &Ctx, gateway: &Gateway) -> Result<Vec<String>, Fault> {
    groups::named(ctx, gateway)?;
    let mut out: Vec<String> = Vec::new();
    for id in ctx.texts("ApiIds") {
        apis::of(gateway, id, ctx.text("GroupId"))?;
        if !out.iter().any(|known| known == id) {
            out.push(id.to_owned());
        }
    }
    Ok(out)
}

/// `Set…Apis`: binds, in place of what was bound before.
pub(crate) fn set(policy: &Policy, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let policy_id = need(tx, policy.coll, ctx.text(policy.id), policy.noun)?.id.clone();
    let (group, stage) = (ctx.text("GroupId"), ctx.text("StageName"));
    for api_id in targets(ctx, tx)? {
        let members = [
            ("Policy", policy.name),
            ("PolicyId", &*policy_id),
            ("ApiId", &api_id),
            ("GroupId", group),
            ("StageName", stage),
        ];
        put(ctx, tx, id(policy.name, &api_id, stage, ""), &members);
    }
    Ok(Reply::empty())
}

/// `Remove…Apis`: from the named APIs, or from all of the group in the stage. What is not bound stays so.
pub(crate) fn remove(policy: &Policy, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let policy_id = need(tx, policy.coll, ctx.text(policy.id), policy.noun)?.id.clone();
    let (named, stage) = (targets(ctx, tx)?, ctx.text("StageName"));
    let all = !ctx.params.contains_key("ApiIds");
    let gone: Vec<Box<str>> = tx
        .records_by(
            Coll::CloudBinding,
            "Policy,GroupId,StageName",
            &[policy.name, ctx.text("GroupId"), stage],
        )
        .filter(|binding| *binding.text("PolicyId") == *policy_id)
        .filter(|binding| all || named.iter().any(|api| api == binding.text("ApiId")))
        .map(|binding| binding.id.clone())
        .collect();
    for id in gone {
        tx.remove(Coll::CloudBinding, &id);
    }
    Ok(Reply::empty())
}

/// `Describe…sByApi`: what is bound to one API in a stage.
pub(crate) fn by_api(policy: &Policy, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = apis::named(ctx, gateway)?;
    let found = gateway.records_by(
        Coll::CloudBinding,
        "Policy,ApiId,StageName",
        &[policy.name, &api.id, ctx.text("StageName")],
    );
    Ok(page(ctx, found, |binding| shown(policy, ctx, gateway, binding)))
}

/// `DescribeApi…s`: what is bound to the APIs of a group in a stage.
pub(crate) fn of_group(policy: &Policy, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let (group, named) = (groups::named(ctx, gateway)?, ctx.texts("ApiIds"));
    let found = gateway
        .records_by(
            Coll::CloudBinding,
            "Policy,GroupId,StageName",
            &[policy.name, &group.id, ctx.text("StageName")],
        )
        .filter(|binding| named.is_empty() || named.contains(&binding.text("ApiId")));
    Ok(page(ctx, found, |binding| shown(policy, ctx, gateway, binding)))
}

/// `DescribeApisBy…`: where one is bound.
pub(crate) fn apis_of(policy: &Policy, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let it = need(gateway, policy.coll, ctx.text(policy.id), policy.noun)?;
    let found = gateway.records_by(Coll::CloudBinding, "Policy,PolicyId", &[policy.name, &it.id]);
    Ok(page(ctx, found, |binding| shown(policy, ctx, gateway, binding)))
}

/// The API, the stage and what is bound.
fn shown(policy: &Policy, ctx: &Ctx, gateway: &Gateway, binding: &Record) -> Doc {
    let mut doc = place(ctx, gateway, binding);
    let id = binding.text("PolicyId");
    let title = gateway.record(policy.coll, id).map_or("", |it| it.text(policy.title));
    doc.insert("BoundTime".to_owned(), seconds(binding.created).into());
    for name in [policy.id.to_owned(), format!("{}ItemId", policy.noun)] {
        doc.insert(name, id.into());
    }
    for name in [policy.title.to_owned(), format!("{}ItemName", policy.noun)] {
        doc.insert(name, title.into());
    }
    doc
}

/// The API and the stage of a binding, or of anything else that names both.
pub(crate) fn place(ctx: &Ctx, gateway: &Gateway, binding: &Record) -> Doc {
    let api_id = binding.text("ApiId");
    let empty = Doc::new();
    let definition = gateway.record(Coll::CloudApi, api_id).map_or(&empty, |api| &api.doc);
    let mut doc = apis::brief(ctx, gateway, api_id, definition);
    let stage = binding.text("StageName");
    let about = groups::STAGES.iter().find(|(name, _)| *name == stage).map_or("", |(_, about)| about);
    doc.insert("StageName".to_owned(), stage.into());
    doc.insert("StageAlias".to_owned(), Value::from(about));
    if let Some(group) = gateway.record(Coll::CloudGroup, binding.text("GroupId")) {
        doc.insert("StageId".to_owned(), groups::stage_id(group, stage).into());
    }
    doc
}
