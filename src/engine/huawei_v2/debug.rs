//! 3.5.8: one request through one API, as the gateway would handle it.
//!
//! Mock backends answer with their text; HTTP backends are really called, where that is allowed (see
//! [`Backends`](crate::engine::Backends)); functions cannot be. What the gateway itself would refuse comes back as the
//! answer of the debugged request, not as a refusal of the debugging.

mod forward;

use serde_json::{Map, Value, json};

use super::super::model::{Coll, Definition, Doc};
use super::super::outbound::{self, Answer, Backends, Call};
use super::super::store::Gateway;
use super::apis::find;
use super::context::{Ctx, Members, Reply};
use super::fault::Fault;
use super::protocol::Operation;
use super::rules::text;
use super::seed::definition_doc;
use super::validate::decode;

/// The most of a body that is shown.
const BODY_MAX: usize = 2_097_152;

/// The request to be tried.
struct Trial {
    method: String,
    /// As it was sent, percent-encoded.
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: String,
    domain: String,
    stage: String,
    api_id: String,
    request_id: String,
}

/// What becomes of a request.
enum Outcome {
    /// A mock answers.
    Mock(String),
    /// A backend is asked.
    Call(Call),
    /// The gateway itself answers: status, code, message.
    Refused(u16, &'static str, String),
}

/// 3.5.8.
pub(crate) fn debug(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let api = find(gateway, ctx.path("api_id"))?;
    let published = ctx.text("mode") == "CONSUMER";
    let stage = if !published || ctx.text("stage").is_empty() { "RELEASE" } else { ctx.text("stage") };
    let mut definition = &api.definition;
    if published {
        let env = gateway.records_by(Coll::Env, "name", &[stage]).next();
        let env = env.ok_or_else(|| Fault::of("APIG.3003", stage))?;
        let online = gateway.published(&api.id, &env.id).ok_or_else(|| Fault::new("APIG.3015"))?;
        definition = gateway.version(&online.version_id).map_or(definition, |version| &version.definition);
    }
    if !definition.uses.variables.is_empty() {
        let text = "Bad request for debugging the API: it uses variables of an environment";
        return Err(Fault::new("APIG.2030").saying(text));
    }
    let trial = read(ctx, gateway, definition, stage, published)?;
    let outcome = match unwelcome(ctx, gateway, &trial, published) {
        Some(refused) => refused,
        None => forward::outcome(&trial, definition, &definition_doc(definition), gateway),
    };
    let (operation, allowed) = (ctx.operation, ctx.settings.backends);
    Ok(Reply::Later(Box::new(move || finish(operation, &trial, outcome, allowed))))
}

fn read(
    ctx: &Ctx,
    gateway: &Gateway,
    definition: &Definition,
    stage: &str,
    published: bool,
) -> Result<Trial, Fault> {
    let path = ctx.text("path");
    let odd = |c: char| c.is_control() || c.is_whitespace() || "?#".contains(c);
    if !path.starts_with('/') || path.contains(odd) || decode(path, false).contains('\u{fffd}') {
        return Err(ctx.bad("path"));
    }
    let body = ctx.text("body");
    if body.len() > BODY_MAX {
        return Err(ctx.bad("body"));
    }
    let domain = match ctx.text("domain") {
        "" => gateway.record(Coll::Group, &definition.group_id).map_or("", |group| group.text("sl_domain")),
        domain => domain,
    };
    if domain.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(ctx.bad("domain"));
    }
    Ok(Trial {
        method: ctx.text("method").to_owned(),
        path: path.to_owned(),
        query: named(ctx, "query", "-._", &["x-stage"])?,
        headers: named(
            ctx,
            "header",
            "-.",
            match published {
                true => &["x-stage", "x-auth-token", "authorization"],
                false => &["x-stage"],
            },
        )?,
        body: body.to_owned(),
        domain: domain.to_owned(),
        stage: stage.to_owned(),
        api_id: ctx.path("api_id").to_owned(),
        request_id: ctx.id(),
    })
}

/// The names and values of headers or of the query; `special` are the characters a name may have besides letters and
/// digits, `closed` the names the gateway keeps for itself.
fn named(ctx: &Ctx, field: &str, special: &str, closed: &[&str]) -> Result<Vec<(String, String)>, Fault> {
    let empty = Map::new();
    let given = ctx.body.get(field).and_then(Value::as_object).unwrap_or(&empty);
    let mut out = Vec::new();
    for (name, values) in given {
        let low = name.to_ascii_lowercase();
        let spelt = name.len() <= 32
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || special.contains(c));
        let kept = low.starts_with("x-apig-") || low.starts_with("x-sdk-") || closed.contains(&low.as_str());
        if !spelt || kept {
            return Err(ctx.bad(field));
        }
        let name = if field == "header" { canonical(&low) } else { name.clone() };
        for value in values.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if value.contains(['\r', '\n', '\0']) {
                return Err(ctx.bad(field));
            }
            out.push((name.clone(), value.to_owned()));
        }
    }
    Ok(out)
}

/// `x-my-header` as `X-My-Header`.
fn canonical(name: &str) -> String {
    let mut start = true;
    let step = |c: char| {
        let out = if start { c.to_ascii_uppercase() } else { c };
        start = c == '-';
        out
    };
    name.chars().map(step).collect()
}

/// Refuses an application that is not known or, for what is published, not authorized.
fn unwelcome(ctx: &Ctx, gateway: &Gateway, trial: &Trial, published: bool) -> Option<Outcome> {
    let key = ctx.text("app_key");
    if key.is_empty() {
        return None;
    }
    let Some(app) = gateway.records_by(Coll::App, "app_key", &[key]).next() else {
        return Some(Outcome::Refused(
            401,
            "APIG.0303",
            "Incorrect app authentication information".to_owned(),
        ));
    };
    let env = gateway.records_by(Coll::Env, "name", &[&trial.stage]).next();
    let env = env.map_or("", |env| &env.id);
    let pair = [app.id.as_ref(), &trial.api_id, env];
    let may = gateway.records_by(Coll::AppAuth, "app_id,api_id,env_id", &pair).next().is_some();
    if may || !published {
        return None;
    }
    Some(Outcome::Refused(401, "APIG.0304", "The app is not authorized to access the API".to_owned()))
}

fn finish(operation: &'static Operation, trial: &Trial, outcome: Outcome, allowed: Backends) -> Reply {
    let start = std::time::Instant::now();
    let mut log = String::new();
    let answer = match outcome {
        Outcome::Mock(text) => Answer {
            status: 200,
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: text.into_bytes(),
        },
        Outcome::Refused(status, code, message) => refused(trial, status, code, &message),
        Outcome::Call(call) => outbound::call(call, allowed).unwrap_or_else(|why| {
            log = why;
            refused(trial, 502, "APIG.0203", "Backend unavailable")
        }),
    };
    let latency = i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX);
    let members = Members::default()
        .with("request", request_text(trial))
        .with("response", response_text(trial, &answer, latency))
        .with("latency", latency)
        .with("log", log);
    let mut out = Vec::new();
    members.write(&operation.out, &mut out);
    Reply::Json(out)
}

fn refused(trial: &Trial, status: u16, code: &str, message: &str) -> Answer {
    let body = json!({"error_msg": message, "error_code": code, "request_id": trial.request_id});
    Answer {
        status,
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

fn request_text(trial: &Trial) -> String {
    let query = forward::query_text(&trial.query);
    let mut out = format!("{} {}{query} HTTP/1.1\nHost: {}\n", trial.method, trial.path, trial.domain);
    out.push_str("User-Agent: APIGatewayDebugClient/1.0\nX-Apig-Mode: debug\n");
    for (name, value) in &trial.headers {
        out.push_str(&format!("{name}: {value}\n"));
    }
    out.push('\n');
    out.push_str(&trial.body);
    out
}

fn response_text(trial: &Trial, answer: &Answer, latency: i64) -> String {
    let reason = http::StatusCode::from_u16(answer.status).ok().and_then(|status| status.canonical_reason());
    let mut out = format!("HTTP/1.1 {} {}\n", answer.status, reason.unwrap_or("Unknown"));
    for (name, value) in &answer.headers {
        out.push_str(&format!("{}: {value}\n", canonical(&name.to_ascii_lowercase())));
    }
    out.push_str(&format!(
        "Server: api-gateway\nX-Apig-Latency: {latency}\nX-Request-Id: {}\n\n",
        trial.request_id
    ));
    let body = String::from_utf8_lossy(&answer.body);
    if body.len() <= BODY_MAX {
        out.push_str(&body);
        return out;
    }
    let end = (0..=BODY_MAX).rev().find(|at| body.is_char_boundary(*at)).unwrap_or(0);
    out.push_str(&body[..end]);
    out.push_str("[TRUNCATED]");
    out
}

/// A text of an object, which may be absent.
fn member<'d>(doc: &'d Value, name: &str) -> &'d str {
    doc.as_object().map_or("", |doc: &'d Doc| text(doc, name))
}
