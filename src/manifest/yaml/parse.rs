//! Text to nodes: the events of the parser, put together.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use super::node::{Key, Node, NodeKind, Style, TextRange};
use super::{Limits, scalar, syntax, text};
use crate::problem::{Problem, Source, Span};

/// All documents of `source`, and what is wrong with the rest.
///
/// A document with a syntax error is left out, and reading goes on after the next `---`. Of duplicate keys the first
/// stays. Empty documents are left out.
#[must_use]
pub fn parse(source: &Arc<Source>, limits: &Limits) -> (Vec<Node>, Vec<Problem>) {
    if let Some(problem) = refusal(source, limits) {
        return (Vec::new(), vec![problem]);
    }
    let mut reader = Reader::new(source, limits);
    if reader.read().is_ok() && reader.documents.is_empty() && reader.problems.is_empty() {
        let file = TextRange { start: 0, end: offset(source.text.len()) };
        let problem =
            Problem::warning("empty-document", file.first_line(source), "the file holds no document")
                .label("nothing but space and comments")
                .help("delete the file, or describe a resource in it");
        reader.problems.push(problem);
    }
    (reader.documents, reader.problems)
}

/// What reading a file costs: counted, not timed, so that it is the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Events taken from the parser: tokens, about.
    pub events: usize,
    /// Nodes made, those copied by aliases included.
    pub nodes: usize,
}

/// What [`parse`] does with `source`.
#[must_use]
pub fn work(source: &Arc<Source>, limits: &Limits) -> Work {
    if refusal(source, limits).is_some() {
        return Work { events: 0, nodes: 0 };
    }
    let mut reader = Reader::new(source, limits);
    // Where it stops early, that is what it cost.
    reader.read().ok();
    Work { events: reader.events, nodes: reader.nodes }
}

/// Why the file is not even looked at.
fn refusal(source: &Arc<Source>, limits: &Limits) -> Option<Problem> {
    limits.check_size(source, source.text.len() as u64).or_else(|| {
        let (start, character) = text::control_character(&source.text)?;
        let span = Span { source: Arc::clone(source), start, end: start + character.len_utf8() };
        let message = format!("the control character U+{:04X} is not allowed in YAML", u32::from(character));
        Some(Problem::error("yaml-syntax", span, message).help(if character == '\0' {
            "the file looks like UTF-16 or a binary file; save it as UTF-8 text"
        } else {
            "delete the character; in double quotes it can be written as an escape, such as `\\x1b`"
        }))
    })
}

/// Why reading stops early. What there is to say about it was reported.
enum Halt {
    /// The rest of this document is skipped.
    Document,
    /// The rest of the file is skipped.
    File,
}

/// Builds the nodes of one file.
struct Reader<'a> {
    source: &'a Arc<Source>,
    limits: &'a Limits,
    documents: Vec<Node>,
    problems: Vec<Problem>,
    /// What the file has cost so far.
    events: usize,
    nodes: usize,

    // The document being read:
    /// Where its `---` stands, if it has one.
    marker: TextRange,
    /// Collections that are open, outermost first.
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Anchored>,
    alias_nodes: usize,
}

/// A collection that is not closed yet.
struct Open {
    start: u32,
    anchor: usize,
    items: Items,
}

enum Items {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<(Key, Node)>, merges: Vec<(TextRange, Node)>, next: Next },
}

/// What the next node in a mapping is.
enum Next {
    Key,
    ValueOf(Key),
    /// The value of the merge key `<<`.
    Merge(TextRange),
    /// The value of a key that was refused.
    Dropped,
}

/// A value with an anchor, for its aliases to copy.
struct Anchored {
    node: Node,
    cost: usize,
    height: usize,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Arc<Source>, limits: &'a Limits) -> Self {
        Self {
            source,
            limits,
            documents: Vec::new(),
            problems: Vec::new(),
            events: 0,
            nodes: 0,
            marker: TextRange { start: 0, end: 0 },
            open: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            alias_nodes: 0,
        }
    }

    fn read(&mut self) -> Result<(), Halt> {
        let options = granit_parser::options! {
            emit_comments: false,
            emit_unresolved_aliases: true,
            flow_nesting_limit: self.limits.depth_max,
            block_nesting_limit: self.limits.depth_max,
        };
        let source = self.source;
        let mut parser = Parser::new_from_str_with_options(&source.text, options);
        while let Some(event) = parser.next_event() {
            self.events += 1;
            let outcome = match event {
                Ok((Event::StreamEnd, _)) => break,
                Ok((event, span)) => self.event(event, &span),
                Err(error) => self
                    .report(syntax::problem(&error, self.limits.depth_max, self.source))
                    .and(Err(Halt::Document)),
            };
            match outcome {
                Ok(()) => {}
                Err(Halt::Document) => {
                    self.start_document();
                    if !parser.proceed_next_document().unwrap_or(false) {
                        break;
                    }
                }
                Err(Halt::File) => return Err(Halt::File),
            }
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'_>, span: &granit_parser::Span) -> Result<(), Halt> {
        let range = range_of(span);
        match event {
            Event::DocumentStart(explicit, _) => {
                self.start_document();
                self.marker = if explicit { range } else { TextRange { end: range.start, ..range } };
                Ok(())
            }
            Event::DocumentEnd => self.end_document(),
            Event::Scalar(text, style, anchor, tag) => {
                self.check_tag(tag.as_deref(), span)?;
                let plain = is_plain(style, tag.as_deref());
                let range = if style == ScalarStyle::Literal || style == ScalarStyle::Folded {
                    self.without_trailing_space(range)
                } else {
                    range
                };
                // The parser gives `~` where nothing stands.
                let nothing = range.is_empty() && plain;
                let kind = if plain && (nothing || scalar::is_null(&text)) && !self.expects_key(nothing) {
                    NodeKind::Null
                } else {
                    let style = if plain { Style::Plain } else { Style::Quoted };
                    NodeKind::Scalar { text: text.into(), style }
                };
                self.spend(1, range)?;
                self.complete(Node { range, kind }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), span)?;
                self.open(range, anchor, Items::Sequence(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_tag(tag.as_deref(), span)?;
                let (entries, merges) = (Vec::new(), Vec::new());
                self.open(range, anchor, Items::Mapping { entries, merges, next: Next::Key })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range),
            Event::Alias(id) => self.alias(id, range),
            Event::UnresolvedAlias(name) => {
                let written = format!("*{name}");
                let message = format!("`{written}` refers to an anchor that does not exist");
                self.error("yaml-syntax", range, message, |p| {
                    p.label(format!("no `&{name}` above"))
                        .help(format!("text that begins with `*` must be in quotes: \"{written}\""))
                })?;
                self.complete(Node { range, kind: self.unresolved(written) }, 0)
            }
            // Comments and anchor events are off; the stream's ends say nothing.
            _ => Ok(()),
        }
    }

    /// Whether a scalar here is a key, so that `null` is its text. `nothing` never is.
    fn expects_key(&self, nothing: bool) -> bool {
        !nothing
            && matches!(self.open.last(), Some(Open { items: Items::Mapping { next: Next::Key, .. }, .. }))
    }

    /// What stands in for an alias of nothing, such that no further problem follows from it.
    fn unresolved(&self, written: String) -> NodeKind {
        match self.open.last() {
            Some(Open { items: Items::Mapping { next: Next::Merge(_), .. }, .. }) => {
                NodeKind::Mapping(Box::default())
            }
            _ => NodeKind::Scalar { text: written.into(), style: Style::Quoted },
        }
    }

    fn start_document(&mut self) {
        self.open.clear();
        self.root = None;
        self.anchors.clear();
        self.alias_nodes = 0;
    }

    fn end_document(&mut self) -> Result<(), Halt> {
        match self.root.take() {
            Some(node) if !node.is_null() => {
                self.documents.push(node);
                Ok(())
            }
            root => {
                let range = if self.marker.is_empty() { root.map(|node| node.range) } else { None };
                let span = range.unwrap_or(self.marker).span(self.source);
                let problem = Problem::warning("empty-document", span, "this document is empty")
                    .label("nothing follows")
                    .help("delete the `---`");
                self.report(problem)
            }
        }
    }

    fn open(&mut self, range: TextRange, anchor: usize, items: Items) -> Result<(), Halt> {
        // The parser counts `[` and indentation apart.
        if self.open.len() >= self.limits.depth_max {
            self.report(syntax::too_deep(range, self.limits.depth_max, self.source))?;
            return Err(Halt::Document);
        }
        self.spend(1, range)?;
        self.open.push(Open { start: range.start, anchor, items });
        Ok(())
    }

    fn close(&mut self, range: TextRange) -> Result<(), Halt> {
        // The parser pairs starts and ends.
        let Some(Open { start, anchor, items }) = self.open.pop() else { return Ok(()) };
        let last_end = match &items {
            Items::Sequence(items) => items.last().map(|item| item.range.end),
            Items::Mapping { entries, .. } => {
                entries.last().map(|(key, node)| key.range.end.max(node.range.end))
            }
        };
        // A block has no closing bracket: it ends where its last value does, not where the next one starts.
        let end = if range.is_empty() { last_end.unwrap_or(start) } else { range.end };
        let kind = match items {
            Items::Sequence(items) => NodeKind::Sequence(items.into()),
            Items::Mapping { mut entries, merges, .. } => {
                self.drop_duplicates(&mut entries)?;
                self.merge(&mut entries, merges)?;
                NodeKind::Mapping(entries.into())
            }
        };
        self.complete(Node { range: TextRange { start, end: end.max(start) }, kind }, anchor)
    }

    /// Puts a finished node where it belongs.
    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Halt> {
        if anchor != 0 {
            let cost = node.cost();
            self.spend_on_alias(cost, node.range)?;
            let anchored = Anchored { cost, height: node.height(), node: node.clone() };
            self.anchors.insert(anchor, anchored);
        }
        let Some(Open { items, .. }) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match items {
            Items::Sequence(items) => items.push(node),
            Items::Mapping { entries, merges, next } => match std::mem::replace(next, Next::Key) {
                Next::ValueOf(key) => entries.push((key, node)),
                Next::Merge(range) => merges.push((range, node)),
                Next::Dropped => {}
                Next::Key => {
                    let range = node.range;
                    match node.kind {
                        NodeKind::Scalar { text, style: Style::Plain } if &*text == "<<" => {
                            *next = Next::Merge(range);
                        }
                        NodeKind::Scalar { text, .. } => *next = Next::ValueOf(Key { text, range }),
                        kind => {
                            *next = Next::Dropped;
                            return self.refuse_key(&kind, range);
                        }
                    }
                }
            },
        }
        Ok(())
    }

    fn refuse_key(&mut self, kind: &NodeKind, range: TextRange) -> Result<(), Halt> {
        let (message, help) = match kind {
            NodeKind::Null => ("a key is missing before `:`", "put text that begins with `:` in quotes"),
            NodeKind::Sequence(_) => ("a list cannot be a key", "put text that begins with `[` in quotes"),
            _ => (
                "a mapping cannot be a key",
                "put text that begins with `{` in quotes; templates such as `{{ name }}` are not expanded",
            ),
        };
        self.error("key-not-text", range, message.into(), |p| p.label("expected text").help(help))
    }

    fn alias(&mut self, id: usize, range: TextRange) -> Result<(), Halt> {
        let Some(Anchored { node, cost, height }) = self.anchors.get(&id) else {
            self.error(
                "yaml-syntax",
                range,
                "this alias stands within the value it refers to".into(),
                |p| p.help("write the value out"),
            )?;
            return self.complete(Node { range, kind: NodeKind::Null }, 0);
        };
        let (cost, height) = (*cost, *height);
        if self.open.len() + height > self.limits.depth_max {
            self.report(syntax::too_deep(range, self.limits.depth_max, self.source))?;
            return Err(Halt::Document);
        }
        let kind = node.kind.clone();
        self.spend_on_alias(cost, range)?;
        self.complete(Node { range, kind }, 0)
    }

    fn check_tag(&mut self, tag: Option<&Tag>, span: &granit_parser::Span) -> Result<(), Halt> {
        let Some(tag) = tag.filter(|tag| tag.core_suffix().is_none()) else { return Ok(()) };
        let range = span.tag_span().map_or_else(|| range_of(span), |span| range_of(&span));
        let message = format!("the tag `{}` has no meaning here", tag.original());
        self.error("yaml-tag", range, message, |p| {
            p.label("unknown tag").help("remove it; text that begins with `!` must be in quotes")
        })
    }

    /// Keeps the first of entries with the same key.
    fn drop_duplicates(&mut self, entries: &mut Vec<(Key, Node)>) -> Result<(), Halt> {
        let duplicates = duplicates(entries);
        for index in &duplicates {
            let (second, _) = &entries[*index];
            let Some((first, _)) = entries.iter().find(|(key, _)| key.text == second.text) else { continue };
            let first = first.range.span(self.source);
            self.error(
                "duplicate-key",
                second.range,
                format!("the key `{}` is given twice", second.text),
                |p| p.label("given again").related(first, "first given here").help("delete one of the two"),
            )?;
        }
        let mut index = 0..;
        entries.retain(|_| index.next().is_none_or(|i| duplicates.binary_search(&i).is_err()));
        Ok(())
    }

    /// Adds the entries that `<<` refers to and that are not there yet.
    fn merge(&mut self, entries: &mut Vec<(Key, Node)>, merges: Vec<(TextRange, Node)>) -> Result<(), Halt> {
        if merges.is_empty() {
            return Ok(());
        }
        let mut present: HashSet<Box<str>> = entries.iter().map(|(key, _)| key.text.clone()).collect();
        for (range, node) in merges {
            let mappings = match node.kind {
                NodeKind::Sequence(items) => items.into_vec(),
                _ => vec![node],
            };
            for mapping in mappings {
                let NodeKind::Mapping(merged) = mapping.kind else {
                    let message = "`<<` merges a mapping or a list of mappings";
                    self.error("wrong-type", range, message.into(), |p| {
                        p.help("give it an alias such as `*name`, or put `<<` in quotes if it is a key")
                    })?;
                    continue;
                };
                entries.extend(merged.into_iter().filter(|(key, _)| present.insert(key.text.clone())));
            }
        }
        Ok(())
    }

    fn without_trailing_space(&self, range: TextRange) -> TextRange {
        let text = self.source.text.get(range.start as usize..range.end as usize).unwrap_or_default();
        TextRange { end: range.start + offset(text.trim_end().len()), ..range }
    }

    fn spend(&mut self, nodes: usize, range: TextRange) -> Result<(), Halt> {
        self.nodes += nodes;
        if self.nodes <= self.limits.nodes_max {
            return Ok(());
        }
        let message = format!("the file holds more than {} values", self.limits.nodes_max);
        self.error("yaml-limit", range, message, |p| {
            p.label("read up to here").help("split it into several files")
        })?;
        Err(Halt::File)
    }

    fn spend_on_alias(&mut self, nodes: usize, range: TextRange) -> Result<(), Halt> {
        self.alias_nodes += nodes;
        if self.alias_nodes <= self.limits.alias_nodes_max {
            return self.spend(nodes, range);
        }
        let message =
            format!("the aliases of this document copy more than {} values", self.limits.alias_nodes_max);
        self.error("yaml-limit", range, message, |p| {
            p.label("too much from here on").help("write the values out, or split the document")
        })?;
        Err(Halt::Document)
    }

    fn error(
        &mut self,
        code: &'static str,
        range: TextRange,
        message: String,
        more: impl FnOnce(Problem) -> Problem,
    ) -> Result<(), Halt> {
        self.report(more(Problem::error(code, range.first_line(self.source), message)))
    }

    fn report(&mut self, problem: Problem) -> Result<(), Halt> {
        if self.problems.len() < self.limits.problems_max {
            self.problems.push(problem);
            return Ok(());
        }
        let message =
            format!("the file has more than {} problems; the rest was not read", self.problems.len());
        self.problems.push(Problem { message, help: None, ..Problem::error("yaml-limit", problem.span, "") });
        Err(Halt::File)
    }
}

/// The entries whose key an earlier one has, in order.
fn duplicates(entries: &[(Key, Node)]) -> Vec<usize> {
    /// Up to here, comparing each with each is faster than hashing.
    const SMALL: usize = 16;
    let indices = 0..entries.len();
    if entries.len() <= SMALL {
        let earlier = |i: usize| entries[..i].iter().any(|(key, _)| key.text == entries[i].0.text);
        return indices.filter(|i| earlier(*i)).collect();
    }
    let mut seen = HashSet::with_capacity(entries.len());
    indices.filter(|i| !seen.insert(&*entries[*i].0.text)).collect()
}

fn is_plain(style: ScalarStyle, tag: Option<&Tag>) -> bool {
    match tag.and_then(Tag::core_suffix) {
        None => style == ScalarStyle::Plain,
        Some("str") => false,
        Some(_) => true,
    }
}

fn range_of(span: &granit_parser::Span) -> TextRange {
    let bytes = span.byte_range().unwrap_or_default();
    TextRange { start: offset(bytes.start), end: offset(bytes.end) }
}

/// A position in a file, which is shorter than 4 GiB: see [`Limits::check_size`].
pub(super) fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
