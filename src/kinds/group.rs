//! `Group`: what APIs belong to.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::value::is_default;
use crate::kind::{Form, Kind, KindDef};

/// A group of APIs. It owns domains, variables and error responses, and is the usual unit of a team or a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct GroupSpec {
    /// What the group is for, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
}

/// The descriptor.
pub static DEF: KindDef =
    KindDef { kind: Kind::Group, form: Form::Document, key: &["name"], schema: Some(schema), noun: "group" };

fn schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<GroupSpec>()
}
