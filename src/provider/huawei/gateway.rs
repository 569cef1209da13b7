//! The gateway itself (3.23.2, 3.23.3), its tags (3.25) and who may connect to it through endpoints (3.24).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::convert::Unreadable;
use super::convert::wire::{Words, optional, put, read_word, word};
use crate::address::Address;
use crate::kinds::gateway::{Hour, Settings};
use crate::kinds::spec::Spec;
use crate::plan::build::{Batch, Lowered};
use crate::plan::{Call, Change, Reply};

const BEGINS: &Words<Hour> = &[
    (Hour::H02, "02:00:00"),
    (Hour::H06, "06:00:00"),
    (Hour::H10, "10:00:00"),
    (Hour::H14, "14:00:00"),
    (Hour::H18, "18:00:00"),
    (Hour::H22, "22:00:00"),
];

/// Four hours later (APIC.7230).
const ENDS: &Words<Hour> = &[
    (Hour::H02, "06:00:00"),
    (Hour::H06, "10:00:00"),
    (Hour::H10, "14:00:00"),
    (Hour::H14, "18:00:00"),
    (Hour::H18, "22:00:00"),
    (Hour::H22, "02:00:00"),
];

/// A gateway has at most 20 tags (3.25.3).
pub(super) const TAGS: usize = 20;
/// At most 50 at once (3.24.4).
pub(super) const PERMISSIONS: usize = 50;

/// 3.25.3: tags are set and taken off, many at once.
pub(super) fn tag(root: &str, change: &Change) -> Lowered {
    let mut tag = json!({ "key": change.address.name() });
    if let Some(Spec::GatewayTag(spec)) = &change.after {
        tag["value"] = spec.value.as_str().into();
    }
    let action = if change.after.is_some() { "create" } else { "delete" };
    let body = json!({ "action": action, "tags": { "$items": true } });
    many(change, format!("{root}/instance-tags/action"), action, body, (tag, TAGS))
}

/// 3.24.4, 3.24.5: who may connect, many at once.
pub(super) fn permission(root: &str, change: &Change) -> Lowered {
    let action = if change.after.is_some() { "batch-add" } else { "batch-delete" };
    let path = format!("{root}/vpc-endpoint/permissions/{action}");
    let body = json!({ "permissions": { "$items": true } });
    many(change, path, action, body, (change.address.name().into(), PERMISSIONS))
}

/// 3.23.3. Whether what is left out stays is not documented: it is said again as it was shown.
pub(super) fn settings(root: &str, change: &Change) -> Lowered {
    let shown = match &change.before {
        Some(Spec::Gateway(before)) => before.shown.as_deref(),
        _ => None,
    };
    let body = match &change.after {
        Some(Spec::Gateway(after)) => body(&change.address, &after.over(shown)),
        _ => Value::Null,
    };
    Lowered {
        call: Call {
            method: "PUT".into(),
            path: root.into(),
            args: BTreeMap::new(),
            query: Vec::new(),
            body,
        },
        reply: Reply::Ignore,
        recover: None,
        batch: None,
    }
}

/// The body of 3.23.3.
#[must_use]
pub fn body(address: &Address, spec: &Settings) -> Value {
    let mut body = Map::new();
    body.insert("instance_name".into(), address.name().into());
    put(&mut body, "description", spec.description.clone());
    put(&mut body, "maintain_begin", spec.maintenance.map(|hour| word(BEGINS, &hour)));
    put(&mut body, "maintain_end", spec.maintenance.map(|hour| word(ENDS, &hour)));
    put(&mut body, "security_group_id", spec.security_group.clone().filter(|id| !id.is_empty()));
    Value::Object(body)
}

fn many(change: &Change, path: String, action: &str, body: Value, (item, limit): (Value, usize)) -> Lowered {
    Lowered {
        call: Call { method: "POST".into(), path, args: BTreeMap::new(), query: Vec::new(), body },
        reply: Reply::Known { id: "id".into() },
        recover: None,
        batch: Some(Batch {
            key: format!("{} {action}", change.address.kind),
            limit,
            item,
            row: vec![("id".to_owned(), change.address.name().into())],
        }),
    }
}

/// Reads the answer of 3.23.2.
///
/// # Errors
///
/// When the maintenance begins at an hour that is not documented.
pub fn spec(wire: &Value) -> Result<Settings, Unreadable> {
    Ok(Settings {
        description: Some(optional(wire, "description")?.unwrap_or_default()),
        maintenance: read_word(wire, "maintain_begin", BEGINS)?,
        security_group: optional(wire, "security_group_id")?,
        shown: None,
    })
}
