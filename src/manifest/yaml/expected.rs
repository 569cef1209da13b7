//! What a type expects, in the words of YAML instead of those of Rust.

use serde::de::Expected;

use super::node::{Node, NodeKind, Style};
use super::scalar::{self, Meaning};

pub(super) const TEXT: &str = "text";
pub(super) const BOOLEAN: &str = "`true` or `false`";
pub(super) const LIST: &str = "a list";
pub(super) const MAPPING: &str = "a mapping";

pub(super) fn in_words(expected: &dyn Expected) -> String {
    let rust = expected.to_string();
    let words = match rust.as_str() {
        "a string" | "a borrowed string" | "string" | "path string" => TEXT,
        "a character" => "one character",
        "a boolean" => BOOLEAN,
        "a map" => MAPPING,
        "a sequence" => LIST,
        "unit" => "nothing",
        "f32" | "f64" => "a number",
        other => return whole_number(other).or_else(|| composite(other)).unwrap_or(rust),
    };
    words.to_owned()
}

fn whole_number(rust: &str) -> Option<String> {
    let (least, name) = match rust.strip_prefix("a nonzero ") {
        Some(name) => (1, name),
        None => (0, rust),
    };
    let words = match name {
        "u8" => format!("a whole number from {least} to {}", u8::MAX),
        "u16" => format!("a whole number from {least} to {}", u16::MAX),
        "u32" => format!("a whole number from {least} to {}", u32::MAX),
        "u64" | "u128" | "usize" if least == 1 => "a whole number above 0".to_owned(),
        "u64" | "u128" | "usize" => "a whole number not below 0".to_owned(),
        "i8" => format!("a whole number from {} to {}", i8::MIN, i8::MAX),
        "i16" => format!("a whole number from {} to {}", i16::MIN, i16::MAX),
        "i32" => format!("a whole number from {} to {}", i32::MIN, i32::MAX),
        "i64" | "i128" | "isize" => "a whole number".to_owned(),
        _ => return None,
    };
    Some(words)
}

fn composite(rust: &str) -> Option<String> {
    if rust.starts_with("struct ") {
        return Some(MAPPING.to_owned());
    }
    let (_, length) = rust
        .split_once(" of size ")
        .or_else(|| rust.split_once(" of length "))
        .or_else(|| rust.split_once(" with ")?.1.split_once(' ').map(|(length, _)| ("", length)))?;
    let is_list = ["a tuple", "an array", "tuple "].iter().any(|start| rust.starts_with(start));
    (is_list && length.parse::<usize>().is_ok()).then(|| format!("a list of {length}"))
}

/// The value in words, as in "found the number `5`".
pub(super) fn found(node: &Node) -> String {
    match &node.kind {
        NodeKind::Null => "nothing".to_owned(),
        NodeKind::Sequence(_) => LIST.to_owned(),
        NodeKind::Mapping(_) => MAPPING.to_owned(),
        NodeKind::Scalar { text, style: Style::Quoted } => format!("text `\"{}\"`", shortened(text)),
        NodeKind::Scalar { text, style: Style::Plain } => match scalar::meaning(text) {
            Meaning::Bool(_) => format!("`{text}`"),
            Meaning::Int(_) | Meaning::Float(_) => format!("the number `{}`", shortened(text)),
            Meaning::Null | Meaning::Text => format!("text `{}`", shortened(text)),
        },
    }
}

/// The first line, or the start of it.
pub(super) fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.len() < text.trim_end().len() => format!("{line}…"),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (rust, words) in [
            ("a string", "text"),
            ("u16", "a whole number from 0 to 65535"),
            ("a nonzero u16", "a whole number from 1 to 65535"),
            ("i64", "a whole number"),
            ("struct ApiSpec", "a mapping"),
            ("a tuple of size 2", "a list of 2"),
            ("an array of length 3", "a list of 3"),
            ("tuple struct Pair with 2 elements", "a list of 2"),
            ("a duration such as `5s`", "a duration such as `5s`"),
        ] {
            assert_eq!(in_words(&rust), words);
        }
    }

    #[test]
    fn long_values_are_shortened() {
        assert_eq!(shortened("a\nb"), "a…");
        assert_eq!(shortened("a\n"), "a");
        assert_eq!(shortened(&"é".repeat(50)), format!("{}…", "é".repeat(40)));
    }
}
