//! What every kind of record has: create, modify, delete, describe and list, driven by a [`Kind`].

use serde_json::Value;

use super::super::model::{Coll, Doc, Record, Row, key};
use super::super::store::{Gateway, Tx};
use super::super::time::seconds;
use super::answer::{Reply, page};
use super::context::Ctx;
use super::fault::Fault;
use super::tags;

/// Matches a parameter of a list call against a member.
pub(crate) struct Filter {
    /// The parameter.
    pub(crate) param: &'static str,
    /// The member; `id` is the id.
    pub(crate) member: &'static str,
    /// Whether a part of the text is enough.
    pub(crate) part: bool,
}

/// The whole text of a member of the same name.
pub(crate) const fn exact(param: &'static str) -> Filter {
    Filter { param, member: param, part: false }
}

/// A part of the text of a member of the same name.
pub(crate) const fn part(param: &'static str) -> Filter {
    Filter { param, member: param, part: true }
}

/// The id.
pub(crate) const fn by_id(param: &'static str) -> Filter {
    Filter { param, member: "id", part: false }
}

/// What a record belongs to.
pub(crate) struct Parent {
    /// The parameter and member with its id.
    pub(crate) param: &'static str,
    pub(crate) coll: Coll,
    pub(crate) noun: &'static str,
}

/// A kind of record, as data.
pub(crate) struct Kind {
    pub(crate) coll: Coll,
    /// The parameter and member that is the id.
    pub(crate) id: &'static str,
    /// What codes call it: `NotFound…`.
    pub(crate) noun: &'static str,
    pub(crate) parent: Option<Parent>,
    /// Members, alone or together, that no two have: the index, and what `Duplicate…` names.
    pub(crate) unique: &'static [(&'static str, &'static str)],
    /// How many there may be, and under which index they are counted.
    pub(crate) quota: Option<(usize, Option<&'static str>)>,
    pub(crate) filters: &'static [Filter],
    /// What the times of making and changing are called.
    pub(crate) times: (&'static str, &'static str),
    /// What the tags of this kind are kept under.
    pub(crate) tagged: Option<&'static str>,
    /// Deleting what is not there succeeds.
    pub(crate) gone_is_fine: bool,
    /// Whether lists begin with what changed last, as `Sort` says.
    pub(crate) sorted: bool,
    /// Makes a new id.
    pub(crate) name: fn(&Ctx) -> String,
    /// Checks and completes what is about to be written.
    pub(crate) prepare: fn(&Ctx, &Gateway, Option<&Record>, &mut Doc) -> Result<(), Fault>,
    /// What else happens when it was written for the first time.
    pub(crate) made: fn(&Ctx, &mut Tx, &str) -> Result<(), Fault>,
    /// Computed members.
    pub(crate) extra: fn(&Ctx, &Gateway, &Record, &mut Doc),
    /// Refuses, or takes along what goes with it.
    pub(crate) leaving: fn(&Ctx, &mut Tx, &Record) -> Result<(), Fault>,
}

/// What most kinds share.
pub(crate) const PLAIN: Kind = Kind {
    coll: Coll::CloudGroup,
    id: "",
    noun: "",
    parent: None,
    unique: &[],
    quota: None,
    filters: &[],
    times: ("CreatedTime", "ModifiedTime"),
    tagged: None,
    gone_is_fine: false,
    sorted: false,
    name: |ctx| ctx.id(),
    prepare: |_, _, _, _| Ok(()),
    made: |_, _, _| Ok(()),
    extra: |_, _, _, _| (),
    leaving: |_, _, _| Ok(()),
};

/// Creates a record out of the parameters.
pub(crate) fn create(kind: &Kind, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    check_parent(kind, ctx, tx)?;
    let mut doc = written(kind, ctx);
    (kind.prepare)(ctx, tx, None, &mut doc)?;
    let record = Record { id: (kind.name)(ctx).into(), created: ctx.now, updated: ctx.now, doc };
    check_unique(kind, tx, &record)?;
    if let Some((most, index)) = kind.quota {
        let count = match index {
            Some(index) => tx.count_by(kind.coll, index, &[record.text(index)]),
            None => tx.table(kind.coll).len(),
        };
        ctx.room(kind.noun, most, count)?;
    }
    let id = record.id.clone();
    tx.put(kind.coll, Row::Record(record));
    let tagged = match kind.tagged {
        Some(resource) => tags::put(ctx, tx, resource, &[&id], ctx.items("Tag"))?,
        None => false,
    };
    (kind.made)(ctx, tx, &id)?;
    let Some(record) = tx.record(kind.coll, &id) else { return Err(Fault::absent(kind.noun)) };
    let mut doc = shown(kind, ctx, tx, record);
    doc.insert("TagStatus".to_owned(), tagged.into());
    Ok(Reply::Doc(doc))
}

/// Changes the members that are sent; the others stay.
pub(crate) fn modify(kind: &Kind, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let old = find(kind, ctx, tx)?.clone();
    let mut doc = old.doc.clone();
    doc.extend(written(kind, ctx));
    (kind.prepare)(ctx, tx, Some(&old), &mut doc)?;
    let record = Record { updated: ctx.now, doc, ..old };
    check_unique(kind, tx, &record)?;
    let id = record.id.clone();
    tx.put(kind.coll, Row::Record(record));
    if let Some(resource) = kind.tagged {
        tags::put(ctx, tx, resource, &[&id], ctx.items("Tag"))?;
    }
    let Some(record) = tx.record(kind.coll, &id) else { return Err(Fault::absent(kind.noun)) };
    Ok(Reply::Doc(shown(kind, ctx, tx, record)))
}

/// Deletes a record with what goes with it.
pub(crate) fn delete(kind: &Kind, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let record = match find(kind, ctx, tx) {
        Ok(record) => record.clone(),
        Err(_) if kind.gone_is_fine => return Ok(Reply::empty()),
        Err(fault) => return Err(fault),
    };
    (kind.leaving)(ctx, tx, &record)?;
    tx.remove(kind.coll, &record.id);
    if let Some(resource) = kind.tagged {
        tags::forget(tx, resource, &record.id);
    }
    Ok(Reply::empty())
}

/// Shows one record.
pub(crate) fn describe(kind: &Kind, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let record = find(kind, ctx, gateway)?;
    Ok(Reply::Doc(shown(kind, ctx, gateway, record)))
}

/// Lists records.
pub(crate) fn list(kind: &Kind, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    list_where(kind, ctx, gateway, |_| true)
}

/// Lists the records that pass one more filter.
pub(crate) fn list_where(
    kind: &Kind,
    ctx: &Ctx,
    gateway: &Gateway,
    more: impl Fn(&Record) -> bool,
) -> Result<Reply, Fault> {
    check_parent(kind, ctx, gateway)?;
    let wanted = |record: &&Record| {
        more(record)
            && kind.filters.iter().all(|filter| passes(ctx, filter, record))
            && tags::pass(ctx, gateway, kind.tagged, &record.id)
            && kind.parent.as_ref().is_none_or(|parent| belongs(ctx, parent, record))
    };
    let mut all: Vec<&Record> = gateway.records(kind.coll).filter(wanted).collect();
    if kind.sorted {
        all.sort_by_key(|record| record.updated);
        if ctx.text("Sort") != "asc" {
            all.reverse();
        }
    }
    Ok(page(ctx, all.into_iter(), |record| shown(kind, ctx, gateway, record)))
}

fn belongs(ctx: &Ctx, parent: &Parent, record: &Record) -> bool {
    let wanted = ctx.id_text(parent.param);
    wanted.is_empty() || record.text(parent.param) == wanted
}

/// Whether a record has what a parameter asks for; a parameter that is absent asks for nothing.
pub(crate) fn passes(ctx: &Ctx, filter: &Filter, record: &Record) -> bool {
    let wanted = ctx.id_text(filter.param);
    if wanted.is_empty() {
        return true;
    }
    if filter.member == "id" {
        return *record.id == *wanted;
    }
    match record.doc.get(filter.member) {
        Some(Value::String(text)) if filter.part => text.contains(&wanted),
        Some(Value::String(text)) => *text == wanted,
        Some(Value::Number(number)) => number.to_string() == wanted,
        _ => false,
    }
}

/// The record the parameters name.
pub(crate) fn find<'g>(kind: &Kind, ctx: &Ctx, gateway: &'g Gateway) -> Result<&'g Record, Fault> {
    check_parent(kind, ctx, gateway)?;
    let record = gateway.record(kind.coll, &ctx.id_text(kind.id));
    let record = record.filter(|record| kind.parent.as_ref().is_none_or(|p| belongs(ctx, p, record)));
    record.ok_or_else(|| Fault::absent(kind.noun))
}

fn check_parent(kind: &Kind, ctx: &Ctx, gateway: &Gateway) -> Result<(), Fault> {
    let Some(parent) = &kind.parent else { return Ok(()) };
    let id = ctx.id_text(parent.param);
    if id.is_empty() || gateway.record(parent.coll, &id).is_some() {
        return Ok(());
    }
    Err(Fault::absent(parent.noun))
}

/// The record of an id, or the refusal that says what is not there.
pub(crate) fn need<'g>(gateway: &'g Gateway, coll: Coll, id: &str, noun: &str) -> Result<&'g Record, Fault> {
    gateway.record(coll, id).ok_or_else(|| Fault::absent(noun))
}

fn check_unique(kind: &Kind, gateway: &Gateway, record: &Record) -> Result<(), Fault> {
    for (index, name) in kind.unique {
        let values: Vec<&str> = index.split(',').map(|field| record.text(field)).collect();
        let taken = gateway.table(kind.coll).find(&key(index, &values)).any(|row| *row.id() != *record.id);
        if taken {
            return Err(Fault::duplicate(name));
        }
    }
    Ok(())
}

/// The parameters that become members.
fn written(kind: &Kind, ctx: &Ctx) -> Doc {
    let mut doc = ctx.params.clone();
    for name in [kind.id, "Tag", "SecurityToken"] {
        doc.shift_remove(name);
    }
    doc
}

/// A record with its id, its times and what is computed.
pub(crate) fn shown(kind: &Kind, ctx: &Ctx, gateway: &Gateway, record: &Record) -> Doc {
    let mut doc = record.doc.clone();
    doc.insert(kind.id.to_owned(), record.id.as_ref().into());
    doc.insert(kind.times.0.to_owned(), seconds(record.created).into());
    doc.insert(kind.times.1.to_owned(), seconds(record.updated).into());
    doc.insert("RegionId".to_owned(), ctx.region.into());
    if let Some(resource) = kind.tagged {
        doc.insert("Tags".to_owned(), tags::shown(gateway, resource, &record.id));
    }
    (kind.extra)(ctx, gateway, record, &mut doc);
    doc
}

/// Removes all records under an index.
pub(crate) fn sweep(tx: &mut Tx, coll: Coll, index: &str, values: &[&str]) {
    let ids: Vec<Box<str>> = tx.records_by(coll, index, values).map(|record| record.id.clone()).collect();
    for id in ids {
        tx.remove(coll, &id);
    }
}
