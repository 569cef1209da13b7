use serde_json::{Value, json};

use super::*;
use crate::kinds::api::ApiSpec;

const OWN: Own = Own { names: &[], group_remark_max: 1000, plain_channels: false, plain_certificates: false };

fn api(patch: &Value) -> ApiSpec {
    let mut base = json!({
        "request": { "method": "GET", "path": "/a" },
        "auth": { "type": "none" },
        "backend": { "http": { "url": "https://a.example.com/", "method": "GET" } },
    });
    for (key, value) in patch.as_object().unwrap() {
        base[key] = value.clone();
    }
    serde_json::from_value(base).unwrap()
}

/// The fields found wanting.
fn fields(name: &str, group: Option<&str>, spec: &DocumentSpec) -> Vec<String> {
    check(&OWN, name, group, spec).into_iter().map(|f| format!("{}: {}", f.code, f.field)).collect()
}

fn api_fields(patch: &Value) -> Vec<String> {
    fields("get-a", Some("payments"), &DocumentSpec::Api(Box::new(api(patch))))
}

#[test]
fn names_follow_the_rules_of_their_kind() {
    let group = DocumentSpec::Group(crate::kinds::group::GroupSpec::default());
    let environment = DocumentSpec::Environment(crate::kinds::environment::EnvironmentSpec::default());
    for (name, spec, good) in [
        ("a-b./():9", &group, true),
        ("9ab", &group, true),
        ("ab", &group, false),
        ("-ab", &group, false),
        ("a b", &group, false),
        ("stra\u{df}e", &group, false),
        ("TEST_1", &environment, true),
        ("te-st", &environment, false),
        ("1test", &environment, false),
    ] {
        assert_eq!(fields(name, None, spec).is_empty(), good, "{name}");
    }
    assert!(fields(&"a".repeat(255), None, &group).is_empty());
    assert!(!fields(&"a".repeat(256), None, &group).is_empty());
    let finding = &check(&OWN, "te-st", None, &environment)[0];
    assert_eq!(finding.field, "metadata.name");
    assert_eq!(
        finding.message,
        "environment name `te-st` holds `-`; it must have 3 to 64 letters, digits and any of `_`, a letter first"
    );
}

#[test]
fn a_good_api_passes() {
    assert_eq!(api_fields(&json!({})), Vec::<String>::new());
}

#[test]
fn each_limit_of_an_api_names_its_field() {
    let long = "x".repeat(256);
    for (patch, expected) in [
        (json!({ "description": long }), "provider-text: spec.description"),
        (json!({ "version": "12345678901234567" }), "provider-text: spec.version"),
        (
            json!({ "request": { "method": "GET", "path": "/".repeat(513) } }),
            "provider-text: spec.request.path",
        ),
        (json!({ "tags": ["ok", "1no"] }), "provider-text: spec.tags[1]"),
        (
            json!({ "tags": (0..11).map(|i| format!("t{i}")).collect::<Vec<_>>() }),
            "provider-range: spec.tags",
        ),
        (
            json!({ "parameters": [{ "name": "a b", "in": "query" }] }),
            "provider-text: spec.parameters[0].name",
        ),
        (
            json!({ "parameters": [{ "name": "a", "in": "query", "enum": ["x", "y,z"] }] }),
            "provider-text: spec.parameters[0].enum[1]",
        ),
        (
            json!({ "parameters": [{ "name": "a", "in": "query", "type": "number", "minLength": 1 }] }),
            "provider-unsupported: spec.parameters[0].minLength",
        ),
        (
            json!({ "parameters": [{ "name": "a", "in": "query", "pattern": "^x" }] }),
            "provider-unsupported: spec.parameters[0].pattern",
        ),
        (
            json!({ "backend": { "http": { "url": "https://a/", "method": "GET", "timeout": "601s" } } }),
            "provider-range: spec.backend.http.timeout",
        ),
        (
            json!({ "backend": { "function": { "urn": "u", "network": "public", "timeout": "61s" } } }),
            "provider-range: spec.backend.function.timeout",
        ),
        (
            json!({ "backend": { "http": { "url": "http://a/", "method": "GET", "clientCertificate": true } } }),
            "provider-unsupported: spec.backend.http.clientCertificate",
        ),
        (
            json!({ "backend": { "mock": { "parameters": [{ "name": "a", "in": "header", "from": { "system": "sourceIP" } }] } } }),
            "provider-unsupported: spec.backend.mock.parameters[0].from.system",
        ),
    ] {
        assert_eq!(api_fields(&patch), [expected]);
    }
}

#[test]
fn policies_have_rules_of_their_own() {
    let policy = |name: &str, backend: Value| json!({ "name": name, "when": [], "backend": backend });
    let http = json!({ "http": { "url": "https://a/", "method": "GET", "description": "x" } });
    let found = api_fields(&json!({ "policies": [
        policy("one", json!({ "mock": {} })),
        policy("one", http),
        policy("no", json!({ "mock": {} })),
    ]}));
    assert_eq!(
        found,
        [
            "provider-unsupported: spec.policies[1].backend.http.description",
            "provider-text: spec.policies[2].name",
            "provider-unsupported: spec.policies",
        ]
    );
}

#[test]
fn grpc_has_no_parameters_no_samples_and_only_post() {
    let found = api_fields(&json!({
        "request": { "method": "GET", "path": "/a", "protocol": "GRPCS" },
        "auth": { "type": "authorizer", "authorizer": "x" },
        "backend": { "grpc": { "address": "a:443" } },
        "samples": { "success": "x" },
        "parameters": [{ "name": "a", "in": "query" }],
    }));
    let unsupported = |field| format!("provider-unsupported: spec.{field}");
    assert_eq!(found, ["request.method", "auth.type", "parameters", "samples"].map(unsupported));
    assert_eq!(
        api_fields(&json!({ "backend": { "grpc": { "address": "a:443" } } })),
        [unsupported("request.protocol")]
    );
}

#[test]
fn limits_of_a_throttle_go_down_from_api_to_app() {
    let throttle = |value: Value| DocumentSpec::Throttle(serde_json::from_value(value).unwrap());
    let good =
        throttle(json!({ "per": "1s", "limits": { "api": 800, "user": 500, "app": 300, "sourceIp": 600 } }));
    assert!(fields("gold", None, &good).is_empty());
    let bad =
        throttle(json!({ "per": "1500ms", "limits": { "api": 10, "user": 11, "app": 12, "sourceIp": 0 } }));
    assert_eq!(
        fields("gold", None, &bad),
        [
            "provider-range: spec.per",
            "provider-range: spec.limits.sourceIp",
            "provider-range: spec.limits.user",
            "provider-range: spec.limits.app",
        ]
    );
}

#[test]
fn keys_of_signatures_depend_on_the_type() {
    let signature = |kind: &str, algorithm: Option<&str>, key: &str| {
        let value = json!({ "type": kind, "algorithm": algorithm, "key": key, "secret": { "fromEnv": "X" } });
        fields("signer", None, &DocumentSpec::Signature(serde_json::from_value(value).unwrap()))
    };
    assert!(signature("hmac", None, "signkeysignkey").is_empty());
    assert_eq!(signature("hmac", None, "short"), ["provider-text: spec.key"]);
    assert!(signature("basic", None, "user").is_empty());
    assert!(signature("publicKey", None, "+abc/==x").is_empty());
    assert!(signature("aes", Some("aes-128-cfb"), "0123456789abcdef").is_empty());
    assert_eq!(signature("aes", Some("aes-256-cfb"), "0123456789abcdef"), ["provider-text: spec.key"]);
    assert_eq!(signature("aes", None, "0123456789abcdef"), ["provider-unsupported: spec.algorithm"]);
    assert_eq!(
        signature("hmac", Some("aes-128-cfb"), "signkeysignkey"),
        ["provider-unsupported: spec.algorithm"]
    );
}

#[test]
fn values_of_variables_are_checked_by_environment() {
    let spec = DocumentSpec::Variable(
        serde_json::from_value(json!({ "values": { "TEST": "a b", "DEV": "a.b:1" } })).unwrap(),
    );
    assert_eq!(fields("host", Some("payments"), &spec), ["provider-text: spec.values.TEST"]);
}

#[test]
fn callers_are_addresses_or_accounts_as_the_policy_says() {
    let policy = |by: &str, values: Value| {
        let spec = json!({ "effect": "deny", "by": by, "values": values });
        fields("office", None, &DocumentSpec::AccessControl(serde_json::from_value(spec).unwrap()))
    };
    let good = json!(["192.0.2.7", "192.0.2.1-192.0.2.9", "192.0.2.0/24", "2001:db8::/32", "2001:db8::1"]);
    assert_eq!(policy("ip", good), Vec::<String>::new());
    for bad in
        ["192.0.2", "192.0.2.0/33", "192.0.2.9-192.0.2.1", "192.0.2.1-", "partner", "192.0.2.1-2001:db8::1"]
    {
        assert_eq!(policy("ip", json!(["192.0.2.7", bad])), ["provider-text: spec.values[1]"], "{bad}");
    }
    assert_eq!(policy("ip", json!([])), ["provider-range: spec.values"]);
    assert_eq!(policy("ip", json!(vec!["192.0.2.7"; 101])), ["provider-range: spec.values"]);
    assert_eq!(policy("account", json!(["partner_one", "partner-2"])), Vec::<String>::new());
    for bad in ["12345", "a,b", "", &"a".repeat(65), "stra\u{df}e"] {
        assert_eq!(policy("account", json!([bad])), ["provider-text: spec.values[0]"], "{bad}");
    }
    assert_eq!(policy("accountId", json!(["12345"])), Vec::<String>::new());
    assert_eq!(policy("account", json!(vec!["a".repeat(60); 17])), ["provider-range: spec.values"]);
}

#[test]
fn a_channel_keeps_to_its_rules() {
    let channel = |change: Value| {
        let mut spec = json!({ "port": 80 });
        spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        fields("servers", None, &DocumentSpec::Channel(serde_json::from_value(spec).unwrap()))
    };
    let check = |change: Value| {
        let mut check = json!({
            "protocol": "http", "path": "/", "codes": "200,300-302", "interval": "10s", "timeout": "5s",
            "healthyAfter": 1, "unhealthyAfter": 10,
        });
        check.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        channel(json!({ "healthCheck": check }))
    };
    assert_eq!(
        channel(json!({ "members": [{ "host": "a", "weight": 10_000, "port": 1 }] })),
        Vec::<String>::new()
    );
    assert_eq!(channel(json!({ "port": 0 })), ["provider-range: spec.port"]);
    assert_eq!(
        channel(json!({ "members": [{ "host": "a", "weight": 10_001 }] })),
        ["provider-range: spec.members[0].weight"]
    );
    assert_eq!(channel(json!({ "groups": [{ "name": "ab" }] })), ["provider-text: spec.groups[0].name"]);
    assert_eq!(
        channel(json!({ "groups": [{ "name": "abc", "weight": 101 }] })),
        ["provider-range: spec.groups[0].weight"]
    );
    assert_eq!(
        channel(json!({ "groups": [{ "name": "abc", "version": "v1" }] })),
        ["provider-unsupported: spec.groups[0].version"]
    );
    let workload = json!({ "cluster": "c", "namespace": "n", "type": "daemonset" });
    assert_eq!(
        channel(json!({ "microservice": { "cce": workload } })),
        ["provider-unsupported: spec.microservice.cce"]
    );
    assert_eq!(check(json!({})), Vec::<String>::new());
    assert_eq!(check(json!({ "path": null })), ["provider-unsupported: spec.healthCheck.protocol"]);
    assert_eq!(check(json!({ "path": "health" })), ["provider-text: spec.healthCheck.path"]);
    assert_eq!(check(json!({ "codes": null })), ["provider-unsupported: spec.healthCheck.protocol"]);
    for bad in ["99", "600", "302-300", "200,", "ok"] {
        assert_eq!(check(json!({ "codes": bad })), ["provider-text: spec.healthCheck.codes"], "{bad}");
    }
    assert_eq!(
        check(json!({ "timeout": "31s", "interval": "1m" })),
        ["provider-range: spec.healthCheck.timeout"]
    );
    assert_eq!(check(json!({ "interval": "10500ms" })), ["provider-range: spec.healthCheck.interval"]);
    assert_eq!(check(json!({ "timeout": "10s" })), ["provider-range: spec.healthCheck.timeout"]);
    assert_eq!(check(json!({ "healthyAfter": 0 })), ["provider-range: spec.healthCheck.healthyAfter"]);
}

#[test]
fn an_authorizer_keeps_to_its_rules() {
    let authorizer = |change: Value| {
        let mut spec = json!({ "type": "frontend", "function": "urn:fss:f" });
        spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        fields("check", None, &DocumentSpec::Authorizer(serde_json::from_value(spec).unwrap()))
    };
    assert_eq!(authorizer(json!({ "cache": "1h", "version": "a".repeat(64) })), Vec::<String>::new());
    assert_eq!(authorizer(json!({ "function": "check" })), ["provider-text: spec.function"]);
    assert_eq!(authorizer(json!({ "alias": "live" })), ["provider-text: spec.alias"]);
    assert_eq!(authorizer(json!({ "version": "a".repeat(65) })), ["provider-text: spec.version"]);
    assert_eq!(authorizer(json!({ "cache": "2h" })), ["provider-range: spec.cache"]);
    assert_eq!(authorizer(json!({ "cache": "1500ms" })), ["provider-range: spec.cache"]);
    let twice = json!([{ "name": "a", "in": "header" }, { "name": "a", "in": "query" }]);
    assert_eq!(authorizer(json!({ "identities": twice })), ["provider-unsupported: spec.identities[1].name"]);
}

#[test]
fn a_group_response_keeps_to_its_rules() {
    let response = |answer: Value| {
        let mut answer = answer;
        answer["body"] = "b".into();
        let spec = json!({ "errors": { "default4xx": answer } });
        fields("words", Some("shop"), &DocumentSpec::GroupResponse(serde_json::from_value(spec).unwrap()))
    };
    assert_eq!(response(json!({ "status": 599, "headers": { "A-1": "b" } })), Vec::<String>::new());
    for status in [199, 444, 600] {
        assert_eq!(
            response(json!({ "status": status })),
            ["provider-range: spec.errors.default4xx.status"],
            "{status}"
        );
    }
    assert_eq!(
        response(json!({ "headers": { "A": "" } })),
        ["provider-text: spec.errors.default4xx.headers.A"]
    );
    assert_eq!(
        response(json!({ "headers": { "A_b": "c" } })),
        ["provider-text: spec.errors.default4xx.headers.A_b"]
    );
    let spec = json!({ "errors": { "throttled": { "body": "b" } } });
    let spec = DocumentSpec::GroupResponse(serde_json::from_value(spec).unwrap());
    assert_eq!(fields("words", Some("shop"), &spec), ["provider-unsupported: spec.errors.throttled"]);
    let headers: serde_json::Map<_, _> = (0..11).map(|i| (format!("H{i}"), json!("x"))).collect();
    assert_eq!(response(json!({ "headers": headers })), ["provider-range: spec.errors.default4xx.headers"]);
}

#[test]
fn an_app_keeps_to_its_rules() {
    let app = |spec: Value| fields("caller", None, &DocumentSpec::App(serde_json::from_value(spec).unwrap()));
    assert_eq!(app(json!({ "key": "callerkey", "description": "a" })), Vec::<String>::new());
    assert_eq!(app(json!({ "key": "short" })), ["provider-text: spec.key"]);
    assert_eq!(app(json!({ "description": "a".repeat(256) })), ["provider-text: spec.description"]);
    let access = json!({ "effect": "allow", "values": ["nowhere"] });
    assert_eq!(app(json!({ "accessControl": access })), ["provider-text: spec.accessControl.values[0]"]);
    let spec = DocumentSpec::App(crate::kinds::app::AppSpec::default());
    assert_eq!(fields("no-dash", None, &spec), ["provider-text: metadata.name"]);
}

#[test]
fn a_plugin_keeps_to_its_rules() {
    let plugin = |spec: Value| {
        let spec = DocumentSpec::Plugin(serde_json::from_value(spec).unwrap());
        fields("plug", None, &spec)
    };
    let cors = |patch: Value| {
        let mut spec = json!({ "allowOrigins": ["*"] });
        spec.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        plugin(json!({ "cors": spec }))
    };
    assert_eq!(cors(json!({ "maxAge": "2d" })), Vec::<String>::new());
    assert_eq!(cors(json!({ "maxAge": "3d" })), ["provider-range: spec.cors.maxAge"]);
    assert_eq!(cors(json!({ "maxAge": "500ms" })), ["provider-range: spec.cors.maxAge"]);
    assert_eq!(cors(json!({ "allowOrigins": [] })), ["provider-range: spec.cors.allowOrigins"]);
    assert_eq!(cors(json!({ "allowHeaders": ["a,b"] })), ["provider-unsupported: spec.cors.allowHeaders[0]"]);
    let headers = json!({ "responseHeaders": [{ "name": "a", "action": "add" }] });
    assert_eq!(plugin(headers), ["provider-unsupported: spec.responseHeaders[0].value"]);
    let limit = json!({ "rateLimit": {
        "per": "500ms", "limits": { "api": 5, "user": 6, "sourceIp": 0 },
        "rules": [{ "name": "r", "per": "1s", "limit": 1, "when": { "tests": [{ "parameter": "p", "value": "v" }] } }],
    } });
    assert_eq!(
        plugin(limit),
        [
            "provider-range: spec.rateLimit.per",
            "provider-range: spec.rateLimit.limits.user",
            "provider-range: spec.rateLimit.limits.sourceIp",
            "provider-unsupported: spec.rateLimit.rules[0].when.tests[0].parameter",
        ]
    );
    let kafka = |security: Value| {
        let log = json!({ "brokers": ["a:1"], "topic": "t", "retries": 6, "retryBackoff": "11s", "security": security });
        plugin(json!({ "kafkaLog": log }))
    };
    let numbers = ["provider-range: spec.kafkaLog.retryBackoff", "provider-range: spec.kafkaLog.retries"];
    let wrong = "provider-unsupported: spec.kafkaLog.security.protocol";
    assert_eq!(kafka(json!({ "protocol": "SSL" })), numbers);
    for security in [
        json!({ "protocol": "PLAINTEXT" }),
        json!({ "protocol": "SASL_SSL", "username": "a" }),
        json!({ "protocol": "SSL", "username": "a" }),
    ] {
        assert_eq!(kafka(security), [numbers[0], numbers[1], wrong]);
    }
    let breaker = json!({ "breaker": { "by": "condition", "mode": "percentage", "failures": 0, "window": "6m", "openFor": "1s" } });
    assert_eq!(
        plugin(breaker),
        [
            "provider-range: spec.breaker.window",
            "provider-range: spec.breaker.failures",
            "provider-unsupported: spec.breaker.mode",
            "provider-unsupported: spec.breaker.condition",
        ]
    );
    let auth = json!({ "thirdAuth": {
        "request": {
            "method": "ANY", "protocol": "http", "address": "a", "hostHeader": "h", "path": "/", "timeout": "2m",
        },
        "rules": { "effect": "deny", "rules": [] },
    } });
    assert_eq!(
        plugin(auth),
        [
            "provider-unsupported: spec.thirdAuth.request.method",
            "provider-range: spec.thirdAuth.request.timeout",
            "provider-unsupported: spec.thirdAuth.request.hostHeader",
            "provider-unsupported: spec.thirdAuth.accept",
            "provider-range: spec.thirdAuth.rules.rules",
        ]
    );
    let named = DocumentSpec::Plugin(Box::default());
    assert_eq!(fields("no blanks", None, &named), ["provider-text: metadata.name"]);
}
