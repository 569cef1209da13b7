//! Policies on publications: signature keys (3.7), throttles (3.8), access control (3.14).
//!
//! An (API, environment) has at most one policy of each kind. A second one takes the place of the first; the same one
//! again changes nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::model::{Binding, Coll, Policy, Publication, Row};
use super::super::store::{Gateway, Tx};
use super::context::{Ctx, Members, Reply};
use super::fault::Fault;
use super::records::exists;
use super::{apis, kinds};

/// What differs between the kinds of policy.
struct Terms {
    coll: Coll,
    /// The member of the body and the parameter of the queries that name the policy.
    body: &'static str,
    query: &'static str,
    missing: &'static str,
    unbound: &'static str,
    /// The member with the policy's name, in the policy and in lists of APIs.
    name: &'static str,
    listed: &'static str,
    /// The parameter of the path that names a binding.
    path: &'static str,
}

fn terms(policy: Policy) -> Terms {
    match policy {
        Policy::Throttle => Terms {
            coll: Coll::Throttle,
            body: "strategy_id",
            query: "throttle_id",
            missing: "APIG.3005",
            unbound: "APIG.3012",
            name: "name",
            listed: "throttle_name",
            path: "throttle_binding_id",
        },
        Policy::Sign => Terms {
            coll: Coll::Sign,
            body: "sign_id",
            query: "sign_id",
            missing: "APIG.3017",
            unbound: "APIG.3018",
            name: "name",
            listed: "sign_name",
            path: "sign_bindings_id",
        },
        Policy::Acl => Terms {
            coll: Coll::Acl,
            body: "acl_id",
            query: "acl_id",
            missing: "APIG.3006",
            unbound: "APIG.3010",
            name: "acl_name",
            listed: "acl_name",
            path: "acl_bindings_id",
        },
    }
}

/// 3.7.1, 3.8.1, 3.14.1.
pub(crate) fn bind(policy: Policy, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let terms = terms(policy);
    let policy_id = ctx.text(terms.body);
    if policy_id.is_empty() {
        return Err(ctx.missing(terms.body));
    }
    exists(tx, terms.coll, policy_id, terms.missing)?;
    let publish_ids = ctx.texts("publish_ids");
    if publish_ids.is_empty() {
        return Err(ctx.missing("publish_ids"));
    }
    let mut seen = BTreeSet::new();
    let mut bound = Vec::new();
    for publish_id in publish_ids.into_iter().filter(|id| seen.insert(*id)) {
        if tx.publication(publish_id).is_none() {
            return Err(Fault::of("APIG.3015", publish_id));
        }
        let before = tx.bindings_on(publish_id).find(|binding| binding.policy == policy).cloned();
        if let Some(before) = before {
            if *before.policy_id == *policy_id {
                bound.push(before);
                continue;
            }
            tx.remove(Coll::Binding, &before.id);
        }
        let binding = Binding {
            id: ctx.id().into(),
            policy,
            policy_id: policy_id.into(),
            publish_id: publish_id.into(),
            time: ctx.now,
        };
        tx.put(Coll::Binding, Row::Binding(binding.clone()));
        bound.push(binding);
    }
    let fields = ctx.operation.item();
    let mut out = format!("{{\"{}\":[", ctx.operation.array()).into_bytes();
    for (index, binding) in bound.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        record(ctx, tx, binding).write(fields, &mut out);
    }
    out.extend(b"]}");
    Ok(Reply::Json(out))
}

/// 3.7.2, 3.8.2, 3.14.2.
pub(crate) fn unbind(policy: Policy, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let terms = terms(policy);
    let id = ctx.path(terms.path);
    remove(policy, tx, id)?;
    Ok(Reply::Empty)
}

fn remove(policy: Policy, tx: &mut Tx, id: &str) -> Result<(), Fault> {
    let fits = tx.binding(id).is_some_and(|binding| binding.policy == policy);
    if fits && tx.remove(Coll::Binding, id) { Ok(()) } else { Err(Fault::of(terms(policy).unbound, id)) }
}

/// 3.8.6, 3.14.3: one that is not there is reported and does not stop the others.
pub(crate) fn unbind_many(policy: Policy, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
    let member = if policy == Policy::Acl { "acl_bindings" } else { "throttle_bindings" };
    let ids = ctx.texts(member);
    if ids.is_empty() {
        return Err(ctx.missing(member));
    }
    let mut seen = BTreeSet::new();
    let (mut count, mut failure) = (0, Vec::new());
    for id in ids.into_iter().filter(|id| seen.insert(*id)) {
        match remove(policy, tx, id) {
            Ok(()) => count += 1,
            Err(fault) => {
                let (code, message) = ctx.told(&fault);
                failure.push(json!({"bind_id": id, "error_code": code, "error_msg": message}));
            }
        }
    }
    Ok(Reply::value(&json!({"success_count": count, "failure": failure})))
}

/// 3.7.5, 3.8.3, 3.14.4: where a policy is bound.
pub(crate) fn bound_apis(policy: Policy, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let terms = terms(policy);
    let policy_id = ctx.query.get(terms.query).unwrap_or("");
    exists(gateway, terms.coll, policy_id, terms.missing)?;
    let fields = ctx.operation.item();
    let all = gateway.bindings_of(policy, policy_id).filter_map(|binding| {
        let publication = gateway.publication(&binding.publish_id)?;
        passes(ctx, gateway, publication).then_some((binding, publication))
    });
    Ok(Reply::page(ctx, all, |out, (binding, publication)| {
        if policy == Policy::Throttle {
            let members = outline(gateway, publication)
                .with("throttle_apply_id", binding.id.as_ref())
                .with("throttle_name", policy_name(gateway, binding))
                .with("apply_time", ctx.time(binding.time));
            members.write(fields, out);
        } else {
            record(ctx, gateway, binding).write(fields, out);
        }
    }))
}

/// 3.7.4, 3.8.4, 3.14.5: where a policy could be bound.
pub(crate) fn unbound_apis(policy: Policy, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let terms = terms(policy);
    let policy_id = ctx.query.get(terms.query).unwrap_or("");
    exists(gateway, terms.coll, policy_id, terms.missing)?;
    let fields = ctx.operation.item();
    let of_kind = |publication: &Publication| {
        gateway.bindings_on(&publication.id).find(|binding| binding.policy == policy)
    };
    let all = gateway.publications().filter(|publication| {
        passes(ctx, gateway, publication)
            && of_kind(publication).is_none_or(|binding| *binding.policy_id != *policy_id)
    });
    Ok(Reply::page(ctx, all, |out, publication| {
        let mut members = outline(gateway, publication);
        if let Some(binding) = of_kind(publication) {
            let other = policy_name(gateway, binding);
            members = members.with("signature_name", other).with(terms.listed, other);
        }
        members.write(fields, out);
    }))
}

/// 3.7.3, 3.8.5, 3.14.6: the policies bound to an API.
pub(crate) fn bound_policies(policy: Policy, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
    let terms = terms(policy);
    let api = apis::find(gateway, ctx.query.get("api_id").unwrap_or(""))?;
    let fields = ctx.operation.item();
    let wanted = |binding: &&Binding, publication: &Publication| {
        let named = |wanted: &str| policy_name(gateway, binding).contains(wanted);
        binding.policy == policy
            && ctx.query.get("env_id").is_none_or(|id| *id == *publication.env_id)
            && ctx.query.get("env_name").is_none_or(|name| env_name(gateway, &publication.env_id) == name)
            && ctx.query.get(terms.query).is_none_or(|id| *id == *binding.policy_id)
            && ctx.query.get(terms.listed).is_none_or(named)
    };
    let all = gateway.publications_by("api_id", &[&api.id]).flat_map(|publication| {
        let here = gateway.bindings_on(&publication.id).filter(move |binding| wanted(binding, publication));
        here.map(move |binding| (binding, publication))
    });
    Ok(Reply::page(ctx, all, |out, (binding, publication)| {
        if policy == Policy::Sign {
            record(ctx, gateway, binding).write(fields, out);
            return;
        }
        let Some(found) = gateway.record(terms.coll, &binding.policy_id) else { return out.extend(b"{}") };
        let mut members = Members::of(&found.doc);
        if policy == Policy::Throttle {
            members.extra = (kinds::THROTTLE.extra)(ctx, gateway, found);
        }
        let members = members
            .with("id", found.id.as_ref())
            .with("acl_id", found.id.as_ref())
            .with("create_time", ctx.time(found.created))
            .with("env_id", publication.env_id.as_ref())
            .with("env_name", env_name(gateway, &publication.env_id))
            .with("bind_id", binding.id.as_ref())
            .with("bind_time", ctx.time(binding.time));
        members.write(fields, out);
    }))
}

fn passes(ctx: &Ctx, gateway: &Gateway, publication: &Publication) -> bool {
    let api = gateway.api(&publication.api_id);
    let definition = api.map(|api| &api.definition);
    let same = |param: &str, value: &str| ctx.query.get(param).is_none_or(|wanted| wanted == value);
    same("env_id", &publication.env_id)
        && same("api_id", &publication.api_id)
        && same("group_id", definition.map_or("", |it| &it.group_id))
        && ctx.query.get("api_name").is_none_or(|part| definition.is_some_and(|it| it.name.contains(part)))
}

fn policy_name<'g>(gateway: &'g Gateway, binding: &Binding) -> &'g str {
    let terms = terms(binding.policy);
    gateway.record(terms.coll, &binding.policy_id).map_or("", |found| found.text(terms.name))
}

pub(crate) fn env_name<'g>(gateway: &'g Gateway, id: &str) -> &'g str {
    gateway.record(Coll::Env, id).map_or("", |env| env.text("name"))
}

/// A publication as lists of APIs show it.
pub(crate) fn outline(gateway: &Gateway, publication: &Publication) -> Members<'static> {
    let mut members = Members::default()
        .with("id", publication.api_id.as_ref())
        .with("publish_id", publication.id.as_ref())
        .with("run_env_id", publication.env_id.as_ref())
        .with("run_env_name", env_name(gateway, &publication.env_id));
    if let Some(api) = gateway.api(&publication.api_id) {
        let it = &api.definition;
        let group = gateway.record(Coll::Group, &it.group_id).map_or("", |group| group.text("name"));
        members = members
            .with("name", it.name.as_ref())
            .with("type", it.kind)
            .with("remark", it.remark.as_ref())
            .with("auth_type", it.auth_type.as_ref())
            .with("req_uri", it.uri.as_ref())
            .with("req_method", it.method.as_ref())
            .with("group_id", it.group_id.as_ref())
            .with("group_name", group);
    }
    members
}

/// A binding as it is shown for itself.
fn record(ctx: &Ctx, gateway: &Gateway, binding: &Binding) -> Members<'static> {
    let time =
        if binding.time == ctx.now { ctx.time(binding.time) } else { super::records::past(binding.time) };
    let mut members = Members::default()
        .with("id", binding.id.as_ref())
        .with("bind_id", binding.id.as_ref())
        .with("publish_id", binding.publish_id.as_ref())
        .with("scope", 1);
    for name in ["binding_time", "apply_time", "create_time", "bind_time"] {
        members = members.with(name, time.clone());
    }
    for name in ["strategy_id", "sign_id", "acl_id"] {
        members = members.with(name, binding.policy_id.as_ref());
    }
    if let Some(sign) = gateway.record(Coll::Sign, &binding.policy_id) {
        members = members.with("sign_name", sign.text("name"));
        for name in ["sign_key", "sign_secret", "sign_type"] {
            members = members.with(name, sign.doc.get(name).cloned().unwrap_or(Value::Null));
        }
    }
    let Some(publication) = gateway.publication(&binding.publish_id) else { return members };
    members = members
        .with("api_id", publication.api_id.as_ref())
        .with("env_id", publication.env_id.as_ref())
        .with("env_name", env_name(gateway, &publication.env_id));
    if let Some(api) = gateway.api(&publication.api_id) {
        let it = &api.definition;
        let group = gateway.record(Coll::Group, &it.group_id).map_or("", |group| group.text("name"));
        members = members
            .with("api_name", it.name.as_ref())
            .with("api_type", it.kind)
            .with("api_remark", it.remark.as_ref())
            .with("req_method", it.method.as_ref())
            .with("group_name", group);
    }
    members
}
