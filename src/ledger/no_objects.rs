//! Stands in for object stores in a build without the feature `object-store`.

use super::LedgerError;
use super::lock::Holder;
use super::store::ObjectsAt;

/// Never made.
#[derive(Debug, Clone)]
pub(super) struct Objects {
    none: std::convert::Infallible,
}

impl Objects {
    pub(super) fn open(at: &ObjectsAt) -> Result<Self, LedgerError> {
        let message = "this apigctl was built without the feature `object-store`".to_owned();
        Err(LedgerError::Objects { verb: "find", place: at.url.clone(), message })
    }

    pub(super) fn name(&self) -> &str {
        match self.none {}
    }

    pub(super) fn read(&self) -> Result<Option<Vec<u8>>, LedgerError> {
        match self.none {}
    }

    pub(super) fn write(&self, _: Vec<u8>) -> Result<(), LedgerError> {
        match self.none {}
    }

    pub(super) fn acquire(&self, _: &Holder) -> Result<Option<Holder>, LedgerError> {
        match self.none {}
    }

    pub(super) fn holder(&self) -> Result<Option<Holder>, LedgerError> {
        match self.none {}
    }

    pub(super) fn release(&self, _: &Holder) -> Result<(), LedgerError> {
        match self.none {}
    }
}
