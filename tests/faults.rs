//! Bad networks and bad gateways, over real sockets: a relay in front of the engine refuses, stalls, tears and resets; the
//! program itself is run, interrupted and killed.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and has files of its own"
)]

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use apigctl::engine::server::{ServeOptions, serve};
use apigctl::engine::{Credentials, Engine, Options};
use serde_json::json;

/// What the relay does to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Weather {
    /// Passes it on.
    Fair,
    /// Answers without passing it on: status and headers.
    Answer(u16, &'static str),
    /// Passes it on, and answers half of what came back, then closes.
    Half,
    /// Passes it on, and closes without an answer.
    Swallow,
    /// Passes it on, and never answers.
    Stall,
    /// Passes it on, and answers slowly, a few bytes at a time.
    Drip,
    /// Passes it on after a while.
    Late(Duration),
}

type Forecast = Arc<dyn Fn(usize, &str) -> Weather + Send + Sync>;

/// A request as the relay saw it.
#[derive(Debug, Clone)]
struct Seen {
    line: String,
    at: Instant,
}

/// The engine on a socket, with a relay in front.
struct Site {
    engine: Arc<Engine>,
    relay: SocketAddr,
    forecast: Arc<Mutex<Forecast>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    folder: tempfile::TempDir,
    _runtime: tokio::runtime::Runtime,
}

const KEY: &str = "ACCESS";
const SECRET: &str = "SECRET";

impl Site {
    fn new(apis: usize) -> Self {
        let credentials =
            Credentials { access_key: KEY.into(), secret_key: SECRET.into(), ..Credentials::default() };
        let engine = Arc::new(Engine::in_memory(Options { credentials, ..Options::default() }));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let behind = listener.local_addr().unwrap();
        let served = Arc::clone(&engine);
        runtime.spawn(async move {
            serve(served, listener, std::future::pending(), ServeOptions::default()).await.unwrap();
        });
        let front = TcpListener::bind("127.0.0.1:0").unwrap();
        let fair: Forecast = Arc::new(|_, _| Weather::Fair);
        let site = Self {
            engine,
            relay: front.local_addr().unwrap(),
            forecast: Arc::new(Mutex::new(fair)),
            seen: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
            _runtime: runtime,
        };
        let (forecast, seen) = (Arc::clone(&site.forecast), Arc::clone(&site.seen));
        thread::spawn(move || {
            for stream in front.incoming().map_while(Result::ok) {
                let (forecast, seen) = (Arc::clone(&forecast), Arc::clone(&seen));
                thread::spawn(move || {
                    // A client that goes away is what some of these tests are about.
                    drop(relay(stream, behind, &forecast, &seen));
                });
            }
        });
        site.project(apis);
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn project(&self, apis: usize) {
        let project = json!({
            "targets": { "site": {
                "provider": "huawei-apig-v2", "endpoint": format!("http://{}", self.relay), "region": "local-1",
                "project": self.engine.project_id(), "instance": self.engine.instance_id(),
                "credentials": { "accessKey": { "fromEnv": "SITE_KEY" }, "secretKey": { "fromEnv": "SITE_SECRET" } },
                "timeout": "1s", "retries": 4, "retryWait": "20ms", "concurrency": 8,
            } },
        });
        fs::write(self.path("apigctl.yaml"), project.to_string()).unwrap();
        fs::create_dir_all(self.path("manifests")).unwrap();
        let document = |kind: &str, metadata: serde_json::Value, spec: serde_json::Value| {
            format!("---\n{}\n", crate::support::document(kind, metadata, spec))
        };
        let mut text = document("Group", json!({ "name": "shop" }), json!({}));
        text += &document(
            "Throttle",
            json!({ "name": "gold" }),
            json!({ "per": "1s", "limits": { "api": 100 } }),
        );
        for i in 0..apis {
            text += &document(
                "Api",
                json!({ "name": format!("op-{i}"), "group": "shop" }),
                json!({
                    "request": { "method": "GET", "path": format!("/items/{i}") }, "auth": { "type": "none" },
                    "backend": { "mock": { "body": "{}" } }, "publish": ["RELEASE"],
                }),
            );
        }
        text += &document(
            "Binding",
            json!({ "name": "gold" }),
            json!({ "environment": "RELEASE", "throttle": "gold", "apis": { "group": "shop" } }),
        );
        fs::write(self.path("manifests/all.yaml"), text).unwrap();
    }

    fn weather(&self, forecast: impl Fn(usize, &str) -> Weather + Send + Sync + 'static) {
        self.seen.lock().unwrap().clear();
        *self.forecast.lock().unwrap() = Arc::new(forecast);
    }

    fn fair(&self) {
        self.weather(|_, _| Weather::Fair);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apigctl"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("SITE_KEY", KEY)
            .env("SITE_SECRET", SECRET)
            .env("NO_COLOR", "1")
            .env_remove("APIGCTL_TARGET")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    fn writes(&self) -> usize {
        self.seen.lock().unwrap().iter().filter(|s| !s.line.starts_with("GET")).count()
    }

    fn apis(&self) -> usize {
        self.engine.dump(self.engine.project_id(), self.engine.instance_id()).unwrap().apis.len()
    }

    /// A second apply makes everything good, and the plan after it is empty.
    fn converges(&self, apis: usize) {
        self.fair();
        let again = self.run(&["apply", "--auto-approve"]);
        assert_eq!(again.code, Some(0), "{again:?}");
        let plan = self.run(&["plan", "--detailed-exitcode"]);
        assert_eq!(plan.code, Some(0), "{plan:?}");
        let dump = self.engine.dump(self.engine.project_id(), self.engine.instance_id()).unwrap();
        let counts = (dump.groups.len(), dump.apis.len(), dump.throttles.len(), dump.throttle_bindings.len());
        assert_eq!(counts, (1, apis, 1, apis), "{plan:?}");
    }
}

#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let ran = Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        assert!(!ran.err.contains("panicked"), "{ran:?}");
        assert!(!ran.err.contains(SECRET) && !ran.out.contains(SECRET), "{ran:?}");
        ran
    }
}

/// Reads one message: its head, and as much body as `Content-Length` says.
fn message(stream: &mut TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut byte = [0; 1];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(None);
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head.lines().find_map(|l| l.strip_prefix("content-length:")).map_or("0", str::trim);
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body)?;
    bytes.extend(body);
    Ok(Some(bytes))
}

fn relay(
    mut client: TcpStream,
    behind: SocketAddr,
    forecast: &Mutex<Forecast>,
    seen: &Mutex<Vec<Seen>>,
) -> std::io::Result<()> {
    let mut server = TcpStream::connect(behind)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    while let Some(request) = message(&mut client)? {
        let line = String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned();
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(Seen { line: line.clone(), at: Instant::now() });
            seen.len() - 1
        };
        let forecast = Arc::clone(&forecast.lock().unwrap());
        let weather = forecast(number, &line);
        if let Weather::Answer(status, headers) = weather {
            let answer = format!("HTTP/1.1 {status} x\r\n{headers}content-length: 0\r\n\r\n");
            client.write_all(answer.as_bytes())?;
            continue;
        }
        if let Weather::Late(wait) = weather {
            thread::sleep(wait);
        }
        server.write_all(&request)?;
        let Some(answer) = message(&mut server)? else { return Ok(()) };
        match weather {
            Weather::Half => {
                client.write_all(&answer[..answer.len() - answer.len().min(20)])?;
                return client.shutdown(Shutdown::Both);
            }
            Weather::Swallow => return client.shutdown(Shutdown::Both),
            Weather::Stall => {
                thread::sleep(Duration::from_secs(5));
                return Ok(());
            }
            Weather::Drip => {
                for piece in answer.chunks(answer.len().div_ceil(20)) {
                    client.write_all(piece)?;
                    thread::sleep(Duration::from_millis(5));
                }
            }
            Weather::Fair | Weather::Late(_) | Weather::Answer(..) => client.write_all(&answer)?,
        }
    }
    Ok(())
}

/// Each call of an apply meets the same weather once: it succeeds all the same, and does everything once.
fn once_each(weather: &'static Weather) {
    let site = Site::new(6);
    let met: Mutex<std::collections::BTreeSet<String>> = Mutex::default();
    site.weather(move |_, line| {
        // Query strings tell pages and filters apart; a second try of the same request is fair.
        if met.lock().unwrap().insert(line.to_owned()) { weather.clone() } else { Weather::Fair }
    });
    let applied = site.run(&["apply", "--auto-approve"]);
    assert_eq!(applied.code, Some(0), "{weather:?}: {applied:?}");
    site.converges(6);
}

#[test]
fn an_internal_error_passes() {
    once_each(&Weather::Answer(500, ""));
}

#[test]
fn unavailability_passes() {
    once_each(&Weather::Answer(503, "retry-after: 0\r\n"));
}

#[test]
fn half_an_answer_is_asked_for_again() {
    once_each(&Weather::Half);
}

#[test]
fn a_closed_connection_is_opened_again() {
    once_each(&Weather::Swallow);
}

#[test]
fn no_answer_is_not_waited_for_for_ever() {
    once_each(&Weather::Stall);
}

#[test]
fn a_slow_answer_is_an_answer() {
    once_each(&Weather::Drip);
}

#[test]
fn a_storm_of_429_is_answered_with_patience() {
    let site = Site::new(30);
    let calm = Duration::from_millis(2500);
    let began: OnceLock<Instant> = OnceLock::new();
    site.weather(move |_, line| {
        let early = line.starts_with("POST") && began.get_or_init(Instant::now).elapsed() < calm;
        if early { Weather::Answer(429, "retry-after: 1\r\n") } else { Weather::Fair }
    });
    let applied = site.run(&["apply", "--auto-approve"]);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let seen = site.seen.lock().unwrap().clone();
    let posts: Vec<Instant> = seen.iter().filter(|s| s.line.starts_with("POST")).map(|s| s.at).collect();
    let refused = posts.iter().filter(|at| **at < posts[0] + calm).count();
    // Eight may be under way; each second the few that are allowed try again, no more.
    assert!(refused <= 8 + 4 + 2 + 4, "{refused} requests in a storm");
    let pause = posts.windows(2).map(|w| w[1] - w[0]).max().unwrap();
    assert!(pause >= Duration::from_millis(900), "Retry-After was not kept: {pause:?}");
    site.converges(30);
}

#[test]
fn nothing_is_changed_where_the_gateway_cannot_be_read() {
    for (weather, word) in [
        (Weather::Answer(500, ""), "500"),
        (Weather::Answer(403, ""), "403"),
        (Weather::Answer(404, ""), "404"),
        (Weather::Half, "no usable answer"),
        (Weather::Swallow, "no usable answer"),
    ] {
        let site = Site::new(2);
        let always = weather.clone();
        site.weather(move |_, _| always.clone());
        for arguments in [&["plan"][..], &["apply", "--auto-approve"]] {
            let ran = site.run(arguments);
            assert_eq!(ran.code, Some(1), "{weather:?}: {ran:?}");
            assert!(ran.err.contains(word) && ran.err.contains("help"), "{weather:?}: {ran:?}");
        }
        assert_eq!(site.writes(), 0, "{weather:?}");
        assert_eq!(site.apis(), 0, "{weather:?}");
        site.converges(2);
    }
}

#[test]
fn a_gateway_that_is_not_there_is_said_so() {
    let site = Site::new(1);
    let project = fs::read_to_string(site.path("apigctl.yaml")).unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let moved = project.replace(&site.relay.to_string(), &nobody.to_string());
    fs::write(site.path("apigctl.yaml"), moved).unwrap();
    let ran = site.run(&["plan"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("no connection") && ran.err.contains("endpoint"), "{ran:?}");
}

/// What was refused for good takes down only what needs it, and is reported.
#[test]
fn what_fails_is_reported_and_the_rest_is_done() {
    let site = Site::new(6);
    site.weather(|_, line| {
        let throttles = line.starts_with("POST") && line.contains("/throttles ");
        if throttles { Weather::Answer(403, "") } else { Weather::Fair }
    });
    let ran = site.run(&["apply", "--auto-approve"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("gold") && ran.out.contains("403"), "{ran:?}");
    assert_eq!(site.apis(), 6, "{ran:?}");
    site.converges(6);
}

/// Begins an apply whose writes take so many milliseconds, and returns once some of them were made.
fn begin(site: &Site, writes: usize, each_ms: u64) -> Child {
    site.weather(move |_, line| {
        if line.starts_with("GET") { Weather::Fair } else { Weather::Late(Duration::from_millis(each_ms)) }
    });
    let child = site.command(&["apply", "--auto-approve"]).spawn().unwrap();
    let start = Instant::now();
    while site.writes() < writes {
        assert!(start.elapsed() < Duration::from_secs(60), "the apply does not begin");
        thread::sleep(Duration::from_millis(2));
    }
    child
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").arg(name).arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
}

#[test]
fn an_interrupt_finishes_what_is_under_way() {
    let site = Site::new(60);
    let child = begin(&site, 12, 250);
    signal(&child, "-INT");
    let interrupted = Instant::now();
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert!(interrupted.elapsed() < Duration::from_secs(10), "{:?}", interrupted.elapsed());
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let made = site.apis();
    assert!((1..60).contains(&made), "{made} APIs: {ran:?}");
    assert!(ran.out.contains("left") || ran.err.contains("left"), "{ran:?}");
    let writes = site.writes();
    // All that was begun was finished and is on record: another apply makes none of it again.
    site.fair();
    let plan = site.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, Some(2), "{plan:?}");
    assert!(writes < 62, "{writes} calls");
    site.converges(60);
}

#[test]
fn a_killed_apply_goes_on() {
    for writes in [1, 2, 5, 17, 40, 61] {
        let site = Site::new(60);
        let mut child = begin(&site, writes, 60);
        child.kill().unwrap();
        child.wait().unwrap();
        // What was sent may still be on its way.
        thread::sleep(Duration::from_millis(150));
        site.converges(60);
        let ledger = fs::read_to_string(site.path(".apigctl/ledger.json")).unwrap();
        let ledger: serde_json::Value = serde_json::from_str(&ledger).unwrap();
        let target =
            ledger["targets"].as_object().unwrap().values().next().unwrap()["scopes"]["default"].clone();
        // Group, throttle, APIs, publications, bindings: all that is there is owned.
        assert_eq!(target["owned"].as_object().unwrap().len(), 2 + 3 * 60, "after {writes} writes");
        assert!(target["pending"].as_array().is_none_or(Vec::is_empty), "after {writes} writes");
    }
}

#[test]
fn two_applies_at_once_are_one_too_many() {
    let site = Site::new(60);
    let child = begin(&site, 3, 400);
    let second = site.run(&["apply", "--auto-approve"]);
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.err.contains("is held by another run"), "{second:?}");
    let first = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(first.code, Some(0), "{first:?}");
    site.converges(60);
}
