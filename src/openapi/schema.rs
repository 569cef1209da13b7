//! The schema of a parameter: its type, and the checks that a gateway can make.

use serde_json::{Map, Value};

use super::note::Rule;
use super::parameter::Remark;
use super::source::{Defect, Node, Version};
use super::text;
use crate::kinds::api::ParameterType;

/// How deep `allOf`, and alternatives with null, are followed.
const DEPTH_MAX: usize = 16;

/// The keys of a 2.0 parameter that are its schema.
const SCHEMA_KEYS: [&str; 13] = [
    "type",
    "format",
    "default",
    "enum",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "pattern",
    "items",
    "x-example",
];

/// The schema of a parameter with its references and `allOf` merged.
pub(super) fn of_parameter(version: Version, node: &Node<'_>) -> Result<Map<String, Value>, Defect> {
    let mut merged = Map::new();
    match (version, node.get("schema")) {
        (Version::V3, Some(schema)) => merge(&schema, &mut merged, 0)?,
        // `content` instead of `schema`: a document within a parameter.
        (Version::V3, None) if node.get("content").is_some() => {
            merged.insert("type".to_owned(), "object".into());
        }
        (Version::V3, None) => {}
        (Version::V2, _) => {
            let own = node.map()?.iter().filter(|(key, _)| SCHEMA_KEYS.contains(&key.as_str()));
            merged.extend(own.map(|(k, v)| (k.clone(), v.clone())));
        }
    }
    Ok(merged)
}

/// Adds the facts of `schema` to those `merged` so far; the outer ones win.
fn merge(schema: &Node<'_>, merged: &mut Map<String, Value>, depth: usize) -> Result<(), Defect> {
    if depth > DEPTH_MAX {
        return Err(Defect::new(&schema.pointer, "the schema contains itself"));
    }
    // In 3.1 a schema may have facts beside its `$ref`; before, there are none.
    let target = schema.resolve()?;
    for node in [schema, &target] {
        // `true` and `{}` allow everything.
        let Some(own) = node.value.as_object() else { continue };
        for (key, value) in own.iter().filter(|(key, _)| *key != "$ref" && *key != "allOf") {
            if !merged.contains_key(key) {
                merged.insert(key.clone(), value.clone());
            }
        }
    }
    for part in target.items("allOf")? {
        merge(&part, merged, depth + 1)?;
    }
    for key in ["anyOf", "oneOf"] {
        let alternatives = real_alternatives(&target, key)?;
        if let [only] = alternatives.as_slice() {
            merged.remove(key);
            merge(only, merged, depth + 1)?;
        }
    }
    Ok(())
}

/// The alternatives that are not just null.
fn real_alternatives<'a>(schema: &Node<'a>, key: &str) -> Result<Vec<Node<'a>>, Defect> {
    let items = schema.items(key)?;
    Ok(items.into_iter().filter(|item| item.text("type") != Some("null")).collect())
}

/// What a gateway knows of a schema.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) kind: ParameterType,
    pub(super) checks: Checks,
    /// Why it is text without checks, where it is.
    pub(super) as_text: Option<Rule>,
}

/// The checks that a gateway can make.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) values: Vec<String>,
    pub(super) minimum: Option<i64>,
    pub(super) maximum: Option<i64>,
    pub(super) min_length: Option<u32>,
    pub(super) max_length: Option<u32>,
    pub(super) pattern: String,
    pub(super) remarks: Vec<Remark>,
}

/// The type and the checks of a merged schema.
pub(super) fn shape(schema: &Map<String, Value>) -> Shape {
    let unchecked = |rule| Shape { as_text: Some(rule), ..Shape::default() };
    if schema.contains_key("anyOf") || schema.contains_key("oneOf") {
        return unchecked(Rule::SeveralSchemas);
    }
    match single_type(schema) {
        Some("array" | "object") => unchecked(Rule::AsText),
        Some("integer") => numeric(schema, true),
        Some("number") => numeric(schema, false),
        Some(_) => textual(schema),
        None if schema.contains_key("type") => unchecked(Rule::SeveralSchemas),
        None if schema.contains_key("items") || schema.contains_key("properties") => unchecked(Rule::AsText),
        None => textual(schema),
    }
}

/// The one type of a schema besides null.
fn single_type(schema: &Map<String, Value>) -> Option<&str> {
    match schema.get("type")? {
        Value::String(name) => Some(name),
        Value::Array(names) => {
            let mut real = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            let first = real.next()?;
            real.next().is_none().then_some(first)
        }
        _ => None,
    }
}

fn numeric(schema: &Map<String, Value>, integer: bool) -> Shape {
    let mut checks = Checks::default();
    checks.minimum = bound(schema, Side::Lower, integer, &mut checks.remarks);
    checks.maximum = bound(schema, Side::Upper, integer, &mut checks.remarks);
    if checks.minimum.zip(checks.maximum).is_some_and(|(low, high)| low > high) {
        checks.remarks.push((Rule::CheckLeftOut, "`minimum` is above `maximum`".into()));
        (checks.minimum, checks.maximum) = (None, None);
    }
    checks.read_values(schema);
    Shape { kind: ParameterType::Number, checks, as_text: None }
}

fn textual(schema: &Map<String, Value>) -> Shape {
    let length = |key: &str| schema.get(key).and_then(Value::as_f64).map(|n| n as u32);
    let mut checks = Checks {
        min_length: length("minLength").filter(|n| *n > 0),
        max_length: length("maxLength").filter(|n| *n < u32::MAX),
        pattern: schema.get("pattern").and_then(Value::as_str).unwrap_or_default().to_owned(),
        ..Checks::default()
    };
    if checks.min_length.zip(checks.max_length).is_some_and(|(low, high)| low > high) {
        checks.remarks.push((Rule::CheckLeftOut, "`minLength` is above `maxLength`".into()));
        (checks.min_length, checks.max_length) = (None, None);
    }
    checks.read_values(schema);
    Shape { kind: ParameterType::String, checks, as_text: None }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Lower,
    Upper,
}

/// A bound as a whole number that is included, never tighter than the schema's.
fn bound(schema: &Map<String, Value>, side: Side, integer: bool, remarks: &mut Vec<Remark>) -> Option<i64> {
    let (key, exclusive_key, inwards) = match side {
        Side::Lower => ("minimum", "exclusiveMinimum", 1.0),
        Side::Upper => ("maximum", "exclusiveMaximum", -1.0),
    };
    // Up to 3.0 a flag beside the bound, from 3.1 on a bound of its own.
    let plain = schema.get(key).and_then(Value::as_f64);
    let (value, exclusive) = match schema.get(exclusive_key) {
        Some(Value::Bool(flag)) => (plain?, *flag),
        Some(other) => {
            let strict = other.as_f64()?;
            match plain.filter(|p| (p - strict) * inwards > 0.0) {
                Some(tighter) => (tighter, false),
                None => (strict, true),
            }
        }
        None => (plain?, false),
    };
    let whole = value.fract() == 0.0;
    // For integers `> 3` is `>= 4`, and `>= 2.5` is `>= 3`; for other numbers the bound moves outwards.
    let rounded = match (side, integer) {
        _ if whole && integer && exclusive => value + inwards,
        (Side::Lower, true) | (Side::Upper, false) => value.ceil(),
        (Side::Lower, false) | (Side::Upper, true) => value.floor(),
    };
    if !integer && whole && exclusive {
        remarks.push((Rule::BoundLoosened, format!("`{key}` {value} now allows {value} itself")));
    } else if !integer && !whole {
        remarks.push((Rule::BoundLoosened, format!("`{key}` {value} became {rounded}")));
    }
    // Whole numbers as far as they are exact; `i64::MAX` of generators means no bound.
    (rounded.abs() <= 9_007_199_254_740_992.0).then_some(rounded as i64)
}

impl Checks {
    fn read_values(&mut self, schema: &Map<String, Value>) {
        let constant = schema.get("const").map(std::slice::from_ref);
        let listed =
            schema.get("enum").and_then(Value::as_array).map(Vec::as_slice).or(constant).unwrap_or_default();
        let values: Vec<String> = listed.iter().filter_map(text::of_scalar).collect();
        if values.iter().any(|value| value.contains(',') || value.is_empty()) {
            // The gateway keeps the values in one text with commas between them.
            self.remarks.push((Rule::CheckLeftOut, "`enum` has a value that is empty or has a comma".into()));
        } else {
            self.values = values;
        }
    }

    /// Whether a default would pass; patterns are left to the gateway.
    pub(super) fn pass(&self, value: &str) -> bool {
        let listed = self.values.is_empty() || self.values.iter().any(|v| v == value);
        let length = u32::try_from(value.chars().count()).unwrap_or(u32::MAX);
        let long = self.min_length.is_none_or(|n| length >= n) && self.max_length.is_none_or(|n| length <= n);
        let bounded = self.minimum.is_some() || self.maximum.is_some();
        let number = value.parse::<f64>().ok();
        let within = number.is_some_and(|n| {
            self.minimum.is_none_or(|low| n >= low as f64) && self.maximum.is_none_or(|high| n <= high as f64)
        });
        listed && long && (!bounded || within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(schema: Value) -> (Option<i64>, Option<i64>, usize) {
        let Shape { checks, .. } = shape(schema.as_object().unwrap());
        (checks.minimum, checks.maximum, checks.remarks.len())
    }

    #[test]
    fn bounds_become_whole_and_included() {
        use serde_json::json;
        let both = |low, high| (Some(low), Some(high), 0);
        assert_eq!(numbers(json!({ "type": "integer", "minimum": 1, "maximum": 9 })), both(1, 9));
        let flags = json!({ "type": "integer", "minimum": 1, "maximum": 9, "exclusiveMinimum": true, "exclusiveMaximum": true });
        assert_eq!(numbers(flags), both(2, 8));
        assert_eq!(
            numbers(json!({ "type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 9 })),
            both(2, 8)
        );
        assert_eq!(
            numbers(json!({ "type": "integer", "minimum": 5, "exclusiveMinimum": 1, "maximum": 9.5 })),
            both(5, 9)
        );
        assert_eq!(
            numbers(json!({ "type": "number", "minimum": 0.5, "exclusiveMaximum": 9 })),
            (Some(0), Some(9), 2)
        );
        assert_eq!(numbers(json!({ "type": "integer", "minimum": 9, "maximum": 1 })), (None, None, 1));
        assert_eq!(numbers(json!({ "type": "integer", "maximum": i64::MAX })), (None, None, 0));
    }
}
