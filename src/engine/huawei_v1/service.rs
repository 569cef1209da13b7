//! The protocol of the shared gateway as the engine sees it.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::super::dialect::{Dialect, Founded, Submitted};
use super::super::huawei::fault::Fault;
use super::super::huawei::protocol::{Edition, NoRoute, Operation, Route};
use super::super::huawei::signature::{self, Refusal};
use super::super::huawei::{self, validate};
use super::super::huawei_v2::context::{Ctx, Reply};
use super::super::huawei_v2::dispatch::Handler;
use super::super::huawei_v2::{absent, kinds};
use super::super::model::{Coll, Doc};
use super::super::realm::{Gateways, Key, Realm};
use super::super::store::{Gateway, Tx};
use super::super::time::Nanos;
use super::super::{Access, Coverage, Engine, Options, Receipt, SHARED_GATEWAY};
use super::answer;
use super::dispatch::{Behind, behind, calls_out};

/// The dialect `huawei-apig-v1`.
pub(in super::super) struct HuaweiV1;

impl Dialect for HuaweiV1 {
    fn speaks(&self, path: &str) -> bool {
        path.starts_with("/v1.0/")
    }

    fn found(&self, options: &Options, now: Nanos) -> Vec<Founded> {
        vec![(
            (options.project_id.clone(), SHARED_GATEWAY.to_owned()),
            vec![(Coll::Env, kinds::release(now))],
        )]
    }

    fn submit(&self, engine: &Engine, request: &Request<Bytes>, access: Access, now: Nanos) -> Submitted {
        huawei::submit(Edition::V1, engine, request, |route| serve(engine, request, access, route, now))
    }

    fn refuse(&self, engine: &Engine, status: StatusCode, text: &str) -> Response<Bytes> {
        huawei::refuse(Edition::V1, engine, status, text)
    }

    fn waits_for_others(&self, request: &Request<Bytes>) -> bool {
        huawei::calls_out(Edition::V1, request, calls_out)
    }

    fn operations(&self) -> Vec<Coverage> {
        let served = |asked: &'static Operation| behind(asked).and_then(|it| it.handler(asked)).is_some();
        let all = Edition::V1.protocol().operations.iter();
        all.map(|operation| operation.coverage(served(operation))).collect()
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
        signature::verify(engine.credentials(), request, now).map_err(|refusal| match refusal {
            Refusal::Nothing => Fault::new("APIG.1000"),
            other => Fault::new("APIG.1002").saying(other.to_string()),
        })?;
    }
    let route = route.map_err(|reason| match reason {
        NoRoute::Method => Fault::new("APIG.0101").saying("The method is not supported").with_status(405),
        _ => Fault::new("APIG.0101").saying("The API does not exist").with_status(404),
    })?;
    let key = (project(engine, request)?, SHARED_GATEWAY.to_owned());
    let asked = route.operation;
    let behind = behind(asked).ok_or_else(|| absent(asked))?;
    let handler = behind.handler(asked).ok_or_else(|| absent(asked))?;
    let ctx = context(engine, request, &behind, &route, (key, now))?;
    let success = StatusCode::from_u16(asked.success).unwrap_or(StatusCode::OK);
    if handler.only_reads() {
        let reply = engine.look(|gateways| look(handler, &ctx, gateways))?;
        return Ok((answer::shown(&ctx, reply, behind.touch).response(success), None));
    }
    let (reply, receipt) = engine.change(|realm| act(handler, &ctx, realm))?;
    Ok((answer::shown(&ctx, reply, behind.touch).response(success), receipt))
}

/// The project a request is for: the one it names, else the first.
fn project(engine: &Engine, request: &Request<Bytes>) -> Result<String, Fault> {
    let named = request.headers().get("x-project-id").and_then(|value| value.to_str().ok());
    let project = named.map(str::trim).filter(|id| !id.is_empty()).unwrap_or(engine.project_id());
    let known = engine.look(|gateways| gateways.keys().any(|(known, _)| known == project));
    if known { Ok(project.to_owned()) } else { Err(Fault::new("APIG.1005")) }
}

/// A checked request, as the handlers want it.
fn context<'e>(
    engine: &'e Engine,
    request: &Request<Bytes>,
    behind: &Behind,
    route: &Route,
    (gateway, now): (Key, Nanos),
) -> Result<Ctx<'e>, Fault> {
    let asked = route.operation;
    let query = validate::Query::parse(asked, request.uri().query().unwrap_or(""))?;
    let body = if asked.raw {
        let text = std::str::from_utf8(request.body()).map_err(|_| Fault::new("APIG.3600"))?;
        Doc::from_iter([("file_name".to_owned(), text.into())])
    } else {
        validate::check_type(request)?;
        validate::body(asked, request.body())?
    };
    let own = route.path.iter().map(|(name, value)| {
        let shared = asked.path_names.get(*name).map_or(*name, String::as_str);
        (shared, validate::decode(value, false))
    });
    let place = [("project_id", gateway.0.clone()), ("instance_id", gateway.1.clone())];
    let mut ctx = Ctx {
        operation: behind.operation(asked),
        asked,
        path: own.chain(place).collect(),
        gateway,
        query,
        body,
        now,
        settings: engine.settings(),
    };
    if let Some(bend) = behind.bend {
        bend(&mut ctx)?;
    }
    Ok(ctx)
}

/// Reads. A project that has not used the shared gateway before has nothing there but RELEASE.
fn look(handler: Handler, ctx: &Ctx, gateways: &Gateways) -> Result<Reply, Fault> {
    if gateways.contains_key(&ctx.gateway) {
        return handler.look(ctx, gateways);
    }
    let mut fresh = Gateway::new(&ctx.gateway.0, &ctx.gateway.1);
    fresh.restore(Coll::Env, 1, Arc::new(kinds::release(ctx.now)));
    handler.look(ctx, &Gateways::from_iter([(ctx.gateway(), fresh)]))
}

/// Writes; the first write of a project makes its share.
fn act(handler: Handler, ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    if !realm.contains_key(&ctx.gateway) {
        realm.make(&ctx.gateway);
        let put = |tx: &mut Tx| {
            tx.put(Coll::Env, kinds::release(ctx.now));
            Ok(())
        };
        realm.on(&ctx.gateway, put).unwrap_or(Ok(()))?;
    }
    handler.act(ctx, realm)
}
