//! A plan for a terminal: short, aligned, the dangerous parts in red and last, where the eye ends up.

mod changes;

use std::io::{self, Write};

use anstyle::Style;

use super::outline::{self, Remark};
use super::{ADDED, ALARM, BOLD, CHANGED, DIM, DRIFT, Options, count, escape};
use crate::address::Address;
use crate::plan::{Change, Plan};

/// How many names are listed unless all are asked for.
const NAMES_SHOWN: usize = 10;

/// Writes a plan.
///
/// # Errors
///
/// When the writer fails.
pub fn plan(out: &mut dyn Write, plan: &Plan, options: &Options) -> io::Result<()> {
    header(out, plan, options)?;
    drift(out, plan, options)?;
    changes::changes(out, plan, options)?;
    notes(out, plan, options)?;
    gaps(out, plan, options)?;
    records(out, plan, options)?;
    summary(out, plan, options)
}

fn header(out: &mut dyn Write, plan: &Plan, options: &Options) -> io::Result<()> {
    let target = &plan.target;
    let name = escape::plain(&target.name).into_owned();
    let provider = escape::plain(&target.provider).into_owned();
    writeln!(out, "{} ({provider})", options.paint(BOLD, format!("Plan for {name}")))?;
    let only = plan.environments.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let around = [("endpoint".to_owned(), target.endpoint.clone()), ("only in".to_owned(), only)];
    let rows = around.into_iter().chain(target.scope.iter().map(|(k, v)| (k.clone(), v.clone())));
    let rows: Vec<_> = rows.filter(|(_, value)| !value.is_empty()).collect();
    let wide = rows.iter().map(|(key, _)| escape::width(key)).max().unwrap_or(0);
    for (key, value) in rows {
        let line = format!("  {}  {}", escape::pad(&escape::plain(&key), wide), escape::plain(&value));
        writeln!(out, "{}", options.paint(DIM, line))?;
    }
    Ok(())
}

/// One line that cannot be missed: someone else changes this gateway too.
fn drift(out: &mut dyn Write, plan: &Plan, options: &Options) -> io::Result<()> {
    let drift = outline::drift(plan);
    if drift.is_empty() {
        return Ok(());
    }
    let were = if drift.len() == 1 { "was" } else { "were" };
    let text = format!(
        "! {} {were} changed at the gateway by hand: this plan puts that right.",
        count(drift.len(), "resource")
    );
    writeln!(out)?;
    wrapped(out, &text, DRIFT, 2, options)?;
    for change in drift.iter().take(if options.verbose { usize::MAX } else { NAMES_SHOWN }) {
        let address = change.address.to_string();
        writeln!(out, "    {}", options.paint(CHANGED, escape::plain(&address)))?;
    }
    more(out, drift.len(), options, 4)
}

fn more(out: &mut dyn Write, all: usize, options: &Options, indent: usize) -> io::Result<()> {
    let hidden = all.saturating_sub(NAMES_SHOWN);
    if options.verbose || hidden == 0 {
        return Ok(());
    }
    let text = format!("{:indent$}… and {hidden} more; --verbose lists them", "");
    writeln!(out, "{}", options.paint(DIM, text))
}

/// Names in one line, or all of them over several lines with `verbose`.
pub(super) fn names(
    out: &mut dyn Write,
    names: &[String],
    indent: usize,
    options: &Options,
) -> io::Result<()> {
    let room = options.columns().saturating_sub(indent).max(20);
    let mut line = String::new();
    for (index, name) in names.iter().enumerate() {
        let left = names.len() - index;
        let name = escape::plain(name);
        let used = escape::width(&line) + escape::width(&name) + 2;
        let over = index >= NAMES_SHOWN || used + if left > 1 { 14 } else { 0 } > room;
        if !line.is_empty() && !options.verbose && over {
            line.push_str(&format!(", … {left} more"));
            break;
        }
        if !line.is_empty() && used > room {
            writeln!(out, "{:indent$}{line},", "")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push_str(", ");
        }
        line.push_str(&name);
    }
    writeln!(out, "{:indent$}{line}", "")
}

fn notes(out: &mut dyn Write, plan: &Plan, options: &Options) -> io::Result<()> {
    let remarks = outline::remarks(plan);
    if remarks.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    writeln!(out, "{}", options.paint(BOLD, "Left alone, and other notes"))?;
    let shown = if options.verbose { usize::MAX } else { 20 };
    for remark in remarks.iter().take(shown) {
        note(out, remark, options)?;
    }
    if remarks.len() > shown {
        let text = format!("  … and {} more notes; --verbose lists them", remarks.len() - shown);
        writeln!(out, "{}", options.paint(DIM, text))?;
    }
    Ok(())
}

fn note(out: &mut dyn Write, remark: &Remark<'_>, options: &Options) -> io::Result<()> {
    let head = match remark.about.as_slice() {
        [] => String::new(),
        [one] => format!("{one}: "),
        many => format!("{} x ", many.len()),
    };
    let text = format!("{head}{} [{}]", remark.message, remark.code);
    item(out, 'i', &text, options)?;
    if remark.about.len() > 1 {
        let list: Vec<String> = remark.about.iter().map(ToString::to_string).collect();
        names(out, &list, 6, options)?;
    }
    Ok(())
}

/// A sentence behind a sign, over as many lines as it takes.
fn item(out: &mut dyn Write, sign: char, text: &str, options: &Options) -> io::Result<()> {
    let text = escape::plain(text);
    for (index, line) in escape::wrap(&text, options.columns().saturating_sub(4)).into_iter().enumerate() {
        writeln!(out, "  {} {line}", if index == 0 { sign } else { ' ' })?;
    }
    Ok(())
}

fn gaps(out: &mut dyn Write, plan: &Plan, options: &Options) -> io::Result<()> {
    if plan.gaps.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    writeln!(out, "{}", options.paint(DRIFT, "Not readable: the plan does not know about these"))?;
    for gap in plan.gaps.iter().take(if options.verbose { usize::MAX } else { NAMES_SHOWN }) {
        let field = if gap.field.is_empty() { String::new() } else { format!(" {}", gap.field) };
        let text = format!("{}{field}: {}", gap.address, gap.reason);
        item(out, '?', &text, options)?;
    }
    more(out, plan.gaps.len(), options, 2)
}

fn records(out: &mut dyn Write, plan: &Plan, options: &Options) -> io::Result<()> {
    let mut parts = Vec::new();
    if !plan.adopt.is_empty() {
        parts.push(format!("puts {} on record", count(plan.adopt.len(), "live resource")));
    }
    if !plan.forget.is_empty() {
        parts.push(format!("drops {} of what is gone", count(plan.forget.len(), "record")));
    }
    if parts.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    wrapped(out, &format!("Ledger: {}; no calls needed.", parts.join(", ")), DIM, 8, options)?;
    let list = |addresses: &[Address]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
    if options.verbose {
        for addresses in [&plan.adopt, &plan.forget].into_iter().filter(|a| !a.is_empty()) {
            names(out, &list(addresses), 4, options)?;
        }
    }
    Ok(())
}

fn summary(out: &mut dyn Write, plan: &Plan, options: &Options) -> io::Result<()> {
    writeln!(out)?;
    if plan.is_empty() {
        let are = if plan.unchanged == 1 { "is as it" } else { "are as they" };
        let there: Vec<&str> = plan.environments.iter().map(String::as_str).collect();
        let there = if there.is_empty() { String::new() } else { format!(" in {}", there.join(", ")) };
        let text = format!("Nothing to do{there}: {} {are} should be.", count(plan.unchanged, "resource"));
        return writeln!(out, "{}", options.paint(ADDED, text));
    }
    let line = format!("Plan: {}. {} unchanged.", escape::plain(&outline::summary(plan)), plan.unchanged);
    wrapped(out, &line, BOLD, 6, options)?;
    let line = format!("Calls: {}.", outline::calls(plan));
    let above = plan.calls() > plan.calls_bound;
    writeln!(out, "{}", options.paint(if above { CHANGED } else { DIM }, line))?;
    destructive(out, &outline::destructive(plan), options)
}

/// A sentence over as many lines as it takes, the second and later ones indented.
fn wrapped(
    out: &mut dyn Write,
    text: &str,
    style: Style,
    indent: usize,
    options: &Options,
) -> io::Result<()> {
    for (index, line) in escape::wrap(text, options.columns().saturating_sub(indent)).into_iter().enumerate()
    {
        let indent = if index == 0 { 0 } else { indent };
        writeln!(out, "{:indent$}{}", "", options.paint(style, line))?;
    }
    Ok(())
}

fn destructive(out: &mut dyn Write, changes: &[&Change], options: &Options) -> io::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let text = format!("Destructive: {}.", outline::what_goes(changes));
    wrapped(out, &text, ALARM, 13, options)?;
    for change in changes.iter().take(if options.verbose { usize::MAX } else { NAMES_SHOWN }) {
        let along = match change.takes_along.len() {
            0 => String::new(),
            n => format!(" and {n} more with it"),
        };
        let text = format!("{:<9} {}{along}", change.action.word(), change.address);
        writeln!(out, "  {}", options.paint(super::GONE, escape::plain(&text)))?;
    }
    more(out, changes.len(), options, 2)
}
