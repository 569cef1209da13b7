//! One of the vendor's gateways, as data: what it has, how that is called, what it cannot do.

use serde_json::Value;

use super::convert::wire::need;
use super::convert::{Names, Unreadable, name_of, throttle};
use super::limits::{self, Own};
use super::links::Link;
use super::lower::Apart;
use super::objects::Object;
use super::observe::capture::Collections;
use crate::address::Address;
use crate::document::{Document, Finding};
use crate::kind::Kind;
use crate::kinds::spec::Spec;
use crate::plan::build::BatchSizes;
use crate::provider::reading::Pages;
use crate::provider::support::{self, Lack};

/// What sets one of the vendor's gateways apart from the other.
pub struct Tables {
    /// The name in project files.
    pub(in crate::provider) name: &'static str,
    /// The kinds of objects.
    pub(in crate::provider) objects: &'static [Object],
    /// The kinds of policies that are attached to publications.
    pub(in crate::provider) links: &'static [Link],
    /// The kinds whose calls are no object's.
    pub(in crate::provider) apart: &'static [Apart],
    /// How lists are turned.
    pub(in crate::provider) paging: Paging,
    /// The list of quotas.
    pub(in crate::provider) configs: &'static str,
    /// Whether a publication can be switched to an earlier version.
    pub(in crate::provider) switches: bool,
    /// Whether versions show backend policies. Where they do not, a version that was made in the second of the last edit is
    /// taken for the draft: to read it would not tell.
    pub(in crate::provider) versions_are_whole: bool,
    /// How many changes fit into one call.
    pub(in crate::provider) batch_sizes: BatchSizes,
    /// The kinds of documents whose resources keep their name, and why.
    pub(in crate::provider) named: &'static [(Kind, &'static str)],
    /// What the gateway cannot take.
    pub(in crate::provider) lacks: &'static [Lack],
    /// Its own rules for names and texts.
    pub(in crate::provider) limits: &'static Own,
    /// What is read for a snapshot.
    pub(in crate::provider) collections: &'static Collections,
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tables").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How the pages of a list are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::provider) enum Paging {
    /// `offset` rows are left out, `limit` are shown.
    Offset,
    /// Page `page_no`, from 1, of `page_size` rows.
    Number,
}

impl Paging {
    /// The most that a gateway puts on a page (2.3, and each list call).
    pub(in crate::provider) const SIZE: usize = 500;

    /// As lists are read.
    pub(in crate::provider) fn pages(self) -> Pages {
        let query: fn(usize) -> [(&'static str, String); 2] = match self {
            Self::Offset => |offset| Self::Offset.query(offset),
            Self::Number => |offset| Self::Number.query(offset),
        };
        Pages { size: Self::SIZE, total: "total", query }
    }

    /// The parameters that ask for the page that begins after `offset` rows.
    pub(in crate::provider) fn query(self, offset: usize) -> [(&'static str, String); 2] {
        let size = Self::SIZE.to_string();
        match self {
            Self::Offset => [("offset", offset.to_string()), ("limit", size)],
            Self::Number => [("page_no", (offset / Self::SIZE + 1).to_string()), ("page_size", size)],
        }
    }
}

impl Tables {
    /// The descriptor of a kind, where it is an object.
    pub(in crate::provider) fn object(&self, kind: Kind) -> Option<&'static Object> {
        self.objects.iter().find(|object| object.kind == kind)
    }

    /// The descriptor of a kind, where it attaches a policy.
    pub(in crate::provider) fn link(&self, kind: Kind) -> Option<&'static Link> {
        self.links.iter().find(|link| link.kind == kind)
    }

    /// How a kind is called whose calls are no object's.
    pub(in crate::provider) fn apart(&self, kind: Kind) -> Option<&'static Apart> {
        self.apart.iter().find(|apart| apart.kind == kind)
    }

    /// Whether the gateway has resources of a kind.
    pub(in crate::provider) fn has(&self, kind: Kind) -> bool {
        self.object(kind).is_some() || self.link(kind).is_some() || self.apart(kind).is_some()
    }

    /// The field of a row with the name.
    pub(in crate::provider) fn named_by(&self, kind: Kind) -> &'static str {
        self.object(kind).map_or("name", |object| object.keys[0].0)
    }

    /// What the gateway cannot take, of one document; needs no gateway.
    #[must_use]
    pub fn check(&self, index: usize, document: &Document) -> Vec<Finding> {
        let Some(spec) = &document.spec else { return Vec::new() };
        let lacking = support::findings(self.lacks, index, document);
        let name = &document.metadata.name;
        let found = limits::check(self.limits, name, document.metadata.group.as_deref(), spec);
        let finding = |f: limits::Finding| Finding {
            help: f.help,
            ..Finding::error(index, f.code, f.field, f.message)
        };
        let said = |field: &str| lacking.iter().any(|lack| lack.field == field);
        let others = found.into_iter().filter(|found| !said(&found.field)).map(finding);
        let others: Vec<Finding> = others.collect();
        lacking.into_iter().chain(others).collect()
    }

    /// The body that creates the resource, for the kinds that have one of their own.
    #[must_use]
    pub fn create(&self, address: &Address, spec: &Spec) -> Option<Value> {
        (self.object(address.kind)?.create)(address, spec)
    }

    /// The body that updates the resource, for the kinds that have one of their own.
    #[must_use]
    pub fn update(&self, address: &Address, spec: &Spec) -> Option<Value> {
        let object = self.object(address.kind)?;
        object.update.unwrap_or(object.create)(address, spec)
    }

    /// The spec of one resource from its list entry or detail, in canonical form. An API needs its detail (3.5.5) or a
    /// version of it (3.5.13); the other kinds read the same from both.
    ///
    /// # Errors
    ///
    /// When a needed field is missing or holds what the vendor does not document.
    pub fn spec(&self, kind: Kind, wire: &Value, names: &dyn Names) -> Result<Spec, Unreadable> {
        if kind == Kind::Publication {
            return self.spec(Kind::Api, wire, names).map(|spec| match spec {
                Spec::Api(api) => Spec::Publication(api),
                other => other,
            });
        }
        match self.object(kind).and_then(|object| object.spec) {
            Some(read) => read(wire, names),
            None => Err(Unreadable::new("kind", format!("{kind}, which has no spec on the wire"))),
        }
    }

    /// The address of one resource from its list entry or detail.
    ///
    /// # Errors
    ///
    /// When a part of its natural key is missing.
    pub fn address(&self, kind: Kind, wire: &Value, names: &dyn Names) -> Result<Address, Unreadable> {
        let field = |name: &'static str| need(wire, name);
        let named = |kind, key: &'static str| Ok::<_, Unreadable>(name_of(names, kind, &need(wire, key)?));
        Ok(match kind {
            Kind::Variable => {
                let (group, environment) =
                    (named(Kind::Group, "group_id")?, named(Kind::Environment, "env_id")?);
                Address::new(kind, &[&group, &environment, &field("variable_name")?])
            }
            Kind::Api => Address::new(kind, &[&named(Kind::Group, "group_id")?, &field("name")?]),
            Kind::ThrottleException => throttle::exception_address(wire, names)?,
            Kind::GroupResponse => Address::new(kind, &[&named(Kind::Group, "group_id")?, &field("name")?]),
            Kind::Domain => {
                Address::new(kind, &[&named(Kind::Group, "api_group_id")?, &field("url_domain")?])
            }
            Kind::AppAccess => Address::new(kind, &[&named(Kind::App, "app_id")?]),
            _ => Address::new(kind, &[&field(self.named_by(kind))?]),
        })
    }
}
