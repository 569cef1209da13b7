//! Plans in every format.

use std::path::Path;

use apigctl::plan::{Action, Plan};
use apigctl::ui::{Options, plan_html, plan_json, plan_markdown, plan_text, sarif};
use serde_json::Value;

use super::{expect, expect_at, sample, text};

fn plain(plan: &Plan, width: usize, verbose: bool) -> String {
    text(|out| plan_text::plan(out, plan, &Options { colour: false, width, verbose }))
}

fn markdown(plan: &Plan) -> String {
    text(|out| plan_markdown::plan(out, plan))
}

fn html(plan: &Plan) -> String {
    text(|out| plan_html::plan(out, plan))
}

fn json(plan: &Plan) -> Value {
    serde_json::from_str(&text(|out| plan_json::plan(out, plan))).unwrap()
}

#[test]
fn the_sample_has_every_action() {
    let plan = sample::full();
    for action in Action::ALL {
        assert!(plan.changes.iter().any(|c| c.action == action), "{action:?}");
    }
}

#[test]
fn text_of_a_plan() {
    expect("plan.txt", &plain(&sample::full(), 100, false));
    expect("plan-verbose.txt", &plain(&sample::full(), 100, true));
    expect("plan-narrow.txt", &plain(&sample::full(), 50, false));
    expect("plan-empty.txt", &plain(&sample::empty(), 100, false));
}

#[test]
fn colour_changes_nothing_but_colour() {
    let plan = sample::full();
    let coloured =
        text(|out| plan_text::plan(out, &plan, &Options { colour: true, width: 100, verbose: false }));
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain(&plan, 100, false));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [50, 80, 120] {
        for plan in [sample::full(), sample::huge()] {
            for line in plain(&plan, width, false).lines() {
                let long_by_nature = ["takes along", "!", "what it is now", "- ", "+ "]
                    .iter()
                    .any(|s| line.trim_start().starts_with(s));
                // Addresses are never cut.
                let sentence = line.starts_with("  endpoint")
                    || line.contains(" with it")
                    || line.trim_start().starts_with("unbind ");
                assert!(line.chars().count() <= width || long_by_nature || sentence, "{width}: {line}");
            }
        }
    }
}

#[test]
fn json_of_a_plan_keeps_to_its_schema() {
    let schema = plan_json::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for plan in [sample::full(), sample::empty(), sample::hostile()] {
        let value = json(&plan);
        let errors: Vec<_> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/plan.schema.json");
    expect_at(&path, &format!("{schema:#}\n"));
}

#[test]
fn json_of_a_plan_says_what_terraform_would() {
    let value = json(&sample::full());
    let row = |address: &str| {
        let rows = value["resource_changes"].as_array().unwrap();
        rows.iter().find(|r| r["address"] == address).unwrap().clone()
    };
    assert_eq!(row("Signature/old-edge")["change"]["actions"], serde_json::json!(["update"]));
    assert_eq!(row("Signature/edge")["change"]["after_sensitive"], serde_json::json!(["secret"]));
    assert_eq!(row("Publication/users/get-user/RELEASE")["environment"], "RELEASE");
    assert_eq!(row("Publication/users/get-user/RELEASE")["change"]["actions"], serde_json::json!(["update"]));
    let drift: Vec<_> =
        value["resource_drift"].as_array().unwrap().iter().map(|r| r["address"].clone()).collect();
    assert_eq!(drift.len(), 4, "{drift:?}");
    let host = &value["resource_drift"][1]["change"];
    assert_eq!(
        (&host["before"]["value"], &host["after"]["value"]),
        (&"users.internal".into(), &"10.0.0.9".into())
    );
    assert_eq!((value["calls"].as_u64(), value["calls_lower_bound"].as_u64()), (Some(5), Some(4)));
    assert_eq!((&value["complete"], &value["applyable"]), (&false.into(), &true.into()));
}

#[test]
fn markdown_and_html_of_a_plan() {
    expect("plan.md", &markdown(&sample::full()));
    expect("plan-empty.md", &markdown(&sample::empty()));
    expect("plan.html", &html(&sample::full()));
}

#[test]
fn ten_thousand_changes_fit_everywhere() {
    let plan = sample::huge();
    assert_eq!(plan.changes.len(), 10_000);
    let started = std::time::Instant::now();
    let markdown = markdown(&plan);
    assert!(markdown.len() <= plan_markdown::SIZE_MAX, "{}", markdown.len());
    assert!(markdown.len() > 50_000, "the room is used: {}", markdown.len());
    assert_eq!(markdown.matches("<details>").count(), markdown.matches("</details>").count());
    assert!(markdown.contains("left out"));
    for group in 0..10 {
        assert!(markdown.contains(&format!("APIs in group-{group}")), "every group gets its share");
    }
    let text = plain(&plan, 100, false);
    assert!(text.lines().count() < 1500, "{}", text.lines().count());
    assert!(text.contains("… and 380 more to create; --verbose lists them"));
    assert!(html(&plan).len() > 100_000);
    assert_eq!(json(&plan)["resource_changes"].as_array().unwrap().len(), 10_000);
    let took = started.elapsed();
    assert!(took < std::time::Duration::from_secs(60), "{took:?}");
    println!("10,000 changes in four formats: {took:?}");
}

#[test]
fn very_many_groups_do_not_burst_a_comment() {
    let mut plan = sample::huge();
    for (n, change) in plan.changes.iter_mut().enumerate() {
        let kind = change.address.kind;
        let group = format!("{n}-{}", "long-name".repeat(20));
        let parts = [&*group, "a", "RELEASE"];
        change.address = apigctl::address::Address::new(
            kind,
            if kind == apigctl::kind::Kind::Api { &parts[..2] } else { &parts },
        );
    }
    let markdown = markdown(&plan);
    assert!(markdown.len() <= plan_markdown::SIZE_MAX, "{}", markdown.len());
    assert_eq!(markdown.matches("<details>").count(), markdown.matches("</details>").count());
    assert!(markdown.contains("more changes in"));
    assert!(plain(&plan, 100, false).lines().count() < 2000);
}

#[test]
fn nothing_breaks_out() {
    let plan = sample::hostile();
    for verbose in [false, true] {
        let text = plain(&plan, 100, verbose);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
    let html = html(&plan);
    assert!(!html.contains("<script") && !html.contains('\u{1b}'), "{html}");
    let markdown = markdown(&plan);
    expect("plan-hostile.md", &markdown);
    let mut fence: Option<&str> = None;
    for line in markdown.lines() {
        match fence {
            Some(open) if line == open => fence = None,
            // Within a fence only the fence itself means anything.
            Some(_) => {}
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("diff")),
            None => {
                // Nothing links within a code span, and no code span can be left: its text has no `<`.
                let line: String = line
                    .split("<code>")
                    .map(|p| p.split_once("</code>").map_or(p, |(_, after)| after))
                    .collect();
                for bad in ["<script", "@everyone", "](http", "![", "\u{1b}", "http://"] {
                    assert!(!line.contains(bad), "{bad}: {line}");
                }
            }
        }
    }
    assert_eq!(fence, None, "every fence is closed");
}

#[test]
fn sarif_of_a_plan() {
    let value: Value = serde_json::from_str(&text(|out| sarif::plan(out, &sample::full()))).unwrap();
    super::problems::is_sarif(&value);
    let results = value["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), sample::full().changes.len());
    assert_eq!(results[0]["level"], "warning", "the dangerous ones first");
    let drop =
        results.iter().find(|r| r["message"]["text"].as_str().unwrap().contains("Group/legacy")).unwrap();
    assert_eq!(drop["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "apigctl.yaml");
}

/// Not a test of anything: writes what there is to look at with colours to `target/ui/`.
#[test]
#[ignore = "for eyes only"]
fn look() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ui");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, plan) in [("full", sample::full()), ("huge", sample::huge()), ("hostile", sample::hostile())] {
        let options = Options { colour: true, width: 100, verbose: false };
        std::fs::write(
            folder.join(format!("{name}.ansi")),
            text(|out| plan_text::plan(out, &plan, &options)),
        )
        .unwrap();
        std::fs::write(folder.join(format!("{name}.html")), html(&plan)).unwrap();
        std::fs::write(folder.join(format!("{name}.md")), markdown(&plan)).unwrap();
    }
}
