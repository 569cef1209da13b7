//! A gateway to talk to, and the protocol data as an oracle for every answer.

use std::sync::{Arc, OnceLock};

use apigctl::engine::time::{Clock, Ids};
use apigctl::engine::{Access, Credentials, Engine, Options, SHARED_GATEWAY};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

pub(crate) const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";
pub(crate) const NOBODY: &str = "00000000000000000000000000000000";
/// 2026-01-01T00:00:00Z
pub(crate) const START: i64 = 1_767_225_600_000_000_000;

/// The protocol data of both APIs as one: no section and no schema of the one is called like one of the other.
pub(crate) fn protocol() -> &'static Value {
    static DATA: OnceLock<Value> = OnceLock::new();
    DATA.get_or_init(|| {
        let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let mut all = parse(include_str!("../../src/engine/huawei_v2/protocol.json"));
        let shared = parse(include_str!("../../src/engine/huawei_v1/protocol.json"));
        for (name, schema) in shared["schemas"].as_object().unwrap() {
            let before = all["schemas"].as_object_mut().unwrap().insert(name.clone(), schema.clone());
            assert!(before.is_none(), "{name}");
        }
        let operations = shared["operations"].as_array().unwrap().iter().cloned();
        all["operations"].as_array_mut().unwrap().extend(operations);
        all
    })
}

/// Whether an operation is one of the shared gateway's API.
pub(crate) fn is_shared(operation: &Value) -> bool {
    operation["p"].as_str().unwrap().starts_with("/v1.0/")
}

/// The operation of a section.
pub(crate) fn operation(section: &str) -> &'static Value {
    protocol()["operations"].as_array().unwrap().iter().find(|o| o["s"] == section).unwrap()
}

/// Options that make every run the same: time goes on by 1.000000123 s a request.
pub(crate) fn options() -> Options {
    Options {
        clock: Clock::stepping(START, 1_000_000_123),
        ids: Ids::seeded(1),
        credentials: Credentials {
            access_key: "ACCESS".to_owned(),
            secret_key: "SECRET".to_owned(),
            security_token: None,
            tokens: vec!["a-token".to_owned()],
        },
        ..Options::default()
    }
}

/// An engine, and short ways to call one of its gateways.
pub(crate) struct Gate {
    pub(crate) engine: Arc<Engine>,
    pub(crate) project_id: String,
    pub(crate) instance_id: String,
}

/// Status and body of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The code of a refusal.
    pub(crate) fn code(&self) -> &str {
        self.body["error_code"].as_str().unwrap_or("")
    }
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self::with(options())
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::over(Arc::new(Engine::in_memory(options)))
    }

    /// The first gateway of an engine.
    pub(crate) fn over(engine: Arc<Engine>) -> Self {
        let (project_id, instance_id) = (engine.project_id().to_owned(), engine.instance_id().to_owned());
        Self { engine, project_id, instance_id }
    }

    /// Another gateway of the same engine.
    pub(crate) fn beside(&self, project_id: &str, instance_id: &str) -> Self {
        let engine = Arc::clone(&self.engine);
        Self { engine, project_id: project_id.to_owned(), instance_id: instance_id.to_owned() }
    }

    pub(crate) fn quotas(quotas: &[(&str, &str)]) -> Self {
        let quotas = quotas.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self::with(Options { quotas, ..options() })
    }

    /// The path of the gateway.
    pub(crate) fn root(&self) -> String {
        if self.instance_id == SHARED_GATEWAY {
            return "/v1.0/apigw".to_owned();
        }
        format!("/v2/{}/apigw/instances/{}", self.project_id, self.instance_id)
    }

    /// Sends a request; a success is checked against the documented form of the answer.
    pub(crate) fn send(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        self.send_to(method, &format!("{}{path}", self.root()), body)
    }

    /// The same above gateways: the path starts below the project.
    pub(crate) fn project(&self, method: &str, path: &str, body: Value) -> Answer {
        let uri = format!("/v2/{}/apigw{path}", self.project_id);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send_to(method, &uri, body.as_bytes())
    }

    pub(crate) fn send_to(&self, method: &str, uri: &str, body: &[u8]) -> Answer {
        let mut request =
            Request::builder().method(method).uri(uri).body(Bytes::copy_from_slice(body)).unwrap();
        self.address(&mut request);
        self.ask(request, Access::Trusted)
    }

    /// Names the project where the path does not.
    pub(crate) fn address(&self, request: &mut Request<Bytes>) {
        if self.instance_id == SHARED_GATEWAY {
            request.headers_mut().insert("x-project-id", self.project_id.parse().unwrap());
        }
    }

    /// Hands in a request of any form; the answer is checked against the documented form.
    pub(crate) fn ask(&self, request: Request<Bytes>, access: Access) -> Answer {
        let response = self.engine.handle(request, access);
        assert!(response.headers().contains_key("x-request-id"));
        let status = response.status().as_u16();
        let file =
            response.headers().get("content-type").is_some_and(|kind| kind == "application/octet-stream");
        let body = match response.body().len() {
            0 => Value::Null,
            _ if file => Value::from(String::from_utf8(response.body().to_vec()).unwrap()),
            _ => serde_json::from_slice(response.body()).unwrap(),
        };
        let trace = response.extensions().get::<apigctl::engine::Trace>().cloned().unwrap_or_default();
        match trace.operation {
            Some(section) if !file => check_answer(section, status, &body),
            _ => {}
        }
        Answer { status, body }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, b"")
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, body.to_string().as_bytes())
    }

    pub(crate) fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, body.to_string().as_bytes())
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, b"")
    }

    /// Creates something and returns its id.
    pub(crate) fn make(&self, path: &str, body: Value) -> String {
        let made = self.post(path, body);
        assert_eq!(made.status, 201, "{path}: {}", made.body);
        made.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn group(&self, name: &str) -> String {
        self.make("/api-groups", json!({"name": name}))
    }

    pub(crate) fn env(&self, name: &str) -> String {
        self.make("/envs", json!({"name": name}))
    }

    pub(crate) fn throttle(&self, name: &str) -> String {
        self.make("/throttles", throttle(name))
    }

    pub(crate) fn api(&self, group: &str, name: &str, uri: &str) -> String {
        self.make("/apis", api(group, name, uri))
    }

    /// Publishes an API and returns the id of the publication.
    pub(crate) fn publish(&self, api: &str, env: &str) -> String {
        let done = self.post("/apis/action", json!({"action": "online", "api_id": api, "env_id": env}));
        assert_eq!(done.status, 201, "{}", done.body);
        done.body["publish_id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn offline(&self, api: &str, env: &str) {
        let done = self.post("/apis/action", json!({"action": "offline", "api_id": api, "env_id": env}));
        assert_eq!(done.status, 201, "{}", done.body);
    }

    /// Binds a throttle to a publication and returns the id of the binding.
    pub(crate) fn bind(&self, throttle: &str, publish: &str) -> String {
        let done =
            self.post("/throttle-bindings", json!({"strategy_id": throttle, "publish_ids": [publish]}));
        assert_eq!(done.status, 201, "{}", done.body);
        done.body["throttle_applys"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Everything the gateway holds.
    pub(crate) fn dump(&self) -> Value {
        let snapshot = self.engine.dump(&self.project_id, &self.instance_id).unwrap();
        serde_json::to_value(snapshot).unwrap()
    }
}

pub(crate) fn throttle(name: &str) -> Value {
    json!({"name": name, "time_unit": "SECOND", "time_interval": 1, "api_call_limits": 100})
}

pub(crate) fn api(group: &str, name: &str, uri: &str) -> Value {
    json!({
        "group_id": group, "name": name, "type": 1, "req_protocol": "HTTPS", "req_method": "GET", "req_uri": uri,
        "auth_type": "NONE", "backend_type": "HTTP",
        "backend_api": {
            "url_domain": "example.com:443", "req_protocol": "HTTPS", "req_method": "GET", "req_uri": "/", "timeout": 5000,
        },
    })
}

fn check_answer(section: &str, status: u16, body: &Value) {
    let operation = operation(section);
    if status >= 300 {
        assert!(body["error_code"].is_string() && body["error_msg"].is_string(), "{section}: {body}");
        return;
    }
    assert_eq!(operation["ok"], json!(status), "{section}");
    match operation.get("out") {
        None => assert_eq!(*body, Value::Null, "{section}"),
        // A field without a name is the whole answer.
        Some(fields) if fields[0]["n"] == "" => check_value(section, fields[0]["t"].as_str().unwrap(), body),
        Some(fields) => check_object(section, fields, body),
    }
}

/// Every member is documented and has the documented type.
fn check_object(place: &str, fields: &Value, body: &Value) {
    let fields = fields.as_array().unwrap();
    let body = body.as_object().unwrap_or_else(|| panic!("{place} is no object: {body}"));
    let any_key = fields.len() == 1 && fields[0]["n"].as_str().unwrap().starts_with('{');
    for (name, value) in body {
        let field = fields.iter().find(|field| any_key || field["n"] == *name);
        let field = field.unwrap_or_else(|| panic!("{place}.{name} is not documented"));
        check_value(&format!("{place}.{name}"), field["t"].as_str().unwrap(), value);
    }
}

fn check_value(place: &str, kind: &str, value: &Value) {
    if let Some(inner) = kind.strip_prefix("array<").and_then(|rest| rest.strip_suffix('>')) {
        let items = value.as_array().unwrap_or_else(|| panic!("{place} is no array: {value}"));
        return items.iter().for_each(|item| check_value(place, inner, item));
    }
    if let Some(inner) = kind.strip_prefix("map<string,").and_then(|rest| rest.strip_suffix('>')) {
        let map = value.as_object().unwrap_or_else(|| panic!("{place} is no map: {value}"));
        return map.values().for_each(|item| check_value(place, inner, item));
    }
    let good = match kind {
        "string" => value.is_string(),
        "integer" | "long" => value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => true,
        name => {
            check_object(place, &protocol()["schemas"][name.trim_start_matches("object:")], value);
            true
        }
    };
    assert!(good, "{place} should be {kind}: {value}");
}
