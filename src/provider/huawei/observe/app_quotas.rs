//! Which quota an app has: asked of the apps that matter (3.28.13), or of the quotas that have apps (3.29.6), whichever takes
//! fewer calls. A quota's row tells how many apps it has; where it does not (the example of 3.29.3 leaves it out), it is asked.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::super::convert::Names;
use super::super::tables::Paging;
use super::apis::fetch;
use super::pages::{ListCall, Reader};
use super::rows::{Named, text};
use super::{Known, Lists};
use crate::address::{Address, RemoteId};
use crate::kind::Kind;
use crate::kinds::binding::Bound;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::provider::{ObserveError, Want};

/// One quota, as its row shows it.
struct Row {
    id: String,
    address: Address,
    apps: Option<u64>,
}

impl Row {
    /// How many calls the list of its apps takes.
    fn cost(&self) -> usize {
        self.apps.map_or(1, |apps| usize::try_from(apps).unwrap_or(usize::MAX).div_ceil(Paging::SIZE))
    }
}

/// Reads the quotas of apps whose quota is wanted, or that leave.
pub(super) async fn read(
    reader: &Reader<'_>,
    want: &Want,
    lists: &Lists,
    known: &Known,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    if !reader.tables.has(Kind::QuotaBinding) {
        return Ok(());
    }
    let of = |kind| lists.get(&kind).map(Vec::as_slice).unwrap_or_default();
    let mut quotas = Vec::new();
    for row in of(Kind::Quota) {
        let Named { id, name } = Named::by(row, "app_quota_id", "name")?;
        let apps = row.get("bound_app_num").and_then(Value::as_u64);
        quotas.push(Row { id, address: Address::new(Kind::Quota, &[&name]), apps });
    }
    let mut apps: Vec<(String, String)> = Vec::new();
    for row in of(Kind::App) {
        let Named { id, name } = Named::of(row, "name")?;
        let binding = Address::new(Kind::QuotaBinding, &[&name]);
        if want.wants(&binding) || want.leaving.contains(&Address::new(Kind::App, &[&name])) {
            apps.push((id, name));
        }
    }
    // Where no row says how many apps it has, or one that leaves does not, its apps are counted.
    let uncounted: BTreeSet<&str> = quotas
        .iter()
        .filter(|quota| quota.apps.is_none() && want.leaving.contains(&quota.address))
        .map(|quota| &*quota.id)
        .collect();
    let listed = lists.contains_key(&Kind::Quota);
    let by_quota = listed && quotas.iter().map(Row::cost).sum::<usize>() <= apps.len() + uncounted.len();
    let mut calls = Vec::new();
    for quota in quotas.iter().filter(|quota| quota.cost() > 0) {
        if (by_quota && !apps.is_empty()) || uncounted.contains(&*quota.id) {
            let path = format!("/app-quotas/{}/bound-apps", crate::http::encode(&quota.id));
            calls.push(ListCall::new(&path, "apps", quota.address.clone()));
        }
    }
    let names: HashMap<&str, &str> = apps.iter().map(|(id, name)| (&**id, &**name)).collect();
    let mut found: Vec<(String, String, String)> = Vec::new();
    for (quota, rows) in reader.lists::<Value, Address>(calls).await? {
        if let Some(live) = observed.resources.get_mut(&quota) {
            live.detail = Detail::Bound { count: rows.len() as u64 };
        }
        for row in rows.iter().filter(|_| by_quota) {
            if let Some(app) = names.get(text(row, "app_id")) {
                found.push((text(row, "app_id").to_owned(), (*app).to_owned(), quota.name()));
            }
        }
    }
    if !by_quota {
        let path = |id: &str| format!("/apps/{}/bound-quota", crate::http::encode(id));
        let calls = apps.iter().map(|(id, _)| (id.clone(), path(id))).collect();
        let answers = fetch(reader, calls, "quota of an app").await?;
        for (id, app) in &apps {
            // An app without one is answered with an empty one.
            let quota = answers.get(id).map(|answer| text(answer, "app_quota_id")).unwrap_or_default();
            if !quota.is_empty() {
                let said = || Some(text(&answers[id], "name").to_owned()).filter(|name| !name.is_empty());
                let name = known.name(Kind::Quota, quota).or_else(said);
                found.push((id.clone(), app.clone(), name.unwrap_or_else(|| format!("id:{quota}"))));
            }
        }
    }
    for (id, app, quota) in found {
        let state = State::Known(Spec::Bound(Bound { to: quota }));
        let live = Live { id: RemoteId::from(&*id), state, detail: Detail::None };
        observed.insert(Address::new(Kind::QuotaBinding, &[&app]), live);
    }
    Ok(())
}
