//! Renames that cannot be, whatever the gateway has.

use std::collections::HashMap;

use crate::document::{Document, Finding};

/// Checks every `metadata.was`.
pub(super) fn check(documents: &[Document], findings: &mut Vec<Finding>) {
    let key =
        |document: &Document, name: &str| (document.kind, document.metadata.group.clone(), name.to_owned());
    let mut described: HashMap<_, usize> = HashMap::new();
    for (index, document) in documents.iter().enumerate() {
        described.entry(key(document, &document.metadata.name)).or_insert(index);
    }
    let mut claimed: HashMap<_, usize> = HashMap::new();
    for (index, document) in documents.iter().enumerate() {
        let Some(was) = &document.metadata.was else { continue };
        let noun = document.kind.def().noun;
        let wrong = |message: String| Finding::error(index, "rename-conflict", "metadata.was", message);
        if document.kind.def().selects || document.metadata.external {
            let why =
                if document.metadata.external { "is not managed here" } else { "has no name at the gateway" };
            findings.push(wrong(format!("this {noun} {why}, so it cannot be renamed")).help("remove `was`"));
        } else if *was == document.metadata.name {
            findings.push(wrong(format!("the {noun} is called `{was}` already")).help("remove `was`"));
        } else if let Some(other) = described.get(&key(document, was)) {
            let message = format!("the {noun} `{was}` is described, too, so it cannot become this one");
            findings.push(
                wrong(message)
                    .related(*other, "metadata.name", "described here")
                    .help("remove that document, or `was`"),
            );
        }
        if let Some(first) = claimed.insert(key(document, was), index) {
            findings.push(
                wrong(format!("two documents say that they were the {noun} `{was}`"))
                    .related(first, "metadata.was", "first said here")
                    .help("keep `was` in one of them"),
            );
        }
    }
}
