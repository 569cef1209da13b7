//! How a plan is made.

use crate::diff::train::Train;

/// How a plan is made.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Owned resources that left the manifests are removed.
    pub prune: bool,
    /// Live resources that are as the manifests say, and not owned, become owned.
    pub adopt: bool,
    /// The plan is tried out on an engine.
    pub rehearse: bool,
    /// The cache is not used.
    pub no_cache: bool,
    /// Only what was changed by hand is shown.
    pub refresh_only: bool,
    /// Everything that is owned goes.
    pub destroy: bool,
    /// How far the plan may go.
    pub train: Option<Train>,
    /// The gateway is asked how often those APIs are called that something is taken away from.
    pub traffic: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            prune: true,
            adopt: false,
            rehearse: true,
            no_cache: false,
            refresh_only: false,
            destroy: false,
            train: None,
            traffic: false,
        }
    }
}
