//! Certificates of domains (3.26.8, 3.26.9): by certificate, with many domains in one call. A domain has one certificate, so
//! that by domain there are never fewer calls.
//!
//! The shared gateway keeps a certificate with its domain: one call for each domain sets it, and takes the place of the one
//! that is there (`POST domains/{id}/certificate`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::convert::{certificate, gateway};
use crate::address::Address;
use crate::kind::Kind;
use crate::kinds::own_certificate::OwnCertificate;
use crate::kinds::spec::Spec;
use crate::plan::build::{Batch, Lowered};
use crate::plan::{Call, Change, Reply, id_of};

/// The reference names no limit; a gateway has at most five domains a group.
pub(super) const BATCH: usize = 500;

/// The call that makes `change` so.
pub(super) fn lower(root: &str, change: &Change) -> Lowered {
    let address = &change.address;
    let domain = Address::new(Kind::Domain, &[&address.part(0), &address.part(1)]);
    let certificate = Address::new(Kind::Certificate, &[&address.part(2)]);
    let word = if change.after.is_some() { "attach" } else { "detach" };
    let mut item = json!({ "domain": domain.name(), "instance_ids": [gateway()] });
    // Without a word on it, callers are asked where the certificate has a trusted root.
    if let Some(Spec::DomainCertificate(attached)) = &change.after
        && !attached.verify_clients
    {
        item["verified_client_certificate_enabled"] = false.into();
    }
    Lowered {
        call: Call {
            method: "POST".into(),
            path: super::objects::join(root, &format!("../../certificates/{{id}}/domains/{word}")),
            args: BTreeMap::from([("id".to_owned(), id_of(&certificate))]),
            query: Vec::new(),
            body: json!({ "domains": { "$items": true } }),
        },
        // No answer: what is attached is known by its domain.
        reply: Reply::Known { id: "id".into() },
        recover: None,
        batch: Some(Batch {
            key: format!("{word} {certificate}"),
            limit: BATCH,
            item,
            row: vec![("id".to_owned(), id_of(&domain))],
        }),
    }
}

/// The call that sets the certificate which a domain has to itself, or takes it off.
pub(super) fn own(root: &str, change: &Change) -> Lowered {
    let address = &change.address;
    let group = Address::new(Kind::Group, &[&address.part(0)]);
    let domain = id_of(&address.sibling(Kind::Domain));
    let own = |spec: &Option<Spec>| match spec {
        Some(Spec::OwnCertificate(own)) => (**own).clone(),
        _ => OwnCertificate::default(),
    };
    let mut args =
        BTreeMap::from([("group".to_owned(), id_of(&group)), ("domain".to_owned(), domain.clone())]);
    let mut path = super::objects::join(root, "/api-groups/{group}/domains/{domain}/certificate");
    let (method, body) = if change.after.is_some() {
        ("POST", certificate::own_body(&own(&change.after)))
    } else {
        path.push_str("/{id}");
        args.insert("id".to_owned(), own(&change.before).handle.into());
        ("DELETE", Value::Null)
    };
    Lowered {
        call: Call { method: method.into(), path, args, query: Vec::new(), body },
        // To set it once more does no harm: what was lost is sent again. It is known by its domain.
        reply: Reply::Known { id: "id".into() },
        recover: None,
        batch: Some(Batch {
            key: format!("own {}", address.path()),
            limit: 1,
            item: Value::Null,
            row: vec![("id".to_owned(), domain)],
        }),
    }
}
