//! Variables (3.3): one per group, environment and name. Only the value can be changed.

use serde_json::{Value, json};

use super::{Unreadable, id_of, wire};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::variable::VariableValue;

/// The body of 3.3.1.
#[must_use]
pub fn create(address: &Address, spec: &VariableValue) -> Value {
    json!({
        "variable_name": address.name(),
        "variable_value": spec.value,
        "env_id": id_of(Kind::Environment, &[&address.part(1)]),
        "group_id": id_of(Kind::Group, &[&address.part(0)]),
    })
}

/// The body of 3.3.5.
#[must_use]
pub fn update(_: &Address, spec: &VariableValue) -> Value {
    json!({ "variable_value": spec.value })
}

/// Reads an entry of 3.3.4 or the answer of 3.3.3.
///
/// # Errors
///
/// When there is no value.
pub fn spec(wire: &Value) -> Result<VariableValue, Unreadable> {
    Ok(VariableValue { value: wire::need(wire, "variable_value")? })
}
