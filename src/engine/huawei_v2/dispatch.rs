//! Which function serves which operation.

use std::sync::OnceLock;

use http::Method;

use super::super::model::Policy;
use super::super::realm::{Gateways, Realm};
use super::super::store::{Gateway, Tx};
use super::context::{Ctx, Reply};
use super::fault::Fault;
use super::kinds::{ACL, APP, APP_CODE, AUTHORIZER, ENV, GROUP, SPECIAL, THROTTLE, VARIABLE};
use super::plugins::PLUGIN;
use super::protocol::{Edition, Operation};
use super::quotas::QUOTA;
use super::records::{self, Kind};
use super::responses::{self, RESPONSE};
use super::signs::SIGN;
use super::{
    apis, apps, bindings, certificates, channels, debug, domains, extras, features, instances, limits,
    members, openapi, outline, plugins, publish, quotas,
};

/// The function behind an operation.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    Read(fn(&Ctx, &Gateway) -> Result<Reply, Fault>),
    Write(fn(&Ctx, &mut Tx) -> Result<Reply, Fault>),
    /// What every kind of record has.
    Record(&'static Kind, Verb),
    Binding(Policy, Link),
    /// Looks at several gateways, or at what belongs to none.
    Survey(fn(&Ctx, &Gateways) -> Result<Reply, Fault>),
    /// Changes several gateways, or what belongs to none.
    Govern(fn(&Ctx, &mut Realm) -> Result<Reply, Fault>),
}

#[derive(Clone, Copy)]
pub(crate) enum Verb {
    Create,
    Update,
    Delete,
    Read,
    List,
}

#[derive(Clone, Copy)]
pub(crate) enum Link {
    Join,
    Part,
    PartMany,
    BoundApis,
    UnboundApis,
    BoundPolicies,
}

impl Handler {
    /// True for what only looks.
    pub(crate) fn only_reads(self) -> bool {
        match self {
            Self::Read(_) | Self::Survey(_) => true,
            Self::Write(_) | Self::Govern(_) => false,
            Self::Record(_, verb) => matches!(verb, Verb::Read | Verb::List),
            Self::Binding(_, link) => {
                matches!(link, Link::BoundApis | Link::UnboundApis | Link::BoundPolicies)
            }
        }
    }

    /// Serves a request that only looks.
    pub(crate) fn look(self, ctx: &Ctx, gateways: &Gateways) -> Result<Reply, Fault> {
        if let Self::Survey(serve) = self {
            return serve(ctx, gateways);
        }
        let key = &ctx.gateway;
        let gateway = gateways.get(key).ok_or_else(|| Fault::of("APIG.3030", &key.1))?;
        instances::check_ready(ctx, gateway)?;
        self.read(ctx, gateway)
    }

    /// Serves a request that changes something.
    pub(crate) fn act(self, ctx: &Ctx, realm: &mut Realm) -> Result<Reply, Fault> {
        if let Self::Govern(serve) = self {
            return serve(ctx, realm);
        }
        let key = &ctx.gateway;
        let done = realm.on(key, |tx| {
            instances::check_ready(ctx, tx)?;
            self.write(ctx, tx)
        });
        done.unwrap_or_else(|| Err(Fault::of("APIG.3030", &key.1)))
    }

    fn read(self, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
        match self {
            Self::Read(serve) => serve(ctx, gateway),
            Self::Record(kind, Verb::Read) => records::read(kind, ctx, gateway),
            Self::Record(kind, Verb::List) => records::list(kind, ctx, gateway),
            Self::Binding(policy, Link::BoundApis) => bindings::bound_apis(policy, ctx, gateway),
            Self::Binding(policy, Link::UnboundApis) => bindings::unbound_apis(policy, ctx, gateway),
            Self::Binding(policy, Link::BoundPolicies) => bindings::bound_policies(policy, ctx, gateway),
            _ => Err(absent(ctx.operation)),
        }
    }

    fn write(self, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
        match self {
            Self::Write(serve) => serve(ctx, tx),
            Self::Record(kind, Verb::Create) => records::create(kind, ctx, tx),
            Self::Record(kind, Verb::Update) => records::update(kind, ctx, tx),
            Self::Record(kind, Verb::Delete) => records::delete(kind, ctx, tx),
            Self::Binding(policy, Link::Join) => bindings::bind(policy, ctx, tx),
            Self::Binding(policy, Link::Part) => bindings::unbind(policy, ctx, tx),
            Self::Binding(policy, Link::PartMany) => bindings::unbind_many(policy, ctx, tx),
            _ => Err(absent(ctx.operation)),
        }
    }
}

/// The answer to an operation that has no function yet.
pub(crate) fn absent(operation: &Operation) -> Fault {
    let text = format!("The operation {} is not implemented by this engine", operation.section);
    Fault::new("APIG.9999").saying(text).with_status(501)
}

/// The answer to a call of the vendor's client that the document lacks.
pub(crate) fn undocumented(name: &str) -> Fault {
    let text = format!(
        "{name} is a call of the vendor's client that its API reference lacks; this engine does not serve it"
    );
    Fault::new("APIG.9999").saying(text).with_status(501)
}

/// Whether an operation calls a backend.
pub(crate) fn calls_out(operation: &Operation) -> bool {
    operation.section == "3.5.8"
}

/// The function for an operation; none for one that is only routed and checked.
pub(crate) fn handler(operation: &Operation) -> Option<Handler> {
    static ALL: OnceLock<Vec<Option<Handler>>> = OnceLock::new();
    let all = ALL.get_or_init(|| Edition::V2.protocol().operations.iter().map(find).collect());
    all.get(operation.place).copied().flatten()
}

fn find(operation: &Operation) -> Option<Handler> {
    let section = operation.section.as_str();
    let (chapter, _) = section.rsplit_once('.')?;
    match chapter {
        "3.1" => record(&GROUP, operation, "3.1.3 3.1.6"),
        "3.2" => record(&ENV, operation, ""),
        "3.3" => record(&VARIABLE, operation, ""),
        "3.4" => record(&THROTTLE, operation, ""),
        "3.5" => api(section),
        "3.6" => record(&SIGN, operation, ""),
        "3.7" => binding(Policy::Sign, operation),
        "3.8" => binding(Policy::Throttle, operation),
        "3.9" => record(&SPECIAL, operation, ""),
        "3.13" => record(&ACL, operation, "3.13.4"),
        "3.14" => binding(Policy::Acl, operation),
        "3.15" => record(&AUTHORIZER, operation, ""),
        "3.19" if !operation.path.ends_with("{response_type}") => record(&RESPONSE, operation, ""),
        "3.27" if operation.path.ends_with("/plugins") || operation.path.ends_with("/{plugin_id}") => {
            record(&PLUGIN, operation, "")
        }
        "3.29" if operation.path.ends_with("/app-quotas") || operation.path.ends_with("/{app_quota_id}") => {
            record(&QUOTA, operation, "")
        }
        "3.28" if !operation.path.contains("/apps/{app_id}/") => record(&APP, operation, "3.28.4 3.28.5"),
        _ => None,
    }
    .or_else(|| other(section))
    .or_else(|| around(section))
    .or_else(|| gateways(section))
}

/// The five verbs of a kind, told by method and path; `but` names operations of the chapter that are none of them.
fn record(kind: &'static Kind, operation: &Operation, but: &str) -> Option<Handler> {
    if but.split(' ').any(|section| section == operation.section) {
        return None;
    }
    let one = operation.path.ends_with('}');
    let verb = match (operation.method.as_str(), one) {
        ("POST", false) => Verb::Create,
        ("PUT", true) => Verb::Update,
        ("DELETE", true) => Verb::Delete,
        ("GET", true) => Verb::Read,
        ("GET", false) => Verb::List,
        _ => return None,
    };
    Some(Handler::Record(kind, verb))
}

fn binding(policy: Policy, operation: &Operation) -> Option<Handler> {
    let link = match operation.method.as_str() {
        "POST" => Link::Join,
        "DELETE" => Link::Part,
        "PUT" => Link::PartMany,
        _ if operation.path.ends_with("/binded-apis") => Link::BoundApis,
        _ if operation.path.ends_with("ed-apis") || operation.path.ends_with("unbound-apis") => {
            Link::UnboundApis
        }
        method if method == Method::GET => Link::BoundPolicies,
        _ => return None,
    };
    Some(Handler::Binding(policy, link))
}

fn api(section: &str) -> Option<Handler> {
    Some(match section {
        "3.5.1" => Handler::Write(apis::create),
        "3.5.2" => Handler::Write(apis::update),
        "3.5.3" => Handler::Write(apis::delete),
        "3.5.4" => Handler::Write(publish::act),
        "3.5.5" => Handler::Read(apis::read),
        "3.5.6" => Handler::Read(apis::list),
        "3.5.7" => Handler::Read(apis::check),
        "3.5.8" => Handler::Read(debug::debug),
        "3.5.9" => Handler::Write(publish::batch),
        "3.5.10" => Handler::Read(publish::versions),
        "3.5.11" => Handler::Write(publish::switch),
        "3.5.12" => Handler::Read(publish::runtime),
        "3.5.13" => Handler::Read(publish::version_detail),
        "3.5.14" => Handler::Write(publish::version_offline),
        _ => return None,
    })
}

fn other(section: &str) -> Option<Handler> {
    Some(match section {
        "3.1.6" => Handler::Read(outline::check_group_name),
        "3.10.1" => Handler::Write(apps::authorize),
        "3.10.2" => Handler::Write(apps::cancel),
        "3.10.3" | "3.10.5" => Handler::Read(apps::authorizations),
        "3.10.4" => Handler::Read(apps::unauthorized_apis),
        "3.11.1" => Handler::Read(outline::apis),
        "3.11.2" => Handler::Read(outline::groups),
        "3.11.3" => Handler::Read(outline::apps),
        "3.12.5" => Handler::Write(outline::debug_domain),
        "3.13.4" => Handler::Write(outline::delete_acls),
        "3.17.1" => Handler::Write(channels::create),
        "3.17.2" => Handler::Write(channels::update),
        "3.17.3" => Handler::Write(channels::delete),
        "3.17.4" => Handler::Read(channels::read),
        "3.17.5" => Handler::Read(channels::list),
        "3.19.5" => Handler::Read(responses::read_type),
        "3.19.6" => Handler::Write(responses::write_type),
        "3.19.7" => Handler::Write(responses::reset_type),
        "3.20.1" => Handler::Read(outline::tags),
        "3.22.1" => Handler::Read(|ctx, gateway| Ok(limits::list(ctx, gateway))),
        "3.28.4" => Handler::Write(apps::reset_secret),
        "3.28.5" => Handler::Read(apps::verify),
        "3.28.8" | "3.28.9" => Handler::Record(&APP_CODE, Verb::Create),
        "3.28.10" => Handler::Record(&APP_CODE, Verb::Delete),
        "3.28.11" => Handler::Record(&APP_CODE, Verb::Read),
        "3.28.12" => Handler::Record(&APP_CODE, Verb::List),
        _ => return None,
    })
}

/// Channels in parts, domains, plug-ins, quotas and features.
fn around(section: &str) -> Option<Handler> {
    Some(match section {
        "3.12.1" => Handler::Write(domains::create),
        "3.12.3" => Handler::Write(domains::update),
        "3.12.4" => Handler::Write(domains::delete),
        "3.16.1" => Handler::Read(openapi::export),
        "3.16.2" => Handler::Write(openapi::import),
        "3.17.6" => Handler::Write(members::add),
        "3.17.7" => Handler::Read(members::list),
        "3.17.8" => Handler::Write(members::replace),
        "3.17.9" => Handler::Write(members::remove),
        "3.17.10" => Handler::Write(members::enable),
        "3.17.11" => Handler::Write(members::disable),
        "3.17.12" => Handler::Write(members::health),
        "3.17.13" => Handler::Write(members::add_groups),
        "3.17.14" => Handler::Read(members::list_groups),
        "3.17.15" => Handler::Read(members::read_group),
        "3.17.16" => Handler::Write(members::delete_group),
        "3.17.17" => Handler::Write(members::update_group),
        "3.21.1" => Handler::Write(features::configure),
        "3.21.2" => Handler::Read(features::list),
        "3.21.3" => Handler::Read(features::supported),
        "3.27.6" => Handler::Write(plugins::attach_apis),
        "3.27.7" => Handler::Write(plugins::attach_plugins),
        "3.27.8" => Handler::Write(plugins::detach_apis),
        "3.27.9" => Handler::Write(plugins::detach_plugins),
        "3.27.10" => Handler::Read(plugins::attached_apis),
        "3.27.11" => Handler::Read(plugins::attached_plugins),
        "3.27.12" => Handler::Read(plugins::attachable_apis),
        "3.27.13" => Handler::Read(plugins::attachable_plugins),
        "3.28.13" => Handler::Read(quotas::of_app),
        "3.28.14" => Handler::Write(quotas::set_acl),
        "3.28.15" => Handler::Read(quotas::read_acl),
        "3.28.16" => Handler::Write(quotas::delete_acl),
        "3.29.6" => Handler::Read(quotas::bound_apps),
        "3.29.7" => Handler::Write(quotas::bind),
        "3.29.8" => Handler::Write(quotas::unbind),
        "3.29.9" => Handler::Read(quotas::bindable_apps),
        "3.30.1" => Handler::Write(openapi::async_export),
        "3.30.2" => Handler::Write(openapi::async_import),
        "3.30.3" => Handler::Read(openapi::read_task),
        _ => return None,
    })
}

/// Gateways and what is around them.
fn gateways(section: &str) -> Option<Handler> {
    Some(match section {
        "3.1.3" => Handler::Govern(certificates::delete_group),
        "3.12.2" => Handler::Govern(certificates::upload),
        "3.12.6" => Handler::Govern(certificates::remove),
        "3.12.7" => Handler::Survey(certificates::of_domain),
        "3.18.1" | "3.18.3" => Handler::Read(extras::statistics),
        "3.18.2" => Handler::Read(extras::metrics),
        "3.22.2" => Handler::Survey(instances::quotas),
        "3.23.1" => Handler::Govern(instances::create),
        "3.23.2" => Handler::Read(instances::read),
        "3.23.3" => Handler::Govern(instances::update),
        "3.23.4" => Handler::Read(instances::creation),
        "3.23.5" => Handler::Write(instances::bind_eip),
        "3.23.6" | "3.23.12" => Handler::Write(instances::unbind_eip),
        "3.23.7" | "3.23.8" | "3.23.9" => Handler::Write(instances::outbound),
        "3.23.10" | "3.23.11" => Handler::Write(instances::inbound),
        "3.23.13" => Handler::Survey(instances::zones),
        "3.23.14" => Handler::Survey(instances::list),
        "3.23.15" => Handler::Govern(instances::delete),
        "3.23.16" => Handler::Write(instances::resize),
        "3.23.17" => Handler::Read(instances::restriction),
        "3.24.1" => Handler::Read(extras::connections),
        "3.24.2" => Handler::Write(extras::answer_connections),
        "3.24.3" => Handler::Read(extras::permissions),
        "3.24.4" => Handler::Write(extras::add_permissions),
        "3.24.5" => Handler::Write(extras::delete_permissions),
        "3.25.1" => Handler::Survey(extras::project_tags),
        "3.25.2" => Handler::Read(extras::tags),
        "3.25.3" => Handler::Write(extras::change_tags),
        "3.26.1" => Handler::Survey(certificates::list),
        "3.26.2" => Handler::Govern(certificates::create),
        "3.26.3" => Handler::Govern(certificates::attach_to_domain),
        "3.26.4" => Handler::Govern(certificates::detach_from_domain),
        "3.26.5" => Handler::Survey(certificates::read),
        "3.26.6" => Handler::Govern(certificates::delete),
        "3.26.7" => Handler::Govern(certificates::update),
        "3.26.8" => Handler::Govern(certificates::attach),
        "3.26.9" => Handler::Govern(certificates::detach),
        "3.26.10" => Handler::Survey(certificates::attached_domains),
        _ => return None,
    })
}
