//! What a kind is: its name, its natural key, and where its facts come from.
//!
//! A kind is written in manifests ([`Form::Document`]), or follows from documents ([`Form::Derived`]: a publication
//! follows from an `Api`, one throttle binding per API and environment from a `Binding`). One `static` [`KindDef`] each; [`crate::kinds::ALL`] lists them.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::address::Address;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Names a kind of resource.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Kind { $($(#[$doc])* $name),* }

        impl Kind {
            /// The name as written in `kind:`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

kinds! {
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
    /// Who may call, by address or account.
    AccessControl,
    /// What the gateway does with requests and answers besides routing them.
    Plugin,
    /// An API definition: the draft at the gateway.
    Api,
    /// An API definition live in one environment.
    Publication,
    /// The policy that throttles one publication.
    ThrottleBinding,
    /// The key that signs for one publication.
    SignatureBinding,
    /// The access control policy of one publication.
    AccessBinding,
    /// The plug-in of one type of one API in one environment.
    PluginBinding,
    /// An app that may call one API in one environment.
    AppAuthorization,
    /// Attaches policies to selected APIs.
    Binding,
    /// Lets apps call selected APIs.
    Authorization,
    /// A credential.
    App,
    /// The addresses from which a credential may be used.
    AppAccess,
    /// A code that stands for a credential.
    AppCode,
    /// How many calls an app may make.
    Quota,
    /// The quota that an app has.
    QuotaBinding,
    /// A function that decides who may call.
    Authorizer,
    /// Servers that requests are spread over.
    Channel,
    /// What callers of a group get when something goes wrong.
    GroupResponse,
    /// What the gateway shows to callers by HTTPS.
    Certificate,
    /// A name under which the APIs of a group are called.
    Domain,
    /// The certificate of a domain.
    DomainCertificate,
    /// The certificate that a domain has to itself.
    OwnCertificate,
    /// A setting of the gateway.
    Feature,
    /// The gateway itself.
    Gateway,
    /// A tag of the gateway.
    GatewayTag,
    /// Who may connect to the gateway through VPC endpoints.
    EndpointPermission,
}

/// How a kind gets into a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Written in manifests.
    Document,
    /// Follows from documents.
    Derived,
}

/// Which of a kind are on every gateway from the start: never made, never removed, and left as they are when their documents
/// go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// None.
    None,
    /// The one of this name.
    Named(&'static str),
    /// All of them.
    All,
}

/// The descriptor of one kind. Everything that is generic over kinds reads it; what is not said here is [`PLAIN`].
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
    /// What the parts of the natural key name. The first is what a resource belongs to.
    pub owners: &'static [Owner],
    /// Whether the gateway removes it by itself when what it belongs to goes.
    pub carried: bool,
    /// Of what it belongs to, the kind whose going it survives: it is removed by itself, after that has gone.
    pub outlives: Option<Kind>,
    /// Of what attaches something: whether the gateway removes it by itself with what is attached, too, and has no call that
    /// detaches many at once, so that it goes that way.
    pub dropped: bool,
    /// Whether one that goes is followed by others of the same owner: it goes after they were made, so that its owner is never
    /// without, where there is room.
    pub followed: bool,
    /// Whether what it belongs to owns all of them: one that is not in the manifests is removed, whoever made it.
    pub whole: bool,
    /// Whether documents may name one that no document describes: it is looked up on the gateway.
    pub lookup: bool,
    /// Whether a document of it is nothing by itself, and makes one resource for each API that it selects.
    pub selects: bool,
    /// Of a policy attached to a publication: what is attached, and the field of a `Binding` that names it. At most one
    /// is attached to each publication; where the key says a type besides, one of each type. An app that may call is
    /// attached likewise, once for each app, and a quota to an app.
    pub attaches: Option<(Kind, &'static str)>,
    /// Whether it is made by attaching one thing to another, and unmade by detaching it.
    pub attached: bool,
    /// Which of them are there from the start.
    pub given: Given,
    /// Fields of `spec` that no gateway changes once it is there.
    pub immutable: &'static [&'static str],
    /// Whether it is shown as one of many, folded by what it has in common (publications and what hangs on them).
    pub bulk: bool,
}

/// A resource that parts of a natural key name.
#[derive(Debug)]
pub struct Owner {
    /// Its kind.
    pub kind: Kind,
    /// The parts of the key that are its key.
    pub parts: &'static [usize],
    /// The field of the document that names it; empty for the field that the resource comes from.
    pub field: &'static str,
    /// Whether it cannot be removed while one of these is there that stays.
    pub kept: bool,
}

impl Owner {
    /// The one that `address` names.
    #[must_use]
    pub fn of(&self, address: &Address) -> Address {
        let parts: Vec<String> = self.parts.iter().map(|i| address.part(*i)).collect();
        Address::from_parts(self.kind, &parts)
    }
}

/// A kind that a gateway has no objects of: what it says goes into each resource that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// The kind.
    pub kind: Kind,
    /// The kind of what names it; the last part of its key is the name.
    pub by: Kind,
    /// What becomes of one that names it together with what is named; its key is that of `by` without the last part.
    pub into: Kind,
    /// Why, with the section of the vendor's document, as a sentence without a trailing period.
    pub reason: &'static str,
}

/// A kind with a name, of which nothing more is to be said.
pub const PLAIN: KindDef = KindDef {
    kind: Kind::Group,
    form: Form::Document,
    key: &["name"],
    schema: None,
    noun: "",
    owners: &[],
    carried: false,
    outlives: None,
    dropped: false,
    followed: false,
    whole: false,
    lookup: false,
    selects: false,
    attaches: None,
    attached: false,
    given: Given::None,
    immutable: &[],
    bulk: false,
};

/// A policy on a publication.
pub const ATTACHED: KindDef = KindDef {
    form: Form::Derived,
    key: &["group", "api", "environment"],
    owners: &[Owner { kind: Kind::Publication, parts: &[0, 1, 2], field: "spec.environment", kept: false }],
    carried: true,
    attached: true,
    bulk: true,
    ..PLAIN
};

/// The schema of a spec type, for [`KindDef::schema`].
pub fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl KindDef {
    /// The word for several of them.
    #[must_use]
    pub fn nouns(&self) -> String {
        match self.noun.strip_suffix('y') {
            Some(stem) => format!("{stem}ies"),
            None => format!("{}s", self.noun),
        }
    }

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

    /// What is attached by resources of this kind, for those that attach a policy to a publication.
    #[must_use]
    pub fn attaches(self) -> Option<Self> {
        self.def().attaches.map(|(policy, _)| policy)
    }

    /// The kinds that attach a policy to a publication, as a `Binding` does.
    pub fn attachments() -> impl Iterator<Item = &'static KindDef> {
        crate::kinds::ALL.iter().copied().filter(|def| def.attaches.is_some() && !def.dropped)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
