//! What ran before: the versions of an API in an environment, and which of them is meant.

use crate::address::{Address, RemoteId};
use crate::kinds::spec::Spec;

/// One version of an API in one environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The gateway's id.
    pub id: RemoteId,
    /// What people call it; later ones have greater numbers.
    pub number: String,
    /// When it was published, as RFC 3339 or as the gateway writes it.
    pub published: String,
    /// What was said about it.
    pub remark: String,
    /// Whether it is the one that runs.
    pub runs: bool,
}

/// Which version is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// None: they are only listed.
    Nothing,
    /// The one before the one that runs.
    Previous,
    /// The one with this number or id.
    Exactly(String),
    /// The newest of those whose numbers are not above this one.
    NotAfter(String),
}

/// Whose history is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Where.
    pub environment: String,
    /// Groups, and APIs as `GROUP/API`.
    pub names: Vec<String>,
    /// Which version is read in full besides the one that runs.
    pub pick: Pick,
}

/// What ran in one place.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The versions that the gateway keeps, newest first.
    pub versions: Vec<Version>,
    /// The version that is meant, by its index, and what it is; none where there is no such version, or it runs.
    pub picked: Option<(usize, Spec)>,
}

impl Query {
    /// Whether it asks for what is published at this address.
    #[must_use]
    pub fn asks(&self, publication: &Address) -> bool {
        publication.part(2) == self.environment && is_named(publication, &self.names)
    }
}

/// Whether `names` has the group of `address`, or its API as `GROUP/API`.
#[must_use]
pub fn is_named(address: &Address, names: &[String]) -> bool {
    let (group, api) = (address.part(0), format!("{}/{}", address.part(0), address.part(1)));
    names.iter().any(|name| *name == group || *name == api)
}

impl Pick {
    /// Which of `versions`, which are ordered newest first.
    #[must_use]
    pub fn of(&self, versions: &[Version]) -> Option<usize> {
        match self {
            Self::Nothing => None,
            Self::Previous => {
                let runs = versions.iter().position(|version| version.runs)?;
                (runs + 1 < versions.len()).then_some(runs + 1)
            }
            Self::Exactly(text) => versions.iter().position(|v| v.number == *text || v.id.as_str() == text),
            Self::NotAfter(text) => versions.iter().position(|v| v.number.as_str() <= text.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(runs: usize) -> Vec<Version> {
        let version = |(i, number): (usize, &str)| Version {
            id: format!("id-{number}").as_str().into(),
            number: number.to_owned(),
            published: String::new(),
            remark: String::new(),
            runs: i == runs,
        };
        ["20260103000000", "20260102000000", "20260101000000"].into_iter().enumerate().map(version).collect()
    }

    #[test]
    fn the_version_that_is_meant() {
        let of = |pick: Pick, runs| pick.of(&versions(runs));
        assert_eq!(of(Pick::Nothing, 0), None);
        assert_eq!(of(Pick::Previous, 0), Some(1));
        assert_eq!(of(Pick::Previous, 1), Some(2));
        assert_eq!(of(Pick::Previous, 2), None);
        assert_eq!(of(Pick::Exactly("20260101000000".into()), 0), Some(2));
        assert_eq!(of(Pick::Exactly("id-20260102000000".into()), 0), Some(1));
        assert_eq!(of(Pick::Exactly("20260101000001".into()), 0), None);
        assert_eq!(of(Pick::NotAfter("20260102120000".into()), 0), Some(1));
        assert_eq!(of(Pick::NotAfter("20250101000000".into()), 0), None);
    }

    #[test]
    fn names_are_of_groups_and_apis() {
        let query = Query {
            environment: "TEST".into(),
            names: vec!["shop".into(), "bank/pay".into()],
            pick: Pick::Previous,
        };
        let at = |text: &str| Address::parse(&format!("Publication/{text}")).unwrap();
        assert!(query.asks(&at("shop/any/TEST")) && query.asks(&at("bank/pay/TEST")));
        assert!(!query.asks(&at("shop/any/RELEASE")) && !query.asks(&at("bank/other/TEST")));
    }
}
