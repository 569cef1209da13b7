//! `apigctl explain`: the manual of kinds and their fields, from the same schemas that editors read.

use std::io::{self, Write};

use crate::capabilities;
use crate::kind::{Form, KindDef};
use crate::kinds::ALL;
use crate::problem::did_you_mean;
use crate::provider::{VENDORS, Vendor};
use crate::schema::{self, Field, first_sentence, paragraphs};

mod layout;

use layout::{Row, table, wrap};

/// Explain a kind of document or one of its fields
///
/// `apigctl explain` lists the kinds, `apigctl explain Api` the fields of one, `apigctl explain Api.backend.http` those
/// of a field.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A kind, and where wanted the path of a field in it
    #[arg(value_name = "KIND[.FIELD]")]
    pub topic: Option<String>,
    /// Print the names of all fields, at any depth
    #[arg(long, requires = "topic")]
    pub recursive: bool,
}

/// The width of the text where the terminal's is not known.
pub const DEFAULT_WIDTH: usize = 80;

/// Why `explain` failed.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// There is no such kind.
    #[error("no kind is called `{kind}`")]
    UnknownKind {
        /// What was asked for.
        kind: String,
    },
    /// There is no such field.
    #[error("{} has no field `{field}`", parent)]
    UnknownField {
        /// What was asked for.
        field: String,
        /// The path of the field that was searched.
        parent: String,
        /// The fields there.
        known: Vec<String>,
    },
    /// The output could not be written.
    #[error("failed to write to the output")]
    Output(#[from] io::Error),
}

impl ExplainError {
    /// What to do about it, where known.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let (word, what, known): (_, _, Vec<&str>) = match self {
            Self::UnknownKind { kind } => (kind, "kinds", ALL.iter().map(|def| def.kind.name()).collect()),
            Self::UnknownField { field, known, .. } => {
                (field, "fields", known.iter().map(String::as_str).collect())
            }
            Self::Output(_) => return None,
        };
        if known.is_empty() {
            return Some("it holds a plain value".into());
        }
        let near = did_you_mean(word, known.iter().copied());
        let near = near.map(|name| format!("did you mean `{name}`? ")).unwrap_or_default();
        Some(format!("{near}the {what} are {}", known.join(", ")))
    }
}

/// Writes the manual page of what was asked for, at most `width` characters wide where words allow.
///
/// # Errors
///
/// An unknown kind or field.
pub fn run(args: &Args, width: usize, out: &mut dyn Write) -> Result<(), ExplainError> {
    let Some(topic) = &args.topic else { return Ok(list(width, out)?) };
    let mut steps = topic.split('.').map(|step| step.split_once('[').map_or(step, |(name, _)| name));
    let kind = steps.next().unwrap_or_default();
    let def = ALL
        .iter()
        .find(|def| def.kind.name().eq_ignore_ascii_case(kind))
        .ok_or_else(|| ExplainError::UnknownKind { kind: kind.to_owned() })?;
    let name = def.kind.name();
    let document = schema::kind_schema(def.kind);
    let Some(root) = document.as_ref().and_then(|schema| Field::new(name, true, schema)) else {
        return match steps.next() {
            None => Ok(without_document(def, width, out)?),
            Some(field) => {
                Err(ExplainError::UnknownField { field: field.into(), parent: name.into(), known: vec![] })
            }
        };
    };
    let (field, path) = find(root, steps)?;
    if args.recursive {
        writeln!(out, "{path}")?;
        return Ok(tree(field, 1, out)?);
    }
    Ok(page(field, &path, width, out)?)
}

/// Follows the path; its first step may be a field of the document or of its spec.
fn find<'a, 'b>(
    root: Field<'a>,
    steps: impl Iterator<Item = &'b str>,
) -> Result<(Field<'a>, String), ExplainError> {
    let (mut at, mut path) = (root, root.name.to_owned());
    for (i, step) in steps.enumerate() {
        let mut fields = at.fields();
        if i == 0 && !fields.iter().any(|f| f.name == step) {
            let Some(spec) = fields.into_iter().find(|f| f.name == "spec") else { break };
            path.push_str(".spec");
            fields = spec.fields();
        }
        at = *fields.iter().find(|f| f.name == step).ok_or_else(|| ExplainError::UnknownField {
            field: step.to_owned(),
            parent: path.clone(),
            known: fields.iter().map(|f| f.name.to_owned()).collect(),
        })?;
        path = format!("{path}.{step}");
    }
    Ok((at, path))
}

/// The page of a kind or field.
fn page(field: Field<'_>, path: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let whole = !path.contains('.');
    if whole {
        writeln!(out, "{path}\n")?;
    } else {
        writeln!(out, "{path}  <{}>{}\n", field.type_name(), said(field, "  "))?;
    }
    text(field.description(), width, out)?;
    if !field.limits().is_empty() {
        writeln!(out, "\nLIMITS")?;
        for limit in field.limits() {
            writeln!(out, "  {limit}")?;
        }
    }
    let vendors = gateways(path);
    if !vendors.is_empty() {
        writeln!(out, "\nNOT ON EVERY GATEWAY")?;
        table(&vendors, width, out)?;
    }
    let values = field.values();
    if !values.is_empty() {
        writeln!(out, "\nVALUES")?;
        let rows =
            values.into_iter().map(|(value, meaning)| Row { cells: vec![value], text: meaning.to_owned() });
        table(&rows.collect::<Vec<_>>(), width, out)?;
    }
    // Of a document, the fields of its spec: those around it are the same for every kind.
    let spec = field.fields().into_iter().find(|f| whole && f.name == "spec");
    let parts = if let Some(spec) = spec {
        let around: Vec<_> = field.fields().into_iter().filter(|f| f.name == "metadata").collect();
        [("METADATA", around.iter().flat_map(|f| f.fields()).collect()), ("SPEC", spec.fields())].into()
    } else {
        vec![(if field.is_choice() { "EXACTLY ONE OF" } else { "FIELDS" }, field.fields())]
    };
    for (title, fields) in parts.into_iter().filter(|(_, fields)| !fields.is_empty()) {
        writeln!(out, "\n{title}")?;
        table(&fields.into_iter().map(row).collect::<Vec<_>>(), width, out)?;
    }
    Ok(())
}

/// The vendors that cannot take what `path` leads to, and why.
fn gateways(path: &str) -> Vec<Row> {
    let (kind, field) = path.split_once(".spec.").unwrap_or((path.trim_end_matches(".spec"), ""));
    let Some(def) = ALL.iter().find(|def| def.kind.name() == kind) else { return Vec::new() };
    let wanted = |name: &str| name.replace("[]", "") == field;
    let exact = capabilities::fields(def.kind).into_iter().find(|name| wanted(name));
    let field = exact.unwrap_or_else(|| field.to_owned());
    let lack = |vendor: &&&'static Vendor| capabilities::lack(vendor, def.kind, &field);
    let row = |vendor: &&'static Vendor| {
        let lack = lack(&vendor)?;
        let only =
            if lack.only.is_empty() { String::new() } else { format!("only {}: ", lack.only.join(", ")) };
        Some(Row { cells: vec![vendor.name.to_owned()], text: format!("{only}{}", lack.reason) })
    };
    VENDORS.iter().filter_map(row).collect()
}

fn row(field: Field<'_>) -> Row {
    let cells = vec![field.name.to_owned(), field.type_name(), said(field, "")];
    Row { cells, text: first_sentence(field.description()).to_owned() }
}

/// Whether the field is required, or else its default.
fn said(field: Field<'_>, before: &str) -> String {
    match field.default_value() {
        _ if field.required => format!("{before}required"),
        Some(value) => format!("{before}default {value}"),
        None => String::new(),
    }
}

fn tree(field: Field<'_>, depth: usize, out: &mut dyn Write) -> io::Result<()> {
    for inner in field.fields() {
        let line = format!(
            "{:indent$}{}  <{}>{}",
            "",
            inner.name,
            inner.type_name(),
            said(inner, "  "),
            indent = depth * 2
        );
        writeln!(out, "{line}")?;
        tree(inner, depth + 1, out)?;
    }
    Ok(())
}

fn text(description: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    for (i, paragraph) in paragraphs(description).into_iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        for line in wrap(&paragraph, width) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// The list of all kinds.
fn list(width: usize, out: &mut dyn Write) -> io::Result<()> {
    for (form, title) in [(Form::Document, "WRITTEN IN MANIFESTS"), (Form::Derived, "FOLLOW FROM DOCUMENTS")]
    {
        let rows = ALL.iter().filter(|def| def.form == form).map(|def| {
            let schema = schema::kind_schema(def.kind);
            let field = schema.as_ref().and_then(|schema| Field::new(def.kind.name(), true, schema));
            let about = field.map_or_else(|| summary(def), |f| first_sentence(f.description()).to_owned());
            Row { cells: vec![def.kind.name().to_owned()], text: about }
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            writeln!(out, "{title}")?;
            table(&rows, width, out)?;
            writeln!(out)?;
        }
    }
    text(
        "`apigctl explain KIND` lists the fields of one, `apigctl explain KIND.FIELD` explains a field.",
        width,
        out,
    )
}

fn summary(def: &KindDef) -> String {
    format!("{}, per {}", capital(def.noun), def.key.join(", "))
}

/// The page of a kind that is not written in manifests.
fn without_document(def: &KindDef, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let how = "It is not written in manifests: it follows from documents.";
    writeln!(out, "{}\n", def.kind.name())?;
    text(&format!("{}. {how} Its key is {}.", capital(def.noun), def.key.join(", ")), width, out)
}

fn capital(noun: &str) -> String {
    let mut rest = noun.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

#[cfg(test)]
mod tests;
