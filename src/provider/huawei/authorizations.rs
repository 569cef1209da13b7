//! Apps authorized for APIs (3.10): each app of a call for each of its APIs, of one environment; taken back one by one.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use crate::address::Address;
use crate::kind::Kind;
use crate::plan::build::{Batch, Lowered};
use crate::plan::products::products;
use crate::plan::{Action, Call, Change, Reply, id_of};

/// How many a call authorizes: the reference names no limit, and the answer has a row for each; that of publications is kept
/// (3.5.9).
pub(super) const BATCH: usize = 1000;

/// Of one environment: changes by their numbers, and which app is authorized for which API.
type Pool = (Vec<usize>, Vec<(String, String)>);

fn of_environment(changes: &[Change]) -> BTreeMap<String, Pool> {
    let mut pools: BTreeMap<String, Pool> = BTreeMap::new();
    let wanted = |c: &Change| c.address.kind == Kind::AppAuthorization && c.action == Action::Bind;
    for (i, change) in changes.iter().enumerate().filter(|(_, c)| wanted(c)) {
        let address = &change.address;
        let api = Address::new(Kind::Api, &[&address.part(0), &address.part(1)]);
        let (numbers, pairs) = pools.entry(address.part(2)).or_default();
        numbers.push(i);
        pairs.push((address.part(3), api.path().to_owned()));
    }
    pools
}

/// For each change that authorizes an app the number of the call, among those of its environment, that makes it: no call
/// authorizes what is not wanted, or is there already.
pub(super) fn calls(changes: &[Change]) -> HashMap<usize, usize> {
    let mut calls = HashMap::new();
    for (numbers, pairs) in of_environment(changes).into_values() {
        calls.extend(numbers.into_iter().zip(products(&pairs, BATCH).0));
    }
    calls
}

/// The call that makes `change` so: call `number` of its environment, with all others of that call.
pub(super) fn lower(root: &str, change: &Change, number: usize) -> Lowered {
    let address = &change.address;
    let [group, api, environment, app] = [0, 1, 2, 3].map(|i| address.part(i));
    let path = format!("{root}/app-auths");
    if change.after.is_none() {
        return Lowered {
            call: Call {
                method: "DELETE".into(),
                path: format!("{path}/{{id}}"),
                args: BTreeMap::from([("id".to_owned(), id_of(address))]),
                query: Vec::new(),
                body: Value::Null,
            },
            reply: Reply::Ignore,
            recover: None,
            batch: None,
        };
    }
    let env_id = id_of(&Address::new(Kind::Environment, &[&environment]));
    let (api, app) = (Address::new(Kind::Api, &[&group, &api]), Address::new(Kind::App, &[&app]));
    Lowered {
        call: Call {
            method: "POST".into(),
            path,
            args: BTreeMap::new(),
            query: Vec::new(),
            body: json!({
                "env_id": env_id,
                "app_ids": { "$items": "app_id" },
                "api_ids": { "$items": "api_id" },
            }),
        },
        reply: Reply::Verdicts {
            list: "auths".into(),
            id: "id".into(),
            verdict: "auth_result".into(),
            failed: ("status".into(), "FAILED".into()),
        },
        recover: None,
        batch: Some(Batch {
            key: format!("authorize {environment} {number}"),
            limit: BATCH,
            item: Value::Null,
            row: vec![("app_id".to_owned(), id_of(&app)), ("api_id".to_owned(), id_of(&api))],
        }),
    }
}
