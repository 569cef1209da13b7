//! Plug-ins (3.27). Their content is a text that holds JSON; here it is JSON, and whoever sends it makes the text
//! (`{"$json": CONTENT}`). The reference names the types of content and shows one example of each (3.27.1), some of them with
//! brackets lost; the members are those of the examples.
//!
//! An update replaces the content as a whole, so what is there and cannot be said in a manifest makes a plug-in unreadable:
//! it is reported and left alone.

mod kafka_log;
mod rate_limit;
mod third_auth;

use serde_json::{Map, Value, json};

use super::wire::{
    Words, list, need, need_number, need_word, number, object, put, read_word, switch, text, word,
};
use super::{Names, Unreadable};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::plugin::{
    Breaker, BreakerMode, BreakerType, Comparison, Cors, HeaderAction, Join, PluginParameter, PluginSpec,
    PluginType, ResponseHeader, Test, ValueType, When,
};
use crate::kinds::throttle::Scope;
use crate::kinds::value::Duration;

/// The types on the wire (3.27.1).
const TYPES: &Words<PluginType> = &[
    (PluginType::Cors, "cors"),
    (PluginType::ResponseHeaders, "set_resp_headers"),
    (PluginType::RateLimit, "rate_limit"),
    (PluginType::KafkaLog, "kafka_log"),
    (PluginType::Breaker, "breaker"),
    (PluginType::ThirdAuth, "third_auth"),
];

const SCOPES: &Words<Scope> = &[(Scope::PerApi, "basic"), (Scope::Shared, "share")];

const ACTIONS: &Words<HeaderAction> = &[
    (HeaderAction::Override, "override"),
    (HeaderAction::Skip, "skip"),
    (HeaderAction::Append, "append"),
    (HeaderAction::Delete, "delete"),
    (HeaderAction::Add, "add"),
];

const VALUE_TYPES: &Words<ValueType> =
    &[(ValueType::Custom, "custom_value"), (ValueType::System, "system_parameter")];

const BREAKER_TYPES: &Words<BreakerType> =
    &[(BreakerType::Timeout, "timeout"), (BreakerType::Condition, "condition")];

const BREAKER_MODES: &Words<BreakerMode> =
    &[(BreakerMode::Counter, "counter"), (BreakerMode::Percentage, "percentage")];

const COMPARISONS: &Words<Comparison> = &[(Comparison::Equal, "=="), (Comparison::Like, "~~")];

const JOINS: &Words<Join> = &[(Join::Any, "OR"), (Join::All, "AND")];

/// Members of a content that say the same in more than one way, or cannot be compared with what would be sent: periods,
/// conditions, ids, and the password.
const SAID_OTHERWISE: &[&str] = &[
    "default_interval",
    "default_time_unit",
    "interval",
    "match_auth",
    "match_regex",
    "sasl_password",
    "specials",
    "time_unit",
    "vpc_id",
];

/// The body of 3.27.1 and 3.27.2.
#[must_use]
pub fn body(address: &Address, spec: &PluginSpec) -> Value {
    json!({
        "plugin_name": address.name(),
        "plugin_type": spec.of_type().map_or("", |of_type| word(TYPES, &of_type)),
        "plugin_scope": "global",
        "plugin_content": { "$json": content(spec) },
        "remark": spec.description,
    })
}

fn content(spec: &PluginSpec) -> Value {
    let headers = spec.response_headers.as_deref().map(response_headers);
    let blocks = [
        spec.cors.as_ref().map(cors),
        headers,
        spec.rate_limit.as_ref().map(rate_limit::content),
        spec.kafka_log.as_ref().map(kafka_log::content),
        spec.breaker.as_ref().map(breaker),
        spec.third_auth.as_ref().map(third_auth::content),
    ];
    blocks.into_iter().flatten().next().unwrap_or_default()
}

/// Reads an entry of 3.27.4 or the answer of 3.27.5.
///
/// # Errors
///
/// When the type is not documented, or the content holds what a manifest cannot say.
pub fn spec(wire: &Value, names: &dyn Names) -> Result<PluginSpec, Unreadable> {
    let held = need(wire, "plugin_content")?;
    let held: Value = serde_json::from_str(&held)
        .map_err(|e| Unreadable::new("plugin_content", format!("no JSON: {e}")))?;
    let mut spec = PluginSpec { description: text(wire, "remark")?, ..PluginSpec::default() };
    let of_type = need_word(wire, "plugin_type", TYPES)?;
    read(&mut spec, of_type, &held, names).map_err(|e| e.within("plugin_content"))?;
    let spec = spec.canonical();
    lost(&held, Some(&content(&spec)), "plugin_content")?;
    Ok(spec)
}

/// The block of a manifest that a row of 3.27.4 is about.
pub(in super::super) fn of_type(wire: &Value) -> Result<PluginType, Unreadable> {
    need_word(wire, "plugin_type", TYPES)
}

/// The kinds of which a row of 3.27.4 names some by their ids.
pub(in super::super) fn kinds_named(wire: &Value) -> Vec<Kind> {
    let held = wire.get("plugin_content").and_then(Value::as_str).unwrap_or_default();
    let held: Value = serde_json::from_str(held).unwrap_or_default();
    let specials = held.get("specials").and_then(Value::as_array).into_iter().flatten();
    let apps = specials.into_iter().any(|special| special["type"] == "app");
    let channel = held["auth_request"]["vpc_channel_enabled"] == true;
    [(Kind::App, apps), (Kind::Channel, channel)]
        .into_iter()
        .filter(|(_, is)| *is)
        .map(|(kind, _)| kind)
        .collect()
}

fn read(
    spec: &mut PluginSpec,
    of_type: PluginType,
    held: &Value,
    names: &dyn Names,
) -> Result<(), Unreadable> {
    match of_type {
        PluginType::Cors => spec.cors = Some(read_cors(held)?),
        PluginType::ResponseHeaders => {
            spec.response_headers = Some(list(held, "response_headers", read_header)?);
        }
        PluginType::RateLimit => spec.rate_limit = Some(rate_limit::read(held, names)?),
        PluginType::KafkaLog => spec.kafka_log = Some(kafka_log::read(held)?),
        PluginType::Breaker => spec.breaker = Some(read_breaker(held)?),
        PluginType::ThirdAuth => spec.third_auth = Some(third_auth::read(held, names)?),
        // No row has such a type.
        PluginType::Native(_) => {}
    }
    Ok(())
}

/// Fails where `theirs` says what `ours` does not.
fn lost(theirs: &Value, ours: Option<&Value>, at: &str) -> Result<(), Unreadable> {
    match (theirs, ours) {
        (Value::Object(fields), Some(Value::Object(own))) => {
            let compared = fields.iter().filter(|(field, _)| !SAID_OTHERWISE.contains(&field.as_str()));
            compared
                .into_iter()
                .try_for_each(|(field, value)| lost(value, own.get(field), &format!("{at}.{field}")))
        }
        (Value::Array(items), Some(Value::Array(own))) if items.len() == own.len() => items
            .iter()
            .zip(own)
            .enumerate()
            .try_for_each(|(i, (item, own))| lost(item, Some(own), &format!("{at}[{i}]"))),
        _ if is_nothing(theirs) || ours == Some(theirs) => Ok(()),
        _ => Err(Unreadable::new(at, format!("`{theirs}`, which a manifest cannot say"))),
    }
}

/// Whether a value says no more than its absence.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(fields) => fields.values().all(is_nothing),
    }
}

fn cors(spec: &Cors) -> Value {
    let mut content = Map::new();
    content.insert("allow_origin".into(), spec.allow_origins.join(",").into());
    content.insert("allow_methods".into(), spec.allow_methods.join(",").into());
    content.insert("allow_headers".into(), spec.allow_headers.join(",").into());
    content.insert("expose_headers".into(), spec.expose_headers.join(",").into());
    put(&mut content, "max_age", spec.max_age.map(seconds));
    content.insert("allow_credentials".into(), spec.allow_credentials.into());
    Value::Object(content)
}

fn read_cors(held: &Value) -> Result<Cors, Unreadable> {
    let words = |field| {
        let held = text(held, field)?;
        Ok::<_, Unreadable>(
            held.split(',').map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>(),
        )
    };
    Ok(Cors {
        allow_origins: words("allow_origin")?,
        allow_methods: words("allow_methods")?,
        allow_headers: words("allow_headers")?,
        expose_headers: words("expose_headers")?,
        max_age: number::<u32>(held, "max_age")?.map(|seconds| Duration::from_secs(u64::from(seconds))),
        allow_credentials: switch(held, "allow_credentials", false)?,
    })
}

fn response_headers(headers: &[ResponseHeader]) -> Value {
    let one = |header: &ResponseHeader| {
        json!({
            "name": header.name, "value": header.value, "value_type": word(VALUE_TYPES, &header.value_type),
            "action": word(ACTIONS, &header.action),
        })
    };
    json!({ "response_headers": headers.iter().map(one).collect::<Vec<_>>() })
}

fn read_header(held: &Value) -> Result<ResponseHeader, Unreadable> {
    Ok(ResponseHeader {
        name: need(held, "name")?,
        value: text(held, "value")?,
        value_type: read_word(held, "value_type", VALUE_TYPES)?.unwrap_or_default(),
        action: need_word(held, "action", ACTIONS)?,
    })
}

fn breaker(spec: &Breaker) -> Value {
    let mut condition = Map::new();
    condition.insert("breaker_type".into(), word(BREAKER_TYPES, &spec.by).into());
    condition.insert("breaker_mode".into(), word(BREAKER_MODES, &spec.mode).into());
    condition.insert("unhealthy_condition".into(), spec.condition.clone().into());
    put(&mut condition, "unhealthy_threshold", spec.failures);
    put(&mut condition, "min_call_threshold", spec.min_calls);
    put(&mut condition, "unhealthy_percentage", spec.percentage);
    condition.insert("time_window".into(), seconds(spec.window).into());
    condition.insert("open_breaker_time".into(), seconds(spec.open_for).into());
    json!({
        "breaker_condition": condition, "downgrade_default": null, "downgrade_parameters": null,
        "downgrade_rules": null, "scope": word(SCOPES, &spec.scope),
    })
}

fn read_breaker(held: &Value) -> Result<Breaker, Unreadable> {
    let scope = read_word(held, "scope", SCOPES)?.unwrap_or_default();
    object(held, "breaker_condition", |held| {
        let time = |field| Ok::<_, Unreadable>(Duration::from_secs(need_number(held, field)?));
        Ok(Breaker {
            by: need_word(held, "breaker_type", BREAKER_TYPES)?,
            condition: text(held, "unhealthy_condition")?,
            mode: need_word(held, "breaker_mode", BREAKER_MODES)?,
            failures: number(held, "unhealthy_threshold")?,
            min_calls: number(held, "min_call_threshold")?,
            percentage: number(held, "unhealthy_percentage")?,
            window: time("time_window")?,
            open_for: time("open_breaker_time")?,
            scope,
        })
    })
}

fn seconds(duration: Duration) -> u64 {
    duration.as_millis() / 1000
}

fn parameters(parameters: &[PluginParameter]) -> Value {
    let one = |p: &PluginParameter| json!({ "type": p.place, "name": p.name, "value": p.value });
    parameters.iter().map(one).collect()
}

fn read_parameter(held: &Value) -> Result<PluginParameter, Unreadable> {
    Ok(PluginParameter { name: need(held, "name")?, place: need(held, "type")?, value: text(held, "value")? })
}

/// A condition as the text that the vendor writes: `["path","==","/a"]`, or several of those behind `"OR"` or `"AND"`.
fn condition(when: &When) -> String {
    let one = |test: &Test| json!([test.parameter, word(COMPARISONS, &test.is), test.value]);
    let tests = when.tests.iter().map(one);
    match when.tests.as_slice() {
        [test] => one(test).to_string(),
        _ => std::iter::once(word(JOINS, &when.join).into()).chain(tests).collect::<Value>().to_string(),
    }
}

/// Reads a condition; none where the text is empty.
fn read_condition(held: &Value, field: &str) -> Result<Option<When>, Unreadable> {
    let held = text(held, field)?;
    if held.is_empty() {
        return Ok(None);
    }
    let wrong = || Unreadable::new(field, format!("`{held}`, which a manifest cannot say"));
    let parts: Vec<Value> = serde_json::from_str(&held).map_err(|_| wrong())?;
    let test = |parts: &[Value]| match parts {
        [Value::String(parameter), Value::String(is), Value::String(value)] => {
            let is = COMPARISONS.iter().find(|(_, word)| word == is)?.0;
            Some(Test { parameter: parameter.clone(), is, value: value.clone() })
        }
        _ => None,
    };
    if let Some(test) = test(&parts) {
        return Ok(Some(When { join: Join::Any, tests: vec![test] }));
    }
    let (first, rest) = parts.split_first().ok_or_else(wrong)?;
    let join = JOINS.iter().find(|(_, word)| first.as_str() == Some(*word)).ok_or_else(wrong)?.0;
    let tests: Option<Vec<Test>> = rest.iter().map(|inner| test(inner.as_array()?)).collect();
    Ok(Some(When { join, tests: tests.ok_or_else(wrong)? }))
}
