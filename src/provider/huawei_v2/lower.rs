//! Changes to calls: one table of objects, and the batch forms of publications and bindings.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::convert;
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::plan::build::{Batch, BatchSizes, Lowered, Unsupported};
use crate::plan::{Action, Call, Change, Recover, Reply, id_of};

/// At most 1,000 APIs are published or taken offline at once (3.5.9). Bindings have no documented limit; the same one is
/// kept. Signatures cannot be detached in batches (3.7.2).
pub(super) const BATCHES: BatchSizes = BatchSizes {
    publish: 1000,
    bind_throttle: 1000,
    unbind_throttle: 1000,
    bind_signature: 1000,
    unbind_signature: 1,
};

/// How one kind of object is called: `POST` makes one, `PUT` and `DELETE` on its id change and remove it.
struct Object {
    kind: Kind,
    /// The collection, below the gateway.
    path: &'static str,
    /// The list in the answer of the collection's `GET`.
    list: &'static str,
    /// Fields of a row that tell the object by its natural key, as in its body; the first is also the name filter.
    keys: &'static [&'static str],
    /// Whether the list takes `precise_search` for the first key; else the filter is fuzzy and rows are compared.
    precise: bool,
}

const OBJECTS: [Object; 7] = [
    Object { kind: Kind::Group, path: "/api-groups", list: "groups", keys: &["name"], precise: true },
    Object { kind: Kind::Environment, path: "/envs", list: "envs", keys: &["name"], precise: false },
    Object {
        kind: Kind::Variable,
        path: "/env-variables",
        list: "variables",
        keys: &["variable_name", "group_id", "env_id"],
        precise: true,
    },
    Object { kind: Kind::Throttle, path: "/throttles", list: "throttles", keys: &["name"], precise: true },
    Object {
        kind: Kind::ThrottleException,
        path: "/throttles/{throttle}/throttle-specials",
        list: "throttle_specials",
        keys: &["object_id", "object_type"],
        precise: false,
    },
    Object { kind: Kind::Signature, path: "/signs", list: "signs", keys: &["name"], precise: true },
    Object { kind: Kind::Api, path: "/apis", list: "apis", keys: &["name", "group_id"], precise: true },
];

/// The call that makes `change` so.
pub(super) fn lower(root: &str, change: &Change) -> Result<Lowered, Unsupported> {
    match change.address.kind {
        Kind::Publication => Ok(publication(root, change)),
        Kind::ThrottleBinding => Ok(throttle_binding(root, change)),
        Kind::SignatureBinding => Ok(signature_binding(root, change)),
        kind => match OBJECTS.iter().find(|o| o.kind == kind) {
            Some(object) => self::object(root, object, change),
            None => Err(Unsupported { reason: format!("this gateway has no {}", kind.def().noun) }),
        },
    }
}

fn object(root: &str, object: &Object, change: &Change) -> Result<Lowered, Unsupported> {
    let address = &change.address;
    let collection = format!("{root}{}", object.path);
    let mut args = BTreeMap::new();
    if object.path.contains("{throttle}") {
        args.insert("throttle".to_owned(), id_of(&Address::new(Kind::Throttle, &[&address.part(0)])));
    }
    let body = |convert: fn(&Address, &Spec) -> Option<Value>| {
        change.after.as_ref().and_then(|spec| convert(address, spec)).unwrap_or_default()
    };
    let single =
        |method: &str, path: String, args: BTreeMap<String, Value>, body: Value, reply: Reply| Lowered {
            call: Call { method: method.into(), path, args, query: Vec::new(), body },
            reply,
            recover: None,
            batch: None,
        };
    let by_id = |mut args: BTreeMap<String, Value>| {
        args.insert("id".to_owned(), id_of(address));
        args
    };
    match change.action {
        Action::Create => {
            let body = body(convert::create);
            let recover = recover(&collection, object, &args, &body);
            let made = single("POST", collection, args, body, Reply::Object { id: "id".into() });
            Ok(Lowered { recover: Some(recover), ..made })
        }
        Action::Update => {
            let body = body(convert::update);
            Ok(single("PUT", format!("{collection}/{{id}}"), by_id(args), body, Reply::Ignore))
        }
        Action::Delete => {
            Ok(single("DELETE", format!("{collection}/{{id}}"), by_id(args), Value::Null, Reply::Ignore))
        }
        action => {
            Err(Unsupported { reason: format!("a {} cannot be {}d", address.kind.def().noun, action.word()) })
        }
    }
}

/// A lost `POST` shows in the list under the same natural key.
fn recover(collection: &str, object: &Object, args: &BTreeMap<String, Value>, body: &Value) -> Recover {
    let matches: Vec<(String, Value)> = object
        .keys
        .iter()
        .map(|key| ((*key).to_owned(), body.get(*key).cloned().unwrap_or_default()))
        .collect();
    let mut query: Vec<(String, Value)> = vec![("limit".into(), "500".into())];
    if object.kind != Kind::ThrottleException {
        query.extend(matches.iter().cloned());
    }
    if object.precise {
        query.push(("precise_search".into(), object.keys[0].into()));
    }
    Recover {
        call: Call {
            method: "GET".into(),
            path: collection.into(),
            args: args.clone(),
            query,
            body: Value::Null,
        },
        list: object.list.into(),
        matches,
        id: "id".into(),
    }
}

/// 3.5.9: many APIs, one environment.
fn publication(root: &str, change: &Change) -> Lowered {
    let address = &change.address;
    let environment = address.part(2);
    let action = if change.action == Action::Publish { "online" } else { "offline" };
    let env_id = id_of(&Address::new(Kind::Environment, &[&environment]));
    let api = Address::new(Kind::Api, &[&address.part(0), &address.part(1)]);
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
            limit: BATCHES.publish,
            item: id_of(&api),
        }),
    }
}

fn publication_of(address: &Address) -> Value {
    id_of(&Address::new(Kind::Publication, &[&address.part(0), &address.part(1), &address.part(2)]))
}

/// 3.8.1 and 3.8.6. A publication has one throttle at most; binding another puts it in the place of the first: the
/// reference names no error for it, so the API is under one of the two at every moment.
fn throttle_binding(root: &str, change: &Change) -> Lowered {
    let Some(Spec::ThrottleBinding(bound)) = &change.after else {
        return Lowered {
            call: Call {
                method: "PUT".into(),
                path: format!("{root}/throttle-bindings"),
                args: BTreeMap::new(),
                query: vec![("action".into(), "delete".into())],
                body: json!({ "throttle_bindings": { "$items": true } }),
            },
            reply: Reply::Failures { list: "failure".into(), key: "bind_id".into() },
            recover: None,
            batch: Some(Batch {
                key: "unbind throttles".into(),
                limit: BATCHES.unbind_throttle,
                item: id_of(&change.address),
            }),
        };
    };
    let throttle = id_of(&Address::new(Kind::Throttle, &[&bound.to]));
    Lowered {
        call: Call {
            method: "POST".into(),
            path: format!("{root}/throttle-bindings"),
            args: BTreeMap::new(),
            query: Vec::new(),
            body: json!({ "strategy_id": throttle, "publish_ids": { "$items": true } }),
        },
        reply: Reply::Rows {
            lists: vec!["throttle_applys".into(), "throttle_applies".into()],
            key: "publish_id".into(),
            id: "id".into(),
            failures: None,
        },
        recover: None,
        batch: Some(Batch {
            key: format!("bind throttle {}", bound.to),
            limit: BATCHES.bind_throttle,
            item: publication_of(&change.address),
        }),
    }
}

/// 3.7.1 and 3.7.2: attached many at once, detached one by one.
fn signature_binding(root: &str, change: &Change) -> Lowered {
    let Some(Spec::SignatureBinding(bound)) = &change.after else {
        return Lowered {
            call: Call {
                method: "DELETE".into(),
                path: format!("{root}/sign-bindings/{{id}}"),
                args: BTreeMap::from([("id".to_owned(), id_of(&change.address))]),
                query: Vec::new(),
                body: Value::Null,
            },
            reply: Reply::Ignore,
            recover: None,
            batch: None,
        };
    };
    let signature = id_of(&Address::new(Kind::Signature, &[&bound.to]));
    Lowered {
        call: Call {
            method: "POST".into(),
            path: format!("{root}/sign-bindings"),
            args: BTreeMap::new(),
            query: Vec::new(),
            body: json!({ "sign_id": signature, "publish_ids": { "$items": true } }),
        },
        reply: Reply::Rows {
            lists: vec!["bindings".into()],
            key: "publish_id".into(),
            id: "id".into(),
            failures: None,
        },
        recover: None,
        batch: Some(Batch {
            key: format!("bind signature {}", bound.to),
            limit: BATCHES.bind_signature,
            item: publication_of(&change.address),
        }),
    }
}
