//! Where the shared gateway is narrower than a dedicated one: characters and lengths of names and texts.

use crate::kind::Kind;
use crate::provider::huawei::limits::Own;
use crate::provider::text::Rule;

/// The calls that say so are `POST api-groups`, `POST apis` and `POST vpc-channels`.
pub(super) static OWN: Own = Own {
    names: &[
        (Kind::Group, Rule::name(3, 64, "_")),
        (Kind::Api, Rule::name(3, 64, "_")),
        (Kind::Channel, Rule::name(3, 64, "-_")),
    ],
    group_remark_max: 255,
    // POST vpc-channels: vpc_health_config
    plain_channels: true,
    // POST domains/{id}/certificate
    plain_certificates: true,
};
