//! Throttles, signature keys, applications, access control (3.4, 3.6–3.10, 3.13, 3.14, 3.28, 3.29).

use serde_json::{Value, json};

use super::{estate, hold, minute, with};

fn every_second(name: &str, calls: i64) -> Value {
    json!({"name": name, "time_unit": "SECOND", "time_interval": 1, "api_call_limits": calls})
}

#[test]
fn throttles_and_what_hangs_on_them() {
    let none = Value::Null;
    let special = |kind: &str, id: &str, calls: i64| json!({"object_type": kind, "object_id": id, "call_limits": calls});
    hold(&[
        ("a name is taken once (3.4.1)", "POST", "/throttles", minute("throttle_1"), 400, "APIG.3204"),
        (
            "app ≤ user",
            "POST",
            "/throttles",
            with(with(minute("other"), "user_call_limits", json!(10)), "app_call_limits", json!(11)),
            400,
            "APIG.2003",
        ),
        (
            "user ≤ api",
            "POST",
            "/throttles",
            with(minute("other"), "user_call_limits", json!(101)),
            400,
            "APIG.2003",
        ),
        (
            "ip ≤ api",
            "POST",
            "/throttles",
            with(minute("other"), "ip_call_limits", json!(101)),
            400,
            "APIG.2003",
        ),
        (
            "none below 1",
            "POST",
            "/throttles",
            with(minute("other"), "api_call_limits", json!(0)),
            400,
            "APIG.2011",
        ),
        (
            "none above 2147483647",
            "POST",
            "/throttles",
            with(minute("other"), "api_call_limits", json!(2_147_483_648_i64)),
            400,
            "APIG.2011",
        ),
        ("800 a second, as in the example (3.4.1)", "POST", "/throttles", every_second("fast", 800), 201, ""),
        (
            "a limit for the gateway (5.5)",
            "POST",
            "/features",
            json!({"name": "ratelimit", "enable": true, "config": "{\"api_limits\": 200}"}),
            201,
            "",
        ),
        ("… 201 a second are above it", "POST", "/throttles", every_second("other", 201), 400, "APIG.2003"),
        ("… 200 are not", "POST", "/throttles", every_second("second", 200), 201, ""),
        (
            "four units",
            "POST",
            "/throttles",
            with(minute("other"), "time_unit", json!("WEEK")),
            400,
            "APIG.2011",
        ),
        ("two types", "POST", "/throttles", with(minute("other"), "type", json!(3)), 400, "APIG.2011"),
        ("no such throttle", "GET", "/throttles/{nobody}", none.clone(), 404, "APIG.3005"),
        (
            "an app that is not there (3.9.1)",
            "POST",
            "/throttles/{throttle}/throttle-specials",
            special("APP", "{nobody}", 1),
            404,
            "APIG.3004",
        ),
        (
            "the same account again",
            "POST",
            "/throttles/{throttle}/throttle-specials",
            special("USER", "account", 1),
            400,
            "APIG.3308",
        ),
        (
            "more than the policy",
            "POST",
            "/throttles/{throttle}/throttle-specials",
            special("USER", "other", 101),
            400,
            "APIG.2003",
        ),
        (
            "only the number changes (3.9.2)",
            "PUT",
            "/throttles/{throttle}/throttle-specials/{special}",
            json!({"call_limits": 7}),
            200,
            "",
        ),
        (
            "no such configuration",
            "DELETE",
            "/throttles/{throttle}/throttle-specials/{nobody}",
            none.clone(),
            404,
            "APIG.3013",
        ),
        (
            "a binding needs its throttle (3.8.1)",
            "POST",
            "/throttle-bindings",
            json!({"strategy_id": "{nobody}", "publish_ids": ["{publish}"]}),
            404,
            "APIG.3005",
        ),
        (
            "… and a publication",
            "POST",
            "/throttle-bindings",
            json!({"strategy_id": "{throttle}", "publish_ids": ["{nobody}"]}),
            404,
            "APIG.3015",
        ),
        (
            "the list needs the throttle (3.8.3)",
            "GET",
            "/throttle-bindings/binded-apis",
            none.clone(),
            400,
            "APIG.2001",
        ),
        (
            "… or the API (3.8.5)",
            "GET",
            "/throttle-bindings/binded-throttles",
            none.clone(),
            400,
            "APIG.2001",
        ),
        (
            "many are unbound with partial failures (3.8.6)",
            "PUT",
            "/throttle-bindings?action=delete",
            json!({"throttle_bindings": ["{nobody}"]}),
            200,
            "",
        ),
        ("no such binding", "DELETE", "/throttle-bindings/{nobody}", none.clone(), 404, "APIG.3012"),
        ("a bound one can go (3.4.3)", "DELETE", "/throttles/{throttle}", none.clone(), 204, ""),
        ("… and its bindings with it", "DELETE", "/throttle-bindings/{bound}", none, 404, "APIG.3012"),
    ]);
}

#[test]
fn keys_applications_and_access() {
    let none = Value::Null;
    let sign = |kind: &str, key: &str, secret: &str| json!({"name": "sign_2", "sign_type": kind, "sign_key": key, "sign_secret": secret});
    let (sixteen, code) = ("1234567890abcdef", "a".repeat(64));
    hold(&[
        ("a name is taken once (3.6.1)", "POST", "/signs", json!({"name": "sign_1"}), 400, "APIG.3207"),
        ("a key of hmac is longer", "POST", "/signs", sign("hmac", "a", sixteen), 400, "APIG.2011"),
        ("… and its secret", "POST", "/signs", sign("hmac", "12345678", "short"), 400, "APIG.2011"),
        (
            "aes-256 needs 32",
            "POST",
            "/signs",
            with(sign("aes", sixteen, sixteen), "sign_algorithm", json!("aes-256-cfb")),
            400,
            "APIG.2011",
        ),
        (
            "public keys need a feature",
            "POST",
            "/signs",
            sign("public_key", "12345678", &sixteen.repeat(2)),
            412,
            "APIG.3548",
        ),
        ("a bound key goes with its bindings (3.6.3)", "DELETE", "/signs/{sign}", none.clone(), 204, ""),
        ("no such key", "DELETE", "/signs/{sign}", none.clone(), 404, "APIG.3017"),
        ("a name is taken once (3.28.1)", "POST", "/apps", json!({"name": "app_1"}), 400, "APIG.3203"),
        ("no such application", "GET", "/apps/{nobody}", none.clone(), 404, "APIG.3004"),
        (
            "… for those who do not own it (3.28.5)",
            "GET",
            "/apps/validation/{nobody}",
            none.clone(),
            404,
            "APIG.3004",
        ),
        (
            "a code of 63 (3.28.8)",
            "POST",
            "/apps/{app}/app-codes",
            json!({"app_code": "a".repeat(63)}),
            400,
            "APIG.2012",
        ),
        ("a code of 64", "POST", "/apps/{app}/app-codes", json!({"app_code": code}), 201, ""),
        ("a code is generated with 201 (3.28.9)", "PUT", "/apps/{app}/app-codes", none.clone(), 201, ""),
        ("no such code", "GET", "/apps/{app}/app-codes/{nobody}", none.clone(), 404, "APIG.3082"),
        (
            "access is set with 201 (3.28.14)",
            "PUT",
            "/apps/{app}/app-acl",
            json!({"app_acl_type": "DENY", "app_acl_values": ["10.0.0.1-10.0.0.9", "10.0.0.0/8"]}),
            201,
            "",
        ),
        (
            "… to addresses",
            "PUT",
            "/apps/{app}/app-acl",
            json!({"app_acl_type": "DENY", "app_acl_values": ["here"]}),
            400,
            "APIG.2012",
        ),
        (
            "an authorization needs its application (3.10.1)",
            "POST",
            "/app-auths",
            json!({"env_id": "{release}", "app_ids": ["{nobody}"], "api_ids": ["{used}"]}),
            404,
            "APIG.3004",
        ),
        (
            "… and 201 even where it fails",
            "POST",
            "/app-auths",
            json!({"env_id": "{release}", "app_ids": ["{app}"], "api_ids": ["{used}", "{free}"]}),
            201,
            "",
        ),
        ("no such authorization", "DELETE", "/app-auths/{nobody}", none.clone(), 404, "APIG.3009"),
        ("one side is named (3.10.3)", "GET", "/app-auths/binded-apis", none.clone(), 400, "APIG.2001"),
        ("… the other is not (3.10.5)", "GET", "/app-auths/binded-apps", none.clone(), 200, ""),
        (
            "a name of a quota once (3.29.1)",
            "POST",
            "/app-quotas",
            json!({"name": "quota_1", "call_limits": 1, "time_unit": "DAY", "time_interval": 1}),
            400,
            "APIG.3325",
        ),
        ("no such quota", "GET", "/app-quotas/{nobody}", none.clone(), 404, "APIG.3093"),
        (
            "a name of an ACL once (3.13.1)",
            "POST",
            "/acls",
            json!({"acl_name": "acl_1", "acl_type": "PERMIT", "entity_type": "IP", "acl_value": "10.0.0.1"}),
            400,
            "APIG.3206",
        ),
        (
            "its sort stays (3.13.2)",
            "PUT",
            "/acls/{acl}",
            json!({"acl_name": "acl_1", "acl_type": "PERMIT", "entity_type": "DOMAIN", "acl_value": "someone"}),
            400,
            "APIG.2011",
        ),
        ("not while bound (3.13.3)", "DELETE", "/acls/{acl}", none.clone(), 403, "APIG.3447"),
        (
            "… nor with others, which is told in the answer (3.13.4)",
            "PUT",
            "/acls?action=delete",
            json!({"acls": ["{acl}", "{nobody}"]}),
            200,
            "",
        ),
        ("still there", "GET", "/acls/{acl}", none.clone(), 200, ""),
        ("no such ACL", "GET", "/acls/{nobody}", none, 404, "APIG.3006"),
    ]);
    let estate = estate();
    let (_, done) = estate.ask(
        "POST",
        "/app-auths",
        &json!({
            "env_id": "{release}", "app_ids": ["{app}"], "api_ids": ["{used}", "{free}"],
        }),
    );
    let result = |at: usize| done["auths"][at]["auth_result"].clone();
    assert_eq!(result(0), json!({"status": "SUCCESS"}));
    assert_eq!((&result(1)["status"], &result(1)["error_code"]), (&json!("FAILED"), &json!("APIG.2011")));
    assert_eq!((&result(1)["api_name"], &result(1)["app_name"]), (&json!("api_2"), &json!("app_1")));
}
