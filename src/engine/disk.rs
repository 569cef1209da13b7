//! Durability: one writer thread that commits groups of writes, in their order.
//!
//! While one group is being synced the next one gathers, so many writers share the cost of a sync. A write that was
//! acknowledged is on disk; a process that dies loses nothing it acknowledged. A write that fails, because the disk is full
//! for example, is taken back in memory, too ([`Disk::heal`]); when there is room again, writing goes on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{JoinHandle, Thread};

use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};
use tokio::sync::oneshot;

use super::model::{Coll, Row};
use super::realm::{Gateways, Key};
use super::store::{Change, Gateway};

const ROWS: TableDefinition<&str, &[u8]> = TableDefinition::new("rows");
const FILE: &str = "engine.redb";
/// The most writes in one commit.
const GROUP_MAX: usize = 1024;

/// Why a folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("failed to open {path}: another process is using it")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The folder cannot be made.
    #[error("failed to create {path}: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Nothing can be written.
    #[error("failed to write to {path}: {reason}")]
    Unwritable {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file is damaged or cannot be read.
    #[error("failed to read {path}: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// The file and its writer.
#[derive(Debug)]
pub(crate) struct Disk {
    jobs: Option<Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    trouble: Arc<Trouble>,
}

/// What one request changed, per gateway.
pub(crate) type Changes = Vec<(Key, Vec<Change>)>;

enum Job {
    Write {
        changes: Changes,
        done: oneshot::Sender<bool>,
    },
    /// Hands back what could not be written.
    Heal(Sender<Vec<Changes>>),
}

/// Why writes fail at the moment.
#[derive(Debug, Default)]
struct Trouble {
    /// Memory is ahead of the disk.
    ahead: AtomicBool,
    reason: Mutex<String>,
}

/// The promise that a write becomes durable.
#[derive(Debug)]
pub struct Receipt(oneshot::Receiver<bool>);

impl Receipt {
    /// Waits, on this thread; true when the write is on disk. May be called inside an async runtime.
    pub fn wait(self) -> bool {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(self);
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(stored) => return stored,
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

impl Future for Receipt {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        Pin::new(&mut self.0).poll(context).map(|stored| stored.unwrap_or(false))
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Disk {
    /// Opens a folder and reads what is in it.
    pub(crate) fn open(dir: &Path) -> Result<(Self, Gateways), OpenError> {
        std::fs::create_dir_all(dir).map_err(|source| OpenError::Folder { path: dir.to_owned(), source })?;
        let path = dir.join(FILE);
        let database = Database::create(&path).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::InUse { path: path.clone() },
            other => OpenError::Unreadable { path: path.clone(), reason: other.to_string() },
        })?;
        let gateways =
            load(&database).map_err(|reason| OpenError::Unreadable { path: path.clone(), reason })?;
        let (jobs, inbox) = channel();
        let trouble = Arc::new(Trouble::default());
        let file = File { path, database: Some(database), undo: BTreeMap::new() };
        let writer = Writer { file, failed: Vec::new(), trouble: Arc::clone(&trouble) };
        let spawned =
            std::thread::Builder::new().name("engine-writer".to_owned()).spawn(move || writer.run(&inbox));
        let writer = spawned.map_err(|source| OpenError::Folder { path: dir.to_owned(), source })?;
        Ok((Self { jobs: Some(jobs), writer: Some(writer), trouble }, gateways))
    }

    /// Hands changes to the writer. The order of the calls is the order on disk.
    pub(crate) fn write(&self, changes: Changes) -> Receipt {
        let (done, receipt) = oneshot::channel();
        if let Some(jobs) = &self.jobs {
            // When the writer is gone the receipt says so by itself.
            drop(jobs.send(Job::Write { changes, done }));
        }
        Receipt(receipt)
    }

    /// True when memory holds what could not be written: it has to be taken back before anybody sees it.
    pub(crate) fn is_behind(&self) -> bool {
        self.trouble.ahead.load(Ordering::Acquire)
    }

    /// What has to be taken back, oldest first; after that, writes are tried again. The caller keeps others from writing.
    pub(crate) fn heal(&self) -> Vec<Changes> {
        let (reply, answer) = channel();
        if let Some(jobs) = &self.jobs {
            drop(jobs.send(Job::Heal(reply)));
        }
        answer.recv().unwrap_or_default()
    }

    /// Why the last write failed.
    pub(crate) fn reason(&self) -> String {
        self.trouble.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

/// The writing thread.
struct Writer {
    file: File,
    /// What was not written since the trouble began.
    failed: Vec<Changes>,
    trouble: Arc<Trouble>,
}

impl Writer {
    fn run(mut self, inbox: &Receiver<Job>) {
        while let Ok(first) = inbox.recv() {
            let mut group = Vec::new();
            let mut next = Some(first);
            while let Some(job) = next.take() {
                match job {
                    Job::Write { changes, done } => group.push((changes, done)),
                    Job::Heal(reply) => {
                        self.store(std::mem::take(&mut group));
                        self.heal(&reply);
                    }
                }
                if group.len() < GROUP_MAX {
                    next = inbox.try_recv().ok();
                }
            }
            self.store(group);
        }
    }

    fn store(&mut self, group: Vec<(Changes, oneshot::Sender<bool>)>) {
        if group.is_empty() {
            return;
        }
        let (changes, waiting): (Vec<Changes>, Vec<oneshot::Sender<bool>>) = group.into_iter().unzip();
        // What comes after a failure builds on what is not on disk: it fails, too, until that was taken back.
        let stored = self.failed.is_empty() && self.commit(&changes);
        if !stored {
            self.failed.extend(changes);
        }
        for done in waiting {
            // Whoever no longer waits does not need to know.
            done.send(stored).ok();
        }
    }

    fn commit(&mut self, group: &[Changes]) -> bool {
        let Err(reason) = self.file.commit(group) else { return true };
        *self.trouble.reason.lock().unwrap_or_else(PoisonError::into_inner) = reason;
        self.trouble.ahead.store(true, Ordering::Release);
        false
    }

    fn heal(&mut self, reply: &Sender<Vec<Changes>>) {
        let failed = std::mem::take(&mut self.failed);
        self.file.forget(&failed);
        self.trouble.ahead.store(false, Ordering::Release);
        drop(reply.send(failed));
    }
}

/// The database, and what has to be put right in it.
struct File {
    path: PathBuf,
    /// None after a failure: it has to be opened again.
    database: Option<Database>,
    /// Rows as they were before writes that failed. Such a write may have reached the disk all the same, so the next one
    /// puts them back.
    undo: BTreeMap<String, Option<Vec<u8>>>,
}

impl File {
    fn commit(&mut self, group: &[Changes]) -> Result<(), String> {
        let database = match self.database.take() {
            Some(database) => database,
            None => Database::create(&self.path).map_err(|error| error.to_string())?,
        };
        // On failure the database is dropped: it takes no more writes.
        write(&database, &self.undo, group).map_err(|error| error.to_string())?;
        self.database = Some(database);
        self.undo.clear();
        Ok(())
    }

    fn forget(&mut self, failed: &[Changes]) {
        for ((project, gateway), changes) in failed.iter().flatten() {
            for change in changes {
                let key = row_key((project, gateway), change.coll, &change.id);
                let before = change.old.as_ref().map(|row| encode(change.at, row));
                self.undo.entry(key).or_insert(before);
            }
        }
    }
}

fn write(
    database: &Database,
    undo: &BTreeMap<String, Option<Vec<u8>>>,
    group: &[Changes],
) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut rows = transaction.open_table(ROWS)?;
        for (key, row) in undo {
            match row {
                Some(row) => rows.insert(key.as_str(), row.as_slice())?,
                None => rows.remove(key.as_str())?,
            };
        }
        for ((project, gateway), changes) in group.iter().flatten() {
            for change in changes {
                let key = row_key((project, gateway), change.coll, &change.id);
                match &change.new {
                    Some(row) => rows.insert(key.as_str(), encode(change.at, row).as_slice())?,
                    None => rows.remove(key.as_str())?,
                };
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

/// The key of a row: project, gateway, number of the collection, id.
fn row_key((project, gateway): (&str, &str), coll: Coll, id: &str) -> String {
    format!("{project}\u{1f}{gateway}\u{1f}{:02}\u{1f}{id}", coll as usize)
}

/// Every row, as it is stored.
pub(crate) fn rows(gateways: &Gateways) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for ((project, id), gateway) in gateways {
        for coll in Coll::ALL {
            let places = gateway.table(coll).places();
            out.extend(places.map(|(at, row)| (row_key((project, id), coll, row.id()), encode(at, row))));
        }
    }
    out
}

fn encode(at: u64, row: &Row) -> Vec<u8> {
    let mut out = at.to_be_bytes().to_vec();
    if serde_json::to_writer(&mut out, row).is_err() {
        // Rows are plain data: this cannot be, and an empty row would be noticed when reading.
        out.truncate(8);
    }
    out
}

fn load(database: &Database) -> Result<Gateways, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let mut gateways = Gateways::new();
    let transaction = database.begin_read().map_err(|e| text(&e))?;
    let rows = match transaction.open_table(ROWS) {
        Ok(rows) => rows,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(gateways),
        Err(error) => return Err(text(&error)),
    };
    for entry in rows.iter().map_err(|e| text(&e))? {
        let (key, value) = entry.map_err(|e| text(&e))?;
        restore(&mut gateways, key.value(), value.value())?;
    }
    Ok(gateways)
}

fn restore(gateways: &mut Gateways, key: &str, value: &[u8]) -> Result<(), String> {
    let damaged = || format!("row {} is damaged", key.replace('\u{1f}', "/"));
    let mut parts = key.splitn(4, '\u{1f}');
    let (Some(project), Some(id), Some(coll)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(damaged());
    };
    let coll = coll.parse::<usize>().ok().and_then(|number| Coll::ALL.get(number)).ok_or_else(damaged)?;
    let (at, row) = value.split_first_chunk::<8>().ok_or_else(damaged)?;
    let mut row: Row = serde_json::from_slice(row).map_err(|_| damaged())?;
    let entry = gateways.entry((project.to_owned(), id.to_owned()));
    let gateway = entry.or_insert_with(|| Gateway::new(project, id));
    share(gateway, &mut row);
    gateway.restore(*coll, u64::from_be_bytes(*at), Arc::new(row));
    Ok(())
}

/// A version made from the draft shares its definition, as it did before it was stored.
fn share(gateway: &Gateway, row: &mut Row) {
    let Row::Version(version) = row else { return };
    let draft = gateway.api(&version.api_id).map(|api| &api.definition);
    let versions = gateway.versions_by("api_id", &[&version.api_id]).map(|other| &other.definition);
    let same = draft.into_iter().chain(versions).find(|other| ***other == *version.definition).cloned();
    if let Some(same) = same {
        version.definition = same;
    }
}
