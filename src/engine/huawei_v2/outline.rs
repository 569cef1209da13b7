//! Small calls over what is there: counts (3.11), tags (3.20.1), name check (3.1.6), debugging domain (3.12.5), deletion
//! of many access control policies (3.13.4).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::model::{Coll, Row};
use super::super::store::{Gateway, Tx};
use super::context::{Ctx, Reply, put};
use super::fault::Fault;
use super::kinds::{ACL, RELEASE};

/// 3.1.6.
pub(crate) fn check_group_name(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let taken = gateway.records_by(Coll::Group, "name", &[ctx.text("group_name")]).next().is_some();
    if taken { Err(Fault::new("APIG.3201")) } else { Ok(Reply::Empty) }
}

/// 3.11.1.
pub(crate) fn apis(_: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let all = gateway.table(Coll::Api).len();
    let released = gateway.count_by(Coll::Publication, "env_id", &[RELEASE]);
    let offline = all.saturating_sub(released);
    Ok(Reply::value(&json!({"instance_num": all, "nums_on_release": released, "nums_off_release": offline})))
}

/// 3.11.2.
pub(crate) fn groups(_: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    Ok(Reply::value(&json!({"offsell_nums": 0, "onsell_nums": gateway.table(Coll::Group).len()})))
}

/// 3.11.3, under the document's names and those the official client reads.
pub(crate) fn apps(_: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let authorized = gateway
        .records(Coll::App)
        .filter(|app| gateway.count_by(Coll::AppAuth, "app_id", &[&app.id]) > 0)
        .count();
    let rest = gateway.table(Coll::App).len() - authorized;
    Ok(Reply::value(&json!({
        "authenticated_nums": authorized,
        "unauthenticated_nums": rest,
        "authed_nums": authorized,
        "unauthed_nums": rest,
    })))
}

/// 3.20.1: the tags in use.
pub(crate) fn tags(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let all: BTreeSet<&str> =
        gateway.apis().flat_map(|api| api.definition.tags.iter().map(AsRef::as_ref)).collect();
    Ok(Reply::page(ctx, all.into_iter(), put))
}

/// 3.12.5.
pub(crate) fn debug_domain(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let id = ctx.path("group_id");
    let mut group = tx.record(Coll::Group, id).cloned().ok_or_else(|| Fault::of("APIG.3001", id))?;
    let enabled = ctx.body.get("sl_domain_access_enabled").and_then(Value::as_bool).unwrap_or(true);
    group.doc.insert("sl_domain_access_enabled".to_owned(), json!(enabled));
    group.updated = ctx.now;
    tx.put(Coll::Group, Row::Record(group));
    Ok(Reply::Empty)
}

/// 3.13.4: one that cannot go is reported and does not stop the others.
pub(crate) fn delete_acls(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let ids = ctx.texts("acls");
    if ids.is_empty() {
        return Err(ctx.missing("acls"));
    }
    let mut seen = BTreeSet::new();
    let (mut count, mut failure) = (0, Vec::new());
    for id in ids.into_iter().filter(|id| seen.insert(*id)) {
        let found = tx.record(Coll::Acl, id).cloned().ok_or_else(|| Fault::of(ACL.missing, id));
        let name = found.as_ref().map_or(String::new(), |acl| acl.text("acl_name").to_owned());
        match found.and_then(|acl| (ACL.leaving)(ctx, tx, &acl)) {
            Ok(()) => {
                tx.remove(Coll::Acl, id);
                count += 1;
            }
            Err(fault) => {
                let (code, message) = ctx.told(&fault);
                failure.push(json!({
                    "acl_id": id, "acl_name": name, "error_code": code, "error_msg": message,
                }));
            }
        }
    }
    Ok(Reply::value(&json!({"success_count": count, "failure": failure})))
}
