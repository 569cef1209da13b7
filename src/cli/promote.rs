//! `apigctl promote`: what runs in one environment goes live in another.

use std::io::Write;
use std::process::ExitCode;

use super::going::{Brakes, Going, Ground, Wording, go};
use crate::diff::train::Train;
use crate::error::Error;
use crate::session::{self, Planned, Rules};

/// Publish in one environment what runs in another one as the manifests say
///
/// Made for release trains: `apply --publish TEST` brings what is in the manifests to TEST alone, `promote TEST RELEASE` then
/// brings to RELEASE what TEST runs, with what is attached to it and the values of variables. An API of which TEST runs something else
/// than the manifest says is refused: it was not tried out.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The environment where it was tried out
    #[arg(value_name = "FROM")]
    pub from: String,

    /// The environment where it is to run
    #[arg(value_name = "TO")]
    pub to: String,

    /// Groups, and APIs as GROUP/API; all that are in the manifests where none are named
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,

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

/// Plans, asks, promotes.
///
/// # Errors
/// When no plan can be made, it is not approved, or not everything was applied.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    if args.from == args.to {
        let message = format!("{} cannot be promoted to itself", args.from);
        return Err(Error::Other { message, hint: Some("name two environments".to_owned()) });
    }
    let wording = Wording { command: "promotion", question: "Promote this?", brakes: args.brakes };
    let rules = Rules {
        rehearse: !args.no_rehearsal,
        no_cache: args.going.gateway.no_cache,
        train: Some(Train::Promote {
            from: args.from.clone(),
            to: args.to.clone(),
            only: args.names.clone(),
        }),
        traffic: true,
        ..Rules::default()
    };
    let make = async |ground: &Ground| {
        let Ground { project, target, books, secrets } = ground;
        let name = args.going.gateway.target.as_deref();
        let taking = target.taking(args.going.gateway.allow_lossy);
        let manifests = session::manifests(project, name, &[], taking).sound()?;
        Ok(Planned::make(manifests, target, books, secrets, rules).await?)
    };
    go(&args.going, &wording, make, out)
}
