//! The objects of the dedicated gateway, with the sections of its reference.

use serde_json::Value;

use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::provider::huawei::convert::{
    access, api, app, authorizer, certificate, channel, domain, environment, feature, group, plugin, quota,
    response, signature, throttle, variable,
};
use crate::provider::huawei::objects::{Object, PLAIN, Rows, Shape, When, of};

/// One for each kind.
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
