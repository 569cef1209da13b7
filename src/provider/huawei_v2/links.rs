//! The policies that the dedicated gateway attaches to publications.

use crate::provider::huawei::links::{ACCESS_CONTROLS, Link, SIGNATURES, THROTTLES};

/// One for each kind.
pub(super) static LINKS: &[Link] = &[THROTTLES, SIGNATURES, ACCESS_CONTROLS];
