//! What is wrong with the input, as data. Rendering (miette, JSON, SARIF) happens in `ui`.
//!
//! A [`Problem`] never ends a run by itself: readers collect all of them and return `(T, Vec<Problem>)`.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

/// A file that was read, kept so that excerpts can be shown.
#[derive(Debug)]
pub struct Source {
    /// The path as the user would type it (relative where the user gave a relative path).
    pub path: PathBuf,
    /// The text. Empty where the file could not be read as text.
    pub text: String,
    /// Where its lines end; found when first asked for.
    ends: OnceLock<Vec<usize>>,
}

impl Source {
    /// A file with this text.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), ends: OnceLock::new() }
    }

    /// The line, from 1, of the byte at `at`.
    #[must_use]
    pub fn line(&self, at: usize) -> usize {
        let ends = self.ends.get_or_init(|| {
            let bytes = self.text.bytes().enumerate();
            bytes.filter(|(_, byte)| *byte == b'\n').map(|(i, _)| i).collect()
        });
        ends.partition_point(|end| *end < at) + 1
    }
}

/// A range of bytes in a [`Source`].
#[derive(Clone)]
pub struct Span {
    /// The file.
    pub source: Arc<Source>,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Line and column (both from 1; the column counts characters) of the first byte.
    #[must_use]
    pub fn line_column(&self) -> (usize, usize) {
        let text = self.source.text.as_bytes();
        let start = self.start.min(text.len());
        let line_start = text[..start].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let line = self.source.line(start);
        let column = String::from_utf8_lossy(&text[line_start..start]).chars().count() + 1;
        (line, column)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.source.path.display())
    }
}

impl PartialEq for Span {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.source, &other.source) && self.start == other.start && self.end == other.end
    }
}

impl Eq for Span {}

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing stops.
    Warning,
    /// The run ends with exit code 1 before anything is changed.
    Error,
}

/// One thing wrong with the input.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Stable, kebab-case name of the rule, such as `unknown-field`. Listed in the README.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence without a trailing period: what is wrong, with the value in backquotes.
    pub message: String,
    /// Where. `None` only where no file is to blame.
    pub span: Option<Span>,
    /// Text at the mark in the excerpt.
    pub label: String,
    /// Other places that matter (the first of two duplicates, the steps of a cycle).
    pub related: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// An error at `span`.
    #[must_use]
    pub fn error(code: &'static str, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span: span.into(),
            label: "here".into(),
            related: Vec::new(),
            help: None,
        }
    }

    /// A warning at `span`.
    #[must_use]
    pub fn warning(code: &'static str, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// The text at the mark.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What to do about it, where known.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// Another place that matters.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}

/// Whether any of `problems` is an error.
#[must_use]
pub fn any_error(problems: &[Problem]) -> bool {
    problems.iter().any(|p| p.severity == Severity::Error)
}

/// The nearest of `candidates` to `word`, where one is near enough to be a slip of the fingers.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&lower, &c.to_lowercase()), c))
        .filter(|(distance, c)| *distance <= 1 + c.len().max(word.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, c)| c)
}
