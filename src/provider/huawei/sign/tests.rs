//! The expected signatures were computed with the vendor's Python client (huaweicloudsdkcore 3.1.219).

use super::*;

const HOST_PORT: &str = "https://apig.region-1.example.com:8443";
const AT: &str = "2025-01-02T03:04:05Z";

struct Vector {
    method: &'static str,
    uri: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    signed: &'static str,
    signature: &'static str,
}

const VECTORS: &[Vector] = &[
    Vector {
        method: "GET",
        uri: "/v2/p/apigw/instances/i/api-groups",
        headers: &[("Content-Type", "application/json"), ("X-Project-Id", "p")],
        body: "",
        signed: "content-type;host;x-project-id;x-sdk-date",
        signature: "c30c8a2fbe96ea1980bdc3aa7103928617108b9b30d00184b79e7c09842aee7a",
    },
    // Repeated keys, a blank, an empty value, letters beyond ASCII; in no order.
    Vector {
        method: "GET",
        uri: "/v2/p/apigw/instances/i/apis?word=gr%C3%BCn/%C3%BC%2B%26&name=b&limit=500&empty=&name=a%20b&precise_search=name,req_uri",
        headers: &[("Content-Type", "application/json")],
        body: "",
        signed: "content-type;host;x-sdk-date",
        signature: "48f5393818341996bac627df8b4d267a72e526f94489ebcee037d9a503f9dab9",
    },
    // A value is trimmed; a name with an underscore is not signed.
    Vector {
        method: "POST",
        uri: "/v2/p/apigw/instances/i/envs",
        headers: &[
            ("Content-Type", "application/json;charset=utf-8"),
            ("User-Agent", " apigctl/1 "),
            ("X_Not_Signed", "x"),
        ],
        body: "{\"name\": \"DEV\", \"remark\": \"\u{dc}mlaut\"}",
        signed: "content-type;host;user-agent;x-sdk-date",
        signature: "5846ab09723e21f6a9770ee72892842f7e3053c5acecd00bb22022c2c2fb15b4",
    },
    Vector {
        method: "DELETE",
        uri: "/v2/a%20b/%7Bx%7D/caf%C3%A9~._-/!$&'()*+,;=:@/",
        headers: &[],
        body: "",
        signed: "host;x-sdk-date",
        signature: "9a275db926d6f64d4a877e759205bd8e44b0d9ce2f94e4b8aa5ad04b471bf209",
    },
    Vector {
        method: "POST",
        uri: "/v2/p/apigw/instances/i/openapi/import",
        headers: &[("Content-Type", "multipart/form-data; boundary=x")],
        body: "--x--",
        signed: "content-type;host;x-sdk-content-sha256;x-sdk-date",
        signature: "6dbda8a84d6dd02595fc62717b48193cda91206a2de8f63f4468d67ed280a293",
    },
];

fn keys() -> Credentials {
    Credentials::KeyPair { access_key: "AKEXAMPLE".into(), secret_key: "SKEXAMPLE/+=secret".into() }
}

fn at() -> Timestamp {
    AT.parse().unwrap()
}

fn get(uri: &str) -> Request<Bytes> {
    Request::get(format!("{HOST_PORT}{uri}")).body(Bytes::new()).unwrap()
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name).map(|v| v.to_str().unwrap())
}

#[test]
fn signatures_equal_those_of_the_official_client() {
    for vector in VECTORS {
        let mut builder = Request::builder().method(vector.method).uri(format!("{HOST_PORT}{}", vector.uri));
        for (name, value) in vector.headers {
            builder = builder.header(*name, *value);
        }
        let mut request = builder.body(Bytes::from_static(vector.body.as_bytes())).unwrap();
        sign(&mut request, &keys(), at()).unwrap();
        let expected = format!(
            "SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders={}, Signature={}",
            vector.signed, vector.signature
        );
        assert_eq!(header(&request, "authorization"), Some(expected.as_str()), "{}", vector.uri);
        assert_eq!(header(&request, "x-sdk-date"), Some("20250102T030405Z"));
    }
}

#[test]
fn temporary_credentials_sign_their_token() {
    let credentials = Credentials::Temporary {
        access_key: "AKEXAMPLE".into(),
        secret_key: "SKEXAMPLE/+=secret".into(),
        security_token: "TOKENEXAMPLE".into(),
    };
    let mut request = get("/v2/p/apigw/instances");
    sign(&mut request, &credentials, at()).unwrap();
    let text = header(&request, "authorization").unwrap();
    assert!(text.contains("SignedHeaders=host;x-sdk-date;x-security-token,"), "{text}");
    assert!(text.ends_with("82169fb4fe4eaa489278fb3ab4253c092afe2ebfee35e93ef4ae4db5ef9756df"), "{text}");
    assert_eq!(header(&request, "x-security-token"), Some("TOKENEXAMPLE"));
}

#[test]
fn a_token_is_sent_without_a_signature() {
    let mut request = get("/v2/p/apigw/instances");
    sign(&mut request, &Credentials::Token("TOKENEXAMPLE".into()), at()).unwrap();
    assert_eq!(header(&request, "x-auth-token"), Some("TOKENEXAMPLE"));
    assert_eq!(header(&request, "authorization"), None);
}

#[test]
fn signing_again_replaces_the_signature() {
    let mut once = get("/v2/p/apigw/instances");
    sign(&mut once, &keys(), at()).unwrap();
    let mut twice = get("/v2/p/apigw/instances");
    sign(&mut twice, &keys(), "2024-01-01T00:00:00Z".parse().unwrap()).unwrap();
    sign(&mut twice, &keys(), at()).unwrap();
    assert_eq!(header(&once, "authorization"), header(&twice, "authorization"));
}

#[test]
fn secrets_do_not_show() {
    let temporary = Credentials::Temporary {
        access_key: "AK".into(),
        secret_key: "hush".into(),
        security_token: "hush".into(),
    };
    let mut request = get("/");
    sign(&mut request, &temporary, at()).unwrap();
    let shown = format!("{:?}{temporary:?}{:?}{:?}", keys(), Credentials::Token("hush".into()), request);
    assert!(
        !shown.contains("hush") && !shown.contains("SKEXAMPLE") && !shown.contains("Signature="),
        "{shown}"
    );
    assert!(shown.contains("AKEXAMPLE"));
}

#[test]
fn what_cannot_be_signed_is_refused() {
    let mut request = Request::get("/v2/x").body(Bytes::new()).unwrap();
    assert_eq!(sign(&mut request, &keys(), at()), Err(Unsignable::NoHost));
    let broken = Credentials::Token("a\nb".into());
    assert_eq!(sign(&mut get("/"), &broken, at()), Err(Unsignable::Unprintable("token")));
}
