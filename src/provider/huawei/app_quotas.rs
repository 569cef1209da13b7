//! Quotas on apps (3.29.7, 3.29.8): one quota for many apps in a call, in the place of those they had; taken off one by one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::plan::build::{Batch, Lowered};
use crate::plan::{Action, Call, Change, Reply, id_of};

/// The reference names no limit; that of publications is kept (3.5.9).
const BATCH: usize = 1000;

/// How many fit into one call.
pub(super) fn batch(action: Action) -> usize {
    if action == Action::Unbind { 1 } else { BATCH }
}

/// The call that makes `change` so. A binding has no id of its own: that of its app stands for it.
pub(super) fn lower(root: &str, change: &Change) -> Lowered {
    let app = Address::new(Kind::App, &[&change.address.name()]);
    let bound = change.after.as_ref().or(change.before.as_ref()).and_then(Spec::bound);
    let quota = Address::new(Kind::Quota, &[bound.unwrap_or_default()]);
    let mut args = BTreeMap::from([("id".to_owned(), id_of(&quota))]);
    let path = format!("{root}/app-quotas/{{id}}");
    if change.after.is_none() {
        args.insert("app".to_owned(), id_of(&app));
        return Lowered {
            call: Call {
                method: "DELETE".into(),
                path: format!("{path}/bound-apps/{{app}}"),
                args,
                query: Vec::new(),
                body: Value::Null,
            },
            reply: Reply::Ignore,
            recover: None,
            batch: None,
        };
    }
    Lowered {
        call: Call {
            method: "POST".into(),
            path: format!("{path}/binding-apps"),
            args,
            query: Vec::new(),
            body: json!({ "app_ids": { "$items": true } }),
        },
        reply: Reply::Rows {
            lists: vec!["applies".into()],
            key: "app_id".into(),
            id: "app_id".into(),
            failures: None,
        },
        recover: None,
        batch: Some(Batch {
            key: format!("quota {}", quota.path()),
            limit: batch(change.action),
            item: id_of(&app),
            row: Vec::new(),
        }),
    }
}
