//! OpenAPI documents in and out (3.16), also as tasks that take a while (3.30).
//!
//! An imported API goes through the same checks as one that is created; what it lacks of the vendor's extensions gets a
//! default. Import publishes nothing and binds nothing: there is no publication to bind to.

mod export;
mod import;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::model::{Coll, Definition, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::{Nanos, seconds};
use super::context::{Ctx, Reply};
use super::fault::Fault;
use super::kinds::{ACL, GROUP, THROTTLE};
use super::protocol::Edition;
use super::records::{self, Kind, exists};
use super::validate::{self, Query};
use super::{apis, rules};
use export::{Entry, Scope};
pub(crate) use import::parse;

/// How long a task is seen at work.
const TASK_TIME: Nanos = 1_000_000_000;

/// The limits of a throttle, here and in a document.
const LIMITS: [(&str, &str); 4] = [
    ("api_call_limits", "api-limit"),
    ("app_call_limits", "app-limit"),
    ("user_call_limits", "user-limit"),
    ("ip_call_limits", "ip-limit"),
];

/// Name, type and content of an exported file.
fn file(ctx: &Ctx, gateway: &Gateway) -> Result<(String, &'static str, String), Fault> {
    let (name, document) = document(ctx, gateway)?;
    let (kind, text) = written(ctx.text("type"), &document)?;
    Ok((name, kind, text))
}

/// A document in a format: the name of the format and the text.
pub(crate) fn written(kind: &str, document: &Value) -> Result<(&'static str, String), Fault> {
    match kind {
        "yaml" | "yml" => {
            let text = serde_yaml::to_string(document).map_err(|_| Fault::new("APIG.9999"))?;
            Ok((if kind == "yml" { "yml" } else { "yaml" }, text))
        }
        _ => Ok(("json", format!("{document:#}"))),
    }
}

/// Name and content of an exported document.
pub(crate) fn document(ctx: &Ctx, gateway: &Gateway) -> Result<(String, Value), Fault> {
    let (env_id, group_id) = (ctx.text("env_id"), ctx.text("group_id"));
    let group = gateway.record(Coll::Group, group_id).ok_or_else(|| Fault::of("APIG.3001", group_id))?;
    exists(gateway, Coll::Env, env_id, "APIG.3003")?;
    let wanted: BTreeSet<&str> = ctx.texts("apis").into_iter().collect();
    for id in &wanted {
        apis::find(gateway, id)?;
    }
    let define = if ctx.text("define").is_empty() { "spec" } else { ctx.text("define") };
    let all = gateway.apis_by("group_id", &[group_id]);
    let all = all.filter(|api| wanted.is_empty() || wanted.contains(&*api.id));
    let entries: Vec<Entry> = all
        .filter_map(|api| {
            let publication = gateway.published(&api.id, env_id);
            if define == "dev" {
                return Some(Entry {
                    definition: &api.definition,
                    publish_id: publication.map(|it| &*it.id),
                });
            }
            let version = gateway.version(&publication?.version_id)?;
            Some(Entry { definition: &version.definition, publish_id: publication.map(|it| &*it.id) })
        })
        .collect();
    let revision = match ctx.text("version") {
        "" => seconds(ctx.now).replace('T', "-").replace('Z', ""),
        version => version.to_owned(),
    };
    let env = gateway.record(Coll::Env, env_id).map_or("", |env| env.text("name"));
    let name = format!("{}-{env}-{define}-{revision}", group.text("name"));
    let scope = Scope {
        version: if ctx.query.get("oas_version") == Some("3.0") { 3 } else { 2 },
        backends: define != "spec",
        policies: define == "all" || define == "dev",
        title: group.text("name"),
        revision,
        host: group.text("sl_domain"),
    };
    Ok((name, export::document(gateway, &scope, &entries)))
}

/// 3.16.1.
pub(crate) fn export(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let (name, kind, content) = file(ctx, gateway)?;
    Ok(Reply::File { name: format!("{name}.{kind}"), content: content.into_bytes() })
}

/// 3.16.2.
pub(crate) fn import(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    Ok(Reply::value(&imported(ctx, tx)?))
}

fn imported(ctx: &Ctx, tx: &mut Tx) -> Result<Value, Fault> {
    let is = |name: &str| ctx.body.get(name) == Some(&Value::Bool(true));
    let root = import::parse(ctx.text("file_name"))?;
    let group_id =
        if is("is_create_group") { new_group(ctx, tx, &root)? } else { ctx.text("group_id").to_owned() };
    if group_id.is_empty() {
        return Err(ctx.missing("group_id"));
    }
    exists(tx, Coll::Group, &group_id, GROUP.missing)?;
    let (mut success, mut failure) = (Vec::new(), Vec::new());
    let replace = ctx.text("extend_mode") == "override";
    let (throttles, controls) = import::policy_bodies(&root);
    for (kind, calls, name, bodies) in [
        (&THROTTLE, ("3.4.1", "3.4.2"), "name", throttles),
        (&ACL, ("3.13.1", "3.13.2"), "acl_name", controls),
    ] {
        for body in bodies {
            let shown = rules::text(&body, name).to_owned();
            if let Err(fault) = policy(ctx, tx, kind, calls, (name, body), replace) {
                let (code, message) = ctx.told(&fault);
                failure.push(json!({"path": shown, "method": "", "error_code": code, "error_msg": message}));
            }
        }
    }
    let (found, ignored) = import::apis(tx, &root, is("mock_mode"));
    let replace = ctx.text("api_mode") == "override";
    for api in found {
        let (method, path) = (api.method.clone(), api.uri.clone());
        match one(ctx, tx, &group_id, api, replace) {
            Ok((id, action)) => {
                success.push(json!({"id": id, "method": method, "path": path, "action": action}));
            }
            Err(fault) => {
                let (code, message) = ctx.told(&fault);
                failure.push(json!({
                    "method": method, "path": path, "error_code": code, "error_msg": message,
                }));
            }
        }
    }
    let ignore: Vec<Value> =
        ignored.into_iter().map(|(method, path)| json!({"method": method, "path": path})).collect();
    Ok(json!({
        "group_id": group_id, "success": success, "failure": failure, "ignore": ignore,
        "swagger": {"id": ctx.id(), "result": "Success"},
    }))
}

/// Another call, made for the caller of this one.
fn call<'a>(ctx: &Ctx<'a>, section: &str, path: (&'static str, String), body: Doc) -> Result<Ctx<'a>, Fault> {
    let operation = Edition::V2.protocol().operation(section).ok_or_else(|| Fault::new("APIG.9999"))?;
    let body = validate::members(operation, body)?;
    let path = ctx.path.iter().cloned().chain([path]).collect();
    Ok(Ctx {
        operation,
        asked: ctx.asked,
        path,
        gateway: ctx.gateway(),
        query: Query::default(),
        body,
        now: ctx.now,
        settings: ctx.settings,
    })
}

fn id_in(reply: &Reply) -> String {
    let Reply::Json(text) = reply else { return String::new() };
    let value: Value = serde_json::from_slice(text).unwrap_or(Value::Null);
    value["id"].as_str().unwrap_or("").to_owned()
}

fn new_group(ctx: &Ctx, tx: &mut Tx, root: &Value) -> Result<String, Fault> {
    let mut body = Doc::new();
    body.insert("name".to_owned(), root["info"]["title"].clone());
    let remark: String = root["info"]["description"].as_str().unwrap_or("").chars().take(255).collect();
    body.insert("remark".to_owned(), remark.into());
    let call = call(ctx, "3.1.1", ("", String::new()), body)?;
    Ok(id_in(&records::create(&GROUP, &call, tx)?))
}

/// A throttle or an access control: made, replaced or left as it is.
fn policy(
    ctx: &Ctx,
    tx: &mut Tx,
    kind: &'static Kind,
    (create, update): (&str, &str),
    (name, body): (&str, Doc),
    replace: bool,
) -> Result<(), Fault> {
    let known =
        tx.records_by(kind.coll, name, &[rules::text(&body, name)]).next().map(|known| known.id.to_string());
    match known {
        None => records::create(kind, &call(ctx, create, ("", String::new()), body)?, tx).map(drop),
        Some(id) if replace => {
            records::update(kind, &call(ctx, update, (kind.param, id), body)?, tx).map(drop)
        }
        Some(_) => Ok(()),
    }
}

/// One API: made, or replaced when another of the group answers the same requests.
fn one(
    ctx: &Ctx,
    tx: &mut Tx,
    group_id: &str,
    found: import::Found,
    replace: bool,
) -> Result<(String, &'static str), Fault> {
    let mut body = found.body;
    body.insert("group_id".to_owned(), group_id.into());
    let mode = match rules::text(&body, "match_mode") {
        "" => "NORMAL",
        mode => mode,
    };
    let key = Definition::path_key(&found.uri);
    let same = tx
        .apis_by("path", &[group_id, mode, &key])
        .find(|api| *api.definition.method == *found.method)
        .map(|api| (api.id.to_string(), api.definition.name.to_string()));
    match same {
        Some((id, name)) if replace => {
            body.entry("name").or_insert(name.into());
            let call = call(ctx, "3.5.2", ("api_id", id.clone()), body)?;
            apis::update(&call, tx)?;
            Ok((id, "update"))
        }
        Some((_, name)) => Err(Fault::new("APIG.3301").saying(format!(
            "The API already exists, An API with the same combination of the method, path, and \
             x-apigateway-match-mode fields already exists. API name: {name}"
        ))),
        None => {
            body.entry("name").or_insert(format!("API_{}", &ctx.id()[..8]).into());
            let call = call(ctx, "3.5.1", ("", String::new()), body)?;
            Ok((id_in(&apis::create(&call, tx)?), "create"))
        }
    }
}

/// 3.30.1.
pub(crate) fn async_export(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let done = file(ctx, tx).map(|(name, kind, content)| {
        json!({"FileName": name, "FileType": kind, "Comment": content, "file_type": kind, "content": content})
    });
    task(ctx, tx, "export_api", done)
}

/// 3.30.2.
pub(crate) fn async_import(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    check_idle(ctx, tx)?;
    let done = imported(ctx, tx);
    task(ctx, tx, "import_api", done)
}

/// One task at a time.
fn check_idle(ctx: &Ctx, gateway: &Gateway) -> Result<(), Fault> {
    let busy = gateway.records(Coll::Task).any(|task| ctx.now.saturating_sub(task.created) < TASK_TIME);
    if busy { Err(Fault::new("APIG.3718")) } else { Ok(()) }
}

/// What was done at once becomes visible as a task that takes its time. A failure is a result, too.
fn task(ctx: &Ctx, tx: &mut Tx, kind: &str, done: Result<Value, Fault>) -> Result<Reply, Fault> {
    check_idle(ctx, tx)?;
    let (state, result) = match done {
        Ok(result) => ("succeed", result),
        Err(fault) => {
            let (code, message) = ctx.told(&fault);
            ("failed", json!({"error_code": code, "error_msg": message}))
        }
    };
    let mut doc = Doc::new();
    doc.insert("task_type".to_owned(), kind.into());
    doc.insert("task_status".to_owned(), state.into());
    doc.insert("task_result".to_owned(), result.to_string().into());
    let id = ctx.id();
    tx.put(
        Coll::Task,
        Row::Record(Record { id: id.as_str().into(), created: ctx.now, updated: ctx.now, doc }),
    );
    Ok(Reply::value(&json!({"task_id": id})))
}

/// 3.30.3.
pub(crate) fn read_task(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let id = ctx.path("task_id");
    let task = gateway.record(Coll::Task, id).ok_or_else(|| {
        Fault::of("APIG.3093", id).saying(format!("The asynchronous task {id} does not exist"))
    })?;
    let working = ctx.now.saturating_sub(task.created) < TASK_TIME;
    let (state, result) =
        if working { ("processing", "") } else { (task.text("task_status"), task.text("task_result")) };
    Ok(Reply::value(&json!({
        "task_id": id, "task_type": task.text("task_type"), "task_status": state, "task_result": result,
    })))
}
