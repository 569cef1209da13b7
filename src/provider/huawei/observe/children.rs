//! Objects that belong to another: one call for each owner that may have some that matter.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::objects::{Object, Shape, When};
use super::super::tables::Tables;
use super::pages::{ListCall, Reader};
use super::rows::{Named, text};
use super::{Known, Lists, apis, shape};
use crate::address::{Address, RemoteId};
use crate::kind::Kind;
use crate::observed::{Detail, Live, Observed, Shown, State};
use crate::provider::{ObserveError, Want};

/// Reads what belongs to the rows of `lists`.
pub(super) async fn read(
    reader: &Reader<'_>,
    want: &Want,
    lists: &Lists,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    for object in reader.tables.objects.iter().filter(|object| object.read != When::Apart) {
        let Some(owner) = object.owner_kind() else { continue };
        let rows = lists.get(&owner).map(Vec::as_slice).unwrap_or_default();
        let owners = owners(reader.tables, want, object, owner, rows)?;
        match object.shape {
            Shape::Many | Shape::Set => many(reader, object, owners, known, observed).await?,
            Shape::One => one(reader, object, owners, known, observed).await?,
        }
    }
    Ok(())
}

/// The owners that are to be asked: where an owner owns all, those that are wanted; else those of which something is
/// wanted, or that leave and would be kept by what others made.
fn owners(
    tables: &Tables,
    want: &Want,
    object: &Object,
    kind: Kind,
    rows: &[Value],
) -> Result<Vec<(String, Address)>, ObserveError> {
    let def = object.kind.def();
    let Some(owner) = def.owners.first() else { return Ok(Vec::new()) };
    let asked: BTreeSet<Address> = if def.whole {
        want.addresses.iter().filter(|a| a.kind == kind).cloned().collect()
    } else {
        let children = want.addresses.iter().filter(|a| a.kind == object.kind).map(|a| owner.of(a));
        let leaving = want.leaving.iter().filter(|a| owner.kept && a.kind == kind).cloned();
        children.chain(leaving).collect()
    };
    // Anyone's throttle may have an exception for an app that leaves.
    let all = want.all || object.kind == Kind::ThrottleException && leaves(want, Kind::App);
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| (object.has)(row)) {
        let (id, name) = tables.object(kind).map_or(("id", "name"), |object| (object.id, object.keys[0].0));
        let named = Named::by(row, id, name)?;
        let address = Address::new(kind, &[&named.name]);
        if all || asked.contains(&address) {
            found.push((named.id, address));
        }
    }
    Ok(found)
}

fn leaves(want: &Want, kind: Kind) -> bool {
    want.leaving.iter().any(|address| address.kind == kind)
}

fn path(object: &Object, owner: &str) -> String {
    object.list_path().replace("{owner}", &crate::http::encode(owner))
}

async fn many(
    reader: &Reader<'_>,
    object: &Object,
    owners: Vec<(String, Address)>,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let calls = owners.into_iter().map(|(id, owner)| ListCall::new(&path(object, &id), object.list, owner));
    for (owner, rows) in reader.lists::<Value, Address>(calls.collect()).await? {
        for row in rows {
            let address = match (object.named)(&row, &owner) {
                Some(address) => address,
                None => owner.child(object.kind, &Named::of(&row, object.keys[0].0)?.name),
            };
            add(object, address, text(&row, "id"), &row, known, observed)?;
        }
    }
    Ok(())
}

async fn one(
    reader: &Reader<'_>,
    object: &Object,
    owners: Vec<(String, Address)>,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let calls = owners.iter().map(|(id, _)| (id.clone(), path(object, id))).collect();
    let details = apis::fetch(reader, calls, object.kind.def().noun).await?;
    for (id, owner) in owners {
        let Some(row) = details.get(&id) else { continue };
        // An owner without one is answered with an empty one.
        if !is_there(row, object) {
            continue;
        }
        let parts: Vec<String> = owner.parts().collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        add(object, Address::new(object.kind, &parts), &id, row, known, observed)?;
    }
    Ok(())
}

/// Whether an answer says anything but whom it belongs to.
fn is_there(row: &Value, object: &Object) -> bool {
    let said = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    row.as_object().into_iter().flatten().any(|(field, value)| field != object.keys[0].0 && said(value))
}

fn add(
    object: &Object,
    address: Address,
    id: &str,
    row: &Value,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let state = match object.spec {
        Some(read) => State::Known(read(row, known).map_err(|e| shape(object.kind, &e.to_string()))?),
        None => State::Unread,
    };
    let detail = match object.shows {
        "" => Detail::None,
        field => Detail::Secret { shown: Shown::of(text(row, field)) },
    };
    observed.insert(address, Live { id: RemoteId::from(id), state, detail });
    Ok(())
}
