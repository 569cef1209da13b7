//! What apigctl owns at a gateway: a small JSON document in a file beside the manifests, or in an object store.
//!
//! An entry is an address, the gateway's id, the fingerprint of what was applied, whether it is protected, a salted
//! fingerprint of its secret, and of what was rolled back the fingerprint of what is not published again; never a secret. Before an apply creates anything, the addresses it is about to create are
//! written down as `pending`, so that what was created by a process that was then killed is known as owned the next time.
//!
//! One ledger may serve several [scopes](Owner::scope) of one gateway: each owns its own resources, and knows those of the
//! others as foreign.
//!
//! Invariant: the document is replaced as a whole, so that it is never half written; and only the holder of the [`Lock`]
//! writes it ([`store`] says how, for files and objects).

pub mod lock;
#[cfg(not(feature = "object-store"))]
mod no_objects;
#[cfg(feature = "object-store")]
mod objects;
pub mod store;

#[cfg(not(feature = "object-store"))]
use no_objects as objects;
use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};

use crate::address::{Address, RemoteId};
use crate::diff::{Owned, Record};
use crate::kinds::spec::Digest;

pub use lock::{Holder, Lock};
pub use store::{Conditions, Location, ObjectsAt, Store};

/// The format of ledgers. Format 1 had no scopes; it is read as the scope [`DEFAULT_SCOPE`].
const FORMAT: u64 = 2;

/// The scope of a project that names none.
pub const DEFAULT_SCOPE: &str = "default";

/// What can go wrong with a ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be read or written.
    #[error("failed to {verb} the ledger {place}: {source}")]
    Io {
        /// Read, write or lock.
        verb: &'static str,
        /// The file.
        place: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The object store refused, or cannot be reached.
    #[error("failed to {verb} the ledger {place}: {message}")]
    Objects {
        /// Read, write or lock.
        verb: &'static str,
        /// Its URL.
        place: String,
        /// Why not; credentials starred out.
        message: String,
    },
    /// It is not a ledger of this version.
    #[error("the ledger {place} cannot be understood: {message}")]
    Broken {
        /// The file or URL.
        place: String,
        /// Why not.
        message: String,
    },
    /// Another process holds it.
    #[error("the ledger {place} is held by another run{}", held_by(holder.as_deref()))]
    Locked {
        /// The file or URL.
        place: String,
        /// Who, where that is known.
        holder: Option<Box<Holder>>,
    },
    /// Somebody else wrote it while this run held the lock: the lock was broken.
    #[error("the ledger {place} was written by another run in the meantime, so this run did not write it")]
    Moved {
        /// The URL.
        place: String,
    },
    /// The object store takes no notice of conditions, so that a lock there would not exclude anybody.
    #[error("the object store of {place} does not honour `If-None-Match`, so it cannot hold a lock")]
    NoConditions {
        /// The URL.
        place: String,
    },
}

fn held_by(holder: Option<&Holder>) -> String {
    holder.map(|holder| format!(": {holder}")).unwrap_or_default()
}

/// Who owns: at which gateway, in which scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// What identifies the gateway.
    pub target: String,
    /// The scope of the project.
    pub scope: String,
}

impl Owner {
    /// The owner of this scope at this gateway.
    #[must_use]
    pub fn new(target: &str, scope: &str) -> Self {
        Self { target: target.to_owned(), scope: scope.to_owned() }
    }
}

/// The document: what is owned at each gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ledger {
    format: u64,
    /// Random; salts the fingerprints of secrets.
    salt: String,
    #[serde(default)]
    targets: BTreeMap<String, Gateway>,
}

/// What is owned at one gateway, by scope.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Gateway {
    scopes: BTreeMap<String, Scope>,
}

/// What one scope owns at one gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scope {
    #[serde(default)]
    owned: BTreeMap<Address, Entry>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pending: BTreeSet<Address>,
}

/// One owned resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    id: RemoteId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hold: Option<String>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { format: FORMAT, salt: random_salt(), targets: BTreeMap::new() }
    }
}

impl Ledger {
    /// Reads the document.
    ///
    /// # Errors
    /// Why it is no ledger that this version understands.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let mut value: serde_json::Value = serde_json::from_slice(text).map_err(|e| e.to_string())?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(FORMAT) => {}
            Some(1) => scoped(&mut value),
            Some(other) => return Err(format!("it has the format {other}, this apigctl writes {FORMAT}")),
            None => return Err("it has no `format`".to_owned()),
        }
        serde_json::from_value(value).map_err(|e| e.to_string())
    }

    /// The document as text.
    ///
    /// # Errors
    /// Never, as far as is known: all keys are text.
    pub fn to_text(&self) -> std::io::Result<Vec<u8>> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }

    fn scope(&self, owner: &Owner) -> Option<&Scope> {
        self.targets.get(&owner.target)?.scopes.get(&owner.scope)
    }

    fn scope_mut(&mut self, owner: &Owner) -> &mut Scope {
        let gateway = self.targets.entry(owner.target.clone()).or_default();
        gateway.scopes.entry(owner.scope.clone()).or_default()
    }

    /// What is on record of an owner, as the diff wants it.
    #[must_use]
    pub fn record(&self, owner: &Owner) -> Record {
        let mut record = Record::default();
        for (name, scope) in self.targets.get(&owner.target).into_iter().flat_map(|gateway| &gateway.scopes) {
            if *name != owner.scope {
                let theirs = scope.owned.keys().chain(&scope.pending);
                record.foreign.extend(theirs.map(|address| (address.clone(), name.clone())));
            }
        }
        let Some(scope) = self.scope(owner) else { return record };
        record.owned.extend(scope.owned.iter().map(|(address, entry)| {
            let read = |text: &Option<String>| text.as_deref().and_then(Digest::from_hex);
            let (digest, hold) = (read(&entry.digest), read(&entry.hold));
            (address.clone(), Owned { id: entry.id.clone(), digest, protect: entry.protect, hold })
        }));
        record.pending.extend(scope.pending.iter().cloned());
        record
    }

    /// What is owned at each gateway: gateway, scope, and address with id and whether it is protected. For people.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str, &Address, &RemoteId, bool)> {
        self.targets.iter().flat_map(|(target, gateway)| {
            gateway.scopes.iter().flat_map(move |(name, scope)| {
                let entry = move |(address, entry)| {
                    let entry: &Entry = entry;
                    (target.as_str(), name.as_str(), address, &entry.id, entry.protect)
                };
                scope.owned.iter().map(entry)
            })
        })
    }

    /// The salted fingerprint of a secret.
    #[must_use]
    pub fn fingerprint(&self, secret: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.salt.as_bytes());
        let tag = hmac::sign(&key, secret);
        Digest::of(tag.as_ref()).to_hex()
    }

    /// The fingerprint of the secret that was sent the last time.
    #[must_use]
    pub fn secret(&self, owner: &Owner, address: &Address) -> Option<&str> {
        self.scope(owner)?.owned.get(address)?.secret.as_deref()
    }

    /// Puts a resource on record. Without a new fingerprint of its secret the old one stays.
    pub fn own(&mut self, owner: &Owner, address: &Address, owned: &Owned, secret: Option<String>) {
        let scope = self.scope_mut(owner);
        scope.pending.remove(address);
        let secret = secret.or_else(|| scope.owned.get(address).and_then(|e| e.secret.clone()));
        let Owned { id, digest, protect, hold } = owned;
        let entry = Entry {
            id: id.clone(),
            digest: digest.map(Digest::to_hex),
            secret,
            protect: *protect,
            hold: hold.map(Digest::to_hex),
        };
        scope.owned.insert(address.clone(), entry);
    }

    /// Takes a resource off the record.
    pub fn forget(&mut self, owner: &Owner, address: &Address) {
        let scope = self.scope_mut(owner);
        scope.owned.remove(address);
        scope.pending.remove(address);
    }

    /// A resource has another name now, and so have the addresses of what belongs to it.
    pub fn rename(&mut self, owner: &Owner, from: &Address, to: &Address) {
        let scope = self.scope_mut(owner);
        let moved = |address: Address| address.renamed(from, to).unwrap_or(address);
        scope.owned = std::mem::take(&mut scope.owned).into_iter().map(|(a, e)| (moved(a), e)).collect();
        scope.pending = std::mem::take(&mut scope.pending).into_iter().map(moved).collect();
    }

    /// Writes down what an apply is about to create.
    pub fn intend(&mut self, owner: &Owner, addresses: impl IntoIterator<Item = Address>) {
        self.scope_mut(owner).pending.extend(addresses);
    }

    /// An apply came to its end: nothing is under way any more, but it is not known of `unclear` whether it was created.
    pub fn settle(&mut self, owner: &Owner, unclear: &BTreeSet<Address>) {
        self.scope_mut(owner).pending.retain(|address| unclear.contains(address));
    }
}

/// A ledger of format 1: what it holds of a gateway is that of its one scope.
fn scoped(value: &mut serde_json::Value) {
    value["format"] = FORMAT.into();
    if let Some(targets) = value.get_mut("targets").and_then(serde_json::Value::as_object_mut) {
        for target in targets.values_mut() {
            let scope = target.take();
            *target = serde_json::json!({ "scopes": { DEFAULT_SCOPE: scope } });
        }
    }
}

/// A salt of 32 hexadecimal digits.
fn random_salt() -> String {
    let mut bytes = [0; 16];
    // Without randomness fingerprints are merely easier to guess at; they still tell a changed secret.
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) | Err(_) => Digest(bytes).to_hex(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;

    fn throttle(name: &str) -> Address {
        Address::new(Kind::Throttle, &[name])
    }

    fn owned(id: &str) -> Owned {
        Owned { id: id.into(), digest: Some(Digest::of(b"x")), protect: false, hold: None }
    }

    #[test]
    fn a_ledger_without_scopes_is_read_as_the_default_scope() {
        let text =
            br#"{"format": 1, "salt": "00", "targets": {"g": {"owned": {"Throttle/gold": {"id": "7"}}}}}"#;
        let ledger = Ledger::parse(text).unwrap();
        let record = ledger.record(&Owner::new("g", DEFAULT_SCOPE));
        assert_eq!(record.owned[&throttle("gold")].id.as_str(), "7");
        let written = ledger.to_text().unwrap();
        assert_eq!(Ledger::parse(&written).unwrap(), ledger);
    }

    #[test]
    fn other_formats_are_refused() {
        assert!(Ledger::parse(b"{\"format\": 3}").unwrap_err().contains("format 3"));
        assert!(Ledger::parse(b"{}").unwrap_err().contains("no `format`"));
        assert!(Ledger::parse(b"{\"format\": 2, \"salt\"").is_err());
    }

    #[test]
    fn scopes_know_what_the_others_own() {
        let (a, b) = (Owner::new("g", "a"), Owner::new("g", "b"));
        let mut ledger = Ledger::default();
        ledger.own(&a, &throttle("gold"), &owned("1"), None);
        ledger.intend(&b, [throttle("silver")]);
        ledger.own(&Owner::new("h", "b"), &throttle("elsewhere"), &owned("2"), None);
        let record = ledger.record(&a);
        assert_eq!(record.owned.keys().collect::<Vec<_>>(), [&throttle("gold")]);
        assert_eq!(record.foreign, BTreeMap::from([(throttle("silver"), "b".to_owned())]));
        assert_eq!(ledger.record(&b).foreign, BTreeMap::from([(throttle("gold"), "a".to_owned())]));
    }

    #[test]
    fn a_rename_takes_along_what_belongs_to_it() {
        let owner = Owner::new("g", DEFAULT_SCOPE);
        let mut ledger = Ledger::default();
        let exception = Address::new(Kind::ThrottleException, &["gold", "app", "gold"]);
        ledger.own(&owner, &throttle("gold"), &owned("1"), Some("s".into()));
        ledger.own(&owner, &exception, &owned("2"), None);
        ledger.rename(&owner, &throttle("gold"), &throttle("premium"));
        let names: Vec<String> = ledger.record(&owner).owned.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["Throttle/premium", "ThrottleException/premium/app/gold"]);
        assert_eq!(ledger.secret(&owner, &throttle("premium")), Some("s"));
    }
}
