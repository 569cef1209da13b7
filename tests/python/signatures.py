"""Who is let in, over a real socket: the official signer, signers that do less, and what is changed on the way."""

import copy
import datetime
import http.client
import json
import urllib.parse

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from helpers import GATEWAY, READY, C, check, client, equal, m, refused, request

HOST = READY["endpoint"].removeprefix("http://")
ROOT = f"/v2/{READY['project_id']}/apigw/instances/{GATEWAY}"
ODD = ["a/b", "a b", "50%", "%2F", "a%2Fb", "é", "网关", "a+b", "a&b=c", "a?b#c", "~-_.", "a;b", "'\"<>", "a//b", "/", "\u00a0"]


def signed(method="POST", path="/api-groups", query=(), body='{"name": "signed_1"}', headers=None, secret=None,
           access=None):
    """A request as the official signer makes it."""
    body = body.encode() if body else None
    made = SdkRequest(method=method, schema="http", host=HOST, resource_path=ROOT + path, query_params=list(query),
                      header_params={"Content-Type": "application/json", **(headers or {})}, body=body)
    return Signer(BasicCredentials(access or READY["access_key"], secret or READY["secret_key"])).sign(made)


class HostlessSigner(Signer):
    """Leaves `host` out of what is signed, as golangsdk does."""

    @classmethod
    def _process_signed_headers(cls, request):
        return [name for name in super()._process_signed_headers(request) if name != "host"]


def send(made):
    """Sends a request as it is; status and decoded body."""
    connection = http.client.HTTPConnection(HOST, timeout=60)
    headers = {name: value for name, value in made.header_params.items() if name.lower() != "host"}
    connection.putrequest(made.method, made.uri, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", made.header_params.get("Host", HOST))
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(made.body or b"")))
    connection.endheaders(made.body)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else None


def accepted():
    status, body = send(signed())
    equal("signed by hand", (status, body.get("name")), (201, "signed_1"))
    equal("gone", send(signed("DELETE", f"/api-groups/{body['id']}", body=None)), (204, None))
    made = SdkRequest(method="GET", schema="http", host=HOST, resource_path=ROOT + "/envs", query_params=[],
                      header_params={"Content-Type": "application/json"})
    made = HostlessSigner(BasicCredentials(READY["access_key"], READY["secret_key"])).sign(made)
    check("host is not signed", "host" not in made.header_params["Authorization"].split("Signature=")[0])
    made.header_params["Host"] = "elsewhere.example.com"
    equal("a signer without host", send(made)[0], 200)
    made = signed("GET", "/envs", body=None)
    made.header_params.update({"X-Project-Id": "later", "X-Domain-Id": "later", "Accept": "*/*", "User_Agent": "later"})
    equal("headers added after signing", send(made)[0], 200)
    made = signed("GET", "/envs", body=None, headers={"X-Odd": "  spaces \t", "X_Under": "not signed"})
    equal("odd headers", send(made)[0], 200)


def odd_names():
    """The client encodes and signs what is odd; the engine must read it the same way."""
    for name in ODD:
        listed = C.list_api_groups_v2(request(m.ListApiGroupsV2Request, id=name))
        equal(f"query {name!r}", listed.total, 0)
        refused(f"path {name!r}", "APIG.3001", 404, lambda name=name: C.show_details_of_api_group_v2(
            request(m.ShowDetailsOfApiGroupV2Request, group_id=name)))
        status, body = send(signed("GET", "/envs", [("name", name), ("name", "a"), ("b", name), ("empty", "")], None))
        check(f"repeated keys {name!r}: {status} {body}", status in (200, 400))
        status, body = send(signed("GET", "/api-groups/" + urllib.parse.quote(name, safe=""), body=None))
        equal(f"signed path {name!r}", (status, body["error_code"]), (404, "APIG.3001"))
    made = C.create_api_group_v2(request(m.CreateApiGroupV2Request, m.ApiGroupCreate(name="网关/one", remark="é \" \\ %2F")))
    shown = C.show_details_of_api_group_v2(request(m.ShowDetailsOfApiGroupV2Request, group_id=made.id))
    equal("odd body", (shown.name, shown.remark), ("网关/one", "é \" \\ %2F"))
    listed = C.list_api_groups_v2(request(m.ListApiGroupsV2Request, name="网关/one", precise_search="name"))
    equal("found by its odd name", listed.total, 1)
    C.delete_api_group_v2(request(m.DeleteApiGroupV2Request, group_id=made.id))


def turned_away(what, made):
    status, body = send(made)
    equal(what, (status, (body or {}).get("error_code")), (401, "APIG.1002"))
    check(f"{what}: says why", bool((body or {}).get("error_msg")))


def changed_on_the_way():
    before = C.list_api_groups_v2(request(m.ListApiGroupsV2Request)).total

    def spoil(what, change, **signing):
        made = copy.copy(signed(**signing))
        change(made)
        turned_away(what, made)

    def body(made):
        made.body = made.body.replace(b"signed_1", b"signed_2")

    def shorter(made):
        made.body = b""

    def path(made):
        made.uri = made.uri.replace("/api-groups", "/envs")

    def query(made):
        made.uri += "?limit=5"

    def other_query(made):
        made.uri = made.uri.replace("limit=5", "limit=6")

    def method(made):
        made.method = "PUT"

    def header(name, value):
        return lambda made: made.header_params.__setitem__(name, value)

    def dated(delta):
        return (datetime.datetime.now(datetime.timezone.utc) + delta).strftime("%Y%m%dT%H%M%SZ")

    spoil("another body", body)
    spoil("no body", shorter)
    spoil("another path", path)
    spoil("a query", query)
    spoil("another query", other_query, method="GET", path="/api-groups", query=[("limit", 5)], body=None)
    spoil("another method", method)
    spoil("another date", header("X-Sdk-Date", dated(datetime.timedelta(seconds=-60))))
    spoil("another host", header("Host", "elsewhere"))
    spoil("another signed header", header("Content-Type", "application/json; charset=utf-8"))
    for minutes in (-16, 16):
        late = {"X-Sdk-Date": dated(datetime.timedelta(minutes=minutes))}
        turned_away(f"signed {minutes} minutes off", signed(headers=late))
    for minutes in (-14, 14):
        near = {"X-Sdk-Date": dated(datetime.timedelta(minutes=minutes))}
        equal(f"signed {minutes} minutes off", send(signed("GET", "/envs", body=None, headers=near))[0], 200)
    turned_away("another secret key", signed(secret="x" * 40))
    turned_away("another access key", signed(access="OTHERACCESSKEY"))
    refused("the client with another key", "APIG.1002", 401, lambda: client(access="OTHER").list_api_groups_v2(
        request(m.ListApiGroupsV2Request)))
    made = signed()
    made.header_params["Authorization"] = made.header_params["Authorization"][:-1] + "g"
    turned_away("another signature", made)
    made = signed()
    del made.header_params["Authorization"]
    turned_away("no signature", made)
    equal("nothing was made", C.list_api_groups_v2(request(m.ListApiGroupsV2Request)).total, before)


def run():
    accepted()
    odd_names()
    changed_on_the_way()
