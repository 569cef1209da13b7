//! One file per command: its arguments and one `run`.

pub mod import;
