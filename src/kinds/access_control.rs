//! `AccessControl`: who may call, by address or account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::is_default;
use crate::address::Address;
use crate::kind::{Kind, KindDef, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// An access control policy: lets only the callers listed in, or keeps them out. A `Binding` attaches it to APIs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct AccessControlSpec {
    /// What becomes of the callers listed.
    pub effect: Effect,
    /// What callers are told by. It cannot be changed afterwards: give the policy another name instead.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub by: CallerType,
    /// The callers: addresses (`192.0.2.7`), ranges (`192.0.2.1-192.0.2.9`) and networks (`192.0.2.0/24`), or the names or
    /// ids of accounts, as `by` says. Their order does not matter.
    #[schemars(length(min = 1))]
    pub values: Vec<String>,
}

/// What becomes of the callers listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// They may call, nobody else.
    Allow,
    /// They may not call, everybody else may.
    Deny,
}

/// What callers are told by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CallerType {
    /// Their address.
    #[default]
    Ip,
    /// The name of their account.
    Account,
    /// The id of their account.
    AccountId,
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::AccessControl,
    schema: Some(schema_of::<AccessControlSpec>),
    noun: "access control policy",
    immutable: &["by"],
    ..PLAIN
};

impl Documented for AccessControlSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        vec![Part::whole(address, Spec::AccessControl(Self { values: as_set(&self.values), ..self.clone() }))]
    }
}

/// Values whose order and number mean nothing, in the form that is compared.
#[must_use]
pub fn as_set(values: &[String]) -> Vec<String> {
    let mut set = values.to_vec();
    set.sort();
    set.dedup();
    set
}
