//! Patches: partial documents that change documents of the same kind and name, field by field.
//!
//! A mapping is merged with the mapping that is there, key by key; `null` removes the key; anything else, a list too, takes
//! the place of what is there (the rules of RFC 7396).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Laid, Overlay};
use crate::manifest::yaml::{self, Key, Limits, Node, NodeKind, TextRange};
use crate::manifest::{API_VERSION, source};
use crate::problem::{Problem, Source, Span, did_you_mean};

/// A partial document.
#[derive(Debug)]
pub struct Patch {
    kind: String,
    group: Option<String>,
    name: String,
    node: Node,
    source: Arc<Source>,
    used: AtomicBool,
}

/// Reads the patches of a file; variables in them get their values.
pub fn read(
    path: &std::path::Path,
    overlay: &Overlay,
    limits: &Limits,
    problems: &mut Vec<Problem>,
) -> Vec<Patch> {
    let source = match source(path, limits) {
        Ok(source) => Arc::new(source),
        Err(problem) => {
            problems.push(problem);
            return Vec::new();
        }
    };
    let (nodes, mut found) = yaml::parse(&source, limits);
    problems.append(&mut found);
    nodes.iter().filter_map(|node| patch(node, &source, overlay, problems)).collect()
}

fn patch(node: &Node, source: &Arc<Source>, overlay: &Overlay, problems: &mut Vec<Problem>) -> Option<Patch> {
    let node = overlay.substitute(node, source, &mut Vec::new(), problems);
    let metadata = node.get("metadata");
    let text = |node: Option<&Node>| node.and_then(Node::as_str).map(str::to_owned);
    let name = text(metadata.and_then(|m| m.get("name")));
    let (Some(kind), Some(name)) = (text(node.get("kind")), name) else {
        let place = node.range.first_line(source);
        let problem = Problem::error("missing-field", place, "a patch names what it changes");
        problems.push(problem.help(format!(
            "write `apiVersion: {API_VERSION}`, `kind:` and `metadata: {{ name: … }}` as in the document, and the fields that change"
        )));
        return None;
    };
    let group = text(metadata.and_then(|m| m.get("group")));
    Some(Patch { kind, group, name, node, source: Arc::clone(source), used: AtomicBool::new(false) })
}

impl Patch {
    /// Whether it is for this document; from then on it counts as used.
    pub(super) fn is_for(&self, node: &Node) -> bool {
        let metadata = |key| node.get("metadata").and_then(|m| m.get(key)).and_then(Node::as_str);
        let is = node.get("kind").and_then(Node::as_str) == Some(&self.kind)
            && metadata("name") == Some(&self.name)
            && self.group.as_deref().is_none_or(|group| metadata("group") == Some(group));
        if is {
            self.used.store(true, Ordering::Relaxed);
        }
        is
    }

    /// Lays it over the document.
    pub(super) fn lay(&self, node: &mut Node, laid: &mut Laid) {
        let begin = laid.segment(&self.source);
        let mut over = self.node.clone();
        if let NodeKind::Mapping(entries) = &mut over.kind {
            let keep = |key: &Key| !matches!(&*key.text, "apiVersion" | "kind");
            let kept = std::mem::take(entries).into_vec().into_iter().filter(|(key, _)| keep(key));
            *entries = kept.collect();
        }
        merge(node, &over, begin, "", laid, &self.source);
    }

    /// What to say of a patch that changed nothing.
    pub(crate) fn unused<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Option<Problem> {
        if self.used.load(Ordering::Relaxed) {
            return None;
        }
        let place = self.node.locate("metadata.name").span(&self.source);
        let message = format!("there is no {} `{}` that this could change", self.kind, self.name);
        let near = did_you_mean(&self.name, names).filter(|near| *near != self.name);
        let help = near.map_or_else(
            || "a patch changes a document of the same kind, name and group".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Some(Problem::error("patch-matches-nothing", place, message).help(help))
    }

    /// The kind that it changes.
    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }
}

/// The range of a patch's node among the bytes of all files.
fn moved(range: TextRange, begin: u32) -> TextRange {
    TextRange { start: range.start.saturating_add(begin), end: range.end.saturating_add(begin) }
}

/// A copy of a patch's node, its ranges moved; what is null goes.
fn copied(node: &Node, begin: u32) -> Node {
    let kind = match &node.kind {
        NodeKind::Sequence(items) => {
            NodeKind::Sequence(items.iter().map(|item| copied(item, begin)).collect())
        }
        NodeKind::Mapping(entries) => {
            let entries = entries.iter().filter(|(_, value)| !value.is_null());
            NodeKind::Mapping(
                entries.map(|(key, value)| (key_of(key, begin), copied(value, begin))).collect(),
            )
        }
        other => other.clone(),
    };
    Node { range: moved(node.range, begin), kind }
}

fn key_of(key: &Key, begin: u32) -> Key {
    Key { text: key.text.clone(), range: moved(key.range, begin) }
}

fn merge(base: &mut Node, over: &Node, begin: u32, path: &str, laid: &mut Laid, source: &Arc<Source>) {
    let (NodeKind::Mapping(there), NodeKind::Mapping(changes)) = (&mut base.kind, &over.kind) else {
        note(path, over, laid, source);
        *base = copied(over, begin);
        return;
    };
    let mut entries = std::mem::take(there).into_vec();
    for (key, value) in changes {
        let path = join(path, &key.text);
        // The name and the group are how a patch finds its document.
        if matches!(&*path, "metadata.name" | "metadata.group") {
            continue;
        }
        let found = entries.iter().position(|(k, _)| k.text == key.text);
        match found {
            Some(at) if value.is_null() => {
                note(&path, value, laid, source);
                entries.remove(at);
            }
            Some(at) => merge(&mut entries[at].1, value, begin, &path, laid, source),
            None if value.is_null() => {}
            None => {
                note(&path, value, laid, source);
                entries.push((key_of(key, begin), copied(value, begin)));
            }
        }
    }
    base.kind = NodeKind::Mapping(entries.into());
}

/// Remembers that the field at `path` comes from a patch.
fn note(path: &str, node: &Node, laid: &mut Laid, source: &Arc<Source>) {
    let place: Span = node.range.span(source);
    laid.overlaid.patched.push((path.to_owned(), place));
}

fn join(path: &str, key: &str) -> String {
    let key = if key.contains(['.', '[', ']']) { format!("[\"{key}\"]") } else { key.to_owned() };
    match path {
        "" => key,
        path if key.starts_with('[') => format!("{path}{key}"),
        path => format!("{path}.{key}"),
    }
}
