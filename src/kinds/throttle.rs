//! `Throttle`: how often APIs may be called; and its exceptions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Duration, is_default};
use crate::address::Address;
use crate::kind::{Form, Kind, KindDef, Owner, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};

/// A request throttling policy: at most so many calls in each period. A `Binding` attaches it to APIs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ThrottleSpec {
    /// What the policy is for, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// The period that the limits count in, such as 1s, 1m, 1h or 1d.
    pub per: Duration,
    /// Whether each API counts for itself, or all APIs bound to the policy count together.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub scope: Scope,
    /// Calls allowed in a period.
    pub limits: Limits,
    /// Apps and accounts with a limit of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
}

/// What a policy counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Each API counts for itself.
    #[default]
    PerApi,
    /// All APIs bound to the policy count together.
    Shared,
}

/// Calls allowed in a period. `app` must not exceed `user`, `user` and `sourceIp` must not exceed `api`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Limits {
    /// Calls of an API by all callers together.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub api: u32,
    /// Calls by one account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub user: Option<u32>,
    /// Calls by one app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub app: Option<u32>,
    /// Calls from one source address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub source_ip: Option<u32>,
}

/// A limit of its own for one app or one account: exactly one of `app` and `user`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Exception {
    /// The name of an app on the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The id of an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Calls allowed in a period of the policy.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub limit: u32,
}

/// The limit of one exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionLimit {
    /// Calls allowed in a period of the policy.
    pub limit: u32,
}

/// The descriptor of the policy.
pub static DEF: KindDef = KindDef {
    kind: Kind::Throttle,
    key: &["name"],
    schema: Some(schema_of::<ThrottleSpec>),
    noun: "throttle",
    ..PLAIN
};

/// The descriptor of an exception: key part two is `app` or `user`, part three the app's name or the account's id.
pub static EXCEPTION_DEF: KindDef = KindDef {
    kind: Kind::ThrottleException,
    form: Form::Derived,
    key: &["throttle", "type", "name"],
    noun: "throttle exception",
    owners: &[Owner { kind: Kind::Throttle, parts: &[0], field: "metadata.name", kept: false }],
    carried: true,
    whole: true,
    ..PLAIN
};

impl Documented for ThrottleSpec {
    /// The policy, and each of its exceptions.
    fn resources(&self, address: &Address) -> Vec<Part> {
        let mut parts =
            vec![Part::whole(address, Spec::Throttle(Self { exceptions: Vec::new(), ..self.clone() }))];
        for (i, exception) in self.exceptions.iter().enumerate() {
            let (kind, name) = match (&exception.app, &exception.user) {
                (Some(app), _) => ("app", app),
                (None, Some(user)) => ("user", user),
                (None, None) => continue,
            };
            parts.push(Part {
                address: Address::new(Kind::ThrottleException, &[&address.name(), kind, name]),
                spec: Spec::ThrottleException(ExceptionLimit { limit: exception.limit }),
                field: Some(format!("spec.exceptions[{i}]")),
            });
        }
        parts
    }
}
