//! What the vendor's reference says, sentence by sentence: a request and how it is answered. A refusal changes nothing.
//!
//! `{name}` in a path or a body stands for an id of the [`estate`]. The numbers are sections of the reference.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::engine::support::{Gate, NOBODY, RELEASE, api};

/// A sentence: what it says, method, path, body, status, code of the refusal.
type Row = (&'static str, &'static str, &'static str, Value, u16, &'static str);

struct Estate {
    gate: Gate,
    ids: BTreeMap<&'static str, String>,
}

impl Estate {
    fn fill(&self, text: &str) -> String {
        let mut text = text.replace("{release}", RELEASE).replace("{nobody}", NOBODY);
        for (name, id) in &self.ids {
            text = text.replace(&format!("{{{name}}}"), id);
        }
        text
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (path, body) =
            (self.fill(path), if body.is_null() { String::new() } else { self.fill(&body.to_string()) });
        let root = match path.strip_prefix("project:") {
            Some(path) => format!("/v2/{}/apigw{path}", self.gate.engine.project_id()),
            None => format!("{}{path}", self.gate.root()),
        };
        let answer = self.gate.send_to(method, &root, body.as_bytes());
        (answer.status, answer.body)
    }
}

/// A gateway on which everything is used by something.
fn estate() -> Estate {
    let gate = Gate::new();
    let mut ids = BTreeMap::new();
    let group = gate.group("group_1");
    let env = gate.env("TEST_1");
    let channel = gate.make("/vpc-channels", json!({
        "name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip", "members": [{"host": "10.0.0.1"}],
    }));
    let used = {
        let mut body = api(&group, "api_1", "/one/{id}");
        body["auth_type"] = json!("APP");
        body["req_params"] = json!([{"name": "id", "type": "STRING", "location": "PATH", "required": 1}]);
        body["backend_api"]["vpc_channel_status"] = json!(1);
        body["backend_api"]["vpc_channel_info"] = json!({"vpc_channel_id": channel});
        body["tags"] = json!(["public"]);
        gate.make("/apis", body)
    };
    let free = gate.api(&group, "api_2", "/two");
    let publish = gate.publish(&used, RELEASE);
    gate.publish(&used, &env);
    let throttle = gate.throttle("throttle_1");
    let bound = gate.bind(&throttle, &publish);
    let special = json!({"object_type": "USER", "object_id": "account", "call_limits": 5});
    let special = gate.make(&format!("/throttles/{throttle}/throttle-specials"), special);
    let sign = gate.make("/signs", json!({"name": "sign_1"}));
    assert_eq!(gate.post("/sign-bindings", json!({"sign_id": sign, "publish_ids": [publish]})).status, 201);
    let acl = gate.make(
        "/acls",
        json!({
            "acl_name": "acl_1", "acl_type": "PERMIT", "entity_type": "IP", "acl_value": "10.0.0.1",
        }),
    );
    assert_eq!(gate.post("/acl-bindings", json!({"acl_id": acl, "publish_ids": [publish]})).status, 201);
    let app = gate.make("/apps", json!({"name": "app_1"}));
    let authorizer = gate.make("/authorizers", json!({
        "name": "authorizer_1", "type": "FRONTEND", "authorizer_type": "FUNC", "authorizer_uri": "urn:fss:one",
    }));
    let plugin = gate.post("/plugins", cors("plugin_1")).body["plugin_id"].as_str().unwrap().to_owned();
    let attach = json!({"env_id": RELEASE, "api_ids": [used]});
    assert_eq!(gate.post(&format!("/plugins/{plugin}/attach"), attach).status, 201);
    let quota = gate.post(
        "/app-quotas",
        json!({
            "name": "quota_1", "call_limits": 9, "time_unit": "DAY", "time_interval": 1,
        }),
    );
    let variable = gate.make(
        "/env-variables",
        json!({
            "group_id": group, "env_id": env, "variable_name": "host", "variable_value": "a.example",
        }),
    );
    let responses = gate.get(&format!("/api-groups/{group}/gateway-responses")).body;
    let version =
        gate.get(&format!("/apis/publish/{used}?env_id={env}")).body["api_versions"][0]["version_id"].clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    ids.extend([
        ("default", text(&responses["responses"][0]["id"])),
        ("version", text(&version)),
        ("quota", text(&quota.body["app_quota_id"])),
        ("group", group),
        ("env", env),
        ("channel", channel),
        ("used", used),
        ("free", free),
        ("publish", publish),
        ("throttle", throttle),
        ("bound", bound),
        ("special", special),
        ("sign", sign),
        ("acl", acl),
        ("app", app),
        ("authorizer", authorizer),
        ("plugin", plugin),
        ("variable", variable),
    ]);
    Estate { gate, ids }
}

fn cors(name: &str) -> Value {
    let content = json!({
        "allow_origin": "*", "allow_methods": "GET", "allow_headers": "a", "expose_headers": "b", "max_age": 1,
        "allow_credentials": true,
    });
    json!({"plugin_name": name, "plugin_type": "cors", "plugin_scope": "global", "plugin_content": content.to_string()})
}

/// Asks each question of an estate of its own part, in order; a refused one must leave no trace.
fn hold(rows: &[Row]) {
    let estate = estate();
    for (sentence, method, path, body, status, code) in rows {
        let before = (*status >= 400).then(|| estate.gate.dump());
        let (got, answer) = estate.ask(method, path, body);
        let shown = answer["error_code"].as_str().unwrap_or("");
        assert_eq!((got, shown), (*status, *code), "{sentence}: {method} {path}: {answer}");
        if let Some(before) = before {
            assert_eq!(estate.gate.dump(), before, "{sentence}: it was refused");
        }
    }
}

fn minute(name: &str) -> Value {
    json!({"name": name, "time_unit": "MINUTE", "time_interval": 1, "api_call_limits": 100})
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

#[test]
fn groups_environments_variables() {
    let none = Value::Null;
    let group = |name: String| json!({"name": name});
    let variable = |name: &str, value: &str| json!({"group_id": "{group}", "env_id": "{env}", "variable_name": name, "variable_value": value});
    hold(&[
        ("a name is taken once (3.1.1)", "POST", "/api-groups", group("group_1".into()), 400, "APIG.3201"),
        (
            "the check says so (3.1.6)",
            "POST",
            "/api-groups/check",
            json!({"group_name": "group_1"}),
            400,
            "APIG.3201",
        ),
        ("… of a free one", "POST", "/api-groups/check", json!({"group_name": "group_2"}), 204, ""),
        ("a letter or digit first", "POST", "/api-groups", group("-abc".into()), 400, "APIG.2011"),
        ("at least 3", "POST", "/api-groups", group("ab".into()), 400, "APIG.2011"),
        ("at most 255", "POST", "/api-groups", group("a".repeat(256)), 400, "APIG.2011"),
        ("255 and all signs", "POST", "/api-groups", group(format!("{}-_./():", "a".repeat(248))), 201, ""),
        ("not while it has APIs (3.1.3)", "DELETE", "/api-groups/{group}", none.clone(), 412, "APIG.3415"),
        ("no such group", "GET", "/api-groups/{nobody}", none.clone(), 404, "APIG.3001"),
        (
            "the debugging domain is opened apart (3.12.5)",
            "PUT",
            "/api-groups/{group}/sl-domain-access-settings",
            json!({"sl_domain_access_enabled": false}),
            204,
            "",
        ),
        ("a name of an environment is taken once", "POST", "/envs", group("TEST_1".into()), 400, "APIG.3205"),
        ("RELEASE is always there", "POST", "/envs", group("RELEASE".into()), 400, "APIG.3205"),
        ("a letter first", "POST", "/envs", group("1abc".into()), 400, "APIG.2012"),
        ("no hyphen", "POST", "/envs", group("a-bc".into()), 400, "APIG.2012"),
        ("at most 64", "POST", "/envs", group("a".repeat(65)), 400, "APIG.2012"),
        ("not while APIs run there (3.2.3)", "DELETE", "/envs/{env}", none.clone(), 403, "APIG.3418"),
        ("no such environment", "PUT", "/envs/{nobody}", group("TEST_2".into()), 404, "APIG.3003"),
        (
            "the same name in the same place (3.3.1)",
            "POST",
            "/env-variables",
            variable("host", "b"),
            400,
            "APIG.3303",
        ),
        ("case counts", "POST", "/env-variables", variable("HOST", "b"), 201, ""),
        ("a name of 2", "POST", "/env-variables", variable("ab", "b"), 400, "APIG.2012"),
        ("a value with a blank", "POST", "/env-variables", variable("other", "a b"), 400, "APIG.2012"),
        ("a value of all signs", "POST", "/env-variables", variable("other", "_-/:."), 201, ""),
        (
            "only the value changes (3.3.5)",
            "PUT",
            "/env-variables/{variable}",
            variable("renamed", "c"),
            200,
            "",
        ),
        ("no such variable", "GET", "/env-variables/{nobody}", none.clone(), 404, "APIG.3011"),
        ("the list needs its group (3.3.4)", "GET", "/env-variables", none, 400, "APIG.2001"),
    ]);
    let estate = estate();
    estate.ask("PUT", "/env-variables/{variable}", &variable("renamed", "c"));
    let (_, shown) = estate.ask("GET", "/env-variables/{variable}", &Value::Null);
    assert_eq!((&shown["variable_name"], &shown["variable_value"]), (&json!("host"), &json!("c")));
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
fn definitions_of_apis() {
    let none = Value::Null;
    let web = |change: &[(&str, Value)]| {
        let mut body = api("{group}", "api_3", "/three");
        for (name, value) in change {
            body[*name] = value.clone();
        }
        body
    };
    let backend = |name: &str, value: Value| {
        let mut body = api("{group}", "api_3", "/three");
        body["backend_api"][name] = value;
        body
    };
    let parameter = |origin: &str, value: &str| json!([{"name": "a", "location": "HEADER", "origin": origin, "value": value}]);
    hold(&[
        (
            "a name is taken once in its group (3.5.1)",
            "POST",
            "/apis",
            web(&[("name", json!("api_1"))]),
            400,
            "APIG.3202",
        ),
        (
            "a request is taken once, whatever its parameters are called",
            "POST",
            "/apis",
            web(&[
                ("req_uri", json!("/one/{other}")),
                (
                    "req_params",
                    json!([{"name": "other", "type": "STRING", "location": "PATH", "required": 1}]),
                ),
            ]),
            400,
            "APIG.3301",
        ),
        (
            "check of a name (3.5.7)",
            "POST",
            "/apis/check",
            json!({"type": "name", "group_id": "{group}", "name": "api_1"}),
            400,
            "APIG.3202",
        ),
        (
            "… but for itself",
            "POST",
            "/apis/check",
            json!({"type": "name", "group_id": "{group}", "name": "api_1", "api_id": "{used}"}),
            204,
            "",
        ),
        (
            "check of a path",
            "POST",
            "/apis/check",
            json!({"type": "path", "group_id": "{group}", "req_method": "GET", "req_uri": "/two", "match_mode": "NORMAL"}),
            400,
            "APIG.3301",
        ),
        (
            "… of another match mode",
            "POST",
            "/apis/check",
            json!({"type": "path", "group_id": "{group}", "req_method": "GET", "req_uri": "/two", "match_mode": "SWA"}),
            204,
            "",
        ),
        ("a name needs a name", "POST", "/apis/check", json!({"type": "name"}), 400, "APIG.2001"),
        (
            "its group must be there",
            "POST",
            "/apis",
            web(&[("group_id", json!("{nobody}"))]),
            404,
            "APIG.3001",
        ),
        (
            "a path parameter is declared",
            "POST",
            "/apis",
            web(&[("req_uri", json!("/three/{id}"))]),
            400,
            "APIG.2026",
        ),
        ("… in the backend too", "POST", "/apis", backend("req_uri", json!("/{id}")), 400, "APIG.2027"),
        (
            "a backend parameter names one of the request",
            "POST",
            "/apis",
            web(&[("backend_params", parameter("REQUEST", "nothing"))]),
            400,
            "APIG.2028",
        ),
        (
            "a parameter of an authorizer without one",
            "POST",
            "/apis",
            web(&[("backend_params", parameter("SYSTEM", "$context.authorizer.frontend.a"))]),
            400,
            "APIG.2036",
        ),
        (
            "only known system values",
            "POST",
            "/apis",
            web(&[("backend_params", parameter("SYSTEM", "$context.nothing"))]),
            400,
            "APIG.2011",
        ),
        (
            "AUTHORIZER needs one",
            "POST",
            "/apis",
            web(&[("auth_type", json!("AUTHORIZER"))]),
            400,
            "APIG.2001",
        ),
        (
            "… that is there",
            "POST",
            "/apis",
            web(&[("auth_type", json!("AUTHORIZER")), ("authorizer_id", json!("{nobody}"))]),
            404,
            "APIG.3081",
        ),
        (
            "… and so",
            "POST",
            "/apis",
            web(&[
                ("auth_type", json!("AUTHORIZER")),
                ("authorizer_id", json!("{authorizer}")),
                ("name", json!("api_9")),
                ("req_uri", json!("/nine")),
            ]),
            201,
            "",
        ),
        ("MOCK needs mock_info", "POST", "/apis", web(&[("backend_type", json!("MOCK"))]), 400, "APIG.2001"),
        (
            "FUNCTION needs func_info",
            "POST",
            "/apis",
            web(&[("backend_type", json!("FUNCTION"))]),
            400,
            "APIG.2001",
        ),
        (
            "a channel must be there",
            "POST",
            "/apis",
            web(&[(
                "backend_api",
                json!({"vpc_channel_status": 1, "vpc_channel_info": {"vpc_channel_id": "{nobody}"}, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000}),
            )]),
            404,
            "APIG.3023",
        ),
        ("a timeout from 1", "POST", "/apis", backend("timeout", json!(0)), 400, "APIG.2011"),
        ("… to 60000", "POST", "/apis", backend("timeout", json!(60_001)), 400, "APIG.2011"),
        ("retries are a text", "POST", "/apis", backend("retry_count", json!(1)), 400, "APIG.2011"),
        ("… up to 10", "POST", "/apis", backend("retry_count", json!("11")), 400, "APIG.2011"),
        (
            "mutual TLS is not for HTTP",
            "POST",
            "/apis",
            with(
                backend("req_protocol", json!("HTTP")),
                "backend_api",
                json!({"url_domain": "a.example", "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5, "enable_client_ssl": true}),
            ),
            400,
            "APIG.3717",
        ),
        (
            "GRPCS is POSTed",
            "POST",
            "/apis",
            web(&[("req_protocol", json!("GRPCS")), ("backend_type", json!("GRPC"))]),
            400,
            "APIG.2011",
        ),
        ("a tag once", "POST", "/apis", web(&[("tags", json!(["a", "a"]))]), 400, "APIG.3213"),
        (
            "ten tags",
            "POST",
            "/apis",
            web(&[("tags", json!((0..11).map(|n| format!("t{n}")).collect::<Vec<_>>()))]),
            403,
            "APIG.3133",
        ),
        ("a tag starts with a letter", "POST", "/apis", web(&[("tags", json!(["1a"]))]), 400, "APIG.2011"),
        (
            "a response of another group",
            "POST",
            "/apis",
            web(&[("response_id", json!("{nobody}"))]),
            400,
            "APIG.2011",
        ),
        ("a published one stays (3.5.3)", "DELETE", "/apis/{used}", none.clone(), 409, "APIG.3416"),
        ("no such API", "GET", "/apis/{nobody}", none.clone(), 404, "APIG.3002"),
        ("an offline one goes", "DELETE", "/apis/{free}", none, 204, ""),
    ]);
}

#[test]
fn publications_and_versions() {
    let none = Value::Null;
    let act = |action: &str, api: &str, env: &str| json!({"action": action, "api_id": api, "env_id": env});
    hold(&[
        ("two actions (3.5.4)", "POST", "/apis/action", act("sideways", "{used}", "{env}"), 400, "APIG.2011"),
        ("an API", "POST", "/apis/action", act("online", "{nobody}", "{env}"), 404, "APIG.3002"),
        ("an environment", "POST", "/apis/action", act("online", "{used}", "{nobody}"), 404, "APIG.3003"),
        (
            "only what is online goes offline",
            "POST",
            "/apis/action",
            act("offline", "{free}", "{env}"),
            404,
            "APIG.3015",
        ),
        (
            "many need APIs or a group (3.5.9)",
            "POST",
            "/apis/publish?action=online",
            json!({"env_id": "{env}"}),
            400,
            "APIG.2001",
        ),
        (
            "… and an action",
            "POST",
            "/apis/publish",
            json!({"env_id": "{env}", "apis": ["{used}"]}),
            400,
            "APIG.2001",
        ),
        (
            "… at most 1000",
            "POST",
            "/apis/publish?action=online",
            json!({"env_id": "{env}", "apis": vec!["{used}"; 1001]}),
            400,
            "APIG.2011",
        ),
        (
            "… and fail one by one",
            "POST",
            "/apis/publish?action=offline",
            json!({"env_id": "{env}", "apis": ["{free}", "{nobody}"]}),
            200,
            "",
        ),
        (
            "no such version (3.5.11)",
            "PUT",
            "/apis/publish/{used}",
            json!({"version_id": "{nobody}"}),
            404,
            "APIG.3022",
        ),
        (
            "… of another API",
            "PUT",
            "/apis/publish/{free}",
            json!({"version_id": "{version}"}),
            404,
            "APIG.3022",
        ),
        ("… to be shown (3.5.13)", "GET", "/apis/versions/{nobody}", none.clone(), 404, "APIG.3022"),
        ("nothing runs there (3.5.12)", "GET", "/apis/runtime/{free}", none.clone(), 404, "APIG.3015"),
        ("RELEASE is meant when none is named", "GET", "/apis/runtime/{used}", none.clone(), 200, ""),
        ("a version goes offline (3.5.14)", "DELETE", "/apis/versions/{version}", none.clone(), 204, ""),
        ("… once", "DELETE", "/apis/versions/{version}", none, 404, "APIG.3015"),
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

#[test]
fn authorizers_channels_responses_plugins() {
    let none = Value::Null;
    let authorizer = |identities: Value| {
        json!({
            "name": "authorizer_2", "type": "FRONTEND", "authorizer_type": "FUNC", "authorizer_uri": "urn:fss:two",
            "identities": identities,
        })
    };
    let identity = |name: String| json!({"name": name, "location": "HEADER"});
    let channel = |name: &str, health: Value| {
        json!({
            "name": name, "port": 80, "balance_strategy": 1, "member_type": "ip", "vpc_health_config": health,
        })
    };
    let health = |interval: i64, timeout: i64| {
        json!({
            "protocol": "http", "path": "/", "http_code": "200", "threshold_normal": 1, "threshold_abnormal": 1,
            "time_interval": interval, "timeout": timeout,
        })
    };
    let responses = "/api-groups/{group}/gateway-responses";
    hold(&[
        (
            "an identity once (3.15.1)",
            "POST",
            "/authorizers",
            authorizer(json!([identity("a".into()), identity("a".into())])),
            400,
            "APIG.3212",
        ),
        (
            "at most ten",
            "POST",
            "/authorizers",
            authorizer(json!((0..11).map(|n| identity(format!("h{n}"))).collect::<Vec<_>>())),
            403,
            "APIG.3117",
        ),
        (
            "a function that is there",
            "POST",
            "/authorizers",
            with(authorizer(json!([])), "authorizer_uri", json!("nothing")),
            404,
            "APIG.3019",
        ),
        (
            "a name once",
            "POST",
            "/authorizers",
            with(authorizer(json!([])), "name", json!("authorizer_1")),
            400,
            "APIG.3211",
        ),
        (
            "its type stays",
            "PUT",
            "/authorizers/{authorizer}",
            with(with(authorizer(json!([])), "name", json!("authorizer_1")), "type", json!("BACKEND")),
            400,
            "APIG.2012",
        ),
        ("no such authorizer", "GET", "/authorizers/{nobody}", none.clone(), 404, "APIG.3081"),
        (
            "a name of a channel once (3.17.1)",
            "POST",
            "/vpc-channels",
            channel("channel_1", none.clone()),
            400,
            "APIG.3208",
        ),
        (
            "a check takes less than its interval",
            "POST",
            "/vpc-channels",
            channel("channel_2", health(4, 4)),
            400,
            "APIG.2012",
        ),
        ("… of 5 and 4", "POST", "/vpc-channels", channel("channel_2", health(5, 4)), 201, ""),
        (
            "not while an API uses it (3.17.3)",
            "DELETE",
            "/vpc-channels/{channel}",
            none.clone(),
            403,
            "APIG.3414",
        ),
        ("no such channel", "GET", "/vpc-channels/{nobody}", none.clone(), 404, "APIG.3023"),
        (
            "no such member",
            "DELETE",
            "/vpc-channels/{channel}/members/{nobody}",
            none.clone(),
            404,
            "APIG.3024",
        ),
        (
            "a group weighs at most 100 (3.17.13)",
            "POST",
            "/vpc-channels/{channel}/member-groups",
            json!({"member_groups": [{"member_group_name": "one", "member_group_weight": 101}]}),
            400,
            "APIG.2012",
        ),
        (
            "the default response stays (3.19.4)",
            "DELETE",
            "/api-groups/{group}/gateway-responses/{default}",
            none.clone(),
            409,
            "APIG.3491",
        ),
        (
            "… under its name (3.19.3)",
            "PUT",
            "/api-groups/{group}/gateway-responses/{default}",
            json!({"name": "other"}),
            409,
            "APIG.3492",
        ),
        (
            "no status 444",
            "POST",
            responses,
            json!({"name": "one", "responses": {"AUTH_FAILURE": {"status": 444, "body": "{}"}}}),
            400,
            "APIG.2011",
        ),
        (
            "only known errors",
            "POST",
            responses,
            json!({"name": "one", "responses": {"NOTHING": {"status": 400, "body": "{}"}}}),
            400,
            "APIG.2011",
        ),
        ("a name once", "POST", responses, json!({"name": "default"}), 400, "APIG.3216"),
        ("a name of a plug-in once (3.27.1)", "POST", "/plugins", cors("plugin_1"), 400, "APIG.3326"),
        (
            "its type stays",
            "PUT",
            "/plugins/{plugin}",
            with(cors("plugin_1"), "plugin_type", json!("breaker")),
            400,
            "APIG.2012",
        ),
        (
            "one scope",
            "POST",
            "/plugins",
            with(cors("plugin_2"), "plugin_scope", json!("app")),
            400,
            "APIG.2012",
        ),
        ("not while attached", "DELETE", "/plugins/{plugin}", none.clone(), 409, "APIG.3462"),
        (
            "only to what is online (3.27.6)",
            "POST",
            "/plugins/{plugin}/attach",
            json!({"env_id": "{release}", "api_ids": ["{free}"]}),
            409,
            "APIG.3707",
        ),
        (
            "500 at a time",
            "POST",
            "/plugins/{plugin}/attach",
            json!({"env_id": "{release}", "api_ids": vec!["{used}"; 501]}),
            400,
            "APIG.2012",
        ),
        ("no such plug-in", "GET", "/plugins/{nobody}", none.clone(), 404, "APIG.3068"),
        (
            "detached with 204 (3.27.8)",
            "PUT",
            "/plugins/{plugin}/detach",
            json!({"env_id": "{release}", "api_ids": ["{used}"]}),
            204,
            "",
        ),
        ("then it can go", "DELETE", "/plugins/{plugin}", none, 204, ""),
    ]);
}

#[test]
fn gateways_and_around() {
    let none = Value::Null;
    let tags = |action: &str, count: usize| {
        json!({
            "action": action, "tags": (0..count).map(|n| json!({"key": format!("k{n}"), "value": "v"})).collect::<Vec<_>>(),
        })
    };
    hold(&[
        (
            "known features only (3.21.1)",
            "POST",
            "/features",
            json!({"name": "nothing", "enable": true, "config": "on"}),
            400,
            "APIG.2000",
        ),
        (
            "… that can be configured",
            "POST",
            "/features",
            json!({"name": "app_acl", "enable": true, "config": "on"}),
            412,
            "APIG.3458",
        ),
        (
            "windows start at fixed hours (3.23.3)",
            "PUT",
            "",
            json!({"maintain_begin": "03:00:00", "maintain_end": "07:00:00"}),
            400,
            "APIC.7235",
        ),
        (
            "… and last four",
            "PUT",
            "",
            json!({"maintain_begin": "22:00:00", "maintain_end": "02:00:00"}),
            200,
            "",
        ),
        ("public access once (3.23.7)", "POST", "/nat-eip", json!({"bandwidth_size": "5"}), 200, ""),
        ("… not twice", "POST", "/nat-eip", json!({"bandwidth_size": "5"}), 409, "APIC.7709"),
        ("an address is taken away with 200 (3.23.6)", "DELETE", "/eip", none.clone(), 200, ""),
        (
            "the way in is a job (3.23.10)",
            "POST",
            "/ingress-eip",
            json!({"bandwidth_size": 5, "bandwidth_charging_mode": "bandwidth"}),
            202,
            "",
        ),
        ("twenty tags (3.25.3)", "POST", "/instance-tags/action", tags("create", 20), 204, ""),
        (
            "… not one more",
            "POST",
            "/instance-tags/action",
            json!({"action": "create", "tags": [{"key": "other", "value": "v"}]}),
            403,
            "APIC.7402",
        ),
        ("… the same again", "POST", "/instance-tags/action", tags("create", 3), 204, ""),
        (
            "who may come in (3.24.4)",
            "POST",
            "/vpc-endpoint/permissions/batch-add",
            json!({"permissions": ["*", "someone"]}),
            400,
            "APIC.7211",
        ),
        ("no such gateway", "GET", "project:/instances/{nobody}", none.clone(), 404, "APIC.7302"),
        ("no such task (3.30.3)", "GET", "/async-tasks/{nobody}", none.clone(), 404, "APIG.3093"),
        (
            "no such certificate (3.26.5)",
            "GET",
            "project:/certificates/{nobody}",
            none.clone(),
            404,
            "APIG.3021",
        ),
        ("no such domain", "DELETE", "/api-groups/{group}/domains/{nobody}", none.clone(), 404, "APIG.3020"),
        (
            "a domain that is none (3.12.1)",
            "POST",
            "/api-groups/{group}/domains",
            json!({"url_domain": "under_score"}),
            400,
            "APIG.2024",
        ),
    ]);
    let estate = estate();
    let (_, refused) =
        estate.ask("POST", "/vpc-endpoint/permissions/batch-add", &json!({"permissions": ["someone"]}));
    let text = "Parameter value does not match the rules, parameter name[permissions]";
    assert_eq!(refused["error_msg"], text);
}

/// 21, 1: what lists show against details, and that pages are corrected.
#[test]
fn lists_against_details() {
    let estate = estate();
    let keys = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let only_in_detail: [(&str, &str, &str, &[&str]); 9] = [
        ("/api-groups", "groups", "/api-groups/{group}", &[]),
        ("/throttles", "throttles", "/throttles/{throttle}", &[]),
        ("/env-variables?group_id={group}", "variables", "/env-variables/{variable}", &[]),
        ("/apps", "apps", "/apps/{app}", &[]),
        ("/acls", "acls", "/acls/{acl}", &[]),
        ("/authorizers", "authorizer_list", "/authorizers/{authorizer}", &[]),
        ("/plugins", "plugins", "/plugins/{plugin}", &[]),
        ("/vpc-channels", "vpc_channels", "/vpc-channels/{channel}", &["members"]),
        ("/apis?name=api_1", "apis", "/apis/{used}", &["backend_api", "req_params"]),
    ];
    for (list, rows, detail, wanted) in only_in_detail {
        let (status, page) = estate.ask("GET", list, &Value::Null);
        assert_eq!(status, 200, "{list}: {page}");
        let (_, whole) = estate.ask("GET", detail, &Value::Null);
        let row = keys(&page[rows][0]);
        let more: Vec<String> = keys(&whole).into_iter().filter(|key| !row.contains(key)).collect();
        assert_eq!(more, wanted, "{list}");
    }
    for (query, size) in
        [("limit=0", 2), ("limit=-1", 2), ("limit=501", 2), ("offset=-5", 2), ("limit=1", 1), ("offset=2", 0)]
    {
        let (status, page) = estate.ask("GET", &format!("/apis?{query}"), &Value::Null);
        assert_eq!((status, &page["size"], &page["total"]), (200, &json!(size), &json!(2)), "{query}");
    }
    for (query, total) in [
        ("name=api", 2),
        ("name=api&precise_search=name", 0),
        ("name=api_1&precise_search=name", 1),
        ("req_uri=/two&precise_search=req_uri,name", 1),
        ("req_uri=t", 1),
        ("env_id={env}", 1),
        ("req_method=PUT", 0),
        ("auth_type=APP", 1),
        ("type=1", 2),
        ("type=2", 0),
        ("vpc_channel_name=channel_1", 1),
        ("id={free}", 1),
        ("group_id={nobody}", 0),
    ] {
        let (_, page) = estate.ask("GET", &format!("/apis?{query}"), &Value::Null);
        assert_eq!(page["total"], total, "{query}");
    }
}
