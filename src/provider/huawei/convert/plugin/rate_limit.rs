//! The content of `rate_limit`. The one documented algorithm is `counter`.

use serde_json::{Value, json};

use super::super::throttle::{period, read_period};
use super::super::wire::{list, need, need_number, number, read_word, word};
use super::super::{Names, Unreadable, id_of, name_of};
use super::{SCOPES, condition, parameters, read_condition, read_parameter};
use crate::kind::Kind;
use crate::kinds::plugin::rate_limit::{RateLimit, RateRule};
use crate::kinds::throttle::{Exception, Limits};

pub(super) fn content(spec: &RateLimit) -> Value {
    let (interval, unit) = period(spec.per);
    let Limits { api, user, app, source_ip } = spec.limits;
    let rules: Vec<Value> = spec.rules.iter().map(rule).collect();
    json!({
        "scope": word(SCOPES, &spec.scope),
        "default_time_unit": unit.to_lowercase(),
        "default_interval": interval,
        "api_limit": api,
        "app_limit": app.unwrap_or_default(),
        "user_limit": user.unwrap_or_default(),
        "ip_limit": source_ip.unwrap_or_default(),
        "algorithm": "counter",
        "specials": specials(&spec.exceptions),
        "parameters": parameters(&spec.parameters),
        "rules": rules,
    })
}

/// Apps are named by their ids, as in a throttle's exceptions (3.9.1).
fn specials(exceptions: &[Exception]) -> Vec<Value> {
    let policy = |key: Value, exception: &Exception| json!({ "key": key, "limit": exception.limit });
    let of = |kind: &str, policies: Vec<Value>| {
        (!policies.is_empty()).then(|| json!({ "type": kind, "policies": policies }))
    };
    let apps = exceptions.iter().filter_map(|e| Some(policy(id_of(Kind::App, &[e.app.as_deref()?]), e)));
    let users = exceptions.iter().filter(|e| e.app.is_none());
    let users = users.filter_map(|e| Some(policy(Value::from(e.user.as_deref()?), e)));
    [of("app", apps.collect()), of("user", users.collect())].into_iter().flatten().collect()
}

fn rule(rule: &RateRule) -> Value {
    let (interval, unit) = period(rule.per);
    json!({
        "rule_name": rule.name, "match_regex": condition(&rule.when), "time_unit": unit.to_lowercase(),
        "interval": interval, "limit": rule.limit,
    })
}

pub(super) fn read(held: &Value, names: &dyn Names) -> Result<RateLimit, Unreadable> {
    let limit = |field| Ok::<_, Unreadable>(number::<u32>(held, field)?.filter(|limit| *limit > 0));
    let exceptions = list(held, "specials", |special| read_special(special, names))?;
    Ok(RateLimit {
        per: read_period(held, "default_interval", "default_time_unit")?,
        scope: read_word(held, "scope", SCOPES)?.unwrap_or_default(),
        limits: Limits {
            api: need_number(held, "api_limit")?,
            user: limit("user_limit")?,
            app: limit("app_limit")?,
            source_ip: limit("ip_limit")?,
        },
        exceptions: exceptions.into_iter().flatten().collect(),
        parameters: list(held, "parameters", read_parameter)?,
        rules: list(held, "rules", read_rule)?,
    })
}

fn read_special(held: &Value, names: &dyn Names) -> Result<Vec<Exception>, Unreadable> {
    let of_apps = match need(held, "type")?.as_str() {
        "app" => true,
        "user" => false,
        other => return Err(Unreadable::new("type", format!("`{other}`, which is not a documented value"))),
    };
    list(held, "policies", |policy| {
        let (key, limit) = (need(policy, "key")?, need_number(policy, "limit")?);
        let (app, user) =
            if of_apps { (Some(name_of(names, Kind::App, &key)), None) } else { (None, Some(key)) };
        Ok(Exception { app, user, limit })
    })
}

fn read_rule(held: &Value) -> Result<RateRule, Unreadable> {
    let when = read_condition(held, "match_regex")?;
    Ok(RateRule {
        name: need(held, "rule_name")?,
        when: when.ok_or_else(|| Unreadable::new("match_regex", "missing"))?,
        per: read_period(held, "interval", "time_unit")?,
        limit: need_number(held, "limit")?,
    })
}
