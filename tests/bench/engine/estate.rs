//! What the measured gateway holds, and the requests to it.

use apigctl::engine::Snapshot;
use apigctl::provider::Credentials;
use apigctl::provider::huawei::sign::sign;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::server::{ACCESS_KEY, SECRET_KEY, Server};

const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

/// Groups of 100 APIs each; every other API is published.
pub(crate) struct Estate {
    size: usize,
}

impl Estate {
    pub(crate) fn new(size: usize) -> Self {
        Self { size }
    }

    pub(crate) fn quotas(&self) -> Vec<(String, String)> {
        ["API_NUM_LIMIT", "API_NUM_LIMIT_PER_GROUP"]
            .map(|name| (name.to_owned(), "1000000".to_owned()))
            .into()
    }

    /// The state at the start, as a snapshot.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let groups: Vec<Value> = (0..self.size.div_ceil(100).max(1))
            .map(|n| json!({"id": format!("group{n:027}"), "name": format!("group_{n}")}))
            .collect();
        let apis: Vec<Value> = (0..self.size)
            .map(|n| {
                let mut api = body(n / 100, &format!("stored_{n}"));
                api["id"] = json!(format!("api{n:029}"));
                api["register_time"] = json!("2026-01-01T00:00:00Z");
                api["update_time"] = json!("2026-01-02T00:00:00Z");
                api
            })
            .collect();
        let versions: Vec<Value> = (0..self.size)
            .step_by(2)
            .map(|n| {
                json!({"api_id": format!("api{n:029}"), "env_id": RELEASE, "version_id": format!("version{n:025}"),
                    "publish_id": format!("publish{n:025}"), "publish_time": "2026-01-02T00:00:00Z"})
            })
            .collect();
        let throttle = json!({"id": format!("throttle{:024}", 0), "name": "gold", "time_unit": "SECOND",
            "time_interval": 1, "api_call_limits": 100, "type": 1});
        serde_json::from_value(json!({
            "groups": groups, "apis": apis, "versions": versions, "throttles": [throttle],
        }))
        .unwrap()
    }

    /// Requests of one kind. `next` counts what was made, so that no name is used twice.
    pub(crate) fn plain(
        &self,
        name: &str,
        project: &str,
        instance: &str,
        count: usize,
        next: &mut usize,
    ) -> Vec<Request<Bytes>> {
        let root = format!("/v2/{project}/apigw/instances/{instance}");
        let one = |n: usize| {
            // A stride that shares no factor with the sizes meets every API, far from the one before.
            let api = n * 7919 % self.size;
            let (method, path, body) = match name {
                "detail" => ("GET", format!("/apis/api{api:029}"), Value::Null),
                "list 500" => {
                    let pages = self.size.div_ceil(500);
                    ("GET", format!("/apis?limit=500&offset={}", n % pages * 500), Value::Null)
                }
                "create" => ("POST", "/apis".to_owned(), body(api / 100, &format!("made_{n}"))),
                "publish" => {
                    let body =
                        json!({"action": "online", "env_id": RELEASE, "api_id": format!("api{api:029}")});
                    ("POST", "/apis/action".to_owned(), body)
                }
                _ => {
                    let publish = format!("publish{:025}", api / 2 * 2);
                    let body = json!({"strategy_id": format!("throttle{:024}", 0), "publish_ids": [publish]});
                    ("POST", "/throttle-bindings".to_owned(), body)
                }
            };
            let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
            Request::builder().method(method).uri(format!("{root}{path}")).body(body).unwrap()
        };
        let from = *next;
        *next += count;
        (from..from + count).map(one).collect()
    }

    /// The same, signed and written out.
    pub(crate) fn requests(
        &self,
        name: &str,
        server: &Server,
        count: usize,
        next: &mut usize,
    ) -> Vec<Vec<u8>> {
        let key = Credentials::KeyPair { access_key: ACCESS_KEY.into(), secret_key: SECRET_KEY.into() };
        let now = jiff::Timestamp::now();
        let all = self.plain(name, &server.project, &server.instance, count, next);
        all.into_iter()
            .map(|mut request| {
                request.headers_mut().insert("host", server.address.to_string().parse().unwrap());
                request.headers_mut().insert("content-type", "application/json".parse().unwrap());
                sign(&mut request, &key, now).unwrap();
                wire(&request)
            })
            .collect()
    }
}

fn wire(request: &Request<Bytes>) -> Vec<u8> {
    let mut out = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri()).into_bytes();
    for (name, value) in request.headers() {
        out.extend(name.as_str().as_bytes());
        out.extend(b": ");
        out.extend(value.as_bytes());
        out.extend(b"\r\n");
    }
    out.extend(format!("content-length: {}\r\n\r\n", request.body().len()).as_bytes());
    out.extend(request.body());
    out
}

/// An API with parameters and a policy, as large as they are in life: 2 to 3 KB.
fn body(group: usize, name: &str) -> Value {
    json!({
        "group_id": format!("group{group:027}"), "name": name, "type": 1, "version": "V0.0.1",
        "req_protocol": "HTTPS", "req_method": "GET", "req_uri": format!("/{name}/{{id}}"), "match_mode": "NORMAL",
        "auth_type": "APP", "auth_opt": {"app_code_auth_type": "HEADER"}, "cors": false, "backend_type": "HTTP",
        "remark": "reads one of the things that this service keeps", "tags": ["public", "team-a"],
        "result_normal_sample": "{\"id\": 1, \"name\": \"one\", \"state\": \"open\"}",
        "backend_api": {
            "url_domain": "service.internal:8443", "req_protocol": "HTTPS", "req_method": "GET", "req_uri": "/v1/{id}",
            "timeout": 5000, "retry_count": "1", "vpc_channel_status": 2,
        },
        "req_params": [
            {"name": "id", "type": "STRING", "location": "PATH", "required": 1, "valid_enable": 1, "min_size": 1, "max_size": 64},
            {"name": "fields", "type": "STRING", "location": "QUERY", "required": 2, "default_value": "all"},
            {"name": "X-Tenant", "type": "STRING", "location": "HEADER", "required": 2, "remark": "who asks"},
        ],
        "backend_params": [
            {"name": "id", "location": "PATH", "origin": "REQUEST", "value": "id"},
            {"name": "fields", "location": "QUERY", "origin": "REQUEST", "value": "fields"},
            {"name": "X-Tenant", "location": "HEADER", "origin": "REQUEST", "value": "X-Tenant"},
            {"name": "X-Stage", "location": "HEADER", "origin": "SYSTEM", "value": "$context.stage"},
        ],
    })
}
