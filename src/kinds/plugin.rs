//! `Plugin`: what the gateway does with requests and answers besides routing them; one block per type of plug-in.

pub mod kafka_log;
pub mod native;
pub mod rate_limit;
pub mod third_auth;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::throttle::Scope;
use super::value::{Duration, Secret, is_default};
use crate::address::Address;
use crate::kind::{Kind, KindDef, PLAIN, schema_of};
use crate::kinds::spec::{Documented, Part, Spec};
use kafka_log::KafkaLog;
use native::{Native, NativeType};
use rate_limit::RateLimit;
use third_auth::ThirdAuth;

/// A plug-in: exactly one of `cors`, `responseHeaders`, `rateLimit`, `kafkaLog`, `breaker`, `thirdAuth` and `native`. A `Binding`
/// attaches it to APIs; a change of it counts at once for all of them. Of which type it is cannot be changed afterwards.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PluginSpec {
    /// What the plug-in is for, shown in the console.
    #[serde(default, skip_serializing_if = "is_default")]
    pub description: String,
    /// Lets pages from other origins call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors: Option<Cors>,
    /// Sets, adds and removes headers of answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub response_headers: Option<Vec<ResponseHeader>>,
    /// Limits calls, also by what is in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
    /// Writes a record of each call to Kafka.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka_log: Option<KafkaLog>,
    /// Spares a backend that fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// Asks a service of yours whether a call may pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub third_auth: Option<ThirdAuth>,
    /// Another type, as the one vendor that has it defines it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native: Option<Native>,
}

/// Which pages of other origins may call, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Cors {
    /// Origins, such as `https://shop.example.com`; `*` stands for all.
    #[schemars(length(min = 1))]
    pub allow_origins: Vec<String>,
    /// Methods that may be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_methods: Vec<String>,
    /// Request headers that may be sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_headers: Vec<String>,
    /// Headers of answers that pages may read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expose_headers: Vec<String>,
    /// How long a browser may remember this, in whole seconds, at most 2d.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Duration>,
    /// Whether cookies and credentials may be sent.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub allow_credentials: bool,
}

/// What becomes of one header of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct ResponseHeader {
    /// The header.
    pub name: String,
    /// Its value; not needed to remove it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub value: String,
    /// What `value` is.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub value_type: ValueType,
    /// What is done.
    pub action: HeaderAction,
}

/// What the value of a header is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ValueType {
    /// The text itself.
    #[default]
    Custom,
    /// The name of a system parameter.
    System,
}

/// What is done with a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum HeaderAction {
    /// Takes the place of what the backend sent.
    Override,
    /// Set only where the backend sent none.
    Skip,
    /// Put behind what the backend sent, after a comma.
    Append,
    /// Removed.
    Delete,
    /// Sent besides what the backend sent.
    Add,
}

/// When a backend counts as failed, and for how long it is spared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Breaker {
    /// What makes a call a failed one.
    pub by: BreakerType,
    /// With `by: condition`, the condition, in the vendor's words.
    #[serde(default, skip_serializing_if = "is_default")]
    pub condition: String,
    /// How failed calls are counted.
    pub mode: BreakerMode,
    /// With `mode: counter`, how many failed calls within `window` are too many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 9999))]
    pub failures: Option<u32>,
    /// With `mode: percentage`, the fewest calls within `window` that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 9999))]
    pub min_calls: Option<u32>,
    /// With `mode: percentage`, how many of 100 calls may fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub percentage: Option<u32>,
    /// The time in which calls are counted, 1s to 5m.
    pub window: Duration,
    /// How long the backend is not called, 1s to 5m.
    pub open_for: Duration,
    /// Whether each API counts for itself, or all APIs with the plug-in count together.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub scope: Scope,
}

/// What makes a call a failed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BreakerType {
    /// The backend did not answer in time.
    Timeout,
    /// A condition on the answer.
    Condition,
}

/// How failed calls are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum BreakerMode {
    /// By their number.
    Counter,
    /// By their part of all calls.
    Percentage,
}

/// Something of a request that rules name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct PluginParameter {
    /// The name that rules know it by.
    pub name: String,
    /// Where it is, in the vendor's words, such as `path`, `method` or `header`.
    #[serde(rename = "in")]
    pub place: String,
    /// What it is called there, such as the name of the header.
    pub value: String,
}

/// A condition: all of the tests, or any of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct When {
    /// Whether one test that holds is enough, or all must.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub join: Join,
    /// The tests.
    #[schemars(length(min = 1))]
    pub tests: Vec<Test>,
}

/// How tests are joined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Join {
    /// One that holds is enough.
    #[default]
    Any,
    /// All must hold.
    All,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
pub struct Test {
    /// The name of what is tested.
    pub parameter: String,
    /// How it is compared.
    #[serde(default, skip_serializing_if = "is_default")]
    #[schemars(!skip_serializing_if)]
    pub is: Comparison,
    /// What it is compared with.
    pub value: String,
}

/// How two texts are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Comparison {
    /// They are equal.
    #[default]
    Equal,
    /// The second is a pattern, in which `*` stands for any characters.
    Like,
}

/// The types. An API has at most one plug-in of each in an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PluginType {
    /// `cors`.
    Cors,
    /// `responseHeaders`.
    ResponseHeaders,
    /// `rateLimit`.
    RateLimit,
    /// `kafkaLog`.
    KafkaLog,
    /// `breaker`.
    Breaker,
    /// `thirdAuth`.
    ThirdAuth,
    /// One that only `native` says.
    Native(NativeType),
}

impl PluginType {
    /// The last part of the key of a binding: the block of a manifest, or the vendor's word for the type.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Cors => "cors",
            Self::ResponseHeaders => "responseHeaders",
            Self::RateLimit => "rateLimit",
            Self::KafkaLog => "kafkaLog",
            Self::Breaker => "breaker",
            Self::ThirdAuth => "thirdAuth",
            Self::Native(kind) => kind.word(),
        }
    }
}

/// The descriptor.
pub static DEF: KindDef =
    KindDef { kind: Kind::Plugin, schema: Some(schema_of::<PluginSpec>), noun: "plug-in", ..PLAIN };

impl PluginSpec {
    /// The blocks, of which exactly one is given.
    #[must_use]
    pub fn blocks(&self) -> [(&'static str, bool); 7] {
        [
            ("cors", self.cors.is_some()),
            ("responseHeaders", self.response_headers.is_some()),
            ("rateLimit", self.rate_limit.is_some()),
            ("kafkaLog", self.kafka_log.is_some()),
            ("breaker", self.breaker.is_some()),
            ("thirdAuth", self.third_auth.is_some()),
            ("native", self.native.is_some()),
        ]
    }

    /// The block that is given.
    #[must_use]
    pub fn block(&self) -> Option<&'static str> {
        self.blocks().into_iter().find(|(_, given)| *given).map(|(block, _)| block)
    }

    /// Its type.
    #[must_use]
    pub fn of_type(&self) -> Option<PluginType> {
        Some(match self.block()? {
            "cors" => PluginType::Cors,
            "responseHeaders" => PluginType::ResponseHeaders,
            "rateLimit" => PluginType::RateLimit,
            "kafkaLog" => PluginType::KafkaLog,
            "breaker" => PluginType::Breaker,
            "thirdAuth" => PluginType::ThirdAuth,
            _ => self.native.as_ref()?.kind.of_type(),
        })
    }

    /// Whether a block other than `native` is given.
    fn is_portable(&self) -> bool {
        self.block().is_some_and(|block| block != "native")
    }

    /// What was observed and two blocks say, in the block in which it is wanted.
    #[must_use]
    pub fn beside(&self, want: &Self) -> Self {
        let spec = self.with_secret(want.secret());
        let [portable, native] = spec.forms();
        match &spec.native {
            None => spec,
            Some(_) if want.native.is_none() && self.is_portable() => portable,
            Some(_) => native,
        }
    }

    /// Of what was observed, the members that the block in which it is wanted does not say. They stay as they are.
    #[must_use]
    pub fn beyond(&self, want: &Self) -> &[String] {
        match &self.native {
            Some(native) if want.native.is_none() && self.is_portable() => &native.beyond,
            _ => &[],
        }
    }

    /// What was observed and two blocks say, in each of them: in another one, and in `native`.
    #[must_use]
    pub fn forms(&self) -> [Self; 2] {
        let portable = Self { native: None, ..self.clone() };
        let mut native =
            Self { description: self.description.clone(), native: self.native.clone(), ..Self::default() };
        native.native.iter_mut().for_each(|native| native.beyond.clear());
        [portable, native]
    }

    /// What was observed and two blocks say, in the one that says all of it.
    #[must_use]
    pub fn told(&self) -> Self {
        let whole = self.native.as_ref().is_none_or(|native| native.beyond.is_empty());
        let [portable, native] = self.forms();
        if whole && self.is_portable() { portable } else { native }
    }

    /// The password in it.
    #[must_use]
    pub fn secret(&self) -> Option<&Secret> {
        self.kafka_log.as_ref()?.security.as_ref()?.password.as_ref()
    }

    /// The same with another password, where there is a place for one.
    #[must_use]
    pub fn with_secret(&self, password: Option<&Secret>) -> Self {
        let mut spec = self.clone();
        if let Some(security) = spec.kafka_log.as_mut().and_then(|log| log.security.as_mut()) {
            security.password = password.cloned();
        }
        spec
    }

    /// Every condition in it, with the field that holds it.
    pub fn conditions_mut(&mut self) -> impl Iterator<Item = &mut When> {
        let limits = self.rate_limit.iter_mut().flat_map(|limit| &mut limit.rules).map(|rule| &mut rule.when);
        let auth = self.third_auth.iter_mut().flat_map(|auth| {
            let rules = auth.rules.iter_mut().flat_map(|rules| &mut rules.rules).map(|rule| &mut rule.when);
            auth.accept.iter_mut().chain(rules)
        });
        limits.chain(auth)
    }

    /// The form that is compared.
    #[must_use]
    pub fn canonical(&self) -> Self {
        let mut spec = self.clone();
        for when in spec.conditions_mut().filter(|when| when.tests.len() < 2) {
            when.join = Join::Any;
        }
        if let Some(log) = &mut spec.kafka_log {
            log.fields.sort();
            log.fields.dedup();
        }
        if let Some(limit) = &mut spec.rate_limit {
            // The gateway keeps those of apps and those of accounts apart.
            limit.exceptions.sort_by_key(|exception| exception.app.is_none());
        }
        spec.native = spec.native.as_ref().map(Native::canonical);
        spec
    }
}

impl Documented for PluginSpec {
    fn resources(&self, address: &Address) -> Vec<Part> {
        vec![Part::whole(address, Spec::Plugin(Box::new(self.canonical())))]
    }
}
