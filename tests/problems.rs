//! Everything that can be wrong with manifests: a folder in one run, against a readable list of findings.
//!
//! Three folders, because what may follow from a file that cannot be read is not reported: `documents` with what is wrong
//! within a document, `references` with what is wrong between documents, `files` with what is no manifest.
//!
//! `UPDATE_GOLDEN=1 cargo nextest run problems` writes the list anew.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and has files of its own"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use apigctl::engine::{Engine, Options};
use apigctl::manifest;
use apigctl::manifest::yaml::{self, Limits};
use apigctl::problem::Problem;
use apigctl::project::Project;
use apigctl::provider::huawei_v2;
use apigctl::session::{self, Target};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/problems").join(name)
}

/// What is wrong with the manifests at some paths.
fn problems(paths: &[PathBuf]) -> Vec<Problem> {
    let here = tempfile::tempdir().unwrap();
    let project = Project::find(None, here.path()).unwrap();
    let engine = Engine::in_memory(Options::default());
    let target = Target::engine("embedded", engine.into(), &huawei_v2::VENDOR, true);
    session::manifests(&project, None, paths, target.taking(false)).problems
}

/// One line for each problem, then what is related and what to do.
fn listed(problems: &[Problem], root: &Path) -> String {
    let mut text = String::new();
    let place = |span: &apigctl::problem::Span| {
        let (line, column) = span.line_column();
        let path = span.source.path.strip_prefix(root).unwrap_or(&span.source.path);
        format!("{}:{line}:{column}", path.display())
    };
    for problem in problems {
        let at = problem.span.as_ref().map_or_else(|| "-".to_owned(), place);
        writeln!(text, "{at} {} {}", problem.code, problem.message).unwrap();
        for (span, label) in &problem.related {
            writeln!(text, "    {} {label}", place(span)).unwrap();
        }
        if let Some(help) = &problem.help {
            writeln!(text, "    help: {help}").unwrap();
        }
    }
    text
}

#[test]
fn all_that_is_wrong_is_found_in_one_run() {
    for name in ["documents", "references", "files"] {
        compare(&folder(name));
    }
}

fn compare(folder: &Path) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    let together = problems(&[folder.to_path_buf()]);
    let text = listed(&together, folder);
    let golden = folder.join("found.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &text).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        text == expected,
        "{} differs:\n{}",
        golden.display(),
        similar::TextDiff::from_lines(&expected, &text).unified_diff()
    );
    for path in &paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let found = text.lines().any(|line| line.starts_with(&format!("{name}:")));
        assert!(found || name == "sound.yaml", "nothing is found in {name}");
    }
    // Where the message says what is expected, that is the help.
    let helpless: Vec<_> =
        together.iter().filter(|p| p.help.is_none() && !p.message.contains("expected ")).collect();
    assert!(helpless.is_empty(), "what to do about it is not said: {helpless:#?}");
}

/// The order in which files are given changes nothing but the order of the problems.
#[test]
fn the_problems_do_not_depend_on_the_order_of_files() {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder("documents")).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    let codes = |paths: &[PathBuf]| {
        let mut codes: Vec<&str> = problems(paths).iter().map(|p| p.code).collect();
        codes.sort_unstable();
        codes
    };
    let forwards = codes(&paths);
    paths.reverse();
    assert_eq!(forwards, codes(&paths));
}

/// Files that want to cost much: each has a problem of this code, and reading it takes no more work than this, counted in
/// events of the parser and in nodes. A file that is refused before it is parsed costs none.
#[test]
fn hostile_files_cost_little() {
    let bomb = {
        let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for i in 1..12 {
            let list = vec![format!("*a{}", i - 1); 10].join(",");
            writeln!(text, "a{i}: &a{i} [{list}]").unwrap();
        }
        text
    };
    let long = "lorem ipsum ".repeat(5_000_000);
    let documents = "apiVersion: apigctl/v1\nkind: Group\nmetadata: { name: a-group }\n---\n".repeat(50_000);
    let keys: String =
        (0..100_000).fold("apiVersion: apigctl/v1\nkind: Group\n".to_owned(), |mut text, i| {
            writeln!(text, "key{i}: 1").unwrap();
            text
        });
    let cases: Vec<(&str, Vec<u8>, &str, [usize; 2])> = vec![
        ("50 MB", vec![b'a'; 50 << 20], "yaml-limit", [0, 0]),
        ("50 MB of text", format!("spec: {long}").into_bytes(), "yaml-limit", [0, 0]),
        ("bomb", bomb.into_bytes(), "yaml-limit", [200, 120_000]),
        ("deep flow", format!("a: {}", "[".repeat(1_000_000)).into_bytes(), "yaml-limit", [100, 100]),
        (
            "deep block",
            (0..2_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect::<String>().into_bytes(),
            "yaml-limit",
            [200, 200],
        ),
        ("not UTF-8", b"kind: \xff\xfe\xfa\n".to_vec(), "not-utf8", [0, 0]),
        ("NUL", b"kind: Gr\0up\n".to_vec(), "", [0, 0]),
        ("binary", (0..=255u8).cycle().take(1 << 20).collect(), "not-utf8", [0, 0]),
        ("empty", Vec::new(), "", [2, 0]),
        ("only marks", b"---\n---\n...\n---\n".to_vec(), "", [20, 10]),
        ("50,000 documents", documents.into_bytes(), "duplicate-resource", [700_000, 500_000]),
        ("100,000 keys", keys.into_bytes(), "unknown-field", [250_000, 250_000]),
        ("tabs", b"kind:\n\t- a\n".to_vec(), "yaml-syntax", [10, 10]),
        ("itself", b"a: &a [*a]\n".to_vec(), "", [20, 10]),
    ];
    for (name, bytes, code, [events_max, nodes_max]) in cases {
        let here = tempfile::tempdir().unwrap();
        let path = here.path().join("hostile.yaml");
        fs::write(&path, &bytes).unwrap();
        drop(bytes);
        let limits = Limits::default();
        let work = match manifest::source(&path, &limits) {
            Ok(source) => yaml::work(&source.into(), &limits),
            Err(_) => yaml::Work { events: 0, nodes: 0 },
        };
        assert!(work.events <= events_max && work.nodes <= nodes_max, "{name}: {work:?}");
        let found = unless_it_hangs(name, move || problems(&[path]));
        let codes: Vec<&str> = found.iter().map(|p| p.code).take(5).collect();
        assert!(found.len() <= 1_010, "{name}: {} problems", found.len());
        assert!(code.is_empty() || codes.contains(&code), "{name}: {codes:?}");
    }
}

/// Runs something that may never end: the limit is there for that alone, far above what anything takes.
fn unless_it_hangs<T: Send + 'static>(name: &str, f: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = std::sync::mpsc::channel();
    thread::spawn(move || drop(done.send(f())));
    result.recv_timeout(Duration::from_secs(1_800)).unwrap_or_else(|_| panic!("{name} hangs"))
}
