//! The policies that the shared gateway attaches to publications. Answers that make bindings are bare lists, but for
//! those of throttles.

use crate::kind::Kind;
use crate::provider::huawei::links::Link;

/// One for each kind.
pub(super) static LINKS: &[Link] = &[
    Link {
        kind: Kind::ThrottleBinding,
        path: "/throttle-bindings",
        policy: "strategy_id",
        made: &["throttle_applys"],
        says_publication: true,
        detach: None,
        filter: "throttle_id",
        list: "apis",
        api: "id",
        environment: "run_env_id",
        id: "throttle_apply_id",
        snapshot: ("throttle_bindings", "throttle_id"),
    },
    Link {
        kind: Kind::SignatureBinding,
        path: "/sign-bindings",
        policy: "sign_id",
        made: &[],
        says_publication: true,
        detach: None,
        filter: "sign_id",
        list: "bindings",
        api: "api_id",
        environment: "env_id",
        id: "id",
        snapshot: ("sign_bindings", "sign_id"),
    },
    Link {
        kind: Kind::AccessBinding,
        path: "/acl-bindings",
        policy: "acl_id",
        made: &[],
        says_publication: false,
        detach: Some("acl_bindings"),
        filter: "acl_id",
        list: "apis",
        api: "api_id",
        environment: "env_id",
        id: "bind_id",
        snapshot: ("acl_bindings", "acl_id"),
    },
];
