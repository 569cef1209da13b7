//! Which gateway can take what of manifests: kind by field by vendor, with the reason for every no. Made of the kinds'
//! schemas and the vendors' [`Lack`]s, so that it says what a plan would.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::kind::Kind;
use crate::provider::support::Lack;
use crate::provider::{VENDORS, Vendor};
use crate::schema;

/// One field of a kind, or with an empty field the kind as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The kind.
    pub kind: Kind,
    /// The field of its `spec`, as `parameters[].default`.
    pub field: String,
    /// What each vendor lacks of it, in the order of [`VENDORS`]; none: nothing.
    pub cells: Vec<Option<Lack>>,
}

/// The fields of a kind that have no fields of their own, as `parameters[].default`.
#[must_use]
pub fn fields(kind: Kind) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Some(schema) = schema::kind_schema(kind) {
        leaves("", &schema["properties"]["spec"], &mut found);
    }
    found.remove("");
    found
}

fn leaves(path: &str, schema: &Value, found: &mut BTreeSet<String>) {
    let mut inner = false;
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        inner = true;
        leaves(&if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, field, found);
    }
    for key in ["items", "additionalProperties"] {
        if schema[key].is_object() {
            inner = true;
            leaves(&format!("{path}[]"), &schema[key], found);
        }
    }
    if !inner {
        found.insert(path.to_owned());
    }
}

/// What a vendor lacks of a field, or of all it stands in.
#[must_use]
pub fn lack(vendor: &Vendor, kind: Kind, field: &str) -> Option<Lack> {
    let within = |lack: &&Lack| {
        lack.kind == kind
            && (lack.field.is_empty()
                || field
                    .strip_prefix(lack.field)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])))
    };
    // What lacks as a whole says more than a part of it.
    vendor.lacks.iter().filter(within).min_by_key(|lack| lack.field.len()).copied()
}

/// The whole table, each kind followed by its fields.
#[must_use]
pub fn rows() -> Vec<Row> {
    let row = |kind: Kind, field: String| {
        let cells = VENDORS.iter().map(|vendor| lack(vendor, kind, &field)).collect();
        Row { kind, field, cells }
    };
    let mut rows = Vec::new();
    for def in schema::documents() {
        rows.push(row(def.kind, String::new()));
        rows.extend(fields(def.kind).into_iter().map(|field| row(def.kind, field)));
    }
    rows
}

/// The word of a cell.
fn word(cell: Option<&Lack>) -> String {
    match cell {
        None => "yes".to_owned(),
        Some(lack) if lack.only.is_empty() => "no".to_owned(),
        Some(lack) => format!("only {}", lack.only.join(", ")),
    }
}

/// The files in `schemas/`: the table as data and as a page.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    vec![("capabilities.json".to_owned(), format!("{:#}\n", data())), ("capabilities.md".to_owned(), page())]
}

fn data() -> Value {
    let cell = |lack: &Option<Lack>| match lack {
        None => json!({ "can": true }),
        Some(lack) => {
            let mut cell = json!({ "can": !lack.only.is_empty(), "reason": lack.reason });
            if !lack.only.is_empty() {
                cell["only"] = lack.only.into();
            }
            if !lack.nearest.is_empty() {
                cell["nearest"] = lack.nearest.into();
            }
            if lack.lossy {
                cell["mayBeLeftOut"] = true.into();
            }
            cell
        }
    };
    let row = |row: Row| {
        let cells = VENDORS.iter().zip(&row.cells).map(|(vendor, lack)| (vendor.name.to_owned(), cell(lack)));
        let cells: serde_json::Map<String, Value> = cells.collect();
        json!({ "kind": row.kind.name(), "field": row.field, "on": cells })
    };
    rows().into_iter().map(row).collect()
}

fn heading(out: &mut String, first: &str) {
    let names: Vec<&str> = VENDORS.iter().map(|vendor| vendor.name).collect();
    writeln!(out, "| {first} | {} |", names.join(" | ")).ok();
    writeln!(out, "| --- |{}", " --- |".repeat(names.len())).ok();
}

/// Kind by vendor: how many of its fields each can take.
#[must_use]
pub fn summary() -> String {
    let mut out = String::new();
    heading(&mut out, "kind");
    let rows = rows();
    for whole in rows.iter().filter(|row| row.field.is_empty()) {
        let fields: Vec<&Row> =
            rows.iter().filter(|row| row.kind == whole.kind && !row.field.is_empty()).collect();
        let cells = (0..VENDORS.len()).map(|i| {
            let lacking = fields.iter().filter(|row| row.cells[i].is_some()).count();
            match (&whole.cells[i], lacking) {
                (Some(_), _) => "no".to_owned(),
                (None, 0) => "yes".to_owned(),
                (None, lacking) => format!("{} of {} fields", fields.len() - lacking, fields.len()),
            }
        });
        let cells: Vec<String> = cells.collect();
        writeln!(out, "| `{}` | {} |", whole.kind.name(), cells.join(" | ")).ok();
    }
    out
}

fn page() -> String {
    let mut out = String::from(
        "# What each gateway can take\n\nGenerated from the descriptors of kinds and providers. A field with a `no` or an `only` is a problem of\n`apigctl validate` and `apigctl plan`; numbers lead to the reasons below.\n",
    );
    let mut reasons: Vec<String> = Vec::new();
    let rows = rows();
    for def in schema::documents() {
        write!(out, "\n## {}\n\n", def.kind.name()).ok();
        heading(&mut out, "field");
        for row in rows.iter().filter(|row| row.kind == def.kind) {
            let cells: Vec<String> =
                row.cells.iter().map(|cell| numbered(cell.as_ref(), &mut reasons)).collect();
            let field =
                if row.field.is_empty() { "(the kind)".to_owned() } else { format!("`{}`", row.field) };
            writeln!(out, "| {field} | {} |", cells.join(" | ")).ok();
        }
    }
    out.push_str("\n## Reasons\n\n");
    for (i, reason) in reasons.iter().enumerate() {
        writeln!(out, "{}. {reason}", i + 1).ok();
    }
    out
}

fn numbered(cell: Option<&Lack>, reasons: &mut Vec<String>) -> String {
    let Some(lack) = cell else { return word(cell) };
    let mut reason = capital(lack.reason);
    if !lack.nearest.is_empty() {
        write!(reason, ". Nearest: {}", lack.nearest).ok();
    }
    if lack.lossy {
        reason.push_str(". May be left out (`--allow-lossy`)");
    }
    reason.push('.');
    let at = reasons.iter().position(|known| *known == reason).unwrap_or_else(|| {
        reasons.push(reason);
        reasons.len() - 1
    });
    format!("{} ({})", word(cell), at + 1)
}

fn capital(sentence: &str) -> String {
    let mut rest = sentence.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Form;
    use crate::kinds::ALL;

    #[test]
    fn every_lack_is_of_a_field_that_there_is() {
        for vendor in VENDORS {
            for lack in vendor.lacks {
                let def = ALL.iter().find(|def| def.kind == lack.kind).unwrap();
                assert_eq!(def.form, Form::Document, "{}: {lack:?}", vendor.name);
                let is_part = |field: &String| {
                    field
                        .strip_prefix(lack.field)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                };
                let known = lack.field.is_empty() || fields(lack.kind).iter().any(is_part);
                assert!(known, "{}: {} has no field `{}`", vendor.name, lack.kind, lack.field);
                assert!(!lack.reason.ends_with('.'), "{lack:?}");
            }
        }
    }

    /// A document that is left out must not be missed by one that stays.
    #[test]
    fn what_names_a_kind_that_may_be_left_out_may_be_left_out_too() {
        for vendor in VENDORS {
            let whole = vendor.lacks.iter().filter(|lack| lack.lossy && lack.field.is_empty());
            for kind in whole.map(|lack| lack.kind) {
                let word = kind.name();
                let field = match kind {
                    Kind::GroupResponse => (Kind::Api, "response"),
                    _ => continue,
                };
                let found = lack(vendor, field.0, field.1);
                assert!(found.is_some_and(|lack| lack.lossy), "{}: {word}", vendor.name);
            }
        }
    }
}
