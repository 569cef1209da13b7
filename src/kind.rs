//! What a kind is: its name, its natural key, and where its facts come from.
//!
//! A kind is written in manifests ([`Form::Document`]), or follows from documents ([`Form::Derived`]: a publication
//! follows from an `Api`, one throttle binding per API and environment from a `Binding`), or is only looked up on the
//! gateway by name ([`Form::External`]). One `static` [`KindDef`] each; [`crate::kinds::ALL`] lists them.

use std::fmt;

use schemars::{Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// Names a kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// A group of APIs: the unit of domains, variables and releases.
    Group,
    /// A place to publish into.
    Environment,
    /// A value per group and environment, written `#name#` in backends.
    Variable,
    /// A request throttling policy.
    Throttle,
    /// A limit of its own for one app or account within a policy.
    ThrottleException,
    /// A key with which the gateway signs requests to backends.
    Signature,
    /// An API definition: the draft at the gateway.
    Api,
    /// An API definition live in one environment.
    Publication,
    /// The policy that throttles one publication.
    ThrottleBinding,
    /// The key that signs for one publication.
    SignatureBinding,
    /// Attaches policies to selected APIs.
    Binding,
    /// A credential (looked up by name).
    App,
    /// A custom authorizer (looked up by name).
    Authorizer,
    /// A load balance channel (looked up by name).
    Channel,
    /// A set of custom error responses of a group (looked up by name).
    GroupResponse,
}

/// How a kind gets into a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Written in manifests.
    Document,
    /// Follows from documents.
    Derived,
    /// Looked up on the gateway by name.
    External,
}

/// The descriptor of one kind.
#[derive(Debug)]
pub struct KindDef {
    /// Which kind.
    pub kind: Kind,
    /// How it gets into a plan.
    pub form: Form,
    /// The parts of the natural key, outermost first; the last is the name.
    pub key: &'static [&'static str],
    /// The JSON Schema of `spec`, for documents.
    pub schema: Option<fn(&mut SchemaGenerator) -> Schema>,
    /// A word for one of them in running text.
    pub noun: &'static str,
}

impl KindDef {
    /// Whether a document of this kind carries `metadata.group`.
    #[must_use]
    pub fn in_group(&self) -> bool {
        self.form == Form::Document && self.key.len() > 1 && self.key[0] == "group"
    }
}

impl Kind {
    /// The descriptor.
    #[must_use]
    pub fn def(self) -> &'static KindDef {
        crate::kinds::ALL.iter().find(|d| d.kind == self).copied().unwrap_or(crate::kinds::ALL[0])
    }

    /// Reads the name as written in `kind:`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        crate::kinds::ALL.iter().map(|d| d.kind).find(|k| k.name() == text)
    }

    /// The name as written in `kind:`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Group => "Group",
            Self::Environment => "Environment",
            Self::Variable => "Variable",
            Self::Throttle => "Throttle",
            Self::ThrottleException => "ThrottleException",
            Self::Signature => "Signature",
            Self::Api => "Api",
            Self::Publication => "Publication",
            Self::ThrottleBinding => "ThrottleBinding",
            Self::SignatureBinding => "SignatureBinding",
            Self::Binding => "Binding",
            Self::App => "App",
            Self::Authorizer => "Authorizer",
            Self::Channel => "Channel",
            Self::GroupResponse => "GroupResponse",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
