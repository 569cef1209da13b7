//! An OpenAPI document as a tree that knows where it is: every [`Node`] carries its JSON pointer, every [`Defect`] too.

use std::fmt;

use serde_json::{Map, Value};

/// The largest document that is read.
pub const SIZE_MAX: usize = 50 * 1024 * 1024;

/// How many `$ref` may follow one another.
const REFERENCE_CHAIN_MAX: usize = 64;

/// The versions whose documents are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// 2.0, also known as Swagger.
    V2,
    /// 3.0, 3.1 and what follows without breaking them.
    V3,
}

/// One thing that makes a document unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What is wrong, as a fragment.
    pub message: String,
}

impl Defect {
    pub(super) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: printable(&pointer.into()), message: printable(&message.into()) }
    }
}

/// Text of a document on one line, safe for a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at #{}: {}", self.pointer, self.message)
    }
}

/// A syntax error, with its place where the parser gives one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
}

/// Reads JSON or YAML. A text that starts like JSON is read as JSON first.
pub(super) fn parse(text: &str) -> Result<Value, SyntaxError> {
    if !text.trim_start().starts_with(['{', '[']) {
        return parse_yaml(text);
    }
    serde_json::from_str(text).or_else(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        let as_json = SyntaxError { line: error.line(), column: error.column(), message };
        // YAML in flow style also starts with a brace; a long text that does not is not worth a second try.
        if text.len() > 1 << 20 { Err(as_json) } else { parse_yaml(text).map_err(|_| as_json) }
    })
}

fn parse_yaml(text: &str) -> Result<Value, SyntaxError> {
    let at = |error: serde_yaml::Error| {
        let (line, column) = error.location().map_or((1, 1), |l| (l.line(), l.column()));
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        SyntaxError { line, column, message }
    };
    let mut tree: serde_yaml::Value = serde_yaml::from_str(text).map_err(at)?;
    tree.apply_merge().map_err(at)?;
    Ok(to_json(tree))
}

/// Keys become text: `200:` is a common way to write a status code.
fn to_json(value: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(b) => b.into(),
        Yaml::Number(n) => n
            .as_i64()
            .map(Value::from)
            .or_else(|| n.as_u64().map(Value::from))
            .or_else(|| n.as_f64().map(Value::from))
            .unwrap_or_default(),
        Yaml::String(s) => s.into(),
        Yaml::Sequence(items) => items.into_iter().map(to_json).collect(),
        Yaml::Mapping(map) => {
            let entries = map.into_iter().map(|(k, v)| {
                let key = match to_json(k) {
                    Value::String(s) => s,
                    other => other.to_string(),
                };
                (key, to_json(v))
            });
            Value::Object(entries.collect())
        }
        Yaml::Tagged(tagged) => to_json(tagged.value),
    }
}

/// The version named by the document, and its number as written.
pub(super) fn version(root: &Value) -> Option<(Version, String)> {
    let text = |key: &str| match root.get(key) {
        Some(Value::String(s)) => Some(s.clone()),
        Some(Value::Number(n)) => Some(n.to_string()),
        _ => None,
    };
    match (text("openapi"), text("swagger")) {
        (Some(v), _) if v == "3" || v.starts_with("3.") => Some((Version::V3, v)),
        (None, Some(v)) if v == "2" || v.starts_with("2.") => Some((Version::V2, v)),
        _ => None,
    }
}

/// A value of the document with its place.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) pointer: String,
    root: &'a Value,
}

impl<'a> Node<'a> {
    pub(super) fn root(root: &'a Value) -> Self {
        Self { value: root, pointer: String::new(), root }
    }

    fn child(&self, key: &str, value: &'a Value) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self { value, pointer: format!("{}/{key}", self.pointer), root: self.root }
    }

    /// The member `key`, where there is one and it is not null.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        self.value.get(key).filter(|v| !v.is_null()).map(|v| self.child(key, v))
    }

    /// The text of member `key`, where it is text.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.value.get(key).and_then(Value::as_str)
    }

    /// Whether member `key` is `true`.
    pub(super) fn is_true(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// The value as a map.
    pub(super) fn map(&self) -> Result<&'a Map<String, Value>, Defect> {
        self.value.as_object().ok_or_else(|| self.wrong_type("a map"))
    }

    /// The items of member `key`; none where it is absent.
    pub(super) fn items(&self, key: &str) -> Result<Vec<Self>, Defect> {
        let Some(list) = self.get(key) else { return Ok(Vec::new()) };
        let items = list.value.as_array().ok_or_else(|| list.wrong_type("a list"))?;
        Ok(items.iter().enumerate().map(|(i, v)| list.child(&i.to_string(), v)).collect())
    }

    /// The entries of member `key`; none where it is absent.
    pub(super) fn entries(&self, key: &str) -> Result<Vec<(&'a str, Self)>, Defect> {
        let Some(map) = self.get(key) else { return Ok(Vec::new()) };
        Ok(map.map()?.iter().map(|(k, v)| (k.as_str(), map.child(k, v))).collect())
    }

    /// What the node stands for: the target of its `$ref`, or itself.
    pub(super) fn resolve(&self) -> Result<Self, Defect> {
        let mut node = self.clone();
        for _ in 0..REFERENCE_CHAIN_MAX {
            let Some(target) = node.text("$ref") else { return Ok(node) };
            node = self.look_up(target, &node.pointer)?;
        }
        Err(Defect::new(&self.pointer, "the `$ref` goes round in a circle"))
    }

    fn look_up(&self, target: &str, from: &str) -> Result<Self, Defect> {
        let Some(pointer) = target.strip_prefix('#') else {
            let message =
                format!("the `$ref` `{target}` leads to another file; bundle the files into one first");
            return Err(Defect::new(from, message));
        };
        let pointer = percent_decoded(pointer);
        match self.root.pointer(&pointer) {
            Some(value) => Ok(Self { value, pointer, root: self.root }),
            None => Err(Defect::new(from, format!("the `$ref` `{target}` leads nowhere"))),
        }
    }

    pub(super) fn wrong_type(&self, expected: &str) -> Defect {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "a map",
        };
        Defect::new(&self.pointer, format!("expected {expected}, found {found}"))
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| byte == b'%').and_then(|hex| {
            let hex = std::str::from_utf8(hex).ok()?;
            u8::from_str_radix(hex, 16).ok()
        });
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_followed_through_escapes_and_never_in_circles() {
        let root = serde_json::json!({
            "a": { "$ref": "#/b~1c/%7Bd%7D" }, "b/c": { "{d}": { "$ref": "#/e" } }, "e": { "x": 1 },
            "loop": { "$ref": "#/loop" }, "lost": { "$ref": "#/nowhere" }, "far": { "$ref": "x.yaml#/a" },
        });
        let node = Node::root(&root);
        assert_eq!(node.get("a").unwrap().resolve().unwrap().pointer, "/e");
        for (key, message) in [("loop", "circle"), ("lost", "leads nowhere"), ("far", "another file")] {
            let defect = node.get(key).unwrap().resolve().unwrap_err();
            assert_eq!(defect.pointer, format!("/{key}"));
            assert!(defect.message.contains(message), "{defect}");
        }
    }

    #[test]
    fn numbers_as_keys_are_text() {
        let value = parse("responses: { 200: { a: no }, default: 1 }").unwrap();
        assert_eq!(value, serde_json::json!({ "responses": { "200": { "a": "no" }, "default": 1 } }));
        let error = parse("{\"a\": ,, }").unwrap_err();
        assert_eq!((error.line, error.column), (1, 7));
    }
}
