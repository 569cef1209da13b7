//! The fewest calls that could make a set of changes, from the changes and the gateway's batch sizes alone.
//!
//! The builder does not use this: a plan's number of calls is held against it.

use std::collections::BTreeMap;

use super::build::BatchSizes;
use super::{Action, Change};
use crate::kind::Kind;
use crate::kinds::spec::Spec;

/// The lower bound. Publications share a call within an environment, attached policies for each policy, detached ones
/// whatever they were.
#[must_use]
pub fn calls(changes: &[Change], sizes: BatchSizes) -> usize {
    let mut pools: BTreeMap<(Action, Kind, String), usize> = BTreeMap::new();
    let mut singles = 0;
    for change in changes {
        let pool = match change.action {
            Action::Publish | Action::Unpublish => change.address.part(2),
            Action::Bind => change.after.as_ref().and_then(Spec::bound).unwrap_or_default().to_owned(),
            Action::Unbind => String::new(),
            Action::Create | Action::Update | Action::Replace | Action::Delete => {
                singles += 1;
                continue;
            }
        };
        *pools.entry((change.action, change.address.kind, pool)).or_insert(0) += 1;
    }
    let pooled =
        pools.iter().map(|((action, kind, _), n): (_, &usize)| n.div_ceil(sizes(*kind, *action).max(1)));
    singles + pooled.sum::<usize>()
}
