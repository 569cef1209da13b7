//! A manifest document, read: what it is, what it says, and where it stands.

use std::sync::Arc;

use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::metadata::Metadata;
use crate::kinds::spec::DocumentSpec;
use crate::problem::{Problem, Severity, Source, Span};

/// One document of the manifests.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it describes.
    pub kind: Kind,
    /// Its name and place.
    pub metadata: Metadata,
    /// What it says; `None` for a resource that is only named (`metadata.external`).
    pub spec: Option<DocumentSpec>,
    /// Where it stands.
    pub origin: Origin,
}

/// Where a document stands. Spans of single fields are found again by reading this stretch once more, which only
/// happens when there is a problem to show.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The file.
    pub source: Arc<Source>,
    /// First byte of the document.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// What came from elsewhere: from patches and variables.
    pub overlaid: Option<Arc<Overlaid>>,
}

/// What in a document does not stand there as it is.
#[derive(Debug, Default)]
pub struct Overlaid {
    /// Fields that a patch has set or removed, such as `spec.limits.api`, with the place in the patch.
    pub patched: Vec<(String, Span)>,
    /// Values of variables.
    pub uses: Vec<Use>,
}

/// A value of a variable.
#[derive(Debug, Clone)]
pub struct Use {
    /// Where it is used.
    pub at: Span,
    /// The variable.
    pub variable: String,
    /// Where the value stands.
    pub value: Span,
}

impl Overlaid {
    /// Where a field stands that a patch has set, with it or with what it is in.
    #[must_use]
    pub fn patched(&self, field: &str) -> Option<&Span> {
        let within = |path: &str| {
            field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        // The last patch has the last word, the innermost field the most exact place.
        let found = self.patched.iter().filter(|(path, _)| within(path));
        found.max_by_key(|(path, _)| path.len()).map(|(_, span)| span)
    }

    /// Says of a problem with the value of a variable where the value comes from.
    pub fn explain(&self, problem: &mut Problem) {
        let found = self.uses.iter().filter(|u| problem.span.as_ref() == Some(&u.at));
        for found in found {
            let label = format!("the value of `{}` comes from here", found.variable);
            if !problem.related.iter().any(|(span, _)| *span == found.value) {
                problem.related.push((found.value.clone(), label));
            }
        }
    }
}

impl Origin {
    /// Whether a problem lies within the document.
    #[must_use]
    pub fn holds(&self, problem: &Problem) -> bool {
        problem.span.as_ref().is_some_and(|span| {
            Arc::ptr_eq(&span.source, &self.source)
                && (self.start as usize..=self.end as usize).contains(&span.start)
        })
    }
}

impl Document {
    /// The address of the resource that the document describes. A `Variable` describes one per environment; this is the
    /// address without the environment.
    #[must_use]
    pub fn address(&self) -> Address {
        match (&self.metadata.group, self.kind.def().in_group()) {
            (Some(group), true) => Address::new(self.kind, &[group, &self.metadata.name]),
            _ => Address::new(self.kind, &[&self.metadata.name]),
        }
    }
}

/// Something to say about a field of a document; the reader of manifests turns it into a problem with a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The document's index.
    pub document: usize,
    /// The rule, as in [`crate::problem::Problem::code`].
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// The field, such as `spec.parameters[2].name`.
    pub field: String,
    /// One sentence without a trailing period.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places: document, field, text at the mark.
    pub related: Vec<(usize, String, String)>,
}

impl Finding {
    /// An error in `field` of `document`.
    #[must_use]
    pub fn error(
        document: usize,
        code: &'static str,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            document,
            code,
            severity: Severity::Error,
            field: field.into(),
            message: message.into(),
            help: None,
            related: Vec::new(),
        }
    }

    /// A warning in `field` of `document`.
    #[must_use]
    pub fn warning(
        document: usize,
        code: &'static str,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(document, code, field, message) }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Another place that matters.
    #[must_use]
    pub fn related(mut self, document: usize, field: impl Into<String>, label: impl Into<String>) -> Self {
        self.related.push((document, field.into(), label.into()));
        self
    }
}
