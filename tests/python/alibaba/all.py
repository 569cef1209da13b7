"""The official clients of the vendor against the engine.

Usage: all.py READY_FILE. Prints one line per failure and "N passed, N failed".
"""

import sys
import traceback

import apis
import apps
import around
import documents
import groups
import policies
import signing
from clients import check, count


def main():
    for part in (signing, groups, apis, policies, apps, around, documents):
        try:
            part.run()
        except Exception:
            traceback.print_exc()
            check(f"{part.__name__}: ended early", False)
    print(f"alibaba: {count['passed']} passed, {count['failed']} failed")
    sys.exit(1 if count["failed"] else 0)


main()
