//! Traffic: fed to an engine behind a socket, shown by the command, and in the way of plans that take something away.

#![allow(clippy::disallowed_methods, reason = "tests start processes and have files of their own")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use apigctl::engine::server::{ServeOptions, serve};
use apigctl::engine::{Access, Credentials, Engine, Options, SHARED_GATEWAY};
use apigctl::provider::Credentials as Keys;
use apigctl::provider::huawei::sign::sign;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::support::document;

const KEY: &str = "ACCESS";
const SECRET: &str = "SECRET";

struct Site {
    engine: Arc<Engine>,
    endpoint: String,
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

impl Site {
    fn new() -> Self {
        let credentials =
            Credentials { access_key: KEY.into(), secret_key: SECRET.into(), ..Credentials::default() };
        let engine = Arc::new(Engine::in_memory(Options { credentials, ..Options::default() }));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let served = Arc::clone(&engine);
        runtime.spawn(async move {
            serve(served, listener, std::future::pending(), ServeOptions::default()).await.unwrap();
        });
        let site = Self { engine, endpoint, folder: tempfile::tempdir().unwrap(), runtime };
        site.project();
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn project(&self) {
        let keys =
            json!({ "accessKey": { "fromEnv": "SITE_KEY" }, "secretKey": { "fromEnv": "SITE_SECRET" } });
        let (endpoint, project) = (&self.endpoint, self.engine.project_id());
        let file = json!({
            "defaultTarget": "dedicated",
            "targets": {
                "dedicated": {
                    "provider": "huawei-apig-v2", "endpoint": endpoint, "project": project,
                    "instance": self.engine.instance_id(), "credentials": keys,
                },
                "shared": {
                    "provider": "huawei-apig-v1", "endpoint": endpoint, "project": project, "credentials": keys,
                },
                "alibaba": { "provider": "alibaba-cloudapi", "endpoint": endpoint, "credentials": keys },
            },
        });
        fs::write(self.path("apigctl.yaml"), file.to_string()).unwrap();
        fs::create_dir_all(self.path("manifests")).unwrap();
    }

    fn write(&self, limit: u32, publish: &[&str]) {
        let api = json!({
            "request": { "method": "GET", "path": "/purchase" }, "auth": { "type": "none" },
            "backend": { "mock": {} }, "publish": publish,
        });
        let mut documents = vec![
            document("Group", json!({ "name": "shop" }), json!({})),
            document(
                "Throttle",
                json!({ "name": "gold" }),
                json!({ "per": "1m", "limits": { "api": limit } }),
            ),
            document("Api", json!({ "name": "purchase", "group": "shop" }), api),
        ];
        if !publish.is_empty() {
            let spec =
                json!({ "environment": "RELEASE", "throttle": "gold", "apis": { "names": ["purchase"] } });
            documents.push(document("Binding", json!({ "name": "gold" }), spec));
        }
        let text: String = documents.iter().map(|document| format!("---\n{document}\n")).collect();
        fs::write(self.path("manifests/all.yaml"), text).unwrap();
    }

    fn apigctl(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_apigctl"))
            .args(words)
            .current_dir(self.folder.path())
            .env("SITE_KEY", KEY)
            .env("SITE_SECRET", SECRET)
            .env_remove("APIGCTL_TARGET")
            .output()
            .unwrap()
    }

    fn said(&self, words: &[&str]) -> String {
        let output = self.apigctl(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A signed request of somebody who has the keys, or who has other ones.
    fn feed(&self, secret: &str, body: &Value) -> (u16, Value) {
        let mut request = Request::post(format!("{}/_engine/traffic", self.endpoint))
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let keys = Keys::KeyPair { access_key: KEY.into(), secret_key: secret.into() };
        sign(&mut request, &keys, jiff::Timestamp::now()).unwrap();
        self.runtime.block_on(async {
            let request = reqwest::Request::try_from(request).unwrap();
            let answer = reqwest::Client::new().execute(request).await.unwrap();
            let status = answer.status().as_u16();
            (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
        })
    }

    /// An answer of Alibaba's dialect.
    fn asked(&self, action: &str) -> Value {
        let request = Request::post("/").header("x-acs-action", action).header("x-acs-version", "2016-07-14");
        let answer = self.engine.handle(request.body(Bytes::new()).unwrap(), Access::Trusted);
        serde_json::from_slice(answer.body()).unwrap()
    }

    /// The ids of the group and the API on a target.
    fn ids(&self, target: &str) -> (Value, Value) {
        let gateway = match target {
            "alibaba" => {
                let groups = self.asked("DescribeApiGroups");
                let apis = self.asked("DescribeApis");
                let group = &groups["ApiGroupAttributes"]["ApiGroupAttribute"][0]["GroupId"];
                return (group.clone(), apis["ApiSummarys"]["ApiSummary"][0]["ApiId"].clone());
            }
            "shared" => SHARED_GATEWAY,
            _ => self.engine.instance_id(),
        };
        let holds = self.engine.dump(self.engine.project_id(), gateway).unwrap();
        (holds.groups[0]["id"].clone(), holds.apis[0]["id"].clone())
    }

    /// Ten calls a minute for the last half hour.
    fn samples(&self, target: &str) -> Value {
        let (group, api) = self.ids(target);
        let now = jiff::Timestamp::now().as_second();
        let sample = |minute: i64| {
            let time = jiff::Timestamp::from_second(now - 60 * minute).unwrap().to_string();
            json!({ "time": time, "group": group, "api": api, "stage": "RELEASE", "requests": 10, "latencyMs": 4 })
        };
        json!({ "samples": (2..32).map(sample).collect::<Value>() })
    }
}

#[test]
fn what_was_not_counted_is_unknown_and_what_was_is_shown() {
    let site = Site::new();
    site.write(100, &["RELEASE"]);
    for target in ["dedicated", "shared", "alibaba"] {
        site.said(&["apply", "-y", "-t", target]);
        let shown = site.said(&["traffic", "-t", target]);
        assert_eq!(shown, "shop  unknown: the gateway has no metrics of this time\n");
        assert_eq!(site.feed("OTHER", &site.samples(target)).0, 401);
        assert_eq!(site.feed(SECRET, &site.samples(target)), (200, json!({ "recorded": 30 })));
        let shown = site.said(&["traffic", "shop", "-t", target]);
        assert!(shown.contains("█") && shown.contains("300 calls in 1h, peak 10 a minute"), "{shown}");
        let shown =
            site.said(&["traffic", "shop/purchase", "--since", "20m", "-t", target, "--format", "json"]);
        let shown: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["groups"][0]["known"], true);
        let points = shown["groups"][0]["points"].as_array().unwrap().len();
        assert!((18..=20).contains(&points), "{points} minutes of 20, the last one perhaps not yet over");
    }
    let typo = site.apigctl(&["traffic", "shpo"]);
    assert!(String::from_utf8_lossy(&typo.stderr).contains("did you mean `shop`?"));
}

#[test]
fn a_plan_that_takes_something_away_from_callers_says_so_and_waits_to_be_allowed() {
    let site = Site::new();
    site.write(100, &["RELEASE"]);
    site.said(&["apply", "-y"]);
    // Nobody knows how often it is called: it is said, and not in the way.
    site.write(50, &["RELEASE"]);
    let plan = site.said(&["plan"]);
    assert!(plan.contains("traffic-unknown"), "{plan}");
    assert_eq!(site.feed(SECRET, &site.samples("dedicated")).0, 200);
    let plan = site.said(&["plan"]);
    let said = "it has its throttle gold tightened and was called 300 times in the last hour";
    assert!(plan.split_whitespace().collect::<Vec<_>>().join(" ").contains(said), "{plan}");
    assert!(!site.said(&["plan", "--no-traffic"]).contains("[traffic]"));
    // More is let through, not less: nobody loses anything.
    site.write(200, &["RELEASE"]);
    assert!(!site.said(&["plan"]).contains("[traffic"));
    site.write(200, &[]);
    let refused = site.apigctl(&["apply", "-y"]);
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && error.contains("--max-traffic 300"), "{error}");
    assert_eq!(
        site.engine.dump(site.engine.project_id(), site.engine.instance_id()).unwrap().versions.len(),
        1
    );
    // A saved plan has the same brake.
    site.said(&["plan", "--out", "saved.json"]);
    assert!(!site.apigctl(&["apply", "-y", "saved.json"]).status.success());
    site.said(&["apply", "-y", "--max-traffic", "300", "saved.json"]);
    assert!(site.said(&["plan"]).contains("Nothing to do"));
}

#[test]
fn only_good_samples_are_taken() {
    let site = Site::new();
    for (body, said) in [
        (json!({}), "missing field `samples`"),
        (json!({ "samples": [{ "time": "noon", "group": "g" }] }), "`noon` is no time"),
        (json!({ "samples": [{ "time": "2026-11-22T10:00:00Z", "grup": "g" }] }), "unknown field `grup`"),
        (
            json!({ "samples": [{ "time": "2026-11-22T10:00:00Z", "group": "" }] }),
            "samples[0].group is empty",
        ),
    ] {
        let (status, answer) = site.feed(SECRET, &body);
        assert_eq!(status, 400);
        assert!(answer["error"].as_str().unwrap().contains(said), "{answer}");
    }
}
