//! Problems for a terminal: excerpt, mark, hint, and the other places that matter.
//!
//! The excerpts are drawn by miette. It reads a source from its beginning for every mark, so it only ever gets a
//! [`Window`]: the few lines around the marks, which know their place in the file. A source of 16 MiB costs one pass.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
};
use miette::{SourceCode, SourceSpan, SpanContents};

use super::lines::{Lines, bounds, floor};
use super::mask;
use super::{ADDED, ALARM, DIM, DRIFT, Options, count, escape};
use crate::problem::{Problem, Severity, Span};

/// Problems drawn unless all are asked for.
const SHOWN_MAX: usize = 100;
/// Lines of context around a mark.
const CONTEXT: usize = 2;
/// Windows above this size show only the stretch around the mark: someone wrote very long lines.
const WINDOW_MAX: usize = 4096;
/// Bytes around a mark in such a window.
const STRETCH: usize = 120;
/// Lines between two marks that still share a window.
const NEAR: usize = 4096;

/// Writes problems, file by file in the order in which files are first named, then a line that counts them.
///
/// # Errors
///
/// When the writer fails.
pub fn problems(out: &mut dyn Write, problems: &[Problem], options: &Options) -> io::Result<()> {
    let theme = if options.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(options.columns())
        .with_links(false)
        .with_context_lines(CONTEXT);
    let ordered = ordered(problems);
    let shown = if options.verbose { usize::MAX } else { SHOWN_MAX };
    let mut lines = Lines::default();
    for problem in ordered.iter().take(shown) {
        let report = Report::new(problem, &mut lines);
        let mut text = String::new();
        for report in std::iter::once(&report).chain(&report.related) {
            handler.render_report(&mut text, report).map_err(io::Error::other)?;
        }
        for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
    }
    if ordered.len() > shown {
        let text = format!("… and {} more; --verbose lists them", ordered.len() - shown);
        writeln!(out, "{}", options.paint(DIM, text))?;
    }
    total(out, problems, options)
}

/// Problems by file in the order in which files are first named, within a file by place; those without a file first.
pub(super) fn ordered(problems: &[Problem]) -> Vec<&Problem> {
    let mut files = std::collections::HashMap::new();
    for span in problems.iter().filter_map(|p| p.span.as_ref()) {
        let next = files.len() + 1;
        files.entry(Arc::as_ptr(&span.source)).or_insert(next);
    }
    let mut ordered: Vec<&Problem> = problems.iter().collect();
    ordered.sort_by_key(|p| {
        let span = p.span.as_ref();
        span.map_or((0, 0), |s| (files.get(&Arc::as_ptr(&s.source)).copied().unwrap_or(0), s.start))
    });
    ordered
}

fn total(out: &mut dyn Write, problems: &[Problem], options: &Options) -> io::Result<()> {
    let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
    let warnings = problems.len() - errors;
    let files: std::collections::HashSet<_> =
        problems.iter().filter_map(|p| p.span.as_ref()).map(|s| Arc::as_ptr(&s.source)).collect();
    let within = if files.is_empty() { String::new() } else { format!(" in {}", count(files.len(), "file")) };
    let (style, text) = match (errors, warnings) {
        (0, 0) => (ADDED, "No problems.".to_owned()),
        (0, n) => (DRIFT, format!("{}{within}.", count(n, "warning"))),
        (n, 0) => (ALARM, format!("{}{within}.", count(n, "error"))),
        (n, m) => (ALARM, format!("{}, {}{within}.", count(n, "error"), count(m, "warning"))),
    };
    writeln!(out, "{}", options.paint(style, text))
}

/// A problem as miette wants it.
#[derive(Debug)]
struct Report {
    message: String,
    help: Option<String>,
    severity: miette::Severity,
    window: Option<Window>,
    labels: Vec<LabeledSpan>,
    related: Vec<Self>,
}

impl Report {
    fn new(problem: &Problem, lines: &mut Lines) -> Self {
        let mut report = Self {
            message: format!("{} [{}]", escape::plain(&problem.message), escape::plain(problem.code)),
            help: problem.help.as_deref().map(|h| escape::same_length(h).into_owned()),
            severity: match problem.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
            window: None,
            labels: Vec::new(),
            related: Vec::new(),
        };
        let mut far: Vec<&(Span, String)> = problem.related.iter().collect();
        if let Some(span) = &problem.span {
            let near = |s: &Span| Arc::ptr_eq(&s.source, &span.source) && s.start.abs_diff(span.start) < NEAR;
            let (with, without): (Vec<_>, Vec<_>) = far.into_iter().partition(|(s, _)| near(s));
            far = without;
            let window = Window::new(span, with.iter().map(|(s, _)| s), lines);
            report.labels.push(window.label(span, &problem.label, true));
            report.labels.extend(
                with.iter().filter(|(s, _)| window.has(s)).map(|(s, label)| window.label(s, label, false)),
            );
            far.extend(with.iter().filter(|(s, _)| !window.has(s)));
            report.window = Some(window);
        }
        report.related = far.iter().map(|(span, label)| Self::place(span, label, lines)).collect();
        report
    }

    /// Another place that matters, in a window of its own.
    fn place(span: &Span, label: &str, lines: &mut Lines) -> Self {
        let window = Window::new(span, std::iter::empty(), lines);
        Self {
            message: escape::plain(label).into_owned(),
            help: None,
            severity: miette::Severity::Advice,
            labels: vec![window.label(span, "here", true)],
            window: Some(window),
            related: Vec::new(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as _)
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.window.as_ref().map(|window| window as _)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.window.as_ref().map(|_| Box::new(self.labels.iter().cloned()) as _)
    }
}

/// A stretch of a source that knows its place.
#[derive(Debug)]
struct Window {
    name: String,
    text: String,
    /// The stretch's first byte in the source.
    start: usize,
    /// Lines before the stretch.
    lines_before: usize,
    /// Characters before the stretch on its first line.
    columns_before: usize,
}

impl Window {
    fn new<'a>(span: &Span, others: impl Iterator<Item = &'a Span>, lines: &mut Lines) -> Self {
        let (mut start, mut end, mut line) = lines.window(span, CONTEXT, CONTEXT);
        for other in others {
            let (other_start, other_end, other_line) = lines.window(other, CONTEXT, CONTEXT);
            line = if other_start < start { other_line } else { line };
            (start, end) = (start.min(other_start), end.max(other_end));
        }
        let text = &span.source.text;
        let mut columns_before = 0;
        if end - start > 2 * NEAR + WINDOW_MAX {
            let (from, to) = bounds(span);
            let position = lines.position(span);
            start = floor(text, from.saturating_sub(STRETCH))
                .max(from - text[..from].bytes().rev().take(STRETCH).take_while(|b| *b != b'\n').count());
            start = floor(text, start);
            let line_end =
                text.as_bytes()[from..].iter().position(|b| *b == b'\n').map_or(text.len(), |n| from + n);
            end = floor(text, line_end.min(to.min(from + STRETCH) + STRETCH));
            line = position.line;
            columns_before = (position.column - 1).saturating_sub(text[start..from].chars().count());
        }
        Self {
            name: escape::plain(&span.source.path.display().to_string()).into_owned(),
            text: mask::secrets(&escape::same_length(&text[start..end])),
            start,
            lines_before: line - 1,
            columns_before,
        }
    }

    fn has(&self, span: &Span) -> bool {
        let (start, _) = bounds(span);
        (self.start..=self.start + self.text.len()).contains(&start)
    }

    fn label(&self, span: &Span, label: &str, primary: bool) -> LabeledSpan {
        let (start, end) = bounds(span);
        let start = (start - self.start).min(self.text.len());
        let end = (end - self.start).min(self.text.len());
        // A mark over many lines would hide what it marks.
        let first_line = self.text[start..end].find('\n').map_or(end, |at| start + at);
        let place = SourceSpan::from(start..first_line);
        let label = Some(escape::plain(label).into_owned());
        if primary {
            LabeledSpan::new_primary_with_span(label, place)
        } else {
            LabeledSpan::new_with_span(label, place)
        }
    }
}

impl SourceCode for Window {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.as_str().read_span(span, before, after)?;
        // Without context, miette asks for what it prints in the header; it counts bytes there.
        let column = if before == 0 && after == 0 {
            let line = &self.text[..floor(&self.text, span.offset())];
            let own = line.rsplit('\n').next().unwrap_or_default().chars().count();
            own + if line.contains('\n') { 0 } else { self.columns_before }
        } else {
            inner.column()
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line() + self.lines_before,
            column,
            inner.line_count(),
        )))
    }
}
