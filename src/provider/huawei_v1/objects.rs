//! The objects of the shared gateway, by the names of their calls.

use serde_json::Value;

use super::convert;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::provider::huawei::convert::{
    access, app, domain, environment, group, signature, throttle, variable,
};
use crate::provider::huawei::objects::{Object, PLAIN, Rows, When, of};

/// One for each kind.
pub(super) static OBJECTS: &[Object] = &[
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
    Object {
        kind: Kind::Environment,
        path: "/envs",
        list: "envs",
        read: When::Always,
        create: of!(Environment, environment::body),
        spec: Some(|wire, _| environment::spec(wire).map(Spec::Environment)),
        snapshot: ("envs", ""),
        ..PLAIN
    },
    Object {
        kind: Kind::Variable,
        path: "/env-variables",
        list: "variables",
        keys: &[("variable_name", "variable_name"), ("group_id", "group_id"), ("env_id", "env_id")],
        read: When::Apart,
        create: of!(Variable, variable::create),
        fixed: "the shared gateway cannot change a variable (it has only the calls that make and delete one): give \
                the new value to a variable of another name, and name that one in the backends",
        spec: Some(|wire, _| variable::spec(wire).map(Spec::Variable)),
        snapshot: ("variables", ""),
        ..PLAIN
    },
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
    // The collection names no policy, the list does.
    Object {
        kind: Kind::ThrottleException,
        path: "/throttle-specials",
        of_owner: "/throttle-specials/{owner}",
        list: "throttle_specials",
        keys: &[("instance_id", ""), ("instance_type", "")],
        precise: false,
        has: |row| row.get("is_inclu_special_throttle").and_then(Value::as_u64) == Some(1),
        named: |row, owner| Some(convert::exception_of(row, owner)),
        create: of!(ThrottleException, convert::exception),
        update: Some(of!(ThrottleException, throttle::update_exception)),
        spec: Some(|wire, _| throttle::exception(wire).map(Spec::ThrottleException)),
        shown: Some(of!(ThrottleException, throttle::create_exception)),
        snapshot: ("throttle_specials", "throttle_id"),
        ..PLAIN
    },
    Object {
        kind: Kind::Signature,
        path: "/signs",
        list: "signs",
        read: When::Always,
        create: of!(Signature, convert::signature),
        spec: Some(|wire, _| signature::spec(wire).map(Spec::Signature)),
        snapshot: ("signs", ""),
        ..PLAIN
    },
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
    Object {
        kind: Kind::Api,
        path: "/apis",
        list: "apis",
        keys: &[("name", "name"), ("group_id", "group_id")],
        read: When::Apart,
        create: of!(Api, convert::api),
        spec: Some(|wire, names| convert::read_api(wire, names).map(|spec| Spec::Api(spec.into()))),
        ..PLAIN
    },
    Object {
        kind: Kind::App,
        path: "/apps",
        list: "apps",
        create: of!(App, app::body),
        spec: Some(|wire, _| app::spec(wire).map(Spec::App)),
        snapshot: ("apps", ""),
        ..PLAIN
    },
    // The gateway knows no name: who looks at the list gives one to each.
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
    Object {
        kind: Kind::Authorizer,
        path: "/authorizers",
        list: "authorizer_list",
        precise: false,
        create: of!(Authorizer, convert::authorizer),
        spec: Some(|wire, _| convert::read_authorizer(wire).map(Spec::Authorizer)),
        snapshot: ("authorizers", ""),
        ..PLAIN
    },
    // Lists leave out members and health check.
    Object {
        kind: Kind::Channel,
        path: "/vpc-channels",
        list: "vpcs",
        rows: Rows::Part,
        create: of!(Channel, convert::channel),
        spec: Some(|wire, _| convert::read_channel(wire).map(|spec| Spec::Channel(spec.into()))),
        shown: Some(of!(Channel, crate::provider::huawei::convert::channel::body)),
        snapshot: ("vpc_channels", ""),
        ..PLAIN
    },
    // There is no list: a group's row shows its domains.
    Object {
        kind: Kind::Domain,
        path: "/api-groups/{owner}/domains",
        read: When::Apart,
        precise: false,
        keys: &[("url_domain", "")],
        create: of!(Domain, convert::domain),
        fixed: "the shared gateway cannot change a domain",
        spec: Some(|wire, _| domain::spec(wire).map(Spec::Domain)),
        found: Some(("/api-groups/{owner}", "url_domains", "domain")),
        ..PLAIN
    },
];
