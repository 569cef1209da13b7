//! `Authorization`: apps that may call APIs.
//!
//! One document makes one resource per app and selected API. The app is a part of the key, and also what is attached: there is
//! nothing to be changed about an authorization, it is there or not. It hangs on an API in an environment and stays when the
//! API goes offline there; it goes with the API, and with the app.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::binding::Selector;
use crate::address::Address;
use crate::kind::{ATTACHED, Kind, KindDef, Owner, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part};

/// Lets apps call APIs in an environment: an API with `auth: { type: app }` answers only apps that are authorized for it.
/// Several documents may authorize the same app for the same API. What others authorized stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AuthorizationSpec {
    /// The apps, by name. One that no document describes is looked up on the gateway.
    #[schemars(length(min = 1))]
    pub apps: Vec<String>,
    /// The environment in which they may call.
    pub environment: String,
    /// Which APIs. All the criteria given must hold; of those selected, the APIs that are published in the environment and
    /// have `auth: { type: app }`.
    pub apis: Selector,
}

/// The descriptor of the document.
pub static DEF: KindDef = KindDef {
    kind: Kind::Authorization,
    key: &["name"],
    schema: Some(schema_of::<AuthorizationSpec>),
    noun: "authorization",
    selects: true,
    ..PLAIN
};

/// The descriptor of an app that may call one API in one environment.
pub static APP_AUTHORIZATION_DEF: KindDef = KindDef {
    kind: Kind::AppAuthorization,
    key: &["group", "api", "environment", "app"],
    noun: "app authorization",
    owners: &[
        Owner { kind: Kind::Api, parts: &[0, 1], field: "spec.apis", kept: false },
        Owner { kind: Kind::Publication, parts: &[0, 1, 2], field: "spec.environment", kept: false },
        Owner { kind: Kind::Environment, parts: &[2], field: "spec.environment", kept: false },
        Owner { kind: Kind::App, parts: &[3], field: "spec.apps", kept: false },
    ],
    outlives: Some(Kind::Publication),
    dropped: true,
    attaches: Some((Kind::App, "spec.apps")),
    ..ATTACHED
};

impl Documented for AuthorizationSpec {
    /// None by itself: what follows depends on the APIs that it selects.
    fn resources(&self, _: &Address) -> Vec<Part> {
        Vec::new()
    }
}
