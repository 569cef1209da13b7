//! When to try again.

use std::time::Duration;

/// How often and when to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How many times at most after the first.
    pub retries_max: u32,
    /// The wait before the second try; it doubles from try to try.
    pub base: Duration,
    /// The longest wait.
    pub max: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { retries_max: 6, base: Duration::from_millis(250), max: Duration::from_secs(20) }
    }
}

impl RetryPolicy {
    /// The wait before try `attempt + 1`: exponential, with up to half of it taken off so that many callers do not come
    /// back at the same moment.
    #[must_use]
    pub fn delay(&self, attempt: u32) -> Duration {
        let full = self.base.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(self.max);
        let mut random = [0u8; 2];
        // Without randomness the wait is merely not spread.
        let spread = match aws_lc_rs::rand::fill(&mut random) {
            Ok(()) => u32::from(u16::from_le_bytes(random)),
            Err(_) => 0,
        };
        full - full.mul_f64(f64::from(spread) / f64::from(u16::MAX) / 2.0)
    }
}

/// What the server asks for: seconds, or a date. At most five minutes are waited.
pub(super) fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            Duration::try_from(at.duration_since(jiff::Timestamp::now())).unwrap_or_default()
        }
    };
    Some(wait.min(Duration::from_secs(300)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_is_bounded() {
        let policy =
            RetryPolicy { retries_max: 9, base: Duration::from_millis(100), max: Duration::from_secs(1) };
        for (attempt, full) in [(1, 100), (2, 200), (3, 400), (9, 1000), (60, 1000)] {
            let delay = policy.delay(attempt).as_millis();
            assert!(delay <= full && delay >= full / 2, "{attempt}: {delay}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let header = |text: &str| {
            let mut headers = http::HeaderMap::new();
            headers.insert(http::header::RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(header("7"), Some(Duration::from_secs(7)));
        assert_eq!(header("100000"), Some(Duration::from_secs(300)));
        assert_eq!(header("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(header("soon"), None);
    }
}
