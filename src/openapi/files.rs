//! Documents to files. The first line of each tells whether anybody has edited the file since.

use super::note;
use super::{Document, Imported};
use crate::kind::Kind;
use crate::kinds::spec::Digest;
use crate::manifest::write;

/// The name of the report.
pub const NOTES_FILE: &str = "IMPORT-NOTES.md";

/// How the first line starts, behind the sign of a comment.
const MARK: &str = "apigctl import openapi: ";

/// How many digits of the fingerprint the first line has.
const FINGERPRINT_DIGITS: usize = 12;

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The path below the output folder, with `/`.
    pub path: String,
    /// What goes in.
    pub text: String,
}

impl Imported {
    /// The files: one per document, and the report where there are notes. `schema` is the JSON Schema for editors.
    #[must_use]
    pub fn files(&self, schema: Option<&str>) -> Vec<File> {
        let of_document = |document: &Document| {
            let options = write::Options { schema, comment: None };
            let text = write::document(document.kind, &document.metadata, &document.spec, options);
            File { path: document.path.clone(), text: self.marked("# ", &text, "") }
        };
        let mut files: Vec<File> = self.documents.iter().map(of_document).collect();
        if !self.notes.is_empty() {
            let summary = format!("OpenAPI {}: {}.", self.version, self.summary());
            let text = note::report(self.base_name(), &summary, &self.notes, self.count(Kind::Api));
            files.push(File { path: NOTES_FILE.to_owned(), text: self.marked("<!-- ", &text, " -->") });
        }
        files
    }

    /// The name of the file without its folders: the output does not depend on where the command runs.
    fn base_name(&self) -> &str {
        self.file.rsplit(['/', '\\']).next().unwrap_or_default()
    }

    fn marked(&self, open: &str, text: &str, close: &str) -> String {
        // A name of a file can hold anything, a first line cannot.
        let name: String = self.base_name().chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        format!("{open}{MARK}{}, {}{close}\n{text}", name.replace("--", "-"), fingerprint(text))
    }
}

fn fingerprint(text: &str) -> String {
    let mut digits = Digest::of(text.replace('\r', "").as_bytes()).to_hex();
    digits.truncate(FINGERPRINT_DIGITS);
    digits
}

/// Whether `text` is a file of an import that nobody has edited since. Line endings do not count.
#[must_use]
pub fn is_untouched(text: &str) -> bool {
    let Some((first, rest)) = text.split_once('\n') else { return false };
    let first = first.trim_end().trim_end_matches("-->").trim_end();
    let ours = first.trim_start_matches(['#', '<', '!', '-', ' ']).starts_with(MARK);
    ours && first.rsplit(", ").next() == Some(fingerprint(rest).as_str())
}
