//! What all gateways of this vendor share: who may come in, and what the protocols of two editions have in common.
//!
//! | module | what it is |
//! | --- | --- |
//! | `iam`, `signature` | who may call |
//! | `protocol` | the operations of both editions, from data |
//! | `validate` | requests checked against that data, and brought into the handlers' names |
//! | `fault` | refusals in the words of an edition |

pub(crate) mod fault;
pub(crate) mod iam;
pub(crate) mod protocol;
pub(crate) mod signature;
pub(crate) mod validate;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};

use super::dialect::Submitted;
use super::{Engine, Trace};
use fault::Fault;
use protocol::{Edition, NoRoute, Operation, Route};

/// Finds the operation of a request and answers it by `serve`, or with the refusal in the words of the edition.
pub(crate) fn submit<'r>(
    edition: Edition,
    engine: &Engine,
    request: &'r Request<Bytes>,
    serve: impl FnOnce(Result<Route<'r>, NoRoute>) -> Result<Submitted, Fault>,
) -> Submitted {
    let route = edition.protocol().route(request.method(), request.uri().path());
    let operation = route.as_ref().ok().map(|route| route.operation);
    let (mut response, receipt) =
        serve(route).unwrap_or_else(|fault| (fault.response(edition, operation), None));
    stamp(engine, operation, &mut response);
    (response, receipt)
}

/// The answer when something went wrong before or after the work of the protocol.
pub(crate) fn refuse(edition: Edition, engine: &Engine, status: StatusCode, text: &str) -> Response<Bytes> {
    let code = if status.is_server_error() { "APIG.9999" } else { "APIG.0201" };
    let fault = Fault::new(code).saying(text).with_status(status.as_u16());
    let mut response = fault.response(edition, None);
    stamp(engine, None, &mut response);
    response
}

/// Whether a request is one of those operations that call a backend.
pub(crate) fn calls_out(edition: Edition, request: &Request<Bytes>, those: fn(&Operation) -> bool) -> bool {
    let route = || edition.protocol().route(request.method(), request.uri().path());
    request.method() != Method::GET && route().is_ok_and(|route| those(route.operation))
}

/// Gives an answer the id of its request, and the operation for the log.
pub(crate) fn stamp(engine: &Engine, operation: Option<&'static Operation>, response: &mut Response<Bytes>) {
    let mut trace = response.extensions_mut().remove::<Trace>().unwrap_or_default();
    trace.operation = operation.map(|operation| operation.section.as_str());
    response.extensions_mut().insert(trace);
    if let Ok(value) = HeaderValue::from_str(&engine.request_id()) {
        response.headers_mut().insert("x-request-id", value);
    }
}
