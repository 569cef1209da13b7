//! The table of decisions in `src/engine/huawei_v2.rs`, and the quotas: one test each.

use serde_json::json;

use crate::engine::support::{Gate, NOBODY, RELEASE, api, throttle};

#[test]
fn an_omitted_member_returns_to_its_default() {
    let gate = Gate::new();
    let mut body = throttle("gold");
    body["remark"] = json!("x");
    body["type"] = json!(2);
    body["user_call_limits"] = json!(5);
    let id = gate.make("/throttles", body);
    let after = gate.put(&format!("/throttles/{id}"), throttle("gold")).body;
    assert_eq!((&after["type"], after.get("remark"), after.get("user_call_limits")), (&json!(1), None, None));
    let group = gate.group("group_1");
    let mut body = api(&group, "api_1", "/one");
    body["match_mode"] = json!("SWA");
    body["cors"] = json!(true);
    body["version"] = json!("V2");
    let id = gate.make("/apis", body);
    let after = gate.put(&format!("/apis/{id}"), api(&group, "api_1", "/one")).body;
    assert_eq!(
        (&after["match_mode"], &after["cors"], &after["version"]),
        (&json!("NORMAL"), &json!(false), &json!("V0.0.1"))
    );
}

#[test]
fn a_signature_key_that_is_not_sent_is_made_anew() {
    let gate = Gate::new();
    let body =
        json!({"name": "sign_1", "sign_type": "basic", "sign_key": "mykey", "sign_secret": "mysecret1"});
    let id = gate.make("/signs", body);
    let after = gate.put(&format!("/signs/{id}"), json!({"name": "sign_1"})).body;
    assert_ne!(after["sign_key"], "mykey");
    assert_ne!(after["sign_secret"], "mys*****et1");
    assert_eq!(after["sign_type"], "basic");
}

#[test]
fn lists_of_a_channel_stay_when_not_sent_and_empty_when_empty() {
    let gate = Gate::new();
    let base = json!({"name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip"});
    let mut body = base.clone();
    body["members"] = json!([{"host": "10.0.0.1"}]);
    let id = gate.make("/vpc-channels", body.clone());
    let path = format!("/vpc-channels/{id}");
    let member = || gate.get(&path).body["members"][0]["id"].clone();
    let before = member();
    assert_eq!(gate.put(&path, body.clone()).status, 200);
    assert_eq!(member(), before, "known by its address");
    let members = || gate.get(&path).body["members"].as_array().unwrap().len();
    assert_eq!(gate.put(&path, base.clone()).status, 200);
    assert_eq!(members(), 1);
    body["members"] = json!([]);
    assert_eq!(gate.put(&path, body).status, 200);
    assert_eq!(members(), 0);
}

#[test]
fn a_second_policy_replaces_the_first_and_the_same_keeps_its_id() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let publish = gate.publish(&gate.api(&group, "api_1", "/one"), RELEASE);
    let (gold, silver) = (gate.throttle("gold"), gate.throttle("silver"));
    let first = gate.bind(&gold, &publish);
    assert_eq!(gate.bind(&gold, &publish), first);
    let second = gate.bind(&silver, &publish);
    assert_ne!(second, first);
    assert_eq!(gate.get(&format!("/throttles/{gold}")).body["bind_num"], 0);
    assert_eq!(gate.get(&format!("/throttles/{silver}")).body["bind_num"], 1);
    let refused =
        gate.post("/throttle-bindings", json!({"strategy_id": gold, "publish_ids": [publish, NOBODY]}));
    assert_eq!(refused.code(), "APIG.3015");
    assert_eq!(gate.get(&format!("/throttles/{silver}")).body["bind_num"], 1, "an error changes nothing");
}

#[test]
fn going_offline_drops_bindings_and_the_next_publication_is_another() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let id = gate.api(&group, "api_1", "/one");
    let first = gate.publish(&id, RELEASE);
    let gold = gate.throttle("gold");
    gate.bind(&gold, &first);
    assert_eq!(gate.publish(&id, RELEASE), first);
    assert_eq!(
        gate.get(&format!("/throttles/{gold}")).body["bind_num"],
        1,
        "publishing again keeps bindings"
    );
    gate.offline(&id, RELEASE);
    assert_eq!(gate.get(&format!("/throttles/{gold}")).body["bind_num"], 0);
    assert_ne!(gate.publish(&id, RELEASE), first);
    assert_eq!(gate.get(&format!("/apis/publish/{id}")).body["total"], 3, "versions stay");
}

#[test]
fn the_oldest_version_goes_but_never_the_effective_one() {
    let gate = Gate::quotas(&[("API_VERSION_NUM_LIMIT", "3")]);
    let group = gate.group("group_1");
    let id = gate.api(&group, "api_1", "/one");
    for _ in 0..5 {
        gate.publish(&id, RELEASE);
    }
    let versions = gate.get(&format!("/apis/publish/{id}")).body;
    assert_eq!(versions["total"], 3);
    assert_eq!(versions["api_versions"][0]["status"], 1);
    let numbers: Vec<&str> = versions["api_versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["version_no"].as_str().unwrap())
        .collect();
    assert!(numbers.is_sorted_by(|a, b| a > b), "{numbers:?}");
}

#[test]
fn switching_what_is_offline_is_refused() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let id = gate.api(&group, "api_1", "/one");
    gate.publish(&id, RELEASE);
    let versions = gate.get(&format!("/apis/publish/{id}")).body;
    gate.offline(&id, RELEASE);
    let version = &versions["api_versions"][0]["version_id"];
    assert_eq!(gate.put(&format!("/apis/publish/{id}"), json!({"version_id": version})).code(), "APIG.3015");
}

#[test]
fn a_changed_variable_publishes_what_runs_not_the_draft() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let mut body = api(&group, "api_1", "/one");
    body["backend_api"]["url_domain"] = json!("#address#:80");
    let user = gate.make("/apis", body.clone());
    let other = gate.api(&group, "api_2", "/two");
    let variable =
        json!({"group_id": group, "env_id": RELEASE, "variable_name": "address", "variable_value": "a"});
    let variable = gate.make("/env-variables", variable);
    gate.publish(&user, RELEASE);
    gate.publish(&other, RELEASE);
    body["req_uri"] = json!("/draft");
    assert_eq!(gate.put(&format!("/apis/{user}"), body).status, 200);
    let versions = |id: &str| gate.get(&format!("/apis/publish/{id}")).body["total"].as_i64().unwrap();
    let path = format!("/env-variables/{variable}");
    assert_eq!(gate.put(&path, json!({"variable_value": "a"})).status, 200);
    assert_eq!(versions(&user), 1, "the same value publishes nothing");
    assert_eq!(gate.put(&path, json!({"variable_value": "b"})).body["variable_name"], "address");
    assert_eq!((versions(&user), versions(&other)), (2, 1));
    assert_eq!(gate.get(&format!("/apis/runtime/{user}")).body["req_uri"], "/one");
    assert_eq!(gate.delete(&path).status, 204);
    assert_eq!(versions(&user), 2);
}

#[test]
fn an_empty_text_takes_a_member_away_and_letters_are_of_any_script() {
    let gate = Gate::new();
    let group = gate.make("/api-groups", json!({"name": "группа_1", "remark": "x"}));
    let after = gate.put(&format!("/api-groups/{group}"), json!({"name": "группа_1", "remark": ""})).body;
    assert_eq!(after["remark"], "");
    assert_eq!(gate.get("/api-groups?limit=&name=").body["total"], 1, "an empty parameter is an absent one");
    assert_eq!(gate.get(&format!("/env-variables?group_id={NOBODY}")).body["total"], 0);
}

#[test]
fn release_stays() {
    let gate = Gate::new();
    let path = format!("/envs/{RELEASE}");
    assert_eq!(gate.delete(&path).status, 400);
    assert_eq!(gate.put(&path, json!({"name": "OTHER"})).status, 400);
    assert_eq!(gate.put(&path, json!({"name": "RELEASE", "remark": "x"})).body["remark"], "x");
    assert_eq!(gate.post("/envs", json!({"name": "RELEASE"})).code(), "APIG.3205");
}

#[test]
fn parents_take_their_children_along() {
    let gate = Gate::new();
    let (group, env) = (gate.group("group_1"), gate.env("TEST"));
    let variable = |name: &str, env: &str| {
        let body = json!({"group_id": group, "env_id": env, "variable_name": name, "variable_value": "x"});
        gate.make("/env-variables", body)
    };
    let (in_test, in_release) = (variable("one", &env), variable("two", RELEASE));
    assert_eq!(gate.delete(&format!("/envs/{env}")).status, 204);
    assert_eq!(gate.get(&format!("/env-variables/{in_test}")).code(), "APIG.3011");
    assert_eq!(gate.get(&format!("/env-variables/{in_release}")).status, 200);
    assert_eq!(gate.delete(&format!("/api-groups/{group}")).status, 204);
    assert_eq!(gate.get(&format!("/env-variables/{in_release}")).code(), "APIG.3011");
}

#[test]
fn paths_are_compared_without_the_names_of_parameters() {
    let gate = Gate::new();
    let (group, other) = (gate.group("group_1"), gate.group("group_2"));
    let with = |group: &str, name: &str, method: &str, uri: &str, parameter: &str, mode: &str| {
        let mut body = api(group, name, uri);
        body["req_method"] = json!(method);
        body["match_mode"] = json!(mode);
        body["req_params"] = json!([{"name": parameter, "type": "STRING", "location": "PATH"}]);
        gate.post("/apis", body)
    };
    assert_eq!(with(&group, "api_1", "GET", "/a/{x}", "x", "NORMAL").status, 201);
    assert_eq!(with(&group, "api_2", "GET", "/a/{y}", "y", "NORMAL").code(), "APIG.3301");
    assert_eq!(with(&group, "api_2", "ANY", "/a/{y}", "y", "NORMAL").code(), "APIG.3301");
    assert_eq!(with(&group, "api_2", "POST", "/a/{y}", "y", "NORMAL").status, 201);
    assert_eq!(with(&group, "api_3", "GET", "/a/{y}", "y", "SWA").status, 201);
    assert_eq!(with(&other, "api_1", "GET", "/a/{x}", "x", "NORMAL").status, 201);
    let check = json!({"type": "path", "req_method": "GET", "req_uri": "/a/{z}", "match_mode": "NORMAL", "group_id": group});
    assert_eq!(gate.post("/apis/check", check).code(), "APIG.3301");
}

#[test]
fn an_api_can_move_to_another_group() {
    let gate = Gate::new();
    let (one, two) = (gate.group("group_1"), gate.group("group_2"));
    let id = gate.api(&one, "api_1", "/one");
    gate.api(&two, "api_2", "/two");
    assert_eq!(gate.put(&format!("/apis/{id}"), api(&two, "api_2", "/one")).code(), "APIG.3202");
    assert_eq!(gate.put(&format!("/apis/{id}"), api(&two, "api_1", "/two")).code(), "APIG.3301");
    assert_eq!(gate.put(&format!("/apis/{id}"), api(&two, "api_1", "/one")).body["group_name"], "group_2");
    assert_eq!(gate.delete(&format!("/api-groups/{one}")).status, 204);
}

#[test]
fn quotas() {
    let limits = [
        ("API_NUM_LIMIT", "2"),
        ("APIGROUP_NUM_LIMIT", "2"),
        ("ENVIRONMENT_NUM_LIMIT", "2"),
        ("VARIABLE_NUM_LIMIT", "1"),
        ("THROTTLE_NUM_LIMIT", "1"),
        ("SIGN_NUM_LIMIT", "1"),
        ("APP_NUM_LIMIT", "1"),
        ("API_NUM_LIMIT_PER_GROUP", "1"),
        ("API_TAG_NUM_LIMIT", "1"),
    ];
    let gate = Gate::quotas(&limits);
    let (one, two) = (gate.group("group_1"), gate.group("group_2"));
    assert_eq!(gate.post("/api-groups", json!({"name": "group_3"})).code(), "APIG.3101");
    gate.env("TEST");
    assert_eq!(gate.post("/envs", json!({"name": "MORE"})).code(), "APIG.3104");
    gate.throttle("gold");
    assert_eq!(gate.post("/throttles", throttle("more")).code(), "APIG.3107");
    gate.make("/signs", json!({"name": "sign_1"}));
    assert_eq!(gate.post("/signs", json!({"name": "sign_2"})).code(), "APIG.3105");
    gate.make("/apps", json!({"name": "app_1"}));
    assert_eq!(gate.post("/apps", json!({"name": "app_2"})).code(), "APIG.3103");
    let variable = |group: &str, name: &str| {
        let body =
            json!({"group_id": group, "env_id": RELEASE, "variable_name": name, "variable_value": "x"});
        gate.post("/env-variables", body)
    };
    assert_eq!(variable(&one, "var_1").status, 201);
    assert_eq!(variable(&one, "var_2").code(), "APIG.3106");
    assert_eq!(variable(&two, "var_1").status, 201, "counted per group");
    gate.api(&one, "api_1", "/one");
    assert_eq!(gate.post("/apis", api(&one, "api_2", "/two")).code(), "APIG.3125");
    let mut tagged = api(&two, "api_2", "/two");
    tagged["tags"] = json!(["a", "b"]);
    assert_eq!(gate.post("/apis", tagged).code(), "APIG.3133");
    gate.api(&two, "api_2", "/two");
    assert_eq!(gate.post("/apis", api(&two, "api_3", "/three")).code(), "APIG.3102");
}
