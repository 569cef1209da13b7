//! Syntax errors in words that help.

use std::sync::Arc;

use granit_parser::{ErrorKind, ScanError};

use super::node::TextRange;
use super::parse::offset;
use super::report::in_quotes;
use crate::problem::{Problem, Source};

/// The problem for an error of the parser.
pub(super) fn problem(error: &ScanError, depth_max: usize, source: &Arc<Source>) -> Problem {
    let text = source.text.as_str();
    let at = error.marker().byte_offset().filter(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let kind = error.kind();
    if matches!(kind, ErrorKind::RecursionLimitExceeded) {
        return too_deep(character(text, at), depth_max, source);
    }
    if misses_its_colon(kind)
        && let Some(slip) = missing_space(text, at)
    {
        let range = TextRange { start: offset(slip.start), end: offset(slip.end) };
        return Problem::error("yaml-syntax", range.span(source), "a space is missing after `:`")
            .label("no space here")
            .help(format!("write `{}`", text[slip].replacen(':', ": ", 1)));
    }
    let (message, help) = describe(kind, text, at);
    let mark = match character(text, at) {
        // The parser stops after the tab.
        range if is_tab(kind) && text[..at].ends_with('\t') => {
            TextRange { start: range.start - 1, end: range.start }
        }
        range => range,
    };
    Problem::error("yaml-syntax", mark.span(source), message).maybe_help(help)
}

/// The problem with a collection at `range` that is nested too deeply.
pub(super) fn too_deep(range: TextRange, depth_max: usize, source: &Arc<Source>) -> Problem {
    let message = format!("the nesting is deeper than {depth_max} levels");
    Problem::error("yaml-limit", range.first_line(source), message)
        .label("one level too many")
        .help("nest less deeply; text that begins with `[` or `{` must be in quotes")
}

/// The character at `at`, or nothing at the end of a line.
fn character(text: &str, at: usize) -> TextRange {
    let length = text[at..].chars().next().filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8);
    TextRange { start: offset(at), end: offset(at + length) }
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabNotAllowed
            | ErrorKind::TabAtBlockScalarStart
    )
}

fn misses_its_colon(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
            | ErrorKind::MappingValueNotAllowed
            | ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
    )
}

/// `name:value` in the line of `at` or in the last line before it that is not empty.
fn missing_space(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let line_start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let line_end = text[at..].find('\n').map_or(text.len(), |i| at + i);
    let before = text[..line_start].trim_end();
    let before_start = before.rfind('\n').map_or(0, |i| i + 1);
    let lines = [(line_start, &text[line_start..line_end]), (before_start, &before[before_start..])];
    lines.into_iter().find_map(|(start, line)| {
        let content = line.trim_start().trim_start_matches("- ").trim_start();
        let word = content.split([' ', '\t', '\r', '#']).next()?;
        let (key, value) = word.split_once(':')?;
        let is_slip = !key.is_empty()
            && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
            && value.starts_with(|c: char| !matches!(c, '/' | ':'));
        let word_start = start + line.len() - content.len();
        is_slip.then(|| word_start..word_start + word.len())
    })
}

/// What is wrong, and what to do about it.
fn describe(kind: &ErrorKind, text: &str, at: usize) -> (String, Option<String>) {
    let (message, help): (String, &str) = match kind {
        kind if is_tab(kind) => {
            ("a tab is used for indentation".into(), "indent with spaces; YAML does not allow tabs")
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let message = format!("text without quotes must not begin with `{character}`");
            return (message, Some(format!("put it in quotes: {}", in_quotes(word_at(text, at)))));
        }
        ErrorKind::MissingAnchorOrAliasName => {
            let message = "`*` and `&` must be followed by the name of an anchor".to_owned();
            return (
                message,
                Some(format!("if it is text, put it in quotes: {}", in_quotes(word_at(text, at)))),
            );
        }
        ErrorKind::UnclosedFlowCollection { open } => {
            let close = if *open == '{' { '}' } else { ']' };
            let help = format!("add `{close}`; text that begins with `{open}` must be in quotes");
            return (format!("this `{open}` is never closed"), Some(help));
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            (format!("`{open}` is closed by `{close}`"), "a bracket of one kind is missing or too many")
        }
        ErrorKind::MisplacedFlowCollectionEnd => (
            format!("`{}` closes nothing", word_at(text, at).chars().next().unwrap_or(']')),
            "delete it, or put the text in quotes",
        ),
        ErrorKind::InvalidColonPlacement
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::ExpectedFlowMappingSeparator => (
            "expected `,` or a closing bracket".into(),
            "a `[` or `{` above is still open: close it, or put a `,` between its items",
        ),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => unclosed_quote(),
        ErrorKind::InvalidQuotedScalarIndent if text[at..].trim().is_empty() => unclosed_quote(),
        ErrorKind::InvalidQuotedScalarIndent => (
            "text in quotes goes on in this line, which is not indented".into(),
            "add the closing quote to the line above, or indent this one",
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar => (
            "something follows the closing quote".into(),
            "within single quotes, write a quote twice: 'it''s'",
        ),
        ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("something follows the closing quote".into(), "within double quotes, write a quote as `\\\"`")
        }
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape => (
            "within double quotes, `\\` begins an escape, and this one is unknown".into(),
            "write `\\\\` for a backslash, or use single quotes",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed => (
            "a list cannot begin in the line of its key".into(),
            "put `- ` in the next line, or write the list as `[a, b]`; put text that begins with `- ` in quotes",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            "expected `- ` and the next item of the list".into(),
            "indent what belongs to the item above by two more spaces",
        ),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "expected `key: value`, found text without `:`".into(),
            "add `:` and a value; to go on with the text of the line above, indent this one",
        ),
        ErrorKind::MappingValueNotAllowed if has_colon_before(text, at) => (
            "a second `: ` in one line".into(),
            "put the text in quotes, or the inner mapping in lines of its own",
        ),
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::InvalidIndentation => (
            "the indentation of this line fits none of the lines above".into(),
            "entries of the same mapping start in the same column",
        ),
        ErrorKind::CommentNotSeparated => {
            ("a comment must have a space before its `#`".into(), "add a space, or put the text in quotes")
        }
        ErrorKind::InvalidDocumentEnd => ("something follows `...`".into(), "put it in a line of its own"),
        other => return (plain_words(&other.to_string()), None),
    };
    (message, Some(help.into()))
}

fn unclosed_quote() -> (String, &'static str) {
    ("text in quotes is never closed".into(), "add the closing quote")
}

/// The parser's words without "while parsing a thing, ".
fn plain_words(message: &str) -> String {
    match message.split_once(", ") {
        Some((context, rest)) if context.starts_with("while ") => rest.to_owned(),
        _ => message.to_owned(),
    }
}

/// From `at` to the end of the line or to a comment, for use in a hint.
fn word_at(text: &str, at: usize) -> &str {
    let line = text[at..].lines().next().unwrap_or_default();
    line.split(" #").next().unwrap_or_default().trim_end_matches([',', ' ', '\t', ']', '}'])
}

fn has_colon_before(text: &str, at: usize) -> bool {
    let line_start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    text[line_start..at].contains(": ")
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, parse};
    use super::*;

    fn report(text: &str) -> String {
        let source = Arc::new(Source::new("a", text));
        let (_, problems) = parse(&source, &Limits::default());
        let lines = problems.iter().map(|p| {
            let span = p.span.as_ref().expect("a span");
            let marked = &text[span.start..span.end];
            format!("{:?} {marked:?}: {} ({})", span, p.message, p.help.as_deref().unwrap_or("-"))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn usual_slips() {
        let slips = [
            "a:\n\tb: c\n",
            "a: *\n",
            "a: *.example.com\n",
            "a: @x y # z\n",
            "a: %x\n",
            "a: {b\nc: d\n",
            "a: [1, 2\nb: 3\n",
            "a: {{ x }}\n",
            "name:foo\nkind: x\n",
            "kind: x\nname:foo\nz: 1\n",
            "- kind: x\n- name:foo\n  z: 1\n",
            "a: b: c\n",
            "a: b\n c: d\n",
            "a:\n  - b\n c: d\n",
            "- a\nb: c\n",
            "a: - b\n",
            "a: b\nc\n",
            "a: 'it's'\n",
            "a: \"\\d\"\n",
            "a: \"x\nb: c\n",
            "a: \"x\n",
            "a: ]\n",
            "a: [}\n",
            "a: b\0c\n",
            "a: !Ref b\n",
        ];
        let reports: Vec<String> = slips.iter().map(|slip| report(slip)).collect();
        insta::assert_snapshot!(reports.join("\n"), @r#"
        a:2:1 "\t": a tab is used for indentation (indent with spaces; YAML does not allow tabs)
        a:1:4 "*": `*` and `&` must be followed by the name of an anchor (if it is text, put it in quotes: "*")
        a:1:4 "*.example.com": `*.example.com` refers to an anchor that does not exist (text that begins with `*` must be in quotes: "*.example.com")
        a:1:4 "@": text without quotes must not begin with `@` (put it in quotes: "@x y")
        a:1:4 "%": text without quotes must not begin with `%` (put it in quotes: "%x")
        a:1:4 "{": this `{` is never closed (add `}`; text that begins with `{` must be in quotes)
        a:2:2 ":": expected `,` or a closing bracket (a `[` or `{` above is still open: close it, or put a `,` between its items)
        a:1:5 "{ x }": a mapping cannot be a key (put text that begins with `{` in quotes; templates such as `{{ name }}` are not expanded)
        a:1:1 "name:foo": a space is missing after `:` (write `name: foo`)
        a:2:1 "name:foo": a space is missing after `:` (write `name: foo`)
        a:2:3 "name:foo": a space is missing after `:` (write `name: foo`)
        a:1:5 ":": a second `: ` in one line (put the text in quotes, or the inner mapping in lines of its own)
        a:2:3 ":": the indentation of this line fits none of the lines above (entries of the same mapping start in the same column)
        a:3:2 "c": the indentation of this line fits none of the lines above (entries of the same mapping start in the same column)
        a:2:1 "b": expected `- ` and the next item of the list (indent what belongs to the item above by two more spaces)
        a:1:4 "-": a list cannot begin in the line of its key (put `- ` in the next line, or write the list as `[a, b]`; put text that begins with `- ` in quotes)
        a:2:1 "c": expected `key: value`, found text without `:` (add `:` and a value; to go on with the text of the line above, indent this one)
        a:1:8 "s": something follows the closing quote (within single quotes, write a quote twice: 'it''s')
        a:1:4 "\"": within double quotes, `\` begins an escape, and this one is unknown (write `\\` for a backslash, or use single quotes)
        a:2:1 "b": text in quotes goes on in this line, which is not indented (add the closing quote to the line above, or indent this one)
        a:2:1 "": text in quotes is never closed (add the closing quote)
        a:1:4 "]": `]` closes nothing (delete it, or put the text in quotes)
        a:1:4 "[": `[` is closed by `}` (a bracket of one kind is missing or too many)
        a:1:5 "\0": the control character U+0000 is not allowed in YAML (the file looks like UTF-16 or a binary file; save it as UTF-8 text)
        a:1:4 "!Ref": the tag `!Ref` has no meaning here (remove it; text that begins with `!` must be in quotes)
        "#);
    }
}
