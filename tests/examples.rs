//! The examples are real: each is validated, planned, applied, exported and planned again. So is what the README says.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and has files of its own"
)]

mod readme;
mod session;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use apigctl::apply::{self, Book, Context, SecretReader, Stop};
use apigctl::diff::Record;
use apigctl::engine::{Engine, Options, Snapshot};
use apigctl::kind::{Form, Kind};
use apigctl::kinds::value::Secret;
use apigctl::ledger::{Ledger, Location, Owner, Store};
use apigctl::plan::Plan;
use apigctl::problem::Problem;
use apigctl::project::Project;
use apigctl::provider::Want;
use apigctl::provider::huawei_v2;
use apigctl::session::{self as shared, Books, Manifests, Planned, Rules, Target};
use apigctl::{export, kinds, openapi};
use serde::Deserialize;
use serde_json::Value;

use crate::support::lines;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A folder of `examples/`, as a user would name it on the command line.
struct Example {
    name: String,
    project: Project,
    paths: Vec<PathBuf>,
    /// What the gateway holds before.
    snapshot: Option<PathBuf>,
    /// Where an import went.
    _imported: Option<tempfile::TempDir>,
}

fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(Path::new(ROOT).join("examples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn examples() -> Vec<Example> {
    folders().iter().map(|folder| Example::open(folder)).collect()
}

impl Example {
    /// A project, a folder of manifests with what must be on the gateway before, or an OpenAPI document.
    fn open(folder: &Path) -> Self {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let file = folder.join("apigctl.yaml");
        let given = file.is_file();
        let project = Project::find(given.then_some(file.as_path()), Path::new("/nowhere")).unwrap();
        let snapshot = Some(folder.join("gateway.json")).filter(|path| path.is_file());
        let document =
            files(folder).into_iter().find(|path| path.to_string_lossy().ends_with(".openapi.yaml"));
        let imported = document.map(|document| import(&document));
        let paths = match &imported {
            Some(folder) => vec![folder.path().to_owned()],
            None if given => Vec::new(),
            None => vec![folder.to_owned()],
        };
        Self { name, project, paths, snapshot, _imported: imported }
    }

    fn gateway(&self) -> Target {
        let engine = Engine::in_memory(Options::default());
        if let Some(path) = &self.snapshot {
            let snapshot: Snapshot = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            engine.load(engine.project_id(), engine.instance_id(), snapshot).unwrap();
        }
        Target::engine("example", Arc::new(engine), &huawei_v2::VENDOR, false)
    }

    fn manifests(&self, paths: &[PathBuf], target: &Target) -> Manifests {
        let manifests = shared::manifests(&self.project, None, paths, target.taking(false));
        assert_eq!(shown(&manifests.problems), "", "{}: problems", self.name);
        manifests
    }

    async fn plan(&self, paths: &[PathBuf], target: &Target, ledger: &Ledger) -> Plan {
        let manifests = self.manifests(paths, target);
        let owner = Owner::new(&target.key, "default");
        let record = if target.is_imaginary() { Record::default() } else { ledger.record(&owner) };
        let store = Arc::new(Store::open(&Location::File(PathBuf::new())).unwrap());
        let books = Books { ledger: ledger.clone(), store, owner, record };
        let rules = Rules { no_cache: true, ..Rules::default() };
        match Planned::make(manifests, target, &books, &secrets(), rules).await {
            Ok(planned) => planned.plan,
            Err(shared::SessionError::Problems(problems)) => panic!("{}: {}", self.name, shown(&problems)),
            Err(error) => panic!("{}: {error}", self.name),
        }
    }

    async fn apply(&self, plan: Plan, target: &Target, ledger: Ledger) -> Ledger {
        let book = Arc::new(Mutex::new(Book::new(ledger, None, Owner::new(&target.key, "default"))));
        let context = Context {
            client: target.client.clone(),
            secrets: secrets(),
            listener: Arc::new(|_, _| {}),
            stop: Stop::default(),
            concurrency: target.concurrency,
        };
        let outcome = apply::apply(Arc::new(plan), context, Arc::clone(&book)).await.unwrap();
        assert!(outcome.is_complete(), "{}: {outcome:?}", self.name);
        let book = book.lock().unwrap();
        book.ledger.clone()
    }
}

/// Any secret that a manifest names; a code of an app is longer.
fn secrets() -> SecretReader {
    Arc::new(|source| match source {
        Secret::FromEnv(name) if name == "SHOP_CERT_KEY" => {
            Ok(include_str!("engine/certificates/leaf.key").to_owned())
        }
        Secret::FromEnv(name) if name.ends_with("CODE") => Ok("Example_Secret16".repeat(4)),
        _ => Ok("Example_Secret16".to_owned()),
    })
}

fn shown(problems: &[Problem]) -> String {
    problems.iter().map(|p| format!("{:?} {}: {}\n", p.span, p.code, p.message)).collect()
}

/// Files below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Writes files below a new folder.
fn folder(files: impl IntoIterator<Item = (String, String)>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn import(document: &Path) -> tempfile::TempDir {
    let text = fs::read_to_string(document).unwrap();
    let name = document.file_name().unwrap().to_string_lossy();
    let imported = openapi::import(&text, &openapi::Options::new(&*name)).unwrap();
    folder(imported.files(None).into_iter().map(|file| (file.path, file.text)))
}

/// The documents of a YAML text, as JSON.
fn yaml_documents(text: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text).map(|d| Value::deserialize(d).unwrap()).collect()
}

fn manifest_files() -> Vec<PathBuf> {
    let is_manifest = |path: &PathBuf| {
        let text = path.to_string_lossy();
        // A patch is a part of a document, and so fits no schema of documents.
        text.ends_with(".yaml") && !text.ends_with(".openapi.yaml") && !text.contains("/patches/")
    };
    files(&Path::new(ROOT).join("examples")).into_iter().filter(is_manifest).collect()
}

fn schema(name: &str) -> jsonschema::Validator {
    let path = Path::new(ROOT).join("schemas").join(name);
    jsonschema::draft7::new(&serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn an_example_is_planned_offline_by_as_few_calls_as_can_be() {
    for example in examples() {
        let target = Target::offline(&huawei_v2::VENDOR, example.snapshot.as_deref()).unwrap();
        let plan = example.plan(&example.paths, &target, &Ledger::default()).await;
        assert!(!plan.is_empty(), "{}", example.name);
        assert_eq!(plan.calls(), plan.calls_bound, "{}", example.name);
    }
}

#[tokio::test]
async fn after_an_apply_nothing_is_left_to_do() {
    for example in examples() {
        let target = example.gateway();
        let plan = example.plan(&example.paths, &target, &Ledger::default()).await;
        let ledger = example.apply(plan, &target, Ledger::default()).await;
        let again = example.plan(&example.paths, &target, &ledger).await;
        assert_eq!(lines(&again), Vec::<String>::new(), "{}", example.name);
        assert!(again.notes.is_empty(), "{}: {:?}", example.name, again.notes);

        let want = Want { all: true, details: true, ..Want::default() };
        let observed = shared::observe(&target, &want, true).await.unwrap();
        let exported = export::export(&observed, None);
        let exported = folder(exported.files.into_iter().map(|file| (file.path, file.text)));
        let paths = vec![exported.path().to_owned()];
        let same = example.plan(&paths, &target, &Ledger::default()).await;
        assert_eq!(lines(&same), Vec::<String>::new(), "{}: after an export", example.name);
    }
}

#[test]
fn every_kind_has_an_example() {
    let example = Example::open(&Path::new(ROOT).join("examples/kinds"));
    let shown: BTreeSet<Kind> =
        example.manifests(&example.paths, &example.gateway()).documents.iter().map(|d| d.kind).collect();
    let all = kinds::ALL.iter().filter(|def| def.form == Form::Document).map(|def| def.kind);
    assert_eq!(shown, all.collect());
}

/// Each document names its schema: a modeline counts only for the document that it stands in.
#[test]
fn editors_know_the_schema_of_every_document() {
    for path in manifest_files() {
        let text = fs::read_to_string(&path).unwrap();
        let is_project = path.ends_with("apigctl.yaml");
        let name = if is_project { "project.schema.json" } else { "apigctl.schema.json" };
        let validator = schema(name);
        for part in text.split("\n---\n") {
            let line = part.lines().next().unwrap();
            let named = line.strip_prefix("# yaml-language-server: $schema=");
            let named = named.unwrap_or_else(|| panic!("{}: no modeline above\n{part}", path.display()));
            let found = fs::canonicalize(path.parent().unwrap().join(named)).unwrap();
            assert_eq!(found, Path::new(ROOT).join("schemas").join(name), "{}", path.display());
        }
        for document in yaml_documents(&text) {
            let errors: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{}", path.display());
        }
    }
}
