//! What was acknowledged survives: reopening, a process killed in the middle of its work, a disk that is full.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use apigctl::engine::{Engine, OpenError};
use serde_json::{Value, json};

use crate::engine::process::{Client, Handle, Server, command};
use crate::engine::support::{Gate, RELEASE, options};

fn open(dir: &Path) -> Gate {
    let dir = &dir.join("data");
    Gate::over(Arc::new(Engine::open(dir, options()).unwrap()))
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
    let second = Engine::open(&dir.path().join("data"), options());
    assert!(matches!(second, Err(OpenError::InUse { .. })), "{second:?}");
    drop(first);
    drop(open(dir.path()));
}

#[test]
fn a_damaged_file_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    std::fs::write(dir.path().join("data/engine.redb"), b"this is no database, whatever its name says")
        .unwrap();
    assert!(matches!(Engine::open(&dir.path().join("data"), options()), Err(OpenError::Unreadable { .. })));
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

#[test]
#[cfg(unix)]
fn the_ready_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let ready = dir.path().join("ready.json");
    let server = Server::start(dir.path(), &["--ready-file", ready.to_str().unwrap()]);
    // Who is answered was not answered before the file was there.
    server.client().call("GET", "/envs", "").unwrap();
    let mode = std::fs::metadata(&ready).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let ready: Value = serde_json::from_slice(&std::fs::read(ready).unwrap()).unwrap();
    for name in ["endpoint", "project_id", "instance_id", "region", "access_key", "secret_key"] {
        assert!(ready[name].is_string(), "{name}");
    }
}

#[test]
fn the_folder_of_a_server_is_refused_to_another() {
    let dir = tempfile::tempdir().unwrap();
    let first = Server::start(dir.path(), &[]);
    let second = command(dir.path()).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let text = String::from_utf8(second.stderr).unwrap();
    assert!(text.contains("engine.redb: another process is using it"), "{text}");
    assert_eq!(first.client().call("GET", "/envs", "").unwrap().0, 200, "the first goes on");
}

/// What a worker did and learned.
enum Event {
    Done(Write),
    /// Sent, and never answered.
    InDoubt(Write),
}

#[derive(Clone, Debug)]
enum Write {
    Create(String),
    Delete(String),
}

/// Creates groups, deletes every third again, until the server is gone.
fn work(server: &Handle, prefix: &str, events: &Sender<Event>) {
    let Some(mut client) = server.connect() else { return };
    for n in 0.. {
        let name = format!("{prefix}_{n}");
        let body = json!({"name": name}).to_string();
        let write = Write::Create(name.clone());
        let Some((status, made)) = client.call("POST", "/api-groups", &body) else {
            return events.send(Event::InDoubt(write)).unwrap();
        };
        assert_eq!(status, 201, "{made}");
        events.send(Event::Done(write)).unwrap();
        if n % 3 > 0 {
            continue;
        }
        let path = format!("/api-groups/{}", made["id"].as_str().unwrap());
        let write = Write::Delete(name);
        let Some((status, answer)) = client.call("DELETE", &path, "") else {
            return events.send(Event::InDoubt(write)).unwrap();
        };
        assert_eq!(status, 204, "{answer}");
        events.send(Event::Done(write)).unwrap();
    }
}

/// Fifty kills, each after a number of acknowledged writes that follows from a seed, with writes under way.
#[test]
fn a_killed_process_loses_nothing_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut expected = BTreeSet::new();
    let mut seed = 42_u64;
    for round in 0..50 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let wanted = 1 + usize::try_from(seed >> 33).unwrap() % 40;
        let mut server = Server::start(dir.path(), &["--quota", "APIGROUP_NUM_LIMIT=1000000"]);
        let (events, inbox) = channel();
        let seen: Vec<Event> = std::thread::scope(|scope| {
            for worker in 0..4 {
                let (server, events) = (server.handle(), events.clone());
                scope.spawn(move || work(&server, &format!("group_{round}_{worker}"), &events));
            }
            drop(events);
            let mut seen: Vec<Event> = inbox.iter().take(wanted).collect();
            server.kill();
            seen.extend(inbox.iter());
            seen
        });
        let mut doubtful = BTreeSet::new();
        for event in seen {
            match event {
                Event::Done(Write::Create(name)) => drop(expected.insert(name)),
                Event::Done(Write::Delete(name)) => drop(expected.remove(&name)),
                Event::InDoubt(Write::Create(name) | Write::Delete(name)) => drop(doubtful.insert(name)),
            }
        }
        let found = names(&open(dir.path()));
        let lost: Vec<_> = expected.difference(&found).filter(|name| !doubtful.contains(*name)).collect();
        assert!(lost.is_empty(), "round {round}, after {wanted}: lost {lost:?}");
        let ghosts: Vec<_> = found.difference(&expected).filter(|name| !doubtful.contains(*name)).collect();
        assert!(ghosts.is_empty(), "round {round}, after {wanted}: {ghosts:?} should be gone");
        expected = found;
    }
    assert!(expected.len() > 200, "{}", expected.len());
}

/// The names of all groups; each may be there once.
fn names(gate: &Gate) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for offset in (0..).step_by(500) {
        let page = gate.get(&format!("/api-groups?limit=500&offset={offset}")).body;
        for group in page["groups"].as_array().unwrap() {
            assert!(names.insert(group["name"].as_str().unwrap().to_owned()), "{group} is there twice");
        }
        if page["size"].as_u64() < Some(500) {
            break;
        }
    }
    names
}

/// A file that may not grow is a full disk for whoever writes to it.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_loses_nothing_and_ends() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::full_at(dir.path(), 4 << 20);
    let mut client = server.client();
    let mut kept = BTreeSet::new();
    let create = |client: &mut Client, name: &str| {
        client
            .call("POST", "/api-groups", &json!({"name": name, "remark": "r".repeat(1000)}).to_string())
            .unwrap()
    };
    let refusal = loop {
        let name = format!("group_{}", kept.len());
        let (status, body) = create(&mut client, &name);
        if status != 201 {
            break (status, body);
        }
        kept.insert(name);
    };
    assert_eq!((refusal.0, &refusal.1["error_code"]), (500, &json!("APIG.9999")));
    let text = refusal.1["error_msg"].as_str().unwrap();
    assert!(text.contains("could not be stored") && text.contains("File too large"), "{text}");
    let total = |client: &mut Client| client.call("GET", "/api-groups", "").unwrap().1["total"].clone();
    // What was refused is not there, however often it is tried, and whatever else is asked meanwhile.
    for n in 0..5 {
        assert_eq!(create(&mut client, &format!("refused_{n}")).0, 500);
        assert_eq!(total(&mut client), kept.len());
    }
    server.make_room();
    assert_eq!(create(&mut client, "room").0, 201, "there is room again");
    kept.insert("room".to_owned());
    assert_eq!(total(&mut client), kept.len());
    server.kill();
    assert_eq!(names(&open(dir.path())), kept);
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_killed_on_a_full_disk_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::full_at(dir.path(), 4 << 20);
    let mut client = server.client();
    let mut kept = BTreeSet::new();
    let mut refused = 0;
    while refused < 3 {
        let name = format!("group_{}_{refused}", kept.len());
        let body = json!({"name": name, "remark": "r".repeat(1000)}).to_string();
        match client.call("POST", "/api-groups", &body).unwrap().0 {
            201 => drop(kept.insert(name)),
            status => {
                assert_eq!(status, 500);
                refused += 1;
            }
        }
    }
    server.kill();
    assert_eq!(names(&open(dir.path())), kept);
}

#[test]
fn a_server_listens_to_this_machine_unless_told_otherwise() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_apigctl"));
    command.args(["serve", "--access-key", "ACCESS", "--secret-key", "SECRET"]);
    let server = Server::spawn(command);
    assert!(server.handle().address().starts_with("127.0.0.1:"));
    assert_eq!(server.client().call("GET", "/envs", "").unwrap().0, 200);
}
