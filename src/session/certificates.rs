//! Certificates as far as files, keys and the time go: the rest of the checks needs none of these.

use std::path::Path;

use crate::desired::Desired;
use crate::document::{Document, Finding};
use crate::kinds::certificate::{Certificate, Pem, pem};
use crate::kinds::spec::{DocumentSpec, Spec};
use crate::kinds::value::Secret;
use crate::plan::Note;

/// A certificate that lasts less is named in plans.
const SOON: i64 = 30 * 86_400;

/// The largest file that is taken for a certificate, in bytes.
const FILE_MAX: u64 = 1 << 20;

/// Reads the files that certificates name, relative to `root`.
pub(super) fn read(root: &Path, documents: &mut [Document]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, document) in documents.iter_mut().enumerate() {
        let Some(DocumentSpec::Certificate(spec)) = &mut document.spec else { continue };
        let fields = [("content", Some(&mut spec.content)), ("trustedRootCa", spec.trusted_root_ca.as_mut())];
        for (field, pem) in fields {
            let Some(Pem { file: Some(path), text }) = pem else { continue };
            match file(&root.join(&*path)) {
                Ok(read) => *text = read,
                Err(why) => {
                    let message = format!("cannot read {path}: {why}");
                    let finding =
                        Finding::error(index, "unreadable-file", format!("spec.{field}.fromFile"), message);
                    findings.push(finding.help("the path is relative to the folder of the project file"));
                }
            }
        }
    }
    findings
}

fn file(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    if size > FILE_MAX {
        return Err(format!("it has {size} bytes, more than any certificate"));
    }
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    if text.trim().is_empty() { Err("it is empty".to_owned()) } else { Ok(text) }
}

/// Certificates that have expired by `now`, in seconds since 1970.
pub(super) fn expired(desired: &Desired, now: i64) -> Vec<Finding> {
    let now = pem::time(now);
    let finding = |(document, certificate): (usize, &Certificate)| {
        let until = &certificate.content.not_after;
        if until.is_empty() || *until > now {
            return None;
        }
        let message = format!("the certificate was valid until {until}");
        let finding = Finding::error(document, "expired-certificate", "spec.content", message);
        Some(finding.help("put the new certificate in its place"))
    };
    certificates(desired).filter_map(finding).collect()
}

/// Keys that are not those of their certificates, as far as `read` reads them.
pub(super) fn keys(desired: &Desired, read: &dyn Fn(&Secret) -> Option<String>) -> Vec<Finding> {
    let finding = |(document, certificate): (usize, &Certificate)| {
        let sent = certificate.sent.as_ref()?;
        let why = pem::fits(&sent.content, &read(&sent.private_key)?).err()?;
        let message = format!("{}: {why}", sent.private_key);
        let finding = Finding::error(document, "wrong-key", "spec.privateKey", message);
        Some(finding.help("name the key that the certificate was issued for, in PEM and without a password"))
    };
    certificates(desired).filter_map(finding).collect()
}

/// Certificates that expire soon after `now`, in seconds since 1970.
pub(super) fn expiring(desired: &Desired, now: i64) -> Vec<Note> {
    let soon = pem::time(now + SOON);
    let mut notes = Vec::new();
    for (resource, spec) in desired.described() {
        let Spec::Certificate(certificate) = spec else { continue };
        let until = &certificate.content.not_after;
        if !until.is_empty() && *until <= soon {
            notes.push(Note {
                code: "expires-soon".into(),
                address: Some(resource.address.clone()),
                message: format!("it is valid until {until} only: less than 30 days"),
            });
        }
    }
    notes
}

fn certificates(desired: &Desired) -> impl Iterator<Item = (usize, &Certificate)> {
    desired.described().filter_map(|(resource, spec)| match spec {
        Spec::Certificate(certificate) => Some((resource.document, &**certificate)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::project::Project;
    use crate::session::{Manifests, manifests};

    const LEAF: &str = include_str!("../../tests/engine/certificates/leaf.pem");
    const LEAF_KEY: &str = include_str!("../../tests/engine/certificates/leaf.key");
    const RSA_KEY: &str = include_str!("../../tests/engine/certificates/rsa.key");

    /// When the certificate ends.
    const END: &str = "2036-11-18T21:06:56Z";

    fn project(key: &str) -> (tempfile::TempDir, Manifests) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("manifests")).unwrap();
        fs::write(folder.path().join("leaf.pem"), LEAF).unwrap();
        fs::write(folder.path().join("leaf.key"), key).unwrap();
        let text = "apiVersion: apigctl/v1\nkind: Certificate\nmetadata: { name: leaf_cert }\nspec:\n  content: { fromFile: leaf.pem }\n  privateKey: { fromFile: leaf.key }\n";
        fs::write(folder.path().join("manifests/all.yaml"), text).unwrap();
        let project = Project::find(None, folder.path()).unwrap();
        let read = manifests(&project, None, &[], crate::session::Taking::all());
        (folder, read)
    }

    #[test]
    fn what_ends_soon_is_told_and_what_has_ended_is_refused() {
        let (_folder, read) = project(LEAF_KEY);
        assert!(read.problems.is_empty(), "{:#?}", read.problems);
        let end = END.parse::<jiff::Timestamp>().unwrap().as_second();
        let codes = |now| {
            let notes = expiring(&read.desired, now).into_iter().map(|note| note.code);
            notes
                .chain(expired(&read.desired, now).into_iter().map(|f| f.code.to_owned()))
                .collect::<Vec<_>>()
        };
        assert_eq!(codes(end - SOON - 1), Vec::<String>::new());
        assert_eq!(codes(end - SOON), ["expires-soon"]);
        assert_eq!(codes(end - 1), ["expires-soon"]);
        assert_eq!(codes(end), ["expires-soon", "expired-certificate"]);
        let finding = &expired(&read.desired, end)[0];
        assert_eq!(
            (finding.field.as_str(), finding.message.as_str()),
            ("spec.content", "the certificate was valid until 2036-11-18T21:06:56Z")
        );
    }

    #[test]
    fn the_key_of_another_certificate_is_refused_with_its_place() {
        for (key, why) in [
            (RSA_KEY, "the key is not that of the certificate"),
            ("nothing", "what is there is no private key in PEM (RSA, ECDSA or Ed25519)"),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "the key is encrypted, and the gateway cannot open it"),
        ] {
            let (_folder, read) = project(key);
            let [problem] = read.problems.as_slice() else { panic!("{:#?}", read.problems) };
            assert_eq!(
                (problem.code, problem.message.as_str()),
                ("wrong-key", &*format!("file leaf.key: {why}"))
            );
            let span = problem.span.as_ref().unwrap();
            assert_eq!(span.line_column().0, 6);
        }
    }
}
