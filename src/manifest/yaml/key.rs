//! Keys as values: text, and where the type of the key asks for it, numbers, booleans and unit variants.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserializer, Error as _, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::error::Error;
use super::scalar;

/// A key of a mapping, or the name of a field.
#[derive(Clone, Copy)]
pub(super) struct KeyText<'de>(pub(super) &'de str);

macro_rules! integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            let value = scalar::integer(self.0);
            if let Some(value) = value.and_then(|v| u64::try_from(v).ok()) {
                visitor.visit_u64(value)
            } else if let Some(value) = value.and_then(|v| i64::try_from(v).ok()) {
                visitor.visit_i64(value)
            } else {
                Err(Error::invalid_value(Unexpected::Str(self.0), &visitor))
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for KeyText<'de> {
    type Error = Error<'de>;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_borrowed_str(self.0)
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match scalar::boolean(self.0) {
            Some(value) => visitor.visit_bool(value),
            None => Err(Error::invalid_value(Unexpected::Str(self.0), &visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.0))
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
