//! Changes to calls, by the tables of [`super::objects`] and [`super::links`], and the batch forms of publications.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::convert::{access, kept, plugin, throttle};
use super::objects::{self, Object};
use super::{authorizations, certificates, channels, domains, links, variables};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::app::AppSpec;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Observed};
use crate::plan::build::{Batch, Lowered, Unsupported};
use crate::plan::{Action, Call, Change, Further, Reason, Recover, Reply, Switch, Task, id_of};

/// The most APIs that an action takes at once; of those that publish the reference says none, and that of the others is kept.
pub(super) const MANY: usize = 100;

/// What is said of a version: the actions ask for a remark.
const REMARK: &str = "apigctl";

/// How many changes fit into one call.
pub(super) fn batch_size(kind: Kind, action: Action) -> usize {
    match links::link(kind) {
        Some(link) => link.size(action),
        None if kind == Kind::Publication || kind.def().attached => MANY,
        None => 1,
    }
}

/// What changes must have in common to share a call besides what those of all vendors must.
pub(super) fn within(change: &Change) -> String {
    links::link(change.address.kind).map(|link| link.within(change)).unwrap_or_default()
}

/// The calls of all changes: apps are authorized from the side that takes fewer.
pub(super) fn lower_all(changes: &[Change], observed: &Observed) -> Vec<Result<Lowered, Unsupported>> {
    let sides = authorizations::sides(changes);
    let one = |(i, change)| match sides.get(&i) {
        Some(side) => Ok(authorizations::lower(change, *side)),
        None => lower(change, Some(observed)),
    };
    let mut all: Vec<Result<Lowered, Unsupported>> = changes.iter().enumerate().map(one).collect();
    // A group that is made with variables tells the ids of its stages.
    let with_variables: BTreeSet<String> =
        changes.iter().map(|c| &c.address).filter(|a| a.kind == Kind::Variable).map(|a| a.part(0)).collect();
    for (change, lowered) in changes.iter().zip(&mut all) {
        let made = change.address.kind == Kind::Group && change.action == Action::Create;
        if let Ok(lowered) = lowered
            && made
            && with_variables.contains(&change.address.name())
        {
            let parts = Box::new(variables::parts(&change.address));
            let reply = Box::new(std::mem::replace(&mut lowered.reply, Reply::Ignore));
            lowered.reply = Reply::Parts { reply, parts };
        }
    }
    all
}

/// The call that makes `change` so.
pub(super) fn lower(change: &Change, observed: Option<&Observed>) -> Result<Lowered, Unsupported> {
    let kind = change.address.kind;
    if kind == Kind::Publication {
        return Ok(publication(change));
    }
    if kind == Kind::AppAuthorization {
        return Ok(authorizations::lower(change, authorizations::Side::Api));
    }
    if kind == Kind::Domain {
        return domains::lower(change, observed);
    }
    if kind == Kind::Variable {
        return Ok(variables::lower(change, observed));
    }
    if kind == Kind::OwnCertificate {
        return certificates::lower(change, observed);
    }
    if kind == Kind::ThrottleException {
        return Ok(exception(change));
    }
    if let Some(link) = links::link(kind) {
        return link.lower(change);
    }
    match objects::object(kind).filter(|object| !object.create.is_empty()) {
        Some(object) => self::object(object, change, observed),
        None => Err(Unsupported { reason: format!("this gateway has no {}", kind.def().noun) }),
    }
}

/// A write.
pub(super) fn write(action: &str, body: Value, reply: Reply) -> Lowered {
    Lowered { call: call(action, body), reply, recover: None, batch: None }
}

pub(super) fn call(action: &str, body: Value) -> Call {
    Call { method: "POST".into(), path: format!("/{action}"), args: BTreeMap::new(), query: Vec::new(), body }
}

/// A read.
pub(super) fn lookup(action: &str, query: Vec<(String, Value)>) -> Call {
    Call { method: "GET".into(), query, ..call(action, Value::Null) }
}

fn object(object: &Object, change: &Change, observed: Option<&Observed>) -> Result<Lowered, Unsupported> {
    let address = &change.address;
    if object.kind == Kind::Channel && change.action != Action::Create {
        return channels::lower(object, change, observed);
    }
    let body = || change.after.as_ref().and_then(|spec| (object.body)(address, spec)).unwrap_or_default();
    match change.action {
        Action::Create => {
            let body = body();
            let recover = Some(recover(object, address, &body));
            Ok(Lowered { recover, ..write(object.create, body, Reply::Object { id: object.id.into() }) })
        }
        Action::Update => {
            let mut calls = updates(object, change, observed, body())?;
            for (_, body) in &mut calls {
                body[object.id] = id_of(address);
            }
            let mut calls = calls.into_iter().map(|(action, body)| further(address, action, body));
            let nothing = || further(address, object.update, json!({ object.id: id_of(address) }));
            let Further { call, recover, .. } = calls.next().unwrap_or_else(nothing);
            let rest: Vec<Further> = calls.collect();
            let reply = match rest.is_empty() {
                true => Reply::Ignore,
                false => Reply::Then { reply: Box::new(Reply::Ignore), calls: rest, clears: false },
            };
            Ok(Lowered { call, reply, recover, batch: None })
        }
        Action::Delete => Ok(write(object.delete, json!({ object.id: id_of(address) }), Reply::Ignore)),
        action => {
            Err(Unsupported { reason: format!("a {} cannot be {}d", address.kind.def().noun, action.word()) })
        }
    }
}

/// One of the calls that change an object. Most may be made twice. An app is told by its key, which is another one
/// afterwards; items that go are named by ids, which are unknown afterwards.
fn further(app: &Address, action: &str, body: Value) -> Further {
    let key = body.get("NewAppKey").filter(|key| key.is_string());
    let recover = key.map(|key| Recover {
        call: lookup("DescribeAppSecurities", vec![("AppId".to_owned(), id_of(app))]),
        list: "AppSecuritys.AppSecurity".into(),
        matches: vec![("AppKey".to_owned(), key.clone())],
        id: "AppKey".into(),
    });
    let removes = action == access::REMOVE;
    Further { call: call(action, body), recover, removes }
}

/// The actions that change an object, with their parameters but for its id. `body` are those that would make it.
fn updates(
    object: &Object,
    change: &Change,
    observed: Option<&Observed>,
    mut body: Value,
) -> Result<Vec<(&'static str, Value)>, Unsupported> {
    let renamed = change.was.as_ref().map(|_| (object.update, json!({ object.name: change.address.name() })));
    match (&change.before, &change.after) {
        (_, Some(Spec::Api(_))) => {
            kept::keep(&mut body, there(change, observed)?);
            Ok(vec![(object.update, body)])
        }
        (Some(Spec::Throttle(before)), Some(Spec::Throttle(after))) => {
            let lost = |before: Option<u32>, after: Option<u32>| before.is_some() && after.is_none();
            if lost(before.limits.user, after.limits.user) || lost(before.limits.app, after.limits.app) {
                let reason = "the gateway takes no limit away again (ModifyTrafficControl): give users and apps the limit of the API";
                return Err(Unsupported { reason: reason.to_owned() });
            }
            Ok(vec![(object.update, body)])
        }
        (Some(Spec::AccessControl(before)), Some(Spec::AccessControl(after))) => {
            if before.effect != after.effect {
                let reason = "the gateway does not turn one that lets in into one that keeps out (ModifyIpControl): give it another name";
                return Err(Unsupported { reason: reason.to_owned() });
            }
            let changes = access::changes(there(change, observed)?, after);
            Ok(renamed.into_iter().chain(changes).collect())
        }
        (before, Some(Spec::Plugin(after))) => {
            let before = before.as_ref().and_then(|before| match before {
                Spec::Plugin(before) => Some(&**before),
                _ => None,
            });
            let body = plugin::changes(&change.address, before, after, there(change, observed)?);
            Ok(vec![(object.update, body)])
        }
        (Some(Spec::App(before)), Some(Spec::App(after))) => {
            Ok(app_updates(object, change, before, after, renamed))
        }
        _ => Ok(vec![(object.update, body)]),
    }
}

/// `ModifyApp` for what people read, `ResetAppSecret` for the credential.
fn app_updates(
    object: &Object,
    change: &Change,
    before: &AppSpec,
    after: &AppSpec,
    renamed: Option<(&'static str, Value)>,
) -> Vec<(&'static str, Value)> {
    let mut calls: Vec<(&'static str, Value)> = Vec::new();
    if before.description != after.description || renamed.is_some() {
        let body = json!({ object.name: change.address.name(), "Description": after.description });
        calls.push((object.update, body));
    }
    let other_key = after.key.is_some() && after.key != before.key;
    if other_key || change.reason == Reason::SecretChanged {
        let secret = after.secret.as_ref().map(|secret| json!({ "$secret": secret }));
        let new = after.key.as_ref().filter(|_| other_key);
        let body = json!({ "AppKey": before.key, "NewAppKey": new, "NewAppSecret": secret });
        calls.push(("ResetAppSecret", body));
    }
    calls
}

/// An object as it was read.
pub(super) fn there<'a>(change: &Change, observed: Option<&'a Observed>) -> Result<&'a Value, Unsupported> {
    let live = observed.and_then(|observed| observed.get(&change.address));
    match live.map(|live| &live.detail) {
        Some(Detail::Api { kept: Some(kept), .. } | Detail::Kept { kept }) => Ok(kept),
        _ => Err(Unsupported {
            reason: "a change needs all of it, and it was not read; plan again without the cache".into(),
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
    Recover { call: lookup(object.list, query), list: object.rows.into(), matches, id: object.id.into() }
}

/// `AddTrafficSpecialControl` sets one, whether or not it was there. It goes by its key.
fn exception(change: &Change) -> Lowered {
    let address = &change.address;
    let spec = match &change.after {
        Some(Spec::ThrottleException(spec)) => Some(spec),
        _ => None,
    };
    let body = throttle::exception(address, spec);
    if change.after.is_none() {
        return write("DeleteTrafficSpecialControl", body, Reply::Ignore);
    }
    let key = throttle::special_key(&address.part(1), &address.part(2));
    let batch = Batch {
        key: format!("exception {}", address.path()),
        limit: 1,
        item: Value::Null,
        row: vec![("SpecialKey".to_owned(), key)],
    };
    let reply = Reply::Known { id: "SpecialKey".into() };
    Lowered { batch: Some(batch), ..write("AddTrafficSpecialControl", body, reply) }
}

/// The API that something hangs on.
pub(super) fn api_of(address: &Address) -> Value {
    id_of(&Address::new(Kind::Api, &[&address.part(0), &address.part(1)]))
}

pub(super) fn group_of(address: &Address) -> Value {
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
        over: (status.into(), vec!["OVER".into()]),
        done: ("ErrorMsg".into(), "Success".into()),
        whole: false,
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
