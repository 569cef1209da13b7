//! `Gateway`: what can be set of the gateway itself, with its tags and those who may reach it through VPC endpoints.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::kind::{Form, Given, Kind, KindDef, Owner, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// The gateway of the target; `metadata.name` is its name, and that of another gateway is a problem. It is never made or
/// removed. What is left out, stays as it is; so does everything but tags and permissions when the document goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct GatewaySpec {
    /// What the gateway is for, shown in the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The hour, in UTC, at which the four hours begin in which the vendor may work on the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<Hour>,
    /// The id of the security group that the gateway is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_group: Option<String>,
    /// Tags by their keys. Keys that are not named here stay as they are, but for those that apigctl set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Who may connect to the gateway through VPC endpoints: `iam:domain::` and the id of an account, or `*` for all. Those
    /// that are not named here stay, but for those that apigctl allowed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub endpoint_permissions: BTreeSet<String>,
}

/// An hour at which maintenance may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Hour {
    /// Until 06:00.
    #[serde(rename = "02:00")]
    H02,
    /// Until 10:00.
    #[serde(rename = "06:00")]
    H06,
    /// Until 14:00.
    #[serde(rename = "10:00")]
    H10,
    /// Until 18:00.
    #[serde(rename = "14:00")]
    H14,
    /// Until 22:00.
    #[serde(rename = "18:00")]
    H18,
    /// Until 02:00.
    #[serde(rename = "22:00")]
    H22,
}

/// The settings of a gateway in the form that is compared.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// As in [`GatewaySpec`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// As in [`GatewaySpec`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<Hour>,
    /// As in [`GatewaySpec`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_group: Option<String>,
    /// Of what was observed: all of it, also what the manifest leaves out. A call says it again; it is not compared.
    #[serde(skip)]
    pub shown: Option<Box<Self>>,
}

impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        let of = |it: &Self| (it.description.clone(), it.maintenance, it.security_group.clone());
        of(self) == of(other)
    }
}

impl Eq for Settings {}

impl Settings {
    /// What a gateway shows, without what the manifest leaves out.
    #[must_use]
    pub fn beside(&self, want: &Self) -> Self {
        Self {
            description: self.description.clone().filter(|_| want.description.is_some()),
            maintenance: self.maintenance.filter(|_| want.maintenance.is_some()),
            security_group: self.security_group.clone().filter(|_| want.security_group.is_some()),
            shown: Some(Box::new(self.clone())),
        }
    }

    /// It with each choice of its fields.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Self> + '_ {
        (0..8).map(|bits: u8| Self {
            description: self.description.clone().filter(|_| bits & 1 != 0),
            maintenance: self.maintenance.filter(|_| bits & 2 != 0),
            security_group: self.security_group.clone().filter(|_| bits & 4 != 0),
            shown: None,
        })
    }

    /// What is wanted, and for the rest what was shown.
    #[must_use]
    pub fn over(&self, shown: Option<&Self>) -> Self {
        let shown = shown.cloned().unwrap_or_default();
        Self {
            description: self.description.clone().or(shown.description),
            maintenance: self.maintenance.or(shown.maintenance),
            security_group: self.security_group.clone().or(shown.security_group),
            shown: None,
        }
    }
}

/// The value of a tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagValue {
    /// The value.
    pub value: String,
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Gateway,
    schema: Some(schema_of::<GatewaySpec>),
    noun: "gateway",
    given: Given::All,
    ..PLAIN
};

const OWNERS: &[Owner] = &[Owner { kind: Kind::Gateway, parts: &[0], field: "metadata.name", kept: false }];

/// The descriptor of a tag.
pub static TAG_DEF: KindDef = KindDef {
    kind: Kind::GatewayTag,
    form: Form::Derived,
    key: &["gateway", "key"],
    noun: "tag",
    owners: OWNERS,
    ..PLAIN
};

/// The descriptor of a permission.
pub static PERMISSION_DEF: KindDef = KindDef {
    kind: Kind::EndpointPermission,
    form: Form::Derived,
    key: &["gateway", "permission"],
    noun: "endpoint permission",
    owners: OWNERS,
    ..PLAIN
};

impl Documented for GatewaySpec {
    /// The settings, each tag, and each permission.
    fn resources(&self, address: &Address) -> Vec<Part> {
        let settings = Settings {
            description: self.description.clone(),
            maintenance: self.maintenance,
            security_group: self.security_group.clone(),
            shown: None,
        };
        let mut parts = vec![Part::whole(address, Spec::Gateway(settings))];
        for (key, value) in &self.tags {
            parts.push(Part {
                address: address.child(Kind::GatewayTag, key),
                spec: Spec::GatewayTag(TagValue { value: value.clone() }),
                field: Some(format!("spec.tags.{key}")),
            });
        }
        for permission in &self.endpoint_permissions {
            parts.push(Part {
                address: address.child(Kind::EndpointPermission, permission),
                spec: Spec::EndpointPermission(Allowed {}),
                field: Some("spec.endpointPermissions".to_owned()),
            });
        }
        parts
    }
}

/// A permission says nothing but whom, which is a part of its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {}
