//! The one place that knows all errors: what to print, what to advise, and the exit code.

use std::io;
use std::path::PathBuf;

use crate::cli::explain::ExplainError;
use crate::cli::schema::SchemaError;
use crate::cli::serve::ServeError;
use crate::ledger::LedgerError;
use crate::openapi::ImportError;
use crate::provider::ObserveError;
use crate::session::SessionError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// See there.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// See there.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// See there.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// See there.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// See there.
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// Something cannot be written.
    #[error("failed to write to {what}: {source}")]
    Output {
        /// What.
        what: String,
        /// Why not.
        source: io::Error,
    },
    /// A folder that a command would fill is not empty.
    #[error("{0} is not empty")]
    NotEmpty(PathBuf),
    /// An apply did not come to its end; it was reported.
    #[error("not everything was applied")]
    Incomplete,
    /// The user said no.
    #[error("nothing was changed: the plan was not approved")]
    NotApproved,
    /// Approval is needed, and there is nobody to ask.
    #[error("approval is needed, and this is not a terminal")]
    NobodyToAsk,
    /// Any other, with what to do about it.
    #[error("{message}")]
    Other {
        /// What.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
}

impl From<io::Error> for Error {
    fn from(source: io::Error) -> Self {
        Self::Output { what: "the output".to_owned(), source }
    }
}

impl From<LedgerError> for Error {
    fn from(error: LedgerError) -> Self {
        Self::Session(error.into())
    }
}

impl From<ObserveError> for Error {
    fn from(error: ObserveError) -> Self {
        Self::Session(error.into())
    }
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Session(SessionError::Ledger(LedgerError::Locked { .. })) => {
                "wait until it has ended; the lock goes with its process"
            }
            Self::Session(SessionError::Ledger(LedgerError::Broken { .. })) => {
                "restore it from version control, or remove it: the next plan then treats nothing as owned"
            }
            Self::Session(SessionError::Observe(ObserveError::Call(error))) => return Some(call_hint(error)),
            Self::Session(SessionError::Stale(_)) => "make a new plan",
            Self::Session(SessionError::Snapshot { .. })
            | Self::Serve(ServeError::Snapshot(SessionError::Snapshot { .. })) => {
                "`apigctl export --snapshot FILE` writes one, from a gateway or an engine"
            }
            Self::Serve(ServeError::Occupied(_)) => "name an empty or new folder, or leave `--snapshot` out",
            Self::Session(SessionError::File { verb: "read", .. }) => {
                "name manifests (files or folders), or a plan that `apigctl plan --out FILE` has saved"
            }
            Self::Session(SessionError::Build(_)) => "make the change in two applies",
            Self::Session(SessionError::Violations(_)) => {
                "make a new plan; where that does not help, report it as a bug"
            }
            Self::Schema(error) => return error.hint(),
            Self::Explain(error) => return error.hint(),
            Self::NotEmpty(_) => "name an empty or new folder",
            Self::NobodyToAsk => {
                "give `--auto-approve`, or save the plan with `plan --out FILE` and apply that"
            }
            Self::Incomplete => "run the same command again: it goes on from what is there",
            Self::Other { hint, .. } => return hint.clone(),
            _ => return None,
        };
        Some(text.to_owned())
    }
}

fn call_hint(error: &crate::http::CallError) -> String {
    use crate::http::{CallError, Class};
    match error {
        CallError::Unreachable { .. } => "check `endpoint` of the target, and the network".to_owned(),
        CallError::Lost { .. } => "try again".to_owned(),
        CallError::Foreign { .. } => {
            "check `endpoint` of the target, and proxies on the way there".to_owned()
        }
        CallError::Refused { class, .. } => match class {
            Class::Denied => {
                "check `credentials`, `project` and `instance` of the target, and this machine's clock"
                    .to_owned()
            }
            Class::NotFound => "check `project` and `instance` of the target".to_owned(),
            Class::RateLimited | Class::Transient => "try again later".to_owned(),
            _ => "see the vendor's list of error codes".to_owned(),
        },
    }
}
