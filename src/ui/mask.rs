//! Excerpts of files must not show secrets, however they got there: what stands after a key that names one is starred out.
//!
//! Lengths in bytes stay the same, so that marks stay where they are. A source of a secret (`{ fromEnv: NAME }`) is shown.

use crate::kinds::plugin::native::PRIVATE;

/// Parts of keys that name secrets, in lower case.
const WORDS: [&str; 6] = ["secret", "password", "passwd", "token", "privatekey", "private_key"];

/// A part of a private key has no fewer characters.
const KEY_MIN: usize = 16;

/// `text` with secrets starred out.
pub(super) fn secrets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // The indentation of a key whose value stands on the lines below it.
    let mut below: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        if let Some(outer) = below {
            if line.trim().is_empty() || indent > outer {
                out.push_str(&if is_source(line) { line.to_owned() } else { starred(line) });
                continue;
            }
            below = None;
        }
        match value_of_secret(line) {
            Some(at) => {
                let value = &line[at..];
                let start = value.trim();
                if start.is_empty() || start.starts_with(['|', '>', '#']) {
                    below = Some(indent);
                    out.push_str(line);
                } else if is_source(value) {
                    out.push_str(line);
                } else {
                    out.push_str(&line[..at]);
                    out.push_str(&starred(value));
                }
            }
            None => out.push_str(line),
        }
    }
    out
}

/// Where the value of the first key of the line that names a secret begins.
fn value_of_secret(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let colons = lower.match_indices(':').map(|(at, _)| at);
    for colon in colons {
        let key = lower[..colon].trim_end_matches(['"', '\'', ' ']);
        let from = key.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
        let ended = lower[colon + 1..].starts_with([' ', '\n', '\r', '"', '\'']) || lower.len() == colon + 1;
        let key = key.get(from..).unwrap_or_default();
        let names = || WORDS.iter().any(|word| key.contains(word));
        if ended && (names() || PRIVATE.contains(&key) && is_key(&line[colon + 1..])) {
            return Some(colon + 1);
        }
    }
    None
}

/// Whether a member of a key in JSON is long enough to be one.
fn is_key(value: &str) -> bool {
    let value = value.trim_start_matches([' ', '"', '\'']);
    let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-_+/".contains(c))).unwrap_or(value.len());
    end >= KEY_MIN
}

fn is_source(text: &str) -> bool {
    ["fromEnv", "fromFile", "fromCommand"].iter().any(|source| text.contains(source))
}

fn starred(text: &str) -> String {
    text.chars()
        .map(
            |c| {
                if c.is_whitespace() || "{}[],".contains(c) {
                    c.to_string()
                } else {
                    "*".repeat(c.len_utf8())
                }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_secret_key_is_starred_out() {
        for (text, shown) in [
            ("spec: { key: abc, secret: hunter2 }\n", "spec: { key: abc, secret: ******* }\n"),
            ("  secret: { value: hunter2 }\n", "  secret: { ****** ******* }\n"),
            ("  secret: { fromEnv: NAME }\n", "  secret: { fromEnv: NAME }\n"),
            ("  secret:\n    value: hunter2\n  key: x\n", "  secret:\n    ****** *******\n  key: x\n"),
            ("  secret: |\n    hunter2\nkind: X\n", "  secret: |\n    *******\nkind: X\n"),
            ("  \"secretKey\": \"ä\"\n", "  \"secretKey\": ****\n"),
            ("kind: Api\n", "kind: Api\n"),
            ("jwk: { kty: oct, k: abcdefgh-ijkl_mno }\n", "jwk: { kty: oct, k: ***************** }\n"),
            ("  \"d\": \"abcdefghijklmnop\"\n", "  \"d\": ******************\n"),
            ("  p: 1\n", "  p: 1\n"),
        ] {
            let masked = secrets(text);
            assert_eq!(masked, shown);
            assert_eq!(masked.len(), text.len());
        }
    }
}
