//! VPC channels (3.17.1–3.17.5): name, balance, and in the same call members, groups of members and health check.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record};
use super::super::store::{Gateway, Tx};
use super::super::time::seconds;
use super::context::{Ctx, Reply};
use super::fault::Fault;
use super::records::{self, Draft, Filter, Kind, PLAIN};
use super::rules::{list as items, text};
use super::{features, plugins};

pub(crate) static CHANNEL: Kind = Kind {
    coll: Coll::Channel,
    param: "vpc_channel_id",
    missing: "APIG.3023",
    times: (Some("create_time"), None),
    unique: &[("name", "APIG.3208")],
    quota: Some(("VPC_NUM_LIMIT", "APIG.3109", None)),
    filters: &[Filter("id", "id", false), Filter("name", "name", true), Filter("vpc_type", "type", false)],
    keep: &["status", "members", "member_groups", "vpc_health_config", "microservice_info"],
    prepare,
    leaving: |_, tx, record| {
        if tx.apis_by("channel", &[&record.id]).next().is_some() {
            return Err(Fault::new("APIG.3414"));
        }
        if plugins::uses_channel(tx, &record.id) { Err(Fault::new("APIG.3710")) } else { Ok(()) }
    },
    ..PLAIN
};

/// 3.17.1.
pub(crate) fn create(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    records::create(&CHANNEL, ctx, tx)
}

/// 3.17.2.
pub(crate) fn update(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    records::update(&CHANNEL, ctx, tx)
}

/// 3.17.3.
pub(crate) fn delete(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    records::delete(&CHANNEL, ctx, tx)
}

/// 3.17.4.
pub(crate) fn read(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    records::read(&CHANNEL, ctx, gateway)
}

/// 3.17.5; the filters look at members and groups too.
pub(crate) fn list(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let any = |param: &str, record: &Record, part: &str, member: &str| {
        let fuzzy = member == "member_group_name" && !ctx.query.precise(member);
        ctx.query.get(param).is_none_or(|wanted| {
            items(&record.doc, part).iter().any(|item| match &item[member] {
                Value::String(text) if fuzzy => text.contains(wanted),
                Value::String(text) => text == wanted,
                other => wanted.parse::<i64>().is_ok_and(|number| *other == number),
            })
        })
    };
    let wanted = |record: &&Record| {
        any("member_host", record, "members", "host")
            && any("member_port", record, "members", "port")
            && any("member_group_name", record, "member_groups", "member_group_name")
            && any("member_group_id", record, "member_groups", "member_group_id")
    };
    records::list_where(&CHANNEL, ctx, gateway, wanted)
}

fn prepare(ctx: &Ctx, gateway: &Gateway, draft: &Draft, doc: &mut Doc) -> Result<(), Fault> {
    let renamed = draft.old.as_ref().is_some_and(|old| old.text("name") != text(doc, "name"));
    if renamed && !features::is_on(gateway, "vpc_name_modifiable", true) {
        return Err(Fault::new("APIG.3458"));
    }
    doc.entry("type").or_insert(json!(2));
    doc.entry("dict_code").or_insert("".into());
    doc.entry("status").or_insert(json!(1));
    let created = draft.old.as_ref().map_or(ctx.now, |old| old.created);
    let groups = groups(ctx, draft, doc, created)?;
    members(ctx, draft, doc, &groups, created)?;
    health(ctx, draft, doc, created)?;
    microservice(ctx, draft, doc)
}

/// Completes the groups; returns id and weight by name.
fn groups(
    ctx: &Ctx,
    draft: &Draft,
    doc: &mut Doc,
    created: i64,
) -> Result<BTreeMap<String, (String, Option<i64>)>, Fault> {
    let mut out = BTreeMap::new();
    let groups = doc.entry("member_groups").or_insert(json!([]));
    for group in groups.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        let name = text(group, "member_group_name").to_owned();
        let weight = group.get("member_group_weight").and_then(Value::as_i64);
        let names = ["member_group_id", "create_time"];
        inherit(draft, "member_groups", ("member_group_name", &name), group, &names);
        group.entry("member_group_id").or_insert(ctx.id().into());
        group.entry("microservice_version").or_insert("".into());
        group.entry("microservice_port").or_insert(json!(0));
        group.entry("create_time").or_insert(seconds(created).into());
        group.insert("update_time".to_owned(), seconds(ctx.now).into());
        let id = text(group, "member_group_id").to_owned();
        if out.insert(name, (id, weight)).is_some() {
            return Err(ctx.bad("member_group_name"));
        }
    }
    Ok(out)
}

fn members(
    ctx: &Ctx,
    draft: &Draft,
    doc: &mut Doc,
    groups: &BTreeMap<String, (String, Option<i64>)>,
    created: i64,
) -> Result<(), Fault> {
    let kind = text(doc, "member_type").to_owned();
    let address = if kind == "ecs" { "ecs_id" } else { "host" };
    let port = doc.get("port").cloned().unwrap_or(json!(0));
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for member in items(doc, "members") {
        let Value::Object(mut member) = member.clone() else { continue };
        let place = text(&member, address).to_owned();
        if place.is_empty() {
            return Err(ctx.missing(address));
        }
        // The first of several at one address wins.
        if !seen.insert(place.clone()) {
            continue;
        }
        let group = text(&member, "member_group_name").to_owned();
        let found = groups.get(&group);
        if found.is_none() && !group.is_empty() {
            return Err(ctx.bad("member_group_name"));
        }
        let (group_id, group_weight) = found.cloned().unwrap_or_default();
        inherit(draft, "members", (address, &place), &mut member, &["id", "create_time"]);
        member.entry("id").or_insert(ctx.id().into());
        member.entry("weight").or_insert(json!(group_weight.unwrap_or(1)));
        member.entry("is_backup").or_insert(json!(false));
        member.entry("status").or_insert(json!(1));
        member.entry("create_time").or_insert(seconds(created).into());
        member.insert("member_group_name".to_owned(), group.into());
        member.insert("member_group_id".to_owned(), group_id.into());
        member.insert("vpc_channel_id".to_owned(), draft.id.as_str().into());
        if member.get("port").and_then(Value::as_i64).unwrap_or(0) == 0 {
            member.insert("port".to_owned(), port.clone());
        }
        for name in ["ecs_id", "ecs_name", "host"] {
            member.entry(name).or_insert(place.as_str().into());
        }
        out.push(Value::Object(member));
    }
    if out.len() > ctx.limit("VPC_INSTANCE_NUM_LIMIT") {
        return Err(Fault::new("APIG.3110"));
    }
    doc.insert("members".to_owned(), Value::Array(out));
    Ok(())
}

/// What was there before keeps its id: a member is known by its address, a group by its name.
fn inherit(draft: &Draft, part: &str, (by, value): (&str, &str), item: &mut Doc, names: &[&str]) {
    let old = draft.old.as_ref().map_or(&[][..], |old| items(&old.doc, part));
    let Some(before) = old.iter().find(|before| before[by] == value) else { return };
    for name in names {
        if let Some(kept) = before.get(*name) {
            item.insert((*name).to_owned(), kept.clone());
        }
    }
}

fn health(ctx: &Ctx, draft: &Draft, doc: &mut Doc, created: i64) -> Result<(), Fault> {
    let channel_port = doc.get("port").cloned().unwrap_or(json!(0));
    let Some(Value::Object(health)) = doc.get_mut("vpc_health_config") else { return Ok(()) };
    let number = |name: &str| health.get(name).and_then(Value::as_i64).unwrap_or(0);
    if number("time_interval") <= number("timeout") {
        return Err(ctx.bad("time_interval"));
    }
    let web = !text(health, "protocol").eq_ignore_ascii_case("TCP");
    if web && !text(health, "path").starts_with('/') {
        return Err(ctx.missing("path"));
    }
    if text(health, "protocol").eq_ignore_ascii_case("HTTP") && text(health, "http_code").is_empty() {
        return Err(ctx.missing("http_code"));
    }
    if !is_status_codes(text(health, "http_code")) {
        return Err(ctx.bad("http_code"));
    }
    if number("port") == 0 {
        health.insert("port".to_owned(), channel_port);
    }
    health.entry("status").or_insert(json!(1));
    health.entry("id").or_insert(ctx.id().into());
    health.entry("create_time").or_insert(seconds(created).into());
    health.insert("vpc_channel_id".to_owned(), draft.id.as_str().into());
    Ok(())
}

/// Status codes from 100 to 599, and ranges of them, with commas between: `201,202,210-299`. Nothing is right, too.
fn is_status_codes(text: &str) -> bool {
    let code =
        |text: &str| text.parse::<u16>().ok().filter(|code| text.len() == 3 && (100..600).contains(code));
    let part = |part: &str| match part.split_once('-') {
        Some((low, high)) => code(low).zip(code(high)).is_some_and(|(low, high)| low <= high),
        None => code(part).is_some(),
    };
    text.is_empty() || text.split(',').all(part)
}

fn microservice(ctx: &Ctx, draft: &Draft, doc: &mut Doc) -> Result<(), Fault> {
    let sent = matches!(doc.get("microservice_info"), Some(Value::Object(_)));
    let mine = doc.get("type").and_then(Value::as_i64) == Some(3);
    if mine && !sent {
        return Err(ctx.missing("microservice_info"));
    }
    let mut info = match doc.shift_remove("microservice_info") {
        Some(Value::Object(info)) if mine => info,
        _ => Doc::new(),
    };
    if mine {
        let part = match text(&info, "service_type") {
            "CSE" => "cse_info",
            "CCE" => "cce_info",
            "CCE_SERVICE" => "cce_service_info",
            _ => return Err(ctx.bad("service_type")),
        };
        if !info.contains_key(part) {
            return Err(ctx.missing(part));
        }
        info.entry("id").or_insert(ctx.id().into());
        info.insert("instance_id".to_owned(), ctx.path("instance_id").into());
        let created = draft.old.as_ref().map_or(ctx.now, |old| old.created);
        info.entry("create_time").or_insert(seconds(created).into());
        info.insert("update_time".to_owned(), seconds(ctx.now).into());
    }
    for name in ["id", "instance_id", "service_type", "create_time", "update_time"] {
        info.entry(name).or_insert("".into());
    }
    fill(
        &mut info,
        "cse_info",
        &["cse_app_id", "engine_id", "engine_name", "register_address", "service_id", "service_name"],
    );
    fill(&mut info, "cce_info", &["cluster_id", "cluster_name", "namespace", "workload_type", "app_name"]);
    doc.insert("microservice_info".to_owned(), Value::Object(info));
    Ok(())
}

/// Empty objects come back filled with empty texts.
fn fill(info: &mut Doc, part: &str, names: &[&str]) {
    let inner = info.entry(part).or_insert(json!({}));
    for name in names {
        if let Some(inner) = inner.as_object_mut() {
            inner.entry(*name).or_insert("".into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_codes() {
        for good in ["", "200", "200,201,202", "200-299", "201,202,210-299", "100-100", "599"] {
            assert!(is_status_codes(good), "{good}");
        }
        for bad in ["99", "600", "0200", "+20", "299-200", "200,", "-", "200-", "200 201", "ok", "1-2-3"] {
            assert!(!is_status_codes(bad), "{bad}");
        }
    }
}
