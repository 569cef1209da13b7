//! The protocol as data: what `extract.py` made of the vendor's tables, parsed once, when first needed.
//!
//! [`Protocol::find`] finds the [`Operation`] of an action; `params` reads its [`Param`]s, `answer` its [`Member`]s.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

static DATA: &str = include_str!("protocol.json");
static PROTOCOL: OnceLock<Protocol> = OnceLock::new();

/// All operations, the table of errors, and the shapes of the JSON texts in parameters.
#[derive(Deserialize)]
pub(crate) struct Protocol {
    pub(crate) version: String,
    errors: BTreeMap<String, (u16, String)>,
    texts: BTreeMap<String, Member>,
    /// In the order of the vendor's document.
    pub(crate) operations: Vec<Operation>,
    /// What an older client calls and the document lacks.
    pub(crate) added: Vec<Operation>,
}

/// One action.
#[derive(Deserialize)]
pub(crate) struct Operation {
    #[serde(rename = "a")]
    pub(crate) action: String,
    #[serde(rename = "q")]
    pub(crate) params: Vec<Param>,
    #[serde(rename = "out")]
    pub(crate) out: Vec<Member>,
}

/// A parameter: its type and its limits.
#[derive(Deserialize)]
pub(crate) struct Param {
    #[serde(rename = "n")]
    pub(crate) name: String,
    #[serde(rename = "t")]
    pub(crate) kind: Kind,
    #[serde(rename = "r", default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) min: Option<i64>,
    #[serde(default)]
    pub(crate) max: Option<i64>,
    #[serde(rename = "hi", default)]
    pub(crate) items_max: Option<usize>,
    #[serde(rename = "v", default)]
    pub(crate) values: Vec<String>,
    #[serde(rename = "p", default)]
    pub(crate) pattern: Option<String>,
    #[serde(rename = "f", default)]
    pub(crate) form: Form,
    #[serde(rename = "m", default)]
    pub(crate) members: Vec<Self>,
}

/// The type of a [`Param`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Kind {
    #[serde(rename = "str")]
    Text,
    #[serde(rename = "int")]
    Integer,
    #[serde(rename = "bool")]
    Boolean,
    #[serde(rename = "array<str>")]
    Texts,
    #[serde(rename = "array<int>")]
    Integers,
    #[serde(rename = "array<object>")]
    Objects,
    #[serde(rename = "object")]
    Object,
    #[serde(rename = "Dict[str, Any]")]
    Map,
}

/// How a parameter is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Form {
    #[default]
    Plain,
    /// A JSON text.
    Json,
    /// A list in one JSON text.
    JsonList,
    /// A list with commas between its items.
    Ids,
    Time,
}

/// A member of an answer, or of a JSON text.
#[derive(Deserialize)]
pub(crate) struct Member {
    #[serde(rename = "n")]
    pub(crate) name: String,
    #[serde(rename = "t")]
    pub(crate) kind: Shape,
    #[serde(rename = "r", default)]
    pub(crate) required: bool,
    #[serde(rename = "v", default)]
    pub(crate) values: Vec<String>,
    #[serde(rename = "m", default)]
    pub(crate) members: Vec<Self>,
}

/// The type of a [`Member`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Shape {
    #[serde(rename = "s")]
    Text,
    #[serde(rename = "i")]
    Integer,
    #[serde(rename = "b")]
    Boolean,
    #[serde(rename = "o")]
    Object,
    #[serde(rename = "a")]
    Objects,
    #[serde(rename = "l")]
    Texts,
}

impl Member {
    /// The list that is all this object holds: `Tags: {TagInfo: […]}`.
    pub(crate) fn wrapped(&self) -> Option<&Self> {
        match self.members.as_slice() {
            [only] if self.kind == Shape::Object && matches!(only.kind, Shape::Objects | Shape::Texts) => {
                Some(only)
            }
            _ => None,
        }
    }
}

impl Operation {
    /// The list of a paged answer: the member that holds it, and what its items look like.
    pub(crate) fn page(&self) -> Option<&Member> {
        self.out.iter().find(|member| member.kind == Shape::Objects || member.wrapped().is_some())
    }
}

impl Protocol {
    /// The protocol; parsed by the first caller.
    pub(crate) fn get() -> &'static Self {
        PROTOCOL.get_or_init(|| serde_json::from_str(DATA).expect("protocol.json is made by extract.py"))
    }

    /// The operation of an action.
    pub(crate) fn find(&'static self, action: &str) -> Option<&'static Operation> {
        // The document lists them in the order of their names.
        match self.operations.binary_search_by(|it| it.action.as_str().cmp(action)) {
            Ok(at) => Some(&self.operations[at]),
            Err(_) => self.added.iter().find(|it| it.action == action),
        }
    }

    /// What the JSON text of a parameter holds; none for one that is kept as it comes.
    pub(crate) fn text(&'static self, name: &str) -> Option<&'static Member> {
        self.texts.get(name)
    }

    /// Status and message template of a code or a pattern of codes.
    pub(crate) fn error(&self, code: &str) -> Option<(u16, &str)> {
        self.errors.get(code).map(|(status, text)| (*status, text.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_found() {
        let protocol = Protocol::get();
        for operation in protocol.operations.iter().chain(&protocol.added) {
            let found = protocol.find(&operation.action).unwrap();
            assert_eq!(found.action, operation.action);
        }
        assert_eq!(protocol.operations.len(), 221);
        assert!(protocol.find("CreateApiGroups").is_none());
    }

    #[test]
    fn lists_are_found_in_both_forms() {
        let page = |action: &str| Protocol::get().find(action).unwrap().page().map(|m| m.name.as_str());
        assert_eq!(page("DescribeApiGroups"), Some("ApiGroupAttributes"));
        assert_eq!(page("DescribeBackendList"), Some("BackendInfoList"));
        assert_eq!(page("CreateApiGroup"), None);
    }
}
