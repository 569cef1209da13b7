//! Rules for names and other short texts, as data.

/// What a text may start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::provider) enum First {
    /// A letter.
    Letter,
    /// A letter or a digit.
    LetterOrDigit,
    /// A letter, a digit, or one of these.
    LetterOrDigitOr(&'static str),
    /// Any character that is allowed.
    Any,
}

/// How long a text is, and which characters it has. Letters are those of ASCII.
#[derive(Debug, Clone, Copy)]
pub(in crate::provider) struct Rule {
    /// The fewest characters.
    pub(in crate::provider) min: usize,
    /// The most characters.
    pub(in crate::provider) max: usize,
    /// What it starts with.
    pub(in crate::provider) first: First,
    /// Which characters it may have besides letters and digits.
    pub(in crate::provider) also: &'static str,
}

impl Rule {
    /// A name that starts with a letter.
    pub(in crate::provider) const fn name(min: usize, max: usize, also: &'static str) -> Self {
        Self::new(min, max, First::Letter, also)
    }

    /// A text of letters, digits and `also`.
    pub(in crate::provider) const fn new(min: usize, max: usize, first: First, also: &'static str) -> Self {
        Self { min, max, first, also }
    }

    /// How `text` breaks the rule, as the end of a sentence.
    pub(in crate::provider) fn broken(&self, text: &str) -> Option<String> {
        let length = text.chars().count();
        if length < self.min {
            return Some(format!("is too short: {length} characters"));
        }
        if length > self.max {
            return Some(format!("is too long: {length} characters"));
        }
        if let Some(bad) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !self.also.contains(*c)) {
            return Some(format!("holds `{bad}`"));
        }
        let first = text.chars().next()?;
        let good = match self.first {
            First::Letter => first.is_ascii_alphabetic(),
            First::LetterOrDigit => first.is_ascii_alphanumeric(),
            First::LetterOrDigitOr(also) => first.is_ascii_alphanumeric() || also.contains(first),
            First::Any => true,
        };
        (!good).then(|| format!("starts with `{first}`"))
    }

    /// The rule in words.
    pub(in crate::provider) fn words(&self) -> String {
        let length =
            if self.min == self.max { self.min.to_string() } else { format!("{} to {}", self.min, self.max) };
        let first = match self.first {
            First::Letter => ", a letter first".to_owned(),
            First::LetterOrDigit => ", a letter or digit first".to_owned(),
            First::LetterOrDigitOr(also) => format!(", a letter, digit or one of `{also}` first"),
            First::Any => String::new(),
        };
        format!("{length} letters, digits and any of `{}`{first}", self.also)
    }
}
