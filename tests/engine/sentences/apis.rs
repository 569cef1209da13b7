//! APIs, publications, versions, lists (3.5, 21).

use serde_json::{Value, json};

use super::{estate, hold, with};
use crate::engine::support::api;

#[test]
fn definitions_of_apis() {
    let none = Value::Null;
    let web = |change: &[(&str, Value)]| {
        let mut body = api("{group}", "api_3", "/three");
        for (name, value) in change {
            body[*name] = value.clone();
        }
        body
    };
    let backend = |name: &str, value: Value| {
        let mut body = api("{group}", "api_3", "/three");
        body["backend_api"][name] = value;
        body
    };
    let parameter = |origin: &str, value: &str| json!([{"name": "a", "location": "HEADER", "origin": origin, "value": value}]);
    hold(&[
        (
            "a name is taken once in its group (3.5.1)",
            "POST",
            "/apis",
            web(&[("name", json!("api_1"))]),
            400,
            "APIG.3202",
        ),
        (
            "a request is taken once, whatever its parameters are called",
            "POST",
            "/apis",
            web(&[
                ("req_uri", json!("/one/{other}")),
                (
                    "req_params",
                    json!([{"name": "other", "type": "STRING", "location": "PATH", "required": 1}]),
                ),
            ]),
            400,
            "APIG.3301",
        ),
        (
            "check of a name (3.5.7)",
            "POST",
            "/apis/check",
            json!({"type": "name", "group_id": "{group}", "name": "api_1"}),
            400,
            "APIG.3202",
        ),
        (
            "… but for itself",
            "POST",
            "/apis/check",
            json!({"type": "name", "group_id": "{group}", "name": "api_1", "api_id": "{used}"}),
            204,
            "",
        ),
        (
            "check of a path",
            "POST",
            "/apis/check",
            json!({"type": "path", "group_id": "{group}", "req_method": "GET", "req_uri": "/two", "match_mode": "NORMAL"}),
            400,
            "APIG.3301",
        ),
        (
            "… of another match mode",
            "POST",
            "/apis/check",
            json!({"type": "path", "group_id": "{group}", "req_method": "GET", "req_uri": "/two", "match_mode": "SWA"}),
            204,
            "",
        ),
        ("a name needs a name", "POST", "/apis/check", json!({"type": "name"}), 400, "APIG.2001"),
        (
            "its group must be there",
            "POST",
            "/apis",
            web(&[("group_id", json!("{nobody}"))]),
            404,
            "APIG.3001",
        ),
        (
            "a path parameter is declared",
            "POST",
            "/apis",
            web(&[("req_uri", json!("/three/{id}"))]),
            400,
            "APIG.2026",
        ),
        ("… in the backend too", "POST", "/apis", backend("req_uri", json!("/{id}")), 400, "APIG.2027"),
        (
            "a backend parameter names one of the request",
            "POST",
            "/apis",
            web(&[("backend_params", parameter("REQUEST", "nothing"))]),
            400,
            "APIG.2028",
        ),
        (
            "a parameter of an authorizer without one",
            "POST",
            "/apis",
            web(&[("backend_params", parameter("SYSTEM", "$context.authorizer.frontend.a"))]),
            400,
            "APIG.2036",
        ),
        (
            "only known system values",
            "POST",
            "/apis",
            web(&[("backend_params", parameter("SYSTEM", "$context.nothing"))]),
            400,
            "APIG.2011",
        ),
        (
            "AUTHORIZER needs one",
            "POST",
            "/apis",
            web(&[("auth_type", json!("AUTHORIZER"))]),
            400,
            "APIG.2001",
        ),
        (
            "… that is there",
            "POST",
            "/apis",
            web(&[("auth_type", json!("AUTHORIZER")), ("authorizer_id", json!("{nobody}"))]),
            404,
            "APIG.3081",
        ),
        (
            "… and so",
            "POST",
            "/apis",
            web(&[
                ("auth_type", json!("AUTHORIZER")),
                ("authorizer_id", json!("{authorizer}")),
                ("name", json!("api_9")),
                ("req_uri", json!("/nine")),
            ]),
            201,
            "",
        ),
        ("MOCK needs mock_info", "POST", "/apis", web(&[("backend_type", json!("MOCK"))]), 400, "APIG.2001"),
        (
            "FUNCTION needs func_info",
            "POST",
            "/apis",
            web(&[("backend_type", json!("FUNCTION"))]),
            400,
            "APIG.2001",
        ),
        (
            "a channel must be there",
            "POST",
            "/apis",
            web(&[(
                "backend_api",
                json!({"vpc_channel_status": 1, "vpc_channel_info": {"vpc_channel_id": "{nobody}"}, "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5000}),
            )]),
            404,
            "APIG.3023",
        ),
        ("a timeout from 1", "POST", "/apis", backend("timeout", json!(0)), 400, "APIG.2011"),
        ("… to 60000", "POST", "/apis", backend("timeout", json!(60_001)), 400, "APIG.2011"),
        ("retries are a text", "POST", "/apis", backend("retry_count", json!(1)), 400, "APIG.2011"),
        ("… up to 10", "POST", "/apis", backend("retry_count", json!("11")), 400, "APIG.2011"),
        (
            "mutual TLS is not for HTTP",
            "POST",
            "/apis",
            with(
                backend("req_protocol", json!("HTTP")),
                "backend_api",
                json!({"url_domain": "a.example", "req_protocol": "HTTP", "req_method": "GET", "req_uri": "/", "timeout": 5, "enable_client_ssl": true}),
            ),
            400,
            "APIG.3717",
        ),
        (
            "GRPCS is POSTed",
            "POST",
            "/apis",
            web(&[("req_protocol", json!("GRPCS")), ("backend_type", json!("GRPC"))]),
            400,
            "APIG.2011",
        ),
        ("a tag once", "POST", "/apis", web(&[("tags", json!(["a", "a"]))]), 400, "APIG.3213"),
        (
            "ten tags",
            "POST",
            "/apis",
            web(&[("tags", json!((0..11).map(|n| format!("t{n}")).collect::<Vec<_>>()))]),
            403,
            "APIG.3133",
        ),
        ("a tag starts with a letter", "POST", "/apis", web(&[("tags", json!(["1a"]))]), 400, "APIG.2011"),
        (
            "a response of another group",
            "POST",
            "/apis",
            web(&[("response_id", json!("{nobody}"))]),
            400,
            "APIG.2011",
        ),
        ("a published one stays (3.5.3)", "DELETE", "/apis/{used}", none.clone(), 409, "APIG.3416"),
        ("no such API", "GET", "/apis/{nobody}", none.clone(), 404, "APIG.3002"),
        ("an offline one goes", "DELETE", "/apis/{free}", none, 204, ""),
    ]);
}

#[test]
fn publications_and_versions() {
    let none = Value::Null;
    let act = |action: &str, api: &str, env: &str| json!({"action": action, "api_id": api, "env_id": env});
    hold(&[
        ("two actions (3.5.4)", "POST", "/apis/action", act("sideways", "{used}", "{env}"), 400, "APIG.2011"),
        ("an API", "POST", "/apis/action", act("online", "{nobody}", "{env}"), 404, "APIG.3002"),
        ("an environment", "POST", "/apis/action", act("online", "{used}", "{nobody}"), 404, "APIG.3003"),
        (
            "only what is online goes offline",
            "POST",
            "/apis/action",
            act("offline", "{free}", "{env}"),
            404,
            "APIG.3015",
        ),
        (
            "many need APIs or a group (3.5.9)",
            "POST",
            "/apis/publish?action=online",
            json!({"env_id": "{env}"}),
            400,
            "APIG.2001",
        ),
        (
            "… and an action",
            "POST",
            "/apis/publish",
            json!({"env_id": "{env}", "apis": ["{used}"]}),
            400,
            "APIG.2001",
        ),
        (
            "… at most 1000",
            "POST",
            "/apis/publish?action=online",
            json!({"env_id": "{env}", "apis": vec!["{used}"; 1001]}),
            400,
            "APIG.2011",
        ),
        (
            "… and fail one by one",
            "POST",
            "/apis/publish?action=offline",
            json!({"env_id": "{env}", "apis": ["{free}", "{nobody}"]}),
            200,
            "",
        ),
        (
            "no such version (3.5.11)",
            "PUT",
            "/apis/publish/{used}",
            json!({"version_id": "{nobody}"}),
            404,
            "APIG.3022",
        ),
        (
            "… of another API",
            "PUT",
            "/apis/publish/{free}",
            json!({"version_id": "{version}"}),
            404,
            "APIG.3022",
        ),
        ("… to be shown (3.5.13)", "GET", "/apis/versions/{nobody}", none.clone(), 404, "APIG.3022"),
        ("nothing runs there (3.5.12)", "GET", "/apis/runtime/{free}", none.clone(), 404, "APIG.3015"),
        ("RELEASE is meant when none is named", "GET", "/apis/runtime/{used}", none.clone(), 200, ""),
        ("a version goes offline (3.5.14)", "DELETE", "/apis/versions/{version}", none.clone(), 204, ""),
        ("… once", "DELETE", "/apis/versions/{version}", none, 404, "APIG.3015"),
    ]);
}

/// 21, 1: what lists show against details, and that pages are corrected.
#[test]
fn lists_against_details() {
    let estate = estate();
    let keys = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let only_in_detail: [(&str, &str, &str, &[&str]); 9] = [
        ("/api-groups", "groups", "/api-groups/{group}", &[]),
        ("/throttles", "throttles", "/throttles/{throttle}", &[]),
        ("/env-variables?group_id={group}", "variables", "/env-variables/{variable}", &[]),
        ("/apps", "apps", "/apps/{app}", &[]),
        ("/acls", "acls", "/acls/{acl}", &[]),
        ("/authorizers", "authorizer_list", "/authorizers/{authorizer}", &[]),
        ("/plugins", "plugins", "/plugins/{plugin}", &[]),
        ("/vpc-channels", "vpc_channels", "/vpc-channels/{channel}", &["members"]),
        ("/apis?name=api_1", "apis", "/apis/{used}", &["backend_api", "req_params"]),
    ];
    for (list, rows, detail, wanted) in only_in_detail {
        let (status, page) = estate.ask("GET", list, &Value::Null);
        assert_eq!(status, 200, "{list}: {page}");
        let (_, whole) = estate.ask("GET", detail, &Value::Null);
        let row = keys(&page[rows][0]);
        let more: Vec<String> = keys(&whole).into_iter().filter(|key| !row.contains(key)).collect();
        assert_eq!(more, wanted, "{list}");
    }
    for (query, size) in
        [("limit=0", 2), ("limit=-1", 2), ("limit=501", 2), ("offset=-5", 2), ("limit=1", 1), ("offset=2", 0)]
    {
        let (status, page) = estate.ask("GET", &format!("/apis?{query}"), &Value::Null);
        assert_eq!((status, &page["size"], &page["total"]), (200, &json!(size), &json!(2)), "{query}");
    }
    for (query, total) in [
        ("name=api", 2),
        ("name=api&precise_search=name", 0),
        ("name=api_1&precise_search=name", 1),
        ("req_uri=/two&precise_search=req_uri,name", 1),
        ("req_uri=t", 1),
        ("env_id={env}", 1),
        ("req_method=PUT", 0),
        ("auth_type=APP", 1),
        ("type=1", 2),
        ("type=2", 0),
        ("vpc_channel_name=channel_1", 1),
        ("id={free}", 1),
        ("group_id={nobody}", 0),
    ] {
        let (_, page) = estate.ask("GET", &format!("/apis?{query}"), &Value::Null);
        assert_eq!(page["total"], total, "{query}");
    }
}
