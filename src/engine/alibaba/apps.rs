//! Applications, their keys and codes, and what they may call.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::{parse, seconds};
use super::answer::{Reply, page};
use super::apis;
use super::bindings::place;
use super::context::Ctx;
use super::fault::Fault;
use super::groups;
use super::records::{self, Kind, PLAIN, by_id, exact, find, need, part, shown, sweep};

/// How many keys, and how many codes, an application may have.
const KEYS_MAX: usize = 5;

pub(crate) static APP: Kind = Kind {
    coll: Coll::CloudApp,
    id: "AppId",
    noun: "App",
    unique: &[("AppName", "AppName")],
    quota: Some((1000, None)),
    filters: &[by_id("AppId"), part("AppName"), exact("Extend")],
    tagged: Some("app"),
    sorted: true,
    name: |ctx| number(ctx).to_string(),
    prepare: |_, _, old, doc| {
        // They become rows of their own.
        for name in ["AppKey", "AppSecret", "AppCode"] {
            doc.shift_remove(name);
        }
        if old.is_none() {
            doc.insert("Disabled".to_owned(), false.into());
        }
        Ok(())
    },
    made: |ctx, tx, id| {
        add_key(ctx, tx, id, ctx.text("AppKey"), ctx.text("AppSecret"))?;
        add_code(ctx, tx, id, ctx.text("AppCode"))
    },
    leaving: |_, tx, record| {
        for coll in [Coll::CloudKey, Coll::CloudCode, Coll::CloudAuth] {
            sweep(tx, coll, "AppId", &[&record.id]);
        }
        Ok(())
    },
    ..PLAIN
};

/// A new number of nine digits.
fn number(ctx: &Ctx) -> i64 {
    let digits = ctx.id();
    100_000_000 + i64::from_str_radix(&digits[..8], 16).unwrap_or(0) % 900_000_000
}

/// Letters, digits and what a header can hold; empty texts are made up.
fn check_token(name: &str, text: &str) -> Result<(), Fault> {
    let fits = text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits { Ok(()) } else { Err(Fault::invalid(name)) }
}

/// The row that holds a key or a code.
fn holder<'g>(gateway: &'g Gateway, coll: Coll, name: &str, value: &str) -> Option<&'g Record> {
    gateway.records_by(coll, name, &[value]).next()
}

fn add_key(ctx: &Ctx, tx: &mut Tx, app: &str, key: &str, secret: &str) -> Result<(), Fault> {
    check_token("AppKey", key)?;
    check_token("AppSecret", secret)?;
    let key = if key.is_empty() { number(ctx).to_string() } else { key.to_owned() };
    let secret = if secret.is_empty() { ctx.id() } else { secret.to_owned() };
    if tx.record(Coll::CloudKey, &key).is_some() {
        return Err(Fault::duplicate("AppKey"));
    }
    ctx.room("AppKey", KEYS_MAX, tx.count_by(Coll::CloudKey, "AppId", &[app]))?;
    let mut doc = Doc::new();
    for (name, value) in [("AppId", app), ("AppKey", &key), ("AppSecret", &secret)] {
        doc.insert(name.to_owned(), value.into());
    }
    let row = Record { id: key.into(), created: ctx.now, updated: ctx.now, doc };
    tx.put(Coll::CloudKey, Row::Record(row));
    Ok(())
}

fn add_code(ctx: &Ctx, tx: &mut Tx, app: &str, code: &str) -> Result<(), Fault> {
    check_token("AppCode", code)?;
    let code = if code.is_empty() { ctx.id() } else { code.to_owned() };
    if holder(tx, Coll::CloudCode, "AppCode", &code).is_some() {
        return Err(Fault::duplicate("AppCode"));
    }
    ctx.room("AppCode", KEYS_MAX, tx.count_by(Coll::CloudCode, "AppId", &[app]))?;
    let mut doc = Doc::new();
    doc.insert("AppId".to_owned(), app.into());
    doc.insert("AppCode".to_owned(), code.as_str().into());
    let id = format!("{app}/{code}").into();
    let row = Record { id, created: ctx.now, updated: ctx.now, doc };
    tx.put(Coll::CloudCode, Row::Record(row));
    Ok(())
}

/// `CreateAppKey`.
pub(crate) fn create_key(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, tx)?.id.clone();
    add_key(ctx, tx, &app, ctx.text("AppKey"), ctx.text("AppSecret"))?;
    Ok(Reply::empty())
}

/// `CreateAppCode`.
pub(crate) fn create_code(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, tx)?.id.clone();
    add_code(ctx, tx, &app, ctx.text("AppCode"))?;
    Ok(Reply::empty())
}

/// Removes a key or a code of an application.
fn delete_from(ctx: &Ctx, tx: &mut Tx, coll: Coll, name: &str) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, tx)?.id.clone();
    let row = holder(tx, coll, name, ctx.text(name)).filter(|row| *row.text("AppId") == *app);
    let id = row.ok_or_else(|| Fault::absent(name))?.id.clone();
    tx.remove(coll, &id);
    Ok(Reply::empty())
}

/// `DeleteAppKey`.
pub(crate) fn delete_key(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    delete_from(ctx, tx, Coll::CloudKey, "AppKey")
}

/// `DeleteAppCode`.
pub(crate) fn delete_code(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    delete_from(ctx, tx, Coll::CloudCode, "AppCode")
}

/// Gives a row another id, and members, in the place of the old one.
fn rename(ctx: &Ctx, tx: &mut Tx, coll: Coll, old: Record, id: &str, members: &[(&str, &str)]) {
    tx.remove(coll, &old.id);
    let mut row = Record { id: id.into(), updated: ctx.now, ..old };
    for (name, value) in members {
        row.doc.insert((*name).to_owned(), (*value).into());
    }
    tx.put(coll, Row::Record(row));
}

/// `ResetAppSecret`: the answer does not show it.
pub(crate) fn reset_secret(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let old = need(tx, Coll::CloudKey, ctx.text("AppKey"), "AppKey")?.clone();
    let (key, secret) = (ctx.given("NewAppKey").unwrap_or(&old.id).to_owned(), ctx.given("NewAppSecret"));
    check_token("NewAppKey", &key)?;
    check_token("NewAppSecret", secret.unwrap_or(""))?;
    if *key != *old.id && tx.record(Coll::CloudKey, &key).is_some() {
        return Err(Fault::duplicate("AppKey"));
    }
    let secret = secret.map_or_else(|| ctx.id(), str::to_owned);
    rename(ctx, tx, Coll::CloudKey, old, &key, &[("AppKey", &key), ("AppSecret", &secret)]);
    Ok(Reply::empty())
}

/// `ResetAppCode`.
pub(crate) fn reset_code(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let old = holder(tx, Coll::CloudCode, "AppCode", ctx.text("AppCode"));
    let old = old.ok_or_else(|| Fault::absent("AppCode"))?.clone();
    let code = ctx.given("NewAppCode").map_or_else(|| ctx.id(), str::to_owned);
    check_token("NewAppCode", &code)?;
    if code != old.text("AppCode") && holder(tx, Coll::CloudCode, "AppCode", &code).is_some() {
        return Err(Fault::duplicate("AppCode"));
    }
    let id = format!("{}/{code}", old.text("AppId"));
    rename(ctx, tx, Coll::CloudCode, old, &id, &[("AppCode", &code)]);
    Ok(Reply::empty())
}

/// The keys and codes of an application, side by side.
fn securities(gateway: &Gateway, app: &str) -> Vec<Doc> {
    let mut keys = gateway.records_by(Coll::CloudKey, "AppId", &[app]);
    let mut codes = gateway.records_by(Coll::CloudCode, "AppId", &[app]);
    let mut out = Vec::new();
    loop {
        let (key, code) = (keys.next(), codes.next());
        let Some(first) = key.or(code) else { return out };
        let mut doc = Doc::new();
        for (row, name) in [(key, "AppKey"), (key, "AppSecret"), (code, "AppCode")] {
            doc.insert(name.to_owned(), row.map_or("", |row| row.text(name)).into());
        }
        doc.insert("CreatedTime".to_owned(), seconds(first.created).into());
        doc.insert("ModifiedTime".to_owned(), seconds(first.updated).into());
        out.push(doc);
    }
}

/// `DescribeAppSecurity`: the first key and code.
pub(crate) fn security(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, gateway)?;
    Ok(Reply::Doc(securities(gateway, &app.id).into_iter().next().unwrap_or_default()))
}

/// `DescribeAppSecurities`: all of them.
pub(crate) fn all_securities(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, gateway)?;
    Ok(page(ctx, securities(gateway, &app.id).into_iter(), |doc| doc))
}

/// `DescribeApps`: one of the two parameters is needed. There is one owner.
pub(crate) fn list(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    if ctx.number("AppId").is_none() && ctx.number("AppOwner").is_none() {
        return Err(Fault::new("MissingAppIdOrAppOwner"));
    }
    records::list(&APP, ctx, gateway)
}

/// `DescribeApp`.
pub(crate) fn describe(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    if ctx.number("AppId").is_none() {
        return Err(Fault::missing("AppId"));
    }
    records::describe(&APP, ctx, gateway)
}

/// `DescribeAppAttributes`: also by key and code.
pub(crate) fn attributes(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let owner = |coll, name: &str| {
        ctx.given(name).map(|it| holder(gateway, coll, name, it).map_or("", |row| row.text("AppId")))
    };
    let owners = [owner(Coll::CloudKey, "AppKey"), owner(Coll::CloudCode, "AppCode")];
    records::list_where(&APP, ctx, gateway, |app| owners.iter().flatten().all(|owner| *owner == &*app.id))
}

/// When an authorization ends, as answers show it.
fn valid_until(ctx: &Ctx) -> Result<String, Fault> {
    let text = ctx.text("AuthValidTime");
    if text.is_empty() {
        return Ok(String::new());
    }
    if let Some(at) = parse(text) {
        return Ok(seconds(at));
    }
    // `Fri, 05 Oct 2018 16:00:00 GMT`, also without blanks, as the document prints it.
    let plain: String = text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ':').collect();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let part = |from: usize, to: usize| plain.get(from..to).unwrap_or("");
    let month = months.iter().position(|name| *name == part(5, 8)).map_or(0, |at| at + 1);
    let stamp = format!("{}-{month:02}-{}T{}Z", part(8, 12), part(3, 5), part(12, 20));
    let at = parse(&stamp).filter(|_| part(20, 23) == "GMT" && plain.len() == 23);
    at.map(seconds).ok_or_else(|| Fault::malformed("AuthValidTime"))
}

fn authorize(ctx: &Ctx, tx: &mut Tx, app: &str, api: &str, until: &str) -> Result<(), Fault> {
    let stage = ctx.text("StageName");
    let group = need(tx, Coll::CloudApi, api, "Api")?.text("GroupId").to_owned();
    let mut doc = Doc::new();
    for (name, value) in [
        ("AppId", app),
        ("ApiId", api),
        ("GroupId", &*group),
        ("StageName", stage),
        ("Description", ctx.text("Description")),
        ("AuthVaildTime", until),
        ("AuthorizationSource", "API"),
        ("Operator", "PROVIDER"),
    ] {
        doc.insert(name.to_owned(), value.into());
    }
    let row = Record { id: format!("{app}/{api}/{stage}").into(), created: ctx.now, updated: ctx.now, doc };
    tx.put(Coll::CloudAuth, Row::Record(row));
    Ok(())
}

/// `SetAppsAuthorities`: several applications may call one API.
pub(crate) fn authorize_apps(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let (api, until) = (apis::named(ctx, tx)?.id.clone(), valid_until(ctx)?);
    for app in ctx.texts("AppIds") {
        need(tx, Coll::CloudApp, app, "App")?;
        authorize(ctx, tx, app, &api, &until)?;
    }
    Ok(Reply::empty())
}

/// The APIs of a call; without a list all of the group.
fn listed_apis(ctx: &Ctx, gateway: &Gateway) -> Result<Vec<String>, Fault> {
    if ctx.params.contains_key("ApiIds") {
        let one = |id: &&str| apis::of(gateway, id, ctx.text("GroupId")).map(|api| api.id.to_string());
        return ctx.texts("ApiIds").iter().map(one).collect();
    }
    if ctx.given("GroupId").is_none() {
        return Err(Fault::missing("ApiIds"));
    }
    let group = groups::named(ctx, gateway)?;
    let all = gateway.records_by(Coll::CloudApi, "GroupId", &[&group.id]);
    Ok(all.map(|api| api.id.to_string()).collect())
}

/// `SetApisAuthorities`: one application may call several APIs.
pub(crate) fn authorize_apis(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let (app, until) = (find(&APP, ctx, tx)?.id.clone(), valid_until(ctx)?);
    for api in listed_apis(ctx, tx)? {
        authorize(ctx, tx, &app, &api, &until)?;
    }
    Ok(Reply::empty())
}

fn revoke(ctx: &Ctx, tx: &mut Tx, pairs: &[(String, String)]) -> Result<Reply, Fault> {
    for (app, api) in pairs {
        if !tx.remove(Coll::CloudAuth, &format!("{app}/{api}/{}", ctx.text("StageName"))) {
            return Err(Fault::absent("Authorization"));
        }
    }
    Ok(Reply::empty())
}

/// `RemoveAppsAuthorities`.
pub(crate) fn revoke_apps(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let api = apis::named(ctx, tx)?.id.to_string();
    let pairs: Vec<_> = ctx.texts("AppIds").into_iter().map(|app| (app.to_owned(), api.clone())).collect();
    revoke(ctx, tx, &pairs)
}

/// `RemoveApisAuthorities`.
pub(crate) fn revoke_apis(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, tx)?.id.to_string();
    let pairs: Vec<_> = listed_apis(ctx, tx)?.into_iter().map(|api| (app.clone(), api)).collect();
    revoke(ctx, tx, &pairs)
}

/// An authorization as lists show it, from either side.
fn authorization(ctx: &Ctx, gateway: &Gateway, row: &Record) -> Doc {
    let mut doc = place(ctx, gateway, row);
    for name in ["AuthVaildTime", "AuthorizationSource", "Operator", "Description", "AppId"] {
        doc.insert(name.to_owned(), row.text(name).into());
    }
    for name in ["AuthorizedTime", "CreatedTime"] {
        doc.insert(name.to_owned(), seconds(row.created).into());
    }
    if let Some(app) = gateway.record(Coll::CloudApp, row.text("AppId")) {
        let app = shown(&APP, ctx, gateway, app);
        for (name, member) in [("AppName", "AppName"), ("AppDescription", "Description"), ("Tag", "Tags")] {
            doc.insert(name.to_owned(), app.get(member).cloned().unwrap_or_default());
        }
    }
    doc
}

/// `DescribeAuthorizedApps`: who may call an API.
pub(crate) fn apps_of(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = apis::named(ctx, gateway)?;
    let filters = [exact("AppId"), exact("StageName")];
    let name = ctx.text("AppName");
    let found = gateway.records_by(Coll::CloudAuth, "ApiId", &[&api.id]).filter(|row| {
        let app = gateway.record(Coll::CloudApp, row.text("AppId"));
        filters.iter().all(|filter| records::passes(ctx, filter, row))
            && app.is_some_and(|app| app.text("AppName").contains(name))
    });
    Ok(page(ctx, found, |row| authorization(ctx, gateway, row)))
}

/// Whether the API of an authorization has what the parameters ask for.
fn api_passes(ctx: &Ctx, gateway: &Gateway, row: &Record) -> bool {
    let Some(api) = gateway.record(Coll::CloudApi, row.text("ApiId")) else { return false };
    let is = |param: &str, its: &str| ctx.given(param).is_none_or(|wanted| wanted == its);
    api.text("ApiName").contains(ctx.text("ApiName"))
        && api.text("Description").contains(ctx.text("Description"))
        && is("ApiUid", &api.id)
        && is("Method", api.text("ApiMethod"))
        && is("Path", api.text("ApiPath"))
}

/// `DescribeAuthorizedApis` and `DescribeApisByApp`: what an application may call.
pub(crate) fn apis_of(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, gateway)?;
    let found =
        gateway.records_by(Coll::CloudAuth, "AppId", &[&app.id]).filter(|row| api_passes(ctx, gateway, row));
    Ok(page(ctx, found, |row| authorization(ctx, gateway, row)))
}

/// `DescribeApisWithStageNameIntegratedByApp`: the same, one entry for all stages of an API.
pub(crate) fn integrated(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, gateway)?;
    let mut by_api: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    let found = gateway.records_by(Coll::CloudAuth, "AppId", &[&app.id]);
    for row in found.filter(|row| api_passes(ctx, gateway, row)) {
        by_api.entry(row.text("ApiId")).or_default().push(row);
    }
    Ok(page(ctx, by_api.into_values(), |rows| {
        let mut doc = authorization(ctx, gateway, rows[0]);
        let stages: Doc = rows
            .iter()
            .map(|row| (row.text("StageName").to_owned(), Value::from(row.text("AuthVaildTime"))))
            .collect();
        doc.insert("StageNameAndAuth".to_owned(), json!(stages));
        doc
    }))
}
