//! What one vendor's protocol is to the engine. [`of`] tells whose request it is.

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::admin::Admin;
use super::alibaba::service::Alibaba;
use super::huawei_v1::service::HuaweiV1;
use super::huawei_v2::service::HuaweiV2;
use super::model::{Coll, Row};
use super::realm::Key;
use super::time::Nanos;
use super::{Access, Coverage, Engine, Options, Receipt};

/// Every protocol the engine speaks. The first that says a request is its own gets it; the last takes what is left.
static ALL: [&dyn Dialect; 4] = [&Admin, &Alibaba, &HuaweiV1, &HuaweiV2];

/// Every protocol the engine speaks.
pub(super) fn all() -> impl Iterator<Item = &'static dyn Dialect> {
    ALL.into_iter()
}

/// The protocol that a path belongs to.
pub(super) fn of(path: &str) -> &'static dyn Dialect {
    ALL.into_iter().find(|dialect| dialect.speaks(path)).unwrap_or(&HuaweiV2)
}

/// What a request is answered with, and the promise that what it wrote becomes durable.
pub(super) type Submitted = (Response<Bytes>, Option<Receipt>);

/// A gateway that exists from the start, and its first rows.
pub(super) type Founded = (Key, Vec<(Coll, Row)>);

/// A vendor's protocol. It proves who calls, finds the operation, checks the parameters, does the work and words the
/// answer; the engine keeps the gateways, the disk and the clock.
pub(super) trait Dialect: Sync {
    /// Whether requests to a path are in this protocol.
    fn speaks(&self, path: &str) -> bool;

    /// What exists from the start.
    fn found(&self, options: &Options, now: Nanos) -> Vec<Founded>;

    /// Serves a request; see [`Engine::submit`].
    fn submit(&self, engine: &Engine, request: &Request<Bytes>, access: Access, now: Nanos) -> Submitted;

    /// The answer when something went wrong before or after the work of the protocol: a body that is too long, a write
    /// that could not be stored.
    fn refuse(&self, engine: &Engine, status: StatusCode, text: &str) -> Response<Bytes>;

    /// Whether serving the request takes as long as someone else likes: a backend is called.
    fn waits_for_others(&self, request: &Request<Bytes>) -> bool;

    /// All operations, in the order of the vendor's document.
    fn operations(&self) -> Vec<Coverage>;
}
