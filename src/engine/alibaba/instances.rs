//! The instances groups stand on: the shared one is there from the start, others come with what is loaded.

use serde_json::json;

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::Gateway;
use super::super::time::Nanos;
use super::fault::Fault;
use super::records::{Filter, Kind, PLAIN, by_id};

/// The shared instance.
pub(crate) const SHARED: &str = "api-shared-vpc-001";

pub(crate) static INSTANCE: Kind = Kind {
    coll: Coll::CloudInstance,
    id: "InstanceId",
    noun: "Instance",
    filters: &[by_id("InstanceId"), Filter { param: "InstanceType", member: "InstanceType", part: false }],
    tagged: Some("instance"),
    ..PLAIN
};

/// The shared instance as a row.
pub(crate) fn shared(now: Nanos) -> Row {
    let mut doc = Doc::new();
    let members = [
        ("InstanceName", json!("shared instance (VPC)")),
        ("InstanceType", json!("VPC_SHARED")),
        ("InstanceSpec", json!("api.shared")),
        ("InstanceChargeType", json!("PostPaid")),
        ("InstanceRpsLimit", json!(500)),
        ("HttpsPolicies", json!("HTTPS2_TLS1_0")),
        ("Status", json!("RUNNING")),
        ("SupportIpv6", json!(true)),
        ("EgressIpv6Enable", json!(false)),
        ("VpcIntranetEnable", json!(true)),
        ("VpcSlbIntranetEnable", json!(true)),
    ];
    doc.extend(members.map(|(name, value)| (name.to_owned(), value)));
    Row::Record(Record { id: SHARED.into(), created: now, updated: now, doc })
}

/// The instance a group is to stand on; an empty id is the shared one.
pub(crate) fn of<'g>(gateway: &'g Gateway, id: &str) -> Result<&'g Record, Fault> {
    let id = if id.is_empty() { SHARED } else { id };
    gateway.record(Coll::CloudInstance, id).ok_or_else(|| Fault::absent("Instance"))
}
