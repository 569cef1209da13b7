//! The protocol on `/`: who is let in, what is refused, what is kept.

mod coverage;
mod pages;
mod refusals;
mod seeding;
mod signing;
mod traffic;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use apigctl::engine::{Access, Engine, Options};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use crate::engine::support::options;

/// The protocol data.
pub(crate) fn protocol() -> &'static Value {
    static DATA: OnceLock<Value> = OnceLock::new();
    DATA.get_or_init(|| serde_json::from_str(include_str!("../../src/engine/alibaba/protocol.json")).unwrap())
}

/// The documented operations, and those that only an older client has.
pub(crate) fn operations() -> impl Iterator<Item = &'static Value> {
    let part = |name: &str| protocol()[name].as_array().unwrap().iter();
    part("operations").chain(part("added"))
}

/// An engine, and a short way to call it.
pub(crate) struct Cloud {
    pub(crate) engine: Arc<Engine>,
}

/// Status and body of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The code of a refusal.
    pub(crate) fn code(&self) -> &str {
        self.body["Code"].as_str().unwrap_or("")
    }
}

/// Percent-encodes all but what needs none.
pub(crate) fn quote(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

/// Parameters as a query.
pub(crate) fn query<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> =
        parameters.into_iter().map(|(name, value)| format!("{}={}", quote(name), quote(value))).collect();
    pairs.join("&")
}

impl Cloud {
    pub(crate) fn new() -> Self {
        Self::with(options())
    }

    pub(crate) fn with(options: Options) -> Self {
        Self { engine: Arc::new(Engine::in_memory(options)) }
    }

    /// Calls an action from within.
    pub(crate) fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        let all =
            [("Action", action), ("Version", "2016-07-14")].into_iter().chain(parameters.iter().copied());
        let request = Request::builder().method("POST").uri(format!("/?{}", query(all)));
        self.ask(request.header("host", "here").body(Bytes::new()).unwrap(), Access::Trusted)
    }

    /// The same; it must succeed.
    pub(crate) fn done(&self, action: &str, parameters: &[(&str, &str)]) -> Value {
        let answer = self.call(action, parameters);
        assert_eq!(answer.status, 200, "{action} {parameters:?}: {}", answer.body);
        answer.body
    }

    pub(crate) fn ask(&self, request: Request<Bytes>, access: Access) -> Answer {
        let response = self.engine.handle(request, access);
        let status = response.status().as_u16();
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert!(body["RequestId"].as_str().is_some_and(|id| id.len() == 36), "{body}");
        Answer { status, body }
    }

    /// Everything the engine holds.
    pub(crate) fn rows(&self) -> BTreeMap<String, Vec<u8>> {
        self.engine.rows()
    }

    /// A group.
    pub(crate) fn group(&self, name: &str) -> String {
        self.done("CreateApiGroup", &[("GroupName", name)])["GroupId"].as_str().unwrap().to_owned()
    }

    /// An API with a path of its own.
    pub(crate) fn api(&self, group: &str, name: &str) -> String {
        let request =
            json!({"RequestProtocol": "HTTP", "RequestHttpMethod": "GET", "RequestPath": format!("/{name}")});
        let service =
            json!({"ServiceProtocol": "HTTP", "ServiceAddress": "http://backend", "ServicePath": "/"});
        let made = self.done(
            "CreateApi",
            &[
                ("GroupId", group),
                ("ApiName", name),
                ("Visibility", "PRIVATE"),
                ("RequestConfig", &request.to_string()),
                ("ServiceConfig", &service.to_string()),
            ],
        );
        made["ApiId"].as_str().unwrap().to_owned()
    }
}
