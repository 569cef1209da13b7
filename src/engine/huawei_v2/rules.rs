//! What makes the definition of an API good, beyond types and lengths (3.5.1).

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::model::{Coll, Doc};
use super::super::store::Gateway;
use super::context::Ctx;
use super::fault::Fault;
use super::features;
use super::records::exists;

const SYSTEM_VALUES: [&str; 8] =
    ["sourceIp", "stage", "apiId", "appId", "requestId", "serverAddr", "serverName", "handleTime"];

/// The members that hold policy backends.
pub(crate) const POLICIES: [&str; 3] = ["policy_https", "policy_functions", "policy_mocks"];

/// Checks a definition as it was sent.
pub(crate) fn check(ctx: &Ctx, gateway: &Gateway, doc: &Doc) -> Result<(), Fault> {
    exists(gateway, Coll::Group, text(doc, "group_id"), "APIG.3001")?;
    address(ctx, doc)?;
    tags(ctx, doc)?;
    authentication(ctx, gateway, doc)?;
    let parameters = request_parameters(ctx, doc)?;
    backend(ctx, gateway, doc, &parameters)?;
    policies(ctx, gateway, doc, &parameters)?;
    grpc(ctx, doc)?;
    if !text(doc, "response_id").is_empty() {
        let response = gateway.record(Coll::Response, text(doc, "response_id"));
        if response.is_none_or(|response| response.text("group_id") != text(doc, "group_id")) {
            return Err(ctx.bad("response_id"));
        }
    }
    Ok(())
}

pub(crate) fn text<'d>(doc: &'d Doc, name: &str) -> &'d str {
    doc.get(name).and_then(Value::as_str).unwrap_or("")
}

pub(crate) fn list<'d>(doc: &'d Doc, name: &str) -> &'d [Value] {
    doc.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The names in braces of a path; none when the braces do not match.
pub(crate) fn path_names(uri: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut rest = uri;
    while let Some(at) = rest.find(['{', '}']) {
        let inner = rest[at..].strip_prefix('{')?;
        let (name, after) = inner.split_once('}')?;
        if name.is_empty() || name.contains(['{', '/']) {
            return None;
        }
        names.push(name.trim_end_matches('+'));
        rest = after;
    }
    Some(names)
}

fn address(ctx: &Ctx, doc: &Doc) -> Result<(), Fault> {
    let uri = text(doc, "req_uri");
    let odd = |c: char| c.is_control() || c.is_whitespace() || "?#\"<>\\^`|".contains(c);
    if !uri.starts_with('/') || uri.contains("//") || uri.contains(odd) || path_names(uri).is_none() {
        return Err(ctx.bad("req_uri"));
    }
    Ok(())
}

fn tags(ctx: &Ctx, doc: &Doc) -> Result<(), Fault> {
    let tags = list(doc, "tags");
    if tags.len() > ctx.limit("API_TAG_NUM_LIMIT") {
        return Err(Fault::new("APIG.3133"));
    }
    let names: BTreeSet<&str> = tags.iter().filter_map(Value::as_str).collect();
    if names.contains("") {
        return Err(ctx.bad("tags"));
    }
    if names.len() < tags.len() { Err(Fault::new("APIG.3213")) } else { Ok(()) }
}

fn authentication(ctx: &Ctx, gateway: &Gateway, doc: &Doc) -> Result<(), Fault> {
    if text(doc, "auth_type") != "AUTHORIZER" {
        return Ok(());
    }
    let id = text(doc, "authorizer_id");
    if id.is_empty() {
        return Err(ctx.missing("authorizer_id"));
    }
    authorizer(ctx, gateway, id, "FRONTEND")
}

fn authorizer(ctx: &Ctx, gateway: &Gateway, id: &str, kind: &str) -> Result<(), Fault> {
    let found = gateway.record(Coll::Authorizer, id).ok_or_else(|| Fault::of("APIG.3081", id))?;
    // One that was observed from afar may lack its type.
    if found.text("type").is_empty() || found.text("type") == kind {
        Ok(())
    } else {
        Err(ctx.bad("authorizer_id"))
    }
}

fn request_parameters<'d>(ctx: &Ctx, doc: &'d Doc) -> Result<BTreeSet<(&'d str, &'d str)>, Fault> {
    let parameters = list(doc, "req_params");
    if parameters.len() > ctx.limit("API_PARAM_NUM_LIMIT") {
        return Err(Fault::new("APIG.3111"));
    }
    let mut seen = BTreeSet::new();
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap_or("");
        let location = parameter["location"].as_str().unwrap_or("");
        if !seen.insert((name, location)) {
            return Err(Fault::of("APIG.3209", name));
        }
        if location == "PATH" && parameter["required"].as_i64() == Some(2) {
            return Err(ctx.bad("required"));
        }
        let pair = |low: &str, high: &str| parameter[low].as_i64().zip(parameter[high].as_i64());
        if pair("min_num", "max_num").is_some_and(|(low, high)| low > high) {
            return Err(ctx.bad("min_num"));
        }
        if pair("min_size", "max_size").is_some_and(|(low, high)| low > high) {
            return Err(ctx.bad("min_size"));
        }
    }
    for name in path_names(text(doc, "req_uri")).unwrap_or_default() {
        if !seen.contains(&(name, "PATH")) {
            return Err(Fault::of("APIG.2026", name));
        }
    }
    Ok(seen)
}

fn backend(
    ctx: &Ctx,
    gateway: &Gateway,
    doc: &Doc,
    parameters: &BTreeSet<(&str, &str)>,
) -> Result<(), Fault> {
    let part = match text(doc, "backend_type") {
        "FUNCTION" => "func_info",
        "MOCK" => "mock_info",
        _ => "backend_api",
    };
    let Some(Value::Object(backend)) = doc.get(part) else { return Err(ctx.missing(part)) };
    match part {
        "backend_api" => web(ctx, gateway, backend, text(doc, "backend_type"))?,
        "func_info" => function(ctx, gateway, backend)?,
        _ => {}
    }
    if !text(backend, "authorizer_id").is_empty() {
        authorizer(ctx, gateway, text(backend, "authorizer_id"), "BACKEND")?;
    }
    backend_parameters(ctx, doc, list(doc, "backend_params"), text(backend, "req_uri"), parameters)
}

fn web(ctx: &Ctx, gateway: &Gateway, backend: &Doc, kind: &str) -> Result<(), Fault> {
    let channel =
        backend.get("vpc_channel_info").and_then(|info| info["vpc_channel_id"].as_str()).unwrap_or("");
    if backend.get("vpc_channel_status").and_then(Value::as_i64) == Some(1) {
        if channel.is_empty() {
            return Err(ctx.missing("vpc_channel_id"));
        }
        exists(gateway, Coll::Channel, channel, "APIG.3023")?;
    } else if text(backend, "url_domain").is_empty() {
        return Err(ctx.missing("url_domain"));
    } else if text(backend, "url_domain").contains(|c: char| c.is_whitespace() || "/?@".contains(c)) {
        return Err(ctx.bad("url_domain"));
    }
    let uri = text(backend, "req_uri");
    if !uri.starts_with('/') || uri.contains(char::is_whitespace) || path_names(uri).is_none() {
        return Err(ctx.bad("req_uri"));
    }
    timeout(ctx, gateway, backend)?;
    let retries = text(backend, "retry_count");
    if !retries.is_empty() && !retries.parse::<i64>().is_ok_and(|count| (-1..=10).contains(&count)) {
        return Err(ctx.bad("retry_count"));
    }
    let mutual = backend.get("enable_client_ssl") == Some(&Value::Bool(true));
    if mutual && (kind == "GRPC" || text(backend, "req_protocol") != "HTTPS") {
        return Err(Fault::new("APIG.3717"));
    }
    if mutual && !features::is_on(gateway, "backend_client_certificate", true) {
        return Err(Fault::new("APIG.3458"));
    }
    Ok(())
}

fn function(ctx: &Ctx, gateway: &Gateway, backend: &Doc) -> Result<(), Fault> {
    if !text(backend, "function_urn").starts_with("urn:") {
        return Err(Fault::new("APIG.3019"));
    }
    timeout(ctx, gateway, backend)
}

fn timeout(ctx: &Ctx, gateway: &Gateway, backend: &Doc) -> Result<(), Fault> {
    let most = features::backend_timeout_max(gateway);
    let longer = backend.get("timeout").and_then(Value::as_i64).is_some_and(|ms| ms > most);
    if longer { Err(ctx.bad("timeout")) } else { Ok(()) }
}

fn backend_parameters(
    ctx: &Ctx,
    doc: &Doc,
    backend: &[Value],
    uri: &str,
    parameters: &BTreeSet<(&str, &str)>,
) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for parameter in backend {
        let field = |name: &str| parameter[name].as_str().unwrap_or("");
        let (name, value) = (field("name"), field("value"));
        if !seen.insert((name, field("location"))) {
            return Err(Fault::of("APIG.3209", name));
        }
        match field("origin") {
            "REQUEST" if !parameters.iter().any(|(known, _)| *known == value) => {
                return Err(Fault::of("APIG.2028", value));
            }
            "SYSTEM" => system_value(ctx, doc, value)?,
            _ => {}
        }
    }
    for name in path_names(uri).unwrap_or_default() {
        if !seen.contains(&(name, "PATH")) {
            return Err(Fault::of("APIG.2027", name));
        }
    }
    Ok(())
}

fn system_value(ctx: &Ctx, doc: &Doc, value: &str) -> Result<(), Fault> {
    let Some(name) = value.strip_prefix("$context.") else { return Err(ctx.bad("value")) };
    if name.starts_with("authorizer.frontend.") {
        let custom = text(doc, "auth_type") == "AUTHORIZER";
        return if custom { Ok(()) } else { Err(Fault::new("APIG.2036")) };
    }
    let known = SYSTEM_VALUES.contains(&name) || name.starts_with("authorizer.backend.");
    if known { Ok(()) } else { Err(ctx.bad("value")) }
}

fn policies(
    ctx: &Ctx,
    gateway: &Gateway,
    doc: &Doc,
    parameters: &BTreeSet<(&str, &str)>,
) -> Result<(), Fault> {
    let mut names = BTreeSet::new();
    let all = POLICIES.iter().flat_map(|part| list(doc, part).iter().map(move |policy| (*part, policy)));
    for (part, policy) in all {
        let Value::Object(policy) = policy else { continue };
        if !names.insert(text(policy, "name")) {
            return Err(Fault::of("APIG.3210", text(policy, "name")));
        }
        if names.len() > ctx.limit("API_POLICY_NUM_LIMIT") {
            return Err(Fault::new("APIG.3113"));
        }
        match part {
            "policy_https" => web(ctx, gateway, policy, text(doc, "backend_type"))?,
            "policy_functions" => function(ctx, gateway, policy)?,
            _ => {}
        }
        if !text(policy, "authorizer_id").is_empty() {
            authorizer(ctx, gateway, text(policy, "authorizer_id"), "BACKEND")?;
        }
        backend_parameters(ctx, doc, list(policy, "backend_params"), text(policy, "req_uri"), parameters)?;
        conditions(ctx, gateway, doc, (list(policy, "conditions"), parameters))?;
    }
    Ok(())
}

fn conditions(
    ctx: &Ctx,
    gateway: &Gateway,
    doc: &Doc,
    (all, parameters): (&[Value], &BTreeSet<(&str, &str)>),
) -> Result<(), Fault> {
    if all.is_empty() {
        return Err(ctx.bad("conditions"));
    }
    if all.len() > ctx.limit("API_CONDITION_NUM_LIMIT") {
        return Err(Fault::new("APIG.3114"));
    }
    for condition in all {
        let field = |name: &str| condition[name].as_str().unwrap_or("");
        let source = match field("condition_origin") {
            "param" => "req_param_name",
            "system" => "sys_param_name",
            "cookie" => "cookie_param_name",
            "frontend_authorizer" => "frontend_authorizer_param_name",
            _ => continue,
        };
        if field(source).is_empty() {
            return Err(ctx.missing(source));
        }
        if source == "cookie_param_name" && !features::is_on(gateway, "policy_cookie_param", true) {
            return Err(Fault::new("APIG.3458"));
        }
        if field("condition_type").is_empty() {
            return Err(ctx.missing("condition_type"));
        }
        if source == "req_param_name" && !parameters.iter().any(|(name, _)| *name == field(source)) {
            return Err(Fault::of("APIG.2028", field(source)));
        }
        if source == "frontend_authorizer_param_name" && text(doc, "auth_type") != "AUTHORIZER" {
            return Err(Fault::new("APIG.2036"));
        }
    }
    Ok(())
}

fn grpc(ctx: &Ctx, doc: &Doc) -> Result<(), Fault> {
    let (protocol, backend) = (text(doc, "req_protocol"), text(doc, "backend_type"));
    if (protocol == "GRPCS") != (backend == "GRPC") && backend != "FUNCTION" {
        return Err(ctx.bad(if backend == "GRPC" { "req_protocol" } else { "backend_type" }));
    }
    if protocol != "GRPCS" {
        return Ok(());
    }
    if text(doc, "req_method") != "POST" {
        return Err(ctx.bad("req_method"));
    }
    if text(doc, "auth_type") == "AUTHORIZER" {
        return Err(ctx.bad("auth_type"));
    }
    for part in ["req_params", "backend_params"] {
        if !list(doc, part).is_empty() {
            return Err(ctx.bad(part));
        }
    }
    for part in ["result_normal_sample", "result_failure_sample"] {
        if !text(doc, part).is_empty() {
            return Err(ctx.bad(part));
        }
    }
    let backend_uri = doc.get("backend_api").and_then(|backend| backend["req_uri"].as_str());
    if backend_uri.is_some_and(|uri| uri != "/") { Err(ctx.bad("req_uri")) } else { Ok(()) }
}

/// Refuses a definition when the gateway has no room for one more API.
pub(crate) fn quotas(ctx: &Ctx, gateway: &Gateway, group_id: &str) -> Result<(), Fault> {
    if gateway.table(Coll::Api).len() >= ctx.limit("API_NUM_LIMIT") {
        return Err(Fault::new("APIG.3102"));
    }
    room_in_group(ctx, gateway, group_id)
}

/// Refuses a definition when the group has no room for one more API.
pub(crate) fn room_in_group(ctx: &Ctx, gateway: &Gateway, group_id: &str) -> Result<(), Fault> {
    let full = gateway.count_by(Coll::Api, "group_id", &[group_id]) >= ctx.limit("API_NUM_LIMIT_PER_GROUP");
    if full { Err(Fault::new("APIG.3125")) } else { Ok(()) }
}
