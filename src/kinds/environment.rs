//! `Environment`: where APIs are published.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::is_default;
use crate::address::Address;
use crate::kind::{Given, Kind, KindDef, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// The environment that every gateway has from the start and that needs no document.
pub const RELEASE: &str = "RELEASE";

/// A place to publish APIs into, such as TEST. `RELEASE` is always there and needs no document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct EnvironmentSpec {
    /// What the environment is for, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Environment,
    key: &["name"],
    schema: Some(schema_of::<EnvironmentSpec>),
    noun: "environment",
    given: Given::Named(RELEASE),
    ..PLAIN
};

impl Documented for EnvironmentSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        vec![Part::whole(address, Spec::Environment(self.clone()))]
    }
}
