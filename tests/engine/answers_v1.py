#!/usr/bin/env python3
"""Makes answers-v1.txt from the catalogue of the shared gateway's API: every member that the answer of an operation has by the
tables of its page or by its example, one line each: page, path, and `table` or `example`. Made apart from the data that the
engine is driven by.

    answers_v1.py CATALOGUE_DIR > answers-v1.txt

`[]` stands for an element of a list. Where a name differs only by a slip of the pen between table and example, the example's stands.
"""

import json
import re
import sys

SLIPS = {"bakend_type": "backend_type", "is_include_special_throttle": "is_inclu_special_throttle", "ac;_id": "acl_id", "ssl_id ": "ssl_id"}
# Tables that describe the elements of a list which is the whole answer.
BARE = {"-": "字典类型响应参数", "--": "API与APP授权关系列表消息说明"}
OTHER = {"groups": "分组字段说明", "url_domains": "UrlDomainsResp", "vpcs": "VPC参数说明", "vpc_health_config": "健康检查详情",
         "vpc_instances": "后端实例详情"}
OBJECTS = {"backend_api", "mock_info", "func_info", "auth_opt", "vpc_health_config"}


def below(tables, name):
    plain = name.replace("_", "\\_") + "参数说明"
    wanted = (plain, name + "参数说明", OTHER.get(name, plain))
    found = [t for t in tables if t["table"] in wanted or t["table"].endswith(OTHER.get(name, "?"))]
    # Of a batch, one table for each direction.
    found = found or [t for t in tables if t["table"].startswith(name + "参数说明")]
    return found[0] if found else None


def from_tables(tables, table, before):
    rest = [t for t in tables if t is not table]
    for field in table["fields"]:
        name = SLIPS.get(field["name"], field["name"])
        if name in BARE:
            inner = next(t for t in tables if t["table"] == BARE[name])
            yield from from_tables(rest, inner, before + "[].")
            continue
        yield before + name
        inner = below(rest, field["name"])
        if inner and inner is not table:
            yield from from_tables(rest, inner, f"{before}{name}." if name in OBJECTS else f"{before}{name}[].")


def from_example(value, before):
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield from from_example(item, before.rstrip(".") + "[].")
    elif isinstance(value, dict):
        for name, inner in value.items():
            path = before + SLIPS.get(name, name)
            yield path
            yield from from_example(inner, path + ".")


def main(folder):
    for o in json.load(open(f"{folder}/operations.json"))["operations"]:
        # Documents are compared as documents; what an answer shows of them are their outermost members.
        document = o["operation"].startswith("Exporting")
        tables, example = o["response"] or [], o.get("response_example")
        if isinstance(example, str):
            # A comma too many keeps it from being JSON.
            example = json.loads(re.sub(r",(\s*[}\]])", r"\1", example))
        seen = {}
        if document:
            seen = {f["name"]: "table" for f in tables[0]["fields"]}
        elif tables:
            if o["path"].endswith("/latest"):
                seen = {f["name"]: "table" for f in tables[0]["fields"]} | {"list[]." + f["name"]: "table" for f in tables[1]["fields"]}
            else:
                bare = isinstance(example, list) and tables[0]["fields"][0]["name"] not in BARE
                seen = {path: "table" for path in from_tables(tables, tables[0], "[]." if bare else "")}
            for path in from_example(example, ""):
                seen.setdefault(path, "example")
        for path, source in seen.items():
            print(o["operation"], path, source)


main(sys.argv[1])
