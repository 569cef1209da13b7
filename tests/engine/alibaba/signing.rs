//! Who is let in. The signers here are written from the description of the signatures, not from the engine's code.

use apigctl::engine::{Access, Credentials, Options};
use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use bytes::Bytes;
use http::Request;

use super::{Answer, Cloud, query, quote};
use crate::engine::support::options;

/// One minute after the clock starts, and the engine's clock goes on by a second a request.
const DATE: &str = "2026-01-01T00:01:00Z";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A request signed in the older way.
fn rpc(secret: &str, changed: &[(&str, &str)]) -> Request<Bytes> {
    let mut all: Vec<(&str, &str)> = vec![
        ("AccessKeyId", "ACCESS"),
        ("Action", "DescribeApiGroups"),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "n"),
        ("SignatureVersion", "1.0"),
        ("Timestamp", DATE),
        ("Version", "2016-07-14"),
    ];
    for (name, value) in changed {
        all.retain(|(known, _)| known != name);
        all.push((name, value));
    }
    all.sort_unstable();
    let to_sign = format!("GET&%2F&{}", quote(&query(all.iter().copied())));
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, format!("{secret}&").as_bytes());
    let signature = base64::engine::general_purpose::STANDARD.encode(hmac::sign(&key, to_sign.as_bytes()));
    all.push(("Signature", &signature));
    Request::builder().uri(format!("/?{}", query(all))).header("host", "here").body(Bytes::new()).unwrap()
}

/// A request signed in the newer way; `unsigned` names a header that is left out of the signature.
fn acs3(secret: &str, changed: &[(&str, &str)], unsigned: &str) -> Request<Bytes> {
    let hash = hex(digest::digest(&digest::SHA256, b"").as_ref());
    let mut headers: Vec<(&str, &str)> = vec![
        ("host", "here"),
        ("x-acs-action", "DescribeApiGroups"),
        ("x-acs-content-sha256", &hash),
        ("x-acs-date", DATE),
        ("x-acs-signature-nonce", "n"),
        ("x-acs-version", "2016-07-14"),
    ];
    for (name, value) in changed {
        headers.retain(|(known, _)| known != name);
        headers.push((name, value));
    }
    headers.sort_unstable();
    let signed = || headers.iter().filter(|(name, _)| *name != unsigned);
    let lines: String = signed().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names: Vec<&str> = signed().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let canonical = format!("POST\n/\nGroupName=a%20b\n{lines}\n{names}\n{hash}");
    let hash = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let signature = hex(hmac::sign(&key, format!("ACS3-HMAC-SHA256\n{hash}").as_bytes()).as_ref());
    let authorization =
        format!("ACS3-HMAC-SHA256 Credential=ACCESS,SignedHeaders={names},Signature={signature}");
    let mut request = Request::builder().method("POST").uri("/?GroupName=a+b");
    for (name, value) in &headers {
        request = request.header(*name, *value);
    }
    request.header("authorization", authorization).body(Bytes::new()).unwrap()
}

fn ask(cloud: &Cloud, request: Request<Bytes>) -> Answer {
    let answer = cloud.ask(request, Access::Signed);
    assert!(!answer.body.to_string().contains("SECRET"), "{}", answer.body);
    answer
}

#[test]
fn both_signatures_let_in_once() {
    let cloud = Cloud::new();
    for make in [|| rpc("SECRET", &[]), || acs3("SECRET", &[("x-acs-signature-nonce", "m")], "")] {
        assert_eq!(ask(&cloud, make()).status, 200);
        assert_eq!(ask(&cloud, make()).code(), "SignatureNonceUsed");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let cloud = Cloud::new();
    for (name, value, code) in [
        ("AccessKeyId", "OTHER", "InvalidAccessKeyId.NotFound"),
        ("AccessKeyId", "", "MissingAccessKeyId"),
        ("SignatureMethod", "HMAC-SHA256", "InvalidSignatureMethod"),
        ("SignatureVersion", "2.0", "InvalidSignatureVersion"),
        ("SignatureNonce", "", "MissingSignatureNonce"),
        ("Timestamp", "2025-12-31T23:40:00Z", "InvalidTimeStamp.Expired"),
        ("Timestamp", "2026-01-01T00:30:00Z", "InvalidTimeStamp.Expired"),
        ("Timestamp", "20260101T000000Z", "InvalidTimeStamp.Format"),
        ("SecurityToken", "t", "InvalidSecurityToken"),
    ] {
        assert_eq!(ask(&cloud, rpc("SECRET", &[(name, value)])).code(), code, "{name}={value}");
    }
    for (name, value, code) in [
        ("x-acs-date", "2025-12-31T23:40:00Z", "InvalidTimeStamp.Expired"),
        ("x-acs-date", "yesterday", "InvalidTimeStamp.Format"),
        ("x-acs-content-sha256", "00", "Invalidx-acs-content-sha256"),
        ("x-acs-security-token", "t", "InvalidSecurityToken"),
        ("x-acs-version", "2016-07-15", "InvalidVersion"),
        ("x-acs-action", "DescribeNothing", "InvalidApi.NotFound"),
    ] {
        assert_eq!(ask(&Cloud::new(), acs3("SECRET", &[(name, value)], "")).code(), code, "{name}: {value}");
    }
}

#[test]
fn a_wrong_secret_hears_what_was_to_be_signed() {
    let cloud = Cloud::new();
    let answer = ask(&cloud, rpc("WRONG", &[]));
    assert_eq!((answer.status, answer.code()), (400, "SignatureDoesNotMatch"));
    let message = answer.body["Message"].as_str().unwrap();
    let (_, to_sign) = message.split_once(':').unwrap();
    assert!(to_sign.starts_with("GET&%2F&AccessKeyId%3DACCESS%26Action%3DDescribeApiGroups"), "{message}");
    let answer = ask(&cloud, acs3("WRONG", &[], ""));
    assert_eq!(answer.code(), "SignatureDoesNotMatch");
    assert!(answer.body["Message"].as_str().unwrap().contains(":ACS3-HMAC-SHA256\n"));
    // What was refused has not used up its nonce.
    assert_eq!(ask(&cloud, rpc("SECRET", &[])).status, 200);
}

#[test]
fn what_steers_a_request_must_be_signed() {
    for name in [
        "host",
        "x-acs-action",
        "x-acs-version",
        "x-acs-date",
        "x-acs-signature-nonce",
        "x-acs-content-sha256",
    ] {
        assert_eq!(ask(&Cloud::new(), acs3("SECRET", &[], name)).code(), format!("Missing{name}"));
    }
    let mut request = acs3("SECRET", &[], "");
    request.headers_mut().insert("x-acs-more", "1".parse().unwrap());
    assert_eq!(ask(&Cloud::new(), request).code(), "Missingx-acs-more");
    let mut request = acs3("SECRET", &[], "");
    *request.uri_mut() = "/?GroupName=a+c".parse().unwrap();
    assert_eq!(ask(&Cloud::new(), request).code(), "SignatureDoesNotMatch");
}

#[test]
fn a_temporary_key_needs_its_token() {
    let credentials = Credentials { security_token: Some("t".to_owned()), ..options().credentials };
    let cloud = Cloud::with(Options { credentials, ..options() });
    assert_eq!(ask(&cloud, rpc("SECRET", &[])).code(), "InvalidSecurityToken");
    assert_eq!(ask(&cloud, rpc("SECRET", &[("SecurityToken", "t")])).status, 200);
    let request = acs3("SECRET", &[("x-acs-security-token", "t"), ("x-acs-signature-nonce", "m")], "");
    assert_eq!(ask(&cloud, request).status, 200);
}

#[test]
fn no_key_pair_lets_nobody_in() {
    let cloud = Cloud::with(Options { credentials: Credentials::default(), ..options() });
    assert_eq!(ask(&cloud, rpc("", &[("AccessKeyId", "x")])).code(), "InvalidAccessKeyId.NotFound");
    assert_eq!(ask(&cloud, rpc("", &[("AccessKeyId", "")])).code(), "MissingAccessKeyId");
}

/// The text of an answer, with its type.
fn text(cloud: &Cloud, request: Request<Bytes>) -> (u16, String, String) {
    let answer = cloud.engine.handle(request, Access::Signed);
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, String::from_utf8(answer.body().to_vec()).unwrap())
}

#[test]
fn the_older_form_may_ask_for_xml() {
    let cloud = Cloud::with(options());
    cloud.done("CreateApiGroup", &[("GroupName", "Weather"), ("Description", "a < b & c")]);
    let listed = text(&cloud, rpc("SECRET", &[("Format", "XML"), ("SignatureNonce", "n1")]));
    assert_eq!((listed.0, listed.1.as_str()), (200, "text/xml;charset=utf-8"));
    let begins = "<?xml version='1.0' encoding='UTF-8'?><DescribeApiGroupsResponse>";
    assert!(
        listed.2.starts_with(begins) && listed.2.ends_with("</DescribeApiGroupsResponse>"),
        "{}",
        listed.2
    );
    for part in [
        "<ApiGroupAttributes><ApiGroupAttribute>",
        "<GroupName>Weather</GroupName>",
        "<TotalCount>1</TotalCount>",
        "<Description>a &lt; b &amp; c</Description>",
        "<RequestId>",
    ] {
        assert!(listed.2.contains(part), "{part}: {}", listed.2);
    }
    // Errors, too, whoever asks.
    for (secret, code, status) in [("SECRET", "InvalidVersion", 400), ("WRONG", "SignatureDoesNotMatch", 400)]
    {
        let changed = [("Format", "xml"), ("SignatureNonce", code), ("Version", "2000-01-01")];
        let refused = text(&cloud, rpc(secret, &changed));
        assert_eq!((refused.0, refused.1.as_str()), (status, "text/xml;charset=utf-8"), "{}", refused.2);
        assert!(refused.2.contains(&format!("<Error><Code>{code}</Code><Message>")), "{}", refused.2);
        assert!(refused.2.contains("<HostId>here</HostId><RequestId>"), "{}", refused.2);
    }
    let unknown = ask(&cloud, rpc("SECRET", &[("Format", "YAML"), ("SignatureNonce", "n2")]));
    assert_eq!((unknown.status, unknown.code()), (400, "InvalidParameter.Format"));
}
