//! `apigctl schema`: the JSON Schemas of manifests.
#![allow(clippy::disallowed_methods, reason = "this command writes files")]

use std::io::{self, Write};
use std::path::PathBuf;

use crate::kind::Kind;
use crate::problem::did_you_mean;
use crate::{capabilities, schema};

/// Print the JSON Schema of manifests, for editors and other tools
///
/// Without KIND, the schema of a document of any kind.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The kind of the documents that the schema is for, such as Api
    pub kind: Option<String>,
    /// Write the schemas of all kinds into this folder instead
    #[arg(long, value_name = "DIR", conflicts_with = "kind")]
    pub out: Option<PathBuf>,
}

/// Why `schema` failed.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// There is no such kind of document.
    #[error("no kind of document is called `{kind}`")]
    UnknownKind {
        /// What was asked for.
        kind: String,
    },
    /// A file could not be written.
    #[error("failed to write {}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The output could not be written.
    #[error("failed to write to the output")]
    Output(#[from] io::Error),
}

impl SchemaError {
    /// What to do about it, where known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let Self::UnknownKind { kind } = self else { return None };
        let names: Vec<_> = schema::documents().map(|def| def.kind.name()).collect();
        let near = did_you_mean(kind, names.iter().copied());
        let near = near.map(|name| format!("did you mean `{name}`? ")).unwrap_or_default();
        Some(format!("{near}the kinds are {}", names.join(", ")))
    }
}

/// Prints one schema, or writes all.
///
/// # Errors
///
/// An unknown kind, and what the file system says.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), SchemaError> {
    if let Some(folder) = &args.out {
        let failed = |path: &PathBuf| {
            let path = path.clone();
            move |source| SchemaError::File { path, source }
        };
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        for (name, text) in schema::files().into_iter().chain(capabilities::files()) {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(failed(&path))?;
            writeln!(out, "wrote {}", path.display())?;
        }
        return Ok(());
    }
    let schema = match &args.kind {
        None => schema::document_schema(),
        Some(name) => find(name)
            .and_then(schema::file_schema)
            .ok_or_else(|| SchemaError::UnknownKind { kind: name.clone() })?,
    };
    Ok(out.write_all(schema::text(&schema).as_bytes())?)
}

fn find(name: &str) -> Option<Kind> {
    schema::documents().map(|def| def.kind).find(|kind| kind.name().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(kind: Option<&str>) -> Result<String, SchemaError> {
        let mut out = Vec::new();
        run(&Args { kind: kind.map(str::to_owned), out: None }, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn one_schema_is_printed_whatever_the_case_of_its_name() {
        assert!(printed(Some("api")).unwrap().contains("\"title\": \"Api\""));
        assert!(printed(None).unwrap().contains("urn:apigctl:v1:document"));
    }

    #[test]
    fn an_unknown_kind_is_answered_with_the_known() {
        let error = printed(Some("Throtle")).unwrap_err();
        assert_eq!(error.to_string(), "no kind of document is called `Throtle`");
        assert!(error.hint().unwrap().starts_with("did you mean `Throttle`? the kinds are Group, "));
        assert!(printed(Some("Publication")).is_err(), "kinds that follow from documents have no schema");
    }

    #[test]
    fn all_are_written_into_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let args = Args { kind: None, out: Some(folder.path().join("new/schemas")) };
        run(&args, &mut Vec::new()).unwrap();
        assert_eq!(
            std::fs::read_dir(folder.path().join("new/schemas")).unwrap().count(),
            schema::files().len() + capabilities::files().len()
        );
    }
}
