//! The specs of all kinds as one value, so that diff and plan are written once.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::api::{ApiSpec, AuthType};
use super::binding::{BindingSpec, Bound};
use super::environment::{EnvironmentSpec, RELEASE};
use super::group::GroupSpec;
use super::signature::SignatureSpec;
use super::throttle::{ExceptionLimit, ThrottleSpec};
use super::variable::{VariableSpec, VariableValue};
use crate::address::Address;
use crate::kind::Kind;

/// What a document says, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentSpec {
    /// A group.
    Group(GroupSpec),
    /// An environment.
    Environment(EnvironmentSpec),
    /// A variable with its values in all environments.
    Variable(VariableSpec),
    /// An API with the environments it is published in.
    Api(Box<ApiSpec>),
    /// A throttle with its exceptions.
    Throttle(ThrottleSpec),
    /// A signature.
    Signature(SignatureSpec),
    /// A binding with its selector.
    Binding(BindingSpec),
}

/// What one resource is to be, or is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Spec {
    /// A group.
    Group(GroupSpec),
    /// An environment.
    Environment(EnvironmentSpec),
    /// A variable in one environment.
    Variable(VariableValue),
    /// An API's draft: `publish` is empty here.
    Api(Arc<ApiSpec>),
    /// A throttle: `exceptions` is empty here.
    Throttle(ThrottleSpec),
    /// One exception of a throttle.
    ThrottleException(ExceptionLimit),
    /// A signature.
    Signature(SignatureSpec),
    /// An API's published definition: `publish` is empty here.
    Publication(Arc<ApiSpec>),
    /// The throttle of a publication.
    ThrottleBinding(Bound),
    /// The signature of a publication.
    SignatureBinding(Bound),
}

/// A short fingerprint of a [`Spec`]; equal specs have equal digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 16]);

impl Digest {
    /// The fingerprint of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let full = digest(&SHA256, bytes);
        let mut short = [0; 16];
        short.copy_from_slice(&full.as_ref()[..16]);
        Self(short)
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        self.0.iter().fold(String::with_capacity(32), |mut text, byte| {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
            text
        })
    }

    /// Reads 32 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl Spec {
    /// The spec as the fields of a manifest; what equals the documented default is left out.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let value = match self {
            Self::Group(s) => serde_json::to_value(s),
            Self::Environment(s) => serde_json::to_value(s),
            Self::Variable(s) => serde_json::to_value(s),
            Self::Api(s) | Self::Publication(s) => serde_json::to_value(s),
            Self::Throttle(s) => serde_json::to_value(s),
            Self::ThrottleException(s) => serde_json::to_value(s),
            Self::Signature(s) => serde_json::to_value(s),
            Self::ThrottleBinding(s) | Self::SignatureBinding(s) => serde_json::to_value(s),
        };
        value.unwrap_or_default()
    }

    /// The fingerprint.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match self {
            Self::Api(s) | Self::Publication(s) => Self::api_digest(s),
            other => Digest::of(other.to_value().to_string().as_bytes()),
        }
    }

    /// The fingerprint of an API definition, draft or published.
    #[must_use]
    pub fn api_digest(spec: &ApiSpec) -> Digest {
        Digest::of(&serde_json::to_vec(spec).unwrap_or_default())
    }
}

/// A field that names another resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The resource named.
    pub to: Address,
    /// The field, below `spec` or `metadata`, such as `spec.auth.authorizer`.
    pub field: String,
}

impl Reference {
    fn new(kind: Kind, parts: &[&str], field: impl Into<String>) -> Self {
        Self { to: Address::new(kind, parts), field: field.into() }
    }
}

/// What an API in `group` names: its group, authorizers, channels and group response.
#[must_use]
pub fn api_references(group: &str, spec: &ApiSpec) -> Vec<Reference> {
    let mut found = vec![Reference::new(Kind::Group, &[group], "metadata.group")];
    if let (AuthType::Authorizer, Some(name)) = (spec.auth.kind, &spec.auth.authorizer) {
        found.push(Reference::new(Kind::Authorizer, &[name], "spec.auth.authorizer"));
    }
    if let Some(name) = &spec.response {
        found.push(Reference::new(Kind::GroupResponse, &[group, name], "spec.response"));
    }
    let policies =
        spec.policies.iter().enumerate().map(|(i, p)| (format!("spec.policies[{i}].backend"), &p.backend));
    for (field, backend) in std::iter::once(("spec.backend".to_owned(), &spec.backend)).chain(policies) {
        let variant = backend.type_name();
        if let Some(name) = backend.channel() {
            found.push(Reference::new(Kind::Channel, &[name], format!("{field}.{variant}.channel")));
        }
        if let Some(name) = backend.authorizer() {
            found.push(Reference::new(Kind::Authorizer, &[name], format!("{field}.{variant}.authorizer")));
        }
    }
    found
}

/// Whether `address` is on every gateway from the start.
#[must_use]
pub fn is_builtin(address: &Address) -> bool {
    address.kind == Kind::Environment && address.path() == RELEASE
}
