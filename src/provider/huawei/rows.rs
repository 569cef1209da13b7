//! The objects that both gateways have, as far as they are the same, and what both are asked for a snapshot: each gateway
//! fills in the rest.

use serde_json::Value;

use super::convert::{access, app, domain, environment, group, signature, throttle, variable};
use super::objects::{Object, PLAIN, Rows, When, of};
use super::observe::capture::{ANY, Child, is_bound};
use super::observe::text;
use crate::kind::Kind;
use crate::kinds::spec::Spec;

/// Groups.
pub(in crate::provider) const GROUP: Object = Object {
    kind: Kind::Group,
    path: "/api-groups",
    list: "groups",
    read: When::Always,
    create: of!(Group, group::body),
    spec: Some(|wire, _| group::spec(wire).map(Spec::Group)),
    snapshot: ("groups", ""),
    ..PLAIN
};

/// Environments.
pub(in crate::provider) const ENVIRONMENT: Object = Object {
    kind: Kind::Environment,
    path: "/envs",
    list: "envs",
    read: When::Always,
    create: of!(Environment, environment::body),
    spec: Some(|wire, _| environment::spec(wire).map(Spec::Environment)),
    snapshot: ("envs", ""),
    ..PLAIN
};

/// Variables.
pub(in crate::provider) const VARIABLE: Object = Object {
    kind: Kind::Variable,
    path: "/env-variables",
    list: "variables",
    keys: &[("variable_name", "variable_name"), ("group_id", "group_id"), ("env_id", "env_id")],
    read: When::Apart,
    create: of!(Variable, variable::create),
    spec: Some(|wire, _| variable::spec(wire).map(Spec::Variable)),
    snapshot: ("variables", ""),
    ..PLAIN
};

/// Throttles.
pub(in crate::provider) const THROTTLE: Object = Object {
    kind: Kind::Throttle,
    path: "/throttles",
    list: "throttles",
    read: When::Always,
    create: of!(Throttle, throttle::body),
    spec: Some(|wire, _| throttle::spec(wire).map(Spec::Throttle)),
    snapshot: ("throttles", ""),
    ..PLAIN
};

/// Throttle exceptions.
pub(in crate::provider) const THROTTLE_EXCEPTION: Object = Object {
    kind: Kind::ThrottleException,
    list: "throttle_specials",
    precise: false,
    has: |row| row.get("is_inclu_special_throttle").and_then(Value::as_u64) == Some(1),
    update: Some(of!(ThrottleException, throttle::update_exception)),
    spec: Some(|wire, _| throttle::exception(wire).map(Spec::ThrottleException)),
    snapshot: ("throttle_specials", "throttle_id"),
    ..PLAIN
};

/// Signatures.
pub(in crate::provider) const SIGNATURE: Object = Object {
    kind: Kind::Signature,
    path: "/signs",
    list: "signs",
    read: When::Always,
    spec: Some(|wire, _| signature::spec(wire).map(Spec::Signature)),
    snapshot: ("signs", ""),
    ..PLAIN
};

/// Access controls.
pub(in crate::provider) const ACCESS_CONTROL: Object = Object {
    kind: Kind::AccessControl,
    path: "/acls",
    list: "acls",
    keys: &[("acl_name", "name")],
    create: of!(AccessControl, access::body),
    spec: Some(|wire, _| access::spec(wire).map(Spec::AccessControl)),
    snapshot: ("acls", ""),
    ..PLAIN
};

/// APIs.
pub(in crate::provider) const API: Object = Object {
    kind: Kind::Api,
    path: "/apis",
    list: "apis",
    keys: &[("name", "name"), ("group_id", "group_id")],
    read: When::Apart,
    ..PLAIN
};

/// Apps.
pub(in crate::provider) const APP: Object = Object {
    kind: Kind::App,
    path: "/apps",
    list: "apps",
    create: of!(App, app::body),
    spec: Some(|wire, _| app::spec(wire).map(Spec::App)),
    snapshot: ("apps", ""),
    ..PLAIN
};

/// App codes.
pub(in crate::provider) const APP_CODE: Object = Object {
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
};

/// Authorizers.
pub(in crate::provider) const AUTHORIZER: Object = Object {
    kind: Kind::Authorizer,
    path: "/authorizers",
    list: "authorizer_list",
    precise: false,
    snapshot: ("authorizers", ""),
    ..PLAIN
};

/// Channels.
pub(in crate::provider) const CHANNEL: Object = Object {
    kind: Kind::Channel,
    path: "/vpc-channels",
    rows: Rows::Part,
    snapshot: ("vpc_channels", ""),
    ..PLAIN
};

/// Domains.
pub(in crate::provider) const DOMAIN: Object = Object {
    kind: Kind::Domain,
    path: "/api-groups/{owner}/domains",
    read: When::Apart,
    precise: false,
    keys: &[("url_domain", "")],
    spec: Some(|wire, _| domain::spec(wire).map(Spec::Domain)),
    found: Some(("/api-groups/{owner}", "url_domains", "domain")),
    ..PLAIN
};

/// `variables`.
pub(in crate::provider) const VARIABLES: Child = Child {
    collection: "variables",
    parent: "groups",
    path: "/env-variables",
    query: "group_id",
    rows: "variables",
    member: "group_id",
    ..ANY
};

/// `throttle_specials`.
pub(in crate::provider) const THROTTLE_SPECIALS: Child = Child {
    collection: "throttle_specials",
    parent: "throttles",
    path: "/throttles/{}/throttle-specials",
    rows: "throttle_specials",
    member: "throttle_id",
    has: |row| row["is_inclu_special_throttle"].as_i64() != Some(2),
    ..ANY
};

/// `throttle_bindings`.
pub(in crate::provider) const THROTTLE_BINDINGS: Child = Child {
    collection: "throttle_bindings",
    parent: "throttles",
    path: "/throttle-bindings/binded-apis",
    query: "throttle_id",
    rows: "apis",
    member: "throttle_id",
    has: is_bound,
    ..ANY
};

/// `sign_bindings`.
pub(in crate::provider) const SIGN_BINDINGS: Child = Child {
    collection: "sign_bindings",
    parent: "signs",
    path: "/sign-bindings/binded-apis",
    query: "sign_id",
    rows: "bindings",
    member: "sign_id",
    has: is_bound,
    ..ANY
};

/// `acl_bindings`.
pub(in crate::provider) const ACL_BINDINGS: Child = Child {
    collection: "acl_bindings",
    parent: "acls",
    path: "/acl-bindings/binded-apis",
    query: "acl_id",
    rows: "apis",
    member: "acl_id",
    has: is_bound,
    ..ANY
};

/// `app_codes`.
pub(in crate::provider) const APP_CODES: Child = Child {
    collection: "app_codes",
    parent: "apps",
    path: "/apps/{}/app-codes",
    rows: "app_codes",
    member: "app_id",
    ..ANY
};

/// `versions`.
pub(in crate::provider) const VERSIONS: Child = Child {
    collection: "versions",
    parent: "apis",
    path: "/apis/publish/{}",
    rows: "api_versions",
    member: "api_id",
    has: |row| !text(row, "publish_id").is_empty(),
    ..ANY
};
