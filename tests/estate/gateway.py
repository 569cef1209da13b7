"""`apigctl serve` as a process, and a small signed client of its own: nothing here comes from the program under test.

The signature is SDK-HMAC-SHA256 as the vendor's clients make it; the paths and fields are those of the vendor's document.
"""

import datetime
import hashlib
import hmac
import http.client
import json
import os
import socket
import subprocess
import time
import urllib.parse

PAGE = 500

# What a PUT of an API takes (3.5.2): the rest of a detail is made by the gateway.
API_FIELDS = """name type version req_protocol req_method req_uri auth_type auth_opt cors match_mode backend_type remark group_id
    body_remark result_normal_sample result_failure_sample authorizer_id tags response_id roma_app_id content_type mock_info
    func_info req_params backend_params policy_mocks policy_functions backend_api policy_https""".split()
THROTTLE_FIELDS = """app_call_limits name time_unit remark api_call_limits type enable_adaptive_control user_call_limits
    time_interval ip_call_limits""".split()


def wait_for(what, condition, seconds=60, process=None):
    """Looks until the condition gives something, or the time is over, or the process has ended."""
    end = time.monotonic() + seconds
    while True:
        ended = process is not None and process.poll() is not None
        found = condition()
        if found:
            return found
        if ended or time.monotonic() > end:
            raise RuntimeError(f"waited in vain for {what}" + (": the process has ended" if ended else ""))
        time.sleep(0.001)


class Server:
    """A running `apigctl serve`."""

    def __init__(self, binary, folder, access_key, secret_key, quotas=(), data=None, listen="127.0.0.1:0"):
        os.makedirs(folder, exist_ok=True)
        self.log_path = os.path.join(folder, "requests.jsonl")
        self.ready_path = os.path.join(folder, "ready.json")
        self.output_path = os.path.join(folder, "serve.out")
        for path in [self.ready_path]:
            if os.path.exists(path):
                os.remove(path)
        command = [binary, "serve", "--listen", listen, "--ready-file", self.ready_path, "--request-log", self.log_path,
                   "--access-key", access_key]
        for name, value in quotas:
            command += ["--quota", f"{name}={value}"]
        if data:
            command += ["--data", data]
        environment = dict(os.environ, APIGCTL_SERVE_SECRET_KEY=secret_key)
        with open(self.output_path, "ab") as output:
            self.process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        self.ready = wait_for("the server", self._read_ready, process=self.process)
        self.endpoint = self.ready["endpoint"]
        self.gateway = Gateway(self.ready, secret_key)

    def _read_ready(self):
        # The file is complete from the moment it exists.
        if not os.path.exists(self.ready_path):
            return None
        with open(self.ready_path, encoding="utf-8") as file:
            return json.load(file)

    def log_size(self):
        return os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0

    def log(self, since=0):
        """The requests noted from the byte `since` on; a line that is being written is left for later."""
        if not os.path.exists(self.log_path):
            return []
        with open(self.log_path, "rb") as file:
            file.seek(since)
            lines = file.read().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    def writes(self, since=0):
        return [entry for entry in self.log(since) if entry["method"] != "GET"]

    def write_count(self, since=0):
        """As `len(self.writes(since))`, cheaper."""
        if not os.path.exists(self.log_path):
            return 0
        with open(self.log_path, "rb") as file:
            file.seek(since)
            text = file.read()
        return text.count(b"\n") - text.count(b'"method":"GET"')

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.gateway.close()

    def stop(self):
        self.gateway.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


class Refused(Exception):
    """The gateway said no."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:300]!r}")
        self.status = status
        self.body = body


class Gateway:
    """Signed requests to one gateway, one after the other over one connection."""

    def __init__(self, ready, secret_key):
        self.host = urllib.parse.urlsplit(ready["endpoint"]).netloc
        self.access_key = ready["access_key"]
        self.secret_key = secret_key
        self.root = f"/v2/{ready['project_id']}/apigw/instances/{ready['instance_id']}"
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def call(self, method, path, body=None, **query):
        text = self.text(path, method, body, **query)
        return json.loads(text) if text else None

    def text(self, path, method="GET", body=None, /, **query):
        """The answer as it came."""
        path = self.root + path
        data = b"" if body is None else json.dumps(body).encode()
        pairs = sorted((quote(key), quote(str(value))) for key, value in query.items())
        query_text = "&".join(f"{key}={value}" for key, value in pairs)
        date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        headers = {"content-type": "application/json", "host": self.host, "x-sdk-date": date}
        headers["authorization"] = self.signature(method, path, query_text, headers, data)
        target = path + ("?" + query_text if query_text else "")
        for attempt in (1, 2):
            fresh = self.connection is None
            if fresh:
                self.connection = http.client.HTTPConnection(self.host, timeout=60)
                self.connection.connect()
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self.connection.request(method, target, data, headers)
                response = self.connection.getresponse()
                text = response.read()
                break
            except (http.client.HTTPException, OSError):
                # A connection that idled may have been closed; a fresh one has no such excuse.
                self.close()
                if fresh or attempt == 2:
                    raise
        if response.status >= 400:
            raise Refused(response.status, text)
        return text

    def signature(self, method, path, query, headers, data):
        segments = [quote(urllib.parse.unquote(segment)) for segment in path.split("/")]
        uri = "/".join(segments)
        if not uri.endswith("/"):
            uri += "/"
        names = sorted(headers)
        lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
        signed = ";".join(names)
        canonical = "\n".join([method, uri, query, lines, signed, hashlib.sha256(data).hexdigest()])
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"SDK-HMAC-SHA256\n{headers['x-sdk-date']}\n{digest}"
        signature = hmac.new(self.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()
        return f"SDK-HMAC-SHA256 Access={self.access_key}, SignedHeaders={signed}, Signature={signature}"

    def get(self, path, **query):
        return self.call("GET", path, **query)

    def post(self, path, body, **query):
        return self.call("POST", path, body, **query)

    def put(self, path, body, **query):
        return self.call("PUT", path, body, **query)

    def delete(self, path):
        return self.call("DELETE", path)

    def list(self, path, rows_name, /, **query):
        rows = []
        while True:
            page = self.get(path, limit=PAGE, offset=len(rows), **query)
            rows += page[rows_name]
            if len(rows) >= page["total"] or not page[rows_name]:
                return rows

    def apis(self):
        return self.list("/apis", "apis")

    def api(self, name):
        """The row of the only API of this name."""
        [row] = self.list("/apis", "apis", name=name, precise_search="name")
        return row

    def throttle(self, name):
        [row] = [row for row in self.list("/throttles", "throttles") if row["name"] == name]
        return row

    def environment(self, name):
        [row] = [row for row in self.list("/envs", "envs") if row["name"] == name]
        return row["id"]

    def edit_api(self, api_id, **fields):
        """What the console does: reads the API, changes fields, writes it back; nothing is published."""
        detail = self.get(f"/apis/{api_id}")
        body = {key: detail[key] for key in API_FIELDS if detail.get(key) is not None}
        self.put(f"/apis/{api_id}", {**body, **fields})

    def edit_throttle(self, throttle_id, **fields):
        detail = self.get(f"/throttles/{throttle_id}")
        body = {key: detail[key] for key in THROTTLE_FIELDS if detail.get(key) is not None}
        self.put(f"/throttles/{throttle_id}", {**body, **fields})

    def publish(self, api_ids, environment, action="online"):
        answer = self.post("/apis/publish", {"apis": api_ids, "env_id": self.environment(environment)}, action=action)
        assert not answer.get("failure"), answer

    def bindings(self, policies, path, key, name, api, environment):
        """Sets of (policy, API, environment), by names."""
        found = []
        for policy in policies:
            for row in self.list(path, name, **{key: policy["id"]}):
                found.append((policy["name"], row[api], row[environment]))
        return sorted(found)

    def state(self, definitions=True):
        """All that is there, by names, without ids and times: equal for two gateways that hold the same.

        With `definitions`, every API's draft and what runs of it in every environment, each as one digest; and how many
        versions there are of each, so that a publication that was made twice shows.
        """
        groups = self.list("/api-groups", "groups")
        environments = self.list("/envs", "envs")
        throttles = self.list("/throttles", "throttles")
        signs = self.list("/signs", "signs")
        rows = self.apis()
        names = {row["id"]: row["name"] for row in groups + environments + throttles + signs}
        apis = []
        for row in rows:
            places = sorted(names[i] for i in (row.get("run_env_id") or "").split("|") if i)
            entry = {"name": row["name"], "group": row["group_name"], "published": places}
            if definitions:
                entry["draft"] = fingerprint(self.get(f"/apis/{row['id']}"), names)
                versions = self.list(f"/apis/publish/{row['id']}", "api_versions") if places else []
                entry["versions"] = sorted(names[v["env_id"]] for v in versions)
                entry["running"] = sorted(
                    (names[v["env_id"]], fingerprint(self.get(f"/apis/versions/{v['version_id']}"), names))
                    for v in versions if v["status"] == 1)
            apis.append(entry)
        variables = []
        for group in groups:
            for row in self.list("/env-variables", "variables", group_id=group["id"]):
                variables.append((group["name"], names[row["env_id"]], row["variable_name"], row["variable_value"]))
        throttled = self.bindings(throttles, "/throttle-bindings/binded-apis", "throttle_id", "apis", "name", "run_env_name")
        signed = self.bindings(signs, "/sign-bindings/binded-apis", "sign_id", "bindings", "api_name", "env_name")
        return {
            "groups": sorted((row["name"], row.get("remark") or "") for row in groups),
            "environments": sorted((row["name"], row.get("remark") or "") for row in environments),
            "throttles": sorted(tuple(str(row.get(field)) for field in THROTTLE_FIELDS) for row in throttles),
            "signatures": sorted((row["name"], row.get("sign_type"), row.get("sign_key")) for row in signs),
            "variables": sorted(variables),
            "apis": sorted(apis, key=lambda api: (api["group"], api["name"])),
            "throttle bindings": throttled,
            "signature bindings": signed,
        }


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")


def fingerprint(detail, names):
    """The digest of an API's definition: what a PUT takes, without the ids that the gateway made."""

    def plain(value, key=""):
        if isinstance(value, dict):
            return {k: plain(v, k) for k, v in value.items() if k not in ("id", "register_time", "update_time", "status", "response_id")}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return names.get(value, value) if isinstance(value, str) else value

    body = {key: plain(detail.get(key), key) for key in API_FIELDS if key != "response_id"}
    # Parameters of the backend name those of the request by an id.
    for field in ("backend_params", "req_params"):
        for row in body.get(field) or []:
            row.pop("req_param_id", None)
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]
