//! Limits of APIs (3.5.1 and its tables).

use super::{Check, NUMBER_MAX, RANGE, REMARK_MAX, TEXT, UNSUPPORTED};
use crate::kinds::api::{ApiSpec, AuthType, Parameter, ParameterType, Protocol, Samples};
use crate::kinds::backend::{
    Backend, BackendParameter, Condition, FunctionProtocol, Network, Origin, PolicyBackend, Scheme, Url,
};
use crate::kinds::value::{Duration, Method};
use crate::provider::huawei::convert::backend::Place;
use crate::provider::huawei::convert::policy;
use crate::provider::text::{First, Rule};

/// `tags` of 3.5.1.
const TAG: Rule = Rule::new(1, 128, First::Letter, "-*#%:_.");
/// `API_TAG_NUM_LIMIT`, unless the vendor raised it.
const TAGS_MAX: usize = 10;
/// `ReqParamBase`, `BackendParamBase`.
const PARAMETER_NAME: Rule = Rule::new(1, 32, First::Letter, "-_.");
/// `ApiPolicyHttpCreate` and its siblings.
const POLICY_NAME: Rule = Rule::name(3, 64, "_");
/// `req_uri` of the API and of its backend.
const PATH_MAX: usize = 512;
const VERSION_MAX: usize = 16;
const FUNCTION_VERSION_MAX: usize = 64;
/// `body_remark` and both samples.
const SAMPLE_MAX: usize = 20_480;
/// `url_domain`; variables count as written.
const HOST_MAX: usize = 255;
/// `value` of a backend parameter, with its `$context.` prefix.
const VALUE_MAX: usize = 255;
const COOKIE_MAX: usize = 255;
/// At most what the feature `backend_timeout` can be raised to (5.5).
const TIMEOUT_MAX: Duration = Duration::from_secs(600);
/// Functions with network architecture V1.
const PUBLIC_FUNCTION_TIMEOUT_MAX: Duration = Duration::from_secs(60);
const RETRIES_MAX: u8 = 10;

/// What the gateway knows of a request (`value` of `BackendParamBase`).
const SYSTEM: [&str; 8] =
    ["sourceIp", "stage", "apiId", "appId", "requestId", "serverAddr", "serverName", "handleTime"];

pub(super) fn check(check: &mut Check, spec: &ApiSpec) {
    for (field, what, value, max) in [
        ("spec.description", "the description", &spec.description, REMARK_MAX),
        ("spec.version", "the version", &spec.version, VERSION_MAX),
        ("spec.request.path", "the path", &spec.request.path, PATH_MAX),
        ("spec.bodyDescription", "the description of the body", &spec.body_description, SAMPLE_MAX),
        ("spec.samples.success", "the sample", &spec.samples.success, SAMPLE_MAX),
        ("spec.samples.failure", "the sample", &spec.samples.failure, SAMPLE_MAX),
    ] {
        check.longest(field, what, value, max);
    }
    if spec.tags.len() > TAGS_MAX {
        let message = format!("the API has {} tags; at most {TAGS_MAX} are taken", spec.tags.len());
        check.add(RANGE, "spec.tags", message, "remove some: labels in `metadata` are not limited");
    }
    for (i, tag) in spec.tags.iter().enumerate() {
        check.rule(format!("spec.tags[{i}]"), "tag", tag, &TAG);
    }
    for (i, p) in spec.parameters.iter().enumerate() {
        parameter(check, &format!("spec.parameters[{i}]"), p);
    }
    backend(check, "spec.backend", &spec.backend, Place::Api);
    policies(check, &spec.policies);
    grpc(check, spec);
}

fn parameter(check: &mut Check, at: &str, p: &Parameter) {
    check.rule(format!("{at}.name"), "parameter name", &p.name, &PARAMETER_NAME);
    check.longest(format!("{at}.description"), "the description", &p.description, REMARK_MAX);
    commas(check, &format!("{at}.enum"), &p.values);
    let number = p.kind == ParameterType::Number;
    for (given, field, fits, kind) in [
        (p.min_length.is_some(), "minLength", !number, "string"),
        (p.max_length.is_some(), "maxLength", !number, "string"),
    ] {
        if given && !fits {
            let message = format!("`{field}` counts only for parameters of the type `{kind}`");
            check.add(
                UNSUPPORTED,
                format!("{at}.{field}"),
                message,
                format!("remove it, or write `type: {kind}`"),
            );
        }
    }
    let numbers = [("minimum", p.minimum), ("maximum", p.maximum)];
    for (field, value) in numbers.into_iter().filter_map(|(field, value)| Some((field, value?))) {
        if value.unsigned_abs() > NUMBER_MAX {
            let message = format!("{value} does not fit: at most {NUMBER_MAX} is taken");
            check.add(RANGE, format!("{at}.{field}"), message, "remove it");
        }
    }
    for (field, value) in [("pattern", &p.pattern), ("jsonSchema", &p.json_schema)] {
        if !value.is_empty() {
            let message = format!("`{field}` is not supported by this gateway");
            check.add(
                UNSUPPORTED,
                format!("{at}.{field}"),
                message,
                "remove it, and check the value in the backend",
            );
        }
    }
}

/// The wire joins values with commas.
fn commas(check: &mut Check, field: &str, values: &[String]) {
    for (i, value) in values.iter().enumerate() {
        if value.is_empty() || value.contains(',') {
            let message = format!(
                "the value `{value}` is empty or holds a comma, which separates values on this gateway"
            );
            check.add(TEXT, format!("{field}[{i}]"), message, "change or remove the value");
        }
    }
}

fn backend(check: &mut Check, at: &str, backend: &Backend, place: Place) {
    let at = &format!("{at}.{}", backend.type_name());
    let (description, timeout, timeout_max, retries) = match backend {
        Backend::Http(b) => {
            let host = b.url.as_deref().and_then(Url::parse).map_or("", |url| url.host);
            check.longest(format!("{at}.url"), "the host", host, HOST_MAX);
            let path = if b.url.is_some() { "url" } else { "path" };
            check.longest(format!("{at}.{path}"), "the path", b.backend_path(), PATH_MAX);
            client_certificate(check, at, b, place);
            (&b.description, Some(b.timeout), TIMEOUT_MAX, b.retries)
        }
        Backend::Grpc(b) => {
            check.longest(
                format!("{at}.address"),
                "the address",
                b.address.as_deref().unwrap_or_default(),
                HOST_MAX,
            );
            (&b.description, Some(b.timeout), TIMEOUT_MAX, b.retries)
        }
        Backend::Function(b) => {
            check.longest(format!("{at}.version"), "the version", &b.version, FUNCTION_VERSION_MAX);
            let public = b.network == Network::Public;
            let max = if public { PUBLIC_FUNCTION_TIMEOUT_MAX } else { TIMEOUT_MAX };
            (&b.description, Some(b.timeout), max, None)
        }
        Backend::Mock(b) => (&b.description, None, TIMEOUT_MAX, None),
    };
    check.longest(format!("{at}.description"), "the description", description, REMARK_MAX);
    if place == Place::Policy && !description.is_empty() {
        let message = "a policy backend has no description on this gateway".to_owned();
        check.add(UNSUPPORTED, format!("{at}.description"), message, "remove it");
    }
    if timeout.is_some_and(|t| t.as_millis() == 0 || t > timeout_max) {
        let message = format!("the timeout must lie between 1ms and {timeout_max}");
        check.add(
            RANGE,
            format!("{at}.timeout"),
            message,
            "more than 60s also needs the feature `backend_timeout`",
        );
    }
    if retries.is_some_and(|count| count > RETRIES_MAX) {
        let message = format!("at most {RETRIES_MAX} retries are made");
        check.add(RANGE, format!("{at}.retries"), message, "lower the number");
    }
    for (i, p) in backend.parameters().iter().enumerate() {
        backend_parameter(check, &format!("{at}.parameters[{i}]"), p);
    }
}

/// `enable_client_ssl`: not for HTTP (APIG.3717), and not a field of a policy backend.
fn client_certificate(check: &mut Check, at: &str, b: &crate::kinds::backend::HttpBackend, place: Place) {
    let scheme = b.url.as_deref().and_then(Url::parse).map(|u| u.scheme).or(b.scheme);
    let why = match (b.client_certificate, place, scheme) {
        (false, ..) => return,
        (true, Place::Policy, _) => "a policy backend takes no client certificate on this gateway",
        (true, _, Some(Scheme::Http)) => "a backend over `http` takes no client certificate",
        _ => return,
    };
    check.add(UNSUPPORTED, format!("{at}.clientCertificate"), why.into(), "remove it, or use `https`");
}

fn backend_parameter(check: &mut Check, at: &str, p: &BackendParameter) {
    check.rule(format!("{at}.name"), "parameter name", &p.name, &PARAMETER_NAME);
    check.longest(format!("{at}.description"), "the description", &p.description, REMARK_MAX);
    let (value, prefix) = match &p.from {
        Origin::Request(value) | Origin::Constant(value) => (value, ""),
        Origin::System(value) => (value, "$context."),
        Origin::FrontendAuthorizer(value) => (value, "$context.authorizer.frontend."),
        Origin::BackendAuthorizer(value) => (value, "$context.authorizer.backend."),
    };
    check.longest(format!("{at}.from"), "the value", value, VALUE_MAX - prefix.len());
    if let Origin::System(name) = &p.from
        && !SYSTEM.contains(&name.as_str())
    {
        let near = crate::problem::did_you_mean(name, SYSTEM);
        let help =
            near.map_or_else(|| format!("one of {}", SYSTEM.join(", ")), |n| format!("did you mean `{n}`?"));
        check.add(
            UNSUPPORTED,
            format!("{at}.from.system"),
            format!("the gateway does not know `{name}`"),
            help,
        );
    }
}

fn policies(check: &mut Check, policies: &[PolicyBackend]) {
    for (i, p) in policies.iter().enumerate() {
        let at = format!("spec.policies[{i}]");
        check.rule(format!("{at}.name"), "policy name", &p.name, &POLICY_NAME);
        backend(check, &format!("{at}.backend"), &p.backend, Place::Policy);
        for (j, c) in p.when.iter().enumerate() {
            condition(check, &format!("{at}.when[{j}]"), c);
        }
    }
    let lists = policies.iter().map(|p| policy::list_of(&p.backend));
    if !lists.is_sorted() {
        let message = "this gateway cannot keep the order of policies of different types".to_owned();
        check.add(
            UNSUPPORTED,
            "spec.policies",
            message,
            "write `http` policies first, then `function`, then `mock`",
        );
    }
}

fn condition(check: &mut Check, at: &str, c: &Condition) {
    commas(check, &format!("{at}.oneOf"), &c.one_of);
    commas(check, &format!("{at}.sourceIp"), &c.source_ip);
    if let Some(name) = &c.cookie {
        check.longest(format!("{at}.cookie"), "the name of the cookie", name, COOKIE_MAX);
    }
}

/// What a gRPC API cannot have.
fn grpc(check: &mut Check, spec: &ApiSpec) {
    let over_grpc = spec.request.protocol == Protocol::Grpcs;
    let function = if let Backend::Function(b) = &spec.backend { Some(b) } else { None };
    let always = [
        (
            matches!(spec.backend, Backend::Grpc(_)) && !over_grpc,
            "spec.request.protocol",
            "a gRPC backend needs the request protocol `GRPCS`",
            "write `protocol: GRPCS`",
        ),
        (
            function.is_some_and(|b| b.protocol == FunctionProtocol::Grpcs) && !over_grpc,
            "spec.backend.function.protocol",
            "a function is called over gRPC only where the request comes over `GRPCS`",
            "write `protocol: HTTPS`, or change `request.protocol`",
        ),
    ];
    let over = [
        (
            spec.request.method != Method::Post,
            "spec.request.method",
            "a gRPC API takes only the method `POST`",
            "write `method: POST`",
        ),
        (
            spec.auth.kind == AuthType::Authorizer,
            "spec.auth.type",
            "a gRPC API takes no custom authorizer",
            "write `type: app`, `iam` or `none`",
        ),
        (
            spec.backend.authorizer().is_some(),
            "spec.backend",
            "the backend of a gRPC API takes no custom authorizer",
            "remove `authorizer`",
        ),
        (!spec.parameters.is_empty(), "spec.parameters", "a gRPC API has no parameters", "remove them"),
        (
            !spec.backend.parameters().is_empty(),
            "spec.backend",
            "the backend of a gRPC API has no parameters",
            "remove `parameters`",
        ),
        (spec.samples != Samples::default(), "spec.samples", "a gRPC API has no samples", "remove them"),
    ];
    let over = over.into_iter().filter(|_| over_grpc);
    for (broken, field, message, help) in always.into_iter().chain(over) {
        if broken {
            check.add(UNSUPPORTED, field, message.to_owned(), help);
        }
    }
}
