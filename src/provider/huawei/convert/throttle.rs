//! Request throttling policies (3.4) and their excluded configurations (3.9).

use serde_json::{Map, Value, json};

use super::wire::{Words, need, need_number, need_word, number, put, read_word, text};
use super::{Names, Unreadable, id_of, name_of};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::throttle::{ExceptionLimit, Limits, Scope, ThrottleSpec};
use crate::kinds::value::Duration;

/// Units of a period in seconds, the largest first.
const UNITS: &Words<u64> = &[(86_400, "DAY"), (3600, "HOUR"), (60, "MINUTE"), (1, "SECOND")];

const SCOPES: &Words<Scope> = &[(Scope::PerApi, "1"), (Scope::Shared, "2")];

/// The two kinds of excluded objects: the word in an address and the word on the wire.
const OBJECTS: &[(&str, &str)] = &[("app", "APP"), ("user", "USER")];

/// The body of 3.4.1 and 3.4.2. The period is written in its largest whole unit.
#[must_use]
pub fn body(address: &Address, spec: &ThrottleSpec) -> Value {
    let (interval, unit) = period(spec.per);
    let mut body = Map::new();
    body.insert("name".into(), address.name().into());
    body.insert("remark".into(), json!(spec.description));
    body.insert("type".into(), if spec.scope == Scope::PerApi { 1 } else { 2 }.into());
    body.insert("time_interval".into(), interval.into());
    body.insert("time_unit".into(), unit.into());
    let Limits { api, user, app, source_ip } = spec.limits;
    body.insert("api_call_limits".into(), api.into());
    put(&mut body, "user_call_limits", user);
    put(&mut body, "app_call_limits", app);
    put(&mut body, "ip_call_limits", source_ip);
    Value::Object(body)
}

/// A period as a number and the largest unit of which it is a whole number.
pub(super) fn period(per: Duration) -> (u64, &'static str) {
    let seconds = per.as_millis() / 1000;
    let fitting = UNITS.iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit));
    let (unit, word) = fitting.copied().unwrap_or((1, "SECOND"));
    (seconds / unit, word)
}

/// Reads a period from its number and its unit.
pub(super) fn read_period(wire: &Value, interval: &str, unit: &str) -> Result<Duration, Unreadable> {
    let seconds = need_word(wire, unit, UNITS)?;
    let count: u32 = need_number(wire, interval)?;
    Ok(Duration::from_secs(u64::from(count) * seconds))
}

/// Reads an entry of 3.4.4 or the answer of 3.4.5. Limits that were not set may be absent or 0.
///
/// # Errors
///
/// When the period or the limit of the API is missing, or a word is not documented.
pub fn spec(wire: &Value) -> Result<ThrottleSpec, Unreadable> {
    let limit = |field| Ok::<_, Unreadable>(number::<u32>(wire, field)?.filter(|limit| *limit > 0));
    Ok(ThrottleSpec {
        description: text(wire, "remark")?,
        per: read_period(wire, "time_interval", "time_unit")?,
        scope: read_word(wire, "type", SCOPES)?.unwrap_or_default(),
        limits: Limits {
            api: need_number(wire, "api_call_limits")?,
            user: limit("user_call_limits")?,
            app: limit("app_call_limits")?,
            source_ip: limit("ip_call_limits")?,
        },
        exceptions: Vec::new(),
    })
}

/// The policy alone: exceptions are resources of their own here.
#[must_use]
pub fn canonical(spec: &ThrottleSpec) -> ThrottleSpec {
    ThrottleSpec { exceptions: Vec::new(), ..spec.clone() }
}

/// The body of 3.9.1.
#[must_use]
pub fn create_exception(address: &Address, spec: &ExceptionLimit) -> Value {
    let (of, name) = (address.part(1), address.name());
    let object = if of == "app" { id_of(Kind::App, &[&name]) } else { Value::from(name) };
    let object_type = OBJECTS.iter().find(|(part, _)| *part == of).map_or("", |(_, word)| word);
    json!({ "object_type": object_type, "object_id": object, "call_limits": spec.limit })
}

/// The body of 3.9.2.
#[must_use]
pub fn update_exception(_: &Address, spec: &ExceptionLimit) -> Value {
    json!({ "call_limits": spec.limit })
}

/// Reads an entry of 3.9.4.
///
/// # Errors
///
/// When the limit is missing.
pub fn exception(wire: &Value) -> Result<ExceptionLimit, Unreadable> {
    Ok(ExceptionLimit { limit: need_number(wire, "call_limits")? })
}

/// The address of an entry of 3.9.4: the policy, `app` or `user`, and the app's name or the account's id.
pub(in crate::provider) fn exception_address(wire: &Value, names: &dyn Names) -> Result<Address, Unreadable> {
    let of = need_word(wire, "object_type", OBJECTS)?;
    let id = need(wire, "object_id")?;
    let name = if of == "app" { name_of(names, Kind::App, &id) } else { id };
    let throttle = name_of(names, Kind::Throttle, &need(wire, "throttle_id")?);
    Ok(Address::new(Kind::ThrottleException, &[&throttle, of, &name]))
}

/// The address of an entry of 3.9.4 within its policy. The entry says the name of an app.
pub(in crate::provider) fn exception_of(wire: &Value, throttle: &Address) -> Address {
    let said = |field: &str| wire.get(field).and_then(Value::as_str).unwrap_or_default();
    let kind = if said("object_type") == "APP" { "app" } else { "user" };
    let id = said("object_id");
    let by_name = [said("app_name"), said("object_name")].into_iter().find(|name| !name.is_empty());
    let name = if kind == "app" { by_name.unwrap_or(id) } else { id };
    Address::new(Kind::ThrottleException, &[&throttle.name(), kind, name])
}
