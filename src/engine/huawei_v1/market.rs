//! The market, on which API groups are listed and bought. There is none here: nothing is listed, nothing was bought.

use serde_json::json;

use super::super::huawei::fault::Fault;
use super::super::huawei_v2::context::{Ctx, Reply};
use super::super::model::Coll;
use super::super::store::Gateway;

/// Groups that are listed and groups that are not.
pub(super) fn group_outline(_: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let listed =
        gateway.records(Coll::Group).filter(|group| group.number("on_sell_status") == Some(1)).count();
    let all = gateway.table(Coll::Group).len();
    Ok(Reply::value(&json!({"onsell_nums": listed, "offsell_nums": all - listed})))
}

/// Everything that was bought.
pub(super) fn none(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    Ok(Reply::page(ctx, std::iter::empty::<()>(), |_, ()| {}))
}

/// One purchase.
pub(super) fn purchase(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    Err(Fault::of("APIG.3014", ctx.path("purchase_id")))
}
