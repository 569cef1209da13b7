//! Huawei Cloud APIG, the shared gateway of a region, API V1.0.
//!
//! The calls are named as in the vendor's reference of V1.0 (2021-09-24); they have no numbers.
//!
//! Its list of APIs does not say when an API was published, so that for each publication that is managed here one call tells
//! which version runs (`GET apis/publish/{api_id}`).

mod capture;
mod convert;
mod limits;
mod links;
mod objects;
mod support;

use std::sync::Arc;

use crate::kind::Kind;
use crate::provider::huawei::tables::{Paging, Tables};
use crate::provider::huawei::{Huawei, apart, lower};
use crate::provider::{Credentials, Vendor};

/// What it is before anyone speaks to it.
pub static VENDOR: Vendor = Vendor {
    name: NAME,
    needs: &["endpoint", "project", "credentials"],
    takes: &["region"],
    lacks: support::LACKS,
    folds: support::FOLDS,
    check: |index, document| TABLES.check(index, document),
    open: |place| Arc::new(gateway(&place.project, place.credentials)),
};

/// The name in project files.
pub const NAME: &str = "huawei-apig-v1";

/// The id under which an engine holds the shared gateway: it has none of its own.
pub const GATEWAY: &str = "shared";

/// The shared gateway, as data.
pub static TABLES: Tables = Tables {
    name: NAME,
    objects: objects::OBJECTS,
    links: links::LINKS,
    apart: &[apart::PUBLICATION, apart::APP_AUTHORIZATION, apart::OWN_CERTIFICATE],
    batch_sizes: |kind, action| lower::batch_size(&TABLES, kind, action),
    paging: Paging::Number,
    configs: "/config/project",
    switches: false,
    versions_are_whole: false,
    named: &[
        (Kind::Variable, "the shared gateway cannot change a variable"),
        (Kind::Domain, "the shared gateway cannot change a domain"),
    ],
    lacks: support::LACKS,
    limits: &limits::OWN,
    collections: &capture::COLLECTIONS,
};

/// The shared gateway as a project sees it.
#[must_use]
pub fn gateway(project: &str, credentials: Option<Arc<Credentials>>) -> Huawei {
    Huawei {
        tables: &TABLES,
        root: "/v1.0/apigw".to_owned(),
        project: project.to_owned(),
        instance: GATEWAY.to_owned(),
        credentials,
    }
}
