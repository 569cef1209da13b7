use super::*;
use crate::document::Document;
use crate::kinds::spec::DocumentSpec;
use crate::manifest::yaml::{Limits, parse};
use crate::manifest::{self, locate};

const MANIFEST: &str = r#"apiVersion: apigctl/v1
kind: Throttle
metadata: { name: gold }
spec:
  per: ${var.per}
  limits: { api: "${var.api}", sourceIp: 60 }
---
apiVersion: apigctl/v1
kind: Group
metadata: { name: shop }
spec: { description: "of ${var.team}, ${var.api} a minute, $${var.team}" }
"#;

fn source(path: &str, text: &str) -> Arc<Source> {
    Arc::new(Source::new(path, text))
}

fn overlay(project: &Arc<Source>) -> Overlay {
    let mut overlay = Overlay { target: "staging".into(), ..Overlay::default() };
    let mut put = |name: &str, kind, value| {
        let start = project.text.find(name).unwrap();
        let place = Span { source: Arc::clone(project), start, end: start + name.len() };
        overlay.variables.insert(name.to_owned(), Variable { kind, value, place });
    };
    put("per", VariableType::Duration, Some(Literal::Text("1m".into())));
    put("api", VariableType::Integer, Some(Literal::Integer(600)));
    put("team", VariableType::String, Some(Literal::Text("team a".into())));
    put("stages", VariableType::List, Some(Literal::List(vec!["RELEASE".into()])));
    put("unset", VariableType::String, None);
    overlay
}

fn project() -> Arc<Source> {
    source("apigctl.yaml", "per: 1m\napi: 600\nteam: team a\nstages: [RELEASE]\nunset:\n")
}

fn read(text: &str, patch: Option<&str>) -> (Vec<Document>, Vec<Problem>) {
    let mut overlay = overlay(&project());
    let mut problems = Vec::new();
    if let Some(patch) = patch {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("patch.yaml");
        std::fs::write(&file, patch).unwrap();
        let patches = patch::read(&file, &overlay, &Limits::default(), &mut problems);
        overlay.patches = patches;
    }
    let (documents, mut found) = manifest::text(&source("a.yaml", text), &Limits::default(), &overlay);
    problems.append(&mut found);
    problems.extend(overlay.patches.iter().filter_map(|p| p.unused(["gold"])));
    (documents, problems)
}

/// Code, file and marked text of each problem, and what its help says.
fn shown(problems: &[Problem]) -> Vec<String> {
    let marked = |span: &Span| {
        let file = span.source.path.file_name().unwrap().to_string_lossy().into_owned();
        format!("{file}:{} `{}`", span.line_column().0, &span.source.text[span.start..span.end])
    };
    let line = |p: &Problem| {
        let related: Vec<String> =
            p.related.iter().map(|(span, text)| format!("; {text}: {}", marked(span))).collect();
        format!("{} {}{}", p.code, p.span.as_ref().map(marked).unwrap_or_default(), related.concat())
    };
    problems.iter().map(line).collect()
}

#[test]
fn a_use_takes_the_type_of_its_variable() {
    let (documents, problems) = read(MANIFEST, None);
    assert_eq!(shown(&problems), Vec::<String>::new());
    let Some(DocumentSpec::Throttle(throttle)) = &documents[0].spec else { panic!("no throttle") };
    assert_eq!((throttle.per, throttle.limits.api), (Duration::from_secs(60), 600));
    let Some(DocumentSpec::Group(group)) = &documents[1].spec else { panic!("no group") };
    assert_eq!(serde_json::json!(group)["description"], "of team a, 600 a minute, ${var.team}");
}

#[test]
fn what_is_wrong_with_a_use_is_said_where_it_is() {
    let (_, problems) = read(
        &MANIFEST
            .replace("${var.per}", "${var.pre}")
            .replace("\"${var.api}\"", "\"${var.unset}\"")
            .replace("${var.team}", "${var.stages}"),
        None,
    );
    assert_eq!(
        shown(&problems),
        [
            "unknown-variable a.yaml:5 `${var.pre}`",
            "unset-variable a.yaml:6 `\"${var.unset}\"`; declared here, without a default: apigctl.yaml:5 `unset`",
            "invalid-value a.yaml:11 `\"of ${var.stages}, ${var.api} a minute, $${var.stages}\"`",
        ]
    );
    assert_eq!(problems[0].help.as_deref(), Some("did you mean `per`?"));
    let (_, problems) = read(&MANIFEST.replace("${var.team},", "${var.team,"), None);
    assert_eq!(problems[0].code, "unknown-variable", "everything up to the next brace is the name");
    let (_, problems) = read("kind: Group\nmetadata: { name: \"a ${var.team\" }\n", None);
    assert!(problems.iter().any(|p| p.code == "variable-syntax"), "{problems:?}");
}

#[test]
fn a_value_of_the_wrong_type_shows_where_it_comes_from() {
    let (_, problems) = read(&MANIFEST.replace("${var.per}", "${var.team}"), None);
    assert_eq!(
        shown(&problems),
        ["invalid-value a.yaml:5 `${var.team}`; the value of `team` comes from here: apigctl.yaml:3 `team`"]
    );
}

#[test]
fn a_patch_changes_fields_and_keeps_the_rest() {
    let patch = "apiVersion: apigctl/v1\nkind: Throttle\nmetadata: { name: gold, labels: { tier: test } }\nspec:\n  limits: { sourceIp: null, api: 9, app: \"${var.api}\" }\n";
    let (documents, problems) = read(MANIFEST, Some(patch));
    assert_eq!(shown(&problems), Vec::<String>::new());
    let Some(DocumentSpec::Throttle(throttle)) = &documents[0].spec else { panic!("no throttle") };
    let limits = serde_json::json!(throttle.limits);
    assert_eq!(limits, serde_json::json!({ "api": 9, "app": 600 }));
    assert_eq!(documents[0].metadata.labels["tier"], "test");
    let at = |field: &str| {
        let span = locate(&documents[0].origin, field);
        (span.source.path.file_name().unwrap().to_string_lossy().into_owned(), span.line_column().0)
    };
    assert_eq!(at("spec.limits.api"), ("patch.yaml".into(), 5));
    assert_eq!(at("spec.per"), ("a.yaml".into(), 5));
    assert_eq!(at("metadata.name"), ("a.yaml".into(), 3));
    assert!(documents[1].origin.overlaid.as_ref().is_some_and(|o| o.patched.is_empty()));
}

#[test]
fn what_is_wrong_in_a_patch_is_said_in_the_patch() {
    let patch = "kind: Throttle\nmetadata: { name: gold }\nspec: { limits: { appp: 5 }, per: 5 weeks }\n";
    let (_, problems) = read(MANIFEST, Some(patch));
    assert_eq!(
        shown(&problems),
        ["unknown-field patch.yaml:3 `appp`", "invalid-value patch.yaml:3 `5 weeks`"]
    );
    let (_, problems) = read(MANIFEST, Some("kind: Throttle\nmetadata: { name: goldd }\nspec: {}\n"));
    assert_eq!(shown(&problems), ["patch-matches-nothing patch.yaml:2 `goldd`"]);
    assert_eq!(problems[0].help.as_deref(), Some("did you mean `gold`?"));
    let (_, problems) = read(MANIFEST, Some("spec: {}\n"));
    assert_eq!(shown(&problems), ["missing-field patch.yaml:1 `spec: {}`"]);
}

#[test]
fn without_uses_and_patches_nothing_is_copied() {
    let text = source("a.yaml", "kind: Group\nmetadata: { name: shop }\n");
    let (nodes, _) = parse(&text, &Limits::default());
    assert!(Overlay::default().lay(&nodes[0], &text, &mut Vec::new()).is_none());
}
