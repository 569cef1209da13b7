//! A declarative GitOps reconciler for cloud API gateways.
//!
//! Modules in reading order:
//!
//! | module | what it is |
//! | --- | --- |
//! | [`address`] | newtypes for identity: kind + scope + name, remote ids |
//! | [`problem`] | what is wrong with the input: code, span, hint |
//! | [`kind`], [`kinds`] | what a kind is; one file per kind with its spec |
//! | [`manifest`] | files to documents, every value with its span |
//! | [`ui`] | everything that is printed |
//! | [`engine`] | the embedded gateway: store, dialects, server |

pub mod address;
pub mod desired;
pub mod diff;
pub mod document;
pub mod engine;
pub mod kind;
pub mod kinds;
pub mod manifest;
pub mod observed;
pub mod plan;
pub mod problem;
pub mod ui;
