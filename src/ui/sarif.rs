//! Problems or a plan as SARIF 2.1.0, for code scanning.
//!
//! Forges show only results that have a place in the repository. What has none (a removal is no longer in the manifests)
//! is placed at the top of the project file.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::fields;
use super::lines::Lines;
use super::problems::ordered;
use crate::plan::{Change, Plan};
use crate::problem::{Problem, Severity, Span};

/// GitHub reads no more results of a run.
const RESULTS_MAX: usize = 25_000;
/// Where results without a place of their own stand.
const PROJECT_FILE: &str = "apigctl.yaml";
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// Writes problems.
///
/// # Errors
///
/// When the writer fails.
pub fn problems(out: &mut dyn Write, problems: &[Problem]) -> io::Result<()> {
    let ids: BTreeSet<&str> = problems.iter().map(|p| p.code).collect();
    let rules: Vec<Value> = ids.iter().map(|id| rule(id, &id.replace('-', " "), "error")).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let mut lines = Lines::default();
    let results =
        ordered(problems).into_iter().take(RESULTS_MAX).map(|p| problem(p, &ids, &mut lines)).collect();
    log(out, rules, results)
}

fn problem(problem: &Problem, ids: &[&str], lines: &mut Lines) -> Value {
    let level = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let help = problem.help.as_ref().map(|h| format!(". {h}")).unwrap_or_default();
    let location = problem.span.as_ref().map_or_else(project_file, |span| location_of(span, lines));
    let related: Vec<Value> = problem
        .related
        .iter()
        .enumerate()
        .map(|(id, (span, label))| {
            let mut place = location_of(span, lines);
            place["id"] = json!(id);
            place["message"] = json!({ "text": label });
            place
        })
        .collect();
    let mut result = json!({
        "ruleId": problem.code,
        "ruleIndex": ids.iter().position(|id| *id == problem.code),
        "level": level,
        "message": { "text": format!("{}{help}", problem.message) },
        "locations": [location],
    });
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    result
}

/// Writes a plan: one result per change. Destructive changes and drift are warnings, the rest are notes.
///
/// # Errors
///
/// When the writer fails.
pub fn plan(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    let ids: BTreeSet<String> = plan.changes.iter().map(rule_id).collect();
    let rules = ids
        .iter()
        .map(|id| {
            let text = format!("Applying the plan does this to a resource: {}", id.replace('/', ", "));
            rule(id, &text, "note")
        })
        .collect();
    let ids: Vec<String> = ids.into_iter().collect();
    // Where a forge cuts the list, it should not cut the dangerous ones.
    let mut changes: Vec<&Change> = plan.changes.iter().collect();
    changes.sort_by_key(|c| !is_warning(c));
    let results = changes.into_iter().take(RESULTS_MAX).map(|c| change(c, &ids)).collect();
    log(out, rules, results)
}

fn is_warning(change: &Change) -> bool {
    change.action.is_destructive() || change.reason.is_drift()
}

fn rule_id(change: &Change) -> String {
    let drift = if change.reason.is_drift() { "/drift" } else { "" };
    format!("plan/{}{drift}", change.action.word())
}

fn change(change: &Change, ids: &[String]) -> Value {
    let id = rule_id(change);
    let mut text = format!("{} {}: {}", change.action.word(), change.address, change.reason.phrase());
    if change.before.is_some() && change.after.is_some() {
        let paths: Vec<_> = fields::of(change).into_iter().map(|f| f.path).collect();
        if !paths.is_empty() {
            let more = if paths.len() > 8 { ", …" } else { "" };
            _ = write!(text, " ({}{more})", paths.iter().take(8).cloned().collect::<Vec<_>>().join(", "));
        }
    }
    if !change.takes_along.is_empty() {
        _ = write!(text, "; takes {} more along", change.takes_along.len());
    }
    let place = change.source.as_deref().and_then(|source| {
        let (file, line) = source.rsplit_once(':')?;
        Some((file, line.parse::<usize>().ok().filter(|n| *n > 0)?))
    });
    let place = place.or_else(|| change.source.as_deref().map(|file| (file, 1)));
    let location = place.map_or_else(project_file, |(file, line)| {
        json!({ "physicalLocation": { "artifactLocation": artifact(file), "region": { "startLine": line } } })
    });
    json!({
        "ruleId": id,
        "ruleIndex": ids.iter().position(|known| *known == id),
        "level": if is_warning(change) { "warning" } else { "note" },
        "message": { "text": text },
        "locations": [location],
        "partialFingerprints": { "apigctlAddress/v1": format!("{} {}", change.action.word(), change.address) },
    })
}

fn rule(id: &str, text: &str, level: &str) -> Value {
    let mut text = text.to_owned();
    if let Some(first) = text.get(..1) {
        text = first.to_uppercase() + &text[1..];
    }
    json!({
        "id": id,
        "shortDescription": { "text": text },
        "fullDescription": { "text": format!("{text}.") },
        "help": { "text": format!("`{id}` is explained in the README of apigctl.") },
        "defaultConfiguration": { "level": level },
    })
}

fn location_of(span: &Span, lines: &mut Lines) -> Value {
    let at = lines.position(span);
    let region = json!({
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    });
    let file = span.source.path.display().to_string();
    json!({ "physicalLocation": { "artifactLocation": artifact(&file), "region": region } })
}

fn project_file() -> Value {
    json!({ "physicalLocation": { "artifactLocation": artifact(PROJECT_FILE), "region": { "startLine": 1 } } })
}

/// A path as a URI: relative to the repository, or of the scheme `file`.
fn artifact(path: &str) -> Value {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => _ = write!(uri, "%{byte:02X}"),
        }
    }
    if uri.starts_with('/') {
        json!({ "uri": format!("file://{uri}") })
    } else {
        json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
    }
}

fn log(out: &mut dyn Write, rules: Vec<Value>, results: Vec<Value>) -> io::Result<()> {
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "apigctl",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                }
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    let mut buffered = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut buffered, &log).map_err(io::Error::from)?;
    writeln!(buffered)?;
    buffered.flush()
}
