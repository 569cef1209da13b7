//! OpenAPI 2.0 and 3.x to manifests.
//!
//! [`import`] is pure: text in, [`Imported`] out. It gives one `Group` per tag (or path segment, or one for all) and one
//! `Api` per operation. What a gateway cannot hold is left out and said in a [`Note`], never silently; what makes the
//! document unreadable is collected and reported at once ([`ImportError::Broken`]).
//!
//! | module | what it does |
//! | --- | --- |
//! | `source` | text to a tree with JSON pointers; `$ref` |
//! | `operation`, `path`, `parameter`, `schema`, `body`, `server`, `text` | one operation to an `ApiSpec` |
//! | `group`, `name` | which group, and what everything is called |
//! | `note`, `files` | the report; documents to files |
//!
//! Invariant: the same text and options give the same bytes. Names and files depend on the document alone, in its order.
//!
//! Choices where the gateway's documents are silent: calls need an app's signature unless the document says in as many
//! words that everybody may call; placeholders within a segment are kept; the backend gets the path of the server in
//! front of the path of the operation, and callers do not.

#![deny(clippy::disallowed_methods)]

use std::collections::HashSet;

use indexmap::IndexMap;
use thiserror::Error;

use crate::kind::Kind;
use crate::kinds::api::AuthType;
use crate::kinds::backend::Url;
use crate::kinds::environment::RELEASE;
use crate::kinds::group::GroupSpec;
use crate::kinds::metadata::Metadata;
use crate::kinds::spec::DocumentSpec;
use crate::kinds::value::Method;

mod body;
mod files;
mod group;
mod name;
mod note;
mod operation;
mod parameter;
mod path;
mod schema;
mod server;
mod source;
mod text;

pub use files::{File, NOTES_FILE, is_untouched};
pub(crate) use note::counted;
pub use note::{Note, Rule};
pub use source::{Defect, SIZE_MAX};

use group::Groups;
use operation::{Operation, Refusal};
use source::{Node, Version};

/// How operations are sorted into groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grouping {
    /// By their first tag.
    Tag,
    /// By the first segment of their path.
    Path,
    /// One group of this name for all.
    One(String),
}

/// Which backend answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackendChoice {
    /// The server that the document names.
    Servers,
    /// This URL, with the path of the operation behind it.
    Url(String),
    /// The gateway itself, with the example of the document.
    Mock,
}

/// What the document does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name of the file, for messages and the first line of what is written.
    pub file: String,
    /// How operations are sorted into groups.
    pub grouping: Grouping,
    /// Which backend answers.
    pub backend: BackendChoice,
    /// Who may call, whatever the document says.
    pub auth: Option<AuthType>,
    /// The environments that the APIs are published in.
    pub publish: Vec<String>,
    /// Whether examples of answers are taken over.
    pub samples: bool,
}

impl Options {
    /// The usual choices for a file of this name.
    #[must_use]
    pub fn new(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            grouping: Grouping::Tag,
            backend: BackendChoice::Servers,
            auth: None,
            publish: vec![RELEASE.to_owned()],
            samples: false,
        }
    }
}

/// A manifest document and the file it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The path below the output folder, with `/`.
    pub path: String,
    /// The kind.
    pub kind: Kind,
    /// The metadata.
    pub metadata: Metadata,
    /// The spec.
    pub spec: DocumentSpec,
}

/// What became of an OpenAPI document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The file, as in [`Options::file`].
    pub file: String,
    /// The version of OpenAPI, as written.
    pub version: String,
    /// The manifests: each group before its APIs, in the order of the document.
    pub documents: Vec<Document>,
    /// What the manifests do not say, or say differently.
    pub notes: Vec<Note>,
}

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("failed to read {file}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not text.
    #[error("{file} is not UTF-8 text (byte {offset})")]
    NotText {
        /// The file.
        file: String,
        /// The first byte that is not text.
        offset: usize,
    },
    /// The file is too large.
    #[error("{file} is larger than {} MB", SIZE_MAX / 1024 / 1024)]
    TooLarge {
        /// The file.
        file: String,
    },
    /// Neither JSON nor YAML.
    #[error("{file}:{line}:{column}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// Not OpenAPI, or of a version that is not known.
    #[error("{file} is not OpenAPI 2.0 or 3.x: {found}")]
    Version {
        /// The file.
        file: String,
        /// What there is instead.
        found: String,
    },
    /// The document is broken, or says too little.
    #[error("{file} cannot be imported:{}", listed(.defects))]
    Broken {
        /// The file.
        file: String,
        /// All that is wrong.
        defects: Vec<Defect>,
    },
    /// The backend given is no URL.
    #[error("`{url}` is not a URL of a backend, such as https://books.internal:8443/v1")]
    BackendUrl {
        /// What was given.
        url: String,
    },
    /// The group given cannot be called that.
    #[error(
        "a group cannot be called `{name}`: 3 to 255 letters, digits and `-_./():`, a letter or digit first"
    )]
    GroupName {
        /// What was given.
        name: String,
    },
    /// There is something in the output folder.
    #[error("{dir} is not empty; `--force` writes into it, and keeps files that were edited")]
    NotEmpty {
        /// The folder.
        dir: String,
    },
    /// A file cannot be written.
    #[error("failed to write {path}")]
    Write {
        /// The file or folder.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// How many defects a message shows.
const DEFECTS_SHOWN: usize = 20;

fn listed(defects: &[Defect]) -> String {
    let mut text: String = defects.iter().take(DEFECTS_SHOWN).map(|d| format!("\n  {d}")).collect();
    if defects.len() > DEFECTS_SHOWN {
        text.push_str(&format!("\n  and {} more", defects.len() - DEFECTS_SHOWN));
    }
    text
}

/// Reads an OpenAPI document and makes manifests of it.
///
/// # Errors
///
/// Fails where the text is no OpenAPI document, where it is broken, and where the options make no sense.
pub fn import(text: &str, options: &Options) -> Result<Imported, ImportError> {
    check(options)?;
    let file = || options.file.clone();
    if text.len() > SIZE_MAX {
        return Err(ImportError::TooLarge { file: file() });
    }
    let tree = source::parse(text.trim_start_matches('\u{feff}')).map_err(|e| ImportError::Syntax {
        file: file(),
        line: e.line,
        column: e.column,
        message: e.message,
    })?;
    let Some((version, written)) = source::version(&tree) else {
        let found =
            ["openapi", "swagger", "asyncapi"].into_iter().find_map(|key| Some((key, tree.get(key)?)));
        let found =
            found.map_or("it has neither `openapi` nor `swagger`".to_owned(), |(k, v)| format!("`{k}: {v}`"));
        return Err(ImportError::Version { file: file(), found });
    };
    let root = Node::root(&tree);
    let (documents, notes) =
        convert(version, &root, options).map_err(|defects| ImportError::Broken { file: file(), defects })?;
    Ok(Imported { file: file(), version: written, documents, notes })
}

fn check(options: &Options) -> Result<(), ImportError> {
    match &options.backend {
        BackendChoice::Url(url) if Url::parse(url).is_none() => {
            return Err(ImportError::BackendUrl { url: url.clone() });
        }
        _ => {}
    }
    match &options.grouping {
        Grouping::One(given) if name::name(given).as_ref() != Some(given) => {
            Err(ImportError::GroupName { name: given.clone() })
        }
        _ => Ok(()),
    }
}

/// All operations to documents; or all that is wrong.
fn convert(
    version: Version,
    root: &Node<'_>,
    options: &Options,
) -> Result<(Vec<Document>, Vec<Note>), Vec<Defect>> {
    let mut defects = Vec::new();
    let mut notes = Vec::new();
    let operations = operations(root, &mut notes, &mut defects);
    let mut groups = Groups::new(root, options);
    for operation in &operations {
        let subject = format!("{} {}", operation.method.as_str(), operation.path);
        match operation::draft(version, root, operation, options) {
            Ok(draft) => groups.add(operation, draft, &mut notes),
            Err(Refusal::LeftOut(rule, detail)) => notes.push(Note { rule, subject, detail }),
            Err(Refusal::Broken(defect)) => defects.push(defect),
        }
    }
    if operations.is_empty() && defects.is_empty() {
        defects.push(Defect::new("/paths", "there is no operation"));
    }
    for environment in options.publish.iter().filter(|name| *name != RELEASE) {
        let subject = format!("`{environment}`");
        notes.push(Note { rule: Rule::Environment, subject, detail: String::new() });
    }
    // One broken component shows up in every operation that uses it.
    let mut seen = HashSet::new();
    defects.retain(|d| seen.insert((d.pointer.clone(), d.message.clone())));
    if defects.is_empty() { Ok((groups.into_documents(), notes)) } else { Err(defects) }
}

/// The operations in the order of the document.
fn operations<'a>(root: &Node<'a>, notes: &mut Vec<Note>, defects: &mut Vec<Defect>) -> Vec<Operation<'a>> {
    let paths = match root.entries("paths") {
        Ok(paths) => paths,
        Err(defect) => {
            defects.push(defect);
            Vec::new()
        }
    };
    let mut found = Vec::new();
    for (path, item) in paths.into_iter().filter(|(path, _)| !path.starts_with("x-")) {
        match of_item(path, &item, notes) {
            Ok(operations) => found.extend(operations),
            Err(defect) => defects.push(defect),
        }
    }
    found
}

/// The operations of one path. What stands beside a `$ref` goes before its target.
fn of_item<'a>(path: &'a str, item: &Node<'a>, notes: &mut Vec<Note>) -> Result<Vec<Operation<'a>>, Defect> {
    let target = item.resolve()?;
    let mut found: IndexMap<Method, Operation<'a>> = IndexMap::new();
    for level in [item, &target] {
        for key in level.map()?.keys() {
            let upper = key.to_ascii_uppercase();
            let method =
                Method::parse(&upper).filter(|m| *m != Method::Any && *key == key.to_ascii_lowercase());
            let Some(method) = method else {
                if matches!(key.as_str(), "trace" | "query") && std::ptr::eq(level, &target) {
                    let subject = format!("{upper} {path}");
                    notes.push(Note { rule: Rule::MethodLeftOut, subject, detail: String::new() });
                }
                continue;
            };
            let Some(node) = level.get(key) else { continue };
            node.map()?;
            found.entry(method).or_insert_with(|| Operation { method, path, item: target.clone(), node });
        }
    }
    Ok(found.into_values().collect())
}

impl Imported {
    /// How many documents of a kind there are.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.documents.iter().filter(|d| d.kind == kind).count()
    }

    /// `47 groups, 1,223 APIs, 12 notes`.
    #[must_use]
    pub fn summary(&self) -> String {
        let groups = note::counted(self.count(Kind::Group), "group");
        let apis = note::counted(self.count(Kind::Api), "API");
        format!("{groups}, {apis}, {}", note::counted(self.notes.len(), "note"))
    }
}

fn group_document(path: String, name: String, description: String) -> Document {
    let metadata = Metadata { name, ..Metadata::default() };
    Document { path, kind: Kind::Group, metadata, spec: DocumentSpec::Group(GroupSpec { description }) }
}
