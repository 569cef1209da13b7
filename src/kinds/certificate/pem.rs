//! What stands in certificates, and whether they, their chain and their key fit together. Pure.

use std::net::IpAddr;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer;

use super::Facts;

/// Why a text is no chain of certificates. No message repeats the text: it may hold a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// No block at all.
    #[error("it holds no certificate in PEM")]
    Nothing,
    /// A private key where a certificate should be.
    #[error("it holds a private key, which must not stand there")]
    Key,
    /// A block of another sort, or one that cannot be read.
    #[error("block {0} of it is no certificate")]
    Block(usize),
    /// The chain is broken.
    #[error("certificate {0} of it was not signed by the one after it")]
    Chain(usize),
    /// Of a trusted root.
    #[error("certificate {0} of it is not one of an authority")]
    NoAuthority(usize),
}

/// Why a key does not fit a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// It is encrypted.
    #[error("the key is encrypted, and the gateway cannot open it")]
    Encrypted,
    /// It cannot be read.
    #[error("what is there is no private key in PEM (RSA, ECDSA or Ed25519)")]
    Unreadable,
    /// It is the key of another certificate.
    #[error("the key is not that of the certificate")]
    Other,
}

/// The blocks of a text, of which each is a certificate.
fn blocks(text: &str) -> Result<Vec<Pem>, Bad> {
    if text.contains("PRIVATE KEY-----") {
        return Err(Bad::Key);
    }
    let mut found = Vec::new();
    for (i, block) in Pem::iter_from_buffer(text.as_bytes()).enumerate() {
        match block {
            Ok(block) if block.label == "CERTIFICATE" => found.push(block),
            _ => return Err(Bad::Block(i + 1)),
        }
    }
    if found.is_empty() { Err(Bad::Nothing) } else { Ok(found) }
}

fn parsed(blocks: &[Pem]) -> Result<Vec<X509Certificate<'_>>, Bad> {
    let one = |(i, block): (usize, &'_ Pem)| -> Result<(), Bad> {
        X509Certificate::from_der(&block.contents).map(|_| ()).map_err(|_| Bad::Block(i + 1))
    };
    blocks.iter().enumerate().try_for_each(one)?;
    Ok(blocks
        .iter()
        .filter_map(|block| X509Certificate::from_der(&block.contents).ok())
        .map(|(_, it)| it)
        .collect())
}

/// What stands in the first certificate of a chain; the chain has to hold.
///
/// # Errors
/// Why the text is no chain.
pub fn facts(text: &str) -> Result<Facts, Bad> {
    let blocks = blocks(text)?;
    let chain = parsed(&blocks)?;
    let first = chain.first().ok_or(Bad::Nothing)?;
    let signed = |pair: &[X509Certificate<'_>]| pair[0].verify_signature(Some(pair[1].public_key())).is_ok();
    if let Some(i) = chain.windows(2).position(|pair| !signed(pair)) {
        return Err(Bad::Chain(i + 1));
    }
    Ok(told(first))
}

/// What stands in the first certificate of a text, whatever comes after it; none where there is none.
#[must_use]
pub fn first(text: &str) -> Option<Facts> {
    let block = Pem::iter_from_buffer(text.as_bytes()).next()?.ok()?;
    X509Certificate::from_der(&block.contents).ok().map(|(_, certificate)| told(&certificate))
}

/// How many blocks a text has.
#[must_use]
pub fn count(text: &str) -> usize {
    Pem::iter_from_buffer(text.as_bytes()).count()
}

fn told(certificate: &X509Certificate<'_>) -> Facts {
    let common = certificate.subject().iter_common_name().find_map(|name| name.as_str().ok());
    let validity = certificate.validity();
    Facts {
        common_name: common.unwrap_or_default().to_owned(),
        names: domains(names(certificate)),
        serial: certificate.tbs_certificate.serial.to_string(),
        not_before: time(validity.not_before.timestamp()),
        not_after: time(validity.not_after.timestamp()),
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    };
    extension.value.general_names.iter().filter_map(name).collect()
}

/// Domain names in the form that is compared; addresses are left out, since not every gateway shows them.
#[must_use]
pub fn domains(names: Vec<String>) -> Vec<String> {
    let mut names: Vec<String> = names
        .into_iter()
        .filter(|name| name.parse::<IpAddr>().is_err())
        .map(|name| name.to_ascii_lowercase())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A time in the form that is compared; empty where there is no such time.
#[must_use]
pub fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

/// Whether a text is a set of certificates of authorities.
///
/// # Errors
/// Why it is not.
pub fn authorities(text: &str) -> Result<(), Bad> {
    let blocks = blocks(text)?;
    match parsed(&blocks)?.iter().position(|certificate| !certificate.is_ca()) {
        Some(i) => Err(Bad::NoAuthority(i + 1)),
        None => Ok(()),
    }
}

/// Whether `key` is the private key of the first certificate of `content`. What is wrong with `content` itself is not told
/// here.
///
/// # Errors
/// Why it is not.
pub fn fits(content: &str, key: &str) -> Result<(), BadKey> {
    let Ok(blocks) = blocks(content) else { return Ok(()) };
    let Some(Ok((_, first))) = blocks.first().map(|block| X509Certificate::from_der(&block.contents)) else {
        return Ok(());
    };
    if key.contains("ENCRYPTED") {
        return Err(BadKey::Encrypted);
    }
    let public = public_half(key).ok_or(BadKey::Unreadable)?;
    if public == first.public_key().subject_public_key.data.as_ref() { Ok(()) } else { Err(BadKey::Other) }
}

/// The public half of a private key, as it stands in a certificate.
fn public_half(text: &str) -> Option<Vec<u8>> {
    // `openssl ecparam` writes the curve in front of the key.
    let mut blocks = Pem::iter_from_buffer(text.as_bytes()).flatten();
    let block = blocks.find(|block| block.label.ends_with("PRIVATE KEY"))?;
    let der = block.contents.as_slice();
    if let Ok(key) = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)) {
        return Some(key.public_key().as_ref().to_vec());
    }
    for curve in
        [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1_SIGNING]
    {
        let key = EcdsaKeyPair::from_pkcs8(curve, der);
        if let Ok(key) = key.or_else(|_| EcdsaKeyPair::from_private_key_der(curve, der)) {
            return Some(key.public_key().as_ref().to_vec());
        }
    }
    Ed25519KeyPair::from_pkcs8(der).ok().map(|key| key.public_key().as_ref().to_vec())
}
