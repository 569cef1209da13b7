//! Prose of an OpenAPI document, which is Markdown of any length, as the short plain text that a gateway takes.

use serde_json::Value;

/// The longest description of an API or a parameter.
pub(super) const DESCRIPTION_MAX: usize = 255;
/// The longest description of a group.
pub(super) const GROUP_DESCRIPTION_MAX: usize = 1000;
/// The longest sample or description of a body.
pub(super) const SAMPLE_MAX: usize = 20_480;

/// A text that may have lost its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) text: String,
    pub(super) shortened: bool,
}

/// `text` with at most `length_max` characters, cut between words.
pub(super) fn cut(text: &str, length_max: usize) -> Cut {
    let Some((end, _)) = text.char_indices().nth(length_max) else {
        return Cut { text: text.to_owned(), shortened: false };
    };
    let room = text[..end].char_indices().next_back().map_or(0, |(i, _)| i);
    let head = &text[..room];
    let whole_words = if text[room..].starts_with(' ') { room } else { head.rfind(' ').unwrap_or(room) };
    // A single word longer than half of the room is cut within.
    let head = if whole_words * 2 > room { &text[..whole_words] } else { head };
    Cut { text: format!("{}…", head.trim_end_matches([' ', ',', ';', ':', '.'])), shortened: true }
}

/// Markdown on one line: links lose their targets, whitespace is collapsed.
pub(super) fn one_line(markdown: &str) -> String {
    let words: Vec<&str> = markdown.split_whitespace().collect();
    without_link_targets(&words.join(" "))
}

/// The first paragraph of prose, on one line; headings, quotes, lists, tables and code are skipped.
pub(super) fn first_paragraph(markdown: &str) -> String {
    let text = markdown.replace("\r\n", "\n");
    let prose = text.split("\n\n").map(str::trim).find(|paragraph| {
        let special =
            paragraph.starts_with(['>', '#', '|', '<', '`', '~', '=']) || paragraph.starts_with("- ");
        !special && !paragraph.starts_with("* ") && !paragraph.is_empty()
    });
    one_line(prose.unwrap_or_default())
}

/// `[text](target)` becomes `text`.
fn without_link_targets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(middle) = rest.find("](") {
        let open = rest[..middle].rfind('[');
        let close = rest[middle..].find(')');
        let (Some(open), Some(close)) = (open, close) else {
            out.push_str(&rest[..middle + 2]);
            rest = &rest[middle + 2..];
            continue;
        };
        out.push_str(&rest[..open]);
        out.push_str(&rest[open + 1..middle]);
        rest = &rest[middle + close + 1..];
    }
    out.push_str(rest);
    out
}

/// What an API does: the summary, with the first paragraph of the description where both fit.
pub(super) fn description(summary: &str, description: &str) -> Cut {
    let summary = one_line(summary);
    let paragraph = first_paragraph(description);
    if summary.is_empty() || paragraph.starts_with(&summary) && paragraph.chars().count() <= DESCRIPTION_MAX {
        return cut(&paragraph, DESCRIPTION_MAX);
    }
    let stop = if summary.ends_with(['.', '!', '?', ':', '。']) { " " } else { ". " };
    let both = format!("{summary}{stop}{paragraph}");
    let fits = !paragraph.is_empty() && both.chars().count() <= DESCRIPTION_MAX;
    let repeated = summary.trim_end_matches('.').eq_ignore_ascii_case(paragraph.trim_end_matches('.'));
    if fits && !repeated { Cut { text: both, shortened: false } } else { cut(&summary, DESCRIPTION_MAX) }
}

/// Prose that keeps its lines; invisible whitespace at their ends goes.
pub(super) fn lines(markdown: &str) -> String {
    let lines: Vec<&str> = markdown.trim().lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// A single value as text: text as it is, numbers and booleans as in JSON.
pub(super) fn of_scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An example of a body as text: text as it is, all else as JSON that is easy to read, where that fits.
pub(super) fn of_example(value: &Value) -> Option<String> {
    let fits = |text: &String| text.chars().count() <= SAMPLE_MAX;
    if let Value::String(text) = value {
        return Some(text.clone()).filter(fits);
    }
    let pretty = serde_json::to_string_pretty(value).ok().filter(fits);
    pretty.or_else(|| Some(value.to_string()).filter(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_between_words() {
        assert_eq!(cut("one two three", 13).text, "one two three");
        assert_eq!(cut("one two three", 9).text, "one two…");
        assert_eq!(cut("one two three", 8).text, "one two…");
        assert_eq!(cut("onetwothree", 5).text, "onet…");
        assert_eq!(cut("äöüäöü", 4).text, "äöü…");
        assert!(cut("one two three", 12).shortened);
    }

    #[test]
    fn markdown_becomes_one_line_of_prose() {
        assert_eq!(one_line("see [the\n docs](https://x/(y)"), "see the docs");
        assert_eq!(one_line("a ](b"), "a ](b");
        assert_eq!(first_paragraph("> [!NOTE]\n> x\n\nReally\nthis.\n\nMore."), "Really this.");
        assert_eq!(first_paragraph("# Title"), "");
    }

    #[test]
    fn a_description_has_the_summary_and_more_where_it_fits() {
        assert_eq!(description("List pets", "All of them.\n\nDetails.").text, "List pets. All of them.");
        assert_eq!(description("List pets.", "list pets").text, "List pets.");
        assert_eq!(description("", "All of them.").text, "All of them.");
        assert_eq!(description("List pets", &"x ".repeat(200)).text, "List pets");
    }
}
