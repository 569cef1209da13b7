//! `apigctl init`: a project to start from.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::error::Error;
use crate::schema;

/// Start a project: project file, first manifests, schemas and settings for editors, a CI workflow
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The folder; this one where not given
    #[arg(value_name = "DIR", default_value = ".")]
    pub dir: PathBuf,

    /// Leave the CI workflow out
    #[arg(long)]
    pub no_workflow: bool,
}

/// A file to start from.
struct Start {
    path: &'static str,
    text: String,
    about: &'static str,
}

/// Writes what is not there yet; files that are there stay as they are.
///
/// # Errors
/// When a file cannot be written.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let mut starts = vec![
        Start {
            path: "apigctl.yaml",
            text: include_str!("init/apigctl.yaml").into(),
            about: "the project: targets, manifests, ledger",
        },
        Start {
            path: "manifests/hello.yaml",
            text: include_str!("init/hello.yaml").into(),
            about: "the first manifests",
        },
        Start {
            path: ".vscode/settings.json",
            text: include_str!("init/settings.json").into(),
            about: "completion and checks in editors",
        },
        Start {
            path: ".gitignore",
            text: include_str!("init/gitignore").into(),
            about: "keeps the local engine and caches out of version control",
        },
    ];
    for (name, text) in schema::files() {
        match name.as_str() {
            "apigctl.schema.json" => starts.push(Start {
                path: "schemas/apigctl.schema.json",
                text,
                about: "the schema of manifests",
            }),
            "project.schema.json" => starts.push(Start {
                path: "schemas/project.schema.json",
                text,
                about: "the schema of the project file",
            }),
            _ => {}
        }
    }
    if !args.no_workflow {
        let text = include_str!("init/workflow.yaml").into();
        starts.push(Start {
            path: ".github/workflows/apigctl.yaml",
            text,
            about: "plan in pull requests, apply on main",
        });
    }
    let width = starts.iter().map(|s| s.path.len()).max().unwrap_or_default();
    for start in &starts {
        let path = args.dir.join(start.path);
        let state = if path.exists() { "kept, it was there" } else { start.about };
        if !path.exists() {
            write_file(&path, &start.text)?;
        }
        writeln!(out, "  {:width$}  {state}", start.path)?;
    }
    let cd =
        if args.dir == Path::new(".") { String::new() } else { format!("cd {}\n  ", args.dir.display()) };
    writeln!(
        out,
        "\nNext:\n  {cd}apigctl plan      what would be done, on the embedded engine\n  apigctl apply     do it\n  apigctl explain Api"
    )?;
    Ok(ExitCode::SUCCESS)
}

fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    let fail = |source| Error::Output { what: path.display().to_string(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    std::fs::write(path, text).map_err(fail)
}
