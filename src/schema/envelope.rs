//! What is around a spec: `apiVersion`, `kind`, `metadata`.

use serde_json::{Map, Value, json};

use super::first_sentence;
use crate::kind::KindDef;

/// What `apiVersion` says in every document.
pub const API_VERSION: &str = "apigctl/v1";

type Spec = Map<String, Value>;

/// A document of one kind.
pub(super) fn one(def: &KindDef, spec: Spec) -> Value {
    let name = def.kind.name();
    let mut schema =
        frame(json!({ "description": "The kind of the document.", "type": "string", "const": name }));
    schema["description"] = json!(text(&spec));
    schema["properties"]["metadata"] = metadata(def);
    if needs_spec(&spec) {
        schema["allOf"] = json!([spec_unless_external()]);
    }
    schema["properties"]["spec"] = Value::Object(spec);
    schema
}

/// Whether a spec has a field that must be given; a document without one needs no `spec`.
fn needs_spec(spec: &Spec) -> bool {
    spec.get("required").and_then(Value::as_array).is_some_and(|fields| !fields.is_empty())
}

/// A document of any of the kinds.
///
/// The branches constrain `metadata` and `spec` without closing the document again, so that nothing is reported twice;
/// `if` and `then` rather than `oneOf`, so that editors complete and report for the kind that is written.
pub(super) fn any(specs: &[(&'static KindDef, Spec)]) -> Value {
    let names: Vec<_> = specs.iter().map(|(def, _)| def.kind.name()).collect();
    let meanings: Vec<_> = specs.iter().map(|(_, spec)| first_sentence(text(spec)).to_owned()).collect();
    let mut schema = frame(json!({
        "description": "The kind of the document.", "type": "string",
        "enum": names, "markdownEnumDescriptions": meanings,
    }));
    schema["description"] =
        json!("A document of an apigctl manifest. A file may hold many, separated by `---`.");
    let bare: Vec<_> = specs.iter().filter(|(_, s)| !needs_spec(s)).map(|(def, _)| def.kind.name()).collect();
    let mut branches = vec![json!({
        "if": { "properties": { "kind": { "enum": bare } }, "required": ["kind"] },
        "else": spec_unless_external(),
    })];
    let mut definitions = Map::new();
    for (def, spec) in specs {
        let name = def.kind.name();
        branches.push(json!({
            "if": { "properties": { "kind": { "const": name } }, "required": ["kind"] },
            "then": { "properties": { "metadata": metadata(def), "spec": { "$ref": format!("#/definitions/{name}") } } },
        }));
        definitions.insert(name.to_owned(), Value::Object(spec.clone()));
    }
    schema["allOf"] = Value::Array(branches);
    schema["definitions"] = Value::Object(definitions);
    schema
}

fn frame(kind: Value) -> Value {
    json!({
        "type": "object",
        "required": ["apiVersion", "kind", "metadata"],
        "properties": {
            "apiVersion": {
                "description": format!("The version of the manifest language: `{API_VERSION}`."),
                "type": "string", "const": API_VERSION,
            },
            "kind": kind,
            "metadata": { "description": METADATA, "type": "object" },
            "spec": { "description": "What the resource is to be; its fields follow from `kind`.", "type": "object" },
        },
        "additionalProperties": false,
    })
}

const METADATA: &str = "What the resource is called and how it is found.";

fn metadata(def: &KindDef) -> Value {
    let mut fields = json!({
        "name": {
            "description": format!("The name of the {}.", def.noun),
            "type": "string", "minLength": 1,
        },
    });
    let mut required = vec!["name"];
    if def.in_group() {
        fields["group"] = json!({
            "description": format!("The name of the `Group` that the {} belongs to.", def.noun),
            "type": "string", "minLength": 1,
        });
        required.push("group");
    }
    fields["labels"] = json!({
        "description": "Words of your own by which a `Binding` selects; they stay in the manifests.",
        "type": "object", "additionalProperties": { "description": "The label's value.", "type": "string" },
    });
    fields["external"] = json!({
        "description": "Whether someone else manages it: apigctl looks it up by name and never changes it. \
                        Such a document needs no `spec`.",
        "type": "boolean", "default": false,
    });
    fields["protect"] = json!({
        "description": "The resource is not deleted, replaced or taken offline, not even when this document goes: the ledger remembers it. To have it removed all the same, first apply `protect: false`.",
        "type": "boolean", "default": false,
    });
    fields["was"] = json!({
        "description": "The name that it had before: it is renamed instead of being deleted and made anew, where the gateway can.",
        "type": "string", "minLength": 1,
    });
    fields["dependsOn"] = json!({
        "description": "Other documents that must be applied before, as `Kind/name` or `Kind/group/name`, where no field \
                        says so.",
        "type": "array", "items": { "description": "One of them.", "type": "string", "minLength": 1 },
    });
    json!({
        "description": METADATA, "type": "object",
        "required": required, "properties": fields, "additionalProperties": false,
    })
}

fn spec_unless_external() -> Value {
    json!({
        "if": {
            "properties": { "metadata": {
                "type": "object", "properties": { "external": { "const": true } }, "required": ["external"],
            } },
            "required": ["metadata"],
        },
        "else": { "properties": { "spec": true }, "required": ["spec"] },
    })
}

fn text(spec: &Spec) -> &str {
    spec.get("description").and_then(Value::as_str).unwrap_or_default()
}
