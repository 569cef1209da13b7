//! `App`: a credential of callers; and the addresses it may be used from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access_control::{Effect, as_set};
use super::value::{Secret, is_default};
use crate::address::Address;
use crate::kind::{Form, Kind, KindDef, Owner, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// A credential: APIs of the auth type `app` are called with its key and secret. An app that no document describes may be
/// named all the same; then it is looked up on the gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AppSpec {
    /// What the app is for, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// The public half of the credential. Left out, the gateway makes one up, and what is there stays. The gateway must have
    /// own keys and secrets enabled for it to be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The secret half. Left out, the gateway makes one up, and what is there stays. The gateway never shows it again, so
    /// apigctl compares it with what it sent the last time: another value at its source is a rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// From which addresses the app may be used. Left out, apigctl neither sets nor removes what others set; taken out, what
    /// apigctl set is removed. The gateway must have the feature `app_acl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_control: Option<AppAccessSpec>,
}

/// From which addresses an app may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AppAccessSpec {
    /// What becomes of calls from the addresses listed.
    pub effect: Effect,
    /// Addresses (`192.0.2.7`), ranges (`192.0.2.1-192.0.2.9`) and networks (`192.0.2.0/24`). Their order does not matter.
    #[schemars(length(min = 1))]
    pub values: Vec<String>,
}

/// The descriptor.
pub static DEF: KindDef =
    KindDef { kind: Kind::App, schema: Some(schema_of::<AppSpec>), noun: "app", lookup: true, ..PLAIN };

/// The descriptor of an app's access control.
pub static ACCESS_DEF: KindDef = KindDef {
    kind: Kind::AppAccess,
    form: Form::Derived,
    key: &["app"],
    noun: "app access control",
    owners: &[Owner { kind: Kind::App, parts: &[0], field: "metadata.name", kept: false }],
    carried: true,
    ..PLAIN
};

impl Documented for AppSpec {
    /// The app, and its access control.
    fn resources(&self, address: &Address) -> Vec<Part> {
        let app = Self { access_control: None, ..self.clone() };
        let access = self.access_control.as_ref().map(|access| Part {
            address: Address::new(Kind::AppAccess, &[&address.name()]),
            spec: Spec::AppAccess(AppAccessSpec { values: as_set(&access.values), ..access.clone() }),
            field: Some("spec.accessControl".to_owned()),
        });
        std::iter::once(Part::whole(address, Spec::App(app))).chain(access).collect()
    }
}
