//! What a plain scalar means: the core schema of YAML 1.2.

/// The meaning of a plain scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Meaning {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text,
}

/// What `text` means where it stands without quotes.
pub(super) fn meaning(text: &str) -> Meaning {
    // All but text start with one of few bytes, and most scalars are text.
    match text.as_bytes().first() {
        None => Meaning::Null,
        Some(b'~' | b'n' | b'N') if is_null(text) => Meaning::Null,
        Some(b't' | b'T' | b'f' | b'F') => boolean(text).map_or(Meaning::Text, Meaning::Bool),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => integer(text)
            .map(Meaning::Int)
            .or_else(|| float(text).map(Meaning::Float))
            .unwrap_or(Meaning::Text),
        Some(_) => Meaning::Text,
    }
}

pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A whole number. `0755` is none: YAML 1.1 reads it as octal, YAML 1.2 as decimal.
pub(super) fn integer(text: &str) -> Option<i128> {
    if let Some(digits) = text.strip_prefix("0x") {
        return digits_of(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return digits_of(digits, 8);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if has_leading_zero(digits) {
        return None;
    }
    let value = digits_of(digits, 10)?;
    Some(if text.starts_with('-') { -value } else { value })
}

fn digits_of(digits: &str, radix: u32) -> Option<i128> {
    // `from_str_radix` would take a second sign.
    digits.starts_with(|c: char| c.is_digit(radix)).then(|| i128::from_str_radix(digits, radix).ok())?
}

/// A number with a fraction or an exponent, `.inf` or `.nan`.
pub(super) fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" if text.starts_with('-') => return Some(f64::NEG_INFINITY),
        ".inf" | ".Inf" | ".INF" => return Some(f64::INFINITY),
        _ if matches!(text, ".nan" | ".NaN" | ".NAN") => return Some(f64::NAN),
        _ => {}
    }
    let is_number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.contains(|c: char| c.is_ascii_digit())
        && !has_leading_zero(unsigned)
        // Whole numbers too large for `integer` are ids: a float would lose digits.
        && unsigned.contains(['.', 'e', 'E']);
    text.parse().ok().filter(|value: &f64| is_number && value.is_finite())
}

/// `007` or `00.5`, but not `0`, `0.5` or `0e1`.
pub(super) fn has_leading_zero(unsigned: &str) -> bool {
    matches!(unsigned.as_bytes(), [b'0', b'0'..=b'9', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_schema() {
        for (text, expected) in [
            ("", Meaning::Null),
            ("~", Meaning::Null),
            ("null", Meaning::Null),
            ("nULL", Meaning::Text),
            ("true", Meaning::Bool(true)),
            ("FALSE", Meaning::Bool(false)),
            ("yes", Meaning::Text),
            ("off", Meaning::Text),
            ("5", Meaning::Int(5)),
            ("-5", Meaning::Int(-5)),
            ("+5", Meaning::Int(5)),
            ("0", Meaning::Int(0)),
            ("0x1F", Meaning::Int(31)),
            ("0o17", Meaning::Int(15)),
            ("0755", Meaning::Text),
            ("1_000", Meaning::Text),
            ("--5", Meaning::Text),
            ("0x-5", Meaning::Text),
            ("12345678901234567890123", Meaning::Int(12_345_678_901_234_567_890_123)),
            ("1.5", Meaning::Float(1.5)),
            (".5", Meaning::Float(0.5)),
            ("1.", Meaning::Float(1.0)),
            ("1e3", Meaning::Float(1000.0)),
            ("-.inf", Meaning::Float(f64::NEG_INFINITY)),
            ("1e999", Meaning::Text),
            ("00.5", Meaning::Text),
            (".", Meaning::Text),
            ("-", Meaning::Text),
            ("1.2.3", Meaning::Text),
            ("2024-01-01", Meaning::Text),
            ("5s", Meaning::Text),
            ("inf", Meaning::Text),
            ("nan", Meaning::Text),
            ("+nan", Meaning::Text),
        ] {
            assert_eq!(meaning(text), expected, "{text}");
        }
        assert!(matches!(meaning(".nan"), Meaning::Float(f) if f.is_nan()));
    }
}
