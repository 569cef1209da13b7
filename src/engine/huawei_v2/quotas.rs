//! What limits an application: its quota (3.29, 3.28.13) and its access control (3.28.14–3.28.16).
//!
//! An application has at most one quota; another takes its place.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::context::{Ctx, Members, Reply};
use super::fault::Fault;
use super::kinds::{APP, is_address, sweep};
use super::records::{self, Filter, Kind, PLAIN, find, past};

pub(crate) static QUOTA: Kind = Kind {
    coll: Coll::Quota,
    param: "app_quota_id",
    missing: "APIG.3093",
    times: (Some("create_time"), None),
    unique: &[("name", "APIG.3325")],
    filters: &[Filter("name", "name", true)],
    prepare: |ctx, _, _, doc| {
        let reset = doc.get("reset_time").and_then(Value::as_str).unwrap_or("");
        let time = reset.replacen(' ', "T", 1);
        if reset.is_empty() || (reset.len() == 19 && super::super::time::parse(&time).is_some()) {
            Ok(())
        } else {
            Err(ctx.bad("reset_time"))
        }
    },
    extra: |ctx, gateway, record| {
        let bound = gateway.count_by(Coll::QuotaApp, "app_quota_id", &[&record.id]);
        let mut extra = vec![("app_quota_id", record.id.as_ref().into()), ("bound_app_num", json!(bound))];
        // A read shows the time of reset with two time zones, as the examples of 3.29.2 do.
        let reset = record.text("reset_time");
        if ctx.operation.method == "GET" && !reset.is_empty() {
            extra.push(("reset_time", format!("{reset} +0000 +0000").into()));
        }
        extra
    },
    leaving: |_, tx, record| {
        sweep(tx, Coll::QuotaApp, "app_quota_id", &record.id);
        Ok(())
    },
    ..PLAIN
};

pub(crate) static QUOTA_APP: Kind = Kind { coll: Coll::QuotaApp, times: (Some("bound_time"), None), ..PLAIN };
pub(crate) static APP_ACL: Kind = Kind { coll: Coll::AppAcl, ..PLAIN };

/// 3.29.7: one quota for many applications.
pub(crate) fn bind(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let quota_id = find(&QUOTA, ctx, tx)?.id.to_string();
    let app_ids = ctx.texts("app_ids");
    if app_ids.is_empty() {
        return Err(ctx.missing("app_ids"));
    }
    let mut seen = BTreeSet::new();
    let mut applies = Vec::new();
    for app_id in app_ids.into_iter().filter(|id| seen.insert(*id)) {
        records::exists(tx, Coll::App, app_id, APP.missing)?;
        let before = tx.record(Coll::QuotaApp, app_id).filter(|it| it.text("app_quota_id") == quota_id);
        let time = before.map_or(ctx.now, |before| before.created);
        let mut doc = Doc::new();
        doc.insert("app_quota_id".to_owned(), quota_id.as_str().into());
        let record = Record { id: app_id.into(), created: time, updated: time, doc };
        tx.put(Coll::QuotaApp, Row::Record(record));
        applies.push(json!({"app_quota_id": quota_id, "app_id": app_id, "bound_time": ctx.time(time)}));
    }
    Ok(Reply::value(&json!({"applies": applies})))
}

/// 3.29.8.
pub(crate) fn unbind(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let quota_id = find(&QUOTA, ctx, tx)?.id.to_string();
    let app = find(&APP, ctx, tx)?.id.clone();
    let bound = tx.record(Coll::QuotaApp, &app).is_some_and(|it| it.text("app_quota_id") == quota_id);
    if !bound {
        let text = format!("The app {app} is not bound to the quota {quota_id}");
        return Err(Fault::of(QUOTA.missing, &quota_id).saying(text));
    }
    tx.remove(Coll::QuotaApp, &app);
    Ok(Reply::Empty)
}

fn app_members<'r>(ctx: &Ctx, app: &'r Record) -> Members<'r> {
    Members::of(&app.doc)
        .with("app_id", app.id.as_ref())
        .with("register_time", past(app.created))
        .with("update_time", ctx.time(app.updated))
}

fn passes(ctx: &Ctx, app: &Record) -> bool {
    ctx.query.get("app_name").is_none_or(|part| app.text("name").contains(part))
}

/// 3.29.6: the applications with a quota.
pub(crate) fn bound_apps(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let quota = find(&QUOTA, ctx, gateway)?;
    let fields = ctx.operation.item();
    let all = gateway.records_by(Coll::QuotaApp, "app_quota_id", &[&quota.id]).filter_map(|bound| {
        let app = gateway.record(Coll::App, &bound.id)?;
        passes(ctx, app).then_some((bound, app))
    });
    Ok(Reply::page(ctx, all, |out, (bound, app)| {
        let members = app_members(ctx, app)
            .with("app_quota_id", quota.id.as_ref())
            .with("app_quota_name", quota.text("name"))
            .with("bound_time", ctx.time(bound.created));
        members.write(fields, out);
    }))
}

/// 3.29.9: the applications that have no quota yet.
pub(crate) fn bindable_apps(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    find(&QUOTA, ctx, gateway)?;
    let fields = ctx.operation.item();
    let free = |app: &&Record| gateway.record(Coll::QuotaApp, &app.id).is_none() && passes(ctx, app);
    Ok(Reply::page(ctx, gateway.records(Coll::App).filter(free), |out, app| {
        app_members(ctx, app).with("bound_time", "0001-01-01T00:00:00Z").write(fields, out);
    }))
}

/// 3.28.13: the quota of an application; an empty object when it has none.
pub(crate) fn of_app(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, gateway)?;
    let bound = gateway.record(Coll::QuotaApp, &app.id);
    let quota = bound.and_then(|bound| gateway.record(Coll::Quota, bound.text("app_quota_id")));
    Ok(quota.map_or_else(|| Reply::value(&json!({})), |quota| records::show(&QUOTA, ctx, gateway, quota)))
}

/// 3.28.14: sets the access control of an application.
pub(crate) fn set_acl(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, tx)?.id.clone();
    if !["PERMIT", "DENY"].contains(&ctx.text("app_acl_type")) {
        return Err(ctx.bad("app_acl_type"));
    }
    let values = ctx.texts("app_acl_values");
    if values.is_empty() || values.len() > 100 || !values.iter().all(|value| is_address(value)) {
        return Err(ctx.bad("app_acl_values"));
    }
    let created = tx.record(Coll::AppAcl, &app).map_or(ctx.now, |old| old.created);
    let record = Record { id: app, created, updated: ctx.now, doc: ctx.body.clone() };
    let reply = acl(ctx, &record);
    tx.put(Coll::AppAcl, Row::Record(record));
    Ok(reply)
}

fn acl(ctx: &Ctx, record: &Record) -> Reply {
    Reply::object(ctx, &Members::of(&record.doc).with("app_id", record.id.as_ref()))
}

/// 3.28.15: for an application without one, a type that is empty and no values.
pub(crate) fn read_acl(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, gateway)?;
    let none = || Reply::value(&json!({"app_id": app.id, "app_acl_type": "", "app_acl_values": []}));
    Ok(gateway.record(Coll::AppAcl, &app.id).map_or_else(none, |record| acl(ctx, record)))
}

/// 3.28.16.
pub(crate) fn delete_acl(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, tx)?.id.clone();
    tx.remove(Coll::AppAcl, &app);
    Ok(Reply::Empty)
}
