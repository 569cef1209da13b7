//! What a `Deserialize` implementation rejects, as data. [`super::report`] puts it into words.

use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};

use super::expected;
use super::node::{Node, TextRange};

/// An error while decoding, with the value to blame as soon as it passed one.
#[derive(Debug)]
pub(super) struct Error<'de>(Box<Blamed<'de>>);

#[derive(Debug)]
pub(super) struct Blamed<'de> {
    pub(super) fault: Fault,
    /// The value that does not fit.
    pub(super) node: Option<&'de Node>,
    /// What to mark: the value, or a key where there is no value to see.
    pub(super) mark: TextRange,
}

#[derive(Debug)]
pub(super) enum Fault {
    /// The value is of another type.
    WrongType { expected: String },
    /// A field that the type does not have.
    UnknownField { field: String, known: &'static [&'static str] },
    /// A variant that the type does not have.
    UnknownVariant { variant: String, known: &'static [&'static str] },
    /// A field that the type must have.
    MissingField { field: &'static str },
    /// A mapping with another number of keys than one, where the key chooses.
    NotOneChoice { choices: &'static [&'static str] },
    /// A choice without the value it needs.
    ChoiceNeedsValue { choice: String },
    /// A choice with a value it has no use for.
    ChoiceTakesNoValue { choice: String },
    /// The same field under two names.
    DuplicateField { field: &'static str },
    /// Rejected by the type itself.
    Invalid { message: String, help: Option<String> },
    /// No stand-in for the missing `field` satisfies the type.
    NoStandIn { field: &'static str },
    /// Follows from what was reported before.
    Consequence,
}

impl<'de> Error<'de> {
    #[cold]
    pub(super) fn new(fault: Fault) -> Self {
        let mark = TextRange { start: 0, end: 0 };
        Self(Box::new(Blamed { fault, node: None, mark }))
    }

    /// Blames `node`, unless a value within it was blamed before.
    #[must_use]
    pub(super) fn or_at(mut self, node: &'de Node, mark: TextRange) -> Self {
        if self.0.node.is_none() {
            self.0.node = Some(node);
            self.0.mark = mark;
        }
        self
    }

    pub(super) fn into_blamed(self) -> Blamed<'de> {
        *self.0
    }
}

impl Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.fault {
            // Shown where an implementation wraps the error of another one.
            Fault::Invalid { message, .. } => f.write_str(message),
            Fault::WrongType { expected } => write!(f, "expected {expected}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl std::error::Error for Error<'_> {}

impl de::Error for Error<'_> {
    fn custom<T: Display>(message: T) -> Self {
        let text = message.to_string();
        let (message, help) = match text.split_once('\u{1f}') {
            Some((message, help)) => (message.to_owned(), Some(help.to_owned())),
            None => (text, None),
        };
        Self::new(Fault::Invalid { message, help })
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Fault::WrongType { expected: expected::in_words(expected) })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected::in_words(expected);
        let message = match found {
            Unexpected::Bool(value) => format!("`{value}` does not fit: expected {expected}"),
            Unexpected::Unsigned(value) => format!("`{value}` does not fit: expected {expected}"),
            Unexpected::Signed(value) => format!("`{value}` does not fit: expected {expected}"),
            Unexpected::Float(value) => format!("`{value}` does not fit: expected {expected}"),
            Unexpected::Char(value) => format!("`{value}` does not fit: expected {expected}"),
            Unexpected::Str(value) => format!("`{value}` does not fit: expected {expected}"),
            _ => format!("expected {expected}"),
        };
        Self::new(Fault::Invalid { message, help: None })
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let expected = expected::in_words(expected);
        Self::new(Fault::Invalid { message: format!("expected {expected}, found {length}"), help: None })
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Self::new(Fault::UnknownVariant { variant: variant.to_owned(), known })
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::new(Fault::UnknownField { field: field.to_owned(), known })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Fault::MissingField { field })
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(Fault::DuplicateField { field })
    }
}
