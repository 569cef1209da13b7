//! `apigctl export`: live state to manifests.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::plan::{Offline, open};
use crate::engine::snapshot::FormatError;
use crate::error::Error;
use crate::export;
use crate::provider::Want;
use crate::session::{self, Gateway, Target};

/// Write the live state of the gateway: as manifests, from which a plan is empty, or as a snapshot
#[derive(Debug, Clone, clap::Args)]
#[group(id = "what", required = true, multiple = true, args = ["out", "snapshot"])]
pub struct Args {
    /// The folder to write manifests to; it must be empty or new
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Write all that the gateway shows to this file, for `plan --offline --snapshot` and `serve --snapshot`; secrets are
    /// masked
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,

    #[command(flatten)]
    /// Which gateway.
    pub gateway: Gateway,

    /// Export what this snapshot holds, instead of the target
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    pub from_snapshot: Option<PathBuf>,

    /// The JSON Schema named on top of each file for editors: a URL, or a path relative to the folder
    #[arg(long, value_name = "URL")]
    pub schema: Option<String>,
}

/// Exports, and says what was written.
///
/// # Errors
/// When the gateway cannot be read, or the folder is not empty or cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let filled = |dir: &PathBuf| std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if let Some(dir) = args.out.as_ref().filter(|dir| filled(dir)) {
        return Err(Error::NotEmpty(dir.clone()));
    }
    let project = session::project(args.gateway.project.as_deref())?;
    let offline = Offline { offline: args.from_snapshot.is_some(), snapshot: args.from_snapshot.clone() };
    let target = open(&project, args.gateway.target.as_deref(), &offline)?;
    if let Some(path) = &args.snapshot {
        snapshot(&target, path, out)?;
    }
    match &args.out {
        Some(dir) => manifests(args, &target, dir, out),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Writes a snapshot, and says of what.
fn snapshot(target: &Target, path: &Path, out: &mut dyn Write) -> Result<(), Error> {
    let (snapshot, notes) = super::block_on(session::capture(target))??;
    let fail = |e: FormatError| Error::Other {
        message: format!("failed to write {}: {e}", path.display()),
        hint: None,
    };
    write_file(path, &snapshot.text().map_err(fail)?)?;
    let [groups, apis, versions] = snapshot.holds.counts();
    writeln!(
        out,
        "Wrote {} with {}, {} and {} that run.",
        path.display(),
        counted(groups, "group"),
        counted(apis, "API"),
        counted(versions, "version"),
    )?;
    for note in notes {
        writeln!(out, "note: {note}")?;
    }
    Ok(())
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {}", plural(noun, count))
}

fn manifests(args: &Args, target: &Target, dir: &Path, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let want = Want { all: true, details: true, ..Want::default() };
    let observed = super::block_on(session::observe(target, &want, args.gateway.no_cache))??;
    let exported = export::export(&observed, args.schema.as_deref());
    for file in &exported.files {
        write_file(&dir.join(&file.path), &file.text)?;
    }
    let counts: Vec<String> = exported
        .counts
        .iter()
        .map(|(kind, count)| {
            if *count == 1 {
                format!("1 {}", kind.def().noun)
            } else {
                format!("{count} {}", kind.def().nouns())
            }
        })
        .collect();
    let files = exported.files.len();
    if files == 0 {
        writeln!(out, "The gateway holds nothing to export.")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        out,
        "Exported {} to {} {} in {}.",
        counts.join(", "),
        files,
        plural("file", files),
        dir.display()
    )?;
    if !exported.secrets.is_empty() {
        writeln!(
            out,
            "Secrets cannot be read back. Set before the next apply: {}",
            exported.secrets.join(", ")
        )?;
    }
    for remark in &exported.remarks {
        writeln!(out, "note: {remark}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn plural(noun: &str, count: usize) -> String {
    match count {
        1 => noun.to_owned(),
        _ => format!("{noun}s"),
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    let fail = |source| Error::Output { what: path.display().to_string(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    std::fs::write(path, text).map_err(fail)
}
