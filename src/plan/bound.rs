//! The fewest calls that could make a set of changes, from the changes and the gateway's batch sizes alone.
//!
//! The builder does not use this: a plan's number of calls is held against it.

use std::collections::BTreeMap;

use super::build::{Lower, Takes};
use super::{Action, Change, cover, products};
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::observed::Observed;

/// The lower bound. Publications share a call within an environment, attached policies for each policy, detached ones
/// whatever they were. A call for plug-ins takes one plug-in with many APIs or one API with many plug-ins, of one environment:
/// no two of a matching fit into one call.
///
/// Authorizations are the named exception: a call takes some apps with some APIs, each with each, and it is not known how to find
/// the fewest such calls fast. The bound says how few [`products::products`] finds, which never is more than one call for
/// each set of APIs that several apps share, or one for each set of apps that several APIs share.
///
/// What a change takes beyond its one call (deleting and making where nothing changes in place, asking for the ids of what
/// came along) its vendor says ([`Lower::besides`]).
#[must_use]
pub fn calls(changes: &[Change], observed: &Observed, lower: &dyn Lower) -> usize {
    let sizes = lower.batch_sizes();
    let mut pools: BTreeMap<(Action, Kind, String), usize> = BTreeMap::new();
    let mut singles = 0;
    let mut stars: BTreeMap<(Kind, Action, String), Vec<(String, String)>> = BTreeMap::new();
    let mut grants: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for change in changes {
        let (kind, part) = (change.address.kind, |i| change.address.part(i));
        let pair = || {
            let spec = change.after.as_ref().or(change.before.as_ref());
            let attached = spec.and_then(Spec::bound).map_or_else(|| change.address.name(), str::to_owned);
            (attached, format!("{}/{}", part(0), part(1)))
        };
        match lower.takes(kind, change.action) {
            Takes::Products => {
                grants.entry(part(2)).or_default().push(pair());
                continue;
            }
            Takes::Stars => {
                stars.entry((kind, change.action, part(2))).or_default().push(pair());
                continue;
            }
            Takes::Any | Takes::Mixed => {}
        }
        let pool = match change.action {
            _ if lower.takes(kind, change.action) == Takes::Mixed => String::new(),
            Action::Publish | Action::Unpublish => change.address.part(2),
            // By certificate: a domain has but one, so that by domain there are never fewer.
            Action::Bind | Action::Unbind if change.address.kind == Kind::DomainCertificate => {
                change.address.part(2)
            }
            Action::Bind => change.after.as_ref().and_then(Spec::bound).unwrap_or_default().to_owned(),
            Action::Unbind => String::new(),
            // What is set by the same call, whether or not it was there.
            Action::Create | Action::Update | Action::Delete
                if sizes(change.address.kind, change.action) > 1 =>
            {
                String::new()
            }
            Action::Create | Action::Update | Action::Switch | Action::Delete => {
                singles += 1;
                continue;
            }
        };
        let action = if change.action == Action::Update { Action::Create } else { change.action };
        let pool = format!("{pool} {}", lower.within(change));
        *pools.entry((action, change.address.kind, pool)).or_insert(0) += 1;
    }
    let pooled =
        pools.iter().map(|((action, kind, _), n): (_, &usize)| n.div_ceil(sizes(*kind, *action).max(1)));
    let matched = stars.iter().map(|((kind, action, _), pairs)| {
        let full = pairs.len().div_ceil(sizes(*kind, *action).max(1));
        full.max(cover::cover(pairs).matched)
    });
    let granted = grants
        .values()
        .map(|pairs| products::products(pairs, sizes(Kind::AppAuthorization, Action::Bind).max(1)).1);
    let besides = lower.besides(changes, observed);
    singles + pooled.sum::<usize>() + matched.sum::<usize>() + granted.sum::<usize>() + besides
}
