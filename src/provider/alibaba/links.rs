//! One descriptor per kind of policy that is attached to an API in an environment: attached and detached by policy, to and from
//! many APIs of a group at once; read by policy. An API has at most one of each kind, of plug-ins one of each type, and attaching
//! another takes its place. A plug-in is attached to APIs that run, and detached from one at a time.
//!
//! Bindings have no ids: they go by the id of their API.

use serde_json::json;

use super::lower::{MANY, api_of, group_of, write};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::plan::build::{Batch, Lowered, Unsupported};
use crate::plan::{Action, Change, Reply, id_of};

/// How one kind of policy is attached, detached and read.
pub(super) struct Link {
    pub(super) kind: Kind,
    /// The parameter with the id of the policy.
    pub(super) policy: &'static str,
    pub(super) set: &'static str,
    pub(super) remove: &'static str,
    /// Whether a call that attaches takes APIs of several groups, and one that detaches a single API.
    pub(super) loose: bool,
    /// The list of what a policy is attached to, and its rows.
    pub(super) of_policy: (&'static str, &'static str),
    /// The list of the policies of a group's APIs in an environment, and its rows; none where there is no such list.
    pub(super) of_group: Option<(&'static str, &'static str)>,
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
        loose: false,
        of_policy: ("DescribeApisByTrafficControl", "ApiInfos.ApiInfo"),
        of_group: Some(("DescribeApiTrafficControls", "ApiTrafficControls.ApiTrafficControlItem")),
        snapshot: "trafficControl",
    },
    Link {
        kind: Kind::SignatureBinding,
        policy: "SignatureId",
        set: "SetSignatureApis",
        remove: "RemoveSignatureApis",
        loose: false,
        of_policy: ("DescribeApisBySignature", "ApiInfos.ApiInfo"),
        of_group: Some(("DescribeApiSignatures", "ApiSignatures.ApiSignatureItem")),
        snapshot: "signature",
    },
    Link {
        kind: Kind::AccessBinding,
        policy: "IpControlId",
        set: "SetIpControlApis",
        remove: "RemoveIpControlApis",
        loose: false,
        of_policy: ("DescribeApisByIpControl", "ApiInfos.ApiInfo"),
        of_group: Some(("DescribeApiIpControls", "ApiIpControls.ApiIpControlItem")),
        snapshot: "ipControl",
    },
    Link {
        kind: Kind::PluginBinding,
        policy: "PluginId",
        set: "AttachPlugin",
        remove: "DetachPlugin",
        loose: true,
        of_policy: ("DescribePluginApis", "ApiSummarys.ApiPluginSummary"),
        of_group: None,
        snapshot: "plugin",
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

impl Link {
    /// A call is about one policy, and one group in one environment; where it is loose, about all groups.
    pub(super) fn within(&self, change: &Change) -> String {
        let policy = policy(change).map(|policy| policy.path().to_owned()).unwrap_or_default();
        let group = if self.loose { String::new() } else { change.address.part(0) };
        format!("{policy} {group} {}", change.address.part(2))
    }

    /// How many APIs a call takes.
    pub(super) fn size(&self, action: Action) -> usize {
        if self.loose && action == Action::Unbind { 1 } else { MANY }
    }
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
        let mut body = json!({ self.policy: id_of(&policy), "StageName": address.part(2) });
        if !self.loose || !attaches {
            body["GroupId"] = group_of(address);
        }
        let reply = if attaches { Reply::Known { id: "ApiId".into() } } else { Reply::Ignore };
        if self.size(change.action) == 1 {
            body["ApiId"] = api_of(address);
            return Ok(write(action, body, reply));
        }
        body["ApiIds"] = json!({ "$items": true });
        let batch = Batch {
            key: format!("{action} {}", self.within(change)),
            limit: self.size(change.action),
            item: api_of(address),
            row: vec![("ApiId".to_owned(), api_of(address))],
        };
        Ok(Lowered { batch: Some(batch), ..write(action, body, reply) })
    }
}
