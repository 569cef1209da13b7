//! Certificates (3.26.2, codes 2109 and 3148) and names of domains (3.12.1).

use super::{Check, TEXT, UNSUPPORTED};
use crate::kinds::certificate::{CertificateSpec, pem};

/// 2038-01-19T03:14:07Z: no certificate may last longer (APIG.3148).
const LATEST: i64 = 2_147_483_647;

/// The longest name of a domain (3.12.1).
const DOMAIN_MAX: usize = 255;

/// What cannot be read at all is reported by the rules for every gateway.
pub(super) fn check(check: &mut Check, spec: &CertificateSpec) {
    let Ok(facts) = pem::facts(&spec.content.text) else { return };
    if facts.names.is_empty() {
        let message = "the certificate names no domain among its alternative names (SAN)".to_owned();
        check.add(UNSUPPORTED, "spec.content", message, "issue it with the domains as alternative names");
    }
    if facts.not_after > pem::time(LATEST) {
        let message = format!(
            "the certificate is valid until {}; the gateway takes none that lasts longer than {}",
            facts.not_after,
            pem::time(LATEST)
        );
        check.add(UNSUPPORTED, "spec.content", message, "issue it for a shorter time");
    }
}

/// The name of a domain: labels of letters, digits and hyphens, perhaps a wildcard in front.
pub(super) fn domain(check: &mut Check, name: &str) {
    check.longest("metadata.name", "the domain name", name, DOMAIN_MAX);
    let labels = name.strip_prefix("*.").unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let numeric = labels.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if numeric || !labels.contains('.') || !labels.split('.').all(label) {
        let message = format!("`{}` is no domain name", super::shortened(name));
        let help = "write it in small letters, digits and hyphens, such as api.example.com or *.example.com; without scheme, port and path";
        check.add(TEXT, "metadata.name", message, help);
    }
}
