//! Certificates of domains. A certificate is a part of its domain: `SetDomainCertificate` sets it and takes the place of the
//! one that is there, `DeleteDomainCertificate` takes it off by its id, and it goes with the domain.
//!
//! Rows of domains show its name and how long it is valid. All of it is asked for where a domain that is managed here should
//! have one (`DescribeDomain`); that shows the private key, too, which is dropped at once ([`public`]). Whether callers are
//! asked for certificates is not shown.

use serde_json::{Map, Value, json};

use super::lower::{group_of, there, write};
use super::observe::ask;
use crate::http::Client;
use crate::kinds::certificate::{Facts, pem};
use crate::kinds::own_certificate::OwnCertificate;
use crate::kinds::spec::Spec;
use crate::observed::Observed;
use crate::plan::build::{Batch, Lowered, Unsupported};
use crate::plan::{Action, Change, Reply};
use crate::provider::{ObserveError, reading};

/// What is sent along as it was read: no manifest says it.
const SWITCHES: [&str; 3] = ["ClientCertSDnPassThrough", "SslOcspEnable", "SslOcspCacheEnable"];

/// How many certificates there may be between that of a caller and the trusted root.
const DEPTH: &str = "SslVerifyDepth";

/// The member that nobody keeps.
const PRIVATE: &str = "CertificatePrivateKey";

/// The call that sets a certificate or takes it off. It is known by its domain.
pub(super) fn lower(change: &Change, observed: Option<&Observed>) -> Result<Lowered, Unsupported> {
    let address = &change.address;
    let mut body = json!({ "GroupId": group_of(address), "DomainName": address.name() });
    let Some(Spec::OwnCertificate(own)) = &change.after else {
        let Some(Spec::OwnCertificate(own)) = &change.before else {
            return Err(Unsupported { reason: "which certificate it has was not read".to_owned() });
        };
        body["CertificateId"] = own.handle.as_str().into();
        return Ok(write("DeleteDomainCertificate", body, Reply::Ignore));
    };
    body["CertificateName"] = own.certificate.as_str().into();
    if let Some(sent) = &own.sent {
        body["CertificateBody"] = sent.content.as_str().into();
        body["CertificatePrivateKey"] = json!({ "$secret": sent.private_key });
        if !sent.trusted_root_ca.is_empty() {
            body["CaCertificateBody"] = sent.trusted_root_ca.as_str().into();
            // The chain of a caller may be as long as there are authorities.
            body[DEPTH] = pem::count(&sent.trusted_root_ca).into();
        }
    }
    if change.action == Action::Update {
        let there = there(change, observed)?;
        for member in SWITCHES.into_iter().filter(|member| there[*member] == true) {
            body[member] = true.into();
        }
        let depth = there[DEPTH].as_u64().max(body[DEPTH].as_u64());
        body[DEPTH] = depth.filter(|depth| *depth > 0).into();
    }
    let batch = Batch {
        key: format!("certificate {}", address.path()),
        limit: 1,
        item: Value::Null,
        row: vec![("DomainName".to_owned(), address.name().into())],
    };
    // To set it once more does no harm: what was lost is sent again.
    let reply = Reply::Known { id: "DomainName".into() };
    Ok(Lowered { batch: Some(batch), ..write("SetDomainCertificate", body, reply) })
}

/// A row of a domain without its private key, which no one may keep; whoever set the certificate may have put the key there,
/// too.
pub(super) fn public(mut row: Value) -> Value {
    if let Value::Object(row) = &mut row {
        row.retain(|name, value| {
            name != PRIVATE && !value.as_str().is_some_and(|text| text.contains("PRIVATE KEY-----"))
        });
    }
    row
}

/// The certificate that a domain has, by its row or its detail.
pub(super) fn own(row: &Value) -> Option<OwnCertificate> {
    let said = |member: &str| row[member].as_str().unwrap_or_default().to_owned();
    let handle = said("CertificateId");
    if handle.is_empty() {
        return None;
    }
    // Some answers have the time as text.
    let time = |member: &str| {
        let millis = row[member].as_i64().or_else(|| row[member].as_str()?.parse().ok());
        millis.map(|millis| pem::time(millis.div_euclid(1000))).unwrap_or_default()
    };
    let listed = Facts {
        not_before: time("CertificateValidStart"),
        not_after: time("CertificateValidEnd"),
        ..Facts::default()
    };
    let shown = said("CertificateBody");
    let content = pem::first(&shown).unwrap_or(listed);
    Some(OwnCertificate { certificate: said("CertificateName"), content, handle, shown, sent: None })
}

/// Adds to the rows of domains what they lack of those certificates that are `asked` for, by the ids of groups and the names of
/// domains.
pub(super) async fn detailed(
    client: &Client,
    groups: &mut [(String, Vec<Value>)],
    asked: &(dyn Fn(&str, &str, &OwnCertificate) -> bool + Sync),
) -> Result<(), ObserveError> {
    let mut calls = Vec::new();
    for (g, (group, rows)) in groups.iter().enumerate() {
        for (r, row) in rows.iter().enumerate() {
            let name = row["DomainName"].as_str().unwrap_or_default();
            if own(row).is_some_and(|own| asked(group, name, &own)) {
                let query = [("GroupId", &**group), ("DomainName", name)];
                calls.push((format!("{g} {r}"), ask("DescribeDomain", &query)));
            }
        }
    }
    for (place, detail) in reading::answers(client, calls, "domain").await? {
        let at = place.split_once(' ').and_then(|(g, r)| Some((g.parse().ok()?, r.parse().ok()?)));
        let (Some((g, r)), Value::Object(detail)) = (at, public(detail?)) else { continue };
        let (g, r): (usize, usize) = (g, r);
        if let Some(Value::Object(row)) = groups.get_mut(g).and_then(|(_, rows)| rows.get_mut(r)) {
            let more = detail.into_iter().filter(|(member, _)| member.starts_with("Certificate"));
            row.extend(more.collect::<Map<_, _>>());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: &str = include_str!("../../../tests/engine/certificates/leaf.pem");
    const KEY: &str = include_str!("../../../tests/engine/certificates/leaf.key");

    fn row() -> Value {
        json!({
            "DomainName": "pay.example.com", "CertificateId": "c1", "CertificateName": "first",
            "CertificateValidStart": 1_689_043_476_000_i64, "CertificateValidEnd": "2635123476000",
        })
    }

    #[test]
    fn nobody_keeps_a_private_key() {
        let mut shown = row();
        shown["CertificatePrivateKey"] = KEY.into();
        assert_eq!(public(shown), row());
        let mut both = row();
        both["CertificateBody"] = format!("{LEAF}{KEY}").into();
        assert_eq!(public(both), row());
        let mut good = row();
        good["CertificateBody"] = LEAF.into();
        assert_eq!(public(good.clone()), good);
    }

    #[test]
    fn a_row_shows_how_long_a_certificate_is_valid_and_a_detail_all_of_it() {
        let own = |row: &Value| super::own(row).unwrap();
        let listed = own(&row());
        assert_eq!((listed.certificate.as_str(), listed.handle.as_str()), ("first", "c1"));
        let times = (listed.content.not_before.as_str(), listed.content.not_after.as_str());
        assert_eq!(times, ("2023-07-11T02:44:36Z", "2053-07-03T02:44:36Z"));
        assert_eq!(listed.content.serial, "");
        let mut detail = row();
        detail["CertificateBody"] = LEAF.into();
        assert_eq!(own(&detail).content, pem::facts(LEAF).unwrap());
        // What cannot be read says no more than the row.
        detail["CertificateBody"] = "nothing".into();
        assert_eq!(own(&detail).content, listed.content);
        assert!(super::own(&json!({ "DomainName": "pay.example.com", "CertificateId": "" })).is_none());
    }
}
