//! An OpenAPI document as bodies of the calls that create APIs and policies.

use serde_json::{Map, Value, json};

use super::super::super::model::{Coll, Doc};
use super::super::super::store::Gateway;
use super::super::fault::Fault;

const METHODS: [&str; 7] = ["get", "post", "put", "delete", "head", "patch", "options"];
const ANY: &str = "x-apigateway-any-method";

/// An API found in a document.
pub(crate) struct Found {
    pub(crate) method: String,
    pub(crate) uri: String,
    /// The body of 3.5.1, without the group.
    pub(crate) body: Doc,
}

/// Parses a document and says whether it is good.
pub(crate) fn parse(text: &str) -> Result<Value, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::new("APIG.3609"));
    }
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(_) => serde_yaml::from_str(text).map_err(|_| Fault::new("APIG.3600"))?,
    };
    let Some(root) = value.as_object() else { return Err(Fault::new("APIG.3600")) };
    // YAML reads 2.0 as a number.
    let swagger = root.get("swagger").map(|version| version.to_string().trim_matches('"').to_owned());
    let openapi = root.get("openapi").and_then(Value::as_str).unwrap_or("");
    if swagger.as_deref() != Some("2.0") && !openapi.starts_with("3.0") {
        return Err(Fault::new("APIG.3601"));
    }
    let paths = root.get("paths").is_some_and(Value::is_object);
    if root.get("info").and_then(|info| info["title"].as_str()).is_none_or(str::is_empty) {
        return Err(Fault::new("APIG.2044"));
    }
    if paths { Ok(value) } else { Err(Fault::new("APIG.3602")) }
}

/// The APIs of a document, and what is left out, by method and path.
pub(crate) fn apis(gateway: &Gateway, root: &Value, mock: bool) -> (Vec<Found>, Vec<(String, String)>) {
    let (mut found, mut ignored) = (Vec::new(), Vec::new());
    let base = root["basePath"].as_str().unwrap_or("").trim_end_matches('/');
    for (path, item) in root["paths"].as_object().into_iter().flatten() {
        let Some(item) = item.as_object().filter(|_| path.starts_with('/')) else { continue };
        for (method, operation) in item {
            let known = METHODS.contains(&method.as_str()) || method == ANY;
            if !known {
                if operation.is_object() && method != "servers" && !method.starts_with("x-") {
                    ignored.push((method.to_ascii_uppercase(), path.clone()));
                }
                continue;
            }
            let method = if method == ANY { "ANY".to_owned() } else { method.to_ascii_uppercase() };
            let uri = format!("{base}{path}");
            let body = api(gateway, root, item, operation, (&method, &uri), mock);
            found.push(Found { method, uri, body });
        }
    }
    (found, ignored)
}

/// Follows a reference within the document, once.
fn resolved<'v>(root: &'v Value, value: &'v Value) -> &'v Value {
    let target = value["$ref"].as_str().and_then(|place| root.pointer(place.strip_prefix('#')?));
    target.unwrap_or(value)
}

fn api(
    gateway: &Gateway,
    root: &Value,
    item: &Doc,
    operation: &Value,
    (method, uri): (&str, &str),
    mock: bool,
) -> Doc {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() && value != "" {
            out.insert(name.to_owned(), value);
        }
    };
    put("name", operation["operationId"].clone());
    put("req_method", method.into());
    put("req_uri", uri.into());
    put("req_protocol", protocol(root, operation).into());
    put("type", json!(if operation["x-apigateway-request-type"] == "private" { 2 } else { 1 }));
    put("match_mode", operation["x-apigateway-match-mode"].clone());
    put("cors", operation["x-apigateway-cors"].clone());
    let remark = operation["description"].as_str().or(operation["summary"].as_str()).unwrap_or("");
    put("remark", remark.chars().take(255).collect::<String>().into());
    put("tags", operation["tags"].clone());
    put("result_normal_sample", operation["x-apigateway-result-normal-sample"].clone());
    put("result_failure_sample", operation["x-apigateway-result-failure-sample"].clone());
    let own = operation["parameters"].as_array();
    let shared = item.get("parameters").and_then(Value::as_array);
    let parameters = parameters(root, own.into_iter().chain(shared).flatten());
    put("req_params", parameters);
    authentication(gateway, root, operation, &mut out);
    let backend = &operation["x-apigateway-backend"];
    if mock || !backend.is_object() {
        out.insert("backend_type".to_owned(), "MOCK".into());
        out.insert("mock_info".to_owned(), json!({"result_content": ""}));
    } else {
        let (kind, part, info) = endpoint(gateway, backend);
        out.insert("backend_type".to_owned(), kind.into());
        out.insert(part.to_owned(), info);
        out.insert("backend_params".to_owned(), backend_parameters(&backend["parameters"]));
        policies(gateway, &operation["x-apigateway-backend-policies"], &mut out);
    }
    out
}

fn protocol(root: &Value, operation: &Value) -> &'static str {
    let named = |value: &Value| -> Vec<String> {
        let schemes = value["schemes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let servers = value["servers"].as_array().into_iter().flatten();
        let servers =
            servers.filter_map(|server| server["url"].as_str()?.split_once("://")).map(|(scheme, _)| scheme);
        schemes.chain(servers).map(str::to_ascii_lowercase).collect()
    };
    let own = named(operation);
    let all = if own.is_empty() { named(root) } else { own };
    let has = |scheme: &str| all.iter().any(|it| it == scheme);
    match (has("http"), has("https"), has("grpcs")) {
        (_, _, true) => "GRPCS",
        (true, true, _) => "BOTH",
        (true, false, _) => "HTTP",
        _ => "HTTPS",
    }
}

fn parameters<'v>(root: &'v Value, all: impl Iterator<Item = &'v Value>) -> Value {
    let mut out: Vec<Value> = Vec::new();
    for it in all.map(|it| resolved(root, it)) {
        let location = it["in"].as_str().unwrap_or("").to_ascii_uppercase();
        let known = ["PATH", "QUERY", "HEADER"].contains(&location.as_str());
        // What the operation says wins over what its path says.
        if !known
            || out.iter().any(|other| other["name"] == it["name"] && other["location"] == location.as_str())
        {
            continue;
        }
        let schema = if it["schema"].is_object() { resolved(root, &it["schema"]) } else { it };
        let number = schema["type"] == "integer" || schema["type"] == "number";
        let required = it["required"] == true || location == "PATH";
        let mut one = json!({"name": it["name"], "location": location, "required": if required { 1 } else { 2 },
            "type": if number { "NUMBER" } else { "STRING" }, "pass_through": 1});
        if it["x-apigateway-pass-through"] == "never" {
            one["pass_through"] = json!(2);
        }
        let limits = if number {
            [("minimum", "min_num"), ("maximum", "max_num")]
        } else {
            [("minLength", "min_size"), ("maxLength", "max_size")]
        };
        for (from, to) in limits {
            if let Some(limit) = schema[from].as_i64() {
                one[to] = json!(limit);
                one["valid_enable"] = json!(1);
            }
        }
        if let Some(remark) = it["description"].as_str() {
            one["remark"] = remark.chars().take(255).collect::<String>().into();
        }
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !schema["default"].is_null() {
            one["default_value"] = plain(&schema["default"]).into();
        }
        if let Some(words) = schema["enum"].as_array() {
            one["enumerations"] = words.iter().map(plain).collect::<Vec<_>>().join(",").into();
        }
        out.push(one);
    }
    Value::Array(out)
}

/// A scheme that is none of the vendor's stands for the signature of applications: what was closed stays closed.
fn authentication(gateway: &Gateway, root: &Value, operation: &Value, out: &mut Doc) {
    let security = if operation["security"].is_array() { &operation["security"] } else { &root["security"] };
    let name = security.as_array().into_iter().flatten().find_map(|one| one.as_object()?.keys().next());
    let Some(name) = name else {
        out.insert("auth_type".to_owned(), "NONE".into());
        return;
    };
    let all = [&root["securityDefinitions"], &root["components"]["securitySchemes"]];
    let scheme = all.iter().find_map(|all| all.get(name)).unwrap_or(&Value::Null);
    let kind = match scheme["x-apigateway-auth-type"].as_str().unwrap_or("") {
        "IAM" => "IAM",
        "custom" => "AUTHORIZER",
        "" if name == "apig-auth-iam" => "IAM",
        _ => "APP",
    };
    out.insert("auth_type".to_owned(), kind.into());
    if kind == "AUTHORIZER" {
        let named = scheme["x-apigateway-authorizer"]["name"].as_str().unwrap_or(name);
        let known = gateway.records_by(Coll::Authorizer, "name", &[named]).next();
        // An id that is nobody's: the API is then refused as the call that creates it would.
        out.insert("authorizer_id".to_owned(), known.map_or(named, |known| &known.id).into());
    }
    if kind == "APP" && scheme["x-apigateway-auth-opt"]["appcode-auth-type"] == "header" {
        out.insert("auth_opt".to_owned(), json!({"app_code_auth_type": "HEADER"}));
    }
}

/// The type of a backend, the member that describes it, and what that says.
fn endpoint(gateway: &Gateway, it: &Value) -> (&'static str, &'static str, Value) {
    let kind = it["type"].as_str().unwrap_or("").to_ascii_uppercase();
    let (kind, part, info) = match kind.as_str() {
        "FUNCTION" => {
            let from = &it["functionEndpoints"];
            (
                "FUNCTION",
                "func_info",
                json!({"function_urn": from["function-urn"], "version": from["version"],
                "alias_urn": from["alias-urn"],
                "network_type": from["network-type"].as_str().unwrap_or("V1"),
                "invocation_type": from["invocation-type"].as_str().unwrap_or("sync"),
                "timeout": from["timeout"].as_i64().unwrap_or(5000)}),
            )
        }
        "MOCK" => {
            let from = &it["mockEndpoints"];
            (
                "MOCK",
                "mock_info",
                json!({"result_content": from["result-content"], "status_code": from["status-code"]}),
            )
        }
        _ => {
            let through = kind.ends_with("-VPC");
            let from = &it[if through { "httpVpcEndpoints" } else { "httpEndpoints" }];
            let mut info = json!({"req_protocol": from["scheme"].as_str().unwrap_or("").to_ascii_uppercase(),
                "req_method": from["method"].as_str().unwrap_or("").to_ascii_uppercase(),
                "req_uri": from["path"], "timeout": from["timeout"].as_i64().unwrap_or(5000),
                "retry_count": from["retry-count"]});
            if through {
                let name = from["name"].as_str().unwrap_or("");
                let channel = gateway.records_by(Coll::Channel, "name", &[name]).next();
                info["vpc_channel_status"] = json!(1);
                info["vpc_channel_info"] =
                    json!({"vpc_channel_id": channel.map_or(name, |channel| &channel.id)});
                if let Some(host) = from["proxy-host"].as_str() {
                    info["vpc_channel_info"]["vpc_channel_proxy_host"] = host.into();
                }
            } else {
                info["url_domain"] = from["address"].clone();
            }
            (if kind.starts_with("GRPC") { "GRPC" } else { "HTTP" }, "backend_api", info)
        }
    };
    let mut info = info;
    if let Some(info) = info.as_object_mut() {
        info.retain(|_, value| !value.is_null());
    }
    (kind, part, info)
}

fn backend_parameters(all: &Value) -> Value {
    let one = |it: &Value| {
        json!({"name": it["name"], "location": it["in"].as_str().unwrap_or("").to_ascii_uppercase(),
            "origin": it["origin"].as_str().unwrap_or("REQUEST").to_ascii_uppercase(),
            "value": it["value"], "remark": it["description"].as_str().unwrap_or("")})
    };
    Value::Array(all.as_array().into_iter().flatten().map(one).collect())
}

fn policies(gateway: &Gateway, all: &Value, out: &mut Doc) {
    for policy in all.as_array().into_iter().flatten() {
        let (_, part, mut info) = endpoint(gateway, policy);
        info["name"] = policy["name"].clone();
        info["effect_mode"] = policy["effectMode"].clone();
        info["conditions"] = policy["conditions"].clone();
        info["backend_params"] = backend_parameters(&policy["parameters"]);
        let list = match part {
            "func_info" => "policy_functions",
            "mock_info" => "policy_mocks",
            _ => "policy_https",
        };
        if let Some(list) = out.entry(list).or_insert(json!([])).as_array_mut() {
            list.push(info);
        }
    }
}

/// The throttles and access controls of a document, as the bodies that create them.
pub(crate) fn policy_bodies(root: &Value) -> (Vec<Doc>, Vec<Doc>) {
    let each = |name: &str| root[name].as_object().cloned().unwrap_or_default();
    let throttle = |(name, it): (String, Value)| {
        let mut body = json!({"name": name, "time_unit": it["unit"], "time_interval": it["interval"],
            "type": if it["shared"] == true { 2 } else { 1 }});
        for (to, from) in super::LIMITS {
            if let Some(limit) = it[from].as_i64() {
                body[to] = json!(limit);
            }
        }
        body.as_object().cloned().unwrap_or_default()
    };
    let control = |(name, it): (String, Value)| {
        let body = json!({"acl_name": name, "acl_type": it["acl-type"], "entity_type": it["entity-type"],
            "acl_value": it["value"]});
        body.as_object().cloned().unwrap_or_default()
    };
    let throttles = each("x-apigateway-ratelimits").into_iter().map(throttle).collect();
    (throttles, each("x-apigateway-access-controls").into_iter().map(control).collect())
}
