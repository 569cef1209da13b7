//! Nodes as values: the [`Deserializer`] over the tree.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};

use super::decode::Pass;
use super::error::{Error, Fault};
use super::expected::in_words;
use super::key::KeyText;
use super::node::{Key, Node, NodeKind, Style, TextRange};
use super::scalar::{self, Meaning};
use super::stand_in::StandIn;

/// A value to decode.
#[derive(Clone, Copy)]
pub(super) struct Value<'de, 'p> {
    node: &'de Node,
    key: Option<&'de Key>,
    /// The fields of the struct it is in.
    siblings: Option<&'static [&'static str]>,
    pass: &'p Pass<'de>,
}

impl<'de, 'p> Value<'de, 'p> {
    pub(super) fn new(node: &'de Node, key: Option<&'de Key>, pass: &'p Pass<'de>) -> Self {
        Self { node, key, siblings: None, pass }
    }

    /// What to mark where the value is wrong.
    fn mark(&self) -> TextRange {
        match self.key {
            Some(key) if self.node.range.is_empty() => key.range,
            _ => self.node.range,
        }
    }

    /// What to mark where something in the value is missing.
    fn heading(&self) -> TextRange {
        self.key.map_or(self.node.range, |key| key.range)
    }

    #[cold]
    fn fault(&self, fault: Fault) -> Error<'de> {
        Error::new(fault).or_at(self.node, self.mark())
    }

    #[cold]
    fn wrong_type<V: Visitor<'de>>(&self, visitor: &V) -> Error<'de> {
        self.fault(Fault::WrongType { expected: in_words(visitor) })
    }

    /// The text where it stands without quotes, and so may be something else than text.
    fn plain(&self) -> Option<&'de str> {
        match &self.node.kind {
            NodeKind::Scalar { text, style: Style::Plain } => Some(text),
            _ => None,
        }
    }

    fn blame(&self) -> impl FnOnce(Error<'de>) -> Error<'de> {
        let (node, mark) = (self.node, self.mark());
        move |error| error.or_at(node, mark)
    }

    fn visit_list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error<'de>> {
        let NodeKind::Sequence(items) = &self.node.kind else { return Err(self.wrong_type(&visitor)) };
        let mut rest = items.iter();
        let value = visitor.visit_seq(Items { rest: &mut rest, pass: self.pass }).map_err(self.blame())?;
        if rest.len() == 0 {
            return Ok(value);
        }
        let message = format!("expected a list of {}, found {}", items.len() - rest.len(), items.len());
        Err(self.fault(Fault::Invalid { message, help: None }))
    }

    fn visit_mapping<V: Visitor<'de>>(
        self,
        fields: Option<&'static [&'static str]>,
        visitor: V,
    ) -> Result<V::Value, Error<'de>> {
        let NodeKind::Mapping(entries) = &self.node.kind else { return Err(self.wrong_type(&visitor)) };
        let entries =
            Entries { of: self.node, rest: entries.iter(), fields, next: Entry::None, pass: self.pass };
        visitor.visit_map(entries).map_err(|error| error.or_at(self.node, self.heading()))
    }
}

macro_rules! integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            let text = self.plain().unwrap_or_default();
            let Some(value) = scalar::integer(text) else { return Err(self.wrong_type(&visitor)) };
            if let Ok(value) = u64::try_from(value) {
                visitor.visit_u64(value)
            } else if let Ok(value) = i64::try_from(value) {
                visitor.visit_i64(value)
            } else {
                Err(Error::invalid_value(Unexpected::Str(text), &visitor))
            }
            .map_err(self.blame())
        }
    )*};
}

macro_rules! floats {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            let number = |text| match scalar::meaning(text) {
                Meaning::Float(value) => Some(value),
                // Where a fraction is asked for, the digits of a float suffice.
                #[expect(clippy::cast_precision_loss, reason = "as any reader of numbers does")]
                Meaning::Int(value) => Some(value as f64),
                _ => None,
            };
            match self.plain().and_then(number) {
                Some(value) => visitor.visit_f64(value).map_err(self.blame()),
                None => Err(self.wrong_type(&visitor)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'de, '_> {
    type Error = Error<'de>;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        let NodeKind::Scalar { text, style } = &self.node.kind else {
            return match &self.node.kind {
                NodeKind::Sequence(_) => self.visit_list(visitor),
                NodeKind::Mapping(_) => self.visit_mapping(None, visitor),
                _ => visitor.visit_unit().map_err(self.blame()),
            };
        };
        let meaning = if *style == Style::Plain { scalar::meaning(text) } else { Meaning::Text };
        match meaning {
            Meaning::Null => visitor.visit_unit(),
            Meaning::Bool(value) => visitor.visit_bool(value),
            Meaning::Float(value) => visitor.visit_f64(value),
            Meaning::Int(value) => match (u64::try_from(value), i64::try_from(value)) {
                (Ok(value), _) => visitor.visit_u64(value),
                (_, Ok(value)) => visitor.visit_i64(value),
                // An id, not a quantity.
                _ => visitor.visit_borrowed_str(text),
            },
            Meaning::Text => visitor.visit_borrowed_str(text),
        }
        .map_err(self.blame())
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.plain().and_then(scalar::boolean) {
            Some(value) => visitor.visit_bool(value).map_err(self.blame()),
            None => Err(self.wrong_type(&visitor)),
        }
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    floats! { deserialize_f32 deserialize_f64 }

    /// What `String` asks for: text only. A number without quotes may be a slip.
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match &self.node.kind {
            NodeKind::Scalar { text, style }
                if *style == Style::Quoted || scalar::meaning(text) == Meaning::Text =>
            {
                visitor.visit_borrowed_str(text).map_err(self.blame())
            }
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    /// What visitors with a syntax of their own ask for: any scalar as written, for them to judge.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match &self.node.kind {
            NodeKind::Scalar { text, .. } => visitor.visit_borrowed_str(text).map_err(self.blame()),
            _ => Err(self.wrong_type(&visitor)),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.node.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
            .map_err(self.blame())
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.node.is_null() { visitor.visit_unit() } else { Err(self.wrong_type(&visitor)) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self).map_err(self.blame())
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.visit_list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Self::Error> {
        self.visit_list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.visit_list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.visit_mapping(None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.visit_mapping(Some(fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        let choice = match &self.node.kind {
            NodeKind::Scalar { text, .. } => Choice { of: self, name: text, mark: self.mark(), value: None },
            NodeKind::Mapping(entries) => match &**entries {
                [(key, value)] => Choice {
                    of: self,
                    name: &key.text,
                    mark: key.range,
                    value: Some(Value::new(value, Some(key), self.pass)),
                },
                _ => return Err(self.fault(Fault::NotOneChoice { choices: variants })),
            },
            _ => {
                let expected = format!("one of {}", super::report::quoted(variants));
                return Err(self.fault(Fault::WrongType { expected }));
            }
        };
        visitor.visit_enum(choice).map_err(self.blame())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match (self.key, self.siblings) {
            // A struct ignores what it does not know; we do not.
            (Some(key), Some(known)) if !known.contains(&&*key.text) => {
                let fault = Fault::UnknownField { field: key.text.to_string(), known };
                Err(Error::new(fault).or_at(self.node, key.range))
            }
            _ => visitor.visit_unit(),
        }
    }
}

/// The items of a list. Those that failed in an earlier pass are passed over.
struct Items<'de, 'p, 'r> {
    rest: &'r mut std::slice::Iter<'de, Node>,
    pass: &'p Pass<'de>,
}

impl<'de> SeqAccess<'de> for Items<'de, '_, '_> {
    type Error = Error<'de>;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Self::Error> {
        let Some(item) = self.rest.find(|item| !self.pass.passes_over(item)) else { return Ok(None) };
        let value = Value::new(item, None, self.pass);
        seed.deserialize(value).map(Some).map_err(value.blame())
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The entries of a mapping. In later passes, those that failed are passed over, and stand-ins for missing fields
/// follow the others.
struct Entries<'de, 'p> {
    of: &'de Node,
    rest: std::slice::Iter<'de, (Key, Node)>,
    /// The fields of the struct, where it is for one.
    fields: Option<&'static [&'static str]>,
    next: Entry<'de>,
    pass: &'p Pass<'de>,
}

/// The entry whose value is next.
enum Entry<'de> {
    None,
    Written(&'de Key, &'de Node),
    StandIn(&'static str, StandIn),
}

impl<'de> MapAccess<'de> for Entries<'de, '_> {
    type Error = Error<'de>;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        let (pass, fields) = (self.pass, self.fields);
        if let Some((key, value)) = self.rest.find(|(key, value)| !pass.passes_over_entry(key, value, fields))
        {
            self.next = Entry::Written(key, value);
            return seed
                .deserialize(KeyText(&key.text))
                .map(Some)
                .map_err(|error| error.or_at(value, key.range));
        }
        let before = match self.next {
            Entry::StandIn(field, _) => Some(field),
            Entry::None | Entry::Written(..) => None,
        };
        let Some((field, stand_in)) = pass.next_stand_in(self.of, fields, before) else { return Ok(None) };
        self.next = Entry::StandIn(field, stand_in);
        seed.deserialize(KeyText(field)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        match self.next {
            Entry::Written(key, node) => {
                let value = Value { siblings: self.fields, ..Value::new(node, Some(key), self.pass) };
                seed.deserialize(value).map_err(value.blame())
            }
            Entry::StandIn(field, stand_in) => seed
                .deserialize(stand_in)
                .map_err(|_| Error::new(Fault::NoStandIn { field }).or_at(self.of, self.of.range)),
            Entry::None => Err(Error::custom("a value was asked for before its key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// A variant of an enum: its name alone, or with its value as `{ name: value }`.
struct Choice<'de, 'p> {
    of: Value<'de, 'p>,
    name: &'de str,
    mark: TextRange,
    value: Option<Value<'de, 'p>>,
}

impl<'de, 'p> Choice<'de, 'p> {
    /// The value, for a variant that needs one.
    fn needed(self) -> Result<Value<'de, 'p>, Error<'de>> {
        match self.value {
            Some(value) if self.of.pass.passes_over(value.node) => Err(self.of.fault(Fault::Consequence)),
            Some(value) => Ok(value),
            None => Err(self.of.fault(Fault::ChoiceNeedsValue { choice: self.name.to_owned() })),
        }
    }
}

impl<'de> EnumAccess<'de> for Choice<'de, '_> {
    type Error = Error<'de>;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Self::Error> {
        match seed.deserialize(KeyText(self.name)) {
            Ok(variant) => Ok((variant, self)),
            Err(error) => Err(error.or_at(self.of.node, self.mark)),
        }
    }
}

impl<'de> VariantAccess<'de> for Choice<'de, '_> {
    type Error = Error<'de>;

    fn unit_variant(self) -> Result<(), Self::Error> {
        match self.value {
            Some(value) if !value.node.is_null() => {
                let fault = Fault::ChoiceTakesNoValue { choice: self.name.to_owned() };
                Err(Error::new(fault).or_at(self.of.node, value.mark()))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Self::Error> {
        let value = self.needed()?;
        seed.deserialize(value).map_err(value.blame())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Self::Error> {
        self.needed()?.visit_list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.needed()?.visit_mapping(Some(fields), visitor)
    }
}
