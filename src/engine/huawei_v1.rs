//! The protocol of Huawei Cloud's shared gateway, API V1.0.
//!
//! V1 is the elder edition of V2: the objects are nearly the same, some names, limits and answers are not. So a call of V1
//! is checked against its own data (`protocol.json`, made by `extract.py`), served by a handler of V2, and answered with
//! the members and names of its own data. `dispatch` names the handler behind each of the 109 operations, `own` and
//! `openapi` have what no rename could say, `market` what V2 lacks.
//!
//! A project's share of the shared gateway is one more of its gateways, under [`SHARED_GATEWAY`](super::SHARED_GATEWAY):
//! snapshots and rehearsals work as for a dedicated one. Neither edition sees what is in the other.
//!
//! # Decisions
//!
//! What holds for V2 holds here, see [`huawei_v2`](super::huawei_v2). Beyond that, where the document is silent or
//! contradicts itself:
//!
//! | question | decision |
//! | --- | --- |
//! | which project | that of `X-Project-Id`, else the first; an unknown one is APIG.1005 with 401 |
//! | no signature and no token | APIG.1000; a wrong one APIG.1002 |
//! | times in reads | of a creation in seconds, of a later change to the microsecond; in answers to writes, nanoseconds |
//! | order of lists | newest first, as all examples show |
//! | pages | `page_no` from 1, `page_size` 20, at most 500; 0 means all where the page of the call says so, else 20 |
//! | a page beyond the last | empty |
//! | which code for a bad parameter | APIG.2011, with the parameter's name after the sentence of the table |
//! | … for one that is absent | APIG.2001 |
//! | codes of V2 that this table lacks | the nearest of the table, see `codes` in `protocol.json` |
//! | messages | the sentences of the table |
//! | what is refused before any operation is found | APIG.0101, APIG.0201 as in V2 |
//! | status of a success | the smallest of the page, also the 201 of some reads |
//! | values in another case | taken, and kept as they are listed, for APIs (the examples send `"auth_type": "app"`) |
//! | members marked as needed that belong to another kind of backend | needed where their backend is |
//! | `tag`, `regular`, `json_schema` | accepted without effect |
//! | two tags that name a service | refused |
//! | a timeout out of range | refused by CreateAPI, 45000 in ModifieAPI |
//! | another group for an API | refused |
//! | secrets | six asterisks |
//! | `sl_domains` | two, of which the first is `sl_domain` |
//! | limits that the document does not number | those of V2; 300 APIs, 30 groups and 30 apps are the example's |
//! | authorizing an app for an API with other authentication | refuses the call: the answer has no word for it |
//! | `action` of OfflineMultipleAPIS absent | `online` |
//! | adding members to a channel | shows all members of it |
//! | health check and members of a channel | needed as the table says, `path` and `http_code` where the protocol has them |
//! | the market | nothing is listed or bought; `MARKET` debugs what runs in RELEASE |
//! | certificates | belong to the shared gateway alone, each to one domain name, with which it goes; several may have one name |
//! | a certificate for a domain name that has one | takes its place: the table has no code for it, and no call changes one |
//! | what a certificate must be | what the table has a code for: readable, not expired, with its chain, its key and the domain name |
//! | exporting APIs of several groups at once | refused: a document has one host |
//! | documents of OpenAPI 3 | APIG.3601 |
//! | `x-apigateway-ratelimits` with `special` | the exceptions are left out |
//! | monitoring | nothing goes through the engine: empty series |

mod answer;
mod dispatch;
mod market;
mod openapi;
mod own;
pub(super) mod service;
