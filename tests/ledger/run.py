"""A ledger in an object store: moto's S3 server is the store, which was written by others and knows conditional writes.

Checked: the ledger is there and nowhere else; the second of two applies is refused, or waits; a lock that a killed run left
behind is explained and can be taken; what a killed run made is owned by the next; a store that takes no notice of conditions
is refused; the lock is given back on a signal; credentials stand nowhere.
"""

import http.client
import http.server
import json
import logging
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

import boto3
from moto.server import ThreadedMotoServer

BINARY = sys.argv[1]
KEY, SECRET = "AKIDLEDGEREXAMPLE", "ledger-secret-in-no-output"
BUCKET, LEDGER = "ledgers", "team/ledger.json"
CHECKS = 0

PROJECT = """
ledger: s3://ledgers/team/ledger.json
ledgerStore:
  endpoint: {endpoint}
  region: us-east-1
  conditions: {conditions}
  credentials:
    accessKey: {{ fromEnv: LEDGER_KEY }}
    secretKey: {{ fromEnv: LEDGER_SECRET }}
targets:
  gateway:
    provider: huawei-apig-v2
    endpoint: {gateway}
    project: {project_id}
    instance: {instance_id}
    credentials: {{ accessKey: {{ fromEnv: GATEWAY_KEY }}, secretKey: {{ fromEnv: GATEWAY_SECRET }} }}
    retries: 0
"""

MANIFEST = """
apiVersion: apigctl/v1
kind: Throttle
metadata: {{ name: limit_{n} }}
spec: {{ per: 1m, limits: {{ api: {limit} }} }}
---
"""


def check(what, fact, seen=""):
    global CHECKS
    if not fact:
        sys.exit(f"failed: {what}\n{seen}")
    CHECKS += 1
    print(f"ok  {what}")


class Relay(http.server.BaseHTTPRequestHandler):
    """Stands before a server: drops headers, or holds a request until it is let go."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def forward(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.hold(self.command, self.path)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in self.server.dropped}
        there = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=60)
        there.request(self.command, self.path, body, headers)
        answer = there.getresponse()
        content = answer.read()
        try:
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            length = answer.headers.get("content-length") if self.command == "HEAD" else len(content)
            self.send_header("content-length", str(length or 0))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
        except OSError:
            pass  # whoever asked was killed

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward


def relay(behind, dropped=(), hold=lambda method, path: None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    server.behind, server.dropped, server.hold = behind, dropped, hold
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


class Folder:
    def __init__(self, root, gateway, endpoint, conditions="etag", port=None):
        self.root = pathlib.Path(root)
        (self.root / "manifests").mkdir(parents=True)
        ready = json.loads((gateway / "ready.json").read_text())
        at = f"http://127.0.0.1:{port}" if port else ready["endpoint"]
        self.env = dict(
            os.environ, LEDGER_KEY=KEY, LEDGER_SECRET=SECRET, NO_COLOR="1",
            GATEWAY_KEY=ready["access_key"], GATEWAY_SECRET=ready["secret_key"],
        )
        text = PROJECT.format(
            endpoint=endpoint, conditions=conditions, gateway=at,
            project_id=ready["project_id"], instance_id=ready["instance_id"],
        )
        (self.root / "apigctl.yaml").write_text(text)

    def manifests(self, count, limit=5):
        text = "".join(MANIFEST.format(n=n, limit=limit) for n in range(count))
        (self.root / "manifests" / "all.yaml").write_text(text.rstrip("-\n") + "\n")

    def start(self, *arguments):
        return subprocess.Popen(
            [BINARY, *arguments], cwd=self.root, env=self.env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def run(self, *arguments, code=0):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        text = " ".join((out + err).split())
        if code is not None and process.returncode != code:
            sys.exit(f"failed: {arguments} ended with {process.returncode}: {out}{err}")
        if SECRET in text or KEY in text:
            sys.exit(f"failed: {arguments} prints credentials: {text}")
        return text


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    work = pathlib.Path(tempfile.mkdtemp())
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    s3 = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id=KEY, aws_secret_access_key=SECRET, region_name="us-east-1",
    )
    s3.create_bucket(Bucket=BUCKET)
    keys = lambda: sorted(o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []))
    ledger = lambda: json.loads(s3.get_object(Bucket=BUCKET, Key=LEDGER)["Body"].read())
    gateway = work / "gateway"
    gateway.mkdir()
    serving = subprocess.Popen(
        [BINARY, "serve", "--listen", "127.0.0.1:0", "--ready-file", str(gateway / "ready.json")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        while not (gateway / "ready.json").exists():
            if serving.poll() is not None:
                sys.exit("failed: the gateway did not start")
        checks(work, gateway, endpoint, port, s3, keys, ledger)
    finally:
        serving.kill()
        serving.wait()
        store.stop()
    print(f"{CHECKS} passed, 0 failed")


def owned(ledger):
    return [a for target in ledger["targets"].values() for scope in target["scopes"].values() for a in scope["owned"]]


def checks(work, gateway, endpoint, port, s3, keys, ledger):
    plain = Folder(work / "plain", gateway, endpoint)
    plain.manifests(3)
    text = plain.run("apply", "-y")
    check("an apply writes the ledger into the store", "created 3" in text and len(owned(ledger())) == 3, text)
    check("nothing but the ledger stays there", keys() == [LEDGER], keys())
    check("and nothing on this disk", not list(plain.root.rglob("ledger*")))
    text = plain.run("plan")
    check("the next plan is empty", "Nothing to do: 3 resources" in text, text)

    # The gateway holds the first apply at its first write, until it is let go.
    reached, go = threading.Event(), threading.Event()

    def hold(method, path):
        if method == "POST":
            reached.set()
            go.wait(60)

    ready = json.loads((gateway / "ready.json").read_text())
    behind = int(ready["endpoint"].rsplit(":", 1)[1])
    slow = Folder(work / "slow", gateway, endpoint, port=relay(behind, hold=hold))
    (slow.root / "manifests" / "all.yaml").write_text(MANIFEST.format(n=90, limit=5).rstrip("-\n") + "\n")
    first = slow.start("apply", "-y")
    check("the first apply is under way", reached.wait(60))
    text = plain.run("apply", "-y", code=1)
    check("the second is refused", "is held by another run" in text and f"(process {first.pid})" in text, text)
    check("and told what to do", "--lock-timeout 60s" in text and "ledger unlock" in text, text)
    waiting = plain.start("apply", "-y", "--lock-timeout", "60s")
    line = waiting.stderr.readline()
    check("or waits", line.startswith("waiting for the ledger s3://") and f"(process {first.pid})" in line, line)
    go.set()
    out, err = first.communicate(timeout=60)
    check("the first goes on", first.returncode == 0, out + err)
    out, err = waiting.communicate(timeout=60)
    check("and then the second", waiting.returncode == 0, out + err)
    check("both are in the ledger", len(owned(ledger())) == 4, ledger())

    # Killed in the middle of its first call.
    reached.clear(), go.clear()
    (slow.root / "manifests" / "all.yaml").write_text(
        "".join(MANIFEST.format(n=n, limit=5) for n in (90, 91)).rstrip("-\n") + "\n"
    )
    killed = slow.start("apply", "-y")
    check("an apply is about to create something", reached.wait(60))
    killed.kill()
    killed.wait()
    go.set()
    text = slow.run("apply", "-y", code=1)
    check("its lock stays, and says that its process is gone", "that process is gone" in text and "ledger unlock" in text, text)
    text = slow.run("ledger", "unlock", code=1)
    check("nobody takes it without being asked", "approval is needed" in text, text)
    text = slow.run("ledger", "unlock", "-y")
    check("it can be taken", "The lock is removed" in text and keys() == [LEDGER], text)
    text = slow.run("apply", "-y")
    check("what the killed run made is owned, and not made twice", "limit_91" in str(owned(ledger())), text)
    text = slow.run("plan")
    check("and the plan is empty", "Nothing to do: 2 resources" in text, text)

    # A signal while the first reads of the gateway are under way.
    reached.clear(), go.clear()
    stuck = Folder(work / "stuck", gateway, endpoint, port=relay(behind, hold=lambda m, p: (reached.set(), go.wait(60))))
    stuck.manifests(1)
    for number in (signal.SIGINT, signal.SIGTERM):
        reached.clear(), go.clear()
        asked = stuck.start("apply", "-y")
        check("a plan is being made under the lock", reached.wait(60) and keys() == [LEDGER, LEDGER + ".lock"], keys())
        asked.send_signal(number)
        asked.wait(60)
        check(f"{number.name} gives the lock back", asked.returncode == 130 and keys() == [LEDGER], keys())
        go.set()

    # Somebody breaks the lock of a run that goes on, and writes.
    reached.clear(), go.clear()
    (slow.root / "manifests" / "all.yaml").write_text(
        "".join(MANIFEST.format(n=n, limit=5) for n in (90, 91, 92)).rstrip("-\n") + "\n"
    )
    robbed = slow.start("apply", "-y")
    check("a run goes on", reached.wait(60))
    plain.run("ledger", "unlock", "-y")
    plain.manifests(4)
    plain.run("apply", "-y", "--target", "gateway")
    go.set()
    out, err = robbed.communicate(timeout=60)
    check("its own write does not undo the other's", robbed.returncode == 1 and "was written by another run" in out + err, out + err)
    check("the other's entries are there", "Throttle/limit_3" in owned(ledger()), ledger())
    text = slow.run("apply", "-y")
    check("and running it again puts its own there", "Throttle/limit_92" in owned(ledger()), text)

    # A store that takes no notice of conditions.
    deaf = relay(port, dropped=("if-none-match", "if-match"))
    careless = Folder(work / "careless", gateway, f"http://127.0.0.1:{deaf}")
    careless.manifests(4)
    text = careless.run("apply", "-y", code=1)
    check("a store that ignores conditions is refused", "does not honour `If-None-Match`" in text, text)
    check("and nothing stays there", keys() == [LEDGER], keys())
    without = Folder(work / "without", gateway, f"http://127.0.0.1:{deaf}", conditions="none")
    without.manifests(4, limit=6)
    text = without.run("apply", "-y")
    check("unless it is asked for", "updated 4" in text and keys() == [LEDGER], text)

    (plain.root / "apigctl.yaml").write_text((plain.root / "apigctl.yaml").read_text().replace(endpoint, "http://127.0.0.1:1"))
    text = plain.run("plan", code=1)
    check("a store that is not there is an error that says so", "failed to read the ledger s3://ledgers/team/ledger.json" in text, text)
    body = json.dumps(ledger())
    check("the ledger holds no credentials", KEY not in body and SECRET not in body)


main()
