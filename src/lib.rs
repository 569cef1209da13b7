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
//! | [`openapi`] | OpenAPI documents to manifests |
//! | [`engine`] | the embedded gateway: store, dialects, server |

pub mod address;
pub mod cli;
pub mod engine;
pub mod kind;
pub mod kinds;
pub mod manifest;
pub mod openapi;
pub mod problem;
