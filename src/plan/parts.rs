//! Parts: what a gateway makes along with a resource, with ids of its own. Nothing tells these before the resource is there.
//!
//! A call that needs the id of a part says so by a placeholder ([`id_of_part`]). Where the resource is there when a plan is
//! made, its provider puts the id itself. Where it is made by the same plan, its step asks for the parts as soon as it is done
//! ([`super::Reply::Parts`]), and the steps after it know them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use crate::address::Address;

/// A read that tells the parts of what a step makes: a row for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parts {
    /// The read; it may name what was just made by an `$id` placeholder.
    pub call: Call,
    /// The list in the answer; `outer.inner` is the list `inner` within `outer`.
    pub list: String,
    /// The field of a row with the name of the part.
    pub name: String,
    /// The field of a row with its id.
    pub id: String,
}

/// A placeholder for the id of a part of a resource.
#[must_use]
pub fn id_of_part(of: &Address, name: &str) -> Value {
    json!({ "$part": { "of": of, "name": name } })
}

/// The resource and the name in a `$part` placeholder.
#[must_use]
pub fn part(value: &Value) -> Option<(Address, &str)> {
    let object = value.as_object().filter(|o| o.len() == 1)?;
    let part = object.get("$part")?;
    Some((Address::parse(part.get("of")?.as_str()?)?, part.get("name")?.as_str()?))
}

/// Replaces `$part` placeholders of a call where `known` has an answer.
pub fn resolve_parts(call: &mut Call, known: &dyn Fn(&Address, &str) -> Option<Value>) {
    for value in call.args.values_mut().chain(call.query.iter_mut().map(|(_, value)| value)) {
        resolve(value, known);
    }
    resolve(&mut call.body, known);
}

fn resolve(value: &mut Value, known: &dyn Fn(&Address, &str) -> Option<Value>) {
    if let Some((of, name)) = part(value) {
        if let Some(id) = known(&of, name) {
            *value = id;
        }
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, known)),
        Value::Object(map) => map.values_mut().for_each(|item| resolve(item, known)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::kind::Kind;

    #[test]
    fn a_placeholder_is_resolved_where_the_part_is_known() {
        let group = Address::new(Kind::Group, &["payments"]);
        let (test, pre) = (id_of_part(&group, "TEST"), id_of_part(&group, "PRE"));
        assert_eq!(part(&test), Some((group.clone(), "TEST")));
        assert_eq!(part(&json!({ "$part": { "of": "payments", "name": "TEST" } })), None);
        let mut call = Call {
            method: "POST".into(),
            path: "/set".into(),
            args: BTreeMap::from([("at".to_owned(), test.clone())]),
            query: vec![("at".to_owned(), pre.clone())],
            body: json!({ "all": [test, pre] }),
        };
        resolve_parts(&mut call, &|of, name| (*of == group && name == "TEST").then(|| json!("t1")));
        assert_eq!((&call.args["at"], &call.query[0].1), (&json!("t1"), &id_of_part(&group, "PRE")));
        assert_eq!(call.body, json!({ "all": ["t1", id_of_part(&group, "PRE")] }));
    }
}
