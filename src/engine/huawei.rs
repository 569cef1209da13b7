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
use http::{HeaderValue, Response};

use super::{Engine, Trace};
use protocol::Operation;

/// Gives an answer the id of its request, and the operation for the log.
pub(crate) fn stamp(engine: &Engine, operation: Option<&'static Operation>, response: &mut Response<Bytes>) {
    let mut trace = response.extensions_mut().remove::<Trace>().unwrap_or_default();
    trace.operation = operation.map(|operation| operation.section.as_str());
    response.extensions_mut().insert(trace);
    if let Ok(value) = HeaderValue::from_str(&engine.request_id()) {
        response.headers_mut().insert("x-request-id", value);
    }
}
