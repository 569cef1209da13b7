//! The plug-in type `rateLimit`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PluginParameter, When};
use crate::kinds::throttle::{Exception, Limits, Scope};
use crate::kinds::value::{Duration, is_default};

/// How many calls may pass in a period. As a `Throttle`, and with rules on what is in the calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct RateLimit {
    /// The period that the limits count in, such as 1s, 1m, 1h or 1d.
    pub per: Duration,
    /// Whether each API counts for itself, or all APIs with the plug-in count together.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub scope: Scope,
    /// Calls allowed in a period.
    pub limits: Limits,
    /// Apps and accounts with a limit of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
    /// What the rules name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<PluginParameter>,
    /// Limits for some of the calls; the first rule that fits counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RateRule>,
}

/// A limit for some of the calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct RateRule {
    /// The name of the rule.
    pub name: String,
    /// Which calls.
    pub when: When,
    /// The period that the limit counts in.
    pub per: Duration,
    /// Calls allowed in a period; 0 lets none pass.
    #[schemars(range(min = 0, max = 2_147_483_647))]
    pub limit: u32,
}
