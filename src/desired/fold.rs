//! Kinds that a gateway has no objects of: what their documents say goes into each resource that names them.
//!
//! A document that nothing names makes nothing there, which is a warning; one that is named has to be described, since there
//! is nothing to look up.

use std::collections::BTreeMap;

use petgraph::stable_graph::NodeIndex;

use super::{Desired, Resource};
use crate::address::Address;
use crate::document::Finding;
use crate::kind::Fold;
use crate::problem::did_you_mean;

impl Desired {
    /// Folds what a gateway has no objects of into what names it.
    #[must_use]
    pub fn fold(&mut self, folds: &[Fold]) -> Vec<Finding> {
        folds.iter().flat_map(|fold| one(self, fold)).collect()
    }
}

fn one(desired: &mut Desired, fold: &Fold) -> Vec<Finding> {
    let of_kind = |kind| -> Vec<NodeIndex> {
        desired.graph.node_indices().filter(|node| desired.graph[*node].address.kind == kind).collect()
    };
    let (named, naming) = (of_kind(fold.kind), of_kind(fold.by));
    let described: Vec<String> = named
        .iter()
        .map(|node| &desired.graph[*node])
        .filter(|resource| resource.spec.is_some())
        .map(|resource| resource.address.name())
        .collect();
    let mut findings = Vec::new();
    let mut uses: BTreeMap<Address, usize> = BTreeMap::new();
    for node in naming {
        let name = desired.graph[node].address.name();
        let to = Address::new(fold.kind, &[&name]);
        match desired.node(&to).filter(|to| desired.graph[*to].spec.is_some()) {
            Some(there) => {
                *uses.entry(to).or_default() += 1;
                into(desired, fold, node, there);
            }
            None => {
                findings.push(missing(fold, &desired.graph[node], &name, &described));
                remove(desired, node);
            }
        }
    }
    for node in named {
        let Some(resource) = remove(desired, node).filter(|resource| resource.spec.is_some()) else {
            continue;
        };
        if !uses.contains_key(&resource.address) {
            findings.push(unused(fold, &resource));
        }
        desired.folded.push(resource);
    }
    findings
}

/// Puts what is named into what names it, which waits for whatever that waits for.
fn into(desired: &mut Desired, fold: &Fold, node: NodeIndex, named: NodeIndex) {
    let (by, there) = (&desired.graph[node], &desired.graph[named]);
    let folded = match (&by.spec, &there.spec) {
        (Some(by), Some(there_spec)) => by.folded(&there.address.name(), there_spec),
        _ => None,
    };
    let Some(spec) = folded else { return };
    let parts: Vec<String> = by.address.parts().collect();
    let address = Address::from_parts(fold.into, &parts[..parts.len().saturating_sub(1)]);
    let before: Vec<NodeIndex> = desired.graph.neighbors(named).filter(|first| *first != node).collect();
    for first in before {
        desired.graph.update_edge(node, first, ());
    }
    let resource = &mut desired.graph[node];
    let was = std::mem::replace(&mut resource.address, address.clone());
    (resource.digest, resource.spec) = (Some(spec.digest()), Some(spec));
    desired.index.remove(&was);
    desired.index.insert(address, node);
}

fn remove(desired: &mut Desired, node: NodeIndex) -> Option<Resource> {
    let resource = desired.graph.remove_node(node)?;
    desired.index.remove(&resource.address);
    Some(resource)
}

fn missing(fold: &Fold, by: &Resource, name: &str, described: &[String]) -> Finding {
    let noun = fold.kind.def().noun;
    let message =
        format!("no document describes the {noun} `{name}`, and there is none to look up: {}", fold.reason);
    let near = did_you_mean(name, described.iter().map(String::as_str));
    let help = near.map_or_else(
        || format!("describe it in a document of the kind `{}`", fold.kind),
        |near| format!("did you mean `{near}`?"),
    );
    Finding::error(by.document, "not-described", by.field.path(), message).help(help)
}

fn unused(fold: &Fold, resource: &Resource) -> Finding {
    let (noun, by) = (fold.kind.def().noun, fold.by.def().owners.first().map(|owner| owner.kind));
    let who = by.map_or_else(|| "nothing".to_owned(), |by| format!("no {}", by.def().noun));
    let message = format!("{who} names this {noun}, so this target does not get it: {}", fold.reason);
    let help = "name it where it is to be used, or remove it from what is applied to this target";
    Finding::warning(resource.document, "not-used-here", resource.field.path(), message).help(help)
}
