//! Random specs that a gateway takes.

use apigctl::kinds::api::ApiSpec;
use apigctl::kinds::signature::SignatureSpec;
use apigctl::kinds::throttle::ThrottleSpec;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

fn name() -> impl Strategy<Value = String> {
    "[a-z][A-Za-z0-9_./-]{2,10}"
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "\\PC{1,12}"]
}

fn item() -> impl Strategy<Value = String> {
    "[a-z0-9]{1,6}"
}

fn word(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    select(words)
}

/// An object without the fields that are null.
fn object(fields: Value) -> Value {
    let Value::Object(map) = fields else { return fields };
    map.into_iter().filter(|(_, v)| !v.is_null()).collect::<Map<_, _>>().into()
}

fn parameter() -> impl Strategy<Value = Value> {
    let shape = (name(), word(&["path", "query", "header"]), any::<bool>(), any::<[bool; 3]>());
    let texts = (text(), text(), text(), vec(item(), 0..3), text(), text());
    let limits = (of(-9i64..9), of(10i64..99), of(0u32..9), of(10u32..99));
    (shape, texts, limits).prop_map(|((name, place, number, flags), texts, limits)| {
        let (default, example, description, values, pattern, schema) = texts;
        let (numeric, textual) = (number.then_some(()), (!number).then_some(()));
        object(json!({
            "name": name, "in": place, "type": if number { "number" } else { "string" },
            "required": flags[0], "validate": flags[1], "passThrough": flags[2],
            "default": default, "example": example, "description": description, "enum": values,
            "pattern": pattern, "jsonSchema": schema,
            "minimum": numeric.and(limits.0), "maximum": numeric.and(limits.1),
            "minLength": textual.and(limits.2), "maxLength": textual.and(limits.3),
        }))
    })
}

fn backend_parameter() -> impl Strategy<Value = Value> {
    let from = prop_oneof![
        name().prop_map(|n| json!({ "request": n })),
        text().prop_map(|n| json!({ "constant": n })),
        word(&["sourceIp", "stage", "appId", "handleTime"]).prop_map(|n| json!({ "system": n })),
        name().prop_map(|n| json!({ "frontendAuthorizer": n })),
        name().prop_map(|n| json!({ "backendAuthorizer": n })),
    ];
    (name(), word(&["path", "query", "header"]), from, text()).prop_map(
        |(name, place, from, text)| json!({ "name": name, "in": place, "from": from, "description": text }),
    )
}

fn path() -> impl Strategy<Value = &'static str> {
    word(&["/", "/v1/x", "/v1/{account}", "/{a}/b/{c+}"])
}

fn retries() -> impl Strategy<Value = Option<u8>> {
    of(0u8..=10)
}

fn http(policy: bool) -> impl Strategy<Value = Value> {
    let target = prop_oneof![
        (word(&["http", "https", "HTTPS"]), word(&["a.example.com", "#host#:8443", "10.0.0.1:80"]), path())
            .prop_map(|(scheme, host, path)| json!({ "url": format!("{scheme}://{host}{path}") })),
        (name(), of(word(&["http", "https"])), of(path()), of(item())).prop_map(
            |(channel, scheme, path, host)| {
                json!({ "channel": channel, "scheme": scheme, "path": path, "hostHeader": host })
            }
        ),
    ];
    let rest = (word(&["GET", "POST", "ANY"]), 1u32..600_000, retries(), any::<bool>(), of(name()), text());
    (target, rest, vec(backend_parameter(), 0..3)).prop_map(move |(mut fields, rest, parameters)| {
        let (method, timeout, retries, certificate, authorizer, description) = rest;
        fields["method"] = method.into();
        fields["timeout"] = format!("{timeout}ms").into();
        fields["retries"] = json!(retries);
        fields["clientCertificate"] = (certificate && !policy).into();
        fields["authorizer"] = json!(authorizer);
        fields["description"] = if policy { "".into() } else { description.into() };
        fields["parameters"] = json!(parameters);
        json!({ "http": object(fields) })
    })
}

fn grpc(policy: bool) -> impl Strategy<Value = Value> {
    (any::<bool>(), name(), of(item()), 1u32..600_000, retries(), text()).prop_map(
        move |(by_channel, name, host, timeout, retries, description)| {
            let channel = by_channel.then_some(name.clone());
            let host = if by_channel { host } else { None };
            json!({ "grpc": object(json!({
                "address": (!by_channel).then_some(name), "channel": channel, "hostHeader": host,
                "timeout": format!("{timeout}ms"), "retries": retries,
                "description": if policy { String::new() } else { description },
            })) })
        },
    )
}

fn function(policy: bool) -> impl Strategy<Value = Value> {
    let words = (word(&["sync", "async"]), word(&["public", "vpc"]), word(&["HTTPS", "GRPCS"]));
    (name(), text(), of(name()), words, 1u32..60_000, of(name()), text(), vec(backend_parameter(), 0..3))
        .prop_map(
            move |(
                urn,
                version,
                alias,
                (invocation, network, protocol),
                timeout,
                authorizer,
                text,
                parameters,
            )| {
                json!({ "function": object(json!({
                "urn": urn, "version": version, "alias": alias, "invocation": invocation, "network": network,
                "protocol": protocol, "timeout": format!("{timeout}ms"), "authorizer": authorizer,
                "description": if policy { String::new() } else { text }, "parameters": parameters,
            })) })
            },
        )
}

fn mock(policy: bool) -> impl Strategy<Value = Value> {
    (text(), text(), of(name()), vec(backend_parameter(), 0..3)).prop_map(
        move |(body, description, authorizer, parameters)| {
            json!({ "mock": object(json!({
                "body": body, "authorizer": authorizer, "parameters": parameters,
                "description": if policy { String::new() } else { description },
            })) })
        },
    )
}

fn backend(policy: bool) -> impl Strategy<Value = Value> {
    prop_oneof![4 => http(policy), 1 => grpc(policy), 2 => function(policy), 2 => mock(policy)]
}

fn condition() -> impl Strategy<Value = Value> {
    let looked = prop_oneof![
        name().prop_map(|n| ("parameter", Value::from(n))),
        word(&["path", "method"]).prop_map(|n| ("system", Value::from(n))),
        name().prop_map(|n| ("cookie", Value::from(n))),
        name().prop_map(|n| ("frontendAuthorizer", Value::from(n))),
    ];
    let compared = prop_oneof![
        text().prop_map(|t| ("equals", Value::from(t))),
        vec(item(), 1..4).prop_map(|t| ("oneOf", json!(t))),
        text().prop_map(|t| ("matches", Value::from(t))),
    ];
    prop_oneof![
        vec("10\\.0\\.0\\.[1-9](/24)?", 1..3).prop_map(|ips| json!({ "sourceIp": ips })),
        (looked, compared).prop_map(|((a, x), (b, y))| json!({ a: x, b: y })),
    ]
}

fn policy() -> impl Strategy<Value = Value> {
    (name(), word(&["all", "any"]), vec(condition(), 0..3), backend(true))
        .prop_map(|(name, effect, when, backend)| json!({ "name": name, "match": effect, "when": when, "backend": backend }))
}

fn auth() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({ "type": "none" })),
        Just(json!({ "type": "iam" })),
        any::<bool>().prop_map(|on| json!({ "type": "app", "appCode": on })),
        name().prop_map(|name| json!({ "type": "authorizer", "authorizer": name })),
    ]
}

/// An API definition.
pub(super) fn api() -> impl Strategy<Value = ApiSpec> {
    let request = (
        word(&["GET", "POST", "ANY", "DELETE"]),
        path(),
        word(&["HTTP", "HTTPS", "BOTH", "GRPCS"]),
        word(&["exact", "prefix"]),
    );
    let texts = (text(), text(), text(), text(), "[A-Z0-9.]{0,8}");
    let rest = (any::<[bool; 2]>(), vec(item(), 0..4), of(prop_oneof![name(), Just("default".to_owned())]));
    let lists = (vec(parameter(), 0..4), vec(policy(), 0..4));
    (request, texts, rest, lists, auth(), backend(false)).prop_map(|(request, texts, rest, lists, auth, backend)| {
        let (flags, tags, response) = rest;
        let value = object(json!({
            "request": { "method": request.0, "path": request.1, "protocol": request.2, "match": request.3 },
            "description": texts.0, "bodyDescription": texts.1, "version": texts.4,
            "samples": { "success": texts.2, "failure": texts.3 },
            "visibility": if flags[0] { "public" } else { "private" }, "cors": flags[1],
            "tags": tags, "response": response,
            "parameters": lists.0, "policies": lists.1, "auth": auth, "backend": backend, "publish": ["TEST"],
        }));
        serde_json::from_value(value).unwrap()
    })
}

/// A throttle, without exceptions.
pub(super) fn throttle() -> impl Strategy<Value = ThrottleSpec> {
    let limit = || of(1u32..=2_147_483_647);
    let limits = (1u32..=2_147_483_647, limit(), limit(), limit());
    (text(), 1u32..100_000, word(&["s", "m", "h", "d"]), word(&["perApi", "shared"]), limits).prop_map(
        |(description, interval, unit, scope, (api, user, app, ip))| {
            let limits = object(json!({ "api": api, "user": user, "app": app, "sourceIp": ip }));
            let value = json!({
                "description": description, "per": format!("{interval}{unit}"), "scope": scope, "limits": limits,
            });
            serde_json::from_value(value).unwrap()
        },
    )
}

/// A signature.
pub(super) fn signature() -> impl Strategy<Value = SignatureSpec> {
    let kinds = word(&["hmac", "basic", "publicKey", "aes"]);
    (kinds, any::<bool>(), "[a-z]{8,16}").prop_map(|(kind, long, key)| {
        let cipher = (kind == "aes").then_some(if long { "aes-256-cfb" } else { "aes-128-cfb" });
        let value =
            json!({ "type": kind, "algorithm": cipher, "key": key, "secret": { "fromEnv": "SECRET" } });
        serde_json::from_value(value).unwrap()
    })
}
