"""The shared gateway's API V1.0 against the engine, over a socket, signed by the vendor's signer: v1.py READY."""

import sys

import v1_objects
import v1_publishing
import v1_signing
from wire import count

for part in (v1_objects, v1_publishing, v1_signing):
    part.run()
print(f"V1: {count['passed']} assertions passed, {count['failed']} failed")
sys.exit(1 if count["failed"] else 0)
