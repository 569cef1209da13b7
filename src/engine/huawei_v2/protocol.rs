//! The protocol as data: what `extract.py` made of the vendor's tables, parsed once, when first needed.
//!
//! [`Protocol::route`] finds the [`Operation`] of a request; `validate` reads its [`Field`]s; faults take their status
//! and message from [`Protocol::message`] and [`Operation::status_of`].

use std::collections::BTreeMap;
use std::sync::OnceLock;

use http::Method;
use serde::Deserialize;
use serde_json::Value;

static DATA: &str = include_str!("protocol.json");
static PROTOCOL: OnceLock<Protocol> = OnceLock::new();

/// All operations with their schemas and the table of errors.
#[derive(Deserialize)]
pub(crate) struct Protocol {
    schemas: BTreeMap<String, Vec<Field>>,
    errors: BTreeMap<String, (u16, String)>,
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
    /// Where the vendor's document describes it, for example `3.5.1`.
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
    /// The protocol; parsed by the first caller.
    pub(crate) fn get() -> &'static Self {
        PROTOCOL.get_or_init(|| {
            let mut protocol: Self = serde_json::from_str(DATA).expect("protocol.json is made by extract.py");
            let mut routes = Node::default();
            for (index, operation) in protocol.operations.iter_mut().enumerate() {
                operation.place = index;
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
        })
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
                Kind::Object(Some(name)) => Protocol::get().schema(name),
                _ => &[],
            },
            _ => &[],
        }
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
