//! What a change of an API leaves as it is. `ModifyApi` writes all of an API; what no manifest can say is read before and sent
//! along, so that nothing that somebody set by other means is lost.
//!
//! A manifest's parameter goes with what it has at the gateway besides (its place in documents, say), told by its name and
//! place. A word that means the same in a manifest as the one that is there ([`SAME`]) stays as it is.

use serde_json::{Map, Value};

use super::backend;
use super::parameter::is_said;

/// Parameters of `ModifyApi` that no manifest can say.
const BESIDES: [&str; 8] = [
    "ForceNonceCheck",
    "DisableInternet",
    "AllowSignatureMethod",
    "WebSocketApiType",
    "ResultType",
    "ResultBodyModel",
    "ErrorCodeSamples",
    "ResultDescriptions",
];

/// Lists of parameters, with the member that names an item.
const LISTS: [(&str, &str); 4] = [
    ("RequestParameters", "ApiParameterName"),
    ("ServiceParameters", "ServiceParameterName"),
    ("ConstantParameters", "ServiceParameterName"),
    ("SystemParameters", "ServiceParameterName"),
];

/// Members, and words of them that manifests do not tell apart.
const SAME: [(&str, &[&str]); 5] = [
    ("AppCodeAuthType", &["DISABLE", "DEFAULT"]),
    ("AppCodeAuthType", &["HEADER", "HEADER_QUERY"]),
    ("ParameterType", &["Double", "Int", "Integer", "Long", "Float", "Number"]),
    ("RequestProtocol", &["HTTP,HTTPS", "HTTPS,HTTP"]),
    ("Location", &["HEAD", "HEADER"]),
];

/// Whether a member stays as it is, although what makes the API has a word for it: manifests say nothing of it.
fn stays(name: &str, said: &Value, is: &Value) -> bool {
    let account = |role: &Value| {
        role.as_str().and_then(|role| role.split_once(":role/")).map(|(account, _)| account.to_owned())
    };
    match name {
        "RequestMode" | "BodyFormat" => true,
        // Manifests say the account of a function, not in which of its roles it is called.
        "RoleArn" => account(said) == account(is),
        _ => false,
    }
}

/// Adds to the parameters that change an API what `there`, the API as it was read, has besides.
pub(in crate::provider::alibaba) fn keep(body: &mut Value, there: &Value) {
    let Value::Object(body) = body else { return };
    for name in BESIDES {
        if let Some(value) = there.get(name).filter(|value| !is_blank(value)) {
            body.insert(name.to_owned(), value.clone());
        }
    }
    same(body, there);
    for (name, named) in LISTS {
        keep_list(body, there, name, named);
    }
    keep_map(body, there);
    if let Some(Value::Object(config)) = body.get_mut("RequestConfig") {
        merge(config, &there["RequestConfig"]);
    }
    if let Some(config) = body
        .get_mut("ServiceConfig")
        .filter(|config| backend::sort(config) == backend::sort(&there["ServiceConfig"]))
        && let Value::Object(config) = config
    {
        merge(config, &there["ServiceConfig"]);
        // Where it is, its VPC access says, which the same plan may have changed.
        if let Some(Value::Object(vpc)) = config.get_mut("VpcConfig").filter(|vpc| vpc.get("Name").is_some())
        {
            vpc.retain(|name, _| !["VpcId", "InstanceId", "Port"].contains(&name.as_str()));
        }
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Adds the members that are only there; `null` takes one away.
fn merge(body: &mut Map<String, Value>, there: &Value) {
    same(body, there);
    for (name, value) in there.as_object().into_iter().flatten().filter(|(_, value)| !is_blank(value)) {
        match body.get_mut(name) {
            None => {
                body.insert(name.clone(), value.clone());
            }
            // What is named otherwise is another.
            Some(Value::Object(inner)) if inner.get("Name") == value.get("Name") => merge(inner, value),
            Some(said) if stays(name, said, value) => *said = value.clone(),
            Some(_) => {}
        }
    }
}

/// A word that means the same stays as it is.
fn same(body: &mut Map<String, Value>, there: &Value) {
    for (name, words) in SAME {
        let known = |value: &Value| value.as_str().is_some_and(|text| words.contains(&text));
        if let (Some(said), Some(is)) = (body.get_mut(name), there.get(name))
            && known(said)
            && known(is)
        {
            *said = is.clone();
        }
    }
}

fn keep_list(body: &mut Map<String, Value>, there: &Value, list: &str, named: &str) {
    let Some(Value::Array(items)) = body.get_mut(list) else { return };
    for is in there[list].as_array().into_iter().flatten() {
        let place =
            |item: &Value| item["Location"].as_str().unwrap_or_default().trim_end_matches("ER").to_owned();
        let found = items.iter_mut().find(|item| item[named] == is[named] && place(item) == place(is));
        match found {
            Some(Value::Object(item)) => merge(item, is),
            _ if !is_said(is) => items.push(is.clone()),
            _ => {}
        }
    }
}

/// Pairs of what no manifest can say go along with it.
fn keep_map(body: &mut Map<String, Value>, there: &Value) {
    let unsaid = |list: &str, member: &str| -> Vec<Value> {
        let items = there[list].as_array().into_iter().flatten();
        items.filter(|item| !is_said(item)).map(|item| item[member].clone()).collect()
    };
    let service = unsaid("ServiceParameters", "ServiceParameterName");
    let Some(Value::Array(pairs)) = body.get_mut("ServiceParametersMap") else { return };
    for pair in there["ServiceParametersMap"].as_array().into_iter().flatten() {
        if service.contains(&pair["ServiceParameterName"]) && !pairs.contains(pair) {
            pairs.push(pair.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_no_manifest_says_stays() {
        let there = json!({
            "ForceNonceCheck": true, "ResultType": "XML", "AppCodeAuthType": "DEFAULT", "ErrorCodeSamples": [],
            "RequestConfig": { "RequestPath": "/old", "RequestMode": "PASSTHROUGH", "BodyFormat": "FORM", "BodyModel": "m" },
            "RequestParameters": [
                { "ApiParameterName": "q", "Location": "QUERY", "ParameterType": "Long", "DocOrder": 3, "DefaultValue": "1" },
                { "ApiParameterName": "field", "Location": "BODY", "ParameterType": "String" },
                { "ApiParameterName": "gone", "Location": "QUERY", "ParameterType": "String" },
            ],
            "ServiceParameters": [{ "ServiceParameterName": "field", "Location": "BODY" }],
            "ServiceParametersMap": [
                { "ServiceParameterName": "field", "RequestParameterName": "field" },
                { "ServiceParameterName": "gone", "RequestParameterName": "gone" },
            ],
            "ServiceConfig": { "ServiceProtocol": "HTTP", "ServicePath": "/x", "ContentTypeCatagory": "CUSTOM" },
        });
        let mut body = json!({
            "AppCodeAuthType": "DISABLE",
            "RequestConfig": { "RequestPath": "/new", "RequestMode": "MAPPING", "BodyFormat": null },
            "RequestParameters": [
                { "ApiParameterName": "q", "Location": "QUERY", "ParameterType": "Double", "DefaultValue": null },
            ],
            "ServiceParameters": [], "ServiceParametersMap": [],
            "ServiceConfig": { "ServiceProtocol": "HTTPS", "ServicePath": "/y" },
        });
        keep(&mut body, &there);
        assert_eq!(
            body,
            json!({
                "AppCodeAuthType": "DEFAULT",
                "RequestConfig": { "RequestPath": "/new", "RequestMode": "PASSTHROUGH", "BodyFormat": "FORM", "BodyModel": "m" },
                "RequestParameters": [
                    { "ApiParameterName": "q", "Location": "QUERY", "ParameterType": "Long", "DefaultValue": null, "DocOrder": 3 },
                    { "ApiParameterName": "field", "Location": "BODY", "ParameterType": "String" },
                ],
                "ServiceParameters": [{ "ServiceParameterName": "field", "Location": "BODY" }],
                "ServiceParametersMap": [{ "ServiceParameterName": "field", "RequestParameterName": "field" }],
                "ServiceConfig": { "ServiceProtocol": "HTTPS", "ServicePath": "/y", "ContentTypeCatagory": "CUSTOM" },
                "ForceNonceCheck": true, "ResultType": "XML",
            })
        );
    }

    #[test]
    fn a_backend_of_another_sort_leaves_nothing_behind() {
        let there = json!({ "ServiceConfig": { "ServiceProtocol": "FunctionCompute", "FunctionComputeConfig": { "RegionId": "r" } } });
        let mut body =
            json!({ "ServiceConfig": { "ServiceProtocol": "HTTP", "ServiceAddress": "http://a" } });
        keep(&mut body, &there);
        assert_eq!(
            body,
            json!({ "ServiceConfig": { "ServiceProtocol": "HTTP", "ServiceAddress": "http://a" } })
        );
    }
}
