//! The tree: what stands in a document, and where.

use std::sync::Arc;

use crate::problem::{Source, Span};

/// A range of bytes in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextRange {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl TextRange {
    /// The range as a span of `source`.
    #[must_use]
    pub fn span(self, source: &Arc<Source>) -> Span {
        Span { source: Arc::clone(source), start: self.start as usize, end: self.end as usize }
    }

    /// The first line of the range as a span of `source`: what to mark where the whole would fill a screen.
    #[must_use]
    pub fn first_line(self, source: &Arc<Source>) -> Span {
        let mut span = self.span(source);
        if let Some(text) = source.text.get(span.start..span.end)
            && let Some(line) = text.lines().next()
        {
            span.end = span.start + line.trim_end().len();
        }
        span
    }

    /// Whether no byte is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: may be a number or a boolean.
    Plain,
    /// In quotes, as a block (`|`, `>`), or tagged `!!str`: text whatever it looks like.
    Quoted,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// From its first to its last byte, tags and anchors excluded. For an alias: the alias.
    pub range: TextRange,
    /// What it is.
    pub kind: NodeKind,
}

/// What a [`Node`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// Nothing, `~` or `null`.
    Null,
    /// Text, a number or a boolean.
    Scalar {
        /// The text without quotes and escapes.
        text: Box<str>,
        /// How it was written.
        style: Style,
    },
    /// A list.
    Sequence(Box<[Node]>),
    /// A mapping in the order of the file. Keys are unique.
    Mapping(Box<[(Key, Node)]>),
}

/// The key of an entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The text without quotes and escapes.
    pub text: Box<str>,
    /// Where it stands.
    pub range: TextRange,
}

impl Node {
    /// The value at `key`, where this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The key and value at `key`, where this is a mapping that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&Key, &Self)> {
        self.entries().iter().find(|(k, _)| &*k.text == key).map(|(k, value)| (k, value))
    }

    /// The entries, where this is a mapping; else none.
    #[must_use]
    pub fn entries(&self) -> &[(Key, Self)] {
        match &self.kind {
            NodeKind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items, where this is a list; else none.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.kind {
            NodeKind::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The text, where this is a scalar.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether there is nothing here.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.kind == NodeKind::Null
    }
}

impl Node {
    /// What a copy costs, in nodes. Long texts count as several.
    pub(super) fn cost(&self) -> usize {
        const BYTES_PER_NODE: usize = 64;
        1 + match &self.kind {
            NodeKind::Null => 0,
            NodeKind::Scalar { text, .. } => text.len() / BYTES_PER_NODE,
            NodeKind::Sequence(items) => items.iter().map(Self::cost).sum(),
            NodeKind::Mapping(entries) => {
                entries.iter().map(|(key, value)| key.text.len() / BYTES_PER_NODE + value.cost()).sum()
            }
        }
    }

    /// Levels of collections, this one included.
    pub(super) fn height(&self) -> usize {
        match &self.kind {
            NodeKind::Null | NodeKind::Scalar { .. } => 0,
            NodeKind::Sequence(items) => 1 + items.iter().map(Self::height).max().unwrap_or(0),
            NodeKind::Mapping(entries) => {
                1 + entries.iter().map(|(_, value)| value.height()).max().unwrap_or(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_small() {
        assert_eq!(size_of::<Node>(), 32);
        assert_eq!(size_of::<(Key, Node)>(), 56);
    }
}
