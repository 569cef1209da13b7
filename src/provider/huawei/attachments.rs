//! Plug-ins on APIs (3.27.6 to 3.27.9): one plug-in to many APIs or many plug-ins to one API, of one environment each time.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::plan::build::{Batch, Lowered};
use crate::plan::cover::cover;
use crate::plan::{Action, Call, Change, Reply, id_of};

/// At most 500 at once (3.27.6, 3.27.7).
pub(super) const BATCH: usize = 500;

/// The one thing that a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// A plug-in, with many APIs.
    Plugin,
    /// An API, with many plug-ins.
    Api,
}

/// The plug-in, the API and the environment of a change.
struct Parts {
    plugin: Address,
    api: Address,
    environment: Address,
}

fn parts(change: &Change) -> Parts {
    let address = &change.address;
    let spec = change.after.as_ref().or(change.before.as_ref());
    Parts {
        plugin: Address::new(Kind::Plugin, &[spec.and_then(Spec::bound).unwrap_or_default()]),
        api: Address::new(Kind::Api, &[&address.part(0), &address.part(1)]),
        environment: Address::new(Kind::Environment, &[&address.part(2)]),
    }
}

/// For each change that attaches or detaches a plug-in the side that makes the fewest calls of all.
pub(super) fn sides(changes: &[Change]) -> HashMap<usize, Side> {
    // Of one environment: changes by their numbers, and which plug-in goes on or off which API.
    type Pool = (Vec<usize>, Vec<(String, String)>);
    let mut pools: BTreeMap<(Action, Address), Pool> = BTreeMap::new();
    for (i, change) in changes.iter().enumerate().filter(|(_, c)| c.address.kind == Kind::PluginBinding) {
        let Parts { plugin, api, environment } = parts(change);
        let (numbers, edges) = pools.entry((change.action, environment)).or_default();
        numbers.push(i);
        edges.push((plugin.path().to_owned(), api.path().to_owned()));
    }
    let mut sides = HashMap::new();
    for (numbers, edges) in pools.into_values() {
        let chosen = cover(&edges).by_left;
        let side = |by_plugin| if by_plugin { Side::Plugin } else { Side::Api };
        sides.extend(numbers.into_iter().zip(chosen.into_iter().map(side)));
    }
    sides
}

/// The call that makes `change` so, from `side`.
pub(super) fn lower(root: &str, change: &Change, side: Side) -> Lowered {
    let Parts { plugin, api, environment } = parts(change);
    let (path, one, many, other) = match side {
        Side::Plugin => ("/plugins/{id}", &plugin, "api_ids", &api),
        Side::Api => ("/apis/{id}/plugins", &api, "plugin_ids", &plugin),
    };
    let attaches = change.after.is_some();
    let (method, word) = if attaches { ("POST", "attach") } else { ("PUT", "detach") };
    // An answer without a row for each: whatever was to go is gone, attached or not.
    let reply = if attaches {
        Reply::Rows {
            lists: vec!["attached_plugins".into()],
            key: "plugin_id".into(),
            id: "plugin_attach_id".into(),
            failures: None,
        }
    } else {
        Reply::Ignore
    };
    let row = [("plugin_id", &plugin), ("api_id", &api)].map(|(field, to)| (field.to_owned(), id_of(to)));
    Lowered {
        call: Call {
            method: method.into(),
            path: format!("{root}{path}/{word}"),
            args: BTreeMap::from([("id".to_owned(), id_of(one))]),
            query: Vec::new(),
            body: json!({ "env_id": id_of(&environment), many: { "$items": true } }),
        },
        reply,
        recover: None,
        batch: Some(Batch {
            key: format!("{word} {one} {environment}"),
            limit: BATCH,
            item: id_of(other),
            row: if attaches { row.into() } else { Vec::new() },
        }),
    }
}
