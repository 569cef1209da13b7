//! Domain names of groups (3.12). What the group shows of them is `url_domains`.

use serde_json::{Value, json};

use super::super::model::{Coll, Record};
use super::super::store::{Gateway, Tx};
use super::context::{Ctx, Reply};
use super::fault::Fault;
use super::records::{self, Kind, PLAIN, Parent, exists};

pub(crate) static DOMAIN: Kind = Kind {
    coll: Coll::Domain,
    param: "domain_id",
    missing: "APIG.3020",
    parent: Some(Parent { param: "group_id", coll: Coll::Group, missing: "APIG.3001" }),
    unique: &[("url_domain", "APIG.3305")],
    quota: Some(("APIGROUP_DOMAIN_NUM_LIMIT", "APIG.3108", Some("group_id"))),
    keep: &["url_domain", "status", "ssl_id", "ssl_name", "is_has_trusted_root_ca"],
    prepare: |ctx, _, draft, doc| {
        let name = doc.get("url_domain").and_then(Value::as_str).unwrap_or("").to_ascii_lowercase();
        if draft.old.is_none() && !is_domain(&name) {
            return Err(Fault::new("APIG.2024"));
        }
        let checks_clients = doc.get("verified_client_certificate_enabled") == Some(&Value::Bool(true));
        if checks_clients && doc.get("is_has_trusted_root_ca") != Some(&Value::Bool(true)) {
            return Err(ctx.bad("verified_client_certificate_enabled"));
        }
        doc.insert("url_domain".to_owned(), name.into());
        doc.entry("verified_client_certificate_enabled").or_insert(json!(false));
        doc.entry("is_has_trusted_root_ca").or_insert(json!(false));
        // No name server is asked: every name counts as one that leads here.
        doc.entry("status").or_insert(json!(3));
        Ok(())
    },
    ..PLAIN
};

/// A name of at least two labels, perhaps a wildcard, perhaps with a port.
fn is_domain(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "80"));
    let name = name.strip_prefix("*.").unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let numeric = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    !numeric
        && name.contains('.')
        && name.split('.').all(label)
        && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// The domain names of a group, as the group shows them.
pub(crate) fn of_group(gateway: &Gateway, group_id: &str) -> Value {
    let all = gateway.records_by(Coll::Domain, "group_id", &[group_id]).map(|domain| {
        json!({
            "id": domain.id,
            "domain": domain.text("url_domain"),
            "cname_status": domain.number("status").unwrap_or(3),
            "ssl_id": domain.text("ssl_id"),
            "ssl_name": domain.text("ssl_name"),
            "min_ssl_version": domain.text("min_ssl_version"),
            "verified_client_certificate_enabled":
                domain.doc.get("verified_client_certificate_enabled") == Some(&Value::Bool(true)),
            "is_has_trusted_root_ca": domain.doc.get("is_has_trusted_root_ca") == Some(&Value::Bool(true)),
        })
    });
    Value::Array(all.collect())
}

/// The domain name a path leads to.
pub(crate) fn find<'g>(ctx: &Ctx, gateway: &'g Gateway) -> Result<&'g Record, Fault> {
    exists(gateway, Coll::Group, ctx.path("group_id"), "APIG.3001")?;
    let id = ctx.path("domain_id");
    let domain = gateway.record(Coll::Domain, id).ok_or_else(|| Fault::of(DOMAIN.missing, id))?;
    if domain.text("group_id") == ctx.path("group_id") { Ok(domain) } else { Err(Fault::new("APIG.3474")) }
}

/// 3.12.1.
pub(crate) fn create(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    records::create(&DOMAIN, ctx, tx)
}

/// 3.12.3.
pub(crate) fn update(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    find(ctx, tx)?;
    records::update(&DOMAIN, ctx, tx)
}

/// 3.12.4: with a certificate or without.
pub(crate) fn delete(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    find(ctx, tx)?;
    records::delete(&DOMAIN, ctx, tx)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_domains() {
        for good in ["a.example", "*.a.example", "a.example:8443", "xn--a.example"] {
            assert!(is_domain(good), "{good}");
        }
        for bad in
            ["", "a", "10.0.0.1", "a..b", "-a.example", "a.example:0", "a_b.example", "http://a.example"]
        {
            assert!(!is_domain(bad), "{bad}");
        }
    }
}
