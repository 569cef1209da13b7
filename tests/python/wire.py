"""Requests of the shared gateway's API V1.0, signed by the vendor's own signer, and how the answers are checked."""

import http.client
import json
import re
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

READY = json.load(open(sys.argv[1]))
HOST = READY["endpoint"].removeprefix("http://")
ROOT = "/v1.0/apigw"
RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
NOBODY = "0" * 32
SECONDS = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
MICROS = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z$")
NANOS = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7,9}Z$")
count = {"passed": 0, "failed": 0}


class Answer:
    def __init__(self, status, body, kind):
        self.status, self.body, self.kind = status, body, kind

    def __getitem__(self, name):
        if name not in (self.body or {}):
            raise KeyError(f"{name} in {self.status} {self.body}")
        return self.body[name]

    @property
    def code(self):
        return self.body.get("error_code") if isinstance(self.body, dict) else None


def signed(method, path, query=(), body=None, headers=None, access=None, secret=None):
    """A request as the official signer makes it."""
    text = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    made = SdkRequest(method=method, schema="http", host=HOST, resource_path=ROOT + path, query_params=list(query),
                      header_params={"Content-Type": "application/json", **(headers or {})}, body=text)
    return Signer(BasicCredentials(access or READY["access_key"], secret or READY["secret_key"])).sign(made)


def send(made):
    """Sends a request as it is."""
    connection = http.client.HTTPConnection(HOST, timeout=60)
    connection.putrequest(made.method, made.uri, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", made.header_params.get("Host", HOST))
    for name, value in made.header_params.items():
        if name.lower() != "host":
            connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(made.body or b"")))
    connection.endheaders(made.body)
    answer = connection.getresponse()
    text, kind = answer.read(), answer.getheader("Content-Type") or ""
    if not answer.getheader("X-Request-Id"):
        check(f"{made.method} {made.uri}: has a request id", False)
    connection.close()
    return Answer(answer.status, json.loads(text) if text and "json" in kind else text.decode() or None, kind)


def call(method, path, body=None, headers=None, **query):
    return send(signed(method, path, [(k, str(v)) for k, v in query.items()], body, headers))


def check(what, good):
    count["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED {what}")


def equal(what, got, wanted):
    check(f"{what}: got {got!r}, wanted {wanted!r}", got == wanted)


def made(what, path, body, status=201):
    """Makes something; returns the answer."""
    answer = call("POST", path, body)
    equal(f"{what}: {answer.body}", answer.status, status)
    return answer


def gone(what, path, **query):
    answer = call("DELETE", path, **query)
    equal(what, (answer.status, answer.body), (204, None))


def refused(what, code, status, answer, text=None):
    equal(f"{what}: {answer.body}", (answer.code, answer.status), (code, status))
    check(f"{what}: {answer.body} says {text}", text is None or text in answer.body.get("error_msg", ""))


def members(what, got, wanted):
    """Exactly these members, no others."""
    equal(f"{what}: members", sorted(got), sorted(wanted))
