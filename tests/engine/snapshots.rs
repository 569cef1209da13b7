//! Snapshots between processes: written from a served engine, served again, planned against; and what is wrong with files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use apigctl::engine::SnapshotFile;
use serde_json::{Value, json};

use crate::engine::support::{Gate, RELEASE, api};

const SECRET: &str = "Example_Secret16";
const CODE: &str = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz";

/// A folder with a project, in which commands run.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/kinds");
        std::fs::create_dir(dir.path().join("manifests")).unwrap();
        for entry in std::fs::read_dir(manifests).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "yaml") {
                let name = path.file_name().unwrap();
                std::fs::copy(&path, dir.path().join("manifests").join(name)).unwrap();
            }
        }
        std::fs::create_dir(dir.path().join("secrets")).unwrap();
        std::fs::write(dir.path().join("secrets/archive.txt"), SECRET).unwrap();
        Self(dir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Names the server as the target of the project.
    fn aim(&self, server: &Server) {
        let ready = |name: &str| server.ready[name].as_str().unwrap().to_owned();
        let text = format!(
            "targets:\n  live:\n    provider: huawei-apig-v2\n    endpoint: {}\n    region: {}\n    project: {}\n    instance: {}\n    \
             credentials:\n      accessKey: {{ fromEnv: ACCESS }}\n      secretKey: {{ fromEnv: KEY }}\ndefaultTarget: live\n\
             manifests: [manifests]\n",
            ready("endpoint"),
            ready("region"),
            ready("project_id"),
            ready("instance_id"),
        );
        std::fs::write(self.path("apigctl.yaml"), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_apigctl"))
            .args(args)
            .current_dir(self.0.path())
            .env("ACCESS", "ACCESS")
            .env("KEY", "SECRET")
            .env("STOCK_SIGNING_SECRET", SECRET)
            .env("PARTNER_LIBRARY_SECRET", SECRET)
            .env("PARTNER_LIBRARY_CODE", format!("partner-{CODE}"))
            .env("KAFKA_PASSWORD", SECRET)
            .env("BACKEND_CLIENT_KEY", SECRET)
            .env("SHOP_CERT_KEY", include_str!("certificates/leaf.key"))
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    /// Runs a command that must succeed.
    fn good(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{args:?}\n{}{}", shown(&output.stdout), shown(&output.stderr));
        shown(&output.stdout)
    }

    /// Runs a command that must fail; what it said.
    fn bad(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn read(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }
}

/// A served engine; ends with the test.
struct Server {
    child: Child,
    ready: Value,
}

impl Server {
    fn start(folder: &Folder, snapshot: &str) -> Self {
        let file = folder.path(&format!("ready-{snapshot}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_apigctl"));
        command.args(["serve", "--access-key", "ACCESS", "--secret-key", "SECRET"]);
        command.arg("--snapshot").arg(folder.path(snapshot)).arg("--ready-file").arg(&file);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        while !file.exists() {
            assert!(child.try_wait().unwrap().is_none(), "the server ended");
            std::thread::yield_now();
        }
        Self { child, ready: serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A gateway with something of nearly every kind.
fn rich() -> Gate {
    let gate = Gate::new();
    let legacy: SnapshotFile =
        SnapshotFile::parse(include_bytes!("../../examples/kinds/gateway.json")).unwrap();
    gate.engine.load(gate.engine.project_id(), gate.engine.instance_id(), legacy.holds).unwrap();
    let (group, test) = (gate.group("others"), gate.env("OTHERS"));
    let variable =
        json!({"group_id": group, "env_id": test, "variable_name": "host", "variable_value": "a.example"});
    gate.make("/env-variables", variable);
    let first = gate.make("/apis", {
        let mut body = api(&group, "api_1", "/one");
        body["auth_type"] = json!("APP");
        body
    });
    let second = gate.make("/apis", {
        let mut body = api(&group, "api_2", "/two");
        body["backend_api"]["url_domain"] = json!("#host#");
        body
    });
    let publish = gate.publish(&first, RELEASE);
    gate.publish(&first, &test);
    // The draft of one has gone on since, another went back to an older version.
    gate.publish(&second, &test);
    let older = gate.get(&format!("/apis/publish/{second}")).body["api_versions"][0]["version_id"].clone();
    let mut body = api(&group, "api_2", "/two/newer");
    body["backend_api"]["url_domain"] = json!("#host#");
    assert_eq!(gate.put(&format!("/apis/{second}"), body).status, 200);
    gate.publish(&second, &test);
    assert_eq!(gate.put(&format!("/apis/publish/{second}"), json!({"version_id": older})).status, 200);
    let throttle = gate.throttle("theirs");
    gate.bind(&throttle, &publish);
    let app = gate.make("/apps", json!({"name": "app_1"}));
    let special = json!({"object_type": "APP", "object_id": app, "call_limits": 5});
    gate.make(&format!("/throttles/{throttle}/throttle-specials"), special);
    gate.make(&format!("/apps/{app}/app-codes"), json!({"app_code": CODE}));
    let acl = json!({"app_acl_type": "PERMIT", "app_acl_values": ["10.0.0.1"]});
    assert_eq!(gate.put(&format!("/apps/{app}/app-acl"), acl).status, 201);
    let quota = gate.post("/app-quotas", json!({
        "name": "quota_1", "call_limits": 9, "time_unit": "DAY", "time_interval": 1, "reset_time": "2026-01-02 03:04:05",
    }));
    let quota = quota.body["app_quota_id"].as_str().unwrap().to_owned();
    assert_eq!(
        gate.post(&format!("/app-quotas/{quota}/binding-apps"), json!({"app_ids": [app]})).status,
        201
    );
    let auth = json!({"env_id": RELEASE, "app_ids": [app], "api_ids": [first]});
    assert_eq!(gate.post("/app-auths", auth).status, 201);
    let acl = gate.make(
        "/acls",
        json!({
            "acl_name": "acl_1", "acl_type": "DENY", "entity_type": "IP", "acl_value": "10.0.0.1,10.0.0.2",
        }),
    );
    assert_eq!(gate.post("/acl-bindings", json!({"acl_id": acl, "publish_ids": [publish]})).status, 201);
    let sign = gate.make("/signs", json!({
        "name": "sign_1", "sign_type": "hmac", "sign_key": "signkey_1", "sign_secret": "Very_Secret_Text1",
    }));
    assert_eq!(gate.post("/sign-bindings", json!({"sign_id": sign, "publish_ids": [publish]})).status, 201);
    let content = json!({
        "broker_list": ["10.0.0.9:9092"], "topic": "t", "key": "", "max_retry_count": 0, "retry_backoff": 1,
        "sasl_config": {"security_protocol": "SASL_SSL", "sasl_mechanisms": "PLAIN", "sasl_username": "u",
            "sasl_password": "Kafka_Password_1", "ssl_ca_content": "none"},
        "meta_config": {"system": {}, "call_data": {}},
    });
    let plugin = gate.post("/plugins", json!({
        "plugin_name": "plugin_1", "plugin_type": "kafka_log", "plugin_scope": "global", "plugin_content": content.to_string(),
    }));
    let plugin = plugin.body["plugin_id"].as_str().unwrap_or_else(|| panic!("{}", plugin.body)).to_owned();
    let attach = json!({"env_id": RELEASE, "api_ids": [first]});
    assert_eq!(gate.post(&format!("/plugins/{plugin}/attach"), attach).status, 201);
    let feature = json!({"name": "backend_timeout", "enable": true, "config": "{\"max_timeout\": 70000}"});
    assert_eq!(gate.post("/features", feature).status, 201);
    gate.make(
        &format!("/api-groups/{group}/gateway-responses"),
        json!({
            "name": "plain", "responses": {"AUTH_FAILURE": {"status": 401, "body": "{}"}},
        }),
    );
    let tags = json!({"action": "create", "tags": [{"key": "team", "value": "a"}]});
    assert_eq!(gate.post("/instance-tags/action", tags).status, 204);
    let permission = json!({"permissions": ["iam:domain::0123456789abcdef0123456789abcdef"]});
    assert_eq!(gate.post("/vpc-endpoint/permissions/batch-add", permission).status, 200);
    let certificate = json!({
        "name": "certificate_1", "cert_content": include_str!("certificates/leaf.pem"),
        "private_key": include_str!("certificates/leaf.key"), "type": "global",
    });
    let certificate = gate.project("POST", "/certificates", certificate);
    assert_eq!(certificate.status, 200, "{}", certificate.body);
    gate
}

fn write(gate: &Gate, path: &Path) {
    let holds = gate.engine.dump(gate.engine.project_id(), gate.engine.instance_id()).unwrap();
    let file = SnapshotFile {
        project_id: "a".repeat(32),
        instance_id: "b".repeat(32),
        region: "region-9".to_owned(),
        quotas: [("THROTTLE_NUM_LIMIT".to_owned(), "77".to_owned())].into(),
        holds,
    };
    std::fs::write(path, file.text().unwrap()).unwrap();
}

#[test]
fn a_gateway_survives_the_way_through_a_file() {
    let folder = Folder::new();
    write(&rich(), &folder.path("rich.json"));
    let first = Server::start(&folder, "rich.json");
    assert_eq!(
        (&first.ready["project_id"], &first.ready["region"]),
        (&json!("a".repeat(32)), &json!("region-9"))
    );
    folder.aim(&first);
    folder.good(&["apply", "-y"]);
    let said = folder.good(&["export", "--snapshot", "one.json"]);
    assert!(said.contains("Wrote one.json with") && !said.contains("note:"), "{said}");
    let one = folder.read("one.json");
    for name in [
        "kind",
        "format",
        "project_id",
        "instance_id",
        "region",
        "quotas",
        "certificates",
        "plugins",
        "app_codes",
    ] {
        assert!(one.get(name).is_some() || name == "region", "{name}");
    }
    assert_eq!(one["quotas"]["THROTTLE_NUM_LIMIT"], "77");
    let text = one.to_string();
    for secret in [SECRET, CODE, "Very_Secret_Text1", "Kafka_Password_1"] {
        assert!(!text.contains(secret), "{secret} is in the file");
    }
    // What is served from the file is the same gateway.
    let second = Server::start(&folder, "one.json");
    assert_eq!(second.ready["instance_id"], first.ready["instance_id"]);
    folder.aim(&second);
    folder.good(&["export", "--snapshot", "two.json"]);
    let two = folder.read("two.json");
    let names: BTreeSet<&String> =
        [&one, &two].iter().flat_map(|it| it.as_object().unwrap().keys()).collect();
    for name in names {
        assert_eq!(one[name], two[name], "{name}");
    }
    // Nothing is left to do there, with the ledger or without.
    folder.good(&["plan", "--detailed-exitcode"]);
    std::fs::remove_dir_all(folder.path(".apigctl")).unwrap();
    folder.good(&["plan", "--detailed-exitcode"]);
    folder.good(&["plan", "--offline", "--snapshot", "one.json", "--detailed-exitcode"]);
    // Manifests made from the file say the same.
    folder.good(&["export", "--from-snapshot", "one.json", "--out", "made"]);
    let plan =
        ["plan", "--offline", "--snapshot", "one.json", "made", "--detailed-exitcode", "--no-rehearsal"];
    folder.good(&plan);
}

#[test]
fn a_folder_with_data_takes_no_snapshot() {
    let folder = Folder::new();
    write(&rich(), &folder.path("rich.json"));
    std::fs::create_dir(folder.path("data")).unwrap();
    std::fs::write(folder.path("data/something"), "").unwrap();
    let said = folder.bad(&["serve", "--snapshot", "rich.json", "--data", "data"]);
    assert!(said.contains("data is not empty") && said.contains("help"), "{said}");
}

#[test]
fn files_that_are_no_snapshots() {
    let folder = Folder::new();
    let with_hint = "apigctl export --snapshot FILE";
    for (name, text, said) in [
        ("text.json", "not JSON", "it is not JSON"),
        ("list.json", "[]", "it is not an object"),
        ("newer.json", r#"{"kind": "GatewaySnapshot", "format": 2}"#, "its format is 2"),
        ("other.json", r#"{"kind": "Plan"}"#, "its `kind` is another"),
        ("member.json", r#"{"grups": []}"#, "`grups` is none of its members"),
        ("quotas.json", r#"{"quotas": {"API_NUM_LIMIT": 5}}"#, "`quotas`"),
        ("object.json", r#"{"apis": [7]}"#, "apis[0]: it is not an object"),
        ("id.json", r#"{"groups": [{"name": "n"}]}"#, "groups[0]: it has no id"),
    ] {
        std::fs::write(folder.path(name), text).unwrap();
        for command in
            [["plan", "--offline", "--snapshot", name], ["serve", "--call-backends", "none", "--snapshot"]]
        {
            let args: Vec<&str> =
                command.into_iter().chain((command[0] == "serve").then_some(name)).collect();
            let stderr = folder.bad(&args);
            assert!(stderr.contains(said) && stderr.contains(name) && stderr.contains(with_hint), "{stderr}");
        }
    }
    for args in [
        &["plan", "--offline", "--snapshot", "nowhere.json"][..],
        &["serve", "--snapshot", "nowhere.json"],
        &["export", "--from-snapshot", "nowhere.json", "--out", "made"],
    ] {
        let stderr = folder.bad(args);
        assert!(stderr.contains("nowhere.json") && stderr.contains(with_hint), "{stderr}");
    }
    let stderr = folder.bad(&["apply", "nowhere.plan"]);
    assert!(stderr.contains("nowhere.plan") && stderr.contains("plan --out FILE"), "{stderr}");
    let stderr = folder.bad(&["export"]);
    assert!(stderr.contains("--out <DIR>") && stderr.contains("--snapshot <FILE>"), "{stderr}");
}
