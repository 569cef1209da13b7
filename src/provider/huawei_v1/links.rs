//! The policies that the shared gateway attaches to publications. Answers that make bindings are bare lists, but for
//! those of throttles, which are detached one by one.

use crate::provider::huawei::links::{ACCESS_CONTROLS, Link, SIGNATURES, THROTTLES};

/// One for each kind.
pub(super) static LINKS: &[Link] = &[Link { detach: None, ..THROTTLES }, SIGNATURES, ACCESS_CONTROLS];
