//! What the commands share that make a plan of their own, show it, ask, and carry it out.

use std::io::Write;
use std::process::ExitCode;

use super::apply::{Held, approve, carry_out, check_brakes};
use super::ledger::{self, Waiting};
use super::plan::{self, Format, Offline};
use crate::apply::SecretReader;
use crate::error::Error;
use crate::project::Project;
use crate::session::{self, Books, Gateway, Planned, Target};

/// How a command goes about its plan.
#[derive(Debug, Clone, clap::Args)]
pub struct Going {
    #[command(flatten)]
    /// Which gateway.
    pub gateway: Gateway,

    /// Do not ask
    #[arg(long, short = 'y')]
    pub auto_approve: bool,

    /// Show the plan, and end
    #[arg(long)]
    pub dry_run: bool,

    /// How to print the plan
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,

    #[command(flatten)]
    /// How long to wait for the ledger.
    pub waiting: Waiting,

    /// List everything, without folding
    #[arg(long, short)]
    pub verbose: bool,
}

/// How much a plan may take away.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Brakes {
    /// Apply nothing when the plan removes more resources than this. Without it, a plan may remove 10, or a quarter of what is
    /// owned where that is more
    #[arg(long, value_name = "N")]
    pub max_deletes: Option<usize>,

    /// Apply nothing when the plan deletes, takes offline or tightens APIs that were called more often than this in the last
    /// hour. Without it, 100 calls are allowed
    #[arg(long, value_name = "CALLS")]
    pub max_traffic: Option<u64>,
}

/// What a plan is made from.
pub(crate) struct Ground {
    pub(crate) project: Project,
    pub(crate) target: Target,
    pub(crate) books: Books,
    pub(crate) secrets: SecretReader,
}

/// What a command does besides: its words, and how much its plan may remove.
pub(crate) struct Wording {
    /// The command, for who waits for the ledger.
    pub(crate) command: &'static str,
    /// What is asked.
    pub(crate) question: &'static str,
    /// How much may be taken away.
    pub(crate) brakes: Brakes,
}

/// Makes a plan while the ledger is held, shows it, asks, and carries it out.
pub(crate) fn go(
    going: &Going,
    wording: &Wording,
    make: impl AsyncFnOnce(&Ground) -> Result<Planned, Error>,
    out: &mut dyn Write,
) -> Result<ExitCode, Error> {
    let project = session::project(going.gateway.project.as_deref())?;
    let target = plan::open(&project, going.gateway.target.as_deref(), &Offline::default())?;
    let (store, lock) =
        ledger::hold(&project, going.waiting, &format!("{} of {}", wording.command, target.name))?;
    let books = session::open_books(store, &project, &target)?;
    let secrets = session::secret_reader(&project);
    let ground = Ground { project, target, books, secrets };
    super::block_on(async {
        let held = Held::new(lock);
        let planned = make(&ground).await?;
        super::show_problems(&mut anstream::stderr().lock(), &planned.problems)?;
        plan::write(&planned.plan, going.format, going.verbose, out)?;
        if going.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        check_brakes(&planned.plan, wording.brakes)?;
        if planned.plan.has_calls() {
            approve(going.auto_approve, wording.question, out)?;
        }
        let _lock = held.keep();
        let Ground { target, books, secrets, .. } = ground;
        carry_out(planned.plan, &target, secrets, books.into_book(), out).await
    })?
}
