//! Keys with which the gateway signs requests to backends. Lists show them with their secrets.

use serde_json::{Value, json};

use crate::address::Address;
use crate::kinds::signature::{SignatureSpec, SignatureType};
use crate::provider::wire::{UNREADABLE_SECRET, Unreadable, need};

/// The parameters that make or change a key.
pub(in crate::provider::alibaba) fn body(address: &Address, spec: &SignatureSpec) -> Value {
    json!({
        "SignatureName": address.name(),
        "SignatureKey": spec.key,
        "SignatureSecret": { "$secret": spec.secret },
    })
}

/// Reads a row of `DescribeSignatures`.
pub(in crate::provider::alibaba) fn spec(wire: &Value) -> Result<SignatureSpec, Unreadable> {
    Ok(SignatureSpec {
        kind: SignatureType::Hmac,
        algorithm: None,
        key: need(wire, "SignatureKey")?,
        secret: UNREADABLE_SECRET,
    })
}
