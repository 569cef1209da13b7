//! What an apply does while it does it: a bar on a terminal, plain lines in a log, or nothing.
//!
//! Lines are written by count and not by clock, so that two runs of the same plan write the same log.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::escape;

/// Hears how an apply gets on. Calls come from several threads.
pub trait Progress: Send + Sync {
    /// The apply begins: it will make so many calls for so many changes.
    fn start(&self, total_calls: usize, total_changes: usize);
    /// A call is made.
    fn step_started(&self, label: &str);
    /// A call was answered: so many of its changes are done, so many failed.
    fn step_done(&self, label: &str, done: usize, failed: usize);
    /// Something to know, such as a wait for the gateway's rate limit.
    fn message(&self, text: &str);
    /// The apply is over.
    fn finish(&self);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _: usize, _: usize) {}
    fn step_started(&self, _: &str) {}
    fn step_done(&self, _: &str, _: usize, _: usize) {}
    fn message(&self, _: &str) {}
    fn finish(&self) {}
}

/// A bar that moves, for a terminal.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A bar on stderr.
    #[must_use]
    pub fn stderr(colour: bool) -> Self {
        Self::on(ProgressDrawTarget::stderr(), colour)
    }

    /// A bar on `target`.
    #[must_use]
    pub fn on(target: ProgressDrawTarget, colour: bool) -> Self {
        let (bar, dim) = if colour { (".cyan/dim", ".dim") } else { ("", "") };
        let template = format!(
            "{{spinner}} {{bar:30{bar}}} {{pos}}/{{len}} changes  {{prefix}}{{elapsed_precise}}  {{wide_msg{dim}}}"
        );
        let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(0), target).with_style(style.progress_chars("━━─"));
        Self { bar }
    }
}

impl Progress for Bar {
    fn start(&self, _: usize, total_changes: usize) {
        self.bar.set_length(total_changes as u64);
        self.bar.enable_steady_tick(std::time::Duration::from_millis(120));
    }

    fn step_started(&self, label: &str) {
        self.bar.set_message(escape::plain(label).into_owned());
    }

    fn step_done(&self, label: &str, done: usize, failed: usize) {
        self.bar.inc((done + failed) as u64);
        if failed > 0 {
            self.bar.println(failure(label, failed));
        }
    }

    fn message(&self, text: &str) {
        self.bar.println(escape::plain(text));
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn failure(label: &str, failed: usize) -> String {
    let label = escape::plain(label);
    if failed == 1 { format!("failed: {label}") } else { format!("failed: {label} ({failed} changes)") }
}

/// Lines, for a log: one for every twentieth of the way, and one for every failure.
pub struct Lines {
    state: Mutex<State>,
}

struct State {
    out: Box<dyn Write + Send>,
    total: usize,
    done: usize,
    failed: usize,
    /// The twentieths told.
    told: usize,
}

impl Lines {
    /// Lines to `out`. What cannot be written is dropped: an apply does not stop for its log.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { state: Mutex::new(State { out, total: 0, done: 0, failed: 0, told: 0 }) }
    }

    fn with(&self, f: impl FnOnce(&mut State)) {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl State {
    fn say(&mut self, line: &str) {
        // See `Lines::new`.
        drop(writeln!(self.out, "{line}").and_then(|()| self.out.flush()));
    }
}

impl Progress for Lines {
    fn start(&self, total_calls: usize, total_changes: usize) {
        self.with(|state| {
            state.total = total_changes;
            let (changes, calls) = (super::count(total_changes, "change"), super::count(total_calls, "call"));
            state.say(&format!("applying {changes} in {calls}"));
        });
    }

    fn step_started(&self, _: &str) {}

    fn step_done(&self, label: &str, done: usize, failed: usize) {
        self.with(|state| {
            state.done += done;
            state.failed += failed;
            if failed > 0 {
                state.say(&failure(label, failed));
            }
            let over = state.done + state.failed;
            let twentieths = (over * 20).checked_div(state.total).unwrap_or(20);
            if twentieths > state.told {
                state.told = twentieths;
                let failures =
                    if state.failed > 0 { format!(", {} failed", state.failed) } else { String::new() };
                let line = format!(
                    "{over}/{} changes ({} %){failures}, last: {}",
                    state.total,
                    over * 100 / state.total.max(1),
                    escape::plain(label)
                );
                state.say(&line);
            }
        });
    }

    fn message(&self, text: &str) {
        self.with(|state| state.say(&escape::plain(text)));
    }

    fn finish(&self) {}
}
