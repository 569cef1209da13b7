//! Huawei Cloud APIG, dedicated gateways, API V2.

mod capture;
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
    needs: &["endpoint", "project", "instance", "credentials"],
    takes: &["region"],
    lacks: support::LACKS,
    folds: &[],
    check: |index, document| TABLES.check(index, document),
    open: |place| Arc::new(gateway(&place.project, &place.instance, place.credentials)),
};

/// The name in project files.
pub const NAME: &str = "huawei-apig-v2";

/// The dedicated gateway, as data.
pub static TABLES: Tables = Tables {
    name: NAME,
    objects: objects::OBJECTS,
    links: links::LINKS,
    apart: &[
        apart::PUBLICATION,
        apart::PLUGIN_BINDING,
        apart::APP_AUTHORIZATION,
        apart::QUOTA_BINDING,
        apart::DOMAIN_CERTIFICATE,
        apart::GATEWAY,
        apart::GATEWAY_TAG,
        apart::ENDPOINT_PERMISSION,
    ],
    batch_sizes: |kind, action| lower::batch_size(&TABLES, kind, action),
    paging: Paging::Offset,
    configs: "/project/configs",
    switches: true,
    versions_are_whole: true,
    named: &[
        (Kind::Variable, "the gateway changes only the value of a variable (3.3.5)"),
        (Kind::Domain, "the gateway changes everything of a domain but its name (3.12.3)"),
    ],
    lacks: support::LACKS,
    limits: &limits::OWN,
    collections: &capture::COLLECTIONS,
};

/// One dedicated gateway.
#[must_use]
pub fn gateway(project: &str, instance: &str, credentials: Option<Arc<Credentials>>) -> Huawei {
    let encode = crate::http::encode;
    Huawei {
        tables: &TABLES,
        root: format!("/v2/{}/apigw/instances/{}", encode(project), encode(instance)),
        project: project.to_owned(),
        instance: instance.to_owned(),
        credentials,
    }
}
