//! A refused request: code, status and message, in the patterns of the vendor's table.

use super::protocol::Protocol;

/// Why a request was refused.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: String,
    pub(crate) status: u16,
    pub(crate) message: String,
}

impl Fault {
    /// A code of the table, with the status and the message it has there.
    pub(crate) fn new(code: &str) -> Self {
        let (status, message) = Protocol::get().error(code).unwrap_or((400, ""));
        Self { code: code.to_owned(), status, message: message.to_owned() }
    }

    /// A code that no table lists.
    pub(crate) fn other(code: impl Into<String>, status: u16, message: impl Into<String>) -> Self {
        Self { code: code.into(), status, message: message.into() }
    }

    /// The same under another code.
    pub(crate) fn coded(mut self, code: &str) -> Self {
        self.code = code.to_owned();
        self
    }

    pub(crate) fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// A code made of a pattern and the name of what it speaks of.
    fn of(pattern: &str, subject: &str, spoken: &str, fallback: &str) -> Self {
        let (status, template) = Protocol::get().error(pattern).unwrap_or((400, ""));
        let template = if template.is_empty() { fallback } else { template };
        Self { code: pattern.replace("%s", subject), status, message: template.replace("%s", spoken) }
    }

    /// A parameter that must be there: `Api.2.ApiUid` is `MissingApiUid`.
    pub(crate) fn missing(name: &str) -> Self {
        Self::of("Missing%s", last(name), name, "")
    }

    /// A value that breaks a rule.
    pub(crate) fn invalid(name: &str) -> Self {
        Self::of("Invalid%s", last(name), name, "")
    }

    /// A value that is of another type.
    pub(crate) fn malformed(name: &str) -> Self {
        Self::of("InvalidFormat%s", last(name), name, "")
    }

    /// A parameter, or an item of a list, that comes twice.
    pub(crate) fn repeated(name: &str) -> Self {
        Self::of("Repeated%s", last(name), name, "")
    }

    /// Something that does not exist.
    pub(crate) fn absent(noun: &str) -> Self {
        Self::of("NotFound%s", noun, noun, "")
    }

    /// A value that something else has already.
    pub(crate) fn duplicate(name: &str) -> Self {
        Self::of("Duplicate%s", name, name, "")
    }

    /// Something that is still in use.
    pub(crate) fn in_use(noun: &str) -> Self {
        Self::of(
            "DependencyViolation%s",
            noun,
            noun,
            "The specified %s is in use: what depends on it has to be removed first.",
        )
    }

    /// More than there may be.
    pub(crate) fn too_many(noun: &str) -> Self {
        Self::of("ExceedLimit%s", noun, noun, "The number of %s exceeds the limit.")
    }

    /// What the engine does not do.
    pub(crate) fn unimplemented(action: &str) -> Self {
        Self::other("NotImplemented", 501, format!("The action {action} is not implemented by this engine."))
    }
}

/// The last name of `Api.2.ApiUid`; a number at the end belongs to its list.
fn last(name: &str) -> &str {
    let named = |part: &&str| !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit());
    name.rsplit('.').find(named).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_the_patterns() {
        let it = Fault::missing("Api.2.ApiUid");
        assert_eq!((it.code.as_str(), it.status), ("MissingApiUid", 400));
        assert_eq!(it.message, "The Api.2.ApiUid is mandatory for this action.");
        assert_eq!(Fault::malformed("ResourceId.3").code, "InvalidFormatResourceId");
        assert_eq!(
            Fault::absent("ApiGroup").message,
            "Cannot find resource according to your specified ApiGroup."
        );
        assert_eq!(Fault::new("SignatureNonceUsed").status, 400);
    }
}
