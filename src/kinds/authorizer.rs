//! `Authorizer`: a cloud function that decides who may call, or that proves the gateway to backends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::backend::Network;
use super::value::{Duration, is_default};
use crate::address::Address;
use crate::kind::{Kind, KindDef, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// A custom authorizer: a cloud function that the gateway asks. APIs of the auth type `authorizer` name one of the type
/// `frontend`, backends one of the type `backend`. An authorizer that no document describes may be named all the same; then it
/// is looked up on the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AuthorizerSpec {
    /// What is decided. It cannot be changed afterwards: give the authorizer another name instead.
    #[serde(rename = "type")]
    pub kind: AuthorizerType,
    /// The URN of the function, which must exist.
    pub function: String,
    /// The version of the function.
    #[serde(default, skip_serializing_if = "is_default")]
    pub version: String,
    /// The URN of an alias of the function; it wins over `version`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub alias: String,
    /// How the function is reached.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub network: Network,
    /// The parts of a request that tell who calls. Their order does not matter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Identity>,
    /// How long an answer of the function is used again, in whole seconds, at most 1h; 0s: it is asked every time.
    #[serde(default = "no_time", skip_serializing_if = "is_no_time")]
    #[schemars(!skip_serializing_if)]
    pub cache: Duration,
    /// What the function gets with every question. The gateway shows it to everyone who may read it, so no secret belongs
    /// here.
    #[serde(default, skip_serializing_if = "is_default")]
    pub user_data: String,
    /// Whether the function gets the body of the request, too.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub send_body: bool,
}

/// What an authorizer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AuthorizerType {
    /// Who may call the gateway.
    Frontend,
    /// What the gateway shows to the backend.
    Backend,
}

/// A part of a request that tells who calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Identity {
    /// The name of the parameter.
    pub name: String,
    /// Where it stands.
    #[serde(rename = "in")]
    pub location: IdentityLocation,
    /// A regular expression that its value must fit. Left out, it is not checked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pattern: String,
}

/// Where an identity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum IdentityLocation {
    /// In a header.
    Header,
    /// In the query.
    Query,
}

fn no_time() -> Duration {
    Duration::from_secs(0)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_no_time(time: &Duration) -> bool {
    *time == no_time()
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Authorizer,
    schema: Some(schema_of::<AuthorizerSpec>),
    noun: "authorizer",
    lookup: true,
    immutable: &["type"],
    ..PLAIN
};

impl Documented for AuthorizerSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        vec![Part::whole(address, Spec::Authorizer(self.canonical()))]
    }
}

impl AuthorizerSpec {
    /// The form that is compared: identities by name.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let mut authorizer = self.clone();
        authorizer.identities.sort_by(|a, b| a.name.cmp(&b.name));
        authorizer
    }
}
