//! `apigctl destroy`: removes what is owned, and nothing else.

use std::io::Write;
use std::process::ExitCode;

use super::going::{Going, Wording, go};
use crate::error::Error;
use crate::session::{Manifests, Planned, Rules};

/// Remove from the gateway everything that the ledger says is owned
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    /// How it is gone about.
    pub going: Going,

    /// Remove nothing when that would be more resources than this
    #[arg(long, value_name = "N")]
    pub max_deletes: Option<usize>,

    /// Do not try the plan out on the embedded engine
    #[arg(long)]
    pub no_rehearsal: bool,
}

/// Plans the removal, asks, removes.
///
/// # Errors
/// When no plan can be made, it is not approved, or not everything was removed.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let wording = Wording { command: "destroy", question: "Remove all this?", max_deletes: args.max_deletes };
    let rules = Rules {
        rehearse: !args.no_rehearsal,
        no_cache: args.going.gateway.no_cache,
        destroy: true,
        ..Rules::default()
    };
    let make = async |ground: &super::going::Ground| {
        let nothing = Manifests::default();
        Ok(Planned::make(nothing, &ground.target, &ground.books, &ground.secrets, rules).await?)
    };
    go(&args.going, &wording, make, out)
}
