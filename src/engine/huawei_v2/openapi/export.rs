//! Definitions of APIs as an OpenAPI document, with the vendor's extensions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::super::model::{Coll, Definition, Doc, Policy, Record};
use super::super::super::store::Gateway;
use super::super::rules::{POLICIES, list, text};
use super::super::seed::definition_doc;

/// What goes into a document.
pub(crate) struct Scope<'a> {
    /// 2 or 3.
    pub(crate) version: u8,
    pub(crate) backends: bool,
    pub(crate) policies: bool,
    pub(crate) title: &'a str,
    pub(crate) revision: String,
    pub(crate) host: &'a str,
}

/// An API to write: its definition and where it runs.
pub(crate) struct Entry<'g> {
    pub(crate) definition: &'g Definition,
    pub(crate) publish_id: Option<&'g str>,
}

/// The whole document.
pub(crate) fn document(gateway: &Gateway, scope: &Scope, entries: &[Entry]) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut security = Map::new();
    let (mut throttles, mut controls) = (Map::new(), Map::new());
    for entry in entries {
        let doc = definition_doc(entry.definition);
        let mut operation = operation(gateway, scope, &doc, &mut security);
        if scope.policies {
            policies(gateway, entry, &mut operation, &mut throttles, &mut controls);
        }
        let method = match &*entry.definition.method {
            "ANY" => "x-apigateway-any-method".to_owned(),
            method => method.to_ascii_lowercase(),
        };
        paths.entry(&entry.definition.uri).or_default().insert(method, Value::Object(operation));
    }
    let info = json!({"title": scope.title, "version": scope.revision});
    let mut out = if scope.version == 3 {
        json!({"openapi": "3.0.0", "info": info, "servers": [{"url": format!("https://{}", scope.host)}],
            "paths": paths, "components": {"securitySchemes": security,
            "responses": {"default": {"description": "response example"}}}})
    } else {
        json!({"swagger": "2.0", "info": info, "host": scope.host, "paths": paths,
            "responses": {"default": {"description": "response example"}}, "securityDefinitions": security})
    };
    for (name, all) in [("x-apigateway-ratelimits", throttles), ("x-apigateway-access-controls", controls)] {
        if !all.is_empty() {
            out[name] = Value::Object(all);
        }
    }
    out
}

fn operation(gateway: &Gateway, scope: &Scope, doc: &Doc, security: &mut Doc) -> Doc {
    let mut out = Map::new();
    out.insert("operationId".to_owned(), text(doc, "name").into());
    for (from, to) in [
        ("remark", "description"),
        ("tags", "tags"),
        ("result_normal_sample", "x-apigateway-result-normal-sample"),
        ("result_failure_sample", "x-apigateway-result-failure-sample"),
        ("cors", "x-apigateway-cors"),
    ] {
        if let Some(value) = doc.get(from).filter(|value| **value != "") {
            out.insert(to.to_owned(), value.clone());
        }
    }
    let schemes: &[&str] = match text(doc, "req_protocol") {
        "HTTP" => &["http"],
        "BOTH" => &["http", "https"],
        "GRPCS" => &["grpcs"],
        _ => &["https"],
    };
    if scope.version == 3 {
        let servers: Vec<Value> =
            schemes.iter().map(|scheme| json!({"url": format!("{scheme}://{}", scope.host)})).collect();
        out.insert("servers".to_owned(), servers.into());
    } else {
        out.insert("schemes".to_owned(), json!(schemes));
    }
    let parameters: Vec<Value> = list(doc, "req_params").iter().map(|it| parameter(scope, it)).collect();
    if !parameters.is_empty() {
        out.insert("parameters".to_owned(), parameters.into());
    }
    if let Some(name) = scheme(gateway, doc, security) {
        out.insert("security".to_owned(), json!([{name: []}]));
    }
    let place = if scope.version == 3 { "#/components/responses/default" } else { "#/responses/default" };
    out.insert("responses".to_owned(), json!({"default": {"$ref": place}}));
    let kind = if doc.get("type") == Some(&json!(2)) { "private" } else { "public" };
    out.insert("x-apigateway-request-type".to_owned(), kind.into());
    let mode = if text(doc, "match_mode").is_empty() { "NORMAL" } else { text(doc, "match_mode") };
    out.insert("x-apigateway-match-mode".to_owned(), mode.into());
    if scope.backends {
        out.insert("x-apigateway-backend".to_owned(), Value::Object(backend(gateway, doc)));
        let policies = backend_policies(gateway, doc);
        if !policies.is_empty() {
            out.insert("x-apigateway-backend-policies".to_owned(), policies.into());
        }
    }
    out
}

fn parameter(scope: &Scope, it: &Value) -> Value {
    let number = it["type"] == "NUMBER";
    let mut schema = Map::new();
    schema.insert("type".to_owned(), if number { "number" } else { "string" }.into());
    let limits = if number {
        [("min_num", "minimum"), ("max_num", "maximum")]
    } else {
        [("min_size", "minLength"), ("max_size", "maxLength")]
    };
    for (from, to) in limits.into_iter().chain([("default_value", "default")]) {
        let unset =
            |value: &&Value| !value.is_null() && **value != "" && (from == "default_value" || **value != 0);
        if let Some(value) = it.get(from).filter(unset) {
            schema.insert(to.to_owned(), value.clone());
        }
    }
    if let Some(words) = it["enumerations"].as_str().filter(|words| !words.is_empty()) {
        schema.insert("enum".to_owned(), json!(words.split(',').collect::<Vec<_>>()));
    }
    let mut out = Map::new();
    out.insert("name".to_owned(), it["name"].clone());
    out.insert("in".to_owned(), it["location"].as_str().unwrap_or("").to_ascii_lowercase().into());
    out.insert("required".to_owned(), json!(it["required"] == 1));
    if let Some(remark) = it["remark"].as_str().filter(|remark| !remark.is_empty()) {
        out.insert("description".to_owned(), remark.into());
    }
    out.insert(
        "x-apigateway-pass-through".to_owned(),
        if it["pass_through"] == 2 { "never" } else { "always" }.into(),
    );
    if scope.version == 3 {
        out.insert("schema".to_owned(), Value::Object(schema));
    } else {
        out.extend(schema);
    }
    Value::Object(out)
}

/// The way an API proves its callers, noted among the schemes of the document.
fn scheme(gateway: &Gateway, doc: &Doc, security: &mut Doc) -> Option<String> {
    let (name, body) = match text(doc, "auth_type") {
        "APP" => {
            let coded = doc.get("auth_opt").is_some_and(|it| it["app_code_auth_type"] == "HEADER");
            let mut body = json!({"type": "apiKey", "name": "Authorization", "in": "header",
                "x-apigateway-auth-type": "AppSigv1"});
            if coded {
                body["x-apigateway-auth-opt"] = json!({"appcode-auth-type": "header"});
            }
            (if coded { "apig-auth-app-header" } else { "apig-auth-app" }.to_owned(), body)
        }
        "IAM" => (
            "apig-auth-iam".to_owned(),
            json!({"type": "apiKey", "name": "unused", "in": "header",
            "x-apigateway-auth-type": "IAM"}),
        ),
        "AUTHORIZER" => {
            let authorizer = gateway.record(Coll::Authorizer, text(doc, "authorizer_id"));
            let name = authorizer.map_or("", |authorizer| authorizer.text("name"));
            (
                name.to_owned(),
                json!({"type": "apiKey", "name": "unused", "in": "header",
                "x-apigateway-auth-type": "custom", "x-apigateway-authorizer": {"type": "func", "name": name}}),
            )
        }
        _ => return None,
    };
    security.insert(name.clone(), body);
    Some(name)
}

fn backend(gateway: &Gateway, doc: &Doc) -> Doc {
    let kind = text(doc, "backend_type");
    let (part, kind) = match kind {
        "FUNCTION" => ("func_info", "FUNCTION"),
        "MOCK" => ("mock_info", "MOCK"),
        "GRPC" => ("backend_api", "GRPC"),
        _ => ("backend_api", "HTTP"),
    };
    let empty = Map::new();
    let it = doc.get(part).and_then(Value::as_object).unwrap_or(&empty);
    let mut out = endpoint(gateway, kind, it);
    out.insert("parameters".to_owned(), parameters(list(doc, "backend_params")));
    out
}

/// What a backend is, whichever kind.
fn endpoint(gateway: &Gateway, kind: &str, it: &Doc) -> Doc {
    let value = |name: &str| it.get(name).cloned().unwrap_or(Value::Null);
    let mut out = Map::new();
    let (kind, part, body) = match kind {
        "FUNCTION" => (
            "FUNCTION",
            "functionEndpoints",
            json!({
            "function-urn": value("function_urn"), "version": value("version"),
            "alias-urn": value("alias_urn"), "network-type": value("network_type"),
            "invocation-type": value("invocation_type"), "timeout": value("timeout")}),
        ),
        "MOCK" => (
            "MOCK",
            "mockEndpoints",
            json!({
            "result-content": value("result_content"), "status-code": value("status_code")}),
        ),
        _ => {
            let web = json!({"scheme": text(it, "req_protocol").to_ascii_lowercase(), "method": value("req_method"),
                "path": value("req_uri"), "timeout": value("timeout"), "retry-count": value("retry_count")});
            let channel = it.get("vpc_channel_info").and_then(|info| info["vpc_channel_id"].as_str());
            let channel = channel.and_then(|id| gateway.record(Coll::Channel, id));
            let mut web = web;
            match channel {
                Some(channel) => {
                    web["name"] = channel.text("name").into();
                    let host = it["vpc_channel_info"]["vpc_channel_proxy_host"].clone();
                    web["proxy-host"] = host;
                    (if kind == "GRPC" { "GRPC-VPC" } else { "HTTP-VPC" }, "httpVpcEndpoints", web)
                }
                None => {
                    web["address"] = value("url_domain");
                    (if kind == "GRPC" { "GRPC" } else { "HTTP" }, "httpEndpoints", web)
                }
            }
        }
    };
    let mut body = body;
    if let Some(body) = body.as_object_mut() {
        body.retain(|_, value| !value.is_null() && *value != "");
    }
    out.insert("type".to_owned(), kind.into());
    out.insert(part.to_owned(), body);
    out
}

fn parameters(all: &[Value]) -> Value {
    let one = |it: &Value| {
        json!({"name": it["name"], "in": it["location"].as_str().unwrap_or("").to_ascii_lowercase(),
            "origin": it["origin"], "value": it["value"], "description": it["remark"].as_str().unwrap_or("")})
    };
    Value::Array(all.iter().map(one).collect())
}

fn backend_policies(gateway: &Gateway, doc: &Doc) -> Vec<Value> {
    let mut out = Vec::new();
    for part in POLICIES {
        let kind = match part {
            "policy_functions" => "FUNCTION",
            "policy_mocks" => "MOCK",
            _ => "HTTP",
        };
        for policy in list(doc, part).iter().filter_map(Value::as_object) {
            let mut one = endpoint(gateway, kind, policy);
            one.insert("name".to_owned(), text(policy, "name").into());
            one.insert("effectMode".to_owned(), text(policy, "effect_mode").into());
            one.insert("parameters".to_owned(), parameters(list(policy, "backend_params")));
            let conditions = list(policy, "conditions").iter().map(|condition| {
                let mut condition = condition.clone();
                if let Some(condition) = condition.as_object_mut() {
                    condition.retain(|name, value| {
                        !["id", "req_param_id"].contains(&name.as_str()) && *value != ""
                    });
                }
                condition
            });
            one.insert("conditions".to_owned(), conditions.collect());
            out.push(Value::Object(one));
        }
    }
    out
}

/// The throttle and the access control of where the API runs.
fn policies(gateway: &Gateway, entry: &Entry, operation: &mut Doc, throttles: &mut Doc, controls: &mut Doc) {
    let Some(publish_id) = entry.publish_id else { return };
    for binding in gateway.bindings_on(publish_id) {
        match binding.policy {
            Policy::Throttle => {
                let Some(throttle) = gateway.record(Coll::Throttle, &binding.policy_id) else { continue };
                operation.insert("x-apigateway-ratelimit".to_owned(), throttle.text("name").into());
                throttles.insert(throttle.text("name").to_owned(), throttle_out(throttle));
            }
            Policy::Acl => {
                let Some(acl) = gateway.record(Coll::Acl, &binding.policy_id) else { continue };
                operation.insert("x-apigateway-access-control".to_owned(), acl.text("acl_name").into());
                let body = json!({"acl-type": acl.text("acl_type"), "entity-type": acl.text("entity_type"),
                    "value": acl.text("acl_value")});
                controls.insert(acl.text("acl_name").to_owned(), body);
            }
            Policy::Sign => {}
        }
    }
}

fn throttle_out(throttle: &Record) -> Value {
    let mut out = json!({"unit": throttle.text("time_unit"), "interval": throttle.number("time_interval"),
        "shared": throttle.number("type") == Some(2)});
    for (from, to) in super::LIMITS {
        if let Some(limit) = throttle.number(from) {
            out[to] = json!(limit);
        }
    }
    out
}
