//! OpenAPI documents out and in, at once and as tasks.

use apigctl::engine::time::Clock;
use apigctl::engine::{Access, Options};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::engine::support::{Answer, Gate, NOBODY, RELEASE, START, api, options};

/// The exported file as text.
fn export(gate: &Gate, query: &str, body: &Value) -> (u16, String) {
    let uri = format!("{}/openapi/export{query}", gate.root());
    let request = Request::post(uri).body(Bytes::from(body.to_string())).unwrap();
    let response = gate.engine.handle(request, Access::Trusted);
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn import(gate: &Gate, fields: &[(&str, &str)], path: &str) -> Answer {
    let mut form = String::new();
    for (name, value) in fields {
        let file = if *name == "file_name" { "; filename=\"apis\"\r\nContent-Type: text/plain" } else { "" };
        form += &format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n");
    }
    form += "--X--\r\n";
    let uri = format!("{}/openapi/{path}", gate.root());
    let request = Request::post(uri).header("content-type", "multipart/form-data; boundary=X");
    let response = gate.engine.handle(request.body(Bytes::from(form)).unwrap(), Access::Trusted);
    let body = serde_json::from_slice(response.body()).unwrap();
    Answer { status: response.status().as_u16(), body }
}

/// A group with an API of every kind of backend, online in RELEASE.
fn furnished(gate: &Gate) -> String {
    let group = gate.group("shop");
    let channel = gate.make(
        "/vpc-channels",
        json!({"name": "channel_1", "port": 80, "balance_strategy": 1, "member_type": "ip"}),
    );
    let mut web = api(&group, "web", "/web/{id}");
    web["auth_type"] = json!("APP");
    web["auth_opt"] = json!({"app_code_auth_type": "HEADER"});
    web["req_protocol"] = json!("BOTH");
    web["tags"] = json!(["blue"]);
    web["remark"] = json!("the first");
    web["req_params"] = json!([
        {"name": "id", "type": "NUMBER", "location": "PATH", "required": 1, "min_num": 1, "max_num": 9, "valid_enable": 1},
        {"name": "q", "type": "STRING", "location": "QUERY", "required": 2, "default_value": "x", "enumerations": "x,y"},
    ]);
    web["backend_params"] = json!([
        {"origin": "REQUEST", "name": "n", "location": "HEADER", "value": "q"},
        {"origin": "CONSTANT", "name": "c", "location": "HEADER", "value": "1"},
    ]);
    web["policy_mocks"] = json!([{"name": "closed", "effect_mode": "ALL", "result_content": "no",
        "conditions": [{"condition_origin": "source", "condition_value": "10.0.0.1"}]}]);
    let mut through = api(&group, "through", "/through");
    through["backend_api"]["vpc_channel_status"] = json!(1);
    through["backend_api"]["vpc_channel_info"] = json!({"vpc_channel_id": channel});
    let mut mock = api(&group, "mock", "/mock");
    mock["req_method"] = json!("ANY");
    mock["auth_type"] = json!("IAM");
    mock["match_mode"] = json!("SWA");
    mock["backend_type"] = json!("MOCK");
    mock["mock_info"] = json!({"result_content": "hello", "status_code": 201});
    mock.as_object_mut().unwrap().shift_remove("backend_api");
    let mut function = api(&group, "function", "/function");
    function["backend_type"] = json!("FUNCTION");
    function["func_info"] = json!({"function_urn": "urn:fss:local-1:p:function:default:f", "invocation_type": "sync",
        "network_type": "V2", "timeout": 3000});
    function.as_object_mut().unwrap().shift_remove("backend_api");
    for body in [web, through, mock, function] {
        let id = gate.make("/apis", body);
        gate.publish(&id, RELEASE);
    }
    group
}

/// The drafts of a group without what differs from one making to the next.
fn drafts(gate: &Gate, group: &str) -> Vec<Value> {
    let listed = gate.get(&format!("/apis?group_id={group}&limit=500")).body;
    let mut all: Vec<Value> = listed["apis"]
        .as_array()
        .unwrap()
        .iter()
        .map(|api| gate.get(&format!("/apis/{}", api["id"].as_str().unwrap())).body)
        .collect();
    all.sort_by_key(|api| api["name"].to_string());
    all.iter_mut().for_each(strip);
    all
}

fn strip(value: &mut Value) {
    const MADE: [&str; 14] = [
        "id",
        "group_id",
        "group_name",
        "register_time",
        "update_time",
        "response_id",
        "publish_id",
        "publish_time",
        "run_env_id",
        "run_env_name",
        "req_param_id",
        "remark",
        "description",
        "status",
    ];
    match value {
        Value::Object(object) => {
            object
                .retain(|name, value| !MADE.contains(&name.as_str()) && *value != json!([]) && *value != "");
            object.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

#[test]
fn what_is_exported_can_be_imported() {
    let gate = Gate::new();
    let group = furnished(&gate);
    let before = drafts(&gate, &group);
    for (query, kind) in [("", "json"), ("?oas_version=3.0", "json"), ("", "yaml")] {
        let body = json!({"env_id": RELEASE, "group_id": group, "define": "all", "type": kind});
        let (status, text) = export(&gate, query, &body);
        assert_eq!(status, 200);
        let target = gate.group(&format!("target_{kind}_{}", query.len()));
        let done = import(
            &gate,
            &[("is_create_group", "false"), ("group_id", &target), ("file_name", &text)],
            "import",
        );
        assert_eq!((done.status, &done.body["failure"]), (200, &json!([])), "{text}");
        assert_eq!(done.body["success"].as_array().unwrap().len(), 4);
        assert_eq!(drafts(&gate, &target), before, "{text}");
    }
}

#[test]
fn the_scope_of_an_export() {
    let gate = Gate::new();
    let group = furnished(&gate);
    let document = |define: &str| -> Value {
        let body = json!({"env_id": RELEASE, "group_id": group, "define": define, "version": "7"});
        serde_json::from_str(&export(&gate, "", &body).1).unwrap()
    };
    let id = gate.get("/apis?name=web").body["apis"][0]["publish_id"].as_str().unwrap().to_owned();
    let gold = gate.throttle("gold");
    gate.bind(&gold, &id);
    let spec = document("spec");
    assert_eq!(
        (&spec["swagger"], &spec["info"]["title"], &spec["info"]["version"]),
        (&json!("2.0"), &json!("shop"), &json!("7"))
    );
    let web = &spec["paths"]["/web/{id}"]["get"];
    assert_eq!((&web["operationId"], web.get("x-apigateway-backend")), (&json!("web"), None));
    assert_eq!(web["parameters"][0]["maximum"], 9);
    assert!(spec["paths"]["/mock"]["x-apigateway-any-method"].is_object());
    assert_eq!(document("proxy")["paths"]["/through"]["get"]["x-apigateway-backend"]["type"], "HTTP-VPC");
    let all = document("all");
    assert_eq!(all["paths"]["/web/{id}"]["get"]["x-apigateway-ratelimit"], "gold");
    assert_eq!(all["x-apigateway-ratelimits"]["gold"]["api-limit"], 100);
    gate.api(&group, "draft", "/draft");
    assert_eq!(document("all")["paths"].get("/draft"), None, "only what is online there");
    assert!(document("dev")["paths"]["/draft"].is_object());
    let refused = |body: Value| export(&gate, "", &body);
    assert_eq!(refused(json!({"env_id": RELEASE, "group_id": NOBODY})).0, 404);
    assert_eq!(refused(json!({"env_id": NOBODY, "group_id": group})).0, 404);
    assert_eq!(refused(json!({"env_id": RELEASE, "group_id": group, "apis": [NOBODY]})).0, 404);
}

const SMALL: &str = r##"
swagger: 2.0
info: { title: weather, version: "1" }
basePath: /v1
schemes: [https]
paths:
  /readings:
    parameters: [{ name: unit, in: query, type: string }]
    get:
      operationId: readings
      parameters: [{ $ref: "#/parameters/Limit" }]
      responses: { 200: { description: ok } }
    trace: { responses: { 200: { description: ok } } }
    post:
      security: [{ key: [] }]
      responses: { 200: { description: ok } }
parameters:
  Limit: { name: limit, in: query, type: integer, maximum: 50, minimum: 0 }
securityDefinitions:
  key: { type: apiKey, name: X-Key, in: header }
x-apigateway-ratelimits:
  gold: { api-limit: 50, interval: 1, unit: SECOND }
"##;

#[test]
fn a_document_without_extensions() {
    let gate = Gate::new();
    let done = import(&gate, &[("file_name", SMALL)], "import");
    assert_eq!((done.status, &done.body["failure"]), (200, &json!([])), "{}", done.body);
    assert_eq!(done.body["ignore"], json!([{"method": "TRACE", "path": "/readings"}]));
    let group = done.body["group_id"].as_str().unwrap();
    assert_eq!(gate.get(&format!("/api-groups/{group}")).body["name"], "weather");
    let listed = gate.get(&format!("/apis?group_id={group}")).body;
    assert_eq!(listed["apis"][0]["req_uri"], "/v1/readings");
    assert_eq!(
        (&listed["apis"][0]["auth_type"], &listed["apis"][1]["auth_type"]),
        (&json!("NONE"), &json!("APP"))
    );
    assert_eq!(listed["apis"][0].get("publish_id"), None, "nothing is published");
    let detail = gate.get(&format!("/apis/{}", listed["apis"][0]["id"].as_str().unwrap())).body;
    assert_eq!((&detail["backend_type"], &detail["req_params"][0]["max_num"]), (&json!("MOCK"), &json!(50)));
    assert_eq!(gate.get("/throttles?name=gold").body["throttles"][0]["api_call_limits"], 50);
    assert_eq!(import(&gate, &[("file_name", SMALL)], "import").code(), "APIG.3201");
}

#[test]
fn conflicts_keep_or_replace() {
    let gate = Gate::new();
    let group = gate.group("group_1");
    let old = gate.api(&group, "old", "/v1/readings");
    gate.make(
        "/throttles",
        json!({"name": "gold", "time_unit": "DAY", "time_interval": 1, "api_call_limits": 7}),
    );
    let into = |mode: &str| {
        let fields = [
            ("is_create_group", "false"),
            ("group_id", group.as_str()),
            ("api_mode", mode),
            ("extend_mode", mode),
            ("file_name", SMALL),
        ];
        import(&gate, &fields, "import").body
    };
    let kept = into("merge");
    assert_eq!(kept["failure"][0]["error_code"], "APIG.3301");
    assert!(kept["failure"][0]["error_msg"].as_str().unwrap().ends_with("API name: old"));
    assert_eq!(gate.get(&format!("/apis/{old}")).body["backend_type"], "HTTP");
    assert_eq!(gate.get("/throttles").body["throttles"][0]["api_call_limits"], 7);
    let replaced = into("override");
    assert_eq!(
        replaced["success"][0],
        json!({"id": old, "method": "GET", "path": "/v1/readings", "action": "update"})
    );
    assert_eq!(gate.get(&format!("/apis/{old}")).body["name"], "readings");
    assert_eq!(gate.get("/throttles").body["throttles"][0]["api_call_limits"], 50);
}

#[test]
fn bad_documents_and_forms() {
    let gate = Gate::new();
    let before = gate.dump();
    let refused = |text: &str, code: &str| {
        assert_eq!(import(&gate, &[("file_name", text)], "import").code(), code, "{text}");
    };
    refused("", "APIG.3609");
    refused("  ", "APIG.3609");
    refused("{", "APIG.3600");
    refused("[]", "APIG.3600");
    refused("{\"swagger\": \"1.2\"}", "APIG.3601");
    refused("{\"swagger\": \"2.0\", \"info\": {\"version\": \"1\"}, \"paths\": {}}", "APIG.2044");
    refused("{\"swagger\": \"2.0\", \"info\": {\"title\": \"weather\"}}", "APIG.3602");
    assert_eq!(import(&gate, &[("is_create_group", "maybe"), ("file_name", SMALL)], "import").status, 400);
    assert_eq!(
        import(&gate, &[("is_create_group", "false"), ("file_name", SMALL)], "import").code(),
        "APIG.2001"
    );
    let unknown = [("is_create_group", "false"), ("group_id", NOBODY), ("file_name", SMALL)];
    assert_eq!(import(&gate, &unknown, "import").code(), "APIG.3001");
    assert_eq!(import(&gate, &[], "import").code(), "APIG.2001");
    for body in ["", "{}", "--Y--", "--X\r\n"] {
        let request = Request::post(format!("{}/openapi/import", gate.root()));
        let request = request.header("content-type", "multipart/form-data; boundary=X");
        let response = gate.engine.handle(request.body(Bytes::from(body)).unwrap(), Access::Trusted);
        assert_eq!(response.status(), 400, "{body}");
    }
    assert_eq!(gate.dump(), before);
}

#[test]
fn tasks() {
    // Half a second goes by with each request; a task is at work for one.
    let gate = Gate::with(Options { clock: Clock::stepping(START, 500_000_000), ..options() });
    let started = import(&gate, &[("file_name", SMALL)], "async-import");
    assert_eq!(started.status, 202);
    let path = format!("/async-tasks/{}", started.body["task_id"].as_str().unwrap());
    assert_eq!(gate.get(&path).body["task_status"], "processing");
    let done = gate.get(&path).body;
    assert_eq!((&done["task_status"], &done["task_type"]), (&json!("succeed"), &json!("import_api")));
    let result: Value = serde_json::from_str(done["task_result"].as_str().unwrap()).unwrap();
    let group = result["group_id"].as_str().unwrap();
    let failed = import(&gate, &[("file_name", SMALL)], "async-import");
    let export = json!({"env_id": RELEASE, "group_id": group, "define": "dev"});
    assert_eq!(gate.post("/openapi/async-export", export.clone()).code(), "APIG.3718");
    let path = format!("/async-tasks/{}", failed.body["task_id"].as_str().unwrap());
    let result = gate.get(&path).body;
    assert_eq!(result["task_status"], "failed");
    assert!(result["task_result"].as_str().unwrap().contains("APIG.3201"));
    let exported = gate.post("/openapi/async-export", export);
    assert_eq!(exported.status, 202);
    let path = format!("/async-tasks/{}", exported.body["task_id"].as_str().unwrap());
    gate.get(&path);
    let result: Value = serde_json::from_str(gate.get(&path).body["task_result"].as_str().unwrap()).unwrap();
    let document: Value = serde_json::from_str(result["content"].as_str().unwrap()).unwrap();
    assert_eq!(document["info"]["title"], "weather");
    assert_eq!(gate.get(&format!("/async-tasks/{NOBODY}")).code(), "APIG.3093");
}
