//! Groups: which one an operation belongs to, and unique names of APIs and files within it.

use indexmap::IndexMap;
use indexmap::map::Entry;

use super::name::{self, ClaimName, Taken};
use super::note::{Note, Rule};
use super::operation::{Draft, Operation};
use super::source::Node;
use super::{Document, Grouping, Options, group_document, text};
use crate::kind::Kind;
use crate::kinds::metadata::Metadata;
use crate::kinds::spec::DocumentSpec;

/// The group of operations without a tag, where the document has no title.
const UNTITLED: &str = "imported";

/// The groups so far.
#[derive(Debug)]
pub(super) struct Groups<'a> {
    options: &'a Options,
    title: String,
    /// Descriptions by tag, as in the document.
    descriptions: IndexMap<String, String>,
    about: String,
    /// The folder of a group by what the document calls it.
    folders: IndexMap<String, String>,
    /// By folder, which no two groups may share.
    groups: IndexMap<String, Group>,
    names: Taken,
}

#[derive(Debug)]
struct Group {
    name: String,
    description: String,
    /// Whether the name is that in the document, as far as the gateway takes it.
    readable: bool,
    /// The first operation for each method and path.
    signatures: IndexMap<String, String>,
    names: Taken,
    files: Taken,
    documents: Vec<Document>,
}

impl<'a> Groups<'a> {
    pub(super) fn new(root: &Node<'_>, options: &'a Options) -> Self {
        let info = root.get("info");
        let of_info = |key: &str| info.as_ref().and_then(|info| info.text(key)).unwrap_or_default();
        let title = of_info("title");
        let mut descriptions = IndexMap::new();
        for tag in root.items("tags").unwrap_or_default() {
            if let (Some(name), Some(prose)) = (tag.text("name"), tag.text("description")) {
                descriptions.entry(name.to_owned()).or_insert_with(|| text::first_paragraph(prose));
            }
        }
        let about = text::description(title, of_info("description")).text;
        let title = if title.trim().is_empty() { UNTITLED } else { title }.to_owned();
        let (folders, groups) = (IndexMap::new(), IndexMap::new());
        Self { options, title, descriptions, about, folders, groups, names: Taken::default() }
    }

    /// Names the API of an operation and puts it into its group.
    pub(super) fn add(&mut self, operation: &Operation<'_>, draft: Draft, notes: &mut Vec<Note>) {
        let folder = self.folder(operation, notes);
        let Some(group) = self.groups.get_mut(&folder) else { return };
        let request = format!("{} {}", operation.method.as_str(), operation.path);
        match group.signatures.entry(draft.signature) {
            Entry::Occupied(first) => {
                let detail = format!("the same as {}", first.get());
                notes.push(Note { rule: Rule::PathTwice, subject: request, detail });
                return;
            }
            Entry::Vacant(slot) => slot.insert(request),
        };
        let wanted = api_name(operation);
        let name = group.names.claim_name(&wanted);
        let file = group.files.claim(&name::file_slug(&group.name, &name), name::SLUG_MAX);
        let path = format!("{folder}/{file}.yaml");
        if let Some(id) = operation.node.text("operationId").filter(|id| *id != name) {
            let detail = format!("`{id}` became `{name}`");
            notes.push(Note { rule: Rule::ApiRenamed, subject: path.clone(), detail });
        }
        let about_api = |(rule, detail)| Note { rule, subject: path.clone(), detail };
        notes.extend(draft.remarks.into_iter().map(about_api));
        let mut metadata = Metadata { name, group: Some(group.name.clone()), ..Metadata::default() };
        if draft.deprecated {
            metadata.labels.insert("deprecated".to_owned(), "true".to_owned());
        }
        let spec = DocumentSpec::Api(Box::new(draft.spec));
        group.documents.push(Document { path, kind: Kind::Api, metadata, spec });
    }

    /// The documents, each group before its APIs.
    pub(super) fn into_documents(self) -> Vec<Document> {
        let mut documents = Vec::new();
        for (folder, group) in self.groups {
            documents.push(group_document(format!("{folder}/group.yaml"), group.name, group.description));
            documents.extend(group.documents);
        }
        documents
    }

    /// The folder of the group that an operation belongs to; the group is made where it is new.
    fn folder(&mut self, operation: &Operation<'_>, notes: &mut Vec<Note>) -> String {
        let original = self.group_of(operation);
        if let Some(folder) = self.folders.get(&original) {
            return folder.clone();
        }
        // A tag without any letter that a gateway takes: the path has to do, and the tag becomes the description.
        let readable = name::name(&original);
        let by_path = || first_segment(operation.path).and_then(name::name);
        let wanted = readable.clone().or_else(by_path).unwrap_or_else(|| UNTITLED.to_owned());
        let same = self.groups.get(&name::slug(&wanted));
        let merged = readable.is_some() && same.is_some_and(|group| group.readable);
        let folder =
            if merged { name::slug(&wanted) } else { self.make(&wanted, &original, readable.is_some()) };
        let group = &self.groups[&folder];
        let rule = if merged { Rule::GroupMerged } else { Rule::GroupRenamed };
        if group.name != original {
            let detail = format!("became `{}`", group.name);
            notes.push(Note { rule, subject: format!("`{original}`"), detail });
        }
        self.folders.insert(original, folder.clone());
        folder
    }

    /// A new group; returns its folder.
    fn make(&mut self, wanted: &str, original: &str, readable: bool) -> String {
        let mut name = self.names.claim_name(wanted);
        while self.groups.contains_key(&name::slug(&name)) {
            name = self.names.claim_name(wanted);
        }
        let known = self.descriptions.get(original).filter(|_| self.options.grouping == Grouping::Tag);
        let description = match known {
            Some(prose) => prose.clone(),
            None if self.is_for_all(original) => self.about.clone(),
            None if readable => String::new(),
            None => original.to_owned(),
        };
        let description = text::cut(&description, text::GROUP_DESCRIPTION_MAX).text;
        let folder = name::slug(&name);
        let mut files = Taken::default();
        files.claim("group", name::SLUG_MAX);
        let signatures = IndexMap::new();
        let group = Group {
            name,
            description,
            readable,
            signatures,
            names: Taken::default(),
            files,
            documents: Vec::new(),
        };
        self.groups.insert(folder.clone(), group);
        folder
    }

    /// Whether a group stands for the document as a whole.
    fn is_for_all(&self, original: &str) -> bool {
        original == self.title || matches!(self.options.grouping, Grouping::One(_))
    }

    fn group_of(&self, operation: &Operation<'_>) -> String {
        let found = match &self.options.grouping {
            Grouping::One(name) => Some(name.as_str()),
            Grouping::Path => first_segment(operation.path),
            Grouping::Tag => {
                let tags = operation.node.value.get("tags").and_then(|tags| tags.get(0));
                tags.and_then(serde_json::Value::as_str).filter(|tag| !tag.trim().is_empty())
            }
        };
        found.map_or_else(|| self.title.clone(), str::to_owned)
    }
}

/// The first segment of a path, unless it is a placeholder.
fn first_segment(path: &str) -> Option<&str> {
    path.split('/').nth(1).filter(|segment| !segment.is_empty() && !segment.contains('{'))
}

/// The `operationId` as far as it is a valid name, else method and path.
fn api_name(operation: &Operation<'_>) -> String {
    let path = operation.path.split(['?', '#']).next().unwrap_or_default();
    let by_request = || name::slug(&format!("{} {path}", operation.method.as_str().to_lowercase()));
    operation.node.text("operationId").and_then(name::name).unwrap_or_else(by_request)
}
