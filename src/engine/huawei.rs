//! What all gateways of this vendor share: who may come in.

pub(crate) mod iam;
pub(crate) mod signature;
