//! What a target changes of the manifests: values for `${var.name}`, and patches.
//!
//! A use that is the whole of a scalar becomes a value of the variable's type; within a longer text it becomes text. `$${var.`
//! stands for `${var.` as it is. Everything keeps its place: what is wrong with a value is reported where it is used, with the
//! place it comes from beside it, and what a patch says is reported in the patch.

pub mod patch;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

use super::yaml::{Node, NodeKind, Style, TextRange};
use crate::document::{Overlaid, Use};
use crate::kinds::value::Duration;
use crate::problem::{Problem, Source, Span, did_you_mean};
use patch::Patch;

/// What begins the use of a variable.
const BEGIN: &str = "${var.";

/// The type of a variable.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum VariableType {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A length of time with its unit, such as `5s`.
    Duration,
    /// A list of texts, such as the environments of `publish`.
    List,
}

impl VariableType {
    fn in_words(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Integer => "a whole number",
            Self::Boolean => "`true` or `false`",
            Self::Duration => "a duration with its unit, such as 5s",
            Self::List => "a list of texts",
        }
    }
}

/// A value in the project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
    /// A list of texts.
    List(Vec<String>),
}

impl Literal {
    /// Whether it is of this type; else what to write.
    ///
    /// # Errors
    /// What to write instead.
    pub fn fits(&self, kind: VariableType) -> Result<(), String> {
        match (kind, self) {
            (VariableType::String, Self::Text(_))
            | (VariableType::Integer, Self::Integer(_))
            | (VariableType::Boolean, Self::Boolean(_))
            | (VariableType::List, Self::List(_)) => Ok(()),
            (VariableType::Duration, Self::Text(text)) if Duration::parse(text).is_some() => Ok(()),
            (VariableType::String, Self::Integer(number)) => Err(format!("put it in quotes: \"{number}\"")),
            (VariableType::String, Self::Boolean(value)) => Err(format!("put it in quotes: \"{value}\"")),
            (VariableType::List, Self::Text(text)) => Err(format!("write a list of one item as [{text}]")),
            _ => Err(format!("write {}", kind.in_words())),
        }
    }

    /// As part of a longer text; a list is none.
    fn as_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Integer(number) => Some(number.to_string()),
            Self::Boolean(value) => Some(value.to_string()),
            Self::List(_) => None,
        }
    }

    fn node(&self, range: TextRange, kind: VariableType) -> Node {
        let scalar =
            |text: String, style| Node { range, kind: NodeKind::Scalar { text: text.into(), style } };
        match self {
            Self::Text(text) if kind == VariableType::Duration => scalar(text.clone(), Style::Plain),
            Self::Text(text) => scalar(text.clone(), Style::Quoted),
            Self::Integer(number) => scalar(number.to_string(), Style::Plain),
            Self::Boolean(value) => scalar(value.to_string(), Style::Plain),
            Self::List(items) => {
                let items = items.iter().map(|item| scalar(item.clone(), Style::Quoted)).collect();
                Node { range, kind: NodeKind::Sequence(items) }
            }
        }
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Literal;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, a whole number, true, false, or a list of texts")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Literal, E> {
                Ok(Literal::Text(text.to_owned()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Literal, E> {
                Ok(Literal::Integer(number))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Literal, E> {
                let large =
                    || E::custom("the number is too large\u{1f}write a smaller one, or text in quotes");
                i64::try_from(number).map(Literal::Integer).map_err(|_| large())
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Literal, E> {
                Ok(Literal::Boolean(value))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Literal, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Literal::List(items))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Literal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Literal".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A value of the variable's type.",
            "anyOf": [
                { "type": ["string", "integer", "boolean"] },
                { "type": "array", "items": { "type": "string" } }
            ]
        })
    }
}

/// A variable, as one target sees it.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its type.
    pub kind: VariableType,
    /// Its value; `None` where neither the target nor the declaration gives one.
    pub value: Option<Literal>,
    /// Where the value stands, or else the declaration.
    pub place: Span,
}

/// What a target changes of the manifests.
#[derive(Debug, Default)]
pub struct Overlay {
    /// The name of the target.
    pub target: String,
    /// By name.
    pub variables: BTreeMap<String, Variable>,
    /// In the order in which they are applied.
    pub patches: Vec<Patch>,
    /// Files and folders with patches, of this target or another: they are no manifests.
    pub skip: Vec<PathBuf>,
    used: Mutex<BTreeSet<String>>,
}

impl Overlay {
    /// The names of variables that were used.
    #[must_use]
    pub fn used(&self) -> BTreeSet<String> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A document with values for variables and with its patches, and what came from where; `None` where it stays as it is.
    pub(super) fn lay(
        &self,
        node: &Node,
        source: &Arc<Source>,
        problems: &mut Vec<Problem>,
    ) -> Option<(Node, Laid)> {
        let mut laid = Laid::new(source);
        let uses = holds(node);
        let mut node = if uses {
            self.substitute(node, source, &mut laid.overlaid.uses, problems)
        } else {
            node.clone()
        };
        let before = laid.segments.len();
        for patch in &self.patches {
            if patch.is_for(&node) {
                patch.lay(&mut node, &mut laid);
            }
        }
        (uses || laid.segments.len() > before).then_some((node, laid))
    }

    /// `node` with values in the place of uses.
    pub(super) fn substitute(
        &self,
        node: &Node,
        source: &Arc<Source>,
        uses: &mut Vec<Use>,
        problems: &mut Vec<Problem>,
    ) -> Node {
        let kind = match &node.kind {
            NodeKind::Null => NodeKind::Null,
            NodeKind::Scalar { text, .. } if text.contains(BEGIN) => {
                return self.scalar(node, text, source, uses, problems);
            }
            NodeKind::Scalar { .. } => return node.clone(),
            NodeKind::Sequence(items) => NodeKind::Sequence(
                items.iter().map(|item| self.substitute(item, source, uses, problems)).collect(),
            ),
            NodeKind::Mapping(entries) => NodeKind::Mapping(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), self.substitute(value, source, uses, problems)))
                    .collect(),
            ),
        };
        Node { range: node.range, kind }
    }

    fn scalar(
        &self,
        node: &Node,
        text: &str,
        source: &Arc<Source>,
        uses: &mut Vec<Use>,
        problems: &mut Vec<Problem>,
    ) -> Node {
        let at = || node.range.span(source);
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(BEGIN) {
            let (head, tail) = rest.split_at(start);
            if let Some(head) = head.strip_suffix('$') {
                out.push_str(head);
                out.push_str(BEGIN);
                rest = &tail[BEGIN.len()..];
                continue;
            }
            out.push_str(head);
            let Some((name, after)) = tail[BEGIN.len()..].split_once('}') else {
                let problem = Problem::error("variable-syntax", at(), format!("`{BEGIN}` is not closed"));
                problems.push(problem.help("write `${var.name}`, or `$${var.` for the text as it is"));
                return node.clone();
            };
            rest = after;
            let Some((variable, value)) = self.value(name, &at, problems) else { return stand_in(node) };
            uses.push(Use { at: at(), variable: name.to_owned(), value: variable.place.clone() });
            if out.is_empty() && rest.is_empty() {
                return value.node(node.range, variable.kind);
            }
            let Some(value) = value.as_text() else {
                let problem = Problem::error(
                    "invalid-value",
                    at(),
                    format!("`{name}` is a list, which is no part of a text"),
                );
                problems.push(problem.help(format!("let `${{var.{name}}}` be the whole value")));
                return stand_in(node);
            };
            out.push_str(&value);
        }
        out.push_str(rest);
        Node { range: node.range, kind: NodeKind::Scalar { text: out.into(), style: Style::Quoted } }
    }

    fn value(
        &self,
        name: &str,
        at: &dyn Fn() -> Span,
        problems: &mut Vec<Problem>,
    ) -> Option<(&Variable, &Literal)> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        let Some(variable) = self.variables.get(name) else {
            let near = did_you_mean(name, self.variables.keys().map(String::as_str));
            let help = near.map_or_else(
                || format!("declare it in the project file: `variables: {{ {name}: {{ default: … }} }}`"),
                |near| format!("did you mean `{near}`?"),
            );
            problems.push(
                Problem::error("unknown-variable", at(), format!("there is no variable `{name}`")).help(help),
            );
            return None;
        };
        let Some(value) = &variable.value else {
            let message = format!("the variable `{name}` has no value for the target `{}`", self.target);
            let problem = Problem::error("unset-variable", at(), message)
                .related(variable.place.clone(), "declared here, without a default")
                .help(format!("set `targets.{}.variables.{name}`, or give it a default", self.target));
            problems.push(problem);
            return None;
        };
        Some((variable, value))
    }
}

/// Whether a variable is used somewhere in it.
fn holds(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Null => false,
        NodeKind::Scalar { text, .. } => text.contains(BEGIN),
        NodeKind::Sequence(items) => items.iter().any(holds),
        NodeKind::Mapping(entries) => entries.iter().any(|(_, value)| holds(value)),
    }
}

/// What has no value was reported; nothing more is to be said of it where it is read.
fn stand_in(node: &Node) -> Node {
    node.clone()
}

/// A document under patches. Its nodes come from several files: those of the second begin where the first ends, and so on;
/// [`Laid::settle`] finds the files again.
#[derive(Debug)]
pub(super) struct Laid {
    main: Arc<Source>,
    /// Where the bytes of each patch begin.
    segments: Vec<(u32, Arc<Source>)>,
    pub(super) overlaid: Overlaid,
}

impl Laid {
    fn new(main: &Arc<Source>) -> Self {
        Self { main: Arc::clone(main), segments: Vec::new(), overlaid: Overlaid::default() }
    }

    /// Room for the bytes of another file: where they begin.
    fn segment(&mut self, source: &Arc<Source>) -> u32 {
        let (begin, last) = self.segments.last().map_or((0, &self.main), |(begin, last)| (*begin, last));
        let length = u32::try_from(last.text.len()).unwrap_or(u32::MAX);
        let begin = begin.saturating_add(length).saturating_add(1);
        self.segments.push((begin, Arc::clone(source)));
        begin
    }

    /// A range as a place in its file.
    fn place(&self, start: usize, end: usize) -> Option<Span> {
        let (begin, source) = self.segments.iter().rev().find(|(begin, _)| start >= *begin as usize)?;
        let begin = *begin as usize;
        Some(Span { source: Arc::clone(source), start: start - begin, end: end - begin })
    }

    /// Puts problems where they belong, and says where values of variables come from.
    pub(super) fn settle(&self, problems: &mut [Problem]) {
        for problem in problems {
            let related = problem.related.iter_mut().map(|(span, _)| span);
            for span in problem.span.iter_mut().chain(related) {
                if Arc::ptr_eq(&span.source, &self.main)
                    && let Some(place) = self.place(span.start, span.end)
                {
                    *span = place;
                }
            }
            self.overlaid.explain(problem);
        }
    }
}

#[cfg(test)]
mod tests;
