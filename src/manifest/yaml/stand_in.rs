//! Values for required fields that are missing.
//!
//! A struct reports one missing field at a time. To hear of the next one, decoding is tried again with a value that
//! stands in for the first. The result is thrown away: a stand-in never leaves [`super::decode`].

use std::iter;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::error::Error;

/// Texts to try in turn: types that check their text accept one shape or another.
const TEXTS: [&str; 5] = ["placeholder", "1s", "/", "https://placeholder.example", "1.1.1.1"];

/// How often it is worth trying another stand-in.
pub(super) const ATTEMPTS: usize = TEXTS.len();

/// Any value that satisfies the type that asks for it.
#[derive(Clone, Copy)]
pub(super) struct StandIn {
    attempt: usize,
    depth: usize,
}

impl StandIn {
    pub(super) fn new(attempt: usize) -> Self {
        Self { attempt, depth: 0 }
    }

    /// One for a value within this one. Types that contain themselves come to an end.
    fn within<'de>(self) -> Result<Self, Error<'de>> {
        const DEPTH_MAX: usize = 8;
        if self.depth == DEPTH_MAX {
            return Err(Error::custom("no value comes to an end"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> IntoDeserializer<'de, Error<'de>> for StandIn {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! one {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            visitor.visit_u64(1)
        }
    )*};
}

impl<'de> Deserializer<'de> for StandIn {
    type Error = Error<'de>;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_str(TEXTS[self.attempt % ATTEMPTS])
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_bool(false)
    }

    one! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_char('x')
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_none()
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self.within()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        // The second attempt is for lists that must not be empty.
        let length = usize::from(self.attempt > 0);
        visitor.visit_seq(SeqDeserializer::new(iter::repeat_n(self.within()?, length)))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_seq(SeqDeserializer::new(iter::repeat_n(self.within()?, length)))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(MapDeserializer::new(iter::empty::<(&str, Self)>()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let within = self.within()?;
        visitor.visit_map(MapDeserializer::new(fields.iter().map(|field| (*field, within))))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let variant = variants.get(self.attempt % variants.len().max(1)).copied().unwrap_or_default();
        let entry = iter::once((variant, self.within()?));
        visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(entry)))
    }

    forward_to_deserialize_any! { str string bytes byte_buf identifier }
}
