//! The wire of Huawei's dedicated gateways: published examples as an independent oracle, and laws over random specs.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as tests do")]

mod arbitrary;
mod examples;
mod laws;

use apigctl::address::Address;
use apigctl::kind::Kind;
use apigctl::provider::huawei::convert::Names;
use serde_json::{Map, Value};

/// A gateway whose ids are the names with a mark in front, so that both directions are known.
struct Marked;

const MARK: &str = "of-";

impl Names for Marked {
    fn name(&self, _: Kind, id: &str) -> Option<String> {
        id.strip_prefix(MARK).map(str::to_owned)
    }
}

/// The body with ids and secrets where placeholders stood.
fn resolved(body: &Value, id: &dyn Fn(&Address) -> String) -> Value {
    match body {
        Value::Object(map) if map.contains_key("$gateway") => {
            Value::from("f0fa1789-3b76-433b-a787-9892951c620e")
        }
        Value::Object(map) => match (map.get("$id"), map.get("$secret")) {
            (Some(address), _) => Value::from(id(&Address::parse(address.as_str().unwrap()).unwrap())),
            (None, Some(_)) => Value::from("sig*****ret"),
            (None, None) if map.contains_key("$json") => Value::from(resolved(&map["$json"], id).to_string()),
            (None, None) => {
                map.iter().map(|(k, v)| (k.clone(), resolved(v, id))).collect::<Map<_, _>>().into()
            }
        },
        Value::Array(items) => items.iter().map(|item| resolved(item, id)).collect(),
        other => other.clone(),
    }
}
