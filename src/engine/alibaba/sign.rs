//! Who may call: the signatures `ACS3-HMAC-SHA256` and the older RPC `HMAC-SHA1`.
//!
//! A request is good once: what was signed with a nonce is refused when it comes again. Comparisons take the same time
//! whether they succeed or fail. The string that was to be signed goes back to a caller whose signature does not match,
//! as clients expect; it holds nothing the caller did not send.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;

use super::super::Credentials;
use super::super::nonces::Nonces;
use super::super::time::{Nanos, hex, parse};
use super::fault::Fault;
use super::params::Raw;

pub(crate) const ALGORITHM: &str = "ACS3-HMAC-SHA256";
/// How far the clocks may differ.
const SKEW_MAX: Nanos = 15 * 60 * 1_000_000_000;
/// What must be signed whenever it is there is `x-acs-*`; these must be there.
const NEEDED: [&str; 6] =
    ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"];

/// Refuses a request without a good signature, and one that was here before.
pub(crate) fn verify(
    credentials: &Credentials,
    request: &Request<Bytes>,
    raw: &Raw,
    nonces: &Nonces,
    now: Nanos,
) -> Result<(), Fault> {
    let (nonce, then) = match header(request, "authorization") {
        Some(authorization) => acs3(credentials, request, authorization, now)?,
        None => rpc(credentials, request, raw, now)?,
    };
    // A nonce is good again when its time is too old to be let in.
    if nonces.take(nonce, then.saturating_add(SKEW_MAX), now) {
        Ok(())
    } else {
        Err(Fault::new("SignatureNonceUsed"))
    }
}

fn header<'r>(request: &'r Request<Bytes>, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

fn check_key(credentials: &Credentials, key: &str) -> Result<(), Fault> {
    let known = !credentials.secret_key.is_empty();
    if known && same(key.as_bytes(), credentials.access_key.as_bytes()) {
        Ok(())
    } else {
        Err(Fault::new("InvalidAccessKeyId.NotFound"))
    }
}

fn check_token(credentials: &Credentials, token: Option<&str>) -> Result<(), Fault> {
    let wanted = credentials.security_token.as_deref().unwrap_or("");
    if same(token.unwrap_or("").as_bytes(), wanted.as_bytes()) {
        Ok(())
    } else {
        Err(Fault::invalid("SecurityToken"))
    }
}

/// `2025-01-01T00:00:00Z`, not more than 15 minutes off.
fn check_time(text: &str, now: Nanos) -> Result<Nanos, Fault> {
    let well_formed = text.len() == 20 && text.ends_with('Z');
    let then = parse(text).filter(|_| well_formed).ok_or_else(|| Fault::new("InvalidTimeStamp.Format"))?;
    if now.abs_diff(then) > SKEW_MAX.unsigned_abs() {
        return Err(Fault::new("InvalidTimeStamp.Expired"));
    }
    Ok(then)
}

fn mismatch(to_sign: &str) -> Fault {
    Fault::new("SignatureDoesNotMatch").saying(format!(
        "Specified signature is not matched with our calculation. server string to sign is:{to_sign}"
    ))
}

/// The older signature, in the parameters: its nonce and time.
fn rpc<'r>(
    credentials: &Credentials,
    request: &Request<Bytes>,
    raw: &'r Raw,
    now: Nanos,
) -> Result<(&'r str, Nanos), Fault> {
    let need = |name: &str| raw.get(name).filter(|it| !it.is_empty()).ok_or_else(|| Fault::missing(name));
    check_key(credentials, need("AccessKeyId")?)?;
    let signature = need("Signature")?;
    if need("SignatureMethod")? != "HMAC-SHA1" {
        return Err(Fault::new("InvalidSignatureMethod").saying("Specified signature method is not valid."));
    }
    if need("SignatureVersion")? != "1.0" {
        return Err(Fault::invalid("SignatureVersion"));
    }
    let nonce = need("SignatureNonce")?;
    let then = check_time(need("Timestamp")?, now)?;
    check_token(credentials, raw.get("SecurityToken"))?;
    let to_sign = rpc_string(request.method().as_str(), raw);
    let key = hmac::Key::new(
        hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        format!("{}&", credentials.secret_key).as_bytes(),
    );
    let expected = STANDARD.encode(hmac::sign(&key, to_sign.as_bytes()));
    if same(expected.as_bytes(), signature.as_bytes()) { Ok((nonce, then)) } else { Err(mismatch(&to_sign)) }
}

/// Method, path and all parameters but the signature, sorted.
fn rpc_string(method: &str, raw: &Raw) -> String {
    let signed = raw.iter().filter(|(name, _)| *name != "Signature");
    let pairs: Vec<String> =
        signed.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    format!("{method}&%2F&{}", encode(&pairs.join("&")))
}

/// The signature in the headers: its nonce and time.
fn acs3<'r>(
    credentials: &Credentials,
    request: &'r Request<Bytes>,
    authorization: &str,
    now: Nanos,
) -> Result<(&'r str, Nanos), Fault> {
    let (key, signed, signature) = parts(authorization).ok_or_else(|| Fault::malformed("Authorization"))?;
    check_key(credentials, key)?;
    let need = |name: &str| header(request, name).ok_or_else(|| Fault::missing(name));
    let nonce = need("x-acs-signature-nonce")?;
    let then = check_time(need("x-acs-date")?, now)?;
    check_token(credentials, header(request, "x-acs-security-token"))?;
    let names: Vec<&str> = signed.split(';').collect();
    for name in NEEDED {
        need(name)?;
    }
    // What steers the request must not be added on the way.
    let steering = request.headers().keys().map(http::HeaderName::as_str);
    let steering = steering.filter(|name| name.starts_with("x-acs-") || *name == "host");
    if let Some(unsigned) = steering.into_iter().find(|name| !names.contains(name)) {
        return Err(Fault::missing(unsigned).saying(format!("The header {unsigned} has to be signed.")));
    }
    let body = hex(digest(&SHA256, request.body()).as_ref());
    if need("x-acs-content-sha256")? != body {
        return Err(Fault::invalid("x-acs-content-sha256"));
    }
    let canonical = canonical(request, &names, signed, &body)?;
    let to_sign = format!("{ALGORITHM}\n{}", hex(digest(&SHA256, canonical.as_bytes()).as_ref()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, credentials.secret_key.as_bytes());
    let expected = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
    if same(expected.as_bytes(), signature.as_bytes()) { Ok((nonce, then)) } else { Err(mismatch(&to_sign)) }
}

/// Key, signed headers and signature of an `Authorization` header.
fn parts(authorization: &str) -> Option<(&str, &str, &str)> {
    let rest = authorization.strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
    let (mut key, mut signed, mut signature) = (None, None, None);
    for part in rest.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        match name {
            "Credential" => key = Some(value),
            "SignedHeaders" => signed = Some(value),
            "Signature" => signature = Some(value),
            _ => return None,
        }
    }
    Some((key?, signed?, signature?))
}

/// The request in the form that both sides agree on.
fn canonical(request: &Request<Bytes>, names: &[&str], signed: &str, body: &str) -> Result<String, Fault> {
    // A form is in the body, whose hash is signed; the rest is the query.
    let query = Raw::read(request.uri().query().unwrap_or(""), "")?;
    let pairs: Vec<String> =
        query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let mut out = format!("{}\n{}\n{}\n", request.method(), request.uri().path(), pairs.join("&"));
    for name in names {
        let value = header(request, name).ok_or_else(|| Fault::missing(name))?;
        out.push_str(&name.to_ascii_lowercase());
        out.push(':');
        out.push_str(value);
        out.push('\n');
    }
    out.push('\n');
    out.push_str(signed);
    out.push('\n');
    out.push_str(body);
    Ok(out)
}

fn encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the vendor's description of the RPC signature (DescribeRegions of ECS).
    #[test]
    fn the_vendors_example() {
        let query = "TimeStamp=2016-02-23T12:46:24Z&Format=XML&AccessKeyId=testid&Action=DescribeRegions\
            &SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26\
            &SignatureVersion=1.0";
        let query = query.replace("TimeStamp", "Timestamp");
        let raw = Raw::read(&query, "").unwrap();
        let to_sign = rpc_string("GET", &raw);
        assert_eq!(
            to_sign,
            "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1%26\
             SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0%26Timestamp%3D\
             2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26"
        );
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"testsecret&");
        assert_eq!(STANDARD.encode(hmac::sign(&key, to_sign.as_bytes())), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
    }

    #[test]
    fn parts_of_the_header() {
        assert_eq!(
            parts("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host;x,Signature=f"),
            Some(("a", "host;x", "f"))
        );
        assert_eq!(parts("ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host"), None);
        assert_eq!(parts("SDK-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=f"), None);
    }
}
