//! Identity without a state file: an [`Address`] is a kind and the natural key of a resource within its gateway.
//!
//! Written `Kind/part/part`, such as `Api/payments/create-payment` or `Publication/payments/create-payment/RELEASE`.
//! A `/` or `%` inside a part is percent-encoded, so that an address can be split again.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kind::Kind;

/// Kind and natural key of one resource. Cheap to clone; ordered by kind, then by key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// What it is.
    pub kind: Kind,
    path: Arc<str>,
}

impl Address {
    /// The address of the resource whose natural key is `parts`, outermost first.
    #[must_use]
    pub fn new(kind: Kind, parts: &[&str]) -> Self {
        let mut path = String::with_capacity(parts.iter().map(|p| p.len() + 1).sum());
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                path.push('/');
            }
            for c in part.chars() {
                match c {
                    '/' => path.push_str("%2F"),
                    '%' => path.push_str("%25"),
                    c => path.push(c),
                }
            }
        }
        Self { kind, path: path.into() }
    }

    /// The natural key, outermost part first.
    pub fn parts(&self) -> impl Iterator<Item = String> + '_ {
        self.path.split('/').map(|part| match part.contains('%') {
            false => part.to_owned(),
            true => part.replace("%2F", "/").replace("%25", "%"),
        })
    }

    /// Part `index` of the natural key; empty where there is none.
    #[must_use]
    pub fn part(&self, index: usize) -> String {
        match self.path.split('/').nth(index) {
            Some(part) if !part.contains('%') => part.to_owned(),
            _ => self.parts().nth(index).unwrap_or_default(),
        }
    }

    /// The resource's own name: the last part of its natural key.
    #[must_use]
    pub fn name(&self) -> String {
        self.parts().last().unwrap_or_default()
    }

    /// The natural key as written in an address, without the kind.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The address of the resource whose natural key is `parts`.
    #[must_use]
    pub fn from_parts(kind: Kind, parts: &[String]) -> Self {
        Self::new(kind, &parts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The resource of `kind` that this one belongs to, however far up.
    #[must_use]
    pub fn ancestor(&self, kind: Kind) -> Option<Self> {
        let owners = self.kind.def().owners;
        let near = owners.iter().find(|owner| owner.kind == kind).map(|owner| owner.of(self));
        near.or_else(|| owners.iter().find_map(|owner| owner.of(self).ancestor(kind)))
    }

    /// The environment that it stands in, for what stands in one.
    #[must_use]
    pub fn environment(&self) -> Option<String> {
        self.ancestor(Kind::Environment).map(|environment| environment.name())
    }

    /// An address of another kind whose natural key starts with this one's.
    #[must_use]
    pub fn child(&self, kind: Kind, part: &str) -> Self {
        let tail = Self::new(kind, &[part]);
        Self { kind, path: format!("{}/{}", self.path, tail.path).into() }
    }

    /// The address of another kind with the same natural key.
    #[must_use]
    pub fn sibling(&self, kind: Kind) -> Self {
        Self { kind, path: Arc::clone(&self.path) }
    }

    /// This address once `from` is called `to`, where it is `from` or names it as a part of its natural key: a group's APIs and
    /// an environment's publications move with it. `None` where it does not.
    #[must_use]
    pub fn renamed(&self, from: &Self, to: &Self) -> Option<Self> {
        if self == from {
            return Some(to.clone());
        }
        let mut parts: Vec<String> = self.parts().collect();
        // A group names its APIs, and through them their publications.
        let (owner, new) = self
            .kind
            .def()
            .owners
            .iter()
            .find_map(|owner| Some((owner, owner.of(self).renamed(from, to)?)))?;
        for (i, part) in owner.parts.iter().enumerate() {
            *parts.get_mut(*part)? = new.part(i);
        }
        Some(Self::from_parts(self.kind, &parts))
    }

    /// Reads `Kind/part/part`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, path) = text.split_once('/')?;
        Some(Self { kind: Kind::parse(kind)?, path: path.into() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.path)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not an address")))
    }
}

/// An id that the gateway gave to a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteId(pub Arc<str>);

impl RemoteId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for RemoteId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_in_a_name_survives() {
        let address = Address::new(Kind::Api, &["git/hub", "repos/get%2F"]);
        assert_eq!(address.to_string(), "Api/git%2Fhub/repos%2Fget%252F");
        assert_eq!(address.parts().collect::<Vec<_>>(), ["git/hub", "repos/get%2F"]);
        assert_eq!(Address::parse(&address.to_string()), Some(address));
    }

    #[test]
    fn what_names_the_renamed_moves_with_it() {
        let moved = |address: &str, from: &str, to: &str| {
            let read = |text| Address::parse(text).unwrap();
            read(address).renamed(&read(from), &read(to)).map(|a| a.to_string())
        };
        let group = |address| moved(address, "Group/a", "Group/b");
        assert_eq!(group("Group/a").as_deref(), Some("Group/b"));
        assert_eq!(group("Api/a/x").as_deref(), Some("Api/b/x"));
        assert_eq!(group("Publication/a/x/a").as_deref(), Some("Publication/b/x/a"));
        assert_eq!(group("Variable/a/RELEASE/v").as_deref(), Some("Variable/b/RELEASE/v"));
        assert_eq!((group("Group/c"), group("Api/c/a"), group("Throttle/a")), (None, None, None));
        let api = |address| moved(address, "Api/a/x", "Api/a/y");
        assert_eq!(api("ThrottleBinding/a/x/TEST").as_deref(), Some("ThrottleBinding/a/y/TEST"));
        assert_eq!((api("Publication/b/x/TEST"), api("Publication/a/a/x")), (None, None));
        let environment = |address| moved(address, "Environment/TEST", "Environment/QA");
        assert_eq!(environment("Publication/a/TEST/TEST").as_deref(), Some("Publication/a/TEST/QA"));
        assert_eq!(environment("Variable/a/TEST/v").as_deref(), Some("Variable/a/QA/v"));
        let throttle = |address| moved(address, "Throttle/gold", "Throttle/new");
        assert_eq!(
            throttle("ThrottleException/gold/app/gold").as_deref(),
            Some("ThrottleException/new/app/gold")
        );
    }

    #[test]
    fn a_child_keeps_its_parent_as_prefix() {
        let api = Address::new(Kind::Api, &["g", "a/b"]);
        assert_eq!(api.child(Kind::Publication, "RELEASE").to_string(), "Publication/g/a%2Fb/RELEASE");
        assert_eq!(api.child(Kind::Publication, "RELEASE").part(1), "a/b");
    }
}
