//! Time on the wire, and where ids come from.
//!
//! Inside, a moment is a count of nanoseconds since 1970. Reads show whole seconds, write replies the nanoseconds,
//! as the vendor's examples do.

#![allow(clippy::disallowed_methods, reason = "here the clock of the machine is read")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Nanoseconds since 1970, UTC.
pub type Nanos = i64;

/// Gives the present moment.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Nanos + Send + Sync>);

impl Clock {
    /// The clock of this machine.
    pub fn system() -> Self {
        Self(Arc::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
        }))
    }

    /// A clock that starts at a moment and goes on by one step each time it is read: the same run, the same times.
    pub fn stepping(start: Nanos, step: Nanos) -> Self {
        let reads = AtomicU64::new(0);
        Self(Arc::new(move || {
            let read = i64::try_from(reads.fetch_add(1, Ordering::Relaxed)).unwrap_or(0);
            start.saturating_add(step.saturating_mul(read))
        }))
    }

    /// A clock of your own.
    pub fn new(read: impl Fn() -> Nanos + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The present moment.
    pub fn now(&self) -> Nanos {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// Gives ids: 32 hexadecimal digits.
#[derive(Clone, Debug)]
pub struct Ids(Source);

#[derive(Clone, Debug)]
enum Source {
    Random(Arc<Mutex<Pool>>),
    Seeded(Arc<AtomicU64>),
}

/// Random bytes in stock: asking for a few at a time costs more than all else about an id.
struct Pool {
    bytes: [u8; 4096],
    used: usize,
}

impl Pool {
    /// 16 bytes that were never given before.
    fn take(&mut self) -> [u8; 16] {
        if self.used + 16 > self.bytes.len() {
            self.used = 0;
            // The system's own source: that of the library for cryptography first measures noise for a long while.
            // One that fails leaves nothing safe to do; the clock at least stays unique here.
            if getrandom::fill(&mut self.bytes).is_err() {
                self.used = self.bytes.len();
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
                return now.to_be_bytes();
            }
        }
        let mut out = [0; 16];
        let stock = &mut self.bytes[self.used..self.used + 16];
        out.copy_from_slice(stock);
        stock.fill(0);
        self.used += 16;
        out
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pool")
    }
}

impl Ids {
    /// Ids nobody can foresee.
    pub fn random() -> Self {
        Self(Source::Random(Arc::new(Mutex::new(Pool { bytes: [0; 4096], used: 4096 }))))
    }

    /// The same ids in every run with the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Arc::new(AtomicU64::new(seed))))
    }

    /// Goes on elsewhere in the sequence, so that ids given before, by another source of the same seed, do not return.
    pub(crate) fn jump(&self, seen: u64) {
        if let Source::Seeded(state) = &self.0 {
            state.fetch_add(mix(seen.wrapping_add(1)), Ordering::Relaxed);
        }
    }

    /// The next id.
    pub fn next(&self) -> String {
        let mut bytes = [0_u8; 16];
        match &self.0 {
            Source::Random(pool) => bytes = pool.lock().unwrap_or_else(PoisonError::into_inner).take(),
            Source::Seeded(state) => {
                for half in bytes.chunks_exact_mut(8) {
                    let step = state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
                    half.copy_from_slice(&mix(step).to_be_bytes());
                }
            }
        }
        hex(&bytes)
    }
}

/// The finishing step of splitmix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Lower-case hexadecimal digits of some bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = Vec::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    String::from_utf8(out).unwrap_or_default()
}

/// As a read shows it: `2026-01-31T06:55:55Z`.
pub(crate) fn seconds(nanos: Nanos) -> String {
    Timestamp::from_second(nanos.div_euclid(1_000_000_000)).map_or_else(|_| String::new(), |t| t.to_string())
}

/// As the reply to a write shows it: with the nanoseconds.
pub(crate) fn precise(nanos: Nanos) -> String {
    Timestamp::from_nanosecond(i128::from(nanos)).map_or_else(|_| String::new(), |t| t.to_string())
}

/// As the shared gateway's reads show a change: to the microsecond, without zeros at the end.
pub(crate) fn micros(nanos: Nanos) -> String {
    precise(nanos.div_euclid(1000).saturating_mul(1000))
}

/// Appends the time as a read shows it, as a JSON text.
pub(crate) fn put_seconds(out: &mut Vec<u8>, nanos: Nanos) {
    out.push(b'"');
    out.extend(seconds(nanos).into_bytes());
    out.push(b'"');
}

/// Reads `20250131T010203Z`, the form of signatures.
pub(crate) fn parse_compact(text: &str) -> Option<Nanos> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    if bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let number = |range: std::ops::Range<usize>| {
        bytes[range]
            .iter()
            .try_fold(0_i16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i16::from(byte - b'0')))
    };
    let part = |from: usize| number(from..from + 2).and_then(|part| i8::try_from(part).ok());
    let moment = DateTime::new(number(0..4)?, part(4)?, part(6)?, part(9)?, part(11)?, part(13)?, 0).ok()?;
    i64::try_from(Offset::UTC.to_timestamp(moment).ok()?.as_nanosecond()).ok()
}

/// The number of a version: the moment of publishing in the vendor's home time zone.
pub(crate) fn version_number(nanos: Nanos) -> String {
    let home = nanos.saturating_add(8 * 3600 * 1_000_000_000);
    seconds(home).chars().filter(char::is_ascii_digit).collect()
}

/// Reads any of the forms above; none for what is no time.
pub(crate) fn parse(text: &str) -> Option<Nanos> {
    let stamp: Timestamp = text.parse().or_else(|_| format!("{text}Z").parse()).ok()?;
    i64::try_from(stamp.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_time() {
        let nanos = 1_596_418_560_592_970_615;
        assert_eq!(seconds(nanos), "2020-08-03T01:36:00Z");
        assert_eq!(precise(nanos), "2020-08-03T01:36:00.592970615Z");
        assert_eq!(micros(nanos), "2020-08-03T01:36:00.59297Z");
        assert_eq!(version_number(nanos), "20200803093600");
        assert_eq!(parse("2020-08-03T01:36:00.592970615Z"), Some(nanos));
        assert_eq!(parse("2020-08-03T01:36:00"), Some(nanos - 592_970_615));
        assert_eq!(parse("never"), None);
    }

    #[test]
    fn the_form_of_signatures() {
        assert_eq!(parse_compact("20200803T013600Z"), parse("2020-08-03T01:36:00Z"));
        for bad in [
            "20200803T013600",
            "2020-08-03T01:36:00Z",
            "20200803t013600Z",
            "20201303T013600Z",
            "+0200803T013600Z",
        ] {
            assert_eq!(parse_compact(bad), None, "{bad}");
        }
        assert_eq!(parse_compact("20200230T000000Z"), None, "no such day");
    }

    #[test]
    fn random_ids_never_repeat() {
        let ids = Ids::random();
        let given: std::collections::BTreeSet<String> = (0..1000).map(|_| ids.next()).collect();
        assert_eq!(given.len(), 1000);
        assert!(!given.contains(&"0".repeat(32)));
    }

    #[test]
    fn seeded_ids_repeat_and_differ() {
        let (a, b) = (Ids::seeded(7), Ids::seeded(7));
        let first = a.next();
        assert_eq!(first, b.next());
        assert_ne!(first, a.next());
        assert_eq!(first.len(), 32);
    }
}
