//! Parts of a VPC channel, each by a call of its own (3.17.6–3.17.17): members, groups of members, the health check.
//!
//! Every change goes through the checks of the channel as a whole.

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::seconds;
use super::channels::CHANNEL;
use super::context::{Ctx, Members, Reply};
use super::fault::Fault;
use super::protocol::Field;
use super::records::{Draft, find};
use super::rules::{list as items, text};

/// The member of a channel by which a member is known.
fn address(channel: &Doc) -> &'static str {
    if text(channel, "member_type") == "ecs" { "ecs_id" } else { "host" }
}

/// Changes a channel and checks the result as a whole.
fn change(ctx: &Ctx, tx: &mut Tx, edit: impl FnOnce(&mut Doc) -> Result<(), Fault>) -> Result<Record, Fault> {
    let old = find(&CHANNEL, ctx, tx)?.clone();
    // The members of a microservice channel come and go with the service.
    let section = ctx.operation.section.as_str();
    if old.number("type") == Some(3) && ["3.17.6", "3.17.8", "3.17.9"].contains(&section) {
        return Err(Fault::new("APIG.3471"));
    }
    let mut record = old.clone();
    edit(&mut record.doc)?;
    let draft = Draft { id: old.id.to_string(), old: Some(old) };
    (CHANNEL.prepare)(ctx, tx, &draft, &mut record.doc)?;
    record.updated = ctx.now;
    tx.put(Coll::Channel, Row::Record(record.clone()));
    Ok(record)
}

/// All of a list, whatever the page: what an answer to a write shows.
fn whole(ctx: &Ctx, all: &[&Value]) -> Reply {
    let fields = ctx.operation.item();
    let shown: Vec<Value> = all.iter().map(|item| documented(item, fields)).collect();
    Reply::value(&json!({"total": all.len(), "size": all.len(), ctx.operation.array(): shown}))
}

fn documented(item: &Value, fields: &[Field]) -> Value {
    let shown = fields.iter().filter_map(|field| Some((field.name.clone(), item.get(&field.name)?.clone())));
    Value::Object(shown.collect())
}

/// Puts a list into a channel.
fn set(channel: &mut Doc, part: &str, list: Vec<Value>) {
    channel.insert(part.to_owned(), Value::Array(list));
}

/// The members as they are.
fn kept(channel: &Doc) -> Vec<Value> {
    items(channel, "members").to_vec()
}

/// 3.17.6: adds members, or changes those with the same address.
pub(crate) fn add(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let sent = items(&ctx.body, "members").to_vec();
    if sent.is_empty() {
        return Err(ctx.missing("members"));
    }
    let mut places = Vec::new();
    let record = change(ctx, tx, |channel| {
        let by = address(channel);
        places = sent.iter().map(|member| member[by].clone()).collect();
        let old: Vec<Value> =
            kept(channel).into_iter().filter(|member| !places.contains(&member[by])).collect();
        set(channel, "members", old.into_iter().chain(sent).collect());
        Ok(())
    })?;
    let by = address(&record.doc);
    let added: Vec<&Value> =
        items(&record.doc, "members").iter().filter(|member| places.contains(&member[by])).collect();
    Ok(whole(ctx, &added))
}

/// 3.17.7.
pub(crate) fn list(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let channel = find(&CHANNEL, ctx, gateway)?;
    let by = address(&channel.doc);
    let fields = ctx.operation.item();
    let wanted = |member: &&Value| {
        let passes = |param: &str, names: &[&str]| {
            ctx.query.get(param).is_none_or(|wanted| {
                names.iter().filter_map(|name| member[*name].as_str()).any(|value| {
                    if ctx.query.precise(param) { value == wanted } else { value.contains(wanted) }
                })
            })
        };
        passes("name", &[by, "ecs_name"])
            && passes("member_group_name", &["member_group_name"])
            && ctx.query.get("member_group_id").is_none_or(|id| member["member_group_id"] == id)
    };
    Ok(Reply::page(ctx, items(&channel.doc, "members").iter().filter(wanted), |out, member| {
        super::context::put(out, &documented(member, fields));
    }))
}

/// 3.17.8: replaces the members of a group, or all.
pub(crate) fn replace(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    if !ctx.body.contains_key("members") {
        return Err(ctx.missing("members"));
    }
    let group = ctx.text("member_group_name").to_owned();
    let sent = items(&ctx.body, "members").to_vec();
    let record = change(ctx, tx, |channel| {
        if group.is_empty() {
            set(channel, "members", sent);
            return Ok(());
        }
        let known =
            items(channel, "member_groups").iter().any(|it| it["member_group_name"] == group.as_str());
        if !known {
            return Err(ctx.bad("member_group_name"));
        }
        let mut all: Vec<Value> = Vec::new();
        for mut member in sent {
            // What names no group belongs to the one that is replaced.
            if member["member_group_name"].as_str().unwrap_or("").is_empty() {
                member["member_group_name"] = group.as_str().into();
            }
            if member["member_group_name"] != group.as_str() {
                return Err(ctx.bad("member_group_name"));
            }
            all.push(member);
        }
        all.extend(kept(channel).into_iter().filter(|member| member["member_group_name"] != group.as_str()));
        set(channel, "members", all);
        Ok(())
    })?;
    let shown: Vec<&Value> = items(&record.doc, "members")
        .iter()
        .filter(|member| group.is_empty() || member["member_group_name"] == group.as_str())
        .collect();
    Ok(whole(ctx, &shown))
}

/// 3.17.9.
pub(crate) fn remove(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let id = ctx.path("member_id");
    change(ctx, tx, |channel| {
        let all = kept(channel);
        let rest: Vec<Value> = all.iter().filter(|member| member["id"] != id).cloned().collect();
        if rest.len() == all.len() {
            return Err(Fault::of("APIG.3024", id));
        }
        set(channel, "members", rest);
        Ok(())
    })?;
    Ok(Reply::Empty)
}

/// 3.17.10.
pub(crate) fn enable(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    switch(ctx, tx, 1)
}

/// 3.17.11.
pub(crate) fn disable(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    switch(ctx, tx, 2)
}

fn switch(ctx: &Ctx, tx: &mut Tx, status: i64) -> Result<Reply, Fault> {
    let ids = ctx.texts("member_ids");
    change(ctx, tx, |channel| {
        let mut all = kept(channel);
        for id in &ids {
            let found = all.iter_mut().find(|member| member["id"] == *id);
            found.ok_or_else(|| Fault::of("APIG.3024", id))?["status"] = json!(status);
        }
        set(channel, "members", all);
        Ok(())
    })?;
    Ok(Reply::Empty)
}

/// 3.17.12.
pub(crate) fn health(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let record = change(ctx, tx, |channel| {
        let mut config = ctx.body.clone();
        // A channel has one health check: it keeps its id and its time.
        if let Some(Value::Object(old)) = channel.get("vpc_health_config") {
            for name in ["id", "create_time"] {
                if let Some(value) = old.get(name) {
                    config.insert(name.to_owned(), value.clone());
                }
            }
        } else {
            config.insert("create_time".to_owned(), seconds(ctx.now).into());
        }
        channel.insert("vpc_health_config".to_owned(), Value::Object(config));
        Ok(())
    })?;
    let empty = Doc::new();
    let config = record.doc.get("vpc_health_config").and_then(Value::as_object).unwrap_or(&empty);
    Ok(Reply::object(ctx, &Members::of(config)))
}

/// 3.17.13: adds groups, or changes those of the same name.
pub(crate) fn add_groups(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let mut sent: Vec<Value> = Vec::new();
    for group in items(&ctx.body, "member_groups") {
        // The first of several with one name wins.
        if !sent.iter().any(|other| other["member_group_name"] == group["member_group_name"]) {
            sent.push(group.clone());
        }
    }
    if sent.is_empty() {
        return Err(ctx.missing("member_groups"));
    }
    let names: Vec<Value> = sent.iter().map(|group| group["member_group_name"].clone()).collect();
    let record = change(ctx, tx, |channel| {
        let mut all = items(channel, "member_groups").to_vec();
        for group in sent {
            weigh(channel, &group);
            match all.iter_mut().find(|old| old["member_group_name"] == group["member_group_name"]) {
                Some(old) => *old = group,
                None => all.push(group),
            }
        }
        set(channel, "member_groups", all);
        Ok(())
    })?;
    let all = items(&record.doc, "member_groups");
    let added: Vec<&Value> = all.iter().filter(|group| names.contains(&group["member_group_name"])).collect();
    Ok(whole(ctx, &added))
}

/// The weight of a group becomes that of its members.
fn weigh(channel: &mut Doc, group: &Value) {
    let Some(weight) = group.get("member_group_weight").cloned() else { return };
    let Some(Value::Array(members)) = channel.get_mut("members") else { return };
    for member in members {
        if member["member_group_name"] == group["member_group_name"] {
            member["weight"] = weight.clone();
        }
    }
}

/// 3.17.14.
pub(crate) fn list_groups(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let channel = find(&CHANNEL, ctx, gateway)?;
    let fields = ctx.operation.item();
    let wanted = |group: &&Value| {
        let value = group["member_group_name"].as_str().unwrap_or("");
        let named = ctx.query.get("member_group_name").is_none_or(|wanted| {
            if ctx.query.precise("member_group_name") { value == wanted } else { value.contains(wanted) }
        });
        named && ctx.query.get("dict_code").is_none_or(|code| group["dict_code"] == code)
    };
    Ok(Reply::page(ctx, items(&channel.doc, "member_groups").iter().filter(wanted), |out, group| {
        super::context::put(out, &documented(group, fields));
    }))
}

fn group_of<'d>(ctx: &Ctx, channel: &'d Doc) -> Result<&'d Value, Fault> {
    let id = ctx.path("member_group_id");
    let found = items(channel, "member_groups").iter().find(|group| group["member_group_id"] == id);
    found.ok_or_else(|| {
        Fault::of("APIG.3023", id).saying(format!("The backend server group does not exist,id:{id}"))
    })
}

/// 3.17.15.
pub(crate) fn read_group(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let channel = find(&CHANNEL, ctx, gateway)?;
    let group = group_of(ctx, &channel.doc)?;
    Ok(Reply::value(&documented(group, &ctx.operation.out)))
}

/// 3.17.16: with its members.
pub(crate) fn delete_group(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    change(ctx, tx, |channel| {
        let name = group_of(ctx, channel)?["member_group_name"].clone();
        for part in ["member_groups", "members"] {
            let rest =
                items(channel, part).iter().filter(|it| it["member_group_name"] != name).cloned().collect();
            set(channel, part, rest);
        }
        Ok(())
    })?;
    Ok(Reply::Empty)
}

/// 3.17.17.
pub(crate) fn update_group(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let record = change(ctx, tx, |channel| {
        let old = group_of(ctx, channel)?.clone();
        let mut group = Value::Object(ctx.body.clone());
        for name in ["member_group_id", "create_time"] {
            group[name] = old[name].clone();
        }
        let (before, after) = (old["member_group_name"].clone(), group["member_group_name"].clone());
        // A group that is renamed keeps its members.
        if let Some(Value::Array(members)) = channel.get_mut("members") {
            for member in members.iter_mut().filter(|member| member["member_group_name"] == before) {
                member["member_group_name"] = after.clone();
            }
        }
        weigh(channel, &group);
        let rest = |it: &Value| if *it == old { group.clone() } else { it.clone() };
        let all = items(channel, "member_groups").iter().map(rest).collect();
        set(channel, "member_groups", all);
        Ok(())
    })?;
    Ok(Reply::value(&documented(group_of(ctx, &record.doc)?, &ctx.operation.out)))
}
