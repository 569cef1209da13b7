//! The protocol as the engine sees it: who calls, which action, what is answered.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::Value;

use super::super::dialect::{Dialect, Founded, Submitted};
use super::super::model::{Coll, Doc};
use super::super::realm::Key;
use super::super::store::Gateway;
use super::super::time::Nanos;
use super::super::{Access, Coverage, Engine, Options, Receipt, Trace};
use super::answer::{Reply, whole};
use super::context::Ctx;
use super::dispatch::handler;
use super::fault::Fault;
use super::params::{Raw, check};
use super::protocol::{Operation, Protocol};
use super::{instances, sign, xml};

/// The project of the one gateway this protocol has. No path of the other protocols can name an empty project.
pub(crate) const PROJECT: &str = "";
/// The gateway: one account, one region.
pub(crate) const GATEWAY: &str = "cloudapi";

/// The gateway of this protocol.
pub(crate) fn key() -> Key {
    (PROJECT.to_owned(), GATEWAY.to_owned())
}

/// The dialect `alibaba-cloudapi`.
pub(in super::super) struct Alibaba;

impl Dialect for Alibaba {
    fn speaks(&self, path: &str) -> bool {
        path.is_empty() || path == "/"
    }

    fn found(&self, _: &Options, now: Nanos) -> Vec<Founded> {
        vec![(key(), vec![(Coll::CloudInstance, instances::shared(now))])]
    }

    fn submit(&self, engine: &Engine, request: &Request<Bytes>, access: Access, now: Nanos) -> Submitted {
        let host = header(request, "host");
        let host = if host.is_empty() { request.uri().host().unwrap_or("") } else { host };
        let raw = Raw::read(request.uri().query().unwrap_or(""), form(request));
        let action = action(request, raw.as_ref().ok());
        let operation = Protocol::get().find(&action);
        let form = raw.as_ref().ok().and_then(|raw| Form::of(request, raw).ok()).unwrap_or(Form::Json);
        let served = raw.and_then(|raw| serve(engine, request, access, &raw, &action, now));
        let (mut response, receipt, error_code) = match served {
            Ok((doc, receipt)) => {
                (answer(engine, StatusCode::OK, doc, form, &format!("{action}Response")), receipt, None)
            }
            Err(fault) => (refusal(engine, &fault, host, form), None, Some(fault.code)),
        };
        let operation = operation.map(|operation| operation.action.as_str());
        response.extensions_mut().insert(Trace { operation, error_code, secret_query: true });
        (response, receipt)
    }

    fn refuse(&self, engine: &Engine, status: StatusCode, text: &str) -> Response<Bytes> {
        let code = if status.is_server_error() { "InternalError" } else { "InvalidRequest" };
        let fault = Fault::other(code, status.as_u16(), text);
        let mut response = refusal(engine, &fault, "", Form::Json);
        let error_code = Some(fault.code);
        response.extensions_mut().insert(Trace { operation: None, error_code, secret_query: true });
        response
    }

    fn waits_for_others(&self, _: &Request<Bytes>) -> bool {
        false
    }

    fn operations(&self) -> Vec<Coverage> {
        let one = |operation: &'static Operation| Coverage {
            section: &operation.action,
            method: "POST",
            path: "/",
            aliases: &[],
            implemented: handler(&operation.action).is_some(),
        };
        let protocol = Protocol::get();
        protocol.operations.iter().chain(&protocol.added).map(one).collect()
    }
}

fn header<'r>(request: &'r Request<Bytes>, name: &str) -> &'r str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).map_or("", str::trim)
}

/// The text of a form in the body; empty for a body that is something else.
fn form(request: &Request<Bytes>) -> &str {
    let is_form = header(request, "content-type").starts_with("application/x-www-form-urlencoded");
    if is_form { std::str::from_utf8(request.body()).unwrap_or("") } else { "" }
}

/// The action stands in a header or, in the older form, among the parameters.
fn action(request: &Request<Bytes>, raw: Option<&Raw>) -> String {
    match header(request, "x-acs-action") {
        "" => raw.and_then(|raw| raw.get("Action")).unwrap_or("").to_owned(),
        action => action.to_owned(),
    }
}

/// Proves the caller, checks the parameters, does the work.
fn serve(
    engine: &Engine,
    request: &Request<Bytes>,
    access: Access,
    raw: &Raw,
    action: &str,
    now: Nanos,
) -> Result<(Doc, Option<Receipt>), Fault> {
    if ![Method::GET, Method::POST].contains(request.method()) {
        return Err(Fault::new("UnsupportedHTTPMethod").saying("The specified HTTP method is not supported."));
    }
    if access == Access::Signed {
        sign::verify(engine.credentials(), request, raw, engine.nonces(), now)?;
    }
    Form::of(request, raw)?;
    if action.is_empty() {
        return Err(Fault::missing("Action"));
    }
    let version = match header(request, "x-acs-version") {
        "" => raw.get("Version").unwrap_or(""),
        version => version,
    };
    if version != Protocol::get().version {
        return Err(if version.is_empty() { Fault::missing("Version") } else { Fault::invalid("Version") });
    }
    let operation = Protocol::get().find(action).ok_or_else(|| Fault::new("InvalidApi.NotFound"))?;
    let settings = engine.settings();
    let ctx = Ctx {
        operation,
        params: check(operation, raw)?,
        now,
        ids: &settings.ids,
        region: &settings.region,
        limits: &settings.limits,
        traffic: &settings.traffic,
    };
    let handler = handler(action).ok_or_else(|| Fault::unimplemented(action))?;
    if handler.only_reads() {
        let reply = engine.look(|gateways| {
            let nothing = Gateway::new(PROJECT, GATEWAY);
            handler.look(&ctx, gateways.get(&key()).unwrap_or(&nothing))
        });
        return Ok((made(operation, reply.unwrap_or_else(|| Ok(Reply::empty()))?), None));
    }
    let (reply, receipt) = engine.change(|realm| {
        realm.make(&key());
        realm.on(&key(), |tx| handler.act(&ctx, tx)).unwrap_or_else(|| Ok(Reply::empty()))
    })?;
    Ok((made(operation, reply), receipt))
}

fn made(operation: &Operation, reply: Reply) -> Doc {
    match reply {
        Reply::Page(doc) => doc,
        Reply::Doc(doc) => whole(&operation.out, doc),
    }
}

/// The id of a request: a UUID in upper case.
fn request_id(engine: &Engine) -> String {
    let id = engine.request_id().to_uppercase();
    match (id.get(..8), id.get(8..12), id.get(12..16), id.get(16..20), id.get(20..)) {
        (Some(a), Some(b), Some(c), Some(d), Some(e)) => format!("{a}-{b}-{c}-{d}-{e}"),
        _ => id,
    }
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Xml,
}

impl Form {
    /// What a caller of the older form asks for by a parameter.
    fn of(request: &Request<Bytes>, raw: &Raw) -> Result<Self, Fault> {
        let asked = raw.get("Format").unwrap_or("").to_ascii_uppercase();
        let older = header(request, "x-acs-action").is_empty();
        match asked.as_str() {
            "XML" if older => Ok(Self::Xml),
            "" | "JSON" => Ok(Self::Json),
            _ if older => Err(Fault::new("InvalidParameter.Format")),
            _ => Ok(Self::Json),
        }
    }
}

/// An answer; as XML its root has this name.
fn answer(engine: &Engine, status: StatusCode, mut doc: Doc, form: Form, root: &str) -> Response<Bytes> {
    doc.insert("RequestId".to_owned(), request_id(engine).into());
    let (text, kind) = match form {
        Form::Json => (Value::Object(doc).to_string(), "application/json;charset=utf-8"),
        Form::Xml => (xml::written(root, &doc), "text/xml;charset=utf-8"),
    };
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

fn refusal(engine: &Engine, fault: &Fault, host: &str, form: Form) -> Response<Bytes> {
    let mut doc = Doc::new();
    for (name, text) in [("Code", fault.code.as_str()), ("Message", fault.message.as_str()), ("HostId", host)]
    {
        doc.insert(name.to_owned(), text.into());
    }
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
    answer(engine, status, doc, form, "Error")
}
