//! All kinds but `Api`.

use apigctl::kind::Kind;
use serde_json::{Value, json};

use super::{Case, Expected, Subject};
use crate::support::document;

fn texts(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|l| (*l).to_owned()).collect()
}

pub(super) fn subjects() -> Vec<Subject> {
    vec![
        group(),
        environment(),
        variable(),
        throttle(),
        signature(),
        access_control(),
        app(),
        quota(),
        binding(),
    ]
}

fn group() -> Subject {
    Subject {
        name: "group",
        kind: Kind::Group,
        around: Vec::new(),
        base: document("Group", json!({ "name": "payments" }), json!({})),
        created: texts(&["create Group/payments new"]),
        removed: texts(&["delete Group/payments removed"]),
        cases: vec![Case::set("Group/payments", "description", json!("What money goes through"))],
    }
}

fn environment() -> Subject {
    Subject {
        name: "environment",
        kind: Kind::Environment,
        around: Vec::new(),
        base: document("Environment", json!({ "name": "DRILL" }), json!({ "description": "For drills" })),
        created: texts(&["create Environment/DRILL new"]),
        removed: texts(&["delete Environment/DRILL removed"]),
        cases: vec![Case::set("Environment/DRILL", "description", json!("For load tests"))],
    }
}

fn variable() -> Subject {
    let values = |edits, lines: &[&str]| Case::edit(&["values[]"], edits, texts(lines));
    Subject {
        name: "variable",
        kind: Kind::Variable,
        around: Vec::new(),
        base: document(
            "Variable",
            json!({ "name": "host", "group": "shop" }),
            json!({ "values": { "TEST": "test.internal", "RELEASE": "shop.internal" } }),
        ),
        created: texts(&["create Variable/shop/RELEASE/host new", "create Variable/shop/TEST/host new"]),
        removed: texts(&[
            "delete Variable/shop/RELEASE/host removed",
            "delete Variable/shop/TEST/host removed",
        ]),
        cases: vec![
            values(
                vec![("/values/TEST", json!("other.internal"))],
                &["update Variable/shop/TEST/host manifestChanged: value"],
            ),
            values(
                vec![("/values/STAGE", json!("stage.internal"))],
                &["create Variable/shop/STAGE/host new"],
            ),
            values(vec![("/values/TEST", Value::Null)], &["delete Variable/shop/TEST/host removed"]),
        ],
    }
}

fn throttle() -> Subject {
    let of = "Throttle/gold";
    let set = |field, value| Case::set(of, field, value);
    let exceptions = |field: &str, edits, lines: &[&str]| Case::edit(&[field], edits, texts(lines));
    Subject {
        name: "throttle",
        kind: Kind::Throttle,
        around: Vec::new(),
        base: document(
            "Throttle",
            json!({ "name": "gold" }),
            json!({
                "per": "1s", "limits": { "api": 150, "user": 100 },
                "exceptions": [{ "app": "app_one", "limit": 50 }, { "user": "0123456789abcdef0123456789abcdef", "limit": 60 }],
            }),
        ),
        created: texts(&[
            "create Throttle/gold new",
            "create ThrottleException/gold/app/app_one new",
            "create ThrottleException/gold/user/0123456789abcdef0123456789abcdef new",
        ]),
        // Exceptions go with their throttle, without calls of their own.
        removed: texts(&["delete Throttle/gold removed"]),
        cases: vec![
            set("description", json!("For those who pay")),
            set("per", json!("1m")),
            set("per", json!("2h")),
            set("scope", json!("shared")),
            set("limits.api", json!(160)),
            set("limits.user", json!(120)),
            set("limits.user", Value::Null),
            set("limits.app", json!(80)),
            set("limits.sourceIp", json!(90)),
            exceptions(
                "exceptions[].app",
                vec![("/exceptions/0/app", json!("app_two"))],
                &[
                    "create ThrottleException/gold/app/app_two new",
                    "delete ThrottleException/gold/app/app_one removed",
                ],
            ),
            exceptions(
                "exceptions[].user",
                vec![("/exceptions/1/user", json!("fedcba9876543210fedcba9876543210"))],
                &[
                    "create ThrottleException/gold/user/fedcba9876543210fedcba9876543210 new",
                    "delete ThrottleException/gold/user/0123456789abcdef0123456789abcdef removed",
                ],
            ),
            exceptions(
                "exceptions[].limit",
                vec![("/exceptions/0/limit", json!(55))],
                &["update ThrottleException/gold/app/app_one manifestChanged: limit"],
            ),
            exceptions(
                "exceptions[].limit",
                vec![("/exceptions/0", Value::Null)],
                &["delete ThrottleException/gold/app/app_one removed"],
            ),
        ],
    }
}

fn signature() -> Subject {
    let of = "Signature/backend_key";
    let other = "update Signature/backend_key secretChanged: ";
    Subject {
        name: "signature",
        kind: Kind::Signature,
        around: Vec::new(),
        base: document(
            "Signature",
            json!({ "name": "backend_key" }),
            json!({ "key": "key12345", "secret": { "fromEnv": "KEY_A" } }),
        ),
        created: texts(&["create Signature/backend_key new"]),
        removed: texts(&["delete Signature/backend_key removed"]),
        cases: vec![
            Case::set(of, "key", json!("key67890")),
            Case::set(of, "type", json!("basic")),
            Case::set(of, "type", json!("publicKey")),
            Case::edit(
                &["type", "algorithm"],
                vec![
                    ("/type", json!("aes")),
                    ("/algorithm", json!("aes-128-cfb")),
                    ("/key", json!("0123456789abcdef")),
                ],
                texts(&["update Signature/backend_key manifestChanged: key, type, algorithm"]),
            ),
            Case::edit(
                &["algorithm"],
                vec![
                    ("/type", json!("aes")),
                    ("/algorithm", json!("aes-256-cfb")),
                    ("/key", json!("0123456789abcdef0123456789abcdef")),
                ],
                texts(&["update Signature/backend_key manifestChanged: key, type, algorithm"]),
            ),
            Case::edit(&["secret.fromEnv"], vec![("/secret/fromEnv", json!("KEY_B"))], texts(&[other])),
            Case::edit(
                &["secret.fromFile"],
                vec![("/secret", json!({ "fromFile": "key-file" }))],
                texts(&[other]),
            ),
            Case::edit(
                &["secret.fromCommand[]"],
                vec![("/secret", json!({ "fromCommand": ["key-command", "gold"] }))],
                texts(&[other]),
            ),
        ],
    }
}

fn access_control() -> Subject {
    let mut by =
        Case::edit(&["by"], vec![("/by", json!("account")), ("/values", json!(["partner_one"]))], Vec::new());
    by.outcome = Expected::Refused("immutable-field");
    Subject {
        name: "access_control",
        kind: Kind::AccessControl,
        around: Vec::new(),
        base: document(
            "AccessControl",
            json!({ "name": "office" }),
            json!({ "effect": "allow", "values": ["192.0.2.9", "192.0.2.0-192.0.2.7"] }),
        ),
        created: texts(&["create AccessControl/office new"]),
        removed: texts(&["delete AccessControl/office removed"]),
        cases: vec![
            by,
            Case::set("AccessControl/office", "effect", json!("deny")),
            Case::edit(
                &["values[]"],
                vec![("/values", json!(["192.0.2.0/28"]))],
                texts(&["update AccessControl/office manifestChanged: values"]),
            ),
        ],
    }
}

fn app() -> Subject {
    let of = "App/caller";
    let other = "update App/caller secretChanged: ";
    let access = |field: &str, edits, lines: &[&str]| Case::edit(&[field], edits, texts(lines));
    Subject {
        name: "app",
        kind: Kind::App,
        around: ["gold", "iron"]
            .map(|name| {
                document(
                    "Quota",
                    json!({ "name": format!("{name}_calls") }),
                    json!({ "limit": 5, "per": "1d" }),
                )
            })
            .into(),
        base: document(
            "App",
            json!({ "name": "caller" }),
            json!({
                "key": "callerkey1", "secret": { "fromEnv": "KEY_A" },
                "accessControl": { "effect": "allow", "values": ["192.0.2.9", "192.0.2.0/29"] },
                "codes": [{ "name": "first", "secret": { "fromEnv": "CODE_A" } }],
                "quota": "gold_calls",
            }),
        ),
        created: texts(&[
            "bind QuotaBinding/caller new",
            "create App/caller new",
            "create AppAccess/caller new",
            "create AppCode/caller/first new",
        ]),
        // Access control, codes and quota go with their app, without calls of their own.
        removed: texts(&["delete App/caller removed"]),
        cases: vec![
            Case::set(of, "description", json!("For the partner")),
            Case::set(of, "key", json!("callerkey2")),
            Case::edit(&["secret.fromEnv"], vec![("/secret/fromEnv", json!("KEY_B"))], texts(&[other])),
            Case::edit(
                &["secret.fromFile"],
                vec![("/secret", json!({ "fromFile": "key-file" }))],
                texts(&[other]),
            ),
            Case::edit(
                &["secret.fromCommand[]"],
                vec![("/secret", json!({ "fromCommand": ["key-command", "gold"] }))],
                texts(&[other]),
            ),
            access(
                "accessControl.effect",
                vec![("/accessControl/effect", json!("deny"))],
                &["update AppAccess/caller manifestChanged: effect"],
            ),
            access(
                "accessControl.values[]",
                vec![("/accessControl/values", json!(["192.0.2.9"]))],
                &["update AppAccess/caller manifestChanged: values"],
            ),
            access(
                "accessControl.values[]",
                vec![("/accessControl", Value::Null)],
                &["delete AppAccess/caller removed"],
            ),
            access(
                "codes[].name",
                vec![("/codes/1", json!({ "name": "second", "secret": { "fromEnv": "CODE_B" } }))],
                &["create AppCode/caller/second new"],
            ),
            // A code is what it says: under another name it is the same.
            access(
                "codes[].secret.fromEnv",
                vec![("/codes/1", json!({ "name": "second", "secret": { "fromFile": "code-file" } }))],
                &["create AppCode/caller/second new"],
            ),
            access(
                "codes[].secret.fromFile",
                vec![("/codes/1", json!({ "name": "second", "secret": { "fromFile": "code-file" } }))],
                &["create AppCode/caller/second new"],
            ),
            access(
                "codes[].secret.fromCommand[]",
                vec![(
                    "/codes/1",
                    json!({ "name": "second", "secret": { "fromCommand": ["code-command"] } }),
                )],
                &["create AppCode/caller/second new"],
            ),
            access(
                "quota",
                vec![("/quota", json!("iron_calls"))],
                &["bind QuotaBinding/caller manifestChanged: to"],
            ),
            access("quota", vec![("/quota", Value::Null)], &["unbind QuotaBinding/caller removed"]),
        ],
    }
}

fn quota() -> Subject {
    let set = |field, value| Case::set("Quota/calls_a_day", field, value);
    Subject {
        name: "quota",
        kind: Kind::Quota,
        around: Vec::new(),
        base: document(
            "Quota",
            json!({ "name": "calls_a_day" }),
            json!({ "limit": 1000, "per": "1d", "firstReset": "2026-01-31T00:00:00Z" }),
        ),
        created: texts(&["create Quota/calls_a_day new"]),
        removed: texts(&["delete Quota/calls_a_day removed"]),
        cases: vec![
            set("description", json!("For those who try it out")),
            set("limit", json!(2000)),
            set("per", json!("90m")),
            set("firstReset", json!("2026-02-28T12:30:00Z")),
        ],
    }
}

fn binding() -> Subject {
    let api = |name: &str, group: &str, tier: &str, tag: &str| {
        document(
            "Api",
            json!({ "name": name, "group": group, "labels": { "tier": tier } }),
            json!({
                "request": { "method": "GET", "path": format!("/{name}") }, "auth": { "type": "none" },
                "backend": { "mock": { "body": "{}" } }, "tags": [tag], "publish": ["TEST", "RELEASE"],
            }),
        )
    };
    let throttle = |name: &str| {
        document("Throttle", json!({ "name": name }), json!({ "per": "1s", "limits": { "api": 100 } }))
    };
    let key = document(
        "Signature",
        json!({ "name": "backend_key" }),
        json!({ "key": "key12345", "secret": { "fromEnv": "KEY_A" } }),
    );
    let case = |field: &str, edits, lines: &[&str]| Case::edit(&[field], edits, texts(lines));
    let mut both = case("signature", vec![("/signature", json!("backend_key"))], &[]);
    both.outcome = Expected::Refused("exclusive-fields");
    Subject {
        name: "binding",
        kind: Kind::Binding,
        around: vec![
            api("one", "shop", "public", "red"),
            api("two", "shop", "public", "blue"),
            api("three", "stock", "inner", "red"),
            throttle("gold"),
            throttle("iron"),
            key,
            document(
                "AccessControl",
                json!({ "name": "office" }),
                json!({ "effect": "allow", "values": ["192.0.2.9"] }),
            ),
            document("Plugin", json!({ "name": "any_origin" }), json!({ "cors": { "allowOrigins": ["*"] } })),
        ],
        base: document(
            "Binding",
            json!({ "name": "gold-in-test" }),
            json!({ "environment": "TEST", "throttle": "gold", "apis": { "names": ["*"], "group": "shop" } }),
        ),
        created: texts(&["bind ThrottleBinding/shop/one/TEST new", "bind ThrottleBinding/shop/two/TEST new"]),
        removed: texts(&[
            "unbind ThrottleBinding/shop/one/TEST removed",
            "unbind ThrottleBinding/shop/two/TEST removed",
        ]),
        cases: vec![
            both,
            case(
                "environment",
                vec![("/environment", json!("RELEASE"))],
                &[
                    "bind ThrottleBinding/shop/one/RELEASE new",
                    "bind ThrottleBinding/shop/two/RELEASE new",
                    "unbind ThrottleBinding/shop/one/TEST removed",
                    "unbind ThrottleBinding/shop/two/TEST removed",
                ],
            ),
            case(
                "throttle",
                vec![("/throttle", json!("iron"))],
                &[
                    "bind ThrottleBinding/shop/one/TEST manifestChanged: to",
                    "bind ThrottleBinding/shop/two/TEST manifestChanged: to",
                ],
            ),
            case(
                "signature",
                vec![("/throttle", Value::Null), ("/signature", json!("backend_key"))],
                &[
                    "bind SignatureBinding/shop/one/TEST new",
                    "bind SignatureBinding/shop/two/TEST new",
                    "unbind ThrottleBinding/shop/one/TEST removed",
                    "unbind ThrottleBinding/shop/two/TEST removed",
                ],
            ),
            case(
                "accessControl",
                vec![("/throttle", Value::Null), ("/accessControl", json!("office"))],
                &[
                    "bind AccessBinding/shop/one/TEST new",
                    "bind AccessBinding/shop/two/TEST new",
                    "unbind ThrottleBinding/shop/one/TEST removed",
                    "unbind ThrottleBinding/shop/two/TEST removed",
                ],
            ),
            case(
                "plugin",
                vec![("/throttle", Value::Null), ("/plugin", json!("any_origin"))],
                &[
                    "bind PluginBinding/shop/one/TEST/cors new",
                    "bind PluginBinding/shop/two/TEST/cors new",
                    "unbind ThrottleBinding/shop/one/TEST removed",
                    "unbind ThrottleBinding/shop/two/TEST removed",
                ],
            ),
            case(
                "apis.group",
                vec![("/apis/group", json!("stock"))],
                &[
                    "bind ThrottleBinding/stock/three/TEST new",
                    "unbind ThrottleBinding/shop/one/TEST removed",
                    "unbind ThrottleBinding/shop/two/TEST removed",
                ],
            ),
            case(
                "apis.group",
                vec![("/apis/group", Value::Null)],
                &["bind ThrottleBinding/stock/three/TEST new"],
            ),
            case(
                "apis.names[]",
                vec![("/apis/names", json!(["t*"]))],
                &["unbind ThrottleBinding/shop/one/TEST removed"],
            ),
            case(
                "apis.tags[]",
                vec![("/apis/tags", json!(["red"]))],
                &["unbind ThrottleBinding/shop/two/TEST removed"],
            ),
            case(
                "apis.labels[]",
                vec![("/apis", json!({ "labels": { "tier": "inner" } }))],
                &[
                    "bind ThrottleBinding/stock/three/TEST new",
                    "unbind ThrottleBinding/shop/one/TEST removed",
                    "unbind ThrottleBinding/shop/two/TEST removed",
                ],
            ),
        ],
    }
}
