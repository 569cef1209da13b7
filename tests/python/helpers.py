"""The official client, and how what it sees is checked."""

import json
import sys

from huaweicloudsdkapig.v2 import ApigClient
from huaweicloudsdkapig.v2 import model as m
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig

READY = json.load(open(sys.argv[1]))
GATEWAY = READY["instance_id"]
count = {"passed": 0, "failed": 0}


def client(access=READY["access_key"], secret=READY["secret_key"]):
    credentials = BasicCredentials(access, secret, READY["project_id"])
    config = HttpConfig(timeout=(5, 60), retry_times=0)
    builder = ApigClient.new_builder().with_credentials(credentials).with_endpoint(READY["endpoint"])
    return builder.with_http_config(config).build()


C = client()


def check(what, good):
    count["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED {what}")


def equal(what, got, wanted):
    check(f"{what}: got {got!r}, wanted {wanted!r}", got == wanted)


def refused(what, code, status, call):
    try:
        call()
    except ClientRequestException as error:
        equal(what, (error.error_code, error.status_code), (code, status))
        check(f"{what}: request id", bool(error.request_id))
    else:
        check(f"{what}: was accepted", False)


def request(kind, body=None, **parameters):
    made = kind(instance_id=GATEWAY, **parameters)
    if body is not None:
        made.body = body
    return made
