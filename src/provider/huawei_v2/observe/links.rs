//! What hangs on policies: exceptions and bindings. There is no list over all of them; a policy's row tells whether it has
//! any, so that only those with some are asked (3.4.4, 3.6.4).

use std::collections::HashMap;

use serde_json::Value;

use super::super::convert::Names;
use super::pages::Reader;
use super::rows::{ApiRow, Named, text};
use super::{Known, shape};
use crate::address::{Address, RemoteId};
use crate::kind::Kind;
use crate::kinds::binding::Bound;
use crate::kinds::spec::Spec;
use crate::kinds::throttle::ExceptionLimit;
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::{ObserveError, Want};

/// 3.9.4, for wanted policies that have exceptions.
pub(super) async fn exceptions(
    reader: &Reader<'_>,
    want: &Want,
    throttles: &[Value],
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let mut calls = Vec::new();
    for row in
        throttles.iter().filter(|r| r.get("is_inclu_special_throttle").and_then(Value::as_u64) == Some(1))
    {
        let named = Named::of(row, "name")?;
        if want.wants(&Address::new(Kind::Throttle, &[&named.name])) {
            calls.push((format!("/throttles/{}/throttle-specials", named.id), Vec::new(), named.name));
        }
    }
    for (throttle, rows) in reader.lists::<Value>(calls, "throttle_specials").await? {
        for row in rows {
            let kind = if text(&row, "object_type") == "APP" { "app" } else { "user" };
            let by_name =
                [text(&row, "app_name"), text(&row, "object_name")].into_iter().find(|n| !n.is_empty());
            let name = if kind == "app" {
                by_name.unwrap_or(text(&row, "object_id"))
            } else {
                text(&row, "object_id")
            };
            let limit = row.get("call_limits").and_then(Value::as_u64).and_then(|l| u32::try_from(l).ok());
            let limit = limit.ok_or_else(|| shape(Kind::ThrottleException, "it has no `call_limits`"))?;
            let live = Live {
                id: RemoteId::from(text(&row, "id")),
                state: State::Known(Spec::ThrottleException(ExceptionLimit { limit })),
                detail: Detail::None,
            };
            observed.insert(Address::new(Kind::ThrottleException, &[&throttle, kind, name]), live);
        }
    }
    Ok(())
}

/// 3.8.3 and 3.7.5, for policies that are bound to something.
pub(super) async fn bindings(
    reader: &Reader<'_>,
    throttles: &[Value],
    signs: &[Value],
    apis: &HashMap<&str, &ApiRow>,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let throttle = Sort {
        kind: Kind::ThrottleBinding,
        path: "/throttle-bindings/binded-apis",
        filter: "throttle_id",
        list: "apis",
        api: "id",
        environment: "run_env_id",
        id: "throttle_apply_id",
    };
    let sign = Sort {
        kind: Kind::SignatureBinding,
        path: "/sign-bindings/binded-apis",
        filter: "sign_id",
        list: "bindings",
        api: "api_id",
        environment: "env_id",
        id: "id",
    };
    for (sort, policies) in [(throttle, throttles), (sign, signs)] {
        let mut calls = Vec::new();
        for row in policies.iter().filter(|r| r.get("bind_num").and_then(Value::as_u64) != Some(0)) {
            let named = Named::of(row, "name")?;
            calls.push((sort.path.to_owned(), vec![(sort.filter.to_owned(), named.id)], named.name));
        }
        for (policy, rows) in reader.lists::<Value>(calls, sort.list).await? {
            for row in rows {
                // A binding of an API that the list did not show was made a moment ago; the next plan sees both.
                let Some(api) = apis.get(text(&row, sort.api)) else { continue };
                let env_id = text(&row, sort.environment);
                let environment =
                    known.name(Kind::Environment, env_id).unwrap_or_else(|| format!("id:{env_id}"));
                let bound = Bound { to: policy.clone() };
                let spec = match sort.kind {
                    Kind::ThrottleBinding => Spec::ThrottleBinding(bound),
                    _ => Spec::SignatureBinding(bound),
                };
                let id = RemoteId::from(text(&row, sort.id));
                let live = Live { id, state: State::Known(spec), detail: Detail::None };
                observed.insert(api.address().child(sort.kind, &environment), live);
            }
        }
    }
    Ok(())
}

/// How one sort of binding is read.
struct Sort {
    kind: Kind,
    path: &'static str,
    filter: &'static str,
    list: &'static str,
    api: &'static str,
    environment: &'static str,
    id: &'static str,
}
