//! Snapshots: partial objects, ids that stay, the same behaviour as with created objects, and size.

use std::time::Instant;

use apigctl::engine::Snapshot;
use apigctl::engine::snapshot::LoadError;
use serde_json::{Value, json};

use crate::engine::support::{Gate, RELEASE, api};

fn snapshot(value: Value) -> Snapshot {
    serde_json::from_value(value).unwrap()
}

fn loaded(value: Value) -> Gate {
    let gate = Gate::new();
    gate.engine.load(gate.engine.project_id(), gate.engine.instance_id(), snapshot(value)).unwrap();
    gate
}

fn observed() -> Value {
    json!({
        "groups": [{"id": "g1", "name": "payments", "sl_domain": "g1.example", "register_time": "2020-07-31T06:55:55Z",
            "update_time": "2020-08-01T06:55:55.123Z", "url_domains": [{"id": "d", "domain": "pay.example"}]}],
        "envs": [{"id": RELEASE, "name": "RELEASE"}, {"id": "e1", "name": "TEST", "create_time": "2020-07-31T06:55:55Z"}],
        "throttles": [{"id": "t1", "name": "gold", "time_unit": "SECOND", "time_interval": 1, "api_call_limits": 10,
            "bind_num": 7, "is_inclu_special_throttle": 1}],
        "throttle_specials": [{"id": "s1", "throttle_id": "t1", "object_type": "USER", "object_id": "u", "call_limits": 3}],
        "apis": [{"id": "a1", "group_id": "g1", "group_name": "payments", "name": "create", "req_method": "POST",
            "req_uri": "/pay", "run_env_id": "e1", "publish_id": "p1", "update_time": "2020-08-02T00:00:00Z"},
            {"id": "a2", "group_id": "g1", "name": "list", "req_method": "GET", "req_uri": "/pay", "match_mode": "NORMAL"}],
        "versions": [{"api_id": "a1", "env_id": "e1", "version_id": "v1", "publish_id": "p1",
            "publish_time": "2020-08-03T00:00:00Z", "definition": null}],
        "signs": [{"id": "k1", "name": "key", "sign_type": "hmac", "sign_key": "abcdefgh", "sign_secret": "plain-secret-text"}],
        "throttle_bindings": [{"throttle_apply_id": "b1", "throttle_id": "t1", "publish_id": "p1", "id": "a1"}],
        "sign_bindings": [{"id": "b2", "sign_id": "k1", "api_id": "a1", "env_id": "e1"}],
    })
}

#[test]
fn loaded_objects_behave_like_created_ones() {
    let gate = loaded(observed());
    let group = gate.get("/api-groups/g1").body;
    assert_eq!(
        (&group["register_time"], &group["sl_domain"]),
        (&json!("2020-07-31T06:55:55Z"), &json!("g1.example"))
    );
    assert_eq!(gate.get("/throttles/t1").body["bind_num"], 1, "computed, not copied");
    assert_eq!(gate.get("/signs").body["signs"][0]["sign_secret"], "pla*****ext");
    let detail = gate.get("/apis/a1").body;
    assert_eq!((&detail["publish_id"], &detail["run_env_name"]), (&json!("p1"), &json!("TEST")));
    assert_eq!(detail.get("backend_api"), None);
    assert_eq!(gate.get("/sign-bindings/binded-signs?api_id=a1").body["bindings"][0]["id"], "b2");
    assert_eq!(gate.post("/api-groups", json!({"name": "payments"})).code(), "APIG.3201");
    assert_eq!(gate.post("/apis", api("g1", "create", "/new")).code(), "APIG.3202");
    assert_eq!(gate.post("/apis", api("g1", "new", "/pay")).code(), "APIG.3301");
    assert_eq!(gate.delete("/api-groups/g1").code(), "APIG.3415");
    assert_eq!(gate.publish("a1", "e1"), "p1");
    assert_eq!(gate.get("/apis/runtime/a1?env_id=e1").body["req_uri"], "/pay");
    gate.offline("a1", "e1");
    assert_eq!(gate.get("/throttles/t1").body["bind_num"], 0);
    assert_eq!(gate.put("/apis/a1", api("g1", "create", "/other")).body["id"], "a1");
    assert_eq!(gate.get("/api-groups/g1/gateway-responses").body["total"], 1);
}

#[test]
fn what_is_read_out_can_be_loaded_again() {
    let gate = loaded(observed());
    gate.publish("a2", RELEASE);
    let first = gate.dump();
    let other = loaded(first.clone());
    assert_eq!(other.dump(), first);
}

#[test]
fn a_malformed_snapshot_loads_nothing() {
    let gate = Gate::new();
    let before = gate.dump();
    let bad = [
        (json!({"groups": [{"id": "g", "name": "n"}, {"name": "no id"}]}), ("groups", 1)),
        (json!({"apis": [7]}), ("apis", 0)),
        (json!({"versions": [{"api_id": "a", "env_id": "e"}]}), ("versions", 0)),
        (
            json!({"throttle_bindings": [{"id": "b", "throttle_id": "t", "api_id": "a"}]}),
            ("throttle_bindings", 0),
        ),
    ];
    for (value, (wanted, position)) in bad {
        let error = gate
            .engine
            .load(gate.engine.project_id(), gate.engine.instance_id(), snapshot(value))
            .unwrap_err();
        let LoadError::Malformed { collection, index, .. } = error else { panic!("{error}") };
        assert_eq!((collection, index), (wanted, position));
    }
    assert_eq!(gate.dump(), before);
}

#[test]
fn another_gateway_can_be_made_by_loading() {
    let gate = Gate::new();
    gate.engine.load("another-project", "another-gateway", snapshot(observed())).unwrap();
    assert_eq!(gate.get("/api-groups").body["total"], 0);
    assert!(gate.engine.dump("another-project", "another-gateway").is_some());
    assert!(gate.engine.dump("another-project", "nothing").is_none());
}

/// What the process takes, for the record.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("memory not known").to_owned()
}

/// What it takes is printed, not judged: `tests/bench/engine.rs` measures.
#[test]
fn ten_thousand_apis() {
    let apis: Vec<Value> = (0..10_000)
        .map(|n| json!({
            "id": format!("api-{n}"), "group_id": format!("g{}", n % 20), "name": format!("api_{n}"), "type": 1,
            "req_protocol": "HTTPS", "req_method": "GET", "req_uri": format!("/path/{n}"), "auth_type": "APP",
            "backend_type": "HTTP", "version": "V0.0.1", "register_time": "2020-08-02T00:00:00Z",
            "update_time": "2020-08-02T00:00:00Z", "tags": ["a"], "backend_api": {"url_domain": "x", "id": "b"},
        }))
        .collect();
    let groups: Vec<Value> =
        (0..20).map(|n| json!({"id": format!("g{n}"), "name": format!("group_{n}")})).collect();
    let value = snapshot(json!({"groups": groups, "apis": apis}));
    let start = Instant::now();
    let gate = Gate::new();
    gate.engine.load(gate.engine.project_id(), gate.engine.instance_id(), value).unwrap();
    let load = start.elapsed();
    let start = Instant::now();
    let page = gate.engine.handle(
        http::Request::builder()
            .uri(format!("{}/apis?limit=500&offset=9000", gate.root()))
            .body(bytes::Bytes::new())
            .unwrap(),
        apigctl::engine::Access::Trusted,
    );
    let list = start.elapsed();
    assert_eq!(page.status(), 200);
    let start = Instant::now();
    for n in 0..10 {
        let ids: Vec<String> = (0..1000).map(|at| format!("api-{}", n * 1000 + at)).collect();
        let done = gate.post("/apis/publish?action=online", json!({"env_id": RELEASE, "apis": ids}));
        assert_eq!(done.body["success"].as_array().unwrap().len(), 1000);
    }
    let publish = start.elapsed();
    println!("load {load:?}, page {list:?}, publish {publish:?}, {}", memory());
}
