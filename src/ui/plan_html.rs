//! A plan as one page: self-contained, without scripts, light or dark as the reader prefers.

use std::io::{self, Write};

use super::escape::xml;
use super::outline::{self, Row, Section};
use super::{count, fields, sign};
use crate::diff::FieldChange;
use crate::plan::{Action, Change, Plan};

const STYLE: &str = include_str!("plan.css");
/// Sections with more rows than this start folded.
const OPEN_ROWS: usize = 40;

/// Writes a plan as an HTML page.
///
/// # Errors
///
/// When the writer fails.
pub fn plan(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    let out = &mut io::BufWriter::new(out);
    let name = xml(&plan.target.name);
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    // Should an escape ever fail: nothing loads, nothing runs.
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(out, "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Plan for {name}</title>")?;
    writeln!(out, "<style>\n{STYLE}</style>\n</head>\n<body>\n<main>")?;
    header(out, plan)?;
    alerts(out, plan)?;
    for section in &outline::outline(plan) {
        self::section(out, section)?;
    }
    notes(out, plan)?;
    steps(out, plan)?;
    writeln!(out, "<footer>apigctl {}</footer>\n</main>\n</body>\n</html>", env!("CARGO_PKG_VERSION"))?;
    out.flush()
}

fn header(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    let target = &plan.target;
    writeln!(out, "<header>\n<h1>Plan for <em>{}</em></h1>\n<dl>", xml(&target.name))?;
    let fixed = [("provider", &target.provider), ("endpoint", &target.endpoint)];
    let scope = target.scope.iter().map(|(key, value)| (key.as_str(), value));
    for (key, value) in fixed.into_iter().chain(scope).filter(|(_, value)| !value.is_empty()) {
        writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", xml(key), xml(value))?;
    }
    writeln!(out, "</dl>\n</header>")?;
    if plan.is_empty() {
        let are = if plan.unchanged == 1 { "is as it" } else { "are as they" };
        return writeln!(
            out,
            "<p class=\"good\">Nothing to do: {} {are} should be.</p>",
            count(plan.unchanged, "resource")
        );
    }
    writeln!(out, "<ul class=\"tiles\">")?;
    for (action, n) in crate::plan::summary(&plan.changes) {
        let class = class(action);
        writeln!(out, "<li class=\"{class}\"><b>{n}</b> to {}</li>", action.word())?;
    }
    writeln!(out, "<li><b>{}</b> unchanged</li>", plan.unchanged)?;
    writeln!(out, "</ul>\n<p class=\"calls\">Calls: {}.</p>", outline::calls(plan))
}

fn class(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Publish | Action::Switch | Action::Bind => "live",
        Action::Delete | Action::Unpublish | Action::Unbind => "gone",
    }
}

fn alerts(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    let gone = outline::destructive(plan);
    if !gone.is_empty() {
        let title = format!("Destructive: this plan {}", outline::what_goes(&gone));
        alert(out, "danger", &title, &gone, |c| {
            format!("{} <code>{}</code>", c.action.word(), xml(&c.address.to_string()))
        })?;
    }
    let drift = outline::drift(plan);
    if !drift.is_empty() {
        let were = if drift.len() == 1 { "was" } else { "were" };
        let resources = count(drift.len(), "resource");
        let title =
            format!("Drift: {resources} {were} changed at the gateway by hand; this plan puts that right");
        alert(out, "drift", &title, &drift, |c| {
            format!("<code>{}</code> {}", xml(&c.address.to_string()), xml(c.reason.phrase()))
        })?;
    }
    Ok(())
}

fn alert(
    out: &mut dyn Write,
    class: &str,
    title: &str,
    changes: &[&Change],
    line: impl Fn(&Change) -> String,
) -> io::Result<()> {
    let open = if changes.len() <= OPEN_ROWS { " open" } else { "" };
    writeln!(out, "<details class=\"alert {class}\"{open}><summary>{}</summary>\n<ul>", xml(title))?;
    for change in changes {
        writeln!(out, "<li>{}</li>", line(change))?;
    }
    writeln!(out, "</ul>\n</details>")
}

fn section(out: &mut dyn Write, section: &Section<'_>) -> io::Result<()> {
    let open = if section.rows.len() <= OPEN_ROWS { " open" } else { "" };
    let title = xml(&section.title());
    writeln!(
        out,
        "<details class=\"section\"{open}><summary><h2>{title}</h2> <span>{}</span></summary>",
        section.counts()
    )?;
    for row in &section.rows {
        self::row(out, row, section)?;
    }
    writeln!(out, "</details>")
}

fn row(out: &mut dyn Write, row: &Row<'_>, section: &Section<'_>) -> io::Result<()> {
    let what = match (row.link.is_empty(), row.members.as_slice()) {
        (true, [one]) => outline::name(one, section.group.is_some()),
        (true, many) => count(many.len(), section.kind.def().noun),
        (false, [one]) => format!("{}: {}/{}", row.link, one.address.part(0), one.address.part(1)),
        (false, many) => format!("{}: {}", row.link, count(many.len(), "API")),
    };
    let drift = if row.reason.is_drift() { " hand" } else { "" };
    writeln!(out, "<article class=\"{}\">", class(row.action))?;
    write!(
        out,
        "<p><i>{}</i><b>{}</b> <span class=\"word\">{}</span>",
        xml(sign(row.action)),
        xml(&what),
        row.action.word()
    )?;
    write!(out, "<span class=\"why{drift}\">{}</span>", xml(row.reason.phrase()))?;
    if let [Change { source: Some(source), .. }] = row.members.as_slice() {
        write!(out, "<code class=\"source\">{}</code>", xml(source))?;
    }
    writeln!(out, "</p>")?;
    if row.members.len() > 1 {
        members(out, row)?;
    }
    let made = row.action != Action::Update
        && row.members.len() == 1
        && row.link.is_empty()
        && row.fields.is_empty();
    match row.members.first() {
        Some(one) if made && (one.before.is_none() || one.after.is_none()) => {
            let fields = fields::of(one);
            if !fields.is_empty() {
                writeln!(out, "<details><summary>{}</summary>", count(fields.len(), "field"))?;
                table(out, &fields)?;
                writeln!(out, "</details>")?;
            }
        }
        _ => table(out, &row.fields)?,
    }
    let changed = row.action == Action::Update;
    if changed && row.members[0].before.is_none() {
        writeln!(out, "<p class=\"why\">what it is now was not read, only that it differs</p>")?;
    }
    let along = row.takes_along();
    if !along.is_empty() {
        let list: Vec<_> = along.iter().map(|a| format!("<code>{}</code>", xml(&a.to_string()))).collect();
        writeln!(out, "<p class=\"along\">takes along: {}</p>", list.join(", "))?;
    }
    writeln!(out, "</article>")
}

fn members(out: &mut dyn Write, row: &Row<'_>) -> io::Result<()> {
    for (group, names) in row.by_group() {
        let link = !row.link.is_empty();
        let names: Vec<String> =
            if link { names } else { row.members.iter().map(|c| c.address.name()).collect() };
        let open = if names.len() <= 12 { " open" } else { "" };
        let title =
            if link { format!("{} {}", xml(&group), names.len()) } else { count(names.len(), "name") };
        let names: Vec<_> = names.iter().map(|n| format!("<code>{}</code>", xml(n))).collect();
        writeln!(
            out,
            "<details class=\"names\"{open}><summary>{title}</summary><p>{}</p></details>",
            names.join(" ")
        )?;
        if !link {
            break;
        }
    }
    Ok(())
}

fn table(out: &mut dyn Write, fields: &[FieldChange]) -> io::Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    writeln!(out, "<div class=\"scroll\"><table>")?;
    for field in fields {
        write!(out, "<tr><th>{}</th><td>", xml(&field.path))?;
        if let Some(lines) = fields::lines(field, 90) {
            write!(out, "<pre>")?;
            for line in &lines {
                let class = match line.sign {
                    '-' => "old",
                    '+' => "new",
                    _ => "same",
                };
                write!(out, "<span class=\"{class}\">{} ", line.sign)?;
                for (marked, text) in &line.parts {
                    let text = xml(text);
                    if *marked { write!(out, "<mark>{text}</mark>")? } else { write!(out, "{text}")? }
                }
                write!(out, "</span>")?;
            }
            write!(out, "</pre>")?;
        } else {
            let side = |value: Option<&serde_json::Value>| xml(&fields::side(value));
            let old = side(field.before.as_ref());
            let new = side(field.after.as_ref());
            write!(
                out,
                "<code class=\"old\">{old}</code> <span class=\"to\">→</span> <code class=\"new\">{new}</code>"
            )?;
        }
        writeln!(out, "</td></tr>")?;
    }
    writeln!(out, "</table></div>")
}

fn notes(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    let remarks = outline::remarks(plan);
    if remarks.is_empty() && plan.gaps.is_empty() {
        return Ok(());
    }
    let total = count(remarks.len() + plan.gaps.len(), "note");
    writeln!(
        out,
        "<details class=\"section\" open><summary><h2>Left alone, and other notes</h2> <span>{total}</span></summary>\n<ul>"
    )?;
    for gap in &plan.gaps {
        let (address, field) = (xml(&gap.address.to_string()), xml(&gap.field));
        writeln!(out, "<li><b>not readable</b> <code>{address}</code> {field} {}</li>", xml(&gap.reason))?;
    }
    for remark in remarks {
        write!(out, "<li>{} <span class=\"why\">{}</span>", xml(remark.message), xml(remark.code))?;
        let list: Vec<_> =
            remark.about.iter().map(|a| format!("<code>{}</code>", xml(&a.to_string()))).collect();
        match list.len() {
            0 => {}
            1..=3 => write!(out, "<br>{}", list.join(" "))?,
            n => write!(
                out,
                "<details class=\"names\"><summary>{n} resources</summary><p>{}</p></details>",
                list.join(" ")
            )?,
        }
        writeln!(out, "</li>")?;
    }
    writeln!(out, "</ul>\n</details>")
}

fn steps(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    if plan.steps.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<details class=\"section\"><summary><h2>Calls</h2> <span>{}</span></summary>\n<ol>",
        plan.calls()
    )?;
    for step in &plan.steps {
        let first = step.items.first().and_then(|item| plan.changes.get(item.change));
        let first = first.map(|c| xml(&c.address.to_string())).unwrap_or_default();
        let more =
            if step.items.len() > 1 { format!(" and {} more", step.items.len() - 1) } else { String::new() };
        let (method, path) = (xml(&step.call.method), xml(&step.call.path));
        write!(out, "<li><code>{method} {path}</code>")?;
        for then in step.reply.calls() {
            write!(out, ", then <code>{} {}</code>", xml(&then.method), xml(&then.path))?;
        }
        writeln!(out, " <span class=\"why\">{first}{more}</span></li>")?;
    }
    writeln!(out, "</ol>\n</details>")
}
