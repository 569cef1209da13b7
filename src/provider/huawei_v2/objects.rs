//! The objects of the dedicated gateway, with the sections of its reference.

use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::provider::huawei::convert::{
    api, app, authorizer, certificate, channel, domain, feature, plugin, quota, response, signature,
    throttle, variable,
};
use crate::provider::huawei::objects::{Object, PLAIN, Rows, Shape, When, of};
use crate::provider::huawei::rows;

/// One for each kind.
pub(super) static OBJECTS: &[Object] = &[
    // 3.1
    rows::GROUP,
    // 3.2
    Object { precise: false, ..rows::ENVIRONMENT },
    // 3.3
    Object { update: Some(of!(Variable, variable::update)), ..rows::VARIABLE },
    // 3.4
    rows::THROTTLE,
    // 3.9; 3.4.4 tells which throttles have some.
    Object {
        path: "/throttles/{owner}/throttle-specials",
        keys: &[("object_id", ""), ("object_type", "")],
        named: |row, owner| Some(throttle::exception_of(row, owner)),
        create: of!(ThrottleException, throttle::create_exception),
        ..rows::THROTTLE_EXCEPTION
    },
    // 3.6
    Object { create: of!(Signature, signature::body), ..rows::SIGNATURE },
    // 3.13
    rows::ACCESS_CONTROL,
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
        create: of!(Api, api::body),
        spec: Some(|wire, names| api::spec(wire, names).map(|spec| Spec::Api(spec.into()))),
        ..rows::API
    },
    // 3.28
    rows::APP,
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
    rows::APP_CODE,
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
        create: of!(Authorizer, authorizer::body),
        spec: Some(|wire, _| authorizer::spec(wire).map(Spec::Authorizer)),
        ..rows::AUTHORIZER
    },
    // 3.17; lists leave out members and health check.
    Object {
        list: "vpc_channels",
        create: of!(Channel, channel::body),
        spec: Some(|wire, _| channel::spec(wire).map(|spec| Spec::Channel(spec.into()))),
        ..rows::CHANNEL
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
    Object { create: of!(Domain, domain::create), update: Some(of!(Domain, domain::update)), ..rows::DOMAIN },
];
