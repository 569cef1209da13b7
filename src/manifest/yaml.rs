//! YAML to a tree of nodes with spans, and from there to typed values.
//!
//! Two steps, so that every problem can point at the bytes it is about:
//!
//! 1. [`parse`] reads all documents of a file into [`Node`]s. Anchors, aliases and merge keys are gone afterwards.
//! 2. [`decode`] turns a node into a type that implements [`serde::Deserialize`], and reports *all* that does not
//!    fit, not the first.
//!
//! A file arrives as bytes: [`Limits::check_size`] before it is read, [`decode_text`] after. Problems that only show
//! later (a dangling reference) find their place with [`Node::locate`].
//!
//! Invariants: time and memory are bounded by [`Limits`] whatever the input; no tree is deeper than
//! [`Limits::depth_max`], so recursion over nodes is safe; a node's range lies within the text it came from.
//!
//! What text means follows the core schema of YAML 1.2, with three deviations where silence would hide a mistake:
//! `0755` is no number, text fields refuse unquoted numbers and booleans, and tags other than those of the core
//! schema are problems.

mod decode;
mod error;
mod expected;
mod key;
mod node;
mod parse;
mod path;
mod report;
mod scalar;
mod stand_in;
mod syntax;
mod text;
mod value;

pub use decode::decode;
pub use node::{Key, Node, NodeKind, Style, TextRange};
pub use parse::{Work, parse, work};
pub use path::{PathStep, parse_path};
pub use text::{NotText, decode_text};

use std::sync::Arc;

use crate::problem::{Problem, Source, Span};

/// What a file may cost. Beyond it, the file is refused with a `yaml-limit` problem.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Size of a file.
    pub bytes_max: usize,
    /// Nodes of a file, those copied by aliases included.
    pub nodes_max: usize,
    /// Nodes that the aliases of one document may copy; long texts count as several.
    pub alias_nodes_max: usize,
    /// Levels of nesting.
    pub depth_max: usize,
    /// Problems reported for one file.
    pub problems_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 16 << 20,
            nodes_max: 2_000_000,
            alias_nodes_max: 100_000,
            depth_max: 64,
            problems_max: 1_000,
        }
    }
}

impl Limits {
    /// The problem with a file of `bytes` bytes, where it is too large. Ask before reading it.
    #[must_use]
    pub fn check_size(&self, source: &Arc<Source>, bytes: u64) -> Option<Problem> {
        // Ranges are `u32`, whatever the limit says.
        let bytes_max = (self.bytes_max as u64).min(u64::from(u32::MAX) - 1);
        (bytes > bytes_max).then(|| {
            let span = Span { source: Arc::clone(source), start: 0, end: 0 };
            let (size, limit) = (megabytes(bytes), megabytes(bytes_max));
            Problem::error("yaml-limit", span, format!("the file is too large: {size}, the limit is {limit}"))
                .label("this file")
                .help("split it into several files, or leave it out if it holds no manifests")
        })
    }
}

fn megabytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let megabytes = bytes as f64 / f64::from(1 << 20);
    format!("{megabytes:.1} MiB")
}
