//! Reading values: texts, numbers, lists and tables.

use toml::Spanned;
use toml::de::DeValue;

use super::source::BROKEN;
use super::{Entries, FromToml, Located, OneOrMany, Source, Tables, table_of};

impl FromToml for String {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.clone().into_owned());
        }
        source.wrong_type(key, "a string", value);
        None
    }

    fn broken() -> Option<Self> {
        Some(Self::new())
    }
}

impl FromToml for bool {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        if let DeValue::Boolean(value) = value.get_ref() {
            return Some(*value);
        }
        source.wrong_type(key, "`true` or `false`", value);
        None
    }

    fn broken() -> Option<Self> {
        Some(false)
    }
}

impl FromToml for u32 {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        if let DeValue::Integer(number) = value.get_ref() {
            let parsed = Self::from_str_radix(number.as_str(), number.radix());
            return parsed.map_err(|_| source.report(&value.span(), format_args!("`{key}` is out of range"))).ok();
        }
        source.wrong_type(key, "an integer", value);
        None
    }

    fn broken() -> Option<Self> {
        Some(0)
    }
}

impl<T: FromToml> FromToml for Option<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        T::from_toml(key, value, source).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn broken() -> Option<Self> {
        Some(T::broken())
    }
}

impl<T: FromToml> FromToml for Located<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        T::from_toml(key, value, source).map(|read| Self { value: read, span: value.span() })
    }

    fn broken() -> Option<Self> {
        T::broken().map(|value| Self { value, span: BROKEN })
    }
}

impl<T: FromToml> FromToml for Vec<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        let DeValue::Array(list) = value.get_ref() else {
            source.wrong_type(key, "a list", value);
            return None;
        };
        // Every element is read, so that every problem is found.
        let read: Vec<_> = list.iter().map(|element| T::from_toml(key, element, source).or_else(T::broken)).collect();
        read.into_iter().collect()
    }

    fn broken() -> Option<Self> {
        Some(Self::new())
    }
}

impl<T: FromToml> FromToml for OneOrMany<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Array(_) => Vec::from_toml(key, value, source).map(Self),
            _ => T::from_toml(key, value, source).map(|one| Self(vec![one])),
        }
    }

    fn broken() -> Option<Self> {
        Some(Self(Vec::new()))
    }
}

impl<T: FromToml> FromToml for Entries<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        let table = table_of(key, value, source)?;
        let mut list = Vec::new();
        for (name, entry) in table {
            let read = T::from_toml(name.get_ref(), entry, source).or_else(T::broken);
            let name = Located { value: name.get_ref().clone().into_owned(), span: name.span() };
            list.extend(read.map(|entry| (name, entry)));
        }
        Some(Self { list, span: value.span() })
    }

    fn broken() -> Option<Self> {
        Some(Self { list: Vec::new(), span: BROKEN })
    }
}

impl<T: FromToml> FromToml for Tables<T> {
    fn from_toml(key: &str, value: &Spanned<DeValue<'_>>, source: &mut Source<'_>) -> Option<Self> {
        let DeValue::Array(elements) = value.get_ref() else {
            source.wrong_type(key, "a list of tables", value);
            return None;
        };
        let mut list = Vec::new();
        for element in elements {
            let before = source.found();
            let read = Located::from_toml(key, element, source);
            list.extend(read.filter(|_| source.found() == before));
        }
        Some(Self { complete: list.len() == elements.len(), list })
    }

    fn broken() -> Option<Self> {
        Some(Self { list: Vec::new(), complete: false })
    }
}
