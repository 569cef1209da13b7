//! The protocols as data: what each `extract.py` made of the vendor's tables, parsed once, when first needed.
//!
//! The two editions of the management API have nearly the same objects: one set of handlers serves both. The data of
//! the elder one says what its names and words mean to the handlers ([`Field::shared`]).
//!
//! [`Protocol::route`] finds the [`Operation`] of a request; `validate` reads its [`Field`]s; faults take their status
//! and message from [`Protocol::message`] and [`Operation::status_of`].

use std::collections::BTreeMap;
use std::sync::OnceLock;

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::engine::Coverage;

/// Which of the vendor's management APIs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Edition {
    /// The shared gateway's, under `/v1.0`.
    V1,
    /// The dedicated gateways', under `/v2`.
    #[default]
    V2,
}

impl Edition {
    /// Its protocol; parsed by the first caller.
    pub(crate) fn protocol(self) -> &'static Protocol {
        static V1: OnceLock<Protocol> = OnceLock::new();
        static V2: OnceLock<Protocol> = OnceLock::new();
        match self {
            Self::V1 => V1.get_or_init(|| Protocol::parse(self, include_str!("../huawei_v1/protocol.json"))),
            Self::V2 => V2.get_or_init(|| Protocol::parse(self, include_str!("../huawei_v2/protocol.json"))),
        }
    }
}

/// All operations with their schemas and the table of errors.
#[derive(Deserialize)]
pub(crate) struct Protocol {
    schemas: BTreeMap<String, Vec<Field>>,
    errors: BTreeMap<String, (u16, String)>,
    /// Codes of the handlers that this table lacks, and what is answered instead.
    #[serde(default)]
    codes: BTreeMap<String, String>,
    pub(crate) operations: Vec<Operation>,
    /// What the vendor's own client can call and no section of the document describes.
    #[serde(rename = "sdk")]
    pub(crate) undocumented: Vec<Undocumented>,
    #[serde(skip)]
    routes: Node,
    #[serde(skip)]
    beyond: Node,
}

/// A call that is known from the vendor's client alone.
#[derive(Deserialize)]
pub(crate) struct Undocumented {
    /// What the client calls it.
    #[serde(rename = "n")]
    pub(crate) name: String,
    #[serde(rename = "m")]
    pub(crate) method: String,
    #[serde(rename = "p")]
    pub(crate) path: String,
}

/// One call of the API.
#[derive(Deserialize)]
pub(crate) struct Operation {
    /// Its place among [`Protocol::operations`].
    #[serde(skip)]
    pub(crate) place: usize,
    #[serde(skip)]
    pub(crate) edition: Edition,
    /// Where the vendor's document describes it, for example `3.5.1` or `CreateAPI`.
    #[serde(rename = "s")]
    pub(crate) section: String,
    #[serde(rename = "m")]
    pub(crate) method: String,
    #[serde(rename = "p")]
    pub(crate) path: String,
    /// Other spellings of the path that clients use.
    #[serde(rename = "a", default)]
    pub(crate) aliases: Vec<String>,
    /// The status of success.
    #[serde(rename = "ok")]
    pub(crate) success: u16,
    /// The code for a parameter that breaks a rule.
    pub(crate) bad: String,
    /// The code for a caller who cannot prove who they are.
    pub(crate) auth: String,
    /// What the handlers call the parameters of the path, where that differs.
    #[serde(rename = "u", default)]
    pub(crate) path_names: BTreeMap<String, String>,
    /// The body is a document of its own, not an object with the fields of this call.
    #[serde(default)]
    pub(crate) raw: bool,
    #[serde(rename = "q", default)]
    pub(crate) query: Vec<Field>,
    #[serde(rename = "b", default)]
    pub(crate) body: Vec<Field>,
    /// The fields of a form, for calls that take a file.
    #[serde(default)]
    pub(crate) form: Vec<Field>,
    #[serde(rename = "out", default)]
    pub(crate) out: Vec<Field>,
    #[serde(rename = "e", default)]
    statuses: BTreeMap<String, u16>,
}

/// A parameter or member: its type and its limits.
#[derive(Deserialize)]
pub(crate) struct Field {
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
    #[serde(rename = "lo", default)]
    pub(crate) items_min: Option<usize>,
    #[serde(rename = "hi", default)]
    pub(crate) items_max: Option<usize>,
    #[serde(rename = "v", default)]
    pub(crate) values: Vec<Value>,
    #[serde(rename = "d", default)]
    pub(crate) default: Option<Value>,
    #[serde(rename = "k", default)]
    pub(crate) keys: Vec<String>,
    #[serde(rename = "p", default)]
    pub(crate) pattern: Option<String>,
    /// Accepted and without effect.
    #[serde(rename = "x", default)]
    pub(crate) ignored: bool,
    /// What the handlers call it, where that differs; in an answer, a dot leads into an object.
    #[serde(rename = "f", default)]
    shared: Option<String>,
    /// What words mean to the handlers: here and there.
    #[serde(rename = "w", default)]
    pub(crate) words: BTreeMap<String, String>,
    /// How an answer shows it, where it is not shown as it is.
    #[serde(rename = "as", default)]
    pub(crate) shown: Option<Shown>,
    /// The values match in any case and are kept as they are listed.
    #[serde(rename = "i", default)]
    pub(crate) any_case: bool,
    /// A number out of range means the default.
    #[serde(rename = "c", default)]
    pub(crate) corrected: bool,
    /// Zero for the size of a page means all.
    #[serde(rename = "z", default)]
    pub(crate) unpaged: bool,
}

/// How an answer shows a member that is stored in another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Shown {
    /// As asterisks.
    Masked,
    /// A number as a text.
    Text,
}

impl Field {
    /// What the handlers call it.
    pub(crate) fn shared(&self) -> &str {
        self.shared.as_deref().unwrap_or(&self.name)
    }

    /// What a refusal calls it: a whole body has no name of its own.
    pub(crate) fn shown_name(&self) -> &str {
        if self.name.is_empty() { self.shared() } else { &self.name }
    }
}

/// The type of a [`Field`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(crate) enum Kind {
    Text,
    Integer,
    Number,
    Boolean,
    Object(Option<String>),
    List(Box<Self>),
    Map(Box<Self>),
}

impl From<String> for Kind {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

impl Kind {
    fn parse(text: &str) -> Self {
        if let Some(inner) = text.strip_prefix("array<").and_then(|rest| rest.strip_suffix('>')) {
            return Self::List(Box::new(Self::parse(inner)));
        }
        if let Some(inner) = text.strip_prefix("map<string,").and_then(|rest| rest.strip_suffix('>')) {
            return Self::Map(Box::new(Self::parse(inner)));
        }
        match text {
            "string" | "file" => Self::Text,
            "integer" | "long" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "object" => Self::Object(None),
            name => Self::Object(Some(name.trim_start_matches("object:").to_owned())),
        }
    }
}

impl Kind {
    /// The fields of the object, or of each object of the list.
    pub(crate) fn inner(&self, protocol: &'static Protocol) -> &'static [Field] {
        match self {
            Self::Object(Some(name)) => protocol.schema(name),
            Self::List(inner) | Self::Map(inner) => inner.inner(protocol),
            _ => &[],
        }
    }
}

/// What a request addresses: the operation and the values of its path parameters, still percent-encoded.
pub(crate) struct Route<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) path: Vec<(&'static str, &'a str)>,
}

/// Why a request addresses nothing.
pub(crate) enum NoRoute {
    Path,
    Method,
    /// It is a call of the vendor's client that the document lacks.
    Undocumented(&'static Undocumented),
}

#[derive(Default)]
struct Node {
    literal: BTreeMap<String, Self>,
    parameter: Option<Box<Self>>,
    /// What ends here: the operation, and the names of the parameters with their places in the path.
    ends: Vec<End>,
}

struct End {
    index: usize,
    parameters: Vec<(usize, String)>,
}

impl Protocol {
    fn parse(edition: Edition, data: &str) -> Self {
        let mut protocol: Self = serde_json::from_str(data).expect("protocol.json is made by extract.py");
        let mut routes = Node::default();
        for (index, operation) in protocol.operations.iter_mut().enumerate() {
            operation.place = index;
            operation.edition = edition;
            for path in std::iter::once(&operation.path).chain(&operation.aliases) {
                routes.insert(path, index);
            }
        }
        protocol.routes = routes;
        let mut beyond = Node::default();
        for (index, call) in protocol.undocumented.iter().enumerate() {
            beyond.insert(&call.path, index);
        }
        protocol.beyond = beyond;
        protocol
    }

    /// The operation that the document describes in a section.
    pub(crate) fn operation(&'static self, section: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.section == section)
    }

    /// The code under which the table knows what a handler calls so.
    pub(crate) fn code<'c>(&'c self, code: &'c str) -> &'c str {
        self.codes.get(code).map_or(code, String::as_str)
    }

    /// Finds the operation for a method and a path. A literal segment wins over a parameter.
    pub(crate) fn route<'a>(&'static self, method: &Method, path: &'a str) -> Result<Route<'a>, NoRoute> {
        let trimmed = path.strip_suffix('/').unwrap_or(path);
        let segments: Vec<&str> = trimmed.split('/').skip(1).collect();
        let mut ends = Vec::with_capacity(4);
        self.routes.find(&segments, &mut ends);
        let Some(end) = ends.iter().find(|end| self.operations[end.index].method == method.as_str()) else {
            return Err(self.no_route(method, &segments, !ends.is_empty()));
        };
        let path = end.parameters.iter().map(|(at, name)| (name.as_str(), segments[*at])).collect();
        Ok(Route { operation: &self.operations[end.index], path })
    }

    fn no_route(&'static self, method: &Method, segments: &[&str], known: bool) -> NoRoute {
        let mut ends = Vec::new();
        self.beyond.find(segments, &mut ends);
        let calls = ends.iter().map(|end| &self.undocumented[end.index]);
        match calls.clone().find(|call| call.method == method.as_str()) {
            Some(call) => NoRoute::Undocumented(call),
            None if known || !ends.is_empty() => NoRoute::Method,
            None => NoRoute::Path,
        }
    }

    /// The fields of a schema; none for a name that is not in the data.
    pub(crate) fn schema(&self, name: &str) -> &[Field] {
        self.schemas.get(name).map_or(&[], Vec::as_slice)
    }

    /// Status and message template of a code.
    pub(crate) fn message(&self, code: &str) -> (u16, &str) {
        self.errors.get(code).map_or((400, "Parameter error."), |(status, text)| (*status, text))
    }
}

impl Operation {
    /// The operation as the engine lists it.
    pub(crate) fn coverage(&'static self, implemented: bool) -> Coverage {
        Coverage {
            section: &self.section,
            method: &self.method,
            path: &self.path,
            aliases: &self.aliases,
            implemented,
        }
    }

    /// The status this operation answers for a code, where it differs from the table's.
    pub(crate) fn status_of(&self, code: &str) -> Option<u16> {
        self.statuses.get(code).copied()
    }

    /// The name of the array of a paged answer.
    pub(crate) fn array(&self) -> &str {
        self.array_field().map_or("", |field| field.name.as_str())
    }

    /// The documented members of one element of a paged answer.
    pub(crate) fn item(&self) -> &'static [Field] {
        match self.array_field().map(|field| &field.kind) {
            Some(Kind::List(inner)) => match inner.as_ref() {
                Kind::Object(Some(name)) => self.edition.protocol().schema(name),
                _ => &[],
            },
            _ => &[],
        }
    }

    /// What this call names a parameter that the handlers know under another name.
    pub(crate) fn own_name<'n>(&'n self, shared: &'n str) -> &'n str {
        let path = self.path_names.iter().find(|(_, name)| *name == shared).map(|(own, _)| own.as_str());
        path.or_else(|| self.named(&self.query, shared))
            .or_else(|| self.named(&self.body, shared))
            .unwrap_or(shared)
    }

    fn named<'n>(&self, fields: &'n [Field], shared: &str) -> Option<&'n str> {
        let own = fields.iter().find(|field| field.shared.as_deref() == Some(shared));
        let inside = |field: &'n Field| self.named(field.kind.inner(self.edition.protocol()), shared);
        own.map(|field| field.name.as_str()).or_else(|| fields.iter().find_map(inside))
    }

    fn array_field(&self) -> Option<&Field> {
        self.out.iter().find(|field| matches!(field.kind, Kind::List(_)))
    }
}

impl Node {
    fn insert(&mut self, path: &str, index: usize) {
        let (mut node, mut parameters) = (self, Vec::new());
        for (at, segment) in path.split('/').skip(1).enumerate() {
            node = match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => {
                    parameters.push((at, name.to_owned()));
                    node.parameter.get_or_insert_default()
                }
                None => node.literal.entry(segment.to_owned()).or_default(),
            };
        }
        node.ends.push(End { index, parameters });
    }

    /// Collects the ends for the path, those with the most literal segments first.
    fn find<'n>(&'n self, segments: &[&str], ends: &mut Vec<&'n End>) {
        let Some((first, rest)) = segments.split_first() else {
            ends.extend(&self.ends);
            return;
        };
        if let Some(next) = self.literal.get(*first) {
            next.find(rest, ends);
        }
        if let Some(next) = self.parameter.as_ref().filter(|_| !first.is_empty()) {
            next.find(rest, ends);
        }
    }
}
