//! `Variable`: one name, a value per environment.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::kind::{Kind, KindDef, Owner, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

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
    key: &["group", "environment", "name"],
    schema: Some(schema_of::<VariableSpec>),
    noun: "variable",
    owners: &[
        Owner { kind: Kind::Group, parts: &[0], field: "metadata.group", kept: true },
        Owner { kind: Kind::Environment, parts: &[1], field: "", kept: true },
    ],
    carried: true,
    ..PLAIN
};

impl Documented for VariableSpec {
    /// One in each environment.
    fn resources(&self, address: &Address) -> Vec<Part> {
        let (group, name) = (address.part(0), address.name());
        let one = |(environment, value): (&String, &String)| Part {
            address: Address::new(Kind::Variable, &[&group, environment, &name]),
            spec: Spec::Variable(VariableValue { value: value.clone() }),
            field: Some(format!("spec.values.{environment}")),
        };
        self.values.iter().map(one).collect()
    }
}
