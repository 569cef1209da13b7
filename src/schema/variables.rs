//! In a manifest, `${var.name}` may stand in the place of a value of any type: the schemas that editors use allow it.

use serde_json::{Value, json};

/// A use of a variable that is the whole of a value.
const USE: &str = r"^\$\{var\.[A-Za-z][A-Za-z0-9_-]*\}$";

/// Lets variables stand for numbers, switches, lists and texts of a certain form below `spec`. A word out of a few stays as
/// it is: editors would offer the words no more.
#[must_use]
pub(super) fn allowed(mut schema: Value) -> Value {
    specs(&mut schema);
    schema
}

/// Finds every `spec`.
fn specs(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(spec) = map.get_mut("properties").and_then(|p| p.get_mut("spec")) {
                allow(spec);
            }
            // Where a document may be of any kind, the specs stand apart.
            if let Some(Value::Object(definitions)) = map.get_mut("definitions") {
                definitions.values_mut().for_each(allow);
            }
            map.iter_mut()
                .filter(|(key, _)| !matches!(&***key, "spec" | "definitions"))
                .for_each(|(_, value)| specs(value));
        }
        Value::Array(items) => items.iter_mut().for_each(specs),
        _ => {}
    }
}

fn allow(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            for (_, value) in
                map.iter_mut().filter(|(key, _)| !matches!(&***key, "if" | "enum" | "const" | "default"))
            {
                allow(value);
            }
            let words = map.contains_key("enum") || map.contains_key("const");
            match map.get("type").and_then(Value::as_str) {
                // A pattern is about texts, a minimum about numbers: they do not get in each other's way.
                Some(kind @ ("integer" | "number" | "boolean" | "array")) if !words => {
                    map["type"] = json!([kind, "string"]);
                    map.insert("pattern".into(), USE.into());
                }
                Some("string") if !words => {
                    if let Some(pattern) = map.get("pattern").and_then(Value::as_str) {
                        map["pattern"] = json!(format!("(?:{pattern})|{USE}"));
                    }
                }
                _ => {}
            }
        }
        Value::Array(items) => items.iter_mut().for_each(allow),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_may_stand_for_what_is_no_text() {
        let spec = json!({ "type": "object", "properties": {
            "limit": { "type": "integer", "minimum": 1 }, "per": { "type": "string", "pattern": "^[0-9]+s$" },
            "stages": { "type": "array", "items": { "type": "string" } }, "mode": { "type": "string", "enum": ["a"] },
        } });
        let schema = allowed(json!({ "properties": { "kind": { "const": "X" }, "spec": spec } }));
        let validator = jsonschema::draft7::new(&schema).unwrap();
        let fits = |spec: Value| validator.is_valid(&json!({ "kind": "X", "spec": spec }));
        for spec in [
            json!({ "limit": 5, "per": "5s", "stages": ["RELEASE"], "mode": "a" }),
            json!({ "limit": "${var.limit}", "per": "${var.per}", "stages": "${var.stages}" }),
        ] {
            assert!(fits(spec.clone()), "{spec}");
        }
        for spec in
            [json!({ "limit": 0 }), json!({ "limit": "5" }), json!({ "per": "5" }), json!({ "mode": "b" })]
        {
            assert!(!fits(spec.clone()), "{spec}");
        }
    }
}
