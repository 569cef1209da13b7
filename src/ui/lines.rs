//! Lines and columns of spans, found without reading a source anew for each of them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::problem::{Source, Span};

/// The beginnings of the lines of the sources seen so far.
#[derive(Default)]
pub(super) struct Lines {
    starts: HashMap<*const Source, Vec<usize>>,
}

/// Where a span stands: lines and columns from 1, columns in characters, the end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

impl Lines {
    fn starts(&mut self, source: &Arc<Source>) -> &[usize] {
        self.starts.entry(Arc::as_ptr(source)).or_insert_with(|| {
            let ends = source.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
        })
    }

    /// Where `span` stands.
    pub(super) fn position(&mut self, span: &Span) -> Position {
        let (start, end) = bounds(span);
        let (line, column) = self.place(&span.source, start);
        let (end_line, end_column) = self.place(&span.source, end);
        Position { line, column, end_line, end_column }
    }

    fn place(&mut self, source: &Arc<Source>, at: usize) -> (usize, usize) {
        let starts = self.starts(source);
        let line = starts.partition_point(|start| *start <= at);
        let start = starts[line.saturating_sub(1)];
        (line, source.text[start..at].chars().count() + 1)
    }

    /// The bytes of the lines from `before` lines above the span to `after` lines below it, with the line number (from 1)
    /// of the first.
    pub(super) fn window(&mut self, span: &Span, before: usize, after: usize) -> (usize, usize, usize) {
        let (start, end) = bounds(span);
        let length = span.source.text.len();
        let starts = self.starts(&span.source);
        let first = starts.partition_point(|s| *s <= start).saturating_sub(1 + before);
        let last = starts.partition_point(|s| *s <= end) + after;
        (starts[first], starts.get(last).copied().unwrap_or(length), first + 1)
    }
}

/// The span's bytes, within the text and at the edges of characters.
pub(super) fn bounds(span: &Span) -> (usize, usize) {
    let text = &span.source.text;
    let start = floor(text, span.start.min(text.len()));
    (start, floor(text, span.end.clamp(start, text.len())).max(start))
}

/// The nearest edge of a character at or before `at`.
pub(super) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}
