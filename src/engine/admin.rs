//! What only the engine has, and no gateway of a vendor: `/_engine/…`. Signed as the calls of `/v2`.
//!
//! | call | does |
//! | --- | --- |
//! | `POST /_engine/traffic` | takes recorded traffic in, `{"samples": [...]}`; see [`super::traffic`] |

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::dialect::{Dialect, Founded, Submitted};
use super::huawei::signature;
use super::time::Nanos;
use super::{Access, Coverage, Engine, Options, Trace};

/// The engine's own calls.
pub(super) struct Admin;

impl Dialect for Admin {
    fn speaks(&self, path: &str) -> bool {
        path.starts_with("/_engine/")
    }

    fn found(&self, _: &Options, _: Nanos) -> Vec<Founded> {
        Vec::new()
    }

    fn submit(&self, engine: &Engine, request: &Request<Bytes>, access: Access, now: Nanos) -> Submitted {
        (serve(engine, request, access, now), None)
    }

    fn refuse(&self, _: &Engine, status: StatusCode, text: &str) -> Response<Bytes> {
        refusal(status, text)
    }

    fn waits_for_others(&self, _: &Request<Bytes>) -> bool {
        false
    }

    fn operations(&self) -> Vec<Coverage> {
        Vec::new()
    }
}

fn serve(engine: &Engine, request: &Request<Bytes>, access: Access, now: Nanos) -> Response<Bytes> {
    if access == Access::Signed
        && let Err(refused) = signature::verify(engine.credentials(), request, now)
    {
        return refusal(StatusCode::UNAUTHORIZED, &refused.to_string());
    }
    if request.uri().path().trim_end_matches('/') != "/_engine/traffic" {
        return refusal(StatusCode::NOT_FOUND, "the engine has only /_engine/traffic");
    }
    if request.method() != Method::POST {
        return refusal(StatusCode::METHOD_NOT_ALLOWED, "POST is the only method");
    }
    match engine.feed(request.body()) {
        Ok(recorded) => answer(StatusCode::OK, &json!({ "recorded": recorded })),
        Err(message) => refusal(StatusCode::BAD_REQUEST, &message),
    }
}

fn answer(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn refusal(status: StatusCode, message: &str) -> Response<Bytes> {
    let mut response = answer(status, &json!({ "error": message }));
    response
        .extensions_mut()
        .insert(Trace { error_code: Some(status.as_str().to_owned()), ..Trace::default() });
    response
}
