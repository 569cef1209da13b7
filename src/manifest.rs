//! Files to documents, every value with its span.

pub mod yaml;
