//! Who is called while a plan takes something away from callers: asked of the gateway before the plan is shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::{SessionError, Target};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::api::{ApiSpec, AuthType};
use crate::kinds::spec::Spec;
use crate::kinds::throttle::{Limits, ThrottleSpec};
use crate::observed::Observed;
use crate::plan::{Action, Busy, Change, Note};
use crate::traffic::Whose;

/// How far back is looked.
const MINUTES: u32 = 60;

/// The most APIs whose traffic is asked for.
const APIS_MAX: usize = 200;

/// APIs that callers will notice a change of, each with what happens to it; the first that is said counts.
fn affected(changes: &[Change], observed: &Observed) -> BTreeMap<Address, String> {
    let mut found = BTreeMap::new();
    let mut say = |api: Option<Address>, what: String| {
        if let Some(api) = api.filter(|api| observed.get(api).is_some()) {
            found.entry(api).or_insert(what);
        }
    };
    // What is worst comes first.
    for change in changes.iter().filter(|c| c.address.kind == Kind::Api && c.action == Action::Delete) {
        say(Some(change.address.clone()), "is deleted".to_owned());
    }
    for change in changes {
        let address = &change.address;
        let api = || address.ancestor(Kind::Api);
        let environment = address.part(2);
        match (address.kind, change.action) {
            (Kind::Publication, Action::Unpublish) => say(api(), format!("goes offline in {environment}")),
            (Kind::Publication, _) if asks_for_more(change) => {
                say(api(), format!("asks its callers for other credentials in {environment}"));
            }
            (Kind::ThrottleBinding, Action::Bind) if change.before.is_none() => {
                say(api(), format!("is throttled in {environment}"));
            }
            (Kind::AccessBinding, Action::Bind) => {
                say(api(), format!("is shut for some by an access control in {environment}"));
            }
            (Kind::AppAuthorization, Action::Unbind) => {
                say(api(), format!("is closed to {} in {environment}", address.part(3)));
            }
            (Kind::Throttle, Action::Update) if is_tightened(change) => {
                for (binding, live) in observed.of_kind(Kind::ThrottleBinding) {
                    if live.spec().and_then(Spec::bound) == Some(address.name().as_str()) {
                        say(
                            binding.ancestor(Kind::Api),
                            format!("has its throttle {} tightened", address.name()),
                        );
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn definition(spec: Option<&Spec>) -> Option<&ApiSpec> {
    match spec {
        Some(Spec::Publication(spec)) => Some(spec),
        _ => None,
    }
}

/// Whether a new version asks callers for something that the one before did not.
fn asks_for_more(change: &Change) -> bool {
    match (definition(change.before.as_ref()), definition(change.after.as_ref())) {
        (Some(before), Some(after)) => before.auth != after.auth && after.auth.kind != AuthType::None,
        _ => false,
    }
}

/// Whether fewer calls are let through than before.
fn is_tightened(change: &Change) -> bool {
    let (Some(Spec::Throttle(before)), Some(Spec::Throttle(after))) = (&change.before, &change.after) else {
        return false;
    };
    let rates = |throttle: &ThrottleSpec| {
        let Limits { api, user, app, source_ip } = throttle.limits;
        [Some(api), user, app, source_ip]
    };
    let per = |throttle: &ThrottleSpec| throttle.per.as_millis().max(1);
    rates(before).into_iter().zip(rates(after)).any(|(was, is)| match (was, is) {
        (_, None) => false,
        (None, Some(_)) => true,
        // Compared as fractions, so that nothing is rounded.
        (Some(was), Some(is)) => {
            u128::from(is) * u128::from(per(before)) < u128::from(was) * u128::from(per(after))
        }
    })
}

/// Asks how often the APIs are called that `changes` take something away from.
pub(super) async fn busy(
    changes: &[Change],
    observed: &Observed,
    target: &Target,
) -> Result<Vec<Busy>, SessionError> {
    let affected = affected(changes, observed);
    let mut tasks = JoinSet::new();
    for (api, _) in affected.iter().take(APIS_MAX) {
        let id = |address: &Address| observed.get(address).map(|live| live.id.clone());
        let (Some(group), Some(own)) = (id(&Address::new(Kind::Group, &[&api.part(0)])), id(api)) else {
            continue;
        };
        let (provider, client, api) = (Arc::clone(&target.provider), target.client.clone(), api.clone());
        tasks.spawn(async move {
            let whose = Whose { group, api: Some(own) };
            (api, provider.traffic(&client, &whose, MINUTES).await)
        });
    }
    let mut known = BTreeMap::new();
    while let Some(joined) = tasks.join_next().await {
        let Ok((api, traffic)) = joined else { continue };
        known.insert(api, traffic?.requests());
    }
    let one = |(address, what): (Address, String)| {
        let requests = known.get(&address).copied().flatten();
        Busy { requests: requests.map(whole), address, what }
    };
    Ok(affected.into_iter().map(one).collect())
}

/// Calls are counted in whole numbers.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of calls are small and not negative"
)]
fn whole(calls: f64) -> u64 {
    calls.max(0.0).round() as u64
}

/// What a plan says of it: each API that is called, and how many nobody knows about.
pub(super) fn notes(busy: &[Busy]) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for api in busy {
        let Some(requests) = api.requests.filter(|requests| *requests > 0) else { continue };
        notes.push(Note {
            code: "traffic".to_owned(),
            address: Some(api.address.clone()),
            message: format!("it {} and was called {requests} times in the last hour", api.what),
        });
    }
    let unknown = busy.iter().filter(|api| api.requests.is_none()).count();
    if unknown > 0 {
        let (noun, who) = if unknown == 1 { ("API", "it is") } else { ("APIs", "they are") };
        let message = format!(
            "the plan takes something away from callers of {unknown} {noun} of which it is not known how often {who} called"
        );
        notes.push(Note { code: "traffic-unknown".to_owned(), address: None, message });
    }
    notes
}
