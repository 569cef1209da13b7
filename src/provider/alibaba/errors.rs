//! Error codes of the gateway (`errors.json`): what kind of failure, and what to do about it.
//!
//! Codes are made of a word for the failure and the name of what it is about (`NotFoundApiGroup`), so they are told by how
//! they begin, single codes before families.

use crate::http::Class;

struct Family {
    /// How the codes begin.
    begins: &'static str,
    class: Class,
    hint: &'static str,
}

const fn family(begins: &'static str, class: Class, hint: &'static str) -> Family {
    Family { begins, class, hint }
}

/// What begins like a shorter one stands before it.
static FAMILIES: &[Family] = &[
    family("DependencyViolation", Class::Other, "something still uses it; remove that first"),
    family("DomainAlreadyBind", Class::Conflict, "the domain is bound to another group"),
    family("DomainCertificateNotFound", Class::NotFound, ""),
    family("Duplicate", Class::Conflict, "something of that name is there already"),
    family("ExceedLimit", Class::Quota, "there are as many as the account may have; ask the vendor for more"),
    family("Forbidden", Class::Denied, "grant the account the permissions for API Gateway that this needs"),
    family("InternalError", Class::Transient, ""),
    family(
        "InvalidAccessKeyId",
        Class::Denied,
        "check `credentials` of the target: the access key is not known or disabled",
    ),
    family(
        "InvalidApi.NotFound",
        Class::Other,
        "check `endpoint` of the target: it does not know this action",
    ),
    family("InvalidApiId.NotFound", Class::NotFound, ""),
    family("InvalidGroupId.NotFound", Class::NotFound, ""),
    family(
        "InvalidProduct",
        Class::Other,
        "check `endpoint` of the target: it is not the one of API Gateway",
    ),
    family("InvalidSecurityToken", Class::Denied, "the temporary key is over; get a new one"),
    family(
        "InvalidTimeStamp",
        Class::Denied,
        "set the clock of this machine: it is more than 15 minutes off",
    ),
    family("Invalid", Class::Invalid, "the code of the gateway names the parameter that it refuses"),
    family("Missing", Class::Invalid, "the code of the gateway names the parameter that it needs"),
    family(
        "NoPermission",
        Class::Denied,
        "grant the account the permissions for API Gateway that this needs",
    ),
    family("NotFound", Class::NotFound, ""),
    family("RepeatedCommit", Class::Transient, ""),
    family("Repeated", Class::Conflict, "something of that name is there already"),
    family("ServiceUnavailable", Class::Transient, ""),
    family(
        "SignatureDoesNotMatch",
        Class::Denied,
        "check `credentials` of the target: the secret key is another",
    ),
    family("SignatureNonceUsed", Class::Transient, ""),
    family(
        "Throttling",
        Class::RateLimited,
        "the account makes too many calls; lower `concurrency` of the target",
    ),
    family("UserNotFound", Class::NotFound, ""),
];

fn of(code: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| code.starts_with(family.begins))
}

/// Code, message and class of an error answer.
pub(super) fn read(status: u16, body: &[u8]) -> (String, String, Class) {
    #[derive(Default, serde::Deserialize)]
    #[serde(default, rename_all = "PascalCase")]
    struct Wire {
        code: String,
        message: String,
    }
    let wire: Wire = serde_json::from_slice(body).unwrap_or_default();
    let class = match (of(&wire.code), status) {
        (_, 429) => Class::RateLimited,
        (Some(family), _) => family.class,
        (None, 401 | 403) => Class::Denied,
        (None, 404) => Class::NotFound,
        (None, 500..) => Class::Transient,
        (None, _) => Class::Other,
    };
    let message =
        if wire.message.is_empty() { "the gateway gave no reason".to_owned() } else { wire.message };
    (wire.code, message, class)
}

/// What a user can do about a code.
pub(super) fn hint(code: &str) -> Option<&'static str> {
    of(code).map(|family| family.hint).filter(|hint| !hint.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_by_how_they_begin() {
        let class = |status, code: &str| read(status, format!("{{\"Code\":\"{code}\"}}").as_bytes()).2;
        for (status, code, wanted) in [
            (400, "NotFoundApiGroup", Class::NotFound),
            (404, "InvalidApiId.NotFound", Class::NotFound),
            (404, "InvalidAccessKeyId.NotFound", Class::Denied),
            (400, "DuplicateGroupName", Class::Conflict),
            (400, "RepeatedCommit", Class::Transient),
            (400, "RepeatedApiName", Class::Conflict),
            (400, "Throttling.User", Class::RateLimited),
            (400, "InvalidFormatRequestConfig", Class::Invalid),
            (500, "", Class::Transient),
            (418, "Teapot", Class::Other),
        ] {
            assert_eq!(class(status, code), wanted, "{code}");
        }
    }

    #[test]
    fn what_begins_like_a_shorter_one_stands_before_it() {
        for (i, family) in FAMILIES.iter().enumerate() {
            let hidden = FAMILIES[..i].iter().find(|earlier| family.begins.starts_with(earlier.begins));
            assert!(hidden.is_none(), "{} is never reached", family.begins);
        }
    }
}
