//! Signature keys (3.6). The key is shown, the secret only masked, and both are made anew when they are not sent.

use serde_json::{Map, Value, json};

use super::wire::{Words, need, need_word, put, read_word, word};
use super::{Unreadable, secret_of};
use crate::address::Address;
use crate::kinds::signature::{Cipher, SignatureSpec, SignatureType};

pub use crate::provider::wire::UNREADABLE_SECRET;

const TYPES: &Words<SignatureType> = &[
    (SignatureType::Hmac, "hmac"),
    (SignatureType::Basic, "basic"),
    (SignatureType::PublicKey, "public_key"),
    (SignatureType::Aes, "aes"),
];

const CIPHERS: &Words<Cipher> = &[(Cipher::Aes128Cfb, "aes-128-cfb"), (Cipher::Aes256Cfb, "aes-256-cfb")];

/// The body of 3.6.1 and 3.6.2. Key and secret are always there: the example of 3.6.2 shows that an update without them
/// makes new ones.
#[must_use]
pub fn body(address: &Address, spec: &SignatureSpec) -> Value {
    let mut body = Map::new();
    body.insert("name".into(), address.name().into());
    body.insert("sign_type".into(), word(TYPES, &spec.kind).into());
    body.insert("sign_key".into(), json!(spec.key));
    body.insert("sign_secret".into(), secret_of(&spec.secret));
    put(&mut body, "sign_algorithm", spec.algorithm.map(|cipher| word(CIPHERS, &cipher)));
    Value::Object(body)
}

/// Reads an entry of 3.6.4, with [`UNREADABLE_SECRET`] for the secret.
///
/// # Errors
///
/// When the key is missing, or the type is not documented.
pub fn spec(wire: &Value) -> Result<SignatureSpec, Unreadable> {
    let kind = match wire.get("sign_type") {
        None | Some(Value::Null) => SignatureType::Hmac,
        Some(_) => need_word(wire, "sign_type", TYPES)?,
    };
    let algorithm = read_word(wire, "sign_algorithm", CIPHERS)?;
    Ok(SignatureSpec { kind, algorithm, key: need(wire, "sign_key")?, secret: UNREADABLE_SECRET })
}
