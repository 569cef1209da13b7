//! Files to documents, every value with its span.

pub mod metadata;
pub mod write;
pub mod yaml;
