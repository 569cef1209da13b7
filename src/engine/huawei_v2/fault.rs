//! A refused request: the code, what it speaks of, and how that reads on the wire.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::json;

use super::protocol::{Operation, Protocol};

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

    /// The message as the client reads it.
    pub(crate) fn message(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let (_, template) = Protocol::get().message(&self.code);
        if template.contains("{}") {
            return template.replace("{}", &self.subject);
        }
        if self.code == "APIC.7211" && !self.subject.is_empty() {
            return format!("{template}, parameter name[{}]", self.subject);
        }
        template.to_owned()
    }

    /// The status for an operation.
    pub(crate) fn status(&self, operation: Option<&Operation>) -> u16 {
        self.status
            .or_else(|| operation.and_then(|operation| operation.status_of(&self.code)))
            .unwrap_or_else(|| Protocol::get().message(&self.code).0)
    }

    /// The answer.
    pub(crate) fn response(&self, operation: Option<&Operation>) -> Response<Bytes> {
        let body = json!({"error_code": self.code, "error_msg": self.message()});
        let status = StatusCode::from_u16(self.status(operation)).unwrap_or(StatusCode::BAD_REQUEST);
        json_response(status, Bytes::from(body.to_string()))
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
