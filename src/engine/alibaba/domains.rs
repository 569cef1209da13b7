//! Custom domains of groups and their certificates.

use serde_json::{Value, json};

use super::super::model::Coll;
use super::super::store::Gateway;

/// The domains of a group as its detail shows them.
pub(crate) fn of_group(gateway: &Gateway, group_id: &str) -> Value {
    let items: Vec<Value> = gateway
        .records_by(Coll::CloudDomain, "GroupId", &[group_id])
        .map(|domain| Value::Object(domain.doc.clone()))
        .collect();
    json!({"DomainItem": items})
}
