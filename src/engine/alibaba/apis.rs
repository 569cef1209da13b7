//! APIs: how their definition is made of the parameters, and how it is shown.
//!
//! The draft is a record whose members have the form `DescribeApi` shows. Beside them stand the members lists and
//! indexes need: `ApiMethod`, `ApiPath`, `PathKey`, `VpcName`.

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::seconds;
use super::answer::{Reply, page};
use super::context::Ctx;
use super::definition;
use super::deploy;
use super::fault::Fault;
use super::groups;
use super::records::{exact, need, part, passes, sweep};
use super::tags;

/// How many APIs a group may have.
const APIS_MAX: usize = 1000;

/// The API a parameter names; it must be in the group that is named with it.
pub(crate) fn named<'g>(ctx: &Ctx, gateway: &'g Gateway) -> Result<&'g Record, Fault> {
    of(gateway, ctx.text("ApiId"), ctx.text("GroupId"))
}

/// The API of an id; an empty group names none.
pub(crate) fn of<'g>(gateway: &'g Gateway, id: &str, group_id: &str) -> Result<&'g Record, Fault> {
    if !group_id.is_empty() {
        need(gateway, Coll::CloudGroup, group_id, "ApiGroup")?;
    }
    let api = need(gateway, Coll::CloudApi, id, "Api")?;
    let inside = group_id.is_empty() || api.text("GroupId") == group_id;
    if inside { Ok(api) } else { Err(Fault::absent("Api")) }
}

/// `CreateApi`.
pub(crate) fn create(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let id = write(ctx, tx, &ctx.params, None)?;
    tags::put(ctx, tx, "api", &[&id], ctx.items("Tag"))?;
    Ok(Reply::one("ApiId", id))
}

/// `ModifyApi`: what is not sent returns to its default.
pub(crate) fn modify(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let old = named(ctx, tx)?.clone();
    let mut params = ctx.params.clone();
    params.insert("GroupId".to_owned(), old.text("GroupId").into());
    write(ctx, tx, &params, Some(&old))?;
    Ok(Reply::empty())
}

/// `ModifyApiConfiguration`: what is not sent stays.
pub(crate) fn configure(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let old = named(ctx, tx)?.clone();
    let params = definition::patched(ctx, tx, &old)?;
    write(ctx, tx, &params, Some(&old))?;
    Ok(Reply::empty())
}

/// Makes or replaces the draft of an API.
pub(crate) fn write(ctx: &Ctx, tx: &mut Tx, params: &Doc, old: Option<&Record>) -> Result<String, Fault> {
    let doc = definition::make(tx, params)?;
    let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("");
    let group_id = text("GroupId");
    need(tx, Coll::CloudGroup, group_id, "ApiGroup")?;
    check_free(tx, &doc, old)?;
    let (id, created) = match old {
        Some(old) => (old.id.to_string(), old.created),
        None => {
            ctx.room("Api", APIS_MAX, tx.count_by(Coll::CloudApi, "GroupId", &[group_id]))?;
            (ctx.id(), ctx.now)
        }
    };
    let row = Record { id: id.as_str().into(), created, updated: ctx.now, doc };
    tx.put(Coll::CloudApi, Row::Record(row));
    Ok(id)
}

/// Refuses a name, or a path with its method, that another API of the group has.
pub(crate) fn check_free(gateway: &Gateway, doc: &Doc, old: Option<&Record>) -> Result<(), Fault> {
    let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("");
    let group_id = text("GroupId");
    let other = |record: &&Record| old.is_none_or(|old| old.id != record.id);
    let mut same = gateway.records_by(Coll::CloudApi, "GroupId,ApiName", &[group_id, text("ApiName")]);
    if same.any(|record| other(&record)) {
        return Err(Fault::duplicate("ApiName"));
    }
    let mut same = gateway.records_by(Coll::CloudApi, "GroupId,PathKey", &[group_id, text("PathKey")]);
    let method = text("ApiMethod");
    let meets = |record: &Record| {
        let its = record.text("ApiMethod");
        its == method || its == "ANY" || method == "ANY"
    };
    if same.any(|record| other(&record) && meets(record)) {
        return Err(Fault::duplicate("RequestPath"));
    }
    Ok(())
}

/// `DeleteApi`: one that runs somewhere is refused.
pub(crate) fn delete(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let id = named(ctx, tx)?.id.clone();
    if tx.count_by(Coll::CloudDeployment, "ApiId", &[&id]) > 0 {
        return Err(Fault::in_use("Api"));
    }
    for coll in [Coll::CloudVersion, Coll::CloudBinding, Coll::CloudAuth] {
        sweep(tx, coll, "ApiId", &[&id]);
    }
    tags::forget(tx, "api", &id);
    tx.remove(Coll::CloudApi, &id);
    Ok(Reply::empty())
}

/// `DescribeApi`.
pub(crate) fn describe(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = named(ctx, gateway)?;
    let mut doc = shown(ctx, gateway, &api.id, &api.doc);
    doc.insert("CreatedTime".to_owned(), seconds(api.created).into());
    doc.insert("ModifiedTime".to_owned(), seconds(api.updated).into());
    doc.insert("DeployedInfos".to_owned(), deploy::infos(gateway, &api.id));
    doc.insert("TagList".to_owned(), tags::of_api(gateway, &api.id));
    Ok(Reply::Doc(doc))
}

/// A definition as answers show it.
pub(crate) fn shown(ctx: &Ctx, gateway: &Gateway, id: &str, definition: &Doc) -> Doc {
    let mut doc = definition.clone();
    let group_id = doc.get("GroupId").and_then(Value::as_str).unwrap_or("");
    let name = groups::name_of(gateway, group_id).to_owned();
    doc.insert("ApiId".to_owned(), id.into());
    doc.insert("GroupName".to_owned(), name.into());
    doc.insert("RegionId".to_owned(), ctx.region.into());
    let backend = doc.get("BackendId").and_then(Value::as_str).unwrap_or("");
    if let Some(backend) = gateway.record(Coll::CloudBackend, backend) {
        let config = json!({"BackendId": backend.id, "BackendName": backend.text("BackendName"),
            "BackendType": backend.text("BackendType")});
        doc.insert("BackendConfig".to_owned(), config);
    }
    doc
}

/// The members of an API that lists show.
pub(crate) fn brief(ctx: &Ctx, gateway: &Gateway, id: &str, definition: &Doc) -> Doc {
    let mut doc = Doc::new();
    let text = |name: &str| definition.get(name).and_then(Value::as_str).unwrap_or("");
    // Lists have one of two words for the same thing.
    for (name, value) in [
        ("ApiId", id),
        ("ApiUid", id),
        ("ApiName", text("ApiName")),
        ("ApiMethod", text("ApiMethod")),
        ("Method", text("ApiMethod")),
        ("ApiPath", text("ApiPath")),
        ("Path", text("ApiPath")),
        ("Description", text("Description")),
        ("Visibility", text("Visibility")),
        ("GroupId", text("GroupId")),
        ("GroupName", groups::name_of(gateway, text("GroupId"))),
        ("RegionId", ctx.region),
    ] {
        doc.insert(name.to_owned(), value.into());
    }
    doc
}

/// `DescribeApis`: drafts.
pub(crate) fn list(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let filters = [part("ApiName"), exact("ApiMethod"), exact("ApiPath"), exact("Visibility")];
    let (stage, undeployed) = (ctx.text("StageName"), ctx.flag("UnDeployed") == Some(true));
    let id = ctx.text("ApiId");
    let wanted = |api: &&Record| {
        let deployed = match stage {
            "" if undeployed => gateway.count_by(Coll::CloudDeployment, "ApiId", &[&api.id]) > 0,
            "" => true,
            _ => gateway.record(Coll::CloudDeployment, &deploy::id(&api.id, stage)).is_some(),
        };
        (id.is_empty() || *api.id == *id)
            && (undeployed != deployed)
            && filters.iter().all(|filter| passes(ctx, filter, api))
            && tags::pass(ctx, gateway, Some("api"), &api.id)
    };
    let make = |api: &Record| {
        let mut doc = brief(ctx, gateway, &api.id, &api.doc);
        doc.insert("CreatedTime".to_owned(), seconds(api.created).into());
        doc.insert("ModifiedTime".to_owned(), seconds(api.updated).into());
        doc.insert("DeployedInfos".to_owned(), deploy::infos(gateway, &api.id));
        doc.insert("TagList".to_owned(), tags::of_api(gateway, &api.id));
        doc
    };
    Ok(match ctx.given("GroupId") {
        Some(group) => {
            need(gateway, Coll::CloudGroup, group, "ApiGroup")?;
            page(ctx, gateway.records_by(Coll::CloudApi, "GroupId", &[group]).filter(wanted), make)
        }
        None => page(ctx, gateway.records(Coll::CloudApi).filter(wanted), make),
    })
}
