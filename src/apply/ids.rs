//! The ids that a walk comes to know: of what was made, and of the parts of it.

use std::collections::HashMap;

use serde_json::Value;

use crate::address::Address;
use crate::plan::build::{resolve, resolve_call};
use crate::plan::parts::{self, resolve_parts};
use crate::plan::{Call, placeholder};

/// What is known so far.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Of what was made.
    pub(super) made: HashMap<Address, String>,
    /// Of its parts, by their names; or why they are not known.
    pub(super) parts: HashMap<Address, Result<HashMap<String, String>, String>>,
}

impl Ids {
    /// Puts what is known in the place of placeholders of a call.
    pub(super) fn put(&self, call: &mut Call) {
        resolve_call(call, &|address| self.id(address));
        resolve_parts(call, &|of, name| {
            let parts = self.parts.get(of)?.as_ref().ok()?;
            parts.get(name).map(|id| Value::from(id.as_str()))
        });
    }

    /// Puts what is known in the place of placeholders of a value.
    pub(super) fn put_value(&self, value: &mut Value) {
        resolve(value, &|address| self.id(address));
    }

    fn id(&self, address: &Address) -> Option<Value> {
        self.made.get(address).map(|id| Value::from(id.as_str()))
    }

    /// Why a call cannot be made: the first placeholder left in it.
    pub(super) fn lacking(&self, call: &Call) -> Option<String> {
        let mut values = call.args.values().chain(call.query.iter().map(|(_, v)| v)).chain([&call.body]);
        values.find_map(|value| self.left(value))
    }

    fn left(&self, value: &Value) -> Option<String> {
        if let Some(address) = placeholder(value) {
            return Some(format!("the id of {address} is not known"));
        }
        if let Some((of, name)) = parts::part(value) {
            let why = match self.parts.get(&of) {
                Some(Err(why)) => format!(": {why}"),
                _ => String::new(),
            };
            return Some(format!("the id of {name} in {of} is not known{why}"));
        }
        match value {
            Value::Array(items) => items.iter().find_map(|item| self.left(item)),
            Value::Object(map) => map.values().find_map(|item| self.left(item)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::kind::Kind;
    use crate::plan::id_of;
    use crate::plan::parts::id_of_part;

    #[test]
    fn what_is_not_known_is_named_with_the_reason() {
        let group = Address::new(Kind::Group, &["payments"]);
        let call = |body: Value| Call {
            method: "POST".into(),
            path: "/set".into(),
            args: BTreeMap::new(),
            query: Vec::new(),
            body,
        };
        let (whole, part) = (call(json!({ "g": id_of(&group) })), call(json!([id_of_part(&group, "TEST")])));
        let mut ids = Ids::default();
        assert_eq!(ids.lacking(&whole).unwrap(), "the id of Group/payments is not known");
        assert_eq!(ids.lacking(&part).unwrap(), "the id of TEST in Group/payments is not known");
        ids.parts.insert(group.clone(), Err("no answer".into()));
        assert_eq!(ids.lacking(&part).unwrap(), "the id of TEST in Group/payments is not known: no answer");
        ids.made.insert(group.clone(), "g1".into());
        ids.parts.insert(group, Ok(HashMap::from([("TEST".into(), "t1".into())])));
        for (mut call, body) in [(whole, json!({ "g": "g1" })), (part, json!(["t1"]))] {
            ids.put(&mut call);
            assert_eq!((ids.lacking(&call), &call.body), (None, &body));
        }
    }
}
