//! Group responses (3.19.1).

use super::{Check, RANGE, TEXT, UNSUPPORTED};
use crate::kinds::group_response::{ErrorType, GroupResponseSpec};
use crate::provider::text::{First, Rule};

const HEADER: Rule = Rule::new(1, 128, First::Any, "-");
const HEADER_VALUE_MAX: usize = 1024;
const HEADERS_MAX: usize = 10;

/// 3.19.1
pub(super) fn check(check: &mut Check, spec: &GroupResponseSpec) {
    for (error, answer) in &spec.errors {
        let name = serde_json::to_value(error).unwrap_or_default();
        let at = format!("spec.errors.{}", name.as_str().unwrap_or_default());
        if answer.status.is_some_and(|status| !(200..600).contains(&status) || status == 444) {
            let message = "the status must lie between 200 and 599, and not be 444".into();
            check.add(RANGE, format!("{at}.status"), message, "write another status");
        }
        let optional = matches!(error, ErrorType::Default4xx | ErrorType::Default5xx);
        if answer.status.is_none() && !optional {
            let message = "the answer to this type of error needs a status".into();
            check.add(UNSUPPORTED, &*at, message, "add `status`");
        }
        if answer.headers.len() > HEADERS_MAX {
            let message =
                format!("there are {} headers; at most {HEADERS_MAX} are taken", answer.headers.len());
            check.add(RANGE, format!("{at}.headers"), message, "remove some");
        }
        for (name, value) in &answer.headers {
            let field = format!("{at}.headers.{name}");
            check.rule(&*field, "the name of a header", name, &HEADER);
            check.longest(&*field, "the header", value, HEADER_VALUE_MAX);
            if value.is_empty() {
                check.add(TEXT, field, "the header has no value".into(), "give it one, or remove it");
            }
        }
    }
}
