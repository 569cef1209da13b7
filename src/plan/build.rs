//! From differences to steps: what needs what, which calls can be one, in which order.

mod needs;
pub mod succession;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Call, Change, Item, Recover, Reply, Step, placeholder};
use crate::address::Address;
use crate::desired::Desired;
use crate::kind::{Form, Kind};
use crate::observed::Observed;
use crate::plan::Action;

/// Turns one change into the calls that make it so. Vendors implement it; it is pure.
pub trait Lower {
    /// The call that makes `change` so.
    fn lower(&self, change: &Change) -> Result<Lowered, Unsupported>;
    /// The calls of all changes of a plan, in their order: where a call may take the one or the other side of changes
    /// together, fewer are made when all of them are known; and where a call writes all of a resource, what was observed goes
    /// along with what changes.
    fn lower_all(&self, changes: &[Change], _: &Observed) -> Vec<Result<Lowered, Unsupported>> {
        changes.iter().map(|change| self.lower(change)).collect()
    }
    /// How many changes of one sort fit into one call.
    fn batch_sizes(&self) -> BatchSizes;
    /// What a call takes of changes of a kind.
    fn takes(&self, kind: Kind, action: Action) -> Takes {
        match (kind, action) {
            (Kind::PluginBinding, _) => Takes::Stars,
            (Kind::AppAuthorization, Action::Bind) => Takes::Products,
            _ => Takes::Any,
        }
    }
    /// What changes must have in common to share a call, besides what the gateways of all vendors ask for.
    fn within(&self, _: &Change) -> String {
        String::new()
    }
    /// How many of a kind may belong to one owner, where the gateway's limits, as it says them, tell.
    fn most(&self, _kind: Kind, _limits: &BTreeMap<String, u64>) -> Option<usize> {
        None
    }
    /// Whether a resource of this kind keeps its id and all else when it gets another name.
    ///
    /// # Errors
    /// Why the gateway can rename it only by making it anew.
    fn can_rename(&self, kind: Kind) -> Result<(), &'static str> {
        match kind.def().form {
            Form::Document => Ok(()),
            Form::Derived => Err("it has no name of its own"),
        }
    }
}

/// Which changes of a kind fit into one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Any of those that share a policy, or an environment.
    Any,
    /// Any.
    Mixed,
    /// One thing of one side with many of the other.
    Stars,
    /// Many of both sides, each with each.
    Products,
}

/// How many changes of a kind and an action fit into one call; 1 where there is no batch form.
pub type BatchSizes = fn(Kind, Action) -> usize;

/// A change that the gateway has no call for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// Why not, and what to do instead.
    pub reason: String,
}

/// A change as a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowered {
    /// The call; with `$items` in it for a batch.
    pub call: Call,
    /// How to read the answer.
    pub reply: Reply,
    /// How to find out whether it was done when the answer was lost.
    pub recover: Option<Recover>,
    /// How it joins others in one call.
    pub batch: Option<Batch>,
}

/// How a change joins others in one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Changes with the same key have the same call but for its items.
    pub key: String,
    /// How many fit.
    pub limit: usize,
    /// What stands for the change among the items.
    pub item: Value,
    /// As [`Item::row`].
    pub row: Vec<(String, Value)>,
}

/// A plan that cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The gateway has no call for a change.
    #[error("{address}: {reason}")]
    Unsupported {
        /// The change's resource.
        address: Address,
        /// Why not.
        reason: String,
    },
    /// Changes wait for each other.
    #[error("these changes wait for each other: {}", .0.iter().map(Address::to_string).collect::<Vec<_>>().join(", "))]
    Circle(Vec<Address>),
}

/// The steps of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Built {
    /// In an order in which they can be made one by one.
    pub steps: Vec<Step>,
    /// The live resources whose ids they use.
    pub used: BTreeSet<Address>,
}

/// Builds the steps for `changes`, ordered so that each can be made after those before it.
///
/// # Errors
/// When the gateway has no call for a change, or changes wait for each other (two APIs that exchange their paths).
pub fn steps(
    changes: &[Change],
    desired: &Desired,
    observed: &Observed,
    lower: &dyn Lower,
) -> Result<Built, BuildError> {
    let mut needs = needs::needs(changes, desired, observed);
    succession::add(changes, observed, lower, &mut needs);
    let mut lowered = Vec::with_capacity(changes.len());
    for (change, one) in changes.iter().zip(lower.lower_all(changes, observed)) {
        lowered.push(
            one.map_err(|u| BuildError::Unsupported { address: change.address.clone(), reason: u.reason })?,
        );
    }
    let merged = join(&lowered, &needs, &BTreeSet::new());
    let ordered = match order(merged, changes.len()) {
        Ok(steps) => steps,
        // A batch may wait for a part of itself by way of another: split what is in the circle and try once more.
        Err(stuck) => order(join(&lowered, &needs, &stuck), changes.len()).map_err(|stuck| {
            BuildError::Circle(stuck.iter().map(|i| changes[*i].address.clone()).collect())
        })?,
    };
    let used = std::cell::RefCell::new(BTreeSet::new());
    let known = |address: &Address| {
        let live = observed.get(address)?;
        used.borrow_mut().insert(address.clone());
        Some(Value::from(live.id.as_str()))
    };
    let mut steps = ordered;
    for step in &mut steps {
        resolve_step(step, &known);
    }
    Ok(Built { steps, used: used.into_inner() })
}

/// One step per single change, one per full batch; `alone` are never joined.
fn join(lowered: &[Lowered], needs: &[Vec<usize>], alone: &BTreeSet<usize>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut open: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (change, low) in lowered.iter().enumerate() {
        let key = low.batch.as_ref().map_or(Value::Null, |b| b.item.clone());
        let row = low.batch.as_ref().map(|b| b.row.clone()).unwrap_or_default();
        let item = Item { change, key, row, needs: needs[change].clone() };
        if let Some(batch) = low.batch.as_ref().filter(|_| !alone.contains(&change)) {
            if let Some((step, room)) = open.get_mut(batch.key.as_str()).filter(|(_, room)| *room > 0) {
                let step: &mut Step = &mut steps[*step];
                step.items.push(item);
                *room -= 1;
                continue;
            }
            open.insert(&batch.key, (steps.len(), batch.limit.saturating_sub(1)));
        }
        steps.push(Step {
            call: low.call.clone(),
            items: vec![item],
            reply: low.reply.clone(),
            recover: low.recover.clone(),
        });
    }
    steps
}

/// Orders steps by what they need, the first built first; or names the changes that cannot be ordered.
fn order(steps: Vec<Step>, changes: usize) -> Result<Vec<Step>, BTreeSet<usize>> {
    let mut step_of = vec![usize::MAX; changes];
    for (index, step) in steps.iter().enumerate() {
        for item in &step.items {
            step_of[item.change] = index;
        }
    }
    let mut waits = vec![0usize; steps.len()];
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for (index, step) in steps.iter().enumerate() {
        let mut before: Vec<usize> =
            step.items.iter().flat_map(|i| i.needs.iter().map(|n| step_of[*n])).collect();
        before.sort_unstable();
        before.dedup();
        waits[index] = before.len();
        for step in before {
            followers[step].push(index);
        }
    }
    let mut ready: BTreeSet<usize> = (0..steps.len()).filter(|i| waits[*i] == 0).collect();
    let mut sequence = Vec::with_capacity(steps.len());
    while let Some(next) = ready.pop_first() {
        sequence.push(next);
        for follower in &followers[next] {
            waits[*follower] -= 1;
            if waits[*follower] == 0 {
                ready.insert(*follower);
            }
        }
    }
    if sequence.len() < steps.len() {
        let stuck = steps.iter().enumerate().filter(|(i, _)| waits[*i] > 0);
        return Err(stuck.flat_map(|(_, s)| s.items.iter().map(|i| i.change)).collect());
    }
    let mut slots: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    Ok(sequence.into_iter().filter_map(|i| slots[i].take()).collect())
}

/// Puts known ids in the place of placeholders of a call.
pub fn resolve_call(call: &mut Call, known: &dyn Fn(&Address) -> Option<Value>) {
    for value in call.args.values_mut().chain(call.query.iter_mut().map(|(_, value)| value)) {
        resolve(value, known);
    }
    resolve(&mut call.body, known);
}

/// Puts known ids in the place of placeholders.
fn resolve_step(step: &mut Step, known: &dyn Fn(&Address) -> Option<Value>) {
    resolve_call(&mut step.call, known);
    if let Reply::Then { calls, .. } = &mut step.reply {
        for further in calls {
            resolve_call(&mut further.call, known);
            further.recover.iter_mut().for_each(|recover| resolve_recover(recover, known));
        }
    }
    for item in &mut step.items {
        resolve(&mut item.key, known);
        item.row.iter_mut().for_each(|(_, value)| resolve(value, known));
    }
    if let Some(recover) = &mut step.recover {
        resolve_recover(recover, known);
    }
}

/// Puts known ids in the place of placeholders of a read.
pub fn resolve_recover(recover: &mut Recover, known: &dyn Fn(&Address) -> Option<Value>) {
    resolve_call(&mut recover.call, known);
    recover.matches.iter_mut().for_each(|(_, value)| resolve(value, known));
}

/// Puts the text of what stands in `$json` in its place; what stands in it has to be final.
pub fn write_texts(value: &mut Value) {
    match value {
        Value::Object(map) => match map.get("$json") {
            Some(content) => *value = Value::from(content.to_string()),
            None => map.values_mut().for_each(write_texts),
        },
        Value::Array(items) => items.iter_mut().for_each(write_texts),
        _ => {}
    }
}

/// Replaces `$id` placeholders within `value` where `known` has an answer.
pub fn resolve(value: &mut Value, known: &dyn Fn(&Address) -> Option<Value>) {
    if let Some(address) = placeholder(value) {
        if let Some(id) = known(&address) {
            *value = id;
        }
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, known)),
        Value::Object(map) => map.values_mut().for_each(|item| resolve(item, known)),
        _ => {}
    }
}
