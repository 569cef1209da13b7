//! The one integration binary.

mod engine;
mod generated;
mod openapi;
mod ui;
mod wire;
