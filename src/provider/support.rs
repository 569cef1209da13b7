//! What a gateway cannot take of what manifests can say, as data: found in documents with its place, left out where that was
//! allowed, and shown in the table of capabilities.
//!
//! Each [`Lack`] says which field of which kind, why, and what comes nearest. What only some values of a field cannot be is
//! checked by the vendor's own rules; this is about fields and kinds as a whole.

use serde_json::Value;

use crate::document::{Document, Finding};
use crate::kind::Kind;
use crate::kinds::spec::{DocumentSpec, SpecReader};

/// The rule's name, in problems.
pub const UNSUPPORTED: &str = "provider-unsupported";
/// The name of the rule for characters and lengths of names and texts, in problems.
pub const TEXT: &str = "provider-text";
/// The name of the rule for numbers and numbers of things, in problems.
pub const RANGE: &str = "provider-range";

/// The rule's name of what was left out.
pub const LEFT_OUT: &str = "left-out";

/// Something that a gateway cannot take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lack {
    /// Of which kind.
    pub kind: Kind,
    /// The field of its `spec`, such as `backend.http.retries` or `parameters[].pattern`; empty: the kind as a whole.
    pub field: &'static str,
    /// The values that it can take all the same; none: no value but the default.
    pub only: &'static [&'static str],
    /// Why, with the section of the vendor's document, as a sentence without a trailing period.
    pub reason: &'static str,
    /// What comes nearest; empty: nothing.
    pub nearest: &'static str,
    /// Whether it may be left out where that was allowed: callers still reach the same backend, and nobody gets in who would
    /// not with it.
    pub lossy: bool,
}

impl Lack {
    /// A field of a kind, or with an empty field all of it.
    #[must_use]
    pub const fn of(kind: Kind, field: &'static str, reason: &'static str) -> Self {
        Self { kind, field, only: &[], reason, nearest: "", lossy: false }
    }

    /// With the values that it can take.
    #[must_use]
    pub const fn only(self, only: &'static [&'static str]) -> Self {
        Self { only, ..self }
    }

    /// With what comes nearest.
    #[must_use]
    pub const fn nearest(self, nearest: &'static str) -> Self {
        Self { nearest, ..self }
    }

    /// That it may be left out.
    #[must_use]
    pub const fn lossy(self) -> Self {
        Self { lossy: true, ..self }
    }

    /// Where `spec` has what is lacking: the paths, from the top of the spec.
    fn places(&self, spec: &Value) -> Vec<String> {
        let mut found = Vec::new();
        if !self.field.is_empty() {
            let steps: Vec<&str> = self.field.split('.').collect();
            walk(spec, &steps, "", &mut |path, value| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                if !self.only.contains(&text.as_str()) {
                    found.push(path.to_owned());
                }
            });
        }
        found
    }
}

/// Calls `meet` with each value at the end of `steps`.
fn walk(value: &Value, steps: &[&str], path: &str, meet: &mut dyn FnMut(&str, &Value)) {
    let Some((step, rest)) = steps.split_first() else { return meet(path, value) };
    let (name, each) = step.strip_suffix("[]").map_or((*step, false), |name| (name, true));
    let Some(inner) = value.get(name) else { return };
    let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match inner {
        Value::Array(items) if each => {
            for (i, item) in items.iter().enumerate() {
                walk(item, rest, &format!("{path}[{i}]"), meet);
            }
        }
        _ => walk(inner, rest, &path, meet),
    }
}

/// What a gateway lacks of one document.
#[must_use]
pub fn findings(lacks: &[Lack], index: usize, document: &Document) -> Vec<Finding> {
    let Some(spec) = &document.spec else { return Vec::new() };
    let mut of_kind = lacks.iter().filter(|lack| lack.kind == document.kind).peekable();
    if of_kind.peek().is_none() {
        return Vec::new();
    }
    let value = spec.to_value();
    let mut found = Vec::new();
    for lack in of_kind {
        if lack.field.is_empty() {
            found.push(finding(lack, index, "kind".to_owned()));
            continue;
        }
        found
            .extend(lack.places(&value).into_iter().map(|path| finding(lack, index, format!("spec.{path}"))));
    }
    found
}

fn finding(lack: &Lack, index: usize, field: String) -> Finding {
    let help = match (lack.nearest, lack.lossy) {
        ("", true) => "remove it, or pass --allow-lossy to leave it out for this target".to_owned(),
        ("", false) => "remove it from what is applied to this target".to_owned(),
        (nearest, true) => format!("{nearest}; or pass --allow-lossy to leave it out for this target"),
        (nearest, false) => nearest.to_owned(),
    };
    Finding::error(index, UNSUPPORTED, field, lack.reason).help(help)
}

struct OfValue(Value);

impl SpecReader for OfValue {
    fn read<T: serde::de::DeserializeOwned>(&mut self) -> Option<T> {
        serde_json::from_value(self.0.take()).ok()
    }
}

/// Leaves out of `documents` what a gateway lacks and may be left out; returns what that was, each with its place among the
/// documents as they were.
pub fn leave_out(lacks: &[Lack], documents: &mut [Document]) -> Vec<Finding> {
    let mut left_out = Vec::new();
    for (index, document) in documents.iter_mut().enumerate() {
        left_out.extend(reduce(lacks, index, document));
    }
    left_out
}

/// Whether a document is left out as a whole.
#[must_use]
pub fn is_left_out(lacks: &[Lack], document: &Document) -> bool {
    lacks.iter().any(|lack| lack.lossy && lack.field.is_empty() && lack.kind == document.kind)
}

fn reduce(lacks: &[Lack], index: usize, document: &mut Document) -> Vec<Finding> {
    let Some(spec) = &document.spec else { return Vec::new() };
    let of_kind: Vec<&Lack> = lacks.iter().filter(|lack| lack.kind == document.kind && lack.lossy).collect();
    let said = |lack: &Lack, field: String| {
        let what = if field == "kind" { "the document".to_owned() } else { format!("`{field}`") };
        let message = format!("{what} is left out for this target: {}", lack.reason);
        Finding::warning(index, LEFT_OUT, field, message)
    };
    if let Some(lack) = of_kind.iter().find(|lack| lack.field.is_empty()) {
        return vec![said(lack, "kind".to_owned())];
    }
    let (mut value, mut left_out) = (Value::Null, Vec::new());
    for lack in of_kind {
        if value.is_null() {
            value = spec.to_value();
        }
        // From the end, so that what stands before keeps its place.
        for path in lack.places(&value).into_iter().rev() {
            remove(&mut value, &path);
            left_out.push(said(lack, format!("spec.{path}")));
        }
    }
    if !left_out.is_empty() {
        document.spec = DocumentSpec::read(document.kind, &mut OfValue(value));
    }
    left_out
}

fn remove(value: &mut Value, path: &str) {
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    if let Some((parent, last)) = pointer.rsplit_once('/')
        && let Some(Value::Object(fields)) = value.pointer_mut(parent)
    {
        fields.shift_remove(last);
    }
}
