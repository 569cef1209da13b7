//! Changes to calls, by the tables of [`super::objects`] and [`super::links`], and the batch form of publications.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::attachments;
use super::authorizations;
use super::objects;
use super::objects::{Object, Shape};
use super::tables::{Paging, Tables};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::domain::Domain;
use crate::kinds::spec::Spec;
use crate::plan::build::{Batch, Lowered, Unsupported};
use crate::plan::{Action, Call, Change, Recover, Reply, Switch, id_of};

/// At most 1,000 APIs are published or taken offline at once (3.5.9).
pub(in crate::provider) const PUBLISH: usize = 1000;

/// How a kind is called whose calls are no object's.
pub(in crate::provider) struct Apart {
    pub(in crate::provider) kind: Kind,
    /// How many changes fit into one call.
    pub(in crate::provider) batch: fn(Action) -> usize,
    /// The call that makes a change so, below a root.
    pub(in crate::provider) lower: fn(&str, &Change) -> Lowered,
}

/// How many changes fit into one call.
pub(in crate::provider) fn batch_size(tables: &Tables, kind: Kind, action: Action) -> usize {
    match (tables.link(kind), tables.apart(kind)) {
        (Some(link), _) => link.batch(action),
        (None, Some(apart)) => (apart.batch)(action),
        (None, None) => 1,
    }
}

/// The call that makes `change` so.
fn one(tables: &'static Tables, root: &str, change: &Change) -> Result<Lowered, Unsupported> {
    let kind = change.address.kind;
    if change.switch.is_some() && !tables.switches {
        let reason = "this gateway cannot switch to an earlier version; publish it again from its manifest";
        return Err(Unsupported { reason: reason.to_owned() });
    }
    if let Some(apart) = tables.apart(kind) {
        return Ok((apart.lower)(root, change));
    }
    if let Some(link) = tables.link(kind) {
        return Ok(link.lower(root, change));
    }
    match tables.object(kind).filter(|object| object.spec.is_some()) {
        Some(object) => self::object(tables, root, object, change),
        None => Err(Unsupported { reason: format!("this gateway has no {}", kind.def().noun) }),
    }
}

/// The call that makes `change` so.
pub(in crate::provider) fn lower(
    tables: &'static Tables,
    root: &str,
    change: &Change,
) -> Result<Lowered, Unsupported> {
    one(tables, root, change).map(|lowered| at(root, lowered))
}

/// The calls of all changes: plug-ins are attached and detached in the direction that takes fewer, apps authorized for as many
/// APIs at once as fit.
pub(in crate::provider) fn lower_all(
    tables: &'static Tables,
    root: &str,
    changes: &[Change],
) -> Vec<Result<Lowered, Unsupported>> {
    let sides = attachments::sides(changes);
    let calls = authorizations::calls(changes);
    let one = |(i, change)| match (sides.get(&i), calls.get(&i)) {
        (Some(side), _) => Ok(attachments::lower(root, change, *side)),
        (_, Some(number)) => Ok(authorizations::lower(root, change, *number)),
        _ => lower(tables, root, change),
    };
    changes.iter().enumerate().map(one).collect()
}

/// With the id of the gateway where a call names it.
fn at(root: &str, mut lowered: Lowered) -> Lowered {
    objects::name_gateway(&mut lowered.call.body, root);
    if let Some(batch) = &mut lowered.batch {
        objects::name_gateway(&mut batch.item, root);
    }
    lowered
}

fn object(tables: &Tables, root: &str, object: &Object, change: &Change) -> Result<Lowered, Unsupported> {
    let address = &change.address;
    let collection = objects::join(root, object.path);
    let owner = object.owner(address).map(|owner| ("owner".to_owned(), id_of(&owner)));
    let mut args: BTreeMap<String, Value> = owner.into_iter().collect();
    let body = |convert: super::objects::Body| {
        let after = change.after.as_ref().map(|spec| settled(change.before.as_ref(), spec));
        after.and_then(|spec| convert(address, &spec)).unwrap_or_default()
    };
    let one =
        |method: &str, path: String, args: BTreeMap<String, Value>, body: Value, reply: Reply| Lowered {
            call: Call { method: method.into(), path, args, query: Vec::new(), body },
            reply,
            recover: None,
            batch: None,
        };
    let made = |id: &str| Reply::Object { id: id.into() };
    if object.shape == Shape::One {
        return match change.action {
            Action::Create | Action::Update => {
                Ok(one("PUT", collection, args, body(object.create), made(object.keys[0].0)))
            }
            Action::Delete => Ok(one("DELETE", collection, args, Value::Null, Reply::Ignore)),
            action => Err(unsupported(change, action)),
        };
    }
    if object.shape == Shape::Set && change.after.is_some() {
        let body = body(object.create);
        let recover = set(tables.paging, root, object, &body);
        return Ok(Lowered { recover, ..one("POST", collection, args, body, made(object.id)) });
    }
    if change.action != Action::Create {
        args.insert("id".to_owned(), id_of(address));
    }
    match change.action {
        Action::Create => {
            let body = body(object.create);
            let recover = recover(tables.paging, root, object, address, &args, &body);
            Ok(Lowered { recover: Some(recover), ..one("POST", collection, args, body, made(object.id)) })
        }
        Action::Update if !object.fixed.is_empty() => Err(Unsupported { reason: object.fixed.to_owned() }),
        Action::Update => {
            let body = body(object.update.unwrap_or(object.create));
            Ok(one("PUT", format!("{collection}/{{id}}"), args, body, Reply::Ignore))
        }
        Action::Delete => Ok(one("DELETE", format!("{collection}/{{id}}"), args, Value::Null, Reply::Ignore)),
        action => Err(unsupported(change, action)),
    }
}

/// What is wanted, in the light of what is there.
fn settled<'a>(before: Option<&Spec>, after: &'a Spec) -> Cow<'a, Spec> {
    match (before, after) {
        (Some(Spec::Domain(before)), Spec::Domain(after)) => {
            Cow::Owned(Spec::Domain(Domain { can_verify: before.can_verify, ..after.clone() }))
        }
        _ => Cow::Borrowed(after),
    }
}

fn unsupported(change: &Change, action: Action) -> Unsupported {
    let noun = change.address.kind.def().noun;
    Unsupported { reason: format!("a {noun} cannot be {}d", action.word()) }
}

/// As much of a list as one call shows.
fn first_page(paging: Paging) -> Vec<(String, Value)> {
    paging.query(0).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// A lost setting shows in the list as it was sent; of one with a secret that cannot be told.
fn set(paging: Paging, root: &str, object: &Object, body: &Value) -> Option<Recover> {
    let said = |value: &Value| match value.get("$json") {
        Some(content) => {
            let text = content.to_string();
            (!text.contains("\"$secret\"")).then(|| Value::from(text))
        }
        None => Some(value.clone()),
    };
    let fields: Option<Vec<(String, Value)>> =
        body.as_object()?.iter().map(|(field, value)| Some((field.clone(), said(value)?))).collect();
    Some(Recover {
        call: Call {
            method: "GET".into(),
            path: objects::join(root, object.path),
            args: BTreeMap::new(),
            query: first_page(paging),
            body: Value::Null,
        },
        list: object.list.into(),
        matches: fields?,
        id: object.id.into(),
    })
}

/// A lost `POST` shows in the list under the same natural key.
fn recover(
    paging: Paging,
    root: &str,
    object: &Object,
    address: &Address,
    args: &BTreeMap<String, Value>,
    body: &Value,
) -> Recover {
    let said = |field: &str| body.get(field).cloned().unwrap_or_default();
    let read = |path: &str, query: Vec<(String, Value)>| Call {
        method: "GET".into(),
        path: objects::join(root, path),
        args: args.clone(),
        query,
        body: Value::Null,
    };
    if let Some((path, list, name)) = object.found {
        let matches = vec![(name.to_owned(), address.name().into())];
        return Recover { call: read(path, Vec::new()), list: list.into(), matches, id: object.id.into() };
    }
    let mut query = first_page(paging);
    if !object.here.is_empty() {
        query.push((object.here.into(), objects::gateway_of(root).into()));
    }
    for (field, parameter) in object.keys.iter().filter(|(_, parameter)| !parameter.is_empty()) {
        query.push(((*parameter).to_owned(), said(field)));
    }
    if object.precise {
        query.push(("precise_search".into(), object.keys[0].1.into()));
    }
    Recover {
        call: read(object.list_path(), query),
        list: object.list.into(),
        matches: object.keys.iter().map(|(field, _)| ((*field).to_owned(), said(field))).collect(),
        id: object.id.into(),
    }
}

/// The API of a publication.
fn api_of(publication: &Address) -> Value {
    id_of(&Address::new(Kind::Api, &[&publication.part(0), &publication.part(1)]))
}

/// 3.5.11: the publication keeps its id.
fn switch(root: &str, change: &Change, switch: &Switch) -> Lowered {
    Lowered {
        call: Call {
            method: "PUT".into(),
            path: format!("{root}/apis/publish/{{api}}"),
            args: BTreeMap::from([("api".to_owned(), api_of(&change.address))]),
            query: Vec::new(),
            body: json!({ "version_id": switch.to }),
        },
        reply: Reply::Ignore,
        recover: None,
        batch: None,
    }
}

/// 3.5.9: many APIs, one environment; or the switch to an earlier version.
pub(in crate::provider) fn publication(root: &str, change: &Change) -> Lowered {
    if let Some(switch) = &change.switch {
        return self::switch(root, change, switch);
    }
    let address = &change.address;
    let environment = address.part(2);
    let action = if change.action == Action::Publish { "online" } else { "offline" };
    let env_id = id_of(&Address::new(Kind::Environment, &[&environment]));
    Lowered {
        call: Call {
            method: "POST".into(),
            path: format!("{root}/apis/publish"),
            args: BTreeMap::new(),
            query: vec![("action".into(), action.into())],
            body: json!({ "env_id": env_id, "apis": { "$items": true } }),
        },
        reply: Reply::Rows {
            lists: vec!["success".into()],
            key: "api_id".into(),
            // The shared gateway names no publication of what went offline.
            id: if action == "online" { "publish_id" } else { "api_id" }.into(),
            failures: Some(("failure".into(), "api_id".into())),
        },
        recover: None,
        batch: Some(Batch {
            key: format!("{action} {environment}"),
            limit: PUBLISH,
            item: api_of(address),
            row: Vec::new(),
        }),
    }
}
