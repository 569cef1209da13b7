//! Generated files are what the code says. `UPDATE_GENERATED=1 cargo test --test it generated` rewrites them.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]

use std::fs;
use std::path::Path;

use apigctl::{capabilities, schema};
use serde_json::{Value, json};

#[test]
fn schemas_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let mut files = schema::files();
    files.extend(capabilities::files());
    if std::env::var_os("UPDATE_GENERATED").is_some_and(|v| v == "1") {
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in &files {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let mut stale: Vec<String> = files
        .iter()
        .filter(|(name, text)| fs::read_to_string(folder.join(name)).ok().as_ref() != Some(text))
        .map(|(name, _)| format!("{name} is out of date"))
        .collect();
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !files.iter().any(|(known, _)| *known == name) {
            stale.push(format!("{name} belongs to no kind: remove it"));
        }
    }
    assert!(
        stale.is_empty(),
        "schemas/: {}\nrewrite them with: UPDATE_GENERATED=1 cargo test --test it generated",
        stale.join("; ")
    );
}

/// Calls `f` with the path and schema of each field of `schema`.
fn each_field(path: &str, schema: &Value, f: &mut dyn FnMut(&str, &Value)) {
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        f(&path, field);
        each_field(&path, field, f);
    }
    for key in ["items", "additionalProperties"] {
        if schema[key].is_object() {
            each_field(&format!("{path}[]"), &schema[key], f);
        }
    }
}

#[test]
fn every_field_of_every_document_is_described() {
    let mut bare = Vec::new();
    for def in schema::documents() {
        let schema = schema::kind_schema(def.kind).unwrap();
        each_field(def.kind.name(), &schema, &mut |path, field| {
            if field["description"].as_str().unwrap_or_default().len() < 4 {
                bare.push(path.to_owned());
            }
        });
    }
    assert!(bare.is_empty(), "no doc comment on {}", bare.join(", "));
}

#[test]
fn every_object_is_closed_and_nothing_may_be_null() {
    for def in schema::documents() {
        let schema = schema::kind_schema(def.kind).unwrap();
        let text = schema.to_string();
        for word in ["\"null\"", "uint", "int64", "\"default\":null", "oneOf\":[", "anyOf\":["] {
            assert!(!text.contains(word), "{}: {word}", def.kind);
        }
        each_field(def.kind.name(), &schema, &mut |path, field| {
            if field["type"] == "object" {
                assert!(!field["additionalProperties"].is_null(), "{path} is open");
            }
        });
    }
}

fn document(kind: &str, metadata: Value, spec: Value) -> Value {
    json!({ "apiVersion": "apigctl/v1", "kind": kind, "metadata": metadata, "spec": spec })
}

#[test]
fn the_schema_of_any_document_follows_its_kind() {
    let validator = jsonschema::draft7::new(&schema::document_schema()).unwrap();
    let limits = json!({ "per": "1s", "limits": { "api": 800 } });
    let good = [
        document("Throttle", json!({ "name": "gold" }), limits.clone()),
        document("Group", json!({ "name": "g" }), json!({})),
        document("Variable", json!({ "name": "v", "group": "g" }), json!({ "values": { "TEST": "x" } })),
        json!({ "apiVersion": "apigctl/v1", "kind": "Throttle", "metadata": { "name": "t", "external": true } }),
        json!({ "apiVersion": "apigctl/v1", "kind": "Group", "metadata": { "name": "g", "dependsOn": ["Throttle/t"] } }),
    ];
    for instance in &good {
        assert!(validator.is_valid(instance), "{instance}");
    }
    let bad = [
        document("Throtle", json!({ "name": "gold" }), limits.clone()),
        document("Throttle", json!({ "name": "gold", "group": "g" }), limits.clone()),
        document("Throttle", json!({ "name": "gold" }), json!({ "per": "1 week", "limits": { "api": 800 } })),
        document("Throttle", json!({ "name": "gold" }), json!({ "per": "1s" })),
        document("Group", json!({ "name": "gold" }), limits),
        document("Variable", json!({ "name": "v" }), json!({ "values": {} })),
        json!({ "apiVersion": "apigctl/v1", "kind": "Throttle", "metadata": { "name": "t" } }),
        json!({ "apiVersion": "apigctl/v1", "kind": "Throttle", "metadata": { "name": "t", "external": false } }),
        json!({ "apiVersion": "apigctl/v2", "kind": "Group", "metadata": { "name": "g" }, "spec": {} }),
    ];
    for instance in &bad {
        assert!(!validator.is_valid(instance), "{instance}");
    }
}

#[test]
fn the_table_of_capabilities_in_the_readme_is_up_to_date() {
    const MARKS: (&str, &str) = ("<!-- capabilities -->\n", "<!-- end of capabilities -->");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(MARKS.0).unwrap();
    let (table, after) = rest.split_once(MARKS.1).unwrap();
    let wanted = format!("\n{}\n", capabilities::summary());
    if std::env::var_os("UPDATE_GENERATED").is_some_and(|v| v == "1") && table != wanted {
        fs::write(&path, format!("{before}{}{wanted}{}{after}", MARKS.0, MARKS.1)).unwrap();
        return;
    }
    assert_eq!(table, wanted, "rewrite it with: UPDATE_GENERATED=1 cargo test --test it generated");
}
