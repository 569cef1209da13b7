//! Values that several kinds share: durations with units, sources of secrets, HTTP methods.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

/// For `skip_serializing_if`: the value is the documented default.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// For `skip_serializing_if` and `default` of switches that are on unless turned off.
pub(crate) fn is_true(value: &bool) -> bool {
    *value
}

/// For `default` of switches that are on unless turned off.
pub(crate) fn yes() -> bool {
    true
}

/// A value with its fields in the order of their names, so that equal values have equal texts.
pub(super) fn ordered(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> =
                fields.into_iter().map(|(name, value)| (name, ordered(value))).collect();
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => items.into_iter().map(ordered).collect(),
        other => other,
    }
}

/// A length of time with its unit: `500ms`, `5s`, `1m`, `2h`, `1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    millis: u64,
}

const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

impl Duration {
    /// So many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self { millis }
    }

    /// So many seconds.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self { millis: seconds * 1000 }
    }

    /// The length in milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.millis
    }

    /// Reads `5s`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| !c.is_ascii_digit())?;
        let (_, factor) = UNITS.iter().find(|(unit, _)| *unit == text[digits..].trim_start())?;
        Some(Self { millis: text[..digits].parse::<u64>().ok()?.checked_mul(*factor)? })
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, factor)| self.millis > 0 && self.millis.is_multiple_of(*factor));
        let (unit, factor) = unit.unwrap_or(&("ms", 1));
        write!(f, "{}{unit}", self.millis / factor)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Duration;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration with its unit, such as 5s")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
                Duration::parse(text).ok_or_else(|| {
                    E::custom(format!("`{text}` is not a duration\u{1f}write a whole number and a unit: 500ms, 5s, 1m, 2h or 1d"))
                })
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A length of time with its unit: 500ms, 5s, 1m, 2h, 1d.",
            "pattern": "^[0-9]+ ?(ms|s|m|h|d)$"
        })
    }
}

/// Where a secret comes from. The secret itself never stands in a manifest, a plan, a ledger or a log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Secret {
    /// The name of an environment variable that holds it.
    FromEnv(String),
    /// The path of a file that holds it, relative to the project folder; a newline at its end is dropped.
    FromFile(String),
    /// A program and its arguments that prints it, run in the project folder without a shell, for 30 seconds at most; a
    /// newline at the end is dropped. What it prints as errors is not shown.
    FromCommand(Vec<String>),
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FromEnv(name) => write!(f, "environment variable {name}"),
            Self::FromFile(path) => write!(f, "file {path}"),
            Self::FromCommand(words) => write!(f, "command {}", words.join(" ")),
        }
    }
}

/// What is compared, by a salted fingerprint, of what no gateway shows: a secret, and what goes with it.
#[must_use]
pub fn sealed(secret: Option<&str>, unseen: Option<&str>) -> Vec<u8> {
    match (secret, unseen) {
        (Some(secret), None) => secret.as_bytes().to_vec(),
        (secret, unseen) => {
            format!("{}\u{0}{}", secret.unwrap_or_default(), unseen.unwrap_or_default()).into_bytes()
        }
    }
}

/// The message for a secret in clear; never repeats the secret.
pub(crate) const SECRET_IN_CLEAR: &str = "a secret must not stand in a manifest\u{1f}write `{ fromEnv: NAME }`, `{ fromFile: PATH }` or `{ fromCommand: [PROGRAM, …] }`, and change the secret: it has been in a file";

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const KNOWN: &[&str] = &["fromEnv", "fromFile", "fromCommand"];
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Secret;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("{ fromEnv: NAME }, { fromFile: PATH } or { fromCommand: [PROGRAM, …] }")
            }
            fn visit_str<E: de::Error>(self, _: &str) -> Result<Secret, E> {
                Err(E::custom(SECRET_IN_CLEAR))
            }
            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secret, E> {
                Err(E::custom(SECRET_IN_CLEAR))
            }
            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Secret, E> {
                Err(E::custom(SECRET_IN_CLEAR))
            }
            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
                Err(E::custom(SECRET_IN_CLEAR))
            }
            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Secret, E> {
                Err(E::custom(SECRET_IN_CLEAR))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Secret, A::Error> {
                let mut found = None;
                while let Some(key) = map.next_key::<String>()? {
                    let source = match key.as_str() {
                        "fromEnv" => Secret::FromEnv(map.next_value()?),
                        "fromFile" => Secret::FromFile(map.next_value()?),
                        "fromCommand" => {
                            let words: Vec<String> = map.next_value()?;
                            if words.first().is_none_or(String::is_empty) {
                                return Err(de::Error::custom(
                                    "the command is empty\u{1f}write a program and its arguments: `[PROGRAM, ARGUMENT]`",
                                ));
                            }
                            Secret::FromCommand(words)
                        }
                        other => return Err(de::Error::unknown_field(other, KNOWN)),
                    };
                    if found.replace(source).is_some() {
                        return Err(de::Error::custom(
                            "a secret has one source\u{1f}keep one of `fromEnv`, `fromFile` and `fromCommand`",
                        ));
                    }
                }
                found.ok_or_else(|| {
                    de::Error::custom(
                        "the secret has no source\u{1f}write `{ fromEnv: NAME }`, `{ fromFile: PATH }` or `{ fromCommand: [PROGRAM, …] }`",
                    )
                })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// An HTTP method; `ANY` stands for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// DELETE.
    Delete,
    /// HEAD.
    Head,
    /// PATCH.
    Patch,
    /// OPTIONS.
    Options,
    /// Any of them.
    Any,
}

impl Method {
    /// The method as on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
            Self::Patch => "PATCH",
            Self::Options => "OPTIONS",
            Self::Any => "ANY",
        }
    }

    /// Reads the method as on the wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Get, Self::Post, Self::Put, Self::Delete, Self::Head, Self::Patch, Self::Options, Self::Any]
            .into_iter()
            .find(|m| m.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_and_print_in_the_largest_whole_unit() {
        for (text, printed) in
            [("500ms", "500ms"), ("60s", "1m"), ("90s", "90s"), ("24h", "1d"), ("0s", "0ms")]
        {
            assert_eq!(Duration::parse(text).map(|d| d.to_string()).as_deref(), Some(printed), "{text}");
        }
        for text in ["5", "s", "5 weeks", "-1s", "1.5s", "99999999999999999d", ""] {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
