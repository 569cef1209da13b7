//! Domains and certificates. No gateway shows a key.

use std::collections::BTreeMap;

use super::{Export, named};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::certificate::{CertificateSpec, Pem, Scope};
use crate::kinds::domain::{CERTIFICATE_DEF, DomainSpec};
use crate::kinds::metadata::Metadata;
use crate::kinds::own_certificate::OwnCertificate;
use crate::kinds::spec::{DocumentSpec, Spec};
use crate::kinds::value::Secret;
use crate::manifest::file_name::slug;
use crate::observed::Live;

impl Export<'_> {
    pub(super) fn domains(&mut self, found: Vec<(&Address, &Live)>, path: &str) {
        let own = self.own();
        for (address, live) in found {
            let Some(Spec::Domain(spec)) = live.spec() else { continue };
            let mut attached = self.observed.resources.keys().filter(|a| a.kind == Kind::DomainCertificate);
            let attached = attached.find(|a| CERTIFICATE_DEF.owners[0].of(a) == *address).map(|a| a.part(2));
            let certificate = attached.or_else(|| own.get(address).map(|(name, _)| name.clone()));
            if certificate.is_none() && spec.redirect_http.is_none() {
                let remark = format!(
                    "the domain {}: the gateway shows whether HTTP is sent on to HTTPS only with a certificate; the manifest says no",
                    address.name()
                );
                self.exported.remarks.push(remark);
            }
            let spec = DomainSpec {
                min_tls: spec.min_tls,
                redirect_http: spec.redirect_http == Some(true),
                certificate,
                verify_clients: spec.verify_clients != Some(false),
            };
            let metadata = Metadata { group: Some(address.part(0)), ..named(address) };
            self.put(path, Kind::Domain, &metadata, &DocumentSpec::Domain(spec));
        }
    }

    /// The certificates that domains have to themselves, each with the name of its document: equal ones share one, and others
    /// of the same name have a number behind it.
    fn own(&self) -> BTreeMap<Address, (String, OwnCertificate)> {
        let mut known: Vec<(String, OwnCertificate)> = Vec::new();
        let mut found = BTreeMap::new();
        for (address, live) in self.observed.of_kind(Kind::OwnCertificate) {
            let Some(Spec::OwnCertificate(own)) = live.spec() else { continue };
            let own = (**own).clone();
            let same = known.iter().find(|(_, other)| *other == own).map(|(name, _)| name.clone());
            let name = same.unwrap_or_else(|| {
                let taken = |name: &str| known.iter().any(|(other, _)| other == name);
                let numbers = (2..).map(|n| format!("{}_{n}", own.certificate));
                let mut names = std::iter::once(own.certificate.clone()).chain(numbers);
                let name = names.find(|name| !taken(name)).unwrap_or_default();
                known.push((name.clone(), own.clone()));
                name
            });
            found.insert(address.sibling(Kind::Domain), (name, own));
        }
        found
    }

    /// Those that are objects cannot be read back, and domains name them all the same. Of those that are no objects there are
    /// documents, so that none is taken off.
    pub(super) fn certificates(&mut self) {
        for (address, _) in self.observed.of_kind(Kind::Certificate) {
            let name = address.name();
            let remark = format!(
                "the certificate {name} cannot be read back: left out, and looked up where a domain names it"
            );
            self.exported.remarks.push(remark);
        }
        let documents: BTreeMap<String, OwnCertificate> = self.own().into_values().collect();
        for (name, own) in documents {
            self.certificate(name, own);
        }
    }

    fn certificate(&mut self, name: String, own: OwnCertificate) {
        if name != own.certificate {
            self.exported.remarks.push(format!(
                "there are several certificates called {}: one of them is {name} here, and a plan calls it so",
                own.certificate
            ));
        }
        let content = if own.shown.is_empty() {
            let path = format!("certificates/{}.pem", slug(&name));
            self.exported.remarks.push(format!(
                "the certificate {name} cannot be read back: put it, with its chain, into {path} below the project folder"
            ));
            Pem { file: Some(path), text: String::new() }
        } else {
            self.exported.remarks.push(format!(
                "the certificate {name}: whether callers have to show one of their own is not shown; add `trustedRootCa` where they have"
            ));
            Pem { file: None, text: own.shown }
        };
        let variable = format!("CERTIFICATE_{}_KEY", slug(&name).to_uppercase().replace('-', "_"));
        self.exported.secrets.push(variable.clone());
        let spec = CertificateSpec {
            content,
            private_key: Secret::FromEnv(variable),
            trusted_root_ca: None,
            scope: Scope::Gateway,
        };
        let metadata = Metadata { name, ..Metadata::default() };
        let spec = DocumentSpec::Certificate(Box::new(spec));
        self.put("certificates.yaml", Kind::Certificate, &metadata, &spec);
    }
}
