//! `App`: a credential of callers; the addresses it may be used from, its codes, and the quota that it has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access_control::{Effect, as_set};
use super::binding::Bound;
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
    /// AppCodes: whoever sends one of them calls as the app, where the API has `auth: { type: app, appCode: true }`. Codes
    /// that no manifest names stay as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<AppCode>,
    /// The name of the `Quota` that the app has. Left out, apigctl neither sets nor removes what others set; taken out, what
    /// apigctl set is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<String>,
}

/// A code of an app, by a name that only the manifests know: the gateway knows its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AppCode {
    /// The name, once per app.
    pub name: String,
    /// The code, 64 to 180 characters. Another text at its source is a rotation: the new code is made before the old one is
    /// removed, where the gateway has room for both.
    pub secret: Secret,
}

/// One code of an app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppCodeSpec {
    /// Where its text comes from; none for what a gateway shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
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

/// The descriptor of a code: by its name, or where no manifest names it by `id:` and the gateway's id.
pub static CODE_DEF: KindDef = KindDef {
    kind: Kind::AppCode,
    form: Form::Derived,
    key: &["app", "name"],
    noun: "app code",
    owners: &[Owner { kind: Kind::App, parts: &[0], field: "metadata.name", kept: false }],
    carried: true,
    followed: true,
    ..PLAIN
};

impl Documented for AppSpec {
    /// The app, its access control, its codes and its quota.
    fn resources(&self, address: &Address) -> Vec<Part> {
        let app = Self { access_control: None, codes: Vec::new(), quota: None, ..self.clone() };
        let codes = self.codes.iter().enumerate().map(|(i, code)| Part {
            address: Address::new(Kind::AppCode, &[&address.name(), &code.name]),
            spec: Spec::AppCode(AppCodeSpec { secret: Some(code.secret.clone()) }),
            field: Some(format!("spec.codes[{i}]")),
        });
        let access = self.access_control.as_ref().map(|access| Part {
            address: Address::new(Kind::AppAccess, &[&address.name()]),
            spec: Spec::AppAccess(AppAccessSpec { values: as_set(&access.values), ..access.clone() }),
            field: Some("spec.accessControl".to_owned()),
        });
        let quota = self.quota.as_ref().map(|quota| Part {
            address: Address::new(Kind::QuotaBinding, &[&address.name()]),
            spec: Spec::Bound(Bound { to: quota.clone() }),
            field: Some("spec.quota".to_owned()),
        });
        std::iter::once(Part::whole(address, Spec::App(app)))
            .chain(access)
            .chain(codes)
            .chain(quota)
            .collect()
    }
}
