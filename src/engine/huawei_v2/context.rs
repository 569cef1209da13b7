//! What a handler gets: the checked request, and what it gives back.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::model::Doc;
use super::super::outbound::Backends;
use super::super::realm::Key;
use super::super::time::{Ids, Nanos, micros, precise, put_seconds, seconds};
use super::super::traffic::Traffic;
use super::fault::Fault;
use super::limits;
use super::protocol::{Edition, Field, Operation};
use super::validate::Query;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) region: String,
    /// The account that everything belongs to.
    pub(crate) account_id: String,
    pub(crate) ids: Ids,
    /// `config_name` to value, for what differs from [`limits::DEFAULTS`].
    pub(crate) limits: BTreeMap<String, String>,
    /// How long the making of a gateway takes.
    pub(crate) provision: Nanos,
    /// Which backends may be called.
    pub(crate) backends: Backends,
    /// What went through the gateways, as far as it was recorded.
    pub(crate) traffic: Traffic,
}

/// A checked request, in the names of the handlers.
#[derive(Clone)]
pub(crate) struct Ctx<'a> {
    /// What is done.
    pub(crate) operation: &'static Operation,
    /// What was asked for: the same, or the operation of the other edition that is served by doing it.
    pub(crate) asked: &'static Operation,
    pub(crate) path: Vec<(&'static str, String)>,
    /// The gateway the path names.
    pub(crate) gateway: Key,
    pub(crate) query: Query,
    pub(crate) body: Doc,
    pub(crate) now: Nanos,
    pub(crate) settings: &'a Settings,
}

impl Ctx<'_> {
    /// The edition of the API in which this was asked.
    pub(crate) fn edition(&self) -> Edition {
        self.asked.edition
    }

    /// Code and message of a refusal that is only a part of the answer.
    pub(crate) fn told(&self, fault: &Fault) -> (String, String) {
        let edition = self.edition();
        (fault.code(edition).to_owned(), fault.message(edition, Some(self.asked)))
    }

    /// A parameter of the path; empty when the path has none of that name.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.path.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }

    /// The gateway the path names.
    pub(crate) fn gateway(&self) -> Key {
        self.gateway.clone()
    }

    /// A text of the body; empty when absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or("")
    }

    /// A list of texts of the body.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        let items = self.body.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        items.iter().filter_map(Value::as_str).collect()
    }

    /// A new id.
    pub(crate) fn id(&self) -> String {
        self.settings.ids.next()
    }

    /// A parameter that breaks a rule.
    pub(crate) fn bad(&self, name: &str) -> Fault {
        Fault::parameter(self.operation, name)
    }

    /// A parameter that is not there and must be.
    pub(crate) fn missing(&self, name: &str) -> Fault {
        Fault::missing(self.operation, name)
    }

    /// The value of a quota.
    pub(crate) fn limit(&self, config: &str) -> usize {
        limits::value(self.settings, self.edition(), config).parse().unwrap_or(usize::MAX)
    }

    /// True in a list call.
    pub(crate) fn listing(&self) -> bool {
        self.operation.out.iter().any(|field| field.name == "total")
    }

    /// Whether a read shows a change to the microsecond: V1 does, but a creation to the second.
    fn shows_micros(&self, created: Nanos, updated: Nanos) -> bool {
        self.edition() == Edition::V1 && self.operation.method == "GET" && updated != created
    }

    /// The time of the last change, as this operation shows it.
    pub(crate) fn time_of_change(&self, created: Nanos, updated: Nanos) -> Value {
        if self.shows_micros(created, updated) { micros(updated).into() } else { self.time(updated) }
    }

    /// Appends the time of the last change.
    pub(crate) fn put_time_of_change(&self, out: &mut Vec<u8>, created: Nanos, updated: Nanos) {
        if self.shows_micros(created, updated) {
            put(out, &micros(updated));
        } else {
            self.put_time(out, updated);
        }
    }

    /// Appends a time as this operation shows it.
    pub(crate) fn put_time(&self, out: &mut Vec<u8>, nanos: Nanos) {
        if self.operation.method == "GET" { put_seconds(out, nanos) } else { put(out, &precise(nanos)) }
    }

    /// A time as this operation shows it.
    pub(crate) fn time(&self, nanos: Nanos) -> Value {
        Value::String(if self.operation.method == "GET" { seconds(nanos) } else { precise(nanos) })
    }
}

/// The body of a success.
pub(crate) enum Reply {
    Empty,
    Json(Vec<u8>),
    /// Something to be saved.
    File {
        name: String,
        content: Vec<u8>,
    },
    /// What takes as long as others like, and is done when no gateway is held any more.
    Later(Box<dyn FnOnce() -> Self>),
}

impl Reply {
    /// An answer made of the documented members of the operation.
    pub(crate) fn object(ctx: &Ctx, members: &Members) -> Self {
        let mut out = Vec::with_capacity(512);
        members.write(&ctx.operation.out, &mut out);
        Self::Json(out)
    }

    /// Any JSON.
    pub(crate) fn value(value: &Value) -> Self {
        Self::Json(value.to_string().into_bytes())
    }

    /// One page of a list, which comes oldest first; V1 shows it the other way round. `write` puts one element.
    pub(crate) fn page<T>(
        ctx: &Ctx,
        items: impl Iterator<Item = T>,
        write: impl FnMut(&mut Vec<u8>, T),
    ) -> Self {
        if ctx.edition() == Edition::V2 {
            return Self::page_as_given(ctx, items, write);
        }
        let items: Vec<T> = items.collect();
        Self::page_as_given(ctx, items.into_iter().rev(), write)
    }

    /// One page of a list in the order it comes in.
    pub(crate) fn page_as_given<T>(
        ctx: &Ctx,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut Vec<u8>, T),
    ) -> Self {
        let (offset, limit) = (ctx.query.offset, ctx.query.limit);
        let (mut total, mut page) = (0, Page::default());
        for item in items {
            if total >= offset && page.size < limit {
                page.add(item, &mut write);
            }
            total += 1;
        }
        page.end(ctx, total)
    }

    /// The same where the number of all is known: those after the page are not looked at.
    pub(crate) fn page_of<T>(
        ctx: &Ctx,
        total: usize,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut Vec<u8>, T),
    ) -> Self {
        if ctx.edition() == Edition::V1 {
            return Self::page(ctx, items, write);
        }
        let mut page = Page::default();
        for item in items.skip(ctx.query.offset).take(ctx.query.limit) {
            page.add(item, &mut write);
        }
        page.end(ctx, total)
    }
}

/// A page that is being written.
#[derive(Default)]
struct Page {
    array: Vec<u8>,
    size: usize,
}

impl Page {
    fn add<T>(&mut self, item: T, write: &mut impl FnMut(&mut Vec<u8>, T)) {
        if self.size > 0 {
            self.array.push(b',');
        }
        write(&mut self.array, item);
        self.size += 1;
    }

    fn end(self, ctx: &Ctx, total: usize) -> Reply {
        let (size, name) = (self.size, ctx.operation.array());
        let mut out = Vec::with_capacity(self.array.len() + 64);
        out.extend(format!("{{\"total\":{total},\"size\":{size},\"{name}\":[").into_bytes());
        out.extend(self.array);
        out.extend(b"]}");
        Reply::Json(out)
    }
}

/// The members of an object about to be written: what is stored, and what is computed, which wins.
#[derive(Default)]
pub(crate) struct Members<'a> {
    pub(crate) doc: Option<&'a Doc>,
    pub(crate) extra: Vec<(&'static str, Value)>,
}

impl<'a> Members<'a> {
    pub(crate) fn of(doc: &'a Doc) -> Self {
        Self { doc: Some(doc), extra: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.extra.push((name, value.into()));
        self
    }

    /// Writes the documented members, in the documented order; the others are left out.
    pub(crate) fn write(&self, fields: &[Field], out: &mut Vec<u8>) {
        out.push(b'{');
        let mut first = true;
        for field in fields {
            let computed = || self.extra.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
            let Some(value) = computed().or_else(|| self.doc.and_then(|doc| doc.get(&field.name))) else {
                continue;
            };
            if !first {
                out.push(b',');
            }
            first = false;
            out.push(b'"');
            out.extend(field.name.as_bytes());
            out.extend(b"\":");
            put(out, value);
        }
        out.push(b'}');
    }
}

/// Appends JSON. Writing to a vector cannot fail.
pub(crate) fn put<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.extend(b"null");
    }
}

/// `abc*****xyz`: how a secret is shown. Of a short one less is shown, never more than half.
pub(crate) fn mask(secret: &str) -> String {
    let chars: Vec<char> = secret.chars().collect();
    let edge = 3.min(chars.len() / 4);
    let head: String = chars[..edge].iter().collect();
    let tail: String = chars[chars.len() - edge..].iter().collect();
    format!("{head}*****{tail}")
}
