//! Texts from outside, made harmless for where they are printed.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character may move the cursor, hide or reorder text.
fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// For a terminal or a plain line: control and direction characters are spelled out, so it stays one line.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_dangerous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\t' => safe.push_str("\\t"),
            '\r' => safe.push_str("\\r"),
            c if is_dangerous(c) => _ = write!(safe, "\\u{{{:x}}}", u32::from(c)),
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

/// Like [`plain`], but of the same length in bytes and with lines and tabs kept: for excerpts with marks.
pub(super) fn same_length(text: &str) -> Cow<'_, str> {
    let bad = |c: char| is_dangerous(c) && !matches!(c, '\n' | '\t' | '\r');
    if !text.chars().any(bad) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match (bad(c), c.len_utf8()) {
            (false, _) => safe.push(c),
            (true, 3) => safe.push('\u{fffd}'),
            (true, n) => (0..n).for_each(|_| safe.push('?')),
        }
    }
    Cow::Owned(safe)
}

/// For XML and HTML, in text and in quoted attributes.
pub(super) fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in plain(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// For running text in Markdown: what Markdown or HTML could take as markup becomes an entity, and nothing links or
/// notifies anybody.
pub(super) fn markdown(text: &str) -> String {
    let mut safe = entities(text);
    for (from, to) in
        [("&#64;", "&#64;&#8203;"), ("&#35;", "&#35;&#8203;"), ("://", ":&#8203;//"), ("www.", "www&#8203;.")]
    {
        if safe.contains(from) {
            safe = safe.replace(from, to);
        }
    }
    safe
}

/// For a name or value in Markdown: a code span, in which forges link and notify nothing.
pub(super) fn markdown_code(text: &str) -> String {
    format!("<code>{}</code>", entities(text))
}

fn entities(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in plain(text).chars() {
        match c {
            'a'..='z'
            | 'A'..='Z'
            | '0'..='9'
            | ' '
            | '.'
            | ','
            | '/'
            | '-'
            | ':'
            | '('
            | ')'
            | ';'
            | '%'
            | '?'
            | '='
            | '+' => safe.push(c),
            c if c.is_ascii() => _ = write!(safe, "&#{};", u32::from(c)),
            c => safe.push(c),
        }
    }
    safe
}

/// The columns that `text` takes: wide East Asian characters take two, combining marks none.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// `text`, cut with `…` to at most `columns`.
pub(super) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns || width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut used = 1;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        used += char_width(c);
        if used > columns {
            break;
        }
        end = at + c.len_utf8();
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// `text` and spaces up to `columns`.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let mut padded = text.to_owned();
    padded.extend(std::iter::repeat_n(' ', columns.saturating_sub(width(text))));
    padded
}

/// `text` broken between words into lines of at most `columns`.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if width(line) + 1 + width(word) <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor_or_reorders_text() {
        assert_eq!(plain("a\u{1b}[31mb\nc\u{202e}d"), "a\\u{1b}[31mb\\nc\\u{202e}d");
        assert_eq!(plain("支付"), "支付");
        let text = "a\u{1b}b\u{9b}c\u{202e}d\n";
        assert_eq!(same_length(text), "a?b??c\u{fffd}d\n");
        assert_eq!(same_length(text).len(), text.len());
    }

    #[test]
    fn markdown_has_no_markup_left() {
        assert_eq!(markdown_code("a`b|c<d>@e"), "<code>a&#96;b&#124;c&#60;d&#62;&#64;e</code>");
        assert_eq!(
            markdown("ask @ops, see #12 at http://x"),
            "ask &#64;&#8203;ops, see &#35;&#8203;12 at http:&#8203;//x"
        );
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!((width("支付"), width("e\u{301}")), (4, 1));
        assert_eq!((cut("支付接口", 5), cut("short", 5)), ("支付…".into(), "short".into()));
        assert_eq!(pad("支", 4), "支  ");
    }
}
