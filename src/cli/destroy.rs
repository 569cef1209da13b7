//! `apigctl destroy`: removes what is owned, and nothing else.

use std::io::Write;
use std::process::ExitCode;

use super::apply::{Held, approve, carry_out, check_brake};
use super::ledger::{self, Waiting};
use super::plan::{self, Offline};
use crate::error::Error;
use crate::session::{self, Gateway, Manifests, Planned, Rules};

/// Remove from the gateway everything that the ledger says is owned
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    /// Which gateway.
    pub gateway: Gateway,

    /// Do not ask
    #[arg(long, short = 'y')]
    pub auto_approve: bool,

    /// Show what would be removed, and end
    #[arg(long)]
    pub dry_run: bool,

    /// Remove nothing when that would be more resources than this
    #[arg(long, value_name = "N")]
    pub max_deletes: Option<usize>,

    #[command(flatten)]
    /// How long to wait for the ledger.
    pub waiting: Waiting,

    /// Do not try the plan out on the embedded engine
    #[arg(long)]
    pub no_rehearsal: bool,

    /// List everything, without folding
    #[arg(long, short)]
    pub verbose: bool,
}

/// Plans the removal, asks, removes.
///
/// # Errors
/// When no plan can be made, it is not approved, or not everything was removed.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let project = session::project(args.gateway.project.as_deref())?;
    let target = plan::open(&project, args.gateway.target.as_deref(), &Offline::default())?;
    let (store, lock) = ledger::hold(&project, args.waiting, &format!("destroy of {}", target.name))?;
    let books = session::open_books(store, &project, &target)?;
    let secrets = session::secret_reader(&project);
    let rules = Rules {
        rehearse: !args.no_rehearsal,
        no_cache: args.gateway.no_cache,
        destroy: true,
        ..Rules::default()
    };
    super::block_on(async {
        let held = Held::new(lock);
        let planned = Planned::make(Manifests::default(), &target, &books, &secrets, rules).await?;
        plan::write(&planned.plan, plan::Format::Text, args.verbose, out)?;
        if args.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        check_brake(&planned.plan, args.max_deletes)?;
        if !planned.plan.is_empty() {
            approve(args.auto_approve, "Remove all this?", out)?;
        }
        let _lock = held.keep();
        carry_out(planned.plan, &target, secrets, books.into_book(), out).await
    })?
}
