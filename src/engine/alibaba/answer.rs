//! Answers: the documented members in the documented order, with the documented types.

use serde_json::Value;

use super::super::model::Doc;
use super::context::Ctx;
use super::protocol::{Member, Shape};

/// What a handler gives back.
pub(crate) enum Reply {
    /// Members; those the document does not show are left out.
    Doc(Doc),
    /// A page of a list, made ready by [`page`].
    Page(Doc),
}

impl Reply {
    /// Nothing but the id of the request.
    pub(crate) fn empty() -> Self {
        Self::Doc(Doc::new())
    }

    /// One member.
    pub(crate) fn one(name: &str, value: impl Into<Value>) -> Self {
        let mut doc = Doc::new();
        doc.insert(name.to_owned(), value.into());
        Self::Doc(doc)
    }
}

/// How much of what is not known is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// Texts as empty, lists without items: the members of an object that was asked for.
    Whole,
    /// Nothing: the members of a setting.
    Known,
}

/// The members of an answer.
pub(crate) fn whole(members: &[Member], doc: Doc) -> Doc {
    project(members, doc, Fill::Whole)
}

fn project(members: &[Member], mut doc: Doc, fill: Fill) -> Doc {
    let mut out = Doc::with_capacity(members.len());
    for member in members {
        let value = match doc.shift_remove(&member.name).filter(|value| !value.is_null()) {
            Some(value) => Some(shown(member, value)),
            None if fill == Fill::Whole => blank(member),
            None => None,
        };
        if let Some(value) = value {
            out.insert(member.name.clone(), value);
        }
    }
    out
}

/// What stands for a member that nothing is known of.
fn blank(member: &Member) -> Option<Value> {
    match member.kind {
        Shape::Text => Some(Value::String(String::new())),
        Shape::Objects | Shape::Texts => Some(Value::Array(Vec::new())),
        Shape::Object => member.wrapped().map(|list| {
            let mut doc = Doc::new();
            doc.insert(list.name.clone(), Value::Array(Vec::new()));
            Value::Object(doc)
        }),
        Shape::Integer | Shape::Boolean => None,
    }
}

fn shown(member: &Member, value: Value) -> Value {
    match (member.kind, value) {
        (Shape::Integer, Value::String(text)) => text.parse::<i64>().map_or(Value::String(text), Value::from),
        (Shape::Text, Value::Number(number)) => number.to_string().into(),
        (Shape::Text, Value::Bool(flag)) => flag.to_string().into(),
        // A list where the document wraps it.
        (Shape::Object, Value::Array(items)) => match member.wrapped() {
            Some(list) => {
                let mut doc = Doc::new();
                doc.insert(list.name.clone(), shown(list, Value::Array(items)));
                Value::Object(doc)
            }
            None => Value::Array(items),
        },
        (Shape::Object, Value::Object(doc)) if !member.members.is_empty() => {
            Value::Object(project(&member.members, doc, Fill::Known))
        }
        (Shape::Objects, Value::Array(items)) => {
            let one = |item| match item {
                Value::Object(doc) => Value::Object(project(&member.members, doc, Fill::Known)),
                other => other,
            };
            Value::Array(items.into_iter().map(one).collect())
        }
        (_, value) => value,
    }
}

/// One page of a list. Only what is on the page is made into an object.
pub(crate) fn page<T>(ctx: &Ctx, items: impl Iterator<Item = T>, mut make: impl FnMut(T) -> Doc) -> Reply {
    let (first, size) = ctx.page();
    let (mut total, mut rows) = (0_usize, Vec::new());
    let Some(holder) = ctx.operation.page() else { return Reply::empty() };
    let list = holder.wrapped().unwrap_or(holder);
    for item in items {
        if total >= first && rows.len() < size {
            rows.push(Value::Object(whole(&list.members, make(item))));
        }
        total += 1;
    }
    let rows = Value::Array(rows);
    let mut doc = Doc::new();
    for member in &ctx.operation.out {
        let value = match member.name.as_str() {
            "TotalCount" => total.into(),
            "PageNumber" => (first / size + 1).into(),
            "PageSize" => size.into(),
            _ => continue,
        };
        doc.insert(member.name.clone(), value);
    }
    let value = match holder.wrapped() {
        Some(list) => {
            let mut inner = Doc::new();
            inner.insert(list.name.clone(), rows);
            Value::Object(inner)
        }
        None => rows,
    };
    doc.insert(holder.name.clone(), value);
    Reply::Page(doc)
}
