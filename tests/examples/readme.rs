//! What the README says is so: its YAML is valid, and its tables list what there is.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use apigctl::cli::Cli;
use apigctl::project::Project;
use apigctl::provider::huawei_v2;
use apigctl::session;
use clap::CommandFactory;

use super::{ROOT, files, folder, schema, shown, yaml_documents};

fn readme() -> String {
    fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap()
}

/// The blocks of one language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(found) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if found == language {
                blocks.push(block.join("\n") + "\n");
            }
        }
    }
    blocks
}

/// The first cells of the table below the line `heading`, without the two lines of its head and without backquotes.
fn first_column(text: &str, heading: &str) -> BTreeSet<String> {
    let section = text.split_once(heading).unwrap_or_else(|| panic!("no `{heading}`")).1;
    let rows =
        section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    rows.skip(2).map(|row| row.split('|').nth(1).unwrap().replace('`', "").trim().to_owned()).collect()
}

#[test]
fn the_yaml_is_valid() {
    let (projects, manifests): (Vec<String>, Vec<String>) = blocks(&readme(), "yaml")
        .into_iter()
        // What takes values from a project is shown whole in `examples/overlays`.
        .filter(|block| !block.contains("${var."))
        .partition(|block| block.contains("targets:") || block.contains("ledgerStore:"));
    assert!(!projects.is_empty() && !manifests.is_empty());
    for project in projects {
        let folder = folder([("apigctl.yaml".to_owned(), project.clone())]);
        let found = Project::find(None, folder.path());
        assert!(found.is_ok(), "{project}: {}", shown(&found.unwrap_err()));
        assert!(schema("project.schema.json").is_valid(&yaml_documents(&project)[0]), "{project}");
    }
    for document in manifests.iter().flat_map(|block| yaml_documents(block)) {
        let errors: Vec<String> =
            schema("apigctl.schema.json").iter_errors(&document).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{document:#}");
    }
    // Together they are one estate.
    let named = manifests.into_iter().enumerate().map(|(i, block)| (format!("{i}.yaml"), block));
    // And the certificate that it names.
    let certificate = include_str!("../engine/certificates/leaf.pem").to_owned();
    let folder = folder(named.chain([("certificates/shop.pem".to_owned(), certificate)]));
    let project = Project::find(None, folder.path()).unwrap();
    let manifests = session::manifests(
        &project,
        None,
        &[folder.path().to_owned()],
        session::Taking::by(&huawei_v2::VENDOR, false),
    );
    assert_eq!(shown(&manifests.problems), "");
}

#[test]
fn the_table_of_commands_is_complete() {
    let listed: BTreeSet<String> = first_column(&readme(), "## Commands")
        .iter()
        .map(|usage| usage.split_whitespace().nth(1).unwrap_or_default().to_owned())
        .collect();
    let command = Cli::command();
    let there: BTreeSet<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    assert_eq!(listed, there);
}

/// Codes of problems stand in the argument lists of functions called `error` and `warning`, or are assigned to `code`, or are constants of the limits.
#[test]
fn the_table_of_problem_codes_is_complete() {
    let mut used = BTreeSet::new();
    for path in files(&Path::new(ROOT).join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.to_string_lossy().into_owned();
        let skipped = ["/engine/", "/openapi", "/ui/", "/plan/", "/diff/fields", "/diff/removal", "tests.rs"];
        if !name.ends_with(".rs") || skipped.iter().any(|part| name.contains(part)) {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let constants =
            if name.ends_with("limits.rs") || name.ends_with("support.rs") { ": &str = " } else { "error(" };
        for marker in ["error(", "warning(", "refuse(", "wrong(", "code = ", constants] {
            for (at, _) in code.match_indices(marker) {
                used.extend(literal(&code[at + marker.len()..]));
            }
        }
    }
    let listed = first_column(&readme(), "### Codes of problems");
    let listed: BTreeSet<String> =
        listed.iter().flat_map(|cell| cell.split(", ")).map(str::to_owned).collect();
    let missing: Vec<&String> = used.difference(&listed).collect();
    let gone: Vec<&String> = listed.difference(&used).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "not in the README: {missing:?}; not in the source: {gone:?}"
    );
}

/// The code that an argument list begins with, alone or after one argument.
fn literal(arguments: &str) -> Option<String> {
    let before = arguments.find('"')?;
    let (head, rest) = (&arguments[..before], &arguments[before + 1..]);
    if head.contains([';', ')', '{']) || head.matches(',').count() > 1 {
        return None;
    }
    let text = &rest[..rest.find('"')?];
    let shaped = text.contains('-') && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    shaped.then(|| text.to_owned())
}
