//! Where the value at `spec.parameters[2].name` stands.

use std::borrow::Cow;

use super::node::{Key, Node, TextRange};

/// One step from a value to one inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep<'a> {
    /// The value at this key of a mapping.
    Key(Cow<'a, str>),
    /// The item with this number, from 0, of a list.
    Index(usize),
}

/// The steps of a path such as `spec.parameters[2].name`. A key with dots or brackets in it is written
/// `labels["a.b"]`. Never fails: what cannot be read as a step is taken as a key, and then not found.
#[must_use]
pub fn parse_path(path: &str) -> Vec<PathStep<'_>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some((key, after)) = rest.strip_prefix("[\"").and_then(|r| r.split_once("\"]")) {
            steps.push(PathStep::Key(key.into()));
            rest = after;
        } else if let Some((digits, after)) = rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            steps.push(digits.parse().map_or(PathStep::Key(digits.into()), PathStep::Index));
            rest = after;
        } else {
            let key_end = rest.char_indices().skip(1).find(|(_, c)| matches!(c, '.' | '['));
            let (key, after) = rest.split_at(key_end.map_or(rest.len(), |(i, _)| i));
            steps.push(PathStep::Key(key.into()));
            rest = after;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
    }
    steps
}

impl Node {
    /// Where the value at `path` stands, or else its nearest ancestor that exists.
    #[must_use]
    pub fn locate(&self, path: &str) -> TextRange {
        self.path_span(&parse_path(path))
    }

    /// Where the key of the value at `path` stands. For an item of a list: the item. Where it does not exist: the
    /// key of its nearest ancestor that does.
    #[must_use]
    pub fn locate_key(&self, path: &str) -> TextRange {
        self.key_span(&parse_path(path))
    }

    /// [`Node::locate`] for steps.
    #[must_use]
    pub fn path_span(&self, path: &[PathStep<'_>]) -> TextRange {
        match self.walk(path) {
            // Nothing stands there, so there is nothing to mark.
            (Some(key), node) if node.range.is_empty() => key.range,
            (_, node) => node.range,
        }
    }

    /// [`Node::locate_key`] for steps.
    #[must_use]
    pub fn key_span(&self, path: &[PathStep<'_>]) -> TextRange {
        let (key, node) = self.walk(path);
        key.map_or(node.range, |key| key.range)
    }

    /// As far along `path` as nodes exist.
    fn walk(&self, path: &[PathStep<'_>]) -> (Option<&Key>, &Self) {
        let (mut key, mut node) = (None, self);
        for step in path {
            let next = match step {
                PathStep::Key(text) => node.entry(text).map(|(key, value)| (Some(key), value)),
                PathStep::Index(index) => node.items().get(*index).map(|item| (None, item)),
            };
            let Some(next) = next else { break };
            (key, node) = next;
        }
        (key, node)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Limits, parse};
    use super::*;
    use crate::problem::Source;

    const TEXT: &str = "spec:\n  parameters: [{ name: a }, { name: b }]\n  empty:\n  labels: { a.b: c }\n";

    fn located(path: &str) -> (String, String) {
        let source = Arc::new(Source::new("a.yaml", TEXT));
        let (documents, problems) = parse(&source, &Limits::default());
        assert!(problems.is_empty(), "{problems:?}");
        let slice = |range: TextRange| TEXT[range.start as usize..range.end as usize].to_owned();
        (slice(documents[0].locate(path)), slice(documents[0].locate_key(path)))
    }

    #[test]
    fn values_and_keys() {
        assert_eq!(located("spec.parameters[1].name"), ("b".into(), "name".into()));
        assert_eq!(located("spec.parameters[1]"), ("{ name: b }".into(), "{ name: b }".into()));
        assert_eq!(located("spec.labels[\"a.b\"]"), ("c".into(), "a.b".into()));
        assert_eq!(located("").0, TEXT.trim_end());
    }

    #[test]
    fn missing_values_fall_back_to_the_nearest_ancestor() {
        assert_eq!(located("spec.parameters[0].type.x").0, "{ name: a }");
        assert_eq!(located("spec.parameters[7].name").1, "parameters");
        assert_eq!(located("spec.empty").0, "empty");
        assert_eq!(located("spec.labels[").1, "labels");
    }

    #[test]
    fn odd_paths_do_not_panic() {
        for path in [".", "..", "[", "]", "[\"", "a..b", "[99999999999999999999]", "é[é"] {
            let _steps = parse_path(path);
        }
    }
}
