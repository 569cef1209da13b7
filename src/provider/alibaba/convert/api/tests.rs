//! Each definition that a manifest can say comes back as it was sent.

use super::super::unwrapped;
use super::*;

fn address() -> Address {
    Address::new(Kind::Api, &["payments", "create_payment"])
}

fn round_trip(document: Value) -> Value {
    let mut wanted: ApiSpec = serde_json::from_value(document).unwrap();
    wanted.normalise();
    let mut sent = body(&address(), &wanted);
    // As the gateway shows it: lists in objects, nothing that is null.
    for name in [
        "RequestParameters",
        "ServiceParameters",
        "ServiceParametersMap",
        "ConstantParameters",
        "SystemParameters",
    ] {
        let list = sent[name].take();
        sent[name] = json!({ "Item": list });
    }
    let shown = unwrapped(sent.clone());
    assert_eq!(spec(&shown).unwrap(), wanted);
    sent
}

#[test]
fn a_web_backend_with_parameters() {
    let sent = round_trip(json!({
        "description": "Creates.", "visibility": "public",
        "request": { "method": "POST", "path": "/payments/{account}", "protocol": "BOTH" },
        "parameters": [
            { "name": "account", "in": "path" },
            { "name": "limit", "in": "query", "type": "number", "minimum": 1, "maximum": 9, "validate": true },
            { "name": "trace", "in": "header", "passThrough": false, "required": true, "example": "x", "default": "d" },
            { "name": "sort", "in": "query", "enum": ["a", "b"], "validate": true },
        ],
        "auth": { "type": "app", "appCode": true },
        "backend": { "http": {
            "url": "https://#host#:8443/v1/{account}", "method": "PUT", "timeout": "7s",
            "parameters": [
                { "name": "x-trace", "in": "header", "from": { "request": "trace" } },
                { "name": "kind", "in": "query", "from": { "constant": "k" }, "description": "What." },
                { "name": "ip", "in": "header", "from": { "system": "sourceIp" } },
            ],
        } },
        "samples": { "success": "{}", "failure": "no" }, "bodyDescription": "A payment.",
    }));
    assert_eq!(sent["RequestConfig"]["RequestPath"], "/payments/[account]");
    assert_eq!(sent["RequestConfig"]["RequestProtocol"], "HTTP,HTTPS");
    assert_eq!(sent["ServiceConfig"]["ServiceAddress"], "https://#host#:8443");
    assert_eq!(sent["ServiceConfig"]["ServicePath"], "/v1/[account]");
    let mapped = sent["ServiceParametersMap"]["Item"].as_array().unwrap();
    let pairs: Vec<_> = mapped
        .iter()
        .map(|p| (p["ServiceParameterName"].as_str().unwrap(), p["RequestParameterName"].as_str().unwrap()))
        .collect();
    assert_eq!(pairs, [("limit", "limit"), ("sort", "sort"), ("account", "account"), ("x-trace", "trace")]);
}

#[test]
fn a_mock_a_function_and_a_channel() {
    let with = |backend: Value| json!({ "request": { "method": "GET", "path": "/" }, "auth": { "type": "none" }, "backend": backend });
    round_trip(with(json!({ "mock": { "body": "hello" } })));
    let urn = "acs:fc:cn-hangzhou:123:services/pay/functions/check";
    let sent = round_trip(with(json!({ "function": { "urn": urn, "version": "2", "timeout": "9s" } })));
    let role = &sent["ServiceConfig"]["FunctionComputeConfig"]["RoleArn"];
    assert_eq!(role, "acs:ram::123:role/aliyunapigatewayaccessingfcrole");
    round_trip(with(
        json!({ "http": { "channel": "vpc_a", "scheme": "http", "path": "/a", "method": "GET" } }),
    ));
}

#[test]
fn what_no_manifest_can_say_is_told() {
    let sent = body(
        &address(),
        &serde_json::from_value(json!({
            "request": { "method": "GET", "path": "/" }, "auth": { "type": "none" }, "backend": { "mock": {} },
        }))
        .unwrap(),
    );
    for (pointer, value, field) in [
        ("/BackendEnable", json!(true), "BackendEnable"),
        ("/AuthType", json!("OPENID"), "AuthType"),
        ("/RequestConfig/RequestProtocol", json!("HTTP,WEBSOCKET"), "RequestConfig.RequestProtocol"),
        (
            "/ServiceConfig",
            json!({ "ServiceProtocol": "OSS", "Mock": "FALSE" }),
            "ServiceConfig.ServiceProtocol",
        ),
    ] {
        let mut shown = sent.clone();
        *shown.pointer_mut(pointer).unwrap() = value;
        assert_eq!(spec(&shown).unwrap_err().field, field);
    }
}

#[test]
fn parameters_that_no_manifest_can_say_are_passed_over() {
    let shown = json!({
        "Visibility": "PRIVATE", "AuthType": "APP", "AppCodeAuthType": "DEFAULT",
        "RequestConfig": { "RequestProtocol": "HTTPS", "RequestHttpMethod": "POST", "RequestPath": "/" },
        "RequestParameters": [{ "ApiParameterName": "f", "Location": "BODY", "ParameterType": "Boolean", "Required": "OPTIONAL" }],
        "ServiceParameters": [{ "ServiceParameterName": "f", "Location": "BODY" }],
        "ServiceParametersMap": [{ "ServiceParameterName": "f", "RequestParameterName": "f" }],
        "ServiceConfig": { "ServiceProtocol": "HTTP", "ServiceAddress": "http://a", "ServiceHttpMethod": "POST" },
    });
    let spec = spec(&shown).unwrap();
    assert!(spec.parameters.is_empty() && spec.backend.parameters().is_empty());
    assert!(!spec.auth.app_code);
}

#[test]
fn a_row_claims_what_its_manifest_claims() {
    let spec: ApiSpec = serde_json::from_value(json!({
        "request": { "method": "GET", "path": "/a/{b}/c-{d}" }, "auth": { "type": "none" }, "backend": { "mock": {} },
    }))
    .unwrap();
    assert_eq!(claim("g", "GET", "/a/[x]/c-[y]"), spec.request_claim("g"));
}
