//! Applications beyond the five verbs (3.28.4, 3.28.5) and their authorizations (3.10).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::bindings::env_name;
use super::context::{Ctx, Members, Reply, mask};
use super::fault::Fault;
use super::kinds::APP;
use super::records::{exists, find, show};
use super::{apis, limits};

/// 3.28.4.
pub(crate) fn reset_secret(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let mut app = find(&APP, ctx, tx)?.clone();
    let given = ctx.text("app_secret");
    if !given.is_empty() && !limits::enabled(ctx, "APP_KEY_SECRET_SWITCH") {
        return Err(ctx.bad("app_secret"));
    }
    let secret = if given.is_empty() { mask(&ctx.id()) } else { mask(given) };
    app.doc.insert("app_secret".to_owned(), secret.into());
    app.updated = ctx.now;
    tx.put(Coll::App, Row::Record(app.clone()));
    Ok(show(&APP, ctx, tx, &app))
}

/// 3.28.5.
pub(crate) fn verify(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    Ok(show(&APP, ctx, gateway, find(&APP, ctx, gateway)?))
}

/// 3.10.1: every application for every API, in one environment.
pub(crate) fn authorize(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let env_id = ctx.text("env_id");
    exists(tx, Coll::Env, env_id, "APIG.3003")?;
    let (app_ids, api_ids) = (unique(ctx.texts("app_ids")), unique(ctx.texts("api_ids")));
    for (name, ids) in [("app_ids", &app_ids), ("api_ids", &api_ids)] {
        if ids.is_empty() {
            return Err(ctx.missing(name));
        }
    }
    for app_id in &app_ids {
        exists(tx, Coll::App, app_id, "APIG.3004")?;
    }
    for api_id in &api_ids {
        apis::find(tx, api_id)?;
    }
    let mut auths = Vec::new();
    for app_id in &app_ids {
        for api_id in &api_ids {
            auths.push(authorize_one(ctx, tx, app_id, api_id, env_id));
        }
    }
    Ok(Reply::value(&json!({"auths": auths})))
}

fn unique(ids: Vec<&str>) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}

fn authorize_one(ctx: &Ctx, tx: &mut Tx, app_id: &str, api_id: &str, env_id: &str) -> Value {
    if let Some(api) = tx.api(api_id).filter(|api| *api.definition.auth_type != *"APP") {
        let (code, message) = ctx.told(&ctx.bad("api_ids"));
        let app_name = tx.record(Coll::App, app_id).map_or("", |app| app.text("name"));
        return json!({"app_id": app_id, "api_id": api_id, "auth_result": {
            "status": "FAILED", "error_code": code, "error_msg": message,
            "api_name": api.definition.name, "app_name": app_name,
        }});
    }
    let before =
        tx.records_by(Coll::AppAuth, "app_id,api_id,env_id", &[app_id, api_id, env_id]).next().cloned();
    let (record, status) = match before {
        Some(record) => (record, "SKIPPED"),
        None => {
            let mut doc = Doc::new();
            for (name, value) in [("app_id", app_id), ("api_id", api_id), ("env_id", env_id)] {
                doc.insert(name.to_owned(), value.into());
            }
            let record = Record { id: ctx.id().into(), created: ctx.now, updated: ctx.now, doc };
            tx.put(Coll::AppAuth, Row::Record(record.clone()));
            (record, "SUCCESS")
        }
    };
    json!({
        "id": record.id.as_ref(),
        "app_id": app_id,
        "api_id": api_id,
        "auth_time": ctx.time(record.created),
        "auth_role": "PROVIDER",
        "auth_tunnel": "NORMAL",
        "auth_result": {"status": status},
    })
}

/// 3.10.2.
pub(crate) fn cancel(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let id = ctx.path("app_auth_id");
    if tx.remove(Coll::AppAuth, id) { Ok(Reply::Empty) } else { Err(Fault::of("APIG.3009", id)) }
}

/// 3.10.3, 3.10.5: one side of the authorizations, or all of them.
pub(crate) fn authorizations(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    if let Some(id) = ctx.query.get("app_id") {
        exists(gateway, Coll::App, id, "APIG.3004")?;
    }
    if let Some(id) = ctx.query.get("api_id") {
        exists(gateway, Coll::Api, id, "APIG.3002")?;
    }
    let fields = ctx.operation.item();
    let all = gateway.records(Coll::AppAuth).map(|auth| (auth, authorization(ctx, gateway, auth)));
    let wanted = all.filter(|(_, members)| {
        let text = |name: &str| {
            let value = members.extra.iter().find(|(n, _)| *n == name);
            value.and_then(|(_, value)| value.as_str()).unwrap_or("")
        };
        let exact = ["app_id", "api_id", "env_id", "group_id"];
        let part = ["api_name", "group_name", "app_name"];
        exact.iter().all(|name| ctx.query.get(name).is_none_or(|wanted| text(name) == wanted))
            && part.iter().all(|name| ctx.query.get(name).is_none_or(|wanted| text(name).contains(wanted)))
    });
    Ok(Reply::page(ctx, wanted, |out, (_, members)| members.write(fields, out)))
}

fn authorization(ctx: &Ctx, gateway: &Gateway, auth: &Record) -> Members<'static> {
    let (app_id, api_id, env_id) = (auth.text("app_id"), auth.text("api_id"), auth.text("env_id"));
    let app = |name: &str| gateway.record(Coll::App, app_id).map_or("", |app| app.text(name)).to_owned();
    let publication = gateway.published(api_id, env_id).map_or("", |it| &it.id);
    let mut members = Members::default()
        .with("id", auth.id.as_ref())
        .with("app_id", app_id)
        .with("app_name", app("name"))
        .with("app_remark", app("remark"))
        .with("app_type", "apig")
        .with("app_creator", "USER")
        .with("api_id", api_id)
        .with("env_id", env_id)
        .with("env_name", env_name(gateway, env_id))
        .with("publish_id", publication)
        .with("auth_time", ctx.time(auth.created))
        .with("auth_role", "PROVIDER")
        .with("auth_tunnel", "NORMAL");
    if let Some(api) = gateway.api(api_id) {
        let it = &api.definition;
        let group = gateway.record(Coll::Group, &it.group_id).map_or("", |group| group.text("name"));
        members = members
            .with("api_name", it.name.as_ref())
            .with("api_type", it.kind)
            .with("api_remark", it.remark.as_ref())
            .with("group_id", it.group_id.as_ref())
            .with("group_name", group);
    }
    members
}

/// 3.10.4: the APIs for applications that one is not yet authorized for.
pub(crate) fn unauthorized_apis(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let (app_id, env_id) = (ctx.query.get("app_id").unwrap_or(""), ctx.query.get("env_id").unwrap_or(""));
    exists(gateway, Coll::App, app_id, "APIG.3004")?;
    exists(gateway, Coll::Env, env_id, "APIG.3003")?;
    let fields = ctx.operation.item();
    let all = gateway.apis().filter(|api| {
        let it = &api.definition;
        *it.auth_type == *"APP"
            && gateway.count_by(Coll::AppAuth, "app_id,api_id,env_id", &[app_id, &api.id, env_id]) == 0
            && ctx.query.get("group_id").is_none_or(|id| *id == *it.group_id)
            && ctx.query.get("api_id").is_none_or(|id| *id == *api.id)
            && ctx.query.get("api_name").is_none_or(|part| it.name.contains(part))
    });
    Ok(Reply::page(ctx, all, |out, api| {
        let it = &api.definition;
        let online = gateway.published(&api.id, env_id);
        let group = gateway.record(Coll::Group, &it.group_id).map_or("", |group| group.text("name"));
        let members = Members::default()
            .with("id", api.id.as_ref())
            .with("name", it.name.as_ref())
            .with("auth_type", it.auth_type.as_ref())
            .with("group_id", it.group_id.as_ref())
            .with("group_name", group)
            .with("remark", it.remark.as_ref())
            .with("req_uri", it.uri.as_ref())
            .with("publish_id", online.map_or("", |it| &it.id))
            .with("run_env_id", online.map_or("", |_| env_id))
            .with("run_env_name", online.map_or("", |_| env_name(gateway, env_id)));
        members.write(fields, out);
    }))
}
