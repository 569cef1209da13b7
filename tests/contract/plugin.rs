//! Plug-ins: a subject for each block, because a plug-in keeps its type.

use apigctl::kind::Kind;
use serde_json::{Value, json};

use super::{Case, Expected, Subject};
use crate::support::document;

const OF: &str = "Plugin/plug";

pub(super) fn subjects() -> Vec<Subject> {
    vec![cors(), response_headers(), rate_limit(), kafka_log(), breaker(), third_auth(), native()]
}

fn subject(name: &'static str, spec: Value, cases: Vec<Case>) -> Subject {
    Subject {
        name,
        kind: Kind::Plugin,
        around: Vec::new(),
        base: document("Plugin", json!({ "name": "plug" }), spec),
        created: vec!["create Plugin/plug new".into()],
        removed: vec!["delete Plugin/plug removed".into()],
        cases,
    }
}

/// A field within lists: `path` as in the schema, `pointer` to where the value goes, and what the plan names.
fn within(path: &str, pointer: &str, value: Value, named: &str) -> Case {
    let line = format!("update {OF} manifestChanged: {named}");
    Case::edit(&[path], vec![(pointer, value)], vec![line])
}

/// A field within a list by its index, as in `a.rules[0].limit`; a plan names elements by their names, and lists of elements
/// without names as a whole.
fn inner(at: &str, names: &[(&str, &str)], value: Value) -> Case {
    let (mut schema, mut pointer, mut named) =
        (at.to_owned(), format!("/{}", at.replace('.', "/")), at.to_owned());
    for i in ["0", "1"] {
        schema = schema.replace(&format!("[{i}]"), "[]");
        pointer = pointer.replace(&format!("[{i}]"), &format!("/{i}"));
    }
    for list in ["tests[", "exceptions["] {
        if let Some(end) = named.find(list) {
            named.truncate(end + list.len() - 1);
        }
    }
    for (list, name) in names {
        named = named.replace(&format!("{list}[0]"), &format!("{list}[{name}]"));
    }
    within(&schema, &pointer, value, &named)
}

fn set(field: &str, value: Value) -> Case {
    Case::set(OF, field, value)
}

fn cors() -> Subject {
    let list = |field: &str, value| {
        let at = format!("cors.{field}");
        within(&format!("{at}[]"), &format!("/cors/{field}"), value, &at)
    };
    let mut other = Case::edit(
        &[],
        vec![("/cors", Value::Null), ("/responseHeaders", json!([{ "name": "x-a", "action": "delete" }]))],
        Vec::new(),
    );
    other.outcome = Expected::Refused("immutable-field");
    let mut both = Case::edit(
        &[],
        vec![("/responseHeaders", json!([{ "name": "x-a", "action": "delete" }]))],
        Vec::new(),
    );
    both.outcome = Expected::Refused("exclusive-fields");
    subject(
        "plugin_cors",
        json!({ "cors": { "allowOrigins": ["*"], "allowMethods": ["GET"], "maxAge": "1h" } }),
        vec![
            other,
            both,
            set("description", json!("For the shop")),
            list("allowOrigins", json!(["https://a.example.com", "https://b.example.com"])),
            list("allowMethods", json!(["GET", "POST"])),
            list("allowHeaders", json!(["X-A"])),
            list("exposeHeaders", json!(["X-B"])),
            set("cors.maxAge", json!("2d")),
            set("cors.maxAge", Value::Null),
            set("cors.allowCredentials", json!(true)),
        ],
    )
}

fn response_headers() -> Subject {
    let header = |field: &str, value| {
        inner(&format!("responseHeaders[0].{field}"), &[("responseHeaders", "x-a")], value)
    };
    subject(
        "plugin_response_headers",
        json!({ "responseHeaders": [
            { "name": "x-a", "value": "one", "action": "append" }, { "name": "x-b", "action": "delete" },
        ] }),
        vec![
            within(
                "responseHeaders[].name",
                "/responseHeaders/0/name",
                json!("x-c"),
                "responseHeaders[x-a], responseHeaders[x-c]",
            ),
            header("value", json!("two")),
            header("valueType", json!("system")),
            header("action", json!("override")),
            header("action", json!("skip")),
            header("action", json!("add")),
        ],
    )
}

fn rate_limit() -> Subject {
    let inner = |path: &str, value| {
        inner(&format!("rateLimit.{path}"), &[("parameters", "place"), ("rules", "near")], value)
    };
    subject(
        "plugin_rate_limit",
        json!({ "rateLimit": {
            "per": "1m", "limits": { "api": 100, "user": 50 },
            "exceptions": [{ "app": "app_one", "limit": 20 }, { "user": "someone", "limit": 30 }],
            "parameters": [{ "name": "place", "in": "header", "value": "X-Place" }],
            "rules": [{
                "name": "near", "per": "1s", "limit": 5,
                "when": { "tests": [{ "parameter": "place", "value": "here" }, { "parameter": "place", "value": "there" }] },
            }],
        } }),
        vec![
            set("rateLimit.per", json!("1s")),
            set("rateLimit.per", json!("1d")),
            set("rateLimit.scope", json!("shared")),
            set("rateLimit.limits.api", json!(120)),
            set("rateLimit.limits.user", json!(60)),
            set("rateLimit.limits.user", Value::Null),
            set("rateLimit.limits.app", json!(40)),
            set("rateLimit.limits.sourceIp", json!(10)),
            inner("exceptions[0].app", json!("app_two")),
            inner("exceptions[1].user", json!("nobody")),
            inner("exceptions[0].limit", json!(21)),
            inner("parameters[0].in", json!("query")),
            inner("parameters[0].value", json!("X-Other")),
            Case::edit(
                &["rateLimit.parameters[].name", "rateLimit.rules[].when.tests[].parameter"],
                vec![
                    ("/rateLimit/parameters/0/name", json!("where")),
                    ("/rateLimit/rules/0/when/tests/0/parameter", json!("where")),
                    ("/rateLimit/rules/0/when/tests/1/parameter", json!("where")),
                ],
                vec![format!(
                    "update {OF} manifestChanged: rateLimit.parameters[place], rateLimit.parameters[where], \
                     rateLimit.rules[near].when.tests"
                )],
            ),
            within(
                "rateLimit.rules[].name",
                "/rateLimit/rules/0/name",
                json!("far"),
                "rateLimit.rules[near], rateLimit.rules[far]",
            ),
            inner("rules[0].per", json!("2s")),
            inner("rules[0].limit", json!(0)),
            inner("rules[0].when.join", json!("all")),
            inner("rules[0].when.tests[0].is", json!("like")),
            inner("rules[0].when.tests[0].value", json!("elsewhere")),
        ],
    )
}

fn kafka_log() -> Subject {
    let log = |field: &str, value| set(&format!("kafkaLog.{field}"), value);
    let list = |field: &str, value| {
        let at = format!("kafkaLog.{field}");
        within(&format!("{at}[]"), &format!("/{}", at.replace('.', "/")), value, &at)
    };
    let contents = |field: &str, value| log(&format!("contents.{field}"), value);
    let rotated = vec![format!("update {OF} secretChanged: ")];
    subject(
        "plugin_kafka_log",
        json!({ "kafkaLog": {
            "brokers": ["kafka.internal:9093"], "topic": "calls", "fields": ["requestId", "clientIp"],
            "contents": { "query": true, "requestBody": true },
            "security": { "protocol": "SASL_SSL", "username": "gateway", "password": { "fromEnv": "KEY_A" } },
        } }),
        vec![
            list("brokers", json!(["kafka.internal:9093", "other.internal:9093"])),
            log("topic", json!("more-calls")),
            log("key", json!("shop")),
            log("retries", json!(3)),
            log("retryBackoff", json!("5s")),
            list("fields", json!(["clientIp", "requestId", "customDataLog10"])),
            log("security.protocol", json!("SASL_PLAINTEXT")),
            log("security.mechanism", json!("SCRAM-SHA-512")),
            log("security.username", json!("another")),
            log("security.ca", json!("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")),
            Case::edit(
                &["kafkaLog.security.password.fromEnv"],
                vec![("/kafkaLog/security/password/fromEnv", json!("KEY_B"))],
                rotated.clone(),
            ),
            Case::edit(
                &["kafkaLog.security.password.fromFile"],
                vec![("/kafkaLog/security/password", json!({ "fromFile": "key-file" }))],
                rotated.clone(),
            ),
            Case::edit(
                &["kafkaLog.security.password.fromCommand[]"],
                vec![("/kafkaLog/security/password", json!({ "fromCommand": ["key-command", "gold"] }))],
                rotated,
            ),
            contents("requestHeaders", json!(true)),
            contents("requestHeaderFilter", json!("X-A,X-B")),
            contents("query", json!(false)),
            contents("queryFilter", json!("page")),
            contents("requestBody", json!(false)),
            contents("responseHeaders", json!(true)),
            contents("responseHeaderFilter", json!("X-C")),
            contents("responseBody", json!(true)),
            list("contents.frontendAuthorizer", json!(["user"])),
            list("contents.backendAuthorizer", json!(["tenant"])),
        ],
    )
}

fn breaker() -> Subject {
    let counted = |field: &str, value| set(&format!("breaker.{field}"), value);
    subject(
        "plugin_breaker",
        json!({ "breaker": {
            "by": "timeout", "mode": "counter", "failures": 30, "percentage": 51, "window": "15s", "openFor": "15s",
        } }),
        vec![
            Case::edit(
                &["breaker.by", "breaker.condition"],
                vec![
                    ("/breaker/by", json!("condition")),
                    ("/breaker/condition", json!("[\"$statusCode\",\">\",\"499\"]")),
                ],
                vec![format!("update {OF} manifestChanged: breaker.by, breaker.condition")],
            ),
            counted("mode", json!("percentage")),
            counted("failures", json!(31)),
            counted("minCalls", json!(20)),
            counted("percentage", json!(60)),
            counted("window", json!("30s")),
            counted("openFor", json!("1m")),
            counted("scope", json!("shared")),
        ],
    )
}

/// What only one gateway has.
fn native() -> Subject {
    let definition = |to: Value, named: &str| {
        let line = format!("update {OF} manifestChanged: {named}");
        Case::edit(&["native.definition"], vec![("/native/definition", to)], vec![line])
    };
    let other = |edits: Vec<(&str, Value)>, code| Case {
        outcome: Expected::Refused(code),
        ..Case::edit(&["native.type"], edits, Vec::new())
    };
    let rules = |rules: Value| json!({ "parameters": { "userId": "Token:userId" }, "rules": rules });
    let rule = |condition: &str| json!({ "name": "admin", "condition": condition, "ifTrue": "ALLOW" });
    subject(
        "plugin_native",
        json!({ "native": { "type": "accessControl", "definition": rules(json!([rule("$userId = -1")])) } }),
        vec![
            other(vec![("/native/type", json!("transformer"))], "immutable-field"),
            other(
                vec![("/native", Value::Null), ("/cors", json!({ "allowOrigins": ["*"] }))],
                "immutable-field",
            ),
            other(vec![("/native/definition/backend", json!({ "password": "in-clear" }))], "secret-in-clear"),
            other(vec![("/native/definition/rules", Value::Null)], "provider-unsupported"),
            set("description", json!("For admins")),
            definition(rules(json!([rule("$userId = -2")])), "native.definition.rules[admin].condition"),
            definition(
                rules(
                    json!([rule("$userId = -1"), { "name": "guest", "condition": "$userId = 0", "ifTrue": "DENY" }]),
                ),
                "native.definition.rules[guest]",
            ),
            definition(
                json!({ "parameters": {}, "rules": [rule("$userId = -1")], "more": [1, 2] }),
                "native.definition.parameters.userId, native.definition.more",
            ),
        ],
    )
}

fn third_auth() -> Subject {
    let inner = |path: &str, value| {
        inner(&format!("thirdAuth.{path}"), &[("parameters", "path"), ("rules.rules", "open")], value)
    };
    let list = |field: &str, value| {
        let at = format!("thirdAuth.{field}");
        within(&format!("{at}[]"), &format!("/{}", at.replace('.', "/")), value, &at)
    };
    let lines = |fields: &str| vec![format!("update {OF} manifestChanged: {fields}")];
    subject(
        "plugin_third_auth",
        json!({ "thirdAuth": {
            "request": {
                "method": "POST", "protocol": "https", "channel": "chan_a", "path": "/check", "timeout": "5s",
            },
            "accept": { "tests": [{ "parameter": "x-result", "value": "good" }, { "parameter": "x-result", "value": "fine" }] },
            "rules": {
                "effect": "allow", "parameters": [{ "name": "path", "in": "path", "value": "path" }],
                "rules": [{ "name": "open", "when": { "tests": [{ "parameter": "path", "is": "like", "value": "/open/*" }, { "parameter": "path", "value": "/" }] } }],
            },
        } }),
        vec![
            inner("request.method", json!("GET")),
            inner("request.protocol", json!("http")),
            inner("request.channel", json!("chan_b")),
            inner("request.hostHeader", json!("auth.internal")),
            Case::edit(
                &["thirdAuth.request.address"],
                vec![
                    ("/thirdAuth/request/channel", Value::Null),
                    ("/thirdAuth/request/address", json!("auth.internal:8443")),
                ],
                lines("thirdAuth.request.channel, thirdAuth.request.address"),
            ),
            inner("request.path", json!("/ask")),
            inner("request.timeout", json!("500ms")),
            list("identityHeaders", json!(["token"])),
            list("identityQueries", json!(["user"])),
            inner("carryBody", json!(10_000)),
            inner("carryPath", json!(true)),
            inner("returnBody", json!(true)),
            list("carryResponseHeaders", json!(["x-user"])),
            Case::edit(
                &["thirdAuth.simple"],
                vec![("/thirdAuth/accept", Value::Null), ("/thirdAuth/simple", json!(true))],
                lines("thirdAuth.accept, thirdAuth.simple"),
            ),
            inner("accept.join", json!("all")),
            inner("accept.tests[0].parameter", json!("x-answer")),
            inner("accept.tests[0].is", json!("like")),
            inner("accept.tests[0].value", json!("yes")),
            inner("rules.effect", json!("deny")),
            inner("rules.parameters[0].in", json!("header")),
            inner("rules.parameters[0].value", json!("reqPath")),
            Case::edit(
                &["thirdAuth.rules.parameters[].name", "thirdAuth.rules.rules[].when.tests[].parameter"],
                vec![
                    ("/thirdAuth/rules/parameters/0/name", json!("where")),
                    ("/thirdAuth/rules/rules/0/when/tests/0/parameter", json!("where")),
                    ("/thirdAuth/rules/rules/0/when/tests/1/parameter", json!("where")),
                ],
                lines(
                    "thirdAuth.rules.parameters[path], thirdAuth.rules.parameters[where], \
                     thirdAuth.rules.rules[open].when.tests",
                ),
            ),
            within(
                "thirdAuth.rules.rules[].name",
                "/thirdAuth/rules/rules/0/name",
                json!("public"),
                "thirdAuth.rules.rules[open], thirdAuth.rules.rules[public]",
            ),
            inner("rules.rules[0].when.join", json!("all")),
            inner("rules.rules[0].when.tests[0].is", json!("equal")),
            inner("rules.rules[0].when.tests[0].value", json!("/public/*")),
            Case::edit(&[], vec![("/thirdAuth/rules", Value::Null)], lines("thirdAuth.rules")),
            inner("forbidLimit", json!(100)),
            inner("downgrade", json!(true)),
        ],
    )
}
