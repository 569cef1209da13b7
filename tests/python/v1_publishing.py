"""A group, its APIs, and all that happens to them: published, bound, authorized, debugged, exported, gone."""

from wire import NANOS, NOBODY, RELEASE, SECONDS, call, check, equal, gone, made, members, refused

SWAGGER = {"swagger": "2.0", "info": {"title": "imported", "version": "1", "description": "from a file"},
           "paths": {"/weather/{city}": {"get": {
               "operationId": "weather", "schemes": ["https"], "security": [{"apig-auth-app": []}],
               "parameters": [{"name": "city", "in": "path", "required": True, "type": "string"}],
               "responses": {"default": {"description": "any"}},
               "x-apigateway-backend": {"type": "HTTP", "parameters": [
                   {"name": "city", "in": "PATH", "origin": "REQUEST", "value": "city"}],
                   "httpEndpoints": {"address": "1.1.1.1:443", "scheme": "https", "method": "GET", "path": "/{city}", "timeout": 5000}},
               "x-apigateway-backend-policies": [{
                   "type": "MOCK", "name": "policy_test", "effectMode": "ANY", "mockEndpoints": {"result-content": "sunny"},
                   "conditions": [{"origin": "request", "parameter": "city", "type": "equal", "value": "here"},
                                  {"origin": "source", "parameter": "", "type": "", "value": "1.0.0.0/8"}]}],
           }}}}


def definition(group, name="test", uri="/test/{project_id}", **more):
    """The vendor's example, in its small letters."""
    return {"auth_type": "app", "auth_opt": {"app_code_auth_type": "HEADER"},
            "backend_api": {"req_method": "get", "req_protocol": "http", "req_uri": "/test", "timeout": 1000, "url_domain": "backend.example"},
            "backend_params": [{"location": "query", "name": "project_id", "origin": "request", "value": "project_id"},
                               {"location": "query", "name": "city", "origin": "request", "value": "city"}],
            "backend_type": "http", "group_id": group, "name": name, "req_method": "get",
            "req_params": [{"location": "path", "name": "project_id", "required": 1, "type": "string"},
                           {"location": "query", "name": "city", "required": 2, "type": "string"}],
            "req_uri": uri, "tags": ["APIG-SN-test", "test"], "type": 1, "result_normal_sample": "hello world!", **more}


def mock(group, name, uri, **more):
    return {"group_id": group, "name": name, "type": 1, "req_method": "GET", "req_uri": uri, "auth_type": "NONE",
            "backend_type": "MOCK", "mock_info": {"result_content": "a mock answers"}, **more}


def apis(group):
    api = made("an API", "/apis", definition(group))
    for name, value in {"req_protocol": "HTTPS", "req_method": "GET", "auth_type": "APP", "match_mode": "NORMAL", "backend_type": "HTTP",
                        "status": 1, "version": "V0.0.1", "arrange_necessary": 2, "cors": False, "group_name": "published",
                        "auth_opt": {"app_code_auth_type": "HEADER"}, "tags": ["APIG-SN-test", "test"]}.items():
        equal(f"an API: {name}", api[name], value)
    check("its time", NANOS.match(api["register_time"]))
    backend = api["backend_api"]
    equal("its backend", [backend[k] for k in ("req_protocol", "req_method", "vpc_status", "status", "timeout")], ["HTTP", "GET", 2, 1, 1000])
    equal("its parameters", [(p["location"], p["type"], p["required"], p["valid_enable"]) for p in api["req_params"]],
          [("PATH", "STRING", 1, 2), ("QUERY", "STRING", 2, 2)])
    equal("whose backend knows them", [p["req_param_id"] for p in api["backend_params"]], [p["id"] for p in api["req_params"]])
    path = f"/apis/{api['id']}"
    shown = call("GET", path)
    equal("its details", (shown.status, shown["backend_api"]["id"], shown["req_params"]), (200, backend["id"], api["req_params"]))
    check("in seconds", SECONDS.match(shown["register_time"]))
    refused("the name is taken", "APIG.3202", 400, call("POST", "/apis", definition(group, uri="/other/{project_id}")))
    refused("the path is taken", "APIG.3301", 400, call("POST", "/apis", definition(group, name="other")), "The API already exists.")
    refused("a hyphen in the name", "APIG.2011", 400, call("POST", "/apis", definition(group, name="a-b")), "parameterName:name")
    refused("a parameter the path has not", "APIG.2026", 400, call("POST", "/apis", definition(group, "more", "/more/{project_id}/{x}")))
    refused("a long timeout", "APIG.2011", 400, call("POST", "/apis", definition(group, "slow", "/slow/{project_id}", backend_api={
        **definition(group)["backend_api"], "timeout": 60001})), "timeout")
    refused("two services", "APIG.2011", 400, call("POST", "/apis", mock(group, "both", "/both", tags=["APIG-SN-a", "APIG-SN-b"])), "tags")
    refused("no such channel", "APIG.3023", 404, call("POST", "/apis", definition(group, "chan", "/chan/{project_id}", backend_api={
        **definition(group)["backend_api"], "vpc_status": 1, "vpc_info": {"vpc_id": NOBODY}})))
    refused("which channel", "APIG.2001", 400, call("POST", "/apis", definition(group, "chan", "/chan/{project_id}", backend_api={
        **definition(group)["backend_api"], "vpc_status": 1})), "vpc_id")
    changed = definition(group, remark="changed", backend_api={**definition(group)["backend_api"], "timeout": 99999})
    changed.pop("group_id")
    answer = call("PUT", path, changed)
    equal("changed, with the default for a timeout out of range", (answer.status, answer["backend_api"]["timeout"], answer["remark"]),
          (200, 45000, "changed"))
    refused("not to another group", "APIG.2011", 400, call("PUT", path, definition(NOBODY)), "group_id")
    refused("no such group", "APIG.3001", 404, call("POST", "/apis", definition(NOBODY, "else")))
    other = made("a mock", "/apis", mock(group, "mocked", "/mocked", tag="APIG-SN-old"))
    check("a tag to be abandoned has no effect", "tag" not in other.body and "tags" not in other.body)
    equal("listed, newest first", [a["name"] for a in call("GET", "/apis")["apis"]], ["mocked", "test"])
    equal("by tag", [a["name"] for a in call("GET", "/apis", tags="test")["apis"]], ["test"])
    equal("all of them", call("GET", "/apis", page_size=0)["size"], 2)
    return api["id"], other["id"]


def publish(api, other):
    test = made("TEST", "/envs", {"name": "TEST"})["id"]
    first = made("published", f"/apis/publish/{api}", {"env_id": RELEASE, "remark": "first"})
    members("published", first.body, {"publish_id", "api_id", "env_id", "remark", "publish_time", "version_id"})
    again = made("published again", f"/apis/publish/{api}", {"env_id": RELEASE})
    check("one publication, two versions", again["publish_id"] == first["publish_id"] and again["version_id"] != first["version_id"])
    history = call("GET", f"/apis/publish/{api}", env_name="RELEASE")
    equal("its history, newest first", (history.status, [(v["version_id"], v["status"]) for v in history["api_versions"]]),
          (201, [(again["version_id"], 1), (first["version_id"], 2)]))
    version = call("GET", f"/apis/versions/{first['version_id']}")
    equal("a version", (version["version_id"], version["id"], len(version["sl_domains"])), (first["version_id"], api, 2))
    running = call("GET", f"/apis/runtime/{api}", env_id=RELEASE)
    equal("what runs", (running["publish_id"], running["run_env_name"], "backend_api" in running.body), (first["publish_id"], "RELEASE", False))
    shown = call("GET", f"/apis/{api}")
    equal("the draft says where it runs", (shown["run_env_id"], shown["publish_id"]), (RELEASE, first["publish_id"]))
    batch = call("POST", "/apis/publish", {"apis": [api, other, NOBODY], "env_id": test, "remark": "all"}, action="online")
    equal("many at once", (batch.status, [s["api_name"] for s in batch["success"]]), (200, ["test", "mocked"]))
    equal("but for one", [(f["api_id"], f["error_code"]) for f in batch["failure"]], [(NOBODY, "APIG.3002")])
    batch = call("POST", "/apis/publish", {"apis": [other], "env_id": test}, action="offline")
    equal("many offline", batch["success"], [{"api_id": other, "api_name": "mocked"}])
    gone("offline", f"/apis/publish/{api}", env_id=test)
    refused("offline twice", "APIG.3015", 404, call("DELETE", f"/apis/publish/{api}", env_id=test), "The API publication record does not exist.")
    refused("where", "APIG.2001", 400, call("DELETE", f"/apis/publish/{api}"), "env_id")
    refused("no such environment", "APIG.3003", 404, call("POST", f"/apis/publish/{api}", {"env_id": NOBODY}))
    refused("what is published stays", "APIG.3416", 403, call("DELETE", f"/apis/{api}"), "has been published")
    equal("APIs on RELEASE", call("GET", "/resources/outline/apis").body, {"instance_num": 2, "nums_on_release": 1, "nums_off_release": 1})
    gone("the environment", f"/envs/{test}")
    return first["publish_id"], again["version_id"]


def bind(api, publication):
    throttle = made("a throttle", "/throttles", {"name": "gold", "api_call_limits": 10, "time_interval": 1, "time_unit": "MINUTE"})["id"]
    sign = made("a key", "/signs", {"name": "signed"})["id"]
    acl = made("a control", "/acls", {"acl_name": "closed", "acl_type": "DENY", "acl_value": "10.0.0.1", "entity_type": "IP"})["id"]
    unbound = call("GET", "/throttle-bindings/unbinded-apis", throttle_id=throttle)
    equal("could be bound", [(a["id"], a["publish_id"]) for a in unbound["apis"]], [(api, publication)])
    bound = made("bind a throttle", "/throttle-bindings", {"strategy_id": throttle, "publish_ids": [publication]})["throttle_applys"][0]
    equal("a binding", (bound["strategy_id"], bound["publish_id"], bound["scope"]), (throttle, publication, 1))
    listed = call("GET", "/throttle-bindings/binded-apis", throttle_id=throttle)["apis"]
    equal("bound APIs", [(a["throttle_apply_id"], a["throttle_name"]) for a in listed], [(bound["id"], "gold")])
    listed = call("GET", "/throttle-bindings/binded-throttles", api_id=api)["throttles"]
    equal("bound throttles", [(t["id"], t["bind_id"], t["bind_num"], t["env_name"]) for t in listed], [(throttle, bound["id"], 1, "RELEASE")])
    keyed = made("bind a key", "/sign-bindings", {"sign_id": sign, "publish_ids": [publication]}).body
    equal("a bare list", [(b["sign_name"], b["api_name"], b["sign_secret"]) for b in keyed], [("signed", "test", "******")])
    equal("bound keys", call("GET", "/sign-bindings/binded-signs", api_id=api)["bindings"][0]["id"], keyed[0]["id"])
    equal("APIs with the key", call("GET", "/sign-bindings/binded-apis", sign_id=sign)["total"], 1)
    equal("APIs without it", call("GET", "/sign-bindings/unbinded-apis", sign_id=sign)["total"], 0)
    controlled = made("bind a control", "/acl-bindings", {"acl_id": acl, "publish_ids": [publication]}).body
    equal("a bare list", [(b["acl_id"], b["env_id"], b["api_id"]) for b in controlled], [(acl, RELEASE, api)])
    equal("APIs under control", call("GET", "/acl-bindings/binded-apis", acl_id=acl)["apis"][0]["bind_id"], controlled[0]["id"])
    equal("controls", call("GET", "/acl-bindings/binded-acls", api_id=api)["acls"][0]["acl_name"], "closed")
    equal("APIs without", call("GET", "/acl-bindings/unbinded-apis", acl_id=acl)["total"], 0)
    refused("what is bound stays", "APIG.3447", 403, call("DELETE", f"/acls/{acl}"))
    freed = call("PUT", "/acl-bindings", {"acl_bindings": [controlled[0]["id"], NOBODY]}, action="delete")
    equal("unbind many", (freed["success_count"], freed["failure"][0]["bind_id"], freed["failure"][0]["error_code"]), (1, NOBODY, "APIG.3010"))
    gone("unbind a key", f"/sign-bindings/{keyed[0]['id']}")
    refused("not twice", "APIG.3018", 404, call("DELETE", f"/sign-bindings/{keyed[0]['id']}"))
    refused("no such publication", "APIG.3015", 404, call("POST", "/throttle-bindings", {"strategy_id": throttle, "publish_ids": [NOBODY]}))
    refused("no such policy", "APIG.3005", 404, call("POST", "/throttle-bindings", {"strategy_id": NOBODY, "publish_ids": [publication]}))
    gone("unbind a throttle", f"/throttle-bindings/{bound['id']}")
    for path in (f"/throttles/{throttle}", f"/signs/{sign}", f"/acls/{acl}"):
        gone(path, path)


def authorize(api, other):
    app = made("an app", "/apps", {"name": "caller"})["id"]
    wanted = {"api_ids": [api], "app_ids": [app], "env_id": RELEASE}
    equal("may be authorized", [a["id"] for a in call("GET", "/app-auths/unbinded-apis", app_id=app, env_id=RELEASE)["apis"]], [api])
    auth = made("authorized", "/app-auths", wanted).body[0]
    equal("an authorization", [auth[k] for k in ("api_id", "app_id", "auth_role", "auth_result")], [api, app, "PROVIDER", "SUCCESS"])
    equal("once is enough", made("again", "/app-auths", wanted).body[0]["auth_result"], "SKIPPED")
    refused("an API without apps", "APIG.2011", 400, call("POST", "/app-auths", {**wanted, "api_ids": [api, other]}), "api_ids")
    listed = call("GET", "/app-auths/binded-apis", app_id=app)["auths"]
    equal("its APIs", [(a["id"], a["appid"], a["envname"], a["app_creator"]) for a in listed], [(auth["id"], app, "RELEASE", "USER")])
    equal("the callers", [a["app_name"] for a in call("GET", "/app-auths/binded-apps", api_id=api)["auths"]], ["caller"])
    gone("no longer", f"/app-auths/{auth['id']}")
    refused("no such authorization", "APIG.3009", 404, call("DELETE", f"/app-auths/{auth['id']}"))
    gone("the app", f"/apps/{app}")


def debug(other):
    trial = {"mode": "DEVELOPER", "scheme": "HTTPS", "method": "GET", "path": "/mocked", "query": {"city": ["shenzhen", "beijing"]},
             "header": {"X-My-City": ["shenzhen"]}}
    answer = call("POST", f"/apis/debug/{other}", trial)
    equal("debugged", answer.status, 200)
    check("the request", answer["request"].startswith("GET /mocked?city=shenzhen&city=beijing HTTP/1.1\r\nHost: "))
    check("the response", answer["response"].startswith("HTTP/1.1 200 OK\r\n") and answer["response"].endswith("\r\n\r\na mock answers"))
    check("the time is a text", isinstance(answer["latency"], str) and answer["latency"].isdigit())
    refused("not online", "APIG.3015", 404, call("POST", f"/apis/debug/{other}", {**trial, "mode": "MARKET"}))
    made("online, without an action", "/apis/publish", {"apis": [other], "env_id": RELEASE}, status=200)
    answer = call("POST", f"/apis/debug/{other}", {**trial, "mode": "market"})
    check("what is sold runs in RELEASE", answer["response"].endswith("a mock answers"))
    gone("offline again", f"/apis/publish/{other}", env_id=RELEASE)
    refused("a path without a slash", "APIG.2011", 400, call("POST", f"/apis/debug/{other}", {**trial, "path": "x"}), "path")


def documents(group, api):
    exported = call("GET", "/openapi", group_id=group, env_id=RELEASE, define="all")
    equal("exported", (exported.status, exported["swagger"], exported["info"]["title"]), (200, "2.0", "published"))
    operation = exported["paths"]["/test/{project_id}"]["get"]
    equal("its backend", operation["x-apigateway-backend"]["parameters"][0]["in"], "QUERY")
    equal("in the other spelling", call("GET", "/openapi", group=group, env=RELEASE)["info"]["title"], "published")
    equal("without backends", "x-apigateway-backend" in call("GET", "/openapi", group_id=group, env_id=RELEASE)
          ["paths"]["/test/{project_id}"]["get"], False)
    check("as YAML", call("GET", "/openapi", group_id=group, env_id=RELEASE, type="yaml").body.startswith("swagger:"))
    equal("some APIs", list(call("POST", "/openapi/apis", [api], env_id=RELEASE)["paths"]), ["/test/{project_id}"])
    refused("of which environment", "APIG.2001", 400, call("GET", "/openapi", group_id=group), "env_id")
    refused("no API", "APIG.3002", 404, call("POST", "/openapi/apis", [NOBODY], env_id=RELEASE))
    done = call("POST", "/openapi", SWAGGER)
    equal("a new group", (done.status, [(s["method"], s["path"], s["action"]) for s in done["success"]], done["failure"]),
          (200, [("GET", "/weather/{city}", "create")], []))
    imported = call("GET", f"/apis/{done['success'][0]['id']}")
    equal("its backend", (imported["backend_api"]["url_domain"], imported["auth_type"]), ("1.1.1.1:443", "APP"))
    equal("its policy", [(c["condition_origin"], c.get("condition_type"), c.get("req_param_name"))
                         for c in imported["policy_mocks"][0]["conditions"]], [("param", "exact", "city"), ("source", None, None)])
    kept = call("PUT", "/openapi", SWAGGER, group_id=done["group_id"], mode="merge")
    equal("what is there stays", (kept["success"], kept["failure"][0]["error_code"]), ([], "APIG.3301"))
    replaced = call("PUT", "/openapi", SWAGGER, group_id=done["group_id"], mode="override")
    equal("or is replaced", replaced["success"][0]["action"], "update")
    refused("no document", "APIG.3609", 400, call("POST", "/openapi", b""))
    refused("another version", "APIG.3601", 400, call("POST", "/openapi", {**SWAGGER, "swagger": "1.2"}))
    refused("which mode", "APIG.2001", 400, call("PUT", "/openapi", SWAGGER, group_id=done["group_id"]), "mode")
    gone("the imported API", f"/apis/{imported['id']}")
    gone("the new group", f"/api-groups/{done['group_id']}")


def statistics(group, api):
    answer = call("GET", "/statistics/api/latest", api_id=api, duration="1h")
    equal("nothing was measured", (answer["code"], answer["list"]), ("APIG.0000", []))
    equal("an hour", answer["end_time"] - answer["start_time"], 3540)
    equal("of a group", call("GET", "/statistics/group/latest", group_id=group)["list"], [])
    for length in ("1x", "1d", "h", "-1h", "0m"):
        refused(f"how long: {length}", "APIG.2011", 400, call("GET", "/statistics/api/latest", api_id=api, duration=length), "duration")
    refused("no such API", "APIG.3002", 404, call("GET", "/statistics/api/latest", api_id=NOBODY, duration="1h"))


def domains(group):
    path = f"/api-groups/{group}/domains"
    domain = made("a domain", path, {"url_domain": "www.example.com"})
    equal("a domain", (domain["url_domain"], domain["status"]), ("www.example.com", 3))
    equal("its group shows it", [(d["id"], d["domain"], d["cname_status"]) for d in call("GET", f"/api-groups/{group}")["url_domains"]],
          [(domain["id"], "www.example.com", 3)])
    refused("twice", "APIG.3305", 400, call("POST", path, {"url_domain": "www.example.com"}))
    refused("no domain", "APIG.2024", 400, call("POST", path, {"url_domain": "not a domain"}))
    refused("no certificate", "APIG.2106", 400, call("POST", f"{path}/{domain['id']}/certificate", {
        "name": "test_ssl", "cert_content": "example", "private_key": "example"}))
    refused("a name of three", "APIG.2011", 400, call("POST", f"{path}/{domain['id']}/certificate", {
        "name": "ssl", "cert_content": "example", "private_key": "example"}), "name")
    refused("no such certificate", "APIG.3021", 404, call("GET", f"{path}/{domain['id']}/certificate/{NOBODY}"))
    gone("the domain", f"{path}/{domain['id']}")
    refused("it is gone", "APIG.3020", 404, call("DELETE", f"{path}/{domain['id']}"))


def run():
    group = made("a group", "/api-groups", {"name": "published", "remark": "what happens to APIs"})["id"]
    api, other = apis(group)
    publication, version = publish(api, other)
    bind(api, publication)
    authorize(api, other)
    debug(other)
    documents(group, api)
    statistics(group, api)
    domains(group)
    refused("a group with APIs", "APIG.3415", 403, call("DELETE", f"/api-groups/{group}"), "contains APIs")
    gone("the version that runs", f"/apis/versions/{version}")
    refused("it runs no more", "APIG.3015", 404, call("GET", f"/apis/runtime/{api}", env_id=RELEASE))
    for one in (api, other):
        gone("an API", f"/apis/{one}")
    refused("no such API", "APIG.3002", 404, call("GET", f"/apis/{api}"), "The API does not exist.")
    gone("the group", f"/api-groups/{group}")
