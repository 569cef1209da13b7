//! The definition of an API: out of parameters, with defaults, checked as a whole.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record};
use super::super::store::Gateway;
use super::context::Ctx;
use super::fault::Fault;
use super::records::need;

/// The parameters that make up a definition, beside its JSON texts.
const PLAIN: [&str; 17] = [
    "GroupId",
    "ApiName",
    "Description",
    "Visibility",
    "AuthType",
    "AllowSignatureMethod",
    "AppCodeAuthType",
    "WebSocketApiType",
    "ForceNonceCheck",
    "DisableInternet",
    "ResultType",
    "ResultSample",
    "FailResultSample",
    "ResultBodyModel",
    "BackendEnable",
    "BackendId",
    "BackendName",
];
/// The JSON texts, in the form answers show them in.
const TEXTS: [&str; 11] = [
    "RequestConfig",
    "ServiceConfig",
    "RequestParameters",
    "ServiceParameters",
    "ServiceParametersMap",
    "ConstantParameters",
    "SystemParameters",
    "CustomSystemParameters",
    "ErrorCodeSamples",
    "ResultDescriptions",
    "OpenIdConnectConfig",
];

fn text<'d>(doc: &'d Doc, name: &str) -> &'d str {
    doc.get(name).and_then(Value::as_str).unwrap_or("")
}

/// Makes a definition.
pub(crate) fn make(gateway: &Gateway, params: &Doc) -> Result<Doc, Fault> {
    let mut doc = Doc::new();
    for name in PLAIN.iter().chain(&TEXTS).filter(|name| **name != "BackendName") {
        if let Some(value) = params.get(*name) {
            doc.insert((*name).to_owned(), value.clone());
        }
    }
    sort_by_catalog(&mut doc);
    defaults(&mut doc);
    request(&mut doc)?;
    service(gateway, &mut doc)?;
    parameters(&doc)?;
    Ok(doc)
}

/// Where nothing was sent.
fn defaults(doc: &mut Doc) {
    let auth = match text(doc, "AuthType") {
        "" => "APP",
        other => other,
    };
    let app = auth == "APP";
    let auth = json!(auth);
    for (name, value) in [
        ("AuthType", auth),
        ("WebSocketApiType", json!("COMMON")),
        ("ResultType", json!("JSON")),
        ("ForceNonceCheck", json!(false)),
        ("DisableInternet", json!(false)),
        ("BackendEnable", json!(false)),
    ] {
        if doc.get(name).is_none_or(|known| known == "") {
            doc.insert(name.to_owned(), value);
        }
    }
    if app {
        for (name, value) in [("AllowSignatureMethod", "HmacSHA256"), ("AppCodeAuthType", "DEFAULT")] {
            if text(doc, name).is_empty() {
                doc.insert(name.to_owned(), value.into());
            }
        }
    }
}

/// The frontend: its path and method, also as lists and indexes need them.
fn request(doc: &mut Doc) -> Result<(), Fault> {
    let Some(Value::Object(config)) = doc.get_mut("RequestConfig") else {
        return Err(Fault::missing("RequestConfig"));
    };
    if text(config, "RequestMode").is_empty() {
        config.insert("RequestMode".to_owned(), "MAPPING".into());
    }
    let protocols = text(config, "RequestProtocol").to_ascii_uppercase();
    if !protocols.split(',').all(|it| ["HTTP", "HTTPS", "WEBSOCKET"].contains(&it.trim())) {
        return Err(Fault::invalid("RequestProtocol"));
    }
    config.insert("RequestProtocol".to_owned(), protocols.into());
    let (path, method) =
        (text(config, "RequestPath").to_owned(), text(config, "RequestHttpMethod").to_owned());
    if !path.starts_with('/') || path.contains([' ', '?', '#']) || !brackets_match(&path) {
        return Err(Fault::invalid("RequestPath"));
    }
    doc.insert("PathKey".to_owned(), path_key(&path).into());
    doc.insert("ApiPath".to_owned(), path.into());
    doc.insert("ApiMethod".to_owned(), method.into());
    Ok(())
}

fn brackets_match(path: &str) -> bool {
    let mut open = false;
    for c in path.chars() {
        match c {
            '[' if open => return false,
            '[' => open = true,
            ']' if !open => return false,
            ']' => open = false,
            _ => {}
        }
    }
    !open
}

/// The path with the names of its parameters left out: two paths that differ only there are the same.
pub(crate) fn path_key(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '[' => {
                inside = true;
                out.push('[');
            }
            ']' => {
                inside = false;
                out.push(']');
            }
            _ if inside => {}
            _ => out.push(c),
        }
    }
    if out.len() > 1 && out.ends_with('/') {
        out.pop();
    }
    out
}

/// The backend: what its protocol needs must be there, and what it names must exist.
fn service(gateway: &Gateway, doc: &mut Doc) -> Result<(), Fault> {
    let shared = doc.get("BackendEnable") == Some(&Value::Bool(true));
    if shared {
        let id = text(doc, "BackendId");
        if id.is_empty() {
            return Err(Fault::missing("BackendId"));
        }
        need(gateway, Coll::CloudBackend, id, "Backend")?;
    }
    let Some(Value::Object(config)) = doc.get_mut("ServiceConfig") else {
        return Err(Fault::missing("ServiceConfig"));
    };
    let mock = matches!(text(config, "Mock"), "TRUE" | "OPEN") || text(config, "ServiceProtocol") == "MOCK";
    config.insert("Mock".to_owned(), if mock { "TRUE" } else { "FALSE" }.into());
    let vpc = text(config, "ServiceVpcEnable") == "TRUE" || text(config, "ServiceProtocol") == "VPC";
    if !vpc {
        config.insert("ServiceVpcEnable".to_owned(), "FALSE".into());
    }
    if config.get("ServiceTimeout").and_then(Value::as_i64).is_some_and(|ms| !(1..=600_000).contains(&ms)) {
        return Err(Fault::invalid("ServiceTimeout"));
    }
    let mut vpc_name = None;
    if !mock && !shared {
        let needed = match text(config, "ServiceProtocol") {
            "" => return Err(Fault::missing("ServiceProtocol")),
            "FunctionCompute" => "FunctionComputeConfig",
            "OSS" => "OssConfig",
            "EventBridge" => "EventBridgeConfig",
            _ if vpc => "VpcConfig",
            _ => "ServiceAddress",
        };
        if config.get(needed).is_none_or(|value| value == "") {
            return Err(Fault::missing(needed));
        }
    }
    if vpc && !shared {
        vpc_name = Some(vpc_access(gateway, config)?);
    }
    let result = text(config, "MockResult").to_owned();
    doc.insert("Mock".to_owned(), if mock { "OPEN" } else { "CLOSED" }.into());
    doc.insert("MockResult".to_owned(), result.into());
    if let Some(name) = vpc_name {
        doc.insert("VpcName".to_owned(), name.into());
    }
    Ok(())
}

/// The VPC access a backend names, which completes its settings.
fn vpc_access(gateway: &Gateway, config: &mut Doc) -> Result<String, Fault> {
    let Some(Value::Object(vpc)) = config.get_mut("VpcConfig") else {
        return Err(Fault::missing("VpcConfig"));
    };
    let name = text(vpc, "Name").to_owned();
    let access = gateway.records_by(Coll::CloudVpc, "Name", &[&name]).next();
    let access = access.ok_or_else(|| Fault::absent("Vpc"))?;
    for member in ["InstanceId", "VpcId", "Port"] {
        if let Some(value) = access.doc.get(member) {
            vpc.insert(member.to_owned(), value.clone());
        }
    }
    config.insert("ServiceVpcEnable".to_owned(), "TRUE".into());
    Ok(name)
}

/// The items of a list that answers wrap.
pub(crate) fn items<'d>(doc: &'d Doc, name: &str) -> &'d [Value] {
    let list = doc.get(name).and_then(Value::as_object).and_then(|holder| holder.values().next());
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// No parameter twice; what is mapped must be declared on both sides.
fn parameters(doc: &Doc) -> Result<(), Fault> {
    let names = |list: &str, member: &str| -> Vec<String> {
        items(doc, list).iter().filter_map(|item| item[member].as_str().map(str::to_owned)).collect()
    };
    let request = names("RequestParameters", "ApiParameterName");
    let declared: BTreeSet<&String> = request.iter().collect();
    if declared.len() != request.len() {
        return Err(Fault::repeated("ApiParameterName"));
    }
    let service = names("ServiceParameters", "ServiceParameterName");
    let wanted: BTreeSet<&String> = service.iter().collect();
    if wanted.len() != service.len() {
        return Err(Fault::repeated("ServiceParameterName"));
    }
    for item in items(doc, "ServiceParametersMap") {
        let known = |member: &str, all: &BTreeSet<&String>| {
            item[member].as_str().is_some_and(|name| all.iter().any(|known| *known == name))
        };
        if !known("RequestParameterName", &declared) || !known("ServiceParameterName", &wanted) {
            return Err(Fault::invalid("ServiceParametersMap"));
        }
    }
    Ok(())
}

/// Some clients send constant and system parameters among the others, with a catalogue that says so; answers show them
/// apart.
fn sort_by_catalog(doc: &mut Doc) {
    let catalog = |item: &Value| item["ParameterCatalog"].as_str().unwrap_or("").to_owned();
    let special = |item: &Value| ["CONSTANT", "SYSTEM"].contains(&&*catalog(item));
    let request: Vec<Value> = items(doc, "RequestParameters").to_vec();
    let service: Vec<Value> = items(doc, "ServiceParameters").to_vec();
    let map: Vec<Value> = items(doc, "ServiceParametersMap").to_vec();
    if !request.iter().chain(&service).any(|item| item.get("ParameterCatalog").is_some()) {
        return;
    }
    let (mut constants, mut systems, mut moved) = (Vec::new(), Vec::new(), BTreeSet::new());
    for item in request.iter().filter(|item| special(item)) {
        let name = &item["ApiParameterName"];
        let target = map.iter().find(|pair| pair["RequestParameterName"] == *name);
        let target = target.map_or(name, |pair| &pair["ServiceParameterName"]);
        let place = service.iter().find(|it| it["ServiceParameterName"] == *target);
        let location = place.map_or(&item["Location"], |it| &it["Location"]);
        moved.insert(target.as_str().unwrap_or("").to_owned());
        let about = item["Description"].as_str().unwrap_or("");
        if catalog(item) == "CONSTANT" {
            constants.push(json!({"ServiceParameterName": target, "ConstantValue": item["DefaultValue"],
                "Location": location, "Description": about}));
        } else {
            systems.push(json!({"ParameterName": name, "ServiceParameterName": target, "Location": location,
                "Description": about, "DemoValue": item["DemoValue"].as_str().unwrap_or("")}));
        }
    }
    let plain = |item: &Value| {
        let mut item = item.clone();
        if let Value::Object(doc) = &mut item {
            doc.shift_remove("ParameterCatalog");
        }
        item
    };
    let is_moved =
        |item: &Value| item["ServiceParameterName"].as_str().is_some_and(|name| moved.contains(name));
    let request: Vec<Value> = request.iter().filter(|item| !special(item)).map(plain).collect();
    let service: Vec<Value> =
        service.iter().filter(|item| !special(item) && !is_moved(item)).map(plain).collect();
    let map: Vec<Value> = map.into_iter().filter(|item| !is_moved(item)).collect();
    put(doc, "RequestParameters", "RequestParameter", request);
    put(doc, "ServiceParameters", "ServiceParameter", service);
    put(doc, "ServiceParametersMap", "ServiceParameterMap", map);
    for (name, item, more) in [
        ("ConstantParameters", "ConstantParameter", constants),
        ("SystemParameters", "SystemParameter", systems),
    ] {
        let mut all = items(doc, name).to_vec();
        all.extend(more);
        put(doc, name, item, all);
    }
}

fn put(doc: &mut Doc, name: &str, item: &str, all: Vec<Value>) {
    let mut holder = Doc::new();
    holder.insert(item.to_owned(), all.into());
    doc.insert(name.to_owned(), holder.into());
}

/// The parameters of `ModifyApi` that leave all as it is but what `ModifyApiConfiguration` names.
pub(crate) fn patched(ctx: &Ctx, gateway: &Gateway, old: &Record) -> Result<Doc, Fault> {
    let mut doc = old.doc.clone();
    for name in PLAIN.iter().chain(&TEXTS) {
        if let Some(value) = ctx.params.get(*name).filter(|_| !["GroupId", "RequestConfig"].contains(name)) {
            doc.insert((*name).to_owned(), value.clone());
        }
    }
    let mut set = |holder: &str, member: &str, value: Value| {
        if let Value::Object(inside) = doc.entry(holder).or_insert_with(|| json!({})) {
            inside.insert(member.to_owned(), value);
        }
    };
    for name in [
        "RequestProtocol",
        "RequestHttpMethod",
        "RequestPath",
        "RequestMode",
        "BodyFormat",
        "BodyModel",
        "PostBodyDescription",
    ] {
        if let Some(text) = ctx.given(name) {
            set("RequestConfig", name, text.into());
        }
    }
    for (name, member) in [
        ("ContentTypeCategory", "ContentTypeCatagory"),
        ("ContentTypeValue", "ContentTypeValue"),
        ("ServiceTimeout", "ServiceTimeout"),
        ("VpcConfig", "VpcConfig"),
        ("FunctionComputeConfig", "FunctionComputeConfig"),
        ("OssConfig", "OssConfig"),
    ] {
        if let Some(value) = ctx.params.get(name) {
            set("ServiceConfig", member, value.clone());
        }
    }
    for name in ["HttpConfig", "MockConfig"] {
        if let Some(Value::Object(config)) = ctx.params.get(name) {
            for (member, value) in config {
                set("ServiceConfig", member, value.clone());
            }
        }
    }
    // Here the protocol says what kind of backend it is.
    let kind = ctx.text("ServiceProtocol");
    if !kind.is_empty() {
        set("ServiceConfig", "Mock", if kind == "Mock" { "TRUE" } else { "FALSE" }.into());
        set("ServiceConfig", "ServiceVpcEnable", if kind == "Vpc" { "TRUE" } else { "FALSE" }.into());
        let protocol = match kind {
            "FC" => "FunctionCompute",
            "OSS" | "EventBridge" => kind,
            "Mock" | "Http" | "Vpc" => "HTTP",
            _ => return Err(Fault::invalid("ServiceProtocol")),
        };
        set("ServiceConfig", "ServiceProtocol", protocol.into());
    }
    if let Some(shared) = ctx.flag("UseBackendService") {
        doc.insert("BackendEnable".to_owned(), shared.into());
    }
    if let Some(name) = ctx.given("BackendName") {
        let backend = gateway.records_by(Coll::CloudBackend, "BackendName", &[name]).next();
        let backend = backend.ok_or_else(|| Fault::absent("Backend"))?;
        doc.insert("BackendId".to_owned(), backend.id.as_ref().into());
    }
    Ok(doc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_without_the_names_of_parameters() {
        assert_eq!(path_key("/v3/[userId]/x/"), path_key("/v3/[id]/x"));
        assert_ne!(path_key("/v3/[userId]"), path_key("/v3/userId"));
        assert_eq!(path_key("/"), "/");
        assert!(brackets_match("/a/[b]/[c]") && !brackets_match("/a/[b") && !brackets_match("/a/b]"));
    }

    #[test]
    fn constants_sent_among_the_others_are_shown_apart() {
        let mut doc = serde_json::from_value::<Doc>(json!({
            "RequestParameters": {"RequestParameter": [
                {"ApiParameterName": "a", "Location": "QUERY"},
                {"ApiParameterName": "k", "Location": "HEAD", "DefaultValue": "v", "ParameterCatalog": "CONSTANT"},
                {"ApiParameterName": "CaClientIp", "Location": "HEAD", "ParameterCatalog": "SYSTEM"}]},
            "ServiceParameters": {"ServiceParameter": [
                {"ServiceParameterName": "a", "Location": "QUERY", "ParameterCatalog": "REQUEST"},
                {"ServiceParameterName": "key", "Location": "HEAD", "ParameterCatalog": "CONSTANT"},
                {"ServiceParameterName": "ip", "Location": "QUERY", "ParameterCatalog": "SYSTEM"}]},
            "ServiceParametersMap": {"ServiceParameterMap": [
                {"RequestParameterName": "a", "ServiceParameterName": "a"},
                {"RequestParameterName": "k", "ServiceParameterName": "key"},
                {"RequestParameterName": "CaClientIp", "ServiceParameterName": "ip"}]}
        }))
        .unwrap();
        sort_by_catalog(&mut doc);
        assert_eq!(items(&doc, "RequestParameters").len(), 1);
        assert_eq!(
            items(&doc, "ServiceParameters"),
            [json!({"ServiceParameterName": "a", "Location": "QUERY"})]
        );
        assert_eq!(items(&doc, "ServiceParametersMap").len(), 1);
        assert_eq!(items(&doc, "ConstantParameters")[0]["ServiceParameterName"], "key");
        assert_eq!(items(&doc, "ConstantParameters")[0]["ConstantValue"], "v");
        assert_eq!(items(&doc, "SystemParameters")[0]["Location"], "QUERY");
    }
}
