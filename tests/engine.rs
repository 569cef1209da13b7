//! The engine over its in-process entry and over TCP.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]

mod around;
mod certificates;
mod decisions;
mod durability;
mod gateways;
mod lifecycle;
mod openapi;
mod process;
mod refusals;
mod seeding;
mod signing;
mod socket;
mod support;
