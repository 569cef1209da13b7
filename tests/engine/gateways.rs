//! Gateways themselves: their life, several of them, what is around them, and who may call.

use apigctl::engine::{Access, Engine, Options};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::engine::support::{Answer, Gate, NOBODY, options};

fn wanted(name: &str) -> Value {
    json!({"instance_name": name, "spec_id": "BASIC", "vpc_id": "v", "subnet_id": "s", "security_group_id": "g",
        "available_zone_ids": ["az-1", "az-2"], "tags": [{"key": "team", "value": "pay"}]})
}

fn below(gate: &Gate, id: &str, method: &str, path: &str, body: &str) -> Answer {
    let uri = format!("/v2/{}/apigw/instances/{id}{path}", gate.engine.project_id());
    gate.send_to(method, &uri, body.as_bytes())
}

fn make(gate: &Gate, name: &str) -> String {
    let made = gate.project("POST", "/instances", wanted(name));
    assert_eq!(made.status, 202, "{}", made.body);
    assert!(made.body["job_id"].as_str().unwrap().starts_with("JOB-"));
    made.body["instance_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_gateway_is_made_with_progress() {
    let gate = Gate::new();
    let id = make(&gate, "second");
    let progress = || below(&gate, &id, "GET", "/progress", "").body;
    // The clock of the tests goes on by a second with each request; three are needed.
    assert_eq!((&progress()["progress"], &progress()["status"]), (&json!(50), &json!("creating")));
    let done = progress();
    assert_eq!((&done["progress"], &done["status"]), (&json!(100), &json!("success")));
    let detail = below(&gate, &id, "GET", "", "").body;
    assert_eq!((&detail["status"], &detail["spec"]), (&json!("Running"), &json!("BASIC")));
    assert_eq!(detail["available_zone_ids"], "[az-1, az-2]");
    assert_eq!(below(&gate, &id, "GET", "/envs", "").body["envs"][0]["name"], "RELEASE");
    assert_eq!(below(&gate, &id, "GET", "/instance-tags", "").body["tags"][0]["key"], "team");
}

#[test]
fn nothing_works_on_a_gateway_that_is_being_made() {
    let gate = Gate::new();
    let id = make(&gate, "second");
    assert_eq!(below(&gate, &id, "GET", "/api-groups", "").code(), "APIC.7701");
    assert_eq!(below(&gate, &id, "DELETE", "", "").code(), "APIC.7701");
    below(&gate, &id, "GET", "", "");
    assert_eq!(below(&gate, &id, "GET", "/api-groups", "").status, 200);
}

#[test]
fn what_a_new_gateway_must_be() {
    let gate = Gate::quotas(&[("INSTANCE_NUM_LIMIT", "2")]);
    let refused = |change: Value, code: &str| {
        let mut body = wanted("second");
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        assert_eq!(gate.project("POST", "/instances", body).code(), code, "{change}");
    };
    refused(json!({"instance_name": "engine"}), "APIC.7500");
    refused(json!({"instance_id": gate.engine.instance_id()}), "APIC.7505");
    refused(json!({"available_zone_ids": []}), "APIC.7238");
    refused(json!({"maintain_begin": "03:00:00", "maintain_end": "07:00:00"}), "APIC.7235");
    refused(json!({"maintain_begin": "02:00:00", "maintain_end": "10:00:00"}), "APIC.7230");
    refused(json!({"maintain_begin": "2 o'clock", "maintain_end": "06:00:00"}), "APIC.7211");
    refused(json!({"spec_id": "HUGE"}), "APIC.7211");
    assert_eq!(gate.project("GET", "/instances", Value::Null).body["total"], 1, "nothing was made");
    make(&gate, "second");
    refused(json!({"instance_name": "third"}), "APIC.7400");
    assert_eq!(gate.project("GET", "/instance/configs", Value::Null).body["configs"][0]["config_value"], "2");
}

#[test]
fn ids_of_one_gateway_mean_nothing_in_another() {
    let gate = Gate::new();
    let id = make(&gate, "second");
    for _ in 0..3 {
        below(&gate, &id, "GET", "/progress", "");
    }
    let group = gate.group("group_1");
    let path = format!("/api-groups/{group}");
    assert_eq!(below(&gate, &id, "GET", &path, "").code(), "APIG.3001");
    assert_eq!(
        below(&gate, &id, "POST", "/api-groups", "{\"name\":\"group_1\"}").status,
        201,
        "names neither"
    );
    assert_eq!(below(&gate, &id, "GET", "/api-groups", "").body["total"], 1);
    let listed = gate.project("GET", "/instances?instance_name=sec", Value::Null).body;
    assert_eq!((&listed["total"], &listed["instances"][0]["id"]), (&json!(1), &json!(id)));
    assert_eq!(below(&gate, &id, "DELETE", "", "").status, 204);
    assert_eq!(below(&gate, &id, "GET", "", "").code(), "APIC.7302");
    assert_eq!(below(&gate, &id, "GET", "/envs", "").code(), "APIG.3030");
    assert_eq!(gate.get(&path).status, 200, "the other one is as it was");
}

#[test]
fn several_projects() {
    let gate = Gate::new();
    gate.engine.load("another", "gateway-1", apigctl::engine::Snapshot::default()).unwrap();
    let list = |project: &str| gate.send_to("GET", &format!("/v2/{project}/apigw/instances"), b"");
    assert_eq!(list("another").body["instances"][0]["id"], "gateway-1");
    assert_eq!(list(gate.engine.project_id()).body["total"], 1);
    let crossed = format!("/v2/another/apigw/instances/{}/envs", gate.engine.instance_id());
    assert_eq!(gate.send_to("GET", &crossed, b"").code(), "APIG.3030");
    assert_eq!(list(NOBODY).status, 403);
}

#[test]
fn what_is_read_out_of_a_gateway_can_be_used_at_once_elsewhere() {
    let gate = Gate::new();
    gate.put("", json!({"description": "ours"}));
    let group = gate.group("group_1");
    gate.make(&format!("/api-groups/{group}/domains"), json!({"url_domain": "pay.example.com"}));
    let tags = json!({"action": "create", "tags": [{"key": "team", "value": "pay"}]});
    gate.post("/instance-tags/action", tags);
    gate.post("/features", json!({"name": "app_basic", "enable": true, "config": "on"}));
    let before = gate.dump();
    let other = Gate::new();
    let snapshot = serde_json::from_value(before.clone()).unwrap();
    other.engine.load(other.engine.project_id(), other.engine.instance_id(), snapshot).unwrap();
    assert_eq!(other.dump(), before);
    assert_eq!(other.get("").body["description"], "ours");
    assert_eq!(
        other.get(&format!("/api-groups/{group}")).body["url_domains"][0]["domain"],
        "pay.example.com"
    );
    assert_eq!(other.get("/features").body["total"], 1);
}

#[test]
fn changes_of_a_gateway() {
    let gate = Gate::new();
    let changed = gate.put("", json!({"description": "ours", "instance_name": "renamed"}));
    assert_eq!((changed.status, &changed.body["description"]), (200, &json!("ours")));
    assert_eq!(gate.get("").body["maintain_begin"], "22:00:00", "what is not sent stays");
    assert_eq!(gate.put("", json!({"maintain_begin": "02:00:00"})).code(), "APIC.7230");
    assert_eq!(gate.put("/eip", json!({"eip_id": "x"})).body["eip_status"], "ACTIVE");
    assert!(gate.get("").body["eip_address"].as_str().unwrap().starts_with("203.0.113."));
    assert_eq!(gate.delete("/eip").status, 200);
    assert_eq!(gate.get("").body.get("eip_address"), None);
    let size = json!({"bandwidth_size": "5"});
    assert_eq!(gate.put("/nat-eip", size.clone()).code(), "APIC.7311");
    assert_eq!(gate.post("/nat-eip", size.clone()).status, 200);
    assert_eq!(gate.post("/nat-eip", size.clone()).code(), "APIC.7709");
    assert_eq!(gate.put("/nat-eip", json!({"bandwidth_size": "7"})).status, 200);
    assert_eq!(gate.get("").body["bandwidth_size"], 7);
    assert_eq!(gate.put("/nat-eip", json!({"bandwidth_size": "much"})).status, 400);
    assert_eq!(gate.delete("/nat-eip").status, 204);
    assert_eq!(gate.put("/ingress-eip", json!({"bandwidth_size": 5})).code(), "APIC.7244");
    assert_eq!(gate.post("/ingress-eip", json!({"bandwidth_size": 5})).status, 202);
    assert_eq!(gate.post("/ingress-eip", json!({"bandwidth_size": 5})).code(), "APIC.7711");
    assert_eq!(gate.delete("/ingress-eip").status, 204);
    assert_eq!(gate.post("/postpaid-resize", json!({"spec_id": "PLATINUM"})).code(), "APIC.7707");
    assert_eq!(gate.post("/postpaid-resize", json!({"spec_id": "BASIC"})).code(), "APIC.7243");
    assert_eq!(
        gate.project("GET", "/available-zones", Value::Null).body["available_zones"][0]["code"],
        "local-1a"
    );
    assert_eq!(gate.get("/restriction").status, 200);
}

#[test]
fn tags_and_endpoints() {
    let gate = Gate::new();
    let tags = |action: &str, tags: Value| {
        gate.post("/instance-tags/action", json!({"action": action, "tags": tags}))
    };
    assert_eq!(tags("create", json!([{"key": "team", "value": "pay"}, {"key": "tier"}])).status, 204);
    assert_eq!(tags("create", json!([{"key": "team", "value": "shop"}])).status, 204);
    assert_eq!(gate.get("/instance-tags").body["tags"][0], json!({"key": "team", "value": "shop"}));
    assert_eq!(gate.project("GET", "/instance-tags", Value::Null).body["tags"][0]["values"], json!(["shop"]));
    let many: Vec<Value> = (0..19).map(|n| json!({"key": format!("key_{n}"), "value": ""})).collect();
    assert_eq!(tags("create", json!(many)).code(), "APIC.7402");
    assert_eq!(gate.get("/instance-tags").body["tags"].as_array().unwrap().len(), 2);
    assert_eq!(tags("delete", json!([{"key": "team"}])).status, 204);
    assert_eq!(tags("create", json!([{"value": "x"}])).code(), "APIC.7211");
    let who = "iam:domain::7cc2018e40394f7c9692f1713e76234d";
    let call = |verb: &str, who: &str| {
        gate.post(&format!("/vpc-endpoint/permissions/batch-{verb}"), json!({"permissions": [who]}))
    };
    assert_eq!(call("add", who).body["permissions"], json!([who]));
    assert_eq!(call("add", who).status, 200);
    assert_eq!(call("add", "anybody").code(), "APIC.7211");
    assert_eq!(gate.get("/vpc-endpoint/permissions").body["total"], 1);
    assert_eq!(call("delete", who).status, 200);
    assert_eq!(gate.get("/vpc-endpoint/permissions").body["total"], 0);
    assert_eq!(gate.get("/vpc-endpoint/connections").body["total"], 0);
    let action = json!({"action": "receive", "endpoints": [NOBODY]});
    assert_eq!(gate.post("/vpc-endpoint/connections/action", action).status, 400);
}

#[test]
fn nothing_was_measured() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let id = gate.api(&group, "api_1", "/one");
    let seen = gate.get(&format!("/statistics/api/latest?api_id={id}&duration=1h")).body;
    assert_eq!(seen["end_time"].as_i64().unwrap() - seen["start_time"].as_i64().unwrap(), 3540);
    assert_eq!(seen["list"], json!([]));
    assert_eq!(gate.get(&format!("/statistics/api/latest?api_id={id}&duration=long")).status, 400);
    assert_eq!(gate.get(&format!("/statistics/group/latest?group_id={group}")).body["list"], json!([]));
    assert_eq!(gate.get(&format!("/statistics/group/latest?group_id={NOBODY}")).code(), "APIG.3001");
    let metric = "/metric-data?dim=inbound_eip&metric_name=up_stream&period=300&filter=max";
    assert_eq!(gate.get(&format!("{metric}&from=1&to=2")).body["datapoints"], json!([]));
    assert_eq!(gate.get(&format!("{metric}&from=3&to=2")).status, 400);
}

fn ask(engine: &Engine, method: &str, path: &str, token: &str, body: &Value) -> (u16, Option<String>, Value) {
    let request = Request::builder().method(method).uri(path).header("x-auth-token", token);
    let response = engine.handle(request.body(Bytes::from(body.to_string())).unwrap(), Access::Signed);
    let token = response.headers().get("x-subject-token").map(|token| token.to_str().unwrap().to_owned());
    let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
    (response.status().as_u16(), token, body)
}

#[test]
fn tokens_projects_and_domains() {
    let gate = Gate::with(Options { ..options() });
    let login = |secret: &str| {
        let user = json!({"name": "ACCESS", "password": secret, "domain": {"name": "ACCESS"}});
        let body = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "local-1"}}}});
        ask(&gate.engine, "POST", "/v3/auth/tokens", "", &body)
    };
    assert_eq!(login("wrong").0, 401);
    let (status, token, body) = login("SECRET");
    assert_eq!((status, &body["token"]["project"]["id"]), (201, &json!(gate.engine.project_id())));
    let token = token.unwrap();
    let groups = format!("{}/api-groups", gate.root());
    assert_eq!(ask(&gate.engine, "GET", &groups, &token, &Value::Null).0, 200);
    assert_eq!(ask(&gate.engine, "GET", &groups, &format!("f{token}"), &Value::Null).0, 401);
    let (status, _, body) = ask(&gate.engine, "GET", "/v3/projects?name=local-1", &token, &Value::Null);
    assert_eq!((status, &body["projects"][0]["id"]), (200, &json!(gate.engine.project_id())));
    assert_eq!(
        ask(&gate.engine, "GET", "/v3/projects?name=elsewhere", &token, &Value::Null).2["projects"],
        json!([])
    );
    assert_eq!(
        ask(&gate.engine, "GET", "/v3/auth/domains", &token, &Value::Null).2["domains"][0]["name"],
        "ACCESS"
    );
    assert_eq!(ask(&gate.engine, "GET", "/v3/auth/domains", "", &Value::Null).0, 401);
    assert_eq!(ask(&gate.engine, "POST", "/v3/auth/tokens", "", &json!({})).0, 400);
    assert_eq!(ask(&gate.engine, "GET", "/v3/nothing", &token, &Value::Null).0, 404);
}
