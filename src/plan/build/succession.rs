//! Things of which an owner must never be without one: what goes waits for what follows it, where there is room for both.

use std::collections::BTreeMap;

use super::Lower;
use crate::address::Address;
use crate::kind::Kind;
use crate::observed::Observed;
use crate::plan::{Change, Note};

/// What comes and goes of one kind and one owner, by the numbers of the changes.
#[derive(Default)]
struct Succession {
    comes: Vec<usize>,
    goes: Vec<usize>,
    /// How many of those that go have to make room first.
    first: usize,
    most: usize,
}

fn successions(
    changes: &[Change],
    observed: &Observed,
    lower: &dyn Lower,
) -> BTreeMap<(Kind, Address), Succession> {
    let mut found: BTreeMap<(Kind, Address), Succession> = BTreeMap::new();
    let owner = |address: &Address| address.kind.def().owners.first().map(|owner| owner.of(address));
    for (i, change) in changes.iter().enumerate().filter(|(_, c)| c.address.kind.def().followed) {
        let Some(owner) = owner(&change.address) else { continue };
        let of = found.entry((change.address.kind, owner)).or_default();
        match (&change.after, observed.get(&change.address)) {
            (None, _) => of.goes.push(i),
            (Some(_), None) => of.comes.push(i),
            (Some(_), Some(_)) => {}
        }
    }
    for ((kind, of), succession) in &mut found {
        let Some(most) = lower.most(*kind, &observed.limits) else { continue };
        let there =
            observed.resources.keys().filter(|a| a.kind == *kind && owner(a).as_ref() == Some(of)).count();
        let over = (there + succession.comes.len()).saturating_sub(most);
        succession.first = over.min(succession.goes.len());
        succession.most = most;
    }
    found
}

/// Adds what waits for what to `needs`.
pub(super) fn add(changes: &[Change], observed: &Observed, lower: &dyn Lower, needs: &mut [Vec<usize>]) {
    for Succession { comes, goes, first, .. } in successions(changes, observed, lower).into_values() {
        let (before, after) = goes.split_at(first);
        for come in &comes {
            needs[*come].extend(before);
        }
        for go in after {
            needs[*go].extend(&comes);
        }
    }
}

/// Where something has to go before what follows it is made, because there is no room for both.
#[must_use]
pub fn notes(changes: &[Change], observed: &Observed, lower: &dyn Lower) -> Vec<Note> {
    let mut notes = Vec::new();
    for ((kind, owner), Succession { comes, goes, first, most }) in successions(changes, observed, lower) {
        if comes.is_empty() {
            continue;
        }
        for go in &goes[..first] {
            let (noun, of) = (kind.def().noun, owner.kind.def().noun);
            notes.push(Note {
                code: "goes-first".into(),
                address: Some(changes[*go].address.clone()),
                message: format!(
                    "it goes before what follows it is made: the {of} `{}` has as many {} as the gateway takes ({most}); for a moment it has one {noun} less",
                    owner.name(),
                    kind.def().nouns(),
                ),
            });
        }
    }
    notes
}
