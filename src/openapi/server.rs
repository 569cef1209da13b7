//! Servers: which backend answers, and over which protocols callers come.

use super::source::{Defect, Node, Version};
use crate::kinds::api::Protocol;
use crate::kinds::backend::{Scheme, Url};

/// What the servers of an operation say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// Scheme, host and path of the first server that has them, without a slash at the end.
    pub(super) url: Option<String>,
    /// Over which protocols callers come.
    pub(super) protocol: Protocol,
}

/// The server of an operation: its own, else that of its path item, else that of the document.
pub(super) fn of_operation(
    version: Version,
    root: &Node<'_>,
    item: &Node<'_>,
    operation: &Node<'_>,
) -> Result<Server, Defect> {
    if version == Version::V2 {
        return swagger(root, operation);
    }
    for level in [operation, item, root] {
        let servers = level.items("servers")?;
        if !servers.is_empty() {
            return openapi(&servers);
        }
    }
    Ok(Server { url: None, protocol: Protocol::Https })
}

/// 2.0: `schemes`, `host`, `basePath`. Without `schemes`, callers come over HTTPS.
fn swagger(root: &Node<'_>, operation: &Node<'_>) -> Result<Server, Defect> {
    let mut schemes = operation.items("schemes")?;
    if schemes.is_empty() {
        schemes = root.items("schemes")?;
    }
    let has = |scheme: &str| schemes.iter().any(|s| s.value.as_str() == Some(scheme));
    let (scheme, protocol) = match (has("http"), has("https")) {
        (true, true) => ("https", Protocol::Both),
        (true, false) => ("http", Protocol::Http),
        (false, _) => ("https", Protocol::Https),
    };
    let base = root.text("basePath").unwrap_or_default().trim_end_matches('/');
    let slash = if base.is_empty() || base.starts_with('/') { "" } else { "/" };
    let url = root.text("host").map(|host| format!("{scheme}://{host}{slash}{base}"));
    if let Some(bad) = url.as_deref().filter(|url| Url::parse(url).is_none()) {
        return Err(Defect::new("/host", format!("`{bad}` is not a URL of a backend")));
    }
    Ok(Server { url, protocol })
}

/// 3.x: the first absolute URL is the backend. Callers come over HTTPS unless every server is plain HTTP.
fn openapi(servers: &[Node<'_>]) -> Result<Server, Defect> {
    let mut url = None;
    let mut schemes = Vec::new();
    for server in servers {
        let Some(text) = server.text("url") else {
            return Err(Defect::new(&server.pointer, "a server needs `url`"));
        };
        let filled = with_defaults(server, text)?;
        let bare = filled.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        if let Some(parsed) = Url::parse(bare) {
            schemes.push(parsed.scheme);
            url.get_or_insert_with(|| bare.to_owned());
        }
    }
    let plain = !schemes.is_empty() && schemes.iter().all(|scheme| *scheme == Scheme::Http);
    Ok(Server { url, protocol: if plain { Protocol::Http } else { Protocol::Https } })
}

/// Server variables become their defaults.
fn with_defaults(server: &Node<'_>, url: &str) -> Result<String, Defect> {
    let mut filled = url.to_owned();
    for (name, variable) in server.entries("variables")? {
        let Some(default) = variable.value.get("default").and_then(super::text::of_scalar) else {
            return Err(Defect::new(&variable.pointer, "a server variable needs `default`"));
        };
        filled = filled.replace(&format!("{{{name}}}"), &default);
    }
    Ok(filled)
}
