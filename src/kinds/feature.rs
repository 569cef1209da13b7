//! `Feature`: a setting of the gateway that switches a part of it on, or says how it works.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::value::{Secret, is_true, ordered, yes};
use crate::address::Address;
use crate::kind::{Given, Kind, KindDef, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// A setting of the gateway; `metadata.name` is the vendor's name of it, such as `app_jwt`. It is always there: it is set, and
/// never made or removed. When its document goes, it stays as it is. Settings are made before all else, since much is
/// possible only with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct FeatureSpec {
    /// Whether the setting counts.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    #[schemars(!skip_serializing_if)]
    pub enabled: bool,
    /// What the setting is: a text such as `on`, a number, or fields, as the vendor documents them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Config>,
    /// The field of the settings that is a secret, where there is one: `key` of `backend_client_certificate`,
    /// `app_token_key` of `app_token`. It must not stand in `config`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
}

/// What a setting is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Config {
    /// A text; a number is written as one, too.
    Text(String),
    /// Fields.
    Fields(BTreeMap<String, Value>),
}

impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Config;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a whole number or fields")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Config, E> {
                Ok(Config::read(text))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Config, E> {
                Ok(Config::Text(number.to_string()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Config, E> {
                Ok(Config::Text(number.to_string()))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Config, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    fields.insert(name, ordered(value));
                }
                Ok(Config::Fields(fields))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Config {
    /// A text as a gateway shows it: fields where it holds an object in JSON.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => {
                Self::Fields(fields.into_iter().map(|(name, value)| (name, ordered(value))).collect())
            }
            _ => Self::Text(text.to_owned()),
        }
    }
}

impl JsonSchema for Config {
    fn schema_name() -> Cow<'static, str> {
        "Config".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A text such as `on`, a whole number, or fields.",
            "type": ["string", "integer", "object"]
        })
    }
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Feature,
    schema: Some(schema_of::<FeatureSpec>),
    noun: "feature",
    given: Given::All,
    ..PLAIN
};

impl Documented for FeatureSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        vec![Part::whole(address, Spec::Feature(self.clone()))]
    }
}
