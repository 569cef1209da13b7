//! `apigctl serve`: the embedded engine as an HTTP server.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use tokio::net::TcpListener;

use crate::engine::server::{self, RequestLog, ServeOptions};
use crate::engine::time::Ids;
use crate::engine::{Backends, Credentials, Engine, OpenError, Options};
use crate::session::{self, SessionError};

/// Run the embedded gateway engine as an HTTP server
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,

    /// Keep the state in this folder; without it, everything is forgotten at the end
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// The access key clients sign with; made up and printed when absent
    #[arg(long, value_name = "KEY", requires = "secret_key")]
    pub access_key: Option<String>,

    /// The secret key clients sign with
    #[arg(
        long,
        value_name = "SECRET",
        requires = "access_key",
        env = "APIGCTL_SERVE_SECRET_KEY",
        hide_env_values = true
    )]
    pub secret_key: Option<String>,

    /// Write endpoint and keys as JSON to this file, once the server listens
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,

    /// Note every request in this file, one JSON line each
    #[arg(long, value_name = "FILE")]
    pub request_log: Option<PathBuf>,

    /// Start with what a snapshot holds, under the ids of the gateway it was taken from; see `export --snapshot`
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,

    /// Begin with recorded traffic, for monitoring calls to answer from: JSON, `{"samples": [...]}`, as `POST /_engine/traffic`
    /// takes it
    #[arg(long, value_name = "FILE")]
    pub traffic: Option<PathBuf>,

    /// Which backends are called when an API is debugged
    #[arg(long, value_name = "WHICH", value_enum, default_value = "loopback")]
    pub call_backends: CallBackends,

    /// List the operations of the protocol, with what is implemented, and end
    #[arg(long)]
    pub list_operations: bool,

    /// Change a quota, for example API_NUM_LIMIT=20000; may be repeated
    #[arg(long = "quota", value_name = "NAME=VALUE", value_parser = quota)]
    pub quotas: Vec<(String, String)>,
}

/// Which backends are called when an API is debugged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum CallBackends {
    /// None
    None,
    /// Those on this machine
    Loopback,
    /// All that can be reached: whoever has the keys can then reach what this machine reaches
    Any,
}

impl From<CallBackends> for Backends {
    fn from(which: CallBackends) -> Self {
        match which {
            CallBackends::None => Self::None,
            CallBackends::Loopback => Self::Loopback,
            CallBackends::Any => Self::Any,
        }
    }
}

fn quota(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    value.parse::<u64>().map_err(|_| "the value is not a number".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The state cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The snapshot cannot be loaded.
    #[error(transparent)]
    Snapshot(#[from] SessionError),
    /// A snapshot is to be loaded into a folder that holds something.
    #[error("{0} is not empty, so no snapshot is loaded into it")]
    Occupied(PathBuf),
    /// The traffic cannot be read.
    #[error("failed to read the traffic in {path}: {reason}")]
    Traffic {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The address cannot be listened on.
    #[error("failed to listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("failed to write {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Something else went wrong.
    #[error("failed to serve: {0}")]
    Serve(#[from] io::Error),
}

/// Runs the server until it is interrupted.
pub fn run(args: &Args) -> Result<(), ServeError> {
    if args.list_operations {
        return Ok(list_operations(&mut anstream::stdout())?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(serve(args));
    // What still runs after the grace belongs to clients that do not end.
    runtime.shutdown_background();
    result
}

/// Method, path, whether there is behaviour behind it, and the section of the vendor's document.
fn list_operations(out: &mut impl Write) -> io::Result<()> {
    let (mut all, mut done) = (0, 0);
    for it in crate::engine::operations() {
        all += 1;
        done += usize::from(it.implemented);
        let state = if it.implemented { "implemented" } else { "501" };
        writeln!(out, "{:<7} {:<12} {}  ({})", it.method, state, it.path, it.section)?;
        for alias in it.aliases {
            writeln!(out, "{:<7} {:<12} {alias}", "", "also")?;
        }
    }
    writeln!(out, "{done} of {all} implemented")?;
    writeln!(out, "\nCalls of the vendor's own client that its document lacks:")?;
    for (name, method, path) in crate::engine::undocumented() {
        writeln!(out, "{method:<7} {:<12} {path}  ({name})", "501")?;
    }
    Ok(())
}

async fn serve(args: &Args) -> Result<(), ServeError> {
    let made_up = args.access_key.is_none();
    let credentials = credentials(args);
    let engine = Arc::new(engine(args, &credentials)?);
    let log = match &args.request_log {
        Some(path) => {
            let opened = RequestLog::open(path);
            Some(opened.map_err(|source| ServeError::Write { path: path.clone(), source })?)
        }
        None => None,
    };
    let listen = |source| ServeError::Listen { address: args.listen, source };
    let listener = TcpListener::bind(args.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    // Signals are caught before anyone is told that the server is there.
    let shutdown = interrupted()?;
    announce(args, &engine, address, &credentials, made_up)?;
    server::serve(engine, listener, shutdown, ServeOptions { log, ..ServeOptions::default() }).await?;
    Ok(())
}

fn engine(args: &Args, credentials: &Credentials) -> Result<Engine, ServeError> {
    let snapshot = args.snapshot.as_deref().map(session::read_snapshot).transpose()?;
    let mut options = Options {
        credentials: credentials.clone(),
        quotas: args.quotas.clone(),
        backends: args.call_backends.into(),
        ..Options::default()
    };
    if let Some(snapshot) = &snapshot {
        options = snapshot.options(options);
    }
    let engine = match &args.data {
        Some(dir) if snapshot.is_some() && occupied(dir) => return Err(ServeError::Occupied(dir.clone())),
        Some(dir) => Engine::open(dir, options)?,
        None => Engine::in_memory(options),
    };
    if let (Some(snapshot), Some(path)) = (snapshot, &args.snapshot) {
        let gateway = snapshot.gateway(&engine).to_owned();
        session::load_snapshot(&engine, &gateway, snapshot, path)?;
    }
    if let Some(path) = &args.traffic {
        let fail = |reason: String| ServeError::Traffic { path: path.clone(), reason };
        let samples = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
        engine.feed(&samples).map_err(fail)?;
    }
    Ok(engine)
}

fn occupied(dir: &Path) -> bool {
    std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some())
}

fn credentials(args: &Args) -> Credentials {
    let ids = Ids::random();
    let (access_key, secret_key) = match (&args.access_key, &args.secret_key) {
        (Some(access), Some(secret)) => (access.clone(), secret.clone()),
        _ => (ids.next()[..20].to_uppercase(), format!("{}{}", ids.next(), &ids.next()[..8])),
    };
    Credentials { access_key, secret_key, ..Credentials::default() }
}

fn announce(
    args: &Args,
    engine: &Engine,
    address: SocketAddr,
    credentials: &Credentials,
    made_up: bool,
) -> Result<(), ServeError> {
    let endpoint = format!("http://{address}");
    let mut out = anstream::stderr();
    writeln!(out, "listening on {endpoint}")?;
    writeln!(out, "project {}, gateway {}", engine.project_id(), engine.instance_id())?;
    if let Some(warning) = exposure(address) {
        writeln!(out, "WARNING: {warning}")?;
    }
    if made_up {
        writeln!(out, "access key {}", credentials.access_key)?;
        writeln!(out, "secret key {}", credentials.secret_key)?;
    }
    let Some(path) = &args.ready_file else { return Ok(()) };
    let ready = json!({
        "endpoint": endpoint,
        "project_id": engine.project_id(),
        "instance_id": engine.instance_id(),
        "region": engine.region(),
        "access_key": credentials.access_key,
        "secret_key": credentials.secret_key,
    });
    write_ready(path, &format!("{ready:#}\n"))
        .map_err(|source| ServeError::Write { path: path.clone(), source })
}

/// What there is to say about an address that others can reach.
fn exposure(address: SocketAddr) -> Option<String> {
    (!address.ip().to_canonical().is_loopback()).then(|| {
        format!("{address} is not a loopback address: other machines can reach this server, without TLS")
    })
}

/// Writes a file that is complete from the moment it exists, readable by its owner only.
fn write_ready(path: &Path, text: &str) -> io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    drop(std::fs::remove_file(&temporary));
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}

/// Ends with the first interrupt or request to terminate.
#[cfg(unix)]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends with the first interrupt.
#[cfg(not(unix))]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        drop(tokio::signal::ctrl_c().await);
    })
}

#[cfg(test)]
mod tests {
    use super::exposure;

    #[test]
    fn who_listens_to_others_is_told_so() {
        for address in ["127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert_eq!(exposure(address.parse().unwrap()), None, "{address}");
        }
        for address in ["0.0.0.0:80", "[::]:80", "192.168.1.1:80", "[::ffff:10.0.0.1]:80"] {
            assert!(exposure(address.parse().unwrap()).unwrap().contains(address), "{address}");
        }
    }
}
