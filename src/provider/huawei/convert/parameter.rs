//! Request parameters (`ReqParamBase` of 3.5.1) and backend parameters (`BackendParamBase`).

use serde_json::{Map, Value, json};

use super::Unreadable;
use super::wire::{Words, need, need_word, number, optional, put, read_word, switch, text, word};
use super::yes_no;
use crate::kinds::api::{Location, Parameter, ParameterType};
use crate::kinds::backend::{BackendParameter, Origin};

const LOCATIONS: &Words<Location> =
    &[(Location::Path, "PATH"), (Location::Query, "QUERY"), (Location::Header, "HEADER")];

const TYPES: &Words<ParameterType> = &[(ParameterType::String, "STRING"), (ParameterType::Number, "NUMBER")];

type Make = fn(String) -> Origin;

/// The prefix of what the gateway knows, and of what authorizers returned; the longest first.
const CONTEXTS: [(&str, Make); 3] = [
    (FRONTEND_AUTHORIZER, Origin::FrontendAuthorizer),
    (BACKEND_AUTHORIZER, Origin::BackendAuthorizer),
    (GATEWAY, Origin::System),
];

/// The prefix of what the custom authorizer of an API returned.
pub(super) const FRONTEND_AUTHORIZER: &str = "$context.authorizer.frontend.";
const BACKEND_AUTHORIZER: &str = "$context.authorizer.backend.";
const GATEWAY: &str = "$context.";

#[derive(Clone, Copy, PartialEq)]
enum Source {
    Request,
    Constant,
    System,
}

const SOURCES: &Words<Source> =
    &[(Source::Request, "REQUEST"), (Source::Constant, "CONSTANT"), (Source::System, "SYSTEM")];

/// An element of `req_params`.
#[must_use]
pub fn request_body(parameter: &Parameter) -> Value {
    let p = parameter;
    let mut body = Map::new();
    body.insert("name".into(), json!(p.name));
    body.insert("type".into(), word(TYPES, &p.kind).into());
    body.insert("location".into(), word(LOCATIONS, &p.location).into());
    body.insert("required".into(), yes_no(p.required));
    body.insert("valid_enable".into(), yes_no(p.validate));
    body.insert("pass_through".into(), yes_no(p.pass_through));
    body.insert("default_value".into(), json!(p.default));
    body.insert("sample_value".into(), json!(p.example));
    body.insert("remark".into(), json!(p.description));
    body.insert("enumerations".into(), p.values.join(",").into());
    put(&mut body, "min_num", p.minimum);
    put(&mut body, "max_num", p.maximum);
    put(&mut body, "min_size", p.min_length);
    put(&mut body, "max_size", p.max_length);
    put(&mut body, "regular", Some(p.pattern.as_str()).filter(|t| !t.is_empty()));
    put(&mut body, "json_schema", Some(p.json_schema.as_str()).filter(|t| !t.is_empty()));
    Value::Object(body)
}

/// Reads an element of `req_params`.
///
/// # Errors
///
/// When name, type or location is missing or not documented.
pub fn request(wire: &Value) -> Result<Parameter, Unreadable> {
    let location = need_word(wire, "location", LOCATIONS)?;
    Ok(Parameter {
        name: need(wire, "name")?,
        location,
        kind: read_word(wire, "type", TYPES)?.unwrap_or_default(),
        required: location == Location::Path || switch(wire, "required", false)?,
        default: text(wire, "default_value")?,
        example: text(wire, "sample_value")?,
        description: text(wire, "remark")?,
        values: commas(&text(wire, "enumerations")?),
        minimum: number(wire, "min_num")?,
        maximum: number(wire, "max_num")?,
        min_length: number(wire, "min_size")?,
        max_length: number(wire, "max_size")?,
        pattern: text(wire, "regular")?,
        json_schema: text(wire, "json_schema")?,
        validate: switch(wire, "valid_enable", false)?,
        pass_through: switch(wire, "pass_through", true)?,
    })
}

/// The parts of a text that commas separate; none of an empty text.
pub(super) fn commas(text: &str) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { text.split(',').map(str::to_owned).collect() }
}

/// An element of `backend_params`.
#[must_use]
pub fn backend_body(parameter: &BackendParameter) -> Value {
    let (source, value) = match &parameter.from {
        Origin::Request(name) => (Source::Request, name.clone()),
        Origin::Constant(value) => (Source::Constant, value.clone()),
        Origin::System(name) => (Source::System, format!("{GATEWAY}{name}")),
        Origin::FrontendAuthorizer(name) => (Source::System, format!("{FRONTEND_AUTHORIZER}{name}")),
        Origin::BackendAuthorizer(name) => (Source::System, format!("{BACKEND_AUTHORIZER}{name}")),
    };
    json!({
        "name": parameter.name,
        "location": word(LOCATIONS, &parameter.location),
        "origin": word(SOURCES, &source),
        "value": value,
        "remark": parameter.description,
    })
}

/// Reads an element of `backend_params`.
///
/// # Errors
///
/// When name, location or origin is missing or not documented.
pub fn backend(wire: &Value) -> Result<BackendParameter, Unreadable> {
    let value = optional(wire, "value")?.unwrap_or_default();
    let from = match need_word(wire, "origin", SOURCES)? {
        Source::Request => Origin::Request(value),
        Source::Constant => Origin::Constant(value),
        Source::System => {
            let known =
                CONTEXTS.iter().find_map(|(prefix, make)| Some(make(value.strip_prefix(prefix)?.into())));
            known.unwrap_or(Origin::System(value))
        }
    };
    Ok(BackendParameter {
        name: need(wire, "name")?,
        location: need_word(wire, "location", LOCATIONS)?,
        from,
        description: text(wire, "remark")?,
    })
}
