//! Details of what lists do not show whole: one call for each object that is managed here.

use std::collections::HashSet;

use super::super::objects::{Object, Rows};
use super::pages::Reader;
use super::rows::Named;
use super::{Lists, apis};
use crate::address::Address;
use crate::kind::Kind;
use crate::provider::{ObserveError, Want};

/// What was read whole although its list does not show all of it.
#[derive(Debug, Default)]
pub(super) struct Shown(HashSet<(Kind, String)>);

impl Shown {
    /// Whether the row of the object with this id shows all of it.
    pub(super) fn is_whole(&self, object: &Object, id: &str) -> bool {
        object.rows != Rows::Part || self.0.contains(&(object.kind, id.to_owned()))
    }
}

/// Puts details in the place of the rows of objects that are managed here.
pub(super) async fn read(reader: &Reader<'_>, want: &Want, lists: &mut Lists) -> Result<Shown, ObserveError> {
    let mut shown = Shown::default();
    for object in reader.tables.objects.iter().filter(|object| object.rows != Rows::Whole) {
        let Some(rows) = lists.get_mut(&object.kind) else { continue };
        let mut calls = Vec::new();
        for row in rows.iter() {
            let named = Named::of(row, object.keys[0].0)?;
            let address = Address::new(object.kind, &[&named.name]);
            // What goes is fingerprinted by what was read, so that a saved plan knows it again.
            let goes = object.rows == Rows::Some && want.leaving.contains(&address);
            if want.all || goes || want.digests.contains_key(&address) {
                let path = format!("{}/{}", object.path, crate::http::encode(&named.id));
                calls.push((named.id, path));
            }
        }
        let mut details = apis::fetch(reader, calls, object.kind.def().noun).await?;
        for row in rows.iter_mut() {
            let id = super::rows::text(row, "id").to_owned();
            if let Some(detail) = details.remove(&id) {
                *row = detail;
                shown.0.insert((object.kind, id));
            }
        }
    }
    Ok(shown)
}
