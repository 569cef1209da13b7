//! What is read of the shared gateway for a snapshot.

use super::convert;
use crate::provider::huawei::observe::capture::{Child, Collections, List};
use crate::provider::huawei::rows;

/// All of it.
pub(super) static COLLECTIONS: Collections = Collections {
    lists: &LISTS,
    children: &CHILDREN,
    details: &DETAILS,
    dedicated: false,
    worded: convert::row,
};

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
    rows::VARIABLES,
    Child { path: "/throttle-specials/{}", ..rows::THROTTLE_SPECIALS },
    rows::THROTTLE_BINDINGS,
    rows::SIGN_BINDINGS,
    rows::ACL_BINDINGS,
    rows::APP_CODES,
    rows::VERSIONS,
];

static DETAILS: [(&str, &str); 2] = [("apis", "/apis/{}"), ("vpc_channels", "/vpc-channels/{}")];
