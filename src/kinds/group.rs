//! `Group`: what APIs belong to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::is_default;
use crate::address::Address;
use crate::kind::{Kind, KindDef, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// A group of APIs. It owns domains, variables and error responses, and is the usual unit of a team or a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct GroupSpec {
    /// What the group is for, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
}

/// The descriptor.
pub static DEF: KindDef =
    KindDef { kind: Kind::Group, schema: Some(schema_of::<GroupSpec>), noun: "group", ..PLAIN };

impl Documented for GroupSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        vec![Part::whole(address, Spec::Group(self.clone()))]
    }
}
