//! Certificates: what stands in a manifest or a file is a chain in PEM, and nothing secret.

use super::Report;
use crate::kinds::certificate::pem::{self, Bad};
use crate::kinds::certificate::{CertificateSpec, Pem};

pub(super) fn certificate(spec: &CertificateSpec, report: &mut Report<'_>) {
    check("spec.content", &spec.content, pem::facts(&spec.content.text).err(), report);
    if let Some(authorities) = &spec.trusted_root_ca {
        check("spec.trustedRootCa", authorities, pem::authorities(&authorities.text).err(), report);
    }
}

fn check(field: &str, pem: &Pem, bad: Option<Bad>, report: &mut Report<'_>) {
    // A file that could not be read was reported.
    let Some(bad) = bad.filter(|_| pem.file.is_none() || !pem.text.is_empty()) else { return };
    let help = match bad {
        Bad::Key => {
            "take the key out, make a new one, since it has been in a file of manifests, and name it by `privateKey`"
        }
        Bad::Chain(_) => "order the chain: the certificate itself, then the one that signed it, and so on",
        Bad::NoAuthority(_) => "name the certificates of authorities that sign those of callers",
        Bad::Nothing | Bad::Block(_) => {
            "write blocks of `-----BEGIN CERTIFICATE-----`, or `{ fromFile: PATH }`"
        }
    };
    let (message, field) = match &pem.file {
        Some(path) => (format!("{path}: {bad}"), format!("{field}.fromFile")),
        None => (bad.to_string(), field.to_owned()),
    };
    report.error("invalid-certificate", field, message).help = Some(help.to_owned());
}
