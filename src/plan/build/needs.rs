//! Which change must be made before which.
//!
//! What is made follows the edges of the desired-state graph. What is removed follows the same relations backwards, found
//! from the parts of addresses, because what leaves is not in the graph.

use std::collections::{BTreeSet, HashMap};

use crate::address::Address;
use crate::desired::Desired;
use crate::kind::Kind;
use crate::kinds::api::{claim_parts, methods_clash};
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed};
use crate::plan::{Action, Change};

/// For each change the changes that must be made before it.
pub(super) fn needs(changes: &[Change], desired: &Desired, observed: &Observed) -> Vec<Vec<usize>> {
    let index: HashMap<&Address, usize> = changes.iter().enumerate().map(|(i, c)| (&c.address, i)).collect();
    let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); changes.len()];
    for (i, change) in changes.iter().enumerate() {
        if change.after.is_some()
            && let Some(node) = desired.node(&change.address)
        {
            let before = desired.graph.neighbors(node).filter_map(|n| index.get(&desired.graph[n].address));
            needs[i].extend(before.filter(|b| changes[**b].after.is_some()));
        }
    }
    removals(changes, observed, &index, &mut needs);
    claims(changes, observed, &index, &mut needs);
    certificates(changes, &index, &mut needs);
    domains(changes, &mut needs);
    features(changes, &mut needs);
    tags(changes, &mut needs);
    for (i, needs) in needs.iter_mut().enumerate() {
        needs.remove(&i);
    }
    needs.into_iter().map(|n| n.into_iter().collect()).collect()
}

/// What is removed waits for whatever uses it to be gone.
fn removals(
    changes: &[Change],
    observed: &Observed,
    index: &HashMap<&Address, usize>,
    needs: &mut [BTreeSet<usize>],
) {
    let mut add = |removed: &Address, first: usize| {
        if let Some(removal) = index.get(removed).filter(|r| changes[**r].after.is_none()) {
            needs[*removal].insert(first);
        }
    };
    let mut later = Vec::new();
    let mut publications: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (i, change) in changes.iter().enumerate() {
        let address = &change.address;
        if change.after.is_none() {
            let def = address.kind.def();
            for owner in def.owners {
                // What survives the going of its owner goes after it, so that what it guards is never without it.
                match index.get(&owner.of(address)) {
                    Some(first) if def.outlives == Some(owner.kind) && changes[*first].after.is_none() => {
                        later.push((i, *first));
                    }
                    _ => add(&owner.of(address), i),
                }
            }
            // What goes with it names nothing any more then: variables of a group name environments.
            for along in &change.takes_along {
                let def = along.kind.def();
                let owners = def.owners.iter();
                // What could have gone with another owner, too, goes with the one that is named first.
                let first = def.owners.first().is_some_and(|owner| owner.of(along) == *address);
                let dropped = def.dropped && def.attaches.is_some_and(|(kind, _)| kind == address.kind);
                if first || dropped {
                    let others = owners.map(|owner| (owner.kind, owner.of(along)));
                    let others =
                        others.filter(|(kind, owner)| def.outlives != Some(*kind) && owner != address);
                    others.for_each(|(_, owner)| add(&owner, i));
                }
            }
        }
        // What it named before and names no more may go then.
        for reference in change.before.iter().flat_map(|before| before.uses(address)) {
            add(&reference.to, i);
        }
        // What goes along with it has no change of its own, and names things, too.
        for along in &change.takes_along {
            let spec = observed.get(along).and_then(Live::spec);
            for reference in spec.into_iter().flat_map(|spec| spec.references(along)) {
                add(&reference.to, i);
            }
        }
        if address.kind == Kind::Publication {
            publications.entry((address.part(0), address.part(2))).or_default().push(i);
        }
    }
    for (i, first) in later {
        needs[i].insert(first);
    }
    // An API that goes without having been read, or runs something that was not, may have named whatever APIs name.
    let unread = |c: &Change| {
        matches!(c.address.kind, Kind::Api | Kind::Publication)
            && c.before.is_none()
            && c.action != Action::Create
    };
    let unread: Vec<usize> = (0..changes.len()).filter(|i| unread(&changes[*i])).collect();
    for (i, change) in changes.iter().enumerate() {
        if change.address.kind.def().lookup && change.after.is_none() {
            needs[i].extend(&unread);
        }
    }
    // A variable goes only after what ran with it has been published anew or taken offline.
    for (i, change) in changes.iter().enumerate() {
        if change.address.kind == Kind::Variable && change.after.is_none() {
            let place = (change.address.part(0), change.address.part(1));
            needs[i].extend(publications.get(&place).into_iter().flatten());
        }
    }
}

/// A domain has one certificate: the new one waits until the old one is off. The old one waits for a change of the domain
/// itself, which says whether callers are asked for certificates and goes with the old one.
fn certificates(changes: &[Change], index: &HashMap<&Address, usize>, needs: &mut [BTreeSet<usize>]) {
    let domain = |change: &Change| change.address.kind.def().owners[0].of(&change.address);
    let of_domains = || changes.iter().enumerate().filter(|(_, c)| c.address.kind == Kind::DomainCertificate);
    let mut off: HashMap<Address, Vec<usize>> = HashMap::new();
    for (i, change) in of_domains().filter(|(_, change)| change.after.is_none()) {
        let domain = domain(change);
        needs[i].extend(index.get(&domain).filter(|first| changes[**first].after.is_some()));
        off.entry(domain).or_default().push(i);
    }
    for (i, change) in of_domains().filter(|(_, change)| change.after.is_some()) {
        needs[i].extend(off.get(&domain(change)).into_iter().flatten());
    }
}

/// What a gateway can do depends on its features: those that are switched on are set before anything else is made.
fn features(changes: &[Change], needs: &mut [BTreeSet<usize>]) {
    let on = |change: &Change| matches!(&change.after, Some(Spec::Feature(feature)) if feature.enabled);
    let first: Vec<usize> = (0..changes.len()).filter(|i| on(&changes[*i])).collect();
    for (i, change) in changes.iter().enumerate() {
        if change.after.is_some() && change.address.kind != Kind::Feature {
            needs[i].extend(&first);
        }
    }
}

/// There is room for a few tags only: those that go make it before others come.
fn tags(changes: &[Change], needs: &mut [BTreeSet<usize>]) {
    let all = || changes.iter().enumerate().filter(|(_, c)| c.address.kind == Kind::GatewayTag);
    let off: Vec<usize> = all().filter(|(_, c)| c.after.is_none()).map(|(i, _)| i).collect();
    for (i, _) in all().filter(|(_, c)| c.after.is_some()) {
        needs[i].extend(&off);
    }
}

/// A name is taken on the gateway as a whole: a domain that moves to another group leaves the first one before.
fn domains(changes: &[Change], needs: &mut [BTreeSet<usize>]) {
    let all = || changes.iter().enumerate().filter(|(_, c)| c.address.kind == Kind::Domain);
    let off: HashMap<String, usize> =
        all().filter(|(_, c)| c.after.is_none()).map(|(i, c)| (c.address.name(), i)).collect();
    for (i, change) in all().filter(|(_, c)| c.action == Action::Create) {
        needs[i].extend(off.get(&change.address.name()));
    }
}

/// Two APIs of a group cannot answer the same request, not even for a moment: who takes over waits for who lets go.
fn claims(
    changes: &[Change],
    observed: &Observed,
    index: &HashMap<&Address, usize>,
    needs: &mut [BTreeSet<usize>],
) {
    let taking = changes
        .iter()
        .any(|c| matches!((&c.after, c.action), (Some(Spec::Api(_)), Action::Create | Action::Update)));
    if !taking {
        return;
    }
    let mut holders: HashMap<String, Vec<(&str, usize)>> = HashMap::new();
    for (address, live) in &observed.resources {
        if let (Detail::Api { claim, .. }, Some(change)) = (&live.detail, index.get(address)) {
            let (method, place) = claim_parts(claim);
            holders.entry(place).or_default().push((method, *change));
        }
    }
    for (i, change) in changes.iter().enumerate() {
        if let Some(Spec::Api(spec)) = &change.after {
            let claim = spec.request_claim(&change.address.part(0));
            let (method, place) = claim_parts(&claim);
            let there = holders.get(&place).into_iter().flatten();
            needs[i].extend(there.filter(|(held, _)| methods_clash(held, method)).map(|(_, holder)| *holder));
        }
    }
}
