//! Plug-ins (3.27.1). The reference gives no table for their content: numbers are those of the vendor's console, as far as the
//! engine keeps them too, and texts together hold at most 65,535 characters.

use super::{Check, NUMBER_MAX, RANGE, REMARK_MAX, UNSUPPORTED};
use crate::kinds::plugin::kafka_log::{KafkaLog, KafkaProtocol};
use crate::kinds::plugin::rate_limit::RateLimit;
use crate::kinds::plugin::third_auth::ThirdAuth;
use crate::kinds::plugin::{Breaker, BreakerMode, BreakerType, HeaderAction, PluginSpec, When};
use crate::kinds::value::{Duration, Method};

/// 3.27.1
const CONTENT_MAX: usize = 65_535;

/// The most headers of a plug-in.
const HEADERS_MAX: usize = 50;

/// The longest time that browsers may remember a `cors` plug-in.
const MAX_AGE: u64 = 172_800;

pub(super) fn check(check: &mut Check, spec: &PluginSpec) {
    check.longest("spec.description", "the description", &spec.description, REMARK_MAX);
    let length = serde_json::to_string(spec).map_or(0, |text| text.chars().count());
    if length > CONTENT_MAX {
        let message = format!("the plug-in has {length} characters; at most {CONTENT_MAX} are taken");
        check.add(RANGE, "spec", message, "use several plug-ins");
    }
    if let Some(age) = spec.cors.as_ref().and_then(|cors| cors.max_age) {
        seconds(check, "spec.cors.maxAge", age, 0, MAX_AGE);
    }
    if let Some(cors) = &spec.cors {
        some(check, "spec.cors.allowOrigins", cors.allow_origins.len(), usize::MAX);
        let lists = [
            ("allowOrigins", &cors.allow_origins),
            ("allowMethods", &cors.allow_methods),
            ("allowHeaders", &cors.allow_headers),
            ("exposeHeaders", &cors.expose_headers),
        ];
        for (field, words) in lists {
            for (i, word) in
                words.iter().enumerate().filter(|(_, w)| w.contains(',') || w.trim() != **w || w.is_empty())
            {
                let message = format!("`{word}` is empty, or holds a comma or blanks around it");
                check.add(
                    UNSUPPORTED,
                    format!("spec.cors.{field}[{i}]"),
                    message,
                    "write one word in each element",
                );
            }
        }
    }
    if let Some(headers) = &spec.response_headers {
        some(check, "spec.responseHeaders", headers.len(), HEADERS_MAX);
        for (i, header) in headers.iter().enumerate() {
            if header.action != HeaderAction::Delete && header.value.is_empty() {
                let message = format!("the header `{}` has no value", header.name);
                check.add(
                    UNSUPPORTED,
                    format!("spec.responseHeaders[{i}].value"),
                    message,
                    "write one, or `action: delete`",
                );
            }
        }
    }
    spec.rate_limit.iter().for_each(|limit| rate_limit(check, limit));
    spec.kafka_log.iter().for_each(|log| kafka_log(check, log));
    spec.breaker.iter().for_each(|spec| breaker(check, spec));
    spec.third_auth.iter().for_each(|auth| third_auth(check, auth));
}

/// A number of things.
fn some(check: &mut Check, field: &str, number: usize, most: usize) {
    if number == 0 || number > most {
        let most = if most == usize::MAX { String::new() } else { format!(", at most {most}") };
        check.add(
            RANGE,
            field,
            format!("there are {number}; at least one is needed{most}"),
            "change their number",
        );
    }
}

/// A whole number of seconds within bounds.
fn seconds(check: &mut Check, field: &str, time: Duration, least: u64, most: u64) {
    let millis = time.as_millis();
    if !millis.is_multiple_of(1000) || millis < least * 1000 || millis > most * 1000 {
        let bounds = (Duration::from_secs(least), Duration::from_secs(most));
        let message = format!("`{time}` is not a whole number of seconds from {} to {}", bounds.0, bounds.1);
        check.add(RANGE, field, message, "write whole seconds, such as 15s");
    }
}

fn rate_limit(check: &mut Check, limit: &RateLimit) {
    let at = "spec.rateLimit";
    seconds(check, &format!("{at}.per"), limit.per, 1, NUMBER_MAX);
    let limits = &limit.limits;
    let user = limits.user.map(|user| ("user", user));
    let api = ("api", limits.api);
    for (field, value, (above, bound)) in [
        ("user", limits.user, api),
        ("app", limits.app, user.unwrap_or(api)),
        ("sourceIp", limits.source_ip, api),
    ] {
        if let Some(value) = value.filter(|value| *value > bound) {
            let message = format!("the limit {value} exceeds `limits.{above}`, which is {bound}");
            let help = format!("write at most {bound}, or raise `{above}`");
            check.add(RANGE, format!("{at}.limits.{field}"), message, help);
        }
    }
    let fields = [
        ("api", Some(limits.api)),
        ("user", limits.user),
        ("app", limits.app),
        ("sourceIp", limits.source_ip),
    ];
    for (field, _) in fields.iter().filter(|(_, v)| v.is_some_and(|v| v == 0 || u64::from(v) > NUMBER_MAX)) {
        let message = format!("the limit must lie between 1 and {NUMBER_MAX}");
        check.add(
            RANGE,
            format!("{at}.limits.{field}"),
            message,
            "leave the field out for no limit of its own",
        );
    }
    for (i, exception) in limit.exceptions.iter().enumerate() {
        if exception.limit == 0 {
            check.add(
                RANGE,
                format!("{at}.exceptions[{i}].limit"),
                "the limit must be at least 1".into(),
                "write 1 or more",
            );
        }
    }
    for (i, rule) in limit.rules.iter().enumerate() {
        seconds(check, &format!("{at}.rules[{i}].per"), rule.per, 1, NUMBER_MAX);
        when(check, &format!("{at}.rules[{i}].when"), &rule.when, limit.parameters.iter().map(|p| &*p.name));
    }
}

/// A condition has tests, of what is declared.
fn when<'a>(check: &mut Check, field: &str, when: &When, declared: impl Iterator<Item = &'a str>) {
    some(check, &format!("{field}.tests"), when.tests.len(), usize::MAX);
    let declared: Vec<&str> = declared.collect();
    for (i, test) in when.tests.iter().enumerate().filter(|(_, test)| !declared.contains(&&*test.parameter)) {
        let message = format!("the parameter `{}` is not declared", test.parameter);
        let help = "add it to `parameters`, with where it is";
        check.add(UNSUPPORTED, format!("{field}.tests[{i}].parameter"), message, help);
    }
}

fn kafka_log(check: &mut Check, log: &KafkaLog) {
    some(check, "spec.kafkaLog.brokers", log.brokers.len(), 10);
    seconds(check, "spec.kafkaLog.retryBackoff", log.retry_backoff, 1, 10);
    if log.retries > 5 {
        let message = format!("{} retries are too many; at most 5 are made", log.retries);
        check.add(RANGE, "spec.kafkaLog.retries", message, "write 0 to 5");
    }
    let Some(security) = &log.security else { return };
    let named = !security.username.is_empty() || security.password.is_some();
    let asks = matches!(security.protocol, KafkaProtocol::SaslPlaintext | KafkaProtocol::SaslSsl);
    let at = "spec.kafkaLog.security.protocol";
    if asks && (security.username.is_empty() || security.password.is_none()) {
        let help = "add `username` and `password`, or choose another protocol";
        check.add(UNSUPPORTED, at, "the protocol needs a user and a password".into(), help);
    }
    if !asks && named {
        let help = "remove `username` and `password`, or write `SASL_SSL`";
        check.add(UNSUPPORTED, at, "the protocol takes neither user nor password".into(), help);
    }
    if security.protocol == KafkaProtocol::Plaintext && security.ca.is_empty() && !named {
        check.add(UNSUPPORTED, at, "the protocol proves nothing".into(), "remove `security`");
    }
}

fn breaker(check: &mut Check, spec: &Breaker) {
    seconds(check, "spec.breaker.window", spec.window, 1, 300);
    seconds(check, "spec.breaker.openFor", spec.open_for, 1, 300);
    let numbers = [
        ("failures", spec.failures, 9999),
        ("minCalls", spec.min_calls, 9999),
        ("percentage", spec.percentage, 100),
    ];
    for (field, _, most) in numbers.iter().filter(|(_, n, most)| n.is_some_and(|n| n == 0 || n > *most)) {
        let message = format!("the number must lie between 1 and {most}");
        check.add(RANGE, format!("spec.breaker.{field}"), message, "change it to fit");
    }
    let counter = spec.mode == BreakerMode::Counter;
    if (counter && spec.failures.is_none()) || (!counter && spec.percentage.is_none()) {
        let field = if counter { "failures" } else { "percentage" };
        let message = format!("the mode needs `{field}`");
        check.add(UNSUPPORTED, "spec.breaker.mode", message, format!("add `{field}`"));
    }
    if (spec.by == BreakerType::Condition) == spec.condition.is_empty() {
        let message = "a condition is needed with `by: condition`, and only there".to_owned();
        check.add(UNSUPPORTED, "spec.breaker.condition", message, "add it, remove it, or change `by`");
    }
}

fn third_auth(check: &mut Check, auth: &ThirdAuth) {
    let at = "spec.thirdAuth";
    let request = &auth.request;
    if matches!(request.method, Method::Any | Method::Options) {
        let message = format!("the method {} cannot be used", request.method.as_str());
        check.add(
            UNSUPPORTED,
            format!("{at}.request.method"),
            message,
            "use GET, POST, PUT, HEAD, DELETE or PATCH",
        );
    }
    if !(1..=60_000).contains(&request.timeout.as_millis()) {
        let message = format!("`{}` does not lie between 1ms and 1m", request.timeout);
        check.add(RANGE, format!("{at}.request.timeout"), message, "write a time such as 5s");
    }
    if request.host_header.is_some() && request.channel.is_none() {
        let help = "remove it, or name a `channel` instead of `address`";
        check.add(
            UNSUPPORTED,
            format!("{at}.request.hostHeader"),
            "only a channel takes a host header".into(),
            help,
        );
    }
    if auth.simple == auth.accept.is_some() {
        let message =
            "exactly one of `simple: true` and `accept` says which answers let a call pass".to_owned();
        check.add(UNSUPPORTED, format!("{at}.accept"), message, "add or remove one of them");
    }
    if let Some(accept) = &auth.accept {
        some(check, &format!("{at}.accept.tests"), accept.tests.len(), usize::MAX);
    }
    let Some(rules) = &auth.rules else { return };
    some(check, &format!("{at}.rules.rules"), rules.rules.len(), 100);
    for (i, rule) in rules.rules.iter().enumerate() {
        let field = format!("{at}.rules.rules[{i}].when");
        when(check, &field, &rule.when, rules.parameters.iter().map(|p| &*p.name));
    }
}
