//! The fields of a change, and how their values read.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::escape;
use crate::diff::{FieldChange, changed_fields};
use crate::kind::Kind;
use crate::plan::{Change, Reason};
use crate::schema;

/// Texts above this size are not compared line by line.
const TEXT_MAX: usize = 64 * 1024;
/// Lines above this size are not compared word by word.
const LINE_MAX: usize = 2000;

/// The fields that differ; for a creation or a removal, all that are given.
pub(super) fn of(change: &Change) -> Vec<FieldChange> {
    let before = change.before.as_ref().map(crate::kinds::spec::Spec::to_value);
    let after = change.after.as_ref().map(crate::kinds::spec::Spec::to_value);
    let mut found = match (&before, &after) {
        (Some(_), Some(_)) => {
            with_defaults(change.address.kind, changed_fields(before.as_ref(), after.as_ref()))
        }
        (None, Some(after)) => {
            leaves(after, |path, v| FieldChange { path, before: None, after: Some(v.clone()) })
        }
        (Some(before), None) => {
            leaves(before, |path, v| FieldChange { path, before: Some(v.clone()), after: None })
        }
        (None, None) => Vec::new(),
    };
    if let Some(was) = &change.was {
        let name = |address: &crate::address::Address| Some(Value::String(address.name()));
        let (before, after) = (name(was), name(&change.address));
        found.insert(0, FieldChange { path: "metadata.name".into(), before, after });
    }
    if change.reason == Reason::SecretChanged {
        let hidden = |text: &str| Some(Value::String(text.to_owned()));
        let after = hidden("another one, not shown");
        found.push(FieldChange { path: "secret".into(), before: hidden("not shown"), after });
    }
    if change.reason == Reason::UnseenChanged {
        let hidden = |text: &str| Some(Value::String(text.to_owned()));
        let (path, after) = match &change.after {
            Some(crate::kinds::spec::Spec::Domain(domain)) => {
                ("redirectHttp", Some(Value::Bool(domain.redirect_http == Some(true))))
            }
            _ => ("privateKey, chain or trustedRootCa", hidden("another one, not shown")),
        };
        found.push(FieldChange { path: path.into(), before: hidden("not shown"), after });
    }
    found
}

fn leaves(value: &Value, make: impl Fn(String, &Value) -> FieldChange) -> Vec<FieldChange> {
    fn walk(path: &str, value: &Value, found: &mut dyn FnMut(String, &Value)) {
        let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::Object(fields) if !fields.is_empty() && !is_secret(value) => {
                for (key, value) in fields {
                    walk(&join(key), value, found);
                }
            }
            Value::Array(items) if !items.is_empty() && items.iter().all(|i| i.get("name").is_some()) => {
                for item in items {
                    let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
                    found(format!("{path}[{name}]"), item);
                }
            }
            // A spec without fields has nothing to list.
            _ if path.is_empty() => {}
            other => found(path.to_owned(), other),
        }
    }
    let mut found = Vec::new();
    walk("", value, &mut |path, value| found.push(make(path, value)));
    found
}

/// Whether a value is the source of a secret.
pub(super) fn is_secret(value: &Value) -> bool {
    value.as_object().is_some_and(|o| {
        o.len() == 1 && ["fromEnv", "fromFile", "fromCommand"].iter().any(|s| o.contains_key(*s))
    })
}

/// The documented defaults of fields, by kind and path (`parameters[].required`).
static DEFAULTS: LazyLock<BTreeMap<(Kind, String), Value>> = LazyLock::new(|| {
    fn walk(kind: Kind, path: &str, schema: &Value, found: &mut BTreeMap<(Kind, String), Value>) {
        if let Some(default) = schema.get("default") {
            found.insert((kind, path.to_owned()), default.clone());
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            walk(kind, &path, field, found);
        }
        if let Some(items) = schema.get("items") {
            walk(kind, &format!("{path}[]"), items, found);
        }
    }
    let mut found = BTreeMap::new();
    for def in schema::documents() {
        let schema = schema::kind_schema(def.kind).unwrap_or_default();
        walk(def.kind, "", &schema["properties"]["spec"], &mut found);
    }
    found
});

/// What is not given is the documented default, where there is one.
fn with_defaults(kind: Kind, mut fields: Vec<FieldChange>) -> Vec<FieldChange> {
    // A publication holds the definition of its API.
    let kind = if kind == Kind::Publication { Kind::Api } else { kind };
    for field in fields.iter_mut().filter(|f| f.before.is_none() || f.after.is_none()) {
        if let Some(default) = DEFAULTS.get(&(kind, nameless(&field.path))) {
            field.before.get_or_insert_with(|| default.clone());
            field.after.get_or_insert_with(|| default.clone());
        }
    }
    fields
}

/// `parameters[page].default` as `parameters[].default`.
fn nameless(path: &str) -> String {
    let mut parts = path.split('[');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("[]");
        text.push_str(part.rsplit_once(']').map_or("", |(_, rest)| rest));
    }
    text
}

/// One side of a field on one line.
pub(super) fn side(value: Option<&Value>) -> String {
    value.map_or_else(|| "(none)".into(), |value| inline(value, false))
}

fn inline(value: &Value, nested: bool) -> String {
    match value {
        Value::String(text) => {
            let clear = is_clear(text, nested);
            let shown = if clear { text.clone() } else { value.to_string() };
            escape::plain(&shown).into_owned()
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|i| inline(i, true)).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", escape::plain(key), inline(value, true)))
                .collect();
            if fields.is_empty() { "{}".into() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        other => other.to_string(),
    }
}

/// Whether a text reads as itself without quotes, and as nothing else.
fn is_clear(text: &str, nested: bool) -> bool {
    let like_a_value = text.parse::<f64>().is_ok() || matches!(text, "" | "true" | "false" | "null");
    let like_a_side = text.contains(" -> ") || text.starts_with(['(', '"', '[', '{']);
    let ends_early = nested && text.contains([',', '}', ']', '{', '[']);
    let hard_to_see = text.trim() != text || text.contains(char::is_control);
    !(like_a_value || like_a_side || ends_early || hard_to_see)
}

/// One line of a comparison of two texts.
pub(super) struct DiffLine {
    /// `-`, `+`, a space for context, `…` where lines were left out.
    pub(super) sign: char,
    /// The line in pieces; what differs within it is marked.
    pub(super) parts: Vec<(bool, String)>,
}

impl DiffLine {
    /// The line without marks.
    pub(super) fn text(&self) -> String {
        self.parts.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// A comparison line by line, where both sides are there and too long for one line of `columns`.
pub(super) fn lines(field: &FieldChange, columns: usize) -> Option<Vec<DiffLine>> {
    let (before, after) = (field.before.as_ref()?, field.after.as_ref()?);
    let multiline = |v: &Value| v.as_str().is_some_and(|t| t.contains('\n'));
    let length = escape::width(&inline(before, false)) + escape::width(&inline(after, false)) + 4;
    if !multiline(before) && !multiline(after) && length <= columns {
        return None;
    }
    let (before, after) = (as_text(before), as_text(after));
    if before.len().max(after.len()) > TEXT_MAX {
        let say = |sign, text: &str| DiffLine {
            sign,
            parts: vec![(true, format!("(a text of {} bytes)", text.len()))],
        };
        return Some(vec![say('-', &before), say('+', &after)]);
    }
    Some(compare(&before, &after))
}

/// A value as text with lines: JSON in a string is spread out.
fn as_text(value: &Value) -> String {
    let spread = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    match value {
        Value::String(text) if text.contains('\n') || !text.trim_start().starts_with(['{', '[']) => {
            text.clone()
        }
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(parsed) => spread(&parsed),
            Err(_) => text.clone(),
        },
        other => spread(other),
    }
}

fn compare(before: &str, after: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(before, after);
    let short = before.lines().chain(after.lines()).all(|line| line.len() <= LINE_MAX);
    let mut found = Vec::new();
    for (index, group) in diff.grouped_ops(2).iter().enumerate() {
        if index > 0 {
            found.push(DiffLine { sign: '…', parts: Vec::new() });
        }
        for op in group {
            if short {
                for change in diff.iter_inline_changes(op) {
                    let parts =
                        change.iter_strings_lossy().map(|(marked, text)| (marked, line(&text))).collect();
                    found.push(DiffLine { sign: sign(change.tag()), parts });
                }
            } else {
                for change in diff.iter_changes(op) {
                    found.push(DiffLine {
                        sign: sign(change.tag()),
                        parts: vec![(false, line(change.value()))],
                    });
                }
            }
        }
    }
    found
}

fn line(text: &str) -> String {
    escape::plain(text.strip_suffix('\n').unwrap_or(text)).into_owned()
}

fn sign(tag: ChangeTag) -> char {
    match tag {
        ChangeTag::Delete => '-',
        ChangeTag::Insert => '+',
        ChangeTag::Equal => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_read_as_in_a_manifest_and_cannot_fake_a_side() {
        for (value, shown) in [
            (json!("5s"), "5s"),
            (json!("12"), "\"12\""),
            (json!(""), "\"\""),
            (json!("(none)"), "\"(none)\""),
            (json!("a -> b"), "\"a -> b\""),
            (json!({"name": "x", "tags": ["a", "b,c"]}), "{ name: x, tags: [a, \"b,c\"] }"),
        ] {
            assert_eq!(side(Some(&value)), shown);
        }
        assert_eq!(side(None), "(none)");
    }

    #[test]
    fn what_is_not_given_is_the_documented_default() {
        let of = |path: &str, after: Value| {
            let field = FieldChange { path: path.into(), before: None, after: Some(after) };
            side(with_defaults(Kind::Api, vec![field])[0].before.as_ref())
        };
        assert_eq!(of("cors", json!(true)), "false");
        assert_eq!(of("parameters[a.b].passThrough", json!(false)), "true");
        assert_eq!(of("policies[p].backend.http.timeout", json!("9s")), "5s");
        assert_eq!(of("description", json!("x")), "(none)");
        assert_eq!(of("parameters[x]", json!({})), "(none)");
    }

    #[test]
    fn json_in_a_string_is_compared_line_by_line() {
        let schema = |n: u32| {
            json!(format!("{{\"type\":\"object\",\"title\":\"a long enough text\",\"maxLength\":{n}}}"))
        };
        let field = FieldChange { path: "f".into(), before: Some(schema(1)), after: Some(schema(2)) };
        let lines = lines(&field, 60).unwrap();
        let shown: Vec<_> = lines.iter().map(|l| format!("{}{}", l.sign, l.text())).collect();
        assert!(shown.contains(&"-  \"maxLength\": 1".to_owned()), "{shown:?}");
        assert!(shown.contains(&"+  \"maxLength\": 2".to_owned()), "{shown:?}");
    }
}
