//! Groups, environments, variables, authorizers, channels, responses, plug-ins, gateways (3.1–3.3, 3.12, 3.15, 3.17, 3.19, 3.21–3.27).

use serde_json::{Value, json};

use super::{cors, estate, hold, with};

#[test]
fn authorizers_channels_responses_plugins() {
    let none = Value::Null;
    let authorizer = |identities: Value| {
        json!({
            "name": "authorizer_2", "type": "FRONTEND", "authorizer_type": "FUNC", "authorizer_uri": "urn:fss:two",
            "identities": identities,
        })
    };
    let identity = |name: String| json!({"name": name, "location": "HEADER"});
    let channel = |name: &str, health: Value| {
        json!({
            "name": name, "port": 80, "balance_strategy": 1, "member_type": "ip", "vpc_health_config": health,
        })
    };
    let health = |interval: i64, timeout: i64| {
        json!({
            "protocol": "http", "path": "/", "http_code": "200", "threshold_normal": 1, "threshold_abnormal": 1,
            "time_interval": interval, "timeout": timeout,
        })
    };
    let responses = "/api-groups/{group}/gateway-responses";
    hold(&[
        (
            "an identity once (3.15.1)",
            "POST",
            "/authorizers",
            authorizer(json!([identity("a".into()), identity("a".into())])),
            400,
            "APIG.3212",
        ),
        (
            "at most ten",
            "POST",
            "/authorizers",
            authorizer(json!((0..11).map(|n| identity(format!("h{n}"))).collect::<Vec<_>>())),
            403,
            "APIG.3117",
        ),
        (
            "a function that is there",
            "POST",
            "/authorizers",
            with(authorizer(json!([])), "authorizer_uri", json!("nothing")),
            404,
            "APIG.3019",
        ),
        (
            "a name once",
            "POST",
            "/authorizers",
            with(authorizer(json!([])), "name", json!("authorizer_1")),
            400,
            "APIG.3211",
        ),
        (
            "its type stays",
            "PUT",
            "/authorizers/{authorizer}",
            with(with(authorizer(json!([])), "name", json!("authorizer_1")), "type", json!("BACKEND")),
            400,
            "APIG.2012",
        ),
        ("no such authorizer", "GET", "/authorizers/{nobody}", none.clone(), 404, "APIG.3081"),
        (
            "a name of a channel once (3.17.1)",
            "POST",
            "/vpc-channels",
            channel("channel_1", none.clone()),
            400,
            "APIG.3208",
        ),
        (
            "a check takes less than its interval",
            "POST",
            "/vpc-channels",
            channel("channel_2", health(4, 4)),
            400,
            "APIG.2012",
        ),
        ("… of 5 and 4", "POST", "/vpc-channels", channel("channel_2", health(5, 4)), 201, ""),
        (
            "not while an API uses it (3.17.3)",
            "DELETE",
            "/vpc-channels/{channel}",
            none.clone(),
            403,
            "APIG.3414",
        ),
        ("no such channel", "GET", "/vpc-channels/{nobody}", none.clone(), 404, "APIG.3023"),
        (
            "no such member",
            "DELETE",
            "/vpc-channels/{channel}/members/{nobody}",
            none.clone(),
            404,
            "APIG.3024",
        ),
        (
            "a group weighs at most 100 (3.17.13)",
            "POST",
            "/vpc-channels/{channel}/member-groups",
            json!({"member_groups": [{"member_group_name": "one", "member_group_weight": 101}]}),
            400,
            "APIG.2012",
        ),
        (
            "the default response stays (3.19.4)",
            "DELETE",
            "/api-groups/{group}/gateway-responses/{default}",
            none.clone(),
            409,
            "APIG.3491",
        ),
        (
            "… under its name (3.19.3)",
            "PUT",
            "/api-groups/{group}/gateway-responses/{default}",
            json!({"name": "other"}),
            409,
            "APIG.3492",
        ),
        (
            "no status 444",
            "POST",
            responses,
            json!({"name": "one", "responses": {"AUTH_FAILURE": {"status": 444, "body": "{}"}}}),
            400,
            "APIG.2011",
        ),
        (
            "only known errors",
            "POST",
            responses,
            json!({"name": "one", "responses": {"NOTHING": {"status": 400, "body": "{}"}}}),
            400,
            "APIG.2011",
        ),
        ("a name once", "POST", responses, json!({"name": "default"}), 400, "APIG.3216"),
        ("a name of a plug-in once (3.27.1)", "POST", "/plugins", cors("plugin_1"), 400, "APIG.3326"),
        (
            "its type stays",
            "PUT",
            "/plugins/{plugin}",
            with(cors("plugin_1"), "plugin_type", json!("breaker")),
            400,
            "APIG.2012",
        ),
        (
            "one scope",
            "POST",
            "/plugins",
            with(cors("plugin_2"), "plugin_scope", json!("app")),
            400,
            "APIG.2012",
        ),
        ("not while attached", "DELETE", "/plugins/{plugin}", none.clone(), 409, "APIG.3462"),
        (
            "only to what is online (3.27.6)",
            "POST",
            "/plugins/{plugin}/attach",
            json!({"env_id": "{release}", "api_ids": ["{free}"]}),
            409,
            "APIG.3707",
        ),
        (
            "500 at a time",
            "POST",
            "/plugins/{plugin}/attach",
            json!({"env_id": "{release}", "api_ids": vec!["{used}"; 501]}),
            400,
            "APIG.2012",
        ),
        ("no such plug-in", "GET", "/plugins/{nobody}", none.clone(), 404, "APIG.3068"),
        (
            "detached with 204 (3.27.8)",
            "PUT",
            "/plugins/{plugin}/detach",
            json!({"env_id": "{release}", "api_ids": ["{used}"]}),
            204,
            "",
        ),
        ("then it can go", "DELETE", "/plugins/{plugin}", none, 204, ""),
    ]);
}

#[test]
fn gateways_and_around() {
    let none = Value::Null;
    let tags = |action: &str, count: usize| {
        json!({
            "action": action, "tags": (0..count).map(|n| json!({"key": format!("k{n}"), "value": "v"})).collect::<Vec<_>>(),
        })
    };
    hold(&[
        (
            "known features only (3.21.1)",
            "POST",
            "/features",
            json!({"name": "nothing", "enable": true, "config": "on"}),
            400,
            "APIG.2000",
        ),
        (
            "… that can be configured",
            "POST",
            "/features",
            json!({"name": "app_acl", "enable": true, "config": "on"}),
            412,
            "APIG.3458",
        ),
        (
            "windows start at fixed hours (3.23.3)",
            "PUT",
            "",
            json!({"maintain_begin": "03:00:00", "maintain_end": "07:00:00"}),
            400,
            "APIC.7235",
        ),
        (
            "… and last four",
            "PUT",
            "",
            json!({"maintain_begin": "22:00:00", "maintain_end": "02:00:00"}),
            200,
            "",
        ),
        ("public access once (3.23.7)", "POST", "/nat-eip", json!({"bandwidth_size": "5"}), 200, ""),
        ("… not twice", "POST", "/nat-eip", json!({"bandwidth_size": "5"}), 409, "APIC.7709"),
        ("an address is taken away with 200 (3.23.6)", "DELETE", "/eip", none.clone(), 200, ""),
        (
            "the way in is a job (3.23.10)",
            "POST",
            "/ingress-eip",
            json!({"bandwidth_size": 5, "bandwidth_charging_mode": "bandwidth"}),
            202,
            "",
        ),
        ("twenty tags (3.25.3)", "POST", "/instance-tags/action", tags("create", 20), 204, ""),
        (
            "… not one more",
            "POST",
            "/instance-tags/action",
            json!({"action": "create", "tags": [{"key": "other", "value": "v"}]}),
            403,
            "APIC.7402",
        ),
        ("… the same again", "POST", "/instance-tags/action", tags("create", 3), 204, ""),
        (
            "who may come in (3.24.4)",
            "POST",
            "/vpc-endpoint/permissions/batch-add",
            json!({"permissions": ["*", "someone"]}),
            400,
            "APIC.7211",
        ),
        ("no such gateway", "GET", "project:/instances/{nobody}", none.clone(), 404, "APIC.7302"),
        ("no such task (3.30.3)", "GET", "/async-tasks/{nobody}", none.clone(), 404, "APIG.3093"),
        (
            "no such certificate (3.26.5)",
            "GET",
            "project:/certificates/{nobody}",
            none.clone(),
            404,
            "APIG.3021",
        ),
        ("no such domain", "DELETE", "/api-groups/{group}/domains/{nobody}", none.clone(), 404, "APIG.3020"),
        (
            "a domain that is none (3.12.1)",
            "POST",
            "/api-groups/{group}/domains",
            json!({"url_domain": "under_score"}),
            400,
            "APIG.2024",
        ),
    ]);
    let estate = estate();
    let (_, refused) =
        estate.ask("POST", "/vpc-endpoint/permissions/batch-add", &json!({"permissions": ["someone"]}));
    let text = "Parameter value does not match the rules, parameter name[permissions]";
    assert_eq!(refused["error_msg"], text);
}

#[test]
fn groups_environments_variables() {
    let none = Value::Null;
    let group = |name: String| json!({"name": name});
    let variable = |name: &str, value: &str| json!({"group_id": "{group}", "env_id": "{env}", "variable_name": name, "variable_value": value});
    hold(&[
        ("a name is taken once (3.1.1)", "POST", "/api-groups", group("group_1".into()), 400, "APIG.3201"),
        (
            "the check says so (3.1.6)",
            "POST",
            "/api-groups/check",
            json!({"group_name": "group_1"}),
            400,
            "APIG.3201",
        ),
        ("… of a free one", "POST", "/api-groups/check", json!({"group_name": "group_2"}), 204, ""),
        ("a letter or digit first", "POST", "/api-groups", group("-abc".into()), 400, "APIG.2011"),
        ("at least 3", "POST", "/api-groups", group("ab".into()), 400, "APIG.2011"),
        ("at most 255", "POST", "/api-groups", group("a".repeat(256)), 400, "APIG.2011"),
        ("255 and all signs", "POST", "/api-groups", group(format!("{}-_./():", "a".repeat(248))), 201, ""),
        ("not while it has APIs (3.1.3)", "DELETE", "/api-groups/{group}", none.clone(), 412, "APIG.3415"),
        ("no such group", "GET", "/api-groups/{nobody}", none.clone(), 404, "APIG.3001"),
        (
            "the debugging domain is opened apart (3.12.5)",
            "PUT",
            "/api-groups/{group}/sl-domain-access-settings",
            json!({"sl_domain_access_enabled": false}),
            204,
            "",
        ),
        ("a name of an environment is taken once", "POST", "/envs", group("TEST_1".into()), 400, "APIG.3205"),
        ("RELEASE is always there", "POST", "/envs", group("RELEASE".into()), 400, "APIG.3205"),
        ("a letter first", "POST", "/envs", group("1abc".into()), 400, "APIG.2012"),
        ("no hyphen", "POST", "/envs", group("a-bc".into()), 400, "APIG.2012"),
        ("at most 64", "POST", "/envs", group("a".repeat(65)), 400, "APIG.2012"),
        ("not while APIs run there (3.2.3)", "DELETE", "/envs/{env}", none.clone(), 403, "APIG.3418"),
        ("no such environment", "PUT", "/envs/{nobody}", group("TEST_2".into()), 404, "APIG.3003"),
        (
            "the same name in the same place (3.3.1)",
            "POST",
            "/env-variables",
            variable("host", "b"),
            400,
            "APIG.3303",
        ),
        ("case counts", "POST", "/env-variables", variable("HOST", "b"), 201, ""),
        ("a name of 2", "POST", "/env-variables", variable("ab", "b"), 400, "APIG.2012"),
        ("a value with a blank", "POST", "/env-variables", variable("other", "a b"), 400, "APIG.2012"),
        ("a value of all signs", "POST", "/env-variables", variable("other", "_-/:."), 201, ""),
        (
            "only the value changes (3.3.5)",
            "PUT",
            "/env-variables/{variable}",
            variable("renamed", "c"),
            200,
            "",
        ),
        ("no such variable", "GET", "/env-variables/{nobody}", none.clone(), 404, "APIG.3011"),
        ("the list needs its group (3.3.4)", "GET", "/env-variables", none, 400, "APIG.2001"),
    ]);
    let estate = estate();
    estate.ask("PUT", "/env-variables/{variable}", &variable("renamed", "c"));
    let (_, shown) = estate.ask("GET", "/env-variables/{variable}", &Value::Null);
    assert_eq!((&shown["variable_name"], &shown["variable_value"]), (&json!("host"), &json!("c")));
}
