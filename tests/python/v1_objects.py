"""Groups to the letter of the vendor's two pages, and every other kind of object through its life."""

from wire import MICROS, NANOS, NOBODY, RELEASE, SECONDS, call, check, equal, gone, made, members, refused

GROUP = {"id", "name", "status", "sl_domain", "sl_domains", "register_time", "update_time", "remark", "on_sell_status",
         "url_domains"}


def groups():
    wanted = {"name": "api_group_001", "remark": "API group 1"}
    group = made("create a group", "/api-groups", wanted)
    members("create a group", group.body, GROUP | {"is_default"})
    for name, value in {**wanted, "status": 1, "on_sell_status": 2, "is_default": 2, "url_domains": []}.items():
        equal(f"create a group: {name}", group[name], value)
    equal("two subdomains, of which one is the first", (len(group["sl_domains"]), group["sl_domains"][0]), (2, group["sl_domain"]))
    for name in ("register_time", "update_time"):
        check(f"{name} with nanoseconds: {group[name]}", NANOS.match(group[name]))
    path = f"/api-groups/{group['id']}"
    shown = call("GET", path)
    equal("query a group", shown.status, 200)
    members("query a group", shown.body, GROUP)
    check(f"register_time in seconds: {shown['register_time']}", SECONDS.match(shown["register_time"]))
    equal("not changed since", shown["update_time"], shown["register_time"])
    equal("the same group", {n: shown[n] for n in GROUP - {"register_time", "update_time"}},
          {n: group[n] for n in GROUP - {"register_time", "update_time"}})
    changed = call("PUT", path, {"name": "api_group_001", "remark": "API group 001"})
    equal("modify a group", (changed.status, changed["remark"], changed["is_default"]), (200, "API group 001", 2))
    check("its change with nanoseconds", NANOS.match(changed["update_time"]) and SECONDS.match(changed["register_time"]))
    shown = call("GET", path)
    check(f"a read shows a change to the microsecond: {shown['update_time']}", MICROS.match(shown["update_time"]))
    for what, name in [("two characters", "ab"), ("65 characters", "a" * 65), ("a digit first", "1abc"), ("an underscore first", "_abc"),
                       ("a hyphen", "a-bc"), ("a space", "a bc")]:
        refused(f"a group with {what}", "APIG.2011", 400, call("POST", "/api-groups", {"name": name}), "Invalid parameter value.")
    for name in ("abc", "a" * 64, "网关_组"):
        answer = made(f"a group called {name}", "/api-groups", {"name": name})
        gone("away again", f"/api-groups/{answer['id']}")
    refused("no name", "APIG.2001", 400, call("POST", "/api-groups", {"remark": "x"}), "The request parameters must be specified.")
    refused("a remark of 256", "APIG.2011", 400, call("POST", "/api-groups", {"name": "abc", "remark": "x" * 256}), "remark")
    equal("a remark of 255", call("PUT", path, {"name": "api_group_001", "remark": "x" * 255}).status, 200)
    refused("a name twice", "APIG.3201", 400, call("POST", "/api-groups", wanted), "The API group name already exists.")
    refused("not JSON", "APIG.2000", 400, call("POST", "/api-groups", b"{"))
    refused("no such group", "APIG.3001", 404, call("GET", f"/api-groups/{NOBODY}"), "The API group does not exist.")
    second = made("a second group", "/api-groups", {"name": "api_group_002"})
    listed = call("GET", "/api-groups")
    equal("newest first", [g["name"] for g in listed["groups"]], ["api_group_002", "api_group_001"])
    equal("counts", (listed["total"], listed["size"]), (2, 2))
    page = call("GET", "/api-groups", page_no=2, page_size=1)
    equal("the second page", (page["total"], page["size"], page["groups"][0]["name"]), (2, 1, "api_group_001"))
    equal("a page beyond the last", call("GET", "/api-groups", page_no=9)["groups"], [])
    equal("a part of the name", call("GET", "/api-groups", name="group_001")["total"], 1)
    equal("the whole name", call("GET", "/api-groups", name="group_001", precise_search="name")["total"], 0)
    refused("a page that is no number", "APIG.2011", 400, call("GET", "/api-groups", page_no="x"), "page_no")
    outline = call("GET", "/resources/outline/groups")
    equal("groups, none on the market", outline.body, {"onsell_nums": 0, "offsell_nums": 2})
    gone("delete a group", f"/api-groups/{second['id']}")
    gone("delete the first", path)


def environments():
    listed = call("GET", "/envs")
    equal("RELEASE is there from the start", [(e["id"], e["name"]) for e in listed["envs"]], [(RELEASE, "RELEASE")])
    env = made("an environment", "/envs", {"name": "DEV", "remark": "for development"})
    members("an environment", env.body, {"id", "name", "remark", "create_time"})
    refused("a name in another script", "APIG.2011", 400, call("POST", "/envs", {"name": "环境一"}), "name")
    refused("twice", "APIG.3205", 400, call("POST", "/envs", {"name": "DEV"}))
    changed = call("PUT", f"/envs/{env['id']}", {"name": "DEVELOP", "remark": "for development"})
    equal("renamed", (changed.status, changed["name"]), (200, "DEVELOP"))
    group = made("its group", "/api-groups", {"name": "with_variables"})
    variable = {"env_id": env["id"], "group_id": group["id"], "variable_name": "address", "variable_value": "192.168.1.5"}
    answer = made("a variable", "/env-variables", variable)
    equal("a variable", {k: answer[k] for k in variable}, variable)
    path = f"/env-variables/{answer['id']}"
    equal("its details", call("GET", path).body, answer.body)
    refused("twice", "APIG.3303", 400, call("POST", "/env-variables", variable))
    refused("a bad value", "APIG.2011", 400, call("POST", "/env-variables", {**variable, "variable_name": "other", "variable_value": "a b"}))
    refused("which group", "APIG.2001", 400, call("GET", "/env-variables"), "group_id")
    equal("variables", call("GET", "/env-variables", group_id=group["id"], env_id=env["id"])["variables"], [answer.body])
    gone("the variable", path)
    gone("the group", f"/api-groups/{group['id']}")
    gone("the environment", f"/envs/{env['id']}")
    refused("RELEASE stays", "APIG.2011", 400, call("DELETE", f"/envs/{RELEASE}"))


def throttles():
    body = {"name": "per_second", "api_call_limits": 800, "user_call_limits": 500, "app_call_limits": 300, "ip_call_limits": 600,
            "time_interval": 1, "time_unit": "SECOND", "remark": "800 a second"}
    throttle = made("a throttle", "/throttles", body)
    equal("a throttle", {k: throttle[k] for k in body}, body)
    equal("its defaults", [throttle[k] for k in ("type", "bind_num", "is_inclu_special_throttle", "enable_adaptive_control")],
          [1, 0, 2, "FALSE"])
    path = f"/throttles/{throttle['id']}"
    refused("a user may not call more often than the API can be", "APIG.2003", 400,
            call("PUT", path, {**body, "user_call_limits": 900}), "The parameter value is too large.")
    refused("an unknown unit", "APIG.2011", 400, call("PUT", path, {**body, "time_unit": "WEEK"}), "time_unit")
    equal("changed", call("PUT", path, {**body, "api_call_limits": 1000})["api_call_limits"], 1000)
    app = made("an app", "/apps", {"name": "special_app"})
    special = {"strategy_id": throttle["id"], "instance_id": app["id"], "instance_type": "APP", "call_limits": 150}
    answer = made("an exception", "/throttle-specials", special)
    equal("an exception", {k: answer[k] for k in special}, special)
    equal("its app", [answer[k] for k in ("instance_name", "app_id", "app_name")], ["special_app", app["id"], "special_app"])
    equal("changed", call("PUT", f"/throttle-specials/{answer['id']}", {"call_limits": 180})["call_limits"], 180)
    refused("more than the API", "APIG.2003", 400, call("PUT", f"/throttle-specials/{answer['id']}", {"call_limits": 1001}))
    refused("twice", "APIG.3308", 400, call("POST", "/throttle-specials", special))
    refused("no such policy", "APIG.3005", 404, call("POST", "/throttle-specials", {**special, "strategy_id": NOBODY}))
    listed = call("GET", f"/throttle-specials/{throttle['id']}", instance_type="APP", app_name="special")
    equal("exceptions", [(s["id"], s["call_limits"], s["strategy_id"]) for s in listed["throttle_specials"]],
          [(answer["id"], 180, throttle["id"])])
    equal("of another app", call("GET", f"/throttle-specials/{throttle['id']}", app_name="other")["total"], 0)
    equal("with exceptions", call("GET", path)["is_inclu_special_throttle"], 1)
    gone("the exception", f"/throttle-specials/{answer['id']}")
    refused("it is gone", "APIG.3013", 404, call("DELETE", f"/throttle-specials/{answer['id']}"))
    gone("the throttle", path)
    gone("the app", f"/apps/{app['id']}")


def keys_and_controls():
    sign = made("a signature key", "/signs", {"name": "signature01", "sign_key": "abcd_123", "sign_secret": "a-secret_of_16_chars"})
    equal("its secret is masked", (sign["sign_key"], sign["sign_secret"]), ("abcd_123", "******"))
    members("a signature key", sign.body, {"id", "name", "sign_key", "sign_secret", "create_time", "update_time"})
    generated = made("a generated one", "/signs", {"name": "signature02"})
    equal("its key", (len(generated["sign_key"]), generated["sign_secret"]), (32, "******"))
    refused("a key too short", "APIG.2011", 400, call("POST", "/signs", {"name": "signature03", "sign_key": "abc"}), "sign_key")
    listed = call("GET", "/signs", name="signature")
    equal("keys", [(s["name"], s["bind_num"]) for s in listed["signs"]], [("signature02", 0), ("signature01", 0)])
    equal("renamed", call("PUT", f"/signs/{sign['id']}", {"name": "signature09"})["name"], "signature09")
    for one in (sign, generated):
        gone("the key", f"/signs/{one['id']}")
    body = {"acl_name": "acl_001", "acl_type": "PERMIT", "acl_value": "192.168.1.5,192.168.10.0/24,192.168.12.12-192.168.12.19",
            "entity_type": "IP"}
    acl = made("an access control", "/acls", body)
    equal("an access control", {k: acl[k] for k in body}, body)
    changed = call("PUT", f"/acls/{acl['id']}", {"acl_name": "acl_002", "acl_type": "DENY", "acl_value": "10.0.0.1"})
    equal("changed, without its type", (changed.status, changed["acl_name"], "entity_type" in changed.body), (200, "acl_002", False))
    equal("its type stayed", call("GET", f"/acls/{acl['id']}")["entity_type"], "IP")
    refused("no address", "APIG.2011", 400, call("POST", "/acls", {**body, "acl_value": "here"}), "acl_value")
    equal("listed", [a["bind_num"] for a in call("GET", "/acls", entity_type="IP")["acls"]], [0])
    swept = call("PUT", "/acls", {"acls": [acl["id"], NOBODY]}, action="delete")
    equal("many at once", (swept.status, swept["success_count"], [f["error_code"] for f in swept["failure"]]), (200, 1, ["APIG.3006"]))
    equal("in the words of the table", swept["failure"][0]["error_msg"], "The access control policy does not exist.")
    refused("another action", "APIG.2011", 400, call("PUT", "/acls", {"acls": [acl["id"]]}, action="erase"), "action")


def applications():
    app = made("an app", "/apps", {"name": "app_001", "remark": "first app"})
    members("an app", app.body, {"id", "name", "status", "app_key", "app_secret", "creator", "remark", "register_time", "update_time",
                                 "app_type"})
    equal("an app", [app[k] for k in ("status", "app_secret", "creator", "app_type")], [1, "******", "USER", "apig"])
    path = f"/apps/{app['id']}"
    equal("checked", call("GET", f"/apps/validation/{app['id']}").body, {"id": app["id"], "name": "app_001", "remark": "first app"})
    reset = call("PUT", f"/apps/secret/{app['id']}", {"app_secret": "app_secret_sample"})
    equal("another secret", (reset.status, reset["app_secret"], reset["app_key"]), (200, "******", app["app_key"]))
    changed = call("PUT", path, {"name": "app_002"})
    equal("renamed, with its key", (changed["name"], changed["app_key"]), ("app_002", app["app_key"]))
    check("a read shows the change", MICROS.match(call("GET", path)["update_time"]))
    code = "GjOD3g80AABuuFeEJpVQADBlAjBh3UzC7W+gr4VJBB5BtJ4fdVOQoSvoji3gFxUDb5pWBz9wUcw9+8/bFZ1B/4pq29wCMQC0pQWX6zTndljDEl99As1pw="
    first = made("a code", f"{path}/app-codes", {"app_code": code})
    equal("a code", (first["app_code"], first["app_id"]), (code, app["id"]))
    generated = call("PUT", f"{path}/app-codes")
    equal("a generated code", (generated.status, len(generated["app_code"])), (201, 64))
    refused("a code too short", "APIG.2011", 400, call("POST", f"{path}/app-codes", {"app_code": "abc"}), "app_code")
    refused("a code twice", "APIG.3309", 400, call("POST", f"{path}/app-codes", {"app_code": code}))
    equal("codes", [c["id"] for c in call("GET", f"{path}/app-codes/")["app_codes"]], [generated["id"], first["id"]])
    equal("one code", call("GET", f"{path}/app-codes/{first['id']}")["app_code"], code)
    gone("the code", f"{path}/app-codes/{first['id']}")
    refused("it is gone", "APIG.3082", 404, call("GET", f"{path}/app-codes/{first['id']}"))
    equal("apps without authorization", call("GET", "/resources/outline/apps").body, {"authed_nums": 0, "unauthed_nums": 1})
    equal("found by its key", call("GET", "/apps", app_key=app["app_key"])["total"], 1)
    gone("the app", path)
    refused("no such app", "APIG.3004", 404, call("GET", path), "The app does not exist.")


def authorizers():
    body = {"name": "Authorizer_9dlh", "type": "FRONTEND", "authorizer_type": "FUNC", "ttl": 10, "user_data": "aaaa",
            "authorizer_uri": "urn:fss:regionexample:dbb5762c88f045c6a1427a952bcae284:function:default:test111",
            "identities": [{"name": "Authorization", "location": "HEADER"}]}
    authorizer = made("an authorizer", "/authorizers", body)
    equal("an authorizer", {k: authorizer[k] for k in body}, body)
    path = f"/authorizers/{authorizer['id']}"
    shown = call("GET", path)
    equal("a read that answers 201, as its page says", (shown.status, shown["ttl"]), (201, 10))
    equal("changed", call("PUT", path, {**body, "ttl": 20})["ttl"], 20)
    equal("listed", call("GET", "/authorizers", type="FRONTEND")["authorizer_list"][0]["name"], "Authorizer_9dlh")
    refused("not a function", "APIG.3019", 404, call("POST", "/authorizers", {**body, "name": "other", "authorizer_uri": "x"}))
    gone("the authorizer", path)


def channels():
    health = {"protocol": "http", "path": "/hc", "port": 15563, "threshold_normal": 5, "threshold_abnormal": 5, "time_out": 30,
              "time_interval": 200, "http_code": "205"}
    body = {"name": "vpc_001", "type": 2, "member_type": "instance", "port": 15565, "balance_strategy": 1, "vpc_health_config": health,
            "vpc_instances": [{"instance_id": "instance01", "instance_name": "instance_name01", "weight": 10}]}
    channel = made("a channel", "/vpc-channels", body)
    members("a channel", channel.body, {"id", "name", "type", "member_type", "status", "port", "balance_strategy", "create_time"})
    equal("a channel", (channel["member_type"], channel["status"]), ("instance", 1))
    path = f"/vpc-channels/{channel['id']}"
    detail = call("GET", path)
    equal("its health check", {k: detail["vpc_health_config"][k] for k in health}, health)
    equal("of this channel", detail["vpc_health_config"]["vpc_id"], channel["id"])
    equal("its member", [detail["vpc_instances"][0][k] for k in ("instance_id", "instance_name", "weight", "vpc_id", "status")],
          ["instance01", "instance_name01", 10, channel["id"], 1])
    added = call("POST", f"{path}/members", {"vpc_instances": [
        {"instance_id": "instance02", "instance_name": "instance_name02", "weight": 10}]})
    equal("all members after one was added", (added.status, added["total"], [i["instance_id"] for i in added["vpc_instances"]]),
          (201, 2, ["instance02", "instance01"]))
    equal("members by name", call("GET", f"{path}/members", name="name02")["total"], 1)
    second = added["vpc_instances"][0]["id"]
    gone("a member", f"{path}/members/{second}")
    refused("it is gone", "APIG.3024", 404, call("DELETE", f"{path}/members/{second}"))
    refused("a weight of 101", "APIG.2011", 400, call("POST", f"{path}/members", {"vpc_instances": [
        {"instance_id": "instance03", "instance_name": "x", "weight": 101}]}), "weight")
    refused("a timeout longer than the interval", "APIG.2011", 400,
            call("PUT", path, {**body, "vpc_health_config": {**health, "time_interval": 20}}), "time_interval")
    for codes in ("99", "200,", "299-200", "ok"):
        refused(f"the status {codes}", "APIG.2011", 400, call("PUT", path, {**body, "vpc_health_config": {**health, "http_code": codes}}), "http_code")
    refused("an address instead", "APIG.2011", 400, call("PUT", path, {**body, "member_type": "ip"}), "member_type")
    equal("renamed", call("PUT", path, {**body, "name": "vpc_002"})["name"], "vpc_002")
    equal("listed", [v["name"] for v in call("GET", "/vpc-channels", vpc_type=2)["vpcs"]], ["vpc_002"])
    equal("none of another type", call("GET", "/vpc-channels", vpc_type=1)["vpcs"], [])
    gone("the channel", path)


def market_and_limits():
    for what, path in [("apis", "/purchases/apis"), ("purchases", "/purchases/groups")]:
        equal(f"no {what} were bought", call("GET", path).body, {"total": 0, "size": 0, what: []})
    refused("no purchase", "APIG.3014", 404, call("GET", f"/purchases/groups/{NOBODY}"))
    configs = call("GET", "/config/project", page_size=3)
    equal("limits", [(c["config_id"], c["config_name"], c["config_value"]) for c in configs["configs"]],
          [("1", "API_NUM_LIMIT", "300"), ("2", "APP_NUM_LIMIT", "30"), ("3", "APIGROUP_NUM_LIMIT", "30")])
    limit = call("GET", "/config/project", config_name="APP_NUM_LIMIT")["configs"][0]
    members("a limit", limit, {"config_id", "config_name", "config_value", "config_time", "remark"})
    apps = []
    for index in range(int(limit["config_value"])):
        apps.append(made("up to the limit", "/apps", {"name": f"app_{index:03}"})["id"])
    refused("one more", "APIG.3103", 403, call("POST", "/apps", {"name": "one_more"}), "exceeds the maximum allowed limit.")
    for app in apps:
        gone("away again", f"/apps/{app}")


def run():
    groups()
    environments()
    throttles()
    keys_and_controls()
    applications()
    authorizers()
    channels()
    market_and_limits()
