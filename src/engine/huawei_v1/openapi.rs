//! Swagger documents in and out, in the dialect of V1: the document itself is the body, and its extensions name a few
//! things otherwise than those of V2.

use serde_json::{Map, Value};

use super::super::huawei::fault::Fault;
use super::super::huawei_v2::context::{Ctx, Reply};
use super::super::huawei_v2::{apis, openapi};
use super::super::model::Coll;
use super::super::store::{Gateway, Tx};

/// The members of a condition of a backend policy: here and as the handlers know them.
const CONDITION: [(&str, &str); 4] = [
    ("origin", "condition_origin"),
    ("parameter", "req_param_name"),
    ("type", "condition_type"),
    ("value", "condition_value"),
];
/// Words of conditions that have two spellings: the tables' and the examples'.
const SYNONYMS: [(&str, &str); 2] = [("equal", "exact"), ("request", "param")];

/// What documents of V2 say of a backend and those of V1 cannot.
const UNKNOWN: [&str; 4] = ["retry-count", "alias-urn", "network-type", "status-code"];

fn put(ctx: &mut Ctx, name: &str, value: impl Into<Value>) {
    ctx.body.insert(name.to_owned(), value.into());
}

/// What the query says of an export; each id has two spellings, of which the longer wins.
fn asked(ctx: &mut Ctx) -> Result<(), Fault> {
    for (name, short) in
        [("env_id", "env"), ("group_id", "group"), ("define", ""), ("version", ""), ("type", "")]
    {
        let value = ctx.query.get(name).or_else(|| ctx.query.get(short)).unwrap_or("").to_owned();
        put(ctx, name, value);
    }
    if ctx.text("env_id").is_empty() { Err(ctx.missing("env_id")) } else { Ok(()) }
}

pub(super) fn whole_group(ctx: &mut Ctx) -> Result<(), Fault> {
    asked(ctx)?;
    if ctx.text("group_id").is_empty() { Err(ctx.missing("group_id")) } else { Ok(()) }
}

pub(super) fn some(ctx: &mut Ctx) -> Result<(), Fault> {
    asked(ctx)?;
    if ctx.texts("apis").is_empty() { Err(ctx.missing("apis")) } else { Ok(()) }
}

/// The document of a group, or of some APIs of one group.
pub(super) fn export(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let mut ctx = ctx.clone();
    if let Some(first) = ctx.texts("apis").first() {
        let group = apis::find(gateway, first)?.definition.group_id.clone();
        for id in ctx.texts("apis") {
            if apis::find(gateway, id)?.definition.group_id != group {
                return Err(ctx.bad("apis"));
            }
        }
        put(&mut ctx, "group_id", group.as_ref());
    }
    let (name, mut document) = openapi::document(&ctx, gateway)?;
    let group = gateway.record(Coll::Group, ctx.text("group_id"));
    document["info"]["description"] = group.map_or("", |group| group.text("remark")).into();
    each_backend(&mut document, |backend| {
        rename(backend, |condition| {
            let mut condition = renamed(condition, |(own, shared)| (shared, own));
            condition.retain(|name, _| CONDITION.iter().any(|(own, _)| own == name));
            condition
        });
        for parameter in backend.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            parameter["in"] = parameter["in"].as_str().unwrap_or("").to_ascii_uppercase().into();
        }
        move_member(backend, "proxy-host", "host");
        for endpoint in backend.as_object_mut().into_iter().flat_map(Map::values_mut) {
            drop_members(endpoint, &UNKNOWN);
        }
    });
    for operation in operations(&mut document) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(|it| drop_members(it, &["x-apigateway-pass-through"]));
    }
    match openapi::written(ctx.text("type"), &document)? {
        ("json", text) => Ok(Reply::Json(text.into_bytes())),
        (kind, text) => Ok(Reply::File { name: format!("{name}.{kind}"), content: text.into_bytes() }),
    }
}

/// A document becomes a new group.
pub(super) fn into_new(ctx: &mut Ctx) -> Result<(), Fault> {
    put(ctx, "is_create_group", true);
    let extend = ctx.query.get("extend_mode").unwrap_or("merge").to_owned();
    put(ctx, "extend_mode", extend);
    Ok(())
}

/// A document is brought into a group that is there.
pub(super) fn into_known(ctx: &mut Ctx) -> Result<(), Fault> {
    into_new(ctx)?;
    put(ctx, "is_create_group", false);
    for (from, to) in [("group_id", "group_id"), ("mode", "api_mode")] {
        let value = ctx.query.get(from).unwrap_or("").to_owned();
        put(ctx, to, value);
    }
    Ok(())
}

/// Swagger 2.0, as JSON or YAML.
pub(super) fn import(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let mut document = openapi::parse(ctx.text("file_name"))?;
    if document["swagger"].to_string().trim_matches('"') != "2.0" {
        return Err(Fault::new("APIG.3601"));
    }
    each_backend(&mut document, |backend| {
        rename(backend, |condition| {
            let mut condition = renamed(condition, |pair| pair);
            for (_, word) in &mut condition {
                let known = SYNONYMS.iter().find(|(other, _)| *word == *other);
                if let Some((_, plain)) = known {
                    *word = (*plain).into();
                }
            }
            // What looks at the source has neither a type nor a parameter.
            condition.retain(|_, value| *value != "");
            condition
        });
        move_member(backend, "host", "proxy-host");
    });
    let mut ctx = ctx.clone();
    put(&mut ctx, "file_name", document.to_string());
    openapi::import(&ctx, tx)
}

/// Everything that a path of a document has.
fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let paths = paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
    paths.flat_map(Map::values_mut).filter(|operation| operation.is_object())
}

/// Works on every backend and every backend policy of a document.
fn each_backend(document: &mut Value, mut work: impl FnMut(&mut Value)) {
    for operation in operations(document) {
        let backend = operation.get_mut("x-apigateway-backend").filter(|backend| backend.is_object());
        backend.into_iter().for_each(&mut work);
        let policies = operation.get_mut("x-apigateway-backend-policies").and_then(Value::as_array_mut);
        policies.into_iter().flatten().filter(|policy| policy.is_object()).for_each(&mut work);
    }
}

fn rename(backend: &mut Value, rename: impl Fn(&Map<String, Value>) -> Map<String, Value>) {
    let conditions = backend.get_mut("conditions").and_then(Value::as_array_mut);
    for condition in conditions.into_iter().flatten() {
        if let Value::Object(members) = condition {
            *condition = Value::Object(rename(members));
        }
    }
}

fn renamed(
    condition: &Map<String, Value>,
    way: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, value) in condition {
        let known = CONDITION.into_iter().map(&way).find(|(from, _)| from == name);
        out.insert(known.map_or(name.as_str(), |(_, to)| to).to_owned(), value.clone());
    }
    out
}

/// Renames the host that stands before the members of a channel.
fn move_member(backend: &mut Value, from: &str, to: &str) {
    let through = backend.get_mut("httpVpcEndpoints").and_then(Value::as_object_mut);
    let Some(through) = through else { return };
    if let Some(value) = through.shift_remove(from) {
        through.insert(to.to_owned(), value);
    }
}

fn drop_members(object: &mut Value, names: &[&str]) {
    if let Some(object) = object.as_object_mut() {
        object.retain(|name, _| !names.contains(&name.as_str()));
    }
}
