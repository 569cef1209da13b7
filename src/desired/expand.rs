//! From documents to resources and edges.

use std::collections::HashMap;
use std::sync::Arc;

use petgraph::stable_graph::NodeIndex;

use super::{Desired, Field, Resource};
use crate::address::Address;
use crate::document::{Document, Finding};
use crate::kind::Kind;
use crate::kinds::api::{ApiSpec, AuthType};
use crate::kinds::authorization::AuthorizationSpec;
use crate::kinds::binding::{BindingSpec, Bound, Selector};
use crate::kinds::spec::{Digest, DocumentSpec, Spec, is_given};
use crate::problem::did_you_mean;

/// The definition of an API in the form that is compared, with its fingerprint, and where it is published.
pub(super) struct Definition {
    spec: Arc<ApiSpec>,
    digest: Digest,
    publish: Vec<String>,
}

/// Takes the definition out of the document of an API.
pub(super) fn definition(document: &mut Document) -> Option<Definition> {
    let Some(DocumentSpec::Api(spec)) = document.spec.take_if(|spec| matches!(spec, DocumentSpec::Api(_)))
    else {
        return None;
    };
    let mut spec = *spec;
    spec.normalise();
    let publish = std::mem::take(&mut spec.publish);
    Some(Definition { digest: Spec::api_digest(&spec), spec: Arc::new(spec), publish })
}

/// Adds the resources that documents describe directly, and reports those described twice.
pub(super) fn resources(
    documents: &[Document],
    definitions: Vec<Option<Definition>>,
    desired: &mut Desired,
    findings: &mut Vec<Finding>,
) {
    for ((index, document), definition) in documents.iter().enumerate().zip(definitions) {
        let address = document.address();
        if let Some(definition) = definition {
            api(desired, &address, definition, index, findings);
            continue;
        }
        let Some(spec) = &document.spec else {
            let resource =
                Resource { address, spec: None, digest: None, document: index, field: Field::Name };
            add(desired, resource, findings);
            continue;
        };
        for part in spec.resources(&address) {
            let field = part.field.map_or(Field::Name, |path| Field::Path(path.into()));
            add(desired, resource(part.address, part.spec, index, field), findings);
        }
    }
    duplicate_bindings(documents, findings);
}

/// An API and one publication per environment share one definition.
fn api(
    desired: &mut Desired,
    address: &Address,
    definition: Definition,
    index: usize,
    findings: &mut Vec<Finding>,
) {
    let Definition { spec: definition, digest, publish: environments } = definition;
    let digest = Some(digest);
    let draft = Resource {
        address: address.clone(),
        spec: Some(Spec::Api(Arc::clone(&definition))),
        digest,
        document: index,
        field: Field::Name,
    };
    if !add(desired, draft, findings) {
        return;
    }
    for environment in &environments {
        let publication = Resource {
            address: address.child(Kind::Publication, environment),
            spec: Some(Spec::Publication(Arc::clone(&definition))),
            digest,
            document: index,
            field: Field::Publish,
        };
        add(desired, publication, findings);
    }
}

fn resource(address: Address, spec: Spec, document: usize, field: Field) -> Resource {
    Resource { address, digest: Some(spec.digest()), spec: Some(spec), document, field }
}

fn add(desired: &mut Desired, resource: Resource, findings: &mut Vec<Finding>) -> bool {
    if let Some(first) = desired.get(&resource.address) {
        let noun = resource.address.kind.def().noun;
        let finding = Finding::error(
            resource.document,
            "duplicate-resource",
            resource.field.path(),
            format!("{noun} `{}` is described twice", resource.address.path()),
        )
        .related(first.document, first.field.path(), "first described here")
        .help("remove one of the two, or give it another name");
        findings.push(finding);
        return false;
    }
    desired.add(resource);
    true
}

fn duplicate_bindings(documents: &[Document], findings: &mut Vec<Finding>) {
    let mut seen: HashMap<(Kind, &str), usize> = HashMap::new();
    for (index, document) in documents.iter().enumerate().filter(|(_, d)| d.kind.def().selects) {
        if let Some(first) = seen.insert((document.kind, &document.metadata.name), index) {
            let noun = document.kind.def().noun;
            let finding = Finding::error(
                index,
                "duplicate-resource",
                "metadata.name",
                format!("{noun} `{}` is described twice", document.metadata.name),
            )
            .related(first, "metadata.name", "first described here")
            .help("give it another name");
            findings.push(finding);
        }
    }
}

/// An API as selectors see it.
struct Candidate<'a> {
    address: Address,
    document: &'a Document,
    spec: Arc<ApiSpec>,
}

/// Adds one link per selected publication.
pub(super) fn bindings(documents: &[Document], desired: &mut Desired, findings: &mut Vec<Finding>) {
    let candidates: Vec<Candidate<'_>> = desired
        .managed()
        .filter_map(|(resource, spec)| match spec {
            Spec::Api(spec) => Some(Candidate {
                address: resource.address.clone(),
                document: &documents[resource.document],
                spec: Arc::clone(spec),
            }),
            _ => None,
        })
        .collect();
    for (index, document) in documents.iter().enumerate() {
        match &document.spec {
            Some(DocumentSpec::Binding(spec)) => {
                binding(documents, index, spec, &candidates, desired, findings);
            }
            Some(DocumentSpec::Authorization(spec)) => {
                authorization(index, spec, &candidates, desired, findings);
            }
            _ => {}
        }
    }
}

/// What a selector comes to.
struct Selected<'a> {
    /// How many APIs it selects.
    number: usize,
    /// Those of them that are published in the environment.
    published: Vec<&'a Candidate<'a>>,
}

fn select<'a>(
    candidates: &'a [Candidate<'a>],
    selector: &Selector,
    environment: &str,
    desired: &Desired,
) -> Selected<'a> {
    let fits = |candidate: &&Candidate<'_>| {
        let metadata = &candidate.document.metadata;
        let group = metadata.group.as_deref().unwrap_or_default();
        !selector.is_empty()
            && selector.matches(group, &metadata.name, &metadata.labels, &candidate.spec.tags)
    };
    let selected: Vec<&Candidate<'_>> = candidates.iter().filter(fits).collect();
    let number = selected.len();
    let is_published =
        |c: &&Candidate<'_>| desired.get(&c.address.child(Kind::Publication, environment)).is_some();
    Selected { number, published: selected.into_iter().filter(is_published).collect() }
}

/// Adds one resource per app and selected API. Documents may overlap: an authorization has nothing to disagree about.
fn authorization(
    index: usize,
    spec: &AuthorizationSpec,
    candidates: &[Candidate<'_>],
    desired: &mut Desired,
    findings: &mut Vec<Finding>,
) {
    let Selected { number, published } = select(candidates, &spec.apis, &spec.environment, desired);
    let by_app: Vec<&Candidate<'_>> =
        published.iter().copied().filter(|c| c.spec.auth.kind == AuthType::App).collect();
    if by_app.is_empty() {
        findings.push(match published.len() {
            0 => nothing_selected(index, &spec.environment, number),
            published => Finding::error(
                index,
                "selector-matches-nothing",
                "spec.apis",
                format!("none of the {published} selected APIs is called by apps"),
            )
            .help("an API answers apps where it has `auth: { type: app }`: choose others, or remove the document"),
        });
    }
    for candidate in by_app {
        for app in &spec.apps {
            let address = candidate.address.child(Kind::AppAuthorization, &spec.environment);
            let address = address.child(Kind::AppAuthorization, app);
            if desired.get(&address).is_none() {
                let value = Spec::Bound(Bound { to: app.clone() });
                desired.add(resource(address, value, index, Field::Selector));
            }
        }
    }
}

fn binding(
    documents: &[Document],
    index: usize,
    spec: &BindingSpec,
    candidates: &[Candidate<'_>],
    desired: &mut Desired,
    findings: &mut Vec<Finding>,
) {
    let policies = spec.policies();
    let mut given = policies.iter().filter_map(|(kind, _, to)| to.map(|to| (*kind, to)));
    let (Some((kind, to)), None) = (given.next(), given.next()) else { return };
    let of_type = match plugin_type(index, kind, to, documents, desired) {
        Ok(of_type) => of_type,
        Err(finding) => {
            findings.push(*finding);
            return;
        }
    };
    let Selected { number, published } = select(candidates, &spec.apis, &spec.environment, desired);
    if published.is_empty() {
        findings.push(nothing_selected(index, &spec.environment, number));
    }
    for candidate in published {
        let address = candidate.address.child(kind, &spec.environment);
        let address = of_type.map_or(address.clone(), |of_type| address.child(kind, of_type));
        let value = Spec::Bound(Bound { to: to.clone() });
        match desired.get(&address) {
            None => {
                desired.add(resource(address, value, index, Field::Selector));
            }
            Some(first) if first.spec.as_ref() == Some(&value) => {}
            Some(first) => {
                let noun = kind.def().noun;
                let finding = Finding::error(
                    index,
                    "binding-conflict",
                    "spec.apis",
                    format!(
                        "API `{}` would get a second {noun} in {}",
                        candidate.address.path(),
                        spec.environment
                    ),
                )
                .related(first.document, "spec.apis", "it gets another one here")
                .help("at most one fits: narrow one of the two selectors");
                findings.push(finding);
                return;
            }
        }
    }
}

/// Of a plug-in its type, which is a part of the binding's key.
fn plugin_type(
    index: usize,
    kind: Kind,
    name: &str,
    documents: &[Document],
    desired: &Desired,
) -> Result<Option<&'static str>, Box<Finding>> {
    if kind != Kind::PluginBinding {
        return Ok(None);
    }
    let plugin = Address::new(Kind::Plugin, &[name]);
    let unknown = || {
        let message = format!("the type of the plug-in `{name}` is not known here");
        let finding = Finding::error(index, "unknown-type", "spec.plugin", message);
        finding.help("describe the plug-in in a document `kind: Plugin` with a `spec`: an API has one plug-in of each type")
    };
    match desired.get(&plugin).map(|resource| &resource.spec) {
        Some(Some(Spec::Plugin(spec))) => {
            spec.of_type().map(|t| Some(t.field())).ok_or_else(|| Box::new(unknown()))
        }
        Some(_) => Err(Box::new(unknown())),
        None => Err(Box::new(dangling(documents, desired, index, &plugin, "spec.plugin"))),
    }
}

fn nothing_selected(index: usize, environment: &str, selected: usize) -> Finding {
    if selected == 0 {
        return Finding::error(index, "selector-matches-nothing", "spec.apis", "the selector matches no API of the manifests")
            .help("check group, names, labels and tags against the `Api` documents; all the criteria given must hold");
    }
    Finding::error(
        index,
        "selector-matches-nothing",
        "spec.environment",
        format!("none of the {selected} selected APIs is published in {environment}"),
    )
    .help(format!("add {environment} to `publish` of the APIs, or choose another environment"))
}

/// Resolves references to edges; reports those that lead nowhere.
pub(super) fn edges(documents: &[Document], desired: &mut Desired, findings: &mut Vec<Finding>) {
    let nodes: Vec<NodeIndex> = desired.graph.node_indices().collect();
    let mut variables: HashMap<(String, String), Vec<NodeIndex>> = HashMap::new();
    for node in &nodes {
        let address = &desired.graph[*node].address;
        if address.kind == Kind::Variable {
            variables.entry((address.part(0), address.part(1))).or_default().push(*node);
        }
    }
    for node in nodes {
        for (to, field) in references(&desired.graph[node]) {
            link(documents, desired, node, &to, &field, findings);
        }
        let resource = &desired.graph[node];
        // What a publication takes from variables is taken at that moment, so they come first.
        if let (Kind::Publication, Some(Spec::Publication(_))) = (resource.address.kind, &resource.spec) {
            let place = (resource.address.part(0), resource.address.part(2));
            for variable in variables.get(&place).into_iter().flatten() {
                desired.graph.update_edge(node, *variable, ());
            }
        }
    }
    explicit(documents, desired, findings);
}

/// What a resource names, with the field that names it.
fn references(resource: &Resource) -> Vec<(Address, String)> {
    let Some(spec) = &resource.spec else { return Vec::new() };
    let (address, own) = (&resource.address, resource.field.path());
    let owners = address.kind.def().owners.iter();
    let owners = owners.map(|o| (o.of(address), if o.field.is_empty() { own } else { o.field }.to_owned()));
    let named = spec.references(address).into_iter().map(|r| match &resource.field {
        // What a part of a document names stands within that part, or is all that it says.
        Field::Path(part) if r.field.is_empty() => (r.to, part.to_string()),
        Field::Path(part) => (r.to, format!("{part}.{}", r.field)),
        _ => (r.to, r.field),
    });
    named.chain(owners).collect()
}

fn link(
    documents: &[Document],
    desired: &mut Desired,
    from: NodeIndex,
    to: &Address,
    field: &str,
    findings: &mut Vec<Finding>,
) {
    if let Some(target) = desired.node(to) {
        desired.graph.update_edge(from, target, ());
        return;
    }
    let document = desired.graph[from].document;
    if to.kind.def().lookup || is_given(to) {
        let field = Field::Path(field.into());
        let target = desired.add(Resource { address: to.clone(), spec: None, digest: None, document, field });
        desired.graph.update_edge(from, target, ());
        return;
    }
    let already =
        findings.iter().any(|f| f.document == document && f.code == "dangling-reference" && f.field == field);
    if !already {
        findings.push(dangling(documents, desired, document, to, field));
    }
}

fn dangling(
    documents: &[Document],
    desired: &Desired,
    document: usize,
    to: &Address,
    field: &str,
) -> Finding {
    let noun = to.kind.def().noun;
    let name = to.name();
    let names: Vec<String> =
        desired.resources().filter(|r| r.address.kind == to.kind).map(|r| r.address.name()).collect();
    let near = did_you_mean(&name, names.iter().map(String::as_str));
    let help = near.map_or_else(
        || {
            format!(
                "describe it in a document `kind: {}`; where it is on the gateway already and not managed here, give that document `metadata.external: true` and no spec",
                to.kind
            )
        },
        |near| format!("did you mean `{near}`?"),
    );
    let finding =
        Finding::error(document, "dangling-reference", field, format!("there is no {noun} `{name}`"))
            .help(help);
    match near.and_then(|near| documents.iter().position(|d| d.kind == to.kind && d.metadata.name == near)) {
        Some(other) => finding.related(other, "metadata.name", "this one is near"),
        None => finding,
    }
}

/// Edges from `metadata.dependsOn`.
fn explicit(documents: &[Document], desired: &mut Desired, findings: &mut Vec<Finding>) {
    for (index, document) in documents.iter().enumerate().filter(|(_, d)| !d.metadata.depends_on.is_empty()) {
        let own: Vec<NodeIndex> = of_document(desired, index, document);
        for (i, text) in document.metadata.depends_on.iter().enumerate() {
            let field = format!("metadata.dependsOn[{i}]");
            let Some((kind, path)) = text.split_once('/').and_then(|(k, p)| Some((Kind::parse(k)?, p)))
            else {
                let finding =
                    Finding::error(index, "invalid-value", field, format!("`{text}` names no document"))
                        .help("write `Kind/name`, or `Kind/group/name` for kinds that live in a group");
                findings.push(finding);
                continue;
            };
            let target = documents.iter().position(|d| d.kind == kind && d.address().path() == path);
            match target {
                Some(target) => {
                    for to in of_document(desired, target, &documents[target]) {
                        for from in &own {
                            desired.graph.update_edge(*from, to, ());
                        }
                    }
                }
                None => findings.push(dangling(
                    documents,
                    desired,
                    index,
                    &Address::new(kind, &path.split('/').collect::<Vec<_>>()),
                    &field,
                )),
            }
        }
    }
}

/// The resources that stand for a document when others depend on it: its own, or all it expands to.
fn of_document(desired: &Desired, index: usize, document: &Document) -> Vec<NodeIndex> {
    match desired.node(&document.address()) {
        Some(node) => vec![node],
        None => desired.graph.node_indices().filter(|n| desired.graph[*n].document == index).collect(),
    }
}
