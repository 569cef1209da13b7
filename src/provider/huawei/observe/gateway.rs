//! The gateway itself, its tags, and who may connect to it: each read only where a manifest or the ledger names one.

use serde_json::Value;

use super::super::gateway;
use super::pages::Reader;
use super::rows::{Named, text};
use super::{apis, shape};
use crate::address::{Address, RemoteId};
use crate::kind::Kind;
use crate::kinds::gateway::{Allowed, TagValue};
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::{ObserveError, Want};

pub(super) async fn read(
    reader: &Reader<'_>,
    want: &Want,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let wanted = |kind| reader.tables.has(kind) && (want.all || want.kind(kind));
    let (tags, permissions) = (wanted(Kind::GatewayTag), wanted(Kind::EndpointPermission));
    if !(wanted(Kind::Gateway) || tags || permissions) {
        return Ok(());
    }
    let mut calls = vec![("gateway".to_owned(), String::new())];
    calls.extend(tags.then(|| ("tags".to_owned(), "/instance-tags".to_owned())));
    let details = apis::fetch(reader, calls, Kind::Gateway.def().noun).await?;
    let Some(row) = details.get("gateway") else { return Ok(()) };
    let named = Named::of(row, "instance_name")?;
    let address = Address::new(Kind::Gateway, &[&named.name]);
    let spec = gateway::spec(row).map_err(|e| shape(Kind::Gateway, &e.to_string()))?;
    observed.insert(address.clone(), live(&named.id, Spec::Gateway(spec)));
    let rows = details.get("tags").and_then(|answer| answer.get("tags")).and_then(Value::as_array);
    for row in rows.into_iter().flatten() {
        let (key, value) = (text(row, "key"), text(row, "value").to_owned());
        observed
            .insert(address.child(Kind::GatewayTag, key), live(key, Spec::GatewayTag(TagValue { value })));
    }
    if permissions {
        for row in reader.list::<Value>("/vpc-endpoint/permissions", "permissions", &[]).await? {
            let permission = text(&row, "permission");
            let spec = Spec::EndpointPermission(Allowed {});
            observed.insert(address.child(Kind::EndpointPermission, permission), live(permission, spec));
        }
    }
    Ok(())
}

fn live(id: &str, spec: Spec) -> Live {
    Live { id: RemoteId::from(id), state: State::Known(spec), detail: Detail::None }
}
