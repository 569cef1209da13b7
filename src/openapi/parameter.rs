//! Parameters: what of them a gateway can hold and check.

use serde_json::Value;

use super::name;
use super::note::Rule;
use super::schema::{self, Checks, Shape};
use super::source::{Defect, Node, Version};
use super::text;
use crate::kinds::api::{Location, Parameter};

/// A remark on one parameter: a rule of the report and what to say.
pub(super) type Remark = (Rule, String);

/// A parameter of an operation as the document has it.
#[derive(Debug, Clone)]
pub(super) struct Declared<'a> {
    pub(super) name: &'a str,
    pub(super) place: &'a str,
    pub(super) node: Node<'a>,
}

/// The parameters of an operation: those of its path item first, each replaced where the operation has its own.
pub(super) fn declared<'a>(item: &Node<'a>, operation: &Node<'a>) -> Result<Vec<Declared<'a>>, Defect> {
    let mut found: Vec<Declared<'a>> = Vec::new();
    for listed in item.items("parameters")?.into_iter().chain(operation.items("parameters")?) {
        let node = listed.resolve()?;
        node.map()?;
        let (Some(name), Some(place)) = (node.text("name"), node.text("in")) else {
            return Err(Defect::new(&node.pointer, "a parameter needs `name` and `in`"));
        };
        let parameter = Declared { name, place, node };
        match found.iter_mut().find(|p| p.is_same(&parameter)) {
            Some(earlier) => *earlier = parameter,
            None => found.push(parameter),
        }
    }
    Ok(found)
}

impl Declared<'_> {
    fn is_same(&self, other: &Self) -> bool {
        let name = if self.place == "header" {
            self.name.eq_ignore_ascii_case(other.name)
        } else {
            self.name == other.name
        };
        self.place == other.place && name
    }
}

/// The headers that OpenAPI 3 tells readers to ignore as parameters.
fn is_ignored(version: Version, parameter: &Declared<'_>) -> bool {
    let headers = ["accept", "content-type", "authorization"];
    version == Version::V3
        && parameter.place == "header"
        && headers.contains(&parameter.name.to_ascii_lowercase().as_str())
}

/// Query and header parameters, and remarks. Path parameters are made where the path is.
pub(super) fn besides_path(
    version: Version,
    declared: &[Declared<'_>],
) -> Result<(Vec<Parameter>, Vec<Remark>), Defect> {
    let mut parameters = Vec::new();
    let mut remarks = Vec::new();
    for parameter in declared.iter().filter(|p| !is_ignored(version, p)) {
        let location = match parameter.place {
            "query" => Location::Query,
            "header" => Location::Header,
            "path" | "body" | "formData" => continue,
            "cookie" => {
                remarks.push((Rule::CookieLeftOut, format!("`{}`", parameter.name)));
                continue;
            }
            place => {
                remarks.push((Rule::PlaceLeftOut, format!("`{}` in `{place}`", parameter.name)));
                continue;
            }
        };
        if !name::is_parameter(parameter.name) {
            let required = if parameter.node.is_true("required") { ", which is required" } else { "" };
            remarks.push((Rule::NameLeftOut, format!("`{}`{required}", parameter.name)));
            continue;
        }
        parameters.push(convert(version, parameter, location, &mut remarks)?);
    }
    Ok((parameters, remarks))
}

/// One parameter.
pub(super) fn convert(
    version: Version,
    declared: &Declared<'_>,
    location: Location,
    remarks: &mut Vec<Remark>,
) -> Result<Parameter, Defect> {
    let node = &declared.node;
    let merged = schema::of_parameter(version, node)?;
    let Shape { kind, checks, as_text } = schema::shape(&merged);
    let quoted = format!("`{}`", declared.name);
    if let Some(rule) = as_text {
        remarks.push((rule, quoted.clone()));
    }
    let description =
        text::cut(&text::one_line(node.text("description").unwrap_or_default()), text::DESCRIPTION_MAX);
    if description.shortened {
        remarks.push((Rule::Shortened, format!("parameter {quoted}")));
    }
    remarks.extend(checks.remarks.iter().map(|(rule, detail)| (*rule, format!("{quoted}: {detail}"))));
    let required = location == Location::Path || node.is_true("required");
    let default = merged.get("default").and_then(text::of_scalar).filter(|_| !required);
    let default = default.filter(|value| {
        let passes = checks.pass(value);
        if !passes {
            remarks.push((Rule::DefaultLeftOut, format!("{quoted}: `{value}`")));
        }
        passes
    });
    let Checks { values, minimum, maximum, min_length, max_length, pattern, .. } = checks;
    if !pattern.is_empty() {
        remarks.push((Rule::CheckLeftOut, format!("{quoted}: the pattern `{pattern}`")));
    }
    let mut parameter = Parameter {
        name: declared.name.to_owned(),
        location,
        kind,
        required,
        default: default.unwrap_or_default(),
        example: example(node, &merged).unwrap_or_default(),
        description: description.text,
        values,
        minimum,
        maximum,
        min_length,
        max_length,
        pattern: String::new(),
        json_schema: String::new(),
        validate: false,
        pass_through: true,
    };
    parameter.validate = has_check(&parameter);
    Ok(parameter)
}

fn has_check(p: &Parameter) -> bool {
    let bounds =
        p.minimum.is_some() || p.maximum.is_some() || p.min_length.is_some() || p.max_length.is_some();
    bounds || !p.values.is_empty()
}

fn example(node: &Node<'_>, schema: &serde_json::Map<String, Value>) -> Option<String> {
    let named = || {
        let (_, first) = node.entries("examples").ok()?.into_iter().next()?;
        first.resolve().ok()?.value.get("value")
    };
    let listed = || schema.get("examples").and_then(Value::as_array).and_then(|list| list.first());
    let own = || node.value.get("example").or_else(|| node.value.get("x-example"));
    own()
        .or_else(named)
        .or_else(|| schema.get("example"))
        .or_else(listed)
        .and_then(text::of_scalar)
        .filter(|value| value.chars().count() <= text::DESCRIPTION_MAX)
}
