//! Problems in every format.

use std::sync::Arc;

use apigctl::problem::{Problem, Source, Span};
use apigctl::ui::{Options, problems, problems_json, sarif};
use serde_json::Value;

use super::{expect, text};

fn source(path: &str, text: &str) -> Arc<Source> {
    Arc::new(Source::new(path, text))
}

fn span(source: &Arc<Source>, needle: &str) -> Span {
    let start = source.text.find(needle).unwrap();
    Span { source: Arc::clone(source), start, end: start + needle.len() }
}

fn sample() -> Vec<Problem> {
    let payments = source(
        "manifests/payments.yaml",
        "apiVersion: apigctl/v1\nkind: Api\nmetadata: { name: create-payment, group: payments }\nspec:\n  request: { method: POST, pathh: \"/支付/{account}\" }\n  auth: { type: app }\n",
    );
    let users = source(
        "manifests/users.yaml",
        "apiVersion: apigctl/v1\nkind: Group\nmetadata: { name: users }\n---\napiVersion: apigctl/v1\nkind: Group\nmetadata: { name: payments }\n",
    );
    vec![
        Problem::error("unknown-field", span(&payments, "pathh"), "unknown field `pathh`")
            .label("not a field of `request`")
            .help("did you mean `path`?"),
        Problem::error("duplicate-resource", span(&users, "payments"), "group `payments` is described twice")
            .label("described again here")
            .related(span(&payments, "payments"), "first described here")
            .related(span(&users, "users"), "and this one is near"),
        Problem::warning(
            "public-api",
            span(&payments, "type: app"),
            "anybody with a key may call `\u{1b}[31mthis`",
        ),
        Problem::error("no-target", None, "there is no target `prod`").help("targets: staging, test"),
    ]
}

fn plain(list: &[Problem], width: usize) -> String {
    text(|out| problems::problems(out, list, &Options { colour: false, width, verbose: false }))
}

#[test]
fn text_of_problems() {
    expect("problems.txt", &plain(&sample(), 100));
    expect("problems-narrow.txt", &plain(&sample(), 40));
    assert_eq!(plain(&[], 100), "No problems.\n");
    let coloured =
        text(|out| problems::problems(out, &sample(), &Options { colour: true, ..Options::default() }));
    assert!(coloured.contains("\u{1b}[") && !plain(&sample(), 100).contains('\u{1b}'));
}

#[test]
fn problems_at_the_end_of_a_huge_file_are_fast_and_rightly_placed() {
    let mut long = "key: value # a line of a large manifest\n".repeat(400_000);
    long.push_str("last: oops\n");
    assert!(long.len() >= 16_000_000);
    let file = source("big.yaml", &long);
    let start = long.len() - 5;
    let list: Vec<Problem> = (0..300)
        .map(|_| {
            Problem::error("bad-value", Span { source: Arc::clone(&file), start, end: start + 4 }, "bad")
        })
        .collect();
    let started = std::time::Instant::now();
    let shown = plain(&list, 100);
    let took = started.elapsed();
    assert!(took.as_secs() < 10, "{took:?}");
    assert!(shown.contains("big.yaml:400001:7"), "{}", &shown[..400]);
    assert!(shown.contains("400001 │ last: oops"), "{}", &shown[..400]);
    assert!(shown.contains("… and 200 more; --verbose lists them"));
    assert!(shown.ends_with("300 errors in 1 file.\n"));
}

#[test]
fn one_endless_line_is_cut_around_the_mark() {
    let file = source("min.json", &format!("{}支oops{}", "x".repeat(1_000_000), "y".repeat(1_000_000)));
    let shown = plain(&[Problem::error("bad-value", span(&file, "oops"), "bad")], 100);
    assert!(shown.len() < 3000, "{}", shown.len());
    assert!(shown.contains("min.json:1:1000002"), "{shown}");
}

#[test]
fn spans_outside_of_the_text_do_no_harm() {
    let file = source("short.yaml", "a: 支\n");
    for (start, end) in [(100, 200), (4, 5), (6, 6), (3, 1), (0, 0)] {
        let list = [Problem::error("x", Span { source: Arc::clone(&file), start, end }, "bad")];
        assert!(plain(&list, 40).contains("short.yaml"));
        assert!(!text(|out| problems_json::problems(out, &list)).is_empty());
    }
    let nothing = source("empty.yaml", "");
    let list = [Problem::error("x", Span { source: nothing, start: 0, end: 0 }, "bad")];
    assert!(plain(&list, 40).contains("empty.yaml"));
}

#[test]
fn json_of_problems() {
    let value: Value = serde_json::from_str(&text(|out| problems_json::problems(out, &sample()))).unwrap();
    expect("problems.json", &format!("{value:#}\n"));
}

/// The rules of SARIF that forges check at upload.
pub(crate) fn is_sarif(value: &Value) {
    assert_eq!(value["version"], "2.1.0");
    let run = &value["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(run["tool"]["driver"]["name"], "apigctl");
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with('/') && !uri.contains([' ', '\\', '`', '<']), "{uri}");
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
    }
}

#[test]
fn sarif_of_problems() {
    let value: Value = serde_json::from_str(&text(|out| sarif::problems(out, &sample()))).unwrap();
    is_sarif(&value);
    expect("problems.sarif", &format!("{value:#}\n"));
    let odd = source("./a b/ü.yaml", "x\n");
    let list = [Problem::error("x", span(&odd, "x"), "bad")];
    let value: Value = serde_json::from_str(&text(|out| sarif::problems(out, &list))).unwrap();
    assert_eq!(
        value["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "a%20b/%C3%BC.yaml"
    );
}
