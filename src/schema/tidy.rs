//! From what schemars derives to what editors show well.
//!
//! Editors lose descriptions beside a `$ref`, report failures of `oneOf` at the wrong place, and `ajv` refuses formats
//! such as `uint32`. So types are inlined, null branches and integer formats go, documented enums become `enum` with
//! descriptions, and externally tagged enums become closed objects with exactly one key.

use serde_json::{Map, Value, json};

type Object = Map<String, Value>;

/// `schema` without references: each is replaced by its definition.
pub(super) fn inline(schema: Object, definitions: &Object) -> Object {
    Inliner { definitions, inside: Vec::new() }.node(schema)
}

/// The head of a file, descriptions for editors, and keys in one order.
pub(super) fn finish(schema: Value, name: &str, title: &str) -> Value {
    let Value::Object(mut body) = schema else { return schema };
    body.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
    body.insert("$id".into(), json!(format!("urn:apigctl:v1:{name}")));
    body.insert("title".into(), json!(title));
    present(&mut body);
    Value::Object(body)
}

struct Inliner<'a> {
    definitions: &'a Object,
    /// The definitions being inlined, so that a type that contains itself ends.
    inside: Vec<String>,
}

impl Inliner<'_> {
    fn node(&mut self, mut schema: Object) -> Object {
        drop_null(&mut schema);
        if let Some(name) = take_reference(&mut schema) {
            return self.reference(name, schema);
        }
        if schema.get("format").and_then(Value::as_str).is_some_and(is_number_format) {
            schema.remove("format");
        }
        if let Some(Value::Array(branches)) = schema.get("oneOf") {
            let branches: Vec<Object> = branches.iter().filter_map(|b| b.as_object().cloned()).collect();
            if let Some(found) = words(&branches).or_else(|| choice(&branches)) {
                schema.remove("oneOf");
                schema.extend(found);
            }
        }
        for_each_child(&mut schema, |child| {
            let owned = std::mem::take(child);
            *child = self.node(owned);
        });
        schema
    }

    /// The definition `name` with what stands beside the reference laid over it.
    fn reference(&mut self, name: String, beside: Object) -> Object {
        if self.inside.contains(&name) {
            return beside;
        }
        let definition = self.definitions.get(&name).and_then(Value::as_object).cloned().unwrap_or_default();
        self.inside.push(name.clone());
        let mut target = self.node(definition);
        self.inside.pop();
        if target.get("type").is_some_and(|t| t == "object") {
            // An editor says: expected "Secret", instead of the title of the whole file.
            target.insert("title".into(), json!(name.strip_suffix("Spec").unwrap_or(&name)));
        }
        let description = both_descriptions(&beside, &target);
        target.extend(beside);
        target.extend(description.map(|text| ("description".to_owned(), json!(text))));
        target
    }
}

/// What the field says, then what its type says, unless one says it all. Of an enum only the field counts: the meanings
/// of its values stand with them.
fn both_descriptions(field: &Object, target: &Object) -> Option<String> {
    let text = |of: &Object| of.get("description").and_then(Value::as_str).map(str::to_owned);
    let (Some(field), Some(own)) = (text(field), text(target)) else { return None };
    let (short, long) = (field.trim_end_matches('.'), own.trim_end_matches('.'));
    if long.starts_with(short) {
        return Some(own);
    }
    Some(if target.contains_key("enum") || short.starts_with(long) {
        field
    } else {
        format!("{field}\n\n{own}")
    })
}

/// `Option<T>` is `T`: absent says it already.
fn drop_null(schema: &mut Object) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
        branches.retain(|b| b.get("type").is_none_or(|t| t != "null"));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            schema.remove("anyOf");
            schema.extend(only);
        }
    }
    if schema.get("default").is_some_and(|d| d.is_null() || d == &json!([]) || d == &json!({}) || d == "") {
        schema.remove("default");
    }
}

/// Takes `$ref`, or the `allOf` of a single one that draft-07 needs to put a description beside it.
fn take_reference(schema: &mut Object) -> Option<String> {
    let one = match schema.get("allOf") {
        Some(Value::Array(all)) if all.len() == 1 => all[0].get("$ref").cloned(),
        _ => None,
    };
    let reference = match one {
        Some(one) => {
            schema.remove("allOf");
            one
        }
        None => schema.remove("$ref")?,
    };
    Some(reference.as_str()?.strip_prefix("#/definitions/")?.to_owned())
}

fn is_number_format(format: &str) -> bool {
    format.starts_with("int") || format.starts_with("uint") || matches!(format, "float" | "double")
}

/// `oneOf` of words as one `enum` with what each word means.
fn words(branches: &[Object]) -> Option<Object> {
    let (mut values, mut meanings) = (Vec::new(), Vec::new());
    for branch in branches {
        let meaning = branch.get("description").cloned().unwrap_or_else(|| json!(""));
        match (branch.get("const"), branch.get("enum")) {
            (Some(value), _) => values.push(value.clone()),
            (None, Some(Value::Array(several))) => values.extend(several.iter().cloned()),
            _ => return None,
        }
        meanings.resize(values.len(), meaning);
    }
    values
        .iter()
        .all(Value::is_string)
        .then(|| object(json!({ "type": "string", "enum": values, "markdownEnumDescriptions": meanings })))
}

/// `oneOf` of objects with one key each as one closed object with exactly one of the keys.
///
/// Not `maxProperties: 1`: yaml-language-server counts the empty line that it completes, and would offer nothing there.
fn choice(branches: &[Object]) -> Option<Object> {
    let mut properties = Object::new();
    for branch in branches {
        let inner = branch.get("properties")?.as_object().filter(|p| p.len() == 1)?;
        let (key, value) = inner.iter().next()?;
        let mut value = value.as_object()?.clone();
        if let Some(text) = branch.get("description").cloned() {
            let own = value.get("$ref").cloned();
            value.insert("description".into(), text);
            value.extend(own.map(|own| ("$ref".to_owned(), own)));
        }
        properties.insert(key.clone(), Value::Object(value));
    }
    Some(object(json!({
        "type": "object", "properties": properties, "additionalProperties": false,
        "minProperties": 1, "not": { "type": "object", "minProperties": 2 },
    })))
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

/// Calls `f` on each schema directly within `schema`.
fn for_each_child(schema: &mut Object, mut f: impl FnMut(&mut Object)) {
    for (key, value) in schema.iter_mut() {
        match (key.as_str(), value) {
            ("properties" | "definitions" | "patternProperties", Value::Object(named)) => {
                named.values_mut().filter_map(Value::as_object_mut).for_each(&mut f);
            }
            ("items" | "additionalProperties" | "if" | "then" | "else" | "not", Value::Object(child)) => {
                f(child);
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(list)) => {
                list.iter_mut().filter_map(Value::as_object_mut).for_each(&mut f);
            }
            _ => {}
        }
    }
}

/// Joins the lines of descriptions, adds a Markdown twin where one is needed, and orders the keys.
fn present(schema: &mut Object) {
    if let Some(text) = schema.get("description").and_then(Value::as_str).map(super::paragraphs) {
        let text = text.join("\n\n");
        if text.contains(['`', '*', '_']) {
            schema.insert("markdownDescription".into(), json!(text));
        }
        schema.insert("description".into(), json!(text));
    }
    for_each_child(schema, present);
    let mut entries: Vec<_> = std::mem::take(schema).into_iter().collect();
    entries.sort_by_key(|(key, _)| ORDER.iter().position(|k| k == key).unwrap_or(ORDER.len()));
    schema.extend(entries);
}

const ORDER: &[&str] = &[
    "$schema",
    "$id",
    "title",
    "description",
    "markdownDescription",
    "type",
    "const",
    "enum",
    "markdownEnumDescriptions",
    "default",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "required",
    "minProperties",
    "maxProperties",
    "properties",
    "additionalProperties",
    "items",
    "if",
    "then",
    "else",
    "not",
    "allOf",
    "definitions",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn tidied(schema: Value, definitions: Value) -> Value {
        let mut tidied = inline(object(schema), &object(definitions));
        present(&mut tidied);
        Value::Object(tidied)
    }

    #[test]
    fn an_optional_reference_keeps_both_descriptions_and_loses_null() {
        let definitions =
            json!({ "Wait": { "type": "string", "description": "Text such as 5s.", "pattern": "s$" } });
        let field = json!({
            "description": "How long to\nwait.", "default": null,
            "anyOf": [{ "$ref": "#/definitions/Wait" }, { "type": "null" }],
        });
        let wanted = json!({ "description": "How long to wait.\n\nText such as 5s.", "type": "string", "pattern": "s$" });
        assert_eq!(tidied(field, definitions), wanted);
    }

    #[test]
    fn integers_lose_their_format_and_null() {
        let field = json!({ "type": ["integer", "null"], "format": "uint8", "minimum": 0 });
        assert_eq!(tidied(field, json!({})), json!({ "type": "integer", "minimum": 0 }));
    }

    #[test]
    fn words_become_an_enum_with_meanings() {
        let field = json!({ "oneOf": [
            { "const": "a", "description": "First." },
            { "enum": ["b", "c"], "type": "string" },
        ]});
        let wanted = json!({ "type": "string", "enum": ["a", "b", "c"], "markdownEnumDescriptions": ["First.", "", ""] });
        assert_eq!(tidied(field, json!({})), wanted);
    }

    #[test]
    fn a_tagged_enum_becomes_a_closed_object_with_one_key() {
        let field = json!({ "oneOf": [
            { "type": "object", "properties": { "x": { "type": "string" } }, "description": "An x." },
            { "type": "object", "properties": { "y": { "$ref": "#/definitions/Y" } } },
        ]});
        let wanted = json!({
            "type": "object", "minProperties": 1, "not": { "type": "object", "minProperties": 2 },
            "properties": { "x": { "type": "string", "description": "An x." }, "y": { "type": "object", "title": "Y" } },
            "additionalProperties": false,
        });
        assert_eq!(tidied(field, json!({ "Y": { "type": "object" } })), wanted);
    }

    #[test]
    fn a_type_that_contains_itself_ends() {
        let tree = json!({ "type": "object", "properties": { "child": { "$ref": "#/definitions/Tree" } } });
        let tidied = tidied(json!({ "$ref": "#/definitions/Tree" }), json!({ "Tree": tree }));
        assert_eq!(tidied, json!({ "title": "Tree", "type": "object", "properties": { "child": {} } }));
    }
}
