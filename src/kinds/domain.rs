//! `Domain`: a name under which the APIs of a group are called, and the certificate that it has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{is_default, is_true, yes};
use crate::address::Address;
use crate::kind::{Form, Kind, KindDef, Owner, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// A domain name of a group: `metadata.name` is the name, such as `api.example.com`. The name has to lead to the gateway. No
/// gateway renames a domain: another name is another domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct DomainSpec {
    /// The oldest version of TLS that callers may use.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub min_tls: TlsVersion,
    /// Whether calls by HTTP are sent on to HTTPS. The gateway shows it only while the domain has a certificate; else it is
    /// compared with what apigctl sent the last time.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub redirect_http: bool,
    /// The name of the `Certificate`. Left out, the domain has none, and one that others gave it is taken off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Whether callers have to show a certificate that the trusted root of the certificate signed. It makes no difference
    /// where the certificate has no trusted root.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    #[schemars(!skip_serializing_if)]
    pub verify_clients: bool,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TlsVersion {
    /// TLS 1.1.
    #[default]
    #[serde(rename = "1.1")]
    V11,
    /// TLS 1.2.
    #[serde(rename = "1.2")]
    V12,
}

/// A domain in the form that is compared.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    /// The oldest version of TLS.
    #[serde(default, skip_serializing_if = "is_default")]
    pub min_tls: TlsVersion,
    /// Whether HTTP is sent on; none where the gateway does not show it.
    #[serde(default, skip_serializing_if = "is_off")]
    pub redirect_http: Option<bool>,
    /// Whether callers have to show a certificate; none where its certificate has no trusted root, or it has none.
    #[serde(default, skip_serializing_if = "is_on")]
    pub verify_clients: Option<bool>,
    /// Of what was observed: whether callers could be asked for a certificate. It says what a call may carry and is not
    /// compared.
    #[serde(skip)]
    pub can_verify: bool,
}

fn is_off(value: &Option<bool>) -> bool {
    *value != Some(true)
}

fn is_on(value: &Option<bool>) -> bool {
    *value != Some(false)
}

impl PartialEq for Domain {
    fn eq(&self, other: &Self) -> bool {
        let of = |it: &Self| (it.min_tls, it.redirect_http, it.verify_clients);
        of(self) == of(other)
    }
}

impl Eq for Domain {}

impl Domain {
    /// What a gateway shows, with what is wanted where it does not show it.
    #[must_use]
    pub fn beside(&self, want: &Self) -> Self {
        Self {
            redirect_http: self.redirect_http.or(want.redirect_http),
            verify_clients: self.verify_clients.or(want.verify_clients),
            ..self.clone()
        }
    }
}

/// The certificate of a domain: which one is a part of its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attached {
    /// As in [`DomainSpec::verify_clients`]: it goes with the call that attaches, and is compared with the domain.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub verify_clients: bool,
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Domain,
    key: &["group", "name"],
    schema: Some(schema_of::<DomainSpec>),
    noun: "domain",
    // The gateway would remove it with its group, and its certificate with it (3.1.3 of the V2 reference), so it goes first.
    owners: &[Owner { kind: Kind::Group, parts: &[0], field: "metadata.group", kept: false }],
    ..PLAIN
};

/// The descriptor of the certificate of a domain.
pub static CERTIFICATE_DEF: KindDef = KindDef {
    kind: Kind::DomainCertificate,
    form: Form::Derived,
    key: &["group", "domain", "certificate"],
    noun: "domain certificate",
    owners: &[
        Owner { kind: Kind::Domain, parts: &[0, 1], field: "metadata.name", kept: false },
        Owner { kind: Kind::Certificate, parts: &[2], field: "spec.certificate", kept: true },
    ],
    carried: true,
    whole: true,
    attached: true,
    ..PLAIN
};

impl Documented for DomainSpec {
    /// The domain, and its certificate.
    fn resources(&self, address: &Address) -> Vec<Part> {
        let domain = Domain {
            min_tls: self.min_tls,
            redirect_http: Some(self.redirect_http),
            verify_clients: Some(self.verify_clients),
            can_verify: false,
        };
        let certificate = self.certificate.as_ref().map(|name| Part {
            address: address.child(Kind::DomainCertificate, name),
            spec: Spec::DomainCertificate(Attached { verify_clients: self.verify_clients }),
            field: Some("spec.certificate".to_owned()),
        });
        std::iter::once(Part::whole(address, Spec::Domain(domain))).chain(certificate).collect()
    }
}
