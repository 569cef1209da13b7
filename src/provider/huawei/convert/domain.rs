//! Domains of groups (3.12). They are seen only as `url_domains` of their group; whether HTTP is sent on is seen only where
//! the certificate's domains are listed (3.26.10).

use serde_json::{Value, json};

use super::Unreadable;
use super::wire::{Words, need_word, switch, word};
use crate::address::Address;
use crate::kinds::domain::{Domain, TlsVersion};

const VERSIONS: &Words<TlsVersion> = &[(TlsVersion::V11, "TLSv1.1"), (TlsVersion::V12, "TLSv1.2")];

/// The body of 3.12.1.
#[must_use]
pub fn create(address: &Address, spec: &Domain) -> Value {
    json!({
        "url_domain": address.name(), "min_ssl_version": word(VERSIONS, &spec.min_tls),
        "is_http_redirect_to_https": spec.redirect_http == Some(true),
    })
}

/// The body of 3.12.3. Callers can be asked for certificates only where there is a trusted root.
#[must_use]
pub fn update(_: &Address, spec: &Domain) -> Value {
    json!({
        "min_ssl_version": word(VERSIONS, &spec.min_tls),
        "is_http_redirect_to_https": spec.redirect_http == Some(true),
        "verified_client_certificate_enabled": spec.can_verify && spec.verify_clients != Some(false),
    })
}

/// One of the `url_domains` of a group, for a rehearsal.
#[must_use]
pub fn shown(address: &Address, id: &str, spec: &Domain) -> Value {
    json!({
        "id": id, "domain": address.name(), "min_ssl_version": word(VERSIONS, &spec.min_tls),
        "is_http_redirect_to_https": spec.redirect_http == Some(true),
        "verified_client_certificate_enabled": spec.can_verify && spec.verify_clients != Some(false),
        "is_has_trusted_root_ca": spec.can_verify,
    })
}

/// Reads one of the `url_domains` of 3.1.5, or an entry of 3.26.10.
///
/// # Errors
///
/// When the version of TLS is not documented.
pub fn spec(wire: &Value) -> Result<Domain, Unreadable> {
    let can_verify = switch(wire, "is_has_trusted_root_ca", false)?;
    let verifies = switch(wire, "verified_client_certificate_enabled", false)?;
    let redirect = wire.get("is_http_redirect_to_https").filter(|value| !value.is_null());
    Ok(Domain {
        min_tls: match wire.get("min_ssl_version") {
            None | Some(Value::Null) => TlsVersion::V11,
            Some(Value::String(version)) if version.is_empty() => TlsVersion::V11,
            Some(_) => need_word(wire, "min_ssl_version", VERSIONS)?,
        },
        redirect_http: redirect.map(|_| switch(wire, "is_http_redirect_to_https", false)).transpose()?,
        verify_clients: can_verify.then_some(verifies),
        can_verify,
    })
}
