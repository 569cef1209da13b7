//! What this gateway cannot take of what manifests can say. Beside each the action of the reference that has no place for it.

use crate::kind::{Fold, Kind};
use crate::kinds::own_certificate;
use crate::provider::support::Lack;

const NO_AUTHORIZERS: &str = "this gateway has no custom authorizers (CreateApi, AuthType)";
const NO_REMARK: &str = "backends have no remark (CreateApi, ServiceConfig)";
const FUNCTION: &str = "the gateway calls a function by service, name and version and waits for it (CreateApi, FunctionComputeConfig)";
const ONE_SERVER: &str = "a VPC access is one server, which gets all requests (SetVpcAccess)";
const NO_GATEWAY: &str = "an account has one gateway in a region, which has no settings of this sort";

const WITH_DOMAIN: &str =
    "the gateway keeps a certificate with each domain that has it (SetDomainCertificate)";
const BY_VALUE: &str = "apart from apps and accounts, the gateway limits each value of a parameter, in another form of the definition (PluginData, trafficControl)";
const PARAMETERS: &str = "write `native` with `type: trafficControl`";
const NO_PART: &str = "failed calls are counted, whatever part of all they are (PluginData, circuitBreaker)";

/// What goes into what names it.
pub(super) static FOLDS: &[Fold] = &[own_certificate::with_domains(WITH_DOMAIN)];

/// All of it.
pub(super) static LACKS: &[Lack] = &[
    Lack::of(Kind::Authorizer, "", NO_AUTHORIZERS),
    Lack::of(Kind::GroupResponse, "", "the gateway words its own errors (CreateApiGroup)").lossy(),
    Lack::of(Kind::Quota, "", "apps have no quotas").nearest("give apps exceptions in a throttle"),
    Lack::of(Kind::Feature, "", NO_GATEWAY),
    Lack::of(Kind::Gateway, "", NO_GATEWAY),
    Lack::of(
        Kind::Environment,
        "description",
        "RELEASE, PRE and TEST are there from the start and cannot be changed",
    )
    .lossy(),
    Lack::of(Kind::App, "accessControl", "an app has no access control of its own (CreateApp)")
        .nearest("name the app in the access control of the APIs"),
    Lack::of(Kind::App, "quota", "apps have no quotas").nearest("give the app an exception in a throttle"),
    Lack::of(
        Kind::App,
        "codes",
        "the gateway knows a code by its text alone (DeleteAppCode), which apigctl writes down nowhere",
    )
    .nearest("use the code that the gateway makes with the app"),
    Lack::of(
        Kind::Throttle,
        "scope",
        "a limit of APIs counts for each of them (CreateTrafficControl, ApiDefault)",
    ),
    Lack::of(Kind::Throttle, "limits.sourceIp", "no limit counts by source address (CreateTrafficControl)")
        .nearest("limit apps, and bind an access control"),
    Lack::of(Kind::Signature, "type", "the gateway signs in one way (CreateSignature)").only(&["hmac"]),
    Lack::of(Kind::Signature, "algorithm", "the gateway signs in one way (CreateSignature)"),
    Lack::of(Kind::AccessControl, "by", "an IP control knows addresses (CreateIpControl)").only(&["ip"]),
    Lack::of(
        Kind::Plugin,
        "responseHeaders",
        "headers of answers are a matter of another type, with words of its own (CreatePlugin, transformer)",
    )
    .nearest("write `native` with `type: transformer`"),
    Lack::of(Kind::Plugin, "kafkaLog", "calls are logged by the vendor's log service (CreateLogConfig)")
        .nearest("set the log service up in the console"),
    Lack::of(
        Kind::Plugin,
        "thirdAuth",
        "no type of plug-in asks a service of yours (CreatePlugin, PluginType)",
    )
    .nearest("write `native` with `type: jwtAuth`, and let the service make tokens"),
    Lack::of(Kind::Plugin, "rateLimit.limits.sourceIp", BY_VALUE).nearest(PARAMETERS),
    Lack::of(Kind::Plugin, "rateLimit.parameters", BY_VALUE).nearest(PARAMETERS),
    Lack::of(Kind::Plugin, "rateLimit.rules", BY_VALUE).nearest(PARAMETERS),
    Lack::of(
        Kind::Plugin,
        "breaker.mode",
        "failed calls are counted (PluginData, timeoutThreshold and errorThreshold)",
    )
    .only(&["counter"])
    .nearest("`mode: counter` with `failures`"),
    Lack::of(Kind::Plugin, "breaker.minCalls", NO_PART),
    Lack::of(Kind::Plugin, "breaker.percentage", NO_PART),
    Lack::of(Kind::Plugin, "breaker.scope", "each API has a breaker of its own (PluginData, circuitBreaker)"),
    Lack::of(Kind::Certificate, "scope", WITH_DOMAIN).lossy(),
    Lack::of(
        Kind::Domain,
        "minTls",
        "a group has one HTTPS policy for all its domains (ModifyApiGroupNetworkPolicy)",
    )
    .only(&["1.1"])
    .nearest("set it in the console"),
    Lack::of(Kind::Channel, "balance", ONE_SERVER).lossy(),
    Lack::of(
        Kind::Channel,
        "memberType",
        "a server is named by its id in the cloud (SetVpcAccess, InstanceId)",
    )
    .only(&["ecs"]),
    Lack::of(Kind::Channel, "groups", ONE_SERVER).lossy(),
    Lack::of(Kind::Channel, "members[].group", ONE_SERVER).lossy(),
    Lack::of(Kind::Channel, "members[].weight", ONE_SERVER).nearest("leave it out: one server has no share"),
    Lack::of(Kind::Channel, "members[].backup", ONE_SERVER),
    Lack::of(Kind::Channel, "members[].enabled", ONE_SERVER),
    Lack::of(
        Kind::Channel,
        "members[].host",
        "a server is named by its id in the cloud (SetVpcAccess, InstanceId)",
    )
    .nearest("set `memberType: ecs`, and give `ecsId`"),
    Lack::of(
        Kind::Channel,
        "members[].ecsName",
        "a server is named by its id alone (SetVpcAccess, InstanceId)",
    )
    .lossy(),
    Lack::of(Kind::Channel, "members[].port", "an access has one port (SetVpcAccess, Port)")
        .nearest("set `port` of the channel"),
    Lack::of(
        Kind::Channel,
        "healthCheck",
        "the gateway does not try whether a server is well (SetVpcAccess)",
    )
    .lossy(),
    Lack::of(Kind::Channel, "microservice", ONE_SERVER),
    Lack::of(Kind::Api, "version", "an API has no version label (CreateApi)").only(&["V0.0.1"]).lossy(),
    Lack::of(Kind::Api, "tags", "tags are pairs of key and value, and go with other actions (TagResources)")
        .nearest("select by `metadata.labels`")
        .lossy(),
    Lack::of(Kind::Api, "cors", "cross-origin requests are a matter of a plug-in (CreatePlugin, cors)")
        .nearest("bind a `Plugin` with `cors`"),
    Lack::of(Kind::Api, "response", "the gateway words its own errors (CreateApiGroup)").lossy(),
    Lack::of(Kind::Api, "policies", "which backend answers is a matter of a plug-in (CreatePlugin, routing)")
        .nearest("bind a `Plugin` with `native` and `type: routing`, or make an API for each backend"),
    Lack::of(Kind::Api, "request.protocol", "the gateway does not speak gRPC (CreateApi, RequestProtocol)")
        .only(&["HTTP", "HTTPS", "BOTH"]),
    Lack::of(Kind::Api, "request.match", "a path is compared as a whole (CreateApi, RequestPath)"),
    Lack::of(
        Kind::Api,
        "auth.type",
        "callers prove themselves as an app, or not at all (CreateApi, AuthType)",
    )
    .only(&["none", "app"])
    .nearest("`type: app`"),
    Lack::of(Kind::Api, "auth.authorizer", NO_AUTHORIZERS),
    Lack::of(Kind::Api, "backend.grpc", "the gateway does not speak gRPC (CreateApi, ServiceProtocol)"),
    Lack::of(Kind::Api, "backend.http.retries", "the gateway does not try again (CreateApi, ServiceConfig)")
        .lossy(),
    Lack::of(
        Kind::Api,
        "backend.http.hostHeader",
        "the host that a backend sees belongs to its VPC access (SetVpcAccess, VpcTargetHostName)",
    )
    .nearest("set `vpc.hostHeader` of the channel"),
    Lack::of(
        Kind::Api,
        "backend.http.clientCertificate",
        "an API has no client certificate (CreateApi, ServiceConfig)",
    ),
    Lack::of(Kind::Api, "backend.http.authorizer", NO_AUTHORIZERS),
    Lack::of(Kind::Api, "backend.http.description", NO_REMARK).lossy(),
    Lack::of(Kind::Api, "backend.function.alias", FUNCTION).nearest("give the alias as `version`"),
    Lack::of(Kind::Api, "backend.function.invocation", FUNCTION),
    Lack::of(Kind::Api, "backend.function.network", FUNCTION),
    Lack::of(Kind::Api, "backend.function.protocol", FUNCTION),
    Lack::of(Kind::Api, "backend.function.authorizer", NO_AUTHORIZERS),
    Lack::of(Kind::Api, "backend.function.description", NO_REMARK).lossy(),
    Lack::of(Kind::Api, "backend.mock.authorizer", NO_AUTHORIZERS),
    Lack::of(Kind::Api, "backend.mock.description", NO_REMARK).lossy(),
    Lack::of(Kind::Api, "backend.http.parameters[].from.frontendAuthorizer", NO_AUTHORIZERS),
    Lack::of(Kind::Api, "backend.http.parameters[].from.backendAuthorizer", NO_AUTHORIZERS),
    Lack::of(Kind::Api, "backend.function.parameters[].from.frontendAuthorizer", NO_AUTHORIZERS),
    Lack::of(Kind::Api, "backend.function.parameters[].from.backendAuthorizer", NO_AUTHORIZERS),
    Lack::of(Kind::Api, "backend.mock.parameters[].from.frontendAuthorizer", NO_AUTHORIZERS),
    Lack::of(Kind::Api, "backend.mock.parameters[].from.backendAuthorizer", NO_AUTHORIZERS),
];
