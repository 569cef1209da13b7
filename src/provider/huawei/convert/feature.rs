//! Features (3.21): settings with a text, which is a word, a number or an object in JSON.

use serde_json::{Map, Value, json};

use super::signature::UNREADABLE_SECRET;
use super::wire::{need, switch, text};
use super::{Unreadable, secret_of};
use crate::address::Address;
use crate::kinds::feature::{Config, FeatureSpec};

/// The fields of settings that are secrets (5.5).
pub const SECRETS: &[(&str, &str)] = &[("backend_client_certificate", "key"), ("app_token", "app_token_key")];

/// The secret field of a feature.
#[must_use]
pub fn secret_field(feature: &str) -> Option<&'static str> {
    SECRETS.iter().find(|(name, _)| *name == feature).map(|(_, field)| *field)
}

/// The body of 3.21.1.
#[must_use]
pub fn body(address: &Address, spec: &FeatureSpec) -> Value {
    let name = address.name();
    let config = match &spec.config {
        None => Value::from(""),
        Some(Config::Text(text)) => text.as_str().into(),
        Some(Config::Fields(fields)) => {
            let mut fields: Map<String, Value> = fields.clone().into_iter().collect();
            if let (Some(field), Some(secret)) = (secret_field(&name), &spec.secret) {
                fields.insert(field.to_owned(), secret_of(secret));
            }
            json!({ "$json": fields })
        }
    };
    json!({ "name": name, "enable": spec.enabled, "config": config })
}

/// What 3.21.2 shows, for a rehearsal: set long ago, since a feature can be set once a minute.
#[must_use]
pub fn shown(address: &Address, spec: &FeatureSpec) -> Value {
    let mut shown = body(address, spec);
    shown["update_time"] = "2000-01-01T00:00:00Z".into();
    shown
}

/// Reads an entry of 3.21.2, with [`UNREADABLE_SECRET`] where it holds a secret.
///
/// # Errors
///
/// When the name is missing.
pub fn spec(wire: &Value) -> Result<FeatureSpec, Unreadable> {
    let config = text(wire, "config")?;
    let mut secret = None;
    let config = (!config.is_empty()).then(|| match Config::read(&config) {
        Config::Fields(mut fields) => {
            if let Some(field) = secret_field(&need(wire, "name").unwrap_or_default()) {
                let held = fields.remove(field).is_some_and(|held| held != "");
                secret = held.then_some(UNREADABLE_SECRET);
            }
            Config::Fields(fields)
        }
        text => text,
    });
    Ok(FeatureSpec { enabled: switch(wire, "enable", true)?, config, secret })
}
