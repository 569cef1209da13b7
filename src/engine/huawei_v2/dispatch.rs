//! Which function serves which operation.

use http::Method;

use super::super::model::Policy;
use super::super::store::{Gateway, Tx};
use super::context::{Ctx, Reply};
use super::fault::Fault;
use super::kinds::{ACL, APP, APP_CODE, AUTHORIZER, ENV, GROUP, SPECIAL, THROTTLE, VARIABLE};
use super::protocol::Operation;
use super::records::{self, Kind};
use super::responses::{self, RESPONSE};
use super::signs::SIGN;
use super::{apis, apps, bindings, channels, limits, outline, publish};

/// The function behind an operation.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    Read(fn(&Ctx, &Gateway) -> Result<Reply, Fault>),
    Write(fn(&Ctx, &mut Tx) -> Result<Reply, Fault>),
    /// What every kind of record has.
    Record(&'static Kind, Verb),
    Binding(Policy, Link),
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
            Self::Read(_) => true,
            Self::Write(_) => false,
            Self::Record(_, verb) => matches!(verb, Verb::Read | Verb::List),
            Self::Binding(_, link) => {
                matches!(link, Link::BoundApis | Link::UnboundApis | Link::BoundPolicies)
            }
        }
    }

    /// Serves a request that only looks.
    pub(crate) fn read(self, ctx: &Ctx, gateway: &Gateway) -> Result<Reply, Fault> {
        match self {
            Self::Read(serve) => serve(ctx, gateway),
            Self::Record(kind, Verb::Read) => records::read(kind, ctx, gateway),
            Self::Record(kind, Verb::List) => records::list(kind, ctx, gateway),
            Self::Binding(policy, Link::BoundApis) => bindings::bound_apis(policy, ctx, gateway),
            Self::Binding(policy, Link::UnboundApis) => bindings::unbound_apis(policy, ctx, gateway),
            Self::Binding(policy, Link::BoundPolicies) => bindings::bound_policies(policy, ctx, gateway),
            Self::Write(_) | Self::Record(..) | Self::Binding(..) => Err(absent(ctx.operation)),
        }
    }

    /// Serves a request that changes something.
    pub(crate) fn write(self, ctx: &Ctx, tx: &mut Tx) -> Result<Reply, Fault> {
        match self {
            Self::Write(serve) => serve(ctx, tx),
            Self::Record(kind, Verb::Create) => records::create(kind, ctx, tx),
            Self::Record(kind, Verb::Update) => records::update(kind, ctx, tx),
            Self::Record(kind, Verb::Delete) => records::delete(kind, ctx, tx),
            Self::Binding(policy, Link::Join) => bindings::bind(policy, ctx, tx),
            Self::Binding(policy, Link::Part) => bindings::unbind(policy, ctx, tx),
            Self::Binding(policy, Link::PartMany) => bindings::unbind_many(policy, ctx, tx),
            Self::Read(_) | Self::Record(..) | Self::Binding(..) => Err(absent(ctx.operation)),
        }
    }
}

/// The answer to an operation that has no function yet.
pub(crate) fn absent(operation: &Operation) -> Fault {
    let text = format!("The operation {} is not implemented by this engine", operation.section);
    Fault::new("APIG.9999").saying(text).with_status(501)
}

/// The function for an operation; none for one that is only routed and checked.
pub(crate) fn handler(operation: &Operation) -> Option<Handler> {
    let section = operation.section.as_str();
    let (chapter, _) = section.rsplit_once('.')?;
    match chapter {
        "3.1" => record(&GROUP, operation, "3.1.6"),
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
        "3.28" if !operation.path.contains("/apps/{app_id}/") => record(&APP, operation, "3.28.4 3.28.5"),
        _ => None,
    }
    .or_else(|| other(section))
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
        "3.23.2" => Handler::Read(outline::gateway),
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
