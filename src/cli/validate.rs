//! `apigctl validate`: everything that can be said of manifests without a gateway.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::Error;
use crate::problem::any_error;
use crate::session::{self, SessionError, Taking};

/// Check manifests: fields, references, and what the gateway's vendor can take; offline
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Manifest files and folders; the project file's `manifests` where none are given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The project file; found in this folder or above it where not given
    #[arg(long, value_name = "FILE")]
    pub project: Option<PathBuf>,

    /// The target whose vendor's limits apply
    #[arg(long, short, value_name = "NAME", env = "APIGCTL_TARGET")]
    pub target: Option<String>,

    /// Leave out what the target's vendor has no place for, where that makes nothing less safe, and list it
    #[arg(long)]
    pub allow_lossy: bool,

    /// How to print problems
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// How to print problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with excerpts
    Text,
    /// A JSON array
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// Checks, and prints what was found.
///
/// # Errors
/// When there are errors among the problems.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let project = session::project(args.project.as_deref())?;
    let (name, target) = project.target(args.target.as_deref()).map_err(SessionError::from)?;
    let taking = Taking::by(session::vendor_of(&name, &target)?, args.allow_lossy);
    let mut manifests = session::manifests(&project, args.target.as_deref(), &args.paths, taking);
    manifests.problems.extend(manifests.left_out.drain(..).map(|(_, problem)| problem));
    if args.format != Format::Text {
        super::plan::write_problems(args.format, &manifests.problems, out)?;
        return Ok(if any_error(&manifests.problems) { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    if any_error(&manifests.problems) {
        return Err(SessionError::Problems(manifests.problems).into());
    }
    super::show_problems(&mut anstream::stderr().lock(), &manifests.problems)?;
    let resources = manifests.desired.managed().count();
    writeln!(out, "Valid: {} documents, {resources} resources.", manifests.documents.len())?;
    Ok(ExitCode::SUCCESS)
}
