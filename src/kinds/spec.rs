//! The specs of all kinds as one value, so that diff and plan are written once.

use std::borrow::Cow;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::access_control::AccessControlSpec;
use super::api::{ApiSpec, AuthType};
use super::app::{AppAccessSpec, AppCodeSpec, AppSpec};
use super::authorization::AuthorizationSpec;
use super::authorizer::AuthorizerSpec;
use super::binding::{BindingSpec, Bound};
use super::certificate::{Certificate, CertificateSpec, Sent};
use super::channel::ChannelSpec;
use super::domain::{Attached, Domain, DomainSpec};
use super::environment::EnvironmentSpec;
use super::feature::FeatureSpec;
use super::gateway::{Allowed, GatewaySpec, Settings, TagValue};
use super::group::GroupSpec;
use super::group_response::GroupResponseSpec;
use super::own_certificate::OwnCertificate;
use super::plugin::PluginSpec;
use super::quota::QuotaSpec;
use super::signature::SignatureSpec;
use super::throttle::{ExceptionLimit, ThrottleSpec};
use super::value::Secret;
use super::variable::{VariableSpec, VariableValue};
use crate::address::Address;
use crate::kind::{Given, Kind};

/// What the spec of a document type says of itself.
pub trait Documented {
    /// The resources that a document at `address` asks for, in the form that is compared.
    fn resources(&self, address: &Address) -> Vec<Part>;
}

/// One resource that a document asks for.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its identity.
    pub address: Address,
    /// What it is to be.
    pub spec: Spec,
    /// The field that asks for it; none: the document as a whole.
    pub field: Option<String>,
}

impl Part {
    /// The resource that the document is about.
    #[must_use]
    pub fn whole(address: &Address, spec: Spec) -> Self {
        Self { address: address.clone(), spec, field: None }
    }
}

/// Reads the fields of a spec, whatever they are written in.
pub trait SpecReader {
    /// The fields as `T`; `None` where they are not, and it has been told why.
    fn read<T: DeserializeOwned>(&mut self) -> Option<T>;
}

/// Reads a document that has no fields.
struct Empty;

impl SpecReader for Empty {
    fn read<T: DeserializeOwned>(&mut self) -> Option<T> {
        serde_json::from_value(Value::Object(serde_json::Map::new())).ok()
    }
}

macro_rules! documents {
    ($($(#[$doc:meta])* $name:ident($type:ty)),* $(,)?) => {
        /// What a document says, as written.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum DocumentSpec { $($(#[$doc])* $name($type)),* }

        impl DocumentSpec {
            /// The kind of the document.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$name),* }
            }

            /// The fields; what equals the documented default is left out.
            #[must_use]
            pub fn to_value(&self) -> Value {
                match self { $(Self::$name(spec) => serde_json::to_value(spec)),* }.unwrap_or_default()
            }

            /// Reads the fields of a kind that has documents.
            pub fn read(kind: Kind, reader: &mut impl SpecReader) -> Option<Self> {
                match kind {
                    $(Kind::$name => reader.read().map(Self::$name),)*
                    _ => None,
                }
            }

            /// The resources that a document at `address` asks for.
            #[must_use]
            pub fn resources(&self, address: &Address) -> Vec<Part> {
                match self { $(Self::$name(spec) => spec.resources(address)),* }
            }
        }
    };
}

documents! {
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
    /// An access control policy.
    AccessControl(AccessControlSpec),
    /// A plug-in.
    Plugin(Box<PluginSpec>),
    /// An app with its access control.
    App(AppSpec),
    /// A quota.
    Quota(QuotaSpec),
    /// A channel.
    Channel(Box<ChannelSpec>),
    /// An authorizer.
    Authorizer(AuthorizerSpec),
    /// A group response.
    GroupResponse(GroupResponseSpec),
    /// A certificate.
    Certificate(Box<CertificateSpec>),
    /// A domain with its certificate.
    Domain(DomainSpec),
    /// A feature.
    Feature(FeatureSpec),
    /// The gateway, with tags and permissions.
    Gateway(GatewaySpec),
    /// A binding with its selector.
    Binding(BindingSpec),
    /// An authorization with its selector.
    Authorization(AuthorizationSpec),
}

impl DocumentSpec {
    /// The spec of a document without fields, for kinds whose fields are all optional.
    #[must_use]
    pub fn empty(kind: Kind) -> Option<Self> {
        Self::read(kind, &mut Empty)
    }
}

macro_rules! specs {
    ($($(#[$doc:meta])* $name:ident($type:ty)),* $(,)?) => {
        /// What one resource is to be, or is.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum Spec { $($(#[$doc])* $name($type)),* }

        impl Spec {
            /// The spec as the fields of a manifest; what equals the documented default is left out.
            #[must_use]
            pub fn to_value(&self) -> Value {
                match self { $(Self::$name(spec) => serde_json::to_value(spec)),* }.unwrap_or_default()
            }
        }
    };
}

specs! {
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
    /// An access control policy.
    AccessControl(AccessControlSpec),
    /// A plug-in.
    Plugin(Box<PluginSpec>),
    /// An app: `accessControl`, `codes` and `quota` are empty here.
    App(AppSpec),
    /// The access control of an app.
    AppAccess(AppAccessSpec),
    /// A code of an app.
    AppCode(AppCodeSpec),
    /// A quota.
    Quota(QuotaSpec),
    /// A channel.
    Channel(Box<ChannelSpec>),
    /// An authorizer.
    Authorizer(AuthorizerSpec),
    /// A group response.
    GroupResponse(GroupResponseSpec),
    /// What stands in a certificate.
    Certificate(Box<Certificate>),
    /// A domain.
    Domain(Domain),
    /// That a domain has a certificate.
    DomainCertificate(Attached),
    /// The certificate that a domain has to itself.
    OwnCertificate(Box<OwnCertificate>),
    /// A feature.
    Feature(FeatureSpec),
    /// The settings of the gateway.
    Gateway(Settings),
    /// A tag of the gateway.
    GatewayTag(TagValue),
    /// That someone may connect through endpoints.
    EndpointPermission(Allowed),
    /// An API's published definition: `publish` is empty here.
    Publication(Arc<ApiSpec>),
    /// What is attached, by any of the kinds that attach something.
    Bound(Bound),
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
    /// The fingerprint.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match self {
            Self::Api(s) | Self::Publication(s) => Self::api_digest(s),
            // The source of a secret is no property of the gateway, which shows no secret.
            Self::Signature(s) => Digest::of(format!("{:?}", (s.kind, s.algorithm, &s.key)).as_bytes()),
            Self::Plugin(s) => Digest::of(&serde_json::to_vec(&s.with_secret(None)).unwrap_or_default()),
            Self::App(s) => Digest::of(format!("{:?}", (&s.description, &s.key)).as_bytes()),
            Self::AppCode(_) => Digest::of(b"code"),
            Self::Certificate(s) => s.digest(),
            Self::OwnCertificate(s) => s.digest(),
            Self::Feature(s) => Digest::of(format!("{:?}", (s.enabled, &s.config)).as_bytes()),
            // What goes along with the call that attaches is compared with the domain.
            Self::DomainCertificate(_) => Digest::of(b"attached"),
            other => Digest::of(other.to_value().to_string().as_bytes()),
        }
    }

    /// The secret that goes with it, which no gateway shows: it is compared by what the ledger remembers.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Signature(s) => Some(&s.secret),
            Self::Plugin(s) => s.secret(),
            Self::App(s) => s.secret.as_ref(),
            Self::Feature(s) => s.secret.as_ref(),
            Self::AppCode(s) => s.secret.as_ref(),
            Self::Certificate(s) => s.sent.as_ref().map(|sent| &sent.private_key),
            Self::OwnCertificate(s) => s.sent.as_ref().map(|sent| &sent.private_key),
            _ => None,
        }
    }

    /// What no gateway shows of it besides its secret, as text: it is compared by what the ledger remembers, with the
    /// secret if there is one.
    #[must_use]
    pub fn unseen(&self) -> Option<String> {
        match self {
            Self::Certificate(s) => s.sent.as_ref().map(Sent::unseen),
            Self::OwnCertificate(s) => s.sent.as_ref().map(Sent::unseen),
            Self::Domain(s) => Some(format!("redirectHttp: {}", s.redirect_http == Some(true))),
            _ => None,
        }
    }

    /// As [`Self::unseen`], beside what was observed: none where that shows it.
    #[must_use]
    pub fn unseen_beside(&self, have: Option<&Self>) -> Option<String> {
        let shown = matches!(have, Some(Self::Domain(have)) if have.redirect_http.is_some());
        self.unseen().filter(|_| !shown)
    }

    /// What `self`, which was observed, does not show of what is wanted, in words for people; none where it shows all, or
    /// what it does not show is wanted as gateways have it by default.
    #[must_use]
    pub fn hides(&self, want: &Self) -> Option<&'static str> {
        match (self, want) {
            (Self::Certificate(_) | Self::OwnCertificate(_), _) => Some("its key, chain and trusted root"),
            (Self::Domain(have), Self::Domain(want)) => (have.redirect_http.is_none()
                && want.redirect_http == Some(true))
            .then_some("its HTTP redirect"),
            (_, want) => want.secret().map(|_| "its secret"),
        }
    }

    /// What a gateway shows, in the light of what is wanted: where it cannot show a field, or the manifest leaves a field to
    /// the gateway, it has what is wanted.
    #[must_use]
    pub fn beside<'a>(&'a self, want: &Self) -> Cow<'a, Self> {
        match (self, want) {
            (Self::Signature(have), Self::Signature(want)) => {
                Cow::Owned(Self::Signature(SignatureSpec { secret: want.secret.clone(), ..have.clone() }))
            }
            (Self::Plugin(have), Self::Plugin(want)) if want.secret().is_some() || have.native.is_some() => {
                Cow::Owned(Self::Plugin(Box::new(have.beside(want))))
            }
            (Self::App(have), Self::App(want)) => {
                let key = have.key.clone().filter(|_| want.key.is_some());
                Cow::Owned(Self::App(AppSpec { key, secret: want.secret.clone(), ..have.clone() }))
            }
            (Self::Feature(have), Self::Feature(want)) => {
                Cow::Owned(Self::Feature(FeatureSpec { secret: want.secret.clone(), ..have.clone() }))
            }
            (Self::AppCode(_), Self::AppCode(want)) => Cow::Owned(Self::AppCode(want.clone())),
            (Self::Quota(have), Self::Quota(want)) => {
                let first_reset = have.first_reset.clone().filter(|_| want.first_reset.is_some());
                Cow::Owned(Self::Quota(QuotaSpec { first_reset, ..have.clone() }))
            }
            (Self::Certificate(have), Self::Certificate(want)) => {
                let sent = want.sent.clone();
                Cow::Owned(Self::Certificate(Certificate { sent, ..(**have).clone() }.into()))
            }
            (Self::OwnCertificate(have), Self::OwnCertificate(want)) => {
                Cow::Owned(Self::OwnCertificate(have.beside(want).into()))
            }
            (Self::Gateway(have), Self::Gateway(want)) => Cow::Owned(Self::Gateway(have.beside(want))),
            (Self::Domain(have), Self::Domain(want)) => Cow::Owned(Self::Domain(have.beside(want))),
            (Self::DomainCertificate(_), Self::DomainCertificate(_)) => Cow::Owned(want.clone()),
            (Self::Channel(have), Self::Channel(want)) => Cow::Owned(Self::Channel(have.beside(want).into())),
            _ => Cow::Borrowed(self),
        }
    }

    /// What one that names another by its address, and that, are together, where a gateway has no objects of the latter's
    /// kind; none where they are no such pair.
    #[must_use]
    pub fn folded(&self, name: &str, named: &Self) -> Option<Self> {
        match (self, named) {
            (Self::DomainCertificate(by), Self::Certificate(certificate)) => {
                Some(Self::OwnCertificate(OwnCertificate::of(name, certificate, by).into()))
            }
            _ => None,
        }
    }

    /// The fingerprints of what a gateway shows, without some or all of the fields that a manifest may leave to it.
    #[must_use]
    pub fn claims(&self) -> Vec<Digest> {
        match self {
            Self::App(have) => vec![Self::App(AppSpec { key: None, ..have.clone() }).digest()],
            Self::Quota(have) => vec![Self::Quota(QuotaSpec { first_reset: None, ..have.clone() }).digest()],
            Self::Plugin(have) if have.native.is_some() => {
                have.forms().map(|form| Self::Plugin(form.into()).digest()).to_vec()
            }
            Self::Gateway(have) => have.parts().map(|part| Self::Gateway(part).digest()).collect(),
            _ => Vec::new(),
        }
    }

    /// What the spec of the resource at `address` names by its fields; what its address names is told by the kind.
    #[must_use]
    pub fn references(&self, address: &Address) -> Vec<Reference> {
        match self {
            Self::Api(spec) => api_references(&address.part(0), spec),
            Self::ThrottleException(_) if address.part(1) == "app" => {
                vec![Reference::new(Kind::App, &[&address.part(2)], "app")]
            }
            Self::Plugin(spec) => plugin_references(spec),
            Self::Bound(bound) => match address.kind.def().attaches {
                Some((policy, field)) => vec![Reference::new(policy, &[&bound.to], field)],
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The same of what is there: what runs names what its draft named when it was published.
    #[must_use]
    pub fn uses(&self, address: &Address) -> Vec<Reference> {
        match self {
            Self::Publication(spec) => api_references(&address.part(0), spec),
            other => other.references(address),
        }
    }

    /// The document that asks for exactly this, for kinds whose documents ask for one resource.
    #[must_use]
    pub fn document(&self) -> Option<DocumentSpec> {
        match self {
            Self::AccessControl(spec) => Some(DocumentSpec::AccessControl(spec.clone())),
            Self::Channel(spec) => Some(DocumentSpec::Channel(spec.clone())),
            Self::Authorizer(spec) => Some(DocumentSpec::Authorizer(spec.clone())),
            Self::Quota(spec) => Some(DocumentSpec::Quota(spec.clone())),
            _ => None,
        }
    }

    /// The name of the policy that is attached.
    #[must_use]
    pub fn bound(&self) -> Option<&str> {
        match self {
            Self::Bound(bound) => Some(&bound.to),
            _ => None,
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

/// What a plug-in names: apps and a channel.
fn plugin_references(spec: &PluginSpec) -> Vec<Reference> {
    let exceptions = spec.rate_limit.iter().flat_map(|limit| &limit.exceptions).enumerate();
    let apps = exceptions.filter_map(|(i, exception)| {
        let field = format!("spec.rateLimit.exceptions[{i}].app");
        Some(Reference::new(Kind::App, &[exception.app.as_deref()?], field))
    });
    let channel = spec.third_auth.as_ref().and_then(|auth| auth.request.channel.as_deref());
    let channel =
        channel.map(|name| Reference::new(Kind::Channel, &[name], "spec.thirdAuth.request.channel"));
    apps.chain(channel).collect()
}

/// What an API in `group` names: authorizers, channels and group response.
#[must_use]
pub fn api_references(group: &str, spec: &ApiSpec) -> Vec<Reference> {
    let mut found = Vec::new();
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

/// Whether `address` is on every gateway from the start, or in every group.
#[must_use]
pub fn is_given(address: &Address) -> bool {
    match address.kind.def().given {
        Given::None => false,
        Given::Named(name) => address.name() == name,
        Given::All => true,
    }
}
