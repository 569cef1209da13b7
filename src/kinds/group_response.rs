//! `GroupResponse`: what callers get from the gateway itself when something goes wrong.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::kind::{Given, Kind, KindDef, Owner, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// What callers get from the gateway itself when something goes wrong. APIs of the group name it by `response`. Every group has
/// one of the name `default` from the start, for APIs that name none: it can be described, and stays when its manifest
/// goes. A group response that no document describes may be named all the same; then it is looked up on the gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct GroupResponseSpec {
    /// The answer by type of error, such as `throttled` or `notFound`. A type that is left out has the answer of the gateway.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<ErrorType, ErrorResponse>,
}

/// A type of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ErrorType {
    /// The credential of the caller is wrong.
    AuthFailure,
    /// The request carries no credential.
    AuthHeaderMissing,
    /// The custom authorizer refused.
    AuthorizerFailure,
    /// The custom authorizer could not be asked.
    AuthorizerConfFailure,
    /// What the custom authorizer needs is missing or does not fit.
    AuthorizerIdentitiesFailure,
    /// The backend cannot be reached.
    BackendUnavailable,
    /// The backend did not answer in time.
    BackendTimeout,
    /// There were too many calls.
    Throttled,
    /// The app may not call the API.
    Unauthorized,
    /// Access control keeps the caller out.
    AccessDenied,
    /// No API answers the request.
    NotFound,
    /// A parameter of the request is wrong.
    RequestParametersFailure,
    /// Any other error of the caller.
    #[serde(rename = "default4xx")]
    Default4xx,
    /// Any other error behind the gateway.
    #[serde(rename = "default5xx")]
    Default5xx,
    /// The third party refused.
    ThirdAuthFailure,
    /// What the third party needs is missing or does not fit.
    ThirdAuthIdentitiesFailure,
    /// The third party could not be asked.
    ThirdAuthConfFailure,
    /// A parameter that a rule of orchestration needs is missing.
    OrchestrationParameterNotFound,
    /// A rule of orchestration does not fit.
    OrchestrationFailure,
}

/// The answer to one type of error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ErrorResponse {
    /// The status code. Only `default4xx` and `default5xx` may leave it out, for that of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 200, max = 599))]
    pub status: Option<u16>,
    /// The body, in which `$context.error.message` and the like stand for facts of the request.
    pub body: String,
    /// Headers. The gateway must have the feature `gateway_responses_support_header`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// The response that every group has.
pub const DEFAULT: &str = "default";

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::GroupResponse,
    key: &["group", "name"],
    schema: Some(schema_of::<GroupResponseSpec>),
    noun: "group response",
    owners: &[Owner { kind: Kind::Group, parts: &[0], field: "metadata.group", kept: true }],
    carried: true,
    lookup: true,
    given: Given::Named(DEFAULT),
    ..PLAIN
};

/// Whether this is the response that its group has from the start, so that it is neither made nor removed.
#[must_use]
pub fn is_default(address: &Address) -> bool {
    address.kind == Kind::GroupResponse && address.name() == DEFAULT
}

impl Documented for GroupResponseSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        vec![Part::whole(address, Spec::GroupResponse(self.clone()))]
    }
}
