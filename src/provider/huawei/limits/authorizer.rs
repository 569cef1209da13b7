//! Custom authorizers (3.15.1).

use std::collections::HashSet;

use super::{Check, RANGE, TEXT, UNSUPPORTED};
use crate::kinds::authorizer::AuthorizerSpec;
use crate::kinds::value::Duration;

/// The longest version of a function.
const VERSION_MAX: usize = 64;

/// The longest time that an answer is used again. The document names none; the vendor's Terraform provider does.
const CACHE_MAX: Duration = Duration::from_secs(3600);

/// 3.15.1. How many identities there may be is the gateway's affair.
pub(super) fn check(check: &mut Check, spec: &AuthorizerSpec) {
    for (field, urn) in
        [("function", Some(&spec.function)), ("alias", Some(&spec.alias).filter(|a| !a.is_empty()))]
    {
        if let Some(urn) = urn.filter(|urn| !urn.starts_with("urn:")) {
            let message = format!("`{}` is no URN", super::shortened(urn));
            let help = "write the URN of the function, such as urn:fss:region:project:function:default:name";
            check.add(TEXT, format!("spec.{field}"), message, help);
        }
    }
    check.longest("spec.version", "the version", &spec.version, VERSION_MAX);
    if !spec.cache.as_millis().is_multiple_of(1000) || spec.cache > CACHE_MAX {
        let message = format!("`{}` is not a whole number of seconds up to {CACHE_MAX}", spec.cache);
        check.add(RANGE, "spec.cache", message, "write whole seconds or minutes, such as 30s or 5m");
    }
    let mut names = HashSet::new();
    for (i, identity) in spec.identities.iter().enumerate() {
        if !names.insert(&identity.name) {
            let message = format!("the identity `{}` is there twice", identity.name);
            check.add(UNSUPPORTED, format!("spec.identities[{i}].name"), message, "remove one of the two");
        }
    }
}
