//! `apigctl destroy`: removes what is owned, and nothing else.

use std::io::Write;
use std::process::ExitCode;

use super::going::{Brakes, Going, Wording, go};
use crate::error::Error;
use crate::session::{Manifests, Planned, Rules};

/// Remove from the gateway everything that the ledger says is owned
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    /// How it is gone about.
    pub going: Going,

    #[command(flatten)]
    /// How much it may take away.
    pub brakes: Brakes,

    /// Do not try the plan out on the embedded engine
    #[arg(long)]
    pub no_rehearsal: bool,
}

/// Plans the removal, asks, removes.
///
/// # Errors
/// When no plan can be made, it is not approved, or not everything was removed.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let wording = Wording { command: "destroy", question: "Remove all this?", brakes: args.brakes };
    let rules = Rules {
        rehearse: !args.no_rehearsal,
        no_cache: args.going.gateway.no_cache,
        destroy: true,
        traffic: true,
        ..Rules::default()
    };
    let make = async |ground: &super::going::Ground| {
        let nothing = Manifests::default();
        Ok(Planned::make(nothing, &ground.target, &ground.books, &ground.secrets, rules).await?)
    };
    go(&args.going, &wording, make, out)
}
