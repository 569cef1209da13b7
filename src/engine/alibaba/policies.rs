//! Traffic controls with special limits, signature keys, IP controls with their items, access control lists.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::answer::Reply;
use super::bindings::{self, check_free};
use super::context::Ctx;
use super::fault::Fault;
use super::records::{self, Kind, PLAIN, Parent, by_id, exact, find, need, part, sweep};

pub(crate) static TRAFFIC: Kind = Kind {
    coll: Coll::CloudTraffic,
    id: "TrafficControlId",
    noun: "TrafficControl",
    unique: &[("TrafficControlName", "TrafficControlName")],
    quota: Some((1000, None)),
    filters: &[by_id("TrafficControlId"), part("TrafficControlName")],
    extra: |_, gateway, record, doc| {
        doc.insert("SpecialPolicies".to_owned(), specials(gateway, &record.id));
    },
    leaving: |_, tx, record| {
        check_free(tx, bindings::TRAFFIC.name, &record.id, "TrafficControl")?;
        sweep(tx, Coll::CloudSpecial, "TrafficControlId", &[&record.id]);
        Ok(())
    },
    ..PLAIN
};

fn specials(gateway: &Gateway, id: &str) -> Value {
    let of_kind = |kind: &str| -> Vec<Value> {
        gateway
            .records_by(Coll::CloudSpecial, "TrafficControlId", &[id])
            .filter(|special| special.text("SpecialType") == kind)
            .map(
                |it| json!({"SpecialKey": it.text("SpecialKey"), "TrafficValue": it.doc.get("TrafficValue")}),
            )
            .collect()
    };
    let kinds = ["APP", "USER"].map(|kind| (kind, of_kind(kind))).into_iter();
    let policies: Vec<Value> = kinds
        .filter(|(_, specials)| !specials.is_empty())
        .map(|(kind, specials)| json!({"SpecialType": kind, "Specials": {"Special": specials}}))
        .collect();
    json!({"SpecialPolicy": policies})
}

/// `DescribeTrafficControls`: also those bound to one API in a stage, for which three parameters go together.
pub(crate) fn traffic_list(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let names = ["ApiId", "GroupId", "StageName"];
    if names.iter().all(|name| ctx.given(name).is_none()) {
        return records::list(&TRAFFIC, ctx, gateway);
    }
    if let Some(absent) = names.iter().find(|name| ctx.given(name).is_none()) {
        return Err(Fault::missing(absent));
    }
    let api = super::apis::named(ctx, gateway)?;
    let at = [bindings::TRAFFIC.name, &*api.id, ctx.text("StageName")];
    let bound: Vec<&str> = gateway
        .records_by(Coll::CloudBinding, "Policy,ApiId,StageName", &at)
        .map(|binding| binding.text("PolicyId"))
        .collect();
    records::list_where(&TRAFFIC, ctx, gateway, |record| bound.contains(&&*record.id))
}

fn special_id(ctx: &Ctx) -> String {
    format!("{}/{}/{}", ctx.text("TrafficControlId"), ctx.text("SpecialType"), ctx.text("SpecialKey"))
}

/// `AddTrafficSpecialControl`: a limit that exists is overwritten.
pub(crate) fn set_special(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let control = find(&TRAFFIC, ctx, tx)?.id.clone();
    let id = special_id(ctx);
    if tx.record(Coll::CloudSpecial, &id).is_none() {
        let count = tx.count_by(Coll::CloudSpecial, "TrafficControlId", &[&control]);
        ctx.room("TrafficSpecialControl", 100, count)?;
    }
    let doc = ctx.params.clone();
    let row = Record { id: id.into(), created: ctx.now, updated: ctx.now, doc };
    tx.put(Coll::CloudSpecial, Row::Record(row));
    Ok(Reply::empty())
}

/// `DeleteTrafficSpecialControl`.
pub(crate) fn delete_special(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    find(&TRAFFIC, ctx, tx)?;
    if tx.remove(Coll::CloudSpecial, &special_id(ctx)) {
        return Ok(Reply::empty());
    }
    Err(Fault::absent("TrafficSpecialControl"))
}

/// `DeleteAllTrafficSpecialControl`.
pub(crate) fn delete_specials(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let control = find(&TRAFFIC, ctx, tx)?.id.clone();
    sweep(tx, Coll::CloudSpecial, "TrafficControlId", &[&control]);
    Ok(Reply::empty())
}

pub(crate) static SIGNATURE: Kind = Kind {
    coll: Coll::CloudSignature,
    id: "SignatureId",
    noun: "Signature",
    unique: &[("SignatureName", "SignatureName")],
    quota: Some((1000, None)),
    filters: &[by_id("SignatureId"), part("SignatureName")],
    leaving: |_, tx, record| check_free(tx, bindings::SIGNATURE.name, &record.id, "Signature"),
    ..PLAIN
};

pub(crate) static IP_CONTROL: Kind = Kind {
    coll: Coll::CloudIpControl,
    id: "IpControlId",
    noun: "IpControl",
    unique: &[("IpControlName", "IpControlName")],
    quota: Some((1000, None)),
    filters: &[by_id("IpControlId"), part("IpControlName"), exact("IpControlType")],
    times: ("CreateTime", "ModifiedTime"),
    gone_is_fine: true,
    prepare: |_, _, _, doc| {
        // They become rows of their own.
        doc.shift_remove("IpControlPolicys");
        Ok(())
    },
    made: |ctx, tx, id| {
        for item in ctx.items("IpControlPolicys") {
            let text = |name: &str| item[name].as_str().unwrap_or("");
            add_item(ctx, tx, id, text("CidrIp"), text("AppId"))?;
        }
        Ok(())
    },
    leaving: |_, tx, record| {
        check_free(tx, bindings::IP_CONTROL.name, &record.id, "IpControl")?;
        sweep(tx, Coll::CloudIpItem, "IpControlId", &[&record.id]);
        Ok(())
    },
    ..PLAIN
};

pub(crate) static IP_ITEM: Kind = Kind {
    coll: Coll::CloudIpItem,
    id: "PolicyItemId",
    noun: "PolicyItem",
    parent: Some(Parent { param: "IpControlId", coll: Coll::CloudIpControl, noun: "IpControl" }),
    filters: &[by_id("PolicyItemId")],
    times: ("CreateTime", "ModifiedTime"),
    prepare: |ctx, gateway, old, doc| {
        let text = |doc: &Doc, name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
        check_addresses(&text(doc, "CidrIp"))?;
        // A change replaces the whole item.
        if old.is_some() && !ctx.params.contains_key("AppId") {
            doc.shift_remove("AppId");
        }
        let control = need(gateway, Coll::CloudIpControl, &text(doc, "IpControlId"), "IpControl")?;
        if control.text("IpControlType") == "REFUSE" {
            doc.shift_remove("AppId");
        }
        Ok(())
    },
    ..PLAIN
};

/// One to ten addresses or blocks, with semicolons between them.
fn check_addresses(text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(Fault::missing("CidrIp"));
    }
    let all: Vec<&str> = text.split(';').collect();
    if all.len() <= 10 && all.iter().all(|it| is_block(it, false)) {
        return Ok(());
    }
    Err(Fault::invalid("CidrIp"))
}

/// An address with a mask; without one only when that is enough.
pub(crate) fn is_block(text: &str, masked: bool) -> bool {
    let Some((address, bits)) = text.split_once('/') else {
        return !masked && text.parse::<IpAddr>().is_ok();
    };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

fn add_item(ctx: &Ctx, tx: &mut Tx, control: &str, addresses: &str, app: &str) -> Result<String, Fault> {
    let mut doc = Doc::new();
    doc.insert("IpControlId".to_owned(), control.into());
    doc.insert("CidrIp".to_owned(), addresses.into());
    if !app.is_empty() {
        doc.insert("AppId".to_owned(), app.into());
    }
    (IP_ITEM.prepare)(ctx, tx, None, &mut doc)?;
    let limit = ctx.limit("CLOUDAPI_POLICYITEM_NUM_LIMIT", 100);
    if tx.count_by(Coll::CloudIpItem, "IpControlId", &[control]) >= limit {
        return Err(Fault::too_many("PolicyItem"));
    }
    let number = u64::from_str_radix(&ctx.id()[..12], 16).unwrap_or(0);
    let id = format!("P{number:015}");
    let row = Record { id: id.as_str().into(), created: ctx.now, updated: ctx.now, doc };
    tx.put(Coll::CloudIpItem, Row::Record(row));
    Ok(id)
}

/// `AddIpControlPolicyItem`.
pub(crate) fn add(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let control = find(&IP_CONTROL, ctx, tx)?.id.clone();
    let id = add_item(ctx, tx, &control, ctx.text("CidrIp"), ctx.text("AppId"))?;
    Ok(Reply::one("PolicyItemId", id))
}

/// `RemoveIpControlPolicyItem`: all of the list, or none.
pub(crate) fn remove(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let control = find(&IP_CONTROL, ctx, tx)?.id.clone();
    let ids: Vec<&str> = ctx.text("PolicyItemIds").split(';').filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > 100 {
        return Err(Fault::invalid("PolicyItemIds"));
    }
    for id in ids {
        let item = need(tx, Coll::CloudIpItem, id, "PolicyItem")?;
        if *item.text("IpControlId") != *control {
            return Err(Fault::absent("PolicyItem"));
        }
        tx.remove(Coll::CloudIpItem, id);
    }
    Ok(Reply::empty())
}

pub(crate) static ACL: Kind = Kind {
    coll: Coll::CloudAcl,
    id: "AclId",
    noun: "AccessControlList",
    unique: &[("AclName", "AclName")],
    quota: Some((5, None)),
    filters: &[part("AclName"), exact("AddressIPVersion")],
    name: |ctx| format!("acl-{}", &ctx.id()[..20]),
    prepare: |_, _, _, doc| {
        doc.entry("AddressIPVersion").or_insert("ipv4".into());
        Ok(())
    },
    leaving: |_, tx, record| {
        let uses =
            |instance: &Record| ["AclId", "IPV6AclId"].iter().any(|it| *instance.text(it) == *record.id);
        if tx.records(Coll::CloudInstance).any(uses) {
            return Err(Fault::in_use("AccessControlList"));
        }
        Ok(())
    },
    ..PLAIN
};

/// The entries of a list: those of the record, or those of the request.
fn entries(list: Option<&Value>) -> Vec<Value> {
    list.and_then(|list| list["AclEntry"].as_array()).cloned().unwrap_or_default()
}

/// Changes the entries of a list.
fn change_entries(
    ctx: &Ctx,
    tx: &mut Tx,
    change: impl FnOnce(&mut Vec<Value>, Vec<Value>),
) -> Result<Reply, Fault> {
    let mut acl = find(&ACL, ctx, tx)?.clone();
    let sent = entries(ctx.params.get("AclEntrys"));
    if sent.is_empty() {
        return Err(Fault::missing("AclEntrys"));
    }
    let blocks = sent.iter().all(|entry| entry["Entry"].as_str().is_some_and(|it| is_block(it, true)));
    if sent.len() > 50 || !blocks {
        return Err(Fault::invalid("AclEntrys"));
    }
    let mut known = entries(acl.doc.get("AclEntrys"));
    change(&mut known, sent);
    acl.doc.insert("AclEntrys".to_owned(), json!({"AclEntry": known}));
    acl.updated = ctx.now;
    tx.put(Coll::CloudAcl, Row::Record(acl));
    Ok(Reply::empty())
}

/// `AddAccessControlListEntry`: an entry that exists stays as it is.
pub(crate) fn add_entries(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    change_entries(ctx, tx, |known, sent| {
        for entry in sent {
            if !known.iter().any(|old| old["AclEntryIp"] == entry["Entry"]) {
                let comment = entry["Comment"].as_str().unwrap_or("");
                known.push(json!({"AclEntryIp": entry["Entry"], "AclEntryComment": comment}));
            }
        }
    })
}

/// `RemoveAccessControlListEntry`.
pub(crate) fn remove_entries(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    change_entries(ctx, tx, |known, sent| {
        known.retain(|old| !sent.iter().any(|entry| entry["Entry"] == old["AclEntryIp"]));
    })
}

/// `EnableInstanceAccessControl` and `DisableInstanceAccessControl`: for dedicated instances.
pub(crate) fn guard(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let acl = find(&ACL, ctx, tx)?.clone();
    let mut instance = need(tx, Coll::CloudInstance, ctx.text("InstanceId"), "Instance")?.clone();
    if instance.text("InstanceType") != "VPC_DEDICATED" {
        return Err(Fault::invalid("InstanceId").saying("Access control needs a dedicated instance."));
    }
    let version = ctx.given("AddressIPVersion").unwrap_or_else(|| acl.text("AddressIPVersion"));
    let prefix = if version.eq_ignore_ascii_case("ipv6") { "IPV6" } else { "" };
    let on = ctx.operation.action.starts_with("Enable");
    if !on && *instance.text(&format!("{prefix}AclId")) != *acl.id {
        return Err(Fault::absent("AccessControlList"));
    }
    let members = [
        ("AclId", if on { &*acl.id } else { "" }),
        ("AclName", if on { acl.text("AclName") } else { "" }),
        ("AclType", ctx.text("AclType")),
        ("AclStatus", if on { "on" } else { "off" }),
    ];
    for (name, value) in members {
        instance.doc.insert(format!("{prefix}{name}"), value.into());
    }
    tx.put(Coll::CloudInstance, Row::Record(instance));
    Ok(Reply::empty())
}
