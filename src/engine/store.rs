//! Ordered tables with secondary indexes, and the transaction over them.
//!
//! A [`Tx`] notes every change: an error rolls back, so a refused request changes nothing, and the notes of an accepted
//! one are what goes to disk.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::model::{Api, Binding, Coll, Policy, Publication, Record, Row, Version, key};

/// Rows in the order of their creation.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: BTreeMap<u64, Arc<Row>>,
    ids: HashMap<Box<str>, u64>,
    index: HashMap<Box<str>, Vec<u64>>,
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Arc<Row>> {
        self.ids.get(id).and_then(|at| self.rows.get(at))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.rows.values()
    }

    /// The rows with their places in the order.
    pub(crate) fn places(&self) -> impl Iterator<Item = (u64, &Arc<Row>)> {
        self.rows.iter().map(|(at, row)| (*at, row))
    }

    /// The rows under a key, oldest first.
    pub(crate) fn find(&self, key: &str) -> impl Iterator<Item = &Arc<Row>> + use<'_> {
        let at = self.index.get(key).map_or(&[][..], Vec::as_slice);
        at.iter().filter_map(|at| self.rows.get(at))
    }

    pub(crate) fn count(&self, key: &str) -> usize {
        self.index.get(key).map_or(0, Vec::len)
    }

    fn insert(&mut self, coll: Coll, at: u64, row: Arc<Row>) {
        for key in row.keys(coll) {
            let bucket = self.index.entry(key.into()).or_default();
            if let Err(place) = bucket.binary_search(&at) {
                bucket.insert(place, at);
            }
        }
        self.ids.insert(row.id().into(), at);
        self.rows.insert(at, row);
    }

    fn remove(&mut self, coll: Coll, id: &str) -> Option<(u64, Arc<Row>)> {
        let at = self.ids.remove(id)?;
        let row = self.rows.remove(&at)?;
        for key in row.keys(coll) {
            if let Some(bucket) = self.index.get_mut(key.as_str()) {
                if let Ok(place) = bucket.binary_search(&at) {
                    bucket.remove(place);
                }
                if bucket.is_empty() {
                    self.index.remove(key.as_str());
                }
            }
        }
        Some((at, row))
    }
}

/// One gateway with all it holds.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) project_id: Box<str>,
    pub(crate) id: Box<str>,
    tables: Vec<Table>,
    next: u64,
}

impl Gateway {
    pub(crate) fn new(project_id: &str, id: &str) -> Self {
        let tables = Coll::ALL.iter().map(|_| Table::default()).collect();
        Self { project_id: project_id.into(), id: id.into(), tables, next: 1 }
    }

    /// The place the next row will take: how many rows there ever were.
    pub(crate) fn places(&self) -> u64 {
        self.next
    }

    pub(crate) fn table(&self, coll: Coll) -> &Table {
        &self.tables[coll as usize]
    }

    pub(crate) fn record(&self, coll: Coll, id: &str) -> Option<&Record> {
        match self.table(coll).get(id)?.as_ref() {
            Row::Record(row) => Some(row),
            _ => None,
        }
    }

    pub(crate) fn records(&self, coll: Coll) -> impl Iterator<Item = &Record> {
        self.table(coll).iter().filter_map(as_record)
    }

    pub(crate) fn records_by(
        &self,
        coll: Coll,
        index: &str,
        values: &[&str],
    ) -> impl Iterator<Item = &Record> + use<'_> {
        self.table(coll).find(&key(index, values)).filter_map(as_record)
    }

    pub(crate) fn count_by(&self, coll: Coll, index: &str, values: &[&str]) -> usize {
        self.table(coll).count(&key(index, values))
    }

    pub(crate) fn api(&self, id: &str) -> Option<&Api> {
        match self.table(Coll::Api).get(id)?.as_ref() {
            Row::Api(row) => Some(row),
            _ => None,
        }
    }

    pub(crate) fn apis(&self) -> impl Iterator<Item = &Api> {
        self.table(Coll::Api).iter().filter_map(as_api)
    }

    pub(crate) fn apis_by(&self, index: &str, values: &[&str]) -> impl Iterator<Item = &Api> + use<'_> {
        self.table(Coll::Api).find(&key(index, values)).filter_map(as_api)
    }

    pub(crate) fn publication(&self, id: &str) -> Option<&Publication> {
        match self.table(Coll::Publication).get(id)?.as_ref() {
            Row::Publication(row) => Some(row),
            _ => None,
        }
    }

    pub(crate) fn publications(&self) -> impl Iterator<Item = &Publication> {
        self.table(Coll::Publication).iter().filter_map(as_publication)
    }

    pub(crate) fn publications_by(
        &self,
        index: &str,
        values: &[&str],
    ) -> impl Iterator<Item = &Publication> + use<'_> {
        self.table(Coll::Publication).find(&key(index, values)).filter_map(as_publication)
    }

    pub(crate) fn published(&self, api_id: &str, env_id: &str) -> Option<&Publication> {
        self.publications_by("api_id,env_id", &[api_id, env_id]).next()
    }

    pub(crate) fn version(&self, id: &str) -> Option<&Version> {
        match self.table(Coll::Version).get(id)?.as_ref() {
            Row::Version(row) => Some(row),
            _ => None,
        }
    }

    pub(crate) fn versions(&self) -> impl Iterator<Item = &Version> {
        self.table(Coll::Version).iter().filter_map(as_version)
    }

    pub(crate) fn versions_by(
        &self,
        index: &str,
        values: &[&str],
    ) -> impl Iterator<Item = &Version> + use<'_> {
        self.table(Coll::Version).find(&key(index, values)).filter_map(as_version)
    }

    pub(crate) fn binding(&self, id: &str) -> Option<&Binding> {
        match self.table(Coll::Binding).get(id)?.as_ref() {
            Row::Binding(row) => Some(row),
            _ => None,
        }
    }

    pub(crate) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.table(Coll::Binding).iter().filter_map(as_binding)
    }

    /// The bindings of a policy.
    pub(crate) fn bindings_of(&self, policy: Policy, id: &str) -> impl Iterator<Item = &Binding> + use<'_> {
        self.table(Coll::Binding).find(&key(policy.name(), &[id])).filter_map(as_binding)
    }

    /// The bindings on a publication.
    pub(crate) fn bindings_on(&self, publish_id: &str) -> impl Iterator<Item = &Binding> + use<'_> {
        self.table(Coll::Binding).find(&key("publish_id", &[publish_id])).filter_map(as_binding)
    }

    /// True when it holds nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.tables.iter().all(|table| table.len() == 0)
    }

    /// Takes changes back, last first.
    pub(crate) fn take_back(&mut self, changes: Vec<Change>) {
        for change in changes.into_iter().rev() {
            let table = &mut self.tables[change.coll as usize];
            table.remove(change.coll, &change.id);
            if let Some(row) = change.old {
                table.insert(change.coll, change.at, row);
                // The gateway itself may have gone and come again.
                self.next = self.next.max(change.at + 1);
            }
        }
    }

    /// Puts a row as it was loaded; `at` is its place in the order.
    pub(crate) fn restore(&mut self, coll: Coll, at: u64, row: Arc<Row>) {
        self.next = self.next.max(at + 1);
        self.tables[coll as usize].insert(coll, at, row);
    }
}

fn as_record(row: &Arc<Row>) -> Option<&Record> {
    match row.as_ref() {
        Row::Record(row) => Some(row),
        _ => None,
    }
}

fn as_api(row: &Arc<Row>) -> Option<&Api> {
    match row.as_ref() {
        Row::Api(row) => Some(row),
        _ => None,
    }
}

fn as_publication(row: &Arc<Row>) -> Option<&Publication> {
    match row.as_ref() {
        Row::Publication(row) => Some(row),
        _ => None,
    }
}

fn as_version(row: &Arc<Row>) -> Option<&Version> {
    match row.as_ref() {
        Row::Version(row) => Some(row),
        _ => None,
    }
}

fn as_binding(row: &Arc<Row>) -> Option<&Binding> {
    match row.as_ref() {
        Row::Binding(row) => Some(row),
        _ => None,
    }
}

/// One change of a transaction.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) coll: Coll,
    pub(crate) id: Box<str>,
    /// The place in the order, before and after.
    pub(crate) at: u64,
    pub(crate) old: Option<Arc<Row>>,
    pub(crate) new: Option<Arc<Row>>,
}

/// Changes to one gateway that happen together or not at all: what is not committed is taken back, also when the
/// handler panics.
pub(crate) struct Tx<'a> {
    gateway: &'a mut Gateway,
    changes: Vec<Change>,
}

impl std::ops::Deref for Tx<'_> {
    type Target = Gateway;

    fn deref(&self) -> &Gateway {
        self.gateway
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(gateway: &'a mut Gateway) -> Self {
        Self { gateway, changes: Vec::new() }
    }

    /// Inserts a row, or replaces the one of the same id in its place.
    pub(crate) fn put(&mut self, coll: Coll, row: Row) {
        let row = Arc::new(row);
        let table = &mut self.gateway.tables[coll as usize];
        let old = table.remove(coll, row.id());
        let at = old.as_ref().map_or(self.gateway.next, |(at, _)| *at);
        self.gateway.next = self.gateway.next.max(at + 1);
        table.insert(coll, at, Arc::clone(&row));
        let id = row.id().into();
        self.changes.push(Change { coll, id, at, old: old.map(|(_, row)| row), new: Some(row) });
    }

    /// Removes a row; false when there is none.
    pub(crate) fn remove(&mut self, coll: Coll, id: &str) -> bool {
        let Some((at, old)) = self.gateway.tables[coll as usize].remove(coll, id) else { return false };
        self.changes.push(Change { coll, id: id.into(), at, old: Some(old), new: None });
        true
    }

    /// Removes every row.
    pub(crate) fn clear(&mut self) {
        for coll in Coll::ALL {
            let ids: Vec<Box<str>> = self.gateway.table(coll).iter().map(|row| row.id().into()).collect();
            for id in ids {
                self.remove(coll, &id);
            }
        }
    }

    /// Accepts the changes and hands them out, for the disk.
    pub(crate) fn commit(mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        self.gateway.take_back(std::mem::take(&mut self.changes));
    }
}
