#!/usr/bin/env python3
"""Plans and applies a whole estate of APIs, end to end, with the real binary over TCP.

Usage: run.py BINARY [OPENAPI_FILE] [--keep DIR] [--only STEP,…]

Without a file (and without APIGCTL_OPENAPI in the environment) a shop of 150 operations is made. What is checked is printed
line by line; the last line says how many checks passed and failed. Nothing depends on luck: random choices are seeded, and
whatever is waited for is looked at until it is there.
"""

import argparse
import collections
import contextlib
import copy
import http.server
import json
import os
import random
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import make_openapi
from estate import (ACCESS_KEY_VARIABLE, BINDING, POLICIES, SECRET_KEY_VARIABLE, SIGNATURE_VARIABLE, Project, add_parameter,
                    address, describe, label, publish_in, set_timeout, use_variable)
from gateway import Refused, Server, wait_for

SEED = 20250218
KILLS = 10
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}

ACCESS_KEY = "ESTATEACCESSKEY00001"
SECRETS = {SECRET_KEY_VARIABLE: "estate-secret-key-5b0c7d1e9f", SIGNATURE_VARIABLE: "Estate@Signature_Secret_81"}
QUOTAS = [("API_NUM_LIMIT", 20000), ("APIGROUP_NUM_LIMIT", 2000), ("API_NUM_LIMIT_PER_GROUP", 2000)]



def next_second():
    """Waits for the clock to show another second."""
    start = int(time.time())
    while int(time.time()) == start:
        time.sleep(0.01)

class Report:
    """Counts checks and prints them."""

    def __init__(self):
        self.passed = self.failed = 0

    def step(self, title):
        print(f"\n{title}", flush=True)

    def check(self, what, good, detail=""):
        if good:
            self.passed += 1
            print(f"  ok    {what}", flush=True)
        else:
            self.failed += 1
            text = str(detail() if callable(detail) else detail)[:4000]
            print(f"  FAIL  {what}", flush=True)
            if text:
                print("        " + text.rstrip().replace("\n", "\n        "), flush=True)
        return good

    def equal(self, what, got, wanted):
        return self.check(what, got == wanted, lambda: f"got    {got!r}\nwanted {wanted!r}")

    def same(self, what, got, wanted):
        """As `equal`, for sets of many."""
        got, wanted = collections.Counter(got), collections.Counter(wanted)
        more, less = got - wanted, wanted - got

        def few(items):
            return "\n".join(f"  {item} ×{count}" for item, count in sorted(items.items(), key=repr)[:12])

        return self.check(what, not more and not less, lambda: f"too many:\n{few(more)}\nmissing:\n{few(less)}")

    def same_state(self, what, got, wanted):
        for part in wanted:
            if got[part] != wanted[part]:
                more = [item for item in got[part] if item not in wanted[part]][:3]
                less = [item for item in wanted[part] if item not in got[part]][:3]
                counts = f"{len(got[part])} {part}, wanted {len(wanted[part])}"
                return self.check(what, False, f"{counts}\ntoo many or different: {more}\nmissing: {less}")
        return self.check(what, True)


def changes(plan):
    return [(change["action"], change["address"]) for change in plan["changes"]]


def with_reasons(plan):
    return [(change["action"], change["address"], change["reason"]) for change in plan["changes"]]


def step_calls(plan, ids):
    """The calls of a plan as the request log shows them."""

    def text(value):
        return ids.get(value["$id"], value["$id"]) if isinstance(value, dict) else value

    calls = []
    for step in plan["steps"]:
        call = step["call"]
        path = call["path"]
        for name, value in call.get("args", {}).items():
            path = path.replace("{" + name + "}", urllib.parse.quote(text(value), safe="-_.~"))
        query = tuple(sorted((key, text(value)) for key, value in call.get("query", [])))
        calls.append((call["method"], path, query))
    return calls


def log_calls(entries):
    return [(e["method"], e["path"], tuple(sorted(urllib.parse.parse_qsl(e["query"], keep_blank_values=True)))) for e in entries]


def without_versions(state):
    state = copy.deepcopy(state)
    for api in state["apis"]:
        api.pop("versions", None)
    return state


def versions(state):
    counts = collections.Counter()
    for api in state["apis"]:
        for environment in api.get("versions", []):
            counts[api["group"], api["name"], environment] += 1
    return counts


class Estate:
    """The run: one project, and servers as they are needed."""

    def __init__(self, binary, openapi, folder, report):
        self.binary, self.openapi, self.folder, self.report = binary, openapi, folder, report
        self.transcript = os.path.join(folder, "transcript.txt")
        self.secrets = {ACCESS_KEY_VARIABLE: ACCESS_KEY, **SECRETS}
        self.project = self.new_project("project")
        self.servers = []
        self.server = None
        self.random = random.Random(SEED)

    def new_project(self, name, **secrets):
        return Project(self.binary, os.path.join(self.folder, name), {**self.secrets, **secrets}, self.transcript)

    def serve(self, name, **options):
        server = Server(self.binary, os.path.join(self.folder, name), ACCESS_KEY, SECRETS[SECRET_KEY_VARIABLE], QUOTAS, **options)
        self.servers.append(server)
        return server

    def close(self):
        for server in self.servers:
            server.stop()

    # The manifests.

    def operations(self):
        with open(self.openapi, encoding="utf-8") as file:
            document = json.load(file)
        return sum(1 for path in document["paths"].values() for method in path if method in METHODS)

    def furnish(self):
        """Adds to the imported APIs what an estate has besides: environments, policies, bindings, variables, labels."""
        project = self.project
        counts = collections.Counter(folder for folder, _ in project.files())
        self.groups = [folder for folder, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))][:6]
        self.paths = {group: [path for folder, path in project.files() if folder == group] for group in self.groups}
        self.group_names = {group: project.names(self.paths[group][0])[0] for group in self.groups}
        for path in self.paths[self.groups[0]]:
            project.edit(path, lambda text: use_variable(publish_in(text, "TEST", "RELEASE")))
        for path in self.paths[self.groups[1]][::2]:
            project.edit(path, lambda text: label(text, "tier", "public"))
        self.tag = re.search(r"^  tags: \[(.+)\]$", project.read(self.paths[self.groups[2]][0]), re.M).group(1)
        name = self.group_names
        g = self.groups
        project.write("manifests/estate/policies.yaml", POLICIES.format(signature=SIGNATURE_VARIABLE, variable_group=name[g[0]]))
        bindings = [
            ("gold-on-release", "RELEASE", "throttle: gold", f"{{ group: {name[g[0]]} }}"),
            ("gold-on-test", "TEST", "throttle: gold", f"{{ group: {name[g[0]]} }}"),
            ("silver-on-public", "RELEASE", "throttle: silver", "{ labels: { tier: public } }"),
            ("silver-on-tag", "RELEASE", "throttle: silver", f"{{ tags: [{self.tag}] }}"),
            ("signed", "RELEASE", "signature: backend_key", f"{{ group: {name[g[3]]}, names: [\"*\"] }}"),
        ]
        texts = [BINDING.format(name=n, environment=e, policy=p, apis=a) for n, e, p, a in bindings]
        project.write("manifests/estate/bindings.yaml", "---\n".join(texts))

    def api(self, kind, path, *more):
        group, name = self.project.names(path)
        return address(kind, group, name, *more)

    # Checks that come again and again.

    def settled(self, what, project=None, server=None):
        """After an apply the plan is empty; says what it reads."""
        project = project or self.project
        ended, plan = project.plan()
        good = ended.code == 0 and plan and not plan["changes"] and not plan["steps"]
        self.report.check(f"{what}: the plan is empty, exit code 0", good, lambda: f"{with_reasons(plan)[:10] if plan else ''}\n{ended}")
        return plan

    def applied(self, what, *arguments, project=None):
        ended = (project or self.project).apply(*arguments)
        self.report.check(f"{what}: exit code 0", ended.code == 0, ended)
        return ended

    def exactly(self, what, plan, since, before):
        """The writes in the log are the steps of the plan, call by call, and as few as can be."""
        report, server = self.report, self.server
        writes = server.writes(since)
        refused = [entry for entry in writes if entry["status"] >= 400]
        report.check(f"{what}: the gateway refused nothing", not refused, refused[:5])
        ids = {**before, **self.project.ledger()}
        report.same(f"{what}: {len(writes)} writes in the log are the {len(plan['steps'])} steps, call by call",
                    log_calls(writes), step_calls(plan, ids))
        report.equal(f"{what}: the number of calls is the lower bound", len(writes), plan["callsBound"])

    def planned_and_applied(self, what):
        """Saves a plan, applies exactly that, and compares; gives the plan."""
        ended, plan = self.project.plan()
        if not self.report.check(f"{what}: there is a plan, exit code 2", ended.code == 2 and plan, ended):
            raise RuntimeError(f"{what}: no plan")
        before, since = self.project.ledger(), self.server.log_size()
        self.applied(f"{what}: apply of the saved plan", "plan.json")
        self.exactly(what, plan, since, before)
        return plan

    def remembered(self):
        """Plans until everything is remembered: marks younger than two seconds are not trusted yet."""
        reads, lists = [], 0

        def is_warm():
            nonlocal reads, lists
            since = self.server.log_size()
            self.project.plan()
            reads = self.server.log(since)
            lists = sum(1 for e in reads if not re.search(r"/apis/(versions/|publish/)?[^/]+$", e["path"]))
            return len(reads) <= lists + 3

        with contextlib.suppress(RuntimeError):
            wait_for("a plan from memory", is_warm, 30)
        self.report.check(f"plan: once more, from memory: {lists} lists, and {len(reads) - lists} reads to verify",
                          len(reads) <= lists + 3, f"{len(reads)} reads")

    # The steps.

    def step_1(self):
        report, project = self.report, self.project
        report.step(f"1. From {os.path.basename(self.openapi)} to a gateway")
        operations = self.operations()
        ended = project.run("import", "openapi", self.openapi, "--out", "manifests")
        report.check("import: exit code 0", ended.code == 0, ended)
        report.equal(f"import: {operations} operations are {operations} files", len(project.files()), operations)
        self.furnish()
        self.server = self.serve("server")
        project.aim(self.server.ready)
        ended = project.run("validate")
        report.check("validate: exit code 0", ended.code == 0, ended)
        ended, plan = project.plan("--offline")
        report.check("plan --offline: exit code 2", ended.code == 2, ended)
        offline = changes(plan)
        counts = collections.Counter(action for action, _ in offline)
        kinds = collections.Counter(a.split("/")[0] for _, a in offline)
        report.equal("plan --offline: everything is to be created", set(counts), {"create", "publish", "bind"})
        both = len(self.paths[self.groups[0]])
        report.equal("plan --offline: one API an operation", kinds["Api"], operations)
        report.equal("plan --offline: one publication an API, two in the first group", kinds["Publication"], operations + both)
        report.equal("plan --offline: the signature on its group", kinds["SignatureBinding"], len(self.paths[self.groups[3]]))
        tagged = sum(1 for _, path in project.files() if f"tags: [{self.tag}]" in project.read(path))
        labelled = len(self.paths[self.groups[1]][::2])
        report.equal("plan --offline: throttles by group, label and tag", kinds["ThrottleBinding"], 2 * both + labelled + tagged)
        report.equal("plan --offline: nothing reached the gateway", self.server.log(), [])
        ended, plan = project.plan()
        report.same("plan: against the empty gateway it says the same", changes(plan), offline)
        since = self.server.log_size()
        self.applied("apply --auto-approve")
        self.exactly("apply", plan, since, {})
        rows = self.server.gateway.apis()
        report.equal("the gateway has every API", len(rows), operations)
        report.check("every API runs in RELEASE", all("RELEASE" in row["run_env_name"].split("|") for row in rows))
        since = self.server.log_size()
        plan = self.settled("plan")
        report.equal("plan: its reads are those in the log", plan["reads"], len(self.server.log(since)))
        self.remembered()
        ended = project.run("plan")
        report.check("plan: says that there is nothing to do", ended.code == 0 and re.search(r"(?i)no changes|nothing|0 changes", ended.out), ended)
        since = self.server.log_size()
        self.applied("apply with nothing to do")
        report.equal("apply with nothing to do: writes nothing", self.server.writes(since), [])

    def step_2(self):
        report, project, g = self.report, self.project, self.groups
        report.step("2. Three APIs, a throttle, a selector, and an API that goes")
        described, widened, slower, gone = (self.paths[g[i]][1] for i in (5, 1, 0, 3))
        state = self.server.gateway.state()
        project.edit(described, lambda text: describe(text, "Described anew by the test."))
        project.edit(widened, lambda text: add_parameter(text, "estate_probe", "Added by the test."))
        project.edit(slower, lambda text: set_timeout(text, "7s"))
        project.edit("manifests/estate/policies.yaml", lambda text: text.replace("api: 3000", "api: 2500"))
        moved = lambda text: text.replace(f"group: {self.group_names[g[0]]}", f"group: {self.group_names[g[4]]}", 1)
        project.edit("manifests/estate/bindings.yaml", moved)
        expected = [("update", self.api("Api", path)) for path in (described, widened, slower)]
        expected += [("publish", self.api("Publication", path, "RELEASE")) for path in (described, widened, slower)]
        expected += [("publish", self.api("Publication", slower, "TEST")), ("update", address("Throttle", "silver"))]
        expected += [("unbind", self.api("ThrottleBinding", path, "RELEASE")) for path in self.paths[g[0]]]
        expected += [("bind", self.api("ThrottleBinding", path, "RELEASE")) for path in self.paths[g[4]]]
        going = [self.api("Publication", gone, "RELEASE"), self.api("Api", gone)]
        expected += [("unpublish", going[0]), ("delete", going[1])]
        self.gone = self.project.names(gone)
        os.remove(project.path(gone))
        self.paths[g[3]].remove(gone)
        plan = self.planned_and_applied("change")
        report.same("the plan has exactly these changes", changes(plan), expected)
        reasons = collections.Counter(change["reason"] for change in plan["changes"] if change["action"] not in ("bind",))
        report.equal("their reasons are the manifests", set(reasons), {"manifestChanged", "removed"})
        report.check("every change names its place in the manifests",
                     all(change.get("source") for change in plan["changes"] if change.get("after")))
        self.settled("change")
        after = self.server.gateway.state()
        grown = versions(after) - versions(state)
        published = [(*self.project.names(path), environment) for path, environment in
                     ((described, "RELEASE"), (widened, "RELEASE"), (slower, "RELEASE"), (slower, "TEST"))]
        report.same("re-published is what changed, and nothing else", grown, published)
        report.equal("the API that went is gone", [api for api in after["apis"] if (api["group"], api["name"]) == self.gone], [])
        report.equal("what is left of it on record", [a for a in project.ledger() if a.startswith(tuple(going))], [])

    def drift(self, what, expected):
        """What was done by hand is seen as that, and undone."""
        ended, plan = self.project.plan()
        self.report.same(f"{what}: the plan shows it as drift", with_reasons(plan) if plan else [str(ended)], expected)
        if plan and plan["steps"]:
            before, since = self.project.ledger(), self.server.log_size()
            if self.applied(f"{what}: apply", "plan.json").code == 0:
                self.exactly(what, plan, since, before)
            else:
                # So that what comes next starts from what it should.
                self.project.apply()
        self.settled(what)
        self.report.same_state(f"{what}: all is as it was", without_versions(self.server.gateway.state()), self.before)

    def step_3(self):
        report, g, gateway = self.report, self.groups, self.server.gateway
        report.step("3. Changes by hand")
        self.before = without_versions(gateway.state())
        first, second, third = self.paths[g[1]][0], self.paths[g[4]][0], self.paths[g[3]][0]
        row = lambda path: gateway.api(self.project.names(path)[1])

        gateway.edit_throttle(gateway.throttle("gold")["id"], api_call_limits=799)
        gateway.edit_api(row(first)["id"], remark="Changed by hand.")
        self.drift("a limit and a remark, not published", [
            ("update", "Throttle/gold", "changedByHand"), ("update", self.api("Api", first), "changedByHand")])

        gateway.edit_api(row(first)["id"], remark="Changed by hand, and published.")
        gateway.publish([row(first)["id"]], "RELEASE")
        # The gateway tells versions apart by whole seconds only: the next one must be of a later second.
        next_second()
        self.drift("an edit by hand that was published", [
            ("update", self.api("Api", first), "changedByHand"),
            ("publish", self.api("Publication", first, "RELEASE"), "changedByHand")])

        # Whoever edits the API to what the manifest says and does not publish it leaves an older definition running.
        [running] = gateway.list(f"/apis/publish/{row(first)['id']}", "api_versions", env_name="RELEASE")[:1]
        older = [v for v in gateway.list(f"/apis/publish/{row(first)['id']}", "api_versions") if v["status"] != 1]
        wrong = [v for v in older if gateway.get(f"/apis/versions/{v['version_id']}")["remark"] == "Changed by hand, and published."]
        gateway.put(f"/apis/publish/{row(first)['id']}", {"version_id": wrong[0]["version_id"]})
        self.drift("a switch to another version", [("publish", self.api("Publication", first, "RELEASE"), "rolledBack")])

        throttle = gateway.throttle("gold")
        bound = gateway.list("/throttle-bindings/binded-apis", "apis", throttle_id=throttle["id"])
        [binding] = [b for b in bound if b["id"] == row(second)["id"] and b["run_env_name"] == "RELEASE"]
        gateway.delete(f"/throttle-bindings/{binding['throttle_apply_id']}")
        self.drift("a throttle that was unbound", [("bind", self.api("ThrottleBinding", second, "RELEASE"), "removedByHand")])

        [other] = [b for b in bound if b["id"] == row(self.paths[g[4]][1])["id"] and b["run_env_name"] == "RELEASE"]
        gateway.post("/throttle-bindings", {"strategy_id": gateway.throttle("silver")["id"], "publish_ids": [other["publish_id"]]})
        self.drift("a throttle that was swapped", [
            ("bind", self.api("ThrottleBinding", self.paths[g[4]][1], "RELEASE"), "changedByHand")])

        gateway.publish([row(third)["id"]], "RELEASE", action="offline")
        self.drift("an API that was taken offline", [
            ("publish", self.api("Publication", third, "RELEASE"), "removedByHand"),
            ("bind", self.api("SignatureBinding", third, "RELEASE"), "removedByHand")])

        victim = self.paths[g[5]][0]
        gateway.publish([row(victim)["id"]], "RELEASE", action="offline")
        gateway.delete(f"/apis/{row(victim)['id']}")
        self.drift("an API that was deleted", [
            ("create", self.api("Api", victim), "removedByHand"),
            ("publish", self.api("Publication", victim, "RELEASE"), "removedByHand")])

        # What someone else made is left alone, whatever happens.
        group = gateway.post("/api-groups", {"name": "made_by_hand", "remark": "Not ours."})
        gateway.post("/throttles", {"name": "by_hand", "api_call_limits": 5, "time_interval": 1, "time_unit": "SECOND", "type": 1})
        _, plan = self.project.plan()
        report.equal("what someone else made is left alone", changes(plan), [])
        gateway.delete(f"/api-groups/{group['id']}")
        gateway.delete(f"/throttles/{gateway.throttle('by_hand')['id']}")

    def step_4(self):
        report, project = self.report, self.project
        report.step("4. Export")
        ended = project.run("export", "--out", "../exported/manifests")
        report.check("export: exit code 0", ended.code == 0, ended)
        exported = self.new_project("exported")
        named = set(re.findall(r"fromEnv: (\w+)", "".join(exported.read(path) for path in ["manifests/signatures.yaml"])))
        exported.environment.update({name: SECRETS[SIGNATURE_VARIABLE] for name in named})
        exported.aim(self.server.ready)
        ended = exported.run("validate")
        report.check("export: the manifests are valid", ended.code == 0, ended)
        self.settled("export, with an empty ledger", exported)
        os.makedirs(exported.path(".apigctl"), exist_ok=True)
        shutil.copy(project.path(".apigctl", "ledger.json"), exported.path(".apigctl", "ledger.json"))
        self.settled("export, with the ledger", exported)
        self.applied("export: apply", project=exported)
        since = self.server.log_size()
        self.settled("the manifests, after the export was applied")
        report.equal("nothing was written for it", self.server.writes(since), [])
        ended = project.run("export", "--out", "../exported/manifests")
        report.check("export: into a folder that is not empty it is refused", ended.code == 1 and "not empty" in ended.err, ended)

    def kill_points(self, total):
        """Seeded, and spread over the whole: one in each tenth."""
        edges = [1 + total * i // KILLS for i in range(KILLS + 1)]
        return [self.random.randrange(a, max(b, a + 1)) for a, b in zip(edges, edges[1:])]

    def kill_apply(self, project, server, since, writes):
        """Kills an apply when so many writes are in the log; gives how many there were."""
        process = project.start("apply", "--auto-approve")
        with contextlib.suppress(RuntimeError):
            wait_for("writes", lambda: server.write_count(since) >= writes, 120, process)
        ended = process.poll() is not None
        process.kill()
        project.finish(process)
        return server.write_count(since), ended

    def step_5(self):
        report, project, g = self.report, self.project, self.groups
        report.step("5. kill -9 while applying")
        reference = self.serve("reference")
        project.forget()
        project.aim(reference.ready)
        self.applied("a first apply that nothing disturbs")
        first_writes = len(reference.writes())
        wanted, ledger = reference.gateway.state(), sorted(project.ledger())
        reference.stop()
        for number, point in enumerate(self.kill_points(first_writes) + [first_writes]):
            server = self.serve(f"kill-{number}")
            project.forget()
            project.aim(server.ready)
            made, ended = self.kill_apply(project, server, 0, point)
            what = f"first apply killed after {made} of {first_writes} writes" + (" (it had ended)" if ended else "")
            self.converged(what, server, wanted, ledger)
            server.stop()
        self.kill_changes()
        self.kill_server(wanted, ledger)

    def converged(self, what, server, wanted, ledger, simplify=lambda state: state):
        self.applied(f"{what}: apply again")
        self.settled(what)
        state = server.gateway.state()
        self.report.same_state(f"{what}: the gateway is as if nothing had happened", simplify(state), simplify(wanted))
        self.report.same(f"{what}: and so is the ledger", sorted(self.project.ledger()), ledger)

    def variant(self):
        """The manifests with many changes of all sorts, as a second folder."""
        project, g = self.project, self.groups
        shutil.copytree(project.path("manifests"), project.path("changed"))
        for folder, path in project.files():
            changed = path.replace("manifests", "changed", 1)
            if folder in (g[1], g[5]):
                project.edit(changed, lambda text: describe(text, "Another description."))
            elif folder == g[0]:
                project.edit(changed, lambda text: set_timeout(text, "9s"))
        for path in self.paths[g[2]][2:5] + self.paths[g[3]][2:5]:
            os.remove(project.path(path.replace("manifests", "changed", 1)))
        project.edit("changed/estate/policies.yaml", lambda text: text.replace("api: 800", "api: 900").replace("api: 2500", "api: 2000"))
        back = lambda text: text.replace(f"group: {self.group_names[g[4]]}", f"group: {self.group_names[g[0]]}", 1)
        project.edit("changed/estate/bindings.yaml", back)

    def kill_changes(self):
        report, project = self.report, self.project
        self.variant()
        server = self.serve("changes")
        project.forget()
        states, ledgers, totals = {}, {}, {}
        for folder in ("manifests", "changed", "manifests", "changed"):
            since = server.log_size()
            project.aim(server.ready, manifests=folder)
            self.applied(f"all of `{folder}`, undisturbed")
            totals[folder] = server.write_count(since)
            states[folder], ledgers[folder] = without_versions(server.gateway.state()), sorted(project.ledger())
        for number, points in enumerate(zip(self.kill_points(totals["manifests"]), self.kill_points(totals["changed"]))):
            folder = ("manifests", "changed")[number % 2]
            point, since, before = points[number % 2], server.log_size(), versions(server.gateway.state())
            project.aim(server.ready, manifests=folder)
            made, ended = self.kill_apply(project, server, since, point)
            what = f"change killed after {made} of {totals[folder]} writes" + (" (it had ended)" if ended else "")
            self.applied(f"{what}: apply again")
            self.settled(what)
            state = server.gateway.state()
            report.same_state(f"{what}: the gateway is as if nothing had happened", without_versions(state), states[folder])
            report.same(f"{what}: and so is the ledger", sorted(project.ledger()), ledgers[folder])
            grown = versions(state) - before
            report.check(f"{what}: nothing was published twice", all(count == 1 for count in grown.values()),
                         [item for item in grown.items() if item[1] > 1][:5])
        server.stop()
        project.aim(self.server.ready)

    def kill_server(self, wanted, ledger):
        """The gateway dies in the middle and comes back with what it had acknowledged."""
        report, project = self.report, self.project
        for number, share in enumerate((0.1, 0.5, 0.9)):
            data = os.path.join(self.folder, f"data-{number}")
            server = self.serve(f"mortal-{number}", data=data)
            project.forget()
            project.aim(server.ready, retries=2)
            process = project.start("apply", "--auto-approve")
            operations = len(wanted["apis"])
            with contextlib.suppress(RuntimeError):
                wait_for("writes", lambda: server.write_count() >= int(operations * share), 120, process)
            server.kill()
            acknowledged = server.write_count()
            listen = urllib.parse.urlsplit(server.endpoint).netloc
            # Whether the apply lives to see it come back is left to chance; nothing below depends on it.
            again = self.serve(f"mortal-{number}", data=data, listen=listen)
            ended = project.finish(process)
            what = f"gateway killed after {acknowledged} writes, apply ended with {ended.code}"
            report.check(f"{what}: it says so plainly", ended.code in (0, 1) and "panick" not in ended.text, ended)
            # A batch of publications whose answer was lost is made again: that may leave a version more, and nothing else.
            self.converged(what, again, wanted, ledger, without_versions)
            again.stop()

    def pause(self, server, writes):
        """An apply that stands still after some writes."""
        process = self.project.start("apply", "--auto-approve")
        wait_for("writes", lambda: server.write_count() >= writes, 120, process)
        process.send_signal(signal.SIGSTOP)
        return process

    def step_6(self):
        report, project = self.report, self.project
        report.step("6. What must be refused")
        server = self.serve("refusals")
        project.forget()
        project.aim(server.ready)
        first = self.pause(server, 3)
        second = project.apply()
        report.check("two applies at once: the second is refused, and says why",
                     second.code == 1 and "is held by another run" in second.err, second)
        ended = project.run("plan")
        report.check("two applies at once: a plan is made all the same", ended.code == 0, ended)
        first.send_signal(signal.SIGINT)
        first.send_signal(signal.SIGCONT)
        ended = project.finish(first)
        made, operations = server.write_count(), self.operations()
        report.check(f"interrupted: it stops after {made} writes, says what is left, and exits with 1",
                     ended.code not in (0, -2) and made < operations and re.search(r"(?i)left|not tried|interrupted|stopped", ended.text), ended)
        refused = [entry for entry in server.writes() if entry["status"] >= 400]
        report.equal("interrupted: calls under way were finished", refused, [])
        self.applied("interrupted: apply again")
        self.settled("interrupted")

        path = self.paths[self.groups[1]][0]
        project.edit(path, lambda text: describe(text, "To be applied from a saved plan."))
        ended, plan = project.plan(name="saved.json")
        gateway = server.gateway
        api = gateway.api(project.names(path)[1])
        gateway.edit_api(api["id"], remark="Someone was faster.")
        since = server.log_size()
        ended = project.apply("saved.json")
        report.check("a plan whose state has moved is refused, and names what moved",
                     ended.code == 1 and "out of date" in ended.err and self.api("Api", path) in ended.err, ended)
        report.equal("a plan whose state has moved: nothing is written", server.writes(since), [])
        ended, plan = project.plan(name="saved.json")
        report.equal("changed on both sides: the plan says so",
                     [r for a, x, r in with_reasons(plan) if a == "update"], ["changedBoth"])
        self.applied("a new plan is applied", "saved.json")
        ended = project.apply("saved.json")
        report.check("a plan that was applied is refused the second time", ended.code == 1 and "out of date" in ended.err, ended)
        tampered = json.loads(project.read("saved.json"))
        tampered["format"] = 99
        project.write("saved.json", json.dumps(tampered))
        ended = project.apply("saved.json")
        report.check("a plan of another format is refused", ended.code == 1 and "format" in ended.err, ended)
        self.settled("saved plans")
        ended = project.run("apply")
        self.settled("nothing to do, and nobody to ask")
        self.failures(server, gateway)
        server.stop()

    def failures(self, server, gateway):
        report, project = self.report, self.project
        path = self.paths[self.groups[1]][0]
        project.edit(path, lambda text: describe(text, "Never to be applied."))
        ledger, since = project.read(".apigctl", "ledger.json"), server.log_size()

        def refused(what, words, **environment):
            for command in (["plan"], ["apply", "--auto-approve"]):
                start = time.monotonic()
                ended = project.run(*command, **environment)
                good = ended.code == 1 and re.search(words, ended.err) and "panick" not in ended.text
                report.check(f"{what}: `{command[0]}` ends with 1 and says why", good, ended)
                report.check(f"{what}: `{command[0]}` ends soon", time.monotonic() - start < 30)

        ended = project.run("apply")
        report.check("nobody to ask: apply is refused", ended.code == 1 and "--auto-approve" in ended.err, ended)
        refused("wrong secret key", r"(?i)401|APIG\.0301|signature", **{SECRET_KEY_VARIABLE: "not-the-key"})
        refused("unknown access key", r"(?i)401|APIG\.0301|access key|credentials", **{ACCESS_KEY_VARIABLE: "NOBODY"})
        refused("no credentials", SECRET_KEY_VARIABLE, **{SECRET_KEY_VARIABLE: ""})
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            project.aim(server.ready, endpoint="http://127.0.0.1:%d" % closed.getsockname()[1], retries=2)
            refused("unreachable endpoint", "(?i)refused|connect|reach")
        for status in (200, 404, 503):
            with html_server(status) as endpoint:
                project.aim(server.ready, endpoint=endpoint, retries=1)
                refused(f"an endpoint that answers HTML with {status}", "web page")
        project.aim({**server.ready, "instance_id": "0" * 32})
        refused("a gateway that is not there", r"(?i)APIG\.\d+|not found|does not exist")
        project.aim(server.ready)
        report.equal("failures: nothing was written", server.writes(since), [])
        report.equal("failures: the ledger is as it was", project.read(".apigctl", "ledger.json"), ledger)
        project.edit("manifests/estate/policies.yaml", lambda text: text.replace("estate_backend_key", "estate_backend_key2"))
        ended = project.apply(**{SIGNATURE_VARIABLE: ""})
        report.check("a secret that is not set: apply says which", ended.code == 1 and SIGNATURE_VARIABLE in ended.text, ended)
        self.applied("a secret that is set again: apply")
        self.settled("failures")
        ended, plan = project.plan(**{SIGNATURE_VARIABLE: SECRETS[SIGNATURE_VARIABLE] + "_new"})
        report.equal("a secret that was changed at its source is seen", with_reasons(plan),
                     [("update", "Signature/backend_key", "secretChanged")])

    def step_7(self):
        report = self.report
        report.step("7. Secrets")
        needles = {name: value.encode() for name, value in SECRETS.items()}
        searched, found = 0, []
        for folder, folders, files in os.walk(self.folder):
            # What the gateway keeps for itself is not ours to judge, and the ready file is there to tell its keys.
            folders[:] = [f for f in folders if not f.startswith("data-")]
            for name in files:
                if name == "ready.json":
                    continue
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    text = file.read()
                searched += 1
                found += [f"{variable} in {os.path.relpath(path, self.folder)}" for variable, value in needles.items() if value in text]
        report.check(f"no secret is in any of {searched} files: output, plans, ledgers, caches, logs", not found, found[:10])
        kept = os.path.join(self.folder, "project", ".apigctl")
        report.check("there was something to search", os.path.exists(os.path.join(kept, "ledger.json")))


@contextlib.contextmanager
def html_server(status):
    """Answers everything with a page, as proxies do."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            self.rfile.read(int(self.headers.get("content-length") or 0))
            page = b"<!DOCTYPE html><html><body><h1>Please log in</h1></body></html>"
            self.send_response(status)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *arguments):
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, *arguments):
            """Whoever has seen one page closes the other connections."""

    server = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield "http://127.0.0.1:%d" % server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("openapi", nargs="?", default=os.environ.get("APIGCTL_OPENAPI"))
    parser.add_argument("--keep", metavar="DIR", help="work in this folder, and leave it there")
    parser.add_argument("--only", default="1,2,3,4,5,6,7", help="steps; step 1 is always done")
    arguments = parser.parse_args()
    folder = os.path.abspath(arguments.keep) if arguments.keep else tempfile.mkdtemp(prefix="apigctl-estate-")
    if arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    openapi = arguments.openapi
    if openapi is None:
        openapi = os.path.join(folder, "shop.openapi.json")
        with open(openapi, "w", encoding="utf-8") as file:
            json.dump(make_openapi.document(150), file)
    report = Report()
    estate = Estate(os.path.abspath(arguments.binary), os.path.abspath(openapi), folder, report)
    steps = ["1"] + [step for step in arguments.only.split(",") if step != "1"]
    start = time.monotonic()
    try:
        for step in steps:
            begun = time.monotonic()
            getattr(estate, f"step_{step}")()
            print(f"  took {time.monotonic() - begun:.1f} s", flush=True)
    except Exception as error:
        report.check("the script comes to its end", False, f"{type(error).__name__}: {error}")
        if not isinstance(error, (RuntimeError, Refused)):
            import traceback
            traceback.print_exc()
    finally:
        estate.close()
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{time.monotonic() - start:.0f} s")
    print(f"{report.passed} passed, {report.failed} failed", flush=True)
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
