//! Groups (3.1). Only the name and the remark can be written; the list shows everything.

use serde_json::{Value, json};

use super::{Unreadable, wire};
use crate::address::Address;
use crate::kinds::group::GroupSpec;

/// The body of 3.1.1 and 3.1.2.
#[must_use]
pub fn body(address: &Address, spec: &GroupSpec) -> Value {
    json!({ "name": address.name(), "remark": spec.description })
}

/// Reads an entry of 3.1.5 or the answer of 3.1.4.
///
/// # Errors
///
/// When the remark is not a text.
pub fn spec(wire: &Value) -> Result<GroupSpec, Unreadable> {
    Ok(GroupSpec { description: wire::text(wire, "remark")? })
}
