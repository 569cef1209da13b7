//! Changes to calls, by the tables of [`super::objects`], and the batch forms of publications.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::convert::kept;
use super::objects::{self, Object};
use crate::address::Address;
use crate::kind::Kind;
use crate::observed::{Detail, Observed};
use crate::plan::build::{Batch, Lowered, Unsupported};
use crate::plan::{Action, Call, Change, Recover, Reply, Switch, Task, id_of};

/// The most APIs that an action takes at once; of those that publish the reference says none, and that of the others is kept.
const MANY: usize = 100;

/// What is said of a version: the actions ask for a remark.
const REMARK: &str = "apigctl";

/// How many changes fit into one call.
pub(super) fn batch_size(kind: Kind, _: Action) -> usize {
    if kind == Kind::Publication { MANY } else { 1 }
}

/// What changes must have in common to share a call besides what those of all vendors must.
pub(super) fn within(_: &Change) -> String {
    String::new()
}

/// The call that makes `change` so.
pub(super) fn lower(change: &Change, observed: Option<&Observed>) -> Result<Lowered, Unsupported> {
    let kind = change.address.kind;
    if kind == Kind::Publication {
        return Ok(publication(change));
    }
    match objects::object(kind) {
        Some(object) => self::object(object, change, observed),
        None => Err(Unsupported { reason: format!("this gateway has no {}", kind.def().noun) }),
    }
}

/// A write.
fn write(action: &str, body: Value, reply: Reply) -> Lowered {
    Lowered {
        call: Call {
            method: "POST".into(),
            path: format!("/{action}"),
            args: BTreeMap::new(),
            query: Vec::new(),
            body,
        },
        reply,
        recover: None,
        batch: None,
    }
}

fn object(object: &Object, change: &Change, observed: Option<&Observed>) -> Result<Lowered, Unsupported> {
    let address = &change.address;
    let body = || change.after.as_ref().and_then(|spec| (object.body)(address, spec)).unwrap_or_default();
    match change.action {
        Action::Create => {
            let body = body();
            let recover = Some(recover(object, address, &body));
            Ok(Lowered { recover, ..write(object.create, body, Reply::Object { id: object.id.into() }) })
        }
        Action::Update => {
            let mut body = body();
            if object.kind == Kind::Api {
                kept::keep(&mut body, there(change, observed)?);
            }
            body[object.id] = id_of(address);
            Ok(write(object.update, body, Reply::Ignore))
        }
        Action::Delete => Ok(write(object.delete, json!({ object.id: id_of(address) }), Reply::Ignore)),
        action => {
            Err(Unsupported { reason: format!("a {} cannot be {}d", address.kind.def().noun, action.word()) })
        }
    }
}

/// An API as it was read.
fn there<'a>(change: &Change, observed: Option<&'a Observed>) -> Result<&'a Value, Unsupported> {
    let live = observed.and_then(|observed| observed.get(&change.address));
    match live.map(|live| &live.detail) {
        Some(Detail::Api { kept: Some(kept), .. }) => Ok(kept),
        _ => Err(Unsupported {
            reason: "a change writes all of an API, and this one was not read; plan again without the cache"
                .into(),
        }),
    }
}

/// A lost call that makes something shows in the list under the same natural key.
fn recover(object: &Object, address: &Address, body: &Value) -> Recover {
    let mut query = vec![
        ("PageSize".to_owned(), Value::from(object.page.to_string())),
        (object.name.to_owned(), Value::from(address.name())),
    ];
    let mut matches = vec![(object.name.to_owned(), Value::from(address.name()))];
    if object.kind == Kind::Api {
        query.push(("GroupId".to_owned(), body["GroupId"].clone()));
        matches.push(("GroupId".to_owned(), body["GroupId"].clone()));
    }
    Recover {
        call: Call {
            method: "GET".into(),
            path: format!("/{}", object.list),
            args: BTreeMap::new(),
            query,
            body: Value::Null,
        },
        list: object.rows.into(),
        matches,
        id: object.id.into(),
    }
}

/// The API that something hangs on.
fn api_of(address: &Address) -> Value {
    id_of(&Address::new(Kind::Api, &[&address.part(0), &address.part(1)]))
}

fn group_of(address: &Address) -> Value {
    id_of(&Address::new(Kind::Group, &[&address.part(0)]))
}

/// `BatchDeployApis`: many APIs, one environment; `BatchAbolishApis`: many APIs, each with its environment. Both go on after
/// they were answered. A publication goes by the id of its API.
fn publication(change: &Change) -> Lowered {
    let address = &change.address;
    if let Some(switch) = &change.switch {
        return self::switch(address, switch);
    }
    let stage = address.part(2);
    let row = vec![("ApiUid".to_owned(), api_of(address)), ("StageName".to_owned(), stage.as_str().into())];
    let mut item = json!({ "ApiUid": api_of(address), "GroupId": group_of(address) });
    let (call, key) = if change.action == Action::Publish {
        let body = json!({ "StageName": stage, "Description": REMARK, "Api": { "$items": true } });
        let reply = task("DescribeDeployApiTask", "DeployedResults.DeployedResult", "DeployedStatus");
        (write("BatchDeployApis", body, reply), format!("deploy {stage}"))
    } else {
        item["StageName"] = stage.into();
        let reply = task("DescribeAbolishApiTask", "ApiAbolishResults.ApiAbolishResult", "AbolishStatus");
        (write("BatchAbolishApis", json!({ "Api": { "$items": true } }), reply), "abolish".to_owned())
    };
    Lowered { batch: Some(Batch { key, limit: MANY, item, row }), ..call }
}

fn task(action: &str, list: &str, status: &str) -> Reply {
    Reply::Task(Box::new(Task {
        field: "OperationId".into(),
        path: format!("/{action}"),
        parameter: "OperationUid".into(),
        list: list.into(),
        id: "ApiUid".into(),
        over: (status.into(), "OVER".into()),
        done: ("ErrorMsg".into(), "Success".into()),
    }))
}

/// `SwitchApi`: the publication keeps its id.
fn switch(address: &Address, switch: &Switch) -> Lowered {
    let body = json!({
        "ApiId": api_of(address), "GroupId": group_of(address), "StageName": address.part(2),
        "HistoryVersion": switch.to, "Description": REMARK,
    });
    write("SwitchApi", body, Reply::Ignore)
}
