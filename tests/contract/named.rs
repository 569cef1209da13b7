//! What APIs name: channels, authorizers, group responses.

use apigctl::kind::Kind;
use serde_json::{Value, json};

use super::{Case, Expected, Subject};
use crate::support::document;

fn texts(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|l| (*l).to_owned()).collect()
}

pub(super) fn subjects() -> Vec<Subject> {
    vec![channel(), channel_ecs(), channel_vpc(), channel_microservice(), authorizer(), group_response()]
}

fn subject(name: &'static str, kind: Kind, spec: Value, cases: Vec<Case>) -> Subject {
    let address = format!("{kind}/servers");
    Subject {
        name,
        kind,
        around: Vec::new(),
        base: document(kind.name(), json!({ "name": "servers" }), spec),
        created: vec![format!("create {address} new")],
        removed: vec![format!("delete {address} removed")],
        cases,
    }
}

/// A case of the plan naming `shown`.
fn case(field: &str, pointer: &str, value: Value, shown: &str) -> Case {
    let line = format!("update Channel/servers manifestChanged: {shown}");
    Case::edit(&[field], vec![(pointer, value)], texts(&[&line]))
}

fn refused(field: &str, pointer: &str, value: Value, code: &'static str) -> Case {
    Case { outcome: Expected::Refused(code), ..case(field, pointer, value, "") }
}

fn channel() -> Subject {
    let set = |field: &str, value| Case::set("Channel/servers", field, value);
    let member = |field: &str, value| {
        case(&format!("members[].{field}"), &format!("/members/0/{field}"), value, "members")
    };
    let group = |field: &str, value| {
        let shown = format!("groups[near].{field}");
        case(&format!("groups[].{field}"), &format!("/groups/0/{field}"), value, &shown)
    };
    let cases = vec![
        set("port", json!(8081)),
        set("balance", json!("uriHash")),
        set("balance", json!("leastConnections")),
        set("balance", json!("sourceHash")),
        case("groups[].name", "/groups/1/name", json!("away"), "groups[far], groups[away]"),
        refused("groups[].name", "/groups/1/name", json!("near"), "duplicate-name"),
        group("description", json!("In this hall")),
        // Members without a weight of their own get that of their group.
        group("weight", json!(7)),
        group("weight", Value::Null),
        member("host", json!("10.0.0.3")),
        refused("members[].host", "/members/0/host", json!("10.0.0.2"), "duplicate-name"),
        member("port", json!(8090)),
        member("weight", json!(0)),
        member("group", json!("far")),
        member("group", Value::Null),
        refused("members[].group", "/members/0/group", json!("nowhere"), "dangling-reference"),
        member("backup", json!(true)),
        member("enabled", json!(false)),
        case("members[].host", "/members/1", Value::Null, "members"),
        set("healthCheck.protocol", json!("https")),
        set("healthCheck.protocol", json!("tcp")),
        set("healthCheck.path", json!("/well")),
        set("healthCheck.method", json!("HEAD")),
        set("healthCheck.port", json!(9000)),
        set("healthCheck.codes", json!("200,300-302")),
        set("healthCheck.interval", json!("1m")),
        set("healthCheck.timeout", json!("9s")),
        set("healthCheck.healthyAfter", json!(3)),
        set("healthCheck.unhealthyAfter", json!(3)),
        set("healthCheck.clientCertificate", json!(true)),
        refused("healthCheck.timeout", "/healthCheck/timeout", json!("10s"), "provider-range"),
    ];
    let spec = json!({
        "port": 8080,
        "groups": [{ "name": "near", "weight": 5 }, { "name": "far" }],
        "members": [{ "host": "10.0.0.1", "group": "near" }, { "host": "10.0.0.2", "weight": 3 }],
        "healthCheck": {
            "protocol": "http", "path": "/health", "codes": "200", "interval": "10s", "timeout": "5s",
            "healthyAfter": 2, "unhealthyAfter": 5,
        },
    });
    subject("channel", Kind::Channel, spec, cases)
}

fn channel_ecs() -> Subject {
    let member = |field: &str, value| {
        case(&format!("members[].{field}"), &format!("/members/0/{field}"), value, "members")
    };
    let cases = vec![
        Case::edit(
            &["memberType"],
            vec![("/memberType", json!("ip")), ("/members", json!([{ "host": "10.0.0.1" }]))],
            texts(&["update Channel/servers manifestChanged: memberType, members"]),
        ),
        refused("memberType", "/memberType", json!("ip"), "missing-field"),
        member("ecsId", json!("server-2")),
        member("ecsName", json!("second")),
        refused("members[].host", "/members/0/host", json!("10.0.0.2"), "exclusive-fields"),
    ];
    let spec = json!({
        "port": 8080, "memberType": "ecs", "members": [{ "ecsId": "server-1", "ecsName": "first" }],
    });
    subject("channel_ecs", Kind::Channel, spec, cases)
}

/// One server in a private network.
fn channel_vpc() -> Subject {
    let set = |field: &str, value| Case::set("Channel/servers", field, value);
    let cases = vec![
        set("port", json!(8081)),
        case("members[].ecsId", "/members/0/ecsId", json!("i-2"), "members"),
        set("vpc.id", json!("vpc-2")),
        set("vpc.hostHeader", json!("stock.internal")),
        set("vpc.hostHeader", Value::Null),
    ];
    let spec = json!({
        "port": 8080, "memberType": "ecs", "members": [{ "ecsId": "i-1" }],
        "vpc": { "id": "vpc-1", "hostHeader": "shop.internal" },
    });
    subject("channel_vpc", Kind::Channel, spec, cases)
}

fn channel_microservice() -> Subject {
    let cce = |field: &str, value| Case::set("Channel/servers", &format!("microservice.cce.{field}"), value);
    let group = |field: &str, value| {
        let shown = format!("groups[near].{field}");
        case(&format!("groups[].{field}"), &format!("/groups/0/{field}"), value, &shown)
    };
    let other = |kind: &str, field: &str, value: Value| {
        let field = format!("microservice.{kind}.{field}");
        let shown = format!("microservice.cce, microservice.{kind}");
        case(&field, "/microservice", json!({ kind: value }), &shown)
    };
    let (engine, service) = (
        json!({ "engine": "engine-1", "service": "service-1" }),
        json!({ "cluster": "cluster-1", "namespace": "default", "service": "shop" }),
    );
    let cases = vec![
        group("version", json!("v2")),
        group("port", json!(81)),
        case("groups[].labels[]", "/groups/0/labels/tier", json!("back"), "groups[near].labels.tier"),
        cce("cluster", json!("cluster-2")),
        cce("namespace", json!("other")),
        cce("type", json!("statefulset")),
        cce("app", json!("stock")),
        Case::edit(
            &["microservice.cce.label", "microservice.cce.value"],
            vec![("/microservice/cce/label", json!("tier")), ("/microservice/cce/value", json!("front"))],
            texts(&[
                "update Channel/servers manifestChanged: microservice.cce.label, microservice.cce.value",
            ]),
        ),
        other("cse", "engine", engine.clone()),
        other("cse", "service", engine),
        other("cceService", "cluster", service.clone()),
        other("cceService", "namespace", service.clone()),
        other("cceService", "service", service),
        refused(
            "microservice.cce.app",
            "/microservice/cse",
            json!({ "engine": "e", "service": "s" }),
            "exclusive-fields",
        ),
    ];
    let spec = json!({
        "port": 8080, "groups": [{ "name": "near", "version": "v1", "port": 80, "labels": { "tier": "front" } }],
        "microservice": { "cce": { "cluster": "cluster-1", "namespace": "default", "type": "deployment", "app": "shop" } },
    });
    subject("channel_microservice", Kind::Channel, spec, cases)
}

fn authorizer() -> Subject {
    let set = |field: &str, value| Case::set("Authorizer/servers", field, value);
    let line = |shown: &str| vec![format!("update Authorizer/servers manifestChanged: {shown}")];
    let identity = |field: &str, value, shown: &str| {
        let pointer = format!("/identities/0/{field}");
        Case::edit(&[&format!("identities[].{field}")], vec![(&pointer, value)], line(shown))
    };
    let cases = vec![
        Case { outcome: Expected::Refused("immutable-field"), ..set("type", json!("backend")) },
        set("function", json!("urn:fss:region-1:p:function:default:other")),
        set("version", json!("v2")),
        set("alias", json!("urn:fss:region-1:p:function:default:check:live")),
        set("network", json!("public")),
        identity("name", json!("X-Caller"), "identities[X-User], identities[X-Caller]"),
        identity("in", json!("query"), "identities[X-User].in"),
        identity("pattern", json!("^[a-z]+$"), "identities[X-User].pattern"),
        set("cache", json!("5m")),
        set("userData", json!("other")),
        set("sendBody", json!(true)),
    ];
    let spec = json!({
        "type": "frontend", "function": "urn:fss:region-1:p:function:default:check", "version": "v1",
        "identities": [{ "name": "X-User", "in": "header" }, { "name": "user", "in": "query" }], "userData": "some",
    });
    subject("authorizer", Kind::Authorizer, spec, cases)
}

fn group_response() -> Subject {
    let of = "GroupResponse/shop/words";
    let case = |field: &str, pointer: &str, value, shown: &str| {
        let line = format!("update {of} manifestChanged: {shown}");
        Case::edit(&[field], vec![(pointer, value)], vec![line])
    };
    let cases = vec![
        case("errors[].status", "/errors/throttled/status", json!(503), "errors.throttled.status"),
        case("errors[].body", "/errors/throttled/body", json!("later"), "errors.throttled.body"),
        case(
            "errors[].headers[]",
            "/errors/throttled/headers/Retry-After",
            json!("9"),
            "errors.throttled.headers.Retry-After",
        ),
        case(
            "errors[].headers[]",
            "/errors/notFound/headers",
            json!({ "A": "b" }),
            "errors.notFound.headers",
        ),
        case("errors[].status", "/errors/default4xx", json!({ "body": "yours" }), "errors.default4xx"),
        case("errors[].status", "/errors/notFound", Value::Null, "errors.notFound"),
    ];
    let spec = json!({ "errors": {
        "throttled": { "status": 429, "body": "slower", "headers": { "Retry-After": "5" } },
        "notFound": { "status": 410, "body": "gone" },
    } });
    Subject {
        name: "group_response",
        kind: Kind::GroupResponse,
        around: Vec::new(),
        base: document("GroupResponse", json!({ "name": "words", "group": "shop" }), spec),
        created: texts(&["create GroupResponse/shop/words new"]),
        removed: texts(&["delete GroupResponse/shop/words removed"]),
        cases,
    }
}
