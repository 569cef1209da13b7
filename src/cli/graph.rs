//! `apigctl graph`: the desired-state graph.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::Error;
use crate::session;
use crate::ui::graph::{self, GraphFormat};

/// Print the desired-state graph: what depends on what
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Manifest files and folders; the project file's `manifests` where none are given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// The project file; found in this folder or above it where not given
    #[arg(long, value_name = "FILE")]
    pub project: Option<PathBuf>,

    /// The language
    #[arg(long, value_enum, default_value = "dot")]
    pub format: Format,
}

/// A language for graphs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Graphviz
    Dot,
    /// Mermaid, for Markdown
    Mermaid,
    /// A picture
    Svg,
}

/// Prints the graph.
///
/// # Errors
/// When the manifests have errors.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let project = session::project(args.project.as_deref())?;
    let manifests = session::manifests(&project, None, &args.paths, session::Taking::all()).sound()?;
    let format = match args.format {
        Format::Dot => GraphFormat::Dot,
        Format::Mermaid => GraphFormat::Mermaid,
        Format::Svg => GraphFormat::Svg,
    };
    graph::graph(out, &manifests.desired, format)?;
    Ok(ExitCode::SUCCESS)
}
