//! Gateways themselves (3.23), and their quota (3.22.2): made with progress, changed, removed with all they hold.
//!
//! What is known of a gateway is one record in the gateway. A gateway that was not made by a call (the one from the start,
//! one that was loaded) has none until it is changed: defaults stand for it.

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::realm::{Gateways, Realm, of_project};
use super::super::store::{Gateway, Tx};
use super::super::time::{Nanos, seconds};
use super::context::{Ctx, Members, Reply, put};
use super::fault::Fault;
use super::features;
use super::kinds::{RELEASE, release};
use super::records::{Kind, PLAIN};
use super::rules::{list as items, text};

pub(crate) static INSTANCE: Kind = Kind { coll: Coll::Instance, ..PLAIN };

/// The editions, smallest first.
const SPECS: [&str; 4] = ["BASIC", "PROFESSIONAL", "ENTERPRISE", "PLATINUM"];
const RUNNING: (&str, i64) = ("Running", 6);
const CREATING: (&str, i64) = ("Creating", 1);
const INSTANCE_NUM_LIMIT: &str = "5";
/// The calls that a gateway answers while it is being made.
const WHILE_CREATING: [&str; 2] = ["3.23.2", "3.23.4"];

/// What is known of a gateway, with the time it was made.
fn known(gateway: &Gateway) -> (Doc, Nanos) {
    match gateway.record(Coll::Instance, &gateway.id) {
        Some(record) => (record.doc.clone(), record.created),
        None => (defaults(), gateway.record(Coll::Env, RELEASE).map_or(0, |release| release.created)),
    }
}

fn defaults() -> Doc {
    let doc = json!({
        "instance_name": "engine", "spec": "PLATINUM", "description": "", "enterprise_project_id": "0",
        "vpc_id": "", "subnet_id": "", "security_group_id": "", "maintain_begin": "22:00:00",
        "maintain_end": "02:00:00", "bandwidth_size": 0, "loadbalancer_provider": "elb", "ready": true,
    });
    doc.as_object().cloned().unwrap_or_default()
}

/// How far the making of a gateway is, in percent.
fn progress(ctx: &Ctx, doc: &Doc, created: Nanos) -> i64 {
    let whole = ctx.settings.provision;
    let past = ctx.now.saturating_sub(created);
    if doc.contains_key("ready") || past >= whole {
        return 100;
    }
    match past.saturating_mul(4) / whole.max(1) {
        0 => 30,
        1 => 50,
        2 => 80,
        _ => 90,
    }
}

/// Refuses calls to a gateway that is still being made.
pub(crate) fn check_ready(ctx: &Ctx, gateway: &Gateway) -> Result<(), Fault> {
    let Some(record) = gateway.record(Coll::Instance, &gateway.id) else { return Ok(()) };
    let ready = progress(ctx, &record.doc, record.created) == 100;
    if ready || WHILE_CREATING.contains(&ctx.operation.section.as_str()) {
        Ok(())
    } else {
        Err(Fault::new("APIC.7701"))
    }
}

/// What was said of a gateway, or observed elsewhere, and goes out as it is.
const SAID: [&str; 24] = [
    "instance_name",
    "spec",
    "description",
    "enterprise_project_id",
    "vpc_id",
    "subnet_id",
    "security_group_id",
    "maintain_begin",
    "maintain_end",
    "bandwidth_size",
    "bandwidth_charging_mode",
    "ingress_bandwidth_charging_mode",
    "loadbalancer_provider",
    "available_zone_ids",
    "eip_address",
    "nat_eip_address",
    "user_id",
    "instance_version",
    "endpoint_service",
    "endpoint_services",
    "node_ips",
    "publicips",
    "privateips",
    "unreliable_ips",
];
/// Where an engine can be reached from within.
const INSIDE: &str = "127.0.0.1";

/// What a gateway shows: the first value for a member counts, so what was said comes before what is always so.
fn members(ctx: &Ctx, gateway: &Gateway) -> Members<'static> {
    let (doc, created) = known(gateway);
    let (status, number) = if progress(ctx, &doc, created) == 100 { RUNNING } else { CREATING };
    let mut members = Members::default();
    for name in SAID {
        if let Some(value) = doc.get(name) {
            members = members.with(name, value.clone());
        }
    }
    let service = json!({
        "service_name": service_name(ctx, gateway, text(&doc, "vpcep_service_name")),
        "created_at": seconds(created),
    });
    let reached = |address: &str, size: i64| json!([{"ip_address": address, "bandwidth_size": size}]);
    let public = match text(&doc, "eip_address") {
        "" => json!([]),
        address => reached(address, doc.get("ingress_bandwidth_size").and_then(Value::as_i64).unwrap_or(0)),
    };
    members
        .with("id", gateway.id.as_ref())
        .with("project_id", gateway.project_id.as_ref())
        .with("user_id", ctx.settings.account_id.as_str())
        .with("status", status)
        .with("instance_status", number)
        .with("type", "apig")
        .with("create_time", created / 1_000_000)
        .with("charging_mode", 0)
        .with("cbc_metadata", "")
        .with("instance_version", env!("CARGO_PKG_VERSION"))
        .with("available_zone_ids", format!("[{}a]", ctx.settings.region))
        .with("bandwidth_charging_mode", "bandwidth")
        .with("ingress_bandwidth_charging_mode", "bandwidth")
        .with("ingress_ip", INSIDE)
        .with("virsubnet_id", text(&doc, "subnet_id"))
        .with("endpoint_service", service.clone())
        .with("endpoint_services", json!([service]))
        .with("node_ips", json!({"livedata": [INSIDE], "shubao": [INSIDE]}))
        .with("publicips", public)
        .with("privateips", reached(INSIDE, 0))
        .with("unreliable_ips", json!([]))
        .with("supported_features", json!(features::names().collect::<Vec<_>>()))
        .with("is_releasable", false)
}

/// The name of the endpoint service (3.23.1); the gateway's own id stands for that of the service.
fn service_name(ctx: &Ctx, gateway: &Gateway, wanted: &str) -> String {
    let middle = if wanted.is_empty() { "apig" } else { wanted };
    format!("{}.{middle}.{}", ctx.settings.region, gateway.id)
}

/// 3.23.2.
pub(crate) fn read(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    Ok(Reply::object(ctx, &members(ctx, gateway)))
}

/// 3.23.14.
pub(crate) fn list(ctx: &Ctx, gateways: &Gateways) -> Result<Reply, Fault> {
    let fields = ctx.operation.item();
    let wanted = |gateway: &&Gateway| {
        let (doc, created) = known(gateway);
        let (status, _) = if progress(ctx, &doc, created) == 100 { RUNNING } else { CREATING };
        let is = |param: &str, value: &str| ctx.query.get(param).is_none_or(|wanted| wanted == value);
        is("instance_id", &gateway.id)
            && is("status", status)
            && ctx.query.get("instance_name").is_none_or(|part| text(&doc, "instance_name").contains(part))
    };
    let all = of_project(gateways, ctx.path("project_id")).filter(wanted);
    Ok(Reply::page(ctx, all, |out, gateway| members(ctx, gateway).write(fields, out)))
}

/// 3.23.4.
pub(crate) fn creation(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let (doc, created) = known(gateway);
    let progress = progress(ctx, &doc, created);
    let start = created / 1_000_000;
    let end = if progress == 100 { start + ctx.settings.provision / 1_000_000 } else { 0 };
    Ok(Reply::value(&json!({
        "progress": progress,
        "status": if progress == 100 { "success" } else { "creating" },
        "error_code": "",
        "error_msg": "",
        "start_time": start,
        "end_time": end,
    })))
}

/// The answer to what takes its time.
fn job(ctx: &Ctx, instance_id: &str, purpose: &str) -> Reply {
    let id = format!("JOB-{}", ctx.id());
    let message =
        format!("JOB_ASSIGNED_FOR_{purpose}:The job {id} has been assigned to the instance {instance_id}");
    Reply::value(&json!({"instance_id": instance_id, "message": message, "job_id": id}))
}

/// 3.23.1.
pub(crate) fn create(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let project = ctx.path("project_id");
    check_name(realm, project, "", ctx.text("instance_name"))?;
    check_window(ctx, &ctx.body)?;
    if ctx.texts("available_zone_ids").is_empty() {
        return Err(Fault::new("APIC.7238"));
    }
    let most = ctx.settings.limits.get("INSTANCE_NUM_LIMIT").map_or(INSTANCE_NUM_LIMIT, String::as_str);
    if of_project(realm, project).count() >= most.parse().unwrap_or(usize::MAX) {
        return Err(Fault::new("APIC.7400"));
    }
    let id = match ctx.text("instance_id") {
        "" => ctx.id(),
        id if !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') || id.len() > 64 => {
            return Err(ctx.bad("instance_id"));
        }
        id => id.to_owned(),
    };
    let key = (project.to_owned(), id.clone());
    if realm.keys().any(|(_, known)| *known == id) {
        return Err(Fault::new("APIC.7505"));
    }
    realm.make(&key);
    let made = realm.on(&key, |tx| {
        tx.put(Coll::Env, release(ctx.now));
        let record =
            Record { id: id.as_str().into(), created: ctx.now, updated: ctx.now, doc: described(ctx) };
        tx.put(Coll::Instance, Row::Record(record));
        for tag in items(&ctx.body, "tags") {
            let value = tag["value"].as_str().unwrap_or("");
            super::extras::put_tag(ctx, tx, tag["key"].as_str().unwrap_or(""), value)?;
        }
        Ok(job(ctx, &id, "PROVISIONING"))
    });
    made.unwrap_or_else(|| Err(Fault::new("APIC.9206")))
}

/// What a request says about a new gateway.
fn described(ctx: &Ctx) -> Doc {
    let mut doc = defaults();
    doc.shift_remove("ready");
    for (name, value) in &ctx.body {
        if !["spec_id", "instance_id", "available_zone_ids", "tags", "eip_id"].contains(&name.as_str()) {
            doc.insert(name.clone(), value.clone());
        }
    }
    doc.insert("spec".to_owned(), ctx.text("spec_id").into());
    doc.insert(
        "available_zone_ids".to_owned(),
        format!("[{}]", ctx.texts("available_zone_ids").join(", ")).into(),
    );
    if !ctx.text("eip_id").is_empty() {
        doc.insert("eip_address".to_owned(), address(ctx.text("eip_id")).into());
    }
    doc
}

/// An address for documentation, always the same for one id.
fn address(id: &str) -> String {
    let sum = id.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    format!("203.0.113.{}", sum % 254 + 1)
}

fn check_name(gateways: &Gateways, project: &str, but: &str, name: &str) -> Result<(), Fault> {
    let taken = of_project(gateways, project)
        .any(|gateway| *gateway.id != *but && text(&known(gateway).0, "instance_name") == name);
    if taken { Err(Fault::new("APIC.7500")) } else { Ok(()) }
}

/// Four hours, from one of six.
fn check_window(ctx: &Ctx, doc: &Doc) -> Result<(), Fault> {
    let (begin, end) = (text(doc, "maintain_begin"), text(doc, "maintain_end"));
    let hour = |value: &str, name: &str| -> Result<Option<u32>, Fault> {
        if value.is_empty() {
            return Ok(None);
        }
        let hour =
            value.strip_suffix(":00:00").filter(|hour| hour.len() == 2).and_then(|hour| hour.parse().ok());
        match hour {
            None => Err(ctx.bad(name)),
            Some(hour) if [2, 6, 10, 14, 18, 22].contains(&hour) => Ok(Some(hour)),
            Some(_) => Err(Fault::new("APIC.7235")),
        }
    };
    match (hour(begin, "maintain_begin")?, hour(end, "maintain_end")?) {
        (Some(begin), Some(end)) if (begin + 4) % 24 != end => Err(Fault::new("APIC.7230")),
        (Some(_), None) => Err(ctx.bad("maintain_end")),
        (None, Some(_)) => Err(ctx.bad("maintain_begin")),
        _ => Ok(()),
    }
}

/// Changes what is known of a gateway.
fn change<T>(ctx: &Ctx, tx: &mut Tx, edit: impl FnOnce(&mut Doc) -> Result<T, Fault>) -> Result<T, Fault> {
    let (mut doc, created) = known(tx);
    let done = edit(&mut doc)?;
    let id = tx.id.clone();
    tx.put(Coll::Instance, Row::Record(Record { id, created, updated: ctx.now, doc }));
    Ok(done)
}

/// 3.23.3: what is not sent stays.
pub(crate) fn update(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let key = ctx.gateway();
    let name = ctx.text("instance_name");
    if !name.is_empty() {
        check_name(realm, &key.0, &key.1, name)?;
    }
    let done = realm.on(&key, |tx| {
        check_ready(ctx, tx)?;
        change(ctx, tx, |doc| {
            if ctx.body.contains_key("vpcep_service_name") {
                // What was observed under the old name.
                doc.shift_remove("endpoint_service");
                doc.shift_remove("endpoint_services");
            }
            doc.extend(ctx.body.clone());
            check_window(ctx, doc)
        })?;
        Ok(Reply::object(ctx, &members(ctx, tx)))
    });
    done.unwrap_or_else(|| Err(Fault::new("APIC.7302")))
}

/// 3.23.15: with all it holds.
pub(crate) fn delete(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let key = ctx.gateway();
    let gateway = realm.get(&key).ok_or_else(|| Fault::new("APIC.7302"))?;
    check_ready(ctx, gateway)?;
    // The shelf outlives the last gateway, so that the project stays known.
    realm.make(&super::super::realm::shelf(&key.0));
    realm.discard(&key);
    Ok(Reply::Empty)
}

/// 3.23.5.
pub(crate) fn bind_eip(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let id = ctx.text("eip_id");
    if id.is_empty() {
        return Err(ctx.bad("eip_id"));
    }
    change(ctx, tx, |doc| {
        doc.insert("eip_address".to_owned(), address(id).into());
        Ok(Reply::value(&json!({"eip_id": id, "eip_address": address(id), "eip_status": "ACTIVE"})))
    })
}

/// 3.23.6, 3.23.12: public inbound access ends; without it nothing happens.
pub(crate) fn unbind_eip(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    change(ctx, tx, |doc| {
        doc.shift_remove("eip_address");
        doc.shift_remove("ingress_bandwidth_charging_mode");
        Ok(Reply::Empty)
    })
}

/// The bandwidth of a request: a number, in one call written as a text; 5 when absent.
fn bandwidth(ctx: &Ctx) -> Result<i64, Fault> {
    let size = match ctx.body.get("bandwidth_size") {
        None => Some(5),
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_i64(),
    };
    size.filter(|size| (1..=2000).contains(size)).ok_or_else(|| ctx.bad("bandwidth_size"))
}

/// 3.23.7–3.23.9: public outbound access.
pub(crate) fn outbound(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let size = bandwidth(ctx)?;
    let id = tx.id.to_string();
    change(ctx, tx, |doc| {
        match (ctx.operation.method.as_str(), doc.contains_key("nat_eip_address")) {
            ("POST", true) => return Err(Fault::new("APIC.7709")),
            ("POST", false) => {
                doc.insert("nat_eip_address".to_owned(), address(&id).into());
            }
            (_, false) => return Err(Fault::new("APIC.7311")),
            _ => {}
        }
        if ctx.operation.method == "DELETE" {
            doc.shift_remove("nat_eip_address");
            doc.insert("bandwidth_size".to_owned(), json!(0));
        } else {
            doc.insert("bandwidth_size".to_owned(), json!(size));
            doc.insert("bandwidth_charging_mode".to_owned(), ctx.text("bandwidth_charging_mode").into());
        }
        Ok(Reply::Empty)
    })
}

/// 3.23.10, 3.23.11: public inbound access.
pub(crate) fn inbound(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let size = bandwidth(ctx)?;
    let id = tx.id.to_string();
    change(ctx, tx, |doc| {
        match (ctx.operation.method.as_str(), doc.contains_key("eip_address")) {
            ("POST", true) => return Err(Fault::new("APIC.7711")),
            ("POST", false) => {
                doc.insert("eip_address".to_owned(), address(&id).into());
            }
            (_, false) => return Err(Fault::new("APIC.7244")),
            _ => {}
        }
        let mode = ctx.text("bandwidth_charging_mode");
        doc.insert("ingress_bandwidth_charging_mode".to_owned(), mode.into());
        doc.insert("ingress_bandwidth_size".to_owned(), json!(size));
        Ok(job(ctx, &id, "UPDATE"))
    })
}

/// 3.23.16: at once, and never to a smaller edition.
pub(crate) fn resize(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let rank = |spec: &str| SPECS.iter().position(|known| *known == spec);
    let wanted = rank(ctx.text("spec_id")).ok_or_else(|| ctx.bad("spec_id"))?;
    let id = tx.id.to_string();
    change(ctx, tx, |doc| {
        match wanted.cmp(&rank(text(doc, "spec")).unwrap_or(0)) {
            std::cmp::Ordering::Equal => return Err(Fault::new("APIC.7707")),
            std::cmp::Ordering::Less => return Err(Fault::new("APIC.7243")),
            std::cmp::Ordering::Greater => {}
        }
        doc.insert("spec".to_owned(), ctx.text("spec_id").into());
        Ok(job(ctx, &id, "RESIZE"))
    })
}

/// 3.23.13.
pub(crate) fn zones(ctx: &Ctx, _: &Gateways) -> Result<Reply, Fault> {
    let region = &ctx.settings.region;
    let zone = |(index, letter): (usize, &str)| {
        let name = format!("AZ{}", index + 1);
        let specs: Doc = SPECS.iter().map(|spec| ((*spec).to_owned(), json!(true))).collect();
        json!({
            "name": name, "id": format!("{region}{letter}"), "code": format!("{region}{letter}"), "port": "8403",
            "local_name": {"en_us": name, "zh_cn": name}, "specs": specs,
        })
    };
    let zones: Vec<Value> = ["a", "b"].into_iter().enumerate().map(zone).collect();
    Ok(Reply::value(&json!({"available_zones": zones})))
}

/// 3.23.17.
pub(crate) fn restriction(_: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    Ok(Reply::value(&json!({"restrict_cidrs": ["127.0.0.0/8"], "resource_subnet_cidr": "127.0.0.0/8"})))
}

/// 3.22.2.
pub(crate) fn quotas(ctx: &Ctx, _: &Gateways) -> Result<Reply, Fault> {
    let most = ctx.settings.limits.get("INSTANCE_NUM_LIMIT").map_or(INSTANCE_NUM_LIMIT, String::as_str);
    let config = json!({
        "config_id": "1", "config_name": "INSTANCE_NUM_LIMIT", "config_value": most,
        "config_time": "2020-01-01T00:00:00Z", "remark": "",
    });
    Ok(Reply::page(ctx, std::iter::once(config), |out, config| put(out, &config)))
}
