//! What is written is what is read, whatever the server adds; and bodies hold only what the vendor documents.

use std::sync::Arc;

use apigctl::address::Address;
use apigctl::kind::Kind;
use apigctl::kinds::access_control::{AccessControlSpec, CallerType, Effect};
use apigctl::kinds::app::{AppAccessSpec, AppCodeSpec, AppSpec};
use apigctl::kinds::authorizer::AuthorizerSpec;
use apigctl::kinds::certificate::{Certificate, Facts, Scope as CertificateScope, Sent};
use apigctl::kinds::channel::ChannelSpec;
use apigctl::kinds::domain::Domain;
use apigctl::kinds::environment::EnvironmentSpec;
use apigctl::kinds::feature::{Config, FeatureSpec};
use apigctl::kinds::gateway::Settings;
use apigctl::kinds::group::GroupSpec;
use apigctl::kinds::group_response::GroupResponseSpec;
use apigctl::kinds::quota::QuotaSpec;
use apigctl::kinds::spec::Spec;
use apigctl::kinds::throttle::ExceptionLimit;
use apigctl::kinds::value::{Duration, Secret};
use apigctl::kinds::variable::VariableValue;
use apigctl::provider::huawei::convert::{self, signature::UNREADABLE_SECRET};
use apigctl::provider::huawei::gateway;
use apigctl::provider::huawei_v2::TABLES;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{MARK, Marked, arbitrary, resolved};

/// How a server answers: the same thing, said in different ways.
#[derive(Debug, Clone, Copy)]
struct Manner {
    /// What is empty is left out.
    terse: bool,
    /// Numbers stand in quotes.
    quotes: bool,
    /// `auth_opt` as in some examples of 3.5.1 and in 3.5.13.
    odd_auth: bool,
}

fn manner() -> impl Strategy<Value = Manner> {
    any::<[bool; 3]>().prop_map(|[terse, quotes, odd_auth]| Manner { terse, quotes, odd_auth })
}

/// What the gateway answers to a body: ids for placeholders, and all that a server adds (3.5.1, 3.5.5).
fn echo(body: &Value, manner: Manner) -> Value {
    let mut answer = resolved(body, &|address| format!("{MARK}{}", address.name()));
    let Value::Object(top) = &mut answer else { panic!("a body is an object") };
    for (key, value) in [
        ("id", json!("5f918d104dc84480a75166ba99efff21")),
        ("status", json!(1)),
        ("register_time", json!("2020-07-31T12:42:51Z")),
        ("update_time", json!("2020-08-02T16:32:47.046289Z")),
        ("bind_num", json!(3)),
        ("is_inclu_special_throttle", json!(2)),
        ("enable_adaptive_control", json!("FALSE")),
    ] {
        top.insert(key.into(), value);
    }
    if top.contains_key("req_method") {
        as_api(top, manner);
    }
    add_ids(&mut answer);
    said(&answer, manner)
}

fn as_api(top: &mut Map<String, Value>, manner: Manner) {
    top.insert("group_name".into(), "api_group_001".into());
    top.insert("run_env_id".into(), "DEFAULT_ENVIRONMENT_RELEASE_ID".into());
    top.entry("response_id").or_insert_with(|| format!("{MARK}default").into());
    if top["version"] == "" {
        top.insert("version".into(), "V0.0.1".into());
    }
    if manner.odd_auth {
        let word = top["auth_opt"]["app_code_auth_type"].take();
        top.insert("auth_opt".into(), json!([{ "auth_code_auth_type": word }]));
    }
}

/// Ids in all elements of lists, and the channel's id in place of the host.
fn add_ids(value: &mut Value) {
    match value {
        Value::Array(items) => {
            for item in items {
                if let Value::Object(map) = item {
                    map.insert("id".into(), "57c8bf3c97ef40ee94eace95dff30014".into());
                    map.insert("req_param_id".into(), "8d993be96980415faa6b1fb2ebd647e0".into());
                }
                add_ids(item);
            }
        }
        Value::Object(map) => {
            let id = map.get("vpc_channel_info").map(|info| info["vpc_channel_id"].clone());
            if let Some(id) = id {
                map.insert("url_domain".into(), id);
                map["vpc_channel_info"]["cascade_flag"] = false.into();
                map["vpc_channel_info"]["vpc_channel_port"] = 0.into();
            }
            map.values_mut().for_each(add_ids);
        }
        _ => {}
    }
}

fn said(value: &Value, manner: Manner) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(_, v)| !manner.terse || !(**v == "" || **v == json!([])))
            .map(|(k, v)| (k.clone(), said(v, manner)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(|v| said(v, manner)).collect(),
        Value::Number(number) if manner.quotes => number.to_string().into(),
        other => other.clone(),
    }
}

fn read_back(address: &Address, spec: &Spec, manner: Manner) -> Spec {
    let body = TABLES.create(address, spec).unwrap();
    let answer = echo(&body, manner);
    assert_eq!(TABLES.address(address.kind, &answer, &Marked).unwrap(), *address, "{answer:#}");
    TABLES.spec(address.kind, &answer, &Marked).unwrap_or_else(|e| panic!("{e}: {answer:#}"))
}

fn address(kind: Kind, parts: &[&str]) -> Address {
    Address::new(kind, parts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_api_reads_back_as_written(spec in arbitrary::api(), manner in manner()) {
        let spec = Spec::Api(Arc::new(spec));
        let canonical = convert::canonical(&spec);
        prop_assert_eq!(&convert::canonical(&canonical), &canonical);
        prop_assert_eq!(read_back(&address(Kind::Api, &["pay/ments", "create"]), &spec, manner), canonical);
    }

    #[test]
    fn a_throttle_reads_back_as_written(spec in arbitrary::throttle(), manner in manner()) {
        let spec = Spec::Throttle(spec);
        prop_assert_eq!(read_back(&address(Kind::Throttle, &["gold"]), &spec, manner), spec);
    }

    #[test]
    fn a_signature_reads_back_without_its_secret(spec in arbitrary::signature(), manner in manner()) {
        let read = read_back(&address(Kind::Signature, &["signer"]), &Spec::Signature(spec.clone()), manner);
        let expected = apigctl::kinds::signature::SignatureSpec { secret: UNREADABLE_SECRET, ..spec };
        prop_assert_eq!(read, Spec::Signature(expected));
    }

    #[test]
    fn small_kinds_read_back_as_written(text in "\\PC{0,20}", value in "[a-z0-9:./-]{1,9}", limit in 1u32.., manner in manner()) {
        for (address, spec) in [
            (address(Kind::Group, &["payments"]), Spec::Group(GroupSpec { description: text.clone() })),
            (address(Kind::Environment, &["TEST"]), Spec::Environment(EnvironmentSpec { description: text.clone() })),
            (address(Kind::Variable, &["payments", "TEST", "host"]), Spec::Variable(VariableValue { value })),
        ] {
            prop_assert_eq!(read_back(&address, &spec, manner), spec);
        }
        let values = vec!["192.0.2.0/29".to_owned(), "192.0.2.9".to_owned()];
        for effect in [Effect::Allow, Effect::Deny] {
            let app = AppSpec { description: text.clone(), key: Some("callerkey".into()), ..AppSpec::default() };
            let policy = AccessControlSpec { effect, by: CallerType::AccountId, values: values.clone() };
            for (address, spec) in [
                (address(Kind::App, &["caller"]), Spec::App(app)),
                (address(Kind::AccessControl, &["office"]), Spec::AccessControl(policy)),
                (address(Kind::Quota, &["day"]), quota(&text, effect == Effect::Allow)),
            ] {
                prop_assert_eq!(read_back(&address, &spec, manner), spec);
            }
            for (address, spec) in channels().into_iter().chain([authorizer()]) {
                prop_assert_eq!(read_back(&address, &spec, manner), spec);
            }
            let (of, spec) = response();
            let mut wire = echo(&TABLES.create(&of, &spec).unwrap(), manner);
            wire["group_id"] = format!("{MARK}shop").into();
            wire["responses"]["NOT_FOUND"] = json!({ "status": 404, "body": "none", "default": true });
            prop_assert_eq!(TABLES.address(Kind::GroupResponse, &wire, &Marked).unwrap(), of);
            prop_assert_eq!(TABLES.spec(Kind::GroupResponse, &wire, &Marked).unwrap(), spec);
            // What it belongs to stands in the path and in the answer.
            let access = Spec::AppAccess(AppAccessSpec { effect, values: values.clone() });
            let mut wire = TABLES.create(&address(Kind::AppAccess, &["caller"]), &access).unwrap();
            wire["app_id"] = format!("{MARK}caller").into();
            prop_assert_eq!(TABLES.address(Kind::AppAccess, &wire, &Marked).unwrap(), address(Kind::AppAccess, &["caller"]));
            prop_assert_eq!(TABLES.spec(Kind::AppAccess, &wire, &Marked).unwrap(), access);
        }
        let wire = json!({ "throttle_id": "of-gold", "object_type": "APP", "object_id": "of-mobile", "call_limits": limit });
        let exception = address(Kind::ThrottleException, &["gold", "app", "mobile"]);
        prop_assert_eq!(TABLES.address(exception.kind, &wire, &Marked).unwrap(), exception.clone());
        let spec = TABLES.spec(exception.kind, &wire, &Marked).unwrap();
        prop_assert_eq!(&spec, &Spec::ThrottleException(ExceptionLimit { limit }));
        let body = resolved(&TABLES.create(&exception, &spec).unwrap(), &|a| format!("{MARK}{}", a.name()));
        prop_assert_eq!(body, json!({ "object_type": "APP", "object_id": "of-mobile", "call_limits": limit }));
    }

    #[test]
    fn bodies_hold_only_what_the_vendor_documents(api in arbitrary::api(), throttle in arbitrary::throttle(), signature in arbitrary::signature()) {
        let tables: Value = serde_json::from_str(include_str!("requests.json")).unwrap();
        for (address, spec, sections) in [
            (address(Kind::Group, &["g"]), Spec::Group(GroupSpec::default()), ["3.1.1", "3.1.2"]),
            (address(Kind::Environment, &["e"]), Spec::Environment(EnvironmentSpec::default()), ["3.2.1", "3.2.2"]),
            (address(Kind::Variable, &["g", "e", "v"]), Spec::Variable(VariableValue { value: "x".into() }), ["3.3.1", "3.3.5"]),
            (address(Kind::Throttle, &["t"]), Spec::Throttle(throttle), ["3.4.1", "3.4.2"]),
            (address(Kind::Api, &["g", "a"]), Spec::Api(Arc::new(api)), ["3.5.1", "3.5.2"]),
            (address(Kind::Signature, &["s"]), Spec::Signature(signature), ["3.6.1", "3.6.2"]),
            (
                address(Kind::AccessControl, &["office"]),
                Spec::AccessControl(AccessControlSpec { effect: Effect::Deny, by: CallerType::Ip, values: vec!["192.0.2.9".into()] }),
                ["3.13.1", "3.13.2"],
            ),
            (response().0, response().1, ["3.19.1", "3.19.3"]),
            (authorizer().0, authorizer().1, ["3.15.1", "3.15.2"]),
            (channels()[0].0.clone(), channels()[0].1.clone(), ["3.17.1", "3.17.2"]),
            (channels()[1].0.clone(), channels()[1].1.clone(), ["3.17.1", "3.17.2"]),
            (address(Kind::Plugin, &["plug"]), plugins().remove(0), ["3.27.1", "3.27.2"]),
            (
                address(Kind::App, &["caller"]),
                Spec::App(AppSpec {
                    key: Some("callerkey".into()), secret: Some(Secret::FromEnv("X".into())), ..AppSpec::default()
                }),
                ["3.28.1", "3.28.2"],
            ),
            (
                address(Kind::AppAccess, &["caller"]),
                Spec::AppAccess(AppAccessSpec { effect: Effect::Allow, values: vec!["192.0.2.9".into()] }),
                ["3.28.14", "3.28.14"],
            ),
            (
                address(Kind::Feature, &["app_api_key"]),
                Spec::Feature(FeatureSpec { enabled: true, config: Some(Config::Text("on".into())), secret: None }),
                ["3.21.1", "3.21.1"],
            ),
            (certificate().0, certificate().1, ["3.26.2", "3.26.7"]),
            (
                address(Kind::Domain, &["g", "api.example.com"]),
                Spec::Domain(Domain { can_verify: true, ..Domain::default() }),
                ["3.12.1", "3.12.3"],
            ),
            (
                address(Kind::AppCode, &["caller", "first"]),
                Spec::AppCode(AppCodeSpec { secret: Some(Secret::FromEnv("X".into())) }),
                ["3.28.8", "3.28.8"],
            ),
            (address(Kind::Quota, &["day"]), quota("", true), ["3.29.1", "3.29.4"]),
            (
                address(Kind::ThrottleException, &["t", "user", "u"]),
                Spec::ThrottleException(ExceptionLimit { limit: 1 }),
                ["3.9.1", "3.9.2"],
            ),
        ] {
            let bodies = [TABLES.create(&address, &spec).unwrap(), TABLES.update(&address, &spec).unwrap()];
            for (section, body) in sections.into_iter().zip(bodies) {
                let table = tables[section].as_str().map_or(&tables[section], |other| &tables[other]);
                documented(&resolved(&body, &|a| a.name()), table, section);
            }
        }
    }
}

/// 3.23.3, with every field.
#[test]
fn the_settings_of_a_gateway_are_documented_and_read_back() {
    let tables: Value = serde_json::from_str(include_str!("requests.json")).unwrap();
    let settings: Settings = serde_json::from_value(json!({
        "description": "Ours", "maintenance": "22:00", "securityGroup": "group-1",
    }))
    .unwrap();
    let body = gateway::body(&address(Kind::Gateway, &["front"]), &settings);
    documented(&body, &tables["3.23.3"], "3.23.3");
    assert_eq!(body["maintain_end"], "02:00:00");
    assert_eq!(gateway::spec(&body).unwrap(), settings);
}

/// A quota, with every field or with those alone that are needed.
fn quota(description: &str, with_time: bool) -> Spec {
    let first_reset = with_time.then(|| "2026-01-31T00:30:00Z".to_owned());
    let per = Duration::from_secs(90 * 60);
    Spec::Quota(QuotaSpec { description: description.to_owned(), limit: 9, per, first_reset })
}

/// A certificate for this gateway, with everything that is sent.
fn certificate() -> (Address, Spec) {
    let sent = Sent {
        content: "PEM".to_owned(),
        private_key: Secret::FromEnv("X".to_owned()),
        trusted_root_ca: "PEM".to_owned(),
    };
    let spec = Certificate {
        content: Facts::default(),
        trusted_root_ca: true,
        scope: CertificateScope::Gateway,
        sent: Some(sent),
    };
    (address(Kind::Certificate, &["shop_cert"]), Spec::Certificate(spec.into()))
}

/// A group response with every field.
fn response() -> (Address, Spec) {
    let spec: GroupResponseSpec = serde_json::from_value(json!({ "errors": {
        "throttled": { "status": 429, "body": "slower", "headers": { "Retry-After": "5" } },
        "default5xx": { "body": "ours" },
    } }))
    .unwrap();
    (address(Kind::GroupResponse, &["shop", "words"]), Spec::GroupResponse(spec))
}

/// An authorizer with every field.
fn authorizer() -> (Address, Spec) {
    let spec: AuthorizerSpec = serde_json::from_value(json!({
        "type": "backend", "function": "urn:f", "version": "v1", "alias": "urn:a", "network": "vpc", "cache": "1m",
        "identities": [{ "name": "b", "in": "query" }, { "name": "a", "in": "header", "pattern": "^a$" }],
        "userData": "some", "sendBody": true,
    }))
    .unwrap();
    (address(Kind::Authorizer, &["check"]), Spec::Authorizer(spec.canonical()))
}

/// Channels of servers and of a service, with every field somewhere.
fn channels() -> [(Address, Spec); 2] {
    let channel = |name: &str, spec: Value| {
        let spec: ChannelSpec = serde_json::from_value(spec).unwrap();
        (address(Kind::Channel, &[name]), Spec::Channel(spec.canonical().into()))
    };
    let check = json!({
        "protocol": "http", "path": "/", "method": "HEAD", "port": 81, "codes": "200", "interval": "9s", "timeout": "3s",
        "healthyAfter": 1, "unhealthyAfter": 2, "clientCertificate": true,
    });
    let members = json!([
        { "host": "b", "group": "near", "backup": true }, { "host": "a", "port": 8080, "weight": 0, "enabled": false },
    ]);
    let labels = json!({ "tier": "front" });
    [
        channel(
            "servers",
            json!({
                "port": 80, "balance": "uriHash", "members": members, "healthCheck": check,
                "groups": [{ "name": "near", "weight": 5 }, { "name": "far", "description": "Away" }],
            }),
        ),
        channel(
            "service",
            json!({
                "port": 80, "memberType": "ecs", "members": [{ "ecsId": "i", "ecsName": "n" }],
                "groups": [{ "name": "near", "version": "v1", "port": 81, "labels": labels }],
                "microservice": {
                    "cce": { "cluster": "c", "namespace": "n", "type": "statefulset", "label": "tier", "value": "front" },
                },
            }),
        ),
    ]
}

/// One of each type.
fn plugins() -> Vec<Spec> {
    let when = json!({ "join": "all", "tests": [
        { "parameter": "p", "value": "a\"b" }, { "parameter": "p", "is": "like", "value": "/*" },
    ] });
    let parameters = json!([{ "name": "p", "in": "header", "value": "X-P" }]);
    [
        json!({ "cors": { "allowOrigins": ["*"], "allowHeaders": ["X-A", "X-B"], "allowCredentials": true } }),
        json!({ "responseHeaders": [{ "name": "x-a", "value": "$context.stage", "valueType": "system", "action": "add" }] }),
        json!({ "description": "all", "rateLimit": {
            "per": "90s", "scope": "shared", "limits": { "api": 9, "app": 3 }, "parameters": parameters,
            "exceptions": [{ "app": "caller", "limit": 2 }, { "user": "someone", "limit": 1 }],
            "rules": [{ "name": "r", "when": when, "per": "1h", "limit": 0 }],
        } }),
        json!({ "kafkaLog": {
            "brokers": ["a:1"], "topic": "t", "retries": 5, "fields": ["startTime", "uri"],
            "security": { "protocol": "SSL", "ca": "PEM" }, "contents": { "query": true, "queryFilter": "a" },
        } }),
        json!({ "breaker": { "by": "timeout", "mode": "percentage", "percentage": 9, "window": "1s", "openFor": "5m" } }),
        json!({ "thirdAuth": {
            "request": {
                "method": "GET", "protocol": "http", "channel": "chan", "hostHeader": "h", "path": "/", "timeout": "1500ms",
            },
            "identityQueries": ["q"], "carryBody": 0, "accept": when, "forbidLimit": 3,
            "rules": { "effect": "deny", "parameters": parameters, "rules": [{ "name": "r", "when": when }] },
        } }),
    ]
    .into_iter()
    .map(|spec| Spec::Plugin(serde_json::from_value(spec).unwrap()))
    .collect()
}

#[test]
fn plugins_read_back_as_written() {
    for spec in plugins() {
        for (terse, quotes) in [(false, false), (true, false), (false, true)] {
            let manner = Manner { terse, quotes, odd_auth: false };
            assert_eq!(read_back(&address(Kind::Plugin, &["plug"]), &spec, manner), spec);
        }
    }
}

/// Every field stands in the table of the request, with its type, and one of its values; no mandatory one is missing.
fn documented(body: &Value, table: &Value, at: &str) {
    let (body, table) = (body.as_object().unwrap(), table.as_object().unwrap());
    for (field, facts) in table {
        assert!(facts["required"] == false || body.contains_key(field), "{at}: {field} is mandatory");
    }
    for (field, value) in body {
        let at = format!("{at}.{field}");
        let facts = table.get(field).unwrap_or_else(|| panic!("{at} is not documented"));
        let fits = match facts["type"].as_str().unwrap() {
            "string" => value.is_string(),
            "integer" => value.is_i64() || value.is_u64(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            _ => value.is_object(),
        };
        assert!(fits, "{at} is {value}");
        if let Some(allowed) = facts["enum"].as_array() {
            assert!(allowed.contains(value), "{at} is {value}");
        }
        match (facts.get("fields"), value) {
            (Some(inner), Value::Object(_)) => documented(value, inner, &at),
            (Some(inner), Value::Array(items)) => items.iter().for_each(|item| documented(item, inner, &at)),
            _ => {}
        }
    }
}
