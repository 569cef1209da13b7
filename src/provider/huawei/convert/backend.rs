//! Backends: `backend_api`, `func_info` and `mock_info` of an API (3.5.1), and the same fields within a policy backend.
//!
//! A policy backend has no remark and no client certificate; [`Place`] says which of the two a backend is.

use serde_json::{Map, Value, json};

use super::wire::{Words, need, need_word, number, object, optional, put, read_word, switch, text, word};
use super::{Names, Unreadable, id_of, name_of};
use crate::kind::Kind;
use crate::kinds::backend::{
    Backend, BackendParameter, DEFAULT_TIMEOUT, FunctionBackend, FunctionProtocol, GrpcBackend, HttpBackend,
    Invocation, MockBackend, Network, Scheme, Url,
};
use crate::kinds::value::{Duration, Method};

/// Where a backend stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The backend of an API.
    Api,
    /// A backend for some of the requests.
    Policy,
}

const METHODS: &Words<Method> = &[
    (Method::Get, "GET"),
    (Method::Post, "POST"),
    (Method::Put, "PUT"),
    (Method::Delete, "DELETE"),
    (Method::Head, "HEAD"),
    (Method::Patch, "PATCH"),
    (Method::Options, "OPTIONS"),
    (Method::Any, "ANY"),
];

/// The protocol of a web backend; `None` is gRPC.
const PROTOCOLS: &Words<Option<Scheme>> =
    &[(Some(Scheme::Http), "HTTP"), (Some(Scheme::Https), "HTTPS"), (None, "GRPCS")];

const INVOCATIONS: &Words<Invocation> = &[(Invocation::Sync, "sync"), (Invocation::Async, "async")];

pub(super) const NETWORKS: &Words<Network> = &[(Network::Public, "V1"), (Network::Vpc, "V2")];

const FUNCTION_PROTOCOLS: &Words<FunctionProtocol> =
    &[(FunctionProtocol::Https, "HTTPS"), (FunctionProtocol::Grpcs, "GRPCS")];

/// The fields of a backend, without its parameters and without what a policy adds.
#[must_use]
pub fn body(backend: &Backend, place: Place) -> Map<String, Value> {
    match backend {
        Backend::Http(b) => http_body(b, place),
        Backend::Grpc(b) => grpc_body(b, place),
        Backend::Function(b) => function_body(b, place),
        Backend::Mock(b) => mock_body(b, place),
    }
}

fn http_body(b: &HttpBackend, place: Place) -> Map<String, Value> {
    let url = b.url.as_deref().and_then(Url::parse);
    let scheme = url.map(|u| u.scheme).or(b.scheme).unwrap_or(Scheme::Https);
    let mut body = Map::new();
    body.insert("req_protocol".into(), word(PROTOCOLS, &Some(scheme)).into());
    body.insert("req_method".into(), b.method.as_str().into());
    body.insert("req_uri".into(), b.backend_path().into());
    waiting(&mut body, b.timeout, b.retries);
    reached(&mut body, b.channel.as_deref(), url.map(|u| u.host), b.host_header.as_deref());
    if place == Place::Api {
        body.insert("enable_client_ssl".into(), b.client_certificate.into());
    }
    tail(&mut body, place, &b.description, b.authorizer.as_deref());
    body
}

fn grpc_body(b: &GrpcBackend, place: Place) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("req_protocol".into(), word(PROTOCOLS, &None).into());
    body.insert("req_method".into(), Method::Post.as_str().into());
    body.insert("req_uri".into(), "/".into());
    waiting(&mut body, b.timeout, b.retries);
    reached(&mut body, b.channel.as_deref(), b.address.as_deref(), b.host_header.as_deref());
    if place == Place::Api {
        body.insert("enable_client_ssl".into(), false.into());
    }
    tail(&mut body, place, &b.description, None);
    body
}

fn function_body(b: &FunctionBackend, place: Place) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("function_urn".into(), json!(b.urn));
    body.insert("version".into(), json!(b.version));
    put(&mut body, "alias_urn", b.alias.as_deref());
    body.insert("invocation_type".into(), word(INVOCATIONS, &b.invocation).into());
    body.insert("network_type".into(), word(NETWORKS, &b.network).into());
    body.insert("req_protocol".into(), word(FUNCTION_PROTOCOLS, &b.protocol).into());
    body.insert("timeout".into(), b.timeout.as_millis().into());
    tail(&mut body, place, &b.description, b.authorizer.as_deref());
    body
}

fn mock_body(b: &MockBackend, place: Place) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("result_content".into(), json!(b.body));
    tail(&mut body, place, &b.description, b.authorizer.as_deref());
    body
}

fn waiting(body: &mut Map<String, Value>, timeout: Duration, retries: Option<u8>) {
    body.insert("timeout".into(), timeout.as_millis().into());
    body.insert("retry_count".into(), retries.map_or("-1".to_owned(), |n| n.to_string()).into());
}

fn reached(body: &mut Map<String, Value>, channel: Option<&str>, host: Option<&str>, proxy: Option<&str>) {
    let Some(channel) = channel else {
        body.insert("vpc_channel_status".into(), 2.into());
        body.insert("url_domain".into(), host.unwrap_or_default().into());
        return;
    };
    let mut info = Map::new();
    info.insert("vpc_channel_id".into(), id_of(Kind::Channel, &[channel]));
    info.insert("vpc_channel_proxy_host".into(), proxy.unwrap_or_default().into());
    body.insert("vpc_channel_status".into(), 1.into());
    body.insert("vpc_channel_info".into(), info.into());
}

fn tail(body: &mut Map<String, Value>, place: Place, description: &str, authorizer: Option<&str>) {
    if place == Place::Api {
        body.insert("remark".into(), description.into());
    }
    put(body, "authorizer_id", authorizer.map(|name| id_of(Kind::Authorizer, &[name])));
}

/// Reads a web backend (`backend_api`, an element of `policy_https`): HTTP, or gRPC where the protocol says so.
///
/// # Errors
///
/// When protocol, method, or the channel in use is missing or not documented.
pub fn web(
    wire: &Value,
    parameters: Vec<BackendParameter>,
    names: &dyn Names,
) -> Result<Backend, Unreadable> {
    let protocol = need_word(wire, "req_protocol", PROTOCOLS)?;
    let timeout = timeout(wire)?;
    let retries = match number::<i64>(wire, "retry_count")? {
        None | Some(-1) => None,
        Some(count) => Some(u8::try_from(count).map_err(|_| {
            Unreadable::new("retry_count", format!("`{count}`, which is not between -1 and 10"))
        })?),
    };
    let (channel, host_header) = channel(wire, names)?;
    // With a channel the server shows the channel's id here (example of 3.5.1).
    let host = if channel.is_some() { None } else { Some(need(wire, "url_domain")?) };
    let description = text(wire, "remark")?;
    let Some(scheme) = protocol else {
        return Ok(Backend::Grpc(GrpcBackend {
            address: host,
            channel,
            host_header,
            timeout,
            retries,
            description,
        }));
    };
    let path = optional(wire, "req_uri")?.unwrap_or_else(|| "/".into());
    let with_channel = channel.is_some();
    let prefix = if scheme == Scheme::Http { "http" } else { "https" };
    Ok(Backend::Http(HttpBackend {
        url: host.map(|host| format!("{prefix}://{host}{path}")),
        channel,
        scheme: with_channel.then_some(scheme),
        path: with_channel.then_some(path),
        host_header,
        method: need_word(wire, "req_method", METHODS)?,
        timeout,
        retries,
        client_certificate: switch(wire, "enable_client_ssl", false)?,
        authorizer: authorizer(wire, names)?,
        description,
        parameters,
    }))
}

/// Reads a function (`func_info`, an element of `policy_functions`).
///
/// # Errors
///
/// When the URN is missing, or a word is not documented.
pub fn function(
    wire: &Value,
    parameters: Vec<BackendParameter>,
    names: &dyn Names,
) -> Result<Backend, Unreadable> {
    Ok(Backend::Function(FunctionBackend {
        urn: need(wire, "function_urn")?,
        version: text(wire, "version")?,
        alias: optional(wire, "alias_urn")?,
        invocation: need_word(wire, "invocation_type", INVOCATIONS)?,
        network: need_word(wire, "network_type", NETWORKS)?,
        protocol: read_word(wire, "req_protocol", FUNCTION_PROTOCOLS)?.unwrap_or_default(),
        timeout: timeout(wire)?,
        authorizer: authorizer(wire, names)?,
        description: text(wire, "remark")?,
        parameters,
    }))
}

/// Reads a mock (`mock_info`, an element of `policy_mocks`).
///
/// # Errors
///
/// When a text is not a text.
pub fn mock(
    wire: &Value,
    parameters: Vec<BackendParameter>,
    names: &dyn Names,
) -> Result<Backend, Unreadable> {
    Ok(Backend::Mock(MockBackend {
        body: text(wire, "result_content")?,
        description: text(wire, "remark")?,
        authorizer: authorizer(wire, names)?,
        parameters,
    }))
}

fn timeout(wire: &Value) -> Result<Duration, Unreadable> {
    let millis = number::<u64>(wire, "timeout")?.filter(|millis| *millis > 0);
    Ok(millis.map_or(DEFAULT_TIMEOUT, Duration::from_millis))
}

fn authorizer(wire: &Value, names: &dyn Names) -> Result<Option<String>, Unreadable> {
    Ok(optional(wire, "authorizer_id")?.map(|id| name_of(names, Kind::Authorizer, &id)))
}

/// The channel in use with its `Host` header. Status 1 means in use, 2 not (3.5.1).
fn channel(wire: &Value, names: &dyn Names) -> Result<(Option<String>, Option<String>), Unreadable> {
    let status: Option<i64> = number(wire, "vpc_channel_status")?;
    if status != Some(1) {
        return Ok((None, None));
    }
    object(wire, "vpc_channel_info", |info| {
        let name = name_of(names, Kind::Channel, &need(info, "vpc_channel_id")?);
        Ok((Some(name), optional(info, "vpc_channel_proxy_host")?))
    })
}
