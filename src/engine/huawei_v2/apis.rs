//! APIs (3.5.1–3.5.3, 3.5.5–3.5.7): the drafts.

use serde::Serialize;

use super::super::model::{Api, Coll, Definition, Doc, Publication, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::{put_seconds, seconds};
use super::context::{Ctx, Members, Reply, put};
use super::definition::{self, Identity};
use super::fault::Fault;
use super::kinds::sweep;
use super::protocol::Edition;
use super::records::past;
use super::rules;

/// 3.5.1.
pub(crate) fn create(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let mut doc = ctx.body.clone();
    rules::check(ctx, tx, &doc)?;
    check_unique(tx, &doc, "")?;
    rules::quotas(ctx, tx, rules::text(&doc, "group_id"))?;
    definition::complete(ctx, tx, &mut doc, None);
    let api = Api {
        id: ctx.id().into(),
        created: ctx.now,
        updated: ctx.now,
        definition: definition::from_wire(&doc).into(),
    };
    let reply = detail(ctx, tx, &api);
    tx.put(Coll::Api, Row::Api(api));
    Ok(reply)
}

/// 3.5.2.
pub(crate) fn update(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let old = find(tx, ctx.path("api_id"))?.clone();
    let mut doc = ctx.body.clone();
    rules::check(ctx, tx, &doc)?;
    check_unique(tx, &doc, &old.id)?;
    let group_id = rules::text(&doc, "group_id");
    if *group_id != *old.definition.group_id {
        rules::room_in_group(ctx, tx, group_id)?;
    }
    definition::complete(ctx, tx, &mut doc, Identity::of(&old.definition).as_ref());
    let definition = definition::from_wire(&doc).into();
    let api = Api { updated: ctx.now, definition, ..old };
    let reply = detail(ctx, tx, &api);
    tx.put(Coll::Api, Row::Api(api));
    Ok(reply)
}

/// 3.5.3.
pub(crate) fn delete(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let id = find(tx, ctx.path("api_id"))?.id.clone();
    if tx.publications_by("api_id", &[&id]).next().is_some() {
        return Err(Fault::new("APIG.3416"));
    }
    let versions: Vec<Box<str>> =
        tx.versions_by("api_id", &[&id]).map(|version| version.id.clone()).collect();
    for version in versions {
        tx.remove(Coll::Version, &version);
    }
    sweep(tx, Coll::AppAuth, "api_id", &id);
    sweep(tx, Coll::Attachment, "api_id", &id);
    tx.remove(Coll::Api, &id);
    Ok(Reply::Empty)
}

/// 3.5.5.
pub(crate) fn read(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    Ok(detail(ctx, gateway, find(gateway, ctx.path("api_id"))?))
}

/// The API with an id.
pub(crate) fn find<'g>(gateway: &'g Gateway, id: &str) -> Result<&'g Api, Fault> {
    gateway.api(id).ok_or_else(|| Fault::of("APIG.3002", id))
}

fn check_unique(gateway: &Gateway, doc: &Doc, id: &str) -> Result<(), Fault> {
    let text = |name: &str| rules::text(doc, name);
    if let Some(name) = taken_name(gateway, text("group_id"), text("name"), id) {
        return Err(Fault::of("APIG.3202", name));
    }
    let mode = if text("match_mode").is_empty() { "NORMAL" } else { text("match_mode") };
    if path_taken(gateway, Some(text("group_id")), (text("req_method"), text("req_uri"), mode), id) {
        return Err(Fault::new("APIG.3301"));
    }
    Ok(())
}

fn taken_name<'a>(gateway: &Gateway, group_id: &str, name: &'a str, but: &str) -> Option<&'a str> {
    let mut same = gateway.apis_by("group_id,name", &[group_id, name]);
    same.any(|api| *api.id != *but).then_some(name)
}

/// True when another API of the group answers the same requests.
fn path_taken(
    gateway: &Gateway,
    group: Option<&str>,
    (method, uri, mode): (&str, &str, &str),
    but: &str,
) -> bool {
    let key = Definition::path_key(uri);
    let clashes = |api: &Api| {
        let other = &api.definition;
        let methods = *other.method == *method || *other.method == *"ANY" || method == "ANY";
        *api.id != *but && methods
    };
    match group {
        Some(group) => gateway.apis_by("path", &[group, mode, &key]).any(clashes),
        None => gateway.apis().any(|api| {
            let other = &api.definition;
            *other.match_mode == *mode && Definition::path_key(&other.uri) == key && clashes(api)
        }),
    }
}

/// 3.5.7: is a name or a path still free?
pub(crate) fn check(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let group = Some(ctx.text("group_id")).filter(|id| !id.is_empty());
    let but = ctx.text("api_id");
    if ctx.text("type") == "name" {
        let name = ctx.text("name");
        if name.is_empty() {
            return Err(ctx.missing("name"));
        }
        let taken = match group {
            Some(group) => taken_name(gateway, group, name, but).is_some(),
            None => gateway.apis().any(|api| *api.definition.name == *name && *api.id != *but),
        };
        return if taken { Err(Fault::of("APIG.3202", name)) } else { Ok(Reply::Empty) };
    }
    for name in ["req_method", "req_uri", "match_mode"] {
        if ctx.text(name).is_empty() {
            return Err(ctx.missing(name));
        }
    }
    let wanted = (ctx.text("req_method"), ctx.text("req_uri"), ctx.text("match_mode"));
    if path_taken(gateway, group, wanted, but) { Err(Fault::new("APIG.3301")) } else { Ok(Reply::Empty) }
}

/// What [`passes`] looks at; the group has an index of its own.
const FILTERS: [&str; 11] = [
    "id",
    "name",
    "req_uri",
    "req_protocol",
    "req_method",
    "auth_type",
    "type",
    "env_id",
    "vpc_channel_name",
    "status",
    "tags",
];

/// 3.5.6.
pub(crate) fn list(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let (mut with_group, mut with_backend) = (false, false);
    for mode in ctx.query.get("return_data_mode").unwrap_or("brief").split(',').map(str::trim) {
        match mode {
            "include_group" => with_group = true,
            "include_group_backend" => with_backend = true,
            "brief" | "" => {}
            _ => return Err(ctx.bad("return_data_mode")),
        }
    }
    let write = |out: &mut Vec<u8>, api: &Api| {
        open(ctx, gateway, out, api);
        environments(gateway, out, &api.id);
        if with_group {
            group_info(gateway, out, &api.definition.group_id);
        }
        if with_backend {
            members(out, &api.definition.wire.backend);
        }
        out.push(b'}');
    };
    // Without a filter, the APIs off the page are only counted.
    let every = FILTERS.iter().all(|name| ctx.query.get(name).is_none());
    let wanted = |api: &&Api| passes(ctx, gateway, api);
    Ok(match ctx.query.get("group_id") {
        Some(group) => {
            let here = gateway.apis_by("group_id", &[group]);
            match every {
                true => Reply::page_of(ctx, gateway.count_by(Coll::Api, "group_id", &[group]), here, write),
                false => Reply::page(ctx, here.filter(wanted), write),
            }
        }
        None if every => Reply::page_of(ctx, gateway.table(Coll::Api).len(), gateway.apis(), write),
        None => Reply::page(ctx, gateway.apis().filter(wanted), write),
    })
}

fn passes(ctx: &Ctx, gateway: &Gateway, api: &Api) -> bool {
    let it = &api.definition;
    let exact = |param: &str, value: &str| ctx.query.get(param).is_none_or(|wanted| wanted == value);
    let fuzzy = |param: &str, value: &str| {
        let same = |wanted| if ctx.query.precise(param) { value == wanted } else { value.contains(wanted) };
        ctx.query.get(param).is_none_or(same)
    };
    let in_env = || ctx.query.get("env_id").is_none_or(|env| gateway.published(&api.id, env).is_some());
    let on_channel = || {
        ctx.query.get("vpc_channel_name").is_none_or(|name| {
            let named = gateway.records_by(Coll::Channel, "name", &[name]).next();
            named.is_some_and(|channel| it.uses.channels.contains(&channel.id))
        })
    };
    exact("id", &api.id)
        && fuzzy("name", &it.name)
        && fuzzy("req_uri", &it.uri)
        && exact("req_protocol", &it.protocol)
        && exact("req_method", &it.method)
        && exact("auth_type", &it.auth_type)
        && ctx.query.get("type").is_none_or(|wanted| wanted.parse() == Ok(it.kind))
        && (ctx.edition() == Edition::V2 || passes_v1(ctx, it))
        && in_env()
        && on_channel()
}

/// The filters that V1 has and V2 has not. Every API is valid.
fn passes_v1(ctx: &Ctx, it: &Definition) -> bool {
    let tagged = |wanted: &str| wanted.split(',').all(|tag| it.tags.iter().any(|own| **own == *tag.trim()));
    ctx.query.get("status").is_none_or(|status| status == "1") && ctx.query.get("tags").is_none_or(tagged)
}

fn detail(ctx: &Ctx, gateway: &Gateway, api: &Api) -> Reply {
    let mut out = Vec::with_capacity(4096);
    open(ctx, gateway, &mut out, api);
    environments(gateway, &mut out, &api.id);
    close(&mut out, &api.definition);
    Reply::Json(out)
}

/// Everything up to the environments: id, what lists show, times, the name of the group.
pub(crate) fn open(ctx: &Ctx, gateway: &Gateway, out: &mut Vec<u8>, api: &Api) {
    start(gateway, out, &api.id, &api.definition);
    out.extend(b",\"status\":1,\"arrange_necessary\":2,\"group_version\":\"V1\"");
    out.extend(b",\"register_time\":");
    // What did not happen now is shown as a read shows it.
    if api.created == ctx.now {
        ctx.put_time(out, api.created);
    } else {
        put_seconds(out, api.created);
    }
    out.extend(b",\"update_time\":");
    ctx.put_time_of_change(out, api.created, api.updated);
}

/// Id, what lists show, and the name of the group.
pub(crate) fn start(gateway: &Gateway, out: &mut Vec<u8>, id: &str, definition: &Definition) {
    out.extend(b"{\"id\":");
    put(out, id);
    members(out, &definition.wire.brief);
    if let Some(group) = gateway.record(Coll::Group, &definition.group_id) {
        member(out, "group_name", group.text("name"));
    }
}

/// What only details show, and the end.
pub(crate) fn close(out: &mut Vec<u8>, definition: &Definition) {
    members(out, &definition.wire.backend);
    members(out, &definition.wire.parameters);
    members(out, &definition.wire.detail);
    out.push(b'}');
}

/// Where the API is online; several environments are joined.
fn environments(gateway: &Gateway, out: &mut Vec<u8>, api_id: &str) {
    let all: Vec<_> = gateway.publications_by("api_id", &[api_id]).collect();
    if all.is_empty() {
        return;
    }
    let name = |it: &&Publication| gateway.record(Coll::Env, &it.env_id).map_or("", |env| env.text("name"));
    let mut joined = |member: &str, values: Vec<&str>| self::member(out, member, &values.join("|"));
    joined("run_env_id", all.iter().map(|it| &*it.env_id).collect());
    joined("run_env_name", all.iter().map(name).collect());
    joined("publish_id", all.iter().map(|it| &*it.id).collect());
    let times: Vec<String> = all.iter().map(|it| seconds(it.time)).collect();
    member(out, "publish_time", &times.join("|"));
}

fn group_info(gateway: &Gateway, out: &mut Vec<u8>, group_id: &str) {
    let Some(group) = gateway.record(Coll::Group, group_id) else { return };
    out.extend(b",\"api_group_info\":");
    let info = Members::of(&group.doc)
        .with("id", group_id)
        .with("url_domains", super::domains::of_group(gateway, group_id))
        .with("register_time", past(group.created))
        .with("update_time", past(group.updated));
    info.write(Edition::V2.protocol().schema("ApiGroupCommonInfo"), out);
}

/// Appends a member.
pub(crate) fn member<T: Serialize + ?Sized>(out: &mut Vec<u8>, name: &str, value: &T) {
    out.extend(b",\"");
    out.extend(name.as_bytes());
    out.extend(b"\":");
    put(out, value);
}

/// Appends members that are ready.
fn members(out: &mut Vec<u8>, ready: &str) {
    if !ready.is_empty() {
        out.push(b',');
        out.extend(ready.as_bytes());
    }
}
