//! Apps that may call APIs: one API for many apps or one app for many APIs, in one environment each time, both ways
//! (`SetAppsAuthorities`, `SetApisAuthorities` and their opposites).
//!
//! Authorizations have no ids: they go by that of their app.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::lower::{MANY, api_of, write};
use crate::address::Address;
use crate::kind::Kind;
use crate::plan::build::{Batch, Lowered};
use crate::plan::cover::cover;
use crate::plan::{Action, Change, Reply, id_of};

/// The one thing that a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// An app, with many APIs.
    App,
    /// An API, with many apps.
    Api,
}

/// For each change that authorizes an app, or takes that back, the side that makes the fewest calls of all.
pub(super) fn sides(changes: &[Change]) -> HashMap<usize, Side> {
    // Of one environment: changes by their numbers, and which app is about which API.
    type Pool = (Vec<usize>, Vec<(String, String)>);
    let mut pools: BTreeMap<(Action, String), Pool> = BTreeMap::new();
    for (i, change) in changes.iter().enumerate().filter(|(_, c)| c.address.kind == Kind::AppAuthorization) {
        let part = |i| change.address.part(i);
        let (numbers, edges) = pools.entry((change.action, part(2))).or_default();
        numbers.push(i);
        edges.push((part(3), format!("{}/{}", part(0), part(1))));
    }
    let mut sides = HashMap::new();
    for (numbers, edges) in pools.into_values() {
        let side = |by_app| if by_app { Side::App } else { Side::Api };
        sides.extend(numbers.into_iter().zip(cover(&edges).by_left.into_iter().map(side)));
    }
    sides
}

/// The call that makes `change` so, from `side`.
pub(super) fn lower(change: &Change, side: Side) -> Lowered {
    let address = &change.address;
    let stage = address.part(2);
    let (api, app) = (api_of(address), id_of(&Address::new(Kind::App, &[&address.part(3)])));
    let binds = change.after.is_some();
    let (action, one, many, key) = match (side, binds) {
        (Side::App, true) => ("SetApisAuthorities", ("AppId", &app), ("ApiIds", &api), address.part(3)),
        (Side::App, false) => ("RemoveApisAuthorities", ("AppId", &app), ("ApiIds", &api), address.part(3)),
        (Side::Api, true) => ("SetAppsAuthorities", ("ApiId", &api), ("AppIds", &app), api_key(address)),
        (Side::Api, false) => ("RemoveAppsAuthorities", ("ApiId", &api), ("AppIds", &app), api_key(address)),
    };
    let body: Value = json!({ one.0: one.1, "StageName": stage, many.0: { "$items": true } });
    let batch = Batch {
        key: format!("{action} {key} {stage}"),
        limit: MANY,
        item: many.1.clone(),
        row: vec![("AppId".to_owned(), app.clone())],
    };
    let reply = if binds { Reply::Known { id: "AppId".into() } } else { Reply::Ignore };
    Lowered { batch: Some(batch), ..write(action, body, reply) }
}

fn api_key(address: &Address) -> String {
    format!("{}/{}", address.part(0), address.part(1))
}
