//! Specs to request bodies, and answers to specs. Pure, and each direction the inverse of the other.
//!
//! **Out.** [`create`](super::tables::Tables::create) and [`update`](super::tables::Tables::update) give bodies in which another resource is named by `{"$id": ADDRESS}` and a secret by
//! `{"$secret": SOURCE}`, the gateway by `{"$gateway": true}`, a text that holds JSON by `{"$json": CONTENT}`; whoever sends the body puts the id or the secret there. So a body can be printed and saved.
//! A body carries every field that the vendor lets us write, defaults included, because the vendor does not say whether an
//! update keeps what is left out (SEMANTICS 1). Four fields have no documented "none" and are left out where absent:
//! `response_id`, `authorizer_id`, `reset_time`, and the limits of a throttle other than `api_call_limits`.
//!
//! **In.** [`spec`](super::tables::Tables::spec) gives the canonical form: what the server adds is dropped, `""`, `null` and absent mean the same, a number
//! in quotes is a number. Ids become names by [`Names`]; an id that it does not know becomes `id:<id>`, so that nothing is
//! lost and the difference shows. [`canonical`] brings a desired spec into the same form.
//!
//! **Group responses.** An API that names no response shows its group's default response (3.5.1). That response is always
//! called `default`, because it cannot be renamed (APIG.3492): an API that names it names none, in both directions.

pub mod access;
pub mod api;
pub mod app;
pub mod authorizer;
pub mod backend;
pub mod certificate;
pub mod channel;
pub mod domain;
pub mod environment;
pub mod feature;
pub mod group;
pub mod parameter;
pub mod plugin;
pub mod policy;
pub mod quota;
pub mod response;
pub mod signature;
pub mod throttle;
pub mod variable;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::kinds::value::Secret;
pub(super) use crate::provider::wire;
pub use crate::provider::wire::Unreadable;

/// The prefix of a name that stands for an id without a known name.
pub const UNNAMED: &str = "id:";

/// The names that ids stand for.
pub trait Names {
    /// The name of the resource of `kind` that has this id: of a group response its own name, without the group.
    fn name(&self, kind: Kind, id: &str) -> Option<String>;
}

/// Brings a desired spec into the form that [`spec`](super::tables::Tables::spec) gives.
#[must_use]
pub fn canonical(spec: &Spec) -> Spec {
    match spec {
        Spec::Api(api) => Spec::Api(Arc::new(api::canonical(api))),
        Spec::Publication(api) => Spec::Publication(Arc::new(api::canonical(api))),
        Spec::Throttle(throttle) => Spec::Throttle(throttle::canonical(throttle)),
        other => other.clone(),
    }
}

/// Stands for the id of another resource. A name written `id:<id>` stands for that id.
fn id_of(kind: Kind, parts: &[&str]) -> Value {
    match parts.last().and_then(|name| name.strip_prefix(UNNAMED)) {
        Some(id) => Value::from(id),
        None => json!({ "$id": Address::new(kind, parts) }),
    }
}

/// Stands for the id of the gateway that is called.
#[must_use]
pub fn gateway() -> Value {
    json!({ "$gateway": true })
}

/// Stands for a secret.
fn secret_of(secret: &Secret) -> Value {
    json!({ "$secret": secret })
}

/// The name of the resource that has this id.
pub(super) fn name_of(names: &dyn Names, kind: Kind, id: &str) -> String {
    names.name(kind, id).unwrap_or_else(|| format!("{UNNAMED}{id}"))
}

/// The number that means yes or no in most places (3.5.1).
fn yes_no(on: bool) -> Value {
    Value::from(if on { 1 } else { 2 })
}
