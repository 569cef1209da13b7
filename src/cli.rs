//! The command line: one file per command, with its arguments and one `run`.

pub mod apply;
pub mod completions;
pub mod destroy;
pub mod explain;
pub mod export;
pub mod going;
pub mod graph;
pub mod import;
pub mod init;
pub mod ledger;
pub mod plan;
pub mod promote;
pub mod rollback;
pub mod schema;
pub mod serve;
pub mod traffic;
pub mod validate;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;
use crate::problem::Problem;
use crate::session::SessionError;
use crate::ui;

/// Declarative GitOps reconciler for cloud API gateways
///
/// Manifests describe groups, environments, APIs, throttles, signatures and bindings. `plan` shows what differs from the
/// gateway, `apply` makes it so with the fewest calls. Without a project file the gateway is an embedded engine under
/// .apigctl/, so that everything can be tried out on this machine.
#[derive(Debug, Parser)]
#[command(name = "apigctl", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// When to colour what is printed
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, value_enum)]
    pub color: ColorChoice,
    #[command(subcommand)]
    command: Command,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On terminals that can, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Validate(validate::Args),
    Plan(plan::Args),
    Apply(apply::Args),
    Promote(promote::Args),
    Rollback(rollback::Args),
    Destroy(destroy::Args),
    Ledger(ledger::Args),
    Export(export::Args),
    Graph(graph::Args),
    Import(import::Args),
    Schema(schema::Args),
    Explain(explain::Args),
    Traffic(traffic::Args),
    Serve(serve::Args),
    Completions(completions::Args),
}

/// Runs the command line.
#[must_use]
pub fn main() -> ExitCode {
    // Not clap's exit code for a wrong command line, which is 2: that is what `--detailed-exitcode` says of changes.
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let printed = error.print();
            return if error.use_stderr() || printed.is_err() {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    match cli.color {
        ColorChoice::Auto => {}
        ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
        ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
    }
    let out = &mut anstream::stdout().lock();
    let ended = match &cli.command {
        Command::Init(args) => init::run(args, out),
        Command::Validate(args) => validate::run(args, out),
        Command::Plan(args) => plan::run(args, out),
        Command::Apply(args) => apply::run(args, out),
        Command::Promote(args) => promote::run(args, out),
        Command::Rollback(args) => rollback::run(args, out),
        Command::Destroy(args) => destroy::run(args, out),
        Command::Ledger(args) => ledger::run(args, out),
        Command::Export(args) => export::run(args, out),
        Command::Graph(args) => graph::run(args, out),
        Command::Import(args) => import::run(args, out).map(|()| ExitCode::SUCCESS).map_err(Error::from),
        Command::Schema(args) => schema::run(args, out).map(|()| ExitCode::SUCCESS).map_err(Error::from),
        Command::Explain(args) => {
            explain::run(args, width(), out).map(|()| ExitCode::SUCCESS).map_err(Error::from)
        }
        Command::Traffic(args) => traffic::run(args, out),
        Command::Serve(args) => serve::run(args).map(|()| ExitCode::SUCCESS).map_err(Error::from),
        Command::Completions(args) => completions::run(args, out),
    };
    let flushed = out.flush();
    match ended {
        Ok(code) if flushed.is_ok() => code,
        Ok(_) => ExitCode::FAILURE,
        // Whoever read the output has seen enough.
        Err(Error::Output { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

/// Prints an error on standard error.
fn report(error: &Error) {
    let mut err = anstream::stderr().lock();
    if let Error::Session(SessionError::Problems(problems)) = error {
        drop(show_problems(&mut err, problems));
        return;
    }
    let style = anstyle::Style::new().bold().fg_color(Some(anstyle::AnsiColor::Red.into()));
    let mut text = format!("{style}error{style:#}: {error}\n");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!("  because {cause}\n"));
        source = cause.source();
    }
    if let Some(hint) = error.hint() {
        let style = anstyle::Style::new().fg_color(Some(anstyle::AnsiColor::Cyan.into()));
        text.push_str(&format!("  {style}help{style:#}: {hint}\n"));
    }
    drop(err.write_all(text.as_bytes()));
}

/// Prints problems for people.
pub(crate) fn show_problems(out: &mut dyn Write, problems: &[Problem]) -> std::io::Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let width =
        terminal_size::terminal_size_of(std::io::stderr()).map_or(100, |(width, _)| usize::from(width.0));
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    ui::problems::problems(out, problems, &ui::Options { colour, width, verbose: false })
}

/// How text on standard output is laid out.
pub(crate) fn layout(verbose: bool) -> ui::Options {
    ui::Options { colour: colour(), width: width(), verbose }
}

/// Runs what speaks to a gateway.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|source| Error::Output { what: "the runtime".to_owned(), source })?;
    Ok(runtime.block_on(future))
}

/// The width of the terminal; 100 where there is none.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0).clamp(40, 160))
}

/// Whether what is printed on standard output is to be coloured.
fn colour() -> bool {
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    choice != anstream::ColorChoice::Never
}
