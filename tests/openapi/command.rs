//! The command: what it writes, and above all what it does not overwrite.

use std::fs;
use std::path::Path;

use apigctl::cli::import::{Args, run};
use apigctl::openapi::ImportError;
use clap::Parser;

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

fn call(file: &Path, dir: &Path, more: &[&str]) -> Result<String, ImportError> {
    let mut words = vec!["import", "openapi", file.to_str().unwrap(), "--out", dir.to_str().unwrap()];
    words.extend(more);
    let mut out = Vec::new();
    run(&Cli::try_parse_from(words).unwrap().args, &mut out)?;
    Ok(String::from_utf8(out).unwrap().replace(dir.to_str().unwrap(), "DIR").replace('\\', "/"))
}

const THREE: &str = "openapi: 3.0.0\nservers: [{ url: 'https://a' }]\npaths:\n  /a: { get: { operationId: aaa, tags: [one] } }\n  \
                     /b: { get: { operationId: bbb, tags: [one] } }\n  /c: { get: { operationId: ccc, tags: [two] } }\n";

#[test]
fn a_second_import_replaces_only_what_nobody_has_edited() {
    let dir = tempfile::tempdir().unwrap();
    let (file, out) = (dir.path().join("api.yaml"), dir.path().join("out"));
    fs::write(&file, THREE).unwrap();
    let said = call(&file, &out, &[]).unwrap();
    assert!(said.ends_with("(OpenAPI 3.0.0): 2 groups, 3 APIs, 3 notes\nwrote 6 files to DIR\nwhat was left out or changed: DIR/IMPORT-NOTES.md\n"), "{said}");
    assert!(matches!(call(&file, &out, &[]), Err(ImportError::NotEmpty { .. })));
    assert!(call(&file, &out, &["--force"]).unwrap().contains("wrote 0 files to DIR, 6 files up to date\n"));

    let edited = fs::read_to_string(out.join("one/aaa.yaml")).unwrap().replace("RELEASE", "TEST");
    fs::write(out.join("one/aaa.yaml"), &edited).unwrap();
    let windows = fs::read_to_string(out.join("one/bbb.yaml")).unwrap().replace('\n', "\r\n");
    fs::write(out.join("one/bbb.yaml"), &windows).unwrap();
    fs::write(out.join("two/own.yaml"), "own: file\n").unwrap();
    fs::write(&file, THREE.replace("https://a", "https://b").replace("operationId: ccc", "operationId: own"))
        .unwrap();
    let said = call(&file, &out, &["--force"]).unwrap();
    let expected = "kept, because they were edited or are not from an import; remove them to get new ones:\n  DIR/one/aaa.yaml\n  DIR/two/own.yaml\n\
                    no longer in the document; remove them if they are not needed:\n  DIR/two/ccc.yaml\n";
    assert!(said.ends_with(expected), "{said}");
    assert_eq!(fs::read_to_string(out.join("one/aaa.yaml")).unwrap(), edited);
    assert_eq!(fs::read_to_string(out.join("two/own.yaml")).unwrap(), "own: file\n");
    assert!(fs::read_to_string(out.join("one/bbb.yaml")).unwrap().contains("https://b/b"));
}

#[test]
fn hidden_files_do_not_make_a_folder_full() {
    let dir = tempfile::tempdir().unwrap();
    let (file, out) = (dir.path().join("api.yaml"), dir.path().join("out"));
    fs::write(&file, THREE).unwrap();
    fs::create_dir(&out).unwrap();
    fs::write(out.join(".gitkeep"), "").unwrap();
    call(&file, &out, &["--group", "all", "--auth", "none", "--no-publish"]).unwrap();
    let text = fs::read_to_string(out.join("all/aaa.yaml")).unwrap();
    assert!(text.contains("auth: { type: none }") && !text.contains("publish"), "{text}");
    assert!(!out.join("IMPORT-NOTES.md").exists());
}

#[test]
fn nothing_is_written_where_the_document_is_no_text_or_broken() {
    let dir = tempfile::tempdir().unwrap();
    let (file, out) = (dir.path().join("api.yaml"), dir.path().join("out"));
    assert!(matches!(call(&file, &out, &[]), Err(ImportError::Read { .. })));
    fs::write(&file, b"openapi: \xff").unwrap();
    assert!(matches!(call(&file, &out, &[]), Err(ImportError::NotText { offset: 9, .. })));
    fs::write(&file, THREE.replace("/a:", "a:")).unwrap();
    assert!(matches!(call(&file, &out, &[]), Err(ImportError::Broken { .. })));
    assert!(!out.exists());
}
