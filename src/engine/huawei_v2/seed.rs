//! Snapshots to rows and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::SHARED_GATEWAY;
use super::super::model::{Api, Binding, Coll, Definition, Doc, Policy, Publication, Record, Row, Version};
use super::super::snapshot::{LoadError, Snapshot};
use super::super::store::{Gateway, Tx};
use super::super::time::{Ids, Nanos, parse, seconds};
use super::context::mask;
use super::records::Kind;
use super::responses::{self, CUSTOM};
use super::rules::text;
use super::{
    certificates, channels, definition, domains, extras, features, instances, kinds, plugins, quotas, signs,
};

/// Members of an API that are not part of its definition.
const SERVER_MADE: [&str; 10] = [
    "id",
    "register_time",
    "update_time",
    "group_name",
    "group_version",
    "run_env_id",
    "run_env_name",
    "publish_id",
    "publish_time",
    "api_group_info",
];

type Rows = Vec<(Coll, Row)>;

/// The kinds of records, with the name of each in a [`Snapshot`] and the name of its id where that is not `id`.
fn record_kinds() -> [(&'static str, &'static Kind); 21] {
    [
        ("groups", &kinds::GROUP),
        ("envs", &kinds::ENV),
        ("variables", &kinds::VARIABLE),
        ("throttles", &kinds::THROTTLE),
        ("throttle_specials", &kinds::SPECIAL),
        ("signs", &signs::SIGN),
        ("apps", &kinds::APP),
        ("app_codes", &kinds::APP_CODE),
        ("acls", &kinds::ACL),
        ("authorizers", &kinds::AUTHORIZER),
        ("vpc_channels", &channels::CHANNEL),
        ("plugins", &plugins::PLUGIN),
        ("plugin_attachments", &plugins::ATTACHMENT),
        ("features", &features::FEATURE),
        ("app_acls", &quotas::APP_ACL),
        ("app_quotas", &quotas::QUOTA),
        ("app_quota_apps", &quotas::QUOTA_APP),
        ("instance_tags", &extras::TAG),
        ("endpoint_permissions", &extras::PERMISSION),
        ("instances", &instances::INSTANCE),
        ("certificates", &certificates::CERTIFICATE),
    ]
}

/// Turns a snapshot into rows.
pub(crate) fn rows(snapshot: Snapshot, now: Nanos, ids: &Ids) -> Result<Rows, LoadError> {
    let mut rows = Rows::new();
    let records = [
        snapshot.groups,
        snapshot.envs,
        snapshot.variables,
        snapshot.throttles,
        snapshot.throttle_specials,
        snapshot.signs,
        snapshot.apps,
        snapshot.app_codes,
        snapshot.acls,
        snapshot.authorizers,
        snapshot.vpc_channels,
        snapshot.plugins,
        snapshot.plugin_attachments,
        snapshot.features,
        snapshot.app_acls,
        snapshot.app_quotas,
        snapshot.app_quota_apps,
        snapshot.instance_tags,
        snapshot.endpoint_permissions,
        snapshot.instances,
        snapshot.certificates,
    ];
    for ((collection, kind), objects) in record_kinds().into_iter().zip(records) {
        each(collection, objects, |mut doc| {
            if kind.coll == Coll::Group {
                rows.extend(domains_of(&mut doc, now)?);
            }
            match kind.coll {
                Coll::Instance => push(&mut rows, kind.coll, instance(doc, now)?),
                Coll::Quota => push(&mut rows, kind.coll, quota(doc, now)?),
                _ => push(&mut rows, kind.coll, record(kind, doc, now)?),
            }
        })?;
    }
    each("group_responses", snapshot.group_responses, |doc| {
        push(&mut rows, Coll::Response, response(doc, now)?)
    })?;
    each("app_auths", snapshot.app_auths, |doc| push(&mut rows, Coll::AppAuth, authorization(doc, now)?))?;
    let mut drafts = BTreeMap::new();
    each("apis", snapshot.apis, |doc| {
        let api = api(doc, now)?;
        drafts.insert(api.id.clone(), Arc::clone(&api.definition));
        push(&mut rows, Coll::Api, Row::Api(api))
    })?;
    let mut online = BTreeMap::new();
    each("versions", snapshot.versions, |doc| version(doc, now, ids, &drafts, &mut rows, &mut online))?;
    let policies = [
        ("throttle_bindings", Policy::Throttle, snapshot.throttle_bindings),
        ("sign_bindings", Policy::Sign, snapshot.sign_bindings),
        ("acl_bindings", Policy::Acl, snapshot.acl_bindings),
    ];
    for (collection, policy, objects) in policies {
        each(collection, objects, |doc| {
            push(&mut rows, Coll::Binding, binding(policy, doc, now, ids, &online)?)
        })?;
    }
    Ok(rows)
}

fn push(rows: &mut Rows, coll: Coll, row: Row) -> Result<(), &'static str> {
    rows.push((coll, row));
    Ok(())
}

fn each(
    collection: &'static str,
    objects: Vec<Value>,
    mut load: impl FnMut(Doc) -> Result<(), &'static str>,
) -> Result<(), LoadError> {
    for (index, object) in objects.into_iter().enumerate() {
        let malformed = |reason| LoadError::Malformed { collection, index, reason };
        let Value::Object(doc) = object else { return Err(malformed("it is not an object")) };
        load(doc).map_err(malformed)?;
    }
    Ok(())
}

fn take(doc: &mut Doc, name: &str) -> Option<String> {
    match doc.swap_remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn take_time(doc: &mut Doc, name: Option<&str>) -> Option<Nanos> {
    name.and_then(|name| take(doc, name)).and_then(|text| parse(&text))
}

/// The domain names a group came with.
fn domains_of(group: &mut Doc, now: Nanos) -> Result<Rows, &'static str> {
    let group_id = text(group, "id").to_owned();
    let Some(Value::Array(all)) = group.shift_remove("url_domains") else { return Ok(Rows::new()) };
    let mut rows = Rows::new();
    for domain in all {
        let Value::Object(mut doc) = domain else { return Err("one of its domains is not an object") };
        for (from, to) in [("domain", "url_domain"), ("cname_status", "status")] {
            if let Some(value) = doc.shift_remove(from) {
                doc.insert(to.to_owned(), value);
            }
        }
        doc.insert("group_id".to_owned(), group_id.as_str().into());
        push(&mut rows, Coll::Domain, record(&domains::DOMAIN, doc, now)?)?;
    }
    Ok(rows)
}

/// Where the wire has the id of a record: most often in `id`, else under the name of the path's parameter.
fn take_id(kind: &Kind, doc: &mut Doc) -> Option<String> {
    let other = match kind.coll {
        Coll::Attachment => "plugin_attach_id",
        Coll::AppAcl | Coll::QuotaApp => "app_id",
        Coll::Tag => "key",
        _ => kind.param,
    };
    take(doc, "id").or_else(|| doc.get(other).and_then(Value::as_str).map(str::to_owned))
}

fn record(kind: &Kind, mut doc: Doc, now: Nanos) -> Result<Row, &'static str> {
    let id = take_id(kind, &mut doc).ok_or("it has no id")?;
    doc.retain(|name, value| !value.is_null() && !kind.computed.contains(&name.as_str()));
    let created = take_time(&mut doc, kind.times.0);
    let updated = take_time(&mut doc, kind.times.1);
    let created = created.or(updated).unwrap_or(now);
    if matches!(kind.coll, Coll::Sign | Coll::App) {
        let name = if kind.coll == Coll::Sign { "sign_secret" } else { "app_secret" };
        if let Some(secret) = take(&mut doc, name) {
            let shown = if secret.contains("*****") { secret } else { mask(&secret) };
            doc.insert(name.to_owned(), shown.into());
        }
    }
    Ok(Row::Record(Record { id: id.into(), created, updated: updated.unwrap_or(created), doc }))
}

/// A gateway: its time of creation is a count of milliseconds.
fn instance(mut doc: Doc, now: Nanos) -> Result<Row, &'static str> {
    let created = doc.get("create_time").and_then(Value::as_i64).map(|ms| ms.saturating_mul(1_000_000));
    // What was observed is there: it is not being made.
    doc.insert("ready".to_owned(), json!(true));
    let row = record(&instances::INSTANCE, doc, now)?;
    Ok(match row {
        Row::Record(record) => Row::Record(Record { created: created.unwrap_or(record.created), ..record }),
        other => other,
    })
}

/// A quota: a read shows the time of reset with two time zones after it.
fn quota(mut doc: Doc, now: Nanos) -> Result<Row, &'static str> {
    let reset = text(&doc, "reset_time").trim_end_matches(" +0000").to_owned();
    if !reset.is_empty() {
        doc.insert("reset_time".to_owned(), reset.into());
    }
    record(&quotas::QUOTA, doc, now)
}

fn response(mut doc: Doc, now: Nanos) -> Result<Row, &'static str> {
    if text(&doc, "group_id").is_empty() {
        return Err("it has no group_id");
    }
    if let Some(Value::Object(mut custom)) = doc.swap_remove("responses") {
        custom.retain(|_, entry| entry["default"] != json!(true));
        doc.insert(CUSTOM.to_owned(), Value::Object(custom));
    }
    record(&responses::RESPONSE, doc, now)
}

fn authorization(mut doc: Doc, now: Nanos) -> Result<Row, &'static str> {
    let id = take(&mut doc, "id").ok_or("it has no id")?;
    let created = take_time(&mut doc, Some("auth_time")).unwrap_or(now);
    let mut kept = Doc::new();
    for name in ["app_id", "api_id", "env_id"] {
        kept.insert(name.to_owned(), take(&mut doc, name).ok_or("it lacks app_id, api_id or env_id")?.into());
    }
    Ok(Row::Record(Record { id: id.into(), created, updated: created, doc: kept }))
}

fn api(mut doc: Doc, now: Nanos) -> Result<Api, &'static str> {
    let id = take(&mut doc, "id").ok_or("it has no id")?;
    let created = take_time(&mut doc, Some("register_time"));
    let updated = take_time(&mut doc, Some("update_time"));
    let created = created.or(updated).unwrap_or(now);
    let definition = Arc::new(definition_of(doc));
    Ok(Api { id: id.into(), created, updated: updated.unwrap_or(created), definition })
}

fn definition_of(mut doc: Doc) -> Definition {
    doc.retain(|name, value| !value.is_null() && !SERVER_MADE.contains(&name.as_str()));
    definition::from_wire(&doc)
}

type Online = BTreeMap<(Box<str>, Box<str>), Box<str>>;

fn version(
    mut doc: Doc,
    now: Nanos,
    ids: &Ids,
    drafts: &BTreeMap<Box<str>, Arc<Definition>>,
    rows: &mut Rows,
    online: &mut Online,
) -> Result<(), &'static str> {
    let api_id: Box<str> = take(&mut doc, "api_id").ok_or("it has no api_id")?.into();
    let env_id: Box<str> = take(&mut doc, "env_id").ok_or("it has no env_id")?.into();
    let id: Box<str> = take(&mut doc, "version_id").unwrap_or_else(|| ids.next()).into();
    let time = take_time(&mut doc, Some("publish_time")).unwrap_or(now);
    let remark: Box<str> = take(&mut doc, "remark").unwrap_or_default().into();
    let draft = drafts.get(&api_id);
    let definition = match doc.swap_remove("definition") {
        Some(Value::Object(known)) => {
            let known = definition_of(known);
            draft.filter(|draft| ***draft == known).cloned().unwrap_or_else(|| Arc::new(known))
        }
        _ => draft.cloned().ok_or("neither its definition nor the draft of its API is known")?,
    };
    let effective = doc.get("effective").and_then(Value::as_bool).unwrap_or(true);
    if effective {
        let publish_id: Box<str> = take(&mut doc, "publish_id").unwrap_or_else(|| ids.next()).into();
        online.insert((api_id.clone(), env_id.clone()), publish_id.clone());
        let publication = Publication {
            id: publish_id,
            api_id: api_id.clone(),
            env_id: env_id.clone(),
            version_id: id.clone(),
            time,
            remark: remark.clone(),
        };
        rows.push((Coll::Publication, Row::Publication(publication)));
    }
    rows.push((Coll::Version, Row::Version(Version { id, api_id, env_id, time, remark, definition })));
    Ok(())
}

fn binding(
    policy: Policy,
    mut doc: Doc,
    now: Nanos,
    ids: &Ids,
    online: &Online,
) -> Result<Row, &'static str> {
    let names: &[&str] = match policy {
        Policy::Throttle => &["strategy_id", "throttle_id"],
        Policy::Sign => &["sign_id"],
        Policy::Acl => &["acl_id"],
    };
    let policy_id = names.iter().find_map(|name| take(&mut doc, name)).ok_or("it names no policy")?;
    let time = ["apply_time", "binding_time", "bind_time", "create_time"]
        .iter()
        .find_map(|name| take_time(&mut doc, Some(name)))
        .unwrap_or(now);
    let publish_id = match take(&mut doc, "publish_id") {
        Some(id) => id.into(),
        None => {
            let api_id = take(&mut doc, "api_id").unwrap_or_default().into();
            let env_id = take(&mut doc, "env_id").unwrap_or_default().into();
            online.get(&(api_id, env_id)).cloned().ok_or("it names no publication")?
        }
    };
    let id = ["throttle_apply_id", "bind_id", "id"].iter().find_map(|name| take(&mut doc, name));
    let id = id.unwrap_or_else(|| ids.next()).into();
    Ok(Row::Binding(Binding { id, policy, policy_id: policy_id.into(), publish_id, time }))
}

/// Adds what every gateway has and an observer may not have seen: the default response of each group.
pub(crate) fn settle(tx: &mut Tx, now: Nanos, ids: &Ids) {
    let without: Vec<Box<str>> = tx
        .records(Coll::Group)
        .filter(|group| responses::default_of(tx, &group.id).is_none())
        .map(|group| group.id.clone())
        .collect();
    for group_id in without {
        tx.put(Coll::Response, responses::default_row(ids.next(), &group_id, now));
    }
}

/// Reads a gateway out.
pub(crate) fn dump(gateway: &Gateway) -> Snapshot {
    let records = |kind: &Kind| gateway.records(kind.coll).map(|record| wire(kind, record)).collect();
    let bindings = |policy: Policy, name: &str| {
        let of_kind = gateway.bindings().filter(|binding| binding.policy == policy);
        of_kind
            .map(|it| json!({
                "id": it.id, name: it.policy_id, "publish_id": it.publish_id, "bind_time": seconds(it.time),
            }))
            .collect()
    };
    Snapshot {
        groups: gateway.records(Coll::Group).map(|record| dump_group(gateway, record)).collect(),
        envs: records(&kinds::ENV),
        variables: records(&kinds::VARIABLE),
        throttles: records(&kinds::THROTTLE),
        throttle_specials: records(&kinds::SPECIAL),
        apis: gateway.apis().map(dump_api).collect(),
        versions: dump_versions(gateway),
        signs: records(&signs::SIGN),
        sign_bindings: bindings(Policy::Sign, "sign_id"),
        throttle_bindings: bindings(Policy::Throttle, "strategy_id"),
        apps: records(&kinds::APP),
        app_auths: gateway.records(Coll::AppAuth).map(dump_authorization).collect(),
        app_codes: records(&kinds::APP_CODE),
        acls: records(&kinds::ACL),
        acl_bindings: bindings(Policy::Acl, "acl_id"),
        authorizers: records(&kinds::AUTHORIZER),
        vpc_channels: records(&channels::CHANNEL),
        group_responses: gateway.records(Coll::Response).map(dump_response).collect(),
        plugins: records(&plugins::PLUGIN),
        plugin_attachments: records(&plugins::ATTACHMENT),
        features: records(&features::FEATURE),
        app_acls: records(&quotas::APP_ACL),
        app_quotas: records(&quotas::QUOTA),
        app_quota_apps: records(&quotas::QUOTA_APP),
        instance_tags: records(&extras::TAG),
        endpoint_permissions: records(&extras::PERMISSION),
        instances: records(&instances::INSTANCE),
        ..Snapshot::default()
    }
}

/// The certificates on the shelf of a project that a gateway can have.
pub(crate) fn dump_certificates(shelf: &Gateway, gateway: &str) -> Vec<Value> {
    let kind = &certificates::CERTIFICATE;
    let shared = |id: &str| id == SHARED_GATEWAY;
    let here = shelf.records(kind.coll).filter(|it| shared(it.text("instance_id")) == shared(gateway));
    here.map(|record| wire(kind, record)).collect()
}

fn dump_group(gateway: &Gateway, record: &Record) -> Value {
    let mut out = wire(&kinds::GROUP, record);
    out["url_domains"] = domains::of_group(gateway, &record.id);
    out
}

fn wire(kind: &Kind, record: &Record) -> Value {
    let mut doc = record.doc.clone();
    doc.insert("id".to_owned(), record.id.as_ref().into());
    for (name, time) in [(kind.times.0, record.created), (kind.times.1, record.updated)] {
        if let Some(name) = name {
            doc.insert(name.to_owned(), seconds(time).into());
        }
    }
    Value::Object(doc)
}

fn dump_response(record: &Record) -> Value {
    let mut out = wire(&responses::RESPONSE, record);
    if let Some(doc) = out.as_object_mut() {
        doc.shift_remove(CUSTOM);
        doc.insert("responses".to_owned(), responses::all_types(record));
    }
    out
}

fn dump_authorization(record: &Record) -> Value {
    let mut doc = record.doc.clone();
    doc.insert("id".to_owned(), record.id.as_ref().into());
    doc.insert("auth_time".to_owned(), seconds(record.created).into());
    Value::Object(doc)
}

/// The members of a definition as an object.
pub(crate) fn definition_doc(definition: &Definition) -> Doc {
    let wire = &definition.wire;
    let parts = [&wire.brief, &wire.backend, &wire.parameters, &wire.detail];
    let parts: Vec<&str> =
        parts.into_iter().map(AsRef::as_ref).filter(|part: &&str| !part.is_empty()).collect();
    serde_json::from_str(&format!("{{{}}}", parts.join(","))).unwrap_or_default()
}

fn dump_api(api: &Api) -> Value {
    let mut doc = definition_doc(&api.definition);
    doc.insert("id".to_owned(), api.id.as_ref().into());
    doc.insert("register_time".to_owned(), seconds(api.created).into());
    doc.insert("update_time".to_owned(), seconds(api.updated).into());
    Value::Object(doc)
}

fn dump_versions(gateway: &Gateway) -> Vec<Value> {
    let show = |version: &Version| {
        let online = gateway.published(&version.api_id, &version.env_id);
        let online = online.filter(|publication| publication.version_id == version.id);
        let draft = gateway.api(&version.api_id).map(|api| &api.definition);
        let same = draft.is_some_and(|draft| Arc::ptr_eq(draft, &version.definition));
        let definition = if same { Value::Null } else { Value::Object(definition_doc(&version.definition)) };
        json!({
            "api_id": version.api_id,
            "env_id": version.env_id,
            "version_id": version.id,
            "publish_id": online.map(|publication| &publication.id),
            "publish_time": seconds(online.map_or(version.time, |publication| publication.time)),
            "remark": version.remark,
            "effective": online.is_some(),
            "definition": definition,
        })
    };
    gateway.versions().map(show).collect()
}
