//! `Signature`: how the gateway proves itself to backends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Secret, is_default};
use crate::address::Address;
use crate::kind::{Kind, KindDef, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// A key with which the gateway signs its requests to backends. A `Binding` attaches it to APIs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct SignatureSpec {
    /// How requests are signed.
    #[serde(default, skip_serializing_if = "is_default", rename = "type")]
    #[schemars(!skip_serializing_if)]
    pub kind: SignatureType,
    /// The cipher; only for the type `aes`, and needed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<Cipher>,
    /// The key's public half: its name to the backend (the user name for `basic`).
    pub key: String,
    /// The key's secret half (the password for `basic`). The gateway never shows it again, so apigctl compares it with
    /// what it sent the last time.
    pub secret: Secret,
}

/// How requests to backends are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SignatureType {
    /// HMAC over the request.
    #[default]
    Hmac,
    /// HTTP basic authentication.
    Basic,
    /// A public key; the gateway must have the feature `public_key`.
    PublicKey,
    /// AES encryption.
    Aes,
}

/// A cipher for the type `aes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Cipher {
    /// AES with 128 bits in CFB mode.
    #[serde(rename = "aes-128-cfb")]
    Aes128Cfb,
    /// AES with 256 bits in CFB mode.
    #[serde(rename = "aes-256-cfb")]
    Aes256Cfb,
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Signature,
    key: &["name"],
    schema: Some(schema_of::<SignatureSpec>),
    noun: "signature",
    ..PLAIN
};

impl Documented for SignatureSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        vec![Part::whole(address, Spec::Signature(self.clone()))]
    }
}
