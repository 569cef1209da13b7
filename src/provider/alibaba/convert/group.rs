//! Groups (`CreateApiGroup`, `ModifyApiGroup`, `DescribeApiGroups`). What manifests do not say of a group (base path, tags,
//! instance and more) is not sent, and stays as it is: `ModifyApiGroup` changes what it is given.

use serde_json::{Value, json};

use crate::address::Address;
use crate::kinds::group::GroupSpec;
use crate::provider::wire::{Unreadable, text};

/// The parameters that make or change a group.
pub(in crate::provider::alibaba) fn body(address: &Address, spec: &GroupSpec) -> Value {
    json!({ "GroupName": address.name(), "Description": spec.description })
}

/// Reads a row of `DescribeApiGroups`.
pub(in crate::provider::alibaba) fn spec(wire: &Value) -> Result<GroupSpec, Unreadable> {
    Ok(GroupSpec { description: text(wire, "Description")? })
}
