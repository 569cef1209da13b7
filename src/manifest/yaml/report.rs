//! Errors of decoding in words, with hints.

use std::sync::Arc;

use super::error::{Blamed, Fault};
use super::expected::{BOOLEAN, LIST, MAPPING, TEXT, found, shortened};
use super::node::{Key, Node, NodeKind, Style};
use super::scalar::{self, Meaning};
use crate::problem::{Problem, Source, did_you_mean};

/// The problem for an error at `node`.
pub(super) fn problem(blamed: &Blamed<'_>, node: &Node, source: &Arc<Source>) -> Problem {
    let error = |code, message: String| Problem::error(code, blamed.mark.first_line(source), message);
    match &blamed.fault {
        Fault::WrongType { expected } => {
            error("wrong-type", format!("expected {expected}, found {}", found(node)))
                .label(format!("expected {expected}"))
                .maybe_help(hint(expected, node, source))
        }
        Fault::UnknownField { field, known } => error("unknown-field", format!("unknown field `{field}`"))
            .label("unknown field")
            .help(suggestion(field, known, "fields")),
        Fault::UnknownVariant { variant, known } => {
            error("unknown-value", format!("unknown value `{}`", shortened(variant)))
                .label("unknown value")
                .help(suggestion(variant, known, "allowed values"))
        }
        Fault::MissingField { field } => error("missing-field", format!("the field `{field}` is missing"))
            .label(format!("`{field}` is missing here"))
            .help(format!("add `{field}`")),
        Fault::NotOneChoice { choices } => {
            let keys: Vec<&str> = node.entries().iter().map(|(key, _)| &*key.text).collect();
            let found = if keys.is_empty() { "nothing".to_owned() } else { quoted(&keys) };
            error("wrong-type", format!("expected exactly one of {}, found {found}", quoted(choices)))
                .label("expected one key")
                .help(if keys.is_empty() { "write one of them" } else { "keep one of them" })
        }
        Fault::ChoiceNeedsValue { choice } => error("wrong-type", format!("`{choice}` needs a value"))
            .label("expected a mapping")
            .help(format!("write it as `{{ {choice}: … }}`")),
        Fault::ChoiceTakesNoValue { choice } => error("wrong-type", format!("`{choice}` takes no value"))
            .label("unexpected value")
            .help(format!("write just `{choice}`")),
        Fault::DuplicateField { field } => {
            error("duplicate-key", format!("the field `{field}` is given twice, under two names"))
                .help("keep one of the two")
        }
        Fault::Invalid { message, help } => {
            error("invalid-value", message.clone()).label("invalid value").maybe_help(help.clone())
        }
        // Never reported; here so that nothing is ever lost.
        Fault::NoStandIn { .. } | Fault::Consequence => error("invalid-value", "invalid value".to_owned()),
    }
}

/// The one of `known` that the author of the unknown field `written` most likely meant.
pub(super) fn meant_field(written: &str, known: &'static [&'static str]) -> Option<&'static str> {
    // Without a space after it, a colon is part of the key: `{a:b}`.
    let name = written.split_once(':').map_or(written, |(name, _)| name);
    did_you_mean(name, known.iter().copied())
}

/// The problem with a field that is none of `known`.
pub(super) fn unknown_field(key: &Key, known: &'static [&'static str], source: &Arc<Source>) -> Problem {
    let field = &key.text;
    let help = match (meant_field(field, known), field.split_once(':')) {
        (Some(meant), Some((_, value))) => {
            format!("put a space after the colon: `{meant}: {}`", shortened(value))
        }
        _ => suggestion(field, known, "fields"),
    };
    Problem::error(
        "unknown-field",
        key.range.first_line(source),
        format!("unknown field `{}`", shortened(field)),
    )
    .label("unknown field")
    .help(help)
}

/// `text` as one would write it in YAML, in the quotes that need the fewest escapes.
pub(super) fn in_quotes(text: &str) -> String {
    let text = shortened(text);
    if text.contains(['"', '\\']) { format!("'{}'", text.replace('\'', "''")) } else { format!("\"{text}\"") }
}

/// Names in backquotes, separated by commas.
pub(super) fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The nearest of `known`, and where none is near, all of them.
fn suggestion(word: &str, known: &[&str], what: &str) -> String {
    const SHOWN_MAX: usize = 12;
    let shown = quoted(&known[..known.len().min(SHOWN_MAX)]);
    let list = match known.len().saturating_sub(SHOWN_MAX) {
        0 if known.is_empty() => "there are none".to_owned(),
        0 => shown,
        more => format!("{shown} and {more} more"),
    };
    match did_you_mean(word, known.iter().copied()) {
        Some(near) if what == "fields" => format!("did you mean `{near}`?"),
        Some(near) => format!("did you mean `{near}`? {what}: {list}"),
        None => format!("{what}: {list}"),
    }
}

/// What the author of a value of the wrong type most likely wants to do.
fn hint(expected: &str, node: &Node, source: &Arc<Source>) -> Option<String> {
    let number = expected.contains("number");
    match &node.kind {
        NodeKind::Null => Some("give it a value, or remove the key".to_owned()),
        NodeKind::Mapping(_) if expected == TEXT => {
            let written = source.text.get(node.range.start as usize..node.range.end as usize)?;
            written
                .starts_with('{')
                .then(|| format!("if it is text, put it in quotes: {}", in_quotes(written)))
        }
        NodeKind::Mapping(_) if expected == LIST => Some("begin each item with `- `".to_owned()),
        NodeKind::Sequence(items) => {
            let fits = matches!(
                (&**items, expected == MAPPING),
                ([Node { kind: NodeKind::Scalar { .. }, .. }], false)
                    | ([Node { kind: NodeKind::Mapping(_), .. }], true)
            );
            fits.then(|| "remove the `- ` or the brackets".to_owned())
        }
        NodeKind::Scalar { text, style: Style::Quoted } => {
            let unquoted = scalar::meaning(text);
            let fits = number && matches!(unquoted, Meaning::Int(_) | Meaning::Float(_))
                || expected == BOOLEAN && matches!(unquoted, Meaning::Bool(_));
            fits.then(|| format!("remove the quotes: {text}"))
        }
        NodeKind::Scalar { text, style: Style::Plain } if expected == TEXT => {
            Some(format!("if it is text, put it in quotes: {}", in_quotes(text)))
        }
        NodeKind::Scalar { text, style: Style::Plain } if expected == BOOLEAN => {
            match &*text.to_ascii_lowercase() {
                "yes" | "y" | "on" | "1" => Some("write `true`".to_owned()),
                "no" | "n" | "off" | "0" => Some("write `false`".to_owned()),
                _ => None,
            }
        }
        NodeKind::Scalar { text, style: Style::Plain } if number => {
            if text.contains('_') {
                let plain = text.replace('_', "");
                return scalar::integer(&plain).map(|_| format!("write it without `_`: {plain}"));
            }
            let octal = scalar::has_leading_zero(text) && text.bytes().all(|b| b.is_ascii_digit());
            octal.then(|| format!("write it without the leading zero: {}", text.trim_start_matches('0')))
        }
        NodeKind::Scalar { text, style: Style::Plain } if expected == MAPPING => {
            let (key, value) = text.split_once(':')?;
            Some(format!("put a space after the colon: `{key}: {}`", shortened(value)))
        }
        NodeKind::Scalar { text, .. } if expected == LIST => {
            Some(format!("write a list of one item as `[{}]`", shortened(text)))
        }
        _ => None,
    }
}
