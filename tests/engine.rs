//! The engine over its in-process entry and over TCP.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]

mod around;
mod certificates;
mod coverage;
mod debugging;
mod decisions;
mod durability;
mod gateways;
mod lifecycle;
mod openapi;
mod refusals;
mod seeding;
mod sentences;
mod signing;
mod snapshots;
mod socket;
mod support;
