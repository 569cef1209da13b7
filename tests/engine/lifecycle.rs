//! Objects from their making to their end.

use serde_json::{Value, json};

use crate::engine::support::{Gate, NOBODY, RELEASE, api, throttle};

#[test]
fn group() {
    let gate = Gate::new();
    let made = gate.post("/api-groups", json!({"name": "group_1", "remark": "one"}));
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(made.body["sl_domain"], format!("{id}.apic.local-1.internal"));
    assert_eq!(made.body["is_default"], 2);
    // The answer to a write shows nanoseconds, a read shows seconds.
    assert_eq!(made.body["update_time"], "2026-01-01T00:00:01.000000123Z");
    let path = format!("/api-groups/{id}");
    assert_eq!(gate.get(&path).body["update_time"], "2026-01-01T00:00:01Z");
    let changed = gate.put(&path, json!({"name": "group_2"}));
    assert_eq!((changed.status, changed.body.get("remark")), (200, None));
    assert_eq!(changed.body["register_time"], "2026-01-01T00:00:01Z");
    assert_eq!(gate.get("/api-groups?name=roup").body["total"], 1);
    assert_eq!(gate.get("/api-groups?name=roup&precise_search=name").body["total"], 0);
    assert_eq!(gate.get(&format!("/api-groups?id={id}")).body["groups"][0]["name"], "group_2");
    assert_eq!(gate.post("/api-groups", json!({"name": "group_2"})).code(), "APIG.3201");
    assert_eq!(gate.post("/api-groups/check", json!({"group_name": "group_2"})).code(), "APIG.3201");
    assert_eq!(gate.post("/api-groups/check", json!({"group_name": "group_3"})).status, 204);
    let closed =
        gate.put(&format!("{path}/sl-domain-access-settings"), json!({"sl_domain_access_enabled": false}));
    assert_eq!(closed.status, 204);
    assert_eq!(gate.get(&path).body["sl_domain_access_enabled"], false);
    assert_eq!(gate.delete(&path).status, 204);
    assert_eq!(gate.get(&path).code(), "APIG.3001");
}

#[test]
fn pages_are_corrected_not_refused() {
    let gate = Gate::new();
    for index in 0..25 {
        gate.group(&format!("group_{index:02}"));
    }
    let size = |query: &str| gate.get(&format!("/api-groups{query}")).body["size"].as_i64().unwrap();
    assert_eq!(size(""), 20);
    assert_eq!(size("?limit=0"), 20);
    assert_eq!(size("?limit=-3"), 20);
    assert_eq!(size("?limit=501"), 25);
    assert_eq!(size("?limit=500&offset=20"), 5);
    assert_eq!(size("?offset=-1&limit=7"), 7);
    assert_eq!(size("?offset=100"), 0);
    assert_eq!(gate.get("/api-groups?offset=100").body["total"], 25);
    assert_eq!(gate.get("/api-groups?limit=x").status, 400);
    assert_eq!(gate.get("/api-groups?offset=24").body["groups"][0]["name"], "group_24");
}

#[test]
fn throttle_with_specials_and_bindings() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let one = gate.api(&group, "api_1", "/one");
    let publish = gate.publish(&one, RELEASE);
    let gold = gate.throttle("gold");
    let app = gate.make("/apps", json!({"name": "app_1"}));
    let specials = format!("/throttles/{gold}/throttle-specials");
    let special = gate.post(&specials, json!({"call_limits": 50, "object_type": "APP", "object_id": app}));
    assert_eq!(special.body["object_name"], "app_1");
    let id = special.body["id"].as_str().unwrap();
    assert_eq!(gate.put(&format!("{specials}/{id}"), json!({"call_limits": 100})).body["call_limits"], 100);
    assert_eq!(gate.put(&format!("{specials}/{id}"), json!({"call_limits": 101})).code(), "APIG.2003");
    let user = json!({"call_limits": 50, "object_type": "USER", "object_id": "an-account"});
    assert_eq!(gate.post(&specials, user.clone()).status, 201);
    assert_eq!(gate.post(&specials, user).code(), "APIG.3308");
    assert_eq!(gate.get(&format!("{specials}?object_type=USER")).body["total"], 1);
    let binding = gate.bind(&gold, &publish);
    let shown = gate.get(&format!("/throttles/{gold}")).body;
    assert_eq!((&shown["bind_num"], &shown["is_inclu_special_throttle"]), (&json!(1), &json!(1)));
    let bound = gate.get(&format!("/throttle-bindings/binded-apis?throttle_id={gold}")).body;
    assert_eq!(bound["apis"][0]["throttle_apply_id"], json!(binding));
    let of_api = gate.get(&format!("/throttle-bindings/binded-throttles?api_id={one}")).body;
    assert_eq!(of_api["throttles"][0]["bind_id"], json!(binding));
    // 3.4.3: deleting a bound throttle is not refused, its bindings go.
    assert_eq!(gate.delete(&format!("/throttles/{gold}")).status, 204);
    assert_eq!(gate.get(&format!("/throttle-bindings/binded-throttles?api_id={one}")).body["total"], 0);
    assert_eq!(gate.delete(&format!("/throttle-bindings/{binding}")).code(), "APIG.3012");
    assert_eq!(gate.get(&specials).code(), "APIG.3005");
}

#[test]
fn throttle_limits_are_ordered() {
    let gate = Gate::new();
    let with = |user: i64, app: i64, ip: i64| {
        let mut body = throttle("gold");
        body["user_call_limits"] = json!(user);
        body["app_call_limits"] = json!(app);
        body["ip_call_limits"] = json!(ip);
        gate.post("/throttles", body)
    };
    for (user, app, ip) in [(101, 1, 1), (50, 51, 1), (50, 50, 101)] {
        assert_eq!(with(user, app, ip).code(), "APIG.2003");
    }
    assert_eq!(with(100, 100, 100).status, 201);
}

#[test]
fn api_with_everything() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let urn = "urn:fss:local-1:p:function:default:check";
    let authorizer = gate.make(
        "/authorizers",
        json!({"name": "auth_1", "type": "FRONTEND", "authorizer_type": "FUNC", "authorizer_uri": urn}),
    );
    let channel = gate.make(
        "/vpc-channels",
        json!({"name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip",
            "members": [{"host": "10.0.0.1"}, {"host": "10.0.0.1"}, {"host": "10.0.0.2", "weight": 3}],
            "vpc_health_config": {"protocol": "http", "path": "/", "http_code": "200", "threshold_normal": 2,
                "threshold_abnormal": 5, "time_interval": 10, "timeout": 5}}),
    );
    let mut body = api(&group, "api_1", "/pay/{account}");
    body["auth_type"] = json!("AUTHORIZER");
    body["authorizer_id"] = json!(authorizer);
    body["req_params"] = json!([{"name": "account", "type": "STRING", "location": "PATH"},
        {"name": "color", "type": "STRING", "location": "QUERY", "enumerations": "red,blue"}]);
    body["backend_params"] = json!([{"origin": "REQUEST", "name": "id", "location": "PATH", "value": "account"},
        {"origin": "SYSTEM", "name": "who", "location": "HEADER", "value": "$context.authorizer.frontend.user"}]);
    body["backend_api"] = json!({"req_protocol": "HTTP", "req_method": "GET", "req_uri": "/v1/{id}", "timeout": 60000,
        "vpc_channel_status": 1, "vpc_channel_info": {"vpc_channel_id": channel, "vpc_channel_proxy_host": "a.b"}});
    body["policy_mocks"] = json!([{"name": "mock", "effect_mode": "ANY", "result_content": "x",
        "conditions": [{"condition_origin": "param", "req_param_name": "color", "condition_type": "exact",
            "condition_value": "red"}, {"condition_origin": "source", "condition_value": "10.0.0.0/8"}]}]);
    let made = gate.post("/apis", body.clone()).body;
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["backend_api"]["url_domain"], json!(channel));
    assert_eq!(made["req_params"][0]["required"], 1);
    assert_eq!(made["req_params"][1]["required"], 2);
    assert_eq!(made["policy_mocks"][0]["conditions"][0]["req_param_id"], made["req_params"][1]["id"]);
    assert_eq!(made["policy_mocks"][0]["conditions"][0]["req_param_location"], "QUERY");
    assert_eq!(made["group_version"], "V1");
    let response = gate.get(&format!("/api-groups/{group}/gateway-responses")).body;
    assert_eq!(made["response_id"], response["responses"][0]["id"]);
    let mut read = gate.get(&format!("/apis/{id}")).body;
    let mut wrote = made.clone();
    for name in ["register_time", "update_time"] {
        assert!(read[name].as_str().unwrap().len() < wrote[name].as_str().unwrap().len());
        (read[name], wrote[name]) = (Value::Null, Value::Null);
    }
    assert_eq!(read, wrote);
    assert_eq!(gate.delete(&format!("/vpc-channels/{channel}")).code(), "APIG.3414");
    assert_eq!(gate.delete(&format!("/authorizers/{authorizer}")).status, 409);
    let listed = gate.get("/apis?vpc_channel_name=channel_1").body;
    assert_eq!(listed["total"], 1);
    assert_eq!(listed["apis"][0].get("backend_api"), None);
    assert_eq!(listed["apis"][0].get("req_params"), None);
    let shown = gate.get(&format!("/vpc-channels/{channel}")).body;
    assert_eq!(shown["members"].as_array().unwrap().len(), 2);
    assert_eq!(shown["members"][1]["ecs_id"], "10.0.0.2");
    assert_eq!(gate.get("/vpc-channels?member_host=10.0.0.2").body["vpc_channels"][0].get("members"), None);
}

#[test]
fn publications_and_versions() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let test = gate.env("TEST");
    let id = gate.api(&group, "api_1", "/one");
    let first = gate.publish(&id, RELEASE);
    gate.publish(&id, &test);
    let listed = gate.get("/apis").body["apis"][0].clone();
    assert_eq!(listed["run_env_name"], "RELEASE|TEST");
    assert_eq!(listed["run_env_id"], format!("{RELEASE}|{test}"));
    assert_eq!(listed["publish_time"].as_str().unwrap().split('|').count(), 2);
    assert_eq!(gate.get(&format!("/apis?env_id={test}")).body["total"], 1);
    assert_eq!(gate.put(&format!("/apis/{id}"), api(&group, "api_1", "/two")).status, 200);
    // What runs is what was published, until the next publishing.
    assert_eq!(gate.get(&format!("/apis/runtime/{id}")).body["req_uri"], "/one");
    assert_eq!(gate.publish(&id, RELEASE), first);
    let running = gate.get(&format!("/apis/runtime/{id}?env_id={RELEASE}")).body;
    assert_eq!((&running["req_uri"], &running["publish_id"]), (&json!("/two"), &json!(first)));
    let versions = gate.get(&format!("/apis/publish/{id}?env_name=RELEASE")).body;
    let version = |index: usize| versions["api_versions"][index]["version_id"].as_str().unwrap();
    assert_eq!((&versions["total"], &versions["api_versions"][0]["status"]), (&json!(2), &json!(1)));
    assert_eq!(gate.get(&format!("/apis/versions/{}", version(1))).body["req_uri"], "/one");
    assert_eq!(gate.delete(&format!("/apis/versions/{}", version(1))).code(), "APIG.3015");
    let switched = gate.put(&format!("/apis/publish/{id}"), json!({"version_id": version(1)}));
    assert_eq!((switched.status, &switched.body["publish_id"]), (200, &json!(first)));
    assert_eq!(gate.get(&format!("/apis/runtime/{id}")).body["req_uri"], "/one");
    assert_eq!(gate.delete(&format!("/apis/versions/{}", version(1))).status, 204);
    assert_eq!(gate.get(&format!("/apis/runtime/{id}")).code(), "APIG.3015");
    assert_eq!(gate.delete(&format!("/envs/{test}")).code(), "APIG.3418");
    assert_eq!(gate.delete(&format!("/apis/{id}")).status, 409);
    gate.offline(&id, &test);
    assert_eq!(gate.delete(&format!("/envs/{test}")).status, 204);
    assert_eq!(gate.delete(&format!("/apis/{id}")).status, 204);
    assert_eq!(gate.get(&format!("/apis/versions/{}", version(0))).code(), "APIG.3022");
}

#[test]
fn batch_publishing() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let ids: Vec<String> = (0..3).map(|n| gate.api(&group, &format!("api_{n}"), &format!("/{n}"))).collect();
    let online = |body: Value| gate.post("/apis/publish?action=online", body);
    let done = online(json!({"env_id": RELEASE, "apis": [ids[0], NOBODY, ids[0], ids[1]], "remark": "all"}));
    assert_eq!(done.status, 200);
    assert_eq!(done.body["success"].as_array().unwrap().len(), 2);
    assert_eq!(done.body["success"][1]["remark"], "all");
    assert_eq!(done.body["failure"][0]["error_code"], "APIG.3002");
    let many: Vec<&str> = std::iter::repeat_n(NOBODY, 1001).collect();
    assert_eq!(online(json!({"env_id": RELEASE, "apis": many})).status, 400);
    assert_eq!(online(json!({"env_id": RELEASE})).status, 400);
    assert_eq!(online(json!({"env_id": NOBODY, "apis": ids})).code(), "APIG.3003");
    let off = gate.post("/apis/publish?action=offline", json!({"env_id": RELEASE, "group_id": group}));
    assert_eq!(off.body["success"].as_array().unwrap().len(), 2);
    let again = gate.post("/apis/publish?action=offline", json!({"env_id": RELEASE, "apis": [ids[0]]}));
    assert_eq!(again.body["failure"][0]["error_code"], "APIG.3015");
    assert_eq!(
        gate.post("/apis/publish?action=up", json!({"env_id": RELEASE, "apis": ids})).code(),
        "APIG.2011"
    );
}

#[test]
fn signature_keys() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let id = gate.api(&group, "api_1", "/one");
    let publish = gate.publish(&id, RELEASE);
    let body = json!({"name": "sign_1", "sign_key": "signkeysignkey", "sign_secret": "signsecretsignsecret"});
    let made = gate.post("/signs", body.clone()).body;
    assert_eq!((&made["sign_type"], &made["sign_secret"]), (&json!("hmac"), &json!("sig*****ret")));
    let sign = made["id"].as_str().unwrap();
    let bound = gate.post("/sign-bindings", json!({"sign_id": sign, "publish_ids": [publish]})).body;
    assert_eq!(bound["bindings"][0]["sign_name"], "sign_1");
    assert_eq!(gate.get("/signs").body["signs"][0]["bind_num"], 1);
    let other =
        gate.make("/signs", json!({"name": "sign_2", "sign_type": "aes", "sign_algorithm": "aes-256-cfb"}));
    let free = gate.get(&format!("/sign-bindings/unbinded-apis?sign_id={other}")).body;
    assert_eq!(free["apis"][0]["signature_name"], "sign_1");
    assert_eq!(gate.delete(&format!("/signs/{sign}")).status, 204);
    assert_eq!(gate.get(&format!("/sign-bindings/binded-signs?api_id={id}")).body["total"], 0);
    for (kind, key, secret) in
        [("hmac", "short", "s"), ("basic", "1abc", "12345678"), ("aes", "fifteen-charact", "x")]
    {
        let refused = gate.post(
            "/signs",
            json!({"name": "bad", "sign_type": kind, "sign_key": key, "sign_secret": secret}),
        );
        assert_eq!(refused.status, 400, "{kind}");
    }
    assert_eq!(gate.post("/signs", json!({"name": "bad", "sign_type": "public_key"})).code(), "APIG.3548");
}

#[test]
fn applications_and_authorizations() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let mut body = api(&group, "api_1", "/one");
    body["auth_type"] = json!("APP");
    let id = gate.make("/apis", body);
    let app = gate.make("/apps", json!({"name": "app_1", "app_key": "my-own-key-1"}));
    assert_eq!(gate.post("/apps", json!({"name": "app_2", "app_key": "my-own-key-1"})).code(), "APIG.3310");
    let renamed = gate.put(&format!("/apps/{app}"), json!({"name": "app_3"}));
    assert_eq!((renamed.status, &renamed.body["app_key"]), (201, &json!("my-own-key-1")));
    let free = gate.get(&format!("/app-auths/unbinded-apis?app_id={app}&env_id={RELEASE}")).body;
    assert_eq!(free["apis"][0]["publish_id"], "");
    let auths = json!({"env_id": RELEASE, "app_ids": [app], "api_ids": [id]});
    let first = gate.post("/app-auths", auths.clone()).body;
    assert_eq!(first["auths"][0]["auth_result"]["status"], "SUCCESS");
    let again = gate.post("/app-auths", auths).body;
    assert_eq!(again["auths"][0]["auth_result"]["status"], "SKIPPED");
    assert_eq!(gate.get("/app-auths/binded-apps").body["total"], 1);
    assert_eq!(gate.get(&format!("/app-auths/binded-apis?app_id={app}&api_name=pi_")).body["total"], 1);
    assert_eq!(gate.get("/apps").body["apps"][0]["bind_num"], 1);
    assert_eq!(gate.get("/resources/outline/apps").body["authed_nums"], 1);
    let auth = first["auths"][0]["id"].as_str().unwrap();
    assert_eq!(gate.delete(&format!("/app-auths/{auth}")).status, 204);
    assert_eq!(gate.delete(&format!("/app-auths/{auth}")).code(), "APIG.3009");
    assert_eq!(gate.put(&format!("/apps/secret/{app}"), json!({})).status, 200);
    assert_eq!(gate.get(&format!("/apps/validation/{app}")).body["name"], "app_3");
    let codes = format!("/apps/{app}/app-codes");
    let code = gate.make(&codes, json!({"app_code": "x".repeat(64)}));
    assert_eq!(gate.post(&codes, json!({"app_code": "x".repeat(64)})).code(), "APIG.3309");
    assert_eq!(gate.put(&codes, json!({})).body["app_code"].as_str().map(str::len), Some(64));
    assert_eq!(gate.get(&codes).body["total"], 2);
    assert_eq!(gate.get(&format!("{codes}/{code}")).status, 201, "as the document has it");
    assert_eq!(gate.delete(&format!("{codes}/{code}")).status, 204);
    assert_eq!(gate.get(&format!("{codes}/{code}")).code(), "APIG.3082");
    assert_eq!(gate.delete(&format!("/apps/{app}")).status, 204);
    assert_eq!(gate.get(&format!("/apps/{app}")).code(), "APIG.3004");
}

#[test]
fn access_control() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let publish = gate.publish(&gate.api(&group, "api_1", "/one"), RELEASE);
    let body = json!({"acl_name": "acl_1", "acl_type": "DENY", "entity_type": "IP", "acl_value": "10.0.0.1,10.0.0.0/8"});
    let acl = gate.make("/acls", body.clone());
    let mut other = body.clone();
    other["acl_value"] = json!("not an address");
    assert_eq!(gate.put(&format!("/acls/{acl}"), other).status, 400);
    let mut other = body;
    other["entity_type"] = json!("DOMAIN");
    assert_eq!(gate.put(&format!("/acls/{acl}"), other).status, 400);
    let bound = gate.post("/acl-bindings", json!({"acl_id": acl, "publish_ids": [publish]})).body;
    assert_eq!(bound["acl_bindings"][0].get("publish_id"), None);
    assert_eq!(gate.delete(&format!("/acls/{acl}")).code(), "APIG.3447");
    let batch = gate.put("/acls?action=delete", json!({"acls": [acl, NOBODY]})).body;
    assert_eq!((&batch["success_count"], batch["failure"].as_array().unwrap().len()), (&json!(0), 2));
    let binding = bound["acl_bindings"][0]["id"].as_str().unwrap();
    let unbound = gate.put("/acl-bindings?action=delete", json!({"acl_bindings": [binding]})).body;
    assert_eq!(unbound["success_count"], 1);
    assert_eq!(gate.put("/acls?action=delete", json!({"acls": [acl]})).body["success_count"], 1);
}

#[test]
fn group_responses() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let root = format!("/api-groups/{group}/gateway-responses");
    let listed = gate.get(&root).body;
    assert_eq!(
        (&listed["responses"][0]["default"], listed["responses"][0].get("responses")),
        (&json!(true), None)
    );
    let default = listed["responses"][0]["id"].as_str().unwrap();
    assert_eq!(gate.delete(&format!("{root}/{default}")).code(), "APIG.3491");
    assert_eq!(gate.put(&format!("{root}/{default}"), json!({"name": "other"})).code(), "APIG.3492");
    let made = gate
        .post(&root, json!({"name": "mine", "responses": {"NOT_FOUND": {"status": 410, "body": "gone"}}}))
        .body;
    assert_eq!(made["responses"]["NOT_FOUND"], json!({"status": 410, "body": "gone", "default": false}));
    assert_eq!(made["responses"].as_object().unwrap().len(), 19);
    let one = format!("{root}/{}/THROTTLED", made["id"].as_str().unwrap());
    assert_eq!(gate.get(&one).body["THROTTLED"]["default"], true);
    assert_eq!(gate.put(&one, json!({"status": 444})).status, 400);
    assert_eq!(gate.put(&one, json!({"status": 503})).body["THROTTLED"]["status"], 503);
    assert_eq!(gate.delete(&one).status, 204);
    assert_eq!(gate.get(&one).body["THROTTLED"]["status"], 429);
    assert_eq!(gate.post(&root, json!({"name": "mine"})).code(), "APIG.3216");
}

#[test]
fn counts_and_tags() {
    let gate = Gate::new();
    assert_eq!(gate.get("").body["instance_status"], 6);
    let group = gate.group("group_1");
    let mut body = api(&group, "api_1", "/one");
    body["tags"] = json!(["blue", "azure"]);
    let id = gate.make("/apis", body);
    gate.api(&group, "api_2", "/two");
    gate.publish(&id, RELEASE);
    assert_eq!(gate.get("/tags").body["tags"], json!(["azure", "blue"]));
    let counts = gate.get("/resources/outline/apis").body;
    assert_eq!(counts, json!({"instance_num": 2, "nums_on_release": 1, "nums_off_release": 1}));
    assert_eq!(gate.get("/resources/outline/groups").body["onsell_nums"], 1);
    let configs = gate.get("/project/configs?limit=500").body;
    let used =
        configs["configs"].as_array().unwrap().iter().find(|c| c["config_name"] == "API_NUM_LIMIT").unwrap();
    assert_eq!((&used["used"], &used["config_value"]), (&json!(2), &json!("8000")));
}
