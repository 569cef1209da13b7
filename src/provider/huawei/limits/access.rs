//! Who may call: access control policies (3.13.1), apps (3.28.1), their access control (3.28.14) and quotas (3.29.1).

use std::net::IpAddr;

use super::{Check, NUMBER_MAX, RANGE, REMARK_MAX, TEXT};
use crate::kinds::access_control::{AccessControlSpec, CallerType};
use crate::kinds::app::AppSpec;
use crate::kinds::quota::QuotaSpec;
use crate::provider::text::{First, Rule};

/// The most addresses of a policy (3.13.1); 3.28.14 names no number, and the same one is kept.
const ADDRESSES_MAX: usize = 100;

/// The longest name of an account, and of all of them with the commas between them.
const ACCOUNT_MAX: usize = 64;
const ACCOUNTS_MAX: usize = 1024;

/// The key of an app.
const KEY: Rule = Rule::new(8, 200, First::LetterOrDigit, "-_");

/// 3.13.1
pub(super) fn policy(check: &mut Check, spec: &AccessControlSpec) {
    match spec.by {
        CallerType::Ip => addresses(check, "spec.values", &spec.values),
        CallerType::Account | CallerType::AccountId => accounts(check, &spec.values, spec.by),
    }
}

/// 3.28.1, 3.28.14. The secret cannot be checked offline: it is not in the manifest.
pub(super) fn app(check: &mut Check, spec: &AppSpec) {
    check.longest("spec.description", "the description", &spec.description, REMARK_MAX);
    if let Some(key) = &spec.key {
        check.rule("spec.key", "the key", key, &KEY);
    }
    if let Some(access) = &spec.access_control {
        addresses(check, "spec.accessControl.values", &access.values);
    }
}

/// 3.29.1
pub(super) fn quota(check: &mut Check, spec: &QuotaSpec) {
    check.longest("spec.description", "the description", &spec.description, REMARK_MAX);
    let millis = spec.per.as_millis();
    if millis == 0 || !millis.is_multiple_of(1000) || millis / 1000 > NUMBER_MAX {
        let message = format!("the period `{}` is not a whole number of seconds", spec.per);
        let help = "write whole seconds, minutes, hours or days, such as 1h or 1d";
        check.add(RANGE, "spec.per", message, help);
    }
    if spec.limit == 0 || u64::from(spec.limit) > NUMBER_MAX {
        let message = format!("the limit must lie between 1 and {NUMBER_MAX}");
        check.add(RANGE, "spec.limit", message, "change it to fit");
    }
    if let Some(time) = &spec.first_reset
        && !is_time(time)
    {
        let message = format!("`{}` is no time in UTC", super::shortened(time));
        check.add(TEXT, "spec.firstReset", message, "write it as 2026-01-31T00:00:00Z");
    }
}

/// A day and a time of it to the second, in UTC.
fn is_time(text: &str) -> bool {
    text.len() == 20 && text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
}

fn addresses(check: &mut Check, field: &str, values: &[String]) {
    number(check, field, values.len());
    for (i, value) in values.iter().enumerate().filter(|(_, value)| !is_address(value)) {
        let message = format!("`{}` is no address, range or network", super::shortened(value));
        let help = "write an address (192.0.2.7), a range (192.0.2.1-192.0.2.9) or a network (192.0.2.0/24)";
        check.add(TEXT, format!("{field}[{i}]"), message, help);
    }
}

fn number(check: &mut Check, field: &str, number: usize) {
    if number == 0 || number > ADDRESSES_MAX {
        let message = format!("there are {number} callers; 1 to {ADDRESSES_MAX} are taken");
        check.add(RANGE, field, message, "use networks (192.0.2.0/24), or several policies");
    }
}

fn accounts(check: &mut Check, values: &[String], by: CallerType) {
    let field = "spec.values";
    if values.is_empty() {
        check.add(RANGE, field, "there are no callers; at least one is needed".into(), "name one");
    }
    for (i, value) in values.iter().enumerate() {
        let digits = by == CallerType::Account && value.chars().all(|c| c.is_ascii_digit());
        if value.is_empty() || value.len() > ACCOUNT_MAX || !value.is_ascii() || value.contains(',') || digits
        {
            let message = format!(
                "the account `{}` must have 1 to {ACCOUNT_MAX} ASCII characters, no commas, and not only digits",
                super::shortened(value)
            );
            check.add(TEXT, format!("{field}[{i}]"), message, "change it to fit");
        }
    }
    let length = values.join(",").len();
    if length > ACCOUNTS_MAX {
        let message =
            format!("the accounts have {length} characters together; at most {ACCOUNTS_MAX} are taken");
        check.add(RANGE, field, message, "use several policies");
    }
}

/// An address, two of them with a `-`, or one with the number of its leading bits.
fn is_address(text: &str) -> bool {
    let plain = |part: &str| part.parse::<IpAddr>().ok();
    if let Some((address, bits)) = text.split_once('/') {
        let most = plain(address).map(|a| if a.is_ipv4() { 32 } else { 128 });
        return bits.parse::<u8>().is_ok_and(|bits| most.is_some_and(|most| bits <= most));
    }
    match text.split_once('-') {
        Some((first, last)) => {
            matches!((plain(first), plain(last)), (Some(a), Some(b)) if a.is_ipv4() == b.is_ipv4() && a <= b)
        }
        None => plain(text).is_some(),
    }
}
