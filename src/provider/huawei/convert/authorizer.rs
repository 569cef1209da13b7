//! Custom authorizers (3.15). The list shows everything.

use serde_json::{Value, json};

use super::Unreadable;
use super::backend::NETWORKS;
use super::wire::{Words, list, need, need_word, number, read_word, switch, text, word};
use crate::address::Address;
use crate::kinds::authorizer::{AuthorizerSpec, AuthorizerType, Identity, IdentityLocation};
use crate::kinds::backend::Network;
use crate::kinds::value::Duration;

const TYPES: &Words<AuthorizerType> =
    &[(AuthorizerType::Frontend, "FRONTEND"), (AuthorizerType::Backend, "BACKEND")];
const LOCATIONS: &Words<IdentityLocation> =
    &[(IdentityLocation::Header, "HEADER"), (IdentityLocation::Query, "QUERY")];

/// The body of 3.15.1 and 3.15.2. What is not given is sent empty, but for an alias, which would win over the version.
#[must_use]
pub fn body(address: &Address, spec: &AuthorizerSpec) -> Value {
    let identity = |identity: &Identity| {
        let mut body = json!({ "name": identity.name, "location": word(LOCATIONS, &identity.location) });
        if !identity.pattern.is_empty() {
            body["validation"] = json!(identity.pattern);
        }
        body
    };
    let mut body = json!({
        "name": address.name(),
        "type": word(TYPES, &spec.kind),
        "authorizer_type": "FUNC",
        "authorizer_uri": spec.function,
        "network_type": word(NETWORKS, &spec.network),
        "authorizer_version": spec.version,
        "identities": spec.identities.iter().map(identity).collect::<Value>(),
        "ttl": spec.cache.as_millis() / 1000,
        "user_data": spec.user_data,
        "need_body": spec.send_body,
    });
    if !spec.alias.is_empty() {
        body["authorizer_alias_uri"] = json!(spec.alias);
    }
    body
}

/// Reads an entry of 3.15.5 or the answer of 3.15.4.
///
/// # Errors
///
/// When a field is missing, or a word is not documented.
pub fn spec(wire: &Value) -> Result<AuthorizerSpec, Unreadable> {
    let identity = |wire: &Value| {
        Ok(Identity {
            name: need(wire, "name")?,
            location: need_word(wire, "location", LOCATIONS)?,
            pattern: text(wire, "validation")?,
        })
    };
    let authorizer = AuthorizerSpec {
        kind: need_word(wire, "type", TYPES)?,
        function: need(wire, "authorizer_uri")?,
        version: text(wire, "authorizer_version")?,
        alias: text(wire, "authorizer_alias_uri")?,
        network: read_word(wire, "network_type", NETWORKS)?.unwrap_or(Network::Public),
        identities: list(wire, "identities", identity)?,
        cache: Duration::from_secs(number::<u32>(wire, "ttl")?.unwrap_or_default().into()),
        user_data: text(wire, "user_data")?,
        send_body: switch(wire, "need_body", false)?,
    };
    Ok(authorizer.canonical())
}
