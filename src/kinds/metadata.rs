//! What every document says of itself, whatever its kind.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::is_default;

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Metadata {
    /// The name at the gateway. Together with the kind (and the group) it identifies the resource.
    pub name: String,
    /// The group, for kinds that live in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Labels of your own, for selectors. They stay in the manifests.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub labels: IndexMap<String, String>,
    /// The resource is on the gateway and is not managed here: it may be named, and is never changed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub external: bool,
    /// The resource is not deleted, replaced or taken offline, not even when this document goes: the ledger remembers it. To
    /// have it removed all the same, first apply `protect: false`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub protect: bool,
    /// The name that it had before: it is renamed instead of being deleted and made anew, where the gateway can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// Other documents that must be applied before, as `Kind/name` or `Kind/group/name`, where no field says so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}
