//! Where dedicated gateways differ in the rules for names and texts.

use crate::provider::huawei::limits::Own;

/// The rules are those of V2; a group's remark is the one that is longer there (3.1.1).
pub(super) static OWN: Own =
    Own { names: &[], group_remark_max: 1000, plain_channels: false, plain_certificates: false };
