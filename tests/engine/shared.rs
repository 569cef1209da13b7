//! The shared gateway's API V1.0: its two pages to the letter, its decisions, and that it shares the engine with V2 and nothing
//! else. That every operation checks its request and shows what is documented is tried in `refusals` and `answers`.

use std::sync::Arc;

use apigctl::engine::{Engine, Options, SHARED_GATEWAY, SnapshotFile};
use serde_json::{Value, json};

use crate::engine::requests::{Case, operations, ready, shared_operations, slots};
use crate::engine::support::{Gate, NOBODY, RELEASE, api, operation, options, throttle};
use crate::engine::world::World;

/// The share of the first project, over an engine.
fn share(gate: &Gate) -> Gate {
    gate.beside(&gate.project_id, SHARED_GATEWAY)
}

fn with_quotas(quotas: &[(&str, &str)]) -> Gate {
    share(&Gate::quotas(quotas))
}

/// The names in a list.
fn names(answer: &Value, list: &str, member: &str) -> Vec<String> {
    let all = answer[list].as_array().unwrap().iter();
    all.map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_group_as_its_two_pages_say() {
    let gate = share(&Gate::new());
    let made = gate.post("/api-groups", json!({"name": "api_group_001", "remark": "API group 1"}));
    let id = made.body["id"].as_str().unwrap().to_owned();
    let domains = json!([format!("{id}.apigw.local-1.internal"), format!("{id}.apigw.local-1.test")]);
    let wanted = json!({
        "id": id, "name": "api_group_001", "status": 1, "sl_domain": domains[0], "sl_domains": domains,
        "register_time": "2026-01-01T00:00:01.000000123Z", "update_time": "2026-01-01T00:00:01.000000123Z",
        "remark": "API group 1", "on_sell_status": 2, "url_domains": [], "is_default": 2,
    });
    assert_eq!((made.status, &made.body), (201, &wanted));
    let path = format!("/api-groups/{id}");
    let mut wanted = wanted;
    for name in ["register_time", "update_time"] {
        wanted[name] = json!("2026-01-01T00:00:01Z");
    }
    wanted.as_object_mut().unwrap().shift_remove("is_default");
    assert_eq!(gate.get(&path).body, wanted, "a creation is read to the second");
    let changed = gate.put(&path, json!({"name": "api_group_001"}));
    assert_eq!(changed.body["update_time"], "2026-01-01T00:00:03.000000369Z");
    assert_eq!(changed.body["register_time"], "2026-01-01T00:00:01Z");
    assert_eq!(changed.body.get("remark"), None, "what is not sent returns to its default");
    assert_eq!(gate.get(&path).body["update_time"], "2026-01-01T00:00:03Z", "a change, to the microsecond");
    let read = gate.get("/api-groups").body;
    assert_eq!(read["groups"][0]["update_time"], "2026-01-01T00:00:03Z");
}

#[test]
fn changes_are_read_to_the_microsecond() {
    let mut options = options();
    options.clock = apigctl::engine::time::Clock::stepping(1_767_225_600_123_456_789, 1_000_000_000);
    let gate = share(&Gate::with(options));
    let id = gate.group("group_1");
    gate.put(&format!("/api-groups/{id}"), json!({"name": "group_2"}));
    let shown = gate.get(&format!("/api-groups/{id}")).body;
    assert_eq!(shown["update_time"], "2026-01-01T00:00:02.123456Z");
    assert_eq!(shown["register_time"], "2026-01-01T00:00:01Z");
}

#[test]
fn limits_are_those_of_the_configuration() {
    let gate = with_quotas(&[("APIGROUP_NUM_LIMIT", "1"), ("API_NUM_LIMIT", "1")]);
    let shown = gate.get("/config/project?config_name=APIGROUP_NUM_LIMIT").body;
    assert_eq!(shown["configs"][0]["config_value"], "1");
    let group = gate.group("group_1");
    let refused = gate.post("/api-groups", json!({"name": "group_2"}));
    assert_eq!((refused.status, refused.code()), (403, "APIG.3101"));
    assert_eq!(refused.body["error_msg"], "The number of API groups exceeds the maximum allowed limit.");
    gate.api(&group, "api_1", "/one");
    assert_eq!(gate.post("/apis", api(&group, "api_2", "/two")).code(), "APIG.3102");
    let plain = share(&Gate::new()).get("/config/project?config_id=1").body;
    assert_eq!(plain["configs"][0]["config_value"], "300", "the number of the document");
}

#[test]
fn pages_begin_with_the_newest() {
    let gate = share(&Gate::new());
    let group = gate.group("group_1");
    for n in 0..25 {
        gate.api(&group, &format!("api_{n:02}"), &format!("/{n}"));
    }
    let page = |query: &str| gate.get(&format!("/apis{query}")).body;
    let first = page("");
    assert_eq!((&first["total"], &first["size"]), (&json!(25), &json!(20)));
    assert_eq!(names(&first, "apis", "name")[0], "api_24");
    let second = page("?page_no=2");
    assert_eq!((second["size"].clone(), names(&second, "apis", "name")[4].as_str()), (json!(5), "api_00"));
    assert_eq!(names(&page("?page_no=3&page_size=2"), "apis", "name"), ["api_20", "api_19"]);
    assert_eq!(page("?page_size=0")["size"], 25, "all of them, says the page of this call");
    assert_eq!(page("?page_size=0&page_no=7")["size"], 25);
    assert_eq!(page("?page_no=9")["size"], 0);
    assert_eq!(page("?page_no=-1&page_size=9999")["size"], 25, "out of range, corrected");
    assert_eq!(gate.get("/api-groups?page_size=0").body["size"], 1, "only there");
    let envs = gate.get("/envs?page_size=1").body;
    assert_eq!((&envs["size"], &envs["total"]), (&json!(1), &json!(1)));
}

#[test]
fn versions_from_the_first_to_none() {
    let gate = share(&Gate::new());
    let group = gate.group("group_1");
    let id = gate.api(&group, "api_1", "/one");
    let publish = |remark: &str| {
        let done = gate.post(&format!("/apis/publish/{id}"), json!({"env_id": RELEASE, "remark": remark}));
        assert_eq!(done.status, 201, "{}", done.body);
        done.body["version_id"].as_str().unwrap().to_owned()
    };
    let first = publish("first");
    let mut body = api(&group, "api_1", "/two");
    body["remark"] = json!("changed");
    assert_eq!(gate.put(&format!("/apis/{id}"), body).status, 200);
    let runtime = |name: &str| gate.get(&format!("/apis/runtime/{id}?env_id={RELEASE}")).body[name].clone();
    assert_eq!(runtime("req_uri"), "/one", "the draft is not what runs");
    let second = publish("second");
    assert_eq!(runtime("req_uri"), "/two");
    let history = gate.get(&format!("/apis/publish/{id}?env_id={RELEASE}"));
    assert_eq!(
        (history.status, names(&history.body, "api_versions", "remark")),
        (201, vec!["second".to_owned(), "first".to_owned()])
    );
    assert_eq!(gate.get(&format!("/apis/versions/{first}")).body["req_uri"], "/one");
    assert_eq!(gate.delete(&format!("/apis/versions/{first}")).code(), "APIG.3015", "it does not run");
    assert_eq!(gate.delete(&format!("/apis/versions/{second}")).status, 204);
    assert_eq!(gate.get(&format!("/apis/runtime/{id}?env_id={RELEASE}")).code(), "APIG.3015");
    assert_eq!(gate.delete(&format!("/apis/{id}")).status, 204);
}

#[test]
fn the_tables_sentences() {
    let gate = share(&Gate::new());
    let text = |answer: crate::engine::support::Answer| answer.body["error_msg"].as_str().unwrap().to_owned();
    assert_eq!(text(gate.get(&format!("/apps/{NOBODY}"))), "The app does not exist.");
    assert_eq!(text(gate.delete(&format!("/vpc-channels/{NOBODY}"))), "The VPC channel does not exist.");
    assert_eq!(
        text(gate.post("/envs", json!({}))),
        "The request parameters must be specified. parameterName:name"
    );
    let group = gate.group("group_1");
    let mut body = api(&group, "api_1", "/one");
    body["backend_api"]["vpc_status"] = json!(1);
    assert_eq!(
        text(gate.post("/apis", body)),
        "The request parameters must be specified. parameterName:vpc_id",
        "the handlers call it otherwise"
    );
    let exception = json!({"strategy_id": gate.throttle("gold"), "instance_type": "APP", "instance_id": NOBODY, "call_limits": 1});
    assert_eq!(gate.post("/throttle-specials", exception).code(), "APIG.3004");
}

#[test]
fn words_of_the_examples_in_small_letters() {
    let gate = share(&Gate::new());
    let group = gate.group("group_1");
    let example = json!({
        "auth_type": "app", "auth_opt": {"app_code_auth_type": "HEADER"},
        "backend_api": {"req_method": "get", "req_protocol": "http", "req_uri": "/test", "timeout": 1000,
            "url_domain": "xxxxxxxxxxx"},
        "backend_params": [{"location": "query", "name": "project_id", "origin": "request", "value": "project_id"}],
        "backend_type": "http", "group_id": group, "name": "test", "req_method": "get",
        "req_params": [{"location": "path", "name": "project_id", "required": 1, "type": "string"}],
        "req_uri": "/test/{project_id}", "tags": ["APIG-SN-test", "test"], "type": 1,
        "result_normal_sample": "hello world!",
    });
    let made = gate.post("/apis", example).body;
    let shown = json!([
        made["auth_type"],
        made["backend_type"],
        made["req_method"],
        made["req_protocol"],
        made["match_mode"],
        made["backend_api"]["req_protocol"],
        made["backend_params"][0]["origin"],
        made["req_params"][0]["type"],
        made["backend_api"]["vpc_status"],
        made["version"]
    ]);
    assert_eq!(
        shown,
        json!(["APP", "HTTP", "GET", "HTTPS", "NORMAL", "HTTP", "REQUEST", "STRING", 2, "V0.0.1"])
    );
}

#[test]
fn an_import_that_changes_nothing_but_the_names() {
    let gate = share(&Gate::new());
    let group = gate.group("group_1");
    let channel = gate.make(
        "/vpc-channels",
        json!({"name": "channel_1", "type": 2, "port": 80, "vpc_health_config": {"protocol": "tcp",
            "threshold_normal": 2, "threshold_abnormal": 2, "time_out": 2, "time_interval": 5}}),
    );
    let mut body = api(&group, "api_1", "/one/{id}");
    body["req_params"] = json!([{"name": "id", "location": "PATH", "type": "STRING", "required": 1}]);
    body["backend_params"] = json!([{"name": "id", "location": "QUERY", "origin": "REQUEST", "value": "id"}]);
    body["policy_https"] = json!([{"name": "through", "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/",
        "vpc_status": 1, "vpc_info": {"vpc_id": channel, "vpc_proxy_host": "proxy"}, "effect_mode": "ANY",
        "conditions": [{"condition_origin": "param", "condition_type": "enum", "condition_value": "a",
            "req_param_name": "id"}]}]);
    let id = gate.make("/apis", body);
    gate.post(&format!("/apis/publish/{id}"), json!({"env_id": RELEASE}));
    let export =
        || gate.get(&format!("/openapi?group_id={group}&env_id={RELEASE}&define=full&version=1")).body;
    let document = export();
    let backend = &document["paths"]["/one/{id}"]["get"];
    assert_eq!(backend["x-apigateway-backend"]["parameters"][0]["in"], "QUERY");
    let policy = &backend["x-apigateway-backend-policies"][0];
    assert_eq!(policy["httpVpcEndpoints"]["host"], "proxy");
    let condition = json!({"origin": "param", "type": "enum", "value": "a", "parameter": "id"});
    for (name, value) in condition.as_object().unwrap() {
        assert_eq!(policy["conditions"][0][name], *value, "{policy}");
    }
    let done = gate.put(&format!("/openapi?group_id={group}&mode=override"), document.clone()).body;
    assert_eq!((&done["failure"], &done["success"][0]["action"]), (&json!([]), &json!("update")));
    gate.post(&format!("/apis/publish/{id}"), json!({"env_id": RELEASE}));
    assert_eq!(export(), document);
    let other = gate.group("group_2");
    let far = gate.api(&other, "api_2", "/two");
    let several = gate.send(
        "POST",
        &format!("/openapi/apis?env_id={RELEASE}"),
        json!([id, far]).to_string().as_bytes(),
    );
    assert_eq!(several.code(), "APIG.2011", "a document has one host");
}

#[test]
fn an_app_for_an_api_without_apps_refuses_the_whole_call() {
    let world = World::shared();
    let before = world.gate.engine.rows();
    let body = json!({"env_id": RELEASE, "app_ids": [world.id("free_app_id")],
        "api_ids": [world.id("api_id"), world.id("free_api_id")]});
    let refused = world.gate.post("/app-auths", body);
    assert_eq!((refused.status, refused.code()), (400, "APIG.2011"));
    assert_eq!(world.gate.engine.rows(), before);
}

#[test]
fn certificates_stay_on_their_side() {
    let world = World::shared();
    let (here, engine) = (&world.gate, Arc::clone(&world.gate.engine));
    let there = Gate::over(engine);
    let listed = there.project("GET", "/certificates?instance_id=shared", Value::Null).body;
    assert_eq!(listed["total"], 0);
    let path = format!("/certificates/{}", world.id("certificate_id"));
    assert_eq!(there.project("GET", &path, Value::Null).code(), "APIG.3021");
    assert_eq!(there.project("DELETE", &path, Value::Null).code(), "APIG.3021");
    let body = |kind: &str, instance: &str| {
        json!({"name": "first", "type": kind, "instance_id": instance,
        "cert_content": include_str!("certificates/leaf.pem"), "private_key": include_str!("certificates/leaf.key")})
    };
    let refused = there.project("POST", "/certificates", body("instance", SHARED_GATEWAY));
    assert_eq!(refused.code(), "APIG.3030");
    let made = there.project("POST", "/certificates", body("global", ""));
    assert_eq!(made.status, 200, "the name is free on that side: {}", made.body);
    let domains = format!("/api-groups/{}/domains", world.id("group_id"));
    let theirs =
        format!("{domains}/{}/certificate/{}", world.id("domain_id"), made.body["id"].as_str().unwrap());
    assert_eq!(here.get(&theirs).code(), "APIG.3021");
    let shared = |gate: &Gate| gate.dump()["certificates"].as_array().unwrap().len();
    assert_eq!((shared(here), shared(&there)), (1, 1), "each sees its own");
    let own = format!("{domains}/{}/certificate/{}", world.id("domain_id"), world.id("certificate_id"));
    assert_eq!(here.get(&own).body["san"].as_array().map(Vec::is_empty), Some(false));
    assert_eq!(here.delete(&own).status, 204);
    assert_eq!((shared(here), shared(&there)), (0, 1), "and goes with its last domain");
}

/// A certificate is a part of its domain name: another takes its place, two may be called alike, and it goes along.
#[test]
fn a_certificate_is_a_part_of_its_domain_name() {
    let world = World::shared();
    let gate = &world.gate;
    let domains = format!("/api-groups/{}/domains", world.id("group_id"));
    let leaf = (include_str!("certificates/leaf.pem"), include_str!("certificates/leaf.key"));
    let rsa = (include_str!("certificates/rsa.pem"), include_str!("certificates/rsa.key"));
    let set = |domain: &str, (content, key): (&str, &str)| {
        let body = json!({"name": "first", "cert_content": content, "private_key": key});
        gate.post(&format!("{domains}/{domain}/certificate"), body)
    };
    let held = || gate.dump()["certificates"].as_array().unwrap().len();
    let (pay, shop) = (world.id("domain_id"), world.id("free_domain_id"));
    let other = set(shop, leaf);
    assert_eq!((other.status, held()), (201, 2), "a name is no more than a label: {}", other.body);
    let new = set(pay, rsa);
    assert_eq!((new.status, held()), (201, 2), "the one before is gone: {}", new.body);
    let shown = |id: &str| gate.get(&format!("{domains}/{pay}/certificate/{id}"));
    assert_eq!(shown(new.body["ssl_id"].as_str().unwrap()).body["common_name"], "rsa.example.com");
    assert_eq!(shown(world.id("certificate_id")).code(), "APIG.3021");
    let before = gate.engine.rows();
    assert_eq!(set(shop, rsa).code(), "APIG.2103", "it is for another domain");
    assert_eq!(gate.engine.rows(), before, "what is refused leaves the one before");
    assert_eq!((gate.delete(&format!("{domains}/{pay}")).status, held()), (204, 1));
}

#[test]
fn no_operation_of_v2_reaches_the_shared_gateway() {
    let world = World::shared();
    let before = world.gate.engine.rows();
    let mut tried = 0;
    for operation in operations().filter(|it| it["p"].as_str().unwrap().contains("{instance_id}")) {
        let case = Case::with(operation, &mut |name| match name {
            "instance_id" | "small_instance_id" => SHARED_GATEWAY.to_owned(),
            "project_id" => world.gate.project_id.clone(),
            other => world.ids.get(other).cloned().unwrap_or_else(|| NOBODY.to_owned()),
        });
        let answer = world.gate.ask(case.request(), apigctl::engine::Access::Trusted);
        let above = operation["auth"].as_str().unwrap().starts_with("APIC");
        let code = if above { "APIC.7302" } else { "APIG.3030" };
        assert_eq!((answer.status, answer.code()), (404, code), "{}: {}", operation["s"], answer.body);
        tried += 1;
    }
    assert!(tried > 150, "{tried}");
    assert_eq!(world.gate.engine.rows(), before);
    let there = Gate::over(Arc::clone(&world.gate.engine));
    let listed = there.project("GET", "/instances", Value::Null).body;
    assert_eq!(names(&listed, "instances", "id"), [there.instance_id.as_str()]);
}

#[test]
fn ids_of_the_dedicated_gateway_are_unknown_to_the_shared_one() {
    let (mut tried, mut wrong) = (0, Vec::new());
    let common = ["project_id", "release_id", "leaf_certificate", "leaf_key", "openapi", "app_code"];
    for operation in shared_operations() {
        let home = ready(operation);
        let engine = Arc::clone(&home.gate.engine);
        let other = World::furnish(Gate::over(engine), "one");
        let before = home.gate.engine.rows();
        for (nth, name) in slots(operation).iter().enumerate() {
            let Some(id) = other.ids.get(name).filter(|_| !common.contains(&name.as_str())) else { continue };
            let with = |wanted: &str| {
                let mut count = 0;
                let case = Case::with(operation, &mut |name| {
                    count += 1;
                    if count == nth + 1 { wanted.to_owned() } else { home.id(name).to_owned() }
                });
                let answer = case.send(&home);
                (answer.status, answer.body.to_string().replace(wanted, "ID"))
            };
            tried += 1;
            let (nobody, theirs) = (with(NOBODY), with(id));
            if nobody != theirs {
                wrong.push(format!("{} {name}: {theirs:?}, but nobody's {nobody:?}", operation["s"]));
            }
        }
        if home.gate.engine.rows() != before {
            wrong.push(format!("{}: something changed", operation["s"]));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 100, "{tried}");
}

#[test]
fn every_project_has_a_share_of_its_own() {
    let first = Gate::new();
    let (project, gateway) = ("1123456789abcdef0123456789abcdef", "1edcba9876543210fedcba9876543210");
    first.engine.load(project, gateway, apigctl::engine::Snapshot::default()).unwrap();
    let (one, two) = (share(&first), first.beside(project, SHARED_GATEWAY));
    let before = first.engine.rows();
    assert_eq!(
        names(&two.get("/envs").body, "envs", "id"),
        [RELEASE],
        "though nothing was written there yet"
    );
    assert_eq!(two.post("/api-groups", json!({"name": "x"})).code(), "APIG.2011");
    assert_eq!(first.engine.rows(), before, "neither a read nor a refusal makes it");
    one.group("group_1");
    two.group("group_1");
    let group = two.group("group_2");
    assert_eq!(one.get("/api-groups").body["total"], 1);
    assert_eq!(two.get("/api-groups").body["total"], 2);
    assert_eq!(one.get(&format!("/api-groups/{group}")).code(), "APIG.3001");
    let nobody = first.beside(NOBODY, SHARED_GATEWAY).get("/envs");
    assert_eq!((nobody.status, nobody.code()), (401, "APIG.1005"));
    let unnamed = first.send_to("GET", "/v1.0/apigw/api-groups", b"");
    assert_eq!(unnamed.body["total"], 1, "the first project, where none is named");
}

#[test]
fn a_snapshot_of_the_share_is_the_share() {
    let world = World::shared();
    let taken = world.gate.engine.dump(&world.gate.project_id, SHARED_GATEWAY).unwrap();
    let file = SnapshotFile {
        project_id: world.gate.project_id.clone(),
        instance_id: SHARED_GATEWAY.to_owned(),
        holds: taken.clone(),
        ..SnapshotFile::default()
    };
    let file = SnapshotFile::parse(file.text().unwrap().as_bytes()).unwrap();
    let again = share(&Gate::with(file.options(options())));
    again.engine.load(&again.project_id, SHARED_GATEWAY, file.holds).unwrap();
    assert_eq!(again.dump(), serde_json::to_value(&taken).unwrap());
    let (mut tried, mut wrong) = (0, Vec::new());
    for operation in shared_operations().filter(|operation| operation["m"] == "GET") {
        let case = Case::of(&world, operation);
        let copy = World { gate: share(&again), ids: world.ids.clone() };
        let (here, there) = (case.send(&world), case.send(&copy));
        tried += 1;
        // Versions that run no more are in no list, and the time of a change is read from lists that show it.
        let fits = here.status == there.status && size(&here.body) == size(&there.body);
        if !fits {
            wrong.push(format!("{}: {} and {}", operation["s"], here.body, there.body));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 40, "{tried}");
    let made = again.post(&format!("/apis/publish/{}", world.id("free_api_id")), json!({"env_id": RELEASE}));
    assert_eq!(made.status, 201, "it can be worked with: {}", made.body);
}

/// How much there is: a list by its count, anything else by its members.
fn size(body: &Value) -> Vec<String> {
    match body {
        Value::Object(members) if members.contains_key("total") => vec![body["total"].to_string()],
        Value::Object(members) => members.keys().cloned().collect(),
        other => vec![other.to_string()],
    }
}

#[test]
fn the_share_is_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let open = || share(&Gate::over(Arc::new(Engine::open(&dir.path().join("data"), options()).unwrap())));
    let gate = open();
    let group = gate.group("group_1");
    let id = gate.api(&group, "api_1", "/one");
    gate.post(&format!("/apis/publish/{id}"), json!({"env_id": RELEASE}));
    gate.make("/throttles", throttle("gold"));
    let before = gate.dump();
    drop(gate);
    let gate = open();
    assert_eq!(gate.dump(), before);
    assert_eq!(gate.post("/api-groups", json!({"name": "group_1"})).code(), "APIG.3201");
    let there = Gate::over(Arc::clone(&gate.engine));
    assert_eq!(there.get("/api-groups").body["total"], 0);
}

#[test]
fn an_engine_for_the_shared_gateway_alone() {
    let gate = Gate::with(Options { instance_id: SHARED_GATEWAY.to_owned(), ..options() });
    assert_eq!(gate.root(), "/v1.0/apigw");
    gate.group("group_1");
    let uri = format!("/v2/{}/apigw/instances/{SHARED_GATEWAY}/api-groups", gate.project_id);
    assert_eq!(gate.send_to("GET", &uri, b"").code(), "APIG.3030");
    let listed = gate.project("GET", "/instances", Value::Null).body;
    assert_eq!(listed["total"], 0);
}

#[test]
fn what_v2_cannot_filter_v1_can() {
    let gate = share(&Gate::new());
    let group = gate.group("group_1");
    for (name, tags) in [("api_1", json!(["a", "b"])), ("api_2", json!(["b"])), ("api_3", json!([]))] {
        let mut body = api(&group, name, &format!("/{name}"));
        body["tags"] = tags;
        gate.make("/apis", body);
    }
    let found = |query: &str| names(&gate.get(&format!("/apis?{query}")).body, "apis", "name");
    assert_eq!(found("tags=b"), ["api_2", "api_1"]);
    assert_eq!(found("tags=b,a"), ["api_1"]);
    assert_eq!(found("status=1&name=api_3"), ["api_3"]);
    assert_eq!(found("status=2"), Vec::<String>::new());
    assert_eq!(operation("ViewAPIlist")["q"].as_array().unwrap().len(), 14);
}
