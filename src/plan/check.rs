//! Holds every plan against named rules, whoever built it: a plan read from a file gets the same check.

mod states;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::parts::part;
use super::{Action, Call, Plan, Reply, placeholder};
use crate::address::Address;
use crate::kind::Kind;

pub use states::violations as against;

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule {rule}: {message}")]
pub struct Violation {
    /// The name of the rule.
    pub rule: &'static str,
    /// What breaks it.
    pub message: String,
}

/// Checks all rules that a plan alone can break; [`against`] checks those for which it matters what is there.
///
/// | rule | meaning |
/// | --- | --- |
/// | `each-change-once` | every change is made by exactly one step |
/// | `order` | what a step needs is made by a step before it |
/// | `ids-known` | every id is known, or made by a step before; that of a part is told by the step that makes what it belongs to |
/// | `only-owned` | nothing is touched but what is owned, is a part of it, goes with it, or is taken over with consent |
/// | `protected` | nothing is removed that the manifests protect |
/// | `draft-first` | nothing is published before its draft is written |
/// | `no-secret` | where a secret goes stands its source |
/// | `stays-in` | a plan for some environments changes nothing that stands in others |
/// | `no-calls` | a plan that only shows what was changed by hand has no calls |
#[must_use]
pub fn violations(plan: &Plan) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut made: HashSet<usize> = HashSet::new();
    // What has told its parts.
    let mut told: HashSet<&Address> = HashSet::new();
    let mut ids: HashSet<&Address> = plan.base.iter().filter(|(_, b)| b.is_some()).map(|(a, _)| a).collect();
    let index: HashMap<&Address, usize> =
        plan.changes.iter().enumerate().map(|(i, c)| (&c.address, i)).collect();
    for (number, step) in plan.steps.iter().enumerate() {
        let mut fail = |rule, message: String| found.push(Violation { rule, message });
        for item in &step.items {
            let Some(change) = plan.changes.get(item.change) else {
                fail(
                    "each-change-once",
                    format!("step {number} makes change {}, which is not there", item.change),
                );
                continue;
            };
            for need in item.needs.iter().filter(|n| !made.contains(n)) {
                fail("order", format!("{} is made before change {need}, which it needs", change.address));
            }
            if change.action == Action::Publish {
                let draft = change.address.ancestor(Kind::Api).and_then(|draft| index.get(&draft));
                if draft.is_some_and(|i| plan.changes[*i].after.is_some() && !made.contains(i)) {
                    fail("draft-first", format!("{} goes live before its draft is written", change.address));
                }
            }
        }
        let mut wanted = Wanted::default();
        for value in call_values(step) {
            placeholders(value, &mut wanted);
            no_secret(value, &mut fail);
        }
        let own: HashSet<&Address> =
            step.items.iter().filter_map(|item| Some(&plan.changes.get(item.change)?.address)).collect();
        let mut after = Wanted::default();
        for value in step.reply.calls().into_iter().flat_map(values) {
            placeholders(value, &mut after);
            no_secret(value, &mut fail);
        }
        after.ids.retain(|address| !own.contains(address));
        for address in wanted.ids.iter().chain(&after.ids).filter(|a| !ids.contains(a)) {
            fail("ids-known", format!("step {number} needs the id of {address}, which nothing before makes"));
        }
        for (of, name) in wanted.parts.iter().chain(&after.parts).filter(|(of, _)| !told.contains(of)) {
            fail(
                "ids-known",
                format!("step {number} needs the id of {name} in {of}, which nothing before tells"),
            );
        }
        if matches!(step.reply, Reply::Parts { .. }) {
            told.extend(own);
        }
        for item in &step.items {
            if !made.insert(item.change) {
                found.push(Violation {
                    rule: "each-change-once",
                    message: format!("change {} is made twice", item.change),
                });
            }
            if let Some(change) = plan.changes.get(item.change) {
                ids.insert(&change.address);
            }
        }
    }
    states::only_owned(plan, &mut |rule, message| found.push(Violation { rule, message }));
    if plan.refresh_only && plan.has_calls() {
        let message = "it only shows what was changed by hand, and has calls".to_owned();
        found.push(Violation { rule: "no-calls", message });
    }
    let beyond = |a: &&Address| a.environment().is_some_and(|e| !plan.environments.contains(&e));
    for change in plan.changes.iter().filter(|_| !plan.environments.is_empty()) {
        for address in std::iter::once(&change.address).chain(&change.takes_along).filter(beyond) {
            found.push(Violation { rule: "stays-in", message: format!("{address} stands elsewhere") });
        }
    }
    for (i, change) in plan.changes.iter().enumerate() {
        if !made.contains(&i) && !plan.refresh_only {
            found.push(Violation {
                rule: "each-change-once",
                message: format!("{} is made by no step", change.address),
            });
        }
        let gone = change.action.is_destructive().then_some(&change.address);
        for lost in gone.into_iter().chain(&change.takes_along).filter(|a| plan.protected.contains(*a)) {
            found.push(Violation { rule: "protected", message: format!("{lost} is protected, and goes") });
        }
    }
    found
}

fn values(call: &Call) -> impl Iterator<Item = &Value> {
    call.args.values().chain(call.query.iter().map(|(_, v)| v)).chain(std::iter::once(&call.body))
}

fn call_values(step: &super::Step) -> impl Iterator<Item = &Value> {
    values(&step.call)
        .chain(step.items.iter().map(|i| &i.key))
        .chain(step.items.iter().flat_map(|i| i.row.iter().map(|(_, v)| v)))
}

/// What calls name by placeholders.
#[derive(Default)]
struct Wanted {
    ids: Vec<Address>,
    parts: Vec<(Address, String)>,
}

fn placeholders(value: &Value, found: &mut Wanted) {
    if let Some(address) = placeholder(value) {
        found.ids.push(address);
        return;
    }
    if let Some((of, name)) = part(value) {
        found.parts.push((of, name.to_owned()));
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| placeholders(item, found)),
        Value::Object(map) => map.values().for_each(|item| placeholders(item, found)),
        _ => {}
    }
}

/// Fields of calls that hold secrets, at any vendor.
const SECRET_FIELDS: [&str; 6] =
    ["sign_secret", "app_secret", "app_code", "private_key", "password", "sasl_password"];

fn no_secret(value: &Value, fail: &mut impl FnMut(&'static str, String)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| no_secret(item, fail)),
        Value::Object(map) => {
            for (key, item) in map {
                let text = item.as_str().is_some_and(|text| !text.is_empty());
                if SECRET_FIELDS.contains(&key.as_str()) && text {
                    fail("no-secret", format!("the field {key} of a call holds a text"));
                }
                no_secret(item, fail);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
