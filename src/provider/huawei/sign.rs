//! The request signature `SDK-HMAC-SHA256` (2.1), temporary credentials, and tokens (2.2).
//!
//! [`sign`] is pure: it adds headers to a request and does not send it. It signs every header that is there when it is
//! called, as the vendor's Python client does; headers added later are simply not signed, which the gateway permits.
//! The URI is signed as it stands, so a blank in a query must be `%20`: a `+` is a plus sign.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use http::{HeaderMap, Request, Uri};
use jiff::Timestamp;

use crate::provider::Credentials;

const ALGORITHM: &str = "SDK-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-sdk-date");
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-sdk-content-sha256");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-security-token");
const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Stands in the place of the body's hash for bodies that are not JSON, such as an imported file.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// A request that cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsignable {
    /// The URI has no host, and there is no `Host` header.
    #[error("the URI has no host")]
    NoHost,
    /// Part of the credentials cannot stand in a header.
    #[error("the {0} holds characters that a header cannot carry")]
    Unprintable(&'static str),
}

/// Adds what proves to the gateway who sends `request`, at the time `at`.
///
/// # Errors
///
/// When there is no host to sign, or the credentials cannot stand in a header.
pub fn sign(
    request: &mut Request<Bytes>,
    credentials: &Credentials,
    at: Timestamp,
) -> Result<(), Unsignable> {
    let (access_key, secret_key) = match credentials {
        Credentials::Token(token) => {
            request.headers_mut().insert(AUTH_TOKEN, hidden(token, "token")?);
            return Ok(());
        }
        Credentials::KeyPair { access_key, secret_key } => (access_key, secret_key),
        Credentials::Temporary { access_key, secret_key, security_token } => {
            let token = hidden(security_token, "security token")?;
            request.headers_mut().insert(SECURITY_TOKEN, token);
            (access_key, secret_key)
        }
    };
    let date = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    prepare(request, &date)?;
    let names = signed_names(request.headers());
    let canonical = canonical_request(request, &names);
    let to_sign = format!("{ALGORITHM}\n{date}\n{}", hex(digest(&SHA256, canonical.as_bytes()).as_ref()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret_key.as_bytes());
    let signature = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
    let text =
        format!("{ALGORITHM} Access={access_key}, SignedHeaders={}, Signature={signature}", names.join(";"));
    request.headers_mut().insert(AUTHORIZATION, hidden(&text, "access key")?);
    Ok(())
}

/// Adds the headers that are to be signed: the date, the host, and the mark of a body that is not hashed.
fn prepare(request: &mut Request<Bytes>, date: &str) -> Result<(), Unsignable> {
    request.headers_mut().remove(AUTHORIZATION);
    let date = HeaderValue::from_str(date).map_err(|_| Unsignable::Unprintable("date"))?;
    request.headers_mut().insert(DATE, date);
    if !request.headers().contains_key(HOST) {
        let host = request.uri().authority().ok_or(Unsignable::NoHost)?.as_str();
        let host = host.rsplit('@').next().unwrap_or(host);
        let host = HeaderValue::from_str(host).map_err(|_| Unsignable::NoHost)?;
        request.headers_mut().insert(HOST, host);
    }
    let content = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let hashed = content.is_empty()
        || content.starts_with("application/json")
        || content.starts_with("application/bson");
    if !hashed {
        request.headers_mut().insert(CONTENT_HASH, HeaderValue::from_static(UNSIGNED_PAYLOAD));
    }
    Ok(())
}

fn hidden(text: &str, what: &'static str) -> Result<HeaderValue, Unsignable> {
    let mut value = HeaderValue::from_str(text).map_err(|_| Unsignable::Unprintable(what))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The names of the headers that are signed, sorted. A name with an underscore is sent but not signed.
fn signed_names(headers: &HeaderMap) -> Vec<&str> {
    let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).filter(|n| !n.contains('_')).collect();
    names.sort_unstable();
    names
}

fn canonical_request(request: &Request<Bytes>, names: &[&str]) -> String {
    let mut text = format!(
        "{}\n{}\n{}\n",
        request.method(),
        canonical_path(request.uri()),
        canonical_query(request.uri().query().unwrap_or_default())
    );
    for name in names {
        let value = request.headers().get(*name).map(HeaderValue::as_bytes).unwrap_or_default();
        text.push_str(name);
        text.push(':');
        text.push_str(String::from_utf8_lossy(value).trim());
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&names.join(";"));
    text.push('\n');
    let declared = request.headers().get(CONTENT_HASH).and_then(|v| v.to_str().ok());
    match declared {
        Some(hash) if !request.body().is_empty() => text.push_str(hash),
        _ => text.push_str(&hex(digest(&SHA256, request.body()).as_ref())),
    }
    text
}

/// The path decoded, each segment encoded again, with a `/` at the end.
fn canonical_path(uri: &Uri) -> String {
    let mut text = String::with_capacity(uri.path().len() + 1);
    for segment in decoded(uri.path()).split(|b| *b == b'/') {
        encode_into(&mut text, segment);
        text.push('/');
    }
    if text.len() > 1 && text.ends_with("//") {
        text.pop();
    }
    text
}

/// `key=value` pairs, both encoded again, in the order of keys and then of values.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect();
    pairs.sort_unstable();
    let mut text = String::with_capacity(query.len());
    for (key, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        encode_into(&mut text, &key);
        text.push('=');
        encode_into(&mut text, &value);
    }
    text
}

fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten().and_then(unhex);
        out.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    out
}

fn unhex(pair: &[u8]) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    Some(digit(pair[0])? << 4 | digit(pair[1])?)
}

fn encode_into(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
