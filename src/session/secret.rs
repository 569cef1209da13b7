//! Secrets, read from where a manifest or the project file says. No message holds any of one.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use crate::apply::SecretReader;
use crate::kinds::value::Secret;

/// How long a command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// A reader that asks each source once: a plan, its rehearsal and its apply see the same secret, and a command that asks its
/// user for a password does so once.
pub(super) fn reader(root: PathBuf) -> SecretReader {
    let known: Mutex<HashMap<Secret, Result<String, String>>> = Mutex::default();
    Arc::new(move |source| {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(source.clone()).or_insert_with(|| read(&root, source)).clone()
    })
}

/// Reads a secret from its source.
pub(super) fn read(root: &Path, source: &Secret) -> Result<String, String> {
    let text = match source {
        Secret::FromEnv(name) => {
            std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"))?
        }
        Secret::FromFile(path) => {
            let path = root.join(path);
            let text =
                std::fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
            without_newline(text)
        }
        Secret::FromCommand(words) => without_newline(printed(root, words, COMMAND_TIMEOUT)?),
    };
    if text.is_empty() { Err(format!("the {source} is empty")) } else { Ok(text) }
}

fn without_newline(text: String) -> String {
    text.strip_suffix('\n').map(|t| t.strip_suffix('\r').unwrap_or(t)).unwrap_or(&text).to_owned()
}

/// What a command prints. What it prints as errors is thrown away: it may hold the secret.
fn printed(root: &Path, words: &[String], timeout: Duration) -> Result<String, String> {
    let [program, arguments @ ..] = words else { return Err("the command is empty".to_owned()) };
    let folder = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("cannot run {program}: {e}"))?;
    let mut out = child.stdout.take();
    let (answer, answered) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = out.as_mut().map_or(Ok(0), |out| out.read_to_end(&mut bytes));
        // Nobody waits any more when it took too long.
        drop(answer.send(read.map(|_| bytes)));
    });
    let read = answered.recv_timeout(timeout);
    if read.is_err() {
        // It may have ended in this very moment.
        drop(child.kill());
    }
    let status = child.wait().map_err(|e| format!("cannot run {program}: {e}"))?;
    let bytes = read
        .map_err(|_| format!("{program} took longer than {} s, and was stopped", timeout.as_secs()))?
        .map_err(|e| format!("cannot read what {program} prints: {e}"))?;
    if !status.success() {
        return Err(format!("{program} failed ({status}); run it by hand to see why"));
    }
    String::from_utf8(bytes).map_err(|_| format!("what {program} prints is not UTF-8"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, timeout: Duration) -> Result<String, String> {
        let words = ["sh", "-c", script].map(str::to_owned);
        printed(Path::new(""), &words, timeout)
    }

    #[test]
    fn what_a_command_prints_is_the_secret() {
        let words = ["printf", "%s\n", "a b*"].map(str::to_owned).to_vec();
        assert_eq!(read(Path::new(""), &Secret::FromCommand(words)).unwrap(), "a b*");
        let nothing = Secret::FromCommand(vec!["true".to_owned()]);
        assert_eq!(read(Path::new(""), &nothing).unwrap_err(), "the command true is empty");
    }

    #[test]
    fn what_it_prints_as_errors_is_not_shown() {
        let long = Duration::from_secs(3600);
        let error = shell("echo hunter2 >&2; echo hunter2; exit 3", long).unwrap_err();
        assert_eq!(error, "sh failed (exit status: 3); run it by hand to see why");
        let words = vec!["no-such-program-anywhere".to_owned(), "hunter2".to_owned()];
        let error = printed(Path::new(""), &words, long).unwrap_err();
        assert!(
            error.starts_with("cannot run no-such-program-anywhere: ") && !error.contains("hunter2"),
            "{error}"
        );
    }

    #[test]
    fn a_command_that_hangs_is_stopped() {
        let error = shell("exec sleep 3600", Duration::from_millis(20)).unwrap_err();
        assert_eq!(error, "sh took longer than 0 s, and was stopped");
    }

    #[test]
    fn each_source_is_asked_once() {
        let folder = tempfile::tempdir().unwrap();
        let words = ["sh", "-c", "echo x >> asked; wc -l < asked"].map(str::to_owned).to_vec();
        let reader = reader(folder.path().to_owned());
        let source = Secret::FromCommand(words);
        assert_eq!(reader(&source).unwrap().trim(), "1");
        assert_eq!(reader(&source).unwrap().trim(), "1");
    }
}
