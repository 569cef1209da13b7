//! The fewest calls.
