//! Apps that may call: asked by app or by API, whatever takes fewer calls.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::rows::ApiRow;
use super::{HUNDRED, Names, list};
use crate::address::{Address, RemoteId};
use crate::http::Client;
use crate::kind::Kind;
use crate::kinds::binding::Bound;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::reading::{self, List};
use crate::provider::wire::text;
use crate::provider::{ObserveError, Want};

pub(super) async fn read(
    client: &Client,
    want: &Want,
    apis: &[ApiRow],
    names: &Names,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let wanted = || want.addresses.iter().filter(|a| a.kind == Kind::AppAuthorization);
    let there = |address: &Address, observed: &Observed| observed.get(address).map(|live| live.id.clone());
    let mut of_apps: BTreeSet<Address> = wanted().map(|a| Address::new(Kind::App, &[&a.part(3)])).collect();
    let of_apis: BTreeSet<Address> =
        wanted().map(|a| Address::new(Kind::Api, &[&a.part(0), &a.part(1)])).collect();
    if want.all {
        of_apps = observed.of_kind(Kind::App).into_iter().map(|(address, _)| address.clone()).collect();
    }
    // Of an app that leaves all is asked: others may have authorized it.
    let leaving: BTreeSet<Address> = want.leaving.iter().filter(|a| a.kind == Kind::App).cloned().collect();
    let lists: Vec<(String, List)> = if want.all || !leaving.is_empty() || of_apps.len() <= of_apis.len() {
        of_apps.extend(leaving);
        let ids = of_apps.iter().filter_map(|app| there(app, observed));
        let call = |id: RemoteId| {
            let query = [("AppId", id.as_str())];
            (id.to_string(), list("DescribeAuthorizedApis", "AuthorizedApis.AuthorizedApi", &query))
        };
        ids.map(call).collect()
    } else {
        let ids = of_apis.iter().filter_map(|api| there(api, observed));
        let call = |id: RemoteId| {
            let query = [("ApiId", id.as_str())];
            (id.to_string(), list("DescribeAuthorizedApps", "AuthorizedApps.AuthorizedApp", &query))
        };
        ids.map(call).collect()
    };
    let by_id: HashMap<&str, &ApiRow> = apis.iter().map(|row| (&*row.api_id, row)).collect();
    for (asked, rows) in reading::several::<Value, String>(client, HUNDRED, lists).await? {
        for row in rows {
            let said = |field: &str| text(&row, field).unwrap_or_default();
            // A row says the other side of what was asked about.
            let (app, api) = match said("ApiId") {
                api if !api.is_empty() && said("AppId").is_empty() => (asked.clone(), api),
                _ => (said("AppId"), if said("ApiId").is_empty() { asked.clone() } else { said("ApiId") }),
            };
            let Some(api) = by_id.get(&*api) else { continue };
            let name = names.get(&(Kind::App, app.clone())).cloned().unwrap_or_else(|| format!("id:{app}"));
            let place = api.address().child(Kind::Publication, &said("StageName"));
            let parts = [place.part(0), place.part(1), place.part(2), name.clone()];
            let address = Address::from_parts(Kind::AppAuthorization, &parts);
            let state = State::Known(Spec::Bound(Bound { to: name }));
            observed.insert(address, Live { id: RemoteId::from(&*app), state, detail: Detail::None });
        }
    }
    Ok(())
}
