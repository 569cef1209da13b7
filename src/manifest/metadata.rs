//! `metadata`: what a document is called, and where it belongs.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a document is called, and where it belongs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Metadata {
    /// The name on the gateway.
    pub name: String,
    /// The group that it belongs to, for kinds that live in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Words of your own, for selectors. They stay in the manifests.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, String>,
    /// The object is on the gateway and is not managed here: it may be referred to, and is never changed or deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub external: bool,
}
