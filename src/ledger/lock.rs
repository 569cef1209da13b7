//! The right to write a ledger: who holds it, and how it is given back.
//!
//! For a file it is the operating system's lock on a file beside it, which goes with its process and so is never stale. For
//! an object it is another object, made only where there is none; whoever is killed leaves it behind, so it says who made it.

use std::fmt;
use std::fs::File;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::objects::Objects;
use crate::kinds::spec::Digest;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// Random: tells this lock from all others.
    pub token: String,
    /// `user@host`.
    pub who: String,
    /// The process there.
    pub pid: u32,
    /// Since when, in UTC.
    pub since: String,
    /// What it does, such as `apply to production`.
    pub command: String,
}

impl Holder {
    /// This process.
    #[must_use]
    pub fn this_process(command: &str) -> Self {
        let mut token = [0; 16];
        // The process and the time are in it, too: without randomness it still differs from others.
        if aws_lc_rs::rand::fill(&mut token).is_err() {
            token = Digest::of(format!("{} {}", std::process::id(), now()).as_bytes()).0;
        }
        Self {
            token: Digest(token).to_hex(),
            who: format!("{}@{}", user(), host()),
            pid: std::process::id(),
            since: now(),
            command: command.to_owned(),
        }
    }

    /// How long ago it was taken, where the clocks agree that it was.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        let since: jiff::Timestamp = self.since.parse().ok()?;
        jiff::Timestamp::now().duration_since(since).try_into().ok()
    }

    /// Whether the process is known to be gone: it ran on this machine, and there is none of its number any more.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let processes = std::path::Path::new("/proc");
        let here = self.who.rsplit('@').next() == Some(&*host());
        here && processes.join("self").exists() && !processes.join(self.pid.to_string()).exists()
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (process {}), {}, since {}", self.who, self.pid, self.command, self.since)?;
        if let Some(age) = self.age() {
            let (number, unit) = match age.as_secs() {
                s @ 0..120 => (s, "second"),
                s @ 120..7200 => (s / 60, "minute"),
                s => (s / 3600, "hour"),
            };
            write!(f, ", {number} {unit}{} ago", if number == 1 { "" } else { "s" })?;
        }
        if self.is_gone() {
            f.write_str("; that process is gone")?;
        }
        Ok(())
    }
}

fn now() -> String {
    // Not rounded up: nobody has held a lock since the future.
    let whole = jiff::TimestampRound::new().smallest(jiff::Unit::Second).mode(jiff::RoundMode::Trunc);
    let now = jiff::Timestamp::now();
    now.round(whole).unwrap_or(now).to_string()
}

fn user() -> String {
    let named = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.filter(|name| !name.is_empty()).unwrap_or_else(|| "someone".to_owned())
}

fn host() -> String {
    let kernel = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let host = kernel().or(named).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    host.unwrap_or_else(|| "this machine".to_owned())
}

/// Holds the right to write a ledger until dropped.
#[derive(Debug)]
pub struct Lock {
    held: Held,
}

#[derive(Debug)]
pub(super) enum Held {
    /// The operating system's lock; the file says who has it.
    File(File),
    /// The object, and what stands in it.
    Object(Box<Objects>, Holder),
}

impl Lock {
    pub(super) fn new(held: Held) -> Self {
        Self { held }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        match &self.held {
            // Nobody has it any more. If this cannot be written, whoever asks is told of a process that is gone.
            Held::File(file) => drop(file.set_len(0)),
            // If it cannot be removed, it says whose it was, and `ledger unlock` removes it.
            Held::Object(objects, holder) => drop(objects.release(holder)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_says_who_what_and_when() {
        let holder = Holder::this_process("apply to staging");
        let text = holder.to_string();
        assert!(
            text.contains(&format!("(process {}), apply to staging, since ", std::process::id())),
            "{text}"
        );
        assert!(text.contains(" ago") && !text.contains("gone"), "{text}");
        let back: Holder = serde_json::from_str(&serde_json::to_string(&holder).unwrap()).unwrap();
        assert_eq!(back, holder);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_holder_whose_process_is_gone_is_said_to_be() {
        // Above the highest number that the kernel gives to a process.
        let gone = Holder { pid: 5_000_000, ..Holder::this_process("apply to staging") };
        assert!(gone.to_string().ends_with("that process is gone"));
        let elsewhere = Holder { who: "someone@elsewhere.example".into(), ..gone };
        assert!(!elsewhere.is_gone());
    }
}
