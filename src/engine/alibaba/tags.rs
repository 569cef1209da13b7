//! Tags of groups, APIs, applications, plug-ins and more: one table for all.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::answer::Reply;
use super::context::Ctx;
use super::fault::Fault;

/// The most tags of one resource.
const TAGS_MAX: usize = 20;
/// How many tags an answer of `ListTagResources` holds.
const PAGE: usize = 100;

/// The kinds of resources that can be tagged: what tags call them, and where they are kept.
const TAGGED: [(&str, Coll); 8] = [
    ("apiGroup", Coll::CloudGroup),
    ("plugin", Coll::CloudPlugin),
    ("app", Coll::CloudApp),
    ("api", Coll::CloudApi),
    ("vpcAccess", Coll::CloudVpc),
    ("backend", Coll::CloudBackend),
    ("model", Coll::CloudModel),
    ("dataset", Coll::CloudDataset),
];

fn of<'g>(gateway: &'g Gateway, resource: &str, id: &str) -> impl Iterator<Item = &'g Record> + use<'g> {
    gateway.records_by(Coll::CloudTag, "ResourceType,ResourceId", &[resource, id])
}

/// The tags of a resource as most answers show them.
pub(crate) fn shown(gateway: &Gateway, resource: &str, id: &str) -> Value {
    let one = |tag: &Record| json!({"Key": tag.text("TagKey"), "Value": tag.text("TagValue")});
    of(gateway, resource, id).map(one).collect()
}

/// The tags of an API as its answers show them.
pub(crate) fn of_api(gateway: &Gateway, id: &str) -> Value {
    let one = |tag: &Record| json!({"TagKey": tag.text("TagKey"), "TagValue": tag.text("TagValue")});
    of(gateway, "api", id).map(one).collect()
}

/// Whether a resource has all the tags the request asks for.
pub(crate) fn pass(ctx: &Ctx, gateway: &Gateway, resource: Option<&str>, id: &str) -> bool {
    let Some(resource) = resource else { return true };
    ctx.items("Tag").iter().all(|wanted| of(gateway, resource, id).any(|tag| is(tag, wanted)))
}

/// A tag that is asked for without a value is found by its key.
fn is(tag: &Record, wanted: &Value) -> bool {
    let text = |name: &str| wanted[name].as_str().unwrap_or("");
    tag.text("TagKey") == text("Key") && (text("Value").is_empty() || tag.text("TagValue") == text("Value"))
}

/// Puts tags on resources; true when there were any.
pub(crate) fn put(
    ctx: &Ctx,
    tx: &mut Tx,
    resource: &str,
    ids: &[&str],
    tags: &[Value],
) -> Result<bool, Fault> {
    let mut keys = BTreeSet::new();
    for tag in tags {
        let key = tag["Key"].as_str().unwrap_or("");
        if key.len() > 128 || key.starts_with("acs:") || key.starts_with("aliyun") {
            return Err(Fault::new("InvalidParameter.Format").coded("InvalidParameter.TagKey"));
        }
        if !keys.insert(key) {
            return Err(Fault::repeated("TagKey"));
        }
    }
    for id in ids {
        for tag in tags {
            let (key, value) = (tag["Key"].as_str().unwrap_or(""), tag["Value"].as_str().unwrap_or(""));
            let mut doc = Doc::new();
            for (name, value) in
                [("ResourceType", resource), ("ResourceId", id), ("TagKey", key), ("TagValue", value)]
            {
                doc.insert(name.to_owned(), value.into());
            }
            let id = format!("{resource}/{id}/{key}").into();
            tx.put(Coll::CloudTag, Row::Record(Record { id, created: ctx.now, updated: ctx.now, doc }));
        }
        if of(tx, resource, id).count() > ctx.limit("CLOUDAPI_TAG_NUM_LIMIT", TAGS_MAX) {
            return Err(Fault::too_many("Tag"));
        }
    }
    Ok(!tags.is_empty())
}

/// Removes all tags of a resource that goes.
pub(crate) fn forget(tx: &mut Tx, resource: &str, id: &str) {
    super::records::sweep(tx, Coll::CloudTag, "ResourceType,ResourceId", &[resource, id]);
}

/// The resources of a call; all must exist.
fn resources<'c>(ctx: &'c Ctx, gateway: &Gateway) -> Result<Vec<&'c str>, Fault> {
    let resource = ctx.text("ResourceType");
    let Some((_, coll)) = TAGGED.iter().find(|(name, _)| *name == resource) else {
        return Err(Fault::invalid("ResourceType"));
    };
    let ids = ctx.texts("ResourceId");
    match ids.iter().find(|id| gateway.record(*coll, id).is_none()) {
        Some(_) => Err(Fault::absent("ResourceId")),
        None => Ok(ids),
    }
}

/// `TagResources`: all resources get all tags, or none gets any.
pub(crate) fn tag(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let ids = resources(ctx, tx)?;
    put(ctx, tx, ctx.text("ResourceType"), &ids, ctx.items("Tag"))?;
    Ok(Reply::empty())
}

/// `UntagResources`: the named keys, or all when none is named and `All` says so.
pub(crate) fn untag(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let (ids, keys) = (resources(ctx, tx)?, ctx.texts("TagKey"));
    let all = keys.is_empty() && ctx.flag("All") == Some(true);
    for id in ids {
        let gone: Vec<Box<str>> = of(tx, ctx.text("ResourceType"), id)
            .filter(|tag| all || keys.contains(&tag.text("TagKey")))
            .map(|tag| tag.id.clone())
            .collect();
        for id in gone {
            tx.remove(Coll::CloudTag, &id);
        }
    }
    Ok(Reply::empty())
}

/// `ListTagResources`: the tags of the named resources, or of those that have all the named tags.
pub(crate) fn list(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let (ids, wanted) = (ctx.texts("ResourceId"), ctx.items("Tag"));
    if ids.is_empty() && wanted.is_empty() {
        return Err(Fault::missing("ResourceId"));
    }
    let resource = ctx.text("ResourceType");
    let from: usize = match ctx.given("NextToken") {
        Some(token) => token.parse().map_err(|_| Fault::invalid("NextToken"))?,
        None => 0,
    };
    let fits = |tag: &&Record| {
        let id = tag.text("ResourceId");
        (ids.is_empty() || ids.contains(&id)) && pass(ctx, gateway, Some(resource), id)
    };
    let all: Vec<Value> = gateway
        .records_by(Coll::CloudTag, "ResourceType", &[resource])
        .filter(fits)
        .skip(from)
        .take(PAGE + 1)
        .map(|tag| Value::Object(tag.doc.clone()))
        .collect();
    let next = if all.len() > PAGE { (from + PAGE).to_string() } else { String::new() };
    let mut doc = Doc::new();
    doc.insert("NextToken".to_owned(), next.into());
    doc.insert("TagResources".to_owned(), all.into_iter().take(PAGE).collect());
    Ok(Reply::Doc(doc))
}
