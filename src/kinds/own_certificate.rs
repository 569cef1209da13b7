//! The certificate that a domain has to itself, on a gateway that has no certificates as objects: it is a part of the domain,
//! and is set and taken off with it. Desired ones follow from a `Domain` and the `Certificate` that it names.

use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, Facts, Sent};
use super::domain::Attached;
use crate::kind::{Fold, Form, Kind, KindDef, Owner, PLAIN};
use crate::kinds::spec::Digest;

/// The certificate of one domain, in the form that is compared.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnCertificate {
    /// What it is called.
    pub certificate: String,
    /// What stands in it.
    pub content: Facts,
    /// What is sent; none for what a gateway showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// Of what was observed: what the gateway calls it, by which it is taken off. It is not compared.
    #[serde(skip)]
    pub handle: String,
    /// Of what was observed: the certificate in PEM, where the gateway shows it. It is not compared.
    #[serde(skip)]
    pub shown: String,
}

impl PartialEq for OwnCertificate {
    fn eq(&self, other: &Self) -> bool {
        let of = |it: &Self| (it.certificate.clone(), it.content.clone(), it.sent.clone());
        of(self) == of(other)
    }
}

impl Eq for OwnCertificate {}

impl OwnCertificate {
    /// That of a domain which has `certificate`, called `name`. Callers are asked for certificates of their own where there
    /// is a trusted root, so that a domain that does not ask them goes without it.
    #[must_use]
    pub fn of(name: &str, certificate: &Certificate, attached: &Attached) -> Self {
        let sent = certificate.sent.as_ref().map(|sent| Sent {
            trusted_root_ca: if attached.verify_clients {
                sent.trusted_root_ca.clone()
            } else {
                String::new()
            },
            ..sent.clone()
        });
        Self { certificate: name.to_owned(), content: certificate.content.clone(), sent, ..Self::default() }
    }

    /// What a gateway shows, with what is wanted where it does not show it.
    #[must_use]
    pub fn beside(&self, want: &Self) -> Self {
        Self { content: self.content.beside(&want.content), sent: want.sent.clone(), ..self.clone() }
    }

    /// The fingerprint of what gateways show.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(format!("{:?}", (&self.certificate, &self.content)).as_bytes())
    }
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::OwnCertificate,
    form: Form::Derived,
    key: &["group", "domain"],
    noun: "domain certificate",
    owners: &[Owner { kind: Kind::Domain, parts: &[0, 1], field: "metadata.name", kept: false }],
    carried: true,
    whole: true,
    ..PLAIN
};

/// That a gateway keeps certificates with domains, for the `reason` given.
#[must_use]
pub const fn with_domains(reason: &'static str) -> Fold {
    Fold { kind: Kind::Certificate, by: Kind::DomainCertificate, into: Kind::OwnCertificate, reason }
}
