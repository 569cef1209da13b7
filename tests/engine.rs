//! The engine over its in-process entry and over TCP.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]

mod alibaba;
mod answers;
mod around;
mod certificates;
mod coverage;
mod debugging;
mod decisions;
mod durability;
mod fuzzed;
mod gateways;
mod isolation;
mod lifecycle;
mod mutate;
mod openapi;
pub(crate) mod process;
mod refusals;
mod requests;
mod seeding;
mod sentences;
mod shared;
mod signing;
mod snapshots;
mod socket;
mod spoil;
mod support;
mod world;
