//! What a certificate says, and whether it, its key and its chain are any good.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use serde_json::{Value, json};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

use super::super::super::model::Doc;
use super::super::super::time::{Nanos, seconds};

/// 2038-01-19T03:14:07Z: no certificate may last longer.
const LATEST: i64 = 2_147_483_647;
const INVALID: &str = "APIG.2106";

/// How much a gateway asks of a certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// That it is one, with its chain and its key, and has not expired.
    Plain,
    /// Besides what the reference of V2 alone has codes for: alternative names, an end, an algorithm and a use.
    All,
}

/// Reads a certificate with its chain, its key and its authorities; the code of the refusal otherwise.
pub(crate) fn read(
    content: &str,
    key: &str,
    authorities: &str,
    now: Nanos,
    asks: Asks,
) -> Result<Doc, &'static str> {
    let blocks = certificates(content)?;
    let chain: Vec<X509Certificate> =
        blocks.iter().map(|block| parsed(&block.contents)).collect::<Result<_, _>>()?;
    let Some(first) = chain.first() else { return Err(INVALID) };
    if key.contains("ENCRYPTED") {
        return Err("APIG.2105");
    }
    let public = public_key(key)?;
    if public != first.public_key().subject_public_key.data.as_ref() {
        return Err("APIG.2101");
    }
    let until = first.validity().not_after.timestamp();
    if until.saturating_mul(1_000_000_000) <= now {
        return Err("APIG.2102");
    }
    let names = names(first);
    let algorithm = algorithm(&first.signature_algorithm.algorithm.to_id_string());
    if asks == Asks::All {
        accepted(first, &names, &algorithm)?;
    }
    if chain.windows(2).any(|pair| pair[0].verify_signature(Some(pair[1].public_key())).is_err()) {
        return Err("APIG.2104");
    }
    check_authorities(authorities)?;
    Ok(told(first, names, &algorithm, !authorities.is_empty()))
}

/// Whether a certificate is of the sort that V2 takes.
fn accepted(first: &X509Certificate, names: &[String], algorithm: &str) -> Result<(), &'static str> {
    if first.validity().not_after.timestamp() > LATEST {
        return Err("APIG.3148");
    }
    if names.is_empty() {
        return Err("APIG.2109");
    }
    if algorithm.contains("SHA1") || algorithm.contains("MD5") {
        return Err("APIG.3709");
    }
    let signs_only = first.key_usage().map_err(|_| INVALID)?.is_some_and(|usage| {
        !usage.value.digital_signature() && !usage.value.key_encipherment() && !usage.value.key_agreement()
    });
    if signs_only { Err("APIG.3708") } else { Ok(()) }
}

fn check_authorities(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Ok(());
    }
    let blocks = certificates(text)?;
    let all: Vec<X509Certificate> =
        blocks.iter().map(|block| parsed(&block.contents)).collect::<Result<_, _>>()?;
    if !all.is_empty() && all.iter().all(|authority| authority.is_ca()) { Ok(()) } else { Err(INVALID) }
}

fn certificates(text: &str) -> Result<Vec<Pem>, &'static str> {
    let blocks: Result<Vec<Pem>, _> = Pem::iter_from_buffer(text.as_bytes()).collect();
    let blocks = blocks.map_err(|_| INVALID)?;
    if blocks.iter().all(|block| block.label == "CERTIFICATE") { Ok(blocks) } else { Err(INVALID) }
}

fn parsed(der: &[u8]) -> Result<X509Certificate<'_>, &'static str> {
    X509Certificate::from_der(der).map(|(_, certificate)| certificate).map_err(|_| INVALID)
}

/// The public half of a private key, as it stands in a certificate.
fn public_key(text: &str) -> Result<Vec<u8>, &'static str> {
    let blocks: Vec<Pem> = Pem::iter_from_buffer(text.as_bytes()).flatten().collect();
    // `openssl ecparam` writes the curve in front of the key.
    let block = blocks.iter().find(|block| block.label.ends_with("PRIVATE KEY")).ok_or(INVALID)?;
    let der = block.contents.as_slice();
    let rsa = || RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)).ok();
    let curves =
        [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1_SIGNING];
    let elliptic = || {
        curves.into_iter().find_map(|curve| {
            let key = EcdsaKeyPair::from_pkcs8(curve, der).ok();
            key.or_else(|| EcdsaKeyPair::from_private_key_der(curve, der).ok())
        })
    };
    rsa()
        .map(|key| key.public_key().as_ref().to_vec())
        .or_else(|| elliptic().map(|key| key.public_key().as_ref().to_vec()))
        .or_else(|| Ed25519KeyPair::from_pkcs8(der).ok().map(|key| key.public_key().as_ref().to_vec()))
        .ok_or(INVALID)
}

fn names(certificate: &X509Certificate) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes {
            [a, b, c, d] => Some(format!("{a}.{b}.{c}.{d}")),
            other => <[u8; 16]>::try_from(*other).ok().map(|all| std::net::Ipv6Addr::from(all).to_string()),
        },
        _ => None,
    };
    extension.value.general_names.iter().filter_map(name).collect()
}

/// The name of a signature algorithm, as the examples write it.
fn algorithm(oid: &str) -> String {
    let known = [
        ("1.2.840.113549.1.1.4", "MD5-RSA"),
        ("1.2.840.113549.1.1.5", "SHA1-RSA"),
        ("1.2.840.113549.1.1.10", "SHA256-RSAPSS"),
        ("1.2.840.113549.1.1.11", "SHA256-RSA"),
        ("1.2.840.113549.1.1.12", "SHA384-RSA"),
        ("1.2.840.113549.1.1.13", "SHA512-RSA"),
        ("1.2.840.10045.4.1", "ECDSA-SHA1"),
        ("1.2.840.10045.4.3.2", "ECDSA-SHA256"),
        ("1.2.840.10045.4.3.3", "ECDSA-SHA384"),
        ("1.2.840.10045.4.3.4", "ECDSA-SHA512"),
        ("1.3.101.112", "Ed25519"),
    ];
    known.iter().find(|(known, _)| *known == oid).map_or(oid, |(_, name)| name).to_owned()
}

fn told(certificate: &X509Certificate, names: Vec<String>, algorithm: &str, authorities: bool) -> Doc {
    let subject = certificate.subject();
    let time = |time: i64| seconds(time.saturating_mul(1_000_000_000));
    let common: Vec<Value> = texts(subject.iter_common_name());
    let doc = json!({
        "common_name": common.first().cloned().unwrap_or_else(|| "".into()),
        "san": names,
        "version": certificate.version().0 + 1,
        "organization": texts(subject.iter_organization()),
        "organizational_unit": texts(subject.iter_organizational_unit()),
        "locality": texts(subject.iter_locality()),
        "state": texts(subject.iter_state_or_province()),
        "country": texts(subject.iter_country()),
        "not_before": time(certificate.validity().not_before.timestamp()),
        "not_after": time(certificate.validity().not_after.timestamp()),
        "serial_number": certificate.tbs_certificate.serial.to_string(),
        "issuer": issuer(certificate.issuer()),
        "signature_algorithm": algorithm,
        "is_has_trusted_root_ca": authorities,
    });
    doc.as_object().cloned().unwrap_or_default()
}

fn texts<'a>(all: impl Iterator<Item = &'a x509_parser::x509::AttributeTypeAndValue<'a>>) -> Vec<Value> {
    all.filter_map(|value| value.as_str().ok()).map(Value::from).collect()
}

/// The organizations of the issuer, or its common names.
fn issuer(name: &X509Name) -> Vec<Value> {
    let organizations = texts(name.iter_organization());
    if organizations.is_empty() { texts(name.iter_common_name()) } else { organizations }
}

/// True when one of the names of a certificate stands for a domain name; `*` stands for one label.
pub(crate) fn covers(names: &[&str], domain: &str) -> bool {
    let host = domain.split_once(':').map_or(domain, |(host, _)| host);
    names.iter().any(|name| {
        let same = name.eq_ignore_ascii_case(host);
        let parent = |text: &str| text.split_once('.').map(|(_, rest)| rest.to_ascii_lowercase());
        same || (name.starts_with("*.") && parent(name) == parent(host))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_domains() {
        assert!(covers(&["a.example"], "A.example:8443"));
        assert!(covers(&["x.example", "*.b.example"], "a.b.example"));
        assert!(!covers(&["*.example"], "a.b.example"));
        assert!(!covers(&["b.example"], "a.b.example"));
    }

    #[test]
    fn what_is_no_certificate() {
        for content in ["", "a", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert_eq!(read(content, "a", "", 0, Asks::All), Err(INVALID), "{content}");
        }
    }
}
