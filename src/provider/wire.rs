//! Reading of loosely typed answers: absent, `null` and `""` mean the same; a number may stand in quotes.

use serde_json::{Map, Value};

use crate::kinds::value::Secret;

/// Stands for a secret that was read from a gateway. No manifest can say this, so it equals no desired secret: compare what has
/// it without it, and the secret by what the gateway shows or the ledger remembers.
pub const UNREADABLE_SECRET: Secret = Secret::FromEnv(String::new());

/// A part of an answer that does not make sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is {found}")]
pub struct Unreadable {
    /// The field, from the top of the object read, such as `req_params[2].type`.
    pub field: String,
    /// What is wrong with it.
    pub found: String,
}

impl Unreadable {
    pub(in crate::provider) fn new(field: impl Into<String>, found: impl Into<String>) -> Self {
        Self { field: field.into(), found: found.into() }
    }

    pub(in crate::provider) fn within(self, parent: &str) -> Self {
        Self { field: format!("{parent}.{}", self.field), found: self.found }
    }
}

/// A closed set of words: each value with its word on the wire.
pub(in crate::provider) type Words<T> = [(T, &'static str)];

/// The word of a value.
pub(in crate::provider) fn word<T: PartialEq>(words: &Words<T>, value: &T) -> &'static str {
    words.iter().find(|(v, _)| v == value).map_or("", |(_, word)| word)
}

/// The value of a word; letter case does not matter. `None` where the field is empty.
pub(in crate::provider) fn read_word<T: Copy>(
    wire: &Value,
    field: &str,
    words: &Words<T>,
) -> Result<Option<T>, Unreadable> {
    let text = text(wire, field)?;
    if text.is_empty() {
        return Ok(None);
    }
    let found = words.iter().find(|(_, word)| word.eq_ignore_ascii_case(&text)).map(|(value, _)| *value);
    found
        .map(Some)
        .ok_or_else(|| Unreadable::new(field, format!("`{text}`, which is not a documented value")))
}

/// The value of a word that must be there.
pub(in crate::provider) fn need_word<T: Copy>(
    wire: &Value,
    field: &str,
    words: &Words<T>,
) -> Result<T, Unreadable> {
    read_word(wire, field, words)?.ok_or_else(|| missing(field))
}

/// A text; empty where there is none.
pub(in crate::provider) fn text(wire: &Value, field: &str) -> Result<String, Unreadable> {
    match wire.get(field) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(other) => Err(wrong(field, other, "a text")),
    }
}

/// A text that is not empty.
pub(in crate::provider) fn optional(wire: &Value, field: &str) -> Result<Option<String>, Unreadable> {
    Ok(Some(text(wire, field)?).filter(|text| !text.is_empty()))
}

/// A text that must be there.
pub(in crate::provider) fn need(wire: &Value, field: &str) -> Result<String, Unreadable> {
    optional(wire, field)?.ok_or_else(|| missing(field))
}

/// A whole number.
pub(in crate::provider) fn number<N: TryFrom<i64>>(
    wire: &Value,
    field: &str,
) -> Result<Option<N>, Unreadable> {
    let whole = match wire.get(field) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) => text.trim().parse::<i64>().ok(),
        Some(other) => other.as_i64(),
    };
    let fitting = whole.and_then(|n| N::try_from(n).ok());
    fitting.map(Some).ok_or_else(|| wrong(field, &wire[field], "a whole number that fits"))
}

/// A whole number that must be there.
pub(in crate::provider) fn need_number<N: TryFrom<i64>>(wire: &Value, field: &str) -> Result<N, Unreadable> {
    number(wire, field)?.ok_or_else(|| missing(field))
}

/// A switch: `true` or `false`, or such a word; some gateways write `1` for yes, and `2` for no.
pub(in crate::provider) fn switch(wire: &Value, field: &str, absent: bool) -> Result<bool, Unreadable> {
    match wire.get(field) {
        None | Some(Value::Null) => Ok(absent),
        Some(Value::Bool(on)) => Ok(*on),
        Some(_) => match text(wire, field)?.to_ascii_lowercase().as_str() {
            "" => Ok(absent),
            "1" | "true" => Ok(true),
            "0" | "2" | "false" => Ok(false),
            other => Err(Unreadable::new(field, format!("`{other}`, which is neither yes nor no"))),
        },
    }
}

/// The elements of a list, each read by `read`.
pub(in crate::provider) fn list<T>(
    wire: &Value,
    field: &str,
    mut read: impl FnMut(&Value) -> Result<T, Unreadable>,
) -> Result<Vec<T>, Unreadable> {
    match wire.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(i, item)| read(item).map_err(|e| e.within(&format!("{field}[{i}]"))))
            .collect(),
        Some(other) => Err(wrong(field, other, "a list")),
    }
}

/// A text as an element of a list.
pub(in crate::provider) fn element(item: &Value) -> Result<String, Unreadable> {
    item.as_str().map(str::to_owned).ok_or_else(|| wrong("", item, "a text"))
}

/// An object that must be there, read by `read`.
pub(in crate::provider) fn object<T>(
    wire: &Value,
    field: &str,
    read: impl FnOnce(&Value) -> Result<T, Unreadable>,
) -> Result<T, Unreadable> {
    match wire.get(field) {
        Some(inner @ Value::Object(_)) => read(inner).map_err(|e| e.within(field)),
        None | Some(Value::Null) => Err(missing(field)),
        Some(other) => Err(wrong(field, other, "an object")),
    }
}

/// Puts a value where there is one.
pub(in crate::provider) fn put(body: &mut Map<String, Value>, field: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(field.to_owned(), value.into());
    }
}

fn missing(field: &str) -> Unreadable {
    Unreadable::new(field, "missing")
}

fn wrong(field: &str, found: &Value, wanted: &str) -> Unreadable {
    Unreadable::new(field, format!("`{found}`, not {wanted}"))
}

/// `abc*****xyz`, as gateways mask; what is masked already stays.
pub(in crate::provider) fn mask_member(row: &mut Value, name: &str) {
    let Some(secret) = row[name].as_str().filter(|secret| !secret.contains("*****")) else { return };
    let chars: Vec<char> = secret.chars().collect();
    let edge = 3.min(chars.len() / 4);
    let part = |chars: &[char]| chars.iter().collect::<String>();
    row[name] = format!("{}*****{}", part(&chars[..edge]), part(&chars[chars.len() - edge..])).into();
}
