//! All gateways, and changes to several of them that happen together or not at all.
//!
//! A project keeps what belongs to no single gateway (certificates) on its [`shelf`]: a gateway without a name, which no
//! path can address. Its share of the shared gateway is one more gateway, of a fixed name.

use std::collections::BTreeMap;

use super::SHARED_GATEWAY;
use super::disk::Changes;
use super::store::{Gateway, Tx};

/// Project and gateway.
pub(crate) type Key = (String, String);

/// All gateways.
pub(crate) type Gateways = BTreeMap<Key, Gateway>;

/// Where a project keeps what belongs to no single gateway.
pub(crate) fn shelf(project_id: &str) -> Key {
    (project_id.to_owned(), String::new())
}

/// The dedicated gateways of a project: neither its shelf nor its share of the shared gateway.
pub(crate) fn of_project<'g>(gateways: &'g Gateways, project_id: &str) -> impl Iterator<Item = &'g Gateway> {
    let project_id = project_id.to_owned();
    let dedicated = |gateway: &&Gateway| !gateway.id.is_empty() && *gateway.id != *SHARED_GATEWAY;
    gateways.values().filter(move |gateway| *gateway.project_id == *project_id).filter(dedicated)
}

/// A transaction over all gateways: what is not committed is taken back.
pub(crate) struct Realm<'a> {
    gateways: &'a mut Gateways,
    done: Changes,
    made: Vec<Key>,
    gone: Vec<Key>,
}

impl std::ops::Deref for Realm<'_> {
    type Target = Gateways;

    fn deref(&self) -> &Gateways {
        self.gateways
    }
}

impl<'a> Realm<'a> {
    pub(crate) fn new(gateways: &'a mut Gateways) -> Self {
        Self { gateways, done: Vec::new(), made: Vec::new(), gone: Vec::new() }
    }

    /// Works on one gateway; none when there is no such gateway. An error takes back what this work did.
    pub(crate) fn on<T, E>(
        &mut self,
        key: &Key,
        work: impl FnOnce(&mut Tx) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let gateway = self.gateways.get_mut(key)?;
        let mut tx = Tx::new(gateway);
        Some(match work(&mut tx) {
            Ok(value) => {
                self.done.push((key.clone(), tx.commit()));
                Ok(value)
            }
            Err(error) => Err(error),
        })
    }

    /// Makes a gateway, or a shelf, unless it is there.
    pub(crate) fn make(&mut self, key: &Key) {
        if !self.gateways.contains_key(key) {
            self.gateways.insert(key.clone(), Gateway::new(&key.0, &key.1));
            self.made.push(key.clone());
        }
    }

    /// Removes a gateway with all it holds.
    pub(crate) fn discard(&mut self, key: &Key) {
        let cleared = self.on(key, |tx| {
            tx.clear();
            Ok::<(), std::convert::Infallible>(())
        });
        if cleared.is_some() {
            self.gone.push(key.clone());
        }
    }

    /// Accepts the changes and hands them out, for the disk.
    pub(crate) fn commit(mut self) -> Changes {
        self.made.clear();
        for key in std::mem::take(&mut self.gone) {
            self.gateways.remove(&key);
        }
        let mut done = std::mem::take(&mut self.done);
        done.retain(|(_, changes)| !changes.is_empty());
        done
    }
}

impl Drop for Realm<'_> {
    fn drop(&mut self) {
        for (key, changes) in std::mem::take(&mut self.done).into_iter().rev() {
            if let Some(gateway) = self.gateways.get_mut(&key) {
                gateway.take_back(changes);
            }
        }
        for key in std::mem::take(&mut self.made) {
            self.gateways.remove(&key);
        }
    }
}

/// Takes back changes that were accepted and could not be kept, the last first. A gateway they made goes with its last row.
pub(crate) fn take_back(gateways: &mut Gateways, failed: Vec<Changes>) {
    for (key, changes) in failed.into_iter().rev().flat_map(|one| one.into_iter().rev()) {
        let gateway = gateways.entry(key).or_insert_with_key(|key| Gateway::new(&key.0, &key.1));
        gateway.take_back(changes);
    }
    gateways.retain(|(_, id), gateway| id.is_empty() || !gateway.is_empty());
}
