//! Features of a gateway (3.21): what can be configured, and what that changes elsewhere.

use serde_json::{Value, json};

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::Nanos;
use super::context::{Ctx, Members, Reply, put};
use super::fault::Fault;
use super::records::{self, Kind, PLAIN};
use super::shape::{Is, Member};

/// How long a feature cannot be configured again.
const PAUSE: Nanos = 60 * 1_000_000_000;

/// What the configuration of a feature is.
enum Form {
    /// The feature is there and has nothing to configure.
    Fixed,
    /// `on` or `off`.
    Switch,
    /// Whatever; the document says no more.
    Free,
    /// A number of bytes.
    Bytes,
    /// A JSON object.
    Json(Is),
}

const ON_OFF: Is = Is::Word(&["on", "off"]);
const NAME: Is = Is::Text(255);
const CIPHERS: &[&str] = &[
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
];

static FEATURES: [(&str, Form); 46] = [
    (
        "lts",
        Form::Json(Is::Object(&[
            Member("group_id", false, NAME),
            Member("topic_id", false, NAME),
            Member("log_group", false, NAME),
            Member("log_stream", false, NAME),
        ])),
    ),
    ("gateway_responses", Form::Fixed),
    ("ratelimit", Form::Json(Is::Object(&[Member("api_limits", true, Is::Digits(1, 1_000_000))]))),
    ("request_body_size", Form::Bytes),
    ("backend_timeout", Form::Json(Is::Object(&[Member("max_timeout", true, Is::Digits(1, 600_000))]))),
    (
        "app_token",
        Form::Json(Is::Object(&[
            Member("enable", true, ON_OFF),
            Member("app_token_expire_time", false, Is::Digits(1, 72_000)),
            Member("refresh_token_expire_time", false, Is::Digits(1, 72_000)),
            Member("app_token_uri", false, Is::Text(512)),
            Member("app_token_key", false, Is::Text(512)),
        ])),
    ),
    ("app_api_key", Form::Switch),
    ("app_basic", Form::Switch),
    ("app_secret", Form::Switch),
    (
        "app_jwt",
        Form::Json(Is::Object(&[Member("enable", true, ON_OFF), Member("auth_header", false, NAME)])),
    ),
    (
        "public_key",
        Form::Json(Is::Object(&[
            Member("enable", true, ON_OFF),
            Member("public_key_uri_prefix", false, Is::Text(512)),
        ])),
    ),
    (
        "backend_token_allow",
        Form::Json(Is::Object(&[Member(
            "backend_token_allow_users",
            true,
            Is::List(&Is::Object(&[Member("user_name", true, NAME)]), 50),
        )])),
    ),
    ("sign_basic", Form::Fixed),
    ("multi_auth", Form::Fixed),
    (
        "backend_client_certificate",
        Form::Json(Is::Object(&[
            Member("enable", true, ON_OFF),
            Member("ca", false, Is::Text(65_535)),
            Member("content", false, Is::Text(65_535)),
            Member("key", false, Is::Text(65_535)),
        ])),
    ),
    (
        "ssl_ciphers",
        Form::Json(Is::Object(&[Member("ssl_ciphers", true, Is::List(&Is::Word(CIPHERS), CIPHERS.len()))])),
    ),
    ("route", Form::Fixed),
    ("cors", Form::Fixed),
    (
        "real_ip_from_xff",
        Form::Json(Is::Object(&[
            Member("enable", true, ON_OFF),
            Member("xff_index", false, Is::Number(-2_147_483_648, 2_147_483_647)),
        ])),
    ),
    ("app_route", Form::Switch),
    ("vpc_name_modifiable", Form::Switch),
    (
        "default_group_host_trustlist",
        Form::Json(Is::Object(&[
            Member("enable", true, ON_OFF),
            Member("hosts", false, Is::List(&NAME, 100)),
        ])),
    ),
    (
        "throttle_strategy",
        Form::Json(Is::Object(&[
            Member("enable", true, ON_OFF),
            Member("strategy", false, Is::Word(&["cluster", "local"])),
        ])),
    ),
    (
        "custom_log",
        Form::Json(Is::Object(&[Member(
            "custom_logs",
            true,
            Is::List(
                &Is::Object(&[
                    Member("location", true, Is::Word(&["header", "query", "cookie"])),
                    Member("name", true, NAME),
                ]),
                10,
            ),
        )])),
    ),
    (
        "real_ip_header_getter",
        Form::Json(Is::Object(&[Member("enable", true, ON_OFF), Member("header_getter", false, NAME)])),
    ),
    ("policy_cookie_param", Form::Switch),
    ("app_quota", Form::Fixed),
    ("app_acl", Form::Fixed),
    ("set_resp_headers", Form::Fixed),
    ("vpc_backup", Form::Fixed),
    ("sign_aes", Form::Fixed),
    ("kafka_log", Form::Fixed),
    ("backend_retry_count", Form::Fixed),
    ("policy_sys_param", Form::Fixed),
    ("breaker", Form::Fixed),
    ("content_type_configurable", Form::Fixed),
    ("rate_limit_plugin", Form::Fixed),
    ("breaker2", Form::Fixed),
    ("rate_limit_algorithm", Form::Fixed),
    ("gzip", Form::Json(Is::Object(&[Member("comp_level", true, Is::Digits(1, 9))]))),
    ("sse_strategy", Form::Switch),
    ("authorizer_context_support_num_bool", Form::Fixed),
    (
        "custom_auth_header",
        Form::Json(Is::Object(&[
            Member("app_auth_header", false, Is::Text(64)),
            Member("backend_sign_header", false, Is::Text(64)),
        ])),
    ),
    (
        "request_custom_config",
        Form::Json(Is::Object(&[
            Member("http2", false, ON_OFF),
            Member("client_body_timeout", false, Is::Digits(1, 60)),
        ])),
    ),
    ("gateway_responses_support_header", Form::Fixed),
    ("api_uri_no_escape", Form::Free),
];

pub(crate) static FEATURE: Kind = Kind { coll: Coll::Feature, times: (None, Some("update_time")), ..PLAIN };

/// The names of all features.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FEATURES.iter().map(|(name, _)| *name)
}

fn configured<'g>(gateway: &'g Gateway, name: &str) -> Option<&'g Record> {
    let record = gateway.records_by(Coll::Feature, "name", &[name]).next()?;
    (record.doc.get("enable") == Some(&Value::Bool(true))).then_some(record)
}

/// The configuration of a feature that was configured and is enabled: its text, or the object in it.
fn config(gateway: &Gateway, name: &str) -> Option<Value> {
    let text = configured(gateway, name)?.text("config");
    Some(serde_json::from_str(text).unwrap_or_else(|_| text.into()))
}

/// True for a switch that was switched on; `default` is how it stands when nobody touched it.
pub(crate) fn is_on(gateway: &Gateway, name: &str, default: bool) -> bool {
    if gateway.records_by(Coll::Feature, "name", &[name]).next().is_none() {
        return default;
    }
    config(gateway, name).is_some_and(|config| config == "on" || config["enable"] == "on")
}

/// The longest time a backend may take, in milliseconds.
pub(crate) fn backend_timeout_max(gateway: &Gateway) -> i64 {
    number(gateway, "backend_timeout", "max_timeout").unwrap_or(60_000)
}

/// The most calls per second a throttle may allow, where that was configured.
pub(crate) fn calls_max(gateway: &Gateway) -> Option<i64> {
    number(gateway, "ratelimit", "api_limits")
}

fn number(gateway: &Gateway, name: &str, member: &str) -> Option<i64> {
    match config(gateway, name)?.get(member)? {
        Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    }
}

/// 3.21.1: sets a feature, whether or not it was set before.
pub(crate) fn configure(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let (name, config) = (ctx.text("name"), ctx.text("config"));
    let known = FEATURES.iter().find(|(known, _)| *known == name);
    let Some((_, form)) = known else {
        return Err(Fault::new("APIG.2000").saying(format!("unrecognized feature {name}")));
    };
    check(ctx, form, name, config)?;
    let old = tx.records_by(Coll::Feature, "name", &[name]).next().cloned();
    if old.as_ref().is_some_and(|old| ctx.now.saturating_sub(old.updated) < PAUSE) {
        return Err(Fault::new("APIG.3711"));
    }
    let mut doc = Doc::new();
    doc.insert("name".to_owned(), name.into());
    doc.insert("enable".to_owned(), ctx.body.get("enable").cloned().unwrap_or(json!(true)));
    doc.insert("config".to_owned(), config.into());
    doc.insert("instance_id".to_owned(), ctx.path("instance_id").into());
    let (id, created) = old.map_or_else(|| (ctx.id().into(), ctx.now), |old| (old.id, old.created));
    let record = Record { id, created, updated: ctx.now, doc };
    tx.put(Coll::Feature, Row::Record(record.clone()));
    Ok(records::show(&FEATURE, ctx, tx, &record))
}

fn check(ctx: &Ctx, form: &Form, name: &str, config: &str) -> Result<(), Fault> {
    // What is switched off needs no configuration.
    if config.is_empty() && ctx.body.get("enable") == Some(&Value::Bool(false)) {
        return Ok(());
    }
    let bad = |place: &str| {
        let text = format!(
            "Invalid parameter value,parameterName:{place}. Please refer to the support documentation"
        );
        ctx.bad("config").saying(text)
    };
    match form {
        Form::Fixed => Err(Fault::new("APIG.3458")),
        Form::Free => Ok(()),
        Form::Switch => {
            if ["on", "off"].contains(&config) {
                Ok(())
            } else {
                Err(bad("config"))
            }
        }
        Form::Bytes => {
            let fits = config.parse::<i64>().is_ok_and(|bytes| (1..=9536 * 1024 * 1024).contains(&bytes));
            if fits { Ok(()) } else { Err(bad("config")) }
        }
        Form::Json(is) => {
            let value: Value = serde_json::from_str(config).map_err(|_| bad("config"))?;
            is.check(&value, "config").map_err(|place| bad(&place))?;
            let headers =
                ["app_auth_header", "backend_sign_header"].map(|name| value[name].as_str().unwrap_or(""));
            let odd = name == "custom_auth_header" && headers.iter().any(|header| !good_header(header));
            if odd { Err(bad("config")) } else { Ok(()) }
        }
    }
}

/// Empty, or 3 to 64 letters, digits, `-` and `_`, a letter first, and none of the gateway's own names.
fn good_header(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.is_empty()
        || (name.len() >= 3
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            && !lower.starts_with("x-apig-")
            && !lower.starts_with("x-sdk-")
            && !["x-stage", "authorization"].contains(&lower.as_str()))
}

/// 3.21.2: what was configured.
pub(crate) fn list(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let fields = ctx.operation.item();
    Ok(Reply::page(ctx, gateway.records(Coll::Feature), |out, record| {
        let members = Members::of(&record.doc)
            .with("id", record.id.as_ref())
            .with("update_time", ctx.time(record.updated));
        members.write(fields, out);
    }))
}

/// 3.21.3: what can be configured, and what is just there.
pub(crate) fn supported(ctx: &Ctx, _: &Gateway) -> Result<Reply, Fault> {
    Ok(Reply::page(ctx, names(), put))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_headers() {
        for good in ["", "app-header", "a_b"] {
            assert!(good_header(good), "{good}");
        }
        for bad in ["ab", "1abc", "X-Apig-a", "x-sdk-date", "Authorization", "x-stage", "a b c"] {
            assert!(!good_header(bad), "{bad}");
        }
    }
}
