//! What is known of the region: regions, zones, stages, system parameters, how much there is. And the marketplace, which
//! sells nothing here.

use serde_json::{Value, json};

use super::super::model::{Coll, Doc};
use super::super::store::Gateway;
use super::super::time::seconds;
use super::answer::{Reply, page};
use super::apis;
use super::context::Ctx;
use super::fault::Fault;
use super::groups::STAGES;
use super::instances::SHARED;

fn doc(value: Value) -> Doc {
    match value {
        Value::Object(doc) => doc,
        _ => Doc::new(),
    }
}

/// `DescribeRegions`: the one there is.
pub(crate) fn regions(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    let one = json!({"RegionId": ctx.region, "LocalName": ctx.region,
        "RegionEndpoint": format!("apigateway.{}.aliyuncs.com", ctx.region)});
    Ok(page(ctx, std::iter::once(one), doc))
}

/// `DescribeZones`.
pub(crate) fn zones(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    let zone = |letter: char| json!({"ZoneId": format!("{}-{letter}", ctx.region), "LocalName": format!("zone {letter}")});
    Ok(page(ctx, ['a', 'b'].into_iter().map(zone), doc))
}

/// `DescribeStageModels`: the stages every group has.
pub(crate) fn stages(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let since = gateway.record(Coll::CloudInstance, SHARED).map_or(0, |shared| shared.created);
    let wanted = |(name, about): &&(&str, &str)| {
        let is = |param: &str, its: &str| ctx.given(param).is_none_or(|wanted| wanted == its);
        is("StageName", name) && is("StageAlias", about)
    };
    let one = |(name, about): &(&str, &str)| {
        doc(json!({"StageModelId": name, "StageName": name, "StageAlias": about, "Description": about,
            "Type": "SYSTEM", "CreatedTime": seconds(since), "ModifiedTime": seconds(since)}))
    };
    Ok(page(ctx, STAGES.iter().filter(wanted), one))
}

/// `DescribeSystemParameters`: those the document names.
pub(crate) fn parameters(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    let known = [
        ("CaClientIp", "Client IP Address", "192.168.1.1"),
        ("CaDomain", "Requested domain name", "api.demo.com"),
        ("CaRequestHandleTime", "Time of the request, GMT", "2026-01-01T00:00:00Z"),
        ("CaAppId", "Id of the calling application", "123456"),
        ("CaRequestId", "Id of the request", "7DBC8A42-6B18-4B8E-8099-705278381A2C"),
        ("CaHttpSchema", "Protocol of the request", "http"),
        ("CaProxy", "The gateway that calls", "AliyunApiGateway"),
    ];
    Ok(page(ctx, known.into_iter(), |(name, about, sample)| {
        doc(json!({"ParamName": name, "ParamType": "string", "Description": about, "DemoValue": sample}))
    }))
}

/// `DescribeSummaryData`.
pub(crate) fn summary(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let dedicated =
        gateway.records(Coll::CloudInstance).filter(|it| it.text("InstanceType") == "VPC_DEDICATED").count();
    Ok(Reply::Doc(doc(json!({
        "Region": ctx.region, "ExpireInstanceNum": 0, "UsageInstanceNum": dedicated,
        "UsageGroupNum": gateway.table(Coll::CloudGroup).len(), "UsageApiNum": gateway.table(Coll::CloudApi).len(),
    }))))
}

/// `DescribePurchasedApiGroups`, `DescribePurchasedApis`: none.
pub(crate) fn none_purchased(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    Ok(page(ctx, std::iter::empty::<Doc>(), |doc| doc))
}

/// `DescribePurchasedApiGroup`: no group was bought.
pub(crate) fn not_purchased(_: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    Err(Fault::absent("ApiGroup"))
}

/// `DescribeApiMarketAttributes`: not for sale.
pub(crate) fn market(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = apis::named(ctx, gateway)?;
    Ok(Reply::Doc(doc(json!({"ApiId": api.id, "NeedCharging": "false", "MarketChargingMode": ""}))))
}
