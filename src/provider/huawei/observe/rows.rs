//! Rows of lists.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::super::links::ROW_FIELDS;
use crate::address::Address;
use crate::kind::Kind;
use crate::provider::ObserveError;

/// The id and the name of a row.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: String,
}

impl Named {
    pub(super) fn of(row: &Value, name: &str) -> Result<Self, ObserveError> {
        Self::by(row, "id", name)
    }

    pub(super) fn by(row: &Value, id: &str, name: &str) -> Result<Self, ObserveError> {
        match (text(row, id), text(row, name)) {
            ("", _) | (_, "") => Err(ObserveError::Shape {
                what: "a list".into(),
                message: format!("a row has no `{id}` or no `{name}`"),
            }),
            (id, name) => Ok(Self { id: id.into(), name: name.into() }),
        }
    }
}

/// A text field; empty where it is absent.
pub(in crate::provider) fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A row of a list of what a policy is attached to: the fields of [`ROW_FIELDS`], and no others. There are tens of thousands
/// of these.
#[derive(Debug, Default)]
pub(super) struct BoundRow(Vec<(&'static str, Box<str>)>);

impl BoundRow {
    /// A text field; empty where it is absent.
    pub(super) fn text(&self, field: &str) -> &str {
        self.0.iter().find(|(name, _)| *name == field).map_or("", |(_, value)| value)
    }
}

impl<'de> Deserialize<'de> for BoundRow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BoundFields)
    }
}

struct BoundFields;

impl<'de> Visitor<'de> for BoundFields {
    type Value = BoundRow;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BoundRow, A::Error> {
        let mut row = BoundRow::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match ROW_FIELDS.iter().find(|field| **field == key) {
                Some(field) => {
                    let value = map.next_value::<Option<Box<str>>>()?;
                    row.0.extend(value.map(|value| (*field, value)));
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(row)
    }
}

/// A row of the list of APIs (3.5.6), as far as it is used. Several environments are joined by `|`.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct ApiRow {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) group_name: String,
    pub(super) group_id: String,
    pub(super) req_method: String,
    pub(super) req_uri: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) match_mode: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) update_time: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) authorizer_id: String,
    #[serde(deserialize_with = "nullable")]
    pub(super) response_id: String,
    #[serde(deserialize_with = "nullable")]
    run_env_id: String,
    #[serde(deserialize_with = "nullable")]
    publish_id: String,
    #[serde(deserialize_with = "nullable")]
    publish_time: String,
}

fn nullable<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.unwrap_or_default())
}

/// One environment that an API is published in.
#[derive(Debug, Clone, Copy)]
pub(super) struct PublishedIn<'a> {
    pub(super) env_id: &'a str,
    pub(super) publish_id: &'a str,
    pub(super) publish_time: &'a str,
}

impl ApiRow {
    pub(super) fn address(&self) -> Address {
        Address::new(Kind::Api, &[&self.group_name, &self.name])
    }

    /// The environments that it is published in. The shared gateway does not say when: the time is empty.
    pub(super) fn published(&self) -> impl Iterator<Item = PublishedIn<'_>> {
        let ids = self.run_env_id.split('|').filter(|id| !id.is_empty());
        let times = self.publish_time.split('|').chain(std::iter::repeat(""));
        let rest = self.publish_id.split('|').zip(times);
        ids.zip(rest).map(|(env_id, (publish_id, publish_time))| PublishedIn {
            env_id,
            publish_id,
            publish_time,
        })
    }

    /// As `ApiSpec::request_claim`.
    pub(super) fn claim(&self) -> String {
        let mut path = String::new();
        for (i, part) in self.req_uri.split('{').enumerate() {
            match part.split_once('}') {
                Some((name, rest)) if i > 0 => {
                    path.push_str(if name.ends_with('+') { "{+}" } else { "{}" });
                    path.push_str(rest);
                }
                _ => path.push_str(part),
            }
        }
        let mode = if self.match_mode == "SWA" { "prefix" } else { "exact" };
        format!("{}|{}|{path}|{mode}", self.group_name, self.req_method)
    }
}
