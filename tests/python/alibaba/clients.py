"""The two official clients, and how what they see is checked.

`call` asks through the newer client (ACS3-HMAC-SHA256, or the RPC signature with `client=V2`), `old` through the older
one (RPC HMAC-SHA1). Both answer with plain dictionaries.
"""

import importlib
import json
import re
import sys

from alibabacloud_cloudapi20160714 import models as m
from alibabacloud_cloudapi20160714.client import Client
from alibabacloud_tea_openapi.models import Config
from aliyunsdkcore.acs_exception.exceptions import ClientException, ServerException
from aliyunsdkcore.client import AcsClient

READY = json.load(open(sys.argv[1]))
HOST = READY["endpoint"].removeprefix("http://")
PORT = int(HOST.rsplit(":", 1)[1])
count = {"passed": 0, "failed": 0}


def client(key=READY["access_key"], secret=READY["secret_key"], **more):
    return Client(Config(access_key_id=key, access_key_secret=secret, endpoint=HOST, protocol="HTTP",
                         region_id=READY["region"], **more))


C = client()
V2 = client(signature_algorithm="v2")
OLD = AcsClient(READY["access_key"], READY["secret_key"], READY["region"], port=PORT, auto_retry=False)


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def method(action):
    """The client's method for an action."""
    wanted = action.lower()
    return next(n for n in dir(Client) if n.replace("_", "") == wanted and not n.startswith("_"))


def made(action, parameters):
    """The client's own request object, made of the names on the wire."""
    kind = getattr(m, action + "Request")
    return kind().from_map(parameters)


def call(action, using=C, **parameters):
    function = getattr(using, method(action))
    has_request = hasattr(m, action + "Request")
    answer = function(made(action, parameters)) if has_request else function()
    return answer.body.to_map()


def old(action, using=OLD, **parameters):
    kind = getattr(importlib.import_module(f"aliyunsdkcloudapi.request.v20160714.{action}Request"), action + "Request")
    request = kind()
    request.set_endpoint("127.0.0.1")
    request.set_protocol_type("http")
    for name, value in parameters.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            getattr(request, f"set_{name}s")(value)
        else:
            getattr(request, f"set_{name}")(value)
    return json.loads(using.do_action_with_exception(request))


def check(what, good):
    count["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED {what}")


def equal(what, got, wanted):
    check(f"{what}: got {got!r}, wanted {wanted!r}", got == wanted)


def refused(what, code, status, function, *arguments, **parameters):
    """A call is refused with a code and a status, and says which request it was."""
    try:
        function(*arguments, **parameters)
    except (ClientException, ServerException) as error:
        equal(what, (error.get_error_code(), error.get_http_status()), (code, status))
        return error.get_error_msg()
    except Exception as error:
        got = (getattr(error, "code", None), getattr(error, "status_code", None) or (getattr(error, "data", None) or {}).get("statusCode"))
        equal(f"{what} ({error})", got, (code, status))
        return str(error)
    check(f"{what}: was accepted", False)
    return ""


def names(listed, *path):
    """The values of one member in the list an answer holds."""
    *way, member = path
    for step in way:
        listed = listed[step]
    return [item[member] for item in listed]
