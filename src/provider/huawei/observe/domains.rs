//! Domains of groups and their certificates: rows of groups show them (3.1.5), but for whether HTTP is sent on, which the
//! list of a certificate's domains shows (3.26.10).
//!
//! Where a certificate is a part of its domain, one call for each domain shows what stands in it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::convert::{certificate, domain};
use super::pages::{ListCall, Reader};
use super::rows::{Named, text};
use super::shape;
use crate::address::{Address, RemoteId};
use crate::http::Request;
use crate::kind::Kind;
use crate::kinds::domain::{Attached, Domain};
use crate::kinds::own_certificate::OwnCertificate;
use crate::kinds::spec::Spec;
use crate::observed::{Detail, Holder, Live, Observed, State};
use crate::provider::{ObserveError, Want, reading};

/// All domains, since a name is taken on the gateway as a whole; more of those that are managed here, and of those whose
/// certificate is to go.
pub(super) async fn read(
    reader: &Reader<'_>,
    want: &Want,
    groups: &[Value],
    certificates: &[Value],
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let mut asked: BTreeMap<String, Option<Address>> = BTreeMap::new();
    for row in certificates {
        let named = Named::of(row, "name")?;
        let address = Address::new(Kind::Certificate, &[&named.name]);
        if want.leaving.contains(&address) {
            asked.insert(named.id, Some(address));
        }
    }
    for (address, row) in rows(groups)? {
        let bound = text(row, "ssl_id");
        let kept = reader.tables.has(Kind::DomainCertificate) && !bound.is_empty();
        if kept && (want.all || want.addresses.contains(&address)) {
            asked.entry(bound.to_owned()).or_default();
        }
        let spec = domain::spec(row).map_err(|e| shape(Kind::Domain, &e.to_string()))?;
        let named = Named::of(row, "domain")?;
        if kept {
            let state =
                Spec::DomainCertificate(Attached { verify_clients: spec.verify_clients != Some(false) });
            let certificate = address.child(Kind::DomainCertificate, text(row, "ssl_name"));
            observed.insert(certificate, live(&named.id, state));
        }
        if !bound.is_empty() && reader.tables.has(Kind::OwnCertificate) {
            let own = OwnCertificate {
                certificate: text(row, "ssl_name").to_owned(),
                handle: bound.to_owned(),
                ..OwnCertificate::default()
            };
            let own = Spec::OwnCertificate(own.into());
            observed.insert(address.sibling(Kind::OwnCertificate), live(&named.id, own));
        }
        observed.insert(address, live(&named.id, Spec::Domain(spec)));
    }
    own(reader, want, groups, observed).await?;
    let call = |(id, leaving): (String, Option<Address>)| {
        ListCall::new(
            &format!("../../certificates/{}/attached-domains", crate::http::encode(&id)),
            "bound_domains",
            leaving,
        )
    };
    for (leaving, rows) in reader.lists::<Value, _>(asked.into_iter().map(call).collect()).await? {
        for row in rows {
            attached(reader, &row, leaving.as_ref(), observed)?;
        }
    }
    Ok(())
}

/// What stands in the certificates that domains managed here have to themselves, where they should have one.
async fn own(
    reader: &Reader<'_>,
    want: &Want,
    groups: &[Value],
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for group in groups {
        let group = Named::of(group, "name")?;
        ids.insert(group.name, group.id);
    }
    let mut calls = Vec::new();
    for (address, live) in observed.of_kind(Kind::OwnCertificate) {
        let Some(Spec::OwnCertificate(own)) = live.spec() else { continue };
        if let Some(group) = ids.get(&address.part(0))
            && (want.all || want.digests.get(address).is_some_and(|wanted| *wanted != own.digest()))
        {
            let [group, domain, id] = [group, live.id.as_str(), &own.handle].map(crate::http::encode);
            let path = format!("/api-groups/{group}/domains/{domain}/certificate/{id}");
            calls.push((address.to_string(), Request::get(reader.path(&path), Vec::new())));
        }
    }
    for (address, wire) in reading::answers(reader.client, calls, "domain certificate").await? {
        let facts = certificate::facts(&wire?).map_err(|e| shape(Kind::OwnCertificate, &e.to_string()))?;
        let live = Address::parse(&address).and_then(|address| observed.resources.get_mut(&address));
        if let Some(Live { state: State::Known(Spec::OwnCertificate(own)), .. }) = live {
            own.content = facts;
        }
    }
    Ok(())
}

/// The domains that rows of groups show.
fn rows(groups: &[Value]) -> Result<Vec<(Address, &Value)>, ObserveError> {
    let mut found = Vec::new();
    for group in groups {
        let name = Named::of(group, "name")?.name;
        for row in group.get("url_domains").and_then(Value::as_array).into_iter().flatten() {
            found.push((Address::new(Kind::Domain, &[&name, text(row, "domain")]), row));
        }
    }
    Ok(found)
}

fn live(id: &str, spec: Spec) -> Live {
    Live { id: RemoteId::from(id), state: State::Known(spec), detail: Detail::None }
}

/// A row of the domains of a certificate. Those of other gateways keep a certificate that is to go.
fn attached(
    reader: &Reader<'_>,
    row: &Value,
    leaving: Option<&Address>,
    observed: &mut Observed,
) -> Result<(), ObserveError> {
    let name = text(row, "url_domain");
    if text(row, "instance_id") != reader.gateway() {
        if let Some(certificate) = leaving {
            let holder = Holder { what: format!("the domain {name} of another gateway"), on: None };
            observed.holders.entry(certificate.clone()).or_default().push(holder);
        }
        return Ok(());
    }
    let shown = domain::spec(row).map_err(|e| shape(Kind::Domain, &e.to_string()))?;
    let address = Address::new(Kind::Domain, &[text(row, "api_group_name"), name]);
    if let Some(Live { state: State::Known(Spec::Domain(known)), .. }) = observed.resources.get_mut(&address)
    {
        *known = Domain { redirect_http: shown.redirect_http, ..known.clone() };
    }
    Ok(())
}
