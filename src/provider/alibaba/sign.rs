//! The signature `ACS3-HMAC-SHA256` (`sdk-wire.md`), with or without the token of a temporary key.
//!
//! [`sign`] is pure: it adds headers to a request and does not send it. Signed are the host, the content type and every
//! `x-acs-*` header that is there when it is called. The query is signed as it stands, so a blank in it must be `%20`.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};
use jiff::Timestamp;

use crate::provider::Credentials;

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-acs-date");
const NONCE: HeaderName = HeaderName::from_static("x-acs-signature-nonce");
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-acs-content-sha256");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-acs-security-token");

/// A request that cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsignable {
    /// The URI has no host, and there is no `Host` header.
    #[error("the URI has no host")]
    NoHost,
    /// Part of the credentials cannot stand in a header.
    #[error("the {0} holds characters that a header cannot carry")]
    Unprintable(&'static str),
    /// The vendor knows no tokens without a key.
    #[error("a token does not sign requests here: give a key pair")]
    NoKey,
}

/// A text that no other request has.
#[must_use]
pub fn nonce() -> String {
    let mut random = [0u8; 16];
    match aws_lc_rs::rand::fill(&mut random) {
        Ok(()) => hex(&random),
        Err(_) => Timestamp::now().as_nanosecond().to_string(),
    }
}

/// Adds what proves to the gateway who sends `request`, at the time `at`; `nonce` is used for no other request.
///
/// # Errors
///
/// When there is no host to sign, or the credentials cannot stand in a header or are no key pair.
pub fn sign(
    request: &mut Request<Bytes>,
    credentials: &Credentials,
    at: Timestamp,
    nonce: &str,
) -> Result<(), Unsignable> {
    let (access_key, secret_key, token) = match credentials {
        Credentials::KeyPair { access_key, secret_key } => (access_key, secret_key, None),
        Credentials::Temporary { access_key, secret_key, security_token } => {
            (access_key, secret_key, Some(security_token))
        }
        Credentials::Token(_) => return Err(Unsignable::NoKey),
    };
    if let Some(token) = token {
        request.headers_mut().insert(SECURITY_TOKEN, hidden(token, "security token")?);
    }
    let body = hex(digest(&SHA256, request.body()).as_ref());
    prepare(request, at, nonce, &body)?;
    let signed = |name: &&str| *name == "host" || *name == "content-type" || name.starts_with("x-acs-");
    let mut names: Vec<&str> = request.headers().keys().map(HeaderName::as_str).filter(signed).collect();
    names.sort_unstable();
    let canonical = canonical(request, &names, &body);
    let to_sign = format!("{ALGORITHM}\n{}", hex(digest(&SHA256, canonical.as_bytes()).as_ref()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret_key.as_bytes());
    let signature = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
    let names = names.join(";");
    let text = format!("{ALGORITHM} Credential={access_key},SignedHeaders={names},Signature={signature}");
    request.headers_mut().insert(AUTHORIZATION, hidden(&text, "access key")?);
    Ok(())
}

/// Adds the headers that are to be signed.
fn prepare(request: &mut Request<Bytes>, at: Timestamp, nonce: &str, body: &str) -> Result<(), Unsignable> {
    request.headers_mut().remove(AUTHORIZATION);
    let date = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    for (name, value) in [(DATE, &*date), (NONCE, nonce), (CONTENT_HASH, body)] {
        let value = HeaderValue::from_str(value).map_err(|_| Unsignable::Unprintable("date"))?;
        request.headers_mut().insert(name, value);
    }
    if !request.headers().contains_key(HOST) {
        let host = request.uri().authority().ok_or(Unsignable::NoHost)?.as_str();
        let host = host.rsplit('@').next().unwrap_or(host);
        let host = HeaderValue::from_str(host).map_err(|_| Unsignable::NoHost)?;
        request.headers_mut().insert(HOST, host);
    }
    Ok(())
}

fn hidden(text: &str, what: &'static str) -> Result<HeaderValue, Unsignable> {
    let mut value = HeaderValue::from_str(text).map_err(|_| Unsignable::Unprintable(what))?;
    value.set_sensitive(true);
    Ok(value)
}

fn canonical(request: &Request<Bytes>, names: &[&str], body: &str) -> String {
    let mut pairs: Vec<&str> =
        request.uri().query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable_by_key(|pair| pair.split('=').next());
    let mut text = format!("{}\n{}\n{}\n", request.method(), request.uri().path(), pairs.join("&"));
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
    text.push_str(body);
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request<Bytes> {
        Request::builder()
            .method("POST")
            .uri("http://apigateway.cn-hangzhou.example.com:8080/?b=2&a=x%20y")
            .header("x-acs-action", "DescribeRegions")
            .header("x-acs-version", "2016-07-14")
            .body(Bytes::from_static(b"Name=value"))
            .unwrap()
    }

    fn pair() -> Credentials {
        Credentials::KeyPair { access_key: "testid".into(), secret_key: "testsecret".into() }
    }

    #[test]
    fn what_is_signed_is_put_in_order() {
        let mut request = request();
        let at = "2025-01-01T00:00:00Z".parse().unwrap();
        sign(&mut request, &pair(), at, "n0nce").unwrap();
        let body = hex(digest(&SHA256, b"Name=value").as_ref());
        let names = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
        let canonical = format!(
            "POST\n/\na=x%20y&b=2\nhost:apigateway.cn-hangzhou.example.com:8080\nx-acs-action:DescribeRegions\n\
             x-acs-content-sha256:{body}\nx-acs-date:2025-01-01T00:00:00Z\nx-acs-signature-nonce:n0nce\n\
             x-acs-version:2016-07-14\n\n{names}\n{body}"
        );
        assert_eq!(super::canonical(&request, &names.split(';').collect::<Vec<_>>(), &body), canonical);
        let to_sign = format!("{ALGORITHM}\n{}", hex(digest(&SHA256, canonical.as_bytes()).as_ref()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"testsecret");
        let signature = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
        let wanted = format!("{ALGORITHM} Credential=testid,SignedHeaders={names},Signature={signature}");
        assert_eq!(request.headers()[AUTHORIZATION], wanted);
        assert!(request.headers()[AUTHORIZATION].is_sensitive());
    }

    #[test]
    fn a_temporary_key_sends_its_token_signed() {
        let mut request = request();
        let credentials = Credentials::Temporary {
            access_key: "a".into(),
            secret_key: "s".into(),
            security_token: "t0ken".into(),
        };
        sign(&mut request, &credentials, Timestamp::UNIX_EPOCH, "n").unwrap();
        assert_eq!(request.headers()[SECURITY_TOKEN], "t0ken");
        let said = request.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
        assert!(said.contains(";x-acs-security-token;"), "{said}");
        let token = Credentials::Token("t".into());
        assert_eq!(sign(&mut request, &token, Timestamp::UNIX_EPOCH, "n"), Err(Unsignable::NoKey));
    }

    #[test]
    fn no_two_nonces_are_the_same() {
        assert_ne!(nonce(), nonce());
    }
}
