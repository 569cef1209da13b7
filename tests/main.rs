//! The one integration binary.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

mod contract;
mod engine;
mod examples;
mod faults;
mod generated;
mod openapi;
mod problems;
mod simulate;
mod support;
mod tidy;
mod ui;
mod wire;
