//! The one integration binary.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests stop at the first surprise, and say which seed it was"
)]
#![allow(clippy::too_many_lines, reason = "tables of cases are long")]

mod alibaba;
mod contract;
mod engine;
mod examples;
mod faults;
mod generated;
mod openapi;
mod ownership;
mod problems;
mod simulate;
mod support;
mod tidy;
mod traffic;
mod trains;
mod ui;
mod wire;
