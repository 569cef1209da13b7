//! `apigctl ledger`: what is owned, who holds the ledger, and how to take a lock that was left behind.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;

use crate::error::Error;
use crate::kinds::value;
use crate::ledger::{Lock, Store};
use crate::project::Project;
use crate::session;

/// Look at the ledger, or break a lock that was left behind
///
/// The ledger remembers what apigctl owns. `apply` and `destroy` hold it while they run, so that two of them do not get in each
/// other's way. In a file the lock goes with its process. In an object store it is an object, which stays behind when a run
/// is killed: `ledger unlock` says whose it is, and removes it.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Subcommand)]
enum Command {
    /// List what is owned, and who holds the ledger
    Show(Show),
    /// Remove the lock of a run that is no more
    Unlock(Unlock),
}

#[derive(Debug, Clone, clap::Args)]
struct Show {
    /// The project file; found in this folder or above it where not given
    #[arg(long, value_name = "FILE")]
    project: Option<PathBuf>,

    /// List every resource with its id
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Debug, Clone, clap::Args)]
struct Unlock {
    /// The project file; found in this folder or above it where not given
    #[arg(long, value_name = "FILE")]
    project: Option<PathBuf>,

    /// Do not ask
    #[arg(long, short = 'y')]
    auto_approve: bool,
}

/// How long a command waits for the ledger.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Waiting {
    /// How long to wait for another run that holds the ledger, such as 60s; without it, give up at once
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub lock_timeout: Option<Duration>,
}

fn duration(text: &str) -> Result<Duration, String> {
    let read = value::Duration::parse(text).ok_or("write a whole number and a unit: 500ms, 60s, 5m")?;
    Ok(Duration::from_millis(read.as_millis()))
}

/// Opens the ledger's place and takes its lock, for `command`.
pub(crate) fn hold(project: &Project, waiting: Waiting, command: &str) -> Result<(Arc<Store>, Lock), Error> {
    let store = session::store(project)?;
    let wait = waiting.lock_timeout.unwrap_or_default();
    let lock = store.lock(command, wait, &mut |holder| {
        let who = holder.map_or_else(|| "another run".to_owned(), ToString::to_string);
        let mut err = anstream::stderr().lock();
        drop(writeln!(err, "waiting for the ledger {}, held by {who}", store.name()));
    })?;
    Ok((store, lock))
}

/// Runs one of the commands on the ledger.
///
/// # Errors
/// When the ledger cannot be read, or its lock cannot be taken.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    match &args.command {
        Command::Show(args) => show(args, out),
        Command::Unlock(args) => unlock(args, out),
    }
}

fn show(args: &Show, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let project = session::project(args.project.as_deref())?;
    let store = session::store(&project)?;
    let ledger = store.read()?;
    writeln!(out, "Ledger {}", store.name())?;
    match store.holder()? {
        Some(holder) => writeln!(out, "Held by {holder}")?,
        None => writeln!(out, "Held by nobody")?,
    }
    let mut places: BTreeMap<(&str, &str), Vec<_>> = BTreeMap::new();
    for (target, scope, address, id, protect) in ledger.entries() {
        places.entry((target, scope)).or_default().push((address, id, protect));
    }
    for ((target, scope), entries) in places {
        let (count, protected) = (entries.len(), entries.iter().filter(|(.., protect)| *protect).count());
        write!(out, "\n{target}, scope {scope}: {count} owned")?;
        writeln!(
            out,
            "{}",
            if protected > 0 { format!(", {protected} of them protected") } else { String::new() }
        )?;
        for (address, id, protect) in entries.iter().filter(|_| args.verbose) {
            writeln!(out, "  {address}  {id}{}", if *protect { "  protected" } else { "" })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn unlock(args: &Unlock, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let project = session::project(args.project.as_deref())?;
    let store = session::store(&project)?;
    let Some(holder) = store.holder()? else {
        writeln!(out, "Nobody holds the ledger {}.", store.name())?;
        return Ok(ExitCode::SUCCESS);
    };
    writeln!(out, "The ledger {} is held by {holder}.", store.name())?;
    if !args.auto_approve {
        if !std::io::stdin().is_terminal() {
            return Err(Error::NobodyToAsk);
        }
        let question = "If that run still goes on, two may write at once. Take the lock from it?";
        super::apply::approve(false, question, out)?;
    }
    if !store.unlock(&holder)? {
        let message = "the lock of a ledger in a file goes with its process, which is still there".to_owned();
        let hint = Some(format!("wait for process {} to end, or end it", holder.pid));
        return Err(Error::Other { message, hint });
    }
    writeln!(out, "The lock is removed. What that run was about to create is in the ledger as pending.")?;
    Ok(ExitCode::SUCCESS)
}
