//! The gateway after every step of a plan, as far as references go: no state in between may be one that nobody asked for.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Violation;
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::group_response::is_default;
use crate::kinds::spec::{Spec, is_builtin};
use crate::observed::Observed;
use crate::plan::{Change, Plan};

/// What is there, and what it names.
#[derive(Debug, Clone, Default)]
struct State {
    names: BTreeMap<Address, BTreeSet<Address>>,
    named_by: BTreeMap<Address, BTreeSet<Address>>,
}

/// Checks all states.
///
/// | rule | meaning |
/// | --- | --- |
/// | `no-dangling` | nothing is made before what it names, nothing goes while something still names it |
/// | `keeps-policies` | what is live, and has a throttle or a signature before and after, has one at every moment |
#[must_use]
pub fn violations(plan: &Plan, observed: &Observed) -> Vec<Violation> {
    let start = State::observed(observed);
    let changes =
        || plan.steps.iter().flat_map(|step| &step.items).filter_map(|item| plan.changes.get(item.change));
    let mut end = start.clone();
    for change in changes() {
        end.apply(change, &mut |_, _| {});
    }
    let mut found = Vec::new();
    let mut state = start;
    for change in changes() {
        let before: Vec<Address> = state.names.keys().filter(|a| is_policy(a)).cloned().collect();
        state.apply(change, &mut |rule, message| found.push(Violation { rule, message }));
        // Attached, live, and wanted in the end: it must not be off for a moment.
        for lost in before.iter().filter(|a| !state.is_there(a) && end.is_there(a)) {
            if state.is_there(&publication(lost)) {
                let message = format!(
                    "{lost} is off for a moment, after {} of {}",
                    change.action.word(),
                    change.address
                );
                found.push(Violation { rule: "keeps-policies", message });
            }
        }
    }
    found
}

fn is_policy(address: &Address) -> bool {
    address.kind.attaches().is_some()
}

fn publication(binding: &Address) -> Address {
    Address::new(Kind::Publication, &[&binding.part(0), &binding.part(1), &binding.part(2)])
}

impl State {
    fn observed(observed: &Observed) -> Self {
        let mut state = Self::default();
        for (address, live) in &observed.resources {
            state.put(address, references(address, live.spec()));
        }
        state
    }

    fn is_there(&self, address: &Address) -> bool {
        self.names.contains_key(address)
    }

    fn put(&mut self, address: &Address, names: BTreeSet<Address>) {
        self.remove(address);
        for name in &names {
            self.named_by.entry(name.clone()).or_default().insert(address.clone());
        }
        self.names.insert(address.clone(), names);
    }

    fn remove(&mut self, address: &Address) {
        for name in self.names.remove(address).into_iter().flatten() {
            if let Some(by) = self.named_by.get_mut(&name) {
                by.remove(address);
            }
        }
    }

    /// Makes a change; `fail` is told what it breaks.
    fn apply(&mut self, change: &Change, fail: &mut dyn FnMut(&'static str, String)) {
        let address = &change.address;
        if change.after.is_some() {
            let names = references(address, change.after.as_ref());
            for name in names.iter().filter(|name| !self.is_there(name) && !is_builtin(name)) {
                fail("no-dangling", format!("{address} is made before {name}, which it names"));
            }
            self.put(address, names);
            return;
        }
        for along in self.carried(address) {
            self.remove(&along);
        }
        for user in self.named_by.get(address).into_iter().flatten() {
            fail("no-dangling", format!("{address} goes while {user} still names it"));
        }
        self.remove(address);
    }

    /// What the gateway removes with a resource.
    fn carried(&self, address: &Address) -> BTreeSet<Address> {
        // A policy takes its bindings along, anything else what belongs to it; every group has a response from the start.
        let with = |user: &&Address| {
            let def = user.kind.def();
            user.kind.attaches() == Some(address.kind)
                || user.kind == Kind::GroupResponse && address.kind == Kind::Group
                || def.carried && def.owners.first().is_some_and(|owner| owner.of(user) == *address)
        };
        self.named_by.get(address).into_iter().flatten().filter(with).cloned().collect()
    }
}

/// What a resource names: the owners in its natural key, and what its fields name.
fn references(address: &Address, spec: Option<&Spec>) -> BTreeSet<Address> {
    let owners = address.kind.def().owners.iter().map(|owner| owner.of(address));
    let named = spec.map(|spec| spec.references(address)).unwrap_or_default();
    owners.chain(named.into_iter().map(|reference| reference.to)).collect()
}

/// What every change of a plan may touch: only what is owned, is taken over with consent, or was not there.
pub(super) fn only_owned(plan: &Plan, fail: &mut dyn FnMut(&'static str, String)) {
    let carried: HashSet<&Address> =
        plan.changes.iter().filter(|c| c.after.is_none()).map(|c| &c.address).collect();
    let given = |a: &Address| is_builtin(a) || is_default(a);
    for change in plan.changes.iter().filter(|c| !c.owned && !c.adopted && !given(&c.address)) {
        let there = plan.base.get(&change.address).is_some_and(Option::is_some);
        // A publication goes with its API, an exception is a part of its throttle.
        let part = change.after.is_none()
            && (change.address.kind.def().whole
                || change.address.kind == Kind::Publication
                    && carried.contains(&Address::new(
                        Kind::Api,
                        &[&change.address.part(0), &change.address.part(1)],
                    )));
        if !part && (there || change.after.is_none()) {
            fail("only-owned", format!("{} is not owned", change.address));
        }
    }
}
