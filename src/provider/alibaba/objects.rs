//! One descriptor per kind of object: the actions that make, change, remove and list it, and where its id and its name
//! stand. [`super::lower`] makes calls from them, [`super::observe`] reads by them, [`super::snapshot`] names them to a
//! rehearsal.
//!
//! The environments, which nobody makes, are here too ([`STAGES`]).

use serde_json::Value;

use super::convert::{access, api, app, group, plugin, signature, throttle};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::provider::wire::Unreadable;

/// The environments that there are (`StageName` of all actions).
pub(super) const STAGES: [&str; 3] = ["RELEASE", "PRE", "TEST"];

/// How one kind of object is called and read.
pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) create: &'static str,
    pub(super) update: &'static str,
    pub(super) delete: &'static str,
    pub(super) list: &'static str,
    /// The rows in the answer to `list`.
    pub(super) rows: &'static str,
    /// The most rows on a page.
    pub(super) page: usize,
    /// The field with the id: in a row, in the answer that makes it, in the parameters that change or remove it.
    pub(super) id: &'static str,
    /// The field with the name: in a row and in the parameters that make it; the parameter of `list` that filters by it.
    pub(super) name: &'static str,
    pub(super) read: When,
    /// The parameters that make it, and with the id change it.
    pub(super) body: Body,
    /// What a row shows; none for what is read otherwise.
    pub(super) spec: Option<Reading>,
    /// What a row lacks of one that is managed, and is asked for by its id.
    pub(super) more: Option<More>,
    /// Whether a change of one needs its row.
    pub(super) keeps: bool,
    /// The field of a row that shows a secret.
    pub(super) shows: &'static str,
    /// The collection in an engine's snapshot.
    pub(super) snapshot: &'static str,
}

/// What a row lacks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    /// The items of an IP control, which become the member `Items`.
    Items,
    /// The key and the secret of an app, which become members; where the manifest says them.
    Security,
}

/// A spec as the parameters of a call.
pub(super) type Body = fn(&Address, &Spec) -> Option<Value>;

/// A row as a spec.
pub(super) type Reading = fn(&Value) -> Result<Spec, Unreadable>;

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
    create: "",
    update: "",
    delete: "",
    list: "",
    rows: "",
    page: 100,
    id: "",
    name: "",
    read: When::Apart,
    body: |_, _| None,
    spec: None,
    more: None,
    keeps: false,
    shows: "",
    snapshot: "",
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

/// One for each kind.
pub(super) static OBJECTS: &[Object] = &[
    Object {
        kind: Kind::Group,
        create: "CreateApiGroup",
        update: "ModifyApiGroup",
        delete: "DeleteApiGroup",
        list: "DescribeApiGroups",
        rows: "ApiGroupAttributes.ApiGroupAttribute",
        page: 50,
        id: "GroupId",
        name: "GroupName",
        read: When::Always,
        body: of!(Group, group::body),
        spec: Some(|wire| group::spec(wire).map(Spec::Group)),
        snapshot: "groups",
        ..PLAIN
    },
    Object {
        kind: Kind::Api,
        create: "CreateApi",
        update: "ModifyApi",
        delete: "DeleteApi",
        list: "DescribeApis",
        rows: "ApiSummarys.ApiSummary",
        id: "ApiId",
        name: "ApiName",
        body: of!(Api, api::body),
        snapshot: "apis",
        ..PLAIN
    },
    Object {
        kind: Kind::Throttle,
        create: "CreateTrafficControl",
        update: "ModifyTrafficControl",
        delete: "DeleteTrafficControl",
        list: "DescribeTrafficControls",
        rows: "TrafficControls.TrafficControl",
        id: "TrafficControlId",
        name: "TrafficControlName",
        read: When::Wanted,
        body: of!(Throttle, throttle::body),
        spec: Some(|wire| throttle::spec(wire).map(Spec::Throttle)),
        snapshot: "traffic_controls",
        ..PLAIN
    },
    Object {
        kind: Kind::Signature,
        create: "CreateSignature",
        update: "ModifySignature",
        delete: "DeleteSignature",
        list: "DescribeSignatures",
        rows: "SignatureInfos.SignatureInfo",
        id: "SignatureId",
        name: "SignatureName",
        read: When::Wanted,
        body: of!(Signature, signature::body),
        spec: Some(|wire| signature::spec(wire).map(Spec::Signature)),
        shows: "SignatureSecret",
        snapshot: "signatures",
        ..PLAIN
    },
    Object {
        kind: Kind::AccessControl,
        create: "CreateIpControl",
        update: "ModifyIpControl",
        delete: "DeleteIpControl",
        list: "DescribeIpControls",
        rows: "IpControlInfos.IpControlInfo",
        id: "IpControlId",
        name: "IpControlName",
        read: When::Wanted,
        body: of!(AccessControl, access::body),
        spec: Some(|wire| access::spec(wire).map(Spec::AccessControl)),
        more: Some(More::Items),
        snapshot: "ip_controls",
        ..PLAIN
    },
    Object {
        kind: Kind::Plugin,
        create: "CreatePlugin",
        update: "ModifyPlugin",
        delete: "DeletePlugin",
        list: "DescribePlugins",
        rows: "Plugins.PluginAttribute",
        id: "PluginId",
        name: "PluginName",
        read: When::Wanted,
        body: of!(Plugin, plugin::body),
        spec: Some(|wire| plugin::spec(wire).map(|spec| Spec::Plugin(spec.into()))),
        keeps: true,
        snapshot: "plugins",
        ..PLAIN
    },
    // Only looked up, for what APIs name.
    Object {
        kind: Kind::Channel,
        list: "DescribeVpcAccesses",
        rows: "VpcAccessAttributes.VpcAccessAttribute",
        id: "VpcAccessId",
        name: "Name",
        read: When::Wanted,
        snapshot: "vpc_accesses",
        ..PLAIN
    },
    Object {
        kind: Kind::App,
        create: "CreateApp",
        update: "ModifyApp",
        delete: "DeleteApp",
        list: "DescribeAppAttributes",
        rows: "Apps.AppAttribute",
        id: "AppId",
        name: "AppName",
        read: When::Wanted,
        body: of!(App, app::body),
        spec: Some(|wire| app::spec(wire).map(Spec::App)),
        more: Some(More::Security),
        shows: "AppSecret",
        snapshot: "apps",
        ..PLAIN
    },
];

/// The descriptor of a kind, where it is an object.
pub(super) fn object(kind: Kind) -> Option<&'static Object> {
    OBJECTS.iter().find(|object| object.kind == kind)
}

/// Why a kind keeps its name, if it does.
pub(super) fn fixed_name(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Environment => Some("the gateway's environments are RELEASE, PRE and TEST"),
        kind if kind.def().form == crate::kind::Form::Derived => Some("it has no name of its own"),
        kind if object(kind).is_some() => None,
        _ => Some("the gateway has no action that changes it"),
    }
}
