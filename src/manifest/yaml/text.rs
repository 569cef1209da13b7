//! Bytes to text.

use std::sync::Arc;

use crate::problem::{Problem, Source, Span};

/// Why bytes are not text in UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotText {
    /// The first byte that does not fit.
    pub offset: usize,
    /// Its line, from 1.
    pub line: usize,
    /// The encoding, where the byte order mark tells it.
    pub encoding: Option<&'static str>,
}

impl NotText {
    /// The problem to report for the file. The text of `source` is empty, so the place is in the message.
    #[must_use]
    pub fn problem(&self, source: &Arc<Source>) -> Problem {
        let span = Span { source: Arc::clone(source), start: 0, end: 0 };
        let message = match self.encoding {
            Some(encoding) => format!("the file is {encoding}, not UTF-8 (byte offset {})", self.offset),
            None => {
                format!("the file is not UTF-8: bad byte at offset {}, in line {}", self.offset, self.line)
            }
        };
        Problem::error("not-utf8", span, message)
            .label("this file")
            .help("save it as UTF-8 in your editor, or leave it out if it holds no manifests")
    }
}

/// The text in `bytes`, without a byte order mark.
///
/// # Errors
///
/// Where the bytes are not UTF-8.
pub fn decode_text(bytes: Vec<u8>) -> Result<String, NotText> {
    const BYTE_ORDER_MARK: &str = "\u{feff}";
    // The mark of UTF-32 begins with that of UTF-16, so it comes first.
    let encoding = match bytes.as_slice() {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        _ => None,
    };
    if encoding.is_some() {
        return Err(NotText { offset: 0, line: 1, encoding });
    }
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with(BYTE_ORDER_MARK) {
                text.drain(..BYTE_ORDER_MARK.len());
            }
            Ok(text)
        }
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..offset].iter().filter(|b| **b == b'\n').count();
            Err(NotText { offset, line, encoding: None })
        }
    }
}

/// The first character that YAML does not allow in a text, with its offset.
pub(super) fn control_character(text: &str) -> Option<(usize, char)> {
    const BLOCK: usize = 128;
    // Without branches, the compiler looks at many bytes at a time. C1 controls begin with 0xc2, as others do.
    let suspect =
        |b: u8| ((b < 0x20) & (b != b'\t') & (b != b'\n') & (b != b'\r')) | (b == 0x7f) | (b == 0xc2);
    let (block, _) = text
        .as_bytes()
        .chunks(BLOCK)
        .enumerate()
        .find(|(_, block)| block.iter().fold(false, |any, b| any | suspect(*b)))?;
    let start = (0..=block * BLOCK).rev().find(|i| text.is_char_boundary(*i))?;
    let is_control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    text[start..].char_indices().find(|(_, c)| is_control(*c)).map(|(i, c)| (start + i, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_mark_is_dropped() {
        assert_eq!(decode_text(b"\xef\xbb\xbfa: b".to_vec()), Ok("a: b".into()));
        assert_eq!(decode_text(Vec::new()), Ok(String::new()));
    }

    #[test]
    fn utf16_is_named() {
        let error = decode_text(b"\xff\xfea\0".to_vec()).unwrap_err();
        assert_eq!(error.encoding, Some("UTF-16"));
        assert_eq!(decode_text(b"\xfe\xff\0a".to_vec()).unwrap_err().encoding, Some("UTF-16"));
        assert_eq!(decode_text(b"\xff\xfe\0\0".to_vec()).unwrap_err().encoding, Some("UTF-32"));
    }

    #[test]
    fn latin1_has_its_place() {
        let error = decode_text(b"a: b\nc: caf\xe9\n".to_vec()).unwrap_err();
        assert_eq!(error, NotText { offset: 11, line: 2, encoding: None });
        let source = Arc::new(Source::new("a.yaml", String::new()));
        let problem = error.problem(&source);
        assert_eq!(problem.message, "the file is not UTF-8: bad byte at offset 11, in line 2");
    }

    #[test]
    fn control_characters() {
        assert_eq!(control_character("a\tb\r\n\u{85}é\u{feff}"), None);
        assert_eq!(control_character("ab\0"), Some((2, '\0')));
        assert_eq!(control_character("é\u{9b}"), Some((2, '\u{9b}')));
        assert_eq!(control_character("\u{7f}"), Some((0, '\u{7f}')));
    }
}
