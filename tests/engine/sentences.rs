//! What the vendor's reference says, sentence by sentence: a request and how it is answered. A refusal changes nothing.
//!
//! `{name}` in a path or a body stands for an id of the [`estate`]. The numbers are sections of the reference.

mod apis;
mod around;
mod certificates;
mod policies;

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
    hold_in(estate(), rows);
}

/// The same in an estate with more in it.
fn hold_in(estate: Estate, rows: &[Row]) {
    for (sentence, method, path, body, status, code) in rows {
        let before = (*status >= 400).then(|| estate.gate.engine.rows());
        let (got, answer) = estate.ask(method, path, body);
        let shown = answer["error_code"].as_str().unwrap_or("");
        assert_eq!((got, shown), (*status, *code), "{sentence}: {method} {path}: {answer}");
        if let Some(before) = before {
            assert!(estate.gate.engine.rows() == before, "{sentence}: it was refused");
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
