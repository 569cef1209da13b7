//! What dedicated gateways cannot take of what manifests can say.

use crate::provider::huawei::NO_VPC;
use crate::provider::support::Lack;

/// Next to nothing: the words of manifests are theirs, and what is not goes with single values
/// ([`crate::provider::huawei::limits`]).
pub(super) static LACKS: &[Lack] = &[NO_VPC];
