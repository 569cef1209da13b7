//! What STYLE.md says of the sources, so that it stays true: who may import what, sizes, words, headers, examples.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may panic, and reads the sources")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use apigctl::kind::Form;
use apigctl::kinds;

/// The most lines of code in a file; tests within it, comments and empty lines do not count.
const LINES_MAX: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    fn walk(path: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(path) else { return };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

/// A source file: its path below the root, the module it is part of, its text.
struct Source {
    path: String,
    module: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let all = files("src", "rs").into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let inner = path.strip_prefix("src/").unwrap().trim_end_matches(".rs");
        let module = inner.split('/').next().unwrap().to_owned();
        Source { path, module, text }
    });
    all.collect()
}

impl Source {
    /// The code, without the tests at its end and without comments.
    fn code(&self) -> impl Iterator<Item = &str> {
        let text = self.text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"))
    }

    /// The modules of the crate that it names.
    fn imports(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let code: Vec<&str> = self.code().collect();
        let code = code.join("\n");
        for rest in code.split("crate::").skip(1) {
            let names = match rest.strip_prefix('{') {
                Some(list) => list.split('}').next().unwrap().split(',').collect(),
                None => vec![rest],
            };
            for name in names {
                let end = |c: char| !c.is_ascii_alphanumeric() && c != '_';
                let name = name.trim().split(end).next().unwrap();
                // Within the crate's root, `pub(in crate::…)` and the like name nothing else.
                if !name.is_empty() {
                    found.insert(name.to_owned());
                }
            }
        }
        found.remove(&self.module);
        found
    }

    fn is_vendors(&self) -> bool {
        ["src/provider/huawei", "src/engine/huawei", "src/provider/alibaba", "src/engine/alibaba"]
            .iter()
            .any(|p| self.path.starts_with(p))
    }
}

/// Who may import what: the table of STYLE.md, module by module. A module not named here fails.
const MAY: &[(&str, &[&str])] = &[
    // Leaf.
    ("address", &["kind"]),
    ("kind", &["address", "kinds"]),
    ("problem", &[]),
    ("document", &["address", "kind", "kinds", "problem"]),
    // Data. `kind` finds its descriptors in `kinds`, whose files make them.
    ("kinds", &["address", "kind", "problem"]),
    ("schema", &["kind", "kinds", "project", "ui"]),
    ("history", &["address", "kinds"]),
    ("observed", &["address", "history", "kind", "kinds"]),
    ("desired", &["address", "document", "kind", "kinds", "problem"]),
    ("diff", &["address", "desired", "history", "kind", "kinds", "observed", "plan", "problem"]),
    ("plan", &["address", "desired", "kind", "kinds", "observed"]),
    // Edge.
    ("manifest", &["address", "document", "kind", "kinds", "problem"]),
    ("openapi", &["kind", "kinds", "manifest", "problem"]),
    ("export", &["address", "kind", "kinds", "manifest", "observed"]),
    ("http", &[]),
    ("cache", &["address", "kinds"]),
    ("ledger", &["address", "diff", "kinds"]),
    (
        "provider",
        &[
            "address", "cache", "document", "history", "http", "kind", "kinds", "observed", "plan",
            "problem", "traffic",
        ],
    ),
    ("capabilities", &["kind", "provider", "schema"]),
    ("traffic", &["address"]),
    // Doer: never a vendor.
    ("apply", &["address", "diff", "http", "kinds", "ledger", "plan"]),
    // Engine: must not agree with the rest's mistakes.
    ("engine", &[]),
    (
        "rehearse",
        &["apply", "desired", "engine", "http", "kind", "kinds", "ledger", "observed", "plan", "session"],
    ),
    ("project", &["kinds", "manifest", "problem", "provider"]),
    // Shell.
    (
        "session",
        &[
            "address", "apply", "cache", "desired", "diff", "document", "engine", "history", "http", "kind",
            "kinds", "ledger", "manifest", "observed", "plan", "problem", "project", "provider", "rehearse",
            "traffic",
        ],
    ),
    (
        "ui",
        &[
            "address", "apply", "desired", "diff", "document", "error", "history", "kind", "kinds",
            "manifest", "observed", "plan", "problem", "schema", "traffic",
        ],
    ),
    (
        "error",
        &[
            "apply", "cli", "engine", "http", "ledger", "manifest", "openapi", "plan", "problem", "project",
            "provider", "schema", "session", "ui",
        ],
    ),
];

#[test]
fn modules_import_what_they_may() {
    let may: BTreeMap<&str, BTreeSet<&str>> =
        MAY.iter().map(|(module, may)| (*module, may.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    for source in sources() {
        // The shell's outermost part may import everything.
        if ["cli", "main", "lib"].contains(&&*source.module) {
            continue;
        }
        let Some(may) = may.get(&*source.module) else {
            wrong.push(format!("{}: no line in MAY", source.path));
            continue;
        };
        for import in source.imports().iter().filter(|i| !may.contains(i.as_str())) {
            wrong.push(format!("{} may not import {import}", source.path));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What the diff is made of and where a plan comes from does no I/O: the compiler says so.
#[test]
fn pure_modules_are_held_to_it() {
    for module in ["desired", "diff", "plan"] {
        let text = fs::read_to_string(root().join(format!("src/{module}.rs"))).unwrap();
        assert!(text.contains("#![deny(clippy::disallowed_methods)]"), "src/{module}.rs");
    }
    let lints = [".clippy.toml", "clippy.toml"].iter().find_map(|f| fs::read_to_string(root().join(f)).ok());
    let lints = lints.expect("there is no .clippy.toml, so that the lint forbids nothing");
    for method in ["std::fs::read", "std::env::var", "SystemTime::now", "Timestamp::now"] {
        assert!(lints.contains(method), "{method} is not in disallowed-methods");
    }
}

/// Tables and parsers that are one thing; each with a reason.
const LONG: &[(&str, &str)] = &[];

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for source in sources() {
        let lines = source.code().count();
        if lines > LINES_MAX && !LONG.iter().any(|(path, _)| *path == source.path) {
            long.push(format!("{}: {lines} lines of code", source.path));
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

/// Where a vendor may be named besides its folders: where a target is opened, and where one is described.
const NAMING: &[&str] = &[
    "src/session/target.rs",
    "src/project.rs",
    "src/project/check.rs",
    "src/provider.rs",
    // They lead to the dialects of the engine.
    "src/engine.rs",
    "src/engine/admin.rs",
    "src/engine/dialect.rs",
    "src/engine/snapshot.rs",
];

#[test]
fn no_vendor_is_named_elsewhere() {
    let mut wrong = Vec::new();
    for source in sources() {
        if source.is_vendors() || NAMING.contains(&&*source.path) {
            continue;
        }
        for (number, line) in source.text.lines().enumerate() {
            let line = line.trim();
            let word = line.to_lowercase();
            if !line.starts_with("//") && ["huawei", "alibaba", "aliyun"].iter().any(|v| word.contains(v)) {
                wrong.push(format!("{}:{}: {line}", source.path, number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_says_what_it_is_for() {
    let bare: Vec<String> = sources()
        .into_iter()
        .filter(|s| !s.text.starts_with("//! ") && !s.path.ends_with("/tests.rs"))
        .map(|s| s.path)
        .collect();
    assert!(bare.is_empty(), "no header: {bare:#?}");
}

#[test]
fn every_kind_has_an_example() {
    let examples: Vec<String> =
        files("examples", "yaml").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let missing: Vec<&str> = kinds::ALL
        .iter()
        .filter(|d| d.form == Form::Document)
        .map(|d| d.kind.name())
        .filter(|name| !examples.iter().any(|text| text.lines().any(|l| l == format!("kind: {name}"))))
        .collect();
    assert!(missing.is_empty(), "no example under examples/: {missing:?}");
}

#[test]
fn nothing_is_left_undone_and_no_path_is_of_one_machine() {
    let mut wrong = Vec::new();
    for path in [files("src", "rs"), files("tests", "rs"), files("examples", "yaml")].concat() {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        if name == "tests/tidy.rs" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for word in ["todo!", "unimplemented!", "FIXME", "XXX", "/work/", "/home/", "/Users/", "dbg!("] {
            if text.contains(word) {
                wrong.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
