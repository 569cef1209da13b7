//! The program against a served gateway: variables and channels by saved plans, in processes of their own.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{channels, variables};

/// A served engine; ends with the test.
struct Server {
    child: Child,
    endpoint: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let file = folder.join("ready.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_apigctl"));
        command
            .args(["serve", "--access-key", "ACCESS", "--secret-key", "SECRET", "--ready-file"])
            .arg(&file);
        command.arg("--data").arg(folder.join("data"));
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        while !file.exists() {
            assert!(child.try_wait().unwrap().is_none(), "the server ended");
            std::thread::yield_now();
        }
        let ready: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        Self { child, endpoint: ready["endpoint"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The exit code and what is said; errors where nothing else is.
fn run(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_apigctl"))
        .args(words)
        .current_dir(folder)
        .env("KEY", "ACCESS")
        .env("SECRET", "SECRET")
        .env_remove("APIGCTL_TARGET")
        .output()
        .unwrap();
    let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn saved_plans_make_change_and_remove_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = Server::start(folder);
    let keys = json!({ "accessKey": { "fromEnv": "KEY" }, "secretKey": { "fromEnv": "SECRET" } });
    let target = json!({ "provider": "alibaba-cloudapi", "endpoint": server.endpoint, "credentials": keys });
    let project = json!({ "targets": { "cloud": target }, "defaultTarget": "cloud" });
    fs::write(folder.join("apigctl.yaml"), project.to_string()).unwrap();
    fs::create_dir(folder.join("manifests")).unwrap();
    let write = |host: &str, server: &str| {
        let mut documents = variables::estate(host);
        let mut behind = channels::estate(None, server).split_off(2);
        behind[1]["metadata"]["name"] = json!("second");
        behind[1]["spec"]["request"]["path"] = json!("/second/{id}");
        documents.append(&mut behind);
        let text: String = documents.iter().map(|document| format!("---\n{document}\n")).collect();
        fs::write(folder.join("manifests/all.yaml"), text).unwrap();
    };
    let good = |words: &[&str]| {
        let (code, text) = run(folder, words);
        assert_eq!(code, Some(0), "{words:?}: {text}");
        text
    };
    write("shop.internal", "i-1");
    let plan = good(&["plan", "--out", "first.plan"]);
    // Group, channel, two variables, two APIs, two environments to publish in, and the read of the group's stages.
    assert!(plan.contains("Calls: 9 (lower bound 9)"), "{plan}");
    good(&["apply", "first.plan", "-y"]);
    assert_eq!(run(folder, &["plan", "--detailed-exitcode"]).0, Some(0));
    // A plan that was applied is of the past.
    assert_ne!(run(folder, &["apply", "first.plan", "-y"]).0, Some(0));
    write("other.internal", "i-2");
    let plan = good(&["plan", "--out", "second.plan"]);
    assert!(plan.contains("Calls: 3 (lower bound 3)"), "{plan}");
    let shown: Value = serde_json::from_str(&run(folder, &["plan", "--format", "json"]).1).unwrap();
    let then: Vec<&Value> =
        shown["steps"].as_array().unwrap().iter().filter_map(|step| step.get("then")).collect();
    assert_eq!(then, [&json!([{ "method": "POST", "path": "/CreateApiStageVariable" }])]);
    good(&["apply", "second.plan", "-y"]);
    assert_eq!(run(folder, &["plan", "--detailed-exitcode"]).0, Some(0));
    good(&["destroy", "-y"]);
    assert!(good(&["destroy", "-y"]).contains("Nothing to do"));
}
