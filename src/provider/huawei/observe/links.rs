//! What policies are attached to. There is no list over all of them; a policy's row tells whether it is attached to
//! anything, so that only those that are are asked (3.4.4, 3.6.4, 3.13.6).

use std::collections::HashMap;

use serde_json::Value;

use super::super::convert::Names;
use super::pages::{ListCall, Reader};
use super::rows::{ApiRow, BoundRow, Named};
use super::{Known, Lists};
use crate::address::RemoteId;
use crate::kind::Kind;
use crate::kinds::binding::Bound;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::ObserveError;

/// 3.8.3, 3.7.5 and 3.14.4, for the policies that were listed.
pub(super) async fn bindings(
    reader: &Reader<'_>,
    lists: &Lists,
    apis: &HashMap<&str, &ApiRow>,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    for link in reader.tables.links {
        let Some(policy) = link.kind.attaches() else { continue };
        let name = reader.tables.named_by(policy);
        let policies = lists.get(&policy).map(Vec::as_slice).unwrap_or_default();
        let mut calls = Vec::new();
        for row in policies.iter().filter(|r| r.get("bind_num").and_then(Value::as_u64) != Some(0)) {
            let named = Named::of(row, name)?;
            let path = format!("{}/binded-apis", link.path);
            calls.push(ListCall::new(&path, link.list, named.name).filtered(link.filter, named.id));
        }
        for (policy, rows) in reader.lists::<BoundRow, String>(calls).await? {
            for row in rows {
                // A binding of an API that the list did not show was made a moment ago; the next plan sees both.
                let Some(api) = apis.get(row.text(link.api)) else { continue };
                let env_id = row.text(link.environment);
                let environment =
                    known.name(Kind::Environment, env_id).unwrap_or_else(|| format!("id:{env_id}"));
                let state = State::Known(Spec::Bound(Bound { to: policy.clone() }));
                let live = Live { id: RemoteId::from(row.text(link.id)), state, detail: Detail::None };
                observed.insert(api.address().child(link.kind, &environment), live);
            }
        }
    }
    Ok(())
}
