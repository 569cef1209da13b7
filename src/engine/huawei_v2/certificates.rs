//! SSL certificates (3.26) and the domain names they are bound to (also 3.1.3, 3.12.2, 3.12.6, 3.12.7).
//!
//! A certificate belongs to the project: it lies on the project's shelf. The domain name knows the certificate it has; a
//! change of the certificate reaches its domain names on all gateways. Content and keys are read, checked and forgotten.

pub(in super::super) mod parse;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::SHARED_GATEWAY;
use super::super::model::{Coll, Doc, Record, Row};
use super::super::realm::{Gateways, Key, Realm, of_project, shelf};
use super::super::store::{Gateway, Tx};
use super::context::{Ctx, Members, Reply};
use super::domains::{self, DOMAIN};
use super::fault::Fault;
use super::kinds::GROUP;
use super::records::{self, Kind, PLAIN, show};
use super::rules::list as items;
use parse::Asks;

pub(crate) static CERTIFICATE: Kind = Kind {
    coll: Coll::Certificate,
    missing: "APIG.3021",
    times: (Some("create_time"), Some("update_time")),
    ..PLAIN
};

/// Whether a certificate is on the side of the request: those of the shared gateway and those of the dedicated ones know
/// nothing of each other.
fn on_this_side(ctx: &Ctx, record: &Record) -> bool {
    (record.text("instance_id") == SHARED_GATEWAY) == (ctx.gateway.1 == SHARED_GATEWAY)
}

/// A certificate of the project. Seen from a gateway, those of other gateways are not there.
fn named<'g>(ctx: &Ctx, gateways: &'g Gateways, id: &str) -> Result<&'g Record, Fault> {
    let found = gateways.get(&shelf(ctx.path("project_id"))).and_then(|it| it.record(Coll::Certificate, id));
    let here = ctx.path("instance_id");
    let visible = |it: &&Record| here.is_empty() || ["common", here].contains(&it.text("instance_id"));
    found.filter(visible).filter(|it| on_this_side(ctx, it)).ok_or_else(|| Fault::of(CERTIFICATE.missing, id))
}

/// The members of a certificate about to be stored.
fn described(ctx: &Ctx, gateways: &Gateways, but: &str) -> Result<Doc, Fault> {
    let name = ctx.text("name");
    let shelf = gateways.get(&shelf(ctx.path("project_id")));
    // One of the shared gateway is a part of its domain name, and its name is no more than a label.
    let labels = ctx.gateway.1 == SHARED_GATEWAY;
    let taken = !labels
        && shelf.is_some_and(|shelf| {
            let mut same = shelf.records_by(Coll::Certificate, "name", &[name]);
            same.any(|other| *other.id != *but && on_this_side(ctx, other))
        });
    if taken {
        return Err(Fault::new("APIG.3325").saying("The certificate name already exists"));
    }
    let (content, key) = (ctx.text("cert_content"), ctx.text("private_key"));
    let asks = if labels { Asks::Plain } else { Asks::All };
    let mut doc =
        parse::read(content, key, ctx.text("trusted_root_ca"), ctx.now, asks).map_err(Fault::new)?;
    doc.insert("name".to_owned(), name.into());
    doc.insert("project_id".to_owned(), ctx.path("project_id").into());
    Ok(doc)
}

fn store(ctx: &Ctx, realm: &mut Realm, record: &Record) -> Result<(), Fault> {
    let shelf = shelf(ctx.path("project_id"));
    realm.make(&shelf);
    let put = |tx: &mut Tx| {
        tx.put(Coll::Certificate, Row::Record(record.clone()));
        Ok(())
    };
    realm.on(&shelf, put).unwrap_or(Ok(()))
}

/// 3.26.2.
pub(crate) fn create(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let record = make(ctx, realm)?;
    Ok(Reply::object(ctx, &members(ctx, &record)))
}

fn make(ctx: &Ctx, realm: &mut Realm) -> Result<Record, Fault> {
    let mut doc = described(ctx, realm, "")?;
    let own = ctx.text("type") == "instance";
    let instance = if own { ctx.text("instance_id") } else { "common" };
    if instance.is_empty() {
        return Err(ctx.missing("instance_id"));
    }
    let reached = (instance == SHARED_GATEWAY) == (ctx.gateway.1 == SHARED_GATEWAY);
    if own && !(reached && realm.contains_key(&(ctx.path("project_id").to_owned(), instance.to_owned()))) {
        return Err(Fault::of("APIG.3030", instance));
    }
    doc.insert("type".to_owned(), if own { "instance" } else { "global" }.into());
    doc.insert("instance_id".to_owned(), instance.into());
    let record = Record { id: ctx.id().into(), created: ctx.now, updated: ctx.now, doc };
    store(ctx, realm, &record)?;
    Ok(record)
}

fn members<'r>(ctx: &Ctx, record: &'r Record) -> Members<'r> {
    Members::of(&record.doc)
        .with("id", record.id.as_ref())
        .with("create_time", ctx.time(record.created))
        .with("update_time", ctx.time(record.updated))
}

/// 3.26.5.
pub(crate) fn read(ctx: &Ctx, gateways: &Gateways) -> Result<Reply, Fault> {
    Ok(Reply::object(ctx, &members(ctx, named(ctx, gateways, ctx.path("certificate_id"))?)))
}

/// 3.26.1: those of one gateway and those for all; `common` for the latter alone.
pub(crate) fn list(ctx: &Ctx, gateways: &Gateways) -> Result<Reply, Fault> {
    let wanted = |record: &&Record| {
        let here =
            ["common", ctx.query.get("instance_id").unwrap_or("")].contains(&record.text("instance_id"));
        let part = |name: &str| ctx.query.get(name).is_none_or(|part| record.text(name).contains(part));
        let same = |name: &str| ctx.query.get(name).is_none_or(|wanted| record.text(name) == wanted);
        here && on_this_side(ctx, record)
            && part("name")
            && part("common_name")
            && same("signature_algorithm")
            && same("type")
    };
    let fields = ctx.operation.item();
    let shelf = gateways.get(&shelf(ctx.path("project_id")));
    let all = shelf.into_iter().flat_map(|shelf| shelf.records(Coll::Certificate)).filter(wanted);
    Ok(Reply::page(ctx, all, |out, record| members(ctx, record).write(fields, out)))
}

/// Project and gateway, domain name, of all that have a certificate.
fn bound(ctx: &Ctx, gateways: &Gateways, id: &str) -> Vec<(Key, Record)> {
    let project = ctx.path("project_id");
    let of = |gateway: &Gateway| -> Vec<(Key, Record)> {
        let key = (project.to_owned(), gateway.id.to_string());
        gateway
            .records_by(Coll::Domain, "ssl_id", &[id])
            .map(|domain| (key.clone(), domain.clone()))
            .collect()
    };
    if ctx.gateway.1 == SHARED_GATEWAY {
        return gateways.get(&ctx.gateway).map(of).unwrap_or_default();
    }
    of_project(gateways, project).flat_map(of).collect()
}

/// 3.26.7: another certificate under the same id; type and gateway stay.
pub(crate) fn update(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let old = named(ctx, realm, ctx.path("certificate_id"))?.clone();
    let mut doc = described(ctx, realm, &old.id)?;
    for name in ["type", "instance_id"] {
        doc.insert(name.to_owned(), old.text(name).into());
    }
    let record = Record { id: old.id, created: old.created, updated: ctx.now, doc };
    store(ctx, realm, &record)?;
    for (key, domain) in bound(ctx, realm, &record.id) {
        let checks = domain.doc.get("verified_client_certificate_enabled") == Some(&Value::Bool(true));
        bind(ctx, realm, &key, &domain, &record, Some(checks))?;
    }
    Ok(Reply::object(ctx, &members(ctx, &record)))
}

/// 3.26.6: not while a domain name has it.
pub(crate) fn delete(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let id = named(ctx, realm, ctx.path("certificate_id"))?.id.clone();
    if !bound(ctx, realm, &id).is_empty() {
        let text = "The certificate cannot be deleted because it is bound to domain names";
        return Err(ctx.bad("certificate_id").saying(text).with_status(409));
    }
    forget(ctx, realm, &id);
    Ok(Reply::Empty)
}

fn forget(ctx: &Ctx, realm: &mut Realm, id: &str) {
    let removed =
        realm.on(&shelf(ctx.path("project_id")), |tx| Ok::<_, Fault>(tx.remove(Coll::Certificate, id)));
    drop(removed);
}

/// Gives a domain name a certificate.
fn bind(
    ctx: &Ctx,
    realm: &mut Realm,
    key: &Key,
    domain: &Record,
    certificate: &Record,
    checks_clients: Option<bool>,
) -> Result<(), Fault> {
    let mine = certificate.text("instance_id");
    if mine != "common" && mine != key.1 {
        return Err(Fault::of(CERTIFICATE.missing, &certificate.id));
    }
    let other = domain.text("ssl_id");
    if !other.is_empty() && other != &*certificate.id {
        return Err(Fault::new("APIG.2051"));
    }
    let names: Vec<&str> = items(&certificate.doc, "san")
        .iter()
        .filter_map(Value::as_str)
        .chain([certificate.text("common_name")])
        .collect();
    if !parse::covers(&names, domain.text("url_domain")) {
        return Err(Fault::new("APIG.2103"));
    }
    let authorities = certificate.doc.get("is_has_trusted_root_ca") == Some(&Value::Bool(true));
    let checks = checks_clients.unwrap_or(authorities);
    if checks && !authorities {
        return Err(ctx.bad("verified_client_certificate_enabled"));
    }
    change(ctx, realm, key, domain, |doc| {
        doc.insert("ssl_id".to_owned(), certificate.id.as_ref().into());
        doc.insert("ssl_name".to_owned(), certificate.text("name").into());
        doc.insert("is_has_trusted_root_ca".to_owned(), json!(authorities));
        doc.insert("verified_client_certificate_enabled".to_owned(), json!(checks));
    })
}

/// Takes a certificate from a domain name.
fn unbind(ctx: &Ctx, realm: &mut Realm, key: &Key, domain: &Record, id: &str) -> Result<(), Fault> {
    if domain.text("ssl_id") != id {
        return Err(Fault::new("APIG.3097"));
    }
    change(ctx, realm, key, domain, |doc| {
        doc.shift_remove("ssl_id");
        doc.shift_remove("ssl_name");
        doc.insert("is_has_trusted_root_ca".to_owned(), json!(false));
        doc.insert("verified_client_certificate_enabled".to_owned(), json!(false));
    })
}

fn change(
    ctx: &Ctx,
    realm: &mut Realm,
    key: &Key,
    domain: &Record,
    edit: impl FnOnce(&mut Doc),
) -> Result<(), Fault> {
    let mut record = domain.clone();
    edit(&mut record.doc);
    record.updated = ctx.now;
    let put = |tx: &mut Tx| {
        tx.put(Coll::Domain, Row::Record(record));
        Ok(())
    };
    realm.on(key, put).unwrap_or(Ok(()))
}

/// The domain name of the path, with its gateway.
fn addressed(ctx: &Ctx, gateways: &Gateways) -> Result<(Key, Record), Fault> {
    let key = ctx.gateway();
    let gateway = gateways.get(&key).ok_or_else(|| Fault::of("APIG.3030", &key.1))?;
    super::instances::check_ready(ctx, gateway)?;
    let domain = domains::find(ctx, gateway)?.clone();
    Ok((key, domain))
}

fn only_id<'c>(ctx: &'c Ctx) -> Result<&'c str, Fault> {
    match ctx.texts("certificate_ids").as_slice() {
        [id] => Ok(id),
        [] => Err(ctx.missing("certificate_ids")),
        _ => Err(ctx.bad("certificate_ids")),
    }
}

fn wants_checks(body: &Doc) -> Option<bool> {
    body.get("verified_client_certificate_enabled").and_then(Value::as_bool)
}

/// 3.26.3.
pub(crate) fn attach_to_domain(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let (key, domain) = addressed(ctx, realm)?;
    let certificate = named(ctx, realm, only_id(ctx)?)?.clone();
    bind(ctx, realm, &key, &domain, &certificate, wants_checks(&ctx.body))?;
    Ok(Reply::Empty)
}

/// 3.26.4.
pub(crate) fn detach_from_domain(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let (key, domain) = addressed(ctx, realm)?;
    let id = only_id(ctx)?;
    named(ctx, realm, id)?;
    unbind(ctx, realm, &key, &domain, id)?;
    Ok(Reply::Empty)
}

/// 3.26.8, 3.26.9: the domain names of a request, by name and gateways; without gateways, all that have the name.
fn requested(ctx: &Ctx, gateways: &Gateways) -> Result<Vec<(Key, Record, Option<bool>)>, Fault> {
    let project = ctx.path("project_id");
    let mut out = Vec::new();
    for wanted in items(&ctx.body, "domains").iter().filter_map(Value::as_object) {
        let name = wanted.get("domain").and_then(Value::as_str).unwrap_or("").to_ascii_lowercase();
        let ids: Vec<&str> = items(wanted, "instance_ids").iter().filter_map(Value::as_str).collect();
        for id in &ids {
            if !of_project(gateways, project).any(|gateway| *gateway.id == **id) {
                return Err(Fault::of("APIG.3030", id));
            }
        }
        let here =
            of_project(gateways, project).filter(|gateway| ids.is_empty() || ids.contains(&&*gateway.id));
        let before = out.len();
        for gateway in here {
            let found = gateway.records_by(Coll::Domain, "url_domain", &[&name]).next();
            if found.is_none() && !ids.is_empty() {
                return Err(Fault::of(DOMAIN.missing, &name));
            }
            let key = (project.to_owned(), gateway.id.to_string());
            out.extend(found.map(|domain| (key, domain.clone(), wants_checks(wanted))));
        }
        if out.len() == before {
            return Err(Fault::of(DOMAIN.missing, &name));
        }
    }
    if out.is_empty() { Err(ctx.missing("domains")) } else { Ok(out) }
}

/// 3.26.8: one certificate for many domain names, all or none.
pub(crate) fn attach(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let certificate = named(ctx, realm, ctx.path("certificate_id"))?.clone();
    for (key, domain, checks) in requested(ctx, realm)? {
        bind(ctx, realm, &key, &domain, &certificate, checks)?;
    }
    Ok(Reply::Empty)
}

/// 3.26.9.
pub(crate) fn detach(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let id = named(ctx, realm, ctx.path("certificate_id"))?.id.clone();
    for (key, domain, _) in requested(ctx, realm)? {
        unbind(ctx, realm, &key, &domain, &id)?;
    }
    Ok(Reply::Empty)
}

/// 3.26.10.
pub(crate) fn attached_domains(ctx: &Ctx, gateways: &Gateways) -> Result<Reply, Fault> {
    let id = &named(ctx, gateways, ctx.path("certificate_id"))?.id;
    let fields = ctx.operation.item();
    let wanted = |(_, domain): &(Key, Record)| {
        ctx.query.get("url_domain").is_none_or(|part| domain.text("url_domain").contains(part))
    };
    let all = bound(ctx, gateways, id).into_iter().filter(wanted);
    Ok(Reply::page(ctx, all, |out, (key, domain)| {
        let group_id = domain.text("group_id");
        let group = gateways.get(&key).and_then(|gateway| gateway.record(Coll::Group, group_id));
        let members = Members::of(&domain.doc)
            .with("id", domain.id.as_ref())
            .with("api_group_id", group_id)
            .with("api_group_name", group.map_or("", |group| group.text("name")))
            .with("instance_id", key.1);
        members.write(fields, out);
    }))
}

/// 3.12.2: a certificate for all gateways, bound at once. On the shared gateway it takes the place of the one that the domain
/// name has, which nothing else can have.
pub(crate) fn upload(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let (key, mut domain) = addressed(ctx, realm)?;
    let certificate = make(ctx, realm)?;
    if key.1 == SHARED_GATEWAY
        && let Some(Value::String(old)) = domain.doc.shift_remove("ssl_id")
    {
        forget(ctx, realm, &old);
    }
    bind(ctx, realm, &key, &domain, &certificate, None)?;
    let shown = realm.get(&key).and_then(|gateway| {
        let domain = gateway.record(Coll::Domain, &domain.id)?;
        Some(show(&DOMAIN, ctx, gateway, domain))
    });
    shown.ok_or_else(|| Fault::of(DOMAIN.missing, &domain.id))
}

/// 3.12.6: unbinds, and deletes the certificate when no other domain name has it.
pub(crate) fn remove(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let (key, domain) = addressed(ctx, realm)?;
    let id = named(ctx, realm, ctx.path("certificate_id"))?.id.clone();
    unbind(ctx, realm, &key, &domain, &id)?;
    if bound(ctx, realm, &id).is_empty() {
        forget(ctx, realm, &id);
    }
    Ok(Reply::Empty)
}

/// A domain name of the shared gateway goes with its certificate.
pub(crate) fn delete_domain(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let (key, domain) = addressed(ctx, realm)?;
    let done = realm.on(&key, |tx| domains::delete(ctx, tx));
    let reply = done.unwrap_or_else(|| Err(Fault::of("APIG.3030", &key.1)))?;
    forget(ctx, realm, domain.text("ssl_id"));
    Ok(reply)
}

/// 3.1.3: a group goes with its domain names, and with their certificates where no other domain name has them.
pub(crate) fn delete_group(ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
    let key = ctx.gateway();
    let had = realm.get(&key).map_or_else(BTreeSet::new, |gateway| {
        let domains = gateway.records_by(Coll::Domain, "group_id", &[ctx.path("group_id")]);
        domains.map(|domain| domain.text("ssl_id").to_owned()).filter(|id| !id.is_empty()).collect()
    });
    let done = realm.on(&key, |tx| {
        super::instances::check_ready(ctx, tx)?;
        records::delete(&GROUP, ctx, tx)
    });
    let reply = done.unwrap_or_else(|| Err(Fault::of("APIG.3030", &key.1)))?;
    for id in had.iter().filter(|id| bound(ctx, realm, id).is_empty()).collect::<Vec<_>>() {
        forget(ctx, realm, id);
    }
    Ok(reply)
}

/// 3.12.7.
pub(crate) fn of_domain(ctx: &Ctx, gateways: &Gateways) -> Result<Reply, Fault> {
    let (_, domain) = addressed(ctx, gateways)?;
    let record = named(ctx, gateways, ctx.path("certificate_id"))?;
    if domain.text("ssl_id") != &*record.id {
        return Err(Fault::new("APIG.3097"));
    }
    Ok(Reply::object(ctx, &members(ctx, record)))
}
