//! Calls from the engine to backends, when an API is debugged (3.5.8).
//!
//! Whoever may call the engine could reach with this whatever the engine's machine reaches, so only backends on this
//! machine are called unless the engine was told otherwise.

#![allow(clippy::disallowed_methods, reason = "a call gets a thread with a runtime of its own")]

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};

/// Which backends are called when an API is debugged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backends {
    /// None.
    None,
    /// Those on this machine: whose addresses are loopback.
    #[default]
    Loopback,
    /// All that can be reached.
    Any,
}

/// A request to a backend.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) https: bool,
    /// Host, with a port where it is not the usual one.
    pub(crate) authority: String,
    /// Path and query, encoded.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) timeout: Duration,
}

/// What a backend answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Makes a call; an error says why there is no answer. Blocks, so it must not run where others wait.
pub(crate) fn call(call: Call, allowed: Backends) -> Result<Answer, String> {
    // A runtime cannot be started on a thread that already has one, and the caller's may.
    let worker = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("the call could not be made: {error}"))?;
        runtime.block_on(send(&call, allowed))
    });
    worker.join().unwrap_or_else(|_| Err("the call could not be made".to_owned()))
}

async fn send(call: &Call, allowed: Backends) -> Result<Answer, String> {
    let (host, addresses) = resolve(call).await?;
    let near = addresses.iter().all(|address| address.ip().is_loopback());
    if allowed == Backends::None || (allowed == Backends::Loopback && !near) {
        return Err(format!(
            "{host} is not called: the engine calls {}",
            match allowed {
                Backends::None => "no backends",
                _ => "backends on this machine only (see --call-backends)",
            }
        ));
    }
    // What was resolved and allowed is what is called: a name that changes its address in between gains nothing.
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .no_gzip()
        .resolve_to_addrs(&host, &addresses)
        .timeout(call.timeout)
        .build()
        .map_err(|error| reason(&error))?;
    let scheme = if call.https { "https" } else { "http" };
    let url = format!("{scheme}://{}{}", call.authority, call.target);
    let method = call.method.parse().map_err(|_| format!("{} is no method", call.method))?;
    let mut request = client.request(method, url).body(call.body.clone());
    for (name, value) in &call.headers {
        let pair = name.parse::<HeaderName>().ok().zip(HeaderValue::from_str(value).ok());
        let (name, value) = pair.ok_or_else(|| format!("the header {name} cannot be sent"))?;
        request = request.header(name, value);
    }
    let response = request.send().await.map_err(|error| reason(&error))?;
    let status = response.status().as_u16();
    let shown = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers =
        response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), shown(value))).collect();
    let body = response.bytes().await.map_err(|error| reason(&error))?.to_vec();
    Ok(Answer { status, headers, body })
}

async fn resolve(call: &Call) -> Result<(String, Vec<SocketAddr>), String> {
    let usual = if call.https { 443 } else { 80 };
    let authority: http::uri::Authority =
        call.authority.parse().map_err(|_| format!("{} is no address", call.authority))?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let found = tokio::net::lookup_host((host.as_str(), authority.port_u16().unwrap_or(usual))).await;
    let found: Vec<SocketAddr> = found.map_err(|error| format!("{host} is not known: {error}"))?.collect();
    if found.is_empty() { Err(format!("{host} has no address")) } else { Ok((host, found)) }
}

/// The innermost cause says most.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the backend did not answer in time".to_owned();
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    text
}
