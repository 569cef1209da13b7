//! APIs as an OpenAPI document.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::super::model::{Coll, Doc, Record};
use super::super::super::store::Gateway;
use super::super::answer::Reply;
use super::super::apis;
use super::super::context::Ctx;
use super::super::definition::items;
use super::super::deploy;
use super::super::fault::Fault;
use super::super::groups;
use super::X;

/// `ExportOAS`: drafts, or what runs in a stage.
pub(crate) fn export(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let named = ctx.texts("ApiIdList");
    let apis: Vec<&Record> = if named.is_empty() {
        let group = groups::named(ctx, gateway)?;
        gateway.records_by(Coll::CloudApi, "GroupId", &[&group.id]).collect()
    } else {
        let one = |id: &&str| apis::of(gateway, id, ctx.text("GroupId"));
        named.iter().map(one).collect::<Result<_, _>>()?
    };
    let definition = |api: &&'_ Record| -> Option<Doc> {
        match ctx.given("StageName") {
            Some(stage) => deploy::running(gateway, &api.id, stage).and_then(deploy::definition).cloned(),
            None => Some(api.doc.clone()),
        }
    };
    let definitions: Vec<Doc> = apis.iter().filter_map(definition).collect();
    let newer = ctx.text("OasVersion") == "oas3";
    let with_extensions = ctx.flag("WithXExtensions") == Some(true);
    let group = definitions.first().and_then(|doc| doc.get("GroupId")).and_then(Value::as_str);
    let title = groups::name_of(gateway, group.unwrap_or(ctx.text("GroupId")));
    let mut paths: Map<String, Value> = Map::new();
    for definition in &definitions {
        let text = |name: &str| definition.get(name).and_then(Value::as_str).unwrap_or("");
        let path = text("ApiPath").replace('[', "{").replace(']', "}");
        let method = match text("ApiMethod") {
            "ANY" => format!("{X}any-method"),
            method => method.to_ascii_lowercase(),
        };
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method] = operation(definition, newer, with_extensions);
    }
    let info = json!({"title": title, "version": "1.0.0"});
    let root = if newer {
        json!({"openapi": "3.0.1", "info": info, "paths": paths})
    } else {
        json!({"swagger": "2.0", "info": info, "basePath": "/", "schemes": schemes(&definitions), "paths": paths})
    };
    let text = if ctx.text("DataFormat") == "json" {
        format!("{root:#}")
    } else {
        serde_yaml::to_string(&root).unwrap_or_else(|_| root.to_string())
    };
    Ok(Reply::one("Data", STANDARD.encode(text)))
}

fn schemes(definitions: &[Doc]) -> Vec<String> {
    let one = |doc: &Doc| doc["RequestConfig"]["RequestProtocol"].as_str().unwrap_or("").to_ascii_lowercase();
    let mut all: Vec<String> = definitions
        .iter()
        .flat_map(|doc| one(doc).split(',').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    all.retain(|scheme| !scheme.is_empty());
    all.sort();
    all.dedup();
    all
}

fn operation(definition: &Doc, newer: bool, with_extensions: bool) -> Value {
    let text = |name: &str| definition.get(name).and_then(Value::as_str).unwrap_or("");
    let parameters: Vec<Value> =
        items(definition, "RequestParameters").iter().map(|it| parameter(it, newer)).collect();
    let mut out = json!({"operationId": text("ApiName"), "description": text("Description"), "parameters": parameters,
        "responses": {"200": {"description": "OK"}}});
    if newer && definition["RequestConfig"]["BodyFormat"] == "STREAM" {
        out["requestBody"] = json!({"content": {"application/octet-stream": {"schema": {"type": "string"}}}});
    }
    if !with_extensions {
        return out;
    }
    let mut put = |name: &str, value: Value| out[format!("{X}{name}")] = value;
    put("auth-type", text("AuthType").into());
    put("visibility", text("Visibility").into());
    put("request-mode", definition["RequestConfig"]["RequestMode"].clone());
    put("backend", backend(&definition["ServiceConfig"]));
    for (name, list) in
        [("constant-parameters", "ConstantParameters"), ("system-parameters", "SystemParameters")]
    {
        if !items(definition, list).is_empty() {
            put(name, items(definition, list).into());
        }
    }
    out
}

fn backend(service: &Value) -> Value {
    let mut out = if service["Mock"] == "TRUE" {
        json!({"type": "MOCK", "mockResult": service["MockResult"], "mockStatusCode": service["MockStatusCode"]})
    } else if service["ServiceVpcEnable"] == "TRUE" {
        json!({"type": "HTTP-VPC", "vpcAccessName": service["VpcConfig"]["Name"], "path": service["ServicePath"],
            "method": service["ServiceHttpMethod"], "timeout": service["ServiceTimeout"]})
    } else {
        json!({"type": "HTTP", "address": service["ServiceAddress"], "path": service["ServicePath"],
            "method": service["ServiceHttpMethod"], "timeout": service["ServiceTimeout"]})
    };
    if let Value::Object(members) = &mut out {
        members.retain(|_, value| !value.is_null());
    }
    out
}

fn parameter(it: &Value, newer: bool) -> Value {
    let place = match it["Location"].as_str().unwrap_or("") {
        "PATH" => "path",
        "HEAD" | "HEADER" => "header",
        "BODY" | "FORMDATA" if !newer => "formData",
        _ => "query",
    };
    let (kind, format) = match it["ParameterType"].as_str().unwrap_or("") {
        "Int" | "Integer" => ("integer", "int32"),
        "Long" => ("integer", "int64"),
        "Float" => ("number", "float"),
        "Double" | "Number" => ("number", "double"),
        "Boolean" => ("boolean", ""),
        _ => ("string", ""),
    };
    let mut schema = json!({"type": kind});
    if !format.is_empty() {
        schema["format"] = format.into();
    }
    for (from, to) in [
        ("MaxLength", "maxLength"),
        ("MinLength", "minLength"),
        ("MaxValue", "maximum"),
        ("MinValue", "minimum"),
        ("RegularExpression", "pattern"),
        ("DefaultValue", "default"),
    ] {
        if it[from].is_i64() || it[from].as_str().is_some_and(|text| !text.is_empty()) {
            schema[to] = it[from].clone();
        }
    }
    if let Some(values) = it["EnumValue"].as_str().filter(|text| !text.is_empty()) {
        schema["enum"] = values.split(',').collect();
    }
    let mut out =
        json!({"name": it["ApiParameterName"], "in": place, "required": it["Required"] == "REQUIRED"});
    if let Some(about) = it["Description"].as_str().filter(|text| !text.is_empty()) {
        out["description"] = about.into();
    }
    if newer {
        out["schema"] = schema;
    } else if let (Value::Object(out), Value::Object(schema)) = (&mut out, schema) {
        out.extend(schema);
    }
    out
}
