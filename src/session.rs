//! What the commands share: from arguments to a project, a target, a client; from there to a plan.

mod busy;
mod certificates;
mod codes;
mod planning;
mod rename;
pub mod rollback;
mod rules;
mod secret;
mod taking;
mod target;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::address::Address;
use crate::apply::{Book, SecretReader};
use crate::desired::Desired;
use crate::diff::Record;
use crate::document::{Document, Finding};
use crate::kinds::value::Secret;
use crate::ledger::{self, DEFAULT_SCOPE, Ledger, LedgerError, Owner, Store};
use crate::manifest;
use crate::manifest::overlay::Overlay;
use crate::manifest::yaml::Limits;
use crate::plan::build::BuildError;
use crate::plan::check::Violation;
use crate::problem::{Problem, Severity, any_error};
use crate::project::Project;
use crate::project::store::{ConditionsFile, StoreCredentialsFile};
use crate::provider::ObserveError;

pub use planning::{Planned, fresh, observe};
pub use rules::Rules;
pub use taking::Taking;
pub use target::{Target, capture, load_snapshot, read_snapshot, vendor_of};

/// Which project, target and manifests a command is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Scope {
    /// Manifest files and folders; the project file's `manifests` where none are given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    /// The gateway.
    pub gateway: Gateway,
}

/// Which gateway a command is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Gateway {
    /// The project file; found in this folder or above it where not given
    #[arg(long, value_name = "FILE", global = false)]
    pub project: Option<PathBuf>,

    /// The target of the project file
    #[arg(long, short, value_name = "NAME", env = "APIGCTL_TARGET")]
    pub target: Option<String>,

    /// Read everything again, without the local cache
    #[arg(long)]
    pub no_cache: bool,

    /// Leave out what the target's vendor has no place for, where that makes nothing less safe, and list it
    #[arg(long)]
    pub allow_lossy: bool,
}

/// Why a command cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// There are problems in the input; they were reported.
    #[error("there are problems in the input")]
    Problems(Vec<Problem>),
    /// The target cannot be used.
    #[error("failed to open the target {name}: {message}")]
    Target {
        /// Its name.
        name: String,
        /// Why not.
        message: String,
    },
    /// The gateway cannot be read.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No order of calls makes the changes.
    #[error("failed to build the plan: {0}")]
    Build(#[from] BuildError),
    /// A plan breaks a rule: a bug, or a file that was tampered with.
    #[error("the plan breaks a rule, so it is not used: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Violations(Vec<Violation>),
    /// A file cannot be read or written.
    #[error("failed to {verb} {path}: {message}")]
    File {
        /// Read or write.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        message: String,
    },
    /// A snapshot cannot be loaded.
    #[error("failed to load the snapshot {path}: {message}")]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// Why not.
        message: String,
    },
    /// A saved plan does not fit what is there.
    #[error("the plan is out of date: {0}")]
    Stale(String),
}

impl From<Problem> for SessionError {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

/// The project of a command.
///
/// # Errors
/// When the project file has problems.
pub fn project(file: Option<&std::path::Path>) -> Result<Project, SessionError> {
    let here = std::env::current_dir().map_err(|e| SessionError::File {
        verb: "find",
        path: PathBuf::from("."),
        message: e.to_string(),
    })?;
    let mut project = Project::find(file, &here).map_err(SessionError::Problems)?;
    if project.root == here {
        project.root = PathBuf::new();
    }
    Ok(project)
}

/// The manifests of a command, checked as far as that goes without a gateway.
#[derive(Debug, Default)]
pub struct Manifests {
    /// The documents.
    pub documents: Vec<Document>,
    /// What they ask for.
    pub desired: Desired,
    /// Warnings, and errors where the caller wants to go on in spite of them.
    pub problems: Vec<Problem>,
    /// What was left out of them because the target's vendor has no place for it.
    pub left_out: Vec<(Address, Problem)>,
}

/// Reads and checks manifests as a target changes them (the default one where none is named), as far as a vendor takes them.
#[must_use]
pub fn manifests(
    project: &Project,
    target: Option<&str>,
    paths: &[PathBuf],
    taking: Taking<'_>,
) -> Manifests {
    let whole = paths.is_empty();
    let paths =
        if whole { project.file.manifests.iter().map(|p| project.path(p)).collect() } else { paths.to_vec() };
    let mut problems = Vec::new();
    let overlay = project.overlay(target, &mut problems);
    let (mut documents, mut found) = manifest::load(&paths, &Limits::default(), &overlay);
    problems.append(&mut found);
    if whole {
        problems.extend(unused(project, &overlay, &documents));
    }
    let left_out = if taking.lossy { taking::leave_out(taking.lacks, &mut documents) } else { Vec::new() };
    let mut checked = certificates::read(&project.root, &mut documents);
    let vendor: Vec<_> =
        documents.par_iter().enumerate().flat_map_iter(|(i, d)| (taking.check)(i, d)).collect();
    let (mut desired, mut findings) = Desired::build(&mut documents);
    findings.extend(desired.fold(taking.folds));
    findings.retain(|finding| !follows(finding, &problems, &documents));
    findings.extend(vendor);
    checked.extend(certificates::expired(&desired, jiff::Timestamp::now().as_second()));
    // To run a command is for plans.
    checked.extend(certificates::keys(&desired, &|source| match source {
        Secret::FromCommand(_) => None,
        source => secret::read(&project.root, source).ok(),
    }));
    findings.extend(checked);
    findings.sort_by_key(|f| f.document);
    let unshown = findings.split_off(findings.len().min(FINDINGS_MAX));
    problems.extend(manifest::problems(&documents, &findings));
    problems.sort_by_cached_key(|p| p.span.as_ref().map(|s| (s.source.path.clone(), s.start)));
    problems.extend(too_many(&unshown));
    Manifests { documents, desired, problems, left_out }
}

/// Patches that change nothing, and variables that nothing uses. Only the manifests as a whole can tell.
fn unused(project: &Project, overlay: &Overlay, documents: &[Document]) -> Vec<Problem> {
    let names = |kind: &str| {
        let of_kind = documents.iter().filter(move |d| d.kind.name() == kind);
        of_kind.map(|d| d.metadata.name.clone()).collect::<Vec<_>>()
    };
    let patches = overlay.patches.iter().filter_map(|patch| {
        let names = names(patch.kind());
        patch.unused(names.iter().map(String::as_str))
    });
    patches.chain(project.unused_variables(overlay)).collect()
}

/// The most findings that are shown, besides what is wrong with the files as such: each has to be located.
const FINDINGS_MAX: usize = 1000;

fn too_many(unshown: &[Finding]) -> Option<Problem> {
    let severity = unshown.iter().map(|f| f.severity).max()?;
    let problem = Problem::error("too-many-problems", None, format!("{} more are not shown", unshown.len()));
    Some(Problem { severity, ..problem.help("solve some of these first") })
}

/// Whether a finding may only follow from a problem met while reading, so that it is not reported: a selector misses what a
/// misspelt label should have said, and a reference leads to a document that could not be read.
fn follows(finding: &Finding, problems: &[Problem], documents: &[Document]) -> bool {
    let mut errors = problems.iter().filter(|p| p.severity == Severity::Error);
    // Without its text, a file may hold anything.
    let holds = |p: &Problem, word: &str| {
        p.span.as_ref().is_none_or(|s| s.source.text.is_empty() || s.source.text.contains(word))
    };
    match finding.code {
        "selector-matches-nothing" => errors.any(|p| holds(p, "Api")),
        "dangling-reference" | "not-described" => {
            let name = finding.message.split('`').nth(1).unwrap_or_default();
            errors.any(|p| holds(p, name) && !documents.iter().any(|d| d.origin.holds(p)))
        }
        _ => false,
    }
}

impl Manifests {
    /// The manifests without errors.
    ///
    /// # Errors
    /// All problems, when one of them is an error.
    pub fn sound(self) -> Result<Self, SessionError> {
        if any_error(&self.problems) { Err(SessionError::Problems(self.problems)) } else { Ok(self) }
    }
}

/// The ledger of a project with what it says of a target.
#[derive(Debug)]
pub struct Books {
    /// The ledger.
    pub ledger: Ledger,
    /// Its file or object.
    pub store: Arc<Store>,
    /// Whose it is.
    pub owner: Owner,
    /// What it says of the target.
    pub record: Record,
}

impl Books {
    /// For an apply.
    #[must_use]
    pub fn into_book(self) -> Book {
        Book::new(self.ledger, Some(self.store), self.owner)
    }
}

/// Where a project keeps its ledger.
///
/// # Errors
/// When the credentials of an object store cannot be read, or its client cannot be set up.
pub fn store(project: &Project) -> Result<Arc<Store>, SessionError> {
    let place = &project.file.ledger;
    if !place.contains("://") {
        let path = project.path(Path::new(place));
        return Ok(Arc::new(Store::open(&ledger::Location::File(path))?));
    }
    let settings = project.file.ledger_store.clone().unwrap_or_default();
    let mut credentials = Vec::new();
    for (name, source) in settings.credentials.iter().flat_map(StoreCredentialsFile::given) {
        let value = secret::read(&project.root, source).map_err(|message| LedgerError::Objects {
            verb: "find",
            place: place.clone(),
            message: format!("{name}: {message}"),
        })?;
        credentials.push((name, value));
    }
    let at = ledger::ObjectsAt {
        url: place.clone(),
        endpoint: settings.endpoint,
        region: settings.region,
        virtual_hosted: settings.virtual_hosted,
        conditions: match settings.conditions {
            ConditionsFile::Etag => ledger::Conditions::Etag,
            ConditionsFile::ForbidOverwrite => ledger::Conditions::ForbidOverwrite,
            ConditionsFile::None => ledger::Conditions::None,
        },
        account: settings.account,
        credentials,
    };
    Ok(Arc::new(Store::open(&ledger::Location::Objects(Box::new(at)))?))
}

/// Reads the ledger.
///
/// # Errors
/// When it cannot be read or understood.
pub fn books(project: &Project, target: &Target) -> Result<Books, SessionError> {
    open_books(store(project)?, project, target)
}

/// Reads the ledger at a place that is open already.
///
/// # Errors
/// When it cannot be read or understood.
pub fn open_books(store: Arc<Store>, project: &Project, target: &Target) -> Result<Books, SessionError> {
    let ledger = store.read()?;
    let owner = Owner::new(&target.key, project.file.scope.as_deref().unwrap_or(DEFAULT_SCOPE));
    let record = if target.is_imaginary() { Record::default() } else { ledger.record(&owner) };
    Ok(Books { ledger, store, owner, record })
}

/// Reads secrets from where manifests say, each once; files and commands are relative to the project.
#[must_use]
pub fn secret_reader(project: &Project) -> SecretReader {
    secret::reader(project.root.clone())
}
