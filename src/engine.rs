//! The embedded gateway.
