//! Text as a YAML scalar: plain where no reader can misunderstand it, else quoted, or a literal block.

/// Where a scalar stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// A value in block style.
    Block,
    /// A key in block style.
    Key,
    /// A value between braces or brackets.
    Flow,
    /// A key between braces.
    FlowKey,
}

/// Words that some reader takes for a boolean, a null, a number or a merge key.
const WORDS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

/// The text on one line.
pub(super) fn scalar(text: &str, context: Context) -> String {
    if is_plain(text, context) {
        return text.to_owned();
    }
    let printable = text.chars().all(is_printable);
    // Single quotes take backslashes as they are, which keeps regular expressions readable.
    if printable && text.contains(['"', '\\']) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    double_quoted(text)
}

fn is_plain(text: &str, context: Context) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let starts_well = first.is_alphanumeric() || matches!(first, '/' | '_' | '(' | '$');
    let clean = text.chars().all(is_printable) && !text.ends_with([' ', ':']) && !text.contains(" #");
    let colon = match context {
        Context::Block => text.contains(": "),
        Context::Key | Context::Flow | Context::FlowKey => text.contains(':'),
    };
    let flow =
        matches!(context, Context::Flow | Context::FlowKey) && text.contains([',', '[', ']', '{', '}', '?']);
    starts_well && clean && !colon && !flow && !is_a_word(text) && !looks_numeric(text)
}

fn is_a_word(text: &str) -> bool {
    text.len() <= 5 && WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Numbers, dates, times and sexagesimals of any YAML version, and what comes near them.
fn looks_numeric(text: &str) -> bool {
    if !text.starts_with(|c: char| c.is_numeric()) {
        return false;
    }
    let hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    text.chars().all(|c| {
        c.is_numeric()
            || matches!(
                c,
                '_' | '.'
                    | ','
                    | ':'
                    | '+'
                    | '-'
                    | ' '
                    | 'e'
                    | 'E'
                    | 'o'
                    | 'O'
                    | 'b'
                    | 'B'
                    | 'T'
                    | 't'
                    | 'Z'
                    | 'z'
            )
            || (hexadecimal && (c.is_ascii_hexdigit() || matches!(c, 'x' | 'X')))
    })
}

/// Whether a character can stand as it is, and is seen by a reader of the file.
fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\u{0}'..='\u{a0}' | '\u{ad}' | '\u{feff}' => false,
        // Marks of direction and other characters of no width; they hide things in a review.
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' => false,
        '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' => false,
        c => (c as u32) < 0x1_0000 || !matches!(c as u32 & 0xffff, 0xfffe | 0xffff),
    }
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02X}", c as u32)),
            c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04X}", c as u32)),
            c => out.push_str(&format!("\\U{:08X}", c as u32)),
        }
    }
    out.push('"');
    out
}

/// Text of several lines as `|`, indented by `depth` steps; `None` where a block could lose or hide something.
pub(super) fn literal_block(text: &str, depth: usize) -> Option<String> {
    let body = text.trim_end_matches('\n');
    let several = text.contains('\n') && !body.is_empty();
    let visible = body.lines().all(|line| !line.ends_with([' ', '\t']) && !line.starts_with('\t'));
    let clean = text.chars().all(|c| c == '\n' || c == '\t' || is_printable(c));
    // The indentation of the block is that of its first line, so this line must have some text and none of its own.
    let starts_well = !body.starts_with([' ', '\n']);
    if !(several && visible && clean && starts_well) {
        return None;
    }
    let mut out = String::from(match text.len() - body.len() {
        0 => "|-\n",
        1 => "|\n",
        _ => "|+\n",
    });
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if !line.is_empty() {
            out.extend(std::iter::repeat_n("  ", depth));
            out.push_str(line);
        }
        out.push('\n');
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_plain_only_where_every_reader_agrees() {
        for plain in [
            "a",
            "5s",
            "12MB",
            "/repos/{owner}",
            "https://a/b",
            "V1.0.0",
            "a-b",
            "it's",
            "höhe",
            "a, b",
            "1d",
        ] {
            assert_eq!(scalar(plain, Context::Block), plain);
        }
        for quoted in [
            "",
            " a",
            "a ",
            "no",
            "On",
            "y",
            "NULL",
            "~",
            "1",
            "1.0",
            "1_000",
            "0x1f",
            "0o17",
            "1e3",
            "1:30",
            "-1",
            "+1",
            ".5",
            "2024-01-01",
            "2024-01-01T00:00:00Z",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "- a",
            "? a",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "[a",
            "{a",
            "=",
            "<<",
            "---",
            "...",
            "|",
            ">",
            "\u{feff}",
            "a\u{200b}b",
            "٣",
        ] {
            assert_ne!(scalar(quoted, Context::Block), quoted, "{quoted}");
        }
        assert_eq!(scalar("/repos/{owner}", Context::Flow), "\"/repos/{owner}\"");
        // YAML 1.1 readers refuse a `?` within a plain scalar between braces.
        assert_eq!(scalar("a?b", Context::Flow), "\"a?b\"");
        assert_eq!(scalar(r"^\d+$", Context::Block), r"'^\d+$'");
        assert_eq!(scalar("a\u{7f}\n", Context::Block), r#""a\x7F\n""#);
    }

    #[test]
    fn blocks_keep_their_newlines() {
        assert_eq!(literal_block("a\n\nb", 1).as_deref(), Some("|-\n  a\n\n  b\n"));
        assert_eq!(literal_block("a\n b\n", 1).as_deref(), Some("|\n  a\n   b\n"));
        assert_eq!(literal_block("a\n\n", 1).as_deref(), Some("|+\n  a\n\n"));
        for not in ["a", "\n", "\na", " a\nb", "a \nb", "a\r\nb", "a\n\tb", "a\n \nb"] {
            assert_eq!(literal_block(not, 1), None, "{not:?}");
        }
    }
}
