//! What the shared gateway cannot take of what manifests can say. Beside each the call of its reference that has no place
//! for it.

use crate::kind::{Fold, Kind};
use crate::kinds::own_certificate;
use crate::provider::huawei::NO_VPC;
use crate::provider::support::Lack;

const NO_PLUGINS: &str = "the shared gateway has no plug-ins";
const NO_QUOTAS: &str = "the shared gateway has no quotas for apps";
const NO_RESPONSES: &str = "the shared gateway has no calls for group responses";
const NO_GATEWAY: &str = "the shared gateway is nobody's own: it has no settings, tags and endpoints";
const WITH_DOMAIN: &str =
    "the shared gateway keeps a certificate with each domain that has it (POST domains/{id}/certificate)";
const FUNCTION: &str =
    "the shared gateway calls functions by their URN and version alone (POST apis, func_info)";
const POLICY: &str = "policy backends have no authorizers (POST apis, policy_https and policy_mocks)";
const SERVERS: &str =
    "the shared gateway spreads requests over servers of the cloud alone (POST vpc-channels)";

/// What goes into what names it.
pub(super) static FOLDS: &[Fold] = &[own_certificate::with_domains(WITH_DOMAIN)];

/// All of it.
pub(super) static LACKS: &[Lack] = &[
    Lack::of(Kind::Plugin, "", NO_PLUGINS)
        .nearest("bind throttles and access controls, and set `cors` of the APIs"),
    Lack::of(Kind::Quota, "", NO_QUOTAS).nearest("give apps exceptions in a throttle"),
    Lack::of(Kind::GroupResponse, "", NO_RESPONSES).lossy(),
    Lack::of(
        Kind::Certificate,
        "trustedRootCa",
        "the shared gateway does not ask callers for certificates (POST domains/{id}/certificate)",
    ),
    Lack::of(Kind::Certificate, "scope", WITH_DOMAIN).lossy(),
    Lack::of(Kind::Feature, "", NO_GATEWAY),
    Lack::of(Kind::Gateway, "", NO_GATEWAY),
    Lack::of(Kind::Binding, "plugin", NO_PLUGINS),
    Lack::of(Kind::App, "accessControl", "the shared gateway has no access control of apps")
        .nearest("bind an access control to the APIs"),
    Lack::of(Kind::App, "quota", NO_QUOTAS).nearest("give the app an exception in a throttle"),
    Lack::of(Kind::Api, "response", NO_RESPONSES).lossy(),
    Lack::of(
        Kind::Api,
        "request.protocol",
        "the shared gateway does not speak gRPC (POST apis, req_protocol)",
    )
    .only(&["HTTP", "HTTPS", "BOTH"]),
    Lack::of(Kind::Api, "backend.grpc", "the shared gateway does not speak gRPC (POST apis, backend_type)"),
    Lack::of(
        Kind::Api,
        "backend.http.retries",
        "the shared gateway does not try again (POST apis, backend_api)",
    )
    .lossy(),
    Lack::of(
        Kind::Api,
        "backend.http.clientCertificate",
        "the shared gateway has no client certificate (POST apis, backend_api)",
    ),
    Lack::of(Kind::Api, "backend.function.alias", FUNCTION),
    Lack::of(Kind::Api, "backend.function.network", FUNCTION),
    Lack::of(Kind::Api, "backend.function.protocol", FUNCTION),
    Lack::of(Kind::Api, "backend.function.authorizer", FUNCTION),
    Lack::of(
        Kind::Api,
        "backend.mock.authorizer",
        "the shared gateway has no backend authorizers of mocks (POST apis, mock_info)",
    ),
    Lack::of(
        Kind::Api,
        "policies[].backend.grpc",
        "the shared gateway does not speak gRPC (POST apis, backend_type)",
    ),
    Lack::of(
        Kind::Api,
        "policies[].backend.http.retries",
        "the shared gateway does not try again (POST apis, policy_https)",
    )
    .lossy(),
    Lack::of(Kind::Api, "policies[].backend.http.authorizer", POLICY),
    Lack::of(Kind::Api, "policies[].backend.function.alias", FUNCTION),
    Lack::of(Kind::Api, "policies[].backend.function.network", FUNCTION),
    Lack::of(Kind::Api, "policies[].backend.function.protocol", FUNCTION),
    Lack::of(Kind::Api, "policies[].backend.function.authorizer", FUNCTION),
    Lack::of(Kind::Api, "policies[].backend.mock.authorizer", POLICY),
    Lack::of(
        Kind::Api,
        "parameters[].passThrough",
        "the shared gateway hands every parameter on as backend parameters say (POST apis, req_params)",
    ),
    Lack::of(
        Kind::Api,
        "parameters[].pattern",
        "the shared gateway does not check patterns yet (POST apis, req_params.regular)",
    )
    .nearest("check with `enum`, `minLength` and `maxLength`"),
    Lack::of(
        Kind::Api,
        "parameters[].jsonSchema",
        "the shared gateway does not check JSON schemas yet (POST apis, req_params.json_schema)",
    ),
    Lack::of(
        Kind::Api,
        "policies[].when[].system",
        "conditions look at parameters and source addresses alone (POST apis, conditions)",
    ),
    Lack::of(
        Kind::Api,
        "policies[].when[].cookie",
        "conditions look at parameters and source addresses alone (POST apis, conditions)",
    ),
    Lack::of(
        Kind::Api,
        "policies[].when[].frontendAuthorizer",
        "conditions look at parameters and source addresses alone (POST apis, conditions)",
    ),
    Lack::of(Kind::Signature, "type", "the shared gateway signs with HMAC alone (POST signs)")
        .only(&["hmac"]),
    Lack::of(Kind::Signature, "algorithm", "the shared gateway signs with HMAC alone (POST signs)"),
    Lack::of(
        Kind::AccessControl,
        "by",
        "the shared gateway knows addresses and names of accounts (POST acls)",
    )
    .only(&["ip", "account"])
    .nearest("name the accounts: `by: account`"),
    NO_VPC,
    Lack::of(Kind::Channel, "microservice", SERVERS),
    Lack::of(Kind::Channel, "groups", SERVERS),
    Lack::of(Kind::Channel, "memberType", SERVERS).only(&["ecs"]),
    Lack::of(Kind::Channel, "members[].host", SERVERS)
        .nearest("set `memberType: ecs`, and give `ecsId` and `ecsName`"),
    Lack::of(Kind::Channel, "members[].port", SERVERS).nearest("set `port` of the channel"),
    Lack::of(Kind::Channel, "members[].backup", SERVERS),
    Lack::of(Kind::Channel, "members[].enabled", SERVERS),
    Lack::of(Kind::Channel, "healthCheck.method", "health checks have no method (POST vpc-channels)").lossy(),
    Lack::of(
        Kind::Channel,
        "healthCheck.clientCertificate",
        "the shared gateway has no client certificate (POST vpc-channels)",
    ),
    Lack::of(Kind::Authorizer, "alias", "authorizers name a function by its URN (POST authorizers)"),
    Lack::of(Kind::Authorizer, "version", "authorizers name a function by its URN (POST authorizers)")
        .nearest("put the version into the URN"),
    Lack::of(
        Kind::Authorizer,
        "network",
        "the shared gateway reaches functions in one way (POST authorizers)",
    ),
    Lack::of(Kind::Authorizer, "sendBody", "authorizers do not get the body (POST authorizers)"),
    Lack::of(
        Kind::Authorizer,
        "identities[].pattern",
        "what identifies a caller is not checked (POST authorizers, identities)",
    ),
    Lack::of(Kind::Domain, "minTls", "domains have no settings (POST domains)").only(&["1.1"]),
    Lack::of(Kind::Domain, "redirectHttp", "domains have no settings (POST domains)"),
];
