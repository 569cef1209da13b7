//! Path templates: `{name}` as the gateway takes it.

use super::name::{self, ClaimName, Taken};
use super::note::Rule;
use super::parameter::Remark;

/// A path with placeholders that the gateway takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    /// What callers send.
    pub(super) front: String,
    /// What the backend gets, below the path of the server.
    pub(super) back: String,
    /// Placeholders in their order: the name in the document, the name here.
    pub(super) names: Vec<(String, String)>,
    /// The path without the names: paths that only differ there are the same to the gateway.
    pub(super) skeleton: String,
}

/// Reads a path of the document. The error says what is wrong with it.
pub(super) fn template(path: &str, remarks: &mut Vec<Remark>) -> Result<Template, String> {
    if !path.starts_with('/') {
        return Err("a path starts with `/`".into());
    }
    let bare = path.split(['?', '#']).next().unwrap_or_default();
    // `#` and `?` are also operators within `{…}`, and there the path does not end.
    let bare = if bare.matches('{').count() == bare.matches('}').count() { bare } else { path };
    if bare != path {
        remarks.push((Rule::QueryInPath, format!("`{path}`")));
    }
    let mut made =
        Template { front: String::new(), back: String::new(), names: Vec::new(), skeleton: String::new() };
    let mut taken = Taken::default();
    let mut rest = bare;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { return Err("a `{` has no `}`".into()) };
        let inner = &rest[open + 1..open + length];
        made.literal(&rest[..open]);
        rest = &rest[open + length + 1..];
        made.placeholder(inner, rest.is_empty(), &mut taken, remarks);
    }
    made.literal(rest);
    if has_partial_segment(&made.skeleton) {
        remarks.push((Rule::PlaceholderInside, format!("`{path}`")));
    }
    Ok(made)
}

fn has_partial_segment(skeleton: &str) -> bool {
    skeleton.split('/').any(|segment| segment.contains('{') && segment != "{}" && segment != "{+}")
}

impl Template {
    fn literal(&mut self, text: &str) {
        for part in [&mut self.front, &mut self.back, &mut self.skeleton] {
            for c in text.chars() {
                if c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '|') {
                    part.push(c);
                } else {
                    let mut bytes = [0; 4];
                    c.encode_utf8(&mut bytes).bytes().for_each(|b| part.push_str(&format!("%{b:02X}")));
                }
            }
        }
    }

    /// `{name}`; `{name+}`, `{name*}` and `{+name}` at the end of a path stand for the rest of it.
    fn placeholder(&mut self, inner: &str, last: bool, taken: &mut Taken, remarks: &mut Vec<Remark>) {
        let many =
            last && self.front.ends_with('/') && (inner.ends_with(['+', '*']) || inner.starts_with('+'));
        let bare = inner.trim_start_matches(['+', '/', '.', ';', '#', '?', '&']).trim_end_matches(['+', '*']);
        let valid = if name::is_parameter(bare) { bare.to_owned() } else { name::parameter(bare) };
        let valid = taken.claim_parameter(&valid);
        let plus = if many { "+" } else { "" };
        if valid != bare {
            remarks.push((Rule::PlaceholderRenamed, format!("`{{{inner}}}` became `{{{valid}{plus}}}`")));
        }
        self.front.push_str(&format!("{{{valid}{plus}}}"));
        self.back.push_str(&format!("{{{valid}}}"));
        self.skeleton.push_str(&format!("{{{plus}}}"));
        self.names.push((bare.to_owned(), valid));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(path: &str) -> (String, usize) {
        let mut remarks = Vec::new();
        (template(path, &mut remarks).unwrap().front, remarks.len())
    }

    #[test]
    fn placeholders_get_valid_names() {
        assert_eq!(front("/a/{b}/c"), ("/a/{b}/c".to_owned(), 0));
        assert_eq!(front("/a/{b c}/{b-c}"), ("/a/{b_c}/{b-c}".to_owned(), 1));
        assert_eq!(front("/a/{x}/{x}"), ("/a/{x}/{x-2}".to_owned(), 1));
        assert_eq!(front("/a/{proxy+}"), ("/a/{proxy+}".to_owned(), 0));
        assert_eq!(front("/a/{+rest}"), ("/a/{rest+}".to_owned(), 0));
        assert_eq!(front("/a/{b}...{c}"), ("/a/{b}...{c}".to_owned(), 1));
        assert_eq!(front("/a b/ü?x={y}"), ("/a%20b/%C3%BC".to_owned(), 1));
        assert_eq!(front("/").0, "/");
        assert!(template("a", &mut Vec::new()).is_err());
        assert!(template("/{a", &mut Vec::new()).is_err());
    }
}
