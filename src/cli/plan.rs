//! `apigctl plan`: what differs, and what would be done about it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::validate::Format as ProblemFormat;
use crate::diff::train::Train;
use crate::error::Error;
use crate::plan::{Note, Plan, brake};
use crate::problem::Problem;
use crate::project::Project;
use crate::session::{self, Manifests, Planned, Rules, Scope, SessionError, Target};
use crate::ui;

/// Show what differs from the gateway, and which calls would make it so
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    /// Which manifests and which gateway.
    pub scope: Scope,

    #[command(flatten)]
    /// How the plan is made.
    pub making: Making,

    #[command(flatten)]
    /// Whether it is made without a gateway.
    pub offline: Offline,

    /// Save the plan to a file that `apigctl apply FILE` applies exactly
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// How to print the plan
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,

    /// Exit with 2 when there is something to do, 0 when there is not
    #[arg(long)]
    pub detailed_exitcode: bool,

    /// List everything, without folding
    #[arg(long, short)]
    pub verbose: bool,
}

/// How a plan is made.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Making {
    /// Keep owned resources that are no longer in the manifests
    #[arg(long)]
    pub no_prune: bool,

    /// Take over what is on the gateway under the names of the manifests and not in the ledger: put it on record as owned,
    /// and change it where it differs. Without this, a plan that would change it is refused
    #[arg(long)]
    pub adopt: bool,

    /// Show only what was changed by hand at the gateway since the last apply, and plan nothing. To apply that brings the
    /// ledger up to date: the gateway stays as it is
    #[arg(long, conflicts_with = "adopt")]
    pub refresh_only: bool,

    /// Do not try the plan out on the embedded engine
    #[arg(long)]
    pub no_rehearsal: bool,

    /// Do not ask the gateway how often the APIs are called that the plan deletes, takes offline or tightens
    #[arg(long)]
    pub no_traffic: bool,

    /// Change nothing that stands in other environments than these: what is published, attached or has a value there stays as
    /// it is until it is promoted, or applied without this
    #[arg(long, value_name = "ENV", value_delimiter = ',', conflicts_with = "refresh_only")]
    pub publish: Vec<String>,
}

/// Whether a plan is made without a gateway.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Offline {
    /// Plan against an engine in memory instead of the target: empty, or loaded with `--snapshot`
    #[arg(long)]
    pub offline: bool,

    /// What the engine of `--offline` holds at the start
    #[arg(long, value_name = "FILE", requires = "offline")]
    pub snapshot: Option<PathBuf>,
}

/// How to print a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people in a terminal
    Text,
    /// For programs; see schemas/plan.schema.json
    Json,
    /// For pull requests; never above 65,000 bytes
    Markdown,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// One page for a browser
    Html,
}

/// A plan in the making: what a command needs to go on with it.
pub(crate) struct Prepared {
    pub(crate) project: Project,
    pub(crate) target: Target,
    pub(crate) manifests: Manifests,
    pub(crate) rules: Rules,
}

/// Opens project and target, and reads the manifests.
pub(crate) fn prepare(scope: &Scope, making: &Making, offline: &Offline) -> Result<Prepared, Error> {
    let project = session::project(scope.gateway.project.as_deref())?;
    let target = open(&project, scope.gateway.target.as_deref(), offline)?;
    let (name, taking) = (scope.gateway.target.as_deref(), target.taking(scope.gateway.allow_lossy));
    let manifests = session::manifests(&project, name, &scope.paths, taking).sound()?;
    let rules = Rules {
        prune: !making.no_prune,
        adopt: making.adopt,
        rehearse: !making.no_rehearsal,
        traffic: !making.no_traffic,
        no_cache: scope.gateway.no_cache,
        refresh_only: making.refresh_only,
        destroy: false,
        train: (!making.publish.is_empty()).then(|| Train::Publish(making.publish.iter().cloned().collect())),
    };
    Ok(Prepared { project, target, manifests, rules })
}

/// The target of a command.
pub(crate) fn open(project: &Project, name: Option<&str>, offline: &Offline) -> Result<Target, Error> {
    let (name, file) = project.target(name).map_err(SessionError::from)?;
    if offline.offline {
        let vendor = session::vendor_of(&name, &file)?;
        return Ok(Target::offline(vendor, offline.snapshot.as_deref())?);
    }
    Ok(Target::open(project, &name, &file)?)
}

/// Makes and prints a plan.
///
/// # Errors
/// When no plan can be made.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<ExitCode, Error> {
    let prepared = match prepare(&args.scope, &args.making, &args.offline) {
        Err(Error::Session(SessionError::Problems(problems))) if args.format == Format::Sarif => {
            write_problems(ProblemFormat::Sarif, &problems, out)?;
            return Ok(ExitCode::FAILURE);
        }
        other => other?,
    };
    let Prepared { project, target, manifests, rules } = prepared;
    let books = session::books(&project, &target)?;
    let secrets = session::secret_reader(&project);
    let mut planned = super::block_on(Planned::make(manifests, &target, &books, &secrets, rules))??;
    if let Some(brake) = brake::brake(&planned.plan, None) {
        let message = format!("{brake}: `apply` needs `--max-deletes {}`", brake.removals);
        planned.plan.notes.insert(0, Note { code: "many-deletes".into(), address: None, message });
    }
    super::show_problems(&mut anstream::stderr().lock(), &planned.problems)?;
    if let Some(path) = &args.out {
        save(&planned.plan, path)?;
    }
    write(&planned.plan, args.format, args.verbose, out)?;
    if let (Some(path), Format::Text) = (&args.out, args.format) {
        writeln!(out, "\nSaved to {0}. Apply exactly this with: apigctl apply {0}", path.display())?;
    }
    let code = if args.detailed_exitcode && !planned.plan.is_empty() { 2 } else { 0 };
    Ok(ExitCode::from(code))
}

/// Prints a plan.
pub(crate) fn write(plan: &Plan, format: Format, verbose: bool, out: &mut dyn Write) -> Result<(), Error> {
    match format {
        Format::Text => ui::plan_text::plan(out, plan, &super::layout(verbose))?,
        Format::Json => ui::plan_json::plan(out, plan)?,
        Format::Markdown => ui::plan_markdown::plan(out, plan)?,
        Format::Sarif => ui::sarif::plan(out, plan)?,
        Format::Html => ui::plan_html::plan(out, plan)?,
    }
    Ok(())
}

/// Prints problems for programs.
pub(crate) fn write_problems(
    format: ProblemFormat,
    problems: &[Problem],
    out: &mut dyn Write,
) -> Result<(), Error> {
    match format {
        ProblemFormat::Text => super::show_problems(out, problems)?,
        ProblemFormat::Json => ui::problems_json::problems(out, problems)?,
        ProblemFormat::Sarif => ui::sarif::problems(out, problems)?,
    }
    Ok(())
}

/// Saves a plan.
fn save(plan: &Plan, path: &Path) -> Result<(), Error> {
    let fail = |source: std::io::Error| Error::Output { what: path.display().to_string(), source };
    let mut text = serde_json::to_vec(plan).map_err(|e| fail(e.into()))?;
    text.push(b'\n');
    std::fs::write(path, text).map_err(fail)
}
