//! `Variable`: one name, a value per environment.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::kind::{Form, Kind, KindDef};

/// A variable of a group. A backend that says `#name#` gets the value of the environment that the call came in by.
/// Changing a value that a backend address uses makes the gateway publish the APIs that use it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct VariableSpec {
    /// The value in each environment, by the name of the environment.
    pub values: IndexMap<String, String>,
}

/// The value of a variable in one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableValue {
    /// The value.
    pub value: String,
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Variable,
    form: Form::Document,
    key: &["group", "environment", "name"],
    schema: Some(schema),
    noun: "variable",
};

fn schema(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<VariableSpec>()
}
