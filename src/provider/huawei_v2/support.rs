//! What dedicated gateways cannot take of what manifests can say.

use crate::kind::Kind;
use crate::provider::support::Lack;

/// The words of manifests are theirs, and what is not goes with single values ([`crate::provider::huawei::limits`]): all but one.
pub(super) static LACKS: &[Lack] =
    &[Lack::of(Kind::Plugin, "native", "such types of plug-ins are another vendor's (3.27.1, plugin_type)")
        .nearest("write one of the other blocks: each is a type that this gateway has")];
