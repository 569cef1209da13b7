#!/usr/bin/env python3
"""Makes protocol.json from a catalogue of the protocol (operations.json and errors.json of one folder).

    extract.py CATALOGUE_DIR > protocol.json

Only facts are kept: actions, names, types, limits, allowed values, shapes of answers, codes and messages that travel on
the wire. Lengths, values and patterns are read out of the sentences of the document. Keys are short because the file is
compiled into the program:

operation  a action, q parameters, out members of the answer
parameter  n name, t type, r required, min/max value or length, v allowed values, hi number of items,
           p pattern ("A" letter first, "N" letter or digit first, "*" anything first; then the special characters
           allowed), f form ("json" a JSON text; "time"; "ids" a list with commas; "json-list" a list in one JSON text),
           m members of an object
member     n name, t type (s text, i integer, b boolean, o object, a list of objects, l list of texts), m its members
texts      the JSON texts in parameters, as the answers show them: t type, m members, where members that must be there
           have r and those with a list of values v
errors     code or pattern: [status, message]
"""

import json
import re
import sys

STAGES = ["RELEASE", "PRE", "TEST"]
# What the sentences say of another parameter: they are one line off in CreateApi and ModifyApi.
SHIFTED = {"CreateApi", "ModifyApi"}
RIGHT = {"ApiName", "Description", "Visibility"}
# The same parameters, where the sentences are in their place.
PLACED = "ModifyApiConfiguration"
# Values that sentences name and are not all there are.
OPEN = {"Method", "ServiceProtocol", "RequestProtocol", "Auth", "InternetIPV6Enable", "BindStageName", "Token", "ZoneId", "Language"}
VALUES = {
    "AuthType": ["APP", "ANONYMOUS", "APPOPENID", "OPENID"],
    "AllowSignatureMethod": ["HmacSHA256", "HmacSHA1,HmacSHA256"],
    "WebSocketApiType": ["COMMON", "REGISTER", "UNREGISTER", "NOTIFY"],
    "AppCodeAuthType": ["DEFAULT", "DISABLE", "HEADER", "HEADER_QUERY"],
    "ResultType": ["JSON", "TEXT", "BINARY", "XML", "HTML", "PASSTHROUGH"],
    "RequestMode": ["MAPPING", "PASSTHROUGH", "MAPPING_PASSTHROUGH"],
    "RequestHttpMethod": ["GET", "POST", "DELETE", "PUT", "HEAD", "HEADER", "TRACE", "PATCH", "CONNECT", "OPTIONS", "ANY"],
    "IpControlType": ["ALLOW", "REFUSE"],
    "DataFormat": ["json", "yaml"],
    "BackendType": ["HTTP", "VPC", "FC", "FC_EVENT", "FC_HTTP", "OSS", "MOCK", "EVENTBRIDGE", "DISCOVERY", "EDAS"],
    "ResourceType": ["apiGroup", "plugin", "app", "api", "instance", "apiGateway", "vpcAccess", "backend", "model", "dataset"],
    "DatasetType": ["JWT_BLOCKING", "IP_WHITELIST_CIDR", "PARAMETER_ACCESS"],
    "AddressIPVersion": ["IPv4", "IPv6", "ipv4", "ipv6"],
    "LogType": ["PROVIDER", "log", "survey"],
    "CustomDomainType": ["INTERNET", "INTRANET"],
    "PluginType": [
        "ipControl", "trafficControl", "backendSignature", "jwtAuth", "basicAuth", "cors", "caching", "routing",
        "accessControl", "errorMapping", "circuitBreaker", "thirdPartyAuth", "logMask", "transformer", "remoteAuth",
        "httpDns",
    ],
}
# Rules that the seed documents and the manuals of the sections give, where the catalogue has none.
RULES = {
    ("CreateApiGroup", "GroupName"): {"min": 4, "max": 50, "p": "A_"},
    ("CreateApiGroup", "Description"): {"max": 180},
    ("CreateIpControl", "IpControlName"): {"min": 4, "max": 50, "p": "N_"},
    ("ModifyIpControl", "IpControlName"): {"p": "N_"},
    ("CreatePlugin", "PluginName"): {"min": 4, "max": 50, "p": "*_-."},
    ("ModifyPlugin", "PluginName"): {"min": 4, "max": 50, "p": "*_-."},
    ("SetVpcAccess", "Port"): {"min": 1, "max": 65535},
    ("CreateTrafficControl", "ApiDefault"): {"min": 1},
    ("CreateTrafficControl", "UserDefault"): {"min": 1},
    ("CreateTrafficControl", "AppDefault"): {"min": 1},
    ("ModifyTrafficControl", "ApiDefault"): {"min": 1},
    ("ModifyTrafficControl", "UserDefault"): {"min": 1},
    ("ModifyTrafficControl", "AppDefault"): {"min": 1},
    ("AddTrafficSpecialControl", "TrafficValue"): {"min": 1},
}
# Texts that are JSON, and what they hold.
JSON_TEXTS = {
    "RequestConfig", "ServiceConfig", "RequestParameters", "ServiceParameters", "ServiceParametersMap", "ConstantParameters",
    "SystemParameters", "ErrorCodeSamples", "ResultDescriptions", "OpenIdConnectConfig", "BackendModelData", "AclEntrys",
    "VpcConfig", "FunctionComputeConfig", "OssConfig", "MockConfig", "HttpConfig", "EventBridgeConfig", "UserLogConfig",
    "CustomTraceConfig", "CustomAppCodeConfig", "StageRouteModel",
}
# Where answers show what a JSON text was; the shapes are joined.
SHOWN = ("DescribeApi", "DescribeDeployedApi", "DescribeApiHistory")
DEFINITIONS = (
    "RequestConfig", "ServiceConfig", "RequestParameters", "ServiceParameters", "ServiceParametersMap", "ConstantParameters",
    "SystemParameters", "CustomSystemParameters", "ErrorCodeSamples", "ResultDescriptions", "OpenIdConnectConfig",
)
LOCATIONS = ["BODY", "HEAD", "HEADER", "QUERY", "PATH", "HOST", "FORMDATA"]
TYPES = ["String", "Int", "Long", "Float", "Double", "Boolean", "File", "Array", "Integer", "Number", "Object"]
METHODS = VALUES["RequestHttpMethod"]
# What must be there in a JSON text, and what a member of it may be.
NEEDED = {
    "RequestConfig": ["RequestProtocol", "RequestHttpMethod", "RequestPath"],
    "RequestParameter": ["ApiParameterName", "Location", "ParameterType", "Required"],
    "ServiceParameter": ["ServiceParameterName", "Location"],
    "ServiceParameterMap": ["ServiceParameterName", "RequestParameterName"],
    "ConstantParameter": ["ServiceParameterName", "ConstantValue", "Location"],
    "SystemParameter": ["ParameterName", "ServiceParameterName", "Location"],
    "ErrorCodeSample": ["Code", "Message"],
}
ALLOWED = {
    "RequestConfig.RequestHttpMethod": METHODS,
    "RequestConfig.RequestMode": VALUES["RequestMode"],
    "RequestConfig.BodyFormat": ["FORM", "STREAM"],
    "ServiceConfig.ServiceHttpMethod": METHODS,
    "ServiceConfig.ServiceProtocol": ["HTTP", "HTTPS", "VPC", "FunctionCompute", "OSS", "MOCK", "EventBridge", "WEBSOCKET"],
    "ServiceConfig.Mock": ["TRUE", "FALSE", "OPEN", "CLOSED"],
    "ServiceConfig.ServiceVpcEnable": ["TRUE", "FALSE"],
    "ServiceConfig.ContentTypeCatagory": ["DEFAULT", "CUSTOM", "CLIENT"],
    "RequestParameter.Location": LOCATIONS,
    "RequestParameter.ParameterType": TYPES,
    "RequestParameter.Required": ["REQUIRED", "OPTIONAL"],
    "RequestParameter.DocShow": ["PUBLIC", "PRIVATE"],
    "RequestParameter.ParameterCatalog": ["REQUEST", "CONSTANT", "SYSTEM", "CUSTOM"],
    "ServiceParameter.Location": LOCATIONS,
    "ServiceParameter.ParameterCatalog": ["REQUEST", "CONSTANT", "SYSTEM", "CUSTOM"],
    "ConstantParameter.Location": LOCATIONS,
    "SystemParameter.Location": LOCATIONS,
    "OpenIdConnectConfig.OpenIdApiType": ["IDTOKEN", "BUSINESS"],
}
# What clients send and no answer shows.
UNSHOWN = {"RequestParameter": ["ParameterCatalog"], "ServiceParameter": ["ParameterCatalog"]}
ID_LISTS = {"ApiIds", "AppIds", "DatasetItemIds"}
# What the older client calls and the catalogue lacks.
ADDED = [
    {
        "a": "DescribeApiStage",
        "q": [{"n": "GroupId", "t": "str", "r": True}, {"n": "StageId", "t": "str", "r": True}],
        "out": [
            {"n": n, "t": "s"} for n in ("CreatedTime", "Description", "GroupId", "ModifiedTime", "StageId", "StageName")
        ]
        + [
            {
                "n": "Variables",
                "t": "o",
                "m": [
                    {
                        "n": "VariableItem",
                        "t": "a",
                        "m": [
                            {"n": "StageRouteModel", "t": "s"},
                            {"n": "SupportRoute", "t": "b"},
                            {"n": "VariableName", "t": "s"},
                            {"n": "VariableValue", "t": "s"},
                        ],
                    }
                ],
            }
        ],
    }
]


def sentences(op, name, doc, placed):
    """The text that speaks of a parameter."""
    if op["action"] in SHIFTED and name not in RIGHT:
        return placed.get(name, "")
    return doc


def values(name, doc):
    if name in VALUES:
        return VALUES[name]
    if name == "StageName":
        return STAGES
    if name in OPEN:
        return None
    m = re.search(r"Valid values:?\**:?(.*)", doc, re.S)
    if not m:
        return None
    rest = m[1]
    found = re.findall(r"\*\*([A-Za-z][A-Za-z0-9_]*)\*\*", rest) or re.findall(r"\*\s+([A-Za-z][A-Za-z0-9_]*)\b(?=\s*[:*(]|\s*$|:)", rest)
    if not found:
        first = rest.strip().split(".")[0]
        first = re.sub(r"\([^)]*\)", "", first)
        words = re.split(r",|\band\b", first)
        words = [w.strip() for w in words if w.strip()]
        if words and all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", w) for w in words):
            found = words
    out = []
    for v in found:
        if v not in out:
            out.append(v)
    return out if len(out) > 1 else None


def lengths(doc):
    m = re.search(r"(\d+) to (\d+) characters", doc)
    if m:
        return int(m[1]), int(m[2])
    m = re.search(r"(?:up to|cannot exceed|maximum of) (\d+) characters", doc)
    return (None, int(m[1])) if m else (None, None)


def pattern(doc):
    m = re.search(r"contain letters, digits,([^.]*(?:\.[^.]*)?)", doc)
    if not m:
        return None
    rest = m[0] + doc.split(m[0])[1][:90] if "pecial characters include" in doc else m[0]
    special = sorted(set(re.findall(r"\(([^()\s])\)", rest)))
    if re.search(r"must start with a letter|start with a letter", doc):
        first = "A"
    elif "cannot start with an underscore" in doc:
        first = "N"
    else:
        first = "*"
    return first + "".join(special)


def parameter(op, f, placed, serialised):
    name, doc = f["name"], f.get("doc", "")
    doc = sentences(op, name, doc, placed)
    out = {"n": name, "t": f["type"]}
    if f.get("required"):
        out["r"] = True
    if f["type"] == "str":
        least, most = lengths(doc)
        if not re.match(r"Describe|List", op["action"]):
            if least:
                out["min"] = least
            if most:
                out["max"] = most
            form = pattern(doc)
            if form:
                out["p"] = form
        allowed = values(name, doc)
        if allowed:
            out["v"] = allowed
        if name in JSON_TEXTS:
            out["f"] = "json"
        if name in ("StartTime", "EndTime", "ExpiredTime"):
            out["f"] = "time"
        if name in ID_LISTS:
            out["f"] = "ids"
            out["hi"] = 100
    if name == "PageNumber":
        out["t"], out["min"] = "int", 1
    if name == "PageSize":
        out["t"], out["min"], out["max"] = "int", 1, 50 if op["action"] == "DescribeApiGroups" else 100
    if name in serialised:
        out["f"] = "json-list" if serialised[name] == "json" else "ids"
    if f.get("fields"):
        out["m"] = [parameter(op, g, placed, serialised) for g in f["fields"]]
    if name in ("Tag",):
        out["hi"] = 20
    if name == "ResourceId":
        out["hi"] = 50
    out.update(RULES.get((op["action"], name), {}))
    return out


def member(f):
    t = f["type"]
    kind = {"str": "s", "int": "i", "bool": "b", "array<object>": "a", "array<str>": "l"}.get(t, "o")
    out = {"n": f["name"], "t": kind}
    if f.get("fields"):
        out["m"] = [member(g) for g in f["fields"]]
    return out


def join(one, other):
    """Members of both, those of the first first."""
    out = [dict(f) for f in one]
    for f in other:
        known = next((g for g in out if g["n"] == f["n"]), None)
        if known is None:
            out.append(f)
        elif "m" in f:
            known["m"] = join(known.get("m", []), f["m"])
    return out


def ruled(f, above):
    """A member with what is known of its values."""
    out = dict(f)
    key = f"{above}.{f['n']}"
    if f["n"] in NEEDED.get(above, ()):
        out["r"] = True
    if key in ALLOWED:
        out["v"] = ALLOWED[key]
    if "m" in f:
        more = [{"n": n, "t": "s"} for n in UNSHOWN.get(f["n"], ())]
        out["m"] = [ruled(g, f["n"]) for g in f["m"] + more]
    return out


def texts(operations):
    """What the JSON texts hold: as the answers show it."""
    answers = {o["a"]: o["out"] for o in operations}
    out = {}
    for name in DEFINITIONS:
        shown = [f for a in SHOWN for f in answers[a] if f["n"] == name]
        whole = {"n": name, "t": "o", "m": []}
        for f in shown:
            whole["m"] = join(whole["m"], f["m"])
        out[name] = ruled(whole, "")
    service = {f["n"]: f for f in out["ServiceConfig"]["m"]}
    for name in ("VpcConfig", "FunctionComputeConfig", "OssConfig", "EventBridgeConfig"):
        out[name] = service[name]
    mock = [f for f in out["ServiceConfig"]["m"] if f["n"] in ("MockResult", "MockStatusCode", "MockHeaders")]
    out["MockConfig"] = {"n": "MockConfig", "t": "o", "m": mock}
    names = ("ServiceAddress", "ServiceHttpMethod", "ServicePath", "ServiceProtocol", "ContentTypeCatagory", "ContentTypeValue", "AoneAppName")
    http = [f for f in out["ServiceConfig"]["m"] if f["n"] in names]
    out["HttpConfig"] = {"n": "HttpConfig", "t": "o", "m": http}
    info = next(f for f in answers["DescribeBackendInfo"] if f["n"] == "BackendInfo")
    model = next(f for f in info["m"] if f["n"] == "BackendModels")
    out["BackendModelData"] = {**next(f for f in model["m"] if f["n"] == "BackendConfig"), "n": "BackendModelData"}
    entry = [{"n": "Entry", "t": "s", "r": True}, {"n": "Comment", "t": "s"}]
    out["AclEntrys"] = {"n": "AclEntrys", "t": "o", "m": [{"n": "AclEntry", "t": "a", "m": entry}]}
    return out


def main(folder):
    catalogue = json.load(open(f"{folder}/operations.json"))
    listed = json.load(open(f"{folder}/errors.json"))["errors"]
    operations = catalogue["operations"]
    placed = {f["name"]: f.get("doc", "") for o in operations if o["action"] == PLACED for f in o["request"]}
    result = []
    for o in operations:
        serialised = {s["field"]: s["style"] for s in o.get("serialised_arrays") or []}
        result.append(
            {
                "a": o["action"],
                "q": [parameter(o, f, placed, serialised) for f in o["request"]],
                "out": [member(f) for f in o["response"]],
            }
        )
    errors = {}
    for e in listed:
        errors.setdefault(e["code"], [e["status"] or 400, e["message"] or ""])
    line = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    block = lambda table: ",\n".join(json.dumps(k) + ":" + line(v) for k, v in table.items())
    text = '{"version":%s,\n"errors":{\n%s\n},\n"texts":{\n%s\n},\n"operations":[\n%s\n],\n"added":[\n%s\n]}'
    listing = lambda all: ",\n".join(line(o) for o in all)
    print(text % (line(catalogue["version"]), block(errors), block(texts(result)), listing(result), listing(ADDED)))


main(sys.argv[1])
