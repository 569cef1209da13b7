//! Arguments in, exit code out.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

/// Declarative GitOps reconciler for cloud API gateways
#[derive(Parser)]
#[command(name = "apigctl", version)]
enum Command {
    Serve(apigctl::cli::serve::Args),
}

fn main() -> ExitCode {
    let Command::Serve(args) = Command::parse();
    match apigctl::cli::serve::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(anstream::stderr(), "error: {error}"));
            ExitCode::FAILURE
        }
    }
}
