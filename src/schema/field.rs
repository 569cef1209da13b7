//! A schema seen as a tree of fields, for `explain` and for checks of the schemas.

use serde_json::{Map, Value};

/// One field, or a whole document: a place in a schema with what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// The name; the kind's for a whole document.
    pub name: &'a str,
    /// Whether it must be given.
    pub required: bool,
    schema: &'a Map<String, Value>,
}

impl<'a> Field<'a> {
    /// The field `name` with this schema; `None` where the schema is not an object.
    #[must_use]
    pub fn new(name: &'a str, required: bool, schema: &'a Value) -> Option<Self> {
        Some(Self { name, required, schema: schema.as_object()? })
    }

    /// The fields within: of the object, of the items of a list, of the values of a map.
    #[must_use]
    pub fn fields(self) -> Vec<Self> {
        let holder = self.innermost();
        let required = |name: &String| {
            holder
                .get("required")
                .and_then(Value::as_array)
                .is_some_and(|r| r.iter().any(|v| v == name.as_str()))
        };
        let properties = holder.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().filter_map(|(name, s)| Self::new(name, required(name), s)).collect()
    }

    /// Whether exactly one of [`Field::fields`] is given.
    #[must_use]
    pub fn is_choice(self) -> bool {
        is_choice(self.innermost())
    }

    /// The description in full.
    #[must_use]
    pub fn description(self) -> &'a str {
        self.schema.get("description").and_then(Value::as_str).unwrap_or_default()
    }

    /// The default, as a manifest author would write it.
    #[must_use]
    pub fn default_value(self) -> Option<String> {
        self.schema.get("default").map(plain)
    }

    /// What may be written, in a few words: `string`, `list of objects`, `map of strings`.
    #[must_use]
    pub fn type_name(self) -> String {
        type_name(self.schema, false)
    }

    /// The words that may be written, each with its meaning (empty where it explains itself).
    #[must_use]
    pub fn values(self) -> Vec<(String, &'a str)> {
        let holder = self.innermost();
        let list =
            |key: &str| holder.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let meanings = list("markdownEnumDescriptions");
        let meaning = |i: usize| meanings.get(i).and_then(Value::as_str).unwrap_or_default();
        let constant = holder.get("const").map(|value| (plain(value), ""));
        list("enum").iter().enumerate().map(|(i, v)| (plain(v), meaning(i))).chain(constant).collect()
    }

    /// The limits of a number or a text, in words.
    #[must_use]
    pub fn limits(self) -> Vec<String> {
        const WORDS: [(&str, &str); 5] = [
            ("minimum", "at least"),
            ("maximum", "at most"),
            ("minLength", "characters, at least"),
            ("maxLength", "characters, at most"),
            ("pattern", "matches"),
        ];
        let holder = self.innermost();
        WORDS
            .iter()
            .filter_map(|(key, words)| Some(format!("{words} {}", plain(holder.get(*key)?))))
            .collect()
    }

    /// The schema of the object that the author writes last: through lists and maps.
    fn innermost(self) -> &'a Map<String, Value> {
        let mut schema = self.schema;
        while let Some(inner) = schema.get("items").or_else(|| schema.get("additionalProperties")) {
            let Some(inner) = inner.as_object() else { break };
            schema = inner;
        }
        schema
    }
}

fn type_name(schema: &Map<String, Value>, plural: bool) -> String {
    if let Some(items) = schema.get("items").and_then(Value::as_object) {
        return format!("{} of {}", if plural { "lists" } else { "list" }, type_name(items, true));
    }
    if let Some(values) = schema.get("additionalProperties").and_then(Value::as_object) {
        return format!("{} of {}", if plural { "maps" } else { "map" }, type_name(values, true));
    }
    let word = match schema.get("type").and_then(Value::as_str) {
        _ if schema.contains_key("enum") => "enum",
        _ if is_choice(schema) => "choice",
        Some(name) => name,
        None => "any value",
    };
    if plural { format!("{word}s") } else { word.to_owned() }
}

fn is_choice(schema: &Map<String, Value>) -> bool {
    schema.get("not").is_some_and(|not| not["minProperties"] == 2)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The first sentence of a description.
#[must_use]
pub fn first_sentence(text: &str) -> &str {
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let end = paragraph.match_indices('.').map(|(at, _)| at + 1).find(|at| {
        let rest = &paragraph[*at..];
        rest.starts_with([' ', '\n']) && rest.trim_start().starts_with(|c: char| c.is_uppercase() || c == '`')
    });
    paragraph[..end.unwrap_or(paragraph.len())].trim_end()
}

/// The paragraphs of a description, each on one line.
#[must_use]
pub fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n")
        .map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|p| !p.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_sentence_ends_at_a_period_before_another() {
        assert_eq!(first_sentence("Such as V1.2.0. Short."), "Such as V1.2.0.");
        assert_eq!(first_sentence("One, e.g. this one.\n\nTwo."), "One, e.g. this one.");
        assert_eq!(first_sentence("No end"), "No end");
        assert_eq!(paragraphs("a\nb\n\n c "), ["a b", "c"]);
    }

    #[test]
    fn lists_and_maps_are_seen_through() {
        let schema = json!({ "type": "array", "items": {
            "type": "object", "required": ["a"], "properties": { "a": { "type": "string" }, "b": {} },
        }});
        let field = Field::new("list", false, &schema).unwrap();
        assert_eq!(field.type_name(), "list of objects");
        let inner: Vec<_> = field.fields().iter().map(|f| (f.name, f.required, f.type_name())).collect();
        assert_eq!(inner, [("a", true, "string".to_owned()), ("b", false, "any value".to_owned())]);
        let map = json!({ "type": "object", "additionalProperties": { "type": "string" } });
        assert_eq!(Field::new("map", false, &map).unwrap().type_name(), "map of strings");
    }
}
