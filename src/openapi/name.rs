//! Names that a gateway takes, and names of files that every file system takes.

pub(super) use crate::manifest::file_name::{SLUG_MAX, Taken, file_slug, slug};

/// The longest name of a group or an API.
const NAME_MAX: usize = 255;
/// The shortest name of a group or an API.
const NAME_MIN: usize = 3;
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

/// Claims of names of groups, APIs and parameters.
pub(super) trait ClaimName {
    /// [`Taken::claim`] for the name of a group or an API.
    fn claim_name(&mut self, wanted: &str) -> String;
    /// [`Taken::claim`] for the name of a parameter.
    fn claim_parameter(&mut self, wanted: &str) -> String;
}

impl ClaimName for Taken {
    fn claim_name(&mut self, wanted: &str) -> String {
        self.claim(wanted, NAME_MAX)
    }

    fn claim_parameter(&mut self, wanted: &str) -> String {
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
}
