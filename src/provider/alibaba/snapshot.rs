//! What was observed, in the form of the wire, for a rehearsal: whatever a plan touches, and what could be in its way.
//!
//! A name or a request path can only be taken by something in the same collection or group, so APIs of groups that the plan
//! does not touch are left out, and of the others only what the list shows is needed.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::convert::bracketed;
use super::objects;
use crate::address::Address;
use crate::kind::Kind;
use crate::observed::{Detail, Live, Observed};
use crate::plan::Plan;
use crate::plan::build::resolve;

/// The collections of an engine's snapshot.
pub(super) fn snapshot(plan: &Plan, observed: &Observed) -> Value {
    let touched: BTreeSet<String> =
        plan.changes.iter().map(|c| &c.address).filter(|a| in_group(a.kind)).map(|a| a.part(0)).collect();
    let mut collections = Map::new();
    let mut ordered: Vec<(&Address, &Live)> = observed.resources.iter().collect();
    ordered.sort_by_key(|(address, _)| *address);
    for (address, live) in ordered {
        if address.kind != Kind::Group && in_group(address.kind) && !touched.contains(&address.part(0)) {
            continue;
        }
        let Some((collection, object)) = object(address, live, observed) else { continue };
        let list = collections.entry(collection).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(list) = list.as_array_mut() {
            list.push(object);
        }
    }
    json!({ "alibaba": collections })
}

fn in_group(kind: Kind) -> bool {
    kind == Kind::Group || kind.def().key.first() == Some(&"group")
}

/// The collection and the object, where the kind has one.
fn object(address: &Address, live: &Live, observed: &Observed) -> Option<(&'static str, Value)> {
    let id = |kind: Kind, parts: &[&str]| {
        observed.get(&Address::new(kind, parts)).map(|l| Value::from(l.id.as_str())).unwrap_or_default()
    };
    let (group, second, third) = (address.part(0), address.part(1), address.part(2));
    let own = live.id.as_str();
    match &live.detail {
        Detail::Api { claim, .. } => {
            let mut parts = claim.split('|').skip(1);
            let (method, path) = (parts.next()?, numbered(parts.next()?));
            let stub = json!({
                "ApiId": own, "ApiName": second, "GroupId": id(Kind::Group, &[&group]), "ApiMethod": method,
                "ApiPath": bracketed(&path),
            });
            Some(("apis", stub))
        }
        Detail::Publication { version, .. } => {
            let api = id(Kind::Api, &[&group, &second]);
            let version = version.as_ref().map_or(own, |version| version.as_str());
            Some(("deployed", json!({ "ApiId": api, "StageName": third, "HistoryVersion": version })))
        }
        _ => {
            let object = objects::object(address.kind)?;
            let made = live.spec().and_then(|spec| (object.body)(address, spec));
            let mut body = made.unwrap_or_else(|| json!({ object.name: address.name() }));
            resolve(&mut body, &|to| observed.get(to).map(|l| Value::from(l.id.as_str())));
            drop_secrets(&mut body);
            body[object.id] = own.into();
            Some((object.snapshot, body))
        }
    }
}

fn drop_secrets(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, value| value.get("$secret").is_none());
    }
}

/// A claim's path has lost the names of its placeholders; any names do.
fn numbered(path: &str) -> String {
    let mut numbered = String::new();
    for (i, part) in path.split('{').enumerate() {
        if i > 0 {
            numbered.push_str(&format!("{{p{i}"));
        }
        numbered.push_str(part);
    }
    numbered
}
