//! SSL certificates (3.26). Content, key and trusted root are never shown, only what stands in the certificate.

use serde_json::{Map, Value, json};

use super::wire::{Words, element, list, need_word, switch, text, word};
use super::{Unreadable, gateway, secret_of};
use crate::address::Address;
use crate::kinds::certificate::{Certificate, Facts, Scope, pem};
use crate::kinds::own_certificate::OwnCertificate;

const SCOPES: &Words<Scope> = &[(Scope::Gateway, "instance"), (Scope::Project, "global")];

/// The body of 3.26.2 and 3.26.7. The document does not say that an update keeps what it does not carry, so all is sent each
/// time.
#[must_use]
pub fn body(address: &Address, spec: &Certificate) -> Value {
    let mut body = Map::new();
    body.insert("name".into(), address.name().into());
    if let Some(sent) = &spec.sent {
        body.insert("cert_content".into(), json!(sent.content));
        body.insert("private_key".into(), secret_of(&sent.private_key));
        body.insert("trusted_root_ca".into(), json!(sent.trusted_root_ca));
    }
    body.insert("type".into(), word(SCOPES, &spec.scope).into());
    if spec.scope == Scope::Gateway {
        body.insert("instance_id".into(), gateway());
    }
    Value::Object(body)
}

/// What 3.26.5 shows, for a rehearsal.
#[must_use]
pub fn shown(address: &Address, spec: &Certificate) -> Value {
    let here = match spec.scope {
        Scope::Gateway => gateway(),
        Scope::Project => "common".into(),
    };
    json!({
        "name": address.name(), "type": word(SCOPES, &spec.scope), "instance_id": here,
        "common_name": spec.content.common_name, "san": spec.content.names,
        "serial_number": spec.content.serial, "not_before": spec.content.not_before,
        "not_after": spec.content.not_after, "is_has_trusted_root_ca": spec.trusted_root_ca,
    })
}

/// Reads the answer of 3.26.5; an entry of 3.26.1, which lacks the serial number and the beginning, too.
///
/// # Errors
///
/// When the scope is not documented, or a time is none.
pub fn spec(wire: &Value) -> Result<Certificate, Unreadable> {
    Ok(Certificate {
        content: facts(wire)?,
        trusted_root_ca: switch(wire, "is_has_trusted_root_ca", false)?,
        // The examples of 3.26.2 to 3.26.7 leave the type out: then it is the default.
        scope: match wire.get("type") {
            None | Some(Value::Null) => Scope::Project,
            Some(_) => need_word(wire, "type", SCOPES)?,
        },
        sent: None,
    })
}

/// What stands in it.
///
/// # Errors
///
/// When a time is none.
pub fn facts(wire: &Value) -> Result<Facts, Unreadable> {
    Ok(Facts {
        common_name: text(wire, "common_name")?,
        names: pem::domains(list(wire, "san", element)?),
        serial: text(wire, "serial_number")?,
        not_before: time(wire, "not_before")?,
        not_after: time(wire, "not_after")?,
    })
}

/// The body that sets the certificate of one domain.
#[must_use]
pub fn own_body(spec: &OwnCertificate) -> Value {
    let mut body = json!({ "name": spec.certificate });
    if let Some(sent) = &spec.sent {
        body["cert_content"] = json!(sent.content);
        body["private_key"] = secret_of(&sent.private_key);
    }
    body
}

/// The certificate of one domain, for a rehearsal.
#[must_use]
pub fn own_shown(spec: &OwnCertificate) -> Value {
    json!({
        "id": spec.handle, "name": spec.certificate,
        "common_name": spec.content.common_name, "san": spec.content.names,
        "serial_number": spec.content.serial, "not_before": spec.content.not_before,
        "not_after": spec.content.not_after,
    })
}

fn time(wire: &Value, field: &str) -> Result<String, Unreadable> {
    let said = text(wire, field)?;
    if said.is_empty() {
        return Ok(said);
    }
    let time: Result<jiff::Timestamp, _> = said.parse();
    time.map(|time| pem::time(time.as_second())).map_err(|_| Unreadable::new(field, "no time"))
}
