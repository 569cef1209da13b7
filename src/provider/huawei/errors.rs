//! Error codes of the gateway (5.4, and those that only examples show): what kind of failure, and what to do about it.
//!
//! Single codes ([`CODES`]) win over ranges of codes ([`RANGES`]), and those over the HTTP status: the documents contradict
//! themselves about the status of a code (SEMANTICS 22.2), so the code is the better witness.

/// What kind of failure an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// It may work later, unchanged.
    Retry,
    /// A name or path is taken, or the thing is there already.
    Conflict,
    /// What the request names is not there.
    NotFound,
    /// There are as many of them as the account may have.
    Quota,
    /// The credentials are wrong, or do not permit this.
    Denied,
    /// The request itself is wrong.
    Invalid,
    /// Something else stands in the way: it is in use, published, bound, or not offered by this gateway.
    Blocked,
    /// None of these.
    Other,
}

struct Code {
    code: &'static str,
    class: Class,
    hint: &'static str,
}

const fn code(code: &'static str, class: Class, hint: &'static str) -> Code {
    Code { code, class, hint }
}

/// Codes with a hint, or a class that differs from that of their range. Sorted by code.
static CODES: &[Code] = &[
    code(
        "APIC.7302",
        Class::NotFound,
        "check `instance` of the target: there is no such gateway in the project",
    ),
    code("APIC.7402", Class::Quota, "a gateway takes at most 20 tags"),
    code("APIC.7500", Class::Conflict, "give the gateway another name"),
    code("APIC.7505", Class::Conflict, ""),
    code("APIC.7701", Class::Retry, "the gateway is busy with another change; try again when it is running"),
    code("APIC.9218", Class::Quota, "ask the vendor for a higher quota"),
    code(
        "APIG.1000",
        Class::Denied,
        "the request carried no token or signature; check `credentials` of the target",
    ),
    code("APIG.1001", Class::Denied, "the session is over; get a new token, or use an access key"),
    code("APIG.1002", Class::Denied, "the token was not understood; get a new one, or use an access key"),
    code("APIG.1003", Class::Denied, "get a token that is scoped to the project of the target"),
    code("APIG.1005", Class::Denied, "grant the account the APIG permissions that this needs"),
    code("APIG.1010", Class::Retry, "the gateway could not check permissions; try again later"),
    code("APIG.1011", Class::Denied, "the account must be verified with the vendor first"),
    code("APIG.1012", Class::Denied, "the account has no funds; top it up"),
    code("APIG.1013", Class::Denied, "the account is frozen; settle that with the vendor"),
    code("APIG.1020", Class::Denied, "grant the account read and write permissions for APIG"),
    code("APIG.1029", Class::Retry, "the gateway could not check permissions; try again later"),
    code(
        "APIG.1136",
        Class::Denied,
        "check `project` and `instance` of the target: the gateway belongs to somebody else",
    ),
    code("APIG.2000", Class::Invalid, "the message of the gateway names the parameter that it refuses"),
    code(
        "APIG.2003",
        Class::Invalid,
        "lower the value; a limit may not exceed that of the policy or the gateway",
    ),
    code(
        "APIG.2026",
        Class::Invalid,
        "add a parameter with `in: path` for each `{name}` of the request path",
    ),
    code(
        "APIG.2027",
        Class::Invalid,
        "add a backend parameter with `in: path` for each `{name}` of the backend path",
    ),
    code(
        "APIG.2028",
        Class::Invalid,
        "a backend parameter names a request parameter that the API does not have",
    ),
    code("APIG.2035", Class::Retry, "the registry of domains is busy; try again later"),
    code("APIG.2036", Class::Invalid, "values of an authorizer need an API with `auth.type: authorizer`"),
    code("APIG.3001", Class::NotFound, "the group is gone; plan again"),
    code("APIG.3002", Class::NotFound, "the API is gone; plan again"),
    code("APIG.3003", Class::NotFound, "the environment is gone; plan again"),
    code("APIG.3004", Class::NotFound, "create the app on the gateway first"),
    code("APIG.3015", Class::NotFound, "the API is not published in that environment; plan again"),
    code(
        "APIG.3019",
        Class::NotFound,
        "check the function's URN, and that the function exists in this region",
    ),
    code("APIG.3023", Class::NotFound, "create the load balance channel on the gateway first"),
    code("APIG.3030", Class::NotFound, "check `instance` of the target"),
    code("APIG.3081", Class::NotFound, "create the custom authorizer on the gateway first"),
    code(
        "APIG.3101",
        Class::Quota,
        "remove groups that nobody needs, or ask the vendor for a higher quota of groups",
    ),
    code(
        "APIG.3102",
        Class::Quota,
        "remove APIs that nobody needs, or ask the vendor for a higher quota of APIs",
    ),
    code("APIG.3104", Class::Quota, "ask the vendor for a higher quota of environments"),
    code("APIG.3106", Class::Quota, "a group takes only so many variables; ask the vendor for more"),
    code("APIG.3107", Class::Quota, "share throttles between APIs, or ask the vendor for a higher quota"),
    code("APIG.3111", Class::Quota, "the API has too many parameters"),
    code(
        "APIG.3125",
        Class::Quota,
        "spread the APIs over several groups, or ask the vendor for more APIs per group",
    ),
    code("APIG.3131", Class::Quota, "an app takes only so many codes; remove one that nobody uses"),
    code("APIG.3133", Class::Quota, "an API takes 10 tags unless the vendor raised it"),
    code("APIG.3148", Class::Invalid, "use a certificate that ends before 19 January 2038"),
    code("APIG.3201", Class::Conflict, "another group has this name; adopt it, or choose another name"),
    code(
        "APIG.3202",
        Class::Conflict,
        "another API of the group has this name; adopt it, or choose another name",
    ),
    code("APIG.3204", Class::Conflict, "another throttle has this name; adopt it, or choose another name"),
    code("APIG.3205", Class::Conflict, "another environment has this name; adopt it, or choose another name"),
    code("APIG.3207", Class::Conflict, "another signature has this name; adopt it, or choose another name"),
    code("APIG.3210", Class::Conflict, "each policy backend of an API needs a name of its own"),
    code("APIG.3301", Class::Conflict, "another API answers this method and path; change one of the two"),
    code("APIG.3303", Class::Conflict, "the variable exists in this environment already; plan again"),
    code("APIG.3309", Class::Conflict, "an app has this code already; take another text for it"),
    code("APIG.3316", Class::Conflict, "the app is authorized already; plan again"),
    code("APIG.3411", Class::Denied, ""),
    code("APIG.3412", Class::Denied, ""),
    code("APIG.3414", Class::Blocked, "an API uses the channel; remove or change the API first"),
    code("APIG.3415", Class::Blocked, "the group still has APIs; remove them first"),
    code("APIG.3416", Class::Blocked, "the API is still published; take it offline first"),
    code("APIG.3418", Class::Blocked, "APIs are still published there; take them offline first"),
    code("APIG.3451", Class::Blocked, "the throttle is still bound to APIs; unbind it first"),
    code("APIG.3458", Class::Blocked, "this gateway does not offer the feature"),
    code("APIG.3500", Class::Retry, "the gateway could not store the change; try again later"),
    code("APIG.3548", Class::Blocked, "turn the feature `public_key` on, or use another type of signature"),
    code("APIG.3711", Class::Retry, "a setting can be changed only once a minute"),
    code("APIG.3712", Class::Denied, ""),
    code("APIG.3717", Class::Invalid, "remove `clientCertificate`: only HTTPS backends take one"),
    code("APIG.3718", Class::Retry, "the gateway is busy with another task; try again when it has ended"),
    code("APIG.9002", Class::Invalid, "check the function's URN"),
    code("APIG.9008", Class::Retry, "too many requests; try again later"),
];

struct Range {
    first: u16,
    last: u16,
    class: Class,
}

const fn range(first: u16, last: u16, class: Class) -> Range {
    Range { first, last, class }
}

/// How the numbers of `APIG.` codes are ordered in 5.4.
static RANGES: &[Range] = &[
    range(1000, 1999, Class::Denied),
    range(2000, 2999, Class::Invalid),
    range(3001, 3099, Class::NotFound),
    range(3100, 3199, Class::Quota),
    range(3201, 3399, Class::Conflict),
    range(3400, 3499, Class::Blocked),
    range(3600, 3699, Class::Invalid),
    range(3700, 3799, Class::Blocked),
    range(9000, 9999, Class::Retry),
];

/// What an HTTP status says where the code says nothing.
static STATUSES: &[(u16, Class)] = &[
    (400, Class::Invalid),
    (401, Class::Denied),
    (403, Class::Denied),
    (404, Class::NotFound),
    (408, Class::Retry),
    (409, Class::Conflict),
    (412, Class::Blocked),
    (429, Class::Retry),
    (500, Class::Retry),
    (502, Class::Retry),
    (503, Class::Retry),
    (504, Class::Retry),
];

/// What kind of failure an answer with this status and `error_code` is. The code may be empty.
#[must_use]
pub fn class(status: u16, code: &str) -> Class {
    if status == 429 {
        return Class::Retry;
    }
    let single = find(code).map(|c| c.class);
    let ranged = || {
        let number: u16 = code.strip_prefix("APIG.")?.parse().ok()?;
        RANGES.iter().find(|r| (r.first..=r.last).contains(&number)).map(|r| r.class)
    };
    let by_status = || STATUSES.iter().find(|(s, _)| *s == status).map(|(_, class)| *class);
    single.or_else(ranged).or_else(by_status).unwrap_or(Class::Other)
}

/// What a user should do about an `error_code`, where there is something to do.
#[must_use]
pub fn hint(code: &str) -> Option<&'static str> {
    let specific = find(code).map(|c| c.hint).filter(|hint| !hint.is_empty());
    specific.or_else(|| match class(0, code) {
        Class::Quota => Some("ask the vendor for a higher quota"),
        Class::Retry => Some("try again later"),
        Class::NotFound => Some("it is gone from the gateway; plan again"),
        Class::Denied => Some("check that the account may do this"),
        _ => None,
    })
}

fn find(code: &str) -> Option<&'static Code> {
    CODES.binary_search_by(|c| c.code.cmp(code)).ok().map(|at| &CODES[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn the_code_wins_over_the_status() {
        for (status, code, expected) in [
            (403, "APIG.3415", Class::Blocked),
            (412, "APIG.3415", Class::Blocked),
            (403, "APIG.3102", Class::Quota),
            (400, "APIG.3201", Class::Conflict),
            (400, "APIG.3326", Class::Conflict),
            (404, "APIG.3002", Class::NotFound),
            (409, "APIG.3711", Class::Retry),
            (500, "APIG.3500", Class::Retry),
            (500, "APIG.9999", Class::Retry),
            (500, "APIG.9002", Class::Invalid),
            (400, "APIG.1119", Class::Denied),
            (401, "APIG.1005", Class::Denied),
            (400, "APIG.2012", Class::Invalid),
            (429, "", Class::Retry),
            (503, "", Class::Retry),
            (418, "", Class::Other),
            (404, "whatever", Class::NotFound),
        ] {
            assert_eq!(class(status, code), expected, "{status} {code}");
        }
    }

    #[test]
    fn hints_are_for_what_a_user_can_do() {
        assert!(hint("APIG.3301").unwrap().contains("path"));
        assert!(hint("APIG.3132").unwrap().contains("quota"));
        assert_eq!(hint("APIG.2010"), None);
    }
}
