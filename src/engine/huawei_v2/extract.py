#!/usr/bin/env python3
"""Makes protocol.json from a catalogue of the protocol (operations.json, errors.json and doc-vs-sdk.json with
sdk-operations.json of one folder).

    extract.py CATALOGUE_DIR > protocol.json

Only facts are kept: routes, names, types, limits, allowed values, codes and the messages that travel on the wire.
Keys are short because the file is compiled into the program:

operation  s section, m method, p path, a other spellings of the path, ok status of success, q query fields,
           b body fields, form form fields, out fields of the answer, bad code for a refused parameter,
           auth code for a refused caller, e {code: status} where the operation answers another status than the table
field      n name, t type, r required, min/max value or length, lo/hi number of items, v allowed values,
           d default, k keys of a map, p pattern ("A" letter first, "N" letter or digit first, "*" anything first; then
           the special characters allowed; "^" alone: all characters but those that follow), x accepted and ignored
sdk        calls of the vendor's own client that the document lacks: n name there, m method, p path
"""

import json
import re
import sys

PATTERNS = {
    ("3.1", "name"): "N-_./():",
    ("3.2", "name"): "A_",
    ("3.3", "variable_name"): "A-_",
    ("3.3", "variable_value"): "*_-/:.",
    ("3.4", "name"): "A_",
    ("3.5", "name"): "N-_./:()",
    ("3.5", "tags"): "A-*#%:_.",
    ("3.5", "ReqParamBase.name"): "A-_.",
    ("3.5", "BackendParamBase.name"): "A-_.",
    ("3.5", "ApiPolicyMockCreate.name"): "A_",
    ("3.5", "ApiPolicyFunctionCreate.name"): "A_",
    ("3.5", "ApiPolicyHttpCreate.name"): "A_",
    ("3.6", "name"): "A_",
    ("3.12", "name"): "A_",
    ("3.13", "acl_name"): "A_",
    ("3.15", "name"): "A_",
    ("3.17", "name"): "A-_.",
    ("3.17", "MemberGroupCreate.member_group_name"): "A-_.",
    ("3.19", "name"): "*-_",
    ("3.19", "ResponseInfoHeader.key"): "*-",
    ("3.23", "instance_name"): "A-_",
    ("3.23", "description"): "^<>",
    ("3.23", "vpcep_service_name"): "*-_",
    ("3.23", "TmsKeyValue.key"): "* _.:/=+-@",
    ("3.23", "TmsKeyValue.value"): "* _.:/=+-@",
    ("3.25", "TmsKeyValue.key"): "* _.:/=+-@",
    ("3.25", "TmsKeyValue.value"): "* _.:/=+-@",
    ("3.26", "name"): "A_",
    ("3.27", "plugin_name"): "A_",
    ("3.28", "name"): "A_",
    ("3.28", "app_key"): "N-_",
    ("3.28", "app_secret"): "N_-!@#$%",
    ("3.29", "name"): "A_",
}
# Lengths that stand in the text alone.
LONGEST = {("3.23", "vpcep_service_name"): 16}
# Calls that only check a value take any text.
UNCHECKED = {"3.1.6", "3.5.7"}
# Values that the tables give as a list, yet nothing else can be meant.
CLOSED = {("3.5.9", "action"), ("3.5.8", "mode"), ("3.5.8", "scheme")}
# Calls whose only action is named in the text.
ACTIONS = {("3.8.6", "action"): ["delete"], ("3.13.4", "action"): ["delete"], ("3.14.3", "action"): ["delete"]}
# Fields marked as without effect that readers nevertheless get back.
KEPT = {"enable_adaptive_control", "dict_code"}
BINDINGS = ("sign-bindings", "throttle-bindings", "acl-bindings", "app-auths")


def field(section, owner, f, request, names):
    chapter = section.rsplit(".", 1)[0]
    out = {"n": f["name"], "t": re.sub(r"(array<|object:|map<string,)([A-Z]\w+)", lambda m: m[1] + names[m[2]], f["type"])}
    if not request:
        return out
    if f.get("required"):
        out["r"] = True
    for long, short in (("min", "min"), ("max", "max"), ("min_items", "lo"), ("max_items", "hi"), ("map_keys", "k")):
        if long in f:
            out[short] = f[long]
    if (chapter, f["name"]) in LONGEST:
        out["max"] = LONGEST[(chapter, f["name"])]
    values = f.get("enum")
    if (section, f["name"]) in CLOSED:
        values = f["listed_values"]
    values = ACTIONS.get((section, f["name"]), values)
    if values and f["type"] != "boolean":
        lower = [v.lower() for v in values] if f["name"] == "protocol" else []
        out["v"] = values + [v for v in lower if v not in values]
    if "default" in f and not f.get("deprecated_or_unsupported"):
        default = f["default"]
        out["d"] = str(default) if f["type"] == "string" else default
    key = f"{owner}.{f['name']}" if owner else f["name"]
    if (chapter, key) in PATTERNS and section not in UNCHECKED:
        out["p"] = PATTERNS[(chapter, key)]
    if f.get("deprecated_or_unsupported") and f["name"] not in KEPT:
        out = {"n": f["name"], "t": out["t"], "x": True}
    return out


def template(message):
    message = message.replace('\\"', '"')
    message = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{20,}\b|\b[0-9a-f]{31,34}\b", "{}", message)
    # Which parameter it was is added where it is known.
    message = re.sub(r", parameter name\[\w+\]", "", message)
    message = re.sub(r"sign_type=\w+ not supported by instance .*", "the signature type {} is not supported", message)
    return re.sub(r"((?:parameterName|api_name|parameter name): ?)\w+", r"\1{}", message)


def errors(catalogue, operations):
    table = {e["code"]: [e["http_status"], e["message"]] for e in catalogue}
    seen = {}
    for o in operations:
        for e in o["error_examples"]:
            seen.setdefault(e["error_code"], []).append(template(e["error_msg"]))
    for code, messages in seen.items():
        best = max(sorted(set(messages)), key=messages.count)
        table.setdefault(code, [400, best])[1] = best
    # Two thirds of all operations show 403, the table alone says 401.
    table["APIG.1005"][0] = 403
    return table


def overrides(o, table):
    out = {}
    for e in o["error_examples"]:
        if e["error_code"] in table and int(e["status"]) != table[e["error_code"]][0]:
            out[e["error_code"]] = int(e["status"])
    return out


def paths(o):
    path, out = o["path"], []
    if o.get("path_in_sdk"):
        out.append(o["path_in_sdk"])
    if any(b in path for b in BINDINGS):
        for a, b in (("unbound-apis", "unbinded-apis"), ("unbinded-apis", "unbound-apis")):
            if path.endswith(a):
                out.append(path[: -len(a)] + b)
    return sorted(set(out) - {path})


def undocumented(folder):
    """What the vendor's client can call and no section describes."""
    lacking = set(json.load(open(f"{folder}/doc-vs-sdk.json"))["sdk_operations_without_section"])
    calls = [c for c in json.load(open(f"{folder}/sdk-operations.json")) if c["operation"] in lacking]
    return [{"n": c["operation"], "m": c["method"], "p": c["path"]} for c in sorted(calls, key=lambda c: (c["path"], c["method"]))]


def main(folder):
    operations = json.load(open(f"{folder}/operations.json"))
    table = errors(json.load(open(f"{folder}/errors.json")), operations)
    schemas, result = {}, []
    for o in operations:
        section, names = o["section"], {}
        # A schema used on both sides is kept as the request sees it; its name is its content's.
        for name, s in o["schemas"].items():
            names[name] = name
        for name, s in o["schemas"].items():
            request = "request" in s["used_in"]
            body = [field(section, name, f, request, names) for f in s["fields"]]
            final, n = name, 2
            while final in schemas and schemas[final] != body:
                final, n = f"{name}.{n}", n + 1
            schemas[final] = body
            names[name] = final
        # Nested names were written before they were known: settle them.
        for name in o["schemas"]:
            final = names[name]
            for f in schemas[final]:
                for a, b in names.items():
                    if a != b:
                        f["t"] = re.sub(rf"(?<=[<:,]){a}(?=>|$)", b, f["t"])
        ok = min(o["responses"])
        codes = [e["error_code"] for e in o["error_examples"]]
        apic = any(c.startswith("APIC.") for c in codes)
        bad = next((c for c in codes if c in ("APIG.2011", "APIG.2012")), "APIC.7211" if apic else "APIG.2012")
        entry = {"s": section, "m": o["method"], "p": o["path"], "ok": int(ok), "bad": bad,
                 "auth": "APIC.7102" if apic else "APIG.1002"}
        others = paths(o)
        if others:
            entry["a"] = others
        if o["query_params"]:
            entry["q"] = [field(section, None, f, True, names) for f in o["query_params"]]
        if o["request_body"]:
            entry["b"] = [field(section, None, f, True, names) for f in o["request_body"]["fields"]]
        if o["form_params"]:
            entry["form"] = [field(section, None, f, True, names) for f in o["form_params"]]
        answer = []
        for f in o["responses"][ok]["fields"]:
            answer.append(field(section, None, f, False, names))
            if f.get("sdk_name"):
                answer.append({**answer[-1], "n": f["sdk_name"]})
        if answer:
            entry["out"] = answer
        over = overrides(o, table)
        if over:
            entry["e"] = over
        result.append(entry)
    lines = [",\n".join(json.dumps(k) + ":" + json.dumps(v, separators=(",", ":")) for k, v in part.items())
             for part in (schemas, table)]
    ops = ",\n".join(json.dumps(o, separators=(",", ":")) for o in result)
    sdk = ",\n".join(json.dumps(c, separators=(",", ":")) for c in undocumented(folder))
    text = '{"schemas":{\n%s\n},\n"errors":{\n%s\n},\n"operations":[\n%s\n],\n"sdk":[\n%s\n]}'
    print(text % (lines[0], lines[1], ops, sdk))


main(sys.argv[1])
