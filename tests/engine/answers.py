#!/usr/bin/env python3
"""Makes answers.txt from a catalogue of the protocol: every member that the answer of an operation has by the vendor's
document, one line each: section, path, and `table` where the document's table has it, or `example` where the table calls
it unsupported and an example shows it all the same.

    answers.py CATALOGUE_DIR > answers.txt

`[]` stands for an element of a list, `*` for a key of a map.
"""

import json
import re
import sys


def members(operation, fields, before, above):
    """Path and field of each member, however deep; a schema inside itself is not followed."""
    for field in fields:
        kind, path = field["type"], before + field["name"]
        yield path, field
        while inner := re.fullmatch(r"(array<|map<string,)(.*)>", kind):
            kind, path = inner[2], path + ("[]" if inner[1] == "array<" else ".*")
        name = kind.removeprefix("object:")
        if name in operation["schemas"] and name not in above:
            yield from members(operation, operation["schemas"][name]["fields"], path + ".", above | {name})


def shows(value, path):
    """Whether an example has a value at a path."""
    if not path:
        return True
    first, rest = path[0], path[1:]
    if first == "[]":
        return isinstance(value, list) and any(shows(item, rest) for item in value)
    if not isinstance(value, dict):
        return False
    if first == "*":
        return any(shows(item, rest) for item in value.values())
    return first in value and shows(value[first], rest)


def main(folder):
    for operation in json.load(open(f"{folder}/operations.json")):
        success = min(operation["responses"])
        examples = [e.get("value") for e in operation["response_examples"].get(success, [])]
        for path, field in members(operation, operation["responses"][success]["fields"], "", frozenset()):
            if not re.fullmatch(r"[\w.*\[\]]+", path):
                continue  # "User defined key" stands for any.
            if not field.get("deprecated_or_unsupported"):
                print(operation["section"], path, "table")
            elif any(shows(example, path.replace("[]", ".[]").split(".")) for example in examples):
                print(operation["section"], path, "example")


main(sys.argv[1])
