#!/usr/bin/env python3
"""Measures validate, plan and apply with 1,000, 4,000 and 10,000 generated APIs against `apigctl serve`.

Usage: run.py BINARY [--sizes 1000,4000,10000] [--repeats 5] [--keep DIR]

BINARY is a release build (`cargo build --release`). APIs are in groups of 100, published in two environments, under four
throttles that are bound by selector; there is one file for each API. Every number is the median of the repeats; memory is the
largest of them. Wall time is from fork to exit; memory is the peak resident set as wait4 tells it (never below that of this
script, about 15 MB); calls are those in the server's request log. Client and server share the machine.

  start-up          apigctl --version
  validate          apigctl validate
  read the files    the bare part of it: this script opens and reads every file, and does nothing with them
  cold plan         against an empty gateway: everything is to be created, and tried out on an engine
  cold, unrehearsed the same with --no-rehearsal
  first apply       makes it all; into a fresh server each time
  first plan after  everything is read in full, because nothing is remembered yet
  warm plan         nothing to do, from memory: list calls, and a few reads that verify the memory
  list pages        the bare part of it: a plain client in this script fetches the same pages one after the other
  one-change plan   one API's description was edited
  one-change apply  the same, applied

Growth is the exponent e of n^e between the smallest and the largest size. Nothing here is a test: nothing fails.
"""

import argparse
import collections
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "estate"))
sys.dont_write_bytecode = True

from estate import ACCESS_KEY_VARIABLE, PROJECT, SECRET_KEY_VARIABLE
from gateway import PAGE, Server, wait_for

SECRET = "bench-secret-key-0123456789"
TARGETS = {"start-up": 0.010, "validate": 0.5, "warm plan": 1.0, "first apply": 10.0}
VERBS = ("get", "list", "create", "update", "delete")
METHODS = ("GET", "GET", "POST", "PUT", "DELETE")

POLICIES = """apiVersion: apigctl/v1
kind: Environment
metadata: { name: TEST }
"""
THROTTLE = """---
apiVersion: apigctl/v1
kind: Throttle
metadata: {{ name: tier_{tier} }}
spec:
  per: 1m
  limits: {{ api: {limit}, user: {user} }}
---
apiVersion: apigctl/v1
kind: Binding
metadata: {{ name: tier-{tier} }}
spec:
  environment: RELEASE
  throttle: tier_{tier}
  apis: {{ labels: {{ tier: t{tier} }} }}
"""
GROUP = """apiVersion: apigctl/v1
kind: Group
metadata: {{ name: {group} }}
spec:
  description: Generated group {group}
"""
API = """apiVersion: apigctl/v1
kind: Api
metadata: {{ name: {name}, group: {group}, labels: {{ tier: t{tier} }} }}
spec:
  description: {description}
  request: {{ method: {method}, path: "/{group}/{name}/{{id}}" }}
  parameters:
    - {{ name: id, in: path, required: true, maxLength: 36, validate: true, description: The resource's id. }}
    - name: page
      in: query
      type: number
      default: "1"
      minimum: 1
      maximum: 1000
      validate: true
      description: The page, from 1.
    - {{ name: sort, in: query, enum: [created, updated, name], validate: true }}
    - {{ name: X-Trace-Id, in: header, description: Is handed on to the backend. }}
  auth: {{ type: app }}
  backend:
    http: {{ url: "https://{group}.backend.example.com/v1/{name}/{{id}}", method: {method}, timeout: 5s }}
  tags: [{group}, {verb}]
  publish: [TEST, RELEASE]
"""


def api_text(number, description=None):
    group, verb = f"group_{number // 100:03}", VERBS[number % len(VERBS)]
    name = f"{verb}_resource_{number:05}"
    return group, name, API.format(
        name=name, group=group, tier=number % 4, method=METHODS[number % len(METHODS)], verb=verb,
        description=description or f"Generated operation {number}, which stands for one that somebody wrote.")


def generate(root, size):
    manifests = os.path.join(root, "manifests")
    os.makedirs(manifests)
    policies = POLICIES + "".join(THROTTLE.format(tier=t, limit=1000 * (t + 1), user=500 * (t + 1)) for t in range(4))
    put(os.path.join(manifests, "policies.yaml"), policies)
    for number in range(size):
        group, name, text = api_text(number)
        folder = os.path.join(manifests, group)
        if number % 100 == 0:
            os.makedirs(folder)
            put(os.path.join(folder, "group.yaml"), GROUP.format(group=group))
        put(os.path.join(folder, f"{name}.yaml"), text)


def put(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Measured(collections.namedtuple("Measured", "wall cpu memory calls reads code out")):
    """One run: seconds, seconds, bytes, calls in all, reads among them."""


class Bench:
    """One size: its manifests, its server, and what was measured."""

    def __init__(self, binary, folder, size, repeats):
        self.binary, self.size, self.repeats = binary, size, repeats
        self.root = os.path.join(folder, str(size))
        self.results = {}
        self.server = None
        self.environment = {**os.environ, ACCESS_KEY_VARIABLE: "BENCHACCESSKEY000001", SECRET_KEY_VARIABLE: SECRET}
        generate(self.root, size)

    def serve(self):
        if self.server:
            self.server.stop()
            os.remove(self.server.log_path)
        quotas = [("API_NUM_LIMIT", self.size + 1000), ("APIGROUP_NUM_LIMIT", 2000)]
        self.server = Server(self.binary, os.path.join(self.root, "server"), "BENCHACCESSKEY000001", SECRET, quotas)
        ready = self.server.ready
        put(os.path.join(self.root, "apigctl.yaml"), PROJECT.format(
            **{k: ready[k] for k in ("endpoint", "region", "project_id", "instance_id")}, retries=3,
            access_key=ACCESS_KEY_VARIABLE, secret_key=SECRET_KEY_VARIABLE, manifests="manifests"))
        shutil.rmtree(os.path.join(self.root, ".apigctl"), ignore_errors=True)

    def run(self, *arguments, expect=(0,)):
        since = self.server.log_size() if self.server else 0
        output = os.path.join(self.root, "output.txt")
        with open(output, "wb") as file:
            start = time.perf_counter()
            process = subprocess.Popen([self.binary, *arguments], cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL,
                                       stdout=file, stderr=file)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        calls = reads = 0
        if self.server:
            entries = self.server.log(since)
            calls, reads = len(entries), sum(1 for e in entries if e["method"] == "GET")
        with open(output, encoding="utf-8") as file:
            out = file.read(20000)
        if process.returncode not in expect:
            print(f"apigctl {' '.join(arguments)} ended with {process.returncode}:\n{out[:3000]}", file=sys.stderr)
        return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, calls, reads, process.returncode, out)

    def note(self, name, runs):
        self.results[name] = runs
        best = statistics.median(run.wall for run in runs)
        print(f"  {self.size:>6} {name}: {best:.3f} s, {max(run.memory for run in runs) >> 20} MB, {runs[-1].calls} calls",
              file=sys.stderr, flush=True)

    def repeat(self, name, *arguments, before=None, expect=(0,), times=None):
        runs = []
        for turn in range(times or self.repeats):
            if before:
                before(turn)
            runs.append(self.run(*arguments, expect=expect))
        self.note(name, runs)

    def bare(self, name, work):
        runs = []
        for _ in range(self.repeats):
            start, cpu = time.perf_counter(), time.process_time()
            calls = work()
            runs.append(Measured(time.perf_counter() - start, time.process_time() - cpu, 0, calls, calls, 0, ""))
        self.note(name, runs)

    def read_files(self):
        for folder, _, files in os.walk(os.path.join(self.root, "manifests")):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    file.read()
        return 0

    def list_pages(self):
        """As `Gateway.list`, without looking into the answers further than to their total."""
        gateway, calls = self.server.gateway, 0
        throttles = gateway.list("/throttles", "throttles")
        lists = [("/api-groups", {}), ("/envs", {}), ("/throttles", {}), ("/signs", {}), ("/apis", {})]
        lists += [("/throttle-bindings/binded-apis", {"throttle_id": row["id"]}) for row in throttles]
        for path, query in lists:
            offset = 0
            while True:
                text = gateway.text(path, limit=PAGE, offset=offset, **query)
                total = int(re.search(rb'"total": ?(\d+)', text).group(1))
                calls, offset = calls + 1, offset + PAGE
                if offset >= total:
                    break
        return calls

    def edit(self, turn):
        group, name, text = api_text(7, f"Edited for the {turn + 1}. time.")
        put(os.path.join(self.root, "manifests", group, f"{name}.yaml"), text)

    def measure(self):
        self.repeat("start-up", "--version")
        self.serve()
        self.repeat("validate", "validate")
        self.bare("read the files", self.read_files)
        self.repeat("cold plan", "plan")
        self.repeat("cold, unrehearsed", "plan", "--no-rehearsal")
        self.repeat("first apply", "apply", "--auto-approve", before=lambda _: self.serve())
        # Change marks have to be two seconds old before they are trusted.
        self.repeat("first plan after", "plan", times=1)
        wait_for("a warm plan", lambda: self.run("plan").reads < self.size / 2, 60)
        self.repeat("warm plan", "plan", "--detailed-exitcode")
        self.bare("list pages", self.list_pages)
        self.repeat("one-change plan", "plan", "--detailed-exitcode", before=self.edit, expect=(2,))
        self.repeat("one-change apply", "apply", "--auto-approve", before=lambda turn: self.edit(turn + 100))
        self.server_memory = peak_memory(self.server.process.pid)
        self.server.stop()


def peak_memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s*(\d+) kB", file.read()).group(1)) * 1024


def wall(bench, name):
    return statistics.median(run.wall for run in bench.results[name])


def memory(bench, name):
    return max(run.memory for run in bench.results[name])


def seconds(value):
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.2f} s"


def table(benches):
    names = list(benches[0].results)
    first, last = benches[0], benches[-1]
    head = ["", *(f"{b.size:,} APIs" for b in benches), "growth", "CPU", "memory", "calls", "target", "of target"]
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + " ---: |" * (len(head) - 1)
    for name in names:
        cells = [name] + [seconds(wall(b, name)) for b in benches]
        growth = math.log(wall(last, name) / wall(first, name)) / math.log(last.size / first.size) if last is not first else 0
        run = last.results[name][-1]
        cells.append(f"{growth:.2f}" if last is not first and name != "start-up" else "")
        cells.append(seconds(statistics.median(r.cpu for r in last.results[name])))
        cells.append(f"{memory(last, name) / 1e6:.0f} MB" if memory(last, name) else "")
        cells.append(f"{run.calls:,}" if run.calls else "")
        target = 1.1 * wall(last, "warm plan") if name == "one-change plan" else TARGETS.get(name)
        cells += [seconds(target), f"{wall(last, name) / target:.2f}"] if target else ["", ""]
        yield "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--sizes", default="1000,4000,10000")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--keep", metavar="DIR", help="work in this folder, and leave it there")
    arguments = parser.parse_args()
    folder = os.path.abspath(arguments.keep) if arguments.keep else tempfile.mkdtemp(prefix="apigctl-bench-")
    if arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)
    benches = []
    try:
        for size in sorted(int(size) for size in arguments.sizes.split(",")):
            bench = Bench(os.path.abspath(arguments.binary), folder, size, arguments.repeats)
            try:
                bench.measure()
            finally:
                if bench.server:
                    bench.server.stop()
            benches.append(bench)
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)
    last = benches[-1]
    print(f"{os.cpu_count()} cores, load {', '.join(f'{load:.1f}' for load in os.getloadavg())}; CPU, memory and calls are those of "
          f"{last.size:,} APIs; the server's peak was {last.server_memory / 1e6:.0f} MB.\n")
    print("\n".join(table(benches)))
    print()
    ratios = [("validate", "read the files"), ("cold plan", "cold, unrehearsed"), ("warm plan", "list pages"), ("one-change plan", "warm plan")]
    for name, bare in ratios:
        print(f"- {name} takes {wall(last, name) / wall(last, bare):.2f} times as long as: {bare}")
    print(f"- the warm plan's peak is {memory(last, 'warm plan') / 1e6:.0f} MB of the 200 MB aimed at, "
          f"with {last.results['warm plan'][-1].calls} calls, where the bare lists are {last.results['list pages'][-1].calls}")


if __name__ == "__main__":
    main()
