//! Around a gateway: tags (3.25), who may reach it through VPC endpoints (3.24), what was measured (3.18).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::realm::{Gateways, of_project};
use super::super::store::{Gateway, Tx};
use super::super::time::seconds;
use super::super::traffic::{Minute, Of};
use super::context::{Ctx, Members, Reply};
use super::fault::Fault;
use super::records::{Kind, PLAIN, exists};
use super::rules::list;

pub(crate) static TAG: Kind = Kind { coll: Coll::Tag, ..PLAIN };
pub(crate) static PERMISSION: Kind =
    Kind { coll: Coll::Permission, times: (Some("created_at"), None), ..PLAIN };

/// The most tags a gateway may have.
const TAGS_MAX: usize = 20;
/// The most whitelist records.
const PERMISSIONS_MAX: usize = 200;

/// 3.25.1: the tags of all gateways of a project.
pub(crate) fn project_tags(ctx: &Ctx, gateways: &Gateways) -> Result<Reply, Fault> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for tag in of_project(gateways, ctx.path("project_id")).flat_map(|gateway| gateway.records(Coll::Tag)) {
        all.entry(tag.text("key")).or_default().insert(tag.text("value"));
    }
    let tags: Vec<Value> = all.iter().map(|(key, values)| json!({"key": key, "values": values})).collect();
    Ok(Reply::value(&json!({"tags": tags})))
}

/// 3.25.2.
pub(crate) fn tags(_: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let one = |tag: &Record| json!({"key": tag.text("key"), "value": tag.text("value")});
    let tags: Vec<Value> = gateway.records(Coll::Tag).map(one).collect();
    Ok(Reply::value(&json!({"tags": tags})))
}

/// 3.25.3: a tag that is there gets the new value; for deleting, the key is enough.
pub(crate) fn change_tags(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    for tag in list(&ctx.body, "tags") {
        let key = tag["key"].as_str().unwrap_or("");
        if ctx.text("action") == "create" {
            put_tag(ctx, tx, key, tag["value"].as_str().unwrap_or(""))?;
        } else if key.is_empty() {
            return Err(ctx.bad("key"));
        } else {
            tx.remove(Coll::Tag, key);
        }
    }
    Ok(Reply::Empty)
}

/// Sets one tag. Keys that begin like the system's own are not for users.
pub(crate) fn put_tag(ctx: &Ctx, tx: &mut Tx, key: &str, value: &str) -> Result<(), Fault> {
    if key.is_empty() || key.starts_with("_sys_") {
        return Err(ctx.bad("key"));
    }
    let mut doc = Doc::new();
    doc.insert("key".to_owned(), key.into());
    doc.insert("value".to_owned(), value.into());
    tx.put(Coll::Tag, Row::Record(Record { id: key.into(), created: ctx.now, updated: ctx.now, doc }));
    if tx.table(Coll::Tag).len() > TAGS_MAX { Err(Fault::new("APIC.7402")) } else { Ok(()) }
}

/// 3.24.1: nobody connects to an engine through an endpoint.
pub(crate) fn connections(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    Ok(Reply::page(ctx, gateway.records(Coll::Connection), |out, _| out.extend(b"{}")))
}

/// 3.24.2: so there is none to accept or reject.
pub(crate) fn answer_connections(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let known = ctx.texts("endpoints").iter().all(|id| tx.record(Coll::Connection, id).is_some());
    if known { Ok(Reply::value(&json!({"connections": []}))) } else { Err(ctx.bad("endpoints")) }
}

/// 3.24.3.
pub(crate) fn permissions(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let wanted = |record: &&Record| {
        ctx.query.get("permission").is_none_or(|part| record.text("permission").contains(part))
    };
    let fields = ctx.operation.item();
    Ok(Reply::page(ctx, gateway.records(Coll::Permission).filter(wanted), |out, record| {
        let members = Members::of(&record.doc)
            .with("id", record.id.as_ref())
            .with("created_at", ctx.time(record.created));
        members.write(fields, out);
    }))
}

fn sent_permissions<'c>(ctx: &'c Ctx) -> Result<BTreeSet<&'c str>, Fault> {
    let fits = |text: &&str| {
        let id = text.strip_prefix("iam:domain::").unwrap_or("");
        **text == *"*" || (id.len() == 32 && id.bytes().all(|b| matches!(b, b'a'..=b'f' | b'0'..=b'9')))
    };
    let all = ctx.texts("permissions");
    if all.iter().all(fits) { Ok(all.into_iter().collect()) } else { Err(ctx.bad("permissions")) }
}

/// 3.24.4: one that is there stays.
pub(crate) fn add_permissions(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let sent = sent_permissions(ctx)?;
    for permission in &sent {
        if tx.count_by(Coll::Permission, "permission", &[permission]) > 0 {
            continue;
        }
        let mut doc = Doc::new();
        doc.insert("permission".to_owned(), (*permission).into());
        let record = Record { id: ctx.id().into(), created: ctx.now, updated: ctx.now, doc };
        tx.put(Coll::Permission, Row::Record(record));
    }
    if tx.table(Coll::Permission).len() > PERMISSIONS_MAX {
        return Err(ctx.bad("permissions"));
    }
    Ok(Reply::value(&json!({"permissions": sent})))
}

/// 3.24.5: one that is not there is passed over.
pub(crate) fn delete_permissions(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let sent = sent_permissions(ctx)?;
    for permission in &sent {
        super::kinds::sweep(tx, Coll::Permission, "permission", permission);
    }
    Ok(Reply::value(&json!({"permissions": sent})))
}

/// 3.18.1, 3.18.3: no calls go through an engine, so there is nothing to count.
pub(crate) fn statistics(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let minute = 60;
    let end = ctx.now.div_euclid(1_000_000_000 * minute) * minute;
    let length = match ctx.query.get("duration") {
        None => 3600,
        Some(text) => duration(text).ok_or_else(|| ctx.bad("duration"))?,
    };
    let (group, api) = match ctx.query.get("api_id") {
        Some(id) => {
            exists(gateway, Coll::Api, id, "APIG.3002")?;
            (gateway.api(id).map_or("", |api| &api.definition.group_id), id)
        }
        None => {
            let id = ctx.query.get("group_id").unwrap_or("");
            exists(gateway, Coll::Group, id, "APIG.3001")?;
            (id, "")
        }
    };
    let minutes = ctx.settings.traffic.minutes(Of { group, api, stage: "" }, end - length, end);
    let rows = minutes.iter().map(|(at, measured)| measured_row(ctx, (group, api), *at, measured));
    Ok(Reply::value(&json!({
        "code": "APIG.0000", "msg": "", "start_time": end - length, "end_time": end - minute,
        "list": rows.collect::<Value>(),
    })))
}

/// One minute as the statistics show it. How long the backend took was not recorded: the gateway itself takes no time.
fn measured_row(ctx: &Ctx, (group, api): (&str, &str), at: i64, measured: &Minute) -> Value {
    let spaced = |nanos| seconds(nanos).replace('T', " ").replace('Z', "");
    let failed = measured.client_errors + measured.server_errors;
    let mut row = json!({
        "group_id": group,
        "current_minute": at,
        "provider": ctx.settings.account_id,
        "req_count": measured.requests,
        "req_count2xx": measured.requests.saturating_sub(failed),
        "req_count4xx": measured.client_errors,
        "req_count5xx": measured.server_errors,
        "req_count_error": failed,
        "max_latency": whole(measured.latency_max_ms),
        "avg_latency": measured.latency_ms,
        "output_throughput": measured.bytes_out,
        "input_throughput": measured.bytes_in,
        "req_time": spaced(at * 1_000_000_000),
        "register_time": spaced(at * 1_000_000_000),
    });
    if !api.is_empty() {
        row["api_id"] = api.into();
        row["status"] = 1.into();
        row["max_inner_latency"] = 0.into();
        row["avg_inner_latency"] = 0.0.into();
        row["max_backend_latency"] = whole(measured.latency_max_ms).into();
        row["avg_backend_latency"] = measured.latency_ms.into();
    }
    row
}

/// Milliseconds without their fraction.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a latency is far below what an integer holds; more is cut"
)]
fn whole(milliseconds: f64) -> i64 {
    milliseconds.ceil() as i64
}

/// `10m`, `1h` in seconds.
fn duration(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        'm' => 60,
        'h' => 3600,
        _ => return None,
    };
    let count: i64 = text[..text.len() - 1].parse().ok()?;
    (1..=10_000).contains(&count).then_some(count * unit)
}

/// 3.18.2.
pub(crate) fn metrics(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    let moment = |name: &str| {
        let text = ctx.query.get(name).unwrap_or("");
        text.parse::<i64>().map_err(|_| ctx.bad(name))
    };
    if moment("from")? > moment("to")? {
        return Err(ctx.bad("from"));
    }
    Ok(Reply::value(&json!({"datapoints": []})))
}
