//! The gateway itself (3.23.3), its tags (3.25.3) and permissions (3.24.4).

use super::{Check, RANGE, REMARK_MAX, TEXT};
use crate::kinds::gateway::GatewaySpec;

/// The most tags of a gateway (3.25.3).
const TAGS_MAX: usize = 20;
const KEY_MAX: usize = 128;
const VALUE_MAX: usize = 255;

/// The hexadecimal digits of the id of an account (3.24.4).
const ACCOUNT: usize = 32;

pub(super) fn check(check: &mut Check, spec: &GatewaySpec) {
    if let Some(description) = &spec.description {
        check.longest("spec.description", "the description", description, REMARK_MAX);
        if description.contains(['<', '>']) {
            check.add(
                TEXT,
                "spec.description",
                "the description holds `<` or `>`".into(),
                "write it without",
            );
        }
    }
    if spec.tags.len() > TAGS_MAX {
        let message = format!("there are {} tags; at most {TAGS_MAX} are taken", spec.tags.len());
        check.add(RANGE, "spec.tags", message, "keep fewer");
    }
    for (key, value) in &spec.tags {
        let field = format!("spec.tags.{key}");
        check.longest(field.clone(), "the key of a tag", key, KEY_MAX);
        check.longest(field, "the value of a tag", value, VALUE_MAX);
    }
    for (i, permission) in spec.endpoint_permissions.iter().enumerate() {
        let account = permission.strip_prefix("iam:domain::").unwrap_or_default();
        let is_id = account.len() == ACCOUNT && account.bytes().all(|b| b.is_ascii_hexdigit());
        if permission != "*" && !is_id {
            let message = format!("`{}` is no permission", super::shortened(permission));
            check.add(
                TEXT,
                format!("spec.endpointPermissions[{i}]"),
                message,
                "write `iam:domain::` and the 32 hexadecimal digits of the account's id, or `*`",
            );
        }
    }
}
