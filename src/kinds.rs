//! One file per kind. [`ALL`] lists them, documents first.

pub mod access_control;
pub mod api;
pub mod app;
pub mod backend;
pub mod binding;
pub mod environment;
pub mod group;
pub mod metadata;
pub mod plugin;
pub mod publication;
pub mod signature;
pub mod spec;
pub mod throttle;
pub mod value;
pub mod variable;

use crate::kind::{Form, Kind, KindDef, Owner, PLAIN};

/// Every kind, in the order in which a manifest author meets them.
pub static ALL: &[&KindDef] = &[
    &group::DEF,
    &environment::DEF,
    &variable::DEF,
    &api::DEF,
    &throttle::DEF,
    &signature::DEF,
    &access_control::DEF,
    &plugin::DEF,
    &app::DEF,
    &binding::DEF,
    &throttle::EXCEPTION_DEF,
    &publication::DEF,
    &binding::THROTTLE_BINDING_DEF,
    &binding::SIGNATURE_BINDING_DEF,
    &binding::ACCESS_BINDING_DEF,
    &binding::PLUGIN_BINDING_DEF,
    &app::ACCESS_DEF,
    &EXTERNAL_AUTHORIZER,
    &EXTERNAL_CHANNEL,
    &EXTERNAL_RESPONSE,
];

const fn external(kind: Kind, noun: &'static str, key: &'static [&'static str]) -> KindDef {
    KindDef { kind, form: Form::External, key, noun, lookup: true, ..PLAIN }
}

static EXTERNAL_AUTHORIZER: KindDef = external(Kind::Authorizer, "authorizer", &["name"]);
static EXTERNAL_CHANNEL: KindDef = external(Kind::Channel, "channel", &["name"]);
static EXTERNAL_RESPONSE: KindDef = KindDef {
    owners: &[Owner { kind: Kind::Group, parts: &[0], field: "metadata.group", kept: true }],
    ..external(Kind::GroupResponse, "group response", &["group", "name"])
};
