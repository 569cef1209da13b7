//! The backends of an `Api`: HTTP, gRPC, function and mock, with conditions for some of the requests.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::api::{Location, placeholders};
use super::value::{Duration, Method, is_default};

/// Exactly one of `http`, `grpc`, `function` and `mock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Backend {
    /// A service that speaks HTTP.
    Http(HttpBackend),
    /// A service that speaks gRPC.
    Grpc(GrpcBackend),
    /// A cloud function.
    Function(FunctionBackend),
    /// The gateway itself, with a fixed answer.
    Mock(MockBackend),
}

/// A service that speaks HTTP, found by `url`, or by `channel` with `scheme` and `path`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct HttpBackend {
    /// Scheme, host, port and path, such as `https://payments.internal:8443/v1/{account}`; `#name#` stands for a
    /// `Variable`, `{name}` for a backend parameter (the request parameter of that name unless `parameters` says else).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A load balance channel on the gateway, instead of `url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The scheme, with `channel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<Scheme>,
    /// The path, with `channel`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The `Host` header sent to the members of the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_header: Option<String>,
    /// The method sent to the backend.
    pub method: Method,
    /// How long the gateway waits for the answer.
    #[serde(default = "default_timeout", skip_serializing_if = "is_default_timeout")]
    #[schemars(!skip_serializing_if)]
    pub timeout: Duration,
    /// How often the gateway tries again, at most 10; absent: only idempotent methods are tried again, once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10))]
    pub retries: Option<u8>,
    /// Whether the gateway proves itself to the backend with its client certificate.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub client_certificate: bool,
    /// A custom authorizer of the type `backend`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer: Option<String>,
    /// A remark on the backend, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// What the backend gets besides the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<BackendParameter>,
}

/// A service that speaks gRPC over TLS, found by `address` or by `channel`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct GrpcBackend {
    /// Host and port, such as `payments.internal:443`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A load balance channel on the gateway, instead of `address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The `Host` header sent to the members of the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_header: Option<String>,
    /// How long the gateway waits for the answer.
    #[serde(default = "default_timeout", skip_serializing_if = "is_default_timeout")]
    #[schemars(!skip_serializing_if)]
    pub timeout: Duration,
    /// How often the gateway tries again, at most 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10))]
    pub retries: Option<u8>,
    /// A remark on the backend, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
}

/// A cloud function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct FunctionBackend {
    /// The function's URN.
    pub urn: String,
    /// The function's version.
    #[serde(default, skip_serializing_if = "is_default")]
    pub version: String,
    /// The URN of an alias; it wins over `version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Whether the caller gets the function's answer.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub invocation: Invocation,
    /// How the function is reached.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub network: Network,
    /// The protocol in which the function is called.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub protocol: FunctionProtocol,
    /// How long the gateway waits for the answer.
    #[serde(default = "default_timeout", skip_serializing_if = "is_default_timeout")]
    #[schemars(!skip_serializing_if)]
    pub timeout: Duration,
    /// A custom authorizer of the type `backend`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer: Option<String>,
    /// A remark on the backend, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// What the function gets besides the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<BackendParameter>,
}

/// The gateway itself, with a fixed answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct MockBackend {
    /// The answer's body.
    #[serde(default, skip_serializing_if = "is_default")]
    pub body: String,
    /// A remark on the backend, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// A custom authorizer of the type `backend`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer: Option<String>,
    /// Parameters kept with the mock, for when it becomes a real backend.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<BackendParameter>,
}

/// A scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names of schemes explain themselves")]
pub enum Scheme {
    Http,
    Https,
}

/// Whether the caller gets the function's answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Invocation {
    /// The caller waits for the answer.
    #[default]
    Sync,
    /// The caller is told that the call was taken.
    Async,
}

/// How a function is reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Network {
    /// Outside of a VPC; timeouts of at most 60 s.
    Public,
    /// Within the VPC.
    #[default]
    Vpc,
}

/// The protocol in which a function is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum FunctionProtocol {
    /// HTTPS.
    #[default]
    #[serde(rename = "HTTPS")]
    Https,
    /// gRPC over TLS.
    #[serde(rename = "GRPCS")]
    Grpcs,
}

/// A parameter that the backend gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct BackendParameter {
    /// The name: a path placeholder, a query key or a header.
    pub name: String,
    /// Where it stands.
    #[serde(rename = "in")]
    pub location: Location,
    /// Where its value comes from.
    pub from: Origin,
    /// What it means.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
}

/// Where the value of a backend parameter comes from: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// The request parameter of this name.
    Request(String),
    /// This text.
    Constant(String),
    /// What the gateway knows: sourceIp, stage, apiId, appId, requestId, serverAddr, serverName, handleTime.
    System(String),
    /// A value that the custom authorizer of the API returned.
    FrontendAuthorizer(String),
    /// A value that the custom authorizer of the backend returned.
    BackendAuthorizer(String),
}

/// A backend for the requests that meet its conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PolicyBackend {
    /// The name, unique in its API.
    pub name: String,
    /// Whether all conditions must hold, or any.
    #[serde(default, skip_serializing_if = "is_default", rename = "match")]
    #[schemars(!skip_serializing_if)]
    pub effect: Effect,
    /// The conditions.
    pub when: Vec<Condition>,
    /// The backend; not `grpc`.
    pub backend: Backend,
}

/// How many of the conditions must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// Each one.
    #[default]
    All,
    /// At least one.
    Any,
}

/// A condition: what is looked at (exactly one of `parameter`, `sourceIp`, `system`, `cookie`, `frontendAuthorizer`), and
/// what it must be (exactly one of `equals`, `oneOf`, `matches`; not with `sourceIp`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Condition {
    /// The request parameter of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// The caller's address is in one of these addresses or ranges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_ip: Vec<String>,
    /// What the gateway knows of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemParameter>,
    /// The cookie of this name; the gateway must have the feature `policy_cookie_param`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// The value of this name that the custom authorizer returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontend_authorizer: Option<String>,
    /// It is this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    /// It is one of these texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
    /// It matches this regular expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
}

/// What the gateway knows of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SystemParameter {
    /// The path of the request.
    Path,
    /// The method of the request.
    Method,
}

/// How long a gateway waits for a backend unless told otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

fn default_timeout() -> Duration {
    DEFAULT_TIMEOUT
}

fn is_default_timeout(timeout: &Duration) -> bool {
    *timeout == DEFAULT_TIMEOUT
}

/// A backend URL taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Url<'a> {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// Host, and port where given.
    pub host: &'a str,
    /// The path, starting with `/`; `/` where there is none.
    pub path: &'a str,
}

impl<'a> Url<'a> {
    /// Takes `https://host:port/path` apart. Variables (`#name#`) and placeholders (`{name}`) are kept as they stand.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = match scheme {
            s if s.eq_ignore_ascii_case("https") => Scheme::Https,
            s if s.eq_ignore_ascii_case("http") => Scheme::Http,
            _ => return None,
        };
        let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let clean = !host.is_empty() && !text.contains(['?', ' ', '@']) && !host.contains(['{', '}']);
        clean.then_some(Self { scheme, host, path })
    }
}

impl HttpBackend {
    /// The path that the backend gets.
    #[must_use]
    pub fn backend_path(&self) -> &str {
        match &self.url {
            Some(url) => Url::parse(url).map_or("/", |u| u.path),
            None => self.path.as_deref().unwrap_or("/"),
        }
    }

    /// Placeholders of the path without a parameter of their own: they mean the request parameter of the same name.
    fn fill_path_parameters(&mut self) {
        let missing: Vec<String> = placeholders(self.backend_path())
            .filter(|name| !self.parameters.iter().any(|p| p.location == Location::Path && p.name == *name))
            .map(str::to_owned)
            .collect();
        self.parameters.extend(missing.into_iter().map(|name| BackendParameter {
            location: Location::Path,
            from: Origin::Request(name.clone()),
            description: String::new(),
            name,
        }));
    }

    /// The inverse of the filling-in, for manifests that a person reads.
    fn drop_implied_parameters(&mut self) {
        let path = self.backend_path().to_owned();
        self.parameters.retain(|p| {
            let implied = p.location == Location::Path
                && p.description.is_empty()
                && p.from == Origin::Request(p.name.clone())
                && placeholders(&path).any(|name| name == p.name);
            !implied
        });
    }
}

impl Backend {
    /// Brings the backend into the one form that is compared.
    pub(crate) fn normalise(&mut self) {
        if let Self::Http(http) = self {
            if let Some(url) = http.url.as_deref().and_then(Url::parse) {
                let scheme = if url.scheme == Scheme::Http { "http" } else { "https" };
                http.url = Some(format!("{scheme}://{}{}", url.host, url.path));
            }
            if http.channel.is_some() {
                http.scheme.get_or_insert(Scheme::Https);
                http.path.get_or_insert_with(|| "/".into());
            }
            http.fill_path_parameters();
        }
        if let Some(parameters) = self.parameters_mut() {
            parameters.sort_by(|a, b| (a.location, &a.name).cmp(&(b.location, &b.name)));
        }
    }

    /// The shortest way to write the same backend.
    pub fn simplify(&mut self) {
        if let Self::Http(http) = self {
            http.drop_implied_parameters();
        }
    }

    /// What the backend gets besides the request, where it can get anything.
    pub fn parameters_mut(&mut self) -> Option<&mut Vec<BackendParameter>> {
        match self {
            Self::Http(b) => Some(&mut b.parameters),
            Self::Function(b) => Some(&mut b.parameters),
            Self::Mock(b) => Some(&mut b.parameters),
            Self::Grpc(_) => None,
        }
    }

    /// What the backend gets besides the request.
    #[must_use]
    pub fn parameters(&self) -> &[BackendParameter] {
        match self {
            Self::Http(b) => &b.parameters,
            Self::Function(b) => &b.parameters,
            Self::Mock(b) => &b.parameters,
            Self::Grpc(_) => &[],
        }
    }

    /// The load balance channel in use.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        match self {
            Self::Http(b) => b.channel.as_deref(),
            Self::Grpc(b) => b.channel.as_deref(),
            Self::Function(_) | Self::Mock(_) => None,
        }
    }

    /// The custom authorizer of the backend.
    #[must_use]
    pub fn authorizer(&self) -> Option<&str> {
        match self {
            Self::Http(b) => b.authorizer.as_deref(),
            Self::Function(b) => b.authorizer.as_deref(),
            Self::Mock(b) => b.authorizer.as_deref(),
            Self::Grpc(_) => None,
        }
    }

    /// The name of the variant, as in a manifest.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Http(_) => "http",
            Self::Grpc(_) => "grpc",
            Self::Function(_) => "function",
            Self::Mock(_) => "mock",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_come_apart_with_variables_and_placeholders() {
        let url = Url::parse("https://#host#:8443/v1/{account}").unwrap();
        assert_eq!((url.scheme, url.host, url.path), (Scheme::Https, "#host#:8443", "/v1/{account}"));
        assert_eq!(Url::parse("http://a").unwrap().path, "/");
        for bad in ["a/b", "ftp://a", "https:///x", "https://a/?q=1", "https://u@a/", ""] {
            assert_eq!(Url::parse(bad), None, "{bad}");
        }
    }
}
