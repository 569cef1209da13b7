//! Apps. Lists show name and description, and a call of its own the key and the secret.

use serde_json::{Value, json};

use crate::address::Address;
use crate::kinds::app::AppSpec;
use crate::provider::wire::{Unreadable, optional, text};

/// The parameters that make an app; its key and secret are made up where they are not said.
pub(in crate::provider::alibaba) fn body(address: &Address, spec: &AppSpec) -> Value {
    json!({
        "AppName": address.name(),
        "Description": spec.description,
        "AppKey": spec.key,
        "AppSecret": spec.secret.as_ref().map(|secret| json!({ "$secret": secret })),
    })
}

/// Reads a row of `DescribeAppAttributes`, with what `DescribeAppSecurity` shows where that was asked.
pub(in crate::provider::alibaba) fn spec(wire: &Value) -> Result<AppSpec, Unreadable> {
    Ok(AppSpec {
        description: text(wire, "Description")?,
        key: optional(wire, "AppKey")?,
        ..AppSpec::default()
    })
}
