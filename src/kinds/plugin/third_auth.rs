//! The plug-in type `thirdAuth`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PluginParameter, When};
use crate::kinds::access_control::Effect;
use crate::kinds::backend::Scheme;
use crate::kinds::value::{Duration, Method, is_default};

/// Which service is asked whether a call may pass, with what, and what its answer means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ThirdAuth {
    /// The request to the service.
    pub request: AuthRequest,
    /// Request headers by which callers are told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity_headers: Vec<String>,
    /// Query parameters by which callers are told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity_queries: Vec<String>,
    /// How many bytes of the body are sent to the service; left out: the body is not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub carry_body: Option<u32>,
    /// Whether the path of the call is sent to the service.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub carry_path: bool,
    /// Whether callers get the body of the service's answer when it refuses.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub return_body: bool,
    /// Headers of the service's answer that are sent on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub carry_response_headers: Vec<String>,
    /// Whether any 2xx of the service lets the call pass; then `accept` is not needed.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub simple: bool,
    /// What the headers of the service's answer must say to let the call pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<When>,
    /// For which calls the service is asked, or not. Left out: for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<AuthRules>,
    /// After how many refusals a caller is kept out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub forbid_limit: Option<u32>,
    /// Whether calls pass while the service cannot be reached.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub downgrade: bool,
}

/// The request to the service, found by `address` or by `channel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AuthRequest {
    /// The method: GET, POST, PUT, HEAD, DELETE or PATCH.
    pub method: Method,
    /// How it is sent.
    pub protocol: Scheme,
    /// Host and port, such as `auth.internal:8443`. Exactly one of `address` and `channel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A load balance channel on the gateway, instead of `address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The `Host` header sent to the members of the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_header: Option<String>,
    /// The path.
    pub path: String,
    /// How long the gateway waits for the answer, 1ms to 1m.
    pub timeout: Duration,
}

/// For which calls the service is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AuthRules {
    /// Whether calls that a rule fits pass without being asked about, or are the only ones that are.
    pub effect: Effect,
    /// What the rules name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<PluginParameter>,
    /// The rules.
    #[schemars(length(min = 1))]
    pub rules: Vec<AuthRule>,
}

/// Some of the calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AuthRule {
    /// The name of the rule.
    pub name: String,
    /// Which calls.
    pub when: When,
}
