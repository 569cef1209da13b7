//! `Api`: one subject for each sort of backend, as the API's own and as a policy's.

use apigctl::kind::Kind;
use serde_json::{Value, json};

use super::{Case, Expected, Subject};
use crate::support::document;

pub(super) fn subjects() -> Vec<Subject> {
    let channel = json!({ "http": {
        "channel": "chan_a", "scheme": "https", "path": "/v1", "hostHeader": "shop.internal", "method": "POST",
    } });
    vec![
        subject(
            "api_http",
            spec(http()),
            [general(), http_cases(API), parameter_cases(API, "http")].concat2(),
        ),
        subject("api_channel", spec(channel.clone()), channel_cases(API)),
        subject("api_grpc", grpc_spec(), grpc_cases()),
        subject(
            "api_function",
            spec(function()),
            [function_cases(API), parameter_cases(API, "function")].concat2(),
        ),
        subject("api_mock", spec(mock()), [mock_cases(API), parameter_cases(API, "mock")].concat2()),
        subject(
            "api_policy_http",
            with_policy(http()),
            [policy_cases(), http_cases(POLICY), parameter_cases(POLICY, "http")].concat2(),
        ),
        subject("api_policy_channel", with_policy(channel), channel_cases(POLICY)),
        subject(
            "api_policy_function",
            with_policy(function()),
            [function_cases(POLICY), parameter_cases(POLICY, "function")].concat2(),
        ),
        subject(
            "api_policy_mock",
            with_policy(mock()),
            [mock_cases(POLICY), parameter_cases(POLICY, "mock")].concat2(),
        ),
        subject("api_authorizer", authorizer_spec(), authorizer_cases()),
    ]
}

/// Lists of cases, one after the other; cases cannot be cloned.
trait Concat {
    fn concat2(self) -> Vec<Case>;
}

impl<const N: usize> Concat for [Vec<Case>; N] {
    fn concat2(self) -> Vec<Case> {
        self.into_iter().flatten().collect()
    }
}

fn subject(name: &'static str, spec: Value, cases: Vec<Case>) -> Subject {
    let publication = |word: &str, env: &str, why: &str| format!("{word} Publication/shop/buy/{env} {why}");
    Subject {
        name,
        kind: Kind::Api,
        around: Vec::new(),
        base: document("Api", json!({ "name": "buy", "group": "shop" }), spec),
        created: vec![
            "create Api/shop/buy new".into(),
            publication("publish", "TEST", "new"),
            publication("publish", "RELEASE", "new"),
        ],
        removed: vec![
            "delete Api/shop/buy removed".into(),
            publication("unpublish", "TEST", "removed"),
            publication("unpublish", "RELEASE", "removed"),
        ],
        cases,
    }
}

/// The draft and what is published of it change in these fields.
fn changed(fields: &str) -> Vec<String> {
    vec![
        format!("update Api/shop/buy manifestChanged: {fields}"),
        format!("publish Publication/shop/buy/TEST manifestChanged: {fields}"),
        format!("publish Publication/shop/buy/RELEASE manifestChanged: {fields}"),
    ]
}

fn set(field: &str, value: Value) -> Case {
    Case::edit(&[field], vec![(&format!("/{}", field.replace('.', "/")), value)], changed(field))
}

fn edit(field: &str, edits: Vec<(&str, Value)>, fields: &str) -> Case {
    Case::edit(&[field], edits, changed(fields))
}

fn refused(fields: &[&str], edits: Vec<(&str, Value)>, code: &'static str) -> Case {
    Case { outcome: Expected::Refused(code), ..Case::edit(fields, edits, Vec::new()) }
}

/// A request with a parameter of each sort.
fn spec(backend: Value) -> Value {
    json!({
        "request": { "method": "POST", "path": "/buy/{item}" },
        "parameters": [
            { "name": "item", "in": "path" },
            { "name": "page", "in": "query", "type": "number" },
            { "name": "X-Trace", "in": "header" },
        ],
        "auth": { "type": "app" },
        "backend": backend,
        "samples": { "success": "yes", "failure": "no" },
        "publish": ["TEST", "RELEASE"],
    })
}

fn with_policy(backend: Value) -> Value {
    let mut spec = spec(json!({ "mock": { "body": "{}" } }));
    spec["policies"] =
        json!([{ "name": "first", "when": [{ "parameter": "page", "equals": "1" }], "backend": backend }]);
    spec
}

fn parameters() -> Value {
    json!([{ "name": "trace", "in": "header", "from": { "request": "X-Trace" } }])
}

fn http() -> Value {
    json!({ "http": { "url": "https://shop.internal/v1/{item}", "method": "POST", "parameters": parameters() } })
}

fn function() -> Value {
    json!({ "function": { "urn": "urn:fss:local-1:p:function:default:buy", "parameters": parameters() } })
}

fn mock() -> Value {
    json!({ "mock": { "body": "{}", "parameters": parameters() } })
}

/// What does not depend on the backend.
fn general() -> Vec<Case> {
    let mut cases = vec![
        set("description", json!("Buys one")),
        set("visibility", json!("public")),
        set("version", json!("V2.1")),
        set("request.method", json!("PUT")),
        set("request.path", json!("/buy/{item}/now")),
        set("request.protocol", json!("HTTP")),
        set("request.protocol", json!("BOTH")),
        set("request.match", json!("prefix")),
        set("auth.type", json!("none")),
        set("auth.type", json!("iam")),
        set("auth.appCode", json!(true)),
        set("cors", json!(true)),
        edit("tags[]", vec![("/tags", json!(["red", "blue"]))], "tags"),
        set("samples.success", json!("{}")),
        set("samples.failure", Value::Null),
        set("bodyDescription", json!("What is bought")),
        set("response", json!("words_a")),
        Case::edit(
            &["publish[]"],
            vec![("/publish", json!(["TEST"]))],
            vec!["unpublish Publication/shop/buy/RELEASE removed".into()],
        ),
        Case::edit(
            &["publish[]"],
            vec![("/publish", json!(["STAGE", "RELEASE", "TEST"]))],
            vec!["publish Publication/shop/buy/STAGE new".into()],
        ),
        edit(
            "parameters[].name",
            vec![("/parameters/1/name", json!("size"))],
            "parameters[page], parameters[size]",
        ),
    ];
    for (field, index, name, value) in [
        ("in", 1, "page", json!("header")),
        ("type", 1, "page", json!("string")),
        ("required", 1, "page", json!(true)),
        ("default", 1, "page", json!("1")),
        ("example", 1, "page", json!("7")),
        ("description", 2, "X-Trace", json!("To find it again")),
        ("enum", 2, "X-Trace", json!(["on", "off"])),
        ("minimum", 1, "page", json!(1)),
        ("maximum", 1, "page", json!(99)),
        ("minLength", 2, "X-Trace", json!(2)),
        ("maxLength", 2, "X-Trace", json!(64)),
        ("validate", 1, "page", json!(true)),
        ("passThrough", 2, "X-Trace", json!(false)),
    ] {
        let schema = format!("parameters[].{field}{}", if field == "enum" { "[]" } else { "" });
        let pointer = format!("/parameters/{index}/{field}");
        cases.push(edit(&schema, vec![(&pointer, value)], &format!("parameters[{name}].{field}")));
    }
    for field in ["pattern", "jsonSchema"] {
        let pointer = format!("/parameters/2/{field}");
        cases.push(refused(
            &[&format!("parameters[].{field}")],
            vec![(&pointer, json!("[a-z]+"))],
            "provider-unsupported",
        ));
    }
    cases
}

/// Where a backend stands: in the schema, in the document, in what a plan says.
#[derive(Clone, Copy)]
struct Place {
    schema: &'static str,
    pointer: &'static str,
    shown: &'static str,
}

const API: Place = Place { schema: "backend", pointer: "/backend", shown: "backend" };
const POLICY: Place =
    Place { schema: "policies[].backend", pointer: "/policies/0/backend", shown: "policies[first].backend" };

impl Place {
    fn is_policy(self) -> bool {
        self.shown != API.shown
    }

    fn set(self, field: &str, value: Value) -> Case {
        let pointer = format!("{}/{}", self.pointer, field.replace('.', "/"));
        edit(&format!("{}.{field}", self.schema), vec![(&pointer, value)], &format!("{}.{field}", self.shown))
    }

    /// A field that policy backends do not have at this vendor.
    fn set_unless_policy(self, field: &str, value: Value) -> Case {
        if !self.is_policy() {
            return self.set(field, value);
        }
        let pointer = format!("{}/{}", self.pointer, field.replace('.', "/"));
        refused(&[&format!("{}.{field}", self.schema)], vec![(&pointer, value)], "provider-unsupported")
    }
}

fn http_cases(place: Place) -> Vec<Case> {
    vec![
        place.set("http.url", json!("https://shop.internal/v2/{item}")),
        place.set("http.url", json!("http://other.internal:8080/v1/{item}")),
        place.set("http.method", json!("PUT")),
        place.set("http.timeout", json!("7s")),
        place.set("http.retries", json!(3)),
        place.set("http.retries", json!(0)),
        place.set_unless_policy("http.clientCertificate", json!(true)),
        place.set("http.authorizer", json!("back_a")),
        place.set_unless_policy("http.description", json!("The shop")),
    ]
}

fn channel_cases(place: Place) -> Vec<Case> {
    vec![
        place.set("http.channel", json!("chan_b")),
        place.set("http.scheme", json!("http")),
        place.set("http.path", json!("/v2")),
        place.set("http.hostHeader", json!("other.internal")),
    ]
}

fn function_cases(place: Place) -> Vec<Case> {
    let mut cases = vec![
        place.set("function.urn", json!("urn:fss:local-1:p:function:default:sell")),
        place.set("function.version", json!("2")),
        place.set("function.alias", json!("urn:fss:local-1:p:function:default:buy:!stable")),
        place.set("function.invocation", json!("async")),
        place.set("function.network", json!("public")),
        place.set("function.timeout", json!("7s")),
        place.set("function.authorizer", json!("back_a")),
        place.set_unless_policy("function.description", json!("The shop")),
    ];
    if place.is_policy() {
        cases.push(place.set("function.protocol", json!("GRPCS")));
    } else {
        let over_grpc = edit(
            "backend.function.protocol",
            vec![
                ("/request/protocol", json!("GRPCS")),
                ("/request/path", json!("/shop.Buy/Now")),
                ("/parameters", Value::Null),
                ("/samples", Value::Null),
                ("/backend/function/parameters", Value::Null),
                ("/backend/function/protocol", json!("GRPCS")),
            ],
            "request.path, request.protocol, parameters, backend.function.parameters, backend.function.protocol, samples",
        );
        cases.push(over_grpc);
        cases.push(refused(
            &["backend.function.protocol"],
            vec![("/backend/function/protocol", json!("GRPCS"))],
            "provider-unsupported",
        ));
    }
    cases
}

fn mock_cases(place: Place) -> Vec<Case> {
    vec![
        place.set("mock.body", json!("[]")),
        place.set_unless_policy("mock.description", json!("Nothing behind it")),
        place.set("mock.authorizer", json!("back_a")),
    ]
}

/// The parameters of a backend of this type.
fn parameter_cases(place: Place, variant: &str) -> Vec<Case> {
    let schema = |field: &str| format!("{}.{variant}.parameters[].{field}", place.schema);
    let pointer = |field: &str| format!("{}/{variant}/parameters/0/{field}", place.pointer);
    let shown = |field: &str| format!("{}.{variant}.parameters[trace].{field}", place.shown);
    let list = format!("{}.{variant}.parameters", place.shown);
    let mut cases = vec![
        edit(
            &schema("name"),
            vec![(&pointer("name"), json!("trail"))],
            &format!("{list}[trace], {list}[trail]"),
        ),
        edit(&schema("in"), vec![(&pointer("in"), json!("query"))], &shown("in")),
        edit(
            &schema("from.request"),
            vec![(&pointer("from"), json!({ "request": "page" }))],
            &shown("from.request"),
        ),
        edit(
            &schema("description"),
            vec![(&pointer("description"), json!("To find it again"))],
            &shown("description"),
        ),
    ];
    for (origin, value) in [("constant", "fixed"), ("system", "sourceIp"), ("backendAuthorizer", "user")] {
        let field = format!("from.{origin}");
        cases.push(edit(
            &schema(&field),
            vec![(&pointer("from"), json!({ origin: value }))],
            &format!("{}, {}", shown("from.request"), shown(&field)),
        ));
    }
    cases.push(edit(
        &schema("from.frontendAuthorizer"),
        vec![
            ("/auth", json!({ "type": "authorizer", "authorizer": "front_a" })),
            (&pointer("from"), json!({ "frontendAuthorizer": "user" })),
        ],
        &format!(
            "auth.type, auth.authorizer, {}, {}",
            shown("from.request"),
            shown("from.frontendAuthorizer")
        ),
    ));
    cases
}

fn grpc_spec() -> Value {
    json!({
        "request": { "method": "POST", "path": "/shop.Buy/Now", "protocol": "GRPCS" },
        "auth": { "type": "app" },
        "backend": { "grpc": { "address": "shop.internal:443" } },
        "publish": ["TEST", "RELEASE"],
    })
}

fn grpc_cases() -> Vec<Case> {
    vec![
        API.set("grpc.address", json!("other.internal:443")),
        edit(
            "backend.grpc.channel",
            vec![("/backend/grpc", json!({ "channel": "chan_a" }))],
            "backend.grpc.address, backend.grpc.channel",
        ),
        edit(
            "backend.grpc.hostHeader",
            vec![("/backend/grpc", json!({ "channel": "chan_a", "hostHeader": "shop.internal" }))],
            "backend.grpc.address, backend.grpc.channel, backend.grpc.hostHeader",
        ),
        API.set("grpc.timeout", json!("7s")),
        API.set("grpc.retries", json!(3)),
        API.set("grpc.description", json!("The shop")),
    ]
}

fn policy_cases() -> Vec<Case> {
    let when = |field: &str, condition: Value| {
        edit(
            &format!("policies[].when[].{field}"),
            vec![("/policies/0/when/0", condition)],
            "policies[first].when",
        )
    };
    vec![
        edit(
            "policies[].name",
            vec![("/policies/0/name", json!("other"))],
            "policies[first], policies[other]",
        ),
        edit("policies[].match", vec![("/policies/0/match", json!("any"))], "policies[first].match"),
        when("parameter", json!({ "parameter": "X-Trace", "equals": "1" })),
        when("equals", json!({ "parameter": "page", "equals": "2" })),
        when("oneOf[]", json!({ "parameter": "page", "oneOf": ["1", "2"] })),
        when("matches", json!({ "parameter": "page", "matches": "^[0-9]+$" })),
        when("sourceIp[]", json!({ "sourceIp": ["10.0.0.0/8", "192.168.0.1"] })),
        when("system", json!({ "system": "path", "equals": "/buy" })),
        when("cookie", json!({ "cookie": "session", "equals": "1" })),
        refused(
            &["address", "channel", "hostHeader", "timeout", "retries", "description"]
                .map(|f| format!("policies[].backend.grpc.{f}"))
                .each_ref()
                .map(String::as_str),
            vec![("/policies/0/backend", json!({ "grpc": { "address": "shop.internal:443" } }))],
            "invalid-value",
        ),
    ]
}

fn authorizer_spec() -> Value {
    let mut spec = with_policy(http());
    spec["auth"] = json!({ "type": "authorizer", "authorizer": "front_a" });
    spec
}

fn authorizer_cases() -> Vec<Case> {
    vec![
        set("auth.authorizer", json!("front_b")),
        edit(
            "policies[].when[].frontendAuthorizer",
            vec![("/policies/0/when/0", json!({ "frontendAuthorizer": "tier", "equals": "gold" }))],
            "policies[first].when",
        ),
        edit("auth.type", vec![("/auth", json!({ "type": "app" }))], "auth.type, auth.authorizer"),
    ]
}
