//! One descriptor per kind of object: where it is, how it is told apart, what its bodies are. [`super::lower`] makes calls
//! from them, [`super::observe`] reads by them, [`super::snapshot`] names them to a rehearsal.
//!
//! APIs and publications are read by code of their own (lists do not show all of them), and what is attached to
//! publications is in [`super::links`].

use serde_json::Value;

use super::convert::{
    Names, Unreadable, access, api, app, authorizer, certificate, channel, domain, environment, feature,
    group, plugin, quota, response, signature, throttle, variable,
};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;

/// How one kind of object is called and read.
pub(super) struct Object {
    pub(super) kind: Kind,
    /// The collection, below the gateway; `{owner}` stands for the id of what it belongs to, `../` leads up, as to what is the
    /// project's.
    pub(super) path: &'static str,
    pub(super) shape: Shape,
    /// The list in the answer of the collection's `GET`.
    pub(super) list: &'static str,
    /// The parameter of the list that names the gateway, for what is the project's; empty: none.
    pub(super) here: &'static str,
    /// The field with the id, in a row and in the answer that makes it.
    pub(super) id: &'static str,
    /// Fields of a row that tell the object by its natural key, as in its body, each with the parameter that filters by it
    /// (empty: none). The first is the name.
    pub(super) keys: &'static [(&'static str, &'static str)],
    /// Whether the list takes `precise_search` for the first filter; else it is fuzzy and rows are compared.
    pub(super) precise: bool,
    pub(super) read: When,
    /// How much lists show.
    pub(super) rows: Rows,
    /// Of what belongs to another: whether a row of the owner says that it has some.
    pub(super) has: fn(&Value) -> bool,
    /// The natural key of a row that belongs to another, where it is not the owner's with the name.
    pub(super) named: fn(&Value, &Address) -> Option<Address>,
    /// The body that makes it. An `update` that is `None` is the same.
    pub(super) create: Body,
    pub(super) update: Option<Body>,
    /// The spec that a row or a detail shows; none for what is only looked up.
    pub(super) spec: Option<Reading>,
    /// Whether one that holds what a manifest cannot say is reported and left alone; else nothing can be planned.
    pub(super) lenient: bool,
    /// The field of a row that shows a secret, if one does. Of one in clear only the fingerprint is kept.
    pub(super) shows: &'static str,
    /// Where one is found that was made, when the collection has no list: path, list, and the field with its name.
    pub(super) found: Option<(&'static str, &'static str, &'static str)>,
    /// What a snapshot shows of it, where that is not the body that makes it.
    pub(super) shown: Option<Body>,
    /// The collection in an engine's snapshot, and the field that names the owner there.
    pub(super) snapshot: (&'static str, &'static str),
}

/// A spec as the body of a call.
pub(super) type Body = fn(&Address, &Spec) -> Option<Value>;

/// A row or a detail as a spec.
pub(super) type Reading = fn(&Value, &dyn Names) -> Result<Spec, Unreadable>;

/// How an object is made, changed and removed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
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
pub(super) enum Rows {
    /// All of it.
    Whole,
    /// Some of it, and each one that is managed takes a call of its own.
    Part,
    /// As [`Self::Part`], and what they show of the others is used.
    Some,
}

/// When a kind is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// In every plan.
    Always,
    /// When anything names it.
    Wanted,
    /// By code of its own.
    Apart,
}

/// What most kinds have in common.
const PLAIN: Object = Object {
    kind: Kind::Group,
    path: "",
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
            Spec::$kind(spec) => Some($body(address, spec)),
            _ => None,
        }
    };
}

/// The descriptors.
pub(super) static OBJECTS: &[Object] = &[
    // 3.1
    Object {
        kind: Kind::Group,
        path: "/api-groups",
        list: "groups",
        read: When::Always,
        create: of!(Group, group::body),
        spec: Some(|wire, _| group::spec(wire).map(Spec::Group)),
        snapshot: ("groups", ""),
        ..PLAIN
    },
    // 3.2
    Object {
        kind: Kind::Environment,
        path: "/envs",
        list: "envs",
        precise: false,
        read: When::Always,
        create: of!(Environment, environment::body),
        spec: Some(|wire, _| environment::spec(wire).map(Spec::Environment)),
        snapshot: ("envs", ""),
        ..PLAIN
    },
    // 3.3
    Object {
        kind: Kind::Variable,
        path: "/env-variables",
        list: "variables",
        keys: &[("variable_name", "variable_name"), ("group_id", "group_id"), ("env_id", "env_id")],
        read: When::Apart,
        create: of!(Variable, variable::create),
        update: Some(of!(Variable, variable::update)),
        spec: Some(|wire, _| variable::spec(wire).map(Spec::Variable)),
        snapshot: ("variables", ""),
        ..PLAIN
    },
    // 3.4
    Object {
        kind: Kind::Throttle,
        path: "/throttles",
        list: "throttles",
        read: When::Always,
        create: of!(Throttle, throttle::body),
        spec: Some(|wire, _| throttle::spec(wire).map(Spec::Throttle)),
        snapshot: ("throttles", ""),
        ..PLAIN
    },
    // 3.9; 3.4.4 tells which throttles have some.
    Object {
        kind: Kind::ThrottleException,
        path: "/throttles/{owner}/throttle-specials",
        list: "throttle_specials",
        keys: &[("object_id", ""), ("object_type", "")],
        precise: false,
        has: |row| row.get("is_inclu_special_throttle").and_then(Value::as_u64) == Some(1),
        named: |row, owner| Some(throttle::exception_of(row, owner)),
        create: of!(ThrottleException, throttle::create_exception),
        update: Some(of!(ThrottleException, throttle::update_exception)),
        spec: Some(|wire, _| throttle::exception(wire).map(Spec::ThrottleException)),
        snapshot: ("throttle_specials", "throttle_id"),
        ..PLAIN
    },
    // 3.6
    Object {
        kind: Kind::Signature,
        path: "/signs",
        list: "signs",
        read: When::Always,
        create: of!(Signature, signature::body),
        spec: Some(|wire, _| signature::spec(wire).map(Spec::Signature)),
        snapshot: ("signs", ""),
        ..PLAIN
    },
    // 3.13
    Object {
        kind: Kind::AccessControl,
        path: "/acls",
        list: "acls",
        keys: &[("acl_name", "name")],
        create: of!(AccessControl, access::body),
        spec: Some(|wire, _| access::spec(wire).map(Spec::AccessControl)),
        snapshot: ("acls", ""),
        ..PLAIN
    },
    // 3.27
    Object {
        kind: Kind::Plugin,
        path: "/plugins",
        list: "plugins",
        id: "plugin_id",
        keys: &[("plugin_name", "plugin_name")],
        create: of!(Plugin, plugin::body),
        spec: Some(|wire, names| plugin::spec(wire, names).map(|spec| Spec::Plugin(spec.into()))),
        lenient: true,
        snapshot: ("plugins", ""),
        ..PLAIN
    },
    // 3.5
    Object {
        kind: Kind::Api,
        path: "/apis",
        list: "apis",
        keys: &[("name", "name"), ("group_id", "group_id")],
        read: When::Apart,
        create: of!(Api, api::body),
        spec: Some(|wire, names| api::spec(wire, names).map(|spec| Spec::Api(spec.into()))),
        ..PLAIN
    },
    // 3.28
    Object {
        kind: Kind::App,
        path: "/apps",
        list: "apps",
        create: of!(App, app::body),
        spec: Some(|wire, _| app::spec(wire).map(Spec::App)),
        snapshot: ("apps", ""),
        ..PLAIN
    },
    // 3.28.14 to 3.28.16
    Object {
        kind: Kind::AppAccess,
        path: "/apps/{owner}/app-acl",
        shape: Shape::One,
        keys: &[("app_id", "")],
        create: of!(AppAccess, app::access_body),
        spec: Some(|wire, _| app::access(wire).map(Spec::AppAccess)),
        snapshot: ("app_acls", "app_id"),
        ..PLAIN
    },
    // 3.28.8 to 3.28.12. The gateway knows no name: who looks at the list gives one to each.
    Object {
        kind: Kind::AppCode,
        path: "/apps/{owner}/app-codes",
        list: "app_codes",
        keys: &[("app_code", "")],
        precise: false,
        named: |row, owner| Some(app::code_of(row, owner)),
        create: of!(AppCode, app::code_body),
        spec: Some(|wire, _| app::code(wire).map(Spec::AppCode)),
        shows: "app_code",
        snapshot: ("app_codes", "app_id"),
        ..PLAIN
    },
    // 3.29
    Object {
        kind: Kind::Quota,
        path: "/app-quotas",
        list: "quotas",
        id: "app_quota_id",
        precise: false,
        create: of!(Quota, quota::body),
        spec: Some(|wire, _| quota::spec(wire).map(Spec::Quota)),
        snapshot: ("app_quotas", ""),
        ..PLAIN
    },
    // 3.15
    Object {
        kind: Kind::Authorizer,
        path: "/authorizers",
        list: "authorizer_list",
        precise: false,
        create: of!(Authorizer, authorizer::body),
        spec: Some(|wire, _| authorizer::spec(wire).map(Spec::Authorizer)),
        snapshot: ("authorizers", ""),
        ..PLAIN
    },
    // 3.17; lists leave out members and health check.
    Object {
        kind: Kind::Channel,
        path: "/vpc-channels",
        list: "vpc_channels",
        rows: Rows::Part,
        create: of!(Channel, channel::body),
        spec: Some(|wire, _| channel::spec(wire).map(|spec| Spec::Channel(spec.into()))),
        snapshot: ("vpc_channels", ""),
        ..PLAIN
    },
    // 3.19, which has no list over groups.
    Object {
        kind: Kind::GroupResponse,
        path: "/api-groups/{owner}/gateway-responses",
        list: "responses",
        read: When::Apart,
        precise: false,
        keys: &[("name", "")],
        create: of!(GroupResponse, response::body),
        spec: Some(|wire, _| response::spec(wire).map(Spec::GroupResponse)),
        snapshot: ("group_responses", "group_id"),
        ..PLAIN
    },
    // 3.26
    Object {
        kind: Kind::Certificate,
        path: "../../certificates",
        list: "certs",
        here: "instance_id",
        precise: false,
        rows: Rows::Some,
        create: of!(Certificate, certificate::body),
        spec: Some(|wire, _| certificate::spec(wire).map(|spec| Spec::Certificate(spec.into()))),
        shown: Some(of!(Certificate, certificate::shown)),
        snapshot: ("certificates", ""),
        ..PLAIN
    },
    // 3.21
    Object {
        kind: Kind::Feature,
        path: "/features",
        shape: Shape::Set,
        list: "features",
        precise: false,
        create: of!(Feature, feature::body),
        spec: Some(|wire, _| feature::spec(wire).map(Spec::Feature)),
        shown: Some(of!(Feature, feature::shown)),
        snapshot: ("features", ""),
        ..PLAIN
    },
    // 3.12, which has no list: a group's row shows its domains.
    Object {
        kind: Kind::Domain,
        path: "/api-groups/{owner}/domains",
        read: When::Apart,
        precise: false,
        keys: &[("url_domain", "")],
        create: of!(Domain, domain::create),
        update: Some(of!(Domain, domain::update)),
        spec: Some(|wire, _| domain::spec(wire).map(Spec::Domain)),
        found: Some(("/api-groups/{owner}", "url_domains", "domain")),
        ..PLAIN
    },
];

/// The descriptor of a kind, where it is an object.
pub(super) fn of(kind: Kind) -> Option<&'static Object> {
    OBJECTS.iter().find(|object| object.kind == kind)
}

/// A path below the gateway, or by `../` above it.
pub(super) fn join(root: &str, path: &str) -> String {
    match path.strip_prefix("../") {
        None if path.starts_with('/') => format!("{root}{path}"),
        None => format!("{root}/{path}"),
        Some(rest) => join(root.rsplit_once('/').map_or("", |(above, _)| above), rest),
    }
}

/// The id of the gateway. It is the last part of the root; ids are of letters, digits and hyphens, which stay as they are.
pub(super) fn gateway_of(root: &str) -> &str {
    root.rsplit_once('/').map_or("", |(_, id)| id)
}

/// Puts the id of the gateway where `{"$gateway": true}` stands.
pub(super) fn name_gateway(value: &mut Value, root: &str) {
    match value {
        Value::Object(map) if map.contains_key("$gateway") => *value = gateway_of(root).into(),
        Value::Object(map) => map.values_mut().for_each(|value| name_gateway(value, root)),
        Value::Array(items) => items.iter_mut().for_each(|value| name_gateway(value, root)),
        _ => {}
    }
}

impl Object {
    /// What the object at `address` belongs to, where its path names it.
    pub(super) fn owner(&self, address: &Address) -> Option<Address> {
        self.path
            .contains("{owner}")
            .then(|| address.kind.def().owners.first())?
            .map(|owner| owner.of(address))
    }

    /// The kind of what it belongs to, where its path names it.
    pub(super) fn owner_kind(&self) -> Option<Kind> {
        self.path.contains("{owner}").then(|| self.kind.def().owners.first())?.map(|owner| owner.kind)
    }
}
