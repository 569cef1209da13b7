//! `Certificate`: what the gateway shows to callers of a domain name.
//!
//! Gateways do not show a certificate, its key or its trusted root again, only what stands in it. So a [`Certificate`] is
//! compared by its [`Facts`]; the key, the chain and the root are compared with what was sent the last time.

pub mod pem;

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::value::{Secret, is_default};
use crate::address::Address;
use crate::kind::{Kind, KindDef, PLAIN, schema_of};
use crate::kinds::spec::{Digest, Documented, Part, Spec};

/// An SSL certificate, which a `Domain` names by `certificate`. A change of it reaches all its domains, without a
/// moment without a certificate. The gateway shows only what stands in a certificate (names, serial number, validity): the
/// rest is compared with what apigctl sent the last time. A certificate that no document describes may be named all the
/// same; then it is looked up on the gateway. Where a gateway keeps certificates with domains, there is none to look up, and
/// one that no domain names is nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct CertificateSpec {
    /// The certificate, and after it the chain of those that signed it, in PEM: as text, or `{ fromFile: PATH }` with a path
    /// relative to the project folder. It is public, so it may stand in a manifest.
    pub content: Pem,
    /// The key of the certificate in PEM, not encrypted.
    pub private_key: Secret,
    /// Certificates, in PEM, that sign those of callers: with it, callers of a domain with this certificate have to show a
    /// certificate of their own, unless the domain says `verifyClients: false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted_root_ca: Option<Pem>,
    /// Which gateways may use it; it cannot be changed.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub scope: Scope,
}

/// Which gateways may use a certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// The gateway of the target alone.
    #[default]
    Gateway,
    /// All gateways of the project.
    Project,
}

/// Public text in PEM: it stands in the manifest, or in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pem {
    /// The file, relative to the project folder; none for text in the manifest.
    pub file: Option<String>,
    /// The text; empty for a file that was not read.
    pub text: String,
}

impl Serialize for Pem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.file {
            Some(path) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("fromFile", path)?;
                map.end()
            }
            None => serializer.serialize_str(&self.text),
        }
    }
}

impl<'de> Deserialize<'de> for Pem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Pem;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text in PEM or { fromFile: PATH }")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Pem, E> {
                Ok(Pem { file: None, text: text.to_owned() })
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Pem, A::Error> {
                let mut file = None;
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "fromFile" => file = Some(map.next_value()?),
                        other => return Err(de::Error::unknown_field(other, &["fromFile"])),
                    }
                }
                let missing = || de::Error::custom("the text has no source\u{1f}write `{ fromFile: PATH }`");
                Ok(Pem { file: Some(file.ok_or_else(missing)?), text: String::new() })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Pem {
    fn schema_name() -> Cow<'static, str> {
        "Pem".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Text in PEM, or the file that holds it.",
            "type": ["string", "object"],
            "properties": { "fromFile": {
                "description": "The path of a file that holds it, relative to the project folder.",
                "type": "string"
            } },
            "required": ["fromFile"],
            "additionalProperties": false
        })
    }
}

/// A certificate in the form that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// What stands in it.
    pub content: Facts,
    /// Whether it comes with certificates that sign those of callers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub trusted_root_ca: bool,
    /// Which gateways may use it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scope: Scope,
    /// What is sent; none for what a gateway showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
}

/// What gateways show of a certificate. What is empty was not shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// The common name of its subject.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub common_name: String,
    /// The domain names that it is for, in small letters, ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The serial number, in decimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub serial: String,
    /// From when it is valid, as `2026-11-21T21:06:56Z`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub not_before: String,
    /// Until when it is valid.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub not_after: String,
}

/// What is sent of a certificate and never shown again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// The chain in PEM.
    pub content: String,
    /// Where the key is.
    pub private_key: Secret,
    /// The trusted root in PEM.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trusted_root_ca: String,
}

impl Certificate {
    /// The fingerprint of what gateways show.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(format!("{:?}", (&self.content, self.trusted_root_ca, self.scope)).as_bytes())
    }
}

impl Sent {
    /// What no gateway shows, besides the key; line ends and empty lines do not count.
    #[must_use]
    pub fn unseen(&self) -> String {
        let lines =
            |text: &str| text.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n");
        format!("{}\n\n{}", lines(&self.content), lines(&self.trusted_root_ca))
    }
}

impl Facts {
    /// What a gateway shows, with what is wanted where it does not show it.
    #[must_use]
    pub fn beside(&self, want: &Self) -> Self {
        let text = |have: &String, want: &String| if have.is_empty() { want.clone() } else { have.clone() };
        Self {
            common_name: text(&self.common_name, &want.common_name),
            names: if self.names.is_empty() { want.names.clone() } else { self.names.clone() },
            serial: text(&self.serial, &want.serial),
            not_before: text(&self.not_before, &want.not_before),
            not_after: text(&self.not_after, &want.not_after),
        }
    }
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Certificate,
    schema: Some(schema_of::<CertificateSpec>),
    noun: "certificate",
    lookup: true,
    immutable: &["scope"],
    ..PLAIN
};

impl Documented for CertificateSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        let sent = Sent {
            content: self.content.text.clone(),
            private_key: self.private_key.clone(),
            trusted_root_ca: self.trusted_root_ca.as_ref().map(|ca| ca.text.clone()).unwrap_or_default(),
        };
        let certificate = Certificate {
            // One that cannot be read is reported as a problem, and nothing is planned.
            content: pem::facts(&self.content.text).unwrap_or_default(),
            trusted_root_ca: self.trusted_root_ca.is_some(),
            scope: self.scope,
            sent: Some(sent),
        };
        vec![Part::whole(address, Spec::Certificate(certificate.into()))]
    }
}
