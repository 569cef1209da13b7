//! The JSON Schemas of manifests: one for a document of any kind, one per kind. Editors, CI and `explain` read them.
//!
//! Everything is a loop over [`crate::kinds::ALL`]: doc comments of the spec types are the manual, their attributes the
//! rules. [`files`] is what stands in `schemas/`; `tests/generated.rs` keeps it true.
//!
//! Invariant: a schema is self-contained draft-07 that `ajv --strict=true` accepts (but for the editors' description
//! keywords), and every object in it that is ours is closed.

mod envelope;
mod field;
mod tidy;
mod variables;

pub use envelope::API_VERSION;
pub use field::{Field, first_sentence, paragraphs};

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::kind::{Form, Kind, KindDef};
use crate::kinds::ALL;

/// The name of the file with the schema of a document of any kind.
pub const DOCUMENT_FILE: &str = "apigctl.schema.json";

/// A schema besides those of the kinds, such as the project file's.
#[derive(Debug)]
pub struct Extra {
    /// The file is `{name}.schema.json`.
    pub name: &'static str,
    /// What the file that it describes is called.
    pub title: &'static str,
    /// Its schema.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// The schemas besides those of the kinds.
pub static EXTRAS: &[Extra] = &[Extra {
    name: "project",
    title: "apigctl project file",
    schema: |generator| generator.subschema_for::<crate::project::ProjectFile>(),
}];

/// The kinds that are written in manifests, in the order of [`ALL`].
pub fn documents() -> impl Iterator<Item = &'static KindDef> {
    ALL.iter().copied().filter(|def| def.form == Form::Document && def.schema.is_some())
}

/// The schema of a document of any kind, which follows `kind`.
#[must_use]
pub fn document_schema() -> Value {
    let specs: Vec<_> = documents().filter_map(|def| Some((def, spec_schema(def)?))).collect();
    variables::allowed(tidy::finish(envelope::any(&specs), "document", "A document of an apigctl manifest"))
}

/// The schema of a document of one kind; `None` for a kind that is not written in manifests.
#[must_use]
pub fn kind_schema(kind: Kind) -> Option<Value> {
    let def = kind.def();
    let spec = spec_schema(def)?;
    let name = def.kind.name();
    Some(tidy::finish(envelope::one(def, spec), &name.to_lowercase(), name))
}

/// The schema of a document of one kind as it stands in a file, where variables may stand for values.
#[must_use]
pub fn file_schema(kind: Kind) -> Option<Value> {
    kind_schema(kind).map(variables::allowed)
}

/// Every generated file: its name in `schemas/`, and its text.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    let kinds = documents().filter_map(|def| Some((def.kind.name().to_lowercase(), file_schema(def.kind)?)));
    let extras = EXTRAS.iter().map(|extra| {
        let schema = Value::Object(generate(extra.schema));
        (extra.name.to_owned(), tidy::finish(schema, extra.name, extra.title))
    });
    let plan = std::iter::once(("plan".to_owned(), crate::ui::plan_json::schema()));
    std::iter::once((DOCUMENT_FILE.to_owned(), document_schema()))
        .chain(kinds.chain(extras).chain(plan).map(|(name, schema)| (format!("{name}.schema.json"), schema)))
        .map(|(name, schema)| (name, text(&schema)))
        .collect()
}

/// The schema as it stands in a file: indented, with a newline at its end.
#[must_use]
pub fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

fn spec_schema(def: &KindDef) -> Option<Map<String, Value>> {
    def.schema.map(generate)
}

fn generate(schema: fn(&mut SchemaGenerator) -> Schema) -> Map<String, Value> {
    let mut generator = SchemaSettings::draft07().for_deserialize().into_generator();
    let root = schema(&mut generator);
    let definitions = generator.take_definitions(true);
    tidy::inline(root.as_object().cloned().unwrap_or_default(), &definitions)
}
