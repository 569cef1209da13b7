//! Durability: one writer thread that commits groups of writes, in their order.
//!
//! While one group is being synced the next one gathers, so many writers share the cost of a sync. A write that was
//! acknowledged is on disk; a process that dies loses nothing it acknowledged.

use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
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
}

struct Job {
    /// Per gateway, what changed.
    changes: Vec<(Key, Vec<Change>)>,
    done: oneshot::Sender<bool>,
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
        let gateways = load(&database).map_err(|reason| OpenError::Unreadable { path, reason })?;
        let (jobs, inbox) = channel();
        let spawned = std::thread::Builder::new()
            .name("engine-writer".to_owned())
            .spawn(move || run(&database, &inbox));
        let writer = spawned.map_err(|source| OpenError::Folder { path: dir.to_owned(), source })?;
        Ok((Self { jobs: Some(jobs), writer: Some(writer) }, gateways))
    }

    /// Hands changes to the writer. The order of the calls is the order on disk.
    pub(crate) fn write(&self, changes: Vec<(Key, Vec<Change>)>) -> Receipt {
        let (done, receipt) = oneshot::channel();
        if let Some(jobs) = &self.jobs {
            // When the writer is gone the receipt says so by itself.
            drop(jobs.send(Job { changes, done }));
        }
        Receipt(receipt)
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

fn run(database: &Database, inbox: &Receiver<Job>) {
    while let Ok(first) = inbox.recv() {
        let mut group = vec![first];
        while group.len() < GROUP_MAX {
            let Ok(job) = inbox.try_recv() else { break };
            group.push(job);
        }
        let stored = commit(database, &group);
        for job in group {
            // Whoever no longer waits does not need to know.
            job.done.send(stored.is_ok()).ok();
        }
        if stored.is_err() {
            // Memory is ahead of the disk now: nothing after this may be acknowledged.
            return;
        }
    }
}

fn commit(database: &Database, group: &[Job]) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut rows = transaction.open_table(ROWS)?;
        let all = group.iter().flat_map(|job| &job.changes);
        for ((project, gateway), changes) in all {
            for change in changes {
                let (coll, id) = (change.coll as usize, &change.id);
                let key = format!("{project}\u{1f}{gateway}\u{1f}{coll:02}\u{1f}{id}");
                match &change.new {
                    Some(row) => {
                        rows.insert(key.as_str(), encode(change.at, row).as_slice())?;
                    }
                    None => {
                        rows.remove(key.as_str())?;
                    }
                }
            }
        }
    }
    transaction.commit()?;
    Ok(())
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
