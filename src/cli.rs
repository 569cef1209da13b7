//! One file per command: its `Args` (doc comment = help text) and one `run`.

pub mod explain;
pub mod schema;
