//! Names of files that every file system takes.

use std::collections::HashSet;

/// The longest name of a file without its ending.
pub(crate) const SLUG_MAX: usize = 80;

/// A name for a file or a folder: small letters, digits and `-`, words of camelCase apart.
pub(crate) fn slug(text: &str) -> String {
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

/// The name of a file for an API without that of its group, which the folder has: `repos/get` in `repos` is `get`.
pub(crate) fn file_slug(group: &str, api: &str) -> String {
    let (group, api) = (slug(group), slug(api));
    let short = api.strip_prefix(&group).and_then(|rest| rest.strip_prefix('-'));
    short.map_or(api.clone(), slug)
}

/// Names in use; letters that differ in case only count as the same.
#[derive(Debug, Default)]
pub(crate) struct Taken(HashSet<String>);

impl Taken {
    /// Takes `wanted`, or the first of `wanted-2`, `wanted-3` and so on that is free.
    pub(crate) fn claim(&mut self, wanted: &str, length_max: usize) -> String {
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
