//! Plug-ins (3.27): their content, and the APIs they are attached to.
//!
//! An attachment joins a plug-in with an (API, environment). Of each type an (API, environment) has one; another takes its
//! place. Attachments outlive going offline, but not the API or the environment.

mod content;

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::model::{Api, Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::apis;
use super::bindings::env_name;
use super::context::{Ctx, Members, Reply};
use super::fault::Fault;
use super::records::{Filter, Kind, PLAIN, exists, find, past};

pub(crate) static PLUGIN: Kind = Kind {
    coll: Coll::Plugin,
    param: "plugin_id",
    missing: "APIG.3068",
    times: (Some("create_time"), Some("update_time")),
    unique: &[("plugin_name", "APIG.3326")],
    filters: &[
        Filter("plugin_id", "id", false),
        Filter("plugin_name", "plugin_name", true),
        Filter("plugin_type", "plugin_type", false),
        Filter("plugin_scope", "plugin_scope", false),
    ],
    prepare: |ctx, gateway, draft, doc| {
        let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("");
        for name in ["plugin_type", "plugin_scope"] {
            if draft.old.as_ref().is_some_and(|old| old.text(name) != text(name)) {
                return Err(ctx.bad(name));
            }
        }
        content::check(ctx, gateway, text("plugin_type"), text("plugin_content"))
    },
    extra: |_, _, record| vec![("plugin_id", record.id.as_ref().into())],
    leaving: |_, tx, record| {
        let attached = tx.count_by(Coll::Attachment, "plugin_id", &[&record.id]) > 0;
        if attached { Err(Fault::new("APIG.3462")) } else { Ok(()) }
    },
    ..PLAIN
};

pub(crate) static ATTACHMENT: Kind =
    Kind { coll: Coll::Attachment, times: (Some("attached_time"), None), ..PLAIN };

/// True when a `third_auth` plug-in asks through a VPC channel.
pub(crate) fn uses_channel(gateway: &Gateway, channel_id: &str) -> bool {
    gateway.records(Coll::Plugin).filter(|plugin| plugin.text("plugin_type") == "third_auth").any(|plugin| {
        let content = serde_json::from_str(plugin.text("plugin_content")).unwrap_or(Value::Null);
        content::channel(&content).is_some_and(|id| id == channel_id)
    })
}

fn distinct<'a>(ids: &[&'a str]) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    ids.iter().copied().filter(|id| seen.insert(*id)).collect()
}

/// 3.27.6: one plug-in to many APIs.
pub(crate) fn attach_apis(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let plugin = find(&PLUGIN, ctx, tx)?.clone();
    let pairs =
        distinct(&ctx.texts("api_ids")).into_iter().map(|api_id| (&plugin, api_id)).collect::<Vec<_>>();
    attach(ctx, tx, &pairs)
}

/// 3.27.7: many plug-ins to one API.
pub(crate) fn attach_plugins(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let api_id = apis::find(tx, ctx.path("api_id"))?.id.to_string();
    let mut plugins = Vec::new();
    for id in distinct(&ctx.texts("plugin_ids")) {
        plugins.push(tx.record(Coll::Plugin, id).cloned().ok_or_else(|| Fault::of(PLUGIN.missing, id))?);
    }
    let pairs: Vec<(&Record, &str)> = plugins.iter().map(|plugin| (plugin, api_id.as_str())).collect();
    attach(ctx, tx, &pairs)
}

fn attach(ctx: &Ctx, tx: &mut Tx, pairs: &[(&Record, &str)]) -> Result<Reply, Fault> {
    let env_id = ctx.text("env_id");
    exists(tx, Coll::Env, env_id, "APIG.3003")?;
    let mut out = format!("{{\"{}\":[", ctx.operation.array()).into_bytes();
    for (index, (plugin, api_id)) in pairs.iter().enumerate() {
        apis::find(tx, api_id)?;
        if tx.published(api_id, env_id).is_none() {
            return Err(Fault::new("APIG.3707"));
        }
        let attachment = attach_one(ctx, tx, plugin, api_id, env_id);
        if index > 0 {
            out.push(b',');
        }
        let members = shown(ctx, tx, &attachment, plugin);
        members.with("api_name", api_name(tx, api_id)).write(ctx.operation.item(), &mut out);
    }
    out.extend(b"]}");
    Ok(Reply::Json(out))
}

fn attach_one(ctx: &Ctx, tx: &mut Tx, plugin: &Record, api_id: &str, env_id: &str) -> Record {
    let kind = plugin.text("plugin_type");
    let same_type = |attachment: &&Record| {
        let other = tx.record(Coll::Plugin, attachment.text("plugin_id"));
        other.is_some_and(|other| other.text("plugin_type") == kind)
    };
    let before = tx.records_by(Coll::Attachment, "api_id,env_id", &[api_id, env_id]).find(same_type).cloned();
    if let Some(before) = before {
        if before.text("plugin_id") == &*plugin.id {
            return before;
        }
        tx.remove(Coll::Attachment, &before.id);
    }
    let mut doc = Doc::new();
    for (name, value) in [("plugin_id", &*plugin.id), ("api_id", api_id), ("env_id", env_id)] {
        doc.insert(name.to_owned(), value.into());
    }
    let record = Record { id: ctx.id().into(), created: ctx.now, updated: ctx.now, doc };
    tx.put(Coll::Attachment, Row::Record(record.clone()));
    record
}

fn api_name(gateway: &Gateway, api_id: &str) -> String {
    gateway.api(api_id).map_or_else(String::new, |api| api.definition.name.to_string())
}

/// The attachment and its plug-in.
fn shown<'r>(ctx: &Ctx, gateway: &Gateway, attachment: &Record, plugin: &'r Record) -> Members<'r> {
    let env_id = attachment.text("env_id");
    Members::of(&plugin.doc)
        .with("plugin_attach_id", attachment.id.as_ref())
        .with("plugin_id", plugin.id.as_ref())
        .with("api_id", attachment.text("api_id"))
        .with("env_id", env_id)
        .with("env_name", env_name(gateway, env_id))
        .with("attached_time", ctx.time(attachment.created))
        .with("create_time", past(plugin.created))
        .with("update_time", past(plugin.updated))
}

/// 3.27.8: one plug-in off many APIs. What is not attached is passed over.
pub(crate) fn detach_apis(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let plugin_id = find(&PLUGIN, ctx, tx)?.id.to_string();
    let pairs: Vec<(&str, &str)> =
        ctx.texts("api_ids").into_iter().map(|api| (plugin_id.as_str(), api)).collect();
    detach(ctx, tx, &pairs)
}

/// 3.27.9: many plug-ins off one API.
pub(crate) fn detach_plugins(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let api_id = apis::find(tx, ctx.path("api_id"))?.id.to_string();
    let pairs: Vec<(&str, &str)> =
        ctx.texts("plugin_ids").into_iter().map(|id| (id, api_id.as_str())).collect();
    detach(ctx, tx, &pairs)
}

fn detach(ctx: &Ctx, tx: &mut Tx, pairs: &[(&str, &str)]) -> Result<Reply, Fault> {
    let env_id = ctx.text("env_id");
    exists(tx, Coll::Env, env_id, "APIG.3003")?;
    for (plugin_id, api_id) in pairs {
        let found = tx
            .records_by(Coll::Attachment, "api_id,env_id", &[api_id, env_id])
            .find(|attachment| attachment.text("plugin_id") == *plugin_id)
            .map(|attachment| attachment.id.clone());
        if let Some(id) = found {
            tx.remove(Coll::Attachment, &id);
        }
    }
    Ok(Reply::Empty)
}

/// An API as the lists of plug-ins show it.
fn api_members(gateway: &Gateway, api: &Api, env_id: &str) -> Members<'static> {
    let it = &api.definition;
    let group = gateway.record(Coll::Group, &it.group_id).map_or("", |group| group.text("name"));
    Members::default()
        .with("api_id", api.id.as_ref())
        .with("api_name", it.name.as_ref())
        .with("type", it.kind)
        .with("req_protocol", it.protocol.as_ref())
        .with("req_method", it.method.as_ref())
        .with("req_uri", it.uri.as_ref())
        .with("auth_type", it.auth_type.as_ref())
        .with("match_mode", it.match_mode.as_ref())
        .with("remark", it.remark.as_ref())
        .with("group_id", it.group_id.as_ref())
        .with("group_name", group)
        .with("roma_app_id", "")
        .with("env_id", env_id)
        .with("env_name", env_name(gateway, env_id))
        .with("publish_id", gateway.published(&api.id, env_id).map_or("", |publication| &publication.id))
}

fn api_passes(ctx: &Ctx, api: &Api) -> bool {
    let it = &api.definition;
    let exact = |param: &str, value: &str| ctx.query.get(param).is_none_or(|wanted| wanted == value);
    let part = |param: &str, value: &str| ctx.query.get(param).is_none_or(|wanted| value.contains(wanted));
    exact("api_id", &api.id)
        && exact("group_id", &it.group_id)
        && exact("req_method", &it.method)
        && part("api_name", &it.name)
        && part("req_uri", &it.uri)
}

/// 3.27.10: where a plug-in is attached, also where the API went offline since.
pub(crate) fn attached_apis(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let plugin = find(&PLUGIN, ctx, gateway)?;
    let fields = ctx.operation.item();
    let all = gateway.records_by(Coll::Attachment, "plugin_id", &[&plugin.id]).filter_map(|attachment| {
        let api = gateway.api(attachment.text("api_id"))?;
        let here = ctx.query.get("env_id").is_none_or(|id| id == attachment.text("env_id"));
        (here && api_passes(ctx, api)).then_some((attachment, api))
    });
    Ok(Reply::page(ctx, all, |out, (attachment, api)| {
        let members = api_members(gateway, api, attachment.text("env_id"))
            .with("plugin_attach_id", attachment.id.as_ref())
            .with("attached_time", ctx.time(attachment.created));
        members.write(fields, out);
    }))
}

/// 3.27.12: the APIs online in an environment that do not have the plug-in; having others does not matter.
pub(crate) fn attachable_apis(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let plugin = find(&PLUGIN, ctx, gateway)?;
    let env_id = ctx.query.get("env_id").unwrap_or("");
    exists(gateway, Coll::Env, env_id, "APIG.3003")?;
    let fields = ctx.operation.item();
    let all = gateway.publications_by("env_id", &[env_id]).filter_map(|publication| {
        let api = gateway.api(&publication.api_id)?;
        let mut here = gateway.records_by(Coll::Attachment, "api_id,env_id", &[&api.id, env_id]);
        let has = here.any(|attachment| attachment.text("plugin_id") == &*plugin.id);
        (!has && api_passes(ctx, api)).then_some(api)
    });
    Ok(Reply::page(ctx, all, |out, api| api_members(gateway, api, env_id).write(fields, out)))
}

fn plugin_passes(ctx: &Ctx, plugin: &Record) -> bool {
    let exact = |param: &str, value: &str| ctx.query.get(param).is_none_or(|wanted| wanted == value);
    exact("plugin_id", &plugin.id)
        && exact("plugin_type", plugin.text("plugin_type"))
        && ctx.query.get("plugin_name").is_none_or(|part| plugin.text("plugin_name").contains(part))
}

/// 3.27.11: the plug-ins an API has.
pub(crate) fn attached_plugins(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = apis::find(gateway, ctx.path("api_id"))?;
    let fields = ctx.operation.item();
    let all = gateway.records_by(Coll::Attachment, "api_id", &[&api.id]).filter_map(|attachment| {
        let plugin = gateway.record(Coll::Plugin, attachment.text("plugin_id"))?;
        let env_id = attachment.text("env_id");
        let here = ctx.query.get("env_id").is_none_or(|id| id == env_id)
            && ctx.query.get("env_name").is_none_or(|name| name == env_name(gateway, env_id));
        (here && plugin_passes(ctx, plugin)).then_some((attachment, plugin))
    });
    Ok(Reply::page(ctx, all, |out, (attachment, plugin)| {
        shown(ctx, gateway, attachment, plugin).write(fields, out);
    }))
}

/// 3.27.13: the plug-ins an API does not have, in the named environment or in any.
pub(crate) fn attachable_plugins(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = apis::find(gateway, ctx.path("api_id"))?;
    let has: BTreeSet<&str> = gateway
        .records_by(Coll::Attachment, "api_id", &[&api.id])
        .filter(|attachment| ctx.query.get("env_id").is_none_or(|id| id == attachment.text("env_id")))
        .map(|attachment| attachment.text("plugin_id"))
        .collect();
    // Nothing can be attached in an environment that is not there.
    let there = ctx.query.get("env_id").is_none_or(|id| gateway.record(Coll::Env, id).is_some());
    let fields = ctx.operation.item();
    let wanted = |plugin: &&Record| there && !has.contains(&*plugin.id) && plugin_passes(ctx, plugin);
    Ok(Reply::page(ctx, gateway.records(Coll::Plugin).filter(wanted), |out, plugin| {
        let members = Members::of(&plugin.doc)
            .with("plugin_id", plugin.id.as_ref())
            .with("create_time", past(plugin.created))
            .with("update_time", past(plugin.updated));
        members.write(fields, out);
    }))
}
