//! Where a ledger is kept: a file, or an object. Reads, writes and locks are blocking; a ledger is small and rarely written.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::lock::{Held, Holder, Lock};
use super::objects::Objects;
use super::{Ledger, LedgerError};

/// Where a ledger is kept.
#[derive(Debug, Clone)]
pub enum Location {
    /// In a file.
    File(PathBuf),
    /// In an object store.
    Objects(Box<ObjectsAt>),
}

/// Where an object is, and how to get at it. What is absent comes from the usual environment variables of the store
/// (`AWS_…`, `AZURE_…`, `GOOGLE_…`).
#[derive(Clone, Default)]
pub struct ObjectsAt {
    /// `s3://bucket/key`, `az://container/key` or `gs://bucket/key`.
    pub url: String,
    /// Scheme and host of the store's API.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Whether the bucket is part of the host name instead of the path.
    pub virtual_hosted: bool,
    /// How a lock is made where there is none.
    pub conditions: Conditions,
    /// The storage account (Azure).
    pub account: Option<String>,
    /// Credentials by the name that the store gives them.
    pub credentials: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for ObjectsAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectsAt")
            .field("url", &self.url)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// How an object store excludes that two runs write at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Conditions {
    /// `If-None-Match: *` makes the lock, `If-Match` updates the ledger: S3, Azure, Google Cloud, MinIO, R2.
    #[default]
    Etag,
    /// `x-oss-forbid-overwrite` makes the lock: Alibaba Cloud OSS, which refuses the standard headers.
    ForbidOverwrite,
    /// The store has no conditions: the lock is written, and read back. Two runs that start at the same moment may both
    /// believe that they hold it.
    None,
}

/// A ledger's file or object.
#[derive(Debug)]
pub struct Store {
    place: Place,
}

#[derive(Debug)]
enum Place {
    File(PathBuf),
    Objects(Objects),
}

/// How often a lock is asked for again while waiting for it.
const ASK_AGAIN: Duration = Duration::from_millis(250);

impl Store {
    /// Opens a place; nothing is read yet.
    ///
    /// # Errors
    /// When the address of an object makes no sense, or its client cannot be set up.
    pub fn open(location: &Location) -> Result<Self, LedgerError> {
        let place = match location {
            Location::File(path) => Place::File(path.clone()),
            Location::Objects(at) => Place::Objects(Objects::open(at)?),
        };
        Ok(Self { place })
    }

    /// The file or URL.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.place {
            Place::File(path) => path.display().to_string(),
            Place::Objects(objects) => objects.name().to_owned(),
        }
    }

    /// Reads the ledger; where there is none, it is empty.
    ///
    /// # Errors
    /// When it cannot be read, or is no ledger of this version.
    pub fn read(&self) -> Result<Ledger, LedgerError> {
        let text = match &self.place {
            Place::File(path) => match std::fs::read(path) {
                Ok(text) => Some(text),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
                Err(source) => return Err(LedgerError::Io { verb: "read", place: self.name(), source }),
            },
            Place::Objects(objects) => objects.read()?,
        };
        let broken = |message| LedgerError::Broken { place: self.name(), message };
        text.map_or_else(|| Ok(Ledger::default()), |text| Ledger::parse(&text).map_err(broken))
    }

    /// Writes the ledger in one piece.
    ///
    /// # Errors
    /// When it cannot be written, or somebody else has written it since it was read.
    pub fn write(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let io = |source| LedgerError::Io { verb: "write", place: self.name(), source };
        let text = ledger.to_text().map_err(io)?;
        match &self.place {
            Place::File(path) => replace(path, &text).map_err(io),
            Place::Objects(objects) => objects.write(text),
        }
    }

    /// Takes the right to write the ledger, for `command`. While another has it, asks again until `wait` is over; `waiting`
    /// is told once who has it.
    ///
    /// # Errors
    /// When another has it, or it cannot be asked for.
    pub fn lock(
        &self,
        command: &str,
        wait: Duration,
        waiting: &mut dyn FnMut(Option<&Holder>),
    ) -> Result<Lock, LedgerError> {
        let begun = Instant::now();
        let mut told = false;
        loop {
            let holder = match self.try_lock(command)? {
                Ok(lock) => return Ok(lock),
                Err(holder) => holder,
            };
            let left = wait.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(LedgerError::Locked { place: self.name(), holder: holder.map(Box::new) });
            }
            if !told {
                waiting(holder.as_ref());
                told = true;
            }
            std::thread::sleep(left.min(ASK_AGAIN));
        }
    }

    fn try_lock(&self, command: &str) -> Result<Result<Lock, Option<Holder>>, LedgerError> {
        let holder = Holder::this_process(command);
        match &self.place {
            Place::File(path) => {
                let io = |source| LedgerError::Io { verb: "lock", place: self.name(), source };
                let mut file = lock_file(path).map_err(io)?;
                match file.try_lock() {
                    Ok(()) => {
                        let text = serde_json::to_vec(&holder).map_err(|e| io(e.into()))?;
                        file.set_len(0).and_then(|()| file.write_all(&text)).map_err(io)?;
                        Ok(Ok(Lock::new(Held::File(file))))
                    }
                    Err(std::fs::TryLockError::WouldBlock) => Ok(Err(said(&mut file))),
                    Err(std::fs::TryLockError::Error(source)) => Err(io(source)),
                }
            }
            Place::Objects(objects) => Ok(match objects.acquire(&holder)? {
                None => Ok(Lock::new(Held::Object(Box::new(objects.clone()), holder))),
                Some(other) => Err(Some(other)),
            }),
        }
    }

    /// Who has the right to write it now.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn holder(&self) -> Result<Option<Holder>, LedgerError> {
        match &self.place {
            Place::File(_) => match self.try_lock("look")? {
                Ok(_) => Ok(None),
                Err(holder) => Ok(Some(holder.unwrap_or_else(|| Holder {
                    who: "someone".to_owned(),
                    pid: 0,
                    ..Holder::this_process("an unknown command")
                }))),
            },
            Place::Objects(objects) => objects.holder(),
        }
    }

    /// Takes the right from whoever has it. The operating system's lock on a file goes with its process, and cannot be
    /// taken: then this is false.
    ///
    /// # Errors
    /// When the object store refuses.
    pub fn unlock(&self, holder: &Holder) -> Result<bool, LedgerError> {
        match &self.place {
            Place::File(_) => Ok(false),
            Place::Objects(objects) => objects.release(holder).map(|()| true),
        }
    }
}

fn lock_file(ledger: &Path) -> std::io::Result<File> {
    let path = ledger.with_extension("lock");
    std::fs::create_dir_all(folder(&path))?;
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
}

/// Who the lock file says has it.
fn said(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut text)).ok()?;
    serde_json::from_str(&text).ok()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Written beside and renamed: whoever is killed in between leaves the old one. The folder is synchronised too, so that
/// the new name survives a loss of power.
fn replace(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let folder = folder(path);
    std::fs::create_dir_all(folder)?;
    let beside = path.with_extension("json.new");
    let mut file = File::create(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &tempfile::TempDir) -> Store {
        Store::open(&Location::File(folder.path().join("deep/ledger.json"))).unwrap()
    }

    #[test]
    fn a_killed_write_leaves_the_old_ledger() {
        let folder = tempfile::tempdir().unwrap();
        let store = file(&folder);
        let ledger = Ledger::default();
        store.write(&ledger).unwrap();
        // What a process leaves that is killed while it writes.
        std::fs::write(folder.path().join("deep/ledger.json.new"), "{\"format\": 2, \"sa").unwrap();
        assert_eq!(store.read().unwrap(), ledger);
        store.write(&ledger).unwrap();
        assert!(!folder.path().join("deep/ledger.json.new").exists());
    }

    #[test]
    fn the_second_is_told_who_has_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let store = file(&folder);
        let first = store.lock("apply to staging", Duration::ZERO, &mut |_| {}).unwrap();
        let error = file(&folder).lock("destroy", Duration::ZERO, &mut |_| {}).unwrap_err().to_string();
        assert!(error.contains(&format!("(process {}), apply to staging", std::process::id())), "{error}");
        let held = store.holder().unwrap().unwrap();
        assert!(!store.unlock(&held).unwrap(), "the lock of a process that lives is not taken");
        drop(first);
        assert_eq!(store.holder().unwrap(), None);
        drop(file(&folder).lock("destroy", Duration::ZERO, &mut |_| {}).unwrap());
    }

    #[test]
    fn the_second_waits_until_the_first_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let first = file(&folder).lock("apply", Duration::ZERO, &mut |_| {}).unwrap();
        let mut first = Some(first);
        let mut told = 0;
        let second = file(&folder).lock("apply", Duration::from_secs(3600), &mut |holder| {
            assert_eq!(holder.map(|h| h.pid), Some(std::process::id()));
            told += 1;
            first = None;
        });
        assert!(second.is_ok());
        assert_eq!(told, 1);
    }
}
