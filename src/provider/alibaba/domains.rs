//! Domains of groups: `SetDomain` binds one, and binds it again with other settings; the detail of a group shows its domains.
//!
//! What no manifest says of a domain (the environment that it leads to, its network) is sent along, so that it stays.
//! The certificate of a domain is set by other means: [`super::certificates`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::certificates::{self, public};
use super::lower::{group_of, lookup, there, write};
use super::observe::{Names, shape};
use crate::address::{Address, RemoteId};
use crate::http::Client;
use crate::kind::Kind;
use crate::kinds::domain::{Domain, TlsVersion};
use crate::kinds::own_certificate::OwnCertificate;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Live, Observed, State};
use crate::plan::build::{Lowered, Unsupported};
use crate::plan::{Action, Change, Recover, Reply};
use crate::provider::wire::{Unreadable, need, switch};
use crate::provider::{ObserveError, Want};

/// What is sent along as it was read.
const KEPT: [&str; 2] = ["BindStageName", "CustomDomainType"];

/// The call that makes `change` so.
pub(super) fn lower(change: &Change, observed: Option<&Observed>) -> Result<Lowered, Unsupported> {
    let address = &change.address;
    let (name, group) = (address.name(), group_of(address));
    let mut body = json!({ "GroupId": group, "DomainName": name });
    let Some(Spec::Domain(spec)) = &change.after else {
        return Ok(write("DeleteDomain", body, Reply::Ignore));
    };
    body["IsHttpRedirectToHttps"] = (spec.redirect_http == Some(true)).into();
    if change.action == Action::Update {
        let there = there(change, observed)?;
        for member in KEPT {
            let value = there.get(member).filter(|value| value.as_str().is_some_and(|text| !text.is_empty()));
            if let Some(value) = value {
                body[member] = value.clone();
            }
        }
        return Ok(write("SetDomain", body, Reply::Ignore));
    }
    let recover = Recover {
        call: lookup("DescribeApiGroup", vec![("GroupId".to_owned(), group)]),
        list: "CustomDomains.DomainItem".into(),
        matches: vec![("DomainName".to_owned(), name.into())],
        id: "DomainName".into(),
    };
    let reply = Reply::Object { id: "DomainName".into() };
    Ok(Lowered { recover: Some(recover), ..write("SetDomain", body, reply) })
}

/// Reads one of the domains of a group.
fn spec(wire: &Value) -> Result<Domain, Unreadable> {
    Ok(Domain {
        min_tls: TlsVersion::V11,
        redirect_http: Some(switch(wire, "IsHttpRedirectToHttps", false)?),
        ..Domain::default()
    })
}

/// The groups whose detail is needed for their domains.
pub(super) fn wanted(want: &Want) -> BTreeSet<String> {
    let about = |address: &&Address| matches!(address.kind, Kind::Domain | Kind::OwnCertificate);
    want.addresses.iter().filter(about).map(|address| address.part(0)).collect()
}

/// The domains of groups whose details were read, by the ids of the groups, and by one call each the certificates that are
/// compared.
pub(super) async fn read(
    client: &Client,
    want: &Want,
    names: &Names,
    details: &BTreeMap<String, Value>,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let wanted = wanted(want);
    let named = |id: &str| names.get(&(Kind::Group, id.to_owned())).cloned().unwrap_or_else(|| id.to_owned());
    let mut shown: Vec<(String, Vec<Value>)> = details
        .iter()
        .filter(|(id, _)| want.all || wanted.contains(&named(id)))
        .map(|(id, detail)| (id.clone(), shown(detail)))
        .collect();
    let asked = |group: &str, name: &str, own: &OwnCertificate| {
        let wanted = want.digests.get(&Address::new(Kind::OwnCertificate, &[&named(group), name]));
        want.all || wanted.is_some_and(|wanted| *wanted != own.digest())
    };
    certificates::detailed(client, &mut shown, &asked).await?;
    for (id, rows) in shown {
        let group = named(&id);
        for row in rows {
            let wrong = |e: Unreadable| shape(Kind::Domain, &e.to_string());
            let name = need(&row, "DomainName").map_err(wrong)?;
            let state = State::Known(Spec::Domain(spec(&row).map_err(wrong)?));
            let (id, address) = (RemoteId::from(&*name), Address::new(Kind::Domain, &[&group, &name]));
            let detail = Detail::Kept { kept: row.clone().into() };
            if let Some(own) = certificates::own(&row) {
                let state = State::Known(Spec::OwnCertificate(own.into()));
                let live = Live { id: id.clone(), state, detail: detail.clone() };
                observed.insert(address.sibling(Kind::OwnCertificate), live);
            }
            observed.insert(address, Live { id, state, detail });
        }
    }
    Ok(())
}

/// The domains in the detail of a group.
pub(super) fn shown(detail: &Value) -> Vec<Value> {
    detail["CustomDomains"].as_array().into_iter().flatten().cloned().map(public).collect()
}
