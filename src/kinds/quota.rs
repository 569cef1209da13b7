//! `Quota`: how many calls an app may make altogether; an `App` names its quota.
//!
//! The app names the quota, and not the quota its apps, because an app has at most one: so two documents cannot disagree.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Duration, is_default};
use crate::address::Address;
use crate::kind::{Form, Kind, KindDef, Owner, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// A client quota: an app that has it may make so many calls in each period, of all APIs together. A throttle limits calls of
/// an API, a quota those of an app. An `App` names it in `quota`; each app counts for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct QuotaSpec {
    /// What the quota is for, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// Calls allowed in a period.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub limit: u32,
    /// The period, such as 1m, 1h or 1d.
    pub per: Duration,
    /// When the count begins anew for the first time, in UTC: `2026-01-31T00:00:00Z`; from then on after each period. Left
    /// out, periods begin with the first call, and a time that is there stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))]
    pub first_reset: Option<String>,
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Quota,
    key: &["name"],
    schema: Some(schema_of::<QuotaSpec>),
    noun: "quota",
    ..PLAIN
};

/// The descriptor of the quota that an app has.
pub static QUOTA_BINDING_DEF: KindDef = KindDef {
    kind: Kind::QuotaBinding,
    form: Form::Derived,
    key: &["app"],
    noun: "quota binding",
    owners: &[Owner { kind: Kind::App, parts: &[0], field: "metadata.name", kept: false }],
    carried: true,
    attached: true,
    dropped: true,
    attaches: Some((Kind::Quota, "")),
    ..PLAIN
};

impl Documented for QuotaSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        vec![Part::whole(address, Spec::Quota(self.clone()))]
    }
}
