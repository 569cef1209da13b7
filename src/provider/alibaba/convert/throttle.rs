//! Traffic controls, and the limits of their own that some apps and accounts have.

use serde_json::{Value, json};

use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::throttle::{ExceptionLimit, Limits, Scope, ThrottleSpec};
use crate::kinds::value::Duration;
use crate::plan::id_of;
use crate::provider::wire::{Unreadable, Words, need_number, need_word, number, text, word};

/// The periods that there are.
pub(in crate::provider::alibaba) const UNITS: &Words<Duration> = &[
    (Duration::from_secs(1), "SECOND"),
    (Duration::from_secs(60), "MINUTE"),
    (Duration::from_secs(3600), "HOUR"),
    (Duration::from_secs(86_400), "DAY"),
];

/// Whose limit an exception is: the word in an address and that of the gateway.
pub(in crate::provider::alibaba) const TYPES: [(&str, &str); 2] = [("app", "APP"), ("user", "USER")];

/// The parameters that make or change a traffic control.
pub(in crate::provider::alibaba) fn body(address: &Address, spec: &ThrottleSpec) -> Value {
    json!({
        "TrafficControlName": address.name(),
        "TrafficControlUnit": word(UNITS, &spec.per),
        "ApiDefault": spec.limits.api,
        "UserDefault": spec.limits.user,
        "AppDefault": spec.limits.app,
        "Description": spec.description,
    })
}

/// Reads a row of `DescribeTrafficControls`. A limit that is not set is absent or 0.
pub(in crate::provider::alibaba) fn spec(wire: &Value) -> Result<ThrottleSpec, Unreadable> {
    let limit = |field| Ok::<_, Unreadable>(number::<u32>(wire, field)?.filter(|limit| *limit > 0));
    Ok(ThrottleSpec {
        description: text(wire, "Description")?,
        per: need_word(wire, "TrafficControlUnit", UNITS)?,
        scope: Scope::PerApi,
        limits: Limits {
            api: need_number(wire, "ApiDefault")?,
            user: limit("UserDefault")?,
            app: limit("AppDefault")?,
            source_ip: None,
        },
        exceptions: Vec::new(),
    })
}

/// The parameters that name an exception, and with its limit set it.
pub(in crate::provider::alibaba) fn exception(address: &Address, spec: Option<&ExceptionLimit>) -> Value {
    let (of, name) = (address.part(1), address.part(2));
    let word = TYPES.iter().find(|(said, _)| *said == of).map_or("USER", |(_, word)| word);
    json!({
        "TrafficControlId": id_of(&Address::new(Kind::Throttle, &[&address.part(0)])),
        "SpecialType": word,
        "SpecialKey": special_key(&of, &name),
        "TrafficValue": spec.map(|spec| spec.limit),
    })
}

/// What an exception goes by: the id of the app, or of the account.
pub(in crate::provider::alibaba) fn special_key(of: &str, name: &str) -> Value {
    if of == "app" { id_of(&Address::new(Kind::App, &[name])) } else { Value::from(name) }
}

/// The exceptions of a row, with the type and the key of each.
pub(in crate::provider::alibaba) fn exceptions(
    wire: &Value,
) -> Result<Vec<(&'static str, String, ExceptionLimit)>, Unreadable> {
    let mut found = Vec::new();
    for policy in wire["SpecialPolicies"].as_array().into_iter().flatten() {
        let said = text(policy, "SpecialType")?;
        let Some((of, _)) = TYPES.iter().find(|(_, word)| word.eq_ignore_ascii_case(&said)) else { continue };
        for special in policy["Specials"].as_array().into_iter().flatten() {
            let limit = need_number(special, "TrafficValue")?;
            found.push((*of, text(special, "SpecialKey")?, ExceptionLimit { limit }));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::alibaba::convert::unwrapped;

    #[test]
    fn a_row_shows_what_was_sent_and_its_exceptions() {
        let spec = ThrottleSpec {
            description: "Gold.".into(),
            per: Duration::from_secs(60),
            scope: Scope::PerApi,
            limits: Limits { api: 10, user: Some(5), app: None, source_ip: None },
            exceptions: Vec::new(),
        };
        let mut row = body(&Address::new(Kind::Throttle, &["gold"]), &spec);
        row["SpecialPolicies"] = json!({ "SpecialPolicy": [
            { "SpecialType": "APP", "Specials": { "Special": [{ "SpecialKey": "123", "TrafficValue": 7 }] } },
            { "SpecialType": "USER", "Specials": { "Special": [{ "SpecialKey": "u@x", "TrafficValue": 8 }] } },
        ] });
        let row = unwrapped(row);
        assert_eq!(self::spec(&row).unwrap(), spec);
        let wanted = [
            ("app", "123".to_owned(), ExceptionLimit { limit: 7 }),
            ("user", "u@x".to_owned(), ExceptionLimit { limit: 8 }),
        ];
        assert_eq!(exceptions(&row).unwrap(), wanted);
    }
}
