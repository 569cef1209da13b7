//! What the manifests do not say, or say differently than the OpenAPI document: [`Note`]s, and their report in Markdown.

use std::fmt::Write;

/// How many entries of a harmless rule the report lists.
const LISTED_MAX: usize = 10;

/// One thing that is worth knowing about the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub rule: Rule,
    /// Which API or group, such as `books/list-books`; method and path for an operation that was left out.
    pub subject: String,
    /// The parameter or the value; empty where the rule says it all.
    pub detail: String,
}

/// What a [`Note`] is about. In the order of the report: what was lost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "`Rule::facts` says what each one means")]
pub enum Rule {
    MethodLeftOut,
    PathTooLong,
    PathTwice,
    CookieLeftOut,
    NameLeftOut,
    PlaceLeftOut,
    NotInPath,
    CheckLeftOut,
    DefaultLeftOut,
    SampleLeftOut,
    TagLeftOut,
    Environment,
    AuthAssumed,
    AuthOptional,
    PlaceholderRenamed,
    PlaceholderAdded,
    PlaceholderInside,
    QueryInPath,
    SameName,
    AsText,
    SeveralSchemas,
    BoundLoosened,
    GroupMerged,
    GroupRenamed,
    ApiRenamed,
    TagChanged,
    Shortened,
    Deprecated,
}

struct Facts {
    title: &'static str,
    explanation: &'static str,
    /// Every entry is listed.
    in_full: bool,
}

const fn facts(title: &'static str, explanation: &'static str, in_full: bool) -> Facts {
    Facts { title, explanation, in_full }
}

impl Rule {
    /// What the rule means, for the report.
    fn facts(self) -> Facts {
        match self {
            Self::MethodLeftOut => facts("Operations left out: method", "The gateway has no such method.", true),
            Self::PathTooLong => facts("Operations left out: path", "A path has at most 512 characters.", true),
            Self::PathTwice => facts(
                "Operations left out: same request",
                "Names of placeholders do not tell paths apart; the first operation was kept.",
                true,
            ),
            Self::CookieLeftOut => {
                facts("Parameters left out: cookies", "A gateway hands cookies on, and does not check them.", true)
            }
            Self::NameLeftOut => facts(
                "Parameters left out: name",
                "A name has at most 32 letters, digits, `-`, `_` and `.`, and starts with a letter. The backend still \
                 gets the parameter; the gateway does not check it.",
                true,
            ),
            Self::PlaceLeftOut => facts("Parameters left out: place", "The place is not known.", true),
            Self::NotInPath => {
                facts("Parameters left out: not in the path", "The path has no such placeholder.", true)
            }
            Self::CheckLeftOut => {
                facts("Checks left out", "The gateway cannot make them, or they contradict each other.", true)
            }
            Self::DefaultLeftOut => facts("Defaults left out", "They would not pass their own checks.", true),
            Self::SampleLeftOut => facts("Samples left out", "A sample has at most 20,480 characters.", false),
            Self::TagLeftOut => facts(
                "Tags left out",
                "A tag starts with a letter, and an API has at most ten.",
                true,
            ),
            Self::Environment => facts(
                "Environments to declare",
                "The APIs are published there; write an `Environment` document unless there is one.",
                true,
            ),
            Self::AuthAssumed => facts(
                "Authentication assumed",
                "The file does not say who may call; `auth: { type: app }` is the safe choice. `--auth` sets another.",
                false,
            ),
            Self::AuthOptional => facts(
                "Authentication made mandatory",
                "The file allows calls with and without; a gateway does not.",
                true,
            ),
            Self::PlaceholderRenamed => facts(
                "Placeholders renamed",
                "Callers do not see the names of placeholders; these were not valid at the gateway.",
                true,
            ),
            Self::PlaceholderAdded => {
                facts("Placeholders declared", "The file does not declare them; they are taken as text.", true)
            }
            Self::PlaceholderInside => facts(
                "Placeholders within a segment",
                "The gateway's manual does not say whether a placeholder may be part of a segment. They were kept.",
                true,
            ),
            Self::QueryInPath => {
                facts("Paths shortened", "What follows `?` or `#` is not part of a path at the gateway.", true)
            }
            Self::SameName => facts(
                "Parameters of the same name",
                "A backend parameter names its source by name alone. All were kept.",
                true,
            ),
            Self::AsText => facts(
                "Lists and objects as text",
                "The gateway knows text and numbers; the parameters are handed on as they come, unchecked.",
                false,
            ),
            Self::SeveralSchemas => {
                facts("Alternatives as text", "The parameter has several schemas; it is not checked.", false)
            }
            Self::BoundLoosened => {
                facts("Bounds rounded", "A bound is a whole number, and included.", true)
            }
            Self::GroupMerged => {
                facts("Groups merged", "Their names differ in little and would share a folder.", true)
            }
            Self::GroupRenamed => facts(
                "Groups renamed",
                "A name has 3 to 255 letters, digits and `-_./():`, and starts with a letter or digit.",
                true,
            ),
            Self::ApiRenamed => facts(
                "APIs renamed",
                "A name has 3 to 255 letters, digits and `-_./():`, and is unique in its group.",
                false,
            ),
            Self::TagChanged => {
                facts("Tags changed", "A tag has letters, digits and `-*#%:_.`, and starts with a letter.", true)
            }
            Self::Shortened => facts(
                "Descriptions shortened",
                "A description has at most 255 characters, that of a group 1,000.",
                false,
            ),
            Self::Deprecated => {
                facts("Deprecated", "These APIs have the label `deprecated: \"true\"`.", false)
            }
        }
    }
}

/// The report. Rules in their order, entries in the order of the document.
pub(super) fn report(title: &str, summary: &str, notes: &[Note], apis: usize) -> String {
    let mut out = format!("# Notes on the import of {title}\n\n{summary}\n");
    let mut sorted: Vec<&Note> = notes.iter().collect();
    sorted.sort_by_key(|note| note.rule);
    for same in sorted.chunk_by(|a, b| a.rule == b.rule) {
        let Facts { title, explanation, in_full } = same[0].rule.facts();
        // Writing to a string cannot fail.
        let _ = write!(out, "\n## {title} ({})\n\n{explanation}\n\n", thousands(same.len()));
        if !in_full && same.len() == apis && apis > LISTED_MAX && same.iter().all(|n| n.detail.is_empty()) {
            out.push_str("- all APIs\n");
            continue;
        }
        let listed = if in_full { same.len() } else { same.len().min(LISTED_MAX) };
        for note in &same[..listed] {
            let Note { subject, detail, .. } = note;
            let _ = if detail.is_empty() { writeln!(out, "- {subject}") } else { writeln!(out, "- {subject}: {detail}") };
        }
        if listed < same.len() {
            let _ = writeln!(out, "- and {} more", thousands(same.len() - listed));
        }
    }
    out
}

/// A number with commas: `1,223`.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 API`, `2 APIs`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number), if number == 1 { "" } else { "s" })
}
