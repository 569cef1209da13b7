//! What is read of a dedicated gateway for a snapshot.

use crate::provider::huawei::observe::capture::{ANY, Child, Collections, List, is_bound};
use crate::provider::huawei::observe::text;

/// All of it.
pub(super) static COLLECTIONS: Collections =
    Collections { lists: &LISTS, children: &CHILDREN, details: &DETAILS, dedicated: true };

static LISTS: [List; 14] = [
    List("groups", "/api-groups", "groups", true),
    List("envs", "/envs", "envs", true),
    List("apis", "/apis", "apis", true),
    List("throttles", "/throttles", "throttles", true),
    List("signs", "/signs", "signs", true),
    List("apps", "/apps", "apps", false),
    List("app_auths", "/app-auths/binded-apps", "auths", false),
    List("acls", "/acls", "acls", false),
    List("authorizers", "/authorizers", "authorizer_list", false),
    List("vpc_channels", "/vpc-channels", "vpc_channels", false),
    List("plugins", "/plugins", "plugins", false),
    List("features", "/features", "features", false),
    List("app_quotas", "/app-quotas", "quotas", false),
    List("endpoint_permissions", "/vpc-endpoint/permissions", "permissions", false),
];

static CHILDREN: [Child; 10] = [
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
        collection: "group_responses",
        parent: "groups",
        path: "/api-groups/{}/gateway-responses",
        rows: "responses",
        member: "group_id",
        ..ANY
    },
    Child {
        collection: "throttle_specials",
        parent: "throttles",
        path: "/throttles/{}/throttle-specials",
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
        collection: "app_quota_apps",
        parent: "app_quotas",
        id: "app_quota_id",
        path: "/app-quotas/{}/bound-apps",
        rows: "apps",
        member: "app_quota_id",
        has: |row| row["bound_app_num"].as_i64() != Some(0),
        ..ANY
    },
    Child {
        collection: "plugin_attachments",
        parent: "plugins",
        id: "plugin_id",
        path: "/plugins/{}/attached-apis",
        rows: "apis",
        member: "plugin_id",
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

static DETAILS: [(&str, &str); 3] = [
    ("apis", "/apis/{}"),
    ("vpc_channels", "/vpc-channels/{}"),
    ("group_responses", "/api-groups/{group_id}/gateway-responses/{}"),
];
