//! How many calls may be under way: as many as allowed, halved whenever the gateway says that it is too much.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Limits the calls under way. Additive increase, multiplicative decrease.
#[derive(Debug)]
pub struct Limiter {
    most: f64,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug)]
struct State {
    allowed: f64,
    under_way: usize,
    not_before: Option<Instant>,
    last_cut: Option<Instant>,
}

/// The right to make one call.
#[derive(Debug)]
pub(super) struct Permit<'a>(&'a Limiter);

impl Limiter {
    /// At most `most` calls under way.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let most = most.max(1) as f64;
        let state = State { allowed: most, under_way: 0, not_before: None, last_cut: None };
        Self { most, state: Mutex::new(state), freed: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the right to make a call.
    pub(super) async fn acquire(&self) -> Permit<'_> {
        loop {
            let freed = self.freed.notified();
            let pause = {
                let mut state = self.state();
                let now = Instant::now();
                match state.not_before {
                    Some(at) if at > now => Some(at),
                    _ if state.under_way < (state.allowed as usize).max(1) => {
                        state.under_way += 1;
                        if state.under_way < state.allowed as usize {
                            self.freed.notify_one();
                        }
                        return Permit(self);
                    }
                    _ => None,
                }
            };
            match pause {
                Some(at) => tokio::time::sleep_until(at).await,
                None => freed.await,
            }
        }
    }

    /// A call worked: a little more may be under way.
    pub(super) fn worked(&self) {
        let mut state = self.state();
        state.allowed = (state.allowed + 1.0 / state.allowed).min(self.most);
    }

    /// Too many calls: half as many from now on, and none before `wait` is over. Answers to calls that were under way
    /// together count as one.
    pub(super) fn slow_down(&self, wait: Duration) {
        let mut state = self.state();
        let now = Instant::now();
        let until = now + wait;
        state.not_before = Some(state.not_before.map_or(until, |at| at.max(until)));
        if state.last_cut.is_none_or(|at| now.duration_since(at) >= wait) {
            state.allowed = (state.allowed / 2.0).max(1.0);
            state.last_cut = Some(now);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_that_come_together_halve_once() {
        let limiter = Limiter::new(16);
        limiter.slow_down(Duration::from_secs(60));
        limiter.slow_down(Duration::from_secs(60));
        assert_eq!(limiter.state().allowed as usize, 8);
        for _ in 0..1000 {
            limiter.worked();
        }
        assert_eq!(limiter.state().allowed as usize, 16);
    }
}
