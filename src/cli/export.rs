//! `apigctl export`: live state to manifests.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::plan::{Offline, open};
use crate::error::Error;
use crate::export;
use crate::provider::Want;
use crate::session::{self, Gateway};

/// Write the live state of the gateway as manifests; a plan from them is empty
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The folder to write to; it must be empty or new
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,

    #[command(flatten)]
    /// Which gateway.
    pub gateway: Gateway,

    /// Export what the engine of a snapshot holds, instead of the target
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,

    /// The JSON Schema named on top of each file for editors: a URL, or a path relative to the folder
    #[arg(long, value_name = "URL")]
    pub schema: Option<String>,
}

/// Exports, and says what was written.
///
/// # Errors
/// When the gateway cannot be read, or the folder is not empty or cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    if std::fs::read_dir(&args.out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::NotEmpty(args.out.clone()));
    }
    let project = session::project(args.gateway.project.as_deref())?;
    let offline = Offline { offline: args.snapshot.is_some(), snapshot: args.snapshot.clone() };
    let target = open(&project, args.gateway.target.as_deref(), &offline)?;
    let want = Want { all: true, details: true, ..Want::default() };
    let observed = super::block_on(session::observe(&target, &want, args.gateway.no_cache))??;
    let exported = export::export(&observed, args.schema.as_deref());
    for file in &exported.files {
        write_file(&args.out.join(&file.path), &file.text)?;
    }
    let counts: Vec<String> = exported
        .counts
        .iter()
        .map(|(kind, count)| format!("{count} {}", plural(kind.def().noun, *count)))
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
        args.out.display()
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
