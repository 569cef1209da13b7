//! Apps (3.28) and their access control (3.28.14). The key is shown, the secret only masked; both are made up when a creation
//! does not send them, and stay when an update does not.

use serde_json::{Map, Value, json};

use super::access::EFFECTS;
use super::wire::{element, list, need, need_word, optional, put, text, word};
use super::{UNNAMED, Unreadable, secret_of};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::access_control::as_set;
use crate::kinds::app::{AppAccessSpec, AppCodeSpec, AppSpec};

/// The body of 3.28.1 and 3.28.2.
#[must_use]
pub fn body(address: &Address, spec: &AppSpec) -> Value {
    let mut body = Map::new();
    body.insert("name".into(), address.name().into());
    body.insert("remark".into(), json!(spec.description));
    put(&mut body, "app_key", spec.key.clone());
    put(&mut body, "app_secret", spec.secret.as_ref().map(secret_of));
    Value::Object(body)
}

/// Reads an entry of 3.28.7 or the answer of 3.28.6, without the secret.
///
/// # Errors
///
/// When a field is no text.
pub fn spec(wire: &Value) -> Result<AppSpec, Unreadable> {
    Ok(AppSpec {
        description: text(wire, "remark")?,
        key: optional(wire, "app_key")?,
        secret: None,
        access_control: None,
        codes: Vec::new(),
        quota: None,
    })
}

/// The body of 3.28.14.
#[must_use]
pub fn access_body(_: &Address, spec: &AppAccessSpec) -> Value {
    json!({ "app_acl_type": word(EFFECTS, &spec.effect), "app_acl_values": as_set(&spec.values) })
}

/// Reads the answer of 3.28.15.
///
/// # Errors
///
/// When the type is missing or not documented.
pub fn access(wire: &Value) -> Result<AppAccessSpec, Unreadable> {
    Ok(AppAccessSpec {
        effect: need_word(wire, "app_acl_type", EFFECTS)?,
        values: as_set(&list(wire, "app_acl_values", element)?),
    })
}

/// The body of 3.28.8.
#[must_use]
pub fn code_body(_: &Address, spec: &AppCodeSpec) -> Value {
    let mut body = Map::new();
    put(&mut body, "app_code", spec.secret.as_ref().map(secret_of));
    Value::Object(body)
}

/// Reads an entry of 3.28.12, without the code.
///
/// # Errors
///
/// When there is no code.
pub fn code(wire: &Value) -> Result<AppCodeSpec, Unreadable> {
    need(wire, "app_code").map(|_| AppCodeSpec::default())
}

/// The address of an entry of 3.28.12 within its app, by its id.
pub(in crate::provider) fn code_of(wire: &Value, app: &Address) -> Address {
    let id = wire.get("id").and_then(Value::as_str).unwrap_or_default();
    app.child(Kind::AppCode, &format!("{UNNAMED}{id}"))
}
