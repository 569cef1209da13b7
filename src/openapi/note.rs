//! What the manifests do not say, or say differently than the OpenAPI document: [`Note`]s, and their report in Markdown.

use std::fmt::Write;

use super::source::printable;

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
#[allow(missing_docs, reason = "`FACTS` says what each one means")]
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
    rule: Rule,
    title: &'static str,
    explanation: &'static str,
    /// Every entry is listed.
    in_full: bool,
}

/// In the order of [`Rule`].
static FACTS: [Facts; 28] = [
    Facts {
        rule: Rule::MethodLeftOut,
        title: "Operations left out: method",
        explanation: "The gateway has no such method.",
        in_full: true,
    },
    Facts {
        rule: Rule::PathTooLong,
        title: "Operations left out: path",
        explanation: "A path has at most 512 characters.",
        in_full: true,
    },
    Facts {
        rule: Rule::PathTwice,
        title: "Operations left out: same request",
        explanation: "Names of placeholders do not tell paths apart; the first operation was kept.",
        in_full: true,
    },
    Facts {
        rule: Rule::CookieLeftOut,
        title: "Parameters left out: cookies",
        explanation: "A gateway hands cookies on, and does not check them.",
        in_full: true,
    },
    Facts {
        rule: Rule::NameLeftOut,
        title: "Parameters left out: name",
        explanation: "A name has at most 32 letters, digits, `-`, `_` and `.`, and starts with a letter. The backend still gets the parameter; the gateway does not check it.",
        in_full: true,
    },
    Facts {
        rule: Rule::PlaceLeftOut,
        title: "Parameters left out: place",
        explanation: "The place is not known.",
        in_full: true,
    },
    Facts {
        rule: Rule::NotInPath,
        title: "Parameters left out: not in the path",
        explanation: "The path has no such placeholder.",
        in_full: true,
    },
    Facts {
        rule: Rule::CheckLeftOut,
        title: "Checks left out",
        explanation: "The gateway cannot make them, or they contradict each other.",
        in_full: true,
    },
    Facts {
        rule: Rule::DefaultLeftOut,
        title: "Defaults left out",
        explanation: "They would not pass their own checks.",
        in_full: true,
    },
    Facts {
        rule: Rule::SampleLeftOut,
        title: "Samples left out",
        explanation: "A sample has at most 20,480 characters.",
        in_full: false,
    },
    Facts {
        rule: Rule::TagLeftOut,
        title: "Tags left out",
        explanation: "A tag starts with a letter, and an API has at most ten.",
        in_full: true,
    },
    Facts {
        rule: Rule::Environment,
        title: "Environments to declare",
        explanation: "The APIs are published there; write an `Environment` document unless there is one.",
        in_full: true,
    },
    Facts {
        rule: Rule::AuthAssumed,
        title: "Authentication assumed",
        explanation: "The file does not say who may call; `auth: { type: app }` is the safe choice. `--auth` sets another.",
        in_full: false,
    },
    Facts {
        rule: Rule::AuthOptional,
        title: "Authentication made mandatory",
        explanation: "The file allows calls with and without; a gateway does not.",
        in_full: true,
    },
    Facts {
        rule: Rule::PlaceholderRenamed,
        title: "Placeholders renamed",
        explanation: "Callers do not see the names of placeholders; these were not valid at the gateway.",
        in_full: true,
    },
    Facts {
        rule: Rule::PlaceholderAdded,
        title: "Placeholders declared",
        explanation: "The file does not declare them; they are taken as text.",
        in_full: true,
    },
    Facts {
        rule: Rule::PlaceholderInside,
        title: "Placeholders within a segment",
        explanation: "The gateway's manual does not say whether a placeholder may be part of a segment. They were kept.",
        in_full: true,
    },
    Facts {
        rule: Rule::QueryInPath,
        title: "Paths shortened",
        explanation: "What follows `?` or `#` is not part of a path at the gateway.",
        in_full: true,
    },
    Facts {
        rule: Rule::SameName,
        title: "Parameters of the same name",
        explanation: "A backend parameter names its source by name alone. All were kept.",
        in_full: true,
    },
    Facts {
        rule: Rule::AsText,
        title: "Lists and objects as text",
        explanation: "The gateway knows text and numbers; the parameters are handed on as they come, unchecked.",
        in_full: false,
    },
    Facts {
        rule: Rule::SeveralSchemas,
        title: "Alternatives as text",
        explanation: "The parameter has several schemas; it is not checked.",
        in_full: false,
    },
    Facts {
        rule: Rule::BoundLoosened,
        title: "Bounds rounded",
        explanation: "A bound is a whole number, and included.",
        in_full: true,
    },
    Facts {
        rule: Rule::GroupMerged,
        title: "Groups merged",
        explanation: "Their names differ in little and would share a folder.",
        in_full: true,
    },
    Facts {
        rule: Rule::GroupRenamed,
        title: "Groups renamed",
        explanation: "A name has 3 to 255 letters, digits and `-_./():`, and starts with a letter or digit.",
        in_full: true,
    },
    Facts {
        rule: Rule::ApiRenamed,
        title: "APIs renamed",
        explanation: "A name has 3 to 255 letters, digits and `-_./():`, and is unique in its group.",
        in_full: false,
    },
    Facts {
        rule: Rule::TagChanged,
        title: "Tags changed",
        explanation: "A tag has letters, digits and `-*#%:_.`, and starts with a letter.",
        in_full: true,
    },
    Facts {
        rule: Rule::Shortened,
        title: "Descriptions shortened",
        explanation: "A description has at most 255 characters, that of a group 1,000.",
        in_full: false,
    },
    Facts {
        rule: Rule::Deprecated,
        title: "Deprecated",
        explanation: "These APIs have the label `deprecated: \"true\"`.",
        in_full: false,
    },
];

impl Rule {
    /// What the rule means, for the report.
    fn facts(self) -> &'static Facts {
        FACTS.iter().find(|facts| facts.rule == self).unwrap_or(&FACTS[0])
    }
}

/// The report. Rules in their order, entries in the order of the document.
pub(super) fn report(title: &str, summary: &str, notes: &[Note], apis: usize) -> String {
    let mut out = format!("# Notes on the import of {title}\n\n{summary}\n");
    let mut sorted: Vec<&Note> = notes.iter().collect();
    sorted.sort_by_key(|note| note.rule);
    for same in sorted.chunk_by(|a, b| a.rule == b.rule) {
        let Facts { title, explanation, in_full, .. } = same[0].rule.facts();
        // Writing to a string cannot fail.
        let _ = write!(out, "\n## {title} ({})\n\n{explanation}\n\n", thousands(same.len()));
        if !*in_full && same.len() == apis && apis > LISTED_MAX && same.iter().all(|n| n.detail.is_empty()) {
            out.push_str("- all APIs\n");
            continue;
        }
        let listed = if *in_full { same.len() } else { same.len().min(LISTED_MAX) };
        for note in &same[..listed] {
            let (subject, detail) = (printable(&note.subject), printable(&note.detail));
            let _ = if detail.is_empty() {
                writeln!(out, "- {subject}")
            } else {
                writeln!(out, "- {subject}: {detail}")
            };
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
pub(crate) fn counted(number: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_facts() {
        assert!(FACTS.is_sorted_by_key(|facts| facts.rule));
        assert_eq!(FACTS.len(), Rule::Deprecated as usize + 1);
    }

    #[test]
    fn a_long_list_of_harmless_notes_is_cut() {
        let note =
            |i: usize| Note { rule: Rule::Deprecated, subject: format!("a/{i}.yaml"), detail: String::new() };
        let notes: Vec<Note> = (0..1234).map(note).collect();
        let text = report("x", "y", &notes, 2000);
        assert!(text.ends_with("- a/9.yaml\n- and 1,224 more\n"), "{text}");
        assert!(report("x", "y", &notes, 1234).ends_with("- all APIs\n"));
    }
}
