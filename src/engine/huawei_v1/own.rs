//! Where the shared gateway asks or answers otherwise than a rename could say.

use serde_json::{Value, json};

use super::super::SHARED_GATEWAY;
use super::super::huawei::fault::Fault;
use super::super::huawei::protocol::Edition;
use super::super::huawei_v2::context::{Ctx, Members, Reply};
use super::super::huawei_v2::kinds::{ACL, SPECIAL};
use super::super::huawei_v2::{apis, apps, debug, limits, members, records};
use super::super::model::Coll;
use super::super::store::{Gateway, Tx};

/// How the tag begins that names the service an API belongs to.
const SERVICE_TAG: &str = "APIG-SN-";

fn put(ctx: &mut Ctx, name: &str, value: impl Into<Value>) {
    ctx.body.insert(name.to_owned(), value.into());
}

/// A certificate uploaded here belongs here, not to the dedicated gateways.
pub(super) fn own_certificate(ctx: &mut Ctx) -> Result<(), Fault> {
    put(ctx, "type", "instance");
    put(ctx, "instance_id", SHARED_GATEWAY);
    Ok(())
}

/// An API belongs to one service at most.
pub(super) fn one_service_tag(ctx: &mut Ctx) -> Result<(), Fault> {
    let several = ctx.texts("tags").iter().filter(|tag| tag.starts_with(SERVICE_TAG)).count() > 1;
    if several { Err(ctx.bad("tags")) } else { Ok(()) }
}

/// An API stays in its group, which need not be named.
pub(super) fn modify_api(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let group = apis::find(tx, ctx.path("api_id"))?.definition.group_id.clone();
    match ctx.text("group_id") {
        "" => {
            let mut ctx = ctx.clone();
            put(&mut ctx, "group_id", group.as_ref());
            apis::update(&ctx, tx)
        }
        other if *other == *group => apis::update(ctx, tx),
        _ => Err(ctx.bad("group_id")),
    }
}

/// Publishing is an action of V2, of which the path says what it acts on.
pub(super) fn goes_online(ctx: &mut Ctx) -> Result<(), Fault> {
    acts(ctx, "online")
}

/// The same for the other direction; here the query names the environment.
pub(super) fn goes_offline(ctx: &mut Ctx) -> Result<(), Fault> {
    let env_id = ctx.query.get("env_id").unwrap_or("").to_owned();
    put(ctx, "env_id", env_id);
    acts(ctx, "offline")
}

fn acts(ctx: &mut Ctx, action: &str) -> Result<(), Fault> {
    let api_id = ctx.path("api_id").to_owned();
    put(ctx, "api_id", api_id);
    put(ctx, "action", action);
    Ok(())
}

/// What went offline is shown with its names alone.
pub(super) fn only_names_offline(ctx: &Ctx, answer: &mut Value) {
    if ctx.query.get("action") != Some("offline") {
        return;
    }
    for done in answer["success"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        done.retain(|name, _| name == "api_id" || name == "api_name");
    }
}

/// What is listed on the market runs in RELEASE, and its owner may debug it there.
pub(super) fn debugged(ctx: &mut Ctx) -> Result<(), Fault> {
    if ctx.text("mode") == "MARKET" {
        put(ctx, "mode", "CONSUMER");
        put(ctx, "stage", "RELEASE");
    }
    Ok(())
}

/// Shows what went over the wire with the ends of lines that HTTP has.
pub(super) fn debug(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let Reply::Later(work) = debug::debug(ctx, gateway)? else { return Err(Fault::new("APIG.9999")) };
    Ok(Reply::Later(Box::new(move || {
        let Reply::Json(text) = work() else { return Reply::Empty };
        let mut answer: Value = serde_json::from_slice(&text).unwrap_or_default();
        for name in ["request", "response"] {
            let message = answer[name].as_str().unwrap_or("");
            let (head, body) = message.split_once("\n\n").unwrap_or((message, ""));
            answer[name] = format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).into();
        }
        Reply::value(&answer)
    })))
}

/// The policy of an exception stands in the body.
pub(super) fn policy_from_body(ctx: &mut Ctx) -> Result<(), Fault> {
    let throttle = ctx.body.shift_remove("throttle_id");
    let throttle = throttle.as_ref().and_then(Value::as_str).unwrap_or("").to_owned();
    ctx.path.push(("throttle_id", throttle));
    Ok(())
}

/// An exception is known by its own id alone: its policy is looked up.
fn with_policy<'a>(ctx: &Ctx<'a>, gateway: &Gateway) -> Result<Ctx<'a>, Fault> {
    let id = ctx.path("strategy_id");
    let found = gateway.record(Coll::Special, id).ok_or_else(|| Fault::of(SPECIAL.missing, id))?;
    let mut ctx = ctx.clone();
    ctx.path.push(("throttle_id", found.text("throttle_id").to_owned()));
    Ok(ctx)
}

pub(super) fn update_special(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let ctx = with_policy(ctx, tx)?;
    records::update(&SPECIAL, &ctx, tx)
}

pub(super) fn delete_special(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let ctx = with_policy(ctx, tx)?;
    records::delete(&SPECIAL, &ctx, tx)
}

/// The type of what an access control looks at stays as it is.
pub(super) fn update_acl(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let entity = records::find(&ACL, ctx, tx)?.text("entity_type").to_owned();
    let mut ctx = ctx.clone();
    put(&mut ctx, "entity_type", entity);
    records::update(&ACL, &ctx, tx)
}

/// The answer knows success and skipping only: an API that applications cannot be authorized for refuses the call.
pub(super) fn authorize(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let reply = apps::authorize(ctx, tx)?;
    let Reply::Json(text) = &reply else { return Ok(reply) };
    let answer: Value = serde_json::from_slice(text).unwrap_or_default();
    let results = answer["auths"].as_array().into_iter().flatten();
    let failed = results.filter(|auth| auth["auth_result"]["status"] == "FAILED").count() > 0;
    if failed { Err(ctx.bad("api_ids")) } else { Ok(reply) }
}

/// After members were added, all of the channel are shown.
pub(super) fn add_members(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    members::add(ctx, tx)?;
    let mut ctx = ctx.clone();
    let list = Edition::V2.protocol().operation("3.17.7");
    ctx.operation = list.ok_or_else(|| Fault::new("APIG.9999"))?;
    ctx.query.limit = usize::MAX;
    members::list(&ctx, tx)
}

/// What the limits are for, where the document says it.
const REMARKS: [(&str, &str); 3] = [
    ("API_NUM_LIMIT", "APIs that a project may create"),
    ("APP_NUM_LIMIT", "Apps that a project may create"),
    ("APIGROUP_NUM_LIMIT", "API groups that a project may create"),
];

/// The limits of the project.
pub(super) fn configs(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    let all = limits::DEFAULTS.iter().enumerate().map(|(index, (name, _))| ((index + 1).to_string(), *name));
    let wanted = all.filter(|(id, name)| {
        ctx.query.get("config_id").is_none_or(|wanted| wanted == id)
            && ctx.query.get("config_name").is_none_or(|wanted| wanted == *name)
    });
    let fields = ctx.operation.item();
    Ok(Reply::page_as_given(ctx, wanted, |out, (id, name)| {
        let remark = REMARKS.iter().find(|(known, _)| *known == name).map_or("", |(_, remark)| *remark);
        let members = Members::default()
            .with("config_id", id)
            .with("config_name", name)
            .with("config_value", limits::value(ctx.settings, ctx.edition(), name))
            .with("remark", remark)
            .with("config_time", json!("2020-01-01T00:00:00Z"));
        members.write(fields, out);
    }))
}
