//! What was seen of a gateway under which change mark, so that it need not be read again. A hint only: it may be thrown away
//! at any time, and a few entries are verified at every use.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use crate::kinds::spec::Digest;

/// The first line of a cache file; another version is thrown away.
const HEADER: &str = concat!("apigctl cache 1 ", env!("CARGO_PKG_VERSION"));

/// One thing seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The change mark under which it was seen.
    pub mark: String,
    /// The fingerprint of what was seen.
    pub digest: Digest,
    /// What else the provider wants to know; no tabs or newlines.
    pub detail: String,
}

/// Things seen, by a key that the provider chooses.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    entries: HashMap<String, Seen>,
    changed: bool,
    off: bool,
}

impl Cache {
    /// A cache that remembers nothing.
    #[must_use]
    pub fn off() -> Self {
        Self { off: true, ..Self::default() }
    }

    /// Reads a cache file; whatever is wrong with it, the result is an empty cache.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let mut cache = Self::default();
        let Ok(text) = std::fs::read_to_string(path) else { return cache };
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return cache;
        }
        for line in lines {
            let mut parts = line.split('\t');
            if let (Some(key), Some(mark), Some(digest), Some(detail)) =
                (parts.next(), parts.next(), parts.next().and_then(Digest::from_hex), parts.next())
            {
                cache.entries.insert(key.into(), Seen { mark: mark.into(), digest, detail: detail.into() });
            }
        }
        cache
    }

    /// Writes the cache where it changed, whole or not at all.
    ///
    /// # Errors
    /// When the file cannot be written; nothing depends on it.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        if self.off || !self.changed {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let beside = path.with_extension("new");
        let mut file = std::io::BufWriter::new(std::fs::File::create(&beside)?);
        writeln!(file, "{HEADER}")?;
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(key, _)| *key);
        for (key, seen) in entries {
            writeln!(file, "{key}\t{}\t{}\t{}", seen.mark, seen.digest.to_hex(), seen.detail)?;
        }
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_data()?;
        std::fs::rename(beside, path)
    }

    /// What was seen under `key`, if the change mark is still the same.
    #[must_use]
    pub fn get(&self, key: &str, mark: &str) -> Option<&Seen> {
        self.entries.get(key).filter(|seen| seen.mark == mark)
    }

    /// Remembers.
    pub fn put(&mut self, key: String, seen: Seen) {
        if self.off || seen.mark.contains(['\t', '\n']) || seen.detail.contains(['\t', '\n']) {
            return;
        }
        if self.entries.get(&key) != Some(&seen) {
            self.entries.insert(key, seen);
            self.changed = true;
        }
    }

    /// Keeps only entries that `keep` wants.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        let before = self.entries.len();
        self.entries.retain(|key, _| keep(key));
        self.changed |= self.entries.len() != before;
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.changed |= !self.entries.is_empty();
        self.entries.clear();
    }

    /// How many things are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
