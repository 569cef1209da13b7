//! Changes to calls, by the tables of [`super::objects`] and [`super::links`], and the batch form of publications.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::app_quotas;
use super::attachments::{self, Side};
use super::authorizations;
use super::objects::{Object, Shape};
use super::{domains, gateway, links, objects};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::domain::Domain;
use crate::kinds::spec::Spec;
use crate::plan::build::{Batch, Lowered, Unsupported};
use crate::plan::{Action, Call, Change, Recover, Reply, Switch, id_of};

/// At most 1,000 APIs are published or taken offline at once (3.5.9).
const PUBLISH: usize = 1000;

/// How a kind is called whose calls are no object's.
struct Apart {
    kind: Kind,
    /// How many changes fit into one call.
    batch: fn(Action) -> usize,
    lower: fn(&str, &Change) -> Lowered,
}

static APART: &[Apart] = &[
    Apart { kind: Kind::Publication, batch: |_| PUBLISH, lower: publication },
    Apart {
        kind: Kind::PluginBinding,
        batch: |_| attachments::BATCH,
        lower: |root, change| attachments::lower(root, change, Side::Plugin),
    },
    Apart {
        kind: Kind::AppAuthorization,
        batch: |action| if action == Action::Bind { authorizations::BATCH } else { 1 },
        lower: |root, change| authorizations::lower(root, change, 0),
    },
    Apart { kind: Kind::QuotaBinding, batch: app_quotas::batch, lower: app_quotas::lower },
    Apart { kind: Kind::DomainCertificate, batch: |_| domains::BATCH, lower: domains::lower },
    Apart { kind: Kind::Gateway, batch: |_| 1, lower: gateway::settings },
    Apart { kind: Kind::GatewayTag, batch: |_| gateway::TAGS, lower: gateway::tag },
    Apart { kind: Kind::EndpointPermission, batch: |_| gateway::PERMISSIONS, lower: gateway::permission },
];

fn apart(kind: Kind) -> Option<&'static Apart> {
    APART.iter().find(|apart| apart.kind == kind)
}

/// How many changes fit into one call.
pub(super) fn batch_size(kind: Kind, action: Action) -> usize {
    match (links::of(kind), apart(kind)) {
        (Some(link), _) => link.batch(action),
        (None, Some(apart)) => (apart.batch)(action),
        (None, None) => 1,
    }
}

/// The call that makes `change` so.
pub(super) fn lower(root: &str, change: &Change) -> Result<Lowered, Unsupported> {
    let kind = change.address.kind;
    if let Some(apart) = apart(kind) {
        return Ok((apart.lower)(root, change));
    }
    if let Some(link) = links::of(kind) {
        return Ok(link.lower(root, change));
    }
    match objects::of(kind).filter(|object| object.spec.is_some()) {
        Some(object) => self::object(root, object, change),
        None => Err(Unsupported { reason: format!("this gateway has no {}", kind.def().noun) }),
    }
}

/// The calls of all changes: plug-ins are attached and detached in the direction that takes fewer, apps authorized for as many
/// APIs at once as fit.
pub(super) fn lower_all(root: &str, changes: &[Change]) -> Vec<Result<Lowered, Unsupported>> {
    let sides = attachments::sides(changes);
    let calls = authorizations::calls(changes);
    let one = |(i, change)| match (sides.get(&i), calls.get(&i)) {
        (Some(side), _) => Ok(attachments::lower(root, change, *side)),
        (_, Some(number)) => Ok(authorizations::lower(root, change, *number)),
        _ => lower(root, change).map(|lowered| at(root, lowered)),
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

fn object(root: &str, object: &Object, change: &Change) -> Result<Lowered, Unsupported> {
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
        let recover = set(root, object, &body);
        return Ok(Lowered { recover, ..one("POST", collection, args, body, made(object.id)) });
    }
    if change.action != Action::Create {
        args.insert("id".to_owned(), id_of(address));
    }
    match change.action {
        Action::Create => {
            let body = body(object.create);
            let recover = recover(root, object, address, &args, &body);
            Ok(Lowered { recover: Some(recover), ..one("POST", collection, args, body, made(object.id)) })
        }
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

/// A lost setting shows in the list as it was sent; of one with a secret that cannot be told.
fn set(root: &str, object: &Object, body: &Value) -> Option<Recover> {
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
            query: vec![("limit".into(), "500".into())],
            body: Value::Null,
        },
        list: object.list.into(),
        matches: fields?,
        id: object.id.into(),
    })
}

/// A lost `POST` shows in the list under the same natural key.
fn recover(
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
    let mut query: Vec<(String, Value)> = vec![("limit".into(), "500".into())];
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
        call: read(object.path, query),
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
fn publication(root: &str, change: &Change) -> Lowered {
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
            id: "publish_id".into(),
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
