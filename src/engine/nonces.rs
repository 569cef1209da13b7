//! What was signed once and must not come again.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};

use super::time::Nanos;

/// The nonces of the requests that are young enough to be let in once more. Kept in memory alone.
#[derive(Debug, Default)]
pub(crate) struct Nonces(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    known: HashSet<[u8; 16]>,
    /// When each can be forgotten.
    ends: BTreeSet<(Nanos, [u8; 16])>,
}

impl Nonces {
    /// Notes a nonce until a moment; false when it was here before.
    pub(crate) fn take(&self, nonce: &str, until: Nanos, now: Nanos) -> bool {
        let hash = digest(&SHA256, nonce.as_bytes());
        let mut short = [0; 16];
        short.copy_from_slice(&hash.as_ref()[..16]);
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(&(end, old)) = seen.ends.first().filter(|(end, _)| *end < now) {
            seen.ends.remove(&(end, old));
            seen.known.remove(&old);
        }
        let fresh = seen.known.insert(short);
        if fresh {
            seen.ends.insert((until, short));
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_once_until_it_is_too_old() {
        let nonces = Nonces::default();
        assert!(nonces.take("a", 10, 0));
        assert!(!nonces.take("a", 12, 5));
        assert!(nonces.take("b", 12, 10));
        assert!(nonces.take("a", 30, 11), "its time is over");
        assert!(!nonces.take("b", 30, 12));
    }
}
