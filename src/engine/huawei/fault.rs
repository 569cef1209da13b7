//! A refused request: the code, what it speaks of, and how that reads on the wire.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use super::protocol::{Edition, Operation};
use crate::engine::Trace;

/// Why a request was refused. Status and text come from the protocol data.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: String,
    /// Fills the gap of the message template: an id or the name of a parameter.
    pub(crate) subject: String,
    /// Takes the place of the message template, where that would say less.
    pub(crate) text: Option<String>,
    pub(crate) status: Option<u16>,
}

impl Fault {
    /// A fault with the message of the table.
    pub(crate) fn new(code: &str) -> Self {
        Self::of(code, "")
    }

    /// A fault about something that has a name.
    pub(crate) fn of(code: &str, subject: &str) -> Self {
        Self { code: code.to_owned(), subject: subject.to_owned(), text: None, status: None }
    }

    /// A parameter that breaks a rule of the operation.
    pub(crate) fn parameter(operation: &Operation, name: &str) -> Self {
        Self::of(&operation.bad, name)
    }

    /// A parameter that must be there.
    pub(crate) fn missing(operation: &Operation, name: &str) -> Self {
        let code = if operation.bad.starts_with("APIC") { &operation.bad } else { "APIG.2001" };
        Self::of(code, name)
    }

    pub(crate) fn saying(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The code as the client of an edition reads it.
    pub(crate) fn code(&self, edition: Edition) -> &str {
        edition.protocol().code(&self.code)
    }

    /// The message as the client who asked for an operation reads it.
    pub(crate) fn message(&self, edition: Edition, asked: Option<&Operation>) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let code = self.code(edition);
        let (_, template) = edition.protocol().message(code);
        if template.contains("{}") {
            return template.replace("{}", &self.subject);
        }
        if self.subject.is_empty() {
            return template.to_owned();
        }
        if code == "APIC.7211" {
            return format!("{template}, parameter name[{}]", self.subject);
        }
        // V1's table says what is wrong, its examples also with which parameter.
        if edition == Edition::V1 && code.starts_with("APIG.20") {
            let name = asked.map_or(self.subject.as_str(), |asked| asked.own_name(&self.subject));
            return format!("{template} parameterName:{name}");
        }
        template.to_owned()
    }

    /// The status for an operation.
    pub(crate) fn status(&self, edition: Edition, operation: Option<&Operation>) -> u16 {
        let code = self.code(edition);
        self.status
            .or_else(|| operation.and_then(|operation| operation.status_of(code)))
            .unwrap_or_else(|| edition.protocol().message(code).0)
    }

    /// The answer, and what it is for the log.
    pub(crate) fn response(&self, edition: Edition, operation: Option<&Operation>) -> Response<Bytes> {
        let code = self.code(edition);
        let body = json!({"error_code": code, "error_msg": self.message(edition, operation)});
        let status = StatusCode::from_u16(self.status(edition, operation)).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = json_response(status, Bytes::from(body.to_string()));
        let trace = Trace { error_code: Some(code.to_owned()), ..Trace::default() };
        response.extensions_mut().insert(trace);
        response
    }
}

/// A JSON answer.
pub(crate) fn json_response(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let value = http::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, value);
    response
}
