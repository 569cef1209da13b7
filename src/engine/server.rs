//! The engine on a socket: HTTP/1.1 with keep-alive.
//!
//! A slow or silent client costs one idle task and is dropped after a while; a body over the limit is refused, and the rest
//! of it is let run out so that the refusal arrives; writes wait for the disk without holding a thread.

#![allow(clippy::disallowed_methods, reason = "the server starts a task per connection")]

mod lingering;

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::{Access, Engine, Receipt, Trace};
use lingering::Lingering;

/// How a server is set up.
#[derive(Debug)]
pub struct ServeOptions {
    /// Where every request is noted.
    pub log: Option<RequestLog>,
    /// The largest body.
    pub body_max: usize,
    /// How long the head of a request may take, and how long a connection may be idle.
    pub head_timeout: Duration,
    /// How long the body of a request may take.
    pub body_timeout: Duration,
    /// How long requests may go on after the shutdown began.
    pub grace: Duration,
    /// The most connections at a time; more wait.
    pub connections_max: usize,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            log: None,
            body_max: 12 * 1024 * 1024,
            head_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(60),
            grace: Duration::from_secs(5),
            connections_max: 1024,
        }
    }
}

/// A file with one JSON line per request. Neither bodies nor secrets get into it.
#[derive(Debug)]
pub struct RequestLog(Mutex<File>);

impl RequestLog {
    /// Opens the file to append to it.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(Mutex::new(File::options().create(true).append(true).open(path)?)))
    }

    fn note(&self, method: &str, path: &str, query: &str, response: &Response<Bytes>) {
        let trace = response.extensions().get::<Trace>().cloned().unwrap_or_default();
        let query = if trace.secret_query { "" } else { query };
        let line = json!({
            "method": method,
            "path": path,
            "query": query,
            "operation": trace.operation,
            "status": response.status().as_u16(),
            "error_code": trace.error_code,
        });
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not stop the service for which this is only a help.
        drop(file.write_all(format!("{line}\n").as_bytes()));
    }
}

/// Serves until `shutdown` ends, then lets running requests finish.
pub async fn serve(
    engine: Arc<Engine>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
    options: ServeOptions,
) -> io::Result<()> {
    let options = Arc::new(options);
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(options.connections_max));
    let mut shutdown = pin!(shutdown);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit.map_err(io::Error::other)?,
            () = &mut shutdown => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = connect(&engine, stream, &options, &graceful);
                tokio::spawn(async move {
                    // How a connection ended is the client's business.
                    drop(connection.await);
                    drop(permit);
                });
            }
            // Out of descriptors, or the client gave up: the listener itself is fine.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(options.grace) => {}
    }
    Ok(())
}

fn connect(
    engine: &Arc<Engine>,
    stream: TcpStream,
    options: &Arc<ServeOptions>,
    graceful: &GracefulShutdown,
) -> impl Future<Output = Result<(), hyper::Error>> + use<> {
    // Small answers must not wait for more to come.
    drop(stream.set_nodelay(true));
    let engine = Arc::clone(engine);
    let answering = Arc::clone(options);
    let stream = Lingering::new(stream, options.body_timeout);
    let unread = Arc::clone(&stream.unread);
    let service = service_fn(move |request: Request<Incoming>| {
        let (engine, options, unread) = (Arc::clone(&engine), Arc::clone(&answering), Arc::clone(&unread));
        async move { Ok::<_, std::convert::Infallible>(answer(&engine, request, &options, &unread).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(options.head_timeout)
        .keep_alive(true)
        .serve_connection(TokioIo::new(stream), service);
    graceful.watch(connection)
}

async fn answer(
    engine: &Arc<Engine>,
    request: Request<Incoming>,
    options: &ServeOptions,
    unread: &AtomicBool,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let (method, uri) = (head.method.clone(), head.uri.clone());
    let response = match read(body, options).await {
        Err((status, text)) => {
            unread.store(true, Ordering::Release);
            let mut refusal = engine.refuse(uri.path(), status, text);
            refusal.headers_mut().insert(http::header::CONNECTION, HeaderValue::from_static("close"));
            refusal
        }
        Ok(body) => {
            let (response, receipt) = submit(engine, Request::from_parts(head, body)).await;
            let stored = match receipt {
                Some(receipt) => receipt.await,
                None => true,
            };
            if stored { response } else { engine.unstored(uri.path()) }
        }
    };
    if let Some(log) = &options.log {
        log.note(method.as_str(), uri.path(), uri.query().unwrap_or(""), &response);
    }
    response.map(Full::new)
}

/// Hands a request to the engine; one that waits for a backend gets a thread of its own.
async fn submit(engine: &Arc<Engine>, request: Request<Bytes>) -> (Response<Bytes>, Option<Receipt>) {
    if !engine.waits_for_others(&request) {
        return engine.submit(&request, Access::Signed);
    }
    let (own, path) = (Arc::clone(engine), request.uri().path().to_owned());
    let done = tokio::task::spawn_blocking(move || own.submit(&request, Access::Signed)).await;
    done.unwrap_or_else(|_| (engine.unstored(&path), None))
}

/// The body, or why it is not read to its end.
async fn read(body: Incoming, options: &ServeOptions) -> Result<Bytes, (StatusCode, &'static str)> {
    let too_long = || (StatusCode::PAYLOAD_TOO_LARGE, "Request entity too large");
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = body.size_hint().lower();
    if announced > u64::try_from(options.body_max).unwrap_or(u64::MAX) {
        return Err(too_long());
    }
    match tokio::time::timeout(options.body_timeout, Limited::new(body, options.body_max).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_long()),
        Ok(Err(_)) => Err((StatusCode::BAD_REQUEST, "The request ended too early")),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "The request took too long")),
    }
}
