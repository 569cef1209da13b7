//! The one integration binary.

#![allow(clippy::unwrap_used, reason = "tests may stop at the first surprise")]

mod contract;
mod engine;
mod examples;
mod generated;
mod openapi;
mod simulate;
mod support;
mod ui;
mod wire;
