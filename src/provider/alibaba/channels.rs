//! Channels as VPC accesses: one server in a private network, and its port.
//!
//! An access goes by its name in backends, and by network, server and port where it is removed (`RemoveVpcAccess`). Changing it
//! goes on after the answer: the gateway changes what runs with it, too, so that nothing has to be published again, and the
//! plan waits for that (`ModifyVpcAccessAndUpdateApis`, `NeedBatchWork`). A description, which no manifest says, stays.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::lower::{there, write};
use super::objects::Object;
use super::observe::{ApiRow, HUNDRED, list};
use crate::address::Address;
use crate::http::Client;
use crate::kind::Kind;
use crate::kinds::channel::{Balance, ChannelSpec, Member, MemberType, Vpc};
use crate::kinds::spec::Spec;
use crate::observed::{Holder, Observed};
use crate::plan::build::{Lowered, Unsupported};
use crate::plan::{Change, Reply, Task};
use crate::provider::wire::{Unreadable, need, need_number, optional};
use crate::provider::{ObserveError, Want, reading};

/// What names an access where it is removed.
const PLACE: [&str; 3] = ["VpcId", "InstanceId", "Port"];

/// The parameters of `SetVpcAccess`.
pub(super) fn body(address: &Address, spec: &ChannelSpec) -> Value {
    let vpc = spec.vpc.as_ref();
    json!({
        "Name": address.name(),
        "VpcId": vpc.map(|vpc| &vpc.id),
        "InstanceId": spec.members.first().map(Member::place),
        "Port": spec.port,
        "VpcTargetHostName": vpc.and_then(|vpc| vpc.host_header.as_ref()),
    })
}

/// Reads a row of `DescribeVpcAccesses`.
pub(super) fn spec(row: &Value) -> Result<ChannelSpec, Unreadable> {
    let member = Member {
        host: None,
        ecs_id: Some(need(row, "InstanceId")?),
        ecs_name: None,
        port: None,
        weight: None,
        group: None,
        backup: false,
        enabled: true,
    };
    Ok(ChannelSpec {
        port: need_number(row, "Port")?,
        balance: Balance::default(),
        member_type: MemberType::Ecs,
        groups: Vec::new(),
        members: vec![member],
        health_check: None,
        microservice: None,
        vpc: Some(Vpc { id: need(row, "VpcId")?, host_header: optional(row, "VpcTargetHostName")? }),
    })
}

/// The call that changes or removes one.
pub(super) fn lower(
    object: &Object,
    change: &Change,
    observed: Option<&Observed>,
) -> Result<Lowered, Unsupported> {
    let Some(Spec::Channel(spec)) = &change.after else {
        let there = there(change, observed)?;
        let place = PLACE.iter().map(|member| ((*member).to_owned(), there[member].clone()));
        return Ok(write(object.delete, Value::Object(place.collect()), Reply::Ignore));
    };
    let mut body = body(&change.address, spec);
    // What is not said stays; an empty text takes it away.
    if body["VpcTargetHostName"].is_null() {
        body["VpcTargetHostName"] = "".into();
    }
    body["NeedBatchWork"] = true.into();
    let task = Task {
        field: "OperationId".into(),
        path: "/DescribeUpdateVpcInfoTask".into(),
        parameter: "OperationUid".into(),
        list: "ApiUpdateVpcInfoResults.ApiUpdateVpcInfoResult".into(),
        id: "ApiUid".into(),
        over: ("UpdateStatus".into(), vec!["success".into(), "OVER".into()]),
        done: ("ErrorMsg".into(), "Success".into()),
        whole: true,
    };
    Ok(write(object.update, body, Reply::Task(task.into())))
}

/// What others run with an access that is to go. It would go all the same, and what runs with it would fail: so it is kept. What
/// only a draft names no list shows; to publish that is refused then.
pub(super) async fn users(
    client: &Client,
    want: &Want,
    apis: &[ApiRow],
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let leaving: Vec<Address> = want.leaving.iter().filter(|a| a.kind == Kind::Channel).cloned().collect();
    let by_id: HashMap<&str, Address> = apis.iter().map(|row| (&*row.api_id, row.address())).collect();
    let call = |channel: &Address| {
        let rows = "ApiVpcAccessInfos.ApiVpcAccessInfo";
        (channel.clone(), list("DescribeApisByVpcAccess", rows, &[("VpcName", &channel.name())]))
    };
    let calls = leaving.iter().filter(|channel| observed.get(channel).is_some()).map(call).collect();
    let mut found: Vec<(Address, Address)> = Vec::new();
    for (channel, rows) in reading::several::<Value, Address>(client, HUNDRED, calls).await? {
        let users = rows.iter().filter_map(|row| by_id.get(row["ApiId"].as_str()?));
        // What is managed here is planned.
        let others = users.filter(|api| !want.addresses.contains(*api));
        found.extend(others.map(|api| (channel.clone(), api.clone())));
    }
    found.sort();
    found.dedup();
    for (channel, api) in found {
        let holder = Holder { what: api.to_string(), on: None };
        observed.holders.entry(channel).or_default().push(holder);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let address = Address::new(Kind::Channel, &["servers"]);
        for said in [json!({ "id": "vpc-1" }), json!({ "id": "vpc-1", "hostHeader": "shop.internal" })] {
            let document = json!({
                "port": 8080, "memberType": "ecs", "members": [{ "ecsId": "i-1" }], "vpc": said,
            });
            let wanted: ChannelSpec = serde_json::from_value(document).unwrap();
            assert_eq!(spec(&body(&address, &wanted)).unwrap(), wanted.canonical());
        }
        let row = json!({ "Name": "servers", "VpcId": "vpc-1", "InstanceId": "i-1" });
        assert_eq!(spec(&row).unwrap_err().field, "Port");
    }
}
