//! Specs to parameters of calls, and answers to specs. Pure, and each direction the inverse of the other.
//!
//! **Out.** Another resource is named by `{"$id": ADDRESS}`, a secret by `{"$secret": SOURCE}`. A member that is `null` is one that
//! the manifest has none of.
//!
//! **In.** Answers wrap lists in objects (`"Tags": {"TagInfo": […]}`); [`unwrapped`] takes them out first.

pub(super) mod access;
pub(super) mod api;
pub(super) mod app;
pub(super) mod backend;
pub(super) mod group;
pub(super) mod kept;
pub(super) mod parameter;
pub(super) mod plugin;
pub(super) mod signature;
pub(super) mod throttle;

use serde_json::Value;

/// An answer without the objects around lists: an object whose one member is a list is that list.
pub(super) fn unwrapped(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let single = members.len() == 1 && members.values().all(Value::is_array);
            let mut members = members.into_iter().map(|(name, value)| (name, unwrapped(value)));
            if single && let Some((_, list)) = members.next() {
                return list;
            }
            Value::Object(members.collect())
        }
        Value::Array(items) => items.into_iter().map(unwrapped).collect(),
        other => other,
    }
}

/// A path as the gateway writes it: `[name]` for `{name}`.
pub(super) fn bracketed(path: &str) -> String {
    path.replace('{', "[").replace('}', "]")
}

/// A path as manifests write it.
pub(super) fn braced(path: &str) -> String {
    path.replace('[', "{").replace(']', "}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_come_out_of_their_objects() {
        let answer = json!({ "Tags": { "TagInfo": [{ "Key": "a" }] }, "Config": { "Path": "/" }, "None": { "X": [] } });
        assert_eq!(
            unwrapped(answer),
            json!({ "Tags": [{ "Key": "a" }], "Config": { "Path": "/" }, "None": [] })
        );
    }

    #[test]
    fn paths_go_both_ways() {
        assert_eq!(bracketed("/a/{b}/c-{d}"), "/a/[b]/c-[d]");
        assert_eq!(braced("/a/[b]/c-[d]"), "/a/{b}/c-{d}");
    }
}
