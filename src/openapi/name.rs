//! Names that a gateway takes, and names of files that every file system takes.

use std::collections::HashSet;

/// The longest name of a group or an API.
const NAME_MAX: usize = 255;
/// The shortest name of a group or an API.
const NAME_MIN: usize = 3;
/// The longest name of a file without its ending.
pub(super) const SLUG_MAX: usize = 80;
/// The longest name of a parameter.
const PARAMETER_MAX: usize = 32;
/// The longest tag.
const TAG_MAX: usize = 128;

/// A valid name of a group or an API that is as near to `text` as can be; `None` where nothing is left of it.
pub(super) fn name(text: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '(' | ')' | ':');
    let kept = replaced(text, '-', allowed);
    let kept = kept.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).trim_end_matches('-');
    if kept.is_empty() {
        return None;
    }
    let mut name: String = kept.chars().take(NAME_MAX).collect();
    if name.len() < NAME_MIN {
        name.push_str("-api");
    }
    Some(name)
}

/// A valid name of a parameter that is as near to `text` as can be.
pub(super) fn parameter(text: &str) -> String {
    let kept = replaced(text, '_', |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let kept = kept.trim_matches('_');
    let letter = kept.starts_with(|c: char| c.is_ascii_alphabetic());
    let whole = if letter { kept.to_owned() } else { format!("p{kept}") };
    whole.chars().take(PARAMETER_MAX).collect()
}

/// Whether a parameter can be called that.
pub(super) fn is_parameter(text: &str) -> bool {
    text.len() <= PARAMETER_MAX
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// A valid tag that is as near to `text` as can be; `None` where nothing is left of it.
pub(super) fn tag(text: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '*' | '#' | '%' | ':' | '_' | '.');
    let kept = replaced(text, '-', allowed);
    let kept = kept.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).trim_end_matches('-');
    (!kept.is_empty()).then(|| kept.chars().take(TAG_MAX).collect())
}

/// `text` with every run of characters that are not allowed replaced by one `by`.
fn replaced(text: &str, by: char, allowed: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.trim().chars() {
        if allowed(c) {
            if gap && !out.ends_with(by) {
                out.push(by);
            }
            out.push(c);
        }
        gap = !allowed(c);
    }
    out
}

/// A name for a file or a folder: small letters, digits and `-`, words of camelCase apart.
pub(super) fn slug(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|b| chars[b]);
        let earlier = i.checked_sub(2).map(|b| chars[b]);
        let after = chars.get(i + 1);
        let new_word = c.is_ascii_uppercase()
            && (before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                // `APIKey` is two words, `OAuth` is one.
                || (before.is_some_and(|b| b.is_ascii_uppercase())
                    && earlier.is_some_and(|b| b.is_ascii_alphanumeric())
                    && after.is_some_and(char::is_ascii_lowercase)));
        if (new_word || !c.is_ascii_alphanumeric()) && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        }
    }
    out.truncate(SLUG_MAX);
    let out = out.trim_end_matches('-');
    if out.is_empty() || is_reserved(out) {
        format!("{out}-api").trim_start_matches('-').to_owned()
    } else {
        out.to_owned()
    }
}

/// Names that some operating system keeps for devices.
fn is_reserved(slug: &str) -> bool {
    let numbered = |prefix| slug.strip_prefix(prefix).is_some_and(|n: &str| n.len() == 1 && n != "0");
    matches!(slug, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// Names in use; letters that differ in case only count as the same.
#[derive(Debug, Default)]
pub(super) struct Taken(HashSet<String>);

impl Taken {
    /// Takes `wanted`, or the first of `wanted-2`, `wanted-3` and so on that is free.
    pub(super) fn claim(&mut self, wanted: &str, length_max: usize) -> String {
        let mut name = wanted.to_owned();
        let mut number = 1;
        while !self.0.insert(name.to_ascii_lowercase()) {
            number += 1;
            let tail = format!("-{number}");
            let head: String = wanted.chars().take(length_max - tail.len()).collect();
            name = format!("{head}{tail}");
        }
        name
    }

    /// [`Taken::claim`] for the name of a group or an API.
    pub(super) fn claim_name(&mut self, wanted: &str) -> String {
        self.claim(wanted, NAME_MAX)
    }

    /// [`Taken::claim`] for the name of a parameter.
    pub(super) fn claim_parameter(&mut self, wanted: &str) -> String {
        self.claim(wanted, PARAMETER_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_what_a_gateway_takes() {
        for (text, expected) in [
            ("repos/get", Some("repos/get")),
            ("List all pets!", Some("List-all-pets")),
            ("--x y", Some("x-y")),
            ("ls", Some("ls-api")),
            ("获取", None),
            ("get 书 (all)", Some("get-(all)")),
        ] {
            assert_eq!(name(text).as_deref(), expected, "{text}");
        }
        assert_eq!(name(&"x".repeat(300)).unwrap().len(), 255);
        assert_eq!(parameter("user id[]"), "user_id");
        assert_eq!(parameter("1st"), "p1st");
        assert_eq!(tag("1 Pet Store"), Some("Pet-Store".to_owned()));
    }

    #[test]
    fn slugs_are_readable_and_safe() {
        for (text, expected) in [
            ("listPets", "list-pets"),
            ("getAPIKey", "get-api-key"),
            ("repos/get_content", "repos-get-content"),
            ("OAuth2Login", "oauth2-login"),
            ("con", "con-api"),
            ("LPT1", "lpt1-api"),
            ("..", "api"),
        ] {
            assert_eq!(slug(text), expected, "{text}");
        }
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut taken = Taken::default();
        assert_eq!(taken.claim("a", 80), "a");
        assert_eq!(taken.claim("A", 80), "A-2");
        assert_eq!(taken.claim("a", 80), "a-3");
        assert_eq!(taken.claim("abcd", 4), "abcd");
        assert_eq!(taken.claim("abcd", 4), "ab-2");
    }
}
