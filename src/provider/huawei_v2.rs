//! Huawei Cloud API Gateway, dedicated gateways (V2).
//!
//! | module | what it is |
//! | --- | --- |
//! | [`convert`] | specs to request bodies and answers to specs |
//! | [`sign`] | the request signature |
//! | [`limits`] | what the vendor refuses, checked offline |
//! | [`errors`] | error codes: class and hint |

pub mod convert;
pub mod errors;
pub mod limits;
pub mod sign;
