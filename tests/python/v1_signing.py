"""Who is let in, and who sees what: signatures, tokens, projects, and the other edition of the API beside this one."""

import copy
import http.client
import json

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from wire import HOST, READY, RELEASE, call, check, equal, gone, made, refused, send, signed


def v2(method, path, body=None):
    """The same signer, one level higher: the path is not one of V1."""
    text = None if body is None else json.dumps(body).encode()
    request = SdkRequest(method=method, schema="http", host=HOST, resource_path=path, query_params=[],
                         header_params={"Content-Type": "application/json"}, body=text)
    return send(Signer(BasicCredentials(READY["access_key"], READY["secret_key"])).sign(request))


def turned_away():
    body = {"name": "never_made"}
    refused("another secret key", "APIG.1002", 401, send(signed("POST", "/api-groups", body=body, secret="x" * 40)),
            "Incorrect token or token resolution failed")
    refused("another access key", "APIG.1002", 401, send(signed("POST", "/api-groups", body=body, access="OTHER")))
    changed = copy.copy(signed("POST", "/api-groups", body=body))
    changed.body = changed.body.replace(b"never", b"later")
    refused("another body", "APIG.1002", 401, send(changed))
    changed = copy.copy(signed("GET", "/api-groups"))
    changed.uri = changed.uri.replace("/api-groups", "/apps")
    refused("another path", "APIG.1002", 401, send(changed))
    changed = copy.copy(signed("GET", "/api-groups"))
    changed.header_params["X-Sdk-Date"] = "20200101T000000Z"
    refused("another date", "APIG.1002", 401, send(changed))
    nothing = copy.copy(signed("GET", "/api-groups"))
    del nothing.header_params["Authorization"]
    refused("no signature", "APIG.1000", 401, send(nothing), "The token is missing.")
    nothing.header_params["X-Auth-Token"] = "made up"
    refused("a token of one's own", "APIG.1002", 401, send(nothing))
    refused("strangers learn nothing of paths", "APIG.1002", 401, send(signed("GET", "/nowhere", secret="x" * 40)))
    refused("no such path", "APIG.0101", 404, call("GET", "/nowhere"))
    refused("no such method", "APIG.0101", 405, call("PATCH", "/api-groups"))
    equal("nothing was made", call("GET", "/api-groups")["total"], 0)


def projects():
    group = made("a group", "/api-groups", {"name": "of_the_first"})["id"]
    named = send(signed("GET", f"/api-groups/{group}", headers={"X-Project-Id": READY["project_id"]}))
    equal("the project by its name", named.status, 200)
    refused("another project", "APIG.1005", 401, call("GET", "/api-groups", headers={"X-Project-Id": "0" * 32}))
    identity = {"auth": {"identity": {"methods": ["hw_ak_sk"], "hw_ak_sk": {
        "access": {"key": READY["access_key"]}, "secret": {"key": READY["secret_key"]}}},
        "scope": {"project": {"id": READY["project_id"]}}}}
    connection = http.client.HTTPConnection(HOST, timeout=60)
    connection.request("POST", "/v3/auth/tokens", json.dumps(identity), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    token, _ = answer.getheader("X-Subject-Token"), answer.read()
    connection.close()
    unsigned = copy.copy(signed("GET", f"/api-groups/{group}"))
    del unsigned.header_params["Authorization"]
    unsigned.header_params["X-Auth-Token"] = token
    equal("by token", send(unsigned).status, 200)
    gone("the group", f"/api-groups/{group}")


def editions():
    """Neither API sees what is in the other."""
    here = made("in the shared gateway", "/api-groups", {"name": "shared_one"})["id"]
    root = f"/v2/{READY['project_id']}/apigw/instances/{READY['instance_id']}"
    there = v2("POST", f"{root}/api-groups", {"name": "dedicated_one"})
    equal("in the dedicated one", there.status, 201)
    equal("seen there", [g["name"] for g in v2("GET", f"{root}/api-groups")["groups"]], ["dedicated_one"])
    equal("seen here", [g["name"] for g in call("GET", "/api-groups")["groups"]], ["shared_one"])
    refused("not by id", "APIG.3001", 404, v2("GET", f"{root}/api-groups/{here}"))
    refused("nor the other way", "APIG.3001", 404, call("GET", f"/api-groups/{there['id']}"))
    gateways = v2("GET", f"/v2/{READY['project_id']}/apigw/instances")
    equal("one gateway is listed", [g["id"] for g in gateways["instances"]], [READY["instance_id"]])
    shared = f"/v2/{READY['project_id']}/apigw/instances/shared"
    refused("the shared one is no gateway of V2", "APIG.3030", 404, v2("GET", f"{shared}/api-groups"))
    check("it cannot be deleted", v2("DELETE", shared).status == 404)
    equal("it is still there", call("GET", "/envs")["envs"][0]["id"], RELEASE)
    equal("gone there", v2("DELETE", f"{root}/api-groups/{there['id']}").status, 204)
    gone("gone here", f"/api-groups/{here}")


def run():
    turned_away()
    projects()
    editions()
