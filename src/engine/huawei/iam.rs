//! As much of the identity service as clients need: tokens, projects, domains.
//!
//! A token is its own proof: when it ends, and a code over that made with the secret key. Nothing is stored.

use aws_lc_rs::{constant_time, hmac};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::fault::json_response;
use super::signature::{self, Credentials};
use super::validate;
use crate::engine::time::{Nanos, hex, seconds};
use crate::engine::{Access, Engine};

/// How long a token is good.
const TOKEN_LIFE: Nanos = 24 * 3600 * 1_000_000_000;

/// Answers what belongs to the identity service; none for all other paths.
pub(crate) fn answer(
    engine: &Engine,
    request: &Request<Bytes>,
    access: Access,
    now: Nanos,
) -> Option<Response<Bytes>> {
    let path = request.uri().path().trim_end_matches('/');
    if !path.starts_with("/v3/") {
        return None;
    }
    let known = ["/v3/auth/tokens", "/v3/projects", "/v3/auth/projects", "/v3/auth/domains"];
    if !known.contains(&path) {
        return Some(refuse(StatusCode::NOT_FOUND, "Not Found"));
    }
    let wanted = if path == "/v3/auth/tokens" { Method::POST } else { Method::GET };
    if *request.method() != wanted {
        return Some(refuse(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"));
    }
    if path == "/v3/auth/tokens" {
        return Some(issue(engine, request, now).unwrap_or_else(|refusal| refusal));
    }
    if access == Access::Signed && signature::verify(engine.credentials(), request, now).is_err() {
        return Some(refuse(StatusCode::UNAUTHORIZED, "The request you have made requires authentication."));
    }
    Some(if path == "/v3/auth/domains" {
        let domain = json!({"id": account_id(engine.credentials()), "name": domain_name(engine), "enabled": true,
            "description": "", "links": {}});
        reply(StatusCode::OK, &json!({"domains": [domain], "links": {}}))
    } else {
        let name = name_filter(request.uri().query().unwrap_or(""));
        reply(StatusCode::OK, &json!({"projects": projects(engine, name.as_deref()), "links": {}}))
    })
}

fn name_filter(query: &str) -> Option<String> {
    let value = query.split('&').find_map(|part| part.strip_prefix("name="))?;
    Some(validate::decode(value, true))
}

/// The first project bears the name of the region, as clients that look for it expect; the others their id.
fn projects(engine: &Engine, name: Option<&str>) -> Vec<Value> {
    let all = engine.projects().into_iter().map(|id| {
        let shown = if id == engine.project_id() { engine.region().to_owned() } else { id.clone() };
        (id, shown)
    });
    let one = |(id, shown): (String, String)| {
        json!({"id": id, "name": shown, "domain_id": account_id(engine.credentials()), "parent_id": account_id(engine.credentials()),
            "enabled": true, "is_domain": false, "description": "", "links": {}})
    };
    all.filter(|(_, shown)| name.is_none_or(|name| name == shown)).map(one).collect()
}

fn domain_name(engine: &Engine) -> String {
    engine.credentials().access_key.clone()
}

/// The id of the one account there is: made of its access key, so that it is the same in every run.
pub(crate) fn account_id(credentials: &Credentials) -> String {
    let name = &credentials.access_key;
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, name.as_bytes()).as_ref())[..32].to_owned()
}

fn issue(engine: &Engine, request: &Request<Bytes>, now: Nanos) -> Result<Response<Bytes>, Response<Bytes>> {
    let malformed = || refuse(StatusCode::BAD_REQUEST, "Request body is invalid.");
    let body: Value = serde_json::from_slice(request.body()).map_err(|_| malformed())?;
    let identity = &body["auth"]["identity"];
    let methods = identity["methods"].as_array().ok_or_else(malformed)?;
    let (name, secret) = match methods.first().and_then(Value::as_str) {
        Some("password") => {
            let user = &identity["password"]["user"];
            (user["name"].as_str(), user["password"].as_str())
        }
        Some("hw_ak_sk") => {
            let pair = &identity["hw_ak_sk"];
            (pair["access"]["key"].as_str(), pair["secret"]["key"].as_str())
        }
        _ => return Err(malformed()),
    };
    let (name, secret) = name.zip(secret).ok_or_else(malformed)?;
    let credentials = engine.credentials();
    let same = |a: &str, b: &str| constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok();
    let good = !credentials.secret_key.is_empty()
        && same(name, &credentials.access_key)
        && same(secret, &credentials.secret_key);
    if !good {
        return Err(refuse(StatusCode::UNAUTHORIZED, "The username or password is wrong."));
    }
    let scope = &body["auth"]["scope"]["project"];
    let wanted = |project: &&Value| {
        scope["id"].as_str().is_none_or(|id| project["id"] == id)
            && scope["name"].as_str().is_none_or(|name| project["name"] == name)
    };
    let all = projects(engine, None);
    let project = all.iter().find(wanted);
    let project = project.ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, "The project does not exist."))?;
    let ends = now.saturating_add(TOKEN_LIFE);
    let domain = json!({"id": account_id(engine.credentials()), "name": domain_name(engine)});
    let token = json!({"token": {
        "methods": methods, "issued_at": seconds(now), "expires_at": seconds(ends), "roles": [], "catalog": [],
        "project": {"id": project["id"], "name": project["name"], "domain": domain},
        "user": {"id": domain["id"], "name": name, "domain": domain, "password_expires_at": ""},
    }});
    let mut response = reply(StatusCode::CREATED, &token);
    if let Ok(value) = HeaderValue::from_str(&token_text(credentials, ends)) {
        response.headers_mut().insert("x-subject-token", value);
    }
    Ok(response)
}

fn token_text(credentials: &Credentials, ends: Nanos) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, credentials.secret_key.as_bytes());
    let code = hmac::sign(&key, format!("apigctl token {ends}").as_bytes());
    format!("{ends:x}.{}", hex(code.as_ref()))
}

/// True for a token this service issued with the same secret key and that has not ended.
pub(crate) fn is_issued(credentials: &Credentials, token: &[u8], now: Nanos) -> bool {
    let ends = std::str::from_utf8(token).ok().and_then(|token| token.split_once('.'));
    let Some(ends) = ends.and_then(|(ends, _)| Nanos::from_str_radix(ends, 16).ok()) else { return false };
    let expected = token_text(credentials, ends);
    let same = constant_time::verify_slices_are_equal(expected.as_bytes(), token).is_ok();
    same && ends > now && !credentials.secret_key.is_empty()
}

fn reply(status: StatusCode, body: &Value) -> Response<Bytes> {
    json_response(status, Bytes::from(body.to_string()))
}

fn refuse(status: StatusCode, message: &str) -> Response<Bytes> {
    let title = status.canonical_reason().unwrap_or("Error");
    reply(status, &json!({"error": {"code": status.as_u16(), "message": message, "title": title}}))
}
