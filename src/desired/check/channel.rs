//! Channels: members are told by what their type says, and once; groups that they name are there.

use std::collections::HashMap;

use super::Report;
use crate::kinds::channel::{ChannelSpec, MemberType};
use crate::problem::did_you_mean;

pub(super) fn channel(spec: &ChannelSpec, report: &mut Report<'_>) {
    if let Some(service) = &spec.microservice {
        let given = [
            ("cse", service.cse.is_some()),
            ("cce", service.cce.is_some()),
            ("cceService", service.cce_service.is_some()),
        ];
        report.exactly_one("spec.microservice", &given);
    }
    members(spec, report);
    let mut groups: HashMap<&str, usize> = HashMap::new();
    for (i, group) in spec.groups.iter().enumerate() {
        if let Some(first) = groups.insert(&group.name, i) {
            twice(
                report,
                "group",
                &group.name,
                &format!("spec.groups[{i}].name"),
                &format!("spec.groups[{first}].name"),
            );
        }
    }
}

fn members(spec: &ChannelSpec, report: &mut Report<'_>) {
    let (needed, others): (&str, &[&str]) = match spec.member_type {
        MemberType::Ip => ("host", &["ecsId", "ecsName"]),
        MemberType::Ecs => ("ecsId", &["host"]),
    };
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (i, member) in spec.members.iter().enumerate() {
        let field = format!("spec.members[{i}]");
        let given = |name: &str| match name {
            "host" => member.host.is_some(),
            "ecsId" => member.ecs_id.is_some(),
            _ => member.ecs_name.is_some(),
        };
        if !given(needed) {
            report.error("missing-field", &*field, format!("the member has no `{needed}`")).help =
                Some("add it, or change `memberType`: it says what members are told by".into());
            continue;
        }
        for other in others.iter().filter(|other| given(other)) {
            report
                .error(
                    "exclusive-fields",
                    format!("{field}.{other}"),
                    format!("members are told by `{needed}` here"),
                )
                .help = Some("remove it, or change `memberType`".into());
        }
        if let Some(first) = places.insert(member.place(), i) {
            let at = |i: usize| format!("spec.members[{i}].{needed}");
            twice(report, "member", member.place(), &at(i), &at(first));
        }
        let names = || spec.groups.iter().map(|group| group.name.as_str());
        if let Some(group) = member.group.as_deref().filter(|group| !names().any(|name| name == *group)) {
            let near = did_you_mean(group, names());
            report
                .error(
                    "dangling-reference",
                    format!("{field}.group"),
                    format!("the channel has no group `{group}`"),
                )
                .help =
                Some(near.map_or("add it to `spec.groups`".into(), |near| format!("did you mean `{near}`?")));
        }
    }
}

fn twice(report: &mut Report<'_>, what: &str, name: &str, field: &str, first: &str) {
    let document = report.document;
    let finding = report.error("duplicate-name", field, format!("the {what} `{name}` is there twice"));
    finding.related.push((document, first.into(), "first described here".into()));
    finding.help = Some("remove one of the two".into());
}
