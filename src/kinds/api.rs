//! `Api`: what callers send, and which backend answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::backend::{Backend, PolicyBackend};
use super::value::{Method, is_default, is_true, yes};
use crate::address::Address;
use crate::kind::{Kind, KindDef, Owner, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part};

/// An API: the request that callers send, who may send it, the backend that answers, and where it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ApiSpec {
    /// What the API does, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// Whether the API may be listed for everybody (`public`) or not (`private`).
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub visibility: Visibility,
    /// A version label of your own, such as V1.2.0; at most 16 characters.
    #[serde(default = "default_version", skip_serializing_if = "is_default_version")]
    #[schemars(!skip_serializing_if)]
    pub version: String,
    /// What callers send.
    pub request: Request,
    /// The parameters of the request. Each `{name}` of the path needs one with `in: path`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Who may call.
    pub auth: Auth,
    /// Which backend answers, unless one of `policies` applies.
    pub backend: Backend,
    /// Backends for some of the requests, tried in this order before `backend`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyBackend>,
    /// Whether the gateway answers cross-origin requests of browsers.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub cors: bool,
    /// Words to find the API by; a `Binding` can select by them. Each starts with a letter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Examples of answers, for documentation.
    #[serde(default, skip_serializing_if = "is_default")]
    pub samples: Samples,
    /// A description of the request body, for documentation.
    #[serde(default, skip_serializing_if = "is_default")]
    pub body_description: String,
    /// The group response that words the gateway's own errors; the group's default where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// The environments that the API is published in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub publish: Vec<String>,
}

/// The version label that the gateway gives to an API without one.
pub const DEFAULT_VERSION: &str = "V0.0.1";

fn default_version() -> String {
    DEFAULT_VERSION.to_owned()
}

fn is_default_version(version: &str) -> bool {
    version == DEFAULT_VERSION
}

/// Whether an API may be listed for everybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Visibility {
    /// May be listed for everybody.
    Public,
    /// Only for those who are given it.
    #[default]
    Private,
}

/// The request that callers send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Request {
    /// The method; `ANY` for all of them.
    pub method: Method,
    /// The path, starting with `/`; `{name}` stands for one segment, `{name+}` for the rest of the path.
    pub path: String,
    /// Which protocols callers may use.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub protocol: Protocol,
    /// Whether the path must match as a whole (`exact`) or only its beginning (`prefix`).
    #[serde(default, skip_serializing_if = "is_default", rename = "match")]
    #[schemars(!skip_serializing_if)]
    pub match_mode: MatchMode,
}

/// A protocol that callers may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Protocol {
    /// HTTP only.
    #[serde(rename = "HTTP")]
    Http,
    /// HTTPS only.
    #[default]
    #[serde(rename = "HTTPS")]
    Https,
    /// HTTP and HTTPS.
    #[serde(rename = "BOTH")]
    Both,
    /// gRPC over TLS.
    #[serde(rename = "GRPCS")]
    Grpcs,
}

/// How a request path is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MatchMode {
    /// The whole path.
    #[default]
    Exact,
    /// The beginning of the path.
    Prefix,
}

/// A parameter of the request, with the checks that the gateway makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Parameter {
    /// The name: a path placeholder, a query key or a header.
    pub name: String,
    /// Where it stands.
    #[serde(rename = "in")]
    pub location: Location,
    /// What it holds.
    #[serde(default, skip_serializing_if = "is_default", rename = "type")]
    #[schemars(!skip_serializing_if)]
    pub kind: ParameterType,
    /// Whether a request without it is refused. Path parameters are always required.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub required: bool,
    /// The value used when the caller sends none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub default: String,
    /// An example of a value, for documentation.
    #[serde(default, skip_serializing_if = "is_default")]
    pub example: String,
    /// What it means.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// The values that are allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "enum")]
    pub values: Vec<String>,
    /// The smallest number allowed; only for `type: number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// The largest number allowed; only for `type: number`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// The shortest text allowed, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// The longest text allowed, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// A regular expression that the value must match.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pattern: String,
    /// A JSON Schema that the value must match, as JSON text.
    #[serde(default, skip_serializing_if = "is_default")]
    pub json_schema: String,
    /// Whether the gateway checks the value against `enum`, the limits and `pattern`.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub validate: bool,
    /// Whether the parameter is handed on to the backend as it came.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    #[schemars(!skip_serializing_if)]
    pub pass_through: bool,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Location {
    /// A `{name}` of the path.
    Path,
    /// The query string.
    Query,
    /// A header.
    Header,
}

/// What a parameter holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ParameterType {
    /// Text.
    #[default]
    String,
    /// A number.
    Number,
}

/// Who may call an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Auth {
    /// How callers prove who they are.
    #[serde(rename = "type")]
    pub kind: AuthType,
    /// The custom authorizer on the gateway; needed with `type: authorizer`, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer: Option<String>,
    /// Whether an app may also prove itself with an AppCode in a header; only with `type: app`.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub app_code: bool,
}

/// How callers prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AuthType {
    /// They do not: everybody may call.
    None,
    /// As an app, with a signature by its key and secret.
    App,
    /// As an account of the cloud.
    Iam,
    /// As a custom authorizer decides.
    Authorizer,
}

/// Examples of answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Samples {
    /// An answer to a call that worked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub success: String,
    /// An answer to a call that failed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub failure: String,
}

/// The descriptor.
pub static DEF: KindDef = KindDef {
    kind: Kind::Api,
    key: &["group", "name"],
    schema: Some(schema_of::<ApiSpec>),
    noun: "API",
    owners: &[Owner { kind: Kind::Group, parts: &[0], field: "metadata.group", kept: true }],
    ..PLAIN
};

impl Documented for ApiSpec {
    /// None here: a definition is taken out of its document, and shared with its publications.
    fn resources(&self, _: &Address) -> Vec<Part> {
        Vec::new()
    }
}

/// The names of the `{name}` and `{name+}` placeholders of a path, in order.
pub fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.trim_end_matches('+')))
}

/// A claim as the method and the place (group, path, match mode) that it is for.
#[must_use]
pub fn claim_parts(claim: &str) -> (&str, String) {
    let mut parts = claim.splitn(3, '|');
    let mut part = || parts.next().unwrap_or_default();
    let (group, method, rest) = (part(), part(), part());
    (method, format!("{group}|{rest}"))
}

/// Whether two claims to one place exclude each other: `ANY` stands for every method.
#[must_use]
pub fn methods_clash(one: &str, other: &str) -> bool {
    let any = Method::Any.as_str();
    one == other || one == any || other == any
}

impl ApiSpec {
    /// What an API claims for itself in its group: method, path (whatever its placeholders are called) and match mode.
    #[must_use]
    pub fn request_claim(&self, group: &str) -> String {
        let mode = if self.request.match_mode == MatchMode::Exact { "exact" } else { "prefix" };
        let mut path = String::new();
        for (i, part) in self.request.path.split('{').enumerate() {
            match part.split_once('}') {
                Some((name, rest)) if i > 0 => {
                    path.push_str(if name.ends_with('+') { "{+}" } else { "{}" });
                    path.push_str(rest);
                }
                _ => path.push_str(part),
            }
        }
        format!("{group}|{}|{path}|{mode}", self.request.method.as_str())
    }

    /// Brings the spec into the one form that is compared: what is implied is written out, what has no order is sorted.
    pub fn normalise(&mut self) {
        for parameter in &mut self.parameters {
            parameter.required |= parameter.location == Location::Path;
        }
        self.parameters.sort_by(|a, b| (a.location, &a.name).cmp(&(b.location, &b.name)));
        self.tags.sort();
        self.tags.dedup();
        self.publish.sort();
        self.publish.dedup();
        // Every group has a response called `default`; an API that names none gets it.
        if self.version.is_empty() {
            self.version = default_version();
        }
        self.auth.app_code &= self.auth.kind == AuthType::App;
        if self.auth.kind != AuthType::Authorizer {
            self.auth.authorizer = None;
        }
        self.response = self.response.take().filter(|name| name != "default");
        self.backend.normalise();
        // Gateways keep policies in one list per type of backend, so the order between types is not kept.
        self.policies.sort_by_key(|p| ["function", "mock"].iter().position(|t| *t == p.backend.type_name()));
        for policy in &mut self.policies {
            policy.backend.normalise();
            if let Some(parameters) = policy.backend.parameters_mut() {
                parameters.sort_by(|a, b| (a.location, &a.name).cmp(&(b.location, &b.name)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_anywhere_in_a_segment() {
        let names: Vec<_> = placeholders("/repos/{owner}/compare/{base}...{head}/{rest+}").collect();
        assert_eq!(names, ["owner", "base", "head", "rest"]);
        assert_eq!(placeholders("/plain").count(), 0);
    }
}
