//! `Environment`: where APIs are published.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::value::is_default;
use crate::kind::{Form, Kind, KindDef};

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
    form: Form::Document,
    key: &["name"],
    schema: Some(schema),
    noun: "environment",
};

fn schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<EnvironmentSpec>()
}
