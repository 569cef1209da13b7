//! The two servers that are compared, each a process of its own.

use std::convert::Infallible;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use apigctl::engine::SnapshotFile;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::estate::Estate;

pub(crate) const ACCESS_KEY: &str = "ACCESSKEYOFABENCHMARK";
pub(crate) const SECRET_KEY: &str = "secret-key-of-a-benchmark";

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) project: String,
    pub(crate) instance: String,
}

impl Server {
    /// `apigctl serve`, filled.
    pub(crate) fn engine(dir: &Path, estate: &Estate, data: bool) -> Self {
        let (snapshot, ready) = (dir.join("snapshot.json"), dir.join("ready.json"));
        let file = SnapshotFile {
            holds: estate.snapshot(),
            quotas: estate.quotas().into_iter().collect(),
            ..SnapshotFile::default()
        };
        std::fs::write(&snapshot, file.text().unwrap()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_apigctl"));
        command.args(["serve", "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY]);
        command.arg("--snapshot").arg(&snapshot).arg("--ready-file").arg(&ready);
        if data {
            command.arg("--data").arg(dir.join("data"));
        }
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        while !ready.exists() {
            assert!(child.try_wait().unwrap().is_none(), "the server ended");
            std::thread::sleep(Duration::from_millis(5));
        }
        let ready: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        let address = text("endpoint").trim_start_matches("http://").parse().unwrap();
        Self { child, address, project: text("project_id"), instance: text("instance_id") }
    }

    /// The bare stack: this program again.
    pub(crate) fn bare(size: usize) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.arg("--bare").arg(size.to_string()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, address: line.trim().parse().unwrap(), project: String::new(), instance: String::new() }
    }

    /// The resident memory in MB.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
    }

    /// The processor time it took so far; the system counts in hundredths of a second.
    pub(crate) fn processor(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let after = stat.rsplit(')').next().unwrap_or("");
        let fields: Vec<u64> = after.split_whitespace().map(|it| it.parse().unwrap_or(0)).collect();
        let ticks = fields.get(11).unwrap_or(&0) + fields.get(12).unwrap_or(&0);
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Serves a constant, with the same library, runtime and settings as the engine's server.
pub(crate) fn bare(size: usize) {
    let answer = Bytes::from(vec![b'x'; size]);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        std::io::stdout().flush().unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let answer = answer.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer.clone();
                async move {
                    let body = request.into_body().collect().await.unwrap().to_bytes();
                    std::hint::black_box(body);
                    let response =
                        Response::builder().header("content-type", "application/json; charset=utf-8");
                    Ok::<_, Infallible>(response.body(Full::new(answer)).unwrap())
                }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
            );
        }
    });
}
