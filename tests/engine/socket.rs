//! The server on a real socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use apigctl::engine::server::{RequestLog, ServeOptions, serve};
use apigctl::engine::{Credentials, Engine, Options};
use serde_json::{Value, json};
use tokio::sync::oneshot;

struct Served {
    address: SocketAddr,
    engine: Arc<Engine>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Served {
    fn start(options: ServeOptions) -> Self {
        let credentials = Credentials { tokens: vec!["a-token".to_owned()], ..Credentials::default() };
        let engine = Arc::new(Engine::in_memory(Options { credentials, ..Options::default() }));
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, address) = std::sync::mpsc::channel();
        let serving = Arc::clone(&engine);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                serve(serving, listener, async { drop(stopped.await) }, options).await.unwrap();
            });
        });
        Self { address: address.recv().unwrap(), engine, stop: Some(stop), thread: Some(thread) }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    fn root(&self) -> String {
        format!("/v2/{}/apigw/instances/{}", self.engine.project_id(), self.engine.instance_id())
    }

    fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap();
    }
}

fn request(method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: a-token\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Reads one answer: status, head and body.
fn answer(stream: &mut TcpStream) -> (u16, String, Value) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    (head[9..12].parse().unwrap(), head, value)
}

#[test]
fn one_connection_many_requests() {
    let served = Served::start(ServeOptions::default());
    let mut stream = served.connect();
    for index in 0..5 {
        let body = json!({"name": format!("group_{index}")}).to_string();
        stream
            .write_all(request("POST", &format!("{}/api-groups", served.root()), &body).as_bytes())
            .unwrap();
        let (status, head, body) = answer(&mut stream);
        assert_eq!(status, 201, "{body}");
        assert!(head.contains("content-type: application/json; charset=utf-8"), "{head}");
        assert!(head.contains("x-request-id: "), "{head}");
        let id = body["id"].as_str().unwrap();
        let gone = request("DELETE", &format!("{}/api-groups/{id}", served.root()), "");
        stream.write_all(gone.as_bytes()).unwrap();
        assert_eq!(answer(&mut stream).0, 204);
    }
    served.stop();
}

#[test]
fn a_long_body_is_refused() {
    let served = Served::start(ServeOptions { body_max: 1000, ..ServeOptions::default() });
    let path = format!("{}/api-groups", served.root());
    let mut stream = served.connect();
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let (status, _, body) = answer(&mut stream);
    assert_eq!((status, &body["error_code"]), (413, &json!("APIG.0201")));
    let mut stream = served.connect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n{}\r\n0\r\n\r\n",
        "a".repeat(1024)
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(answer(&mut stream).0, 413);
    served.stop();
}

/// A whole body of 13 MB to every operation: each is told that it is too long, and nothing changes. The client sends all of
/// it before it reads, as the official one does.
#[test]
fn every_operation_refuses_a_body_of_13_megabytes() {
    let served = Served::start(ServeOptions::default());
    let before = served.engine.rows();
    let body = vec![b' '; 13 << 20];
    let shared = crate::engine::requests::shared_operations().step_by(9);
    for operation in crate::engine::requests::operations().chain(shared) {
        for spelling in crate::engine::requests::spellings(operation) {
            let path = spelling
                .replace("{project_id}", served.engine.project_id())
                .replace("{instance_id}", served.engine.instance_id())
                .replace(['{', '}'], "");
            let method = operation["m"].as_str().unwrap();
            let mut stream = served.connect();
            let head = request(method, &path, "").replace("Length: 0", &format!("Length: {}", body.len()));
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&body).unwrap();
            let (status, head, answered) = answer(&mut stream);
            assert_eq!((status, &answered["error_code"]), (413, &json!("APIG.0201")), "{method} {path}");
            assert!(answered["error_msg"].is_string() && head.contains("connection: close"), "{head}");
        }
    }
    assert_eq!(served.engine.rows(), before);
    served.stop();
}

#[test]
fn a_slow_client_is_dropped_and_hinders_nobody() {
    let timeout = Duration::from_millis(300);
    let served = Served::start(ServeOptions {
        head_timeout: timeout,
        body_timeout: timeout,
        ..ServeOptions::default()
    });
    let path = format!("{}/api-groups", served.root());
    let mut slow_head = served.connect();
    slow_head.write_all(format!("GET {path} HTTP/1.1\r\nHost").as_bytes()).unwrap();
    let mut slow_body = served.connect();
    slow_body
        .write_all(format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{").as_bytes())
        .unwrap();
    let mut quick = served.connect();
    quick.write_all(request("GET", &path, "").as_bytes()).unwrap();
    assert_eq!(answer(&mut quick).0, 200);
    assert_eq!(answer(&mut slow_body).0, 408);
    let mut rest = Vec::new();
    slow_head.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&rest));
    served.stop();
}

#[test]
fn noise_is_survived() {
    let served = Served::start(ServeOptions::default());
    for noise in [
        &b"\x16\x03\x01\x02\x00\x01"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        &[0; 100],
        b"\r\n\r\n\r\n",
    ] {
        let mut stream = served.connect();
        stream.write_all(noise).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest));
    }
    let mut stream = served.connect();
    stream.write_all(request("GET", &format!("{}/envs", served.root()), "").as_bytes()).unwrap();
    assert_eq!(answer(&mut stream).0, 200);
    served.stop();
}

#[test]
fn requests_are_noted_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("requests.jsonl");
    let log = Some(RequestLog::open(&path).unwrap());
    let served = Served::start(ServeOptions { log, ..ServeOptions::default() });
    let mut stream = served.connect();
    let body = json!({"name": "sign_1", "sign_key": "signkeysignkey", "sign_secret": "signsecretsignsecret"})
        .to_string();
    stream.write_all(request("POST", &format!("{}/signs", served.root()), &body).as_bytes()).unwrap();
    assert_eq!(answer(&mut stream).0, 201);
    stream.write_all(request("GET", &format!("{}/apis/x?a=b", served.root()), "").as_bytes()).unwrap();
    assert_eq!(answer(&mut stream).0, 404);
    drop(stream);
    served.stop();
    let text = std::fs::read_to_string(path).unwrap();
    assert!(!text.contains("sign_secret") && !text.contains("a-token"), "{text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["operation"], &lines[0]["status"]), (&json!("3.6.1"), &json!(201)));
    assert_eq!((&lines[1]["query"], &lines[1]["error_code"]), (&json!("a=b"), &json!("APIG.3002")));
}
