//! `apigctl destroy`: removes what is owned, and nothing else.

use std::io::Write;
use std::process::ExitCode;

use super::apply::{approve, carry_out};
use super::plan::{self, Offline};
use crate::apply::Book;
use crate::error::Error;
use crate::ledger::Ledger;
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
    let path = project.path(&project.file.ledger);
    let _lock = Ledger::lock(&path)?;
    let books = session::books(&project, &target)?;
    let secrets = session::secret_reader(&project);
    let rules =
        Rules { prune: true, adopt: false, rehearse: !args.no_rehearsal, no_cache: args.gateway.no_cache };
    super::block_on(async {
        let planned = Planned::make(Manifests::default(), &target, &books, &secrets, rules).await?;
        plan::write(&planned.plan, plan::Format::Text, args.verbose, out)?;
        if args.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        if !planned.plan.is_empty() {
            approve(args.auto_approve, "Remove all this?", out)?;
        }
        let book = Book::new(books.ledger, Some(path), target.key.clone());
        carry_out(planned.plan, &target, secrets, book, out).await
    })?
}
