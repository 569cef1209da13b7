//! Channels (3.17.1): servers, groups of servers, health check, microservice.

use super::{Check, RANGE, REMARK_MAX, TEXT, UNSUPPORTED};
use crate::kinds::channel::{ChannelSpec, CheckProtocol, HealthCheck, MemberGroup, MemberType, Microservice};
use crate::kinds::value::Duration;
use crate::provider::text::{First, Rule};

const GROUP_NAME: Rule = Rule::name(3, 64, "_-.");
const HOST_MAX: usize = 64;
const ECS_NAME: Rule = Rule::new(1, 64, First::Any, "-_.");
const ECS_ID: Rule = Rule::new(1, 255, First::Any, "-_");
const LABEL: Rule = Rule::new(1, 63, First::LetterOrDigit, "-_.");
const VERSION_MAX: usize = 64;
const ID: Rule = Rule::new(1, 64, First::Any, "-_.");
const APP: Rule = Rule::name(1, 64, ".-_");
const LABEL_KEY: Rule = Rule::new(1, 64, First::LetterOrDigit, "-_./:()");

/// 3.17.1
pub(super) fn check(check: &mut Check, spec: &ChannelSpec) {
    port(check, "spec.port", Some(spec.port));
    for (i, group) in spec.groups.iter().enumerate() {
        self::group(check, &format!("spec.groups[{i}]"), group, spec.microservice.is_some());
    }
    for (i, member) in spec.members.iter().enumerate() {
        let field = format!("spec.members[{i}]");
        if let Some(host) = &member.host {
            check.longest(format!("{field}.host"), "the address", host, HOST_MAX);
        }
        for (name, text, rule) in [("ecsId", &member.ecs_id, ECS_ID), ("ecsName", &member.ecs_name, ECS_NAME)]
        {
            if let Some(text) = text {
                check.rule(format!("{field}.{name}"), &format!("the field `{name}`"), text, &rule);
            }
        }
        port(check, &format!("{field}.port"), member.port);
        between(check, &format!("{field}.weight"), "the weight", member.weight, (0, 10_000));
    }
    if let Some(health) = &spec.health_check {
        self::health(check, health);
    }
    if let Some(service) = &spec.microservice {
        self::service(check, service);
    }
}

fn between(check: &mut Check, field: &str, what: &str, value: Option<u32>, (least, most): (u32, u32)) {
    if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
        let message = format!("{what} {value} does not lie between {least} and {most}");
        check.add(RANGE, field, message, "change it to fit");
    }
}

fn port(check: &mut Check, field: &str, port: Option<u16>) {
    between(check, field, "the port", port.map(u32::from), (1, 65_535));
}

fn group(check: &mut Check, field: &str, group: &MemberGroup, microservice: bool) {
    check.rule(format!("{field}.name"), "group name", &group.name, &GROUP_NAME);
    check.longest(format!("{field}.description"), "the description", &group.description, REMARK_MAX);
    between(check, &format!("{field}.weight"), "the weight", group.weight, (0, 100));
    check.longest(format!("{field}.version"), "the version", &group.version, VERSION_MAX);
    for (name, value) in &group.labels {
        check.rule(format!("{field}.labels.{name}"), "the label", name, &LABEL);
        check.rule(format!("{field}.labels.{name}"), "the value", value, &LABEL);
    }
    let only = [
        ("version", !group.version.is_empty()),
        ("port", group.port != 0),
        ("labels", !group.labels.is_empty()),
    ];
    for (name, _) in only.iter().filter(|(_, given)| *given && !microservice) {
        let message = format!("`{name}` is only for groups of a channel with `microservice`");
        check.add(UNSUPPORTED, format!("{field}.{name}"), message, "remove it");
    }
}

fn health(check: &mut Check, health: &HealthCheck) {
    let at = |field: &str| format!("spec.healthCheck.{field}");
    let is_tcp = health.protocol == CheckProtocol::Tcp;
    match &health.path {
        None if !is_tcp => {
            check.add(UNSUPPORTED, at("protocol"), "`http` and `https` need a path".into(), "add `path: /`");
        }
        Some(path) if !path.starts_with('/') => {
            check.add(
                TEXT,
                at("path"),
                format!("the path `{path}` does not start with `/`"),
                format!("write `/{path}`"),
            );
        }
        _ => {}
    }
    if health.protocol == CheckProtocol::Http && health.codes.is_none() {
        let help = "add `codes: \"200\"`";
        check.add(UNSUPPORTED, at("protocol"), "`http` needs the status codes that are good".into(), help);
    }
    if let Some(codes) = health.codes.as_ref().filter(|codes| !are_codes(codes)) {
        let message = format!("`{}` are no status codes from 100 to 599", super::shortened(codes));
        check.add(TEXT, at("codes"), message, "write 200, 200,302 or 200-204");
    }
    port(check, &at("port"), health.port);
    between(check, &at("healthyAfter"), "the number", Some(health.healthy_after.into()), (1, 10));
    between(check, &at("unhealthyAfter"), "the number", Some(health.unhealthy_after.into()), (1, 10));
    for (field, value, most) in [("interval", health.interval, 300), ("timeout", health.timeout, 30)] {
        let millis = value.as_millis();
        if !millis.is_multiple_of(1000) || millis == 0 || value > Duration::from_secs(most) {
            let message = format!("`{value}` is not a whole number of seconds from 1 to {most}");
            check.add(RANGE, at(field), message, "write whole seconds, such as 5s");
        }
    }
    if health.interval <= health.timeout {
        let message = format!(
            "the timeout `{}` is not shorter than the interval `{}`",
            health.timeout, health.interval
        );
        check.add(RANGE, at("timeout"), message, "shorten the timeout, or make the interval longer");
    }
}

/// What V1.0 asks of every channel (POST vpc-channels).
pub(super) fn plain(check: &mut Check, spec: &ChannelSpec) {
    if spec.health_check.is_none() {
        let message = "this gateway checks the health of every channel, and the channel says not how";
        check.add(UNSUPPORTED, "spec", message.to_owned(), "give `healthCheck`");
    }
    if spec.member_type == MemberType::Ip && spec.members.is_empty() {
        let message = "this gateway spreads requests over servers of the cloud alone";
        check.add(UNSUPPORTED, "spec", message.to_owned(), "set `memberType: ecs`");
    }
}

/// Numbers from 100 to 599, ranges of them, and several of both with commas.
fn are_codes(text: &str) -> bool {
    let code = |text: &str| text.trim().parse::<u16>().ok().filter(|code| (100..600).contains(code));
    text.split(',').all(|part| match part.split_once('-') {
        Some((first, last)) => matches!((code(first), code(last)), (Some(a), Some(b)) if a <= b),
        None => code(part).is_some(),
    })
}

fn service(check: &mut Check, service: &Microservice) {
    let mut ids: Vec<(&str, &String, Rule)> = Vec::new();
    if let Some(of) = &service.cse {
        ids.extend([("cse.engine", &of.engine, ID), ("cse.service", &of.service, ID)]);
    }
    if let Some(of) = &service.cce {
        ids.extend([("cce.cluster", &of.cluster, ID), ("cce.namespace", &of.namespace, ID)]);
        ids.extend(of.app.iter().map(|app| ("cce.app", app, APP)));
        ids.extend(of.label.iter().map(|label| ("cce.label", label, LABEL_KEY)));
        ids.extend(of.value.iter().map(|value| ("cce.value", value, APP)));
        if of.app.is_none() && (of.label.is_none() || of.value.is_none()) {
            let message = "the workload is told by no app and no label".into();
            check.add(UNSUPPORTED, "spec.microservice.cce", message, "add `app`, or `label` and `value`");
        }
    }
    if let Some(of) = &service.cce_service {
        ids.extend([
            ("cceService.cluster", &of.cluster, ID),
            ("cceService.namespace", &of.namespace, ID),
            ("cceService.service", &of.service, APP),
        ]);
    }
    for (field, text, rule) in ids {
        check.rule(format!("spec.microservice.{field}"), &format!("the field `{field}`"), text, &rule);
    }
}
