//! Custom domains of groups and their certificates.

use serde_json::{Value, json};

use super::super::huawei_v2::certificates::parse;
use super::super::model::{Coll, Doc, Record, Row};
use super::super::store::{Gateway, Tx};
use super::super::time::parse as parse_time;
use super::answer::Reply;
use super::context::Ctx;
use super::fault::Fault;
use super::groups;

/// The domains of a group as its detail shows them: without certificates and keys.
pub(crate) fn of_group(gateway: &Gateway, group_id: &str) -> Value {
    let one = |domain: &Record| {
        let mut doc = domain.doc.clone();
        for name in ["CertificateBody", "CertificatePrivateKey", "CaCertificateBody", "GroupId"] {
            doc.shift_remove(name);
        }
        Value::Object(doc)
    };
    let items: Vec<Value> = gateway.records_by(Coll::CloudDomain, "GroupId", &[group_id]).map(one).collect();
    json!({"DomainItem": items})
}

/// A name with at least two labels; the first may be a star.
fn is_domain(name: &str) -> bool {
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let rest = name.strip_prefix("*.").unwrap_or(name);
    name.len() <= 253 && rest.contains('.') && rest.split('.').all(label)
}

/// The domain a call names.
fn named<'g>(ctx: &Ctx, gateway: &'g Gateway) -> Result<&'g Record, Fault> {
    let group = groups::named(ctx, gateway)?;
    let domain = gateway.record(Coll::CloudDomain, ctx.text("DomainName"));
    domain.filter(|it| *it.text("GroupId") == *group.id).ok_or_else(|| Fault::absent("Domain"))
}

/// Changes a domain.
fn change(
    ctx: &Ctx,
    tx: &mut Tx,
    change: impl FnOnce(&mut Doc) -> Result<(), Fault>,
) -> Result<Reply, Fault> {
    let mut domain = named(ctx, tx)?.clone();
    change(&mut domain.doc)?;
    domain.updated = ctx.now;
    tx.put(Coll::CloudDomain, Row::Record(domain));
    Ok(Reply::empty())
}

/// `SetDomain`: a domain belongs to one group; `IsForce` takes it from another.
pub(crate) fn set(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let group = groups::named(ctx, tx)?.id.clone();
    let name = ctx.text("DomainName").to_ascii_lowercase();
    if !is_domain(&name) {
        return Err(Fault::invalid("DomainName"));
    }
    let stage = ctx.text("BindStageName");
    if !stage.is_empty() && !groups::STAGES.iter().any(|(known, _)| *known == stage) {
        return Err(Fault::invalid("BindStageName"));
    }
    let old = tx.record(Coll::CloudDomain, &name).cloned();
    let own = old.as_ref().is_some_and(|old| *old.text("GroupId") == *group);
    if old.is_some() && !own && ctx.flag("IsForce") != Some(true) {
        return Err(
            Fault::new("DomainAlreadyBind").saying("The specified domain is bound to another API group.")
        );
    }
    if !own {
        let count = tx.count_by(Coll::CloudDomain, "GroupId", &[&group]);
        ctx.room("Domain", 50, count)?;
    }
    let created = old.as_ref().map_or(ctx.now, |old| old.created);
    let mut doc = old.filter(|_| own).map(|old| old.doc).unwrap_or_default();
    let about = groups::STAGES.iter().find(|(known, _)| *known == stage).map_or("", |(_, about)| about);
    for (member, value) in [
        ("DomainName", json!(name)),
        ("GroupId", json!(group)),
        ("BindStageName", json!(stage)),
        ("BindStageAlias", json!(about)),
        ("CustomDomainType", json!(ctx.given("CustomDomainType").unwrap_or("INTERNET"))),
        ("IsHttpRedirectToHttps", json!(ctx.flag("IsHttpRedirectToHttps").unwrap_or(false))),
        ("DomainBindingStatus", json!("BINDING")),
        ("DomainCNAMEStatus", json!("RESOLVED")),
        ("DomainLegalStatus", json!("NORMAL")),
    ] {
        doc.insert(member.to_owned(), value);
    }
    doc.entry("DomainWebSocketStatus").or_insert("CLOSE".into());
    let mut shown = doc.clone();
    shown.insert("SubDomain".to_owned(), groups::sub_domain(ctx, &group).into());
    let row = Record { id: name.into(), created, updated: ctx.now, doc };
    tx.put(Coll::CloudDomain, Row::Record(row));
    Ok(Reply::Doc(shown))
}

/// `DescribeDomain`. What stands for the key is shown, not the key.
pub(crate) fn describe(ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let domain = named(ctx, gateway)?;
    let mut doc = domain.doc.clone();
    doc.insert("SubDomain".to_owned(), groups::sub_domain(ctx, domain.text("GroupId")).into());
    Ok(Reply::Doc(doc))
}

/// `DeleteDomain`: one that is not there is deleted already.
pub(crate) fn delete(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let name = ctx.text("DomainName").to_ascii_lowercase();
    if tx.record(Coll::CloudDomain, &name).is_some_and(|it| it.text("GroupId") == ctx.text("GroupId")) {
        tx.remove(Coll::CloudDomain, &name);
    }
    Ok(Reply::empty())
}

/// `ReactivateDomain`: here no domain is ever abnormal.
pub(crate) fn reactivate(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    change(ctx, tx, |doc| {
        doc.insert("DomainLegalStatus".to_owned(), "NORMAL".into());
        Ok(())
    })
}

/// `SetDomainWebSocketStatus`.
pub(crate) fn set_socket(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let action = ctx.text("ActionValue");
    if !["OPEN", "CLOSE"].contains(&action) {
        return Err(Fault::invalid("ActionValue"));
    }
    change(ctx, tx, |doc| {
        doc.insert("DomainWebSocketStatus".to_owned(), action.into());
        Ok(())
    })
}

/// `SetWildcardDomainPatterns`: a JSON list of patterns, for a domain that begins with a star.
pub(crate) fn set_patterns(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let text = ctx.text("WildcardDomainPatterns");
    let list: Result<Vec<String>, _> = serde_json::from_str(if text.is_empty() { "[]" } else { text });
    list.map_err(|_| Fault::malformed("WildcardDomainPatterns"))?;
    if !ctx.text("DomainName").starts_with("*.") {
        return Err(Fault::invalid("DomainName"));
    }
    change(ctx, tx, |doc| {
        doc.insert("WildcardDomainPatterns".to_owned(), text.into());
        Ok(())
    })
}

/// `SetDomainCertificate`: the certificate must be good, fit its key and name the domain. The key is not kept.
pub(crate) fn set_certificate(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let id = ctx.id();
    let depth: i64 = match ctx.given("SslVerifyDepth") {
        Some(text) => text.parse().map_err(|_| Fault::malformed("SslVerifyDepth"))?,
        None => 0,
    };
    let (body, key) = (ctx.text("CertificateBody"), ctx.text("CertificatePrivateKey"));
    for (name, text) in [("CertificateBody", body), ("CertificatePrivateKey", key)] {
        if text.is_empty() {
            return Err(Fault::missing(name));
        }
    }
    let (host, now) = (ctx.text("DomainName").to_ascii_lowercase(), ctx.now);
    named(ctx, tx)?;
    let read = parse::read(body, key, ctx.text("CaCertificateBody"), now, parse::Asks::Plain);
    let told = read.map_err(|code| match code {
        "APIG.2101" | "APIG.2105" => Fault::invalid("CertificatePrivateKey"),
        _ => Fault::invalid("CertificateBody"),
    })?;
    let common = told.get("common_name");
    let names = told.get("san").and_then(Value::as_array).into_iter().flatten().chain(common);
    let names: Vec<&str> = names.filter_map(Value::as_str).collect();
    if !parse::covers(&names, &host) {
        return Err(
            Fault::invalid("DomainName").saying("The certificate does not match the specified domain.")
        );
    }
    let moment = |name: &str| {
        let nanos = told.get(name).and_then(Value::as_str).and_then(parse_time).unwrap_or(0);
        nanos.div_euclid(1_000_000)
    };
    change(ctx, tx, |doc| {
        for (member, value) in [
            ("CertificateId", json!(id)),
            ("CertificateName", json!(ctx.text("CertificateName"))),
            ("CertificateBody", json!(body)),
            ("CertificateValidStart", json!(moment("not_before"))),
            ("CertificateValidEnd", json!(moment("not_after"))),
            ("ClientCertSDnPassThrough", json!(ctx.flag("ClientCertSDnPassThrough").unwrap_or(false))),
            ("SslOcspEnable", json!(ctx.flag("SslOcspEnable").unwrap_or(false))),
            ("SslOcspCacheEnable", json!(ctx.flag("SslOcspCacheEnable").unwrap_or(false))),
            ("SslVerifyDepth", json!(depth)),
        ] {
            doc.insert(member.to_owned(), value);
        }
        Ok(())
    })
}

/// `DeleteDomainCertificate`: one that is not there is deleted already; a group that is not there has a code of its own.
pub(crate) fn delete_certificate(ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    if groups::named(ctx, tx).is_err() {
        let message = Fault::absent("GroupId").message;
        return Err(Fault::new("InvalidGroupId.NotFound").saying(message));
    }
    if !named(ctx, tx).is_ok_and(|domain| domain.text("CertificateId") == ctx.text("CertificateId")) {
        return Ok(Reply::empty());
    }
    change(ctx, tx, |doc| {
        doc.retain(|name, _| !name.starts_with("Certificate") && !name.starts_with("Ssl"));
        doc.shift_remove("ClientCertSDnPassThrough");
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_domains() {
        for good in ["api.demo.com", "*.prd.e-eir.com", "a.b"] {
            assert!(is_domain(good), "{good}");
        }
        for bad in ["", "localhost", "a..b", "-a.b", "a b.c", "*.", "*", "a.*.b", "http://a.b"] {
            assert!(!is_domain(bad), "{bad}");
        }
    }
}
