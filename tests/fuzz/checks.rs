//! What must hold for any bytes at all. The fuzz targets call this, and so does a test, with every file of `corpus/`.
//!
//! An input is a request as text: `METHOD PATH?QUERY`, then headers as `name: value`, an empty line, the body. `{group_id}`
//! and its like stand for what is there.

#![allow(dead_code, reason = "each target uses its half")]

use apigctl::engine::time::{Clock, Ids};
use apigctl::engine::{Access, Credentials, Engine, Options};
use aws_lc_rs::{digest, hmac};
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use serde_json::{Value, json};

const DATE: &str = "20260101T000000Z";
/// The same as [`DATE`], in nanoseconds.
const NOW: i64 = 1_767_225_600_000_000_000;

/// Whoever did not sign does not get in, whoever signed does, and nobody does with what was changed afterwards.
pub(crate) fn signature(data: &[u8]) {
    let engine = engine();
    let Some(mut request) = parse(&engine, data) else { return };
    let before = engine.rows();
    let answer = engine.handle(request.clone(), Access::Signed);
    assert!(answer.status().is_client_error(), "not signed: {}", answer.status());
    assert_eq!(engine.rows(), before, "not signed, and something changed");
    if request.uri().path().starts_with("/v3/") {
        return;
    }
    sign(&mut request);
    let mut changed = request.clone();
    let answer = engine.handle(request, Access::Signed);
    let text = String::from_utf8_lossy(answer.body());
    // The shared gateway says the same of a project that is not there.
    assert!(answer.status() != 401 || text.contains("APIG.1005"), "well signed: {text}");
    let mut body = changed.body().to_vec();
    body.push(b' ');
    *changed.body_mut() = body.into();
    let before = engine.rows();
    let answer = engine.handle(changed, Access::Signed);
    assert_eq!(answer.status(), 401, "changed after signing");
    assert_eq!(engine.rows(), before, "changed after signing, and something changed");
}

/// Every answer is documented, and a refusal changes nothing.
pub(crate) fn request(data: &[u8]) {
    let engine = engine();
    let Some(request) = parse(&engine, data) else { return };
    let before = engine.rows();
    let answer = engine.handle(request, Access::Trusted);
    let status = answer.status().as_u16();
    assert!(status < 500 || status == 501, "{status}: {}", String::from_utf8_lossy(answer.body()));
    assert!(answer.headers().contains_key("x-request-id"));
    if status < 400 {
        return;
    }
    let body: Value = serde_json::from_slice(answer.body()).expect("a refusal is JSON");
    let documented = body["error_code"].is_string() && body["error_msg"].is_string();
    assert!(documented || body["error"]["code"] == status, "{body}");
    assert_eq!(engine.rows(), before, "refused, and something changed");
}

/// An engine with a group and a published API, always the same.
fn engine() -> Engine {
    let credentials = Credentials {
        access_key: "ACCESS".to_owned(),
        secret_key: SECRET.to_owned(),
        security_token: None,
        tokens: Vec::new(),
    };
    let clock = Clock::stepping(NOW, 1);
    let engine = Engine::in_memory(Options { clock, ids: Ids::seeded(1), credentials, ..Options::default() });
    let group = make(&engine, "/api-groups", &json!({"name": "group_1"}));
    let api = json!({
        "group_id": group["id"], "name": "api_1", "type": 1, "req_protocol": "HTTPS", "req_method": "GET",
        "req_uri": "/one", "auth_type": "NONE", "backend_type": "MOCK", "mock_info": {"result_content": "one"},
    });
    let api = make(&engine, "/apis", &api);
    make(&engine, "/apis/action", &json!({"action": "online", "env_id": RELEASE, "api_id": api["id"]}));
    engine
}

const SECRET: &str = "8dd9cd5bd6bb4d4aa4f8ce6c7e9b1f0a";
const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

fn root(engine: &Engine) -> String {
    format!("/v2/{}/apigw/instances/{}", engine.project_id(), engine.instance_id())
}

fn make(engine: &Engine, path: &str, body: &Value) -> Value {
    let request = Request::post(format!("{}{path}", root(engine))).body(Bytes::from(body.to_string()));
    let answer: Response<Bytes> = engine.handle(request.expect("a good request"), Access::Trusted);
    serde_json::from_slice(answer.body()).expect("JSON")
}

/// Reads an input; none for what no HTTP server would hand on.
fn parse(engine: &Engine, data: &[u8]) -> Option<Request<Bytes>> {
    let end = data.windows(2).position(|two| two == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&data[..end], &data[end + 2..]),
        None => (data, &[][..]),
    };
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.split('\n');
    let (method, uri) = lines.next()?.split_once(' ')?;
    let ids = Ids::seeded(1);
    let (group, api) = (ids.next(), ids.next());
    let uri = uri.replace("{root}", &root(engine)).replace("{group_id}", &group).replace("{api_id}", &api);
    let mut request = Request::builder().method(method).uri(uri);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        request = request.header(name, HeaderValue::from_str(value.trim()).ok()?);
    }
    let body = match std::str::from_utf8(body) {
        Ok(text) => Bytes::from(text.replace("{group_id}", &group).replace("{api_id}", &api)),
        Err(_) => Bytes::copy_from_slice(body),
    };
    let request = request.body(body).ok()?;
    request.uri().path().starts_with('/').then_some(request)
}

/// Signs as the official client does, written from its description and not from the engine.
fn sign(request: &mut Request<Bytes>) {
    for name in ["authorization", "x-security-token", "x-sdk-content-sha256"] {
        request.headers_mut().remove(name);
    }
    request.headers_mut().insert("x-sdk-date", HeaderValue::from_static(DATE));
    // A header that is there twice has no one value to sign; one with other bytes than ASCII is not sent by clients.
    let headers = request.headers();
    let names: Vec<String> = headers
        .keys()
        .filter(|name| headers.get_all(*name).iter().count() == 1 && !name.as_str().contains('_'))
        .map(|name| name.as_str().to_owned())
        .collect();
    let mut names = names;
    names.sort();
    let lines: Vec<u8> = names
        .iter()
        .flat_map(|name| [name.as_bytes(), b":", headers[name].as_bytes().trim_ascii(), b"\n"].concat())
        .collect();
    let signed = names.join(";");
    let mut text = format!("{}\n{}\n{}\n", request.method(), path(request), query(request)).into_bytes();
    text.extend(lines);
    text.extend(format!("\n{signed}\n{}", sha256(request.body())).into_bytes());
    let text = format!("SDK-HMAC-SHA256\n{DATE}\n{}", sha256(&text));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = hex(hmac::sign(&key, text.as_bytes()).as_ref());
    let value = format!("SDK-HMAC-SHA256 Access=ACCESS, SignedHeaders={signed}, Signature={signature}");
    request.headers_mut().insert("authorization", HeaderValue::from_str(&value).expect("ASCII"));
}

fn path(request: &Request<Bytes>) -> String {
    let decoded = unquote(request.uri().path());
    let parts: Vec<String> = decoded.split(|b| *b == b'/').map(quote).collect();
    let path = parts.join("/");
    if path.ends_with('/') { path } else { path + "/" }
}

fn query(request: &Request<Bytes>) -> String {
    let query = request.uri().query().unwrap_or("");
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        pairs.push((unquote(name), unquote(value)));
    }
    pairs.sort();
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", quote(name), quote(value))).collect();
    pairs.join("&")
}

fn unquote(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or("").as_bytes().to_vec();
    for part in parts {
        let code = part.get(..2).filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                out.extend(&part.as_bytes()[2..]);
            }
            None => {
                out.push(b'%');
                out.extend(part.as_bytes());
            }
        }
    }
    out
}

fn quote(bytes: &[u8]) -> String {
    let kept = |b: u8| b.is_ascii_alphanumeric() || b"_.-~".contains(&b);
    bytes.iter().map(|b| if kept(*b) { char::from(*b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
