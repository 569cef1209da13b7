//! The only sockets out: requests and answers as data, retry, paging of work, and a limit on how much is under way.
//!
//! [`Client::send`] retries what is safe to retry. What may have been done although no answer came (a `POST` whose
//! connection broke) is reported as [`CallError::Lost`]: only the caller knows how to find out.

mod limiter;
mod retry;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde_json::Value;

pub use limiter::Limiter;
pub use retry::RetryPolicy;

/// The largest answer that is read, in bytes.
const ANSWER_MAX: usize = 64 << 20;

/// A handler within this process that stands in for a gateway and the way to it.
pub type Handler = Arc<dyn Fn(http::Request<Bytes>) -> Result<http::Response<Bytes>, NoAnswer> + Send + Sync>;

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// There was no connection: the gateway has not seen the call.
    Unreachable(String),
    /// The connection broke or nothing came in time: the gateway may have done it or not.
    Lost(String),
}

/// Adds credentials to a request.
pub type Signer = Arc<dyn Fn(&mut http::Request<Bytes>) + Send + Sync>;

/// Puts a request into the form in which a vendor takes it.
pub type Encoder = fn(&Request) -> Encoded;

/// A request in the form of a vendor, without what proves who sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The path below the endpoint, percent-encoded.
    pub path: String,
    /// Query parameters, not encoded.
    pub query: Vec<(String, String)>,
    /// Names and values of headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for none.
    pub body: Bytes,
}

impl Encoded {
    /// The request as it stands, with a JSON body.
    #[must_use]
    pub fn json(request: &Request) -> Self {
        let content = request.body.is_some().then(|| ("content-type", "application/json".to_owned()));
        Self {
            path: request.path.clone(),
            query: request.query.clone(),
            headers: content.into_iter().collect(),
            body: request.body.clone().unwrap_or_default(),
        }
    }
}

/// How requests travel.
#[derive(Clone)]
pub enum Transport {
    /// Over the network.
    Network(reqwest::Client),
    /// To a handler within this process.
    InProcess(Handler),
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Network(_) => "Network",
            Self::InProcess(_) => "InProcess",
        })
    }
}

/// What a refused call means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Passing: trying again may help.
    Transient,
    /// Too many calls: trying again later helps.
    RateLimited,
    /// Something of that name is there already.
    Conflict,
    /// It is not there.
    NotFound,
    /// A quota is used up.
    Quota,
    /// The credentials do not allow it.
    Denied,
    /// The request is wrong.
    Invalid,
    /// None of these.
    Other,
}

/// How a vendor words errors: status and body to code, message and class; and what to do about a code.
#[derive(Debug, Clone, Copy)]
pub struct ErrorMap {
    /// Reads an error answer: code, message, class.
    pub read: fn(u16, &[u8]) -> (String, String, Class),
    /// What a user can do about a code.
    pub hint: fn(&str) -> Option<&'static str>,
}

/// A call that did not work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The gateway refused it.
    #[error("{method} {path}: {status}{}{code}: {message}", if code.is_empty() { "" } else { " " })]
    Refused {
        /// The method.
        method: String,
        /// The path, without query.
        path: String,
        /// The HTTP status.
        status: u16,
        /// The vendor's error code.
        code: String,
        /// The vendor's message.
        message: String,
        /// What it means.
        class: Class,
    },
    /// The gateway could not be reached: nothing was done.
    #[error("{method} {path}: no connection: {message}")]
    Unreachable {
        /// The method.
        method: String,
        /// The path, without query.
        path: String,
        /// Why not.
        message: String,
    },
    /// No usable answer came: it may have been done or not.
    #[error("{method} {path}: no usable answer: {message}")]
    Lost {
        /// The method.
        method: String,
        /// The path, without query.
        path: String,
        /// What came instead.
        message: String,
    },
    /// A web page came: what answers is a console, a login, a proxy.
    #[error("{method} {path}: a web page came back, so what answers there is no gateway")]
    Foreign {
        /// The method.
        method: String,
        /// The path, without query.
        path: String,
    },
}

impl CallError {
    /// What it means for the caller.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Refused { class, .. } => *class,
            Self::Unreachable { .. } | Self::Lost { .. } => Class::Transient,
            Self::Foreign { .. } => Class::Other,
        }
    }
}

/// A request as data: what the vendor's signer and the transport do not know yet is added later.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: http::Method,
    /// The path below the endpoint, percent-encoded.
    pub path: String,
    /// Query parameters, not encoded.
    pub query: Vec<(String, String)>,
    /// A JSON body.
    pub body: Option<Bytes>,
    /// Whether doing it twice is the same as doing it once.
    pub idempotent: bool,
}

impl Request {
    /// A read.
    #[must_use]
    pub fn get(path: impl Into<String>, query: Vec<(String, String)>) -> Self {
        Self { method: http::Method::GET, path: path.into(), query, body: None, idempotent: true }
    }
}

/// Speaks to one gateway.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.inner.endpoint).finish_non_exhaustive()
    }
}

struct Inner {
    endpoint: String,
    transport: Transport,
    encode: Encoder,
    sign: Signer,
    errors: ErrorMap,
    limiter: Limiter,
    retry: RetryPolicy,
    calls: AtomicUsize,
    retries: AtomicUsize,
    server_time: AtomicI64,
}

/// What a client needs to know.
#[derive(Clone)]
pub struct Settings {
    /// Scheme, host and port.
    pub endpoint: String,
    /// How requests travel.
    pub transport: Transport,
    /// Puts requests into the form of the vendor.
    pub encode: Encoder,
    /// Adds credentials.
    pub sign: Signer,
    /// How errors are worded.
    pub errors: ErrorMap,
    /// The most calls under way at once.
    pub concurrency: usize,
    /// How often and when to try again.
    pub retry: RetryPolicy,
}

impl Client {
    /// A client.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let inner = Inner {
            endpoint: settings.endpoint.trim_end_matches('/').to_owned(),
            transport: settings.transport,
            encode: settings.encode,
            sign: settings.sign,
            errors: settings.errors,
            limiter: Limiter::new(settings.concurrency),
            retry: settings.retry,
            calls: AtomicUsize::new(0),
            retries: AtomicUsize::new(0),
            server_time: AtomicI64::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// The transport for calls over the network.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn network(timeout: Duration) -> Result<Transport, reqwest::Error> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("apigctl/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .timeout(timeout)
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(64)
            .build()?;
        Ok(Transport::Network(client))
    }

    /// How many calls were made, tries included.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.inner.calls.load(Ordering::Relaxed)
    }

    /// How many of the calls were second and further tries.
    #[must_use]
    pub fn retries(&self) -> usize {
        self.inner.retries.load(Ordering::Relaxed)
    }

    /// What a user can do about an error code.
    #[must_use]
    pub fn hint(&self, error: &CallError) -> Option<&'static str> {
        match error {
            CallError::Refused { code, .. } => (self.inner.errors.hint)(code),
            _ => None,
        }
    }

    /// Reads an error that stands within the answer to a call that worked for others: code, message, class.
    #[must_use]
    pub fn error_within(&self, row: &Value) -> (String, String, Class) {
        (self.inner.errors.read)(400, row.to_string().as_bytes())
    }

    /// What a user can do about an error code within an answer.
    #[must_use]
    pub fn hint_for(&self, code: &str) -> Option<&'static str> {
        (self.inner.errors.hint)(code)
    }

    /// Makes a call and reads the answer as JSON (null where it is empty).
    ///
    /// # Errors
    /// When the gateway refuses it, cannot be reached, or answers with something that is no answer.
    pub async fn json(&self, request: &Request) -> Result<Value, CallError> {
        self.send(request, |bytes| parse(request, bytes)).await
    }

    /// Makes a call and reads the answer, trying again where that is safe. An answer that `read` calls lost, such as half of
    /// one, is tried again like one that never came.
    ///
    /// # Errors
    /// When the gateway refuses it, cannot be reached, or answers with something that is no answer.
    pub async fn send<T>(
        &self,
        request: &Request,
        read: impl Fn(&[u8]) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let inner = &self.inner;
        let mut attempt = 0;
        loop {
            let permit = inner.limiter.acquire().await;
            inner.calls.fetch_add(1, Ordering::Relaxed);
            let outcome = self.once(request).await;
            let (error, wait) = match outcome {
                Ok((status, _, body)) if status < 400 => match read(&body) {
                    Ok(answer) => {
                        inner.limiter.worked();
                        return Ok(answer);
                    }
                    Err(error) => (error, None),
                },
                Ok((status, headers, body)) => {
                    let (code, mut message, class) = (inner.errors.read)(status, &body);
                    if code.is_empty() && is_page(&body) {
                        message = "a web page came back, perhaps from a proxy".to_owned();
                    }
                    let error = CallError::Refused {
                        method: request.method.to_string(),
                        path: request.path.clone(),
                        status,
                        code,
                        message,
                        class,
                    };
                    (error, retry::retry_after(&headers))
                }
                Err(error) => (error, None),
            };
            drop(permit);
            attempt += 1;
            if attempt > inner.retry.retries_max || !may_retry(request, &error) {
                return Err(error);
            }
            let wait = wait.unwrap_or_default().max(inner.retry.delay(attempt));
            if error.class() == Class::RateLimited {
                inner.limiter.slow_down(wait);
            }
            inner.retries.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(wait).await;
        }
    }

    async fn once(&self, request: &Request) -> Result<(u16, http::HeaderMap, Bytes), CallError> {
        let lost = |message: String| unanswered(request, NoAnswer::Lost(message));
        let built = self.build(request).map_err(|e| lost(e.to_string()))?;
        match &self.inner.transport {
            Transport::InProcess(handler) => {
                let handler = Arc::clone(handler);
                let answer = tokio::task::spawn_blocking(move || handler(built)).await;
                let answer = answer.unwrap_or_else(|e| Err(NoAnswer::Lost(e.to_string())));
                let (parts, body) = answer.map_err(|why| unanswered(request, why))?.into_parts();
                Ok((parts.status.as_u16(), parts.headers, body))
            }
            Transport::Network(client) => {
                let built = reqwest::Request::try_from(built).map_err(|e| lost(explain(&e)))?;
                let mut response = client.execute(built).await.map_err(|e| {
                    let why = if e.is_connect() { NoAnswer::Unreachable } else { NoAnswer::Lost };
                    unanswered(request, why(explain(&e)))
                })?;
                let status = response.status().as_u16();
                let headers = response.headers().clone();
                self.note_time(&headers);
                let mut body = BytesMut::new();
                while let Some(chunk) = response.chunk().await.map_err(|e| lost(explain(&e)))? {
                    body.extend_from_slice(&chunk);
                    if body.len() > ANSWER_MAX {
                        return Err(lost(format!("the answer is larger than {} MB", ANSWER_MAX >> 20)));
                    }
                }
                Ok((status, headers, body.freeze()))
            }
        }
    }

    fn note_time(&self, headers: &http::HeaderMap) {
        let date = headers.get(http::header::DATE).and_then(|d| d.to_str().ok());
        if let Some(at) = date.and_then(|d| jiff::fmt::rfc2822::parse(d).ok()) {
            self.inner.server_time.fetch_max(at.timestamp().as_second(), Ordering::Relaxed);
        }
    }

    /// The latest time that the gateway's answers told, in seconds since 1970; this machine's clock where they told none.
    #[must_use]
    pub fn server_time(&self) -> i64 {
        match self.inner.server_time.load(Ordering::Relaxed) {
            0 => jiff::Timestamp::now().as_second(),
            seconds => seconds,
        }
    }

    fn build(&self, request: &Request) -> Result<http::Request<Bytes>, http::Error> {
        let encoded = (self.inner.encode)(request);
        let mut uri = format!("{}{}", self.inner.endpoint, encoded.path);
        for (i, (key, value)) in encoded.query.iter().enumerate() {
            uri.push(if i == 0 { '?' } else { '&' });
            uri.push_str(&encode(key));
            uri.push('=');
            uri.push_str(&encode(value));
        }
        let mut built = http::Request::builder().method(request.method.clone()).uri(uri);
        for (name, value) in encoded.headers {
            built = built.header(name, value);
        }
        let mut built = built.body(encoded.body)?;
        (self.inner.sign)(&mut built);
        Ok(built)
    }
}

fn unanswered(request: &Request, why: NoAnswer) -> CallError {
    let (method, path) = (request.method.to_string(), request.path.clone());
    match why {
        NoAnswer::Unreachable(message) => CallError::Unreachable { method, path, message },
        NoAnswer::Lost(message) => CallError::Lost { method, path, message },
    }
}

/// Reads an answer as JSON; null where it is empty.
fn parse(request: &Request, bytes: &[u8]) -> Result<Value, CallError> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|e| not_json(request, bytes, &e))
}

/// An answer that cannot be read as JSON, as an error.
#[must_use]
pub fn not_json(request: &Request, bytes: &[u8], error: &serde_json::Error) -> CallError {
    let (method, path) = (request.method.to_string(), request.path.clone());
    if is_page(bytes) {
        return CallError::Foreign { method, path };
    }
    CallError::Lost { method, path, message: format!("the answer is not JSON: {error}") }
}

/// Whether a body is a page rather than JSON.
fn is_page(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"<")
}

fn may_retry(request: &Request, error: &CallError) -> bool {
    match error {
        CallError::Unreachable { .. } => true,
        CallError::Lost { .. } => request.idempotent,
        CallError::Refused { class: Class::RateLimited, .. } => true,
        CallError::Refused { class: Class::Transient, .. } => request.idempotent,
        CallError::Refused { .. } | CallError::Foreign { .. } => false,
    }
}

/// The error with its causes, without the URL.
fn explain(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "timed out".to_owned() } else { String::new() };
    let mut source: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = source {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    if text.is_empty() { "the request failed".into() } else { text }
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
