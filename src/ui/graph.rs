//! The desired-state graph as DOT, Mermaid or SVG. An arrow points to what must be there before.
//!
//! Above [`NODES_MAX`] nodes, what hangs on APIs is folded: one node for all APIs of a group, one for all its
//! publications in an environment, and so on.

mod svg;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use petgraph::stable_graph::NodeIndex;

use super::{count, escape};
use crate::address::Address;
use crate::desired::Desired;
use crate::kind::Kind;

/// The most nodes drawn one by one.
pub const NODES_MAX: usize = 500;

/// A form in which the graph is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFormat {
    /// Graphviz.
    Dot,
    /// Mermaid, which forges draw in Markdown.
    Mermaid,
    /// A picture, drawn here.
    Svg,
}

/// What is drawn: nodes in order of address, edges between their indices.
struct Drawing {
    nodes: Vec<Node>,
    edges: BTreeSet<(usize, usize)>,
}

struct Node {
    kind: Kind,
    label: String,
    /// Named by a manifest and not managed here.
    external: bool,
}

/// Writes the graph.
///
/// # Errors
///
/// When the writer fails.
pub fn graph(out: &mut dyn Write, desired: &Desired, format: GraphFormat) -> io::Result<()> {
    let drawing = Drawing::of(desired);
    let out = &mut io::BufWriter::new(out);
    match format {
        GraphFormat::Dot => dot(out, &drawing)?,
        GraphFormat::Mermaid => mermaid(out, &drawing)?,
        GraphFormat::Svg => svg::svg(out, &drawing)?,
    }
    out.flush()
}

impl Drawing {
    fn of(desired: &Desired) -> Self {
        let fold = desired.graph.node_count() > NODES_MAX;
        let mut members: BTreeMap<(Kind, String), (usize, bool, Address)> = BTreeMap::new();
        let key = |address: &Address| -> (Kind, String) {
            let folded = if fold { folded(address) } else { None };
            (address.kind, folded.unwrap_or_else(|| address.path().to_owned()))
        };
        for resource in desired.resources() {
            let first = || (0, resource.spec.is_none(), resource.address.clone());
            members.entry(key(&resource.address)).or_insert_with(first).0 += 1;
        }
        let index: BTreeMap<&(Kind, String), usize> =
            members.keys().enumerate().map(|(i, k)| (k, i)).collect();
        let mut edges = BTreeSet::new();
        for edge in desired.graph.edge_indices() {
            let Some((from, to)) = desired.graph.edge_endpoints(edge) else { continue };
            let at = |node: NodeIndex| index.get(&key(&desired.graph[node].address)).copied();
            if let (Some(from), Some(to)) = (at(from), at(to))
                && from != to
            {
                edges.insert((from, to));
            }
        }
        let label = |(kind, path): &(Kind, String), n: usize, first: &Address| match n {
            1 => first.path().to_owned(),
            n => format!("{path}: {}", count(n, kind.def().noun)),
        };
        let nodes = members
            .iter()
            .map(|(key, (n, external, first))| Node {
                kind: key.0,
                label: escape::cut(&escape::plain(&label(key, *n, first)), 60).into_owned(),
                external: *external,
            })
            .collect();
        Self { nodes, edges }
    }
}

/// What all that is folded into one node has in common.
fn folded(address: &Address) -> Option<String> {
    match address.kind {
        Kind::Api => Some(address.part(0)),
        kind if kind.def().bulk => Some(format!("{} on {}", address.part(0), address.part(2))),
        Kind::Variable => Some(format!("{} on {}", address.part(0), address.part(1))),
        Kind::ThrottleException => Some(address.part(0)),
        _ => None,
    }
}

/// The fill and the line of a kind.
fn colours(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Group => ("#dbeafe", "#1d4ed8"),
        Kind::Environment => ("#dcfce7", "#15803d"),
        Kind::Variable => ("#f1f5f9", "#475569"),
        Kind::Throttle | Kind::ThrottleException | Kind::ThrottleBinding => ("#fef3c7", "#b45309"),
        Kind::Signature | Kind::SignatureBinding => ("#fce7f3", "#be185d"),
        Kind::AccessControl | Kind::AccessBinding => ("#fee2e2", "#b91c1c"),
        Kind::Plugin | Kind::PluginBinding => ("#ecfccb", "#4d7c0f"),
        Kind::Certificate | Kind::Domain | Kind::DomainCertificate | Kind::OwnCertificate => {
            ("#ffedd5", "#c2410c")
        }
        Kind::Feature | Kind::Gateway | Kind::GatewayTag | Kind::EndpointPermission => ("#f3e8ff", "#7e22ce"),
        Kind::App | Kind::AppAccess | Kind::AppAuthorization | Kind::Quota | Kind::QuotaBinding => {
            ("#e0f2fe", "#0369a1")
        }
        Kind::Api => ("#ede9fe", "#6d28d9"),
        Kind::Publication => ("#ccfbf1", "#0f766e"),
        _ => ("#ffffff", "#64748b"),
    }
}

fn dot(out: &mut dyn Write, drawing: &Drawing) -> io::Result<()> {
    writeln!(out, "digraph desired {{")?;
    writeln!(out, "  rankdir=RL;\n  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];")?;
    for (i, node) in drawing.nodes.iter().enumerate() {
        let label = node.label.replace('\\', "\\\\").replace('"', "\\\"");
        let (fill, line) = colours(node.kind);
        let dashed = if node.external { ", style=\"rounded,filled,dashed\"" } else { "" };
        writeln!(
            out,
            "  n{i} [label=\"{}\\n{label}\", fillcolor=\"{fill}\", color=\"{line}\"{dashed}];",
            node.kind
        )?;
    }
    for (from, to) in &drawing.edges {
        writeln!(out, "  n{from} -> n{to};")?;
    }
    writeln!(out, "}}")
}

fn mermaid(out: &mut dyn Write, drawing: &Drawing) -> io::Result<()> {
    writeln!(out, "flowchart RL")?;
    for (i, node) in drawing.nodes.iter().enumerate() {
        // Mermaid reads markup and quotes even within quotes; its own entities are the way around.
        let mut label = String::new();
        for c in node.label.chars() {
            match c {
                c if c.is_ascii_alphanumeric() || " -_/.:".contains(c) || !c.is_ascii() => label.push(c),
                c => label.push_str(&format!("#{};", u32::from(c))),
            }
        }
        let class = if node.external { "external" } else { node.kind.name() };
        writeln!(out, "  n{i}[\"{}<br/>{label}\"]:::{class}", node.kind)?;
    }
    for (from, to) in &drawing.edges {
        writeln!(out, "  n{from} --> n{to}")?;
    }
    let kinds: BTreeSet<Kind> = drawing.nodes.iter().map(|n| n.kind).collect();
    for kind in kinds {
        let (fill, line) = colours(kind);
        writeln!(out, "  classDef {kind} fill:{fill},stroke:{line},color:#0f172a")?;
    }
    if drawing.nodes.iter().any(|n| n.external) {
        writeln!(out, "  classDef external fill:#ffffff,stroke:#64748b,color:#0f172a,stroke-dasharray:4 3")?;
    }
    Ok(())
}
