//! `apigctl apply`: makes a plan, or takes a saved one, and makes it so.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::going::Brakes;
use super::ledger::{self, Waiting};
use super::plan::{self, Making, Offline, Prepared};
use crate::apply::{self, Book, Context, Event, Outcome, Stop};
use crate::error::Error;
use crate::ledger::Lock;
use crate::plan::{FORMAT, Plan};
use crate::plan::{brake, check};
use crate::session::{self, Planned, Scope, SessionError, Target};
use crate::ui;
use crate::ui::progress::{Bar, Lines, Progress};
use crate::ui::report::{ApplyReport, Failed, Skipped};

/// Make the gateway what the manifests say, or apply a saved plan
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    /// Which manifests (or the saved plan) and which gateway.
    pub scope: Scope,

    /// Do not ask
    #[arg(long, short = 'y')]
    pub auto_approve: bool,

    #[command(flatten)]
    /// How the plan is made.
    pub making: Making,

    #[command(flatten)]
    /// How much the plan may take away.
    pub brakes: Brakes,

    #[command(flatten)]
    /// How long to wait for the ledger.
    pub waiting: Waiting,

    /// List everything, without folding
    #[arg(long, short)]
    pub verbose: bool,
}

/// Plans, asks, applies.
///
/// # Errors
/// When no plan can be made, it is not approved, or not everything was applied.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    if let [path] = args.scope.paths.as_slice()
        && let Some(plan) = saved(path)?
    {
        return run_saved(args, plan, out);
    }
    let Prepared { project, target, manifests, rules } =
        plan::prepare(&args.scope, &args.making, &Offline::default())?;
    let (store, lock) = ledger::hold(&project, args.waiting, &format!("apply to {}", target.name))?;
    let books = session::open_books(store, &project, &target)?;
    let secrets = session::secret_reader(&project);
    super::block_on(async {
        let held = Held::new(lock);
        let planned = Planned::make(manifests, &target, &books, &secrets, rules).await?;
        super::show_problems(&mut anstream::stderr().lock(), &planned.problems)?;
        plan::write(&planned.plan, plan::Format::Text, args.verbose, out)?;
        consent(&planned.plan, args, out)?;
        let _lock = held.keep();
        carry_out(planned.plan, &target, secrets, books.into_book(), out).await
    })?
}

/// Applies exactly what a saved plan says, unless the gateway has moved since.
fn run_saved(args: &Args, plan: Plan, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let project = session::project(args.scope.gateway.project.as_deref())?;
    let name = args.scope.gateway.target.as_deref().or(Some(plan.target.name.as_str()));
    let target = plan::open(&project, name, &Offline::default())?;
    if target.identity != plan.target {
        let message = format!("it was made for {} at {}", plan.target.name, plan.target.endpoint);
        return Err(SessionError::Stale(message).into());
    }
    let violations = check::violations(&plan);
    if !violations.is_empty() {
        return Err(SessionError::Violations(violations).into());
    }
    let (store, lock) = ledger::hold(&project, args.waiting, &format!("apply to {}", target.name))?;
    let books = session::open_books(store, &project, &target)?;
    let secrets = session::secret_reader(&project);
    super::block_on(async {
        let held = Held::new(lock);
        session::fresh(&plan, &target).await?;
        plan::write(&plan, plan::Format::Text, args.verbose, out)?;
        consent(&plan, args, out)?;
        let _lock = held.keep();
        carry_out(plan, &target, secrets, books.into_book(), out).await
    })?
}

/// Stops at the brake on large deletions, and asks.
fn consent(plan: &Plan, args: &Args, out: &mut dyn Write) -> Result<(), Error> {
    check_brakes(plan, args.brakes)?;
    if plan.has_calls() {
        approve(args.auto_approve, "Apply this plan?", out)?;
    } else if !plan.is_empty() {
        approve(args.auto_approve, "Bring the ledger up to date? The gateway stays as it is.", out)?;
    }
    Ok(())
}

/// Refuses a plan that removes more than it may, or takes something away from APIs that are called more than they may.
pub(crate) fn check_brakes(plan: &Plan, brakes: Brakes) -> Result<(), Error> {
    let (why, hint) = if let Some(brake) = brake::brake(plan, brakes.max_deletes) {
        let hint = format!(
            "if that is meant, give `--max-deletes {}`; `--no-prune` keeps what left the manifests",
            brake.removals
        );
        (brake.to_string(), hint)
    } else if let Some(brake) = brake::traffic(plan, brakes.max_traffic) {
        (brake.to_string(), format!("if that is meant, give `--max-traffic {}`", brake.requests))
    } else {
        return Ok(());
    };
    Err(Error::Other { message: format!("nothing was changed: {why}"), hint: Some(hint) })
}

/// The ledger's lock while a plan is made and somebody thinks about it: a signal gives it back, and ends the process.
pub(crate) struct Held {
    lock: Arc<Mutex<Option<Lock>>>,
    watch: tokio::task::JoinHandle<()>,
}

impl Held {
    /// Must be called within a runtime.
    pub(crate) fn new(lock: Lock) -> Self {
        let lock = Arc::new(Mutex::new(Some(lock)));
        let shared = Arc::clone(&lock);
        let watch = tokio::spawn(async move {
            interrupted().await;
            let taken = shared.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(lock) = taken {
                drop(lock);
                // As the signal would have done by itself, which leaves the lock behind.
                std::process::exit(130);
            }
        });
        Self { lock, watch }
    }

    /// From here on signals are another's business.
    pub(crate) fn keep(self) -> Option<Lock> {
        self.watch.abort();
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Waits for a signal that asks this process to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A saved plan, if the file is one. Manifests are YAML; a plan is JSON with a `format`.
fn saved(path: &Path) -> Result<Option<Plan>, Error> {
    if path.is_dir() || path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
        return Ok(None);
    }
    let file = |message: String| SessionError::File { verb: "read", path: path.into(), message };
    let text = std::fs::read(path).map_err(|e| file(e.to_string()))?;
    let value: serde_json::Value = serde_json::from_slice(&text)
        .map_err(|e| file(format!("it is neither a manifest nor a saved plan ({e})")))?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(format) => {
            return Err(
                file(format!("it is a plan of the format {format}; this apigctl reads {FORMAT}")).into()
            );
        }
        None => return Err(file("it is no saved plan (`plan --out` makes one)".into()).into()),
    }
    let plan = serde_json::from_value(value).map_err(|e| file(format!("it is a broken plan ({e})")))?;
    Ok(Some(plan))
}

/// Asks, unless told not to.
pub(crate) fn approve(auto: bool, question: &str, out: &mut dyn Write) -> Result<(), Error> {
    if auto {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Error::NobodyToAsk);
    }
    write!(out, "\n{question} Only `yes` is taken as yes: ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Error::NotApproved) }
}

/// Applies a plan, with progress and a report.
pub(crate) async fn carry_out(
    plan: Plan,
    target: &Target,
    secrets: apply::SecretReader,
    book: Book,
    out: &mut dyn Write,
) -> Result<ExitCode, Error> {
    let booked = plan.adopt.len() + plan.forget.len() + plan.renamed.len();
    if plan.is_empty() && booked == 0 && !book.has_pending() {
        return Ok(ExitCode::SUCCESS);
    }
    let plan = Arc::new(plan);
    let stop = Stop::default();
    let asked = stop.clone();
    let interrupt = tokio::spawn(async move {
        loop {
            interrupted().await;
            asked.ask();
        }
    });
    let progress = progress();
    if plan.has_calls() {
        progress.start(plan.calls(), plan.changes.len());
    }
    let (calls, retries, begun) = (target.client.calls(), target.client.retries(), Instant::now());
    let context = Context {
        client: target.client.clone(),
        secrets,
        listener: listener(Arc::clone(&progress)),
        stop,
        concurrency: target.concurrency,
    };
    let mut outcome = apply::apply(Arc::clone(&plan), context, Arc::new(Mutex::new(book))).await?;
    if plan.refresh_only {
        // What was changed by hand has no calls, so nothing was left undone.
        outcome.left.clear();
    }
    interrupt.abort();
    progress.finish();
    let retries = target.client.retries() - retries;
    let report = report(&plan, &outcome, target.client.calls() - calls - retries, retries, begun.elapsed());
    if !plan.has_calls() {
        let owned = plan.adopt.len();
        writeln!(
            out,
            "The ledger was brought up to date: {owned} put on record, {} taken off.",
            plan.forget.len()
        )?;
    } else {
        ui::report::report(out, &report, &super::layout(false))?;
    }
    if let Some(error) = outcome.ledger_error {
        let hint = Some(
            "what was created is known from the ledger's `pending`: make room, and run it again".to_owned(),
        );
        return Err(Error::Other { message: error, hint });
    }
    if outcome.is_complete() { Ok(ExitCode::SUCCESS) } else { Err(Error::Incomplete) }
}

/// A bar on a terminal, lines elsewhere.
fn progress() -> Arc<dyn Progress> {
    if std::io::stderr().is_terminal() {
        let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
        Arc::new(Bar::stderr(colour))
    } else {
        Arc::new(Lines::new(Box::new(std::io::stderr())))
    }
}

fn listener(progress: Arc<dyn Progress>) -> apply::Listener {
    Arc::new(move |plan, event| {
        let label = |change: usize| {
            let change = &plan.changes[change];
            format!("{} {}", change.action.word(), change.address)
        };
        match event {
            Event::Begun { step } => {
                let items = &plan.steps[*step].items;
                let more =
                    if items.len() > 1 { format!(" and {} more", items.len() - 1) } else { String::new() };
                progress.step_started(&format!("{}{more}", label(items[0].change)));
            }
            Event::Done { change } => progress.step_done(&label(*change), 1, 0),
            Event::Failed { change, message } => {
                progress.message(&format!("failed to {}: {message}", label(*change)));
                progress.step_done(&label(*change), 0, 1);
            }
            Event::Skipped { change, because } => {
                progress.message(&format!(
                    "skipped {}: it needs {}",
                    label(*change),
                    plan.changes[*because].address
                ));
            }
        }
    })
}

fn report(plan: &Plan, outcome: &Outcome, calls: usize, retries: usize, duration: Duration) -> ApplyReport {
    let address = |change: usize| plan.changes[change].address.clone();
    let failed = outcome.failed.iter().map(|f| Failed {
        address: address(f.change),
        action: plan.changes[f.change].action,
        message: f.message.clone(),
        hint: f.hint.clone(),
    });
    let skipped = outcome
        .skipped
        .iter()
        .map(|(change, because)| Skipped { address: address(*change), because: address(*because) });
    ApplyReport {
        done: outcome.done_by_action(plan),
        failed: failed.collect(),
        skipped: skipped.collect(),
        left: outcome.left.len(),
        interrupted: outcome.stopped,
        calls,
        retries,
        duration,
    }
}
