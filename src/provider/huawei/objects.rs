//! One descriptor per kind of object: where it is, how it is told apart, what its bodies are. [`super::lower`] makes calls
//! from them, [`super::observe`] reads by them, [`super::snapshot`] names them to a rehearsal.
//!
//! APIs and publications are read by code of their own (lists do not show all of them), and what is attached to
//! publications is in [`super::links`].

use serde_json::Value;

use super::convert::{Names, Unreadable};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;

/// How one kind of object is called and read.
pub(in crate::provider) struct Object {
    pub(in crate::provider) kind: Kind,
    /// The collection, below the gateway; `{owner}` stands for the id of what it belongs to, `../` leads up, as to what is the
    /// project's.
    pub(in crate::provider) path: &'static str,
    /// The list of those of an owner, where it is not the collection; with `{owner}`.
    pub(in crate::provider) of_owner: &'static str,
    pub(in crate::provider) shape: Shape,
    /// The list in the answer of the collection's `GET`.
    pub(in crate::provider) list: &'static str,
    /// The parameter of the list that names the gateway, for what is the project's; empty: none.
    pub(in crate::provider) here: &'static str,
    /// The field with the id, in a row and in the answer that makes it.
    pub(in crate::provider) id: &'static str,
    /// Fields of a row that tell the object by its natural key, as in its body, each with the parameter that filters by it
    /// (empty: none). The first is the name.
    pub(in crate::provider) keys: &'static [(&'static str, &'static str)],
    /// Whether the list takes `precise_search` for the first filter; else it is fuzzy and rows are compared.
    pub(in crate::provider) precise: bool,
    pub(in crate::provider) read: When,
    /// How much lists show.
    pub(in crate::provider) rows: Rows,
    /// Of what belongs to another: whether a row of the owner says that it has some.
    pub(in crate::provider) has: fn(&Value) -> bool,
    /// The natural key of a row that belongs to another, where it is not the owner's with the name.
    pub(in crate::provider) named: fn(&Value, &Address) -> Option<Address>,
    /// The body that makes it. An `update` that is `None` is the same.
    pub(in crate::provider) create: Body,
    pub(in crate::provider) update: Option<Body>,
    /// Why one that is there cannot be changed, and what to do instead; empty: it can.
    pub(in crate::provider) fixed: &'static str,
    /// The spec that a row or a detail shows; none for what is only looked up.
    pub(in crate::provider) spec: Option<Reading>,
    /// Whether one that holds what a manifest cannot say is reported and left alone; else nothing can be planned.
    pub(in crate::provider) lenient: bool,
    /// The field of a row that shows a secret, if one does. Of one in clear only the fingerprint is kept.
    pub(in crate::provider) shows: &'static str,
    /// Where one is found that was made, when the collection has no list: path, list, and the field with its name.
    pub(in crate::provider) found: Option<(&'static str, &'static str, &'static str)>,
    /// What a snapshot shows of it, where that is not the body that makes it.
    pub(in crate::provider) shown: Option<Body>,
    /// The collection in an engine's snapshot, and the field that names the owner there.
    pub(in crate::provider) snapshot: (&'static str, &'static str),
}

/// A spec as the body of a call.
pub(in crate::provider) type Body = fn(&Address, &Spec) -> Option<Value>;

/// A row or a detail as a spec.
pub(in crate::provider) type Reading = fn(&Value, &dyn Names) -> Result<Spec, Unreadable>;

/// How an object is made, changed and removed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::provider) enum Shape {
    /// `POST` on the collection makes one, `PUT` and `DELETE` on its id change and remove it.
    Many,
    /// All are there from the start: `POST` on the collection sets one, whether or not it was set.
    Set,
    /// There is at most one: `PUT` on the path makes and changes it, `DELETE` removes it, and its id is its owner's, which
    /// stands in the first of `keys`.
    One,
}

/// How much lists show of a kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::provider) enum Rows {
    /// All of it.
    Whole,
    /// Some of it, and each one that is managed takes a call of its own.
    Part,
    /// As [`Self::Part`], and what they show of the others is used.
    Some,
}

/// When a kind is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::provider) enum When {
    /// In every plan.
    Always,
    /// When anything names it.
    Wanted,
    /// By code of its own.
    Apart,
}

/// What most kinds have in common.
pub(in crate::provider) const PLAIN: Object = Object {
    kind: Kind::Group,
    path: "",
    of_owner: "",
    shape: Shape::Many,
    list: "",
    here: "",
    id: "id",
    keys: &[("name", "name")],
    precise: true,
    read: When::Wanted,
    rows: Rows::Whole,
    has: |_| true,
    named: |_, _| None,
    create: |_, _| None,
    update: None,
    fixed: "",
    spec: None,
    lenient: false,
    shows: "",
    found: None,
    shown: None,
    snapshot: ("", ""),
};

/// A function on the spec of one kind as one on all specs.
macro_rules! of {
    ($kind:ident, $body:path) => {
        |address, spec| match spec {
            $crate::kinds::spec::Spec::$kind(spec) => Some($body(address, spec)),
            _ => None,
        }
    };
}
pub(in crate::provider) use of;

/// A path below the gateway, or by `../` above it.
pub(in crate::provider) fn join(root: &str, path: &str) -> String {
    match path.strip_prefix("../") {
        None if path.starts_with('/') => format!("{root}{path}"),
        None => format!("{root}/{path}"),
        Some(rest) => join(root.rsplit_once('/').map_or("", |(above, _)| above), rest),
    }
}

/// The id of the gateway. It is the last part of the root; ids are of letters, digits and hyphens, which stay as they are.
pub(in crate::provider) fn gateway_of(root: &str) -> &str {
    root.rsplit_once('/').map_or("", |(_, id)| id)
}

/// Puts the id of the gateway where `{"$gateway": true}` stands.
pub(in crate::provider) fn name_gateway(value: &mut Value, root: &str) {
    match value {
        Value::Object(map) if map.contains_key("$gateway") => *value = gateway_of(root).into(),
        Value::Object(map) => map.values_mut().for_each(|value| name_gateway(value, root)),
        Value::Array(items) => items.iter_mut().for_each(|value| name_gateway(value, root)),
        _ => {}
    }
}

impl Object {
    /// The path of the list.
    pub(in crate::provider) fn list_path(&self) -> &'static str {
        if self.of_owner.is_empty() { self.path } else { self.of_owner }
    }

    /// What the object at `address` belongs to, where its path or that of its list names it.
    pub(in crate::provider) fn owner(&self, address: &Address) -> Option<Address> {
        self.is_owned().then(|| address.kind.def().owners.first())?.map(|owner| owner.of(address))
    }

    /// The kind of what it belongs to, where a path names it.
    pub(in crate::provider) fn owner_kind(&self) -> Option<Kind> {
        self.is_owned().then(|| self.kind.def().owners.first())?.map(|owner| owner.kind)
    }

    fn is_owned(&self) -> bool {
        self.list_path().contains("{owner}")
    }
}
