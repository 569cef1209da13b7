//! Requests made from the protocol data: for every operation a valid one, and everything that can be wrong with one.
//!
//! What the data cannot know (which object a valid request speaks of) stands in `requests.json`: per section the query, the
//! body or the form, and ids of the path that differ from the path's own names; `"{name}"` is the id that a [`World`] calls
//! so. `before` names sections whose requests come first. `refused` is the code of the one call that nothing can make succeed.

use std::sync::OnceLock;

use apigctl::engine::Access;
use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};

use crate::engine::support::{Answer, is_shared, protocol};
use crate::engine::world::World;

/// The seeds of a section; null where there are none.
pub(crate) fn seed(operation: &Value) -> &'static Value {
    static DATA: OnceLock<[Value; 2]> = OnceLock::new();
    let seeds = DATA.get_or_init(|| {
        [include_str!("requests.json"), include_str!("requests-v1.json")]
            .map(|text| serde_json::from_str(text).unwrap())
    });
    &seeds[usize::from(is_shared(operation))][operation["s"].as_str().unwrap()]
}

/// All operations of the dedicated gateways' API.
pub(crate) fn operations() -> impl Iterator<Item = &'static Value> {
    all_operations().filter(|operation| !is_shared(operation))
}

/// All operations of the shared gateway's API.
pub(crate) fn shared_operations() -> impl Iterator<Item = &'static Value> {
    all_operations().filter(|operation| is_shared(operation))
}

/// All operations of both.
pub(crate) fn all_operations() -> impl Iterator<Item = &'static Value> {
    protocol()["operations"].as_array().unwrap().iter()
}

/// Every spelling of the path of an operation.
pub(crate) fn spellings(operation: &Value) -> impl Iterator<Item = &str> {
    let others = operation["a"].as_array().map_or(&[][..], Vec::as_slice);
    std::iter::once(&operation["p"]).chain(others).map(|path| path.as_str().unwrap())
}

/// The fields of a part of an operation: `q`, `b` or `form`; what has no effect is left out.
pub(crate) fn fields<'o>(operation: &'o Value, part: &str) -> impl Iterator<Item = &'o Value> {
    operation[part].as_array().map_or(&[][..], Vec::as_slice).iter().filter(|field| field["x"] != true)
}

/// The content type of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Json,
    Form,
    Other(&'static str),
    None,
}

/// A request in parts, so that any one of them can be spoilt.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) section: &'static str,
    pub(crate) method: &'static str,
    /// The path with the names of its parameters.
    pub(crate) template: String,
    /// Names and values of these.
    pub(crate) path: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    /// The body, or the fields of the form; null for none.
    pub(crate) body: Value,
    /// Takes the place of the body.
    pub(crate) raw: Option<Bytes>,
    pub(crate) content: Content,
}

impl Case {
    /// The valid request of an operation.
    pub(crate) fn of(world: &World, operation: &'static Value) -> Self {
        Self::with(operation, &mut |name| world.id(name).to_owned())
    }

    /// The valid request, with ids from anywhere: asked for by name, in the order of [`slots`].
    pub(crate) fn with(operation: &'static Value, id: &mut dyn FnMut(&str) -> String) -> Self {
        Self::from_seed(operation, seed(operation), id)
    }

    /// The same from a seed of one's own.
    pub(crate) fn from_seed(
        operation: &'static Value,
        seed: &Value,
        id: &mut dyn FnMut(&str) -> String,
    ) -> Self {
        let template = operation["p"].as_str().unwrap().to_owned();
        let names = template.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}'));
        let mut path = Vec::new();
        for name in names {
            // The shared gateway calls most of its ids just that.
            let plain = operation["u"][name].as_str().unwrap_or(name);
            let wanted = seed["path"][name].as_str().and_then(name_in).unwrap_or(plain);
            path.push((name.to_owned(), id(wanted)));
        }
        let given = seed["query"].as_object().into_iter().flatten();
        let query = given.map(|(name, value)| (name.clone(), plain(&put(value, id)))).collect();
        let form = !seed["form"].is_null();
        let body = put(if form { &seed["form"] } else { &seed["body"] }, id);
        let content = match (form, body.is_null()) {
            (true, _) => Content::Form,
            (false, true) => Content::None,
            (false, false) => Content::Json,
        };
        let (section, method) = (operation["s"].as_str().unwrap(), operation["m"].as_str().unwrap());
        Self { section, method, template, path, query, body, raw: None, content }
    }

    /// The path and the query as they travel.
    pub(crate) fn uri(&self) -> String {
        let segments = self.template.split('/').map(|segment| {
            match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => self.path.iter().find(|(n, _)| n == name).unwrap().1.clone(),
                None => segment.to_owned(),
            }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let pairs: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        if pairs.is_empty() { path } else { format!("{path}?{}", pairs.join("&")) }
    }

    /// The body as it travels.
    pub(crate) fn bytes(&self) -> Bytes {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        match (&self.body, &self.content) {
            // A document that is the body.
            (Value::String(text), _) => Bytes::from(text.clone()),
            (Value::Null, _) => Bytes::new(),
            (Value::Object(fields), Content::Form) => Bytes::from(form(fields)),
            (body, _) => Bytes::from(body.to_string()),
        }
    }

    /// The content type as it travels.
    pub(crate) fn content_type(&self) -> Option<&'static str> {
        match self.content {
            Content::Json => Some("application/json;charset=UTF-8"),
            Content::Form => Some("multipart/form-data; boundary=X"),
            Content::Other(kind) => Some(kind),
            Content::None => None,
        }
    }

    pub(crate) fn request(&self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method).uri(self.uri());
        if let Some(kind) = self.content_type() {
            request = request.header("content-type", kind);
        }
        request.body(self.bytes()).unwrap()
    }

    pub(crate) fn send(&self, world: &World) -> Answer {
        let mut request = self.request();
        world.gate.address(&mut request);
        world.gate.ask(request, Access::Trusted)
    }

    /// Another value for a query parameter; none takes it away.
    pub(crate) fn with_query(&self, name: &str, value: Option<&str>) -> Self {
        let mut out = self.clone();
        out.query.retain(|(n, _)| n != name);
        out.query.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        out
    }

    /// Another value for a path parameter.
    pub(crate) fn with_path(&self, name: &str, value: &str) -> Self {
        let mut out = self.clone();
        out.path.iter_mut().find(|(n, _)| n == name).unwrap().1 = value.to_owned();
        out
    }

    /// Another body.
    pub(crate) fn with_raw(&self, content: Content, raw: impl Into<Bytes>) -> Self {
        Self { content, raw: Some(raw.into()), ..self.clone() }
    }
}

/// A world in which the valid request of an operation succeeds.
pub(crate) fn ready(operation: &Value) -> World {
    let world = if is_shared(operation) { World::shared() } else { World::new() };
    for section in seed(operation)["before"].as_array().map_or(&[][..], Vec::as_slice) {
        let first = operations().find(|other| other["s"] == *section).unwrap();
        let done = Case::of(&world, first).send(&world);
        assert!(done.status < 300, "{section}: {}", done.body);
    }
    world
}

/// The names of the ids in the valid request of an operation, in their order.
pub(crate) fn slots(operation: &'static Value) -> Vec<String> {
    let mut names = Vec::new();
    Case::with(operation, &mut |name| {
        names.push(name.to_owned());
        String::new()
    });
    names
}

/// Puts ids in the place of their names.
fn put(value: &Value, id: &mut dyn FnMut(&str) -> String) -> Value {
    match value {
        Value::String(text) => name_in(text).map_or_else(|| value.clone(), |name| id(name).into()),
        Value::Array(items) => Value::Array(items.iter().map(|item| put(item, id)).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), put(value, id))).collect())
        }
        _ => value.clone(),
    }
}

/// The name in `{name}`.
fn name_in(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    let word = |c: char| c.is_ascii_lowercase() || c == '_';
    name.chars().all(word).then_some(name).filter(|name| !name.is_empty())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn encode(text: &str) -> String {
    let kept = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if kept(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn form(fields: &Map<String, Value>) -> String {
    let part = |(name, value): (&String, &Value)| {
        let file = if name == "file_name" { "; filename=\"apis\"\r\nContent-Type: text/plain" } else { "" };
        let value = plain(value);
        format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    };
    format!("{}--X--\r\n", fields.iter().map(part).collect::<String>())
}
