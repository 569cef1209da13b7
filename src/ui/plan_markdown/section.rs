//! One section of a plan as a folded block with a `diff` fence.

use super::SEE_ALL;
use crate::diff::FieldChange;
use crate::plan::{Action, Reason};
use crate::ui::escape::{markdown, plain};
use crate::ui::outline::{self, Row, Section};
use crate::ui::{count, fields};

/// The bytes around head and body: tags, fences and the line on what was left out.
pub(super) const FRAME: usize = 260;
/// Lines of a text comparison.
const DIFF_SHOWN: usize = 40;
/// Names listed in a row.
const NAMES_SHOWN: usize = 50;
/// Columns of a line.
const COLUMNS: usize = 100;
/// Bytes of a line at most; longer ones are cut.
const LINE_MAX: usize = 400;

/// The summary of a section.
pub(super) fn head(section: &Section<'_>) -> String {
    let title = section.title();
    let title = title.char_indices().nth(100).map_or(title.as_str(), |(end, _)| &title[..end]);
    format!("<b>{}</b>: {}", markdown(title), section.counts())
}

/// Adds a section with its fence, which is longer than any run of backticks inside.
pub(super) fn write(text: &mut String, head: &str, body: &str) {
    let longest = body.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.clamp(2, 60) + 1);
    text.push_str(&format!(
        "<details><summary>{head}</summary>\n\n{fence}diff\n{body}{fence}\n\n</details>\n"
    ));
}

/// The rows of a section in at most `room` bytes, cut between rows.
pub(super) fn body(section: &Section<'_>, room: usize) -> String {
    let mut text = String::new();
    let mut left: usize = section.len();
    for row in &section.rows {
        let row_text = self::row(row, section);
        if text.len() + row_text.len() > room {
            let things = count(left, "change");
            text.push_str(&format!("  … {things} left out: {}\n", SEE_ALL.replace('`', "")));
            break;
        }
        text.push_str(&row_text);
        left -= row.members.len();
    }
    // Runs of backticks that no fence can outgrow are broken up.
    if text.contains(&"`".repeat(60)) { text.replace("```", "'''") } else { text }
}

/// The sign at the start of a line decides its colour.
fn sign(action: Action) -> char {
    match action {
        Action::Create | Action::Publish | Action::Bind => '+',
        Action::Update | Action::Switch => '!',
        Action::Delete | Action::Unpublish | Action::Unbind => '-',
    }
}

fn row(row: &Row<'_>, section: &Section<'_>) -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        let end = line.char_indices().map(|(at, _)| at).take_while(|at| *at <= LINE_MAX).last().unwrap_or(0);
        let line = line.trim_end();
        let cut = if line.len() > LINE_MAX { format!("{}…", &line[..end]) } else { line.to_owned() };
        text.push_str(&cut);
        text.push('\n');
    };
    let what = match (row.link.is_empty(), row.members.as_slice()) {
        (true, [one]) => outline::name(one, section.group.is_some()),
        (true, many) => count(many.len(), section.kind.def().noun),
        (false, [one]) => format!("{}: {}/{}", row.link, one.address.part(0), one.address.part(1)),
        (false, many) => format!("{}: {}", row.link, count(many.len(), "API")),
    };
    let why = if row.reason == Reason::New { String::new() } else { format!("  ({})", row.reason.phrase()) };
    let source = match row.members.as_slice() {
        [one] => one.source.as_deref().map(|s| format!("  {s}")).unwrap_or_default(),
        _ => String::new(),
    };
    line(plain(&format!("{} {} {what}{why}{source}", sign(row.action), row.action.word())).into_owned());
    if row.members.len() > 1 {
        for (group, names) in row.by_group() {
            let in_group = !row.link.is_empty();
            let own = |c: &&crate::plan::Change| c.address.name();
            let names = if in_group { names } else { row.members.iter().map(own).collect() };
            let head = if in_group { format!("{group}: ") } else { String::new() };
            let more = names.len().saturating_sub(NAMES_SHOWN);
            let more = if more > 0 { format!(", … {more} more") } else { String::new() };
            let shown = names.iter().take(NAMES_SHOWN).cloned().collect::<Vec<_>>().join(", ");
            line(plain(&format!("    {head}{shown}{more}")).into_owned());
            if !in_group {
                break;
            }
        }
    }
    let unread = row.action == Action::Update && row.members[0].before.is_none();
    if unread {
        line("    what it is now was not read, only that it differs".into());
    }
    for field in &row.fields {
        self::field(field, &mut line);
    }
    let along: Vec<String> = row.takes_along().iter().map(ToString::to_string).collect();
    if !along.is_empty() {
        line(plain(&format!("-   takes along: {}", along.join(", "))).into_owned());
    }
    text
}

fn field(field: &FieldChange, line: &mut dyn FnMut(String)) {
    let path = plain(&field.path);
    if let Some(lines) = fields::lines(field, COLUMNS) {
        line(format!("    {path}:"));
        for diff in lines.iter().take(DIFF_SHOWN) {
            line(format!("{}     {}", diff.sign, diff.text()));
        }
        if lines.len() > DIFF_SHOWN {
            line(format!("      … {} more lines", lines.len() - DIFF_SHOWN));
        }
        return;
    }
    let side = |value: Option<&serde_json::Value>| fields::side(value);
    line(format!("-     {path}: {}", side(field.before.as_ref())));
    line(format!("+     {path}: {}", side(field.after.as_ref())));
}
