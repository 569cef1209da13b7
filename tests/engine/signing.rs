//! Who is let in. The signer here is written from the description of the signature, not from the engine's code.

use apigctl::engine::Access;
use aws_lc_rs::{digest, hmac};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::engine::support::{Gate, START, options};

const DATE: &str = "20260101T000100Z";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A request to be signed: everything that counts.
#[derive(Clone)]
pub(crate) struct Signer {
    pub(crate) method: &'static str,
    /// As it goes out, and as it is signed.
    pub(crate) path: String,
    pub(crate) canonical_path: String,
    pub(crate) query: String,
    pub(crate) canonical_query: String,
    pub(crate) body: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) secret: String,
    pub(crate) payload: Option<&'static str>,
}

impl Signer {
    pub(crate) fn new(method: &'static str, path: &str, body: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            canonical_path: format!("{path}/"),
            query: String::new(),
            canonical_query: String::new(),
            body: body.to_owned(),
            headers: vec![("host", "127.0.0.1:1".to_owned()), ("x-sdk-date", DATE.to_owned())],
            secret: "SECRET".to_owned(),
            payload: None,
        }
    }

    pub(crate) fn authorization(&self) -> String {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        let signed = names.join(";");
        let lines: String = self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let hash = hex(digest::digest(&digest::SHA256, self.body.as_bytes()).as_ref());
        let canonical = format!(
            "{}\n{}\n{}\n{lines}\n{signed}\n{}",
            self.method,
            self.canonical_path,
            self.canonical_query,
            self.payload.unwrap_or(&hash)
        );
        let date = &self.headers.iter().find(|(name, _)| *name == "x-sdk-date").unwrap().1;
        let hash = hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let text = format!("SDK-HMAC-SHA256\n{date}\n{hash}");
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let signature = hex(hmac::sign(&key, text.as_bytes()).as_ref());
        format!("SDK-HMAC-SHA256 Access=ACCESS, SignedHeaders={signed}, Signature={signature}")
    }

    pub(crate) fn request(&self) -> Request<Bytes> {
        let uri =
            if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) };
        let mut request = Request::builder().method(self.method).uri(uri);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.header("authorization", self.authorization()).body(Bytes::from(self.body.clone())).unwrap()
    }
}

fn gate() -> Gate {
    let clock = apigctl::engine::time::Clock::stepping(START, 1);
    Gate::with(apigctl::engine::Options { clock, ..options() })
}

fn status(gate: &Gate, request: Request<Bytes>) -> u16 {
    let response = gate.engine.handle(request, Access::Signed);
    if response.status() == 401 {
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["error_code"], "APIG.1002");
    }
    response.status().as_u16()
}

fn creation(gate: &Gate, name: &str) -> Signer {
    Signer::new("POST", &format!("{}/api-groups", gate.root()), &json!({"name": name}).to_string())
}

#[test]
fn a_good_signature_is_accepted() {
    let gate = gate();
    assert_eq!(status(&gate, creation(&gate, "group_1").request()), 201);
    let mut odd = Signer::new("GET", &format!("{}/api-groups", gate.root()), "");
    odd.query = "name=a%20b%2fc&limit=5&name=B&empty".to_owned();
    odd.canonical_query = "empty=&limit=5&name=B&name=a%20b%2Fc".to_owned();
    assert_eq!(status(&gate, odd.request()), 200);
    let mut odd = Signer::new("GET", &format!("{}/api-groups/a(b)~c", gate.root()), "");
    odd.canonical_path = format!("{}/api-groups/a%28b%29~c/", gate.root());
    assert_eq!(status(&gate, odd.request()), 404);
}

#[test]
fn a_signer_may_leave_out_host_and_add_headers_later() {
    let gate = gate();
    let mut signer = creation(&gate, "group_1");
    signer.headers.retain(|(name, _)| *name != "host");
    let mut request = signer.request();
    for name in ["x-project-id", "x-domain-id", "user-agent", "host"] {
        request.headers_mut().insert(name, "later".parse().unwrap());
    }
    assert_eq!(status(&gate, request), 201);
}

#[test]
fn changes_on_the_way_are_noticed() {
    let gate = gate();
    let before = gate.dump();
    let good = creation(&gate, "group_1");
    let mut request = good.request();
    *request.body_mut() = Bytes::from(json!({"name": "group_2"}).to_string());
    assert_eq!(status(&gate, request), 401, "body");
    let mut request = good.request();
    *request.uri_mut() = format!("{}/envs", gate.root()).parse().unwrap();
    assert_eq!(status(&gate, request), 401, "path");
    let mut request = good.request();
    *request.uri_mut() = format!("{}?a=1", good.path).parse().unwrap();
    assert_eq!(status(&gate, request), 401, "query");
    let mut request = good.request();
    *request.method_mut() = http::Method::PUT;
    assert_eq!(status(&gate, request), 401, "method");
    let mut request = good.request();
    request.headers_mut().insert("x-sdk-date", "20260101T000101Z".parse().unwrap());
    assert_eq!(status(&gate, request), 401, "date");
    let mut request = good.request();
    request.headers_mut().insert("host", "elsewhere".parse().unwrap());
    assert_eq!(status(&gate, request), 401, "signed header");
    let mut request = good.request();
    request.headers_mut().remove("host");
    assert_eq!(status(&gate, request), 401, "signed header gone");
    assert_eq!(gate.dump(), before);
}

#[test]
fn wrong_keys_dates_and_forms() {
    let gate = gate();
    let good = creation(&gate, "group_1");
    let wrong = Signer { secret: "OTHER".to_owned(), ..good.clone() };
    assert_eq!(status(&gate, wrong.request()), 401);
    for date in ["20251231T234459Z", "20260101T001501Z", "2026-01-01T00:00:00Z", "", "20269901T000000Z"] {
        let mut late = good.clone();
        late.headers[1].1 = date.to_owned();
        assert_eq!(status(&gate, late.request()), 401, "{date}");
    }
    for date in ["20251231T234501Z", "20260101T001459Z"] {
        let mut early = good.clone();
        early.headers[1].1 = date.to_owned();
        assert_ne!(status(&gate, early.request()), 401, "{date}");
    }
    let mut undated = good.clone();
    undated.headers.swap(0, 1);
    let text = undated.authorization().replace("x-sdk-date;host", "host");
    for text in ["", "Basic x", "SDK-HMAC-SHA256", "SDK-HMAC-SHA256 Access=ACCESS", &text] {
        let mut request = good.request();
        request.headers_mut().insert("authorization", text.parse().unwrap());
        assert_eq!(status(&gate, request), 401, "{text}");
    }
    let other = good.authorization().replace("Access=ACCESS", "Access=OTHER");
    let mut request = good.request();
    request.headers_mut().insert("authorization", other.parse().unwrap());
    assert_eq!(status(&gate, request), 401);
}

#[test]
fn uploads_sign_words_in_place_of_the_body() {
    let gate = gate();
    let mut upload = Signer::new("POST", &format!("{}/openapi/import", gate.root()), "--x\r\n--x--");
    upload.payload = Some("UNSIGNED-PAYLOAD");
    upload.headers.push(("content-type", "multipart/form-data; boundary=x".to_owned()));
    upload.headers.push(("x-sdk-content-sha256", "UNSIGNED-PAYLOAD".to_owned()));
    assert_ne!(status(&gate, upload.request()), 401);
    // Only uploads may do that.
    let mut other = creation(&gate, "group_1");
    other.payload = Some("UNSIGNED-PAYLOAD");
    other.headers.push(("x-sdk-content-sha256", "UNSIGNED-PAYLOAD".to_owned()));
    assert_eq!(status(&gate, other.request()), 401);
}

#[test]
fn tokens() {
    let gate = gate();
    let request = |token: &str| {
        let request = Request::builder().uri(format!("{}/envs", gate.root())).header("x-auth-token", token);
        request.body(Bytes::new()).unwrap()
    };
    assert_eq!(status(&gate, request("a-token")), 200);
    assert_eq!(status(&gate, request("another")), 401);
    assert_eq!(status(&gate, request("")), 401);
    let mut options = options();
    options.clock = apigctl::engine::time::Clock::stepping(START, 1);
    options.credentials.security_token = Some("temporary".to_owned());
    let gate = Gate::with(options);
    let mut signer = creation(&gate, "group_1");
    assert_eq!(status(&gate, signer.request()), 401);
    signer.headers.push(("x-security-token", "temporary".to_owned()));
    assert_eq!(status(&gate, signer.request()), 201);
}
