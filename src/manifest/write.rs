//! Documents to YAML that a person is happy to review.
//!
//! [`document`] writes one document, [`value`] any JSON value. The writer is our own because no serializer at hand mixes
//! styles as a person does: a small map or list stands on one line (`auth: { type: app }`), all else in block style, text
//! with newlines as a literal block (`|`), and nothing is ever folded.
//!
//! Invariant: what is written reads back equal, with YAML 1.1 and 1.2 readers alike. So every text that any of them could
//! take for something else (`no`, `1.0`, `2024-01-01`, `1:30`, `*x`) is quoted, and text with invisible characters is
//! written with escapes.

#![deny(clippy::disallowed_methods)]

use serde_json::{Map, Value};

use crate::kind::Kind;
use crate::kinds::metadata::Metadata;
use crate::kinds::spec::DocumentSpec;

mod scalar;

use scalar::{Context, literal_block, scalar};

/// The `apiVersion` of every document.
pub const API_VERSION: &str = "apigctl/v1";

/// The widest line on which a map or a list stands as a whole.
const FLOW_WIDTH: usize = 100;

/// The largest map that stands on one line.
const FLOW_ENTRIES: usize = 4;

/// What comes before the document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The JSON Schema for editors: a path relative to the file, or a URL.
    pub schema: Option<&'a str>,
    /// A comment on top; each line gets its `#`.
    pub comment: Option<&'a str>,
}

/// One document, ending in a newline, without a `---` before it.
#[must_use]
pub fn document(kind: Kind, metadata: &Metadata, spec: &DocumentSpec, options: Options<'_>) -> String {
    let mut out = String::with_capacity(1024);
    if let Some(schema) = options.schema {
        out.push_str(&format!("# yaml-language-server: $schema={schema}\n"));
    }
    for line in options.comment.unwrap_or_default().lines() {
        out.push_str(format!("# {line}").trim_end());
        out.push('\n');
    }
    let envelope = Map::from_iter([
        ("apiVersion".to_owned(), API_VERSION.into()),
        ("kind".to_owned(), kind.name().into()),
        ("metadata".to_owned(), serde_json::to_value(metadata).unwrap_or_default()),
        ("spec".to_owned(), spec_fields(spec)),
    ]);
    block_map(&mut out, &envelope, 0);
    out
}

/// Any value as a YAML document, ending in a newline.
#[must_use]
pub fn value(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => block_map(&mut out, map, 0),
        Value::Array(items) if !items.is_empty() => block_list(&mut out, items, 0),
        other => {
            out.push_str(&flow(other, Context::Block));
            out.push('\n');
        }
    }
    out
}

/// The fields of a spec in their shortest form: without documented defaults, without what is implied.
fn spec_fields(spec: &DocumentSpec) -> Value {
    match spec {
        DocumentSpec::Api(s) => {
            let mut shortest = s.clone();
            shortest.backend.simplify();
            shortest.policies.iter_mut().for_each(|p| p.backend.simplify());
            serde_json::to_value(shortest).unwrap_or_default()
        }
        other => other.to_value(),
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn block_map(out: &mut String, map: &Map<String, Value>, depth: usize) {
    for (i, (key, value)) in map.iter().enumerate() {
        // The first key of a map within a list stands behind the dash.
        if i > 0 || out.is_empty() || out.ends_with('\n') {
            indent(out, depth);
        }
        let key = scalar(key, Context::Key);
        out.push_str(&key);
        out.push(':');
        // `spec` is what a review is about: one field a line, always.
        let spread = depth == 0 && key == "spec";
        entry(out, value, depth, 2 * depth + key.chars().count() + 2, spread);
    }
}

/// What follows `key:`, with the newline.
fn entry(out: &mut String, value: &Value, depth: usize, column: usize, spread: bool) {
    match value {
        Value::String(text) => match literal_block(text, depth + 1) {
            Some(block) => {
                out.push(' ');
                out.push_str(&block);
            }
            None => line(out, &scalar(text, Context::Block)),
        },
        Value::Object(map) if !map.is_empty() => match fits(value, column) {
            Some(text) if !spread => line(out, &text),
            _ => {
                out.push('\n');
                block_map(out, map, depth + 1);
            }
        },
        Value::Array(items) if !items.is_empty() => match fits(value, column) {
            Some(text) => line(out, &text),
            None => {
                out.push('\n');
                block_list(out, items, depth + 1);
            }
        },
        other => line(out, &flow(other, Context::Block)),
    }
}

fn line(out: &mut String, text: &str) {
    out.push(' ');
    out.push_str(text);
    out.push('\n');
}

fn block_list(out: &mut String, items: &[Value], depth: usize) {
    // All items of a list in one style: a list that changes its looks halfway is hard to compare.
    let on_one_line: Option<Vec<String>> = items.iter().map(|item| fits(item, 2 * depth + 2)).collect();
    for (i, item) in items.iter().enumerate() {
        indent(out, depth);
        out.push('-');
        match (item, &on_one_line) {
            (Value::Object(_) | Value::Array(_), Some(texts)) => line(out, &texts[i]),
            (Value::Object(map), None) if !map.is_empty() => {
                out.push(' ');
                block_map(out, map, depth + 1);
            }
            (other, _) => entry(out, other, depth, 2 * depth + 2, false),
        }
    }
}

/// The text of a map or a list that is small enough for one line; scalars always are.
fn fits(value: &Value, column: usize) -> Option<String> {
    let text = match value {
        Value::Object(map) => {
            let small = map.len() <= FLOW_ENTRIES && map.values().all(is_flat);
            small.then(|| flow(value, Context::Flow))?
        }
        Value::Array(items) => {
            let small = items.iter().all(is_scalar);
            small.then(|| flow(value, Context::Flow))?
        }
        other => return Some(flow(other, Context::Flow)),
    };
    (column + text.chars().count() <= FLOW_WIDTH).then_some(text)
}

fn is_scalar(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('\n'),
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    }
}

fn is_flat(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(is_scalar),
        other => is_scalar(other),
    }
}

fn flow(value: &Value, context: Context) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => n.to_string(),
        Value::String(text) => scalar(text, context),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| flow(item, Context::Flow)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) if map.is_empty() => "{}".to_owned(),
        Value::Object(map) => {
            let entries: Vec<_> = map
                .iter()
                .map(|(k, v)| format!("{}: {}", scalar(k, Context::FlowKey), flow(v, Context::Flow)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}
