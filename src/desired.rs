//! The desired-state graph: documents expanded to resources, references resolved to edges.
//!
//! [`Desired::build`] is pure. What is wrong comes back as [`Finding`]s beside the graph, all of it, not the first.
//! Invariant: every edge goes from a resource to one that must be there before it, and without findings the graph has
//! no cycle.

#![deny(clippy::disallowed_methods)]

mod check;
mod expand;
mod fold;
mod order;
mod renames;

use std::collections::HashMap;
use std::sync::Arc;

use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use rayon::prelude::*;

use crate::address::Address;
use crate::document::{Document, Finding};
use crate::kinds::spec::{Digest, Spec};

/// What the manifests ask for.
#[derive(Debug, Default)]
pub struct Desired {
    /// Resources; an edge points to what must be there before.
    pub graph: StableDiGraph<Resource, ()>,
    index: HashMap<Address, NodeIndex>,
    /// What went into what names it; see [`Desired::fold`].
    pub folded: Vec<Resource>,
}

/// One resource of the graph.
#[derive(Debug)]
pub struct Resource {
    /// Its identity.
    pub address: Address,
    /// What it is to be; `None` for what is only named and not managed here.
    pub spec: Option<Spec>,
    /// The fingerprint of `spec`.
    pub digest: Option<Digest>,
    /// The document that asks for it (for a resource only named: the first that names it).
    pub document: usize,
    /// The field of the document that asks for it.
    pub field: Field,
}

/// The field of a document that a resource comes from. A type of its own, so that ten thousand resources need not each
/// hold a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The document as a whole.
    Name,
    /// `spec.publish`.
    Publish,
    /// `spec.apis`.
    Selector,
    /// Any other.
    Path(Arc<str>),
}

impl Field {
    /// The field as text.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Name => "metadata.name",
            Self::Publish => "spec.publish",
            Self::Selector => "spec.apis",
            Self::Path(path) => path,
        }
    }
}

impl Desired {
    /// Expands `documents` and resolves their references. The specs of APIs move into the graph: there may be ten thousand
    /// of them, and nobody needs them twice.
    #[must_use]
    pub fn build(documents: &mut [Document]) -> (Self, Vec<Finding>) {
        let prepared: Vec<_> = documents
            .par_iter_mut()
            .enumerate()
            .map(|(index, document)| {
                let mut findings = Vec::new();
                check::document(index, document, &mut findings);
                (expand::definition(document), findings)
            })
            .collect();
        let mut findings = Vec::new();
        let mut desired = Self::default();
        let mut definitions = Vec::with_capacity(prepared.len());
        for (definition, found) in prepared {
            definitions.push(definition);
            findings.extend(found);
        }
        expand::resources(documents, definitions, &mut desired, &mut findings);
        expand::bindings(documents, &mut desired, &mut findings);
        expand::edges(documents, &mut desired, &mut findings);
        order::report_cycles(documents, &desired, &mut findings);
        renames::check(documents, &mut findings);
        check::claims(&desired, &mut findings);
        check::variables(&desired, &mut findings);
        findings.sort_by_key(|f| f.document);
        (desired, findings)
    }

    /// The resource at `address`.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Resource> {
        self.index.get(address).map(|node| &self.graph[*node])
    }

    /// The environments that an API is published in.
    #[must_use]
    pub fn environments(&self, api: &Address) -> Vec<String> {
        let Some(node) = self.node(api) else { return Vec::new() };
        let mut found: Vec<String> = self
            .graph
            .neighbors_directed(node, petgraph::Direction::Incoming)
            .filter(|n| self.graph[*n].address.kind == crate::kind::Kind::Publication)
            .map(|n| self.graph[n].address.part(2))
            .collect();
        found.sort();
        found
    }

    /// The node of `address`.
    #[must_use]
    pub fn node(&self, address: &Address) -> Option<NodeIndex> {
        self.index.get(address).copied()
    }

    /// All resources, in the order in which they were added: by document.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.graph.node_weights()
    }

    /// The resources managed here, with their specs.
    pub fn managed(&self) -> impl Iterator<Item = (&Resource, &Spec)> {
        self.graph.node_weights().filter_map(|r| r.spec.as_ref().map(|spec| (r, spec)))
    }

    /// As [`Self::managed`], and what was described and went into what names it.
    pub fn described(&self) -> impl Iterator<Item = (&Resource, &Spec)> {
        let folded = self.folded.iter().filter_map(|r| r.spec.as_ref().map(|spec| (r, spec)));
        self.managed().chain(folded)
    }

    fn add(&mut self, resource: Resource) -> NodeIndex {
        let address = resource.address.clone();
        let node = self.graph.add_node(resource);
        self.index.insert(address, node);
        node
    }
}
