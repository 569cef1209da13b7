//! From the versions that a gateway keeps to a plan that switches to some of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::planning::{Found, assemble, checked, observe, refusals};
use super::{Books, Manifests, Planned, Rules, SessionError, Target};
use crate::diff::{Input, rollback};
use crate::history::{Pick, Query};
use crate::observed::Observed;
use crate::problem::{Problem, any_error};
use crate::provider::Want;

/// Reads what ran before.
///
/// # Errors
/// When the gateway cannot be read, or nothing of what is asked for is published there.
pub async fn histories(target: &Target, query: Query) -> Result<Observed, SessionError> {
    let want = Want { history: Some(query.clone()), ..Want::default() };
    let observed = observe(target, &want, false).await?;
    let problems: Vec<Problem> =
        query.names.iter().filter_map(|name| missing(name, &query, &observed)).collect();
    if problems.is_empty() { Ok(observed) } else { Err(SessionError::Problems(problems)) }
}

/// Why there is nothing to go back to under a name.
fn missing(name: &str, query: &Query, observed: &Observed) -> Option<Problem> {
    let alone = Query { names: vec![name.to_owned()], ..query.clone() };
    let mut asked = observed.histories.iter().filter(|(address, _)| alone.asks(address)).peekable();
    if asked.peek().is_none() {
        let message = format!("nothing of `{name}` is published in {}", query.environment);
        let help = "name a group, or an API as GROUP/API, and the environment where it runs";
        return Some(Problem::error("not-published", None, message).help(help));
    }
    let Pick::Exactly(version) = &query.pick else { return None };
    let (_, history) = asked.next()?;
    if query.pick.of(&history.versions).is_some() {
        return None;
    }
    let known: Vec<&str> = history.versions.iter().map(|v| v.number.as_str()).collect();
    let message = format!("`{name}` has no version `{version}` in {}", query.environment);
    let problem = Problem::error("unknown-version", None, message);
    Some(problem.help(format!("the gateway keeps {}", known.join(", "))))
}

impl Planned {
    /// Makes a plan that switches to the versions that were picked. Manifests only tell what `apply` would publish, so they
    /// may have problems.
    ///
    /// # Errors
    /// When the switch may not be made, or breaks a rule of plans.
    pub fn rollback(
        manifests: &Manifests,
        observed: &Observed,
        target: &Target,
        books: &Books,
    ) -> Result<Self, SessionError> {
        let mut record = books.record.clone();
        record.settle(observed);
        let (states, nothing, none, empty) =
            (HashMap::new(), BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
        let input = Input {
            desired: &manifests.desired,
            observed,
            record: &record,
            secrets: &states,
            prune: false,
            adopt: false,
            destroy: false,
            protected: &nothing,
            renamed: &none,
            remade: &empty,
            rotated: &empty,
        };
        let mut difference = rollback::rollback(&input);
        let refused = std::mem::take(&mut difference.refusals);
        let problems = refusals(&manifests.documents, &manifests.desired, refused);
        if any_error(&problems) {
            return Err(SessionError::Problems(problems));
        }
        let found = Found {
            desired: &manifests.desired,
            observed,
            owned: record.owned.len(),
            reads: target.client.calls(),
        };
        let plan = assemble(difference, &found, target, &Rules::default())?;
        Ok(Self { plan: checked(plan, observed)?, problems })
    }
}
