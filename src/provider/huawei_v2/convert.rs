//! Specs to request bodies, and answers to specs. Pure, and each direction the inverse of the other.
//!
//! **Out.** [`create`] and [`update`] give bodies in which another resource is named by `{"$id": ADDRESS}` and a secret by
//! `{"$secret": SOURCE}`, the gateway by `{"$gateway": true}`, a text that holds JSON by `{"$json": CONTENT}`; whoever sends the body puts the id or the secret there. So a body can be printed and saved.
//! A body carries every field that the vendor lets us write, defaults included, because the vendor does not say whether an
//! update keeps what is left out (SEMANTICS 1). Four fields have no documented "none" and are left out where absent:
//! `response_id`, `authorizer_id`, `reset_time`, and the limits of a throttle other than `api_call_limits`.
//!
//! **In.** [`spec`] gives the canonical form: what the server adds is dropped, `""`, `null` and absent mean the same, a number
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
pub(super) mod wire;

use std::sync::Arc;

use serde_json::{Value, json};

use super::objects;
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::kinds::value::Secret;

/// The prefix of a name that stands for an id without a known name.
pub const UNNAMED: &str = "id:";

/// The names that ids stand for.
pub trait Names {
    /// The name of the resource of `kind` that has this id: of a group response its own name, without the group.
    fn name(&self, kind: Kind, id: &str) -> Option<String>;
}

/// A part of an answer that does not make sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is {found}")]
pub struct Unreadable {
    /// The field, from the top of the object read, such as `req_params[2].type`.
    pub field: String,
    /// What is wrong with it.
    pub found: String,
}

impl Unreadable {
    fn new(field: impl Into<String>, found: impl Into<String>) -> Self {
        Self { field: field.into(), found: found.into() }
    }

    fn within(self, parent: &str) -> Self {
        Self { field: format!("{parent}.{}", self.field), found: self.found }
    }
}

/// The body that creates the resource, for the kinds that have one of their own.
#[must_use]
pub fn create(address: &Address, spec: &Spec) -> Option<Value> {
    (objects::of(address.kind)?.create)(address, spec)
}

/// The body that updates the resource, for the kinds that have one of their own.
#[must_use]
pub fn update(address: &Address, spec: &Spec) -> Option<Value> {
    let object = objects::of(address.kind)?;
    object.update.unwrap_or(object.create)(address, spec)
}

/// The spec of one resource from its list entry or detail, in canonical form. An API needs its detail (3.5.5) or a version of
/// it (3.5.13); the other kinds read the same from both.
///
/// # Errors
///
/// When a needed field is missing or holds what the vendor does not document.
pub fn spec(kind: Kind, wire: &Value, names: &dyn Names) -> Result<Spec, Unreadable> {
    if kind == Kind::Publication {
        return Ok(Spec::Publication(Arc::new(api::spec(wire, names)?)));
    }
    match objects::of(kind).and_then(|object| object.spec) {
        Some(read) => read(wire, names),
        None => Err(Unreadable::new("kind", format!("{kind}, which has no spec on the wire"))),
    }
}

/// The address of one resource from its list entry or detail.
///
/// # Errors
///
/// When a part of its natural key is missing.
pub fn address(kind: Kind, wire: &Value, names: &dyn Names) -> Result<Address, Unreadable> {
    let field = |name: &'static str| wire::need(wire, name);
    let named = |kind, key: &'static str| Ok::<_, Unreadable>(name_of(names, kind, &wire::need(wire, key)?));
    Ok(match kind {
        Kind::Variable => {
            let (group, environment) = (named(Kind::Group, "group_id")?, named(Kind::Environment, "env_id")?);
            Address::new(kind, &[&group, &environment, &field("variable_name")?])
        }
        Kind::Api => Address::new(kind, &[&named(Kind::Group, "group_id")?, &field("name")?]),
        Kind::ThrottleException => throttle::exception_address(wire, names)?,
        Kind::GroupResponse => Address::new(kind, &[&named(Kind::Group, "group_id")?, &field("name")?]),
        Kind::Domain => Address::new(kind, &[&named(Kind::Group, "api_group_id")?, &field("url_domain")?]),
        Kind::AppAccess => Address::new(kind, &[&named(Kind::App, "app_id")?]),
        _ => Address::new(kind, &[&field(objects::of(kind).map_or("name", |object| object.keys[0].0))?]),
    })
}

/// Brings a desired spec into the form that [`spec`] gives.
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
fn name_of(names: &dyn Names, kind: Kind, id: &str) -> String {
    names.name(kind, id).unwrap_or_else(|| format!("{UNNAMED}{id}"))
}
