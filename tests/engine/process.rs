//! `apigctl serve` as a process of its own, and a client that signs what it sends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::engine::signing::Signer;

const SERVE: [&str; 7] =
    ["serve", "--listen", "127.0.0.1:0", "--access-key", "ACCESS", "--secret-key", "SECRET"];

/// The command that serves from a folder.
pub(crate) fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apigctl"));
    command.args(SERVE).arg("--data").arg(dir.join("data"));
    command
}

/// A running server; it is killed at the end.
pub(crate) struct Server {
    child: Child,
    /// What it says; held open for as long as it runs.
    _stderr: BufReader<ChildStderr>,
    handle: Handle,
}

/// Where a server is.
#[derive(Clone)]
pub(crate) struct Handle {
    address: String,
    root: String,
}

impl Server {
    /// Starts one and waits until it says that it listens.
    pub(crate) fn start(dir: &Path, more: &[&str]) -> Self {
        let mut command = command(dir);
        command.args(more);
        Self::spawn(command)
    }

    /// A server whose files cannot become larger than this, as if the disk were full then.
    pub(crate) fn full_at(dir: &Path, bytes: u64) -> Self {
        // Without the trap the signal that comes with the refusal would end the process.
        let script = format!("trap '' XFSZ; ulimit -S -f {}; exec \"$0\" \"$@\"", bytes / 512);
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_apigctl")]);
        shell.args(SERVE).args(["--quota", "APIGROUP_NUM_LIMIT=1000000", "--data"]).arg(dir.join("data"));
        Self::spawn(shell)
    }

    /// Lets the files grow again.
    pub(crate) fn make_room(&self) {
        let pid = self.child.id().to_string();
        let done = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited:"]).status().unwrap();
        assert!(done.success());
    }

    /// Starts it, and waits until it says that it listens.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = || {
            let mut line = String::new();
            stderr.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let first = line();
        let address =
            first.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{first}")).to_owned();
        let second = line();
        let ids = second.strip_prefix("project ").and_then(|rest| rest.split_once(", gateway "));
        let (project, gateway) = ids.unwrap_or_else(|| panic!("{second}"));
        let root = format!("/v2/{project}/apigw/instances/{gateway}");
        Self { child, _stderr: stderr, handle: Handle { address, root } }
    }

    pub(crate) fn handle(&self) -> Handle {
        self.handle.clone()
    }

    pub(crate) fn client(&self) -> Client {
        self.handle.connect().unwrap()
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Handle {
    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The project that it serves.
    pub(crate) fn project(&self) -> &str {
        self.root.split('/').nth(2).unwrap()
    }

    /// A connection; none when the server is gone.
    pub(crate) fn connect(&self) -> Option<Client> {
        let stream = TcpStream::connect(&self.address).ok()?;
        // Only against a server that hangs.
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        Some(Client { stream: BufReader::new(stream), root: self.root.clone() })
    }
}

/// A connection to a server.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    root: String,
}

impl Client {
    /// Sends one signed request to a path below the gateway; status and body, or none when the server is gone.
    pub(crate) fn call(&mut self, method: &'static str, path: &str, body: &str) -> Option<(u16, Value)> {
        let mut signer = Signer::new(method, &format!("{}{path}", self.root), body);
        let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        signer.headers = vec![("x-sdk-date", now.clone())];
        let text = format!(
            "{method} {} HTTP/1.1\r\nhost: x\r\nx-sdk-date: {now}\r\nauthorization: {}\r\ncontent-length: {}\r\n\r\n{body}",
            signer.path,
            signer.authorization(),
            body.len()
        );
        self.stream.get_mut().write_all(text.as_bytes()).ok()?;
        let (mut status, mut length) = (None, 0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).ok()? == 0 {
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
        self.stream.read_exact(&mut body).ok()?;
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Some((status?, body))
    }
}
