//! The descriptors of groups, environments, variables, throttles, applications, access control and authorizers.

use serde_json::{Value, json};

use super::super::model::{Binding, Coll, Doc, Policy, Record, Row};
use super::super::store::{Gateway, Tx};
use super::context::{Ctx, mask};
use super::fault::Fault;
use super::protocol::Edition;
use super::records::{Draft, Filter, Kind, PLAIN, Parent, exists};
use super::{domains, features, limits, publish, responses};

/// The environment that is always there.
pub(crate) const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";

pub(crate) static GROUP: Kind = Kind {
    coll: Coll::Group,
    param: "group_id",
    missing: "APIG.3001",
    times: (Some("register_time"), Some("update_time")),
    unique: &[("name", "APIG.3201")],
    quota: Some(("APIGROUP_NUM_LIMIT", "APIG.3101", None)),
    filters: &[Filter("id", "id", false), Filter("name", "name", true)],
    keep: &["status", "on_sell_status", "is_default", "sl_domain", "sl_domains", "sl_domain_access_enabled"],
    computed: &["url_domains"],
    prepare: |ctx, _, draft, doc| {
        if draft.old.is_none() {
            let names = subdomains(ctx, &draft.id);
            doc.insert("status".to_owned(), json!(1));
            doc.insert("on_sell_status".to_owned(), json!(2));
            doc.insert("is_default".to_owned(), json!(2));
            doc.insert("sl_domain".to_owned(), names[0].as_str().into());
            doc.insert("sl_domains".to_owned(), json!(names));
            doc.insert("sl_domain_access_enabled".to_owned(), json!(true));
        }
        Ok(())
    },
    written: |ctx, tx, draft| {
        if draft.old.is_none() {
            tx.put(Coll::Response, responses::default_row(ctx.id(), &draft.id, ctx.now));
        }
        Ok(())
    },
    extra: |_, gateway, record| vec![("url_domains", domains::of_group(gateway, &record.id))],
    leaving: |_, tx, record| {
        if let Some(api) = tx.apis_by("group_id", &[&record.id]).next() {
            return Err(Fault::of("APIG.3415", &api.id));
        }
        sweep(tx, Coll::Domain, "group_id", &record.id);
        sweep(tx, Coll::Variable, "group_id", &record.id);
        sweep(tx, Coll::Response, "group_id", &record.id);
        Ok(())
    },
    ..PLAIN
};

/// The names under which a group can be reached from the start. The shared gateway gives two.
fn subdomains(ctx: &Ctx, id: &str) -> Vec<String> {
    let region = &ctx.settings.region;
    match ctx.edition() {
        Edition::V1 => vec![format!("{id}.apigw.{region}.internal"), format!("{id}.apigw.{region}.test")],
        Edition::V2 => vec![format!("{id}.apic.{region}.internal")],
    }
}

pub(crate) static ENV: Kind = Kind {
    coll: Coll::Env,
    param: "env_id",
    missing: "APIG.3003",
    times: (Some("create_time"), None),
    unique: &[("name", "APIG.3205")],
    quota: Some(("ENVIRONMENT_NUM_LIMIT", "APIG.3104", None)),
    filters: &[Filter("name", "name", true)],
    prepare: |ctx, _, draft, doc| {
        let renamed = doc.get("name").and_then(Value::as_str) != Some("RELEASE");
        if draft.id == RELEASE && renamed {
            return Err(ctx.bad("name").saying("The environment RELEASE cannot be renamed"));
        }
        Ok(())
    },
    leaving: |ctx, tx, record| {
        if *record.id == *RELEASE {
            return Err(ctx.bad("env_id").saying("The environment RELEASE cannot be deleted"));
        }
        if tx.publications_by("env_id", &[&record.id]).next().is_some() {
            return Err(Fault::new("APIG.3418"));
        }
        sweep(tx, Coll::Variable, "env_id", &record.id);
        sweep(tx, Coll::AppAuth, "env_id", &record.id);
        sweep(tx, Coll::Attachment, "env_id", &record.id);
        Ok(())
    },
    ..PLAIN
};

pub(crate) static VARIABLE: Kind = Kind {
    coll: Coll::Variable,
    param: "env_variable_id",
    missing: "APIG.3011",
    unique: &[("group_id,env_id,variable_name", "APIG.3303")],
    quota: Some(("VARIABLE_NUM_LIMIT", "APIG.3106", Some("group_id"))),
    filters: &[
        Filter("group_id", "group_id", false),
        Filter("env_id", "env_id", false),
        Filter("variable_name", "variable_name", true),
    ],
    keep: &["group_id", "env_id", "variable_name"],
    prepare: |_, gateway, _, doc| {
        let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("");
        exists(gateway, Coll::Group, text("group_id"), "APIG.3001")?;
        exists(gateway, Coll::Env, text("env_id"), "APIG.3003")
    },
    written: |ctx, tx, draft| {
        let Some(old) = &draft.old else { return Ok(()) };
        if old.text("variable_value") != ctx.text("variable_value") {
            publish::variable_changed(ctx, tx, old);
        }
        Ok(())
    },
    ..PLAIN
};

pub(crate) static THROTTLE: Kind = Kind {
    coll: Coll::Throttle,
    param: "throttle_id",
    missing: "APIG.3005",
    times: (Some("create_time"), None),
    unique: &[("name", "APIG.3204")],
    quota: Some(("THROTTLE_NUM_LIMIT", "APIG.3107", None)),
    filters: &[Filter("id", "id", false), Filter("name", "name", true)],
    computed: &["bind_num", "is_inclu_special_throttle"],
    prepare: |_, gateway, _, doc| throttle_limits(gateway, doc),
    extra: |_, gateway, record| {
        let special = gateway.count_by(Coll::Special, "throttle_id", &[&record.id]) > 0;
        vec![
            ("bind_num", json!(gateway.bindings_of(Policy::Throttle, &record.id).count())),
            ("is_inclu_special_throttle", json!(if special { 1 } else { 2 })),
        ]
    },
    leaving: |_, tx, record| {
        unbind_all(tx, Policy::Throttle, &record.id);
        sweep(tx, Coll::Special, "throttle_id", &record.id);
        Ok(())
    },
    ..PLAIN
};

fn throttle_limits(gateway: &Gateway, doc: &mut Doc) -> Result<(), Fault> {
    doc.entry("type").or_insert(json!(1));
    let adaptive = doc.get("enable_adaptive_control").and_then(Value::as_str).unwrap_or("");
    if !["TRUE", "FALSE"].contains(&adaptive) {
        doc.insert("enable_adaptive_control".to_owned(), "FALSE".into());
    }
    let limit = |name: &str| doc.get(name).and_then(Value::as_i64);
    let api = limit("api_call_limits");
    let user = limit("user_call_limits");
    let (unit, interval) =
        (doc.get("time_unit").and_then(Value::as_str), limit("time_interval").unwrap_or(1));
    let seconds = interval.saturating_mul(match unit {
        Some("MINUTE") => 60,
        Some("HOUR") => 3600,
        Some("DAY") => 86_400,
        _ => 1,
    });
    let most = features::calls_max(gateway).map(|calls| calls.saturating_mul(seconds));
    let pairs = [
        ("api_call_limits", api, most),
        ("user_call_limits", user, api),
        ("app_call_limits", limit("app_call_limits"), user.or(api)),
        ("ip_call_limits", limit("ip_call_limits"), api),
    ];
    for (name, value, most) in pairs {
        if value.zip(most).is_some_and(|(value, most)| value > most) {
            return Err(Fault::of("APIG.2003", name));
        }
    }
    Ok(())
}

pub(crate) static SPECIAL: Kind = Kind {
    coll: Coll::Special,
    param: "strategy_id",
    missing: "APIG.3013",
    parent: Some(Parent { param: "throttle_id", coll: Coll::Throttle, missing: "APIG.3005" }),
    times: (Some("apply_time"), None),
    unique: &[("throttle_id,object_type,object_id", "APIG.3308")],
    filters: &[
        Filter("object_type", "object_type", false),
        Filter("app_name", "app_name", true),
        Filter("user", "object_id", false),
    ],
    keep: &["object_type", "object_id"],
    computed: &["app_name", "app_id", "object_name"],
    prepare: |ctx, gateway, draft, doc| {
        let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("");
        let (kind, object) = (text("object_type"), text("object_id"));
        if kind == "APP" {
            exists(gateway, Coll::App, object, "APIG.3004")?;
        }
        let calls = doc.get("call_limits").and_then(Value::as_i64).unwrap_or(0);
        if calls < 1 {
            return Err(ctx.bad("call_limits"));
        }
        let throttle = gateway.record(Coll::Throttle, text("throttle_id"));
        if throttle.and_then(|t| t.number("api_call_limits")).is_some_and(|most| calls > most) {
            return Err(Fault::of("APIG.2003", "call_limits"));
        }
        if draft.old.is_none() {
            let config = if kind == "APP" { "APP_THROTTLE_LIMIT" } else { "USER_THROTTLE_LIMIT" };
            let here = gateway.records_by(Coll::Special, "throttle_id", &[text("throttle_id")]);
            if here.filter(|other| other.text("object_type") == kind).count() >= ctx.limit(config) {
                return Err(Fault::new("APIG.3100"));
            }
        }
        Ok(())
    },
    extra: |_, gateway, record| {
        let object = record.text("object_id");
        if record.text("object_type") != "APP" {
            return vec![("object_name", object.into())];
        }
        let name = gateway.record(Coll::App, object).map_or("", |app| app.text("name"));
        vec![("object_name", name.into()), ("app_name", name.into()), ("app_id", object.into())]
    },
    ..PLAIN
};

pub(crate) static APP: Kind = Kind {
    coll: Coll::App,
    param: "app_id",
    missing: "APIG.3004",
    times: (Some("register_time"), Some("update_time")),
    unique: &[("name", "APIG.3203"), ("app_key", "APIG.3310")],
    quota: Some(("APP_NUM_LIMIT", "APIG.3103", None)),
    filters: &[
        Filter("id", "id", false),
        Filter("name", "name", true),
        Filter("status", "status", false),
        Filter("app_key", "app_key", false),
        Filter("creator", "creator", false),
    ],
    keep: &["app_key", "creator", "status", "app_type"],
    computed: &["bind_num"],
    prepare: app_credentials,
    extra: |_, gateway, record| {
        vec![("bind_num", json!(gateway.count_by(Coll::AppAuth, "app_id", &[&record.id])))]
    },
    leaving: |_, tx, record| {
        sweep(tx, Coll::AppAuth, "app_id", &record.id);
        sweep(tx, Coll::AppCode, "app_id", &record.id);
        tx.remove(Coll::AppAcl, &record.id);
        tx.remove(Coll::QuotaApp, &record.id);
        let specials: Vec<Box<str>> = tx
            .records_by(Coll::Special, "object_type,object_id", &["APP", &record.id])
            .map(|s| s.id.clone())
            .collect();
        for id in specials {
            tx.remove(Coll::Special, &id);
        }
        Ok(())
    },
    ..PLAIN
};

pub(crate) static APP_CODE: Kind = Kind {
    coll: Coll::AppCode,
    param: "app_code_id",
    missing: "APIG.3082",
    parent: Some(Parent { param: "app_id", coll: Coll::App, missing: "APIG.3004" }),
    times: (Some("create_time"), None),
    unique: &[("app_code", "APIG.3309")],
    quota: Some(("APP_CODE_NUM_LIMIT", "APIG.3131", Some("app_id"))),
    prepare: |ctx, _, _, doc| {
        // Nothing sent: one is made, twice the length of an id.
        if !doc.contains_key("app_code") {
            doc.insert("app_code".to_owned(), format!("{}{}", ctx.id(), ctx.id()).into());
        }
        Ok(())
    },
    ..PLAIN
};

fn app_credentials(ctx: &Ctx, _: &Gateway, draft: &Draft, doc: &mut Doc) -> Result<(), Fault> {
    let custom = limits::enabled(ctx, "APP_KEY_SECRET_SWITCH");
    for name in ["app_key", "app_secret"] {
        if ctx.body.contains_key(name) && !custom {
            return Err(ctx.bad(name));
        }
    }
    let old = draft.old.as_ref();
    let absent = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("").is_empty();
    if absent("app_key") {
        let key = old.map_or_else(|| ctx.id(), |old| old.text("app_key").to_owned());
        doc.insert("app_key".to_owned(), key.into());
    }
    // Only the shown form is kept: nothing here needs the secret itself, so nothing can give it away.
    let secret = match doc.get("app_secret").and_then(Value::as_str).filter(|text| !text.is_empty()) {
        Some(secret) => mask(secret),
        None => old.map_or_else(|| mask(&ctx.id()), |old| old.text("app_secret").to_owned()),
    };
    doc.insert("app_secret".to_owned(), secret.into());
    doc.entry("creator").or_insert("USER".into());
    doc.entry("status").or_insert(json!(1));
    doc.entry("app_type").or_insert("apig".into());
    Ok(())
}

pub(crate) static ACL: Kind = Kind {
    coll: Coll::Acl,
    param: "acl_id",
    missing: "APIG.3006",
    times: (None, Some("update_time")),
    unique: &[("acl_name", "APIG.3206")],
    quota: Some(("ACL_NUM_LIMIT", "APIG.3112", None)),
    filters: &[
        Filter("id", "id", false),
        Filter("name", "acl_name", true),
        Filter("acl_type", "acl_type", false),
        Filter("entity_type", "entity_type", false),
    ],
    computed: &["bind_num"],
    prepare: acl_value,
    extra: |_, gateway, record| {
        vec![("bind_num", json!(gateway.bindings_of(Policy::Acl, &record.id).count()))]
    },
    leaving: |_, tx, record| {
        let bound = tx.bindings_of(Policy::Acl, &record.id).next().is_some();
        if bound { Err(Fault::new("APIG.3447")) } else { Ok(()) }
    },
    ..PLAIN
};

fn acl_value(ctx: &Ctx, _: &Gateway, draft: &Draft, doc: &mut Doc) -> Result<(), Fault> {
    let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("");
    let entity = text("entity_type");
    if draft.old.as_ref().is_some_and(|old| old.text("entity_type") != entity) {
        return Err(ctx.bad("entity_type"));
    }
    let value = text("acl_value");
    let items: Vec<&str> = value.split(',').map(str::trim).collect();
    let fits = match entity {
        "IP" => items.len() <= 100 && items.iter().all(|item| is_address(item)),
        "DOMAIN" => {
            let named = |item: &&str| !item.is_empty() && item.len() <= 64 && item.is_ascii();
            value.len() <= 1024 && items.iter().all(named)
        }
        _ => items.iter().all(|item| !item.is_empty()),
    };
    if fits { Ok(()) } else { Err(ctx.bad("acl_value")) }
}

/// An IP address, a range `a-b` or an address with a mask.
pub(crate) fn is_address(text: &str) -> bool {
    let plain = |part: &str| part.parse::<std::net::IpAddr>().is_ok();
    if let Some((address, bits)) = text.split_once('/') {
        return plain(address) && bits.parse::<u8>().is_ok_and(|bits| bits <= 128);
    }
    match text.split_once('-') {
        Some((from, to)) => plain(from) && plain(to),
        None => plain(text),
    }
}

pub(crate) static AUTHORIZER: Kind = Kind {
    coll: Coll::Authorizer,
    param: "authorizer_id",
    missing: "APIG.3081",
    times: (Some("create_time"), None),
    unique: &[("name", "APIG.3211")],
    quota: Some(("AUTHORIZER_NUM_LIMIT", "APIG.3116", None)),
    filters: &[Filter("id", "id", false), Filter("name", "name", true), Filter("type", "type", false)],
    prepare: |ctx, _, draft, doc| {
        let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or("");
        if draft.old.as_ref().is_some_and(|old| old.text("type") != text("type")) {
            return Err(ctx.bad("type"));
        }
        if !text("authorizer_uri").starts_with("urn:") {
            return Err(Fault::new("APIG.3019"));
        }
        let identities = doc.get("identities").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if identities.len() > ctx.limit("AUTHORIZER_IDENTITY_NUM_LIMIT") {
            return Err(Fault::new("APIG.3117"));
        }
        let names: std::collections::BTreeSet<&str> =
            identities.iter().filter_map(|identity| identity["name"].as_str()).collect();
        if names.len() < identities.len() {
            return Err(Fault::new("APIG.3212"));
        }
        if doc.get("ttl").and_then(Value::as_i64).is_some_and(|ttl| !(0..=3600).contains(&ttl)) {
            return Err(ctx.bad("ttl"));
        }
        doc.entry("ttl").or_insert(json!(0));
        doc.entry("need_body").or_insert(json!(false));
        Ok(())
    },
    leaving: |ctx, tx, record| {
        if tx.apis_by("authorizer", &[&record.id]).next().is_some() {
            let text = "The authorizer cannot be deleted because it is used by APIs";
            return Err(ctx.bad("authorizer_id").saying(text).with_status(409));
        }
        Ok(())
    },
    ..PLAIN
};

/// Removes every record under a key.
pub(crate) fn sweep(tx: &mut Tx, coll: Coll, index: &str, value: &str) {
    let ids: Vec<Box<str>> = tx.records_by(coll, index, &[value]).map(|record| record.id.clone()).collect();
    for id in ids {
        tx.remove(coll, &id);
    }
}

/// Removes every binding of a policy.
pub(crate) fn unbind_all(tx: &mut Tx, policy: Policy, id: &str) {
    let ids: Vec<Box<str>> = tx.bindings_of(policy, id).map(|binding: &Binding| binding.id.clone()).collect();
    for id in ids {
        tx.remove(Coll::Binding, &id);
    }
}

/// The environment every gateway starts with.
pub(crate) fn release(now: i64) -> Row {
    let mut doc = Doc::new();
    doc.insert("name".to_owned(), "RELEASE".into());
    doc.insert("remark".to_owned(), "The production environment".into());
    Row::Record(Record { id: RELEASE.into(), created: now, updated: now, doc })
}
