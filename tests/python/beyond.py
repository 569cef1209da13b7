"""Debugging an API (3.5.8), and calls of the client that the vendor's document lacks."""

import http.server
import threading

from huaweicloudsdkcore.exceptions.exceptions import ServerResponseException

from around import NOBODY, make_api, make_group, publish
from helpers import C, check, equal, m, refused, request


class Backend(http.server.BaseHTTPRequestHandler):
    """Answers with what it was asked for."""

    def do_GET(self):
        text = f"asked for {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def debug(api, mode="DEVELOPER", path="/three"):
    body = {"mode": mode, "scheme": "HTTPS", "method": "GET", "path": path, "query": {"a": ["1"]}}
    return C.debug_api_v2(request(m.DebugApiV2Request, body, api_id=api))


def debugging(group):
    backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    body = m.ApiCreate(
        name="debugged", type=1, req_protocol="HTTPS", req_method="GET", req_uri="/three", auth_type="NONE",
        backend_type="HTTP", group_id=group, backend_api=m.BackendApiCreate(
            url_domain=f"127.0.0.1:{backend.server_port}", req_protocol="HTTP", req_method="GET", req_uri="/seen",
            timeout=5000))
    api = C.create_api_v2(request(m.CreateApiV2Request, body)).id
    done = debug(api)
    check("debugged", done.response.startswith("HTTP/1.1 200 OK\n") and done.response.endswith("asked for /seen?a=1"))
    check("debugged request", done.request.startswith("GET /three?a=1 HTTP/1.1\n"))
    equal("debug log", (done.log, type(done.latency)), ("", int))
    refused("debugged before it is published", "APIG.3015", 404, lambda: debug(api, "CONSUMER"))
    publish(api)
    check("debugged as published", debug(api, "CONSUMER").response.endswith("asked for /seen?a=1"))
    check("another path", "APIG.0101" in debug(api, path="/four").response)
    refused("debugged, unknown", "APIG.3002", 404, lambda: debug(NOBODY))
    refused("debugged, odd mode", "APIG.2011", 400, lambda: debug(api, "MARKET"))
    publish(api, "offline")
    C.delete_api_v2(request(m.DeleteApiV2Request, api_id=api))
    backend.shutdown()


def undocumented():
    for what, call in (
        ("list_orchestrations", lambda: C.list_orchestrations(request(m.ListOrchestrationsRequest))),
        ("list_custom_ingress_ports", lambda: C.list_custom_ingress_ports(request(m.ListCustomIngressPortsRequest))),
    ):
        try:
            call()
        except ServerResponseException as error:
            equal(what, (error.status_code, error.error_code), (501, "APIG.9999"))
            check(f"{what} is named", what in error.error_msg)
        else:
            check(f"{what} was accepted", False)


def both_spellings(group):
    """3.7.4, 3.8.4, 3.10.4, 3.14.5: the client spells them all `unbinded-apis`."""
    api = make_api(group, "spelt", "/spelt")
    publish(api)
    throttle = C.create_request_throttling_policy_v2(request(m.CreateRequestThrottlingPolicyV2Request, m.ThrottleBaseInfo(
        name="spelt", time_unit="MINUTE", time_interval=1, api_call_limits=5))).id
    free = C.list_apis_unbinded_to_request_throttling_policy_v2(
        request(m.ListApisUnbindedToRequestThrottlingPolicyV2Request, throttle_id=throttle))
    check("APIs without the throttle", api in [row.id for row in free.apis])
    C.delete_request_throttling_policy_v2(request(m.DeleteRequestThrottlingPolicyV2Request, throttle_id=throttle))
    publish(api, "offline")
    C.delete_api_v2(request(m.DeleteApiV2Request, api_id=api))


def run():
    group = make_group("beyond")
    debugging(group)
    both_spellings(group)
    undocumented()
    C.delete_api_group_v2(request(m.DeleteApiGroupV2Request, group_id=group))
