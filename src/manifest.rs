//! Files to documents, every value with its span.
//!
//! [`load`] reads all files and returns what could be read beside all the problems. [`problems`] turns findings on documents
//! into problems with spans.

pub(crate) mod file_name;
pub mod overlay;
pub mod write;
pub mod yaml;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use crate::document::{Document, Finding, Origin};
use crate::kind::{Form, Kind};
use crate::kinds;
use crate::kinds::metadata::Metadata;
use crate::kinds::spec::{DocumentSpec, SpecReader};
use crate::kinds::value::SECRET_IN_CLEAR;
use crate::problem::{Problem, Source, Span, did_you_mean};
use overlay::Overlay;
use yaml::{Limits, Node, NodeKind};

/// The version that documents name.
pub const API_VERSION: &str = "apigctl/v1";

/// The name of the project file, which is no manifest.
pub const PROJECT_FILE: &str = "apigctl.yaml";

/// Reads the manifests at `paths`: files, and folders with all the `.yaml` and `.yml` files below them (hidden ones and
/// project files left out), as `overlay` changes them. Documents come in the order of paths, then of file names, then as they
/// stand.
#[must_use]
pub fn load(paths: &[PathBuf], limits: &Limits, overlay: &Overlay) -> (Vec<Document>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => {
                let before = files.len();
                folder(path, &mut files, &mut problems);
                if files.len() == before && problems.is_empty() {
                    let problem = Problem::error(
                        "no-manifests",
                        None,
                        format!("there are no manifests in {}", path.display()),
                    );
                    problems.push(problem.help(
                        "manifests are files that end in .yaml or .yml; `apigctl init` makes the first",
                    ));
                }
            }
            Ok(_) => files.push(path.clone()),
            Err(e) => {
                let problem =
                    Problem::error("not-readable", None, format!("cannot read {}: {e}", path.display()));
                problems.push(problem.help("give a manifest file, or a folder with manifests"));
            }
        }
    }
    files.retain(|file| !overlay.skip.iter().any(|skip| file.starts_with(skip)));
    let read: Vec<_> = files.par_iter().map(|path| file(path, limits, overlay)).collect();
    let mut documents = Vec::new();
    for (mut found, mut wrong) in read {
        documents.append(&mut found);
        problems.append(&mut wrong);
    }
    (documents, problems)
}

/// The manifests below a folder, in the order of their names.
pub(crate) fn folder(path: &Path, files: &mut Vec<PathBuf>, problems: &mut Vec<Problem>) {
    let entries = match std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(entries) => entries,
        Err(e) => {
            problems.push(Problem::error(
                "not-readable",
                None,
                format!("cannot read {}: {e}", path.display()),
            ));
            return;
        }
    };
    let mut paths: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if name.starts_with('.') || name == PROJECT_FILE {
            continue;
        }
        if path.is_dir() {
            folder(&path, files, problems);
        } else if matches!(path.extension().and_then(|e| e.to_str()), Some("yaml" | "yml")) {
            files.push(path);
        }
    }
}

fn file(path: &Path, limits: &Limits, overlay: &Overlay) -> (Vec<Document>, Vec<Problem>) {
    match source(path, limits) {
        Ok(source) => text(&Arc::new(source), limits, overlay),
        Err(problem) => (Vec::new(), vec![problem]),
    }
}

/// Reads a file as text within the limits.
///
/// # Errors
/// When it cannot be read, is too large, or is no text.
pub fn source(path: &Path, limits: &Limits) -> Result<Source, Problem> {
    let unreadable = |e: std::io::Error| {
        Problem::error("not-readable", None, format!("cannot read {}: {e}", path.display()))
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    let shell = Arc::new(Source::new(path, String::new()));
    if let Some(problem) = limits.check_size(&shell, size) {
        return Err(problem);
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let text = yaml::decode_text(bytes).map_err(|e| e.problem(&shell))?;
    Ok(Source::new(path, text))
}

/// Reads the documents of one text.
#[must_use]
pub fn text(source: &Arc<Source>, limits: &Limits, overlay: &Overlay) -> (Vec<Document>, Vec<Problem>) {
    let (nodes, mut problems) = yaml::parse(source, limits);
    let mut documents = Vec::with_capacity(nodes.len());
    for node in &nodes {
        let Some((node, laid)) = overlay.lay(node, source, &mut problems) else {
            documents.extend(document(node, source, &mut problems));
            continue;
        };
        let before = problems.len();
        let read = document(&node, source, &mut problems);
        laid.settle(&mut problems[before..]);
        drop_what_follows(&mut problems, before);
        documents.extend(read.map(|mut document| {
            document.origin.overlaid = Some(Arc::new(laid.overlaid));
            document
        }));
    }
    for problem in &mut problems {
        if SECRET_IN_CLEAR.split('\u{1f}').next() == Some(problem.message.as_str()) {
            problem.code = "secret-in-clear";
        }
    }
    // What is wrong with the envelope and the fields counts, too; errors of the syntax stop by themselves.
    let more = problems.len().saturating_sub(limits.problems_max);
    if more > 0 {
        problems.truncate(limits.problems_max);
        let place = Span { source: Arc::clone(source), start: 0, end: 0 };
        let problem =
            Problem::error("too-many-problems", place, format!("{more} more in this file are not shown"));
        problems.push(problem.help("solve some of these first"));
    }
    (documents, problems)
}

/// A value that could not be had was reported where it is used: what else is wrong there follows from it.
fn drop_what_follows(problems: &mut Vec<Problem>, before: usize) {
    let after = problems.split_off(before);
    let is_cause = |p: &Problem| matches!(p.code, "unknown-variable" | "unset-variable" | "variable-syntax");
    let follows = |p: &Problem| problems.iter().any(|cause| is_cause(cause) && cause.span == p.span);
    let kept: Vec<Problem> = after.into_iter().filter(|p| !follows(p)).collect();
    problems.extend(kept);
}

fn document(node: &Node, source: &Arc<Source>, problems: &mut Vec<Problem>) -> Option<Document> {
    let NodeKind::Mapping(entries) = &node.kind else {
        let problem = Problem::error("wrong-type", node.range.first_line(source), "a document is a mapping");
        problems.push(problem.help("start with `apiVersion: apigctl/v1` and `kind:`"));
        return None;
    };
    let at_start = || node.range.first_line(source);
    for (key, _) in entries {
        if !["apiVersion", "kind", "metadata", "spec"].contains(&&*key.text) {
            let near = did_you_mean(&key.text, ["apiVersion", "kind", "metadata", "spec"]);
            let help = near.map_or("a document has apiVersion, kind, metadata and spec".to_owned(), |n| {
                format!("did you mean `{n}`?")
            });
            problems.push(
                Problem::error(
                    "unknown-field",
                    key.range.span(source),
                    format!("unknown field `{}`", key.text),
                )
                .help(help),
            );
        }
    }
    match node.get("apiVersion") {
        Some(version) if version.as_str() == Some(API_VERSION) => {}
        Some(version) => {
            let problem = Problem::error(
                "wrong-version",
                version.range.span(source),
                format!("apiVersion is not `{API_VERSION}`"),
            );
            problems.push(problem.help(format!(
                "write `apiVersion: {API_VERSION}`; files that are no manifests belong elsewhere"
            )));
        }
        None => {
            let problem = Problem::error("missing-field", at_start(), "`apiVersion` is missing");
            problems.push(problem.help(format!("add `apiVersion: {API_VERSION}`")));
        }
    }
    let kind = kind(node, source, problems);
    let metadata = match node.get("metadata") {
        Some(metadata) => yaml::decode::<Metadata>(metadata, source, problems),
        None => {
            let problem = Problem::error("missing-field", at_start(), "`metadata` is missing");
            problems.push(problem.help("add `metadata: { name: … }`"));
            None
        }
    };
    let kind = kind?;
    let external = metadata.as_ref().is_some_and(|m| m.external);
    let spec = match node.get("spec") {
        Some(node) => Some(DocumentSpec::read(kind, &mut FromYaml { node, source, problems })?),
        None if external => None,
        None => {
            let empty = DocumentSpec::empty(kind);
            if empty.is_none() {
                let problem = Problem::error("missing-field", at_start(), "`spec` is missing");
                problems.push(problem.help(format!("`apigctl explain {kind}` shows its fields")));
            }
            Some(empty?)
        }
    };
    let (start, end) = (node.range.start, node.range.end);
    let origin = Origin { source: Arc::clone(source), start, end, overlaid: None };
    Some(Document { kind, metadata: metadata?, spec, origin })
}

fn kind(node: &Node, source: &Arc<Source>, problems: &mut Vec<Problem>) -> Option<Kind> {
    let names: Vec<&str> =
        kinds::ALL.iter().filter(|d| d.form == Form::Document).map(|d| d.kind.name()).collect();
    let all = names.join(", ");
    let Some(value) = node.get("kind") else {
        let problem = Problem::error("missing-field", node.range.first_line(source), "`kind` is missing");
        problems.push(problem.help(format!("one of {all}")));
        return None;
    };
    let text = value.as_str().unwrap_or_default();
    let found = Kind::parse(text).filter(|k| k.def().form == Form::Document);
    if found.is_none() {
        let near = did_you_mean(text, names.iter().copied());
        let help = near.map_or_else(|| format!("one of {all}"), |n| format!("did you mean `{n}`?"));
        problems.push(
            Problem::error("unknown-kind", value.range.span(source), format!("unknown kind `{text}`"))
                .help(help),
        );
    }
    found
}

/// Reads a spec from YAML; what is wrong goes to `problems`.
struct FromYaml<'a> {
    node: &'a Node,
    source: &'a Arc<Source>,
    problems: &'a mut Vec<Problem>,
}

impl SpecReader for FromYaml<'_> {
    fn read<T: DeserializeOwned>(&mut self) -> Option<T> {
        yaml::decode(self.node, self.source, self.problems)
    }
}

/// Findings on documents as problems with spans.
#[must_use]
pub fn problems(documents: &[Document], findings: &[Finding]) -> Vec<Problem> {
    findings
        .iter()
        .map(|finding| {
            let span = documents.get(finding.document).map(|d| locate(&d.origin, &finding.field));
            let related = finding.related.iter().filter_map(|(document, field, label)| {
                Some((locate(&documents.get(*document)?.origin, field), label.clone()))
            });
            let mut problem = Problem {
                code: finding.code,
                severity: finding.severity,
                message: finding.message.clone(),
                span,
                label: "here".into(),
                related: related.collect(),
                help: finding.help.clone(),
            };
            let origin = documents.get(finding.document).map(|d| &d.origin);
            if let Some(overlaid) = origin.and_then(|o| o.overlaid.as_ref()) {
                overlaid.explain(&mut problem);
            }
            problem
        })
        .collect()
}

/// Where a field of a document stands; the nearest field around it where it is absent.
#[must_use]
pub fn locate(origin: &Origin, field: &str) -> Span {
    if let Some(place) = origin.overlaid.as_ref().and_then(|overlaid| overlaid.patched(field)) {
        return place.clone();
    }
    let (start, end) = (origin.start as usize, origin.end as usize);
    let whole = Span { source: Arc::clone(&origin.source), start, end };
    let Some(stretch) = origin.source.text.get(start..end) else { return whole };
    let part = Arc::new(Source::new(origin.source.path.clone(), stretch.to_owned()));
    let (nodes, _) = yaml::parse(&part, &Limits::default());
    let Some(node) = nodes.first() else { return whole };
    let range = node.locate(field);
    Span {
        source: Arc::clone(&origin.source),
        start: start + range.start as usize,
        end: start + range.end as usize,
    }
}

/// `path:line` of a field of a document, for plans.
#[must_use]
pub fn place(origin: &Origin, field: &str) -> String {
    let span = locate(origin, field);
    format!("{}:{}", origin.source.path.display(), span.line_column().0)
}
