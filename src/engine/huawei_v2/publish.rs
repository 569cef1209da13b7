//! Publishing (3.5.4, 3.5.9–3.5.14): what is online where, and the versions it was made from.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::model::{Api, Coll, Publication, Record, Row, Version};
use super::super::store::{Gateway, Tx};
use super::super::time::{seconds, version_number};
use super::apis::{self, close, find, member, start};
use super::context::{Ctx, Members, Reply};
use super::fault::Fault;
use super::kinds::RELEASE;
use super::protocol::Edition;
use super::records::exists;

/// The most APIs one call may name.
const BATCH_MAX: usize = 1000;

/// 3.5.4: one API goes online or offline.
pub(crate) fn act(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let (env_id, api_id) = (ctx.text("env_id"), ctx.text("api_id"));
    let api = find(tx, api_id)?.clone();
    exists(tx, Coll::Env, env_id, "APIG.3003")?;
    let done = match ctx.text("action") {
        "online" => online(ctx, tx, &api, env_id),
        _ => offline(tx, api_id, env_id)?,
    };
    let name = tx.api(api_id).map_or("", |api| &api.definition.name);
    Ok(Reply::object(ctx, &shown(ctx, &done, name)))
}

fn shown(ctx: &Ctx, publication: &Publication, api_name: &str) -> Members<'static> {
    let members = Members::default()
        .with("publish_id", publication.id.as_ref())
        .with("api_id", publication.api_id.as_ref())
        .with("api_name", api_name)
        .with("env_id", publication.env_id.as_ref())
        .with("version_id", publication.version_id.as_ref())
        .with("publish_time", ctx.time(publication.time));
    if publication.remark.is_empty() { members } else { members.with("remark", publication.remark.as_ref()) }
}

/// Publishes the draft of an API.
fn online(ctx: &Ctx, tx: &mut Tx, api: &Api, env_id: &str) -> Publication {
    let remark: Box<str> = ctx.text("remark").into();
    let version = Version {
        id: ctx.id().into(),
        api_id: api.id.clone(),
        env_id: env_id.into(),
        time: ctx.now,
        remark,
        definition: api.definition.clone(),
    };
    put_online(ctx, tx, version)
}

/// Makes a version the effective one of its API and environment.
fn put_online(ctx: &Ctx, tx: &mut Tx, version: Version) -> Publication {
    let id = match tx.published(&version.api_id, &version.env_id) {
        Some(before) => before.id.clone(),
        None => ctx.id().into(),
    };
    let publication = Publication {
        id,
        api_id: version.api_id.clone(),
        env_id: version.env_id.clone(),
        version_id: version.id.clone(),
        time: ctx.now,
        remark: version.remark.clone(),
    };
    tx.put(Coll::Version, Row::Version(version));
    tx.put(Coll::Publication, Row::Publication(publication.clone()));
    drop_old_versions(ctx, tx, &publication);
    publication
}

fn drop_old_versions(ctx: &Ctx, tx: &mut Tx, publication: &Publication) {
    let key = [publication.api_id.as_ref(), publication.env_id.as_ref()];
    let most = ctx.limit("API_VERSION_NUM_LIMIT").max(1);
    let all: Vec<Box<str>> =
        tx.versions_by("api_id,env_id", &key).map(|version| version.id.clone()).collect();
    let excess = all.len().saturating_sub(most);
    for id in all.into_iter().filter(|id| *id != publication.version_id).take(excess) {
        tx.remove(Coll::Version, &id);
    }
}

/// Takes an API offline, and what was bound to its publication with it.
fn offline(tx: &mut Tx, api_id: &str, env_id: &str) -> Result<Publication, Fault> {
    let publication = tx.published(api_id, env_id).cloned().ok_or_else(|| Fault::new("APIG.3015"))?;
    let bound: Vec<Box<str>> = tx.bindings_on(&publication.id).map(|binding| binding.id.clone()).collect();
    for id in bound {
        tx.remove(Coll::Binding, &id);
    }
    tx.remove(Coll::Publication, &publication.id);
    Ok(publication)
}

/// 3.5.9: many APIs go online or offline. One that cannot is reported and does not stop the others.
pub(crate) fn batch(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let env_id = ctx.text("env_id");
    exists(tx, Coll::Env, env_id, "APIG.3003")?;
    let ids = batch_ids(ctx, tx)?;
    let publishing = ctx.query.get("action") == Some("online");
    let fields = Edition::V2.protocol().schema("PublishResp");
    let (mut success, mut failure) = (Vec::new(), Vec::new());
    for id in ids {
        let done = match find(tx, &id).cloned() {
            Err(fault) => Err(fault),
            Ok(api) if publishing => Ok((online(ctx, tx, &api, env_id), api)),
            Ok(api) => offline(tx, &id, env_id).map(|publication| (publication, api)),
        };
        match done {
            Ok((publication, api)) => {
                if !success.is_empty() {
                    success.push(b',');
                }
                shown(ctx, &publication, &api.definition.name).write(fields, &mut success);
            }
            Err(fault) => failure.push(failed(ctx, tx, &id, &fault)),
        }
    }
    let mut out = b"{\"success\":[".to_vec();
    out.append(&mut success);
    out.extend(b"],\"failure\":");
    super::context::put(&mut out, &Value::Array(failure));
    out.push(b'}');
    Ok(Reply::Json(out))
}

fn failed(ctx: &Ctx, gateway: &Gateway, id: &str, fault: &Fault) -> Value {
    let (code, message) = ctx.told(fault);
    let mut out = json!({"api_id": id, "error_code": code, "error_msg": message});
    if let Some(api) = gateway.api(id) {
        out["api_name"] = api.definition.name.as_ref().into();
    }
    out
}

fn batch_ids(ctx: &Ctx, gateway: &Gateway) -> Result<Vec<String>, Fault> {
    let named = ctx.texts("apis");
    if named.len() > BATCH_MAX {
        return Err(ctx.bad("apis"));
    }
    if !named.is_empty() {
        let mut seen = BTreeSet::new();
        return Ok(named.into_iter().filter(|id| seen.insert(*id)).map(str::to_owned).collect());
    }
    let group_id = ctx.text("group_id");
    if group_id.is_empty() {
        return Err(ctx.missing("apis"));
    }
    exists(gateway, Coll::Group, group_id, "APIG.3001")?;
    let publishing = ctx.query.get("action") == Some("online");
    let all = gateway.apis_by("group_id", &[group_id]);
    let concerned = all.filter(|api| publishing || gateway.published(&api.id, ctx.text("env_id")).is_some());
    Ok(concerned.map(|api| api.id.to_string()).collect())
}

/// 3.3.5: the APIs that use a variable are published again, as they run, with the new value.
pub(crate) fn variable_changed(ctx: &Ctx, tx: &mut Tx, variable: &Record) {
    let (env_id, name) = (variable.text("env_id"), variable.text("variable_name"));
    let running: Vec<Version> = tx
        .publications_by("env_id", &[env_id])
        .filter_map(|publication| tx.version(&publication.version_id))
        .filter(|version| {
            let it = &version.definition;
            *it.group_id == *variable.text("group_id") && it.uses.variables.iter().any(|used| **used == *name)
        })
        .cloned()
        .collect();
    for version in running {
        put_online(ctx, tx, Version { id: ctx.id().into(), time: ctx.now, ..version });
    }
}

/// 3.5.10, the newest first.
pub(crate) fn versions(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = find(gateway, ctx.path("api_id"))?;
    let name = |id: &str| gateway.record(Coll::Env, id).map_or("", |env| env.text("name"));
    let wanted = |version: &&Version| {
        ctx.query.get("env_id").is_none_or(|id| *id == *version.env_id)
            && ctx.query.get("env_name").is_none_or(|wanted| wanted == name(&version.env_id))
    };
    let mut all: Vec<&Version> = gateway.versions_by("api_id", &[&api.id]).filter(wanted).collect();
    all.sort_by_key(|version| std::cmp::Reverse(version.time));
    let fields = ctx.operation.item();
    Ok(Reply::page_as_given(ctx, all.into_iter(), |out, version| {
        let members = Members::default()
            .with("version_id", version.id.as_ref())
            .with("version_no", version_number(version.time))
            .with("api_id", version.api_id.as_ref())
            .with("env_id", version.env_id.as_ref())
            .with("env_name", name(&version.env_id))
            .with("remark", version.remark.as_ref())
            .with("publish_time", seconds(version.time))
            .with("status", if effective(gateway, version).is_some() { 1 } else { 2 });
        members.write(fields, out);
    }))
}

fn effective<'g>(gateway: &'g Gateway, version: &Version) -> Option<&'g Publication> {
    gateway.published(&version.api_id, &version.env_id).filter(|it| it.version_id == version.id)
}

fn find_version<'g>(gateway: &'g Gateway, id: &str) -> Result<&'g Version, Fault> {
    gateway.version(id).ok_or_else(|| Fault::of("APIG.3022", id))
}

/// 3.5.11: an older version becomes the effective one.
pub(crate) fn switch(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let api = find(tx, ctx.path("api_id"))?.clone();
    let id = ctx.text("version_id");
    if id.is_empty() {
        return Err(ctx.missing("version_id"));
    }
    let version = find_version(tx, id)?;
    if version.api_id != api.id {
        return Err(Fault::of("APIG.3022", id));
    }
    let before = tx.published(&version.api_id, &version.env_id).ok_or_else(|| Fault::new("APIG.3015"))?;
    let after = Publication {
        version_id: version.id.clone(),
        time: ctx.now,
        remark: version.remark.clone(),
        ..before.clone()
    };
    let reply = Reply::object(ctx, &shown(ctx, &after, &api.definition.name));
    tx.put(Coll::Publication, Row::Publication(after));
    Ok(reply)
}

/// 3.5.12: the definition that callers meet.
pub(crate) fn runtime(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = find(gateway, ctx.path("api_id"))?;
    let env_id = ctx.query.get("env_id").unwrap_or(RELEASE);
    exists(gateway, Coll::Env, env_id, "APIG.3003")?;
    let publication = gateway.published(&api.id, env_id).ok_or_else(|| Fault::new("APIG.3015"))?;
    let version = find_version(gateway, &publication.version_id)?;
    let mut out = Vec::with_capacity(2048);
    start(gateway, &mut out, &api.id, &version.definition);
    environment(gateway, &mut out, version);
    member(&mut out, "publish_id", publication.id.as_ref());
    if !version.definition.wire.parameters.is_empty() {
        out.push(b',');
        out.extend(version.definition.wire.parameters.as_bytes());
    }
    out.push(b'}');
    Ok(Reply::Json(out))
}

fn environment(gateway: &Gateway, out: &mut Vec<u8>, version: &Version) {
    member(out, "run_env_id", version.env_id.as_ref());
    if let Some(env) = gateway.record(Coll::Env, &version.env_id) {
        member(out, "run_env_name", env.text("name"));
    }
    let group = gateway.record(Coll::Group, &version.definition.group_id);
    for name in ["sl_domain", "sl_domains"] {
        if let Some(value) = group.and_then(|group| group.doc.get(name)) {
            member(out, name, value);
        }
    }
}

/// 3.5.13: a version in full.
pub(crate) fn version_detail(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let version = find_version(gateway, ctx.path("version_id"))?;
    let api = find(gateway, &version.api_id)?;
    let mut out = Vec::with_capacity(4096);
    let then = Api { definition: version.definition.clone(), updated: version.time, ..api.clone() };
    apis::open(ctx, gateway, &mut out, &then);
    environment(gateway, &mut out, version);
    member(&mut out, "version_id", version.id.as_ref());
    member(&mut out, "publish_time", &seconds(version.time));
    if let Some(publication) = effective(gateway, version) {
        member(&mut out, "publish_id", publication.id.as_ref());
    }
    close(&mut out, &version.definition);
    Ok(Reply::Json(out))
}

/// 3.5.14: takes the effective version offline.
pub(crate) fn version_offline(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let version = find_version(tx, ctx.path("version_id"))?.clone();
    if effective(tx, &version).is_none() {
        return Err(Fault::new("APIG.3015"));
    }
    offline(tx, &version.api_id, &version.env_id)?;
    Ok(Reply::Empty)
}
