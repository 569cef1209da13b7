//! Forms with a file (`multipart/form-data`), as the calls that import take them.

use serde_json::Value;

use super::super::model::Doc;
use super::fault::Fault;
use super::protocol::{Field, Kind, Operation};

/// Reads the fields of a form and checks them against the protocol.
pub(crate) fn form(operation: &Operation, content_type: &str, body: &[u8]) -> Result<Doc, Fault> {
    let malformed =
        || Fault::new("APIG.2000").saying("Parameter error: the body is not a multipart/form-data form");
    let boundary = content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
    let boundary = boundary.map(|text| text.trim_matches('"')).filter(|text| !text.is_empty());
    let parts = match boundary {
        Some(boundary) if content_type.trim_start().starts_with("multipart/form-data") => {
            parts(boundary, body).ok_or_else(malformed)?
        }
        _ if body.is_empty() => Vec::new(),
        _ => return Err(malformed()),
    };
    let mut out = Doc::new();
    for field in &operation.form {
        let sent = parts.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value.as_str());
        match sent.filter(|value| !value.is_empty()) {
            Some(text) => {
                out.insert(field.name.clone(), value(operation, field, text)?);
            }
            None if field.required && sent.is_some() && field.name == "file_name" => {
                return Err(Fault::new("APIG.3609"));
            }
            None if field.required => return Err(Fault::missing(operation, &field.name)),
            None => {
                if let Some(default) = &field.default {
                    out.insert(field.name.clone(), default.clone());
                }
            }
        }
    }
    Ok(out)
}

fn value(operation: &Operation, field: &Field, text: &str) -> Result<Value, Fault> {
    let bad = || Fault::parameter(operation, &field.name);
    if field.kind == Kind::Boolean {
        return text.to_ascii_lowercase().parse::<bool>().map(Value::Bool).map_err(|_| bad());
    }
    let value = Value::from(text);
    if field.values.is_empty() || field.values.contains(&value) { Ok(value) } else { Err(bad()) }
}

/// Names and contents of the parts; none when the form is not complete.
fn parts(boundary: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let mark = format!("--{boundary}");
    let mut rest = after(body, mark.as_bytes())?;
    let mut out = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Some(out);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, format!("\r\n{mark}").as_bytes())?;
        let head = find(rest, b"\r\n\r\n").filter(|head| *head <= end)?;
        let headers = std::str::from_utf8(&rest[..head]).ok()?;
        let content = rest.get(head + 4..end).unwrap_or_default();
        if let Some(name) = part_name(headers) {
            out.push((name.to_owned(), String::from_utf8_lossy(content).into_owned()));
        }
        rest = &rest[end + 2 + mark.len()..];
    }
}

fn part_name(headers: &str) -> Option<&str> {
    let disposition =
        headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let name = disposition.split(';').find_map(|part| part.trim().strip_prefix("name="))?;
    Some(name.trim().trim_matches('"'))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn after<'t>(text: &'t [u8], what: &[u8]) -> Option<&'t [u8]> {
    find(text, what).map(|at| &text[at + what.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_form() {
        let body = b"--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X\r\nContent-Disposition: form-data; \
            name=\"file_name\"; filename=\"f.json\"\r\nContent-Type: text/plain\r\n\r\n{}\r\n\r\n--X--\r\n";
        let wanted = [("a".to_owned(), "1".to_owned()), ("file_name".to_owned(), "{}\r\n".to_owned())];
        assert_eq!(parts("X", body).as_deref(), Some(&wanted[..]));
        for broken in ["", "--X", "--X\r\n", "--X\r\n\r\n", "--X\r\nno head\r\n--X--", "--Y--"] {
            assert_eq!(parts("X", broken.as_bytes()), None, "{broken}");
        }
    }
}
