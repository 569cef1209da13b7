//! The fewest calls that could make a set of changes, from the changes and the gateway's batch sizes alone.
//!
//! The builder does not use this: a plan's number of calls is held against it.

use std::collections::BTreeMap;

use super::build::BatchSizes;
use super::{Action, Change};
use crate::kind::Kind;
use crate::kinds::spec::Spec;

/// The lower bound.
#[must_use]
pub fn calls(changes: &[Change], sizes: &BatchSizes) -> usize {
    let mut pools: BTreeMap<(Action, Kind, String), (usize, usize)> = BTreeMap::new();
    let mut singles = 0;
    for change in changes {
        let environment = || change.address.part(2);
        let pooled = match (change.action, change.address.kind) {
            (Action::Publish | Action::Unpublish, _) => Some((environment(), sizes.publish)),
            (Action::Bind, Kind::ThrottleBinding) => Some((policy(change), sizes.bind_throttle)),
            (Action::Bind, Kind::SignatureBinding) => Some((policy(change), sizes.bind_signature)),
            (Action::Unbind, Kind::ThrottleBinding) => Some((String::new(), sizes.unbind_throttle)),
            (Action::Unbind, Kind::SignatureBinding) => Some((String::new(), sizes.unbind_signature)),
            (Action::Replace, _) => {
                singles += 1;
                None
            }
            _ => None,
        };
        match pooled {
            Some((pool, size)) => {
                let entry =
                    pools.entry((change.action, change.address.kind, pool)).or_insert((0, size.max(1)));
                entry.0 += 1;
            }
            None => singles += 1,
        }
    }
    singles + pools.values().map(|(count, size)| count.div_ceil(*size)).sum::<usize>()
}

fn policy(change: &Change) -> String {
    match &change.after {
        Some(Spec::ThrottleBinding(bound) | Spec::SignatureBinding(bound)) => bound.to.clone(),
        _ => String::new(),
    }
}
