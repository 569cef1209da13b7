//! One file per kind. [`ALL`] lists them, documents first.

pub mod access_control;
pub mod api;
pub mod app;
pub mod authorization;
pub mod authorizer;
pub mod backend;
pub mod binding;
pub mod certificate;
pub mod channel;
pub mod domain;
pub mod environment;
pub mod feature;
pub mod gateway;
pub mod group;
pub mod group_response;
pub mod metadata;
pub mod own_certificate;
pub mod plugin;
pub mod publication;
pub mod quota;
pub mod signature;
pub mod spec;
pub mod throttle;
pub mod value;
pub mod variable;

use crate::kind::KindDef;

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
    &quota::DEF,
    &channel::DEF,
    &authorizer::DEF,
    &group_response::DEF,
    &certificate::DEF,
    &domain::DEF,
    &feature::DEF,
    &gateway::DEF,
    &binding::DEF,
    &authorization::DEF,
    &throttle::EXCEPTION_DEF,
    &publication::DEF,
    &binding::THROTTLE_BINDING_DEF,
    &binding::SIGNATURE_BINDING_DEF,
    &binding::ACCESS_BINDING_DEF,
    &binding::PLUGIN_BINDING_DEF,
    &authorization::APP_AUTHORIZATION_DEF,
    &app::ACCESS_DEF,
    &app::CODE_DEF,
    &quota::QUOTA_BINDING_DEF,
    &domain::CERTIFICATE_DEF,
    &own_certificate::DEF,
    &gateway::TAG_DEF,
    &gateway::PERMISSION_DEF,
];
