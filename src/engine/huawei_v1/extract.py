"""Makes protocol.json: extract.py REFERENCE > protocol.json, REFERENCE being the folder huawei-apig-v1 of the catalogue.

The form is that of ../huawei_v2/extract.py; a field has two kinds of marks more, for a V1 call is served by the handlers of V2:

operation  s the name of its page, u {parameter of the path: what the handlers call it}, raw when the body is a document of its own
field      f what the handlers call it (a dot leads into an object), w {word here: word there}, as "masked" or "text": how an
           answer shows it, i values match in any case and are kept as listed, c out of range means the default; a field
           without a name is the whole body or the whole answer
pattern    "a" letter, "n" letter or digit, "b" letter, + or / first, "x" anything first, all of them without other scripts
"""

import json
import re
import sys

# What the parameter {id} is called by the handlers, by the beginning of the path.
IDS = {
    "api-groups/{group_id}/domains/{domain_id}": "certificate_id", "api-groups/{group_id}/domains": "domain_id",
    "api-groups": "group_id", "envs": "env_id", "env-variables": "env_variable_id", "apis": "api_id",
    "throttles": "throttle_id", "throttle-bindings": "throttle_binding_id", "throttle-specials": "strategy_id",
    "signs": "sign_id", "sign-bindings": "sign_bindings_id", "acls": "acl_id", "acl-bindings": "acl_bindings_id",
    "apps/{app_id}/app-codes": "app_code_id", "apps": "app_id", "app-auths": "app_auth_id", "authorizers": "authorizer_id",
    "vpc-channels": "vpc_channel_id",
}
# What a field is called by the handlers: by the beginning of the path, then the name.
CHANNEL = {"vpc_status": "vpc_channel_status", "vpc_info": "vpc_channel_info", "vpc_id": "vpc_channel_id",
           "vpc_proxy_host": "vpc_channel_proxy_host"}
NAMES = {
    "apis": CHANNEL,
    "throttle-specials": {"strategy_id": "throttle_id", "instance_id": "object_id", "instance_type": "object_type",
                          "instance_name": "object_name"},
    "vpc-channels": {**CHANNEL, "vpcs": "vpc_channels", "vpc_instances": "members", "instance_id": "ecs_id",
                     "instance_name": "ecs_name", "time_out": "timeout"},
    "app-auths": {"envname": "env_name", "appid": "app_id", "auth_result": "auth_result.status", "--": "auths"},
    "sign-bindings": {"-": "bindings"},
}
WORDS = {("vpc-channels", "member_type"): {"instance": "ecs"}, ("openapi", "define"): {"base": "spec", "full": "proxy"}}
# Where the tables of the document and its examples disagree, the examples are right.
MISSPELT = {"bakend_type": "backend_type", "is_include_special_throttle": "is_inclu_special_throttle"}
SECRETS = {"app_secret", "sign_secret"}
# Tables that bear another name than the field they describe.
TABLES = {
    "url_domains": ["UrlDomainsResp"], "groups": ["字典数据类型：分组字段说明"], "auth_opt": ["AuthOpt", "auth\\_opt参数说明"],
    "vpc_info": ["VPC通道参数说明"], "vpcs": ["VPC参数说明"], "vpc_health_config": ["健康检查详情"],
    "vpc_instances": ["后端实例列表", "后端实例详情"], "--": ["API与APP授权关系列表消息说明"], "-": ["字典类型响应参数"],
    "success": ["success参数说明（批量发布）", "success参数说明"],
}
OBJECTS = {"backend_api", "mock_info", "func_info", "auth_opt", "vpc_info", "vpc_health_config"}
TEXTS = {"san", "organization", "organizational_unit", "locality", "state", "country", "issuer", "group_domains", "sl_domains",
         "tags", "publish_ids", "api_ids", "app_ids", "apis", "acls", "acl_bindings"}
PATTERNS = {
    ("api-groups", "name"): "A_", ("envs", "name"): "a_", ("env-variables", "variable_name"): "a_-",
    ("env-variables", "variable_value"): "x_-/.:", ("throttles", "name"): "A_", ("signs", "name"): "A_",
    ("signs", "sign_key"): "n_-", ("signs", "sign_secret"): "n_-!@#$%", ("acls", "acl_name"): "A_", ("authorizers", "name"): "A_",
    ("apps", "name"): "A_", ("apps", "app_key"): "n_-", ("apps", "app_secret"): "n_-!@#$%", ("apps", "app_code"): "b+_!@#$%/=",
    ("vpc-channels", "name"): "A-_", ("vpc-channels", "instance_name"): "*-_.", ("vpc-channels", "instance_id"): "x-_",
    ("authorizers", "identities.name"): "",
    ("apis", "name"): "A_", ("apis", "req_params.name"): "a_-.", ("apis", "backend_params.name"): "a_-.",
}
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"]
YES_NO = [1, 2]
VALUES = {
    ("apis", "type"): YES_NO, ("apis", "req_protocol"): ["HTTP", "HTTPS", "BOTH"], ("apis", "req_method"): METHODS + ["ANY"],
    ("apis", "match_mode"): ["SWA", "NORMAL"], ("apis", "auth_type"): ["NONE", "APP", "IAM", "AUTHORIZER"],
    ("apis", "backend_type"): ["HTTP", "FUNCTION", "MOCK"], ("apis", "app_code_auth_type"): ["DISABLE", "HEADER"],
    ("apis", "backend_api.req_protocol"): ["HTTP", "HTTPS"], ("apis", "policy_https.req_protocol"): ["HTTP", "HTTPS"],
    ("apis", "vpc_status"): YES_NO, ("apis", "invocation_type"): ["async", "sync"], ("apis", "effect_mode"): ["ALL", "ANY"],
    ("apis", "req_params.type"): ["STRING", "NUMBER"], ("apis", "location"): ["PATH", "QUERY", "HEADER"],
    ("apis", "required"): YES_NO, ("apis", "valid_enable"): YES_NO, ("apis", "origin"): ["REQUEST", "CONSTANT", "SYSTEM"],
    ("apis", "condition_type"): ["exact", "enum", "pattern"], ("apis", "condition_origin"): ["param", "source"],
    ("apis", "scheme"): ["HTTP", "HTTPS"], ("apis", "method"): METHODS, ("apis", "mode"): ["DEVELOPER", "MARKET", "CONSUMER"],
    ("apis", "action"): ["online", "offline"], ("acls", "action"): ["delete"], ("acl-bindings", "action"): ["delete"],
    ("acls", "acl_type"): ["PERMIT", "DENY"], ("acls", "entity_type"): ["IP", "DOMAIN"],
    ("authorizers", "type"): ["FRONTEND", "BACKEND"], ("authorizers", "authorizer_type"): ["FUNC"],
    ("authorizers", "location"): ["HEADER", "QUERY"], ("throttles", "type"): YES_NO,
    ("throttles", "time_unit"): ["SECOND", "MINUTE", "HOUR", "DAY"], ("throttle-specials", "instance_type"): ["APP", "USER"],
    ("vpc-channels", "type"): [2], ("vpc-channels", "member_type"): ["instance"],
    ("vpc-channels", "balance_strategy"): [1, 2, 3, 4], ("vpc-channels", "protocol"): ["TCP", "HTTP", "HTTPS", "tcp", "http", "https"],
    ("openapi", "mode"): ["merge", "override"], ("openapi", "extend_mode"): ["merge", "override"],
    ("openapi", "define"): ["base", "full", "all"], ("openapi", "type"): ["json", "yaml"],
}
# Only the page of ModifieAPI knows this protocol.
MORE_VALUES = {("ModifieAPI", None, "req_protocol"): ["WEBSOCKET"]}
# Filters take any value.
FILTERS = {"GET"}
DEFAULTS = {("apis", "req_protocol"): "HTTPS", ("apis", "match_mode"): "NORMAL", ("apis", "cors"): False,
            ("apis", "app_code_auth_type"): "DISABLE", ("apis", "valid_enable"): 2, ("apis", "action"): "online",
            ("openapi", "define"): "base", ("openapi", "type"): "json",
            ("vpc-channels", "member_type"): "instance", ("vpc-channels", "balance_strategy"): 1}
# Marked as needed, yet needed only beside the one that they belong to; the handlers see to it.
CONDITIONAL = {"backend_api", "mock_info", "func_info", "policy_https", "policy_mocks", "policy_functions", "vpc_info", "url_domain",
               "req_param_name", "condition_type", "http_code"}
# Named with a default, or in either of two spellings.
OPTIONAL = {("vpc-channels", "member_type"), ("vpc-channels", "balance_strategy"), ("vpc-channels", "path"), ("ExportingAllAPIsinanAPIGroup", "env_id"),
            ("ExportingAllAPIsinanAPIGroup", "env"), ("ExportingAllAPIsinanAPIGroup", "group_id"), ("ExportingAllAPIsinanAPIGroup", "group"),
            ("ExportingMultipleAPIs", "env_id"), ("ExportingMultipleAPIs", "env")}
# What the tables of the statistics have no types for.
TYPES = {"api_id": "string", "group_id": "string", "provider": "string", "register_time": "string", "req_time": "string",
         "cycle": "string", "avg_latency": "number", "avg_backend_latency": "number", "avg_inner_latency": "number"}
# Codes of the handlers, which are those of V2, that this table has not: what is answered instead.
CODES = {"APIG.2012": "APIG.2011", "APIC.7211": "APIG.2011", "APIG.2044": "APIG.3602", "APIG.2051": "APIG.2029", "APIG.2109": "APIG.2106",
         "APIG.3097": "APIG.3021", "APIG.3148": "APIG.2106", "APIG.3325": "APIG.2011", "APIG.3708": "APIG.2106", "APIG.3709": "APIG.2106"}
# Required although the page marks nothing at all as required.
REQUIRED = {("acls", "acl_name"), ("acls", "acl_type"), ("acls", "acl_value"), ("acls", "entity_type"), ("acls", "acls"),
            ("acl-bindings", "acl_id"), ("acl-bindings", "publish_ids"), ("acl-bindings", "acl_bindings")}
# To be abandoned, says the document, or not supported yet.
IGNORED = {("apis", "tag"), ("apis", "regular"), ("apis", "json_schema")}
LIMITS = {("ModifieAPI", "req_uri"): {"max": 512}, ("BindingaDomainName", "url_domain"): {"max": 255}, ("DebuggingAPI", "path"): {"max": 1024},
          ("throttle-specials", "call_limits"): {"min": 1}, ("apis", "req_uri"): {"max": 512}}
# Bodies that the table leaves out.
ALSO = {"CreatingaVPCChannel": [{"name": "vpc_instances", "type": "字典数据类型", "doc_zh": ""}]}
# Answers that are a bare list, in the examples.
BARE = {"BindinganAccessControlPolicytoanAPI": ("acl_bindings", "acl_bindings.new")}
PARTIAL = {"openapi"}


def chapter(o):
    return o["path"].removeprefix("/v1.0/apigw/").split("/")[0]


def bounds(text, kind):
    """Limits that stand in the text."""
    out = {}
    if kind == "integer":
        if "正整数" in text or "最大次数限制" in text:
            out["min"] = 1
        if m := re.search(r"不超过(2147483647)", text):
            out["max"] = int(m[1])
        if m := re.search(r"最大(\d+)，最小为(\d+)", text):
            out |= {"min": int(m[2]), "max": int(m[1])}
        if m := re.search(r"取值范围(\d+) ?~ ?(\d+)", text):
            out |= {"min": int(m[1]), "max": int(m[2])}
    if kind == "string":
        variables = re.sub(r"每个变量名的长度为.*?位", "", text)
        if m := re.search(r"(\d+) ?[~-] ?(\d+)\s*(?:位|个?字符)", variables):
            out |= {"min": int(m[1]), "max": int(m[2])}
        elif m := re.search(r"(?:不超过|不能大于|最长|最大长度)(\d+)", variables):
            out["max"] = int(m[1])
    return {k: v for k, v in out.items() if v}


def type_of(f, has_table):
    name, kind = f["name"], f["type"]
    plain = {"String": "string", "string": "string", "Integer": "integer", "Timestamp": "string", "Time": "string", "Bool": "boolean",
             "Number": "integer", "Float": "number", "Boolean": "boolean", "Object": "object"}
    if name in ("query", "header") and not kind.startswith("String"):
        return "map<string,array<string>>"
    if has_table:
        return ("object:%s" if name in OBJECTS else "array<%s>") % has_table
    if name in TEXTS and kind != "Object" and kind != "字典数据类型" or name in TEXTS and name not in ("apis", "acls", "tags"):
        return "array<string>"
    return plain.get(kind, "object")


class Page:
    """One operation on its way into the data."""

    def __init__(self, o, schemas):
        self.o, self.schemas, self.chapter = o, schemas, chapter(o)

    def pick(self, table, owner, name):
        for place in ((self.o["operation"], name), (self.chapter, f"{owner}.{name}"), (self.chapter, name)):
            if place in table:
                return table[place]
        return None

    def table(self, tables, name):
        wanted = TABLES.get(name, []) + [f"{name}参数说明", name.replace("_", "\\_") + "参数说明"]
        return next((t for t in tables if t["table"] in wanted), None)

    def field(self, f, tables, owner, request):
        name = MISSPELT.get(f["name"], f["name"])
        inner = None if self.chapter in PARTIAL and f["name"] not in ("success", "failure") else self.table(tables, f["name"])
        schema = self.schema(inner, tables, f["name"], request) if inner else None
        kind = type_of(f, schema)
        out = {"n": "" if name in ("-", "--") else name, "t": kind}
        renamed = NAMES.get(self.chapter, {}).get(name)
        if renamed:
            out["f"] = renamed
        if (self.chapter, name) in WORDS:
            out["w"] = WORDS[(self.chapter, name)]
        if not request:
            if name in SECRETS:
                out["as"] = "masked"
            if name == "latency":
                out["as"] = "text"
            # The tables give numbers to what the examples show as texts, and the other way round.
            if name in ("instance_id", "instance_type", "origin", "value"):
                out["t"] = "string"
            if name in ("vpc_status", "version") and self.o["operation"] == "QueryingaCertificatetoaDomainName" or name == "vpc_status":
                out["t"] = "integer"
            if name == "vpc_info":
                out["t"] = "object:vpc_info"
            return out
        text = f.get("doc_zh", "")
        if (self.chapter, name) in IGNORED:
            return {"n": name, "t": kind, "x": True}
        needed, o = f.get("required") and name not in CONDITIONAL, self.o["operation"]
        needed = needed or self.o["method"] != "GET" and (self.chapter, name) in REQUIRED
        if needed and not {(self.chapter, name), (o, name)} & OPTIONAL:
            out["r"] = True
        out |= bounds(text, kind) | (self.pick(LIMITS, owner, name) or {} if kind != "array<string>" else {})
        values = self.pick(VALUES, owner, name)
        if values and kind in ("string", "integer"):
            out["v"] = values + MORE_VALUES.get((self.o["operation"], owner, name), [])
            if kind == "string" and self.chapter == "apis":
                out["i"] = True
        if "page_size值为0时" in text:
            out["z"] = True
        default = self.pick(DEFAULTS, owner, name)
        if default is not None and (owner is None or name in ("app_code_auth_type", "valid_enable")):
            out["d"] = default
        if "将使用默认值" in text:
            out |= {"d": 45000, "c": True}
        if kind == "string" and (p := self.pick(PATTERNS, owner, name)):
            out["p"] = p
        return out

    def schema(self, table, tables, owner, request):
        rest = [t for t in tables if t is not table]
        fields = table["fields"]
        if owner == "success" and self.o["operation"] == "OfflineMultipleAPIS":
            fields = next(t for t in tables if "批量发布" in t["table"])["fields"]
        body = [self.field(f, rest, owner, request) for f in fields]
        name, n = owner.strip("-") or "auths", 1
        final = name
        while final in self.schemas and self.schemas[final] != body:
            n += 1
            final = f"{name}.{n}"
        self.schemas[final] = body
        return final

    def query(self):
        names, out = [u for u in re.findall(r"{(\w+)}", self.o["path"])], []
        known = {u["name"]: u for u in self.o["uri_params"] if u["name"] not in names}
        tables = self.o["request"] or []
        if self.o["method"] == "GET":
            known |= {f["name"]: f for t in tables[:1] for f in t["fields"]}
        for q in self.o["query"]:
            known.setdefault(q, {"name": q, "type": "Integer" if q in ("page_no", "page_size", "status") else "String"})
        # Two spellings of one thing.
        for both in [k for k in known if "/" in k]:
            f = known.pop(both)
            for one in both.split("/"):
                known[one] = {**f, "name": one}
        for name, f in known.items():
            field = self.field(f, [], None, True)
            if self.o["method"] in FILTERS and self.chapter != "openapi":
                for mark in ("v", "p", "min", "max", "d", "i"):
                    field.pop(mark, None)
            field["t"] = "integer" if field["t"] == "integer" else "string"
            out.append(field)
        return out

    def entry(self):
        o = self.o
        ok = min((s for s in o.get("status_codes") or [200] if s < 300), default=200)
        out = {"s": o["operation"], "m": o["method"], "p": o["path"].rstrip("/"), "ok": ok, "bad": "APIG.2011", "auth": "APIG.1002"}
        if o["path"].endswith("/{id}") or "/{id}/" in o["path"]:
            rest = o["path"].removeprefix("/v1.0/apigw/")
            best = max((k for k in IDS if rest.startswith(k)), key=len)
            out["u"] = {"id": IDS[best]}
        if "{inst_id}" in o["path"]:
            out["u"]["inst_id"] = "member_id"
        if o["path"].endswith("throttle-specials/{strategy_id}"):
            out["u"] = {"strategy_id": "throttle_id"}
        q = self.query()
        if q:
            out["q"] = q
        tables = o["request"] or []
        if o["method"] != "GET" and tables and self.chapter == "openapi":
            out |= {"b": [{"n": "", "t": "array<string>", "r": True, "f": "apis"}]} if o["path"].endswith("/apis") else {"raw": True}
        elif o["method"] != "GET" and tables:
            fields = tables[0]["fields"] + ALSO.get(o["operation"], [])
            out["b"] = [self.field(f, tables[1:], None, True) for f in fields]
        answer = o["response"] or []
        if answer:
            fields = [self.field(f, answer[1:], None, False) for f in answer[0]["fields"]]
            # Statistics: the second table describes the items.
            if o["path"].endswith("/latest"):
                items = [{"n": f["name"], "t": TYPES.get(f["name"], "integer")} for f in answer[1]["fields"]]
                name = "statistics." + o["path"].split("/")[-2]
                self.schemas[name] = items
                fields = [{"n": n, "t": t} for n, t in (("code", "string"), ("msg", "string"), ("start_time", "long"), ("end_time", "long"),
                                                        ("list", f"array<{name}>"))]
            if o["operation"] in BARE:
                shared, name = BARE[o["operation"]]
                self.schemas[name] = fields
                fields = [{"n": "", "t": f"array<{name}>", "f": shared}]
            out["out"] = fields
        return out


def main(folder):
    data = json.load(open(f"{folder}/operations.json"))["operations"]
    table = {}
    for e in json.load(open(f"{folder}/errors.json"))["errors"]:
        table[e["错误码"]] = [int(e["状态码"]), e["错误信息"]]
    schemas = {"vpc_info": [{"n": "vpc_id", "t": "string", "f": "vpc_channel_id"},
                            {"n": "vpc_proxy_host", "t": "string", "f": "vpc_channel_proxy_host"}]}
    result = [Page(o, schemas).entry() for o in sorted(data, key=lambda o: (o["path"], o["method"]))]
    lines = [",\n".join(json.dumps(k, ensure_ascii=False) + ":" + json.dumps(v, ensure_ascii=False, separators=(",", ":")) for k, v in part.items())
             for part in (schemas, table)]
    ops = ",\n".join(json.dumps(o, separators=(",", ":")) for o in result)
    text = '{"schemas":{\n%s\n},\n"errors":{\n%s\n},\n"codes":%s,\n"operations":[\n%s\n],\n"sdk":[]}'
    print(text % (lines[0], lines[1], json.dumps(CODES), ops))


main(sys.argv[1])
