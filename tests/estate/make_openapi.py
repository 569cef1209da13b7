#!/usr/bin/env python3
"""Makes an OpenAPI 3.0 document of N operations in 8 tags: a shop as it could be.

Usage: make_openapi.py [N] [FILE]     N is 150 where not given; FILE is standard output.

The same N always gives the same document, and nothing random is in it: operations come from a list of resources and a list
of things one does with a resource, until N is reached.
"""

import json
import sys

TAGS = {
    "catalogue": ("What the shop sells.", ["product", "category", "brand", "collection", "price", "attribute"]),
    "orders": ("What customers bought.", ["order", "order-line", "return", "cancellation", "refund", "invoice"]),
    "customers": ("Who buys.", ["customer", "address", "consent", "wish-list", "loyalty-card", "complaint"]),
    "payments": ("How customers pay.", ["payment", "mandate", "payout", "dispute", "voucher", "gift-card"]),
    "warehouse": ("Where things lie.", ["shelf", "stock-level", "pick-list", "delivery-note", "supplier", "pallet"]),
    "shipping": ("How things travel.", ["parcel", "carrier", "route", "label", "pickup-point", "customs-form"]),
    "reports": ("What happened, in numbers.", ["report", "export", "forecast", "dashboard", "metric", "alert"]),
    "accounts": ("Who works here.", ["employee", "team", "role", "session", "api-key", "audit-entry"]),
}

ID = {"type": "string", "maxLength": 36}
PAGE = {"name": "page", "in": "query", "description": "The page, from 1.", "schema": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 1}}
PER_PAGE = {"name": "per_page", "in": "query", "description": "How many on a page, at most 100.", "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 30}}
SORT = {"name": "sort", "in": "query", "description": "What to sort by.", "schema": {"type": "string", "enum": ["created", "updated", "name"], "default": "created"}}
STATE = {"name": "state", "in": "query", "description": "Only those in this state.", "schema": {"type": "string", "enum": ["open", "closed", "all"], "default": "open"}}
SINCE = {"name": "since", "in": "query", "description": "Only those changed after this time, as 2025-01-31T12:00:00Z.", "schema": {"type": "string", "format": "date-time"}}
TRACE = {"name": "X-Trace-Id", "in": "header", "description": "Is handed on to the backend and stands in its logs.", "schema": {"type": "string", "maxLength": 64}}
FIELDS = {"name": "fields", "in": "query", "description": "A comma-separated list of the fields that the answer is to hold.", "schema": {"type": "string", "maxLength": 200}}
DRY_RUN = {"name": "dry_run", "in": "query", "description": "Check only, change nothing.", "schema": {"type": "boolean", "default": False}}


def plural(noun):
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "h")) else "s")


def words(noun):
    return noun.replace("-", " ")


def a(noun):
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {words(noun)}"


def body(noun):
    return {"description": f"The {words(noun)}.", "required": True,
            "content": {"application/json": {"schema": {"type": "object", "properties": {"name": {"type": "string"}}}}}}


def actions(tag, noun):
    """What one does with a resource: method, path, verb, summary, parameters, body."""
    many, key = plural(noun), noun.replace("-", "_") + "_id"
    one = {"name": key, "in": "path", "required": True, "description": f"The {words(noun)}'s id.", "schema": ID}
    base, item = f"/{tag}/{many}", f"/{tag}/{many}/{{{key}}}"
    yield "get", base, "list", f"List {words(many)}", "The newest first, a page at a time.", [PAGE, PER_PAGE, SORT, STATE], None, many
    yield "post", base, "create", f"Create {a(noun)}", "", [TRACE, DRY_RUN], body(noun), noun
    yield "get", item, "get", f"Get {a(noun)}", f"Answers 404 where there is no such {words(noun)}.", [one, FIELDS], None, noun
    yield "patch", item, "update", f"Change {a(noun)}", "Fields that are not in the body stay as they are.", [one, TRACE], body(noun), noun
    yield "delete", item, "delete", f"Delete {a(noun)}", "", [one], None, noun
    yield "get", f"{item}/history", "get-history-of", f"Show who changed {a(noun)}, and when", "", [one, SINCE, PAGE, PER_PAGE], None, noun
    yield "put", f"{item}/lock", "lock", f"Lock {a(noun)}", "Nobody else can change it until it is unlocked.", [one], None, noun
    yield "delete", f"{item}/lock", "unlock", f"Unlock {a(noun)}", "", [one], None, noun
    yield "get", f"{item}/comments", "list-comments-on", f"List the comments on {a(noun)}", "", [one, PAGE, PER_PAGE], None, noun
    yield "post", f"{item}/comments", "comment-on", f"Comment on {a(noun)}", "", [one, TRACE], body("comment"), noun
    yield "post", f"{base}/search", "search", f"Search {words(many)}", "By any of their fields.", [PAGE, PER_PAGE, SORT], body("query"), many
    yield "post", f"{base}/import", "import", f"Import {words(many)}", "Many at once; answers with a job.", [DRY_RUN], body("file"), many


def rounds(count):
    """All operations: every tag gets its share, and every resource its first actions before any gets its last."""
    made = 0
    for series in range(1 << 30):
        suffix = f"-{series + 1}" if series else ""
        for number in range(12):
            for place in range(6):
                for tag, (_, nouns) in TAGS.items():
                    if made == count:
                        return
                    yield tag, list(actions(tag, nouns[place] + suffix))[number]
                    made += 1


def document(count):
    paths = {}
    for tag, (method, path, verb, summary, description, parameters, request, noun) in rounds(count):
        operation = {"operationId": f"{tag}/{verb}-{noun}", "tags": [tag], "summary": summary}
        if description:
            operation["description"] = description
        operation["parameters"] = parameters
        if request:
            operation["requestBody"] = request
        operation["responses"] = {"204" if method == "delete" else "200": {"description": "Done."}}
        paths.setdefault(path, {})[method] = operation
    return {
        "openapi": "3.0.3",
        "info": {"title": "Shop", "version": "2.1.0", "description": "The interface of a shop, for tests."},
        "servers": [{"url": "https://api.shop.example.com"}],
        "security": [{"key": []}],
        "tags": [{"name": tag, "description": text} for tag, (text, _) in TAGS.items()],
        "paths": paths,
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}}},
    }


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    text = json.dumps(document(count), indent=1, ensure_ascii=False) + "\n"
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w", encoding="utf-8") as file:
            file.write(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
