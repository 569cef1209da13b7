//! One descriptor per kind of policy that is attached to an API in an environment: attached and detached by policy, to and from
//! many APIs of a group at once; read by policy. An API has at most one of each kind, and attaching another takes its place.
//!
//! Bindings have no ids: they go by the id of their API.

use serde_json::json;

use super::lower::{MANY, api_of, group_of, write};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::plan::build::{Batch, Lowered, Unsupported};
use crate::plan::{Change, Reply, id_of};

/// How one kind of policy is attached, detached and read.
pub(super) struct Link {
    pub(super) kind: Kind,
    /// The parameter with the id of the policy.
    pub(super) policy: &'static str,
    pub(super) set: &'static str,
    pub(super) remove: &'static str,
    /// The list of what a policy is attached to.
    pub(super) of_policy: &'static str,
    /// The list of the policies of a group's APIs in an environment, and its rows.
    pub(super) of_group: (&'static str, &'static str),
    /// What an engine's snapshot calls it.
    pub(super) snapshot: &'static str,
}

/// One for each kind.
pub(super) static LINKS: &[Link] = &[
    Link {
        kind: Kind::ThrottleBinding,
        policy: "TrafficControlId",
        set: "SetTrafficControlApis",
        remove: "RemoveTrafficControlApis",
        of_policy: "DescribeApisByTrafficControl",
        of_group: ("DescribeApiTrafficControls", "ApiTrafficControls.ApiTrafficControlItem"),
        snapshot: "trafficControl",
    },
    Link {
        kind: Kind::SignatureBinding,
        policy: "SignatureId",
        set: "SetSignatureApis",
        remove: "RemoveSignatureApis",
        of_policy: "DescribeApisBySignature",
        of_group: ("DescribeApiSignatures", "ApiSignatures.ApiSignatureItem"),
        snapshot: "signature",
    },
    Link {
        kind: Kind::AccessBinding,
        policy: "IpControlId",
        set: "SetIpControlApis",
        remove: "RemoveIpControlApis",
        of_policy: "DescribeApisByIpControl",
        of_group: ("DescribeApiIpControls", "ApiIpControls.ApiIpControlItem"),
        snapshot: "ipControl",
    },
];

/// The descriptor of a kind, where it attaches a policy.
pub(super) fn link(kind: Kind) -> Option<&'static Link> {
    LINKS.iter().find(|link| link.kind == kind)
}

/// The policy that a change attaches or detaches.
fn policy(change: &Change) -> Option<Address> {
    let spec = change.after.as_ref().or(change.before.as_ref());
    Some(Address::new(change.address.kind.attaches()?, &[spec.and_then(Spec::bound)?]))
}

/// A call is about one policy, and one group in one environment.
pub(super) fn within(change: &Change) -> String {
    let policy = policy(change).map(|policy| policy.path().to_owned()).unwrap_or_default();
    format!("{policy} {} {}", change.address.part(0), change.address.part(2))
}

impl Link {
    /// The call that makes `change` so.
    pub(super) fn lower(&self, change: &Change) -> Result<Lowered, Unsupported> {
        let address = &change.address;
        let Some(policy) = policy(change) else {
            let reason = "which policy is attached was not read, and it is detached by policy".to_owned();
            return Err(Unsupported { reason });
        };
        let attaches = change.after.is_some();
        let action = if attaches { self.set } else { self.remove };
        let body = json!({
            self.policy: id_of(&policy), "GroupId": group_of(address), "StageName": address.part(2),
            "ApiIds": { "$items": true },
        });
        let reply = if attaches { Reply::Known { id: "ApiId".into() } } else { Reply::Ignore };
        let batch = Batch {
            key: format!("{action} {}", within(change)),
            limit: MANY,
            item: api_of(address),
            row: vec![("ApiId".to_owned(), api_of(address))],
        };
        Ok(Lowered { batch: Some(batch), ..write(action, body, reply) })
    }
}
