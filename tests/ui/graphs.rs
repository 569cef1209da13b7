//! The desired-state graph in every format.

use std::sync::Arc;

use apigctl::desired::Desired;
use apigctl::document::{Document, Origin};
use apigctl::kind::Kind;
use apigctl::kinds::metadata::Metadata;
use apigctl::kinds::spec::DocumentSpec;
use apigctl::problem::Source;
use apigctl::ui::graph::{GraphFormat, graph};
use serde_json::json;

use super::{expect, sample, text};

fn document(kind: Kind, name: &str, group: Option<&str>, spec: DocumentSpec) -> Document {
    let metadata = Metadata { name: name.into(), group: group.map(Into::into), ..Metadata::default() };
    let source = Arc::new(Source::new("m.yaml", String::new()));
    Document { kind, metadata, spec: Some(spec), origin: Origin { source, start: 0, end: 0, overlaid: None } }
}

fn desired(groups: usize, apis: usize, odd: &str) -> Desired {
    let throttle = serde_json::from_value(json!({ "per": "1s", "limits": { "api": 10 } })).unwrap();
    let mut documents = vec![document(Kind::Throttle, "gold", None, DocumentSpec::Throttle(throttle))];
    for g in 0..groups {
        let group = format!("group{g}{odd}");
        documents.push(document(
            Kind::Group,
            &group,
            None,
            DocumentSpec::Group(serde_json::from_value(json!({})).unwrap()),
        ));
        for a in 0..apis {
            let mut spec = sample::api(&format!("/a{a}"), json!({ "publish": ["RELEASE"] }));
            let spec = Arc::make_mut(&mut spec).clone();
            documents.push(document(
                Kind::Api,
                &format!("api{a}"),
                Some(&group),
                DocumentSpec::Api(Box::new(spec)),
            ));
        }
        let binding = json!({ "environment": "RELEASE", "throttle": "gold", "apis": { "group": group } });
        let binding = serde_json::from_value(binding).unwrap();
        documents.push(document(Kind::Binding, &format!("b{g}"), None, DocumentSpec::Binding(binding)));
    }
    Desired::build(&mut documents).0
}

#[test]
fn small_graphs_are_drawn_in_full() {
    let desired = desired(2, 2, "");
    let draw = |format| text(|out| graph(out, &desired, format));
    expect("graph.dot", &draw(GraphFormat::Dot));
    expect("graph.mmd", &draw(GraphFormat::Mermaid));
    expect("graph.svg", &draw(GraphFormat::Svg));
}

#[test]
fn large_graphs_are_folded() {
    let desired = desired(5, 120, "");
    let dot = text(|out| graph(out, &desired, GraphFormat::Dot));
    assert!(dot.contains("group1: 120 APIs"), "{dot}");
    assert!(dot.lines().count() < 60);
    expect("graph-large.svg", &text(|out| graph(out, &desired, GraphFormat::Svg)));
}

#[test]
fn names_do_not_break_out_of_graphs() {
    let desired = desired(1, 1, "\"];<script>\\");
    for format in [GraphFormat::Dot, GraphFormat::Mermaid, GraphFormat::Svg] {
        let shown = text(|out| graph(out, &desired, format));
        match format {
            GraphFormat::Dot => assert!(shown.contains("group0\\\"];<script>\\\\\""), "{shown}"),
            _ => assert!(!shown.contains("<script>"), "{shown}"),
        }
    }
    let nothing = text(|out| graph(out, &Desired::default(), GraphFormat::Svg));
    assert!(nothing.contains("</svg>"));
}
