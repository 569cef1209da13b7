//! IP controls: addresses that may call, or may not. Addresses are in items of at most [`ITEM`], which are added and removed by
//! actions of their own.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::address::Address;
use crate::kinds::access_control::{AccessControlSpec, CallerType, Effect, as_set};
use crate::provider::wire::{Unreadable, Words, list, need, need_word, text, word};

/// The most addresses of an item (`AddIpControlPolicyItem`).
const ITEM: usize = 10;
/// The action that takes items away.
pub(in crate::provider::alibaba) const REMOVE: &str = "RemoveIpControlPolicyItem";

const EFFECTS: &Words<Effect> = &[(Effect::Allow, "ALLOW"), (Effect::Deny, "REFUSE")];

/// The parameters that make an IP control.
pub(in crate::provider::alibaba) fn body(address: &Address, spec: &AccessControlSpec) -> Value {
    json!({
        "IpControlName": address.name(),
        "IpControlType": word(EFFECTS, &spec.effect),
        "IpControlPolicys": items(&spec.values).map(|item| json!({ "CidrIp": item })).collect::<Vec<_>>(),
    })
}

/// Addresses as the gateway takes them.
fn items(values: &[String]) -> impl Iterator<Item = String> {
    values.chunks(ITEM).map(|some| some.join(";"))
}

/// Reads a row of `DescribeIpControls` with its items.
pub(in crate::provider::alibaba) fn spec(wire: &Value) -> Result<AccessControlSpec, Unreadable> {
    let read = |item: &Value| {
        let app = text(item, "AppId")?;
        if !app.is_empty() && app != "0" {
            return Err(Unreadable::new(
                "AppId",
                format!("`{app}`: for one app alone, which no manifest can say"),
            ));
        }
        Ok(addresses(&need(item, "CidrIp")?))
    };
    let values: Vec<String> = list(wire, "Items", read)?.into_iter().flatten().collect();
    Ok(AccessControlSpec {
        effect: need_word(wire, "IpControlType", EFFECTS)?,
        by: CallerType::Ip,
        values: as_set(&values),
    })
}

fn addresses(item: &str) -> Vec<String> {
    item.split(';').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// What makes an IP control that is there have other addresses: the action and its parameters but for the control's id, in
/// order. Addresses are added before others go, so that nobody is let in or kept out in between who is not afterwards.
pub(in crate::provider::alibaba) fn changes(
    there: &Value,
    spec: &AccessControlSpec,
) -> Vec<(&'static str, Value)> {
    let wanted: BTreeSet<&str> = spec.values.iter().map(String::as_str).collect();
    let mut have: BTreeSet<String> = BTreeSet::new();
    let mut gone: Vec<String> = Vec::new();
    for item in there["Items"].as_array().into_iter().flatten() {
        let values = addresses(item["CidrIp"].as_str().unwrap_or_default());
        // One that is in two items stays in the first.
        if values.iter().all(|value| wanted.contains(value.as_str()) && !have.contains(value)) {
            have.extend(values);
        } else {
            gone.extend(item["PolicyItemId"].as_str().map(str::to_owned));
        }
    }
    let missing: Vec<String> =
        wanted.into_iter().filter(|value| !have.contains(*value)).map(str::to_owned).collect();
    let add = items(&missing).map(|item| ("AddIpControlPolicyItem", json!({ "CidrIp": item })));
    let mut changes: Vec<(&'static str, Value)> = add.collect();
    changes.extend(gone.chunks(100).map(|ids| (REMOVE, json!({ "PolicyItemIds": ids.join(";") }))));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec_of(values: &[&str]) -> AccessControlSpec {
        AccessControlSpec {
            effect: Effect::Allow,
            by: CallerType::Ip,
            values: values.iter().map(|v| (*v).to_owned()).collect(),
        }
    }

    #[test]
    fn addresses_are_added_before_others_go() {
        let there = json!({ "IpControlType": "ALLOW", "Items": [
            { "PolicyItemId": "P1", "CidrIp": "10.0.0.1;10.0.0.2" },
            { "PolicyItemId": "P2", "CidrIp": "10.0.0.3" },
        ] });
        let read = spec(&there).unwrap();
        assert_eq!(read, spec_of(&["10.0.0.1", "10.0.0.2", "10.0.0.3"]));
        assert_eq!(changes(&there, &read), []);
        let wanted = [
            ("AddIpControlPolicyItem", json!({ "CidrIp": "10.0.0.1;10.0.0.9" })),
            ("RemoveIpControlPolicyItem", json!({ "PolicyItemIds": "P1" })),
        ];
        assert_eq!(changes(&there, &spec_of(&["10.0.0.1", "10.0.0.3", "10.0.0.9"])), wanted);
    }

    #[test]
    fn ten_addresses_make_an_item() {
        let values: Vec<String> = (0..21).map(|i| format!("10.0.0.{i}")).collect();
        let address = Address::new(crate::kind::Kind::AccessControl, &["office"]);
        let body = body(&address, &AccessControlSpec { values, ..spec_of(&[]) });
        assert_eq!(body["IpControlPolicys"].as_array().unwrap().len(), 3);
    }
}
