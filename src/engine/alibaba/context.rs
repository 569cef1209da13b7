//! What a handler gets: the checked request.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::model::Doc;
use super::super::time::{Ids, Nanos};
use super::fault::Fault;
use super::protocol::Operation;

/// A checked request.
#[derive(Clone)]
pub(crate) struct Ctx<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) params: Doc,
    pub(crate) now: Nanos,
    pub(crate) ids: &'a Ids,
    pub(crate) region: &'a str,
    /// Quotas that differ from the defaults, by name.
    pub(crate) limits: &'a BTreeMap<String, String>,
}

impl Ctx<'_> {
    /// The same request with one more parameter.
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.params.insert(name.to_owned(), value.into());
        other
    }

    /// A text; empty when absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.params.get(name).and_then(Value::as_str).unwrap_or("")
    }

    /// A text that is there and not empty.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// A number or a text, as a text: ids of applications come as either.
    pub(crate) fn id_text(&self, name: &str) -> String {
        match self.params.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.params.get(name).and_then(Value::as_i64)
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.params.get(name).and_then(Value::as_bool)
    }

    /// The texts of a list.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        self.items(name).iter().filter_map(Value::as_str).collect()
    }

    /// The objects of a list.
    pub(crate) fn items(&self, name: &str) -> &[Value] {
        self.params.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Where the page begins, and how long it is; what is not paged is one page.
    pub(crate) fn page(&self) -> (usize, usize) {
        if !self.operation.params.iter().any(|param| param.name == "PageSize") {
            return (0, usize::MAX);
        }
        let get = |name, default| self.number(name).and_then(|n| usize::try_from(n).ok()).unwrap_or(default);
        let (number, size) = (get("PageNumber", 1).max(1), get("PageSize", 10).max(1));
        ((number - 1).saturating_mul(size), size)
    }

    /// A new id: 32 hexadecimal digits.
    pub(crate) fn id(&self) -> String {
        self.ids.next()
    }

    /// How many there may be.
    pub(crate) fn limit(&self, name: &str, default: usize) -> usize {
        self.limits.get(name).and_then(|value| value.parse().ok()).unwrap_or(default)
    }

    /// Refuses when there are as many as there may be.
    pub(crate) fn room(&self, noun: &str, default: usize, count: usize) -> Result<(), Fault> {
        let limit = self.limit(&format!("CLOUDAPI_{}_NUM_LIMIT", noun.to_uppercase()), default);
        if count >= limit { Err(Fault::too_many(noun)) } else { Ok(()) }
    }
}
