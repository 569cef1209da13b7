//! What an apply did: data that the apply fills, and its text.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use super::plan_text::names;
use super::{ADDED, ALARM, BOLD, CHANGED, DIM, GONE, Options, count, escape};
use crate::address::Address;
use crate::plan::Action;

/// Rows listed unless all are asked for.
const SHOWN_MAX: usize = 50;

/// What an apply did and did not do.
#[derive(Debug, Clone, Default)]
pub struct ApplyReport {
    /// How many changes were made, by action.
    pub done: BTreeMap<Action, usize>,
    /// What the gateway refused, or could not be reached for.
    pub failed: Vec<Failed>,
    /// What was not tried because something that it needs had failed.
    pub skipped: Vec<Skipped>,
    /// Changes that were not come to: the apply was interrupted or gave up.
    pub left: usize,
    /// Whether someone stopped it.
    pub interrupted: bool,
    /// Calls made, without retries.
    pub calls: usize,
    /// Calls made again.
    pub retries: usize,
    /// How long it took.
    pub duration: Duration,
}

/// A change that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The resource.
    pub address: Address,
    /// What was tried.
    pub action: Action,
    /// What the gateway said, without a trailing period.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// A change that was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The resource.
    pub address: Address,
    /// What failed before it.
    pub because: Address,
}

impl ApplyReport {
    /// Whether all was done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && self.left == 0 && !self.interrupted
    }
}

/// Writes what an apply did.
///
/// # Errors
///
/// When the writer fails.
pub fn report(out: &mut dyn Write, report: &ApplyReport, options: &Options) -> io::Result<()> {
    failed(out, &report.failed, options)?;
    skipped(out, &report.skipped, options)?;
    let done: usize = report.done.values().sum();
    let style = if report.is_complete() { ADDED } else { ALARM };
    let mut head = match (report.is_complete(), report.interrupted) {
        (true, _) if done == 0 => "Nothing was to be done.".to_owned(),
        (true, _) => format!("Applied: {}.", words(&report.done)),
        (false, true) => "Interrupted.".to_owned(),
        (false, false) => "Not all could be applied.".to_owned(),
    };
    if !report.is_complete() {
        let done = if done == 0 { "nothing".to_owned() } else { words(&report.done) };
        let open =
            [(report.failed.len(), "failed"), (report.skipped.len(), "skipped"), (report.left, "left to do")];
        let open: Vec<_> =
            open.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        head = format!("{head} Done: {done}.");
        if !open.is_empty() {
            head = format!("{head} Open: {}.", open.join(", "));
        }
    }
    writeln!(out, "{}", options.paint(style, head))?;
    let retries =
        if report.retries > 0 { format!(" and {}", retries(report.retries)) } else { String::new() };
    let took = duration(report.duration);
    let line = format!("{}{retries} in {took}.", count(report.calls, "call"));
    writeln!(out, "{}", options.paint(DIM, line))?;
    advice(out, report, options)
}

/// `created 3, published 2`.
fn words(done: &BTreeMap<Action, usize>) -> String {
    let parts: Vec<_> =
        done.iter().filter(|(_, n)| **n > 0).map(|(action, n)| format!("{} {n}", past(*action))).collect();
    parts.join(", ")
}

fn past(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Delete => "deleted",
        Action::Publish => "published",
        Action::Switch => "switched",
        Action::Unpublish => "unpublished",
        Action::Bind => "bound",
        Action::Unbind => "unbound",
    }
}

fn retries(n: usize) -> String {
    if n == 1 { "1 retry".into() } else { format!("{n} retries") }
}

/// `840 ms`, `12.3 s`, `2 min 5 s`.
fn duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    match millis {
        0..1000 => format!("{millis} ms"),
        1000..60_000 => format!("{:.1} s", duration.as_secs_f64()),
        _ => format!("{} min {} s", millis / 60_000, millis / 1000 % 60),
    }
}

fn failed(out: &mut dyn Write, failed: &[Failed], options: &Options) -> io::Result<()> {
    if failed.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", options.paint(BOLD, "Failed"))?;
    let shown = if options.verbose { usize::MAX } else { SHOWN_MAX };
    for failure in failed.iter().take(shown) {
        let what = format!("  x {} {}", failure.action.word(), failure.address);
        writeln!(out, "{}", options.paint(GONE, escape::plain(&what)))?;
        writeln!(out, "      {}", escape::plain(&failure.message))?;
        if let Some(hint) = &failure.hint {
            writeln!(out, "      {} {}", options.paint(CHANGED, "hint:"), escape::plain(hint))?;
        }
    }
    more(out, failed.len(), options)?;
    writeln!(out)
}

fn skipped(out: &mut dyn Write, skipped: &[Skipped], options: &Options) -> io::Result<()> {
    if skipped.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", options.paint(BOLD, "Skipped, because of what failed before"))?;
    let mut causes: Vec<(&Address, Vec<&Address>)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    for skip in skipped {
        let at = *index.entry(&skip.because).or_insert_with(|| {
            causes.push((&skip.because, Vec::new()));
            causes.len() - 1
        });
        causes[at].1.push(&skip.address);
    }
    let shown = if options.verbose { usize::MAX } else { SHOWN_MAX };
    for (because, addresses) in causes.iter().take(shown) {
        let because = because.to_string();
        let because = options.paint(GONE, escape::plain(&because));
        writeln!(out, "  {} after {because}:", addresses.len())?;
        let list: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        names(out, &list, 6, options)?;
    }
    more(out, causes.len(), options)?;
    writeln!(out)
}

fn more(out: &mut dyn Write, all: usize, options: &Options) -> io::Result<()> {
    let hidden = all.saturating_sub(SHOWN_MAX);
    if options.verbose || hidden == 0 {
        return Ok(());
    }
    writeln!(out, "{}", options.paint(DIM, format!("  … and {hidden} more; --verbose lists them")))
}

fn advice(out: &mut dyn Write, report: &ApplyReport, options: &Options) -> io::Result<()> {
    if report.is_complete() {
        return Ok(());
    }
    let text = if report.failed.is_empty() {
        "What was done is on record: run the same command again to go on."
    } else {
        "What was done is on record: mend the cause and run the same command again; only what is open is done."
    };
    writeln!(out, "{}", options.paint(BOLD, text))
}
