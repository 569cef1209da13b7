//! The gateway after every step of a plan, as far as references go: no state in between may be one that nobody asked for.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Violation;
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::{Spec, is_given};
use crate::observed::Observed;
use crate::plan::{Change, Plan};

/// What is there, as far as the plan needs it: what the changes so far have made and removed, over what was observed.
struct State<'a> {
    observed: &'a Observed,
    /// What each change made, by what it names; nothing where it was removed.
    changed: BTreeMap<Address, Option<BTreeSet<Address>>>,
    /// What names those that the plan removes, of which nothing else has to be known backwards.
    named_by: BTreeMap<Address, BTreeSet<Address>>,
}

/// Checks all states.
///
/// | rule | meaning |
/// | --- | --- |
/// | `no-dangling` | nothing is made before what it names, nothing goes while something still names it |
/// | `keeps-policies` | what is live, and has a policy before and after, or an app that may call it, has it at every moment |
#[must_use]
pub fn violations(plan: &Plan, observed: &Observed) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut off = Vec::new();
    let mut state = State::new(plan, observed);
    let items = plan.steps.iter().flat_map(|step| &step.items);
    for change in items.filter_map(|item| plan.changes.get(item.change)) {
        let removed = state.apply(change, &mut |rule, message| found.push(Violation { rule, message }));
        let live = |a: &Address| guarded(a).is_some_and(|guarded| state.is_there(&guarded));
        let live = removed.into_iter().filter(|a| is_policy(a) && live(a));
        off.extend(live.map(|lost| (lost, change)));
    }
    // Attached, live, and wanted in the end: it must not be off for a moment.
    for (lost, change) in off.into_iter().filter(|(lost, _)| state.is_there(lost)) {
        let message =
            format!("{lost} is off for a moment, after {} of {}", change.action.word(), change.address);
        found.push(Violation { rule: "keeps-policies", message });
    }
    found
}

fn is_policy(address: &Address) -> bool {
    address.kind.attaches().is_some()
}

/// What is live: a publication, or the app that has a quota.
fn guarded(binding: &Address) -> Option<Address> {
    binding.ancestor(Kind::Publication).or_else(|| binding.ancestor(Kind::App))
}

impl<'a> State<'a> {
    fn new(plan: &Plan, observed: &'a Observed) -> Self {
        let removed = plan.changes.iter().filter(|change| change.after.is_none());
        let mut named_by: BTreeMap<Address, BTreeSet<Address>> =
            removed.map(|change| (change.address.clone(), BTreeSet::new())).collect();
        if !named_by.is_empty() {
            for (address, live) in &observed.resources {
                for name in references(address, live.spec()) {
                    if let Some(by) = named_by.get_mut(&name) {
                        by.insert(address.clone());
                    }
                }
            }
        }
        Self { observed, changed: BTreeMap::new(), named_by }
    }

    fn is_there(&self, address: &Address) -> bool {
        match self.changed.get(address) {
            Some(made) => made.is_some(),
            None => self.observed.get(address).is_some(),
        }
    }

    fn names(&self, address: &Address) -> BTreeSet<Address> {
        match self.changed.get(address) {
            Some(made) => made.clone().unwrap_or_default(),
            None => {
                self.observed.get(address).map(|live| references(address, live.spec())).unwrap_or_default()
            }
        }
    }

    fn put(&mut self, address: &Address, names: BTreeSet<Address>) {
        self.forget(address);
        for name in &names {
            if let Some(by) = self.named_by.get_mut(name) {
                by.insert(address.clone());
            }
        }
        self.changed.insert(address.clone(), Some(names));
    }

    fn remove(&mut self, address: &Address) {
        self.forget(address);
        self.changed.insert(address.clone(), None);
    }

    /// It names nothing any more.
    fn forget(&mut self, address: &Address) {
        if self.named_by.is_empty() {
            return;
        }
        for name in self.names(address) {
            if let Some(by) = self.named_by.get_mut(&name) {
                by.remove(address);
            }
        }
    }

    /// Makes a change, and says what was removed by it; `fail` is told what it breaks.
    fn apply(&mut self, change: &Change, fail: &mut dyn FnMut(&'static str, String)) -> BTreeSet<Address> {
        let address = &change.address;
        if change.after.is_some() {
            let names = references(address, change.after.as_ref());
            for name in names.iter().filter(|name| !self.is_there(name) && !is_given(name)) {
                fail("no-dangling", format!("{address} is made before {name}, which it names"));
            }
            self.put(address, names);
            return BTreeSet::new();
        }
        let mut removed = self.carried(address);
        for along in &removed {
            self.remove(along);
        }
        let waits = |user: &&Address| user.kind.def().outlives != Some(address.kind);
        for user in self.named_by.get(address).into_iter().flatten().filter(waits) {
            fail("no-dangling", format!("{address} goes while {user} still names it"));
        }
        removed.extend(self.is_there(address).then(|| address.clone()));
        self.remove(address);
        removed
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
    for change in plan.changes.iter().filter(|c| !c.owned && !c.adopted && !is_given(&c.address)) {
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
