//! What apigctl owns at a gateway: a small JSON file beside the manifests.
//!
//! An entry is an address, the gateway's id, the fingerprint of what was applied, and salted fingerprints of secrets;
//! never a secret. Before an apply creates anything, the addresses it is about to create are written down as `pending`, so
//! that what was created by a process that was then killed is known as owned the next time.
//!
//! Invariant: the file is replaced as a whole (written beside, then renamed), so that it is never half written; and only
//! the holder of the [`Lock`] writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};

use crate::address::{Address, RemoteId};
use crate::diff::{Owned, Record};
use crate::kinds::spec::Digest;

/// The format of ledgers.
const FORMAT: u32 = 1;

/// What can go wrong with a ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be read or written.
    #[error("failed to {verb} the ledger {path}: {source}")]
    Io {
        /// Read or write.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is not a ledger of this version.
    #[error("the ledger {path} cannot be understood: {message}")]
    Broken {
        /// The file.
        path: PathBuf,
        /// Why not.
        message: String,
    },
    /// Another process is applying.
    #[error("another apply is running: it holds {path}")]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
}

/// One file: what is owned at each target.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ledger {
    format: u32,
    /// Random; salts the fingerprints of secrets.
    salt: String,
    #[serde(default)]
    targets: BTreeMap<String, Scope>,
}

/// What is owned at one target.
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
}

/// Holds the right to write a ledger until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Ledger {
    /// Reads the ledger; a missing file is an empty ledger.
    ///
    /// # Errors
    /// When the file cannot be read, or is no ledger of this version.
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { format: FORMAT, salt: random_salt(), targets: BTreeMap::new() });
            }
            Err(source) => return Err(LedgerError::Io { verb: "read", path: path.into(), source }),
        };
        let broken = |message: String| LedgerError::Broken { path: path.into(), message };
        let ledger: Self = serde_json::from_str(&text).map_err(|e| broken(e.to_string()))?;
        if ledger.format != FORMAT {
            return Err(broken(format!("it has the format {}, this apigctl writes {FORMAT}", ledger.format)));
        }
        Ok(ledger)
    }

    /// Writes the ledger in one piece.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), LedgerError> {
        let io = |source| LedgerError::Io { verb: "write", path: path.into(), source };
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(io)?;
        let beside = path.with_extension("json.new");
        let mut file = File::create(&beside).map_err(io)?;
        let text = serde_json::to_vec_pretty(self).map_err(|e| io(e.into()))?;
        file.write_all(&text)
            .and_then(|()| file.write_all(b"\n"))
            .and_then(|()| file.sync_data())
            .map_err(io)?;
        std::fs::rename(&beside, path).map_err(io)
    }

    /// Takes the right to write the ledger at `path`.
    ///
    /// # Errors
    /// When another process has it, or the lock file cannot be made.
    pub fn lock(path: &Path) -> Result<Lock, LedgerError> {
        let path = path.with_extension("lock");
        let io = |source| LedgerError::Io { verb: "lock", path: path.clone(), source };
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(LedgerError::Locked { path }),
            Err(std::fs::TryLockError::Error(source)) => Err(io(source)),
        }
    }

    /// What is on record of a target, as the diff wants it.
    #[must_use]
    pub fn record(&self, target: &str) -> Record {
        let Some(scope) = self.targets.get(target) else { return Record::default() };
        let owned = scope.owned.iter().map(|(address, entry)| {
            let digest = entry.digest.as_deref().and_then(Digest::from_hex);
            (address.clone(), Owned { id: entry.id.clone(), digest })
        });
        Record { owned: owned.collect(), pending: scope.pending.iter().cloned().collect() }
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
    pub fn secret(&self, target: &str, address: &Address) -> Option<&str> {
        self.targets.get(target)?.owned.get(address)?.secret.as_deref()
    }

    /// Puts a resource on record.
    pub fn own(
        &mut self,
        target: &str,
        address: &Address,
        id: &RemoteId,
        digest: Option<Digest>,
        secret: Option<String>,
    ) {
        let scope = self.targets.entry(target.to_owned()).or_default();
        scope.pending.remove(address);
        let secret = secret.or_else(|| scope.owned.get(address).and_then(|e| e.secret.clone()));
        scope
            .owned
            .insert(address.clone(), Entry { id: id.clone(), digest: digest.map(Digest::to_hex), secret });
    }

    /// Takes a resource off the record.
    pub fn forget(&mut self, target: &str, address: &Address) {
        if let Some(scope) = self.targets.get_mut(target) {
            scope.owned.remove(address);
            scope.pending.remove(address);
        }
    }

    /// Writes down what an apply is about to create.
    pub fn intend(&mut self, target: &str, addresses: impl IntoIterator<Item = Address>) {
        self.targets.entry(target.to_owned()).or_default().pending.extend(addresses);
    }

    /// An apply came to its end: nothing is under way any more, but it is not known of `unclear` whether it was created.
    pub fn settle(&mut self, target: &str, unclear: &BTreeSet<Address>) {
        if let Some(scope) = self.targets.get_mut(target) {
            scope.pending.retain(|address| unclear.contains(address));
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
