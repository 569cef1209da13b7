//! An OpenAPI document as the parameters of the calls that create APIs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::super::model::Doc;
use super::super::fault::Fault;
use super::X;

const METHODS: [&str; 8] = ["get", "post", "put", "delete", "head", "patch", "options", "trace"];

/// An API found in a document.
pub(super) struct Found {
    pub(super) method: String,
    pub(super) path: String,
    /// The parameters of `CreateApi`.
    pub(super) params: Doc,
    /// The operation as it stands in the document.
    pub(super) source: Value,
}

/// What the call says of all operations that say nothing themselves.
pub(super) struct Defaults<'a> {
    pub(super) group: &'a str,
    pub(super) auth: &'a str,
    pub(super) mode: &'a str,
    /// The id of a shared backend.
    pub(super) backend: Option<&'a str>,
}

/// Parses a document, JSON or YAML.
pub(super) fn parse(text: &str) -> Result<Value, Fault> {
    let value: Option<Value> = serde_json::from_str(text).ok().or_else(|| serde_yaml::from_str(text).ok());
    let value = value.filter(Value::is_object).ok_or_else(|| Fault::malformed("Data"))?;
    // YAML reads 2.0 as a number.
    let version = value.get("swagger").map(|version| version.to_string().trim_matches('"').to_owned());
    let known = version.as_deref() == Some("2.0") || text_of(&value, "openapi").starts_with("3.");
    if known && value["paths"].is_object() { Ok(value) } else { Err(Fault::invalid("Data")) }
}

fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or("")
}

/// What a reference within the document leads to.
fn resolve<'v>(root: &'v Value, value: &'v Value) -> &'v Value {
    let target = value["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    target.and_then(|path| root.pointer(path)).unwrap_or(value)
}

/// The APIs of a document.
pub(super) fn apis(root: &Value, defaults: &Defaults) -> Vec<Found> {
    let mut found = Vec::new();
    let base = text_of(root, "basePath").trim_end_matches('/');
    for (path, item) in root["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let any = *method == format!("{X}any-method");
            if !METHODS.contains(&method.as_str()) && !any {
                continue;
            }
            let method = if any { "ANY".to_owned() } else { method.to_ascii_uppercase() };
            let path = format!("{base}{path}").replace('{', "[").replace('}', "]");
            let own = operation["parameters"].as_array().into_iter().flatten();
            let shared = item["parameters"].as_array().into_iter().flatten();
            let mut parameters = BTreeMap::new();
            for parameter in shared.chain(own).map(|parameter| resolve(root, parameter)) {
                let key = (text_of(parameter, "in").to_owned(), text_of(parameter, "name").to_owned());
                parameters.insert(key, parameter);
            }
            let parameters: Vec<&Value> = parameters.into_values().collect();
            let params = params(root, operation, (&method, &path), &parameters, defaults);
            found.push(Found { method, path, params, source: operation.clone() });
        }
    }
    found
}

/// A name out of what the operation is called, else out of method and path.
fn name(operation: &Value, method: &str, path: &str) -> String {
    let given = text_of(operation, &format!("{X}api-name"));
    let given = if given.is_empty() { text_of(operation, "operationId") } else { given };
    let raw = if given.is_empty() { format!("{method}{path}") } else { given.to_owned() };
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let mut out: String = raw.chars().map(plain).take(50).collect();
    if !out.starts_with(|c: char| c.is_ascii_alphabetic()) {
        out.insert_str(0, "api_");
    }
    while out.len() < 4 {
        out.push('_');
    }
    out.truncate(50);
    out
}

/// The protocols of the document, as one text.
fn protocols(root: &Value) -> String {
    let schemes = root["schemes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let servers = root["servers"].as_array().into_iter().flatten();
    let servers =
        servers.filter_map(|server| server["url"].as_str()?.split_once("://").map(|(scheme, _)| scheme));
    let mut all: Vec<String> = schemes.chain(servers).map(str::to_ascii_uppercase).collect();
    all.retain(|scheme| scheme == "HTTP" || scheme == "HTTPS");
    all.sort();
    all.dedup();
    if all.is_empty() { "HTTP".to_owned() } else { all.join(",") }
}

fn params(
    root: &Value,
    operation: &Value,
    (method, path): (&str, &str),
    parameters: &[&Value],
    defaults: &Defaults,
) -> Doc {
    let extension = |name: &str| operation.get(format!("{X}{name}")).filter(|value| !value.is_null());
    let word =
        |name: &str, default: &str| extension(name).and_then(Value::as_str).unwrap_or(default).to_owned();
    let described = parameters.iter().any(|parameter| text_of(parameter, "in") == "body");
    let body = described || operation["requestBody"].is_object();
    let about = [text_of(operation, "description"), text_of(operation, "summary")];
    let about = about.into_iter().find(|text| !text.is_empty()).unwrap_or("");
    let mut request = json!({"RequestProtocol": protocols(root), "RequestHttpMethod": method, "RequestPath": path,
        "RequestMode": word("request-mode", defaults.mode)});
    if body {
        request["BodyFormat"] = "STREAM".into();
        request["PostBodyDescription"] = text_of(&operation["requestBody"], "description").into();
    }
    let request_parameters: Vec<Value> = parameters.iter().filter_map(|it| parameter(root, it)).collect();
    let service_parameters: Vec<Value> = request_parameters
        .iter()
        .map(|it| {
            json!({"ServiceParameterName": it["ApiParameterName"], "Location": it["Location"],
            "ParameterType": it["ParameterType"]})
        })
        .collect();
    let map: Vec<Value> = request_parameters
        .iter()
        .map(|it| json!({"ServiceParameterName": it["ApiParameterName"], "RequestParameterName": it["ApiParameterName"]}))
        .collect();
    let (service, shared) = backend(operation, root, method, path, defaults);
    let mut doc = Doc::new();
    for (name, value) in [
        ("GroupId", json!(defaults.group)),
        ("ApiName", json!(name(operation, method, path))),
        ("Description", json!(about.chars().take(180).collect::<String>())),
        ("Visibility", json!(word("visibility", "PRIVATE"))),
        ("AuthType", json!(word("auth-type", defaults.auth))),
        ("RequestConfig", request),
        ("ServiceConfig", service),
        ("RequestParameters", json!({"RequestParameter": request_parameters})),
        ("ServiceParameters", json!({"ServiceParameter": service_parameters})),
        ("ServiceParametersMap", json!({"ServiceParameterMap": map})),
    ] {
        doc.insert(name.to_owned(), value);
    }
    for (name, list, item) in [
        ("constant-parameters", "ConstantParameters", "ConstantParameter"),
        ("system-parameters", "SystemParameters", "SystemParameter"),
    ] {
        if let Some(all) = extension(name) {
            doc.insert(list.to_owned(), json!({item: all}));
        }
    }
    if let Some(id) = shared {
        doc.insert("BackendEnable".to_owned(), true.into());
        doc.insert("BackendId".to_owned(), id.into());
    }
    doc
}

/// One parameter; none for what has no place among them.
fn parameter(root: &Value, parameter: &Value) -> Option<Value> {
    let location = match text_of(parameter, "in") {
        "path" => "PATH",
        "query" => "QUERY",
        "header" => "HEAD",
        "formData" => "BODY",
        _ => return None,
    };
    let schema =
        if parameter["schema"].is_object() { resolve(root, &parameter["schema"]) } else { parameter };
    let kind = match (text_of(schema, "type"), text_of(schema, "format")) {
        ("integer", "int64") => "Long",
        ("integer", _) => "Int",
        ("number", "float") => "Float",
        ("number", _) => "Double",
        ("boolean", _) => "Boolean",
        ("array", _) => "Array",
        ("file", _) => "File",
        _ => "String",
    };
    let needed = location == "PATH" || parameter["required"] == true;
    let mut out = json!({"ApiParameterName": parameter["name"], "Location": location, "ParameterType": kind,
        "Required": if needed { "REQUIRED" } else { "OPTIONAL" }});
    for (from, to) in [
        ("maxLength", "MaxLength"),
        ("minLength", "MinLength"),
        ("maximum", "MaxValue"),
        ("minimum", "MinValue"),
    ] {
        if let Some(number) = schema[from].as_i64() {
            out[to] = number.into();
        }
    }
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for (value, to) in [
        (&schema["pattern"], "RegularExpression"),
        (&schema["default"], "DefaultValue"),
        (&parameter["description"], "Description"),
        (&parameter["example"], "DemoValue"),
    ] {
        if !value.is_null() {
            out[to] = plain(value).into();
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        out["EnumValue"] = values.iter().map(plain).collect::<Vec<_>>().join(",").into();
    }
    Some(out)
}

/// The settings of the backend, and the id of a shared one. Where nothing is said, a mock answers.
fn backend(
    operation: &Value,
    root: &Value,
    method: &str,
    path: &str,
    defaults: &Defaults,
) -> (Value, Option<String>) {
    let key = format!("{X}backend");
    let from = operation.get(&key).or_else(|| root.get(&key)).cloned().unwrap_or_default();
    let text = |name: &str, default: &str| from[name].as_str().unwrap_or(default).to_owned();
    if from.is_null() {
        return match defaults.backend {
            Some(id) => {
                let service =
                    json!({"ServiceProtocol": "HTTP", "ServicePath": path, "ServiceHttpMethod": method});
                (service, Some(id.to_owned()))
            }
            None => (json!({"ServiceProtocol": "HTTP", "Mock": "TRUE", "MockResult": ""}), None),
        };
    }
    let timeout = from["timeout"].as_i64().unwrap_or(10_000);
    let service = match text("type", "HTTP").as_str() {
        "MOCK" => json!({"ServiceProtocol": "HTTP", "Mock": "TRUE", "MockResult": text("mockResult", ""),
            "MockStatusCode": from["mockStatusCode"].as_i64().unwrap_or(200)}),
        "HTTP-VPC" => {
            json!({"ServiceProtocol": "HTTP", "ServiceVpcEnable": "TRUE", "ServiceTimeout": timeout,
            "VpcConfig": {"Name": text("vpcAccessName", "")}, "ServicePath": text("path", path),
            "ServiceHttpMethod": text("method", method)})
        }
        _ => {
            json!({"ServiceProtocol": "HTTP", "ServiceAddress": text("address", ""), "ServiceTimeout": timeout,
            "ServicePath": text("path", path), "ServiceHttpMethod": text("method", method)})
        }
    };
    (service, None)
}

/// The schemas of objects in a document: name and text.
pub(super) fn models(root: &Value) -> Vec<(String, String)> {
    let old = root["definitions"].as_object().into_iter().flatten();
    let new = root["components"]["schemas"].as_object().into_iter().flatten();
    old.chain(new).map(|(name, schema)| (name.clone(), schema.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule() {
        let named = |operation: Value| name(&operation, "GET", "/pets/[id]");
        assert_eq!(named(json!({"operationId": "find pets"})), "find_pets");
        assert_eq!(named(json!({})), "GET_pets__id_");
        assert_eq!(named(json!({"operationId": "1x"})), "api_1x");
        assert_eq!(named(json!({"operationId": "x"})), "x___");
        assert_eq!(named(json!({"operationId": "x".repeat(80)})).len(), 50);
    }

    #[test]
    fn what_is_no_document() {
        for text in ["", "[]", "{}", "swagger: '1.2'\npaths: {}", "openapi: 3.0.0"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("swagger: 2.0\npaths: {}").is_ok());
        assert!(parse("{\"openapi\":\"3.0.1\",\"paths\":{}}").is_ok());
    }
}
