//! Everything that is printed: plans, problems, graphs, progress and reports.
//!
//! | module | what it prints |
//! | --- | --- |
//! | [`plan_text`] | a plan for a terminal |
//! | [`plan_json`] | a plan for programs, with its JSON Schema |
//! | [`plan_markdown`] | a plan for a comment on a change request, never above what forges accept |
//! | [`plan_html`] | a plan as one self-contained page |
//! | [`problems`], [`problems_json`] | what is wrong with the input |
//! | [`sarif`] | problems or a plan for code scanning |
//! | [`graph`] | the desired-state graph as DOT, Mermaid or SVG |
//! | [`progress`], [`report`] | what an apply does, and what it did |
//!
//! Nothing here writes to stdout or stderr by itself: callers pass a writer. With [`Options::colour`] on, the text
//! carries ANSI styles. Invariant: no text from a manifest or a gateway reaches a terminal, a page or a comment
//! unescaped; `escape` is the only way there.

use std::fmt;

use anstyle::{AnsiColor, Style};

use crate::plan::{Action, Change};

mod escape;
mod fields;
pub mod graph;
mod lines;
mod mask;
mod outline;
pub mod plan_html;
pub mod plan_json;
pub mod plan_markdown;
pub mod plan_text;
pub mod problems;
pub mod problems_json;
pub mod progress;
pub mod report;
pub mod sarif;
pub mod traffic;
pub mod versions;

/// How text for a terminal is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether ANSI styles are written.
    pub colour: bool,
    /// The columns of the terminal.
    pub width: usize,
    /// Whether everything is listed, however long.
    pub verbose: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { colour: false, width: 100, verbose: false }
    }
}

impl Options {
    /// The columns to lay out for: no terminal is so narrow that nothing fits.
    fn columns(self) -> usize {
        self.width.clamp(40, 240)
    }

    /// `text` in `style`, where colour is on.
    fn paint<T: fmt::Display>(self, style: Style, text: T) -> Painted<T> {
        Painted { style: self.colour.then_some(style), text }
    }
}

/// A text in a style, or plain.
struct Painted<T> {
    style: Option<Style>,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.style {
            Some(style) => write!(f, "{style}{}{style:#}", self.text),
            None => write!(f, "{}", self.text),
        }
    }
}

const fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(colour)))
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const ADDED: Style = colour(AnsiColor::Green);
const CHANGED: Style = colour(AnsiColor::Yellow);
const GONE: Style = colour(AnsiColor::Red);
const ALARM: Style = colour(AnsiColor::Red).bold();
const DRIFT: Style = colour(AnsiColor::Yellow).bold();

/// The sign of an action: ASCII, so that it survives every terminal and log.
fn sign(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Delete => "-",
        Action::Publish => "^",
        Action::Switch => "<",
        Action::Unpublish => "v",
        Action::Bind => "=",
        Action::Unbind => "x",
    }
}

fn style(action: Action) -> Style {
    match action {
        Action::Create => ADDED,
        Action::Update => CHANGED,
        Action::Delete | Action::Unpublish | Action::Unbind => GONE,
        Action::Publish | Action::Switch => colour(AnsiColor::Cyan),
        Action::Bind => colour(AnsiColor::Blue),
    }
}

/// `1 API`, `12 APIs`.
fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// The environment of what lives in one.
fn environment(change: &Change) -> Option<String> {
    change.address.environment()
}

/// The group of what lives in one.
fn group(change: &Change) -> Option<String> {
    (change.address.kind.def().key.first() == Some(&"group")).then(|| change.address.part(0))
}
