//! `apigctl completions`: completion scripts for shells.

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::error::Error;

/// Print a completion script for a shell
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// When it cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "apigctl", &mut script);
    out.write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
