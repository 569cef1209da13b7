//! What is read of the shared gateway for a snapshot.

use crate::provider::huawei::observe::capture::{ANY, Child, Collections, List, is_bound};
use crate::provider::huawei::observe::text;

/// All of it.
pub(super) static COLLECTIONS: Collections =
    Collections { lists: &LISTS, children: &CHILDREN, details: &DETAILS, dedicated: false };

static LISTS: [List; 10] = [
    List("groups", "/api-groups", "groups", true),
    List("envs", "/envs", "envs", true),
    List("apis", "/apis", "apis", true),
    List("throttles", "/throttles", "throttles", true),
    List("signs", "/signs", "signs", true),
    List("apps", "/apps", "apps", false),
    List("app_auths", "/app-auths/binded-apps", "auths", false),
    List("acls", "/acls", "acls", false),
    List("authorizers", "/authorizers", "authorizer_list", false),
    List("vpc_channels", "/vpc-channels", "vpcs", false),
];

static CHILDREN: [Child; 7] = [
    Child {
        collection: "variables",
        parent: "groups",
        path: "/env-variables",
        query: "group_id",
        rows: "variables",
        member: "group_id",
        ..ANY
    },
    Child {
        collection: "throttle_specials",
        parent: "throttles",
        path: "/throttle-specials/{}",
        rows: "throttle_specials",
        member: "throttle_id",
        has: |row| row["is_inclu_special_throttle"].as_i64() != Some(2),
        ..ANY
    },
    Child {
        collection: "throttle_bindings",
        parent: "throttles",
        path: "/throttle-bindings/binded-apis",
        query: "throttle_id",
        rows: "apis",
        member: "throttle_id",
        has: is_bound,
        ..ANY
    },
    Child {
        collection: "sign_bindings",
        parent: "signs",
        path: "/sign-bindings/binded-apis",
        query: "sign_id",
        rows: "bindings",
        member: "sign_id",
        has: is_bound,
        ..ANY
    },
    Child {
        collection: "acl_bindings",
        parent: "acls",
        path: "/acl-bindings/binded-apis",
        query: "acl_id",
        rows: "apis",
        member: "acl_id",
        has: is_bound,
        ..ANY
    },
    Child {
        collection: "app_codes",
        parent: "apps",
        path: "/apps/{}/app-codes",
        rows: "app_codes",
        member: "app_id",
        ..ANY
    },
    Child {
        collection: "versions",
        parent: "apis",
        path: "/apis/publish/{}",
        rows: "api_versions",
        member: "api_id",
        has: |row| !text(row, "publish_id").is_empty(),
        ..ANY
    },
];

static DETAILS: [(&str, &str); 2] = [("apis", "/apis/{}"), ("vpc_channels", "/vpc-channels/{}")];
