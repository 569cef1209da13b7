//! API products: APIs, each in a stage, that applications are authorized for together.
//!
//! A product is there as long as something is in it: its members and its authorizations are rows, itself it is none.

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::seconds;
use super::answer::{Reply, page};
use super::apis;
use super::apps::{APP, valid_until};
use super::bindings::place;
use super::context::Ctx;
use super::deploy;
use super::fault::Fault;
use super::records::{find, need, sweep};

/// What members and authorizations are kept under.
const MEMBER: &str = "api";
const CALLER: &str = "app";

fn rows<'g>(gateway: &'g Gateway, product: &str, kind: &str) -> impl Iterator<Item = &'g Record> + use<'g> {
    gateway.records_by(Coll::CloudProduct, "ApiProductId,Kind", &[product, kind])
}

/// Refuses a product that nothing is in.
fn check(gateway: &Gateway, product: &str) -> Result<(), Fault> {
    if gateway.count_by(Coll::CloudProduct, "ApiProductId", &[product]) == 0 {
        return Err(Fault::absent("ApiProduct"));
    }
    Ok(())
}

fn put(ctx: &Ctx, tx: &mut Tx, id: String, members: &[(&str, &str)]) {
    let doc: Doc = members.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let row = Record { id: id.into(), created: ctx.now, updated: ctx.now, doc };
    tx.put(Coll::CloudProduct, Row::Record(row));
}

/// The APIs of a call: id and stage; all must exist.
fn members<'c>(ctx: &'c Ctx, gateway: &Gateway) -> Result<Vec<(&'c str, &'c str)>, Fault> {
    let pair = |item: &'c serde_json::Value| {
        let text = |name: &str| item[name].as_str().unwrap_or("");
        apis::of(gateway, text("ApiId"), "").map(|_| (text("ApiId"), text("StageName")))
    };
    ctx.items("Apis").iter().map(pair).collect()
}

/// `AttachApiProduct`: to APIs that run; the product is made when it is not there.
pub(crate) fn attach(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let product = ctx.text("ApiProductId");
    for (api, stage) in members(ctx, tx)? {
        need(tx, Coll::CloudDeployment, &deploy::id(api, stage), "Deployment")?;
        let group = need(tx, Coll::CloudApi, api, "Api")?.text("GroupId").to_owned();
        let row = [
            ("ApiProductId", product),
            ("Kind", MEMBER),
            ("ApiId", api),
            ("GroupId", &group),
            ("StageName", stage),
        ];
        put(ctx, tx, format!("{product}/{MEMBER}/{api}/{stage}"), &row);
    }
    Ok(Reply::empty())
}

/// `DetachApiProduct`.
pub(crate) fn detach(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let product = ctx.text("ApiProductId");
    check(tx, product)?;
    for (api, stage) in members(ctx, tx)? {
        tx.remove(Coll::CloudProduct, &format!("{product}/{MEMBER}/{api}/{stage}"));
    }
    Ok(Reply::empty())
}

/// `DeleteApiProduct`: with all that is in it.
pub(crate) fn delete(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let product = ctx.text("ApiProductId");
    check(tx, product)?;
    sweep(tx, Coll::CloudProduct, "ApiProductId", &[product]);
    Ok(Reply::empty())
}

fn authorize(ctx: &Ctx, tx: &mut Tx, product: &str, app: &str, until: &str) {
    let row = [
        ("ApiProductId", product),
        ("Kind", CALLER),
        ("AppId", app),
        ("AuthValidTime", until),
        ("Description", ctx.text("Description")),
    ];
    put(ctx, tx, format!("{product}/{CALLER}/{app}"), &row);
}

/// `SetAppsAuthToApiProduct`: several applications for one product.
pub(crate) fn authorize_apps(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let (product, until) = (ctx.text("ApiProductId"), valid_until(ctx)?);
    check(tx, product)?;
    for app in ctx.items("AppIds").iter().map(ToString::to_string) {
        need(tx, Coll::CloudApp, &app, "App")?;
        authorize(ctx, tx, product, &app, &until);
    }
    Ok(Reply::empty())
}

/// `SetApiProductsAuthorities`: one application for several products.
pub(crate) fn authorize_products(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let (app, until) = (find(&APP, ctx, tx)?.id.clone(), valid_until(ctx)?);
    for product in ctx.texts("ApiProductIds") {
        check(tx, product)?;
        authorize(ctx, tx, product, &app, &until);
    }
    Ok(Reply::empty())
}

/// `RemoveApiProductsAuthorities`.
pub(crate) fn revoke(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, tx)?.id.clone();
    for product in ctx.texts("ApiProductIds") {
        if !tx.remove(Coll::CloudProduct, &format!("{product}/{CALLER}/{app}")) {
            return Err(Fault::absent("Authorization"));
        }
    }
    Ok(Reply::empty())
}

/// `DescribeApiProductApis`.
pub(crate) fn apis_of(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    check(gateway, ctx.text("ApiProductId"))?;
    let found = rows(gateway, ctx.text("ApiProductId"), MEMBER);
    Ok(page(ctx, found, |row| place(ctx, gateway, row)))
}

/// `DescribeAppsByApiProduct`.
pub(crate) fn apps_of(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    check(gateway, ctx.text("ApiProductId"))?;
    let app = |row: &Record| gateway.record(Coll::CloudApp, row.text("AppId"));
    let found = rows(gateway, ctx.text("ApiProductId"), CALLER)
        .filter(|row| app(row).is_some_and(|app| app.text("AppName").contains(ctx.text("AppName"))));
    Ok(page(ctx, found, |row| {
        let mut doc = row.doc.clone();
        for name in ["AppName", "Extend"] {
            doc.insert(name.to_owned(), app(row).map_or("", |app| app.text(name)).into());
        }
        doc.insert("AuthorizedTime".to_owned(), seconds(row.created).into());
        doc
    }))
}

/// `DescribeApiProductsByApp`.
pub(crate) fn of_app(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let app = find(&APP, ctx, gateway)?;
    let found = gateway.records_by(Coll::CloudProduct, "AppId", &[&app.id]);
    Ok(page(ctx, found, |row| row.doc.clone()))
}
