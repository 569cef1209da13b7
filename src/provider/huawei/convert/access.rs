//! Access control policies (3.13). The list shows everything; values are one text, joined by commas, and a set.

use serde_json::{Value, json};

use super::Unreadable;
use super::wire::{Words, need, need_word, word};
use crate::address::Address;
use crate::kinds::access_control::{AccessControlSpec, CallerType, Effect, as_set};

/// The effects on the wire (3.13.1, 3.28.14).
pub(super) const EFFECTS: &Words<Effect> = &[(Effect::Allow, "PERMIT"), (Effect::Deny, "DENY")];

const TYPES: &Words<CallerType> =
    &[(CallerType::Ip, "IP"), (CallerType::Account, "DOMAIN"), (CallerType::AccountId, "DOMAIN_ID")];

/// The body of 3.13.1 and 3.13.2.
#[must_use]
pub fn body(address: &Address, spec: &AccessControlSpec) -> Value {
    json!({
        "acl_name": address.name(),
        "acl_type": word(EFFECTS, &spec.effect),
        "entity_type": word(TYPES, &spec.by),
        "acl_value": as_set(&spec.values).join(","),
    })
}

/// Reads an entry of 3.13.6 or the answer of 3.13.5.
///
/// # Errors
///
/// When a field is missing, or a word is not documented.
pub fn spec(wire: &Value) -> Result<AccessControlSpec, Unreadable> {
    let values: Vec<String> =
        need(wire, "acl_value")?.split(',').map(|value| value.trim().to_owned()).collect();
    Ok(AccessControlSpec {
        effect: need_word(wire, "acl_type", EFFECTS)?,
        by: need_word(wire, "entity_type", TYPES)?,
        values: as_set(&values),
    })
}
