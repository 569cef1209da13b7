//! The protocol of the dedicated gateway as the engine sees it.

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::super::dialect::{Dialect, Founded, Submitted};
use super::super::huawei::{self, iam, signature, stamp};
use super::super::model::Coll;
use super::super::time::Nanos;
use super::super::{Access, Coverage, Engine, Options, Receipt, SHARED_GATEWAY};
use super::fault::Fault;
use super::protocol::{Edition, NoRoute, Operation, Route};

/// The dialect `huawei-apig-v2`.
pub(in super::super) struct HuaweiV2;

impl Dialect for HuaweiV2 {
    fn speaks(&self, path: &str) -> bool {
        // The identity service is asked under /v3.
        path.starts_with("/v2/") || path.starts_with("/v3/")
    }

    fn found(&self, options: &Options, now: Nanos) -> Vec<Founded> {
        let key = (options.project_id.clone(), options.instance_id.clone());
        vec![(key, vec![(Coll::Env, super::kinds::release(now))])]
    }

    fn submit(&self, engine: &Engine, request: &Request<Bytes>, access: Access, now: Nanos) -> Submitted {
        if let Some(mut response) = iam::answer(engine, request, access, now) {
            stamp(engine, None, &mut response);
            return (response, None);
        }
        huawei::submit(Edition::V2, engine, request, |route| serve(engine, request, access, route, now))
    }

    fn refuse(&self, engine: &Engine, status: StatusCode, text: &str) -> Response<Bytes> {
        huawei::refuse(Edition::V2, engine, status, text)
    }

    fn waits_for_others(&self, request: &Request<Bytes>) -> bool {
        huawei::calls_out(Edition::V2, request, super::calls_out)
    }

    fn operations(&self) -> Vec<Coverage> {
        let all = Edition::V2.protocol().operations.iter();
        all.map(|operation| operation.coverage(super::handler(operation).is_some())).collect()
    }
}

fn serve(
    engine: &Engine,
    request: &Request<Bytes>,
    access: Access,
    route: Result<Route<'_>, NoRoute>,
    now: Nanos,
) -> Result<(Response<Bytes>, Option<Receipt>), Fault> {
    if access == Access::Signed {
        let code = route.as_ref().map_or("APIG.1002", |route| &route.operation.auth);
        signature::verify(engine.credentials(), request, now)
            .map_err(|refusal| Fault::new(code).saying(refusal.to_string()))?;
    }
    let route = route.map_err(|reason| match reason {
        NoRoute::Path => Fault::new("APIG.0101").saying("The API does not exist").with_status(404),
        NoRoute::Method => Fault::new("APIG.0101").saying("The method is not supported").with_status(405),
        NoRoute::Undocumented(call) => super::undocumented(&call.name),
    })?;
    let ctx = super::context(engine.settings(), &route, request.uri().query().unwrap_or(""), now);
    check_address(engine, route.operation, &ctx)?;
    let ctx = ctx.checked(request)?;
    let handler = super::handler(route.operation).ok_or_else(|| super::absent(route.operation))?;
    let success = StatusCode::from_u16(route.operation.success).unwrap_or(StatusCode::OK);
    if handler.only_reads() {
        let reply = engine.look(|gateways| handler.look(&ctx, gateways))?;
        return Ok((reply.response(success), None));
    }
    let (reply, receipt) = engine.change(|realm| handler.act(&ctx, realm))?;
    Ok((reply.response(success), receipt))
}

/// Refuses a project or a gateway that does not exist.
fn check_address(engine: &Engine, operation: &Operation, ctx: &super::Unchecked<'_>) -> Result<(), Fault> {
    let key = ctx.gateway();
    let (gateway, project) = engine.look(|gateways| {
        let project = || gateways.keys().any(|(known, _)| *known == key.0);
        let dedicated = !key.1.is_empty() && key.1 != SHARED_GATEWAY;
        (gateways.contains_key(key) && dedicated, project())
    });
    let above = operation.auth.starts_with("APIC");
    match (gateway, project) {
        (true, _) => Ok(()),
        (_, false) => Err(Fault::new(if above { "APIC.7106" } else { "APIG.1005" })),
        _ if !operation.path.contains("{instance_id}") => Ok(()),
        _ => Err(Fault::of(if above { "APIC.7302" } else { "APIG.3030" }, &key.1)),
    }
}
