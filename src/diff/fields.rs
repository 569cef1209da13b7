//! Which fields differ between two specs.

use serde::Serialize;
use serde_json::Value;

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// The field, such as `request.path` or `parameters[page].default`.
    pub path: String,
    /// Its value before; `None`: not given, so the documented default.
    pub before: Option<Value>,
    /// Its value after; `None`: not given, so the documented default.
    pub after: Option<Value>,
}

/// The fields that differ, in the order of the fields. Lists of named things are compared by name, other lists as a whole.
#[must_use]
pub fn changed_fields(before: Option<&Value>, after: Option<&Value>) -> Vec<FieldChange> {
    let mut found = Vec::new();
    walk(String::new(), before, after, &mut found);
    found
}

fn walk(path: String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<FieldChange>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            for (key, value) in a {
                walk(join(&path, key), Some(value), b.get(key), found);
            }
            for (key, value) in b.iter().filter(|(key, _)| !a.contains_key(*key)) {
                walk(join(&path, key), None, Some(value), found);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) if named(a) && named(b) => {
            let found_before = found.len();
            for item in a {
                walk(format!("{path}[{}]", name(item)), Some(item), find(b, item), found);
            }
            for item in b.iter().filter(|item| find(a, item).is_none()) {
                walk(format!("{path}[{}]", name(item)), None, Some(item), found);
            }
            // Where the items themselves are equal, it is their order that differs.
            let names = |items: &[Value]| items.iter().map(|i| Value::from(name(i))).collect::<Vec<_>>();
            let (before, after) = (names(a), names(b));
            if found.len() == found_before {
                found.push(FieldChange { path, before: Some(before.into()), after: Some(after.into()) });
            }
        }
        _ => found.push(FieldChange { path, before: before.cloned(), after: after.cloned() }),
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn name(item: &Value) -> &str {
    item.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// Whether all items have a name of their own; the place of a parameter belongs to its name.
fn named(items: &[Value]) -> bool {
    let mut keys: Vec<_> = items.iter().map(|i| (name(i), i.get("in").and_then(Value::as_str))).collect();
    keys.sort_unstable();
    keys.iter().all(|(name, _)| !name.is_empty()) && keys.windows(2).all(|pair| pair[0].0 != pair[1].0)
}

fn find<'a>(items: &'a [Value], like: &Value) -> Option<&'a Value> {
    items.iter().find(|item| name(item) == name(like))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn named_things_are_compared_by_name() {
        let a =
            json!({"path": "/a", "parameters": [{"name": "x", "in": "query"}, {"name": "y", "in": "query"}]});
        let b = json!({"path": "/a", "parameters": [{"name": "y", "in": "query", "required": true}, {"name": "z", "in": "query"}]});
        let paths: Vec<_> = changed_fields(Some(&a), Some(&b)).into_iter().map(|c| c.path).collect();
        assert_eq!(paths, ["parameters[x]", "parameters[y].required", "parameters[z]"]);
    }

    #[test]
    fn another_order_of_the_same_items_is_a_change() {
        let a = json!({"policies": [{"name": "x"}, {"name": "y"}]});
        let b = json!({"policies": [{"name": "y"}, {"name": "x"}]});
        let changes = changed_fields(Some(&a), Some(&b));
        assert_eq!(changes.len(), 1);
        assert_eq!((&*changes[0].path, &changes[0].after), ("policies", &Some(json!(["y", "x"]))));
    }

    #[test]
    fn the_order_of_parameters_is_none() {
        let a = json!({"parameters": [{"name": "x", "in": "header"}, {"name": "y", "in": "query"}]});
        let b = json!({"parameters": [{"name": "y", "in": "header"}, {"name": "x", "in": "header"}]});
        let paths: Vec<_> = changed_fields(Some(&a), Some(&b)).into_iter().map(|c| c.path).collect();
        assert_eq!(paths, ["parameters[y].in"]);
    }

    #[test]
    fn lists_without_names_are_compared_as_a_whole() {
        let changes =
            changed_fields(Some(&json!({"tags": ["a"]})), Some(&json!({"tags": ["a", "b"], "cors": true})));
        assert_eq!(changes.len(), 2);
        assert_eq!(changes[0].after, Some(json!(["a", "b"])));
        assert_eq!((&*changes[1].path, &changes[1].before), ("cors", &None));
    }
}
