//! Rules that hold for every gateway and that a schema cannot say.

mod certificate;
mod channel;

use std::collections::{BTreeMap, HashMap};

use super::Desired;
use crate::address::Address;
use crate::document::{Document, Finding};
use crate::kind::Kind;
use crate::kinds::api::{
    ApiSpec, AuthType, Location, ParameterType, claim_parts, methods_clash, placeholders,
};
use crate::kinds::app::AppSpec;
use crate::kinds::backend::{Backend, Condition, HttpBackend, Origin, PolicyBackend, Url};
use crate::kinds::binding::Selector;
use crate::kinds::plugin::PluginSpec;
use crate::kinds::plugin::native::Native;
use crate::kinds::spec::{DocumentSpec, Spec};
use crate::kinds::value::Method;
use crate::problem::did_you_mean;

/// Checks one document by itself.
pub(super) fn document(index: usize, document: &Document, findings: &mut Vec<Finding>) {
    let mut report = Report { document: index, findings };
    envelope(document, &mut report);
    match &document.spec {
        Some(DocumentSpec::Api(spec)) => api(spec, &mut report),
        Some(DocumentSpec::Throttle(spec)) => {
            for (i, exception) in spec.exceptions.iter().enumerate() {
                let given = [("app", exception.app.is_some()), ("user", exception.user.is_some())];
                report.exactly_one(&format!("spec.exceptions[{i}]"), &given);
            }
        }
        Some(DocumentSpec::Certificate(spec)) => certificate::certificate(spec, &mut report),
        Some(DocumentSpec::Channel(spec)) => channel::channel(spec, &mut report),
        Some(DocumentSpec::App(spec)) => codes(spec, &mut report),
        Some(DocumentSpec::Plugin(spec)) => plugin(spec, &mut report),
        Some(DocumentSpec::Binding(spec)) => {
            let given = spec.policies().map(|(_, field, to)| (field, to.is_some()));
            report.exactly_one("spec", &given);
            selector(&spec.apis, &mut report);
        }
        Some(DocumentSpec::Authorization(spec)) => {
            if spec.apps.is_empty() {
                report.error("missing-field", "spec.apps", "no app is authorized").help =
                    Some("name at least one".into());
            }
            selector(&spec.apis, &mut report);
        }
        Some(DocumentSpec::Variable(spec)) if spec.values.is_empty() => {
            report
                .error("missing-field", "spec.values", "the variable has no value in any environment")
                .help = Some("write `values: { RELEASE: … }`".into());
        }
        _ => {}
    }
}

struct Report<'a> {
    document: usize,
    findings: &'a mut Vec<Finding>,
}

impl Report<'_> {
    fn error(
        &mut self,
        code: &'static str,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.findings.push(Finding::error(self.document, code, field, message));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    /// Reports unless exactly one of the fields is given.
    fn exactly_one(&mut self, field: &str, given: &[(&str, bool)]) {
        let names = given.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let present: Vec<&str> = given.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
        match present.as_slice() {
            [_] => {}
            [] => {
                self.error("missing-field", field, format!("exactly one of {names} is needed")).help =
                    Some("add one of them".into());
            }
            [_, second, ..] => {
                let at = format!("{field}.{second}");
                self.error("exclusive-fields", at, format!("only one of {names} can be given")).help =
                    Some("remove the others".into());
            }
        }
    }
}

fn envelope(document: &Document, report: &mut Report<'_>) {
    let in_group = document.kind.def().in_group();
    let kind = document.kind;
    if in_group && document.metadata.group.is_none() {
        report.error("missing-field", "metadata", format!("{kind} needs `metadata.group`")).help =
            Some("name the `Group` that it belongs to".into());
    }
    if !in_group && document.metadata.group.is_some() {
        report.error("unknown-field", "metadata.group", format!("{kind} belongs to no group")).help =
            Some("remove the field".into());
    }
    if document.metadata.external && document.spec.is_some() {
        report
            .error(
                "exclusive-fields",
                "spec",
                "a resource that is not managed here (`metadata.external`) has no spec",
            )
            .help = Some("remove `spec`, or `external`".into());
    }
    if document.metadata.external && (kind.def().selects || kind == Kind::Variable) {
        report.error("invalid-value", "metadata.external", format!("{kind} cannot be external")).help =
            Some("nothing refers to it: remove the document".into());
    }
}

/// Codes are told apart by their names, which the gateway does not know.
fn codes(spec: &AppSpec, report: &mut Report<'_>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, code) in spec.codes.iter().enumerate() {
        let field = format!("spec.codes[{i}].name");
        if code.name.is_empty() || code.name.starts_with("id:") {
            report.error("invalid-value", &field, format!("`{}` is no name of a code", code.name)).help =
                Some("write a word of your own, such as `first`".into());
        }
        if let Some(first) = seen.insert(&code.name, i) {
            let document = report.document;
            let message = format!("the code `{}` stands twice", code.name);
            let finding = report.error("duplicate-name", field, message);
            finding.related.push((document, format!("spec.codes[{first}].name"), "first here".into()));
            finding.help = Some("give it another name".into());
        }
    }
}

fn selector(selector: &Selector, report: &mut Report<'_>) {
    if selector.is_empty() {
        report.error("empty-selector", "spec.apis", "the selector has no criterion").help = Some(
            "give at least one of `group`, `names`, `labels` and `tags`; `names: [\"*\"]` selects all".into(),
        );
    }
}

fn plugin(spec: &PluginSpec, report: &mut Report<'_>) {
    report.exactly_one("spec", &spec.blocks());
    for at in spec.native.iter().flat_map(Native::secrets) {
        let message = format!("`{at}` of the definition is a secret, which must not stand in a manifest");
        report.error("secret-in-clear", format!("spec.native.definition.{at}"), message).help =
            Some("what signs requests to backends is a `Signature`; other secrets are set in the vendor's console, and change this one: it has been in a file".into());
    }
    for (i, exception) in spec.rate_limit.iter().flat_map(|limit| &limit.exceptions).enumerate() {
        let given = [("app", exception.app.is_some()), ("user", exception.user.is_some())];
        report.exactly_one(&format!("spec.rateLimit.exceptions[{i}]"), &given);
    }
    if let Some(auth) = &spec.third_auth {
        let request = &auth.request;
        let given = [("address", request.address.is_some()), ("channel", request.channel.is_some())];
        report.exactly_one("spec.thirdAuth.request", &given);
    }
}

fn api(spec: &ApiSpec, report: &mut Report<'_>) {
    path(&spec.request.path, "spec.request.path", report);
    let declared = |location: Location, name: &str| {
        spec.parameters.iter().any(|p| p.location == location && p.name == name)
    };
    for name in placeholders(&spec.request.path).filter(|name| !declared(Location::Path, name)) {
        report
            .error(
                "undeclared-path-parameter",
                "spec.request.path",
                format!("the path parameter `{name}` is not declared"),
            )
            .help = Some(format!("add `- {{ name: {name}, in: path }}` to `spec.parameters`"));
    }
    let names: Vec<&str> = placeholders(&spec.request.path).collect();
    let mut seen: HashMap<(Location, String), usize> = HashMap::new();
    for (i, parameter) in spec.parameters.iter().enumerate() {
        let field = format!("spec.parameters[{i}]");
        if parameter.location == Location::Path && !names.contains(&parameter.name.as_str()) {
            let near = did_you_mean(&parameter.name, names.iter().copied());
            report
                .error(
                    "unused-path-parameter",
                    format!("{field}.name"),
                    format!("`{{{}}}` is not in the path", parameter.name),
                )
                .help = Some(
                near.map_or("remove it, or put it into the path".into(), |n| format!("did you mean `{n}`?")),
            );
        }
        let key = match parameter.location {
            Location::Header => parameter.name.to_ascii_lowercase(),
            _ => parameter.name.clone(),
        };
        if let Some(first) = seen.insert((parameter.location, key), i) {
            let document = report.document;
            let finding = report.error(
                "duplicate-name",
                format!("{field}.name"),
                format!("the parameter `{}` is declared twice", parameter.name),
            );
            finding.related.push((
                document,
                format!("spec.parameters[{first}].name"),
                "first declared here".into(),
            ));
            finding.help = Some("remove one of the two".into());
        }
        if parameter.kind != ParameterType::Number
            && (parameter.minimum.is_some() || parameter.maximum.is_some())
        {
            let which = if parameter.minimum.is_some() { "minimum" } else { "maximum" };
            report
                .error("invalid-value", format!("{field}.{which}"), format!("`{which}` is only for numbers"))
                .help = Some("add `type: number`, or use `minLength` and `maxLength`".into());
        }
    }
    auth(spec, report);
    backend(&spec.backend, "spec.backend", spec, report);
    policies(&spec.policies, spec, report);
}

fn path(path: &str, field: &str, report: &mut Report<'_>) {
    let depth = path.chars().try_fold(0i32, |depth, c| match c {
        '{' if depth == 0 => Some(1),
        '}' if depth == 1 => Some(0),
        '{' | '}' => None,
        _ => Some(depth),
    });
    if !path.starts_with('/') {
        report.error("invalid-value", field, format!("the path `{path}` does not start with `/`")).help =
            Some(format!("write `/{path}`"));
    } else if depth != Some(0) || path.contains("{}") {
        report.error("invalid-value", field, format!("the braces of the path `{path}` do not pair")).help =
            Some("write each placeholder as `{name}`".into());
    } else if path.contains(['?', '#', ' ']) {
        report
            .error(
                "invalid-value",
                field,
                format!("the path `{path}` holds a character that a path cannot hold"),
            )
            .help = Some("declare query parameters under `parameters` with `in: query`".into());
    }
}

fn auth(spec: &ApiSpec, report: &mut Report<'_>) {
    match (spec.auth.kind, &spec.auth.authorizer) {
        (AuthType::Authorizer, None) => {
            report.error("missing-field", "spec.auth", "`type: authorizer` needs `authorizer`").help =
                Some("name the custom authorizer on the gateway".into());
        }
        (AuthType::None | AuthType::App | AuthType::Iam, Some(_)) => {
            report
                .error(
                    "exclusive-fields",
                    "spec.auth.authorizer",
                    "`authorizer` goes with `type: authorizer` only",
                )
                .help = Some("change the type, or remove the authorizer".into());
        }
        _ => {}
    }
    if spec.auth.app_code && spec.auth.kind != AuthType::App {
        report.error("exclusive-fields", "spec.auth.appCode", "`appCode` goes with `type: app` only").help =
            Some("change the type, or remove `appCode`".into());
    }
}

fn backend(backend: &Backend, field: &str, spec: &ApiSpec, report: &mut Report<'_>) {
    match backend {
        Backend::Http(http) => http_backend(http, &format!("{field}.http"), report),
        Backend::Grpc(grpc) => {
            let given = [("address", grpc.address.is_some()), ("channel", grpc.channel.is_some())];
            report.exactly_one(&format!("{field}.grpc"), &given);
        }
        Backend::Function(_) | Backend::Mock(_) => {}
    }
    let requests: Vec<&str> = spec.parameters.iter().map(|p| p.name.as_str()).collect();
    for (i, parameter) in backend.parameters().iter().enumerate() {
        if let Origin::Request(name) = &parameter.from
            && !requests.contains(&name.as_str())
        {
            let near = did_you_mean(name, requests.iter().copied());
            let at = format!("{field}.{}.parameters[{i}].from.request", backend.type_name());
            report.error("undeclared-parameter", at, format!("the request has no parameter `{name}`")).help =
                Some(
                    near.map_or("declare it under `spec.parameters`".into(), |n| {
                        format!("did you mean `{n}`?")
                    }),
                );
        }
    }
    if let Backend::Http(http) = backend {
        for name in placeholders(http.backend_path()) {
            let mapped = http.parameters.iter().any(|p| p.location == Location::Path && p.name == name);
            if !mapped && !requests.contains(&name) {
                let near = did_you_mean(name, requests.iter().copied());
                let at = if http.url.is_some() { "url" } else { "path" };
                report
                    .error("undeclared-path-parameter", format!("{field}.http.{at}"), format!("nothing gives the backend's `{{{name}}}` a value"))
                    .help = Some(near.map_or_else(
                    || format!("declare the request parameter `{name}`, or add a backend parameter `{name}` with `in: path`"),
                    |n| format!("did you mean `{{{n}}}`?"),
                ));
            }
        }
    }
}

fn http_backend(http: &HttpBackend, field: &str, report: &mut Report<'_>) {
    let given = [("url", http.url.is_some()), ("channel", http.channel.is_some())];
    report.exactly_one(field, &given);
    if let Some(url) = &http.url {
        if Url::parse(url).is_none() {
            report
                .error("invalid-value", format!("{field}.url"), format!("`{url}` is not a backend URL"))
                .help = Some(
                "write scheme, host and path, such as `https://payments.internal/v1/{account}`; no query"
                    .into(),
            );
        }
        let extra = [
            ("scheme", http.scheme.is_some()),
            ("path", http.path.is_some()),
            ("hostHeader", http.host_header.is_some()),
        ];
        for (name, _) in extra.iter().filter(|(_, is)| *is) {
            report
                .error(
                    "exclusive-fields",
                    format!("{field}.{name}"),
                    format!("`{name}` goes with `channel`, not with `url`"),
                )
                .help = Some("remove it".into());
        }
    }
    if let Some(text) = &http.path {
        path(text, &format!("{field}.path"), report);
    }
}

fn policies(policies: &[PolicyBackend], spec: &ApiSpec, report: &mut Report<'_>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, policy) in policies.iter().enumerate() {
        let field = format!("spec.policies[{i}]");
        if let Some(first) = seen.insert(&policy.name, i) {
            let document = report.document;
            let finding = report.error(
                "duplicate-name",
                format!("{field}.name"),
                format!("the policy `{}` stands twice", policy.name),
            );
            finding.related.push((document, format!("spec.policies[{first}].name"), "first here".into()));
            finding.help = Some("give it another name".into());
        }
        if matches!(policy.backend, Backend::Grpc(_)) {
            report
                .error("invalid-value", format!("{field}.backend.grpc"), "a policy's backend cannot be gRPC")
                .help = Some("use `http`, `function` or `mock`".into());
        }
        if policy.when.is_empty() {
            report.error("missing-field", format!("{field}.when"), "the policy has no condition").help =
                Some("add at least one; a backend for all requests is `spec.backend`".into());
        }
        for (j, condition) in policy.when.iter().enumerate() {
            self::condition(condition, &format!("{field}.when[{j}]"), spec, report);
        }
        backend(&policy.backend, &format!("{field}.backend"), spec, report);
    }
}

fn condition(condition: &Condition, field: &str, spec: &ApiSpec, report: &mut Report<'_>) {
    let by_address = !condition.source_ip.is_empty();
    let subjects = [
        ("parameter", condition.parameter.is_some()),
        ("sourceIp", by_address),
        ("system", condition.system.is_some()),
        ("cookie", condition.cookie.is_some()),
        ("frontendAuthorizer", condition.frontend_authorizer.is_some()),
    ];
    report.exactly_one(field, &subjects);
    let tests = [
        ("equals", condition.equals.is_some()),
        ("oneOf", !condition.one_of.is_empty()),
        ("matches", condition.matches.is_some()),
    ];
    if by_address {
        for (name, _) in tests.iter().filter(|(_, is)| *is) {
            report
                .error(
                    "exclusive-fields",
                    format!("{field}.{name}"),
                    format!("`{name}` does not go with `sourceIp`"),
                )
                .help = Some("remove it: the addresses are the test".into());
        }
    } else {
        report.exactly_one(field, &tests);
    }
    if let Some(name) = &condition.parameter {
        let names: Vec<&str> = spec.parameters.iter().map(|p| p.name.as_str()).collect();
        if !names.contains(&name.as_str()) {
            let near = did_you_mean(name, names.iter().copied());
            report
                .error(
                    "undeclared-parameter",
                    format!("{field}.parameter"),
                    format!("the request has no parameter `{name}`"),
                )
                .help = Some(
                near.map_or("declare it under `spec.parameters`".into(), |n| format!("did you mean `{n}`?")),
            );
        }
    }
}

/// What must be unique besides the address: no two APIs of a group may answer the same request.
pub(super) fn claims(desired: &Desired, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<String, Vec<(Method, &super::Resource)>> = HashMap::new();
    for (resource, spec) in desired.managed() {
        let Spec::Api(spec) = spec else { continue };
        let claim = spec.request_claim(&resource.address.part(0));
        let method = spec.request.method;
        let here = seen.entry(claim_parts(&claim).1).or_default();
        let clash = here.iter().find(|(other, _)| methods_clash(other.as_str(), method.as_str()));
        let first = clash.map(|(_, first)| *first);
        here.push((method, resource));
        if let Some(first) = first {
            let finding = Finding::error(
                resource.document,
                "duplicate-request",
                "spec.request.path",
                format!(
                    "`{} {}` is answered by another API of the group already",
                    spec.request.method.as_str(),
                    spec.request.path
                ),
            )
            .related(first.document, "spec.request.path", format!("by `{}`", first.address.name()))
            .help("change the method or the path of one of them");
            findings.push(finding);
        }
    }
}

/// A backend that says `#name#` needs a value of that name in every environment that the API is published in. It may be on
/// the gateway without being managed here, so this is a warning.
pub(super) fn variables(desired: &Desired, findings: &mut Vec<Finding>) {
    for (resource, spec) in desired.managed() {
        let Spec::Api(spec) = spec else { continue };
        let (index, group) = (resource.document, &resource.address.part(0));
        let policies = spec.policies.iter().map(|p| ("spec.policies", &p.backend));
        for (field, backend) in std::iter::once(("spec.backend.http.url", &spec.backend)).chain(policies) {
            let Backend::Http(HttpBackend { url: Some(url), .. }) = backend else { continue };
            if !url.contains('#') {
                continue;
            }
            let publish: Vec<String> = desired.environments(&resource.address);
            for name in variable_names(url) {
                let missing = publish.iter().find(|environment| {
                    desired.get(&Address::new(Kind::Variable, &[group, environment, name])).is_none()
                });
                if let Some(environment) = missing {
                    let names: Vec<String> = desired
                        .resources()
                        .filter(|r| r.address.kind == Kind::Variable && r.address.part(0) == *group)
                        .map(|r| r.address.name())
                        .filter(|other| other != name)
                        .collect();
                    let help = did_you_mean(name, names.iter().map(String::as_str)).map_or_else(
                        || format!("describe it in a `Variable` document of the group {group}"),
                        |near| format!("did you mean `#{near}#`?"),
                    );
                    let message = format!("the variable `{name}` has no value in {environment}");
                    findings.push(Finding::warning(index, "undeclared-variable", field, message).help(help));
                }
            }
        }
    }
}

/// The names between pairs of `#`.
fn variable_names(url: &str) -> impl Iterator<Item = &str> {
    let parts: Vec<&str> = url.split('#').collect();
    let pairs = parts.len().saturating_sub(1) / 2;
    (0..pairs).map(move |i| parts[2 * i + 1]).filter(|name| !name.is_empty() && !name.contains('/'))
}
