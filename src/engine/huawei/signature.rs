//! Who may call: the signature `SDK-HMAC-SHA256`, or a token.
//!
//! Verified are exactly the headers the caller signed; a header added on the way is nobody's business. Comparisons take
//! the same time whether they succeed or fail.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::{constant_time, hmac};
use bytes::Bytes;
use http::{HeaderMap, Request};

use crate::engine::time::{Nanos, hex, parse_compact};

const ALGORITHM: &str = "SDK-HMAC-SHA256";
const SKEW_MAX_NANOS: i64 = 15 * 60 * 1_000_000_000;
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
/// The hash of nothing, which most requests have for a body.
const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What proves who a caller is.
#[derive(Clone, Default)]
pub struct Credentials {
    /// The access key.
    pub access_key: String,
    /// The secret key; empty lets no signature in.
    pub secret_key: String,
    /// The security token that must come with a temporary key pair.
    pub security_token: Option<String>,
    /// Tokens accepted in `X-Auth-Token` instead of a signature.
    pub tokens: Vec<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// Why a caller is not let in.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    #[error("Incorrect token or token resolution failed: neither signature nor token")]
    Nothing,
    #[error("Incorrect token or token resolution failed")]
    Token,
    #[error("Incorrect token or token resolution failed: malformed {0}")]
    Malformed(&'static str),
    #[error("Incorrect token or token resolution failed: unknown access key")]
    AccessKey,
    #[error(
        "Incorrect token or token resolution failed: the time of the request is more than 15 minutes off"
    )]
    Skew,
    #[error("Incorrect token or token resolution failed: signed header {0} is absent")]
    Absent(String),
    #[error("Incorrect token or token resolution failed: the signature does not match")]
    Mismatch,
}

/// Refuses a request that neither carries a good signature nor a good token.
pub(crate) fn verify(credentials: &Credentials, request: &Request<Bytes>, now: Nanos) -> Result<(), Refusal> {
    let headers = request.headers();
    let Some(authorization) = headers.get("authorization") else {
        let token = headers.get("x-auth-token").ok_or(Refusal::Nothing)?;
        let good =
            credentials.tokens.iter().filter(|known| same(known.as_bytes(), token.as_bytes())).count() > 0;
        let good = good || super::iam::is_issued(credentials, token.as_bytes(), now);
        return if good { Ok(()) } else { Err(Refusal::Token) };
    };
    let authorization = authorization.to_str().map_err(|_| Refusal::Malformed("Authorization"))?;
    let (access, signed, signature) = parts(authorization).ok_or(Refusal::Malformed("Authorization"))?;
    if credentials.secret_key.is_empty() || !same(access.as_bytes(), credentials.access_key.as_bytes()) {
        return Err(Refusal::AccessKey);
    }
    let date = text(headers, "x-sdk-date").ok_or(Refusal::Malformed("X-Sdk-Date"))?;
    if !signed.split(';').any(|name| name.eq_ignore_ascii_case("x-sdk-date")) {
        return Err(Refusal::Malformed("SignedHeaders"));
    }
    let then = parse_compact(date).ok_or(Refusal::Malformed("X-Sdk-Date"))?;
    if now.abs_diff(then) > SKEW_MAX_NANOS.unsigned_abs() {
        return Err(Refusal::Skew);
    }
    let token = text(headers, "x-security-token");
    if token.unwrap_or("") != credentials.security_token.as_deref().unwrap_or("") {
        return Err(Refusal::Token);
    }
    let canonical = hex(digest(&SHA256, &canonical_request(request, signed)?).as_ref());
    let key = hmac::Key::new(hmac::HMAC_SHA256, credentials.secret_key.as_bytes());
    let mut to_sign = hmac::Context::with_key(&key);
    for part in [ALGORITHM, "\n", date, "\n", &canonical] {
        to_sign.update(part.as_bytes());
    }
    let expected = hex(to_sign.sign().as_ref());
    if same(expected.as_bytes(), signature.as_bytes()) { Ok(()) } else { Err(Refusal::Mismatch) }
}

fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// Access key, signed headers and signature of an `Authorization` header.
fn parts(authorization: &str) -> Option<(&str, &str, &str)> {
    let rest = authorization.strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
    let (mut access, mut signed, mut signature) = (None, None, None);
    for part in rest.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        match name {
            "Access" => access = Some(value),
            "SignedHeaders" => signed = Some(value),
            "Signature" => signature = Some(value),
            _ => return None,
        }
    }
    Some((access?, signed?, signature?))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// The request in the form that both sides agree on.
fn canonical_request(request: &Request<Bytes>, signed: &str) -> Result<Vec<u8>, Refusal> {
    let headers = request.headers();
    let mut out = Vec::with_capacity(1024);
    out.extend(request.method().as_str().as_bytes());
    out.push(b'\n');
    canonical_path(request.uri().path(), &mut out);
    out.push(b'\n');
    canonical_query(request.uri().query().unwrap_or(""), &mut out);
    out.push(b'\n');
    for name in signed.split(';') {
        let value = headers.get(name).ok_or_else(|| Refusal::Absent(name.to_owned()))?;
        out.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
        out.push(b':');
        out.extend(value.as_bytes().trim_ascii());
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend(signed.as_bytes());
    out.push(b'\n');
    out.extend(payload(request).as_bytes());
    Ok(out)
}

/// The hash of the body, or the words that stand for it in an upload.
fn payload(request: &Request<Bytes>) -> Cow<'static, str> {
    if request.body().is_empty() {
        return Cow::Borrowed(OF_NOTHING);
    }
    let headers = request.headers();
    let upload = text(headers, "content-type").is_some_and(|kind| kind.starts_with("multipart/form-data"));
    if upload && text(headers, "x-sdk-content-sha256") == Some(UNSIGNED) {
        return Cow::Borrowed(UNSIGNED);
    }
    Cow::Owned(hex(digest(&SHA256, request.body()).as_ref()))
}

/// Decoded as a whole, then every segment encoded again, always with a slash at the end. So an encoded slash counts as a
/// slash: the official clients decode before they split.
fn canonical_path(path: &str, out: &mut Vec<u8>) {
    let decoded = if path.contains('%') { Cow::Owned(decode(path)) } else { Cow::Borrowed(path.as_bytes()) };
    for segment in decoded.split(|byte| *byte == b'/') {
        encode(segment, out);
        out.push(b'/');
    }
    if decoded.ends_with(b"/") {
        out.pop();
    }
}

/// Decoded, encoded again, sorted by name and value.
fn canonical_query(query: &str, out: &mut Vec<u8>) {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    pairs.sort();
    for (index, (name, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push(b'&');
        }
        encode(name, out);
        out.push(b'=');
        encode(value, out);
    }
}

fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |index: usize| bytes.get(index).and_then(|b| char::from(*b).to_digit(16));
        if bytes[at] == b'%'
            && let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2))
        {
            out.push(u8::try_from(high * 16 + low).unwrap_or(0));
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(byte) {
            out.push(*byte);
        } else {
            out.extend([b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        let text = |write: fn(&str, &mut Vec<u8>), of: &str| {
            let mut out = Vec::new();
            write(of, &mut out);
            String::from_utf8(out).unwrap()
        };
        let canonical_path = |path: &str| text(super::canonical_path, path);
        let canonical_query = |query: &str| text(super::canonical_query, query);
        assert_eq!(canonical_path("/"), "/");
        assert_eq!(canonical_path("/v2/a%20b/c"), "/v2/a%20b/c/");
        assert_eq!(canonical_path("/v2/{x}/"), "/v2/%7Bx%7D/");
        assert_eq!(canonical_path("/v2/a%2Fb/50%25"), "/v2/a/b/50%25/");
        assert_eq!(canonical_path("/v2/a%2F"), "/v2/a/");
        assert_eq!(canonical_query("b=2&a=%2f&a=1&c"), "a=%2F&a=1&b=2&c=");
    }

    #[test]
    fn the_hash_of_nothing() {
        assert_eq!(OF_NOTHING, hex(digest(&SHA256, b"").as_ref()));
    }
}
