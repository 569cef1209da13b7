//! Operations to `Api` specs.

use serde_json::Value;

use super::note::Rule;
use super::parameter::{self, Declared, Remark};
use super::path::{self, Template};
use super::source::{Defect, Node, Version};
use super::{BackendChoice, Options, body, name, server, text};
use crate::kinds::api::{
    ApiSpec, Auth, AuthType, DEFAULT_VERSION, Location, MatchMode, Parameter, ParameterType, Request,
    Visibility,
};
use crate::kinds::backend::{Backend, DEFAULT_TIMEOUT, HttpBackend, MockBackend};
use crate::kinds::value::Method;

/// The longest path at the gateway.
const PATH_MAX: usize = 512;
/// How many tags an API has at most.
const TAGS_MAX: usize = 10;

/// One operation of the document.
#[derive(Debug, Clone)]
pub(super) struct Operation<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) item: Node<'a>,
    pub(super) node: Node<'a>,
}

/// An API that has no group and no name yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) spec: ApiSpec,
    pub(super) deprecated: bool,
    /// Method and path without the names of placeholders.
    pub(super) signature: String,
    pub(super) remarks: Vec<Remark>,
}

/// Why an operation became no [`Draft`].
#[derive(Debug)]
pub(super) enum Refusal {
    /// The document is broken.
    Broken(Defect),
    /// The gateway cannot hold it.
    LeftOut(Rule, String),
}

impl From<Defect> for Refusal {
    fn from(defect: Defect) -> Self {
        Self::Broken(defect)
    }
}

/// One operation as an API.
pub(super) fn draft(
    version: Version,
    root: &Node<'_>,
    operation: &Operation<'_>,
    options: &Options,
) -> Result<Draft, Refusal> {
    let Operation { method, item, node, .. } = operation;
    let mut remarks = Vec::new();
    let template = path::template(operation.path, &mut remarks)
        .map_err(|message| Defect::new(&item.pointer, message))?;
    let server = server::of_operation(version, root, item, node)?;
    let backend = backend(version, operation, &template, server.url, options, &mut remarks)?;
    let back = if let Backend::Http(http) = &backend { http.backend_path() } else { "" };
    if template.front.len() > PATH_MAX || back.len() > PATH_MAX {
        return Err(Refusal::LeftOut(Rule::PathTooLong, String::new()));
    }
    let description = text::description(
        node.text("summary").unwrap_or_default(),
        node.text("description").unwrap_or_default(),
    );
    if description.shortened {
        remarks.push((Rule::Shortened, String::new()));
    }
    let deprecated = node.is_true("deprecated");
    if deprecated {
        remarks.push((Rule::Deprecated, String::new()));
    }
    let samples =
        if options.samples { body::samples(version, node, &mut remarks)? } else { Default::default() };
    let spec = ApiSpec {
        description: description.text,
        visibility: Visibility::default(),
        version: DEFAULT_VERSION.to_owned(),
        request: Request {
            method: *method,
            path: template.front.clone(),
            protocol: server.protocol,
            match_mode: MatchMode::Exact,
        },
        parameters: parameters(version, operation, &template, &mut remarks)?,
        auth: auth(root, node, options, &mut remarks),
        backend,
        policies: Vec::new(),
        cors: false,
        tags: tags(node, &mut remarks)?,
        samples,
        body_description: body::description(version, item, node)?,
        response: None,
        publish: options.publish.clone(),
    };
    let signature = format!("{} {}", method.as_str(), template.skeleton);
    Ok(Draft { spec, deprecated, signature, remarks })
}

fn backend(
    version: Version,
    operation: &Operation<'_>,
    template: &Template,
    server_url: Option<String>,
    options: &Options,
    remarks: &mut Vec<Remark>,
) -> Result<Backend, Defect> {
    let base = match &options.backend {
        BackendChoice::Mock => {
            let body = body::samples(version, &operation.node, remarks)?.success;
            return Ok(Backend::Mock(MockBackend { body, ..MockBackend::default() }));
        }
        BackendChoice::Url(url) => url.trim_end_matches('/').to_owned(),
        BackendChoice::Servers => server_url.ok_or_else(|| {
            let (place, what) = if version == Version::V2 {
                ("/host", "host")
            } else {
                ("/servers", "server with scheme and host")
            };
            Defect::new(
                place,
                format!(
                    "no {what} is given; say where the backend is with `--backend-url URL`, or take `--mock`"
                ),
            )
        })?,
    };
    Ok(Backend::Http(HttpBackend {
        url: Some(format!("{base}{}", template.back)),
        channel: None,
        scheme: None,
        path: None,
        host_header: None,
        method: operation.method,
        timeout: DEFAULT_TIMEOUT,
        retries: None,
        client_certificate: false,
        authorizer: None,
        description: String::new(),
        parameters: Vec::new(),
    }))
}

/// Path parameters in the order of the path, then the others in the order of the document.
fn parameters(
    version: Version,
    operation: &Operation<'_>,
    template: &Template,
    remarks: &mut Vec<Remark>,
) -> Result<Vec<Parameter>, Defect> {
    let declared = parameter::declared(&operation.item, &operation.node)?;
    let in_path: Vec<&Declared<'_>> = declared.iter().filter(|p| p.place == "path").collect();
    let mut parameters = Vec::new();
    for (original, name) in &template.names {
        let made = match in_path.iter().find(|p| bare(p.name) == original) {
            Some(found) => parameter::convert(version, found, Location::Path, remarks)?,
            None => {
                remarks.push((Rule::PlaceholderAdded, format!("`{name}`")));
                text_in_path()
            }
        };
        parameters.push(Parameter { name: name.clone(), ..made });
    }
    for unused in
        in_path.iter().filter(|p| template.names.iter().all(|(original, _)| bare(p.name) != original))
    {
        remarks.push((Rule::NotInPath, format!("`{}`", unused.name)));
    }
    let (others, more) = parameter::besides_path(version, &declared)?;
    remarks.extend(more);
    for other in others {
        if parameters.iter().any(|p: &Parameter| p.name.eq_ignore_ascii_case(&other.name)) {
            remarks.push((Rule::SameName, format!("`{}`", other.name)));
        }
        parameters.push(other);
    }
    Ok(parameters)
}

/// `proxy+` is declared under either spelling.
fn bare(name: &str) -> &str {
    name.trim_start_matches('+').trim_end_matches(['+', '*'])
}

fn text_in_path() -> Parameter {
    Parameter {
        name: String::new(),
        location: Location::Path,
        kind: ParameterType::String,
        required: true,
        default: String::new(),
        example: String::new(),
        description: String::new(),
        values: Vec::new(),
        minimum: None,
        maximum: None,
        min_length: None,
        max_length: None,
        pattern: String::new(),
        json_schema: String::new(),
        validate: false,
        pass_through: true,
    }
}

/// Who may call: everybody only where the document says so in as many words.
fn auth(root: &Node<'_>, operation: &Node<'_>, options: &Options, remarks: &mut Vec<Remark>) -> Auth {
    let of = |kind| Auth { kind, authorizer: None, app_code: false };
    if let Some(kind) = options.auth {
        return of(kind);
    }
    let stated =
        operation.value.get("security").or_else(|| root.value.get("security")).and_then(Value::as_array);
    let is_empty = |requirement: &Value| requirement.as_object().is_some_and(serde_json::Map::is_empty);
    match stated {
        None => remarks.push((Rule::AuthAssumed, String::new())),
        Some(alternatives) if alternatives.iter().all(is_empty) => return of(AuthType::None),
        Some(alternatives) if alternatives.iter().any(is_empty) => {
            remarks.push((Rule::AuthOptional, String::new()));
        }
        Some(_) => {}
    }
    of(AuthType::App)
}

fn tags(operation: &Node<'_>, remarks: &mut Vec<Remark>) -> Result<Vec<String>, Defect> {
    let mut tags: Vec<String> = Vec::new();
    for item in operation.items("tags")? {
        let Some(original) = item.value.as_str() else { return Err(item.wrong_type("text")) };
        match name::tag(original) {
            Some(tag) if tags.len() < TAGS_MAX => {
                if tag != original {
                    remarks.push((Rule::TagChanged, format!("`{original}` became `{tag}`")));
                }
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
            _ => remarks.push((Rule::TagLeftOut, format!("`{original}`"))),
        }
    }
    Ok(tags)
}
