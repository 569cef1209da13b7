//! What a vendor takes of manifests, what is left out for it, and where it stands what it has no call for.

use super::SessionError;
use crate::address::Address;
use crate::desired::Desired;
use crate::document::{Document, Finding};
use crate::kind::Fold;
use crate::manifest;
use crate::plan::Note;
use crate::plan::build::BuildError;
use crate::problem::Problem;
use crate::provider::Vendor;
use crate::provider::support::{self, Lack, UNSUPPORTED};

/// What a vendor takes of manifests.
#[derive(Clone, Copy)]
pub struct Taking<'a> {
    /// What it cannot take, of one document.
    pub check: &'a (dyn Fn(usize, &Document) -> Vec<Finding> + Sync),
    /// What it cannot take, as data.
    pub lacks: &'a [Lack],
    /// The kinds that it has no objects of, and takes all the same.
    pub folds: &'a [Fold],
    /// Whether what may be left out is.
    pub lossy: bool,
}

impl std::fmt::Debug for Taking<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Taking").field("lossy", &self.lossy).finish_non_exhaustive()
    }
}

impl<'a> Taking<'a> {
    /// Everything: no vendor is asked.
    #[must_use]
    pub fn all() -> Self {
        Self { check: &|_, _| Vec::new(), lacks: &[], folds: &[], lossy: false }
    }

    /// What a vendor takes.
    #[must_use]
    pub fn by(vendor: &'a Vendor, lossy: bool) -> Self {
        Self { check: &vendor.check, lacks: vendor.lacks, folds: vendor.folds, lossy }
    }
}

/// Leaves out what a vendor lacks and may be left out.
pub(super) fn leave_out(lacks: &[Lack], documents: &mut Vec<Document>) -> Vec<(Address, Problem)> {
    let findings = support::leave_out(lacks, documents);
    let addresses: Vec<Address> = findings.iter().map(|found| documents[found.document].address()).collect();
    let problems = manifest::problems(documents, &findings);
    documents.retain(|document| !support::is_left_out(lacks, document));
    addresses.into_iter().zip(problems).collect()
}

/// What was left out, as a plan says it.
pub(super) fn notes(left_out: Vec<(Address, Problem)>) -> impl Iterator<Item = Note> {
    left_out.into_iter().map(|(address, problem)| Note {
        code: problem.code.to_owned(),
        address: Some(address),
        message: problem.message,
    })
}

/// What the gateway has no call for, as a problem with the place that asks for it.
pub(super) fn placed(error: SessionError, documents: &[Document], desired: &Desired) -> SessionError {
    let SessionError::Build(BuildError::Unsupported { address, reason }) = &error else {
        return error;
    };
    let Some(resource) = desired.get(address) else { return error };
    let message = format!("{address}: {reason}");
    let finding = Finding::error(resource.document, UNSUPPORTED, resource.field.path(), message);
    SessionError::Problems(manifest::problems(documents, &[finding]))
}
