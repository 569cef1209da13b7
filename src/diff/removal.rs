//! What goes: owned resources that left the manifests.

use std::collections::BTreeMap;

use super::standing::{self, Standing};
use super::{Difference, Input};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Holder, Live};
use crate::plan::{Action, Change, Note, Reason};

/// What goes, and why.
type Going<'a> = BTreeMap<Address, (&'a Live, Reason)>;

/// Adds the removals to `difference`, and notes on what stays although it is not in the manifests.
pub(super) fn removals(input: &Input<'_>, difference: &mut Difference) {
    let mut going = Going::new();
    candidates(input, &mut going, difference);
    // Whatever keeps one of them from going may in turn keep another: repeat until nothing changes.
    let held = if going.is_empty() { Held::new() } else { held(input) };
    loop {
        let blocked = blocked(input, &going, &held);
        if blocked.is_empty() {
            break;
        }
        for (address, note) in blocked {
            going.remove(&address);
            difference.notes.push(note);
        }
    }
    // What goes with its parent needs no call of its own; a publication has to be taken offline all the same.
    for (address, (live, reason)) in &going {
        if carrier(input, &going, address).is_some() {
            continue;
        }
        let others =
            |h: &&Holder| !is_ours(input, h) && !h.on.as_ref().is_some_and(|on| going.contains_key(on));
        if let Some(holders) = input.observed.holders.get(address)
            && let Some(what) = counted(&holders.iter().filter(others).collect::<Vec<_>>())
        {
            note(difference, "takes-along", address, &format!("{what} goes with it, made by others"));
        }
        let with = |a: &&Address| {
            goes_along(input, a, address) && carrier(input, &going, a).is_none_or(|c| c == *address)
        };
        let takes_along: Vec<Address> =
            held.get(address).into_iter().flatten().filter(with).cloned().collect();
        difference.refusals.extend(standing::protected(input, address, *reason));
        for along in &takes_along {
            difference.refusals.extend(standing::protected(input, along, Reason::GoesWithParent));
        }
        difference.changes.push(Change {
            address: address.clone(),
            action: removal_action(address.kind),
            reason: *reason,
            before: live.spec().cloned(),
            after: None,
            source: None,
            owned: input.record.owned.contains_key(address),
            adopted: false,
            was: None,
            switch: None,
            takes_along,
        });
    }
}

fn removal_action(kind: Kind) -> Action {
    match kind {
        Kind::Publication => Action::Unpublish,
        kind if kind.def().attached => Action::Unbind,
        _ => Action::Delete,
    }
}

/// Owned and no longer wanted; with APIs their publications, with throttles their exceptions.
fn candidates<'a>(input: &Input<'a>, going: &mut Going<'a>, difference: &mut Difference) {
    for (address, owned) in &input.record.owned {
        if input.desired.get(address).is_some() {
            continue;
        }
        match input.observed.get(address) {
            None => difference.forget.push(address.clone()),
            Some(_) if input.observed.is_given(address) => {
                difference.forget.push(address.clone());
                let message = match parent(address) {
                    Some(_) => "left the manifests; it goes only with its group, and stays as it is",
                    None => "left the manifests; every gateway has it, and it stays as it is",
                };
                note(difference, "kept", address, message);
            }
            Some(live) if live.id != owned.id => {
                difference.forget.push(address.clone());
                note(
                    difference,
                    "not-owned",
                    address,
                    "left the manifests, but it was made anew by someone else: left alone",
                );
            }
            Some(_) if !input.prune => {
                note(difference, "not-pruned", address, "left the manifests; kept because pruning is off");
            }
            Some(live) => {
                let reason = match input.destroy {
                    true => Reason::Destroyed,
                    false if input.remade.contains(address) => Reason::RenamedAnew,
                    false if input.rotated.contains(address) => Reason::SecretChanged,
                    false => Reason::Removed,
                };
                going.insert(address.clone(), (live, reason));
            }
        }
    }
    let mut unowned: BTreeMap<Kind, Vec<&Address>> = BTreeMap::new();
    for (address, live) in &input.observed.resources {
        if input.desired.get(address).is_some() || going.contains_key(address) {
            continue;
        }
        let parent = parent(address);
        let parent_goes =
            parent.as_ref().is_some_and(|p| going.get(p).is_some_and(|(_, r)| *r != Reason::GoesWithParent));
        let foreign = input.record.foreign.contains_key(address);
        match address.kind {
            Kind::Publication if parent_goes && !foreign => {
                going.insert(address.clone(), (live, Reason::GoesWithParent));
            }
            kind if kind.def().whole && input.prune => {
                let ours =
                    parent.as_ref().is_some_and(|p| input.desired.get(p).is_some_and(|r| r.spec.is_some()));
                if ours {
                    going.insert(address.clone(), (live, Reason::ChangedByHand));
                    // It is a part of its throttle, which must be ours to be changed.
                    let whole = parent.as_ref().and_then(|p| Some((p, input.observed.get(p)?)));
                    let refused = whole.and_then(|(p, live)| standing::refusal(input, p, live, "changed"));
                    difference.refusals.extend(refused);
                }
            }
            // Others may let apps call.
            kind if kind.def().bulk && kind != Kind::AppAuthorization => {
                let api = address.ancestor(Kind::Api).and_then(|api| input.desired.get(&api));
                let ours = api.is_some_and(|r| r.spec.is_some());
                if ours && !input.record.owned.contains_key(address) {
                    unowned.entry(address.kind).or_default().push(address);
                }
            }
            _ => {}
        }
    }
    for (kind, mut addresses) in unowned {
        addresses.sort();
        let noun = kind.def().noun;
        for address in addresses {
            note(
                difference,
                "not-owned",
                address,
                &format!("this {noun} was not made by apigctl and is not in the manifests: left alone"),
            );
        }
    }
}

fn note(difference: &mut Difference, code: &str, address: &Address, message: &str) {
    difference.notes.push(Note {
        code: code.into(),
        address: Some(address.clone()),
        message: message.into(),
    });
}

/// What a resource belongs to.
fn parent(address: &Address) -> Option<Address> {
    address.kind.def().owners.first().map(|owner| owner.of(address))
}

/// What is attached by a resource that goes with it. What is wanted all the same attaches another by this plan, and stays.
fn dropping(input: &Input<'_>, address: &Address) -> Option<Address> {
    if input.desired.get(address).is_some_and(|resource| resource.spec.is_some()) {
        return None;
    }
    let attached = address.kind.attaches().filter(|_| address.kind.def().dropped)?;
    let bound = input.observed.get(address)?.spec()?.bound()?.to_owned();
    Some(Address::new(attached, &[&bound]))
}

/// Whether the gateway removes a kind by itself with what it belongs to.
fn is_carried(input: &Input<'_>, kind: Kind) -> bool {
    kind.def().carried && !input.observed.staying.contains(&kind)
}

/// What is going and takes a resource along, without a call of its own: what it belongs to, or what it attaches.
fn carrier(input: &Input<'_>, going: &Going<'_>, address: &Address) -> Option<Address> {
    if !is_carried(input, address.kind) {
        return None;
    }
    [parent(address), dropping(input, address)].into_iter().flatten().find(|by| going.contains_key(by))
}

/// Whether the gateway removes `child` when `owner` goes: what survives one of those it belongs to goes with the first only,
/// and perhaps with what it attaches.
fn goes_along(input: &Input<'_>, child: &Address, owner: &Address) -> bool {
    let def = child.kind.def();
    let always = def.outlives.is_none() || parent(child).as_ref() == Some(owner);
    is_carried(input, child.kind) && (always || dropping(input, child).as_ref() == Some(owner))
}

/// Whether what hangs on a resource is a binding or a domain that is owned.
fn is_ours(input: &Input<'_>, holder: &Holder) -> bool {
    let is = |kind: Kind| kind.attaches().is_some() || kind == Kind::Domain;
    holder.on.as_ref().is_some_and(|on| is(on.kind) && input.record.owned.contains_key(on))
}

/// What hangs on a resource: its children, and on an environment also what is published in it and has a value in it. Ordered.
type Held = BTreeMap<Address, Vec<Address>>;

fn held(input: &Input<'_>) -> Held {
    let mut held = Held::new();
    for address in input.observed.resources.keys() {
        for owner in address.kind.def().owners {
            held.entry(owner.of(address)).or_default().push(address.clone());
        }
        if let Some(attached) = dropping(input, address) {
            held.entry(attached).or_default().push(address.clone());
        }
    }
    for children in held.values_mut() {
        children.sort();
        children.dedup();
    }
    held
}

/// Those going that something else keeps, with the reason.
fn blocked(input: &Input<'_>, going: &Going<'_>, held: &Held) -> Vec<(Address, Note)> {
    let mut found = Vec::new();
    for (address, (live, _)) in going {
        let kept = bound_elsewhere(input, going, address, live)
            .or_else(|| kept_by(input, going, address, held.get(address)))
            .or_else(|| held_by_others(input, going, address))
            .or_else(|| held_by_scopes(input, going, held.get(address)));
        if let Some(why) = kept {
            let message = format!("left the manifests, but {why}: kept");
            found.push((
                address.clone(),
                Note { code: "kept".into(), address: Some(address.clone()), message },
            ));
        }
    }
    found
}

fn kept_by(
    input: &Input<'_>,
    going: &Going<'_>,
    owner: &Address,
    held: Option<&Vec<Address>>,
) -> Option<String> {
    // Every group has a response called `default` from the start.
    let kept = |a: &Address| a.kind.def().owners.iter().any(|o| o.kept && o.kind == owner.kind);
    let keeps = |a: &&Address| kept(a) && !going.contains_key(*a) && !input.observed.is_given(a);
    let holders: Vec<&Address> = held?.iter().filter(keeps).collect();
    let first = holders.first()?;
    Some(match holders.len() {
        1 => format!("{first} is still there and is not removed by this plan"),
        n => format!("{first} and {} more are still there and are not removed by this plan", n - 1),
    })
}

/// What another scope owns would go with it, or be left hanging.
fn held_by_scopes(input: &Input<'_>, going: &Going<'_>, held: Option<&Vec<Address>>) -> Option<String> {
    held?.iter().filter(|address| !going.contains_key(*address)).find_map(|address| {
        let live = input.observed.get(address)?;
        match standing::standing(input, address, live) {
            Standing::Foreign(scope) => Some(format!("the scope `{scope}` owns {address}")),
            Standing::Ours | Standing::Unowned => None,
        }
    })
}

/// What others hung on a group, an environment or an app keeps it; what they hung on an API goes with it, as its publications do.
fn held_by_others(input: &Input<'_>, going: &Going<'_>, address: &Address) -> Option<String> {
    if address.kind == Kind::Api {
        return None;
    }
    // It goes by itself, or with its API or its throttle.
    let goes = |on: &Address| {
        let with = parent(on).filter(|with| is_carried(input, on.kind) && with != address);
        going.contains_key(on) || with.is_some_and(|with| going.contains_key(&with))
    };
    let stays = |holder: &&Holder| !holder.on.as_ref().is_some_and(goes);
    let holders: Vec<&Holder> = input.observed.holders.get(address)?.iter().filter(stays).collect();
    let what = counted(&holders)?;
    // What others merely name takes nothing along: they keep it.
    let only_named = address.kind.def().lookup && address.kind != Kind::App;
    let does = match address.kind {
        Kind::Plugin => "has it",
        _ if only_named => "uses it",
        _ => "would go with it",
    };
    Some(format!("{what} {does}"))
}

/// The first of them, and how many more.
fn counted(holders: &[&Holder]) -> Option<String> {
    let first = &holders.first()?.what;
    Some(match holders.len() {
        1 => first.clone(),
        n => format!("{first} and {} more", n - 1),
    })
}

/// A policy goes only when every publication it is attached to loses it by this plan.
fn bound_elsewhere(input: &Input<'_>, going: &Going<'_>, policy: &Address, live: &Live) -> Option<String> {
    let Detail::Bound { count } = live.detail else { return None };
    let name = policy.name();
    let leaving = input
        .observed
        .resources
        .iter()
        .filter(|(address, live)| {
            if address.kind.attaches() != Some(policy.kind) {
                return false;
            }
            let to = live.spec().and_then(Spec::bound);
            let rebound = input.desired.get(address).is_some_and(|r| r.spec.as_ref() != live.spec());
            to == Some(&*name)
                && (rebound
                    || going.contains_key(*address)
                    || parent(address).is_some_and(|p| going.contains_key(&p)))
        })
        .count() as u64;
    let what = if policy.kind == Kind::Quota { "app" } else { "API" };
    (leaving < count).then(|| match count - leaving {
        1 => format!("1 {what} that this plan does not touch is still bound to it"),
        n => format!("{n} {what}s that this plan does not touch are still bound to it"),
    })
}
