//! What is read of a dedicated gateway for a snapshot.

use crate::provider::huawei::observe::capture::{ANY, Child, Collections, List};
use crate::provider::huawei::rows;

/// All of it.
pub(super) static COLLECTIONS: Collections = Collections {
    lists: &LISTS,
    children: &CHILDREN,
    details: &DETAILS,
    dedicated: true,
    worded: |_, row| row,
};

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
    rows::VARIABLES,
    Child {
        collection: "group_responses",
        parent: "groups",
        path: "/api-groups/{}/gateway-responses",
        rows: "responses",
        member: "group_id",
        ..ANY
    },
    rows::THROTTLE_SPECIALS,
    rows::THROTTLE_BINDINGS,
    rows::SIGN_BINDINGS,
    rows::ACL_BINDINGS,
    rows::APP_CODES,
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
    rows::VERSIONS,
];

static DETAILS: [(&str, &str); 3] = [
    ("apis", "/apis/{}"),
    ("vpc_channels", "/vpc-channels/{}"),
    ("group_responses", "/api-groups/{group_id}/gateway-responses/{}"),
];
