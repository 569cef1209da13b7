//! Problems for programs and editors.

use std::io::{self, Write};

use serde::Serialize;

use super::lines::Lines;
use super::problems::ordered;
use crate::problem::{Problem, Severity, Span};

/// One problem. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Serialize)]
struct ProblemOutput<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Place {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: Place,
}

/// Writes problems as a JSON array.
///
/// # Errors
///
/// When the writer fails.
pub fn problems(out: &mut dyn Write, problems: &[Problem]) -> io::Result<()> {
    let mut lines = Lines::default();
    let rows: Vec<_> = ordered(problems)
        .into_iter()
        .map(|problem| ProblemOutput {
            code: problem.code,
            severity: severity(problem.severity),
            message: &problem.message,
            place: problem.span.as_ref().map(|span| place(span, &mut lines)),
            help: problem.help.as_deref(),
            related: problem
                .related
                .iter()
                .map(|(span, message)| Related { message, place: place(span, &mut lines) })
                .collect(),
        })
        .collect();
    let mut buffered = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut buffered, &rows).map_err(io::Error::from)?;
    writeln!(buffered)?;
    buffered.flush()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn place(span: &Span, lines: &mut Lines) -> Place {
    let at = lines.position(span);
    Place {
        file: span.source.path.display().to_string(),
        line: at.line,
        column: at.column,
        end_line: at.end_line,
        end_column: at.end_column,
    }
}
