//! The brake on large deletions: a plan that removes more than is usual is shown, but not applied without a word.

use super::{Action, Plan, Reason};

/// So many removals are always let through.
pub const ALWAYS: usize = 10;

/// One in so many of the resources that are owned.
pub const SHARE: usize = 4;

/// Why a plan is not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brake {
    /// How many resources it removes.
    pub removals: usize,
    /// How many may be removed.
    pub limit: usize,
    /// How many are owned.
    pub owned: usize,
    /// Whether the limit was asked for.
    pub asked: bool,
}

/// How many resources a plan removes: what is deleted or replaced, taken offline or detached. What goes with something else
/// is not counted again.
#[must_use]
pub fn removals(plan: &Plan) -> usize {
    let counts = |action: Action| matches!(action, Action::Delete | Action::Unpublish | Action::Unbind);
    plan.changes.iter().filter(|c| counts(c.action) && c.reason != Reason::GoesWithParent).count()
}

/// Whether the brake is on. Without `max`, a plan may remove [`ALWAYS`] resources or one in [`SHARE`] of what is owned,
/// whichever is more; a `destroy` may remove everything.
#[must_use]
pub fn brake(plan: &Plan, max: Option<usize>) -> Option<Brake> {
    if plan.refresh_only {
        return None;
    }
    let removals = removals(plan);
    let usual = if plan.destroy { usize::MAX } else { ALWAYS.max(plan.owned / SHARE) };
    let limit = max.unwrap_or(usual);
    (removals > limit).then_some(Brake { removals, limit, owned: plan.owned, asked: max.is_some() })
}

impl std::fmt::Display for Brake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { removals, limit, owned, asked } = self;
        let resources = if *removals == 1 { "resource" } else { "resources" };
        write!(f, "the plan removes {removals} {resources}")?;
        match asked {
            true => write!(f, ", and `--max-deletes` allows {limit}"),
            false => write!(
                f,
                " of the {owned} that are owned, and without being asked no more than {limit} are removed at once"
            ),
        }
    }
}

/// So many calls an hour of APIs that something is taken away from are always let through.
pub const CALLS: u64 = 100;

/// APIs that are called too often to take something away from them without a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// How often they were called in the last hour, together.
    pub requests: u64,
    /// How often they may be called.
    pub limit: u64,
    /// The one that is called most, and what happens to it.
    pub most: String,
    /// Whether the limit was asked for.
    pub asked: bool,
}

/// Whether a plan takes something away from APIs that are called more than `max` times an hour; without it, [`CALLS`] times.
#[must_use]
pub fn traffic(plan: &Plan, max: Option<u64>) -> Option<Traffic> {
    let limit = max.unwrap_or(CALLS);
    let requests: u64 = plan.busy.iter().filter_map(|api| api.requests).sum();
    let most = plan.busy.iter().max_by_key(|api| api.requests)?;
    let most = format!("{} {}", most.address, most.what);
    (requests > limit).then_some(Traffic { requests, limit, most, asked: max.is_some() })
}

impl std::fmt::Display for Traffic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { requests, limit, most, asked } = self;
        write!(
            f,
            "the plan takes something away from APIs that were called {requests} times in the last hour: {most}"
        )?;
        match asked {
            true => write!(f, "; `--max-traffic` allows {limit}"),
            false => write!(f, "; without being asked, no more than {limit} calls an hour are put at risk"),
        }
    }
}
