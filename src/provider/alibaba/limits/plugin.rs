//! Plug-ins (`CreatePlugin`). The reference has no table for definitions: bounds are those of the vendor's manual of each type,
//! and what a definition must hold is what the gateway asks for (`DescribePluginTemplates`).

use super::Check;
use crate::kinds::plugin::native::Native;
use crate::kinds::plugin::rate_limit::RateLimit;
use crate::kinds::plugin::{Breaker, BreakerType, Cors, PluginSpec};
use crate::kinds::value::Duration;
use crate::provider::alibaba::convert::plugin::missing;
use crate::provider::alibaba::convert::throttle::UNITS;
use crate::provider::support::{RANGE, TEXT, UNSUPPORTED};

/// `Description`.
const DESCRIPTION_MAX: usize = 200;

/// A definition has at most 50 KB.
const DEFINITION_MAX: usize = 50 * 1024;

/// `timeoutThreshold`.
const TIMEOUTS_MAX: u32 = 5000;

/// `errorCondition`.
const CONDITION_MAX: usize = 512;

pub(super) fn check(check: &mut Check, spec: &PluginSpec) {
    check.longest("spec.description", "the description", &spec.description, DESCRIPTION_MAX);
    let length = serde_json::to_string(spec).map_or(0, |text| text.len());
    if length > DEFINITION_MAX {
        let message = format!("the plug-in has {length} bytes; at most {DEFINITION_MAX} are taken");
        check.add(RANGE, "spec", message, "use several plug-ins");
    }
    spec.cors.iter().for_each(|spec| cors(check, spec));
    spec.rate_limit.iter().for_each(|spec| rate_limit(check, spec));
    spec.breaker.iter().for_each(|spec| breaker(check, spec));
    spec.native.iter().for_each(|spec| native(check, spec));
}

/// Words are joined by commas.
fn cors(check: &mut Check, spec: &Cors) {
    let lists = [
        ("allowOrigins", &spec.allow_origins),
        ("allowMethods", &spec.allow_methods),
        ("allowHeaders", &spec.allow_headers),
        ("exposeHeaders", &spec.expose_headers),
    ];
    for (field, words) in lists {
        let bad = |word: &String| word.contains(',') || word.trim() != word || word.is_empty();
        for (i, word) in words.iter().enumerate().filter(|(_, word)| bad(word)) {
            let message = format!("`{word}` is empty, or holds a comma or blanks around it");
            check.add(TEXT, format!("spec.cors.{field}[{i}]"), message, "write one word in each element");
        }
    }
    if spec.allow_origins.is_empty() {
        let message = "no page may call: the gateway needs an origin".to_owned();
        check.add(RANGE, "spec.cors.allowOrigins", message, "name one, or write `*` for all");
    }
    if let Some(age) = spec.max_age {
        seconds(check, "spec.cors.maxAge", age, 0, 172_800);
    }
}

/// A whole number of seconds within bounds.
fn seconds(check: &mut Check, field: &str, time: Duration, least: u64, most: u64) {
    let millis = time.as_millis();
    if !millis.is_multiple_of(1000) || millis < least * 1000 || millis > most * 1000 {
        let (least, most) = (Duration::from_secs(least), Duration::from_secs(most));
        let message = format!("`{time}` is not a whole number of seconds from {least} to {most}");
        check.add(RANGE, field, message, "change it to fit");
    }
}

/// A user may call no more often than all together, an app no more often than a user, and none excepted more often than all.
fn rate_limit(check: &mut Check, spec: &RateLimit) {
    let at = "spec.rateLimit";
    if !UNITS.iter().any(|(unit, _)| *unit == spec.per) {
        let message = format!("this gateway counts in periods of 1s, 1m, 1h or 1d, not {}", spec.per);
        check.add(RANGE, format!("{at}.per"), message, "change the period, and the limits with it");
    }
    let limits = &spec.limits;
    let api = ("api", limits.api);
    let user = limits.user.map_or(api, |user| ("user", user));
    let exceptions = spec.exceptions.iter().enumerate();
    let exceptions =
        exceptions.map(|(i, exception)| (format!("exceptions[{i}].limit"), Some(exception.limit), api));
    let own = [("user", limits.user, api), ("app", limits.app, user)];
    let own = own.map(|(field, limit, bound)| (format!("limits.{field}"), limit, bound));
    for (field, limit, (above, bound)) in own.into_iter().chain(exceptions) {
        if let Some(limit) = limit.filter(|limit| *limit > bound) {
            let message = format!("the limit {limit} exceeds `limits.{above}`, which is {bound}");
            check.add(
                RANGE,
                format!("{at}.{field}"),
                message,
                &format!("write at most {bound}, or raise `{above}`"),
            );
        }
    }
}

/// The manual's bounds; and what is counted is said.
fn breaker(check: &mut Check, spec: &Breaker) {
    seconds(check, "spec.breaker.window", spec.window, 10, 90);
    seconds(check, "spec.breaker.openFor", spec.open_for, 15, 300);
    let timeouts = spec.by == BreakerType::Timeout;
    match spec.failures {
        None => {
            let message = "how many failed calls are too many is not said".to_owned();
            check.add(UNSUPPORTED, "spec.breaker.mode", message, "add `failures`");
        }
        Some(failures) if failures == 0 || timeouts && failures > TIMEOUTS_MAX => {
            let message = format!("the number must lie between 1 and {TIMEOUTS_MAX}");
            check.add(RANGE, "spec.breaker.failures", message, "change it to fit");
        }
        Some(_) => {}
    }
    if timeouts != spec.condition.is_empty() {
        let message = "a condition is needed with `by: condition`, and only there".to_owned();
        check.add(UNSUPPORTED, "spec.breaker.condition", message, "add it, remove it, or change `by`");
    }
    check.longest("spec.breaker.condition", "the condition", &spec.condition, CONDITION_MAX);
}

/// What the type cannot do without.
fn native(check: &mut Check, spec: &Native) {
    for member in missing(spec) {
        let message = format!("a definition of the type `{}` needs `{member}`", spec.kind.word());
        check.add(
            UNSUPPORTED,
            "spec.native.definition",
            message,
            "add it, as the vendor's manual of the type says",
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fields(spec: Value) -> Vec<String> {
        let spec: PluginSpec = serde_json::from_value(spec).unwrap();
        let mut check = Check { index: 0, found: Vec::new() };
        self::check(&mut check, &spec);
        check.found.into_iter().map(|found| found.field).collect()
    }

    #[test]
    fn what_fits_is_not_refused() {
        for spec in [
            json!({ "cors": { "allowOrigins": ["*"], "maxAge": "2d" } }),
            json!({ "rateLimit": { "per": "1h", "limits": { "api": 9, "app": 9 }, "exceptions": [{ "app": "a", "limit": 9 }] } }),
            json!({ "breaker": { "by": "timeout", "mode": "counter", "failures": 5000, "window": "10s", "openFor": "5m" } }),
            json!({ "native": { "type": "caching", "definition": { "duration": 60 } } }),
        ] {
            assert_eq!(fields(spec), Vec::<String>::new());
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_at_its_field() {
        let breaker = |field: &str, value: Value| {
            let mut spec = json!({ "by": "timeout", "mode": "counter", "failures": 9, "window": "30s", "openFor": "15s" });
            spec[field] = value;
            json!({ "breaker": spec })
        };
        for (spec, field) in [
            (json!({ "cors": { "allowOrigins": ["a,b"] } }), "spec.cors.allowOrigins[0]"),
            (json!({ "cors": { "allowOrigins": [] } }), "spec.cors.allowOrigins"),
            (json!({ "cors": { "allowOrigins": ["*"], "maxAge": "500ms" } }), "spec.cors.maxAge"),
            (json!({ "rateLimit": { "per": "2s", "limits": { "api": 9 } } }), "spec.rateLimit.per"),
            (
                json!({ "rateLimit": { "per": "1s", "limits": { "api": 9, "user": 10 } } }),
                "spec.rateLimit.limits.user",
            ),
            (
                json!({ "rateLimit": { "per": "1s", "limits": { "api": 9, "user": 5, "app": 6 } } }),
                "spec.rateLimit.limits.app",
            ),
            (
                json!({ "rateLimit": { "per": "1s", "limits": { "api": 9 }, "exceptions": [{ "user": "u", "limit": 10 }] } }),
                "spec.rateLimit.exceptions[0].limit",
            ),
            (breaker("window", json!("9s")), "spec.breaker.window"),
            (breaker("openFor", json!("14s")), "spec.breaker.openFor"),
            (breaker("failures", json!(5001)), "spec.breaker.failures"),
            (breaker("failures", Value::Null), "spec.breaker.mode"),
            (breaker("condition", json!("$StatusCode = 503")), "spec.breaker.condition"),
            (json!({ "native": { "type": "caching", "definition": {} } }), "spec.native.definition"),
        ] {
            assert_eq!(fields(spec.clone()), [field], "{spec}");
        }
    }
}
