//! Plug-ins, quotas and access control of applications, features, parts of channels, domain names.

use apigctl::engine::Options;
use apigctl::engine::time::Clock;
use serde_json::{Value, json};

use crate::engine::support::{Gate, NOBODY, RELEASE, START, api, options, throttle};

fn plugin(name: &str, kind: &str, content: &Value) -> Value {
    json!({"plugin_name": name, "plugin_type": kind, "plugin_scope": "global", "plugin_content": content.to_string()})
}

fn cors(name: &str) -> Value {
    plugin(name, "cors", &json!({"allow_origin": "*", "max_age": 172_800, "allow_credentials": true}))
}

fn make_plugin(gate: &Gate, body: Value) -> String {
    let made = gate.post("/plugins", body);
    assert_eq!(made.status, 201, "{}", made.body);
    made.body["plugin_id"].as_str().unwrap().to_owned()
}

#[test]
fn plugins_live_and_die() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let id = gate.api(&group, "api_1", "/one");
    let made = make_plugin(&gate, cors("cors_1"));
    let path = format!("/plugins/{made}");
    assert_eq!(gate.get(&path).body["plugin_name"], "cors_1");
    assert_eq!(gate.post("/plugins", cors("cors_1")).code(), "APIG.3326");
    assert_eq!(gate.get("/plugins?plugin_name=ors").body["total"], 1);
    assert_eq!(gate.get("/plugins?plugin_name=ors&precise_search=plugin_name").body["total"], 0);
    assert_eq!(gate.get(&format!("/plugins?plugin_id={made}")).body["total"], 1);
    let headers = json!({"response_headers": [{"name": "x-a", "value": "b", "action": "append"}]});
    assert_eq!(gate.put(&path, plugin("cors_1", "set_resp_headers", &headers)).status, 400, "the type stays");
    assert_eq!(gate.put(&path, cors("cors_2")).body["plugin_name"], "cors_2");
    let attach = json!({"env_id": RELEASE, "api_ids": [id]});
    assert_eq!(gate.post(&format!("{path}/attach"), attach.clone()).code(), "APIG.3707");
    gate.publish(&id, RELEASE);
    let attached = gate.post(&format!("{path}/attach"), attach.clone()).body;
    assert_eq!(attached["attached_plugins"][0]["api_name"], "api_1");
    let first = attached["attached_plugins"][0]["plugin_attach_id"].clone();
    let again = gate.post(&format!("{path}/attach"), attach.clone()).body;
    assert_eq!(again["attached_plugins"][0]["plugin_attach_id"], first, "the same again keeps its id");
    assert_eq!(gate.delete(&path).code(), "APIG.3462");
    gate.offline(&id, RELEASE);
    assert_eq!(gate.get(&format!("{path}/attached-apis")).body["total"], 1, "also what went offline");
    assert_eq!(gate.put(&format!("{path}/detach"), attach.clone()).status, 204);
    assert_eq!(
        gate.put(&format!("{path}/detach"), attach).status,
        204,
        "nothing to detach, nothing to refuse"
    );
    assert_eq!(gate.delete(&path).status, 204);
    assert_eq!(gate.get(&path).code(), "APIG.3068");
}

#[test]
fn a_second_plugin_of_a_type_overwrites() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let id = gate.api(&group, "api_1", "/one");
    gate.publish(&id, RELEASE);
    let (one, two) = (make_plugin(&gate, cors("cors_1")), make_plugin(&gate, cors("cors_2")));
    let headers = json!({"response_headers": [{"name": "x-a", "action": "delete"}]});
    let three = make_plugin(&gate, plugin("headers", "set_resp_headers", &headers));
    let free = format!("/plugins/{two}/attachable-apis?env_id={RELEASE}");
    assert_eq!(gate.get(&free).body["total"], 1);
    let of_api = format!("/apis/{id}/plugins");
    let done = gate.post(&format!("{of_api}/attach"), json!({"env_id": RELEASE, "plugin_ids": [one, three]}));
    assert_eq!(done.body["attached_plugins"].as_array().unwrap().len(), 2);
    gate.post(&format!("/plugins/{two}/attach"), json!({"env_id": RELEASE, "api_ids": [id]}));
    let names = |path: &str| {
        let body = gate.get(path).body;
        let mut names: Vec<String> = body["plugins"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["plugin_name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&format!("/apis/{id}/attached-plugins")), ["cors_2", "headers"]);
    assert_eq!(names(&format!("/apis/{id}/attached-plugins?plugin_type=cors")), ["cors_2"]);
    assert_eq!(names(&format!("/apis/{id}/attachable-plugins?env_id={RELEASE}")), ["cors_1"]);
    assert_eq!(gate.get(&free).body["total"], 0);
    assert_eq!(gate.get(&format!("/plugins/{one}/attached-apis")).body["total"], 0);
    let refused =
        gate.post(&format!("{of_api}/attach"), json!({"env_id": RELEASE, "plugin_ids": [one, NOBODY]}));
    assert_eq!(refused.code(), "APIG.3068");
    assert_eq!(
        names(&format!("/apis/{id}/attached-plugins?plugin_type=cors")),
        ["cors_2"],
        "nothing changed"
    );
    let detach = json!({"env_id": RELEASE, "plugin_ids": [two]});
    assert_eq!(gate.put(&format!("{of_api}/detach"), detach).status, 204);
    gate.offline(&id, RELEASE);
    assert_eq!(gate.delete(&format!("/apis/{id}")).status, 204);
    assert_eq!(gate.delete(&format!("/plugins/{three}")).status, 204, "attachments go with the API");
}

#[test]
fn plugin_content_fits_its_type() {
    let gate = Gate::new();
    let refused = |kind: &str, content: Value, place: &str| {
        let answer = gate.post("/plugins", plugin("plugin_1", kind, &content));
        assert_eq!(answer.status, 400, "{kind}: {content}");
        let text = answer.body["error_msg"].as_str().unwrap().to_owned();
        assert!(text.contains(place), "{kind}: {text}");
    };
    refused("cors", json!({}), "plugin_content.allow_origin");
    refused("cors", json!({"allow_origin": "*", "max_age": 172_801}), "plugin_content.max_age");
    refused("cors", json!([]), "plugin_content");
    let header = json!({"response_headers": [{"name": "a", "action": "never"}]});
    refused("set_resp_headers", header, "response_headers[0].action");
    let limit = json!({"scope": "basic", "default_time_unit": "minute", "default_interval": 1, "api_limit": 5,
        "user_limit": 6});
    refused("rate_limit", limit, "user_limit");
    refused("kafka_log", json!({"broker_list": ["a:1"]}), "topic");
    refused("breaker", json!({"breaker_condition": {"breaker_type": "x"}}), "breaker_type");
    let asks = |channel: &str| {
        json!({"auth_request": {"method": "POST", "protocol": "HTTP", "path": "/check",
        "timeout": 10, "vpc_channel_enabled": true, "vpc_channel_info": {"vpc_id": channel}}})
    };
    assert_eq!(gate.post("/plugins", plugin("third_1", "third_auth", &asks(NOBODY))).code(), "APIG.3023");
    let answer = gate.post(
        "/plugins",
        json!({"plugin_name": "plugin_1", "plugin_type": "cors",
        "plugin_scope": "global", "plugin_content": "{"}),
    );
    assert_eq!(answer.status, 400);
    let channel = json!({"name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip"});
    let channel = gate.make("/vpc-channels", channel);
    let third = make_plugin(&gate, plugin("third_1", "third_auth", &asks(&channel)));
    assert_eq!(gate.delete(&format!("/vpc-channels/{channel}")).code(), "APIG.3710");
    assert_eq!(gate.delete(&format!("/plugins/{third}")).status, 204);
    assert_eq!(gate.delete(&format!("/vpc-channels/{channel}")).status, 204);
}

#[test]
fn the_published_contents_of_plugins_are_accepted() {
    let gate = Gate::new();
    let sasl = json!({"security_protocol": "PLAINTEXT", "sasl_mechanisms": "PLAIN", "sasl_username": ""});
    let contents = [
        (
            "rate_limit",
            json!({"scope": "basic", "default_time_unit": "minute", "default_interval": 1,
            "api_limit": 50, "app_limit": 0, "user_limit": 0, "ip_limit": 0, "algorithm": "counter",
            "specials": [], "parameters": [], "rules": []}),
        ),
        (
            "kafka_log",
            json!({"broker_list": ["0.0.0.0:1111"], "topic": "topic", "key": "", "max_retry_count": 0,
            "retry_backoff": 1, "sasl_config": sasl}),
        ),
        (
            "breaker",
            json!({"breaker_condition": {"breaker_type": "timeout", "breaker_mode": "counter",
            "unhealthy_condition": "", "unhealthy_threshold": 30, "min_call_threshold": 20,
            "unhealthy_percentage": 51, "time_window": 15, "open_breaker_time": 15},
            "downgrade_default": null, "downgrade_parameters": null, "downgrade_rules": null, "scope": "basic"}),
        ),
        (
            "third_auth",
            json!({"auth_request": {"method": "POST", "protocol": "HTTP", "url_domain": "a.example:1234",
            "timeout": 10, "path": "/check", "vpc_channel_enabled": false, "vpc_channel_info": null},
            "identities": {"headers": [{"name": "token"}], "queries": [{"name": "user"}]},
            "carry_body": {"enabled": true, "max_body_size": 10000}, "custom_forbid_limit": 100}),
        ),
    ];
    for (kind, content) in contents {
        make_plugin(&gate, plugin(kind, kind, &content));
    }
    assert_eq!(gate.get("/plugins").body["total"], 4);
}

#[test]
fn quotas_of_applications() {
    let gate = Gate::new();
    let (one, two) =
        (gate.make("/apps", json!({"name": "app_1"})), gate.make("/apps", json!({"name": "app_2"})));
    let body = json!({"name": "quota_1", "call_limits": 1000, "time_unit": "DAY", "time_interval": 1,
        "reset_time": "2020-09-20 00:00:00"});
    let made = gate.post("/app-quotas", body.clone());
    assert_eq!((made.status, &made.body["reset_time"]), (201, &json!("2020-09-20 00:00:00")));
    let quota = made.body["app_quota_id"].as_str().unwrap().to_owned();
    let path = format!("/app-quotas/{quota}");
    assert_eq!(gate.get(&path).body["reset_time"], "2020-09-20 00:00:00 +0000 +0000");
    assert_eq!(gate.post("/app-quotas", body.clone()).code(), "APIG.3325");
    let mut odd = body.clone();
    odd["reset_time"] = json!("tomorrow");
    assert_eq!(gate.put(&path, odd).status, 400);
    assert_eq!(gate.get(&format!("{path}/bindable-apps")).body["total"], 2);
    let bound = gate.post(&format!("{path}/binding-apps"), json!({"app_ids": [one, two, one]}));
    assert_eq!((bound.status, bound.body["applies"].as_array().unwrap().len()), (201, 2));
    assert_eq!(gate.get(&path).body["bound_app_num"], 2);
    assert_eq!(
        gate.get(&format!("{path}/bound-apps?app_name=p_1")).body["apps"][0]["app_quota_name"],
        "quota_1"
    );
    assert_eq!(gate.get(&format!("/apps/{one}/bound-quota")).body["app_quota_id"], json!(quota));
    let mut other = body;
    other["name"] = json!("quota_2");
    let second = gate.post("/app-quotas", other).body["app_quota_id"].as_str().unwrap().to_owned();
    gate.post(&format!("/app-quotas/{second}/binding-apps"), json!({"app_ids": [one]}));
    assert_eq!(gate.get(&path).body["bound_app_num"], 1, "an application has one quota");
    assert_eq!(gate.delete(&format!("{path}/bound-apps/{one}")).code(), "APIG.3093");
    assert_eq!(gate.delete(&format!("{path}/bound-apps/{two}")).status, 204);
    assert_eq!(gate.delete(&format!("/app-quotas/{second}")).status, 204);
    assert_eq!(gate.get(&format!("/apps/{one}/bound-quota")).body, json!({}));
    let refused = gate.post(&format!("{path}/binding-apps"), json!({"app_ids": [one, NOBODY]}));
    assert_eq!(refused.code(), "APIG.3004");
    assert_eq!(gate.get(&path).body["bound_app_num"], 0);
}

#[test]
fn access_control_of_an_application() {
    let gate = Gate::new();
    let app = gate.make("/apps", json!({"name": "app_1"}));
    let path = format!("/apps/{app}/app-acl");
    assert_eq!(gate.get(&path).body, json!({"app_id": app, "app_acl_type": "", "app_acl_values": []}));
    let acl =
        |kind: &str, value: &str| gate.put(&path, json!({"app_acl_type": kind, "app_acl_values": [value]}));
    assert_eq!(acl("PERMIT", "192.168.0.5-192.168.0.10").status, 201);
    assert_eq!(acl("DENY", "192.168.0.100/28").body["app_acl_type"], "DENY");
    assert_eq!(acl("NEVER", "192.168.0.1").status, 400);
    assert_eq!(acl("DENY", "a host").status, 400);
    assert_eq!(gate.get(&path).body["app_acl_values"], json!(["192.168.0.100/28"]));
    assert_eq!(gate.delete(&path).status, 204);
    assert_eq!(gate.delete(&path).status, 204);
}

fn feature(gate: &Gate, name: &str, config: &str) -> crate::engine::support::Answer {
    gate.post("/features", json!({"name": name, "enable": true, "config": config}))
}

#[test]
fn features_are_checked_and_change_once_a_minute() {
    let gate = Gate::with(Options { clock: Clock::stepping(START, 20_000_000_000), ..options() });
    let made = feature(&gate, "app_api_key", "on");
    assert_eq!((made.status, &made.body["config"]), (201, &json!("on")));
    assert_eq!(feature(&gate, "app_api_key", "off").code(), "APIG.3711");
    assert_eq!(feature(&gate, "app-api-key", "on").code(), "APIG.2000");
    assert_eq!(feature(&gate, "multi_auth", "on").code(), "APIG.3458");
    let again = feature(&gate, "app_api_key", "off");
    assert_eq!((again.status, &again.body["id"]), (201, &made.body["id"]), "a minute later, the same record");
    for (name, config) in [
        ("gzip", "{\"comp_level\":10}"),
        ("ratelimit", "{\"api_limits\":0}"),
        ("request_body_size", "0"),
        ("app_basic", "yes"),
        ("custom_auth_header", "{\"app_auth_header\":\"x-sdk-a\"}"),
        ("app_jwt", "on"),
    ] {
        assert_eq!(feature(&gate, name, config).status, 400, "{name}");
    }
    assert_eq!(gate.get("/features").body["total"], 1, "what was configured");
    assert_eq!(gate.get("/instance-features?limit=500").body["total"], 46);
}

#[test]
fn features_open_and_close_gates() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let slow = |name: &str, timeout: i64| {
        let mut body = api(&group, name, &format!("/{name}"));
        body["backend_api"]["timeout"] = json!(timeout);
        gate.post("/apis", body).status
    };
    assert_eq!(slow("api_1", 60_001), 400);
    feature(&gate, "backend_timeout", "{\"max_timeout\": 90000}");
    assert_eq!(slow("api_1", 90_000), 201);
    assert_eq!(slow("api_2", 90_001), 400);
    let key = json!({"name": "sign_1", "sign_type": "public_key"});
    assert_eq!(gate.post("/signs", key.clone()).code(), "APIG.3548");
    feature(
        &gate,
        "public_key",
        "{\"enable\":\"on\",\"public_key_uri_prefix\":\"/apigw/authadv/v2/public-key/\"}",
    );
    assert_eq!(gate.post("/signs", key).status, 201);
    let mut many = throttle("gold");
    many["api_call_limits"] = json!(1000);
    assert_eq!(gate.post("/throttles", many.clone()).status, 201, "no limit until there is one");
    feature(&gate, "ratelimit", "{\"api_limits\": 500}");
    many["name"] = json!("silver");
    assert_eq!(gate.post("/throttles", many.clone()).code(), "APIG.2003");
    many["time_unit"] = json!("MINUTE");
    assert_eq!(gate.post("/throttles", many).status, 201, "1000 in a minute are less than 500 in a second");
    let channel = json!({"name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip"});
    let id = gate.make("/vpc-channels", channel.clone());
    feature(&gate, "vpc_name_modifiable", "off");
    let mut renamed = channel.clone();
    renamed["name"] = json!("channel_2");
    assert_eq!(gate.put(&format!("/vpc-channels/{id}"), renamed).code(), "APIG.3458");
    assert_eq!(gate.put(&format!("/vpc-channels/{id}"), channel).status, 200);
}

#[test]
fn members_of_a_channel() {
    let gate = Gate::new();
    let channel = gate.make(
        "/vpc-channels",
        json!({"name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip",
            "member_groups": [{"member_group_name": "blue"}, {"member_group_name": "green"}]}),
    );
    let path = format!("/vpc-channels/{channel}/members");
    let added = gate.post(
        &path,
        json!({"members": [{"host": "10.0.0.1", "weight": 1, "member_group_name": "blue"},
        {"host": "10.0.0.1", "weight": 9}, {"host": "10.0.0.2", "member_group_name": "green"}]}),
    );
    assert_eq!((added.status, &added.body["total"]), (201, &json!(2)));
    let first = added.body["members"][0].clone();
    assert_eq!(
        (&first["weight"], &first["port"], &first["ecs_id"]),
        (&json!(1), &json!(80), &json!("10.0.0.1"))
    );
    let again = gate.post(&path, json!({"members": [{"host": "10.0.0.1", "weight": 5}]})).body;
    assert_eq!((&again["members"][0]["id"], &again["members"][0]["weight"]), (&first["id"], &json!(5)));
    assert_eq!(gate.get(&path).body["total"], 2);
    assert_eq!(gate.get(&format!("{path}?name=0.2")).body["total"], 1);
    assert_eq!(gate.get(&format!("{path}?name=0.2&precise_search=name")).body["total"], 0);
    let put = gate.put(&path, json!({"member_group_name": "green", "members": [{"host": "10.0.0.3"}]}));
    assert_eq!((put.status, &put.body["members"][0]["member_group_name"]), (200, &json!("green")));
    assert_eq!(gate.get(&path).body["total"], 2, "the other group stays");
    assert_eq!(gate.put(&path, json!({})).code(), "APIG.2001");
    assert_eq!(gate.put(&path, json!({"member_group_name": "red_one", "members": []})).status, 400);
    let id = first["id"].as_str().unwrap();
    assert_eq!(gate.post(&format!("{path}/batch-disable"), json!({"member_ids": [id]})).status, 204);
    let status = || gate.get(&format!("{path}?name=10.0.0.1")).body["members"][0]["status"].clone();
    assert_eq!(status(), 2);
    assert_eq!(
        gate.post(&format!("{path}/batch-enable"), json!({"member_ids": [id, NOBODY]})).code(),
        "APIG.3024"
    );
    assert_eq!(status(), 2, "all or none");
    assert_eq!(gate.delete(&format!("{path}/{id}")).status, 204);
    assert_eq!(gate.delete(&format!("{path}/{id}")).code(), "APIG.3024");
    assert_eq!(gate.put(&path, json!({"members": []})).body["total"], 0);
}

#[test]
fn groups_and_health_of_a_channel() {
    let gate = Gate::new();
    let channel = gate.make(
        "/vpc-channels",
        json!({"name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip",
            "member_groups": [{"member_group_name": "blue"}],
            "members": [{"host": "10.0.0.1", "member_group_name": "blue"}]}),
    );
    let path = format!("/vpc-channels/{channel}");
    let groups = format!("{path}/member-groups");
    let added = gate.post(
        &groups,
        json!({"member_groups": [{"member_group_name": "blue", "member_group_weight": 10},
        {"member_group_name": "green"}, {"member_group_name": "green", "member_group_weight": 1}]}),
    );
    assert_eq!((added.status, &added.body["total"]), (201, &json!(2)));
    assert_eq!(
        gate.get(&format!("{path}/members")).body["members"][0]["weight"],
        10,
        "the weight of its group"
    );
    assert_eq!(gate.get(&groups).body["total"], 2);
    assert_eq!(gate.get(&format!("{groups}?member_group_name=gre")).body["total"], 1);
    let blue = added.body["member_groups"][0]["member_group_id"].as_str().unwrap();
    let one = format!("{groups}/{blue}");
    assert_eq!(gate.get(&one).body["member_group_weight"], 10);
    let renamed = gate.put(&one, json!({"member_group_name": "azure", "member_group_weight": 3}));
    assert_eq!((renamed.status, &renamed.body["member_group_id"]), (200, &json!(blue)));
    let member = gate.get(&format!("{path}/members")).body["members"][0].clone();
    assert_eq!((&member["member_group_name"], &member["weight"]), (&json!("azure"), &json!(3)));
    assert_eq!(gate.delete(&one).status, 204);
    assert_eq!(gate.get(&format!("{path}/members")).body["total"], 0, "members go with their group");
    assert_eq!(gate.get(&one).status, 404);
    let health = json!({"protocol": "http", "path": "/health", "http_code": "200", "threshold_normal": 2,
        "threshold_abnormal": 5, "time_interval": 10, "timeout": 5});
    let set = gate.put(&format!("{path}/health-config"), health.clone());
    assert_eq!((set.status, &set.body["port"], &set.body["method"]), (200, &json!(80), &json!("GET")));
    let again = gate.put(&format!("{path}/health-config"), health.clone()).body;
    assert_eq!(again["id"], set.body["id"], "a channel has one");
    assert_eq!(gate.get(&path).body["vpc_health_config"]["path"], "/health");
    let mut hasty = health;
    hasty["timeout"] = json!(10);
    assert_eq!(gate.put(&format!("{path}/health-config"), hasty).status, 400);
}

#[test]
fn domain_names() {
    let gate = Gate::quotas(&[("APIGROUP_DOMAIN_NUM_LIMIT", "2")]);
    let (group, other) = (gate.group("group_1"), gate.group("group_2"));
    let path = format!("/api-groups/{group}/domains");
    let made = gate.post(&path, json!({"url_domain": "www.Example.com"}));
    assert_eq!(
        (made.status, &made.body["status"], &made.body["url_domain"]),
        (201, &json!(3), &json!("www.example.com"))
    );
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(gate.post(&path, json!({"url_domain": "www.example.com"})).code(), "APIG.3305");
    assert_eq!(gate.post(&path, json!({"url_domain": "nothing"})).code(), "APIG.2024");
    assert_eq!(gate.get(&format!("/api-groups/{group}")).body["url_domains"][0]["domain"], "www.example.com");
    let changed = gate.put(
        &format!("{path}/{id}"),
        json!({"min_ssl_version": "TLSv1.2", "is_http_redirect_to_https": true}),
    );
    assert_eq!((changed.status, &changed.body["min_ssl_version"]), (201, &json!("TLSv1.2")));
    let checks = json!({"min_ssl_version": "TLSv1.2", "verified_client_certificate_enabled": true});
    assert_eq!(gate.put(&format!("{path}/{id}"), checks).status, 400, "nothing to check clients with");
    let wrong = format!("/api-groups/{other}/domains/{id}");
    assert_eq!(gate.put(&wrong, json!({"min_ssl_version": "TLSv1.2"})).code(), "APIG.3474");
    assert_eq!(gate.delete(&wrong).status, 400);
    gate.make(&path, json!({"url_domain": "*.example.com"}));
    assert_eq!(gate.post(&path, json!({"url_domain": "c.example.com"})).code(), "APIG.3108");
    assert_eq!(gate.delete(&format!("{path}/{id}")).status, 204);
    assert_eq!(gate.delete(&format!("{path}/{id}")).code(), "APIG.3020");
    assert_eq!(gate.delete(&format!("/api-groups/{group}")).status, 204);
    assert_eq!(
        gate.post(&format!("/api-groups/{other}/domains"), json!({"url_domain": "*.example.com"})).status,
        201
    );
}
