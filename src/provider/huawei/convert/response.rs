//! Group responses (3.19). Lists show names only; a detail shows every type of error, and which were customised.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Unreadable;
use super::wire::{Words, list, need, number, put, switch, text, word};
use crate::address::Address;
use crate::kinds::group_response::{ErrorResponse, ErrorType, GroupResponseSpec};

const TYPES: &Words<ErrorType> = &[
    (ErrorType::AuthFailure, "AUTH_FAILURE"),
    (ErrorType::AuthHeaderMissing, "AUTH_HEADER_MISSING"),
    (ErrorType::AuthorizerFailure, "AUTHORIZER_FAILURE"),
    (ErrorType::AuthorizerConfFailure, "AUTHORIZER_CONF_FAILURE"),
    (ErrorType::AuthorizerIdentitiesFailure, "AUTHORIZER_IDENTITIES_FAILURE"),
    (ErrorType::BackendUnavailable, "BACKEND_UNAVAILABLE"),
    (ErrorType::BackendTimeout, "BACKEND_TIMEOUT"),
    (ErrorType::Throttled, "THROTTLED"),
    (ErrorType::Unauthorized, "UNAUTHORIZED"),
    (ErrorType::AccessDenied, "ACCESS_DENIED"),
    (ErrorType::NotFound, "NOT_FOUND"),
    (ErrorType::RequestParametersFailure, "REQUEST_PARAMETERS_FAILURE"),
    (ErrorType::Default4xx, "DEFAULT_4XX"),
    (ErrorType::Default5xx, "DEFAULT_5XX"),
    (ErrorType::ThirdAuthFailure, "THIRD_AUTH_FAILURE"),
    (ErrorType::ThirdAuthIdentitiesFailure, "THIRD_AUTH_IDENTITIES_FAILURE"),
    (ErrorType::ThirdAuthConfFailure, "THIRD_AUTH_CONF_FAILURE"),
    (ErrorType::OrchestrationParameterNotFound, "ORCHESTRATION_PARAMETER_NOT_FOUND"),
    (ErrorType::OrchestrationFailure, "ORCHESTRATION_FAILURE"),
];

/// The body of 3.19.1 and 3.19.3: the types that are customised, which puts the others back.
#[must_use]
pub fn body(address: &Address, spec: &GroupResponseSpec) -> Value {
    let answer = |answer: &ErrorResponse| {
        let mut body = Map::new();
        put(&mut body, "status", answer.status);
        body.insert("body".into(), json!(answer.body));
        let header = |(key, value)| json!({ "key": key, "value": value });
        body.insert("headers".into(), answer.headers.iter().map(header).collect());
        Value::Object(body)
    };
    let errors = spec.errors.iter().map(|(error, of)| (word(TYPES, error).to_owned(), answer(of)));
    json!({ "name": address.name(), "responses": errors.collect::<Map<_, _>>() })
}

/// Reads the answer of 3.19.2: the types that are customised.
///
/// # Errors
///
/// When a type is not documented, or a field is not what it should be.
pub fn spec(wire: &Value) -> Result<GroupResponseSpec, Unreadable> {
    let mut errors = BTreeMap::new();
    for (name, wire) in wire.get("responses").and_then(Value::as_object).into_iter().flatten() {
        if switch(wire, "default", false)? {
            continue;
        }
        let error = TYPES.iter().find(|(_, word)| word == name).map(|(error, _)| *error);
        let error = error.ok_or_else(|| {
            Unreadable::new("responses", format!("`{name}`, which is not a documented type of error"))
        })?;
        errors.insert(error, answer(wire).map_err(|e| e.within(&format!("responses.{name}")))?);
    }
    Ok(GroupResponseSpec { errors })
}

fn answer(wire: &Value) -> Result<ErrorResponse, Unreadable> {
    let header = |wire: &Value| Ok((need(wire, "key")?, need(wire, "value")?));
    Ok(ErrorResponse {
        status: number(wire, "status")?,
        body: text(wire, "body")?,
        headers: list(wire, "headers", header)?.into_iter().collect(),
    })
}
