//! `apigctl rollback`: an earlier version runs again.

use std::io::Write;
use std::process::ExitCode;

use super::going::{Brakes, Going, Ground, Wording, go};
use super::plan::{self, Format, Offline};
use crate::error::Error;
use crate::history::{Pick, Query};
use crate::session::{self, Planned, rollback};
use crate::ui;

/// Switch APIs to a version that ran before
///
/// The gateway keeps the last versions of each API and environment, and switches between them at once. What ran until then is
/// remembered in the ledger: `apply` does not publish it again until its manifest changes. `rollback --to` with its version
/// switches back to it.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A group, or an API as GROUP/API
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,

    /// The environment
    #[arg(long, short, value_name = "ENV")]
    pub env: String,

    /// The version: of one API its number or id; of several a number such as 20261231235959, which stands for the newest version
    /// of each that is not newer. Without it, the one before the one that runs
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,

    /// List the versions that the gateway keeps, and end
    #[arg(long, conflicts_with_all = ["to", "dry_run"])]
    pub list: bool,

    #[command(flatten)]
    /// How it is gone about.
    pub going: Going,
}

impl Args {
    fn query(&self) -> Query {
        let one = matches!(self.names.as_slice(), [name] if name.contains('/'));
        let pick = match &self.to {
            _ if self.list => Pick::Nothing,
            None => Pick::Previous,
            Some(version) if one => Pick::Exactly(version.clone()),
            Some(version) => Pick::NotAfter(version.clone()),
        };
        Query { environment: self.env.clone(), names: self.names.clone(), pick }
    }
}

/// Plans, asks, switches; or lists versions.
///
/// # Errors
/// When no plan can be made, it is not approved, or not everything was switched.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let query = args.query();
    if let Pick::NotAfter(version) = &query.pick
        && (version.len() != 14 || !version.bytes().all(|b| b.is_ascii_digit()))
    {
        let message = format!("`{version}` is no version of several APIs");
        let hint = "write a number of 14 digits, year to second, such as 20261231235959; or name one API";
        return Err(Error::Other { message, hint: Some(hint.to_owned()) });
    }
    if args.list {
        return list(args, query, out);
    }
    let wording =
        Wording { command: "rollback", question: "Switch to these versions?", brakes: Brakes::default() };
    let make = async |ground: &Ground| {
        let Ground { project, target, books, .. } = ground;
        let observed = rollback::histories(target, query).await?;
        let name = args.going.gateway.target.as_deref();
        // What is wrong with manifests is no reason not to go back.
        let manifests = session::manifests(project, name, &[], session::Taking::all());
        Ok(Planned::rollback(&manifests, &observed, target, books)?)
    };
    go(&args.going, &wording, make, out)
}

fn list(args: &Args, query: Query, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let project = session::project(args.going.gateway.project.as_deref())?;
    let target = plan::open(&project, args.going.gateway.target.as_deref(), &Offline::default())?;
    let observed = super::block_on(rollback::histories(&target, query))??;
    match args.going.format {
        Format::Json => ui::versions::json(out, &observed.histories)?,
        Format::Text => ui::versions::text(out, &observed.histories, &super::layout(args.going.verbose))?,
        other => {
            let message = format!("versions are not listed as {}", format!("{other:?}").to_lowercase());
            return Err(Error::Other {
                message,
                hint: Some("take `--format text` or `--format json`".to_owned()),
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}
