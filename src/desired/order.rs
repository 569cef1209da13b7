//! Cycles and order.

use std::collections::{BTreeSet, HashMap};

use petgraph::algo::kosaraju_scc;
use petgraph::stable_graph::NodeIndex;

use super::Desired;
use crate::document::{Document, Finding};

/// Reports each cycle once, with its path. Iterative throughout: a chain of any length must not end the process.
pub(super) fn report_cycles(documents: &[Document], desired: &Desired, findings: &mut Vec<Finding>) {
    for component in kosaraju_scc(&desired.graph) {
        let own_edge = |n: &NodeIndex| desired.graph.contains_edge(*n, *n);
        if component.len() < 2 && !component.first().is_some_and(own_edge) {
            continue;
        }
        let path = cycle_path(desired, &component);
        let names: Vec<String> = path.iter().map(|n| desired.graph[*n].address.to_string()).collect();
        let first = &desired.graph[path[0]];
        let field = if documents[first.document].metadata.depends_on.is_empty() {
            first.field.path()
        } else {
            "metadata.dependsOn"
        };
        let mut finding = Finding::error(
            first.document,
            "reference-cycle",
            field,
            format!("these depend on each other in a circle: {} -> {}", names.join(" -> "), names[0]),
        )
        .help("remove one of the dependencies");
        for node in path.iter().skip(1) {
            let resource = &desired.graph[*node];
            finding = finding.related(resource.document, "metadata.dependsOn", "goes on here");
        }
        findings.push(finding);
    }
}

/// A shortest cycle through the smallest address of a component, by breadth-first search.
fn cycle_path(desired: &Desired, component: &[NodeIndex]) -> Vec<NodeIndex> {
    let inside: BTreeSet<NodeIndex> = component.iter().copied().collect();
    let start = component.iter().copied().min_by_key(|n| &desired.graph[*n].address).unwrap_or(component[0]);
    let mut from: HashMap<NodeIndex, NodeIndex> = HashMap::new();
    let mut frontier = std::collections::VecDeque::from([start]);
    while let Some(node) = frontier.pop_front() {
        let mut next: Vec<NodeIndex> = desired.graph.neighbors(node).filter(|n| inside.contains(n)).collect();
        next.sort_by(|a, b| desired.graph[*a].address.cmp(&desired.graph[*b].address));
        for neighbour in next {
            if neighbour == start {
                let mut path = vec![node];
                while path.last() != Some(&start) {
                    let last = path[path.len() - 1];
                    path.push(from[&last]);
                }
                path.reverse();
                return path;
            }
            if neighbour != start && !from.contains_key(&neighbour) {
                from.insert(neighbour, node);
                frontier.push_back(neighbour);
            }
        }
    }
    vec![start]
}
