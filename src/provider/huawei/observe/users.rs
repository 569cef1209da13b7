//! APIs of others that name what is to go: an authorizer or a group response, which the list of APIs shows, or a channel, by
//! which that list is filtered (3.5.6). Read only where one of them leaves.

use super::pages::{ListCall, Reader};
use super::rows::ApiRow;
use crate::address::Address;
use crate::kind::Kind;
use crate::observed::{Holder, Observed};
use crate::provider::{ObserveError, Want};

/// Where a row names something.
type Field = fn(&ApiRow) -> &str;

pub(super) async fn read(
    reader: &Reader<'_>,
    want: &Want,
    apis: &[ApiRow],
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let leaving = |kind: Kind| want.leaving.iter().filter(move |a| a.kind == kind);
    let field: [(Kind, Field); 2] =
        [(Kind::Authorizer, |row| &row.authorizer_id), (Kind::GroupResponse, |row| &row.response_id)];
    for (kind, id) in field {
        for address in leaving(kind) {
            let Some(live) = observed.get(address) else { continue };
            let named = live.id.clone();
            let users = apis.iter().filter(|row| id(row) == named.as_str());
            hang(want, address, users, observed);
        }
    }
    let calls = leaving(Kind::Channel).filter(|address| observed.get(address).is_some()).map(|address| {
        ListCall::new("/apis", "apis", address.clone()).filtered("vpc_channel_name", address.name())
    });
    let calls: Vec<ListCall<Address>> = calls.collect();
    for (address, rows) in reader.lists::<ApiRow, Address>(calls).await? {
        hang(want, &address, rows.iter(), observed);
    }
    Ok(())
}

/// What is managed here is planned: only APIs of others keep what they name.
fn hang<'a>(want: &Want, named: &Address, users: impl Iterator<Item = &'a ApiRow>, observed: &mut Observed) {
    for api in users.map(ApiRow::address).filter(|api| !want.addresses.contains(api)) {
        let holder = Holder { what: api.to_string(), on: None };
        observed.holders.entry(named.clone()).or_default().push(holder);
    }
}
