//! Environments (3.2). There is no detail; the list shows everything.

use serde_json::{Value, json};

use super::{Unreadable, wire};
use crate::address::Address;
use crate::kinds::environment::EnvironmentSpec;

/// The body of 3.2.1 and 3.2.2.
#[must_use]
pub fn body(address: &Address, spec: &EnvironmentSpec) -> Value {
    json!({ "name": address.name(), "remark": spec.description })
}

/// Reads an entry of 3.2.4.
///
/// # Errors
///
/// When the remark is not a text.
pub fn spec(wire: &Value) -> Result<EnvironmentSpec, Unreadable> {
    Ok(EnvironmentSpec { description: wire::text(wire, "remark")? })
}
