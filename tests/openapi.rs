//! OpenAPI documents to manifests: golden files, broken input, the command.
//!
//! `UPDATE_GOLDEN=1 cargo nextest run openapi` writes the golden files anew.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads its own files"
)]

use std::fs;
use std::path::{Path, PathBuf};

use apigctl::kind::Kind;
use apigctl::kinds::api::ApiSpec;
use apigctl::kinds::group::GroupSpec;
use apigctl::kinds::metadata::Metadata;
use apigctl::kinds::spec::DocumentSpec;
use apigctl::openapi::{BackendChoice, Grouping, ImportError, Imported, Options, import};
use serde::Deserialize;

mod command;
mod write;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi").join(name)
}

fn imported(name: &str, change: impl FnOnce(&mut Options)) -> Imported {
    let mut options = Options::new(name);
    change(&mut options);
    import(&fs::read_to_string(data(name)).unwrap(), &options).unwrap()
}

/// Compares all files of an import with the golden file, and reads the manifests back.
fn check(imported: &Imported, golden: &str) {
    let files = imported.files(None);
    let text: String = files.iter().map(|file| format!("=== {}\n{}", file.path, file.text)).collect();
    let path = data(golden);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    assert!(
        text == expected,
        "{golden} differs:\n{}",
        similar::TextDiff::from_lines(&expected, &text).unified_diff()
    );
    for (document, file) in imported.documents.iter().zip(&files) {
        reads_back(document, &file.text);
    }
}

#[derive(Deserialize)]
struct Envelope {
    kind: String,
    metadata: Metadata,
    spec: serde_json::Value,
}

fn reads_back(document: &apigctl::openapi::Document, text: &str) {
    let read: Envelope = serde_yaml::from_str(text).unwrap();
    assert_eq!(read.metadata, document.metadata);
    assert_eq!(Kind::parse(&read.kind), Some(document.kind));
    match &document.spec {
        DocumentSpec::Api(spec) => {
            let mut again: ApiSpec = serde_json::from_value(read.spec).unwrap();
            let mut spec = spec.clone();
            again.normalise();
            spec.normalise();
            assert_eq!(again, *spec);
        }
        DocumentSpec::Group(spec) => {
            assert_eq!(serde_json::from_value::<GroupSpec>(read.spec).unwrap(), *spec);
        }
        other => panic!("no such document is expected: {other:?}"),
    }
}

#[test]
fn swagger_2() {
    check(&imported("swagger-2.yaml", |_| {}), "swagger-2.golden");
}

#[test]
fn ugly_3_0() {
    check(&imported("ugly-3.0.yaml", |_| {}), "ugly-3.0.golden");
}

#[test]
fn modern_3_1_with_samples() {
    let change = |options: &mut Options| {
        options.samples = true;
        options.publish = vec!["TEST".into(), "RELEASE".into()];
    };
    check(&imported("modern-3.1.json", change), "modern-3.1.golden");
}

#[test]
fn modern_3_1_as_mocks_in_one_group() {
    let change = |options: &mut Options| {
        options.backend = BackendChoice::Mock;
        options.grouping = Grouping::One("clock".into());
        options.auth = Some(apigctl::kinds::api::AuthType::Iam);
        options.publish.clear();
    };
    check(&imported("modern-3.1.json", change), "modern-3.1-mock.golden");
}

#[test]
fn the_example_needs_no_notes() {
    let text = fs::read_to_string(data("../../examples/openapi/bookshop.openapi.yaml")).unwrap();
    let imported = import(&text, &Options::new("bookshop.openapi.yaml")).unwrap();
    assert_eq!(imported.summary(), "2 groups, 8 APIs, 0 notes");
    check(&imported, "bookshop.golden");
}

#[test]
fn json_and_yaml_give_the_same() {
    let json = fs::read_to_string(data("modern-3.1.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let yaml = serde_yaml::to_string(&value).unwrap();
    let options = Options::new("x");
    assert_eq!(import(&json, &options).unwrap(), import(&yaml, &options).unwrap());
}

#[test]
fn groups_by_path_and_another_backend() {
    let imported = imported("modern-3.1.json", |options| {
        options.grouping = Grouping::Path;
        options.backend = BackendChoice::Url("https://elsewhere/base/".into());
    });
    let paths: Vec<&str> = imported.documents.iter().map(|d| d.path.as_str()).collect();
    assert_eq!(paths, ["time/group.yaml", "time/get.yaml", "alarms/group.yaml", "alarms/delete.yaml"]);
    let text = &imported.files(Some("https://x/schema.json"))[3].text;
    assert!(text.contains("url: \"https://elsewhere/base/alarms/{alarm}\""), "{text}");
    assert_eq!(text.lines().nth(1), Some("# yaml-language-server: $schema=https://x/schema.json"));
}

/// What is wrong with a 3.0 document that has these fields besides the usual ones.
fn refused(fields: &str) -> String {
    let text = format!("openapi: 3.0.0\nservers: [{{ url: 'https://a' }}]\n{fields}");
    import(&text, &Options::new("bad.yaml")).unwrap_err().to_string()
}

#[test]
fn broken_documents_are_refused_with_the_place() {
    let of = |text: &str| import(text, &Options::new("bad.yaml")).unwrap_err().to_string();
    for (text, expected) in [
        ("", "bad.yaml is not OpenAPI 2.0 or 3.x: it has neither `openapi` nor `swagger`"),
        ("[1]", "neither `openapi` nor `swagger`"),
        ("openapi: 4.0.0", "`openapi: \"4.0.0\"`"),
        ("asyncapi: 2.0.0", "`asyncapi: \"2.0.0\"`"),
        ("swagger: '1.2'", "`swagger: \"1.2\"`"),
        ("{ \"a\": 1,, }", "bad.yaml:1:"),
        ("a: [\n", "bad.yaml:"),
        ("a: 1\na: 2\n", "duplicate"),
        (
            "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]",
            "bad.yaml:",
        ),
        ("openapi: 3.0.0", "at #/paths: there is no operation"),
        ("openapi: 3.0.0\npaths: { /a: { get: {} } }", "`--backend-url URL`"),
        ("swagger: 2.0\npaths: { /a: { get: {} } }", "at #/host"),
        ("swagger: 2.0\nhost: a b\npaths: { /a: { get: {} } }", "`https://a b` is not a URL"),
    ] {
        let message = of(text);
        assert!(message.contains(expected), "{text}: {message}");
    }
    for (fields, expected) in [
        ("paths: []", "at #/paths: expected a map, found a list"),
        ("paths: { a: { get: {} } }", "at #/paths/a: a path starts with `/`"),
        ("paths: { '/{a': { get: {} } }", "at #/paths/~1{a: a `{` has no `}`"),
        ("paths: { /a: 1 }", "at #/paths/~1a: expected a map, found a number"),
        ("paths: { /a: { get: [] } }", "at #/paths/~1a/get: expected a map"),
        ("paths: { /a: { $ref: other.yaml } }", "`other.yaml` leads to another file"),
        ("paths: { /a: { $ref: '#/paths/~1b' }, /b: { $ref: '#/paths/~1a' } }", "circle"),
        ("paths: { /a: { get: { parameters: {} } } }", "at #/paths/~1a/get/parameters: expected a list"),
        ("paths: { /a: { get: { parameters: [{ in: query }] } } }", "a parameter needs `name` and `in`"),
        (
            "paths: { /a: { get: { parameters: [{ $ref: '#/x' }] } } }",
            "/parameters/0: the `$ref` `#/x` leads nowhere",
        ),
        ("paths: { /a: { get: { tags: [1] } } }", "/tags/0: expected text, found a number"),
        ("paths: { /a: { get: { servers: [{}] } } }", "/servers/0: a server needs `url`"),
        (
            "paths: { /a: { get: { parameters: [{ name: a, in: query, schema: { $ref: '#/s' } }] } } }\ns: { allOf: [{ $ref: '#/s' }] }",
            "the schema contains itself",
        ),
    ] {
        let message = refused(fields);
        assert!(message.contains(expected), "{fields}: {message}");
    }
}

#[test]
fn all_that_is_wrong_is_said_and_each_thing_once() {
    let message = refused(
        "paths: { /a: { get: { parameters: [{ $ref: '#/x' }] }, put: {} }, b: { get: {}, put: {} }, /c: { get: 1 } }",
    );
    assert_eq!(message.lines().count(), 4, "{message}");
}

#[test]
fn cycles_in_bodies_do_no_harm() {
    let text = "openapi: 3.0.0\nservers: [{ url: 'https://a' }]\npaths: { /a: { get: { responses: { 200: { content: \
                { application/json: { schema: { $ref: '#/s' } } } } } } } }\ns: { properties: { s: { $ref: '#/s' } } }";
    let options = Options { samples: true, ..Options::new("a") };
    assert_eq!(import(text, &options).unwrap().count(Kind::Api), 1);
}

#[test]
fn senseless_options_are_refused() {
    let url = Options { backend: BackendChoice::Url("books".into()), ..Options::new("a") };
    assert!(matches!(import("", &url), Err(ImportError::BackendUrl { .. })));
    let group = Options { grouping: Grouping::One("a b".into()), ..Options::new("a") };
    assert!(matches!(import("", &group), Err(ImportError::GroupName { .. })));
}

#[test]
fn a_text_that_is_too_large_is_refused() {
    let text = " ".repeat(apigctl::openapi::SIZE_MAX + 1);
    assert!(matches!(import(&text, &Options::new("a")), Err(ImportError::TooLarge { .. })));
}
