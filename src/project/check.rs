//! What is wrong with a project file although each field is well formed.

use super::{EMBEDDED, ProjectFile, ProviderName, TargetFile, overlays, store};
use crate::problem::{Problem, Span, did_you_mean};
use crate::provider::vendor;

/// What finds the place of a field.
pub(super) type At<'a> = &'a dyn Fn(&str) -> Span;

/// Checks the file as a whole.
pub(super) fn file(file: &ProjectFile, at: At<'_>, problems: &mut Vec<Problem>) {
    if let Some(name) = &file.default_target
        && !file.targets.contains_key(name)
        && name != EMBEDDED
    {
        let near = did_you_mean(name, file.targets.keys().map(String::as_str))
            .map(|n| format!("did you mean `{n}`?"));
        problems.push(
            Problem::error("no-target", at("defaultTarget"), format!("there is no target `{name}`"))
                .maybe_help(near),
        );
    }
    if let Some(scope) = &file.scope {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if scope.is_empty() || scope.starts_with(['.', '_', '-']) || !scope.chars().all(allowed) {
            let message = format!("`{scope}` is no scope");
            problems.push(
                Problem::error("invalid-value", at("scope"), message)
                    .help("write letters, digits, `.`, `_` and `-`, such as team-a"),
            );
        }
    }
    overlays::check(file, at, problems);
    store::check(file, at, problems);
    for (name, target) in &file.targets {
        self::target(name, target, at, problems);
    }
}

fn target(name: &str, target: &TargetFile, at: At<'_>, problems: &mut Vec<Problem>) {
    let field = format!("targets.{name}");
    let given = [
        ("endpoint", target.endpoint.is_some()),
        ("region", target.region.is_some()),
        ("project", target.project.is_some()),
        ("instance", target.instance.is_some()),
        ("credentials", target.credentials.is_some()),
        ("dialect", target.dialect.is_some()),
    ];
    let is_given = |field: &str| given.iter().any(|(name, is)| *name == field && *is);
    let (needs, takes): (&[&str], &[&str]) = match (target.provider, vendor(target.vendor())) {
        (ProviderName::Embedded, _) => (&[], &["dialect", "region"]),
        (_, Some(vendor)) => (vendor.needs, vendor.takes),
        (_, None) => (&[], &[]),
    };
    for missing in needs.iter().filter(|field| !is_given(field)) {
        let message = format!("the target `{name}` needs `{missing}`");
        problems.push(
            Problem::error("missing-field", at(&field), message).help("`apigctl init` shows an example"),
        );
    }
    let senseless = |field: &str| !needs.contains(&field) && !takes.contains(&field);
    for (extra, _) in given.iter().filter(|(field, is)| *is && senseless(field)) {
        let whom = match target.provider {
            ProviderName::Embedded => "the embedded engine".to_owned(),
            provider => format!("`{}`", provider.name()),
        };
        problems.push(
            Problem::error(
                "unknown-field",
                at(&format!("{field}.{extra}")),
                format!("`{extra}` has no meaning for {whom}"),
            )
            .help("remove it"),
        );
    }
    if target.dialect == Some(ProviderName::Embedded) {
        let message = "the embedded engine cannot stand in for itself";
        problems.push(
            Problem::error("invalid-value", at(&format!("{field}.dialect")), message)
                .help("write the name of a vendor's provider"),
        );
    }
    if let Some(endpoint) = &target.endpoint {
        let plain = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"));
        if !plain.is_some_and(|rest| {
            !rest.is_empty() && !rest.trim_end_matches('/').contains(['/', '?', '@', ' '])
        }) {
            let message = format!("`{endpoint}` is no endpoint");
            problems.push(
                Problem::error("invalid-value", at(&format!("{field}.endpoint")), message)
                    .help("write scheme and host, such as https://apig.region-1.example.com"),
            );
        }
    }
    if let Some(credentials) = &target.credentials {
        let pair = credentials.access_key.is_some() && credentials.secret_key.is_some();
        let half = credentials.access_key.is_some() != credentials.secret_key.is_some();
        if half || pair == credentials.token.is_some() {
            problems.push(
                    Problem::error("missing-field", at(&format!("{field}.credentials")), "credentials are a key pair or a token")
                        .help("give `accessKey` and `secretKey` (and `securityToken` where they are temporary), or `token`"),
                );
        }
    }
}
