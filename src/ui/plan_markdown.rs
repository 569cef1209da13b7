//! A plan as a comment on a change request.
//!
//! Forges refuse comments above a size ([`SIZE_MAX`] stays below it), so details are cut: every section gets a fair share
//! of the room, cut between rows, with a line that says how much was left out. The summary, the counts of what is
//! destructive and the drift are never cut away, only their lists of names.

mod section;

use std::io::{self, Write};

use super::count;
use super::escape::{markdown, markdown_code};
use super::outline::{self, Section};
use crate::kind::Kind;
use crate::plan::{Action, Change, Plan};

/// The most bytes of a comment. GitHub refuses above 65,536.
pub const SIZE_MAX: usize = 65_000;
/// The most bytes of the part above the details.
const TOP_MAX: usize = 24_000;
/// Where everything can be seen.
const SEE_ALL: &str = "`apigctl plan --verbose` or `--format html` shows everything";

/// Writes a plan, at most [`SIZE_MAX`] bytes.
///
/// # Errors
///
/// When the writer fails.
pub fn plan(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    let sections = outline::outline(plan);
    let mut text = top(plan, &sections);
    let tail = tail(plan, SIZE_MAX / 8);
    let room = SIZE_MAX.saturating_sub(text.len() + tail.len());
    if !sections.is_empty() {
        details(&mut text, &sections, room);
    }
    text.push_str(&tail);
    out.write_all(text.as_bytes())
}

fn top(plan: &Plan, sections: &[Section<'_>]) -> String {
    let target = &plan.target;
    let mut text = format!(
        "### apigctl plan for {} ({})\n\n",
        markdown_code(short(&target.name)),
        markdown_code(short(&target.provider)),
    );
    if plan.is_empty() {
        let are = if plan.unchanged == 1 { "is as it" } else { "are as they" };
        text.push_str(&format!(
            "**Nothing to do:** {} {are} should be.\n",
            count(plan.unchanged, "resource")
        ));
        return text;
    }
    let total = markdown(&outline::summary(plan));
    let total = if total.len() > 2000 { outline::words(&crate::plan::summary(&plan.changes)) } else { total };
    text.push_str(&format!("**Plan:** {total}. {} unchanged.\n\n", plan.unchanged));
    text.push_str(&format!("**Calls:** {}.\n\n", outline::calls(plan)));
    text.push_str(&table(sections));
    let gone = outline::destructive(plan);
    if !gone.is_empty() {
        text.push_str(&format!(
            "\n> [!CAUTION]\n> **Destructive:** this plan {}.\n\n",
            outline::what_goes(&gone)
        ));
        let room = TOP_MAX.saturating_sub(text.len()) / 2;
        list(&mut text, &gone, room, |c| {
            let along = match c.takes_along.len() {
                0 => String::new(),
                n => format!(", and {n} more with it"),
            };
            format!("{} {}{along}", c.action.word(), markdown_code(&c.address.to_string()))
        });
    }
    let drift = outline::drift(plan);
    if !drift.is_empty() {
        let were = if drift.len() == 1 { "was" } else { "were" };
        let resources = count(drift.len(), "resource");
        text.push_str(&format!("\n> [!WARNING]\n> **Drift:** {resources} {were} changed at the gateway by hand; this plan puts that right.\n\n"));
        let room = TOP_MAX.saturating_sub(text.len());
        list(&mut text, &drift, room, |c| {
            format!("{}: {}", markdown_code(&c.address.to_string()), c.reason.phrase())
        });
    }
    text
}

/// A name that heads something is never long.
fn short(name: &str) -> &str {
    name.char_indices().nth(80).map_or(name, |(end, _)| &name[..end])
}

/// Kinds against actions.
fn table(sections: &[Section<'_>]) -> String {
    let mut counts: Vec<(Kind, [usize; 8])> = Vec::new();
    for section in sections {
        if counts.last().is_none_or(|(kind, _)| *kind != section.kind) {
            counts.push((section.kind, [0; 8]));
        }
        let Some((_, row)) = counts.last_mut() else { continue };
        for (i, action) in Action::ALL.into_iter().enumerate() {
            row[i] +=
                section.rows.iter().filter(|r| r.action == action).map(|r| r.members.len()).sum::<usize>();
        }
    }
    let used: Vec<usize> = (0..8).filter(|i| counts.iter().any(|(_, row)| row[*i] > 0)).collect();
    let heads: Vec<_> = used.iter().map(|i| Action::ALL[*i].word()).collect();
    let mut text = format!("| | {} |\n|---|{}\n", heads.join(" | "), "--:|".repeat(used.len()));
    for (kind, row) in counts {
        let cells: Vec<_> =
            used.iter().map(|i| if row[*i] == 0 { String::new() } else { row[*i].to_string() }).collect();
        text.push_str(&format!("| {} | {} |\n", kind.name(), cells.join(" | ")));
    }
    text
}

/// A list in at most `room` bytes.
fn list(text: &mut String, changes: &[&Change], room: usize, line: impl Fn(&Change) -> String) {
    let end = text.len() + room.saturating_sub(100);
    for (index, change) in changes.iter().enumerate() {
        let line = line(change);
        if text.len() + line.len() + 3 > end || index >= 100 {
            text.push_str(&format!("- … and {} more\n", changes.len() - index));
            return;
        }
        text.push_str(&format!("- {line}\n"));
    }
}

/// The sections, each with a fair share of `room`.
fn details(text: &mut String, sections: &[Section<'_>], room: usize) {
    const LEFT_OUT: usize = 200;
    text.push('\n');
    let end = text.len() + room.saturating_sub(LEFT_OUT + 1);
    // Each section is drawn alone with all the room there is, to learn how much it wants.
    let heads: Vec<String> = sections.iter().map(section::head).collect();
    let least: Vec<usize> = heads.iter().map(|h| h.len() + section::FRAME).collect();
    let room = end.saturating_sub(text.len());
    let mut taken = 0;
    let fitting = least
        .iter()
        .take_while(|n| {
            taken += **n;
            taken <= room
        })
        .count();
    let wants: Vec<usize> = sections.iter().take(fitting).map(|s| section::body(s, room).len()).collect();
    let heads_of_fitting: usize = least.iter().take(fitting).sum();
    let share = fair_share(&wants, room.saturating_sub(heads_of_fitting));
    for (index, section) in sections.iter().take(fitting).enumerate() {
        section::write(text, &heads[index], &section::body(section, wants[index].min(share)));
    }
    if fitting < sections.len() {
        let changes: usize = sections.iter().skip(fitting).map(Section::len).sum();
        text.push_str(&format!(
            "\n*… and {} in {}: {SEE_ALL}.*\n",
            count(changes, "more change"),
            count(sections.len() - fitting, "section")
        ));
    }
}

/// The most that each may take so that all together take at most `room`: who wants less leaves the rest to others.
fn fair_share(wants: &[usize], room: usize) -> usize {
    let mut sorted = wants.to_vec();
    sorted.sort_unstable();
    let mut left = room;
    for (index, want) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - index);
        if *want > share {
            return share;
        }
        left -= want;
    }
    usize::MAX
}

/// Notes and gaps, folded away.
fn tail(plan: &Plan, room: usize) -> String {
    let remarks = outline::remarks(plan);
    if remarks.is_empty() && plan.gaps.is_empty() {
        return String::new();
    }
    let mut lines: Vec<String> = plan
        .gaps
        .iter()
        .map(|gap| {
            format!(
                "**not readable:** {}: {}",
                markdown_code(format!("{} {}", gap.address, gap.field).trim()),
                markdown(&gap.reason)
            )
        })
        .collect();
    for remark in remarks {
        let about = match remark.about.as_slice() {
            [] => String::new(),
            [one] => format!("{}: ", markdown_code(&one.to_string())),
            [first, rest @ ..] => format!("{} and {} more: ", markdown_code(&first.to_string()), rest.len()),
        };
        lines.push(format!("{about}{}", markdown(remark.message)));
    }
    let title = match (plan.gaps.len(), lines.len() - plan.gaps.len()) {
        (0, notes) => count(notes, "note"),
        (gaps, notes) => format!("{}, {}", count(gaps, "gap"), count(notes, "note")),
    };
    let mut text = format!("\n<details><summary>{title}</summary>\n\n");
    for (index, line) in lines.iter().enumerate() {
        if text.len() + line.len() + 120 > room {
            text.push_str(&format!("- … and {} more: {SEE_ALL}\n", lines.len() - index));
            break;
        }
        text.push_str(&format!("- {line}\n"));
    }
    text.push_str("\n</details>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::fair_share;

    #[test]
    fn who_wants_less_leaves_the_rest_to_others() {
        assert_eq!(fair_share(&[10, 20, 30], 60), usize::MAX);
        assert_eq!(fair_share(&[10, 100, 100], 110), 50);
        assert_eq!(fair_share(&[100, 100], 0), 0);
    }
}
