//! JSON as MessagePack, with digests as raw bytes where CEP 16 wants them so.

use rmp::encode;
use serde_json::Value;

use super::EncodeError;

/// What the strings of a map are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strings {
    /// Texts, but `md5` and `sha256`, which are digests.
    Texts,
    /// All of them digests: the map of shards.
    Digests,
}

/// The bytes of a value. Maps are written in the order of their keys, so they are the same each time.
pub(super) fn bytes(value: &Value) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    write(&mut bytes, value, Strings::Texts)?;
    Ok(bytes)
}

/// Texts that are encoded are our own and a few levels deep, so going down by calls is safe;
/// `serde_json` has refused what is deeper than 128.
fn write(bytes: &mut Vec<u8>, value: &Value, strings: Strings) -> Result<(), EncodeError> {
    match value {
        Value::Null => written(encode::write_nil(bytes)),
        Value::Bool(bool) => written(encode::write_bool(bytes, *bool)),
        // Channel data has no other numbers: sizes, dates in milliseconds, build numbers.
        Value::Number(number) => match number.as_u64() {
            Some(number) => written(encode::write_uint(bytes, number)),
            None => Err(EncodeError::Msgpack(number.to_string())),
        },
        Value::String(text) => written(encode::write_str(bytes, text)),
        Value::Array(items) => {
            written(encode::write_array_len(bytes, length(items.len())?))?;
            items.iter().try_for_each(|item| write(bytes, item, Strings::Texts))
        }
        Value::Object(map) => {
            written(encode::write_map_len(bytes, length(map.len())?))?;
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            fields.into_iter().try_for_each(|(key, value)| field(bytes, key, value, strings))
        }
    }
}

fn field(bytes: &mut Vec<u8>, key: &str, value: &Value, strings: Strings) -> Result<(), EncodeError> {
    written(encode::write_str(bytes, key))?;
    match value {
        Value::String(digest) if strings == Strings::Digests || matches!(key, "md5" | "sha256") => {
            let raw = raw(digest).ok_or_else(|| EncodeError::Msgpack(digest.clone()))?;
            written(encode::write_bin(bytes, &raw))
        }
        _ => write(bytes, value, if key == "shards" { Strings::Digests } else { Strings::Texts }),
    }
}

/// The bytes of an MD5 or SHA-256 digest.
fn raw(digest: &str) -> Option<Vec<u8>> {
    let is_digest = matches!(digest.len(), 32 | 64) && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pairs = (0..digest.len()).step_by(2);
    if is_digest { pairs.map(|at| u8::from_str_radix(&digest[at..at + 2], 16).ok()).collect() } else { None }
}

fn length(length: usize) -> Result<u32, EncodeError> {
    u32::try_from(length).map_err(|_| EncodeError::Msgpack(format!("{length} items")))
}

/// Writing into memory does not fail.
fn written<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<(), EncodeError> {
    result.map(drop).map_err(|error| EncodeError::Msgpack(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_bytes_and_nothing_else_is() {
        let md5 = "000102030405060708090a0b0c0d0e0f";
        let value = serde_json::json!({"name": md5, "md5": md5, "shards": {"a": md5}, "size": 300});
        let mut expected = b"\x84\xa3md5\xc4\x10".to_vec();
        let digest: Vec<u8> = (0..16).collect();
        expected.extend(&digest);
        expected.extend(b"\xa4name\xd9\x20");
        expected.extend(md5.as_bytes());
        expected.extend(b"\xa6shards\x81\xa1a\xc4\x10");
        expected.extend(&digest);
        expected.extend(b"\xa4size\xcd\x01\x2c");
        assert_eq!(bytes(&value).unwrap(), expected);
    }
}
