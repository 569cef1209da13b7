//! The protocol of Huawei Cloud APIG, dedicated gateway, API V2.
//!
//! `protocol.json` (made by `extract.py`) drives routing and validation of all 197 operations; `dispatch` names the
//! function behind each; the rest is behaviour. An operation without a function answers 501 after its checks.
//!
//! # Decisions
//!
//! Where the vendor's document is silent or contradicts itself, this engine does as follows.
//!
//! | question | decision |
//! | --- | --- |
//! | PUT without an optional member | the member returns to its default |
//! | … of `sign_key`, `sign_secret` | new ones are generated, as the examples of 3.6.2 show |
//! | … of `sign_type` | it stays |
//! | … of `app_key`, `app_secret` | they stay: an application must not lose its key by being renamed |
//! | … of the lists of a VPC channel | they stay; an empty list empties |
//! | members of a VPC channel that are sent again | keep their id: a member is known by its address, a group by its name |
//! | an empty text for an optional member | allowed; it takes the member away |
//! | which code for a bad parameter | APIG.2011 or APIG.2012, whichever the operation's example shows; APIC.7211 above gateways |
//! | … for one that is absent | APIG.2001 |
//! | … for a body that is not JSON | APIG.2000 |
//! | … for a path or method that is not there | APIG.0101 with 404 or 405 |
//! | … for a body whose content type is not JSON | APIG.2000, also where no body is wanted; without a type it is read as JSON |
//! | a project that is not the caller's | 403 |
//! | status of a code | the operation's example, else the table |
//! | a second throttle, key or ACL on an (API, environment) | replaces the first; the same one again keeps its id |
//! | going offline | removes the bindings of the publication; app authorizations and versions stay |
//! | publishing again while online | same `publish_id`, new version, bindings stay |
//! | publishing after offline | new `publish_id` |
//! | publishing an unchanged definition | a new version all the same |
//! | more than the kept number of versions | the oldest goes, never the effective one |
//! | switching the version of an API that is offline there | APIG.3015 |
//! | taking a version offline that is not the effective one | APIG.3015 |
//! | deleting a throttle that is bound | its bindings go (3.4.3), APIG.3451 is never answered |
//! | changing the value of a variable | APIs that run with it in that environment get a new version of what runs, not of the draft |
//! | creating or deleting a variable | publishes nothing |
//! | RELEASE | always there; cannot be renamed or deleted; its remark can change |
//! | deleting an environment | takes its variables and app authorizations along |
//! | deleting a group | takes its variables, responses and domain names along, and the certificates of these that no other domain name has (3.1.3) |
//! | deleting an authorizer in use | refused with 409 |
//! | unique names of APIs and request paths | within the group; a path is compared without the names of its parameters, and ANY stands for every method |
//! | moving an API to another group | allowed, with the same checks as creating it there |
//! | app authorization | does not need the API online; a second time is SKIPPED; for an API with another way of authentication FAILED, with 201; an id that names nothing refuses the whole call |
//! | letters in names | of any script |
//! | variables of a group that does not exist | an empty list |
//! | two APIs whose running definitions answer the same request | not checked: only drafts are compared |
//! | an AppCode that exists already | APIG.3309 |
//! | order of lists | oldest first; versions newest first |
//! | filters without `precise_search` | a part of the text is enough, case matters |
//! | time of a change in the answer to a write | nanoseconds; of what happened before, and inside backends, seconds |
//! | quotas the document does not number | the vendor's usual numbers, see `limits` |
//! | secrets | only their masked form is kept |
//! | content of plug-ins | the documented members are checked, others are let through; it is kept as it was sent |
//! | detaching a plug-in that is not attached | nothing happens |
//! | attachments of plug-ins | outlive going offline; go with the API, the environment |
//! | APIs a plug-in can be attached to | online in the environment and without this plug-in |
//! | features that were never configured | are not listed; what they gate is open, except signature keys of type public_key |
//! | `ratelimit` | limits throttles once it is configured, per second; until then nothing does: 3.4.1 speaks of 200, and its own example allows 800 |
//! | supported features of a gateway | all 46 of section 5.5, in 3.21.3 too |
//! | a second quota for an application | replaces the first |
//! | an application without a quota | an empty object; without access control: an empty type and no values |
//! | unbinding a quota that is not bound | APIG.3093 |
//! | adding, replacing or removing members of a microservice channel | APIG.3471 |
//! | deleting a group of members | takes its members along |
//! | a group of members that does not exist | APIG.3023 with a text of its own |
//! | names of domains | known without asking a name server; unique within the gateway |
//! | code of an unknown certificate | APIG.3021; of a name that is taken APIG.3325 |
//! | deleting a certificate that is bound | refused with 409 |
//! | another certificate for a domain name that has one | APIG.2051 |
//! | changing a certificate | type and gateway stay; its domain names must still be covered |
//! | deleting the certificate of a domain name (3.12.6) | unbinds; the certificate goes when nothing else has it |
//! | making a gateway | takes three seconds; until then only its detail and progress answer, all else is APIC.7701 |
//! | members of a gateway that are not sent | stay |
//! | deleting a gateway | takes all it holds along; the gateway from the start is back after a restart |
//! | a smaller edition | APIC.7243 |
//! | a tag that exists | gets the new value; for deleting, the key decides |
//! | connections to the endpoint service | there are none |
//! | monitoring | nothing goes through the engine: empty series |
//! | import, an API that exists, `api_mode` merge | a failure APIG.3301, as the example shows; `ignore` has what is no API |
//! | … an API without a backend | gets a mock; so do all with `mock_mode` |
//! | … a way of authentication that is not the vendor's | application signature: what was closed stays closed |
//! | … throttles and access controls of the document | made, or replaced with `extend_mode` override; never bound |
//! | … `simple_mode` | without effect |
//! | tasks | done at once, seen at work for a second; one at a time |
//! | debugging | HTTP backends on this machine are called (see `serve --call-backends`), mocks answer, functions cannot be called; what the gateway would refuse is the answer of the debugged request; undeclared queries and headers are handed on |
//! | … by an unknown or unauthorized application | APIG.0303, APIG.0304 inside the answer; a backend that does not answer: APIG.0203, the reason is in `log` |
//!
//! # Where document and official client disagree
//!
//! Both work. The list is that of `doc-vs-sdk.json` of the catalogue; what is only newer in the client (fields of requests
//! the document lacks) is accepted and has no effect.
//!
//! | where | document | client | here |
//! | --- | --- | --- | --- |
//! | 3.7.4 | `unbinded-apis` | `unbinded-apis` | both spellings |
//! | 3.8.4, 3.10.4, 3.14.5 | `unbound-apis` | `unbinded-apis` | both spellings |
//! | 3.4.x, 3.8.5 | `is_included_special_throttle`, `is_includ_special_throttle` | `is_inclu_special_throttle` | the client's |
//! | 3.5.x conditions | `frontend_auth_orizer_param_name` | `frontend_authorizer_param_name` | the client's |
//! | 3.5.5 | `ssl_domain_access_enabled` | `sl_domain_access_enabled` | the client's |
//! | 3.8.1 | `throttle_appls`, `throttle_applies` | `throttle_applys` | the client's |
//! | 3.10.1 and 3.10.3 | `visit_params`, `visit_param` | the same | as each says |
//! | 3.11.3 | `authenticated_nums`, `unauthenticated_nums` | `authed_nums`, `unauthed_nums` | both members |
//! | 3.15.x | `ttn` | `ttl` | the client's |
//! | 3.17.1, 3.17.2 | `register_addresses` | – | not shown |
//! | 3.23.x | `instance_statuses` | `instance_status` | the client's |
//! | 3.26.2, 3.26.7 | `trusted_root_certificate` | `trusted_root_ca` | the client's |
//! | 19 calls | – | `list_orchestrations` and others, see `serve --list-operations` | 501 |

pub(super) mod apis;
pub(super) mod apps;
mod bindings;
pub(super) mod certificates;
mod channels;
pub(super) mod context;
pub(super) mod debug;
mod definition;
pub(super) mod dispatch;
mod domains;
mod extras;
mod features;
mod instances;
pub(super) mod kinds;
pub(super) mod limits;
pub(super) mod members;
mod multipart;
pub(super) mod openapi;
mod outline;
mod plugins;
mod publish;
mod quotas;
pub(super) mod records;
mod responses;
mod rules;
pub(super) mod seed;
pub(super) mod service;
mod shape;
mod signs;

use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};

use super::huawei::fault::{self, Fault, json_response};
use super::huawei::protocol::{self, Route};
use super::huawei::validate;
pub(super) use context::Settings;
use context::{Ctx, Reply};
pub(super) use dispatch::{absent, calls_out, handler, undocumented};

use super::model::Doc;
use super::realm::Key;
use super::time::Nanos;

/// A routed request whose parameters are not yet checked.
pub(super) struct Unchecked<'a> {
    ctx: Ctx<'a>,
    query: String,
}

/// Begins the work on a request.
pub(super) fn context<'a>(settings: &'a Settings, route: &Route, query: &str, now: Nanos) -> Unchecked<'a> {
    let path: Vec<_> =
        route.path.iter().map(|(name, value)| (*name, validate::decode(value, false))).collect();
    let named = |wanted| path.iter().find(|(name, _)| *name == wanted).map_or("", |(_, value)| value);
    let gateway = (named("project_id").to_owned(), named("instance_id").to_owned());
    let ctx = Ctx {
        operation: route.operation,
        asked: route.operation,
        path,
        gateway,
        query: validate::Query::default(),
        body: Doc::new(),
        now,
        settings,
    };
    Unchecked { ctx, query: query.to_owned() }
}

impl<'a> Unchecked<'a> {
    /// The gateway the path names.
    pub(super) fn gateway(&self) -> &Key {
        &self.ctx.gateway
    }

    /// Checks query and body.
    pub(super) fn checked(self, request: &Request<Bytes>) -> Result<Ctx<'a>, Fault> {
        let query = validate::Query::parse(self.ctx.operation, &self.query)?;
        let body = if self.ctx.operation.form.is_empty() {
            validate::check_type(request)?;
            validate::body(self.ctx.operation, request.body())?
        } else {
            let kind = request.headers().get(CONTENT_TYPE);
            let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
            multipart::form(self.ctx.operation, kind, request.body())?
        };
        Ok(Ctx { query, body, ..self.ctx })
    }
}

impl Reply {
    /// The answer on the wire.
    pub(super) fn response(self, success: StatusCode) -> Response<Bytes> {
        match self {
            Self::Json(body) => json_response(success, Bytes::from(body)),
            Self::Later(work) => work().response(success),
            Self::File { name, content } => {
                let mut response = Response::new(Bytes::from(content));
                *response.status_mut() = success;
                let headers = response.headers_mut();
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
                // A name of any script, which a header cannot hold, is left out.
                if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
                    headers.insert(CONTENT_DISPOSITION, value);
                }
                response
            }
            Self::Empty => {
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = success;
                response
            }
        }
    }
}
