//! 3.5.8: mocks answer, HTTP backends are really called, and what the gateway would refuse is told.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use apigctl::engine::{Backends, Options};
use serde_json::{Value, json};

use crate::engine::support::{Gate, NOBODY, RELEASE, api, options};

/// Takes one request and answers with `answer`; gives the request back.
fn backend(answer: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let taken = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut seen = Vec::new();
        let mut buffer = [0_u8; 4096];
        loop {
            let read = stream.read(&mut buffer).unwrap();
            seen.extend(&buffer[..read]);
            let text = String::from_utf8_lossy(&seen).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                break;
            }
        }
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8(seen).unwrap()
    });
    (address, taken)
}

fn mock(group: &str, name: &str, uri: &str, text: &str) -> Value {
    let mut body = api(group, name, uri);
    body["backend_type"] = json!("MOCK");
    body["mock_info"] = json!({"result_content": text});
    body.as_object_mut().unwrap().remove("backend_api");
    body
}

fn forwarding(group: &str, name: &str, to: SocketAddr) -> Value {
    let mut body = api(group, name, "/orders/{order}");
    body["req_method"] = json!("ANY");
    body["req_params"] = json!([
        {"name": "order", "type": "STRING", "location": "PATH", "required": 1},
        {"name": "limit", "type": "NUMBER", "location": "QUERY", "default_value": "7"},
        {"name": "X-Tenant", "type": "STRING", "location": "HEADER"},
    ]);
    body["backend_api"] = json!({
        "url_domain": to.to_string(), "req_protocol": "HTTP", "req_method": "POST", "req_uri": "/v1/{id}", "timeout": 5000,
    });
    body["backend_params"] = json!([
        {"name": "id", "location": "PATH", "origin": "REQUEST", "value": "order"},
        {"name": "count", "location": "QUERY", "origin": "REQUEST", "value": "limit"},
        {"name": "X-Owner", "location": "HEADER", "origin": "REQUEST", "value": "X-Tenant"},
        {"name": "X-Fixed", "location": "HEADER", "origin": "CONSTANT", "value": "yes"},
        {"name": "X-Api", "location": "HEADER", "origin": "SYSTEM", "value": "$context.apiId"},
    ]);
    body
}

fn ask(path: &str) -> Value {
    json!({"mode": "DEVELOPER", "scheme": "HTTPS", "method": "GET", "path": path})
}

/// Debugs, and returns status line and body of what came back.
fn debug(gate: &Gate, id: &str, body: Value) -> (String, String, Value) {
    let done = gate.post(&format!("/apis/debug/{id}"), body);
    assert_eq!(done.status, 200, "{}", done.body);
    let response = done.body["response"].as_str().unwrap().to_owned();
    let (head, body) = response.split_once("\n\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned(), done.body)
}

#[test]
fn a_mock_answers_with_its_text() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let id = gate.make("/apis", mock(&group, "mock_1", "/test/mock", "mock success"));
    let before = gate.dump();
    let (status, body, all) = debug(&gate, &id, ask("/test/mock"));
    assert_eq!((status.as_str(), body.as_str()), ("HTTP/1.1 200 OK", "mock success"));
    let request = all["request"].as_str().unwrap();
    let domain = gate.get(&format!("/api-groups/{group}")).body["sl_domain"].as_str().unwrap().to_owned();
    assert!(request.starts_with(&format!("GET /test/mock HTTP/1.1\nHost: {domain}\n")), "{request}");
    assert_eq!(all["log"], "");
    assert_eq!(gate.dump(), before, "debugging changes nothing");
}

#[test]
fn the_draft_for_developers_and_what_runs_for_consumers() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let of_apps = |text: &str| {
        let mut body = mock(&group, "mock_1", "/one", text);
        body["auth_type"] = json!("APP");
        body
    };
    let id = gate.make("/apis", of_apps("old"));
    let consumer = |stage: Option<&str>| {
        let mut body = ask("/one");
        body["mode"] = json!("CONSUMER");
        if let Some(stage) = stage {
            body["stage"] = json!(stage);
        }
        body
    };
    let path = format!("/apis/debug/{id}");
    assert_eq!(gate.post(&path, consumer(None)).code(), "APIG.3015", "not published");
    assert_eq!(gate.post(&path, consumer(Some("NOWHERE"))).code(), "APIG.3003");
    gate.publish(&id, RELEASE);
    assert_eq!(gate.put(&format!("/apis/{id}"), of_apps("new")).status, 200);
    assert_eq!(debug(&gate, &id, ask("/one")).1, "new");
    assert_eq!(debug(&gate, &id, consumer(None)).1, "old");
    // An application has to be known, and for what is published authorized.
    let key = gate.post("/apps", json!({"name": "app_1"})).body;
    let mut body = consumer(None);
    body["app_key"] = json!("nobody");
    assert!(debug(&gate, &id, body.clone()).1.contains("APIG.0303"));
    body["app_key"] = key["app_key"].clone();
    assert!(debug(&gate, &id, body.clone()).1.contains("APIG.0304"));
    let pair = json!({"env_id": RELEASE, "app_ids": [key["id"]], "api_ids": [id]});
    assert_eq!(gate.post("/app-auths", pair).status, 201);
    assert_eq!(debug(&gate, &id, body).1, "old");
}

#[test]
fn a_backend_is_really_called() {
    let (address, taken) = backend("HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX-Seen: 1\r\n\r\nhello");
    let gate = Gate::new();
    let group = gate.group("group_1");
    let id = gate.make("/apis", forwarding(&group, "orders", address));
    let body = json!({
        "mode": "DEVELOPER", "scheme": "HTTP", "method": "PUT", "path": "/orders/a%20b", "body": "the body",
        "header": {"x-tenant": ["t-1"], "x-other": ["kept"]}, "query": {"free": ["1 2"]},
    });
    let (status, answer, all) = debug(&gate, &id, body);
    assert_eq!((status.as_str(), answer.as_str()), ("HTTP/1.1 201 Created", "hello"));
    assert!(all["response"].as_str().unwrap().contains("X-Seen: 1\n"));
    assert!(all["latency"].as_i64().unwrap() >= 0);
    let seen = taken.join().unwrap();
    let (head, sent) = seen.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /v1/a%20b?free=1%202&count=7 HTTP/1.1\r\n"), "{head}");
    let lower = head.to_ascii_lowercase();
    for header in ["x-owner: t-1", "x-fixed: yes", &format!("x-api: {id}"), "x-other: kept"] {
        assert!(lower.contains(header), "{header} in {head}");
    }
    assert!(!lower.contains("x-tenant"), "it is declared, so only its mapping goes on");
    assert_eq!(sent, "the body");
}

#[test]
fn a_channel_and_a_policy_choose_the_backend() {
    let (address, taken) = backend("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let gate = Gate::new();
    let group = gate.group("group_1");
    let channel = gate.make(
        "/vpc-channels",
        json!({
            "name": "channel_1", "port": address.port(), "balance_strategy": 1, "member_type": "ip",
            "members": [{"host": "127.0.0.1"}],
        }),
    );
    let mut body = forwarding(&group, "orders", address);
    body["backend_api"]["vpc_channel_status"] = json!(1);
    body["backend_api"]["vpc_channel_info"] = json!({"vpc_channel_id": channel});
    body["policy_mocks"] = json!([{
        "name": "trial", "effect_mode": "ALL", "result_content": "of the policy", "conditions": [
            {"condition_origin": "param", "req_param_name": "limit", "condition_type": "enum", "condition_value": "1,2"},
            {"condition_origin": "system", "sys_param_name": "req_method", "condition_type": "exact", "condition_value": "GET"},
        ],
    }]);
    let id = gate.make("/apis", body);
    let mut request = ask("/orders/1");
    request["query"] = json!({"limit": ["2"]});
    assert_eq!(debug(&gate, &id, request.clone()).1, "of the policy");
    request["query"] = json!({"limit": ["3"]});
    assert_eq!(debug(&gate, &id, request).1, "ok");
    assert!(taken.join().unwrap().starts_with("POST /v1/1?count=3 "));
}

#[test]
fn what_does_not_answer_is_told_in_the_log() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nothing: SocketAddr = "192.0.2.1:80".parse().unwrap();
    for (backends, to, said) in [
        (Backends::Loopback, closed, ""),
        (Backends::Loopback, nothing, "on this machine only"),
        (Backends::None, closed, "no backends"),
    ] {
        let gate = Gate::with(Options { backends, ..options() });
        let group = gate.group("group_1");
        let id = gate.make("/apis", forwarding(&group, "orders", to));
        let (status, body, all) = debug(&gate, &id, ask("/orders/1"));
        assert_eq!(status, "HTTP/1.1 502 Bad Gateway");
        assert!(body.contains("APIG.0203"), "{body}");
        let log = all["log"].as_str().unwrap();
        assert!(!log.is_empty() && log.contains(said), "{log}");
    }
}

#[test]
fn what_cannot_be_debugged() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let id = gate.make("/apis", mock(&group, "mock_1", "/one", "text"));
    let path = format!("/apis/debug/{id}");
    assert_eq!(gate.post(&format!("/apis/debug/{NOBODY}"), ask("/one")).code(), "APIG.3002");
    // Another path or method is not this API's: the gateway says so.
    assert!(debug(&gate, &id, ask("/two")).1.contains("APIG.0101"));
    let mut post = ask("/one");
    post["method"] = json!("POST");
    assert!(debug(&gate, &id, post).1.contains("APIG.0101"));
    let with = |field: &str, value: Value| {
        let mut body = ask("/one");
        body[field] = value;
        body
    };
    for (field, value) in [
        ("mode", json!("MARKET")),
        ("scheme", json!("FTP")),
        ("method", json!("TRACE")),
        ("path", json!("one")),
        ("path", json!("/one two")),
        ("path", json!("/%ff")),
        ("path", json!(format!("/{}", "a".repeat(1024)))),
        ("header", json!({"X-Stage": ["TEST"]})),
        ("header", json!({"x-apig-mode": ["a"]})),
        ("header", json!({"X-Sdk-Date": ["a"]})),
        ("header", json!({"1st": ["a"]})),
        ("header", json!({"under_score": ["a"]})),
        ("header", json!({"A".repeat(33): ["a"]})),
        ("header", json!({"Name": ["line\r\nbreak: 1"]})),
        ("header", json!({"Name": "no list"})),
        ("query", json!({"x-stage": ["TEST"]})),
        ("query", json!({"a b": ["1"]})),
        ("body", json!("a".repeat(2_097_153))),
        ("domain", json!("a b")),
    ] {
        let refused = gate.post(&path, with(field, value.clone()));
        assert_eq!((refused.status, refused.code()), (400, "APIG.2011"), "{field} {}", refused.body);
    }
    let mut consumer = with("header", json!({"authorization": ["a"]}));
    assert_eq!(gate.post(&path, consumer.clone()).status, 200, "a developer may send it");
    consumer["mode"] = json!("CONSUMER");
    gate.publish(&id, RELEASE);
    assert_eq!(gate.post(&path, consumer).code(), "APIG.2011");
    // 3.3.1: with variables an API cannot be debugged.
    let mut body = api(&group, "api_2", "/two");
    body["backend_api"]["url_domain"] = json!("#host#");
    let id = gate.make("/apis", body);
    let refused = gate.post(&format!("/apis/debug/{id}"), ask("/two"));
    assert_eq!((refused.status, refused.code()), (400, "APIG.2030"));
}
