//! Quotas of apps (3.29).

use serde_json::{Map, Value, json};

use super::Unreadable;
use super::throttle::{period, read_period};
use super::wire::{need_number, optional, put, text};
use crate::address::Address;
use crate::kinds::quota::QuotaSpec;

/// The body of 3.29.1 and 3.29.4. The period is written in its largest whole unit, the time without its `T` and `Z`.
#[must_use]
pub fn body(address: &Address, spec: &QuotaSpec) -> Value {
    let (interval, unit) = period(spec.per);
    let mut body = Map::new();
    body.insert("name".into(), address.name().into());
    body.insert("remark".into(), json!(spec.description));
    body.insert("call_limits".into(), spec.limit.into());
    body.insert("time_unit".into(), unit.into());
    body.insert("time_interval".into(), interval.into());
    let reset = spec.first_reset.as_deref().map(|time| time.trim_end_matches('Z').replacen('T', " ", 1));
    put(&mut body, "reset_time", reset);
    Value::Object(body)
}

/// Reads an entry of 3.29.3 or the answer of 3.29.2, which show the time with two zones after it.
///
/// # Errors
///
/// When the period or the limit is missing, or the unit is not documented.
pub fn spec(wire: &Value) -> Result<QuotaSpec, Unreadable> {
    let reset: Option<String> = optional(wire, "reset_time")?;
    let time = |shown: String| {
        let mut words = shown.split(' ');
        let (date, time) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        format!("{date}T{time}Z")
    };
    Ok(QuotaSpec {
        description: text(wire, "remark")?,
        limit: need_number(wire, "call_limits")?,
        per: read_period(wire, "time_interval", "time_unit")?,
        first_reset: reset.map(time),
    })
}
