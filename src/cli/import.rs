//! `apigctl import`: manifests from other descriptions of APIs.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};

use crate::kinds::api::AuthType;
use crate::kinds::environment::RELEASE;
use crate::openapi::{
    self, BackendChoice, Grouping, ImportError, Imported, NOTES_FILE, Options, SIZE_MAX, counted,
};

/// Make manifests from another description of APIs
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to read.
    #[command(subcommand)]
    pub source: Source,
}

/// What to read.
#[derive(Debug, Subcommand)]
pub enum Source {
    /// OpenAPI 2.0 or 3.x, JSON or YAML: a Group per tag, an Api per operation
    Openapi(OpenapiArgs),
}

/// The arguments of `apigctl import openapi`.
#[derive(Debug, clap::Args)]
pub struct OpenapiArgs {
    /// The OpenAPI document; `-` reads standard input
    pub file: PathBuf,
    /// The folder to write into: a folder per group, a file per API
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Put all APIs into one group of this name
    #[arg(long, value_name = "NAME", conflicts_with = "group_by")]
    pub group: Option<String>,
    /// Sort APIs into groups by their first tag, or by the first segment of their path
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = GroupBy::Tag)]
    pub group_by: GroupBy,
    /// Where the backend is, instead of the server in the document; operation paths go behind it
    #[arg(long, value_name = "URL", conflicts_with = "mock")]
    pub backend_url: Option<String>,
    /// Let the gateway answer by itself, with the examples in the document
    #[arg(long)]
    pub mock: bool,
    /// Who may call, whatever the document says [default: `none` where it says so, else `app`]
    #[arg(long, value_name = "TYPE", value_enum)]
    pub auth: Option<Auth>,
    /// An environment to publish the APIs in; can be repeated
    #[arg(long, value_name = "ENVIRONMENT", default_value = RELEASE)]
    pub publish: Vec<String>,
    /// Leave the APIs unpublished
    #[arg(long, conflicts_with = "publish")]
    pub no_publish: bool,
    /// Take over examples of answers
    #[arg(long)]
    pub samples: bool,
    /// The JSON Schema that each file names for editors: a URL, or a path as seen from the files
    #[arg(long, value_name = "URL")]
    pub schema: Option<String>,
    /// Write into a folder that is not empty; files of an earlier import are replaced unless they were edited
    #[arg(long)]
    pub force: bool,
}

/// How APIs are sorted into groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GroupBy {
    /// By their first tag.
    Tag,
    /// By the first segment of their path.
    Path,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Auth {
    /// Everybody.
    None,
    /// Apps, with a signature by their key.
    App,
    /// Accounts of the cloud.
    Iam,
}

/// Runs the command; what it has to say goes to `out`.
///
/// # Errors
///
/// Fails where the document cannot be imported, or the files cannot be written. Nothing is written before all is read.
pub fn run(args: &Args, out: &mut dyn Write) -> Result<(), ImportError> {
    let Source::Openapi(args) = &args.source;
    let text = read(&args.file)?;
    let imported = openapi::import(&text, &options(args))?;
    let plan = plan(&args.out, &imported, args)?;
    write_all(&args.out, &plan)?;
    report(args, &imported, &plan, out)
        .map_err(|source| ImportError::Write { path: "standard output".into(), source })
}

fn options(args: &OpenapiArgs) -> Options {
    let grouping = match (&args.group, args.group_by) {
        (Some(name), _) => Grouping::One(name.clone()),
        (None, GroupBy::Tag) => Grouping::Tag,
        (None, GroupBy::Path) => Grouping::Path,
    };
    let backend = match &args.backend_url {
        _ if args.mock => BackendChoice::Mock,
        Some(url) => BackendChoice::Url(url.clone()),
        None => BackendChoice::Servers,
    };
    let auth = args.auth.map(|auth| match auth {
        Auth::None => AuthType::None,
        Auth::App => AuthType::App,
        Auth::Iam => AuthType::Iam,
    });
    let publish = if args.no_publish { Vec::new() } else { args.publish.clone() };
    Options { file: shown(&args.file), grouping, backend, auth, publish, samples: args.samples }
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn shown(file: &Path) -> String {
    if is_stdin(file) { "stdin".to_owned() } else { file.display().to_string() }
}

fn read(file: &Path) -> Result<String, ImportError> {
    let name = || shown(file);
    let failed = |source| ImportError::Read { file: name(), source };
    let reader: Box<dyn Read> =
        if is_stdin(file) { Box::new(io::stdin()) } else { Box::new(File::open(file).map_err(failed)?) };
    let mut bytes = Vec::new();
    // One byte more than allowed, to tell a file that is too large from one that just fits.
    reader.take(SIZE_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > SIZE_MAX {
        return Err(ImportError::TooLarge { file: name() });
    }
    String::from_utf8(bytes)
        .map_err(|e| ImportError::NotText { file: name(), offset: e.utf8_error().valid_up_to() })
}

/// What happens to one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is written.
    Written,
    /// It has these contents already.
    Same,
    /// It was edited, or was never ours: it stays as it is.
    Kept,
    /// It is of an earlier import, and the document no longer has the operation.
    Stale,
}

/// All files with their fates: nothing is left to decide while writing.
fn plan(
    dir: &Path,
    imported: &Imported,
    args: &OpenapiArgs,
) -> Result<Vec<(openapi::File, Fate)>, ImportError> {
    let present = present(dir)?;
    if !present.is_empty() && !args.force {
        return Err(ImportError::NotEmpty { dir: dir.display().to_string() });
    }
    let files = imported.files(args.schema.as_deref());
    let mut stale = Vec::new();
    for path in present.into_iter().filter(|path| files.iter().all(|file| file.path != *path)) {
        if let Some(text) = existing(dir, &path)?.filter(|text| openapi::is_untouched(text)) {
            stale.push((openapi::File { path, text }, Fate::Stale));
        }
    }
    let mut plan = Vec::with_capacity(files.len() + stale.len());
    for file in files {
        let fate = match existing(dir, &file.path)? {
            None => Fate::Written,
            Some(text) if text == file.text => Fate::Same,
            Some(text) if openapi::is_untouched(&text) => Fate::Written,
            Some(_) => Fate::Kept,
        };
        plan.push((file, fate));
    }
    plan.extend(stale);
    Ok(plan)
}

/// The text of a file that is there; a file that is not text was not written by us.
fn existing(dir: &Path, path: &str) -> Result<Option<String>, ImportError> {
    let path = dir.join(path);
    let failed = |source| ImportError::Read { file: path.display().to_string(), source };
    let mut bytes = Vec::new();
    match File::open(&path) {
        Ok(mut file) => file.read_to_end(&mut bytes).map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    Ok(Some(String::from_utf8(bytes).unwrap_or_default()))
}

/// The files in `dir` and in its folders, as paths with `/`, sorted; hidden ones do not count.
fn present(dir: &Path) -> Result<Vec<String>, ImportError> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let path = dir.join(&folder);
        let failed = |source| ImportError::Read { file: path.display().to_string(), source };
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let inner = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            // Links are not followed: what is behind them is not ours.
            if entry.file_type().map_err(failed)?.is_dir() { folders.push(inner) } else { found.push(inner) }
        }
    }
    found.sort();
    Ok(found)
}

fn write_all(dir: &Path, plan: &[(openapi::File, Fate)]) -> Result<(), ImportError> {
    for (file, _) in plan.iter().filter(|(_, fate)| *fate == Fate::Written) {
        let path = dir.join(&file.path);
        let failed = |source| ImportError::Write { path: path.display().to_string(), source };
        fs::create_dir_all(path.parent().unwrap_or(dir)).map_err(failed)?;
        let mut target = File::create(&path).map_err(failed)?;
        target.write_all(file.text.as_bytes()).map_err(failed)?;
    }
    Ok(())
}

fn report(
    args: &OpenapiArgs,
    imported: &Imported,
    plan: &[(openapi::File, Fate)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let of = |fate| plan.iter().filter(move |(_, f)| *f == fate).map(|(file, _)| args.out.join(&file.path));
    let Imported { file, version, .. } = imported;
    writeln!(out, "{file} (OpenAPI {version}): {}", imported.summary())?;
    let (written, same) = (of(Fate::Written).count(), of(Fate::Same).count());
    let already = if same > 0 { format!(", {} up to date", counted(same, "file")) } else { String::new() };
    writeln!(out, "wrote {} to {}{already}", counted(written, "file"), args.out.display())?;
    if !imported.notes.is_empty() {
        writeln!(out, "what was left out or changed: {}", args.out.join(NOTES_FILE).display())?;
    }
    for (fate, heading) in [
        (
            Fate::Kept,
            "kept, because they were edited or are not from an import; remove them to get new ones:",
        ),
        (Fate::Stale, "no longer in the document; remove them if they are not needed:"),
    ] {
        let mut paths = of(fate).peekable();
        if paths.peek().is_some() {
            writeln!(out, "{heading}")?;
        }
        for path in paths {
            writeln!(out, "  {}", path.display())?;
        }
    }
    Ok(())
}
