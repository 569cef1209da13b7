//! Walks a plan; decides nothing.
//!
//! Steps run as soon as what they need is done, as many at once as the client allows. A failed change takes down only what
//! needs it: a batch goes on without the items whose needs failed. The ledger is told of every change that was made.

mod ids;
mod step;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::address::{Address, RemoteId};
use crate::diff::Owned;
use crate::http::Client;
use crate::kinds::spec::{Digest, Spec};
use crate::kinds::value::Secret;
use crate::ledger::{Ledger, LedgerError, Owner, Store};
use crate::plan::{Action, Plan};

/// Reads a secret from its source.
pub type SecretReader = Arc<dyn Fn(&Secret) -> Result<String, String> + Send + Sync>;

/// The ledger under an apply.
#[derive(Debug)]
pub struct Book {
    /// The ledger.
    pub ledger: Ledger,
    /// Where it is kept; `None`: nowhere.
    pub store: Option<Arc<Store>>,
    /// Whose it is.
    pub owner: Owner,
    unwritten: usize,
    /// What could not be created as far as is known, but may have been all the same.
    unclear: BTreeSet<Address>,
}

impl Book {
    /// A ledger under an apply.
    #[must_use]
    pub fn new(ledger: Ledger, store: Option<Arc<Store>>, owner: Owner) -> Self {
        Self { ledger, store, owner, unwritten: 0, unclear: BTreeSet::new() }
    }

    /// Whether an apply that was cut off left intentions behind.
    #[must_use]
    pub fn has_pending(&self) -> bool {
        !self.ledger.record(&self.owner).pending.is_empty()
    }

    fn write(&self) -> Result<(), LedgerError> {
        self.store.as_ref().map_or(Ok(()), |store| store.write(&self.ledger))
    }
}

/// How many changes may be made before the ledger is written again. What is made and not yet written down is known from
/// the intentions that were.
const WRITE_EVERY: usize = 500;

/// Tells an apply to stop: calls under way are finished, no others are begun.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    notify: Arc<Notify>,
}

impl Stop {
    /// Asks to stop.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::SeqCst);
        self.notify.notify_waiters();
    }

    /// Whether it was asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Something that happened while applying; indexes are those of [`Plan::changes`].
#[derive(Debug, Clone)]
pub enum Event {
    /// A call begins that makes so many changes.
    Begun {
        /// The step.
        step: usize,
    },
    /// A change was made.
    Done {
        /// The change.
        change: usize,
    },
    /// A change was not made.
    Failed {
        /// The change.
        change: usize,
        /// Why not.
        message: String,
    },
    /// A change was not tried, because one that it needs was not made.
    Skipped {
        /// The change.
        change: usize,
        /// The change that it needs.
        because: usize,
    },
}

/// Is told what happens.
pub type Listener = Arc<dyn Fn(&Plan, &Event) + Send + Sync>;

/// A change that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The change.
    pub change: usize,
    /// Why not.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How an apply ended.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Changes that were made.
    pub done: Vec<usize>,
    /// Changes that were not.
    pub failed: Vec<Failure>,
    /// Changes not tried, with the one each needed.
    pub skipped: Vec<(usize, usize)>,
    /// Changes not tried, because the apply was stopped.
    pub left: Vec<usize>,
    /// Whether it was stopped.
    pub stopped: bool,
    /// Whether the ledger could be written at the end.
    pub ledger_error: Option<String>,
}

/// What an apply needs.
#[derive(Clone)]
pub struct Context {
    /// Speaks to the gateway.
    pub client: Client,
    /// Reads secrets.
    pub secrets: SecretReader,
    /// Is told what happens.
    pub listener: Listener,
    /// Asks to stop.
    pub stop: Stop,
    /// The most steps under way at once.
    pub concurrency: usize,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Open,
    Done,
    Not,
}

/// What a change made turned out as.
#[derive(Debug, Clone)]
struct Made {
    change: usize,
    id: Option<String>,
    secret: Option<String>,
}

/// What a step did.
#[derive(Debug, Default)]
struct StepOutcome {
    made: Vec<Made>,
    failed: Vec<Failure>,
    /// Whether what failed may have been done all the same.
    unclear: bool,
}

/// Makes the changes of `plan`.
///
/// # Errors
/// When the ledger cannot be written before the first call. Everything else is in the [`Outcome`].
pub async fn apply(
    plan: Arc<Plan>,
    context: Context,
    book: Arc<Mutex<Book>>,
) -> Result<Outcome, LedgerError> {
    intend(&plan, &book)?;
    let mut run = Run::new(&plan);
    let ids: Arc<Mutex<ids::Ids>> = Arc::default();
    let mut tasks: JoinSet<(usize, StepOutcome)> = JoinSet::new();
    loop {
        while !context.stop.is_asked() && tasks.len() < context.concurrency.max(1) {
            let Some(step) = run.next(&plan, &context) else { break };
            (context.listener)(&plan, &Event::Begun { step });
            let items = run.items(&plan, step);
            let (plan, context, ids) = (Arc::clone(&plan), context.clone(), Arc::clone(&ids));
            let book = Arc::clone(&book);
            tasks.spawn(async move { (step, step::run(&plan, step, &items, &context, &ids, &book).await) });
        }
        let Some(joined) = tasks.join_next().await else { break };
        match joined {
            Ok((_, outcome)) => {
                record(&plan, &outcome, &ids, &book);
                run.settle(&plan, outcome, &context);
            }
            // A task that panicked: its changes stay open and are reported as left.
            Err(_) => run.outcome.stopped = true,
        }
    }
    let mut outcome = run.finish(context.stop.is_asked());
    let mut book = lock(&book);
    let owner = book.owner.clone();
    if outcome.left.is_empty() {
        let unclear = std::mem::take(&mut book.unclear);
        book.ledger.settle(&owner, &unclear);
    }
    outcome.ledger_error = book.write().err().map(|e| e.to_string());
    Ok(outcome)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes down what is about to be created, before anything is.
fn intend(plan: &Plan, book: &Mutex<Book>) -> Result<(), LedgerError> {
    let mut book = lock(book);
    let owner = book.owner.clone();
    for (from, to) in &plan.renamed {
        book.ledger.rename(&owner, from, to);
    }
    let created = plan.changes.iter().filter(|c| !c.owned && c.before.is_none() && c.after.is_some());
    let created: Vec<Address> = created.map(|c| c.address.clone()).collect();
    if plan.has_calls() {
        // A gateway may show what an earlier apply made only after a while. Until this apply makes it, or a later plan sees
        // it, it stays written down.
        let doubtful = book.ledger.record(&owner).pending;
        book.unclear.extend(created.iter().filter(|address| doubtful.contains(*address)).cloned());
        book.ledger.intend(&owner, created);
    }
    for address in &plan.forget {
        book.ledger.forget(&owner, address);
    }
    for address in &plan.adopt {
        if let Some(Some(base)) = plan.base.get(address) {
            let digest = base.digest.as_deref().and_then(Digest::from_hex);
            let protect = plan.protected.contains(address);
            let owned = Owned { id: base.id.clone(), digest, protect, hold: None };
            book.ledger.own(&owner, address, &owned, None);
        }
    }
    book.write()
}

/// Tells the ledger, and the steps to come, what was made.
fn record(plan: &Plan, outcome: &StepOutcome, ids: &Mutex<ids::Ids>, book: &Mutex<Book>) {
    let mut book = lock(book);
    let mut ids = lock(ids);
    let owner = book.owner.clone();
    for made in &outcome.made {
        let change = &plan.changes[made.change];
        if change.after.is_none() {
            book.ledger.forget(&owner, &change.address);
            for address in &change.takes_along {
                book.ledger.forget(&owner, address);
            }
            continue;
        }
        if let Some(was) = &change.was {
            book.ledger.rename(&owner, was, &change.address);
        }
        let known = plan.base.get(&change.address).and_then(Option::as_ref).map(|b| b.id.as_str().to_owned());
        let Some(id) = made.id.clone().or(known) else { continue };
        let digest = change.after.as_ref().map(Spec::digest);
        let protect = plan.protected.contains(&change.address);
        let hold = change.switch.as_ref().and_then(|switch| Digest::from_hex(switch.hold.as_deref()?));
        let owned = Owned { id: RemoteId::from(&*id), digest, protect, hold };
        book.ledger.own(&owner, &change.address, &owned, made.secret.clone());
        ids.made.insert(change.address.clone(), id);
    }
    if outcome.unclear {
        book.unclear.extend(outcome.failed.iter().map(|f| plan.changes[f.change].address.clone()));
    }
    book.unwritten += outcome.made.len();
    if book.unwritten >= WRITE_EVERY {
        book.unwritten = 0;
        // The last write counts, and tells; a failure in between is made good by it.
        if let Err(error) = book.write() {
            drop(error);
        }
    }
}

/// The state of a walk.
struct Run {
    fates: Vec<Fate>,
    waits: Vec<usize>,
    followers: HashMap<usize, Vec<usize>>,
    ready: VecDeque<usize>,
    outcome: Outcome,
}

impl Run {
    fn new(plan: &Plan) -> Self {
        let mut waits = vec![0; plan.steps.len()];
        let mut followers: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, step) in plan.steps.iter().enumerate() {
            let needs: BTreeSet<usize> = step.items.iter().flat_map(|i| i.needs.iter().copied()).collect();
            waits[index] = needs.len();
            for need in needs {
                followers.entry(need).or_default().push(index);
            }
        }
        let ready = (0..plan.steps.len()).filter(|i| waits[*i] == 0).collect();
        Self {
            fates: vec![Fate::Open; plan.changes.len()],
            waits,
            followers,
            ready,
            outcome: Outcome::default(),
        }
    }

    /// The next step with something to do; steps whose items all lost what they need are skipped on the way.
    fn next(&mut self, plan: &Plan, context: &Context) -> Option<usize> {
        loop {
            let step = self.ready.pop_front()?;
            for item in &plan.steps[step].items {
                if let Some(because) = item.needs.iter().find(|n| self.fates[**n] == Fate::Not) {
                    self.outcome.skipped.push((item.change, *because));
                    (context.listener)(plan, &Event::Skipped { change: item.change, because: *because });
                    self.decide(item.change, Fate::Not);
                }
            }
            if !self.items(plan, step).is_empty() {
                return Some(step);
            }
        }
    }

    /// The items of a step that are still to be done, by their index in it.
    fn items(&self, plan: &Plan, step: usize) -> Vec<usize> {
        let items = plan.steps[step].items.iter().enumerate();
        items.filter(|(_, item)| self.fates[item.change] == Fate::Open).map(|(i, _)| i).collect()
    }

    fn settle(&mut self, plan: &Plan, outcome: StepOutcome, context: &Context) {
        for made in outcome.made {
            self.outcome.done.push(made.change);
            (context.listener)(plan, &Event::Done { change: made.change });
            self.decide(made.change, Fate::Done);
        }
        for failure in outcome.failed {
            let event = Event::Failed { change: failure.change, message: failure.message.clone() };
            (context.listener)(plan, &event);
            self.decide(failure.change, Fate::Not);
            self.outcome.failed.push(failure);
        }
    }

    fn decide(&mut self, change: usize, fate: Fate) {
        self.fates[change] = fate;
        for step in self.followers.get(&change).into_iter().flatten() {
            self.waits[*step] -= 1;
            if self.waits[*step] == 0 {
                // What just became possible comes first: an API that went live is soon under its throttle.
                self.ready.push_front(*step);
            }
        }
    }

    fn finish(mut self, stopped: bool) -> Outcome {
        let open = self.fates.iter().enumerate().filter(|(_, f)| **f == Fate::Open);
        self.outcome.left = open.map(|(i, _)| i).collect();
        self.outcome.stopped |= stopped;
        self.outcome
    }
}

impl Outcome {
    /// Whether everything was done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
            && self.skipped.is_empty()
            && self.left.is_empty()
            && self.ledger_error.is_none()
    }

    /// Counts of what was done, by action.
    #[must_use]
    pub fn done_by_action(&self, plan: &Plan) -> std::collections::BTreeMap<Action, usize> {
        let mut counts = std::collections::BTreeMap::new();
        for change in &self.done {
            *counts.entry(plan.changes[*change].action).or_insert(0) += 1;
        }
        counts
    }
}
