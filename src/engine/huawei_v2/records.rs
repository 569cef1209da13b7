//! Create, read, update, delete and list for every kind of [`Record`], from one descriptor per kind.

use serde_json::Value;

use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::context::{Ctx, Members, Reply};
use super::fault::Fault;
use super::protocol::Field;

/// A kind of object: where it lives, what makes it unique, what else happens when it changes.
pub(crate) struct Kind {
    pub(crate) coll: Coll,
    /// The parameter of the path that holds its id.
    pub(crate) param: &'static str,
    /// The code for an id that names nothing.
    pub(crate) missing: &'static str,
    /// The object it belongs to by its path.
    pub(crate) parent: Option<Parent>,
    /// The members that show when it was made and last changed.
    pub(crate) times: (Option<&'static str>, Option<&'static str>),
    /// Index and code of each rule of uniqueness.
    pub(crate) unique: &'static [(&'static str, &'static str)],
    /// Quota, code, and the index within which it counts.
    pub(crate) quota: Option<(&'static str, &'static str, Option<&'static str>)>,
    pub(crate) filters: &'static [Filter],
    /// Members an update leaves as they are; every other member that is not sent returns to its default.
    pub(crate) keep: &'static [&'static str],
    /// Members that are computed and never stored.
    pub(crate) computed: &'static [&'static str],
    /// Checks and completes what is about to be stored.
    pub(crate) prepare: fn(&Ctx, &Gateway, &Draft, &mut Doc) -> Result<(), Fault>,
    /// Computes members.
    pub(crate) extra: fn(&Ctx, &Gateway, &Record) -> Vec<(&'static str, Value)>,
    /// What else happens after a create or an update.
    pub(crate) written: fn(&Ctx, &mut Tx, &Draft) -> Result<(), Fault>,
    /// What else happens before a deletion, which it can refuse.
    pub(crate) leaving: fn(&Ctx, &mut Tx, &Record) -> Result<(), Fault>,
}

/// The object another belongs to: the parameter of the path, which is also the member, its collection and code.
pub(crate) struct Parent {
    pub(crate) param: &'static str,
    pub(crate) coll: Coll,
    pub(crate) missing: &'static str,
}

/// A filter of a list: parameter, member, and whether a part of the text is enough.
pub(crate) struct Filter(pub(crate) &'static str, pub(crate) &'static str, pub(crate) bool);

/// What is being written: the id, and what stood there before.
pub(crate) struct Draft {
    pub(crate) id: String,
    pub(crate) old: Option<Record>,
}

/// A kind without anything special, to build others from.
pub(crate) const PLAIN: Kind = Kind {
    coll: Coll::Group,
    param: "",
    missing: "",
    parent: None,
    times: (None, None),
    unique: &[],
    quota: None,
    filters: &[],
    keep: &[],
    computed: &[],
    prepare: |_, _, _, _| Ok(()),
    extra: |_, _, _| Vec::new(),
    written: |_, _, _| Ok(()),
    leaving: |_, _, _| Ok(()),
};

/// Makes an object.
pub(crate) fn create(kind: &Kind, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let mut doc = ctx.body.clone();
    check_parent(kind, ctx, tx)?;
    if let Some(parent) = &kind.parent {
        doc.insert(parent.param.to_owned(), ctx.path(parent.param).into());
    }
    let draft = Draft { id: ctx.id(), old: None };
    (kind.prepare)(ctx, tx, &draft, &mut doc)?;
    let record = Record { id: draft.id.as_str().into(), created: ctx.now, updated: ctx.now, doc };
    check_unique(kind, tx, &record)?;
    check_quota(kind, ctx, tx, &record)?;
    finish(kind, ctx, tx, &draft, record)
}

/// Replaces an object.
pub(crate) fn update(kind: &Kind, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let old = find(kind, ctx, tx)?.clone();
    let mut doc = ctx.body.clone();
    let parent = kind.parent.as_ref().map(|parent| parent.param);
    for name in kind.keep.iter().copied().chain(parent) {
        if let Some(value) = old.doc.get(name).filter(|_| !doc.contains_key(name)) {
            doc.insert(name.to_owned(), value.clone());
        }
    }
    let created = old.created;
    let draft = Draft { id: old.id.to_string(), old: Some(old) };
    (kind.prepare)(ctx, tx, &draft, &mut doc)?;
    let record = Record { id: draft.id.as_str().into(), created, updated: ctx.now, doc };
    check_unique(kind, tx, &record)?;
    finish(kind, ctx, tx, &draft, record)
}

fn finish(kind: &Kind, ctx: &Ctx, tx: &mut Tx, draft: &Draft, record: Record) -> Result<Reply, Fault> {
    tx.put(kind.coll, Row::Record(record));
    (kind.written)(ctx, tx, draft)?;
    let record = tx.record(kind.coll, &draft.id).ok_or_else(|| Fault::of(kind.missing, &draft.id))?;
    Ok(show(kind, ctx, tx, record))
}

/// Removes an object.
pub(crate) fn delete(kind: &Kind, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let record = find(kind, ctx, tx)?.clone();
    (kind.leaving)(ctx, tx, &record)?;
    tx.remove(kind.coll, &record.id);
    Ok(Reply::Empty)
}

/// Shows an object.
pub(crate) fn read(kind: &Kind, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    Ok(show(kind, ctx, gateway, find(kind, ctx, gateway)?))
}

/// Lists objects.
pub(crate) fn list(kind: &Kind, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    list_where(kind, ctx, gateway, |_| true)
}

/// Lists objects that pass one more filter.
pub(crate) fn list_where(
    kind: &Kind,
    ctx: &Ctx,
    gateway: &Gateway,
    more: impl Fn(&&Record) -> bool,
) -> Result<Reply, Fault> {
    check_parent(kind, ctx, gateway)?;
    let wanted = |record: &&Record| {
        more(record)
            && kind
                .filters
                .iter()
                .all(|filter| passes(ctx, filter, record, || (kind.extra)(ctx, gateway, record)))
            && kind.parent.as_ref().is_none_or(|parent| record.text(parent.param) == ctx.path(parent.param))
    };
    let fields = ctx.operation.item();
    Ok(Reply::page(ctx, gateway.records(kind.coll).filter(wanted), |out, record| {
        write(kind, ctx, gateway, record, fields, out);
    }))
}

/// Whether a record passes a filter; `computed` gives the members that are not stored.
fn passes(
    ctx: &Ctx,
    filter: &Filter,
    record: &Record,
    computed: impl Fn() -> Vec<(&'static str, Value)>,
) -> bool {
    let Filter(param, member, fuzzy) = filter;
    let Some(wanted) = ctx.query.get(param) else { return true };
    if *member == "id" {
        return *wanted == *record.id;
    }
    let fits = |value: &Value| match value {
        Value::String(text) if *fuzzy && !ctx.query.precise(param) => text.contains(wanted),
        Value::String(text) => text == wanted,
        other => wanted.parse::<i64>().is_ok_and(|number| *other == number),
    };
    match record.doc.get(*member) {
        Some(value) => fits(value),
        None => computed().iter().any(|(name, value)| name == member && fits(value)),
    }
}

/// The object the path names.
pub(crate) fn find<'g>(kind: &Kind, ctx: &Ctx, gateway: &'g Gateway) -> Result<&'g Record, Fault> {
    check_parent(kind, ctx, gateway)?;
    let id = ctx.path(kind.param);
    let inside = |record: &&Record| {
        kind.parent.as_ref().is_none_or(|parent| record.text(parent.param) == ctx.path(parent.param))
    };
    gateway.record(kind.coll, id).filter(inside).ok_or_else(|| Fault::of(kind.missing, id))
}

fn check_parent(kind: &Kind, ctx: &Ctx, gateway: &Gateway) -> Result<(), Fault> {
    match &kind.parent {
        Some(parent) => exists(gateway, parent.coll, ctx.path(parent.param), parent.missing),
        None => Ok(()),
    }
}

/// Refuses an id that names nothing in a collection.
pub(crate) fn exists(gateway: &Gateway, coll: Coll, id: &str, missing: &str) -> Result<(), Fault> {
    if gateway.table(coll).get(id).is_some() { Ok(()) } else { Err(Fault::of(missing, id)) }
}

fn check_unique(kind: &Kind, gateway: &Gateway, record: &Record) -> Result<(), Fault> {
    for (index, code) in kind.unique {
        let values: Vec<&str> = index.split(',').map(|field| record.text(field)).collect();
        if gateway.records_by(kind.coll, index, &values).any(|other| other.id != record.id) {
            return Err(Fault::of(code, values.last().copied().unwrap_or("")));
        }
    }
    Ok(())
}

fn check_quota(kind: &Kind, ctx: &Ctx, gateway: &Gateway, record: &Record) -> Result<(), Fault> {
    let Some((config, code, per)) = kind.quota else { return Ok(()) };
    let count = match per {
        Some(index) => gateway.count_by(kind.coll, index, &[record.text(index)]),
        None => gateway.table(kind.coll).len(),
    };
    if count >= ctx.limit(config) { Err(Fault::new(code)) } else { Ok(()) }
}

/// The answer that shows one object.
pub(crate) fn show(kind: &Kind, ctx: &Ctx, gateway: &Gateway, record: &Record) -> Reply {
    let mut out = Vec::with_capacity(512);
    write(kind, ctx, gateway, record, &ctx.operation.out, &mut out);
    Reply::Json(out)
}

fn write(kind: &Kind, ctx: &Ctx, gateway: &Gateway, record: &Record, fields: &[Field], out: &mut Vec<u8>) {
    let mut members = Members::of(&record.doc);
    members.extra = (kind.extra)(ctx, gateway, record);
    members.extra.push(("id", record.id.as_ref().into()));
    if let Some(name) = kind.times.0 {
        // What did not happen now is shown as a read shows it.
        let fresh = record.created == ctx.now;
        members.extra.push((name, if fresh { ctx.time(record.created) } else { past(record.created) }));
    }
    if let Some(name) = kind.times.1 {
        members.extra.push((name, ctx.time_of_change(record.created, record.updated)));
    }
    members.write(fields, out);
}

/// A time as every read shows it.
pub(crate) fn past(nanos: i64) -> Value {
    super::super::time::seconds(nanos).into()
}
