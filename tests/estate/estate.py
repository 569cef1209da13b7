"""A project folder for the tests: imported manifests with policies beside them, edits of them, and runs of the program."""

import json
import os
import re
import shutil
import subprocess

ACCESS_KEY_VARIABLE = "ESTATE_ACCESS_KEY"
SECRET_KEY_VARIABLE = "ESTATE_SECRET_KEY"
SIGNATURE_VARIABLE = "ESTATE_SIGNATURE_SECRET"

PROJECT = """targets:
  estate:
    provider: huawei-apig-v2
    endpoint: {endpoint}
    region: {region}
    project: {project_id}
    instance: {instance_id}
    retries: {retries}
    retryWait: 100ms
    credentials:
      accessKey: {{ fromEnv: {access_key} }}
      secretKey: {{ fromEnv: {secret_key} }}
defaultTarget: estate
manifests: [{manifests}]
"""

POLICIES = """apiVersion: apigctl/v1
kind: Environment
metadata: {{ name: TEST }}
spec:
  description: Where changes are tried out
---
apiVersion: apigctl/v1
kind: Throttle
metadata: {{ name: gold }}
spec:
  per: 1s
  limits: {{ api: 800, user: 500, app: 300, sourceIp: 600 }}
---
apiVersion: apigctl/v1
kind: Throttle
metadata: {{ name: silver }}
spec:
  description: For everybody else
  per: 1m
  limits: {{ api: 3000 }}
---
apiVersion: apigctl/v1
kind: Signature
metadata: {{ name: backend_key }}
spec:
  type: hmac
  key: estate_backend_key
  secret: {{ fromEnv: {signature} }}
---
apiVersion: apigctl/v1
kind: Variable
metadata: {{ name: backend_host, group: {variable_group} }}
spec:
  values:
    TEST: test.backend.example.com
    RELEASE: backend.example.com
"""

BINDING = """apiVersion: apigctl/v1
kind: Binding
metadata: {{ name: {name} }}
spec:
  environment: {environment}
  {policy}
  apis: {apis}
"""


class Ended:
    """A run that has ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def text(self):
        return self.out + self.err

    def __str__(self):
        return f"exit code {self.code}\n{self.out[-3000:]}{self.err[-3000:]}"


class Project:
    """A folder with `apigctl.yaml` and manifests."""

    def __init__(self, binary, root, secrets, transcript):
        self.binary, self.root, self.transcript = binary, root, transcript
        self.environment = {**{k: v for k, v in os.environ.items() if not k.startswith("APIGCTL_")}, **secrets}
        os.makedirs(root, exist_ok=True)

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def read(self, *parts):
        with open(self.path(*parts), encoding="utf-8") as file:
            return file.read()

    def write(self, path, text):
        os.makedirs(os.path.dirname(self.path(path)), exist_ok=True)
        with open(self.path(path), "w", encoding="utf-8") as file:
            file.write(text)

    def aim(self, ready, endpoint=None, retries=3, manifests="manifests"):
        """Writes the project file for a gateway."""
        values = {**ready, "endpoint": endpoint or ready["endpoint"]}
        self.write("apigctl.yaml", PROJECT.format(
            **{k: values[k] for k in ("endpoint", "region", "project_id", "instance_id")}, retries=retries,
            access_key=ACCESS_KEY_VARIABLE, secret_key=SECRET_KEY_VARIABLE, manifests=manifests))

    def forget(self):
        """As a fresh clone: no ledger, no cache."""
        shutil.rmtree(self.path(".apigctl"), ignore_errors=True)

    def start(self, *arguments, **environment):
        return subprocess.Popen(
            [self.binary, *arguments], cwd=self.root, env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish(self, process, seconds=600):
        out, err = process.communicate(timeout=seconds)
        ended = Ended(process.returncode, out.decode(), err.decode())
        with open(self.transcript, "a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(process.args)}\n{ended.out}{ended.err}")
        return ended

    def run(self, *arguments, **environment):
        return self.finish(self.start(*arguments, **environment))

    def plan(self, *arguments, name="plan.json", **environment):
        """A plan as (run, saved plan); the plan is None where none was made."""
        path = self.path(name)
        if os.path.exists(path):
            os.remove(path)
        ended = self.run("plan", "--detailed-exitcode", "--out", name, *arguments, **environment)
        plan = json.loads(self.read(name)) if os.path.exists(path) else None
        return ended, plan

    def apply(self, *arguments, **environment):
        return self.run("apply", "--auto-approve", *arguments, **environment)

    def ledger(self):
        """What is owned: address to id."""
        targets = json.loads(self.read(".apigctl", "ledger.json"))["targets"]
        return {address: entry["id"] for target in targets.values() for scope in target["scopes"].values()
                for address, entry in scope["owned"].items()}

    # Manifests.

    def files(self):
        """All files of imported APIs, as (group folder, path), sorted."""
        found = []
        for folder in sorted(os.listdir(self.path("manifests"))):
            if folder == "estate" or not os.path.isdir(self.path("manifests", folder)):
                continue
            for name in sorted(os.listdir(self.path("manifests", folder))):
                if name.endswith(".yaml") and name != "group.yaml":
                    found.append((folder, os.path.join("manifests", folder, name)))
        return found

    def edit(self, path, change):
        """Changes a file by a function from text to text; it must change something."""
        before = self.read(path)
        after = change(before)
        assert after != before, f"nothing to change in {path}:\n{before}"
        self.write(path, after)

    def names(self, path):
        """Group and name of the API in a file."""
        text = self.read(path)
        found = re.search(r"^metadata: \{ name: ([^,]+), group: ([^,}]+?)(?:, labels: .*)? \}$", text, re.M)
        if not found:
            found = re.search(r"^metadata:\n  name: (.+)\n  group: (.+)$", text, re.M)
        return found.group(2), found.group(1)


def address(kind, *parts):
    return kind + "/" + "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


# Edits of an API's text.

def label(text, key, value):
    flow = re.sub(r"^(metadata: \{.*) \}$", rf"\1, labels: {{ {key}: {value} }} }}", text, count=1, flags=re.M)
    if flow != text:
        return flow
    return re.sub(r"^(  group: .+)$", rf"\1\n  labels: {{ {key}: {value} }}", text, count=1, flags=re.M)


def publish_in(text, *environments):
    return re.sub(r"^  publish: \[.*\]$", f"  publish: [{', '.join(environments)}]", text, count=1, flags=re.M)


def describe(text, description):
    if re.search(r"^  description: [|>]", text, re.M):
        raise ValueError("a description of several lines")
    return re.sub(r"^  description: .*$", f"  description: {description}", text, count=1, flags=re.M)


def add_parameter(text, name, description):
    line = f"    - {{ name: {name}, in: query, description: {description} }}\n"
    if re.search(r"^  parameters:$", text, re.M):
        return re.sub(r"^  parameters:\n", f"  parameters:\n{line}", text, count=1, flags=re.M)
    return re.sub(r"^  auth:", f"  parameters:\n{line}  auth:", text, count=1, flags=re.M)


def set_timeout(text, timeout):
    if "timeout: " in text:
        return re.sub(r"timeout: \w+", f"timeout: {timeout}", text, count=1)
    flow = re.sub(r"^(    http: \{.*) \}$", rf"\1, timeout: {timeout} }}", text, count=1, flags=re.M)
    if flow != text:
        return flow
    return re.sub(r"^(      method: .+)$", rf"\1\n      timeout: {timeout}", text, count=1, flags=re.M)


def use_variable(text):
    """Lets the backend's host be the variable."""
    return re.sub(r'(url: "?https?://)[^/"]+', r"\1#backend_host#", text, count=1)
