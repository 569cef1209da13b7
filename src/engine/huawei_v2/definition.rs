//! The definition of an API: completed with what the server adds, and taken apart for storing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::model::{Definition, Doc, Uses, Wire};
use super::super::store::Gateway;
use super::super::time::seconds;
use super::context::Ctx;
use super::responses;
use super::rules::{POLICIES, list, text};

/// What lists show of a definition, in the documented order.
const BRIEF: [&str; 19] = [
    "name",
    "type",
    "version",
    "req_protocol",
    "req_method",
    "req_uri",
    "auth_type",
    "auth_opt",
    "cors",
    "match_mode",
    "backend_type",
    "remark",
    "group_id",
    "body_remark",
    "result_normal_sample",
    "result_failure_sample",
    "authorizer_id",
    "tags",
    "response_id",
];
const DETAIL: [&str; 6] =
    ["func_info", "mock_info", "backend_params", "policy_functions", "policy_mocks", "policy_https"];

/// Adds defaults, ids and times to a definition that was found good. `backend_id` is the one it had before.
pub(crate) fn complete(ctx: &Ctx, gateway: &Gateway, doc: &mut Doc, old: Option<&Identity>) {
    if text(doc, "version").is_empty() {
        doc.insert("version".to_owned(), "V0.0.1".into());
    }
    doc.entry("auth_opt").or_insert(json!({"app_code_auth_type": "DISABLE"}));
    if text(doc, "response_id").is_empty() {
        match responses::default_of(gateway, text(doc, "group_id")) {
            Some(id) => doc.insert("response_id".to_owned(), id.into()),
            None => doc.shift_remove("response_id"),
        };
    }
    if text(doc, "auth_type") != "AUTHORIZER" {
        doc.shift_remove("authorizer_id");
    }
    let kept = match text(doc, "backend_type") {
        "FUNCTION" => "func_info",
        "MOCK" => "mock_info",
        _ => "backend_api",
    };
    for part in ["func_info", "mock_info", "backend_api"] {
        if part != kept {
            doc.shift_remove(part);
        }
    }
    if let Some(Value::Object(backend)) = doc.get_mut(kept) {
        complete_backend(ctx, backend, kept, old);
    }
    let parameters = complete_parameters(ctx, doc);
    if let Some(Value::Array(items)) = doc.get_mut("backend_params") {
        complete_backend_parameters(ctx, items, &parameters);
    }
    for part in POLICIES {
        if let Some(Value::Array(policies)) = doc.get_mut(part) {
            for policy in policies.iter_mut().filter_map(Value::as_object_mut) {
                complete_policy(ctx, policy, part, &parameters);
            }
        }
    }
}

/// What of a backend survives an update.
pub(crate) struct Identity {
    id: String,
    registered: String,
}

impl Identity {
    /// Reads it from the stored form of a definition.
    pub(crate) fn of(definition: &Definition) -> Option<Self> {
        let wire = &definition.wire;
        let text = format!("{{{}}}", if wire.backend.is_empty() { &wire.detail } else { &wire.backend });
        let doc: Doc = serde_json::from_str(&text).ok()?;
        let backend = ["backend_api", "func_info", "mock_info"].iter().find_map(|part| doc.get(*part))?;
        let field = |name: &str| backend[name].as_str().map(str::to_owned);
        Some(Self { id: field("id")?, registered: field("register_time")? })
    }
}

fn complete_backend(ctx: &Ctx, backend: &mut Doc, part: &str, old: Option<&Identity>) {
    if part == "backend_api" {
        complete_channel(backend);
    }
    let now = seconds(ctx.now);
    let (id, registered) = match old {
        Some(old) => (old.id.clone(), old.registered.clone()),
        None => (ctx.id(), now.clone()),
    };
    backend.insert("id".to_owned(), id.into());
    backend.insert("status".to_owned(), json!(1));
    backend.insert("register_time".to_owned(), registered.into());
    backend.insert("update_time".to_owned(), now.into());
}

fn complete_channel(backend: &mut Doc) {
    if backend.get("vpc_channel_status").and_then(Value::as_i64) != Some(1) {
        backend.insert("vpc_channel_status".to_owned(), json!(2));
        backend.shift_remove("vpc_channel_info");
        return;
    }
    if let Some(Value::Object(info)) = backend.get_mut("vpc_channel_info") {
        info.insert("cascade_flag".to_owned(), json!(false));
        info.insert("vpc_channel_port".to_owned(), json!(0));
        let id = text(info, "vpc_channel_id").to_owned();
        backend.insert("url_domain".to_owned(), id.into());
    }
}

type Parameters = BTreeMap<String, (String, String)>;

/// Completes the request parameters; returns id and location by name.
fn complete_parameters(ctx: &Ctx, doc: &mut Doc) -> Parameters {
    let mut out = Parameters::new();
    let Some(Value::Array(items)) = doc.get_mut("req_params") else { return out };
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        let (name, location) = (text(item, "name").to_owned(), text(item, "location").to_owned());
        let id = ctx.id();
        item.entry("required").or_insert(json!(if location == "PATH" { 1 } else { 2 }));
        item.entry("pass_through").or_insert(json!(1));
        item.insert("id".to_owned(), id.as_str().into());
        out.entry(name).or_insert((id, location));
    }
    out
}

fn complete_backend_parameters(ctx: &Ctx, items: &mut [Value], parameters: &Parameters) {
    for item in items.iter_mut().filter_map(Value::as_object_mut) {
        item.insert("id".to_owned(), ctx.id().into());
        let source = parameters.get(text(item, "value")).filter(|_| text(item, "origin") == "REQUEST");
        if let Some((id, _)) = source {
            item.insert("req_param_id".to_owned(), id.as_str().into());
        }
    }
}

fn complete_policy(ctx: &Ctx, policy: &mut Doc, part: &str, parameters: &Parameters) {
    policy.insert("id".to_owned(), ctx.id().into());
    if part == "policy_https" {
        complete_channel(policy);
    }
    if part != "policy_mocks" {
        policy.entry("timeout").or_insert(json!(5000));
    }
    if let Some(Value::Array(items)) = policy.get_mut("backend_params") {
        complete_backend_parameters(ctx, items, parameters);
    }
    let Some(Value::Array(conditions)) = policy.get_mut("conditions") else { return };
    for condition in conditions.iter_mut().filter_map(Value::as_object_mut) {
        condition.insert("id".to_owned(), ctx.id().into());
        let source = parameters.get(text(condition, "req_param_name"));
        if let Some((id, location)) = source.filter(|_| text(condition, "condition_origin") == "param") {
            condition.insert("req_param_id".to_owned(), id.as_str().into());
            condition.insert("req_param_location".to_owned(), location.as_str().into());
        }
    }
}

/// Takes a definition apart. Members that are absent stay absent.
pub(crate) fn from_wire(doc: &Doc) -> Definition {
    let short = |name: &str| -> Box<str> { text(doc, name).into() };
    let match_mode = match text(doc, "match_mode") {
        "" => "NORMAL",
        mode => mode,
    };
    Definition {
        group_id: short("group_id"),
        name: short("name"),
        kind: doc.get("type").and_then(Value::as_i64).unwrap_or(0),
        protocol: short("req_protocol"),
        method: short("req_method"),
        uri: short("req_uri"),
        match_mode: match_mode.into(),
        auth_type: short("auth_type"),
        remark: short("remark"),
        tags: list(doc, "tags").iter().filter_map(Value::as_str).map(Into::into).collect(),
        uses: uses(doc),
        wire: Wire {
            brief: members(doc, &BRIEF),
            backend: members(doc, &["backend_api"]),
            parameters: members(doc, &["req_params"]),
            detail: members(doc, &DETAIL),
        },
    }
}

fn members(doc: &Doc, names: &[&str]) -> Box<str> {
    let mut out = Vec::new();
    for (name, value) in names.iter().filter_map(|name| doc.get(*name).map(|value| (name, value))) {
        out.extend(format!("{}\"{name}\":", if out.is_empty() { "" } else { "," }).into_bytes());
        super::context::put(&mut out, value);
    }
    String::from_utf8(out).unwrap_or_default().into()
}

fn uses(doc: &Doc) -> Uses {
    let mut out = Uses::default();
    let policies = POLICIES.iter().flat_map(|part| list(doc, part));
    let backends = ["backend_api", "func_info", "mock_info"].iter().filter_map(|part| doc.get(*part));
    for part in backends.chain(policies).filter_map(Value::as_object) {
        let channel = part.get("vpc_channel_info").and_then(|info| info["vpc_channel_id"].as_str());
        out.channels.extend(channel.filter(|id| !id.is_empty()).map(Into::into));
        out.authorizers.extend(Some(text(part, "authorizer_id")).filter(|id| !id.is_empty()).map(Into::into));
        for place in ["url_domain", "req_uri"] {
            variables(text(part, place), &mut out.variables);
        }
    }
    out.authorizers.extend(Some(text(doc, "authorizer_id")).filter(|id| !id.is_empty()).map(Into::into));
    out.response = Some(text(doc, "response_id")).filter(|id| !id.is_empty()).map(Into::into);
    for names in [&mut out.channels, &mut out.authorizers, &mut out.variables] {
        names.sort();
        names.dedup();
    }
    out
}

/// The names between number signs.
fn variables(address: &str, out: &mut Vec<Box<str>>) {
    let mut rest = address;
    while let Some((_, after)) = rest.split_once('#') {
        let Some((name, next)) = after.split_once('#') else { return };
        out.push(name.into());
        rest = next;
    }
}
