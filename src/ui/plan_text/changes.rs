//! The changes of a plan, section by section.

use std::io::{self, Write};

use anstyle::Style;

use super::names;
use crate::diff::FieldChange;
use crate::plan::{Action, Plan};
use crate::ui::outline::{self, Row, Section};
use crate::ui::{ADDED, BOLD, DIM, DRIFT, GONE, Options, count, escape, fields, sign, style};

/// Lines of a text comparison shown unless all are asked for.
const DIFF_SHOWN: usize = 12;
/// Columns of a line that differs, unless all are asked for.
const VALUE_SHOWN: usize = 400;
/// Rows shown per kind, over all groups, before groups are told in one line each.
const KIND_ROWS: usize = 200;
/// Groups told in one line each before the rest is only counted.
const KIND_GROUPS: usize = 30;

/// How many rows of an action are shown in a section. Removals are worth the most lines.
fn limit(action: Action) -> usize {
    match action {
        Action::Create => 20,
        Action::Delete | Action::Unpublish | Action::Unbind => 100,
        _ => 50,
    }
}

/// Writes all sections.
pub(super) fn changes(out: &mut dyn Write, plan: &Plan, options: &Options) -> io::Result<()> {
    let sections = outline::outline(plan);
    for of_kind in sections.chunk_by(|a, b| a.kind == b.kind) {
        let (mut rows, mut folded) = (0, 0);
        let mut rest: (usize, usize) = (0, 0);
        for section in of_kind {
            if !options.verbose && rows >= KIND_ROWS {
                folded += 1;
                if folded <= KIND_GROUPS {
                    let title = escape::plain(&section.title()).into_owned();
                    let counts = section.counts();
                    let fits = escape::width(&title) + escape::width(&counts) + 2 <= options.columns();
                    let gap = if fits { " " } else { "\n    " };
                    writeln!(out, "{}:{gap}{counts}", options.paint(BOLD, title))?;
                } else {
                    rest = (rest.0 + 1, rest.1 + section.len());
                }
                continue;
            }
            rows += self::section(out, section, options)?;
        }
        if rest.0 > 0 {
            let things = count(rest.1, of_kind[0].kind.def().noun);
            let text = format!("… and {things} in {}; --verbose lists them", count(rest.0, "more group"));
            writeln!(out, "{}", options.paint(DIM, text))?;
        }
    }
    Ok(())
}

/// Writes one section and says how many rows it took.
fn section(out: &mut dyn Write, section: &Section<'_>, options: &Options) -> io::Result<usize> {
    writeln!(out)?;
    writeln!(out, "{}", options.paint(BOLD, escape::plain(&section.title())))?;
    let in_group = section.group.is_some();
    let labels: Vec<String> = section.rows.iter().map(|row| label(row, section, in_group)).collect();
    let wide = labels.iter().map(|l| escape::width(l)).max().unwrap_or(0).min(options.columns() / 2);
    let mut shown = 0;
    for action in Action::ALL {
        let rows: Vec<_> = section.rows.iter().zip(&labels).filter(|(row, _)| row.action == action).collect();
        let limit = if options.verbose { usize::MAX } else { limit(action) };
        for (row, label) in rows.iter().take(limit) {
            self::row(out, row, label, wide, options)?;
            shown += 1;
        }
        let hidden: usize = rows.iter().skip(limit).map(|(row, _)| row.members.len()).sum();
        if hidden > 0 {
            let text = format!("    … and {hidden} more to {}; --verbose lists them", action.word());
            writeln!(out, "{}", options.paint(DIM, text))?;
        }
    }
    Ok(shown)
}

fn label(row: &Row<'_>, section: &Section<'_>, in_group: bool) -> String {
    let label = if row.link.is_empty() {
        match row.members.as_slice() {
            [one] => outline::name(one, in_group),
            many => count(many.len(), section.kind.def().noun),
        }
    } else {
        let what = match row.members.as_slice() {
            [one] => format!("{}/{}", one.address.part(0), one.address.part(1)),
            many => format!("{}{}", count(many.len(), "API"), tally(row)),
        };
        format!("{} {}: {what}", row.action.word(), row.link)
    };
    escape::plain(&label).into_owned()
}

/// ` (payments 10, users 2)`.
fn tally(row: &Row<'_>) -> String {
    let groups = row.by_group();
    let mut parts: Vec<String> =
        groups.iter().take(4).map(|(group, names)| format!("{group} {}", names.len())).collect();
    if groups.len() > 4 {
        parts.push(format!("{} more groups", groups.len() - 4));
    }
    format!(" ({})", parts.join(", "))
}

fn row(out: &mut dyn Write, row: &Row<'_>, label: &str, wide: usize, options: &Options) -> io::Result<()> {
    let shade = style(row.action);
    let head = format!("  {} ", sign(row.action));
    let known = row.reason.is_drift();
    let reason = if known { format!("! {}", row.reason.phrase()) } else { row.reason.phrase().to_owned() };
    let source = match row.members.as_slice() {
        [one] => one.source.as_deref().map(|s| format!("  {}", escape::plain(s))).unwrap_or_default(),
        _ => String::new(),
    };
    let reason_style = if known { DRIFT } else { DIM };
    let head = options.paint(shade, head);
    let one_line = 4 + wide.max(escape::width(label)) + 2 + escape::width(&reason) + escape::width(&source);
    if one_line <= options.columns() {
        let label = escape::pad(label, wide);
        write!(out, "{head}{}  {}", options.paint(shade, label), options.paint(reason_style, reason))?;
        writeln!(out, "{}", options.paint(DIM, source))?;
    } else {
        let shown = if options.verbose { label.into() } else { escape::cut(label, options.columns() - 4) };
        writeln!(out, "{head}{}", options.paint(shade, shown))?;
        write!(out, "      {}", options.paint(reason_style, &reason))?;
        let on_one_line = 6 + escape::width(&reason) + escape::width(&source) <= options.columns();
        let keep = on_one_line || source.is_empty();
        let source = if keep { source } else { format!("\n      {}", source.trim_start()) };
        writeln!(out, "{}", options.paint(DIM, source))?;
    }
    members(out, row, options)?;
    details(out, row, options)?;
    along(out, row, options)
}

/// The names of folded members.
fn members(out: &mut dyn Write, row: &Row<'_>, options: &Options) -> io::Result<()> {
    if row.members.len() < 2 {
        return Ok(());
    }
    if row.link.is_empty() {
        let list: Vec<String> = row.members.iter().map(|c| c.address.name()).collect();
        return names(out, &list, 6, options);
    }
    let groups = row.by_group();
    let wide = groups.keys().map(|g| escape::width(g)).max().unwrap_or(0).min(24);
    let shown = if options.verbose { usize::MAX } else { 4 };
    for (group, list) in groups.iter().take(shown) {
        if groups.len() > 1 {
            let group = escape::pad(&escape::plain(group), wide);
            write!(out, "      {}", options.paint(DIM, group))?;
            names_after(out, list, wide + 8, options)?;
        } else {
            names(out, list, 6, options)?;
        }
    }
    Ok(())
}

/// Names on the line that was begun with `indent` columns.
fn names_after(out: &mut dyn Write, list: &[String], indent: usize, options: &Options) -> io::Result<()> {
    let mut text = Vec::new();
    names(&mut text, list, indent, options)?;
    out.write_all(&text[indent.saturating_sub(2).min(text.len())..])
}

fn details(out: &mut dyn Write, row: &Row<'_>, options: &Options) -> io::Result<()> {
    let both = row.members.first().is_some_and(|c| c.before.is_some() && c.after.is_some());
    if both {
        if row.fields.is_empty() && row.action == Action::Update {
            writeln!(out, "      {}", options.paint(DIM, "only the order of a list differs"))?;
        }
        return table(out, &row.fields, false, options);
    }
    if row.action == Action::Update {
        writeln!(out, "      {}", options.paint(DIM, "what it is now was not read, only that it differs"))?;
    }
    match row.members.as_slice() {
        [one] if options.verbose && row.link.is_empty() => table(out, &fields::of(one), true, options),
        _ => Ok(()),
    }
}

/// Fields, aligned. A creation has no "before" worth a column, a removal no "after".
fn table(out: &mut dyn Write, fields: &[FieldChange], one_sided: bool, options: &Options) -> io::Result<()> {
    let wide =
        fields.iter().map(|f| escape::width(&f.path)).max().unwrap_or(0).min(options.columns() * 2 / 5);
    for field in fields {
        let path = escape::plain(&field.path).into_owned();
        let room = options.columns().saturating_sub(6 + wide.max(escape::width(&path)) + 2);
        if let Some(lines) = fields::lines(field, room) {
            writeln!(out, "      {path}")?;
            block(out, &lines, options)?;
            continue;
        }
        let path = escape::pad(&path, wide);
        let before = fields::side(field.before.as_ref());
        let after = fields::side(field.after.as_ref());
        let room = if options.verbose { usize::MAX } else { room.max(12) };
        let part = |text: &str, width: usize, value: bool, style: Style| {
            options.paint(if value { style } else { DIM }, escape::cut(text, width).into_owned()).to_string()
        };
        let sides = match (&field.before, &field.after) {
            (None, Some(_)) if one_sided => part(&after, room, true, ADDED),
            (Some(_), None) if one_sided => part(&before, room, true, GONE),
            _ => {
                let left = escape::width(&before).min(room.saturating_sub(4) / 2);
                let right = room.saturating_sub(left + 4);
                let before = part(&before, left.max(9), field.before.is_some(), GONE);
                format!("{before} -> {}", part(&after, right.max(9), field.after.is_some(), ADDED))
            }
        };
        writeln!(out, "      {path}  {sides}")?;
    }
    Ok(())
}

fn block(out: &mut dyn Write, lines: &[fields::DiffLine], options: &Options) -> io::Result<()> {
    let shown = if options.verbose { usize::MAX } else { DIFF_SHOWN };
    for line in lines.iter().take(shown) {
        if line.sign == ' ' && line.text().trim().is_empty() {
            writeln!(out)?;
            continue;
        }
        let shade = match line.sign {
            '-' => GONE,
            '+' => ADDED,
            _ => DIM,
        };
        write!(out, "        {}", options.paint(shade, format!("{} ", line.sign)))?;
        // What differs is not cut at the edge, where the difference may be; the terminal wraps it.
        let mut left = match line.sign {
            _ if options.verbose => usize::MAX,
            '-' | '+' => VALUE_SHOWN,
            _ => options.columns() - 10,
        };
        for (marked, text) in &line.parts {
            let piece = escape::cut(text, left);
            left = left.saturating_sub(escape::width(&piece));
            let marked = *marked && matches!(line.sign, '-' | '+');
            write!(out, "{}", options.paint(if marked { shade.invert() } else { shade }, piece))?;
            if left == 0 {
                break;
            }
        }
        writeln!(out)?;
    }
    if lines.len() > shown {
        let text = format!("        … {} more lines", lines.len() - shown);
        writeln!(out, "{}", options.paint(DIM, text))?;
    }
    Ok(())
}

fn along(out: &mut dyn Write, row: &Row<'_>, options: &Options) -> io::Result<()> {
    let list: Vec<String> = row.takes_along().iter().map(ToString::to_string).collect();
    if list.is_empty() {
        return Ok(());
    }
    let mut text = Vec::new();
    names(&mut text, &list, 19, options)?;
    write!(out, "      {}", options.paint(GONE, "takes along: "))?;
    out.write_all(&text[19..])
}
