//! Models of groups, datasets with their items, log configurations.

use serde_json::Value;

use super::super::model::{Coll, Record};
use super::super::store::{Gateway, Tx};
use super::answer::{Reply, page};
use super::context::Ctx;
use super::fault::Fault;
use super::groups;
use super::records::{self, Kind, PLAIN, Parent, by_id, find, need, part, shown, sweep};

pub(crate) static MODEL: Kind = Kind {
    coll: Coll::CloudModel,
    id: "ModelId",
    noun: "Model",
    parent: Some(Parent { param: "GroupId", coll: Coll::CloudGroup, noun: "ApiGroup" }),
    unique: &[("GroupId,ModelName", "ModelName")],
    quota: Some((1000, Some("GroupId"))),
    filters: &[by_id("ModelId"), part("ModelName")],
    tagged: Some("model"),
    prepare: |_, _, old, doc| {
        if old.is_some() {
            // The name that is sent says which one; the new name has a parameter of its own.
            let name = doc.shift_remove("NewModelName").filter(|name| *name != "");
            if let Some(name) = name {
                doc.insert("ModelName".to_owned(), name);
            }
        }
        check_schema(doc.get("Schema").and_then(Value::as_str).unwrap_or(""))
    },
    extra: |_, _, record, doc| {
        let uri = format!("https://apigateway.aliyun.com/models/{}/{}", record.text("GroupId"), record.id);
        doc.insert("ModelRef".to_owned(), uri.into());
    },
    ..PLAIN
};

/// The document: only definitions of objects.
pub(crate) fn check_schema(schema: &str) -> Result<(), Fault> {
    let parsed: Value = serde_json::from_str(schema).map_err(|_| Fault::malformed("Schema"))?;
    if parsed["type"] == "object" { Ok(()) } else { Err(Fault::invalid("Schema")) }
}

/// The model that group and name say, as a request that names it by id.
fn by_name<'a>(ctx: &Ctx<'a>, gateway: &Gateway) -> Result<Ctx<'a>, Fault> {
    let group = groups::named(ctx, gateway)?;
    let at = [&*group.id, ctx.text("ModelName")];
    let model = gateway.records_by(Coll::CloudModel, "GroupId,ModelName", &at).next();
    let model = model.ok_or_else(|| Fault::absent("Model"))?;
    Ok(ctx.with("ModelId", &model.id))
}

/// `ModifyModel`.
pub(crate) fn modify(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let ctx = by_name(ctx, tx)?;
    records::modify(&MODEL, &ctx, tx)
}

/// `DeleteModel`.
pub(crate) fn delete(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let ctx = by_name(ctx, tx)?;
    records::delete(&MODEL, &ctx, tx)
}

pub(crate) static DATASET: Kind = Kind {
    coll: Coll::CloudDataset,
    id: "DatasetId",
    noun: "Dataset",
    unique: &[("DatasetName", "DatasetName")],
    quota: Some((100, None)),
    filters: &[part("DatasetName")],
    tagged: Some("dataset"),
    leaving: |_, tx, record| {
        sweep(tx, Coll::CloudDatasetItem, "DatasetId", &[&record.id]);
        Ok(())
    },
    ..PLAIN
};

pub(crate) static ITEM: Kind = Kind {
    coll: Coll::CloudDatasetItem,
    id: "DatasetItemId",
    noun: "DatasetItem",
    parent: Some(Parent { param: "DatasetId", coll: Coll::CloudDataset, noun: "Dataset" }),
    unique: &[("DatasetId,Value", "Value")],
    quota: Some((10_000, Some("DatasetId"))),
    prepare: |_, gateway, _, doc| {
        let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("");
        let dataset = need(gateway, Coll::CloudDataset, text("DatasetId"), "Dataset")?;
        let addresses = dataset.text("DatasetType") == "IP_WHITELIST_CIDR";
        let bad = addresses && !super::policies::is_block(text("Value"), false);
        if bad { Err(Fault::invalid("Value")) } else { Ok(()) }
    },
    ..PLAIN
};

/// `DescribeDatasetInfo`.
pub(crate) fn dataset(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let record = find(&DATASET, ctx, gateway)?;
    Ok(Reply::one("DatasetInfo", shown(&DATASET, ctx, gateway, record)))
}

/// `DescribeDatasetList`.
pub(crate) fn datasets(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let ids: Vec<&str> = ctx.text("DatasetIds").split(',').filter(|id| !id.is_empty()).collect();
    records::list_where(&DATASET, ctx, gateway, |record| ids.is_empty() || ids.contains(&&*record.id))
}

/// `DescribeDatasetItemInfo`: by id or by value.
pub(crate) fn item(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let dataset = find(&DATASET, ctx, gateway)?;
    let record = match (ctx.given("DatasetItemId"), ctx.given("Value")) {
        (Some(_), _) => find(&ITEM, ctx, gateway).ok(),
        (None, Some(value)) => {
            gateway.records_by(Coll::CloudDatasetItem, "DatasetId,Value", &[&dataset.id, value]).next()
        }
        (None, None) => return Err(Fault::missing("DatasetItemId")),
    };
    let record = record.ok_or_else(|| Fault::absent("DatasetItem"))?;
    Ok(Reply::one("DatasetItemInfo", shown(&ITEM, ctx, gateway, record)))
}

/// `DescribeDatasetItemList`.
pub(crate) fn items(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let (dataset, ids) = (find(&DATASET, ctx, gateway)?, ctx.texts("DatasetItemIds"));
    let found = gateway
        .records_by(Coll::CloudDatasetItem, "DatasetId", &[&dataset.id])
        .filter(|record| ids.is_empty() || ids.contains(&&*record.id));
    Ok(page(ctx, found, |record| shown(&ITEM, ctx, gateway, record)))
}

pub(crate) static LOG: Kind = Kind {
    coll: Coll::CloudLog,
    id: "LogType",
    noun: "LogConfig",
    name: |ctx| ctx.given("LogType").unwrap_or(PROVIDER).to_owned(),
    prepare: |ctx, gateway, old, doc| {
        doc.shift_remove("CreateSlr");
        let kind = ctx.given("LogType").unwrap_or(PROVIDER);
        if old.is_none() && gateway.record(Coll::CloudLog, kind).is_some() {
            return Err(Fault::duplicate("LogType"));
        }
        Ok(())
    },
    ..PLAIN
};

/// The kind of logs that is meant when none is named.
const PROVIDER: &str = "PROVIDER";

fn of_kind<'a>(ctx: &Ctx<'a>) -> Ctx<'a> {
    ctx.with("LogType", ctx.given("LogType").unwrap_or(PROVIDER))
}

/// `ModifyLogConfig`.
pub(crate) fn modify_log(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    records::modify(&LOG, &of_kind(ctx), tx)
}

/// `DeleteLogConfig`.
pub(crate) fn delete_log(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    records::delete(&LOG, &of_kind(ctx), tx)
}

/// `DescribeLogConfig`.
pub(crate) fn logs(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let wanted = |record: &&Record| ctx.given("LogType").is_none_or(|kind| *record.id == *kind);
    let found = gateway.records(Coll::CloudLog).filter(wanted);
    Ok(page(ctx, found, |record| shown(&LOG, ctx, gateway, record)))
}
