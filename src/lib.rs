//! A declarative GitOps reconciler for cloud API gateways.
//!
//! Manifests become a desired-state graph, are compared with what a provider observed, become a plan, which is tried out on
//! the embedded engine and then applied.
//!
//! Modules in reading order:
//!
//! | module | what it is |
//! | --- | --- |
//! | [`address`] | identity: kind and natural key; remote ids |
//! | [`problem`], [`document`] | what is wrong with the input, with spans; a manifest document |
//! | [`kind`], [`kinds`] | what a kind is; one file per kind with its spec |
//! | [`manifest`] | files to documents, every value with its span |
//! | [`openapi`], [`export`] | OpenAPI documents, and live state, to manifests |
//! | [`schema`] | JSON Schemas and the manual, from the kinds |
//! | [`desired`], [`observed`], [`history`], [`traffic`] | the two sides; what ran before; what was called |
//! | [`diff`], [`plan`] | what differs and why; what is to be done, as data |
//! | [`provider`] | the gateways of vendors: one folder each |
//! | [`capabilities`] | which of them takes what |
//! | [`http`], [`cache`], [`ledger`] | calls, what was seen before, what is owned |
//! | [`apply`] | walks a plan |
//! | [`engine`] | the embedded gateway: store, dialects, server |
//! | [`rehearse`] | a plan tried out on the engine |
//! | [`project`], [`session`] | the project file; what the commands share |
//! | [`ui`] | everything printed |
//! | [`cli`], [`error`] | one file per command; hints and exit codes |

pub mod address;
pub mod apply;
pub mod cache;
pub mod capabilities;
pub mod cli;
pub mod desired;
pub mod diff;
pub mod document;
pub mod engine;
pub mod error;
pub mod export;
pub mod history;
pub mod http;
pub mod kind;
pub mod kinds;
pub mod ledger;
pub mod manifest;
pub mod observed;
pub mod openapi;
pub mod plan;
pub mod problem;
pub mod project;
pub mod provider;
pub mod rehearse;
pub mod schema;
pub mod session;
pub mod traffic;
pub mod ui;
