//! The policies that the dedicated gateway attaches to publications.

use crate::kind::Kind;
use crate::provider::huawei::links::Link;

/// One for each kind.
pub(super) static LINKS: &[Link] = &[
    // 3.8. Binding another throttle puts it in the place of the first: the reference names no error for it, so the API is
    // under one of the two at every moment.
    Link {
        kind: Kind::ThrottleBinding,
        path: "/throttle-bindings",
        policy: "strategy_id",
        made: &["throttle_applys", "throttle_applies"],
        says_publication: true,
        detach: Some("throttle_bindings"),
        filter: "throttle_id",
        list: "apis",
        api: "id",
        environment: "run_env_id",
        id: "throttle_apply_id",
        snapshot: ("throttle_bindings", "throttle_id"),
    },
    // 3.7
    Link {
        kind: Kind::SignatureBinding,
        path: "/sign-bindings",
        policy: "sign_id",
        made: &["bindings"],
        says_publication: true,
        detach: None,
        filter: "sign_id",
        list: "bindings",
        api: "api_id",
        environment: "env_id",
        id: "id",
        snapshot: ("sign_bindings", "sign_id"),
    },
    // 3.14
    Link {
        kind: Kind::AccessBinding,
        path: "/acl-bindings",
        policy: "acl_id",
        made: &["acl_bindings"],
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
