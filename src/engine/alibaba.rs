//! The protocol of Alibaba Cloud API Gateway, CloudAPI 2016-07-14: RPC on `/`.
//!
//! `protocol.json` (made by `extract.py`) drives the checks of all 221 actions, the shapes of all answers and the table of
//! errors; `dispatch` names the function behind each action; the rest is behaviour. An action without a function answers
//! 501 after its checks.
//!
//! # Decisions
//!
//! Where the vendor's document is silent or contradicts itself, this engine does as follows.
//!
//! | question | decision |
//! | --- | --- |
//! | accounts and regions | one gateway: the account of the one key pair, the engine's region |
//! | order of the checks | signature, nonce, version, action, parameters, what exists, what is allowed |
//! | replayed nonces | known for as long as their time is let in (15 minutes to both sides); a restart forgets them |
//! | headers `x-acs-*` and `host` | must all be signed |
//! | an action that does not exist | InvalidApi.NotFound |
//! | code of an absent parameter | `Missing` and its name; of another type or no JSON `InvalidFormat`, of a forbidden value `Invalid`, twice `Repeated` |
//! | a name that is taken | `Duplicate` and the name of the parameter |
//! | something that does not exist | `NotFound` and its kind, with 400 as the table says |
//! | something still in use | `DependencyViolation` and its kind |
//! | parameters the document lacks | accepted, without effect |
//! | an empty text for an optional parameter | takes the text away |
//! | members of JSON texts | keys in either case; what no answer shows is accepted, without effect; null is absent |
//! | members of answers nothing is known of | texts are empty, lists have no items, numbers and booleans are left out; within settings all is left out |
//! | `Format` | JSON, or XML for callers of the older form, in letters of either case; without it JSON, and always JSON for ACS3; anything else is InvalidParameter.Format |
//! | environments | RELEASE, PRE and TEST, also where a sentence names two of them |
//! | letters in names | English and Chinese |
//! | `BasePath` that is not sent | `/` |
//! | `InstanceId` that is not sent | the shared instance; others are those that were loaded |
//! | groups per account | 100; APIs per group 1000; see `serve --quota CLOUDAPI_APIGROUP_NUM_LIMIT=…` |
//! | lists without `Sort` | oldest first; histories newest first |
//! | `UnDeployed` and `StageName` of DescribeApis | the stage alone: what runs there; with `UnDeployed=true` what does not; `UnDeployed=true` alone: what runs nowhere |
//! | unique paths within a group | path and method together; compared without the names of parameters; ANY stands for every method |
//! | `AuthType` that is not sent | APP: closed |
//! | moving an API to another group | not possible: a group that is sent must be the API's own |
//! | constant and system parameters among the others (`parameterCatalog`) | shown apart, as the document shows them |
//! | publishing an unchanged definition | a new version all the same |
//! | an API or a task of a batch that does not exist | refuses the whole batch |
//! | taking offline what is not online | NotFoundDeployment; so do switching and describing it |
//! | going offline | bindings and authorizations of the stage stay: they are bound to API and stage |
//! | versions per API and stage | the 100 newest, and the one that runs |
//! | deleting an API that runs anywhere | DependencyViolationApi |
//! | `Description` of histories | the API's, as the document says |
//! | a stage variable that exists | DuplicateVariableName: to change a value is to delete and to make it |
//! | names of stage variables | 1 to 50 English letters, digits, `_` and `-`, with their case; 50 per stage |
//! | when the value of a stage variable counts | at once: a route model picks it by what a request says, so it is looked up then |
//! | reading stage variables | `DescribeApiStage` of the older client: the document lacks it |
//! | tasks | done at once: `OVER`, and `success` where a VPC access was changed |
//! | a second traffic control, signature key or IP control on an API in a stage | replaces the first; the same one again keeps its time |
//! | binding to an API that is offline | allowed |
//! | unbinding what is not bound | nothing happens; authorizations: NotFoundAuthorization |
//! | deleting what is bound | DependencyViolation, as the document says |
//! | names of policies and applications | unique |
//! | special limits for applications | the application may be another account's, so it need not exist |
//! | `AppId` in an item of a blacklist | left out, as the document says |
//! | deleting an IP control | takes its items along |
//! | keys and codes per application | 5 each; the first ones are made with it, unless they are sent |
//! | `AppOwner` | there is one owner, so every number is that one |
//! | authorizing again | new time, new end |
//! | `SetApisAuthorities` without a list | all APIs of the group |
//! | authorizing for an API that is offline or open | allowed |
//! | definitions of plug-ins | JSON or YAML; the documented members of 13 types are checked, others and other types are let through |
//! | a definition of `trafficControl` with `defaultLimit` | limits by parameters: `unit` and `apiDefault` need not be there |
//! | a second plug-in of the same type in a place | replaces the first |
//! | attaching a plug-in to an API that is offline | NotFoundDeployment: the document wants it published; to a group: always |
//! | detaching a plug-in without an API | from all APIs of the group in the stage; what is not attached stays so |
//! | removing a VPC access | what runs with it goes on, as the document says; publishing with it is refused from then on |
//! | publishing with a backend that has no configuration for the stage | NotFoundBackendModel |
//! | the type of a backend's configuration | the backend's own |
//! | a domain another group has | DomainAlreadyBind, unless `IsForce` |
//! | who owns a domain, what a name server says | not checked |
//! | keys of certificates | checked, then forgotten; no answer shows them |
//! | a certificate for a domain that has one | takes its place, under another id; settings that the call leaves out are off |
//! | what a certificate must be | readable, not expired, with its chain, its key and the domain name; no algorithm or end is refused |
//! | a certificate that does not fit | InvalidCertificateBody, InvalidCertificatePrivateKey, InvalidDomainName |
//! | `LogType` that is not sent | PROVIDER |
//! | importing | one by one: what cannot be made is reported, the rest is made; the same method and path is the same API |
//! | … names | `operationId`, else method and path, with underscores for what no name may hold |
//! | … an operation without a backend | the shared backend the call names, else a mock |
//! | … an operation without a way of authentication | what the call says, else APP |
//! | … the address of a document | not fetched: InvalidFormatData |
//! | … schemas that are no objects | reported as failed models |
//! | API products | there while something is in them; members must be published |
//! | stage models | the three fixed stages; others cannot be made: 501 |
//! | the marketplace | nothing was bought, nothing is for sale |
//! | monitoring | series out of recorded traffic (`traffic`), one value per minute, else empty |
//! | … values | calls and bytes of the minute; of groups and instances the bytes per second; latencies in ms |
//! | … of an instance | its groups together; of packets and connections nothing is recorded, so empty |
//! | … of HTTP codes | the calls of the whole time by status, as far as samples say it (`codes`): the document calls the status `ItemTime` |
//! | exporting | the text in Base64, as the document says, and no archive, as its example looks |

mod answer;
mod apis;
mod apps;
mod backends;
mod bindings;
mod context;
mod definition;
mod deploy;
mod dispatch;
mod domains;
mod fault;
mod groups;
mod instances;
mod models;
mod monitor;
mod openapi;
mod params;
mod plugins;
mod policies;
mod products;
mod protocol;
mod records;
mod region;
pub(super) mod seed;
pub(super) mod service;
mod sign;
mod tags;
mod xml;

use bytes::Bytes;
use http::Request;

use super::Engine;
use super::time::Nanos;

/// Whether an `Authorization` header is of this protocol's newer kind.
pub(super) fn is_signature(authorization: &str) -> bool {
    authorization.starts_with(sign::ALGORITHM)
}

/// Refuses a request without a good signature in its headers, and one that was here before.
pub(super) fn verify(engine: &Engine, request: &Request<Bytes>, now: Nanos) -> Result<(), String> {
    let raw = params::Raw::read(request.uri().query().unwrap_or(""), "");
    let told = raw.and_then(|raw| sign::verify(engine.credentials(), request, &raw, engine.nonces(), now));
    told.map_err(|fault| format!("{}: {}", fault.code, fault.message))
}

/// `abc*****xyz`: how a secret reads in a snapshot. Of a short one less is shown, never more than half.
fn mask(secret: &str) -> String {
    let chars: Vec<char> = secret.chars().collect();
    let edge = 3.min(chars.len() / 4);
    let head: String = chars[..edge].iter().collect();
    let tail: String = chars[chars.len() - edge..].iter().collect();
    format!("{head}*****{tail}")
}
