//! Every operation with every kind of bad request, made from the protocol data: never a failure of the server, never a
//! change.

use apigctl::engine::Access;
use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value, json};

use crate::engine::support::{Answer, Gate, NOBODY, RELEASE, api, operation, protocol};

/// A gateway with something in every collection.
fn furnished() -> (Gate, Vec<(&'static str, String)>) {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let test = gate.env("TEST");
    let id = gate.api(&group, "api_1", "/one");
    let publish = gate.publish(&id, RELEASE);
    let throttle = gate.throttle("gold");
    let sign = gate.make("/signs", json!({"name": "sign_1"}));
    let binding = gate.bind(&throttle, &publish);
    let bound = gate.post("/sign-bindings", json!({"sign_id": sign, "publish_ids": [publish]})).body;
    let app = gate.make("/apps", json!({"name": "app_1"}));
    let special = json!({"object_type": "APP", "object_id": app, "call_limits": 5});
    let special = gate.make(&format!("/throttles/{throttle}/throttle-specials"), special);
    let variable = json!({"group_id": group, "env_id": test, "variable_name": "abc", "variable_value": "x"});
    let variable = gate.make("/env-variables", variable);
    let acl = json!({"acl_name": "acl_1", "acl_type": "DENY", "entity_type": "IP", "acl_value": "10.0.0.1"});
    let acl = gate.make("/acls", acl);
    let versions = gate.get(&format!("/apis/publish/{id}")).body;
    let response = gate.get(&format!("/api-groups/{group}/gateway-responses")).body;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let more = furnish_more(&gate, &group, &id, &app);
    let mut known = vec![
        ("group_id", group),
        ("env_id", test),
        ("api_id", id),
        ("throttle_id", throttle),
        ("strategy_id", special),
        ("sign_id", sign),
        ("throttle_binding_id", binding),
        ("sign_bindings_id", text(&bound["bindings"][0]["id"])),
        ("app_id", app),
        ("env_variable_id", variable),
        ("acl_id", acl),
        ("version_id", text(&versions["api_versions"][0]["version_id"])),
        ("response_id", text(&response["responses"][0]["id"])),
        ("response_type", "THROTTLED".to_owned()),
    ];
    known.extend(more);
    (gate, known)
}

/// Plug-ins, quotas, channels, domain names and what is around the gateway.
fn furnish_more(gate: &Gate, group: &str, api: &str, app: &str) -> Vec<(&'static str, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let plugin = json!({"plugin_name": "plugin_1", "plugin_type": "cors", "plugin_scope": "global",
        "plugin_content": "{\"allow_origin\":\"*\"}"});
    let plugin = text(&gate.post("/plugins", plugin).body["plugin_id"]);
    let attach =
        gate.post(&format!("/plugins/{plugin}/attach"), json!({"env_id": RELEASE, "api_ids": [api]}));
    assert_eq!(attach.status, 201);
    let quota = json!({"name": "quota_1", "call_limits": 5, "time_unit": "DAY", "time_interval": 1});
    let quota = text(&gate.post("/app-quotas", quota).body["app_quota_id"]);
    let bound = gate.post(&format!("/app-quotas/{quota}/binding-apps"), json!({"app_ids": [app]}));
    assert_eq!(bound.status, 201);
    let acl = json!({"app_acl_type": "DENY", "app_acl_values": ["10.0.0.1"]});
    assert_eq!(gate.put(&format!("/apps/{app}/app-acl"), acl).status, 201);
    let channel = json!({"name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip",
        "member_groups": [{"member_group_name": "blue"}], "members": [{"host": "10.0.0.1"}]});
    let channel = gate.make("/vpc-channels", channel);
    let detail = gate.get(&format!("/vpc-channels/{channel}")).body;
    let domains = format!("/api-groups/{group}/domains");
    let domain = gate.make(&domains, json!({"url_domain": "pay.example.com"}));
    let tags = json!({"action": "create", "tags": [{"key": "team", "value": "pay"}]});
    assert_eq!(gate.post("/instance-tags/action", tags).status, 204);
    vec![
        ("plugin_id", plugin),
        ("app_quota_id", quota),
        ("member_id", text(&detail["members"][0]["id"])),
        ("member_group_id", text(&detail["member_groups"][0]["member_group_id"])),
        ("vpc_channel_id", channel),
        ("domain_id", domain),
    ]
}

/// The path of an operation below the gateway, with ids put in; none for operations above gateways.
fn path(operation: &Value, id: impl Fn(&str) -> String) -> Option<String> {
    let path =
        operation["p"].as_str().unwrap().strip_prefix("/v2/{project_id}/apigw/instances/{instance_id}")?;
    let put = |segment: &str| match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => id(name),
        None => segment.to_owned(),
    };
    Some(path.split('/').map(put).collect::<Vec<_>>().join("/"))
}

fn operations() -> impl Iterator<Item = &'static Value> {
    protocol()["operations"].as_array().unwrap().iter()
}

fn send(gate: &Gate, operation: &Value, path: &str, query: &str, body: &[u8]) -> Answer {
    let joined = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    gate.send(operation["m"].as_str().unwrap(), &joined, body)
}

/// A value that fits a field.
fn sample(field: &Value) -> Value {
    if let Some(first) = field["v"].as_array().and_then(|values| values.first()) {
        return if field["t"].as_str().unwrap().starts_with("array") {
            json!([first])
        } else {
            first.clone()
        };
    }
    let least = field["min"].as_i64().unwrap_or(1);
    let kind = field["t"].as_str().unwrap();
    match kind {
        "string" => json!("a".repeat(usize::try_from(least.max(1)).unwrap())),
        "integer" | "long" | "number" => json!(least.max(1)),
        "boolean" => json!(true),
        "array<string>" => json!(["a".repeat(usize::try_from(least.max(1)).unwrap())]),
        _ if kind.starts_with("array<") => {
            json!([object(kind.trim_start_matches("array<").trim_end_matches('>'))])
        }
        _ if kind.starts_with("object:") => object(kind.trim_start_matches("object:")),
        _ => json!({}),
    }
}

fn object(schema: &str) -> Value {
    Value::Object(required(&protocol()["schemas"][schema]))
}

/// An object with the required members.
fn required(fields: &Value) -> Map<String, Value> {
    let fields = fields.as_array().map_or(&[][..], Vec::as_slice);
    let needed = fields.iter().filter(|field| field["r"] == true);
    needed.map(|field| (field["n"].as_str().unwrap().to_owned(), sample(field))).collect()
}

fn required_query(operation: &Value) -> String {
    let pairs: Vec<String> = required(&operation["q"])
        .into_iter()
        .map(|(name, value)| format!("{name}={}", value.as_str().map_or(value.to_string(), str::to_owned)))
        .collect();
    pairs.join("&")
}

/// Wrong values for one field, each with what is wrong.
fn wrong(field: &Value) -> Vec<(&'static str, Value)> {
    let mut out = Vec::new();
    let kind = field["t"].as_str().unwrap();
    match kind {
        "string" => out.push(("number for text", json!(7))),
        "integer" | "long" => out.extend([("text for number", json!("7")), ("fraction", json!(1.5))]),
        "boolean" => out.push(("text for boolean", json!("true"))),
        "object" => {}
        _ if kind.starts_with("array") => {
            out.extend([("text for list", json!("x")), ("object for list", json!({}))]);
        }
        _ => out.extend([("list for object", json!([])), ("text for object", json!("x"))]),
    }
    let long = |n: i64| "a".repeat(usize::try_from(n).unwrap());
    match (kind, field["max"].as_i64(), field["min"].as_i64()) {
        ("string", max, min) => {
            out.extend(max.map(|max| ("one too long", json!(long(max + 1)))));
            out.extend(min.filter(|min| *min > 1).map(|min| ("one too short", json!(long(min - 1)))));
        }
        ("integer" | "long", max, min) => {
            out.extend(max.map(|max| ("one too large", json!(max + 1))));
            out.extend(min.map(|min| ("one too small", json!(min - 1))));
        }
        ("array<string>", max, _) => out.extend(max.map(|max| ("item too long", json!([long(max + 1)])))),
        _ => {}
    }
    if let Some(most) = field["hi"].as_u64() {
        let item = sample(field)[0].clone();
        out.push(("one item too many", json!(vec![item; usize::try_from(most).unwrap() + 1])));
    }
    if field["v"].is_array() && kind == "string" {
        out.push(("no allowed value", json!("never-a-value")));
    }
    if field["p"].is_string() && kind == "string" {
        out.push(("bad character", json!("ab c\u{7}d")));
    }
    out
}

#[test]
fn every_field_refuses_what_does_not_fit() {
    let (gate, known) = furnished();
    let before = gate.dump();
    let id =
        |name: &str| known.iter().find(|(n, _)| *n == name).map_or(NOBODY.to_owned(), |(_, id)| id.clone());
    let mut tried = 0;
    for operation in operations() {
        let Some(path) = path(operation, id) else { continue };
        let query = required_query(operation);
        let fields = operation["b"].as_array().map_or(&[][..], Vec::as_slice);
        for field in fields.iter().filter(|field| field["x"] != true) {
            for (what, value) in wrong(field) {
                let mut body = required(&operation["b"]);
                body.insert(field["n"].as_str().unwrap().to_owned(), value);
                let answer =
                    send(&gate, operation, &path, &query, Value::Object(body).to_string().as_bytes());
                let (section, name) = (&operation["s"], &field["n"]);
                assert_eq!(answer.status, 400, "{section} {name}: {what}: {}", answer.body);
                let text = answer.body["error_msg"].as_str().unwrap();
                assert!(text.contains(name.as_str().unwrap()), "{section} {name}: {what}: {text}");
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried}");
    assert_eq!(gate.dump(), before);
}

#[test]
fn every_required_member_is_missed() {
    let (gate, known) = furnished();
    let before = gate.dump();
    let id =
        |name: &str| known.iter().find(|(n, _)| *n == name).map_or(NOBODY.to_owned(), |(_, id)| id.clone());
    for operation in operations() {
        let Some(path) = path(operation, id) else { continue };
        let query = required_query(operation);
        let full = required(&operation["b"]);
        for name in full.keys() {
            for absent in [true, false] {
                let mut body = full.clone();
                if absent {
                    body.shift_remove(name);
                } else {
                    body.insert(name.clone(), Value::Null);
                }
                let answer =
                    send(&gate, operation, &path, &query, Value::Object(body).to_string().as_bytes());
                assert_eq!(answer.status, 400, "{} {name}: {}", operation["s"], answer.body);
                assert_eq!(
                    answer.code(),
                    if operation["bad"] == "APIC.7211" { "APIC.7211" } else { "APIG.2001" }
                );
            }
        }
        for name in required(&operation["q"]).keys() {
            let answer =
                send(&gate, operation, &path, "", Value::Object(full.clone()).to_string().as_bytes());
            assert_eq!(answer.status, 400, "{} {name}: {}", operation["s"], answer.body);
        }
    }
    assert_eq!(gate.dump(), before);
}

#[test]
fn broken_bodies_and_odd_queries() {
    let (gate, known) = furnished();
    let before = gate.dump();
    let id =
        |name: &str| known.iter().find(|(n, _)| *n == name).map_or(NOBODY.to_owned(), |(_, id)| id.clone());
    for operation in operations() {
        let Some(path) = path(operation, id) else { continue };
        let query = required_query(operation);
        let has_body = operation["b"].is_array();
        let bodies: [&[u8]; 7] =
            [b"{", b"[]", b"null", b"\"x\"", b"{\"a\":}", b"\xff\xfe", b"{\"name\": \"x\"} tail"];
        for body in bodies.into_iter().filter(|_| has_body) {
            let answer = send(&gate, operation, &path, &query, body);
            assert_eq!(answer.status, 400, "{}: {}", operation["s"], answer.body);
        }
        // A nest of brackets must not end the process.
        let deep = format!("{{\"name\":{}", "[".repeat(100_000));
        if has_body {
            assert_eq!(send(&gate, operation, &path, &query, deep.as_bytes()).status, 400);
        }
        for field in operation["q"].as_array().map_or(&[][..], Vec::as_slice) {
            if matches!(field["t"].as_str(), Some("integer" | "long")) {
                let name = field["n"].as_str().unwrap();
                let answer = send(&gate, operation, &path, &format!("{name}=x&{query}"), b"{}");
                assert_eq!(answer.status, 400, "{} {name}", operation["s"]);
            }
        }
    }
    assert_eq!(gate.dump(), before);
}

#[test]
fn unknown_ids_are_not_found() {
    let (gate, known) = furnished();
    let before = gate.dump();
    let id =
        |name: &str| known.iter().find(|(n, _)| *n == name).map_or(NOBODY.to_owned(), |(_, id)| id.clone());
    for operation in operations() {
        let names: Vec<&str> =
            operation["p"].as_str().unwrap().split('/').filter(|s| s.starts_with('{')).collect();
        let odd = ["%00", "..%2f..", "%F0%9F%92%A9", &"x".repeat(5000), "a|b", "\u{1f}"];
        for unknown in std::iter::once(NOBODY)
            .chain(odd.iter().copied().filter(|odd| odd.is_ascii() && *odd != "\u{1f}"))
        {
            for last in &names {
                let wanted = |name: &str| {
                    if format!("{{{name}}}") == **last { unknown.to_owned() } else { id(name) }
                };
                let Some(path) = path(operation, wanted) else { continue };
                if !path.contains(unknown) {
                    continue;
                }
                let body = Value::Object(required(&operation["b"])).to_string();
                let answer = send(&gate, operation, &path, &required_query(operation), body.as_bytes());
                let fine = matches!(answer.status, 400 | 404 | 501);
                assert!(fine, "{} {last}: {} {}", operation["s"], answer.status, answer.body);
            }
        }
    }
    assert_eq!(gate.dump(), before);
}

#[test]
fn nobody_gets_in_without_proof() {
    let (gate, known) = furnished();
    let before = gate.dump();
    let id =
        |name: &str| known.iter().find(|(n, _)| *n == name).map_or(NOBODY.to_owned(), |(_, id)| id.clone());
    for operation in operations() {
        let Some(path) = path(operation, id) else { continue };
        let uri = format!("{}{path}?{}", gate.root(), required_query(operation));
        let body = Value::Object(required(&operation["b"])).to_string();
        let request =
            Request::builder().method(operation["m"].as_str().unwrap()).uri(uri).body(Bytes::from(body));
        let response = gate.engine.handle(request.unwrap(), Access::Signed);
        assert_eq!(response.status(), 401, "{}", operation["s"]);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["error_code"], operation["auth"]);
    }
    assert_eq!(gate.dump(), before);
}

#[test]
fn what_is_not_there() {
    let gate = Gate::new();
    let status = |method: &str, uri: &str| {
        let request = Request::builder().method(method).uri(uri).body(Bytes::new()).unwrap();
        let response = gate.engine.handle(request, Access::Trusted);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        (response.status().as_u16(), body["error_code"].as_str().unwrap().to_owned())
    };
    let root = gate.root();
    assert_eq!(status("GET", "/"), (404, "APIG.0101".to_owned()));
    assert_eq!(status("GET", &format!("{root}/nothing")), (404, "APIG.0101".to_owned()));
    assert_eq!(status("PATCH", &format!("{root}/api-groups")), (405, "APIG.0101".to_owned()));
    let elsewhere = format!("/v2/{NOBODY}/apigw/instances/{}/api-groups", gate.engine.instance_id());
    assert_eq!(status("GET", &elsewhere), (403, "APIG.1005".to_owned()));
    let unknown = format!("/v2/{}/apigw/instances/{NOBODY}/api-groups", gate.engine.project_id());
    assert_eq!(status("GET", &unknown), (404, "APIG.3030".to_owned()));
    assert_eq!(gate.get("/api-groups/").status, 200, "a slash at the end changes nothing");
}

#[test]
fn rules_beyond_types() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let before = gate.dump();
    let refused = |change: Value, code: &str| {
        let mut body = api(&group, "api_1", "/one");
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = gate.post("/apis", body);
        assert_eq!(answer.code(), code, "{change}: {}", answer.body);
    };
    refused(json!({"req_uri": "no-slash"}), "APIG.2011");
    refused(json!({"req_uri": "/a/{b"}), "APIG.2011");
    refused(json!({"req_uri": "/a/{b}"}), "APIG.2026");
    refused(json!({"group_id": NOBODY}), "APIG.3001");
    refused(json!({"auth_type": "AUTHORIZER"}), "APIG.2001");
    refused(json!({"auth_type": "AUTHORIZER", "authorizer_id": NOBODY}), "APIG.3081");
    refused(json!({"backend_type": "MOCK"}), "APIG.2001");
    refused(json!({"backend_type": "FUNCTION"}), "APIG.2001");
    refused(json!({"tags": ["a", "a"]}), "APIG.3213");
    refused(json!({"response_id": NOBODY}), "APIG.2011");
    refused(json!({"req_protocol": "GRPCS"}), "APIG.2011");
    let function =
        json!({"function_urn": "nothing", "invocation_type": "sync", "network_type": "V2", "timeout": 5000});
    refused(json!({"backend_type": "FUNCTION", "func_info": function}), "APIG.3019");
    let backend = |change: Value| {
        let mut backend = api(&group, "x", "/x")["backend_api"].clone();
        for (name, value) in change.as_object().unwrap() {
            backend[name] = value.clone();
        }
        json!({"backend_api": backend})
    };
    refused(backend(json!({"req_uri": "/{b}"})), "APIG.2027");
    refused(backend(json!({"timeout": 60001})), "APIG.2011");
    refused(backend(json!({"retry_count": "11"})), "APIG.2011");
    refused(backend(json!({"url_domain": ""})), "APIG.2001");
    refused(
        backend(json!({"vpc_channel_status": 1, "vpc_channel_info": {"vpc_channel_id": NOBODY}})),
        "APIG.3023",
    );
    refused(backend(json!({"enable_client_ssl": true, "req_protocol": "HTTP"})), "APIG.3717");
    let parameter = |origin: &str, value: &str| json!({"backend_params": [{"origin": origin, "name": "n", "location": "HEADER", "value": value}]});
    refused(parameter("REQUEST", "nothing"), "APIG.2028");
    refused(parameter("SYSTEM", "nothing"), "APIG.2011");
    refused(parameter("SYSTEM", "$context.authorizer.frontend.x"), "APIG.2036");
    assert_eq!(gate.dump(), before);
    assert_eq!(operation("3.5.1")["bad"], "APIG.2011");
}
