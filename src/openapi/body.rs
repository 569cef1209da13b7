//! Bodies: what is said about the request body, and examples of answers.

use serde_json::Value;

use super::note::Rule;
use super::parameter::Remark;
use super::source::{Defect, Node, Version};
use super::text;
use crate::kinds::api::Samples;

/// The description of the request body.
pub(super) fn description(version: Version, item: &Node<'_>, operation: &Node<'_>) -> Result<String, Defect> {
    let body = match version {
        Version::V3 => operation.get("requestBody").map(|body| body.resolve()).transpose()?,
        Version::V2 => {
            let declared = super::parameter::declared(item, operation)?;
            declared.into_iter().find(|p| p.place == "body").map(|p| p.node)
        }
    };
    let prose = body.as_ref().and_then(|body| body.text("description")).unwrap_or_default();
    Ok(text::cut(&text::lines(prose), text::SAMPLE_MAX).text)
}

/// Examples of the first answer that means success, and of the first that means failure.
pub(super) fn samples(
    version: Version,
    operation: &Node<'_>,
    remarks: &mut Vec<Remark>,
) -> Result<Samples, Defect> {
    let mut samples = Samples::default();
    for (status, response) in operation.entries("responses")? {
        let slot = match status.as_bytes().first() {
            Some(b'2') => &mut samples.success,
            Some(b'4' | b'5') => &mut samples.failure,
            _ => continue,
        };
        if !slot.is_empty() {
            continue;
        }
        let Some(value) = example(version, &response.resolve()?)? else { continue };
        match text::of_example(value) {
            Some(text) => *slot = text,
            None => remarks.push((Rule::SampleLeftOut, format!("status {status}"))),
        }
    }
    Ok(samples)
}

/// The example of one response: of JSON where there is one, else of the first type of content.
fn example<'a>(version: Version, response: &Node<'a>) -> Result<Option<&'a Value>, Defect> {
    if version == Version::V2 {
        let by_type = response.entries("examples")?;
        let json = by_type.iter().find(|(name, _)| name.contains("json"));
        let own = json.or(by_type.first()).map(|(_, node)| node.value);
        return match (own, response.get("schema")) {
            (None, Some(schema)) => Ok(schema.resolve()?.value.get("example")),
            (own, _) => Ok(own),
        };
    }
    let contents = response.entries("content")?;
    let Some((_, content)) = contents.iter().find(|(name, _)| name.contains("json")).or(contents.first())
    else {
        return Ok(None);
    };
    if let Some(own) = content.value.get("example") {
        return Ok(Some(own));
    }
    if let Some((_, first)) = content.entries("examples")?.first() {
        return Ok(first.resolve()?.value.get("value"));
    }
    let Some(schema) = content.get("schema") else { return Ok(None) };
    let schema = schema.resolve()?.value;
    let listed = || schema.get("examples").and_then(Value::as_array).and_then(|list| list.first());
    Ok(schema.get("example").or_else(listed))
}
