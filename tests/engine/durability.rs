//! What was acknowledged survives: reopening, and a process killed in the middle of its work.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use apigctl::engine::{Access, Engine, OpenError};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::engine::support::{Gate, RELEASE, options};

fn open(dir: &Path) -> Gate {
    Gate { engine: Arc::new(Engine::open(dir, options()).unwrap()) }
}

#[test]
fn everything_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let gate = open(dir.path());
    let group = gate.group("group_1");
    let id = gate.api(&group, "api_1", "/one");
    let publish = gate.publish(&id, RELEASE);
    gate.bind(&gate.throttle("gold"), &publish);
    gate.make("/signs", json!({"name": "sign_1"}));
    let gone = gate.group("gone");
    assert_eq!(gate.delete(&format!("/api-groups/{gone}")).status, 204);
    let before = gate.dump();
    drop(gate);
    let gate = open(dir.path());
    assert_eq!(gate.dump(), before);
    assert_eq!(gate.post("/api-groups", json!({"name": "group_1"})).code(), "APIG.3201");
    assert_eq!(gate.get("/api-groups").body["total"], 1);
}

#[test]
fn a_folder_belongs_to_one_process() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path());
    let second = Engine::open(dir.path(), options());
    assert!(matches!(second, Err(OpenError::InUse { .. })), "{second:?}");
    drop(first);
    drop(open(dir.path()));
}

#[test]
fn a_damaged_file_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("engine.redb"), b"this is no database, whatever its name says").unwrap();
    assert!(matches!(Engine::open(dir.path(), options()), Err(OpenError::Unreadable { .. })));
}

#[test]
fn many_writers_share_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let gate = open(dir.path());
    let group = gate.group("group_1");
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (gate, group) = (&gate, &group);
            scope.spawn(move || {
                for n in 0..10 {
                    gate.api(group, &format!("api_{thread}_{n}"), &format!("/{thread}/{n}"));
                }
            });
        }
    });
    drop(gate);
    assert_eq!(open(dir.path()).get("/apis").body["total"], 80);
}

struct Server {
    child: Child,
    ready: Value,
}

impl Server {
    fn start(dir: &Path) -> Self {
        let ready = dir.join("ready.json");
        drop(std::fs::remove_file(&ready));
        let child = Command::new(env!("CARGO_BIN_EXE_apigctl"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--access-key",
                "ACCESS",
                "--secret-key",
                "SECRET",
                "--data",
            ])
            .arg(dir.join("data"))
            .arg("--ready-file")
            .arg(&ready)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while !ready.exists() {
            assert!(start.elapsed() < Duration::from_secs(60), "the server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        let ready = serde_json::from_slice(&std::fs::read(ready).unwrap()).unwrap();
        Self { child, ready }
    }

    fn address(&self) -> String {
        self.ready["endpoint"].as_str().unwrap().trim_start_matches("http://").to_owned()
    }
}

/// Sends one signed creation; the status, or none when the server is gone.
fn create(stream: &mut BufReader<TcpStream>, root: &str, name: &str) -> Option<u16> {
    let mut signer = crate::engine::signing::Signer::new(
        "POST",
        &format!("{root}/api-groups"),
        &json!({"name": name}).to_string(),
    );
    let date: String =
        jiff::Timestamp::now().to_string().chars().filter(|c| !"-:".contains(*c)).take(15).collect();
    signer.headers = vec![("x-sdk-date", format!("{date}Z"))];
    let (length, body) = (signer.body.len(), &signer.body);
    let text = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\nx-sdk-date: {date}Z\r\nauthorization: {}\r\ncontent-length: {length}\r\n\r\n{body}",
        signer.path,
        signer.authorization()
    );
    stream.get_mut().write_all(text.as_bytes()).ok()?;
    let (mut status, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_lowercase();
        if let Some(rest) = line.strip_prefix("http/1.1 ") {
            status = rest[..3].parse().ok();
        } else if let Some(rest) = line.strip_prefix("content-length: ") {
            length = rest.parse().ok()?;
        } else if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    std::io::Read::read_exact(stream, &mut body).ok()?;
    status
}

#[test]
#[cfg(unix)]
fn the_ready_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let mode = std::fs::metadata(dir.path().join("ready.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for name in ["endpoint", "project_id", "instance_id", "region", "access_key", "secret_key"] {
        assert!(server.ready[name].is_string(), "{name}");
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();
}

#[test]
fn a_killed_process_loses_nothing_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..4 {
        let mut server = Server::start(dir.path());
        let root = format!(
            "/v2/{}/apigw/instances/{}",
            server.ready["project_id"].as_str().unwrap(),
            server.ready["instance_id"].as_str().unwrap()
        );
        let address = server.address();
        let stop = AtomicBool::new(false);
        let done: Vec<Vec<String>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|worker| {
                    let (address, root, stop) = (&address, &root, &stop);
                    scope.spawn(move || {
                        let mut names = Vec::new();
                        let mut stream = BufReader::new(TcpStream::connect(address).unwrap());
                        for n in 0.. {
                            let name = format!("group_{round}_{worker}_{n}");
                            match create(&mut stream, root, &name) {
                                Some(201) => names.push(name),
                                Some(403) | None => break,
                                Some(other) => panic!("{name}: {other}"),
                            }
                            if stop.load(Ordering::Relaxed) {
                                break;
                            }
                        }
                        names
                    })
                })
                .collect();
            std::thread::sleep(Duration::from_millis(100 + 70 * round));
            server.child.kill().unwrap();
            server.child.wait().unwrap();
            stop.store(true, Ordering::Relaxed);
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        acknowledged.extend(done.into_iter().flatten());
        let engine = Engine::open(&dir.path().join("data"), apigctl::engine::Options::default()).unwrap();
        for name in &acknowledged {
            let uri = format!("{root}/api-groups?name={name}&precise_search=name");
            let response =
                engine.handle(Request::builder().uri(uri).body(Bytes::new()).unwrap(), Access::Trusted);
            let body: Value = serde_json::from_slice(response.body()).unwrap();
            assert_eq!(body["total"], 1, "{name} was acknowledged in round {round} or before");
        }
    }
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
}
