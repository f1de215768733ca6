//! Bytes that are a pure function of a text, so that a plan can show the text and mean the bytes.
//!
//! Channel data of conda is read compressed, and in part as MessagePack. A plan that held such bytes
//! could not be read by the person who approves it; so it holds the JSON, how it is encoded, and the
//! digest of what comes out. Another build of the compressor may make other bytes of the same text:
//! that is found before anything is written, not by a reader.

mod msgpack;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Sha256;

/// Decompression is as fast at every level; above this one, bytes saved cost much more time.
const LEVEL: i32 = 12;

/// How bytes are made of a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// One Zstandard frame (RFC 8878) of the text.
    Zstd,
    /// The JSON as MessagePack with digests as raw bytes (CEP 16), in one Zstandard frame.
    MsgpackZstd,
}

/// A text, and the bytes that it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Encoded {
    /// How the bytes are made.
    pub encoding: Encoding,
    /// The text.
    pub text: String,
    /// The number of bytes.
    pub size: u64,
    /// The digest of the bytes.
    pub sha256: Sha256,
}

/// Why a text cannot be encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// It is not the JSON that it must be.
    #[error("the text is no JSON: {0}")]
    Json(serde_json::Error),
    /// Something in it has no place in MessagePack, or a digest is none.
    #[error("`{0}` cannot be written as MessagePack")]
    Msgpack(String),
    /// The compressor refused, for which memory is the only reason.
    #[error("it cannot be compressed")]
    Compress(#[source] std::io::Error),
    /// This build of the compressor makes other bytes than the one that planned them.
    #[error("it is encoded as sha256 {}, the plan says {}: use the version of trackside that made the plan", found.short(), planned.short())]
    Differs {
        /// What came out here.
        found: Sha256,
        /// What the plan says.
        planned: Sha256,
    },
}

impl Encoding {
    /// The bytes of a text.
    ///
    /// # Errors
    /// When the text is not what the encoding takes.
    pub fn bytes(self, text: &str) -> Result<Vec<u8>, EncodeError> {
        let packed;
        let plain = match self {
            Self::Zstd => text.as_bytes(),
            Self::MsgpackZstd => {
                packed = msgpack::bytes(&serde_json::from_str(text).map_err(EncodeError::Json)?)?;
                &packed
            }
        };
        zstd::bulk::compress(plain, LEVEL).map_err(EncodeError::Compress)
    }

    /// The word for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::MsgpackZstd => "msgpack and zstd",
        }
    }
}

impl Encoded {
    /// Encodes a text.
    ///
    /// # Errors
    /// As [`Encoding::bytes`].
    pub fn new(encoding: Encoding, text: String) -> Result<Self, EncodeError> {
        let bytes = encoding.bytes(&text)?;
        Ok(Self { encoding, text, size: bytes.len() as u64, sha256: Sha256::of(&bytes) })
    }

    /// The bytes, which have the digest that was planned.
    ///
    /// # Errors
    /// As [`Encoding::bytes`]; [`EncodeError::Differs`] if other bytes came out.
    pub fn bytes(&self) -> Result<Vec<u8>, EncodeError> {
        let bytes = self.encoding.bytes(&self.text)?;
        match Sha256::of(&bytes) {
            found if found == self.sha256 => Ok(bytes),
            found => Err(EncodeError::Differs { found, planned: self.sha256 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_for_its_bytes() {
        let text = "{\"a\": 1}\n".repeat(100);
        let encoded = Encoded::new(Encoding::Zstd, text.clone()).unwrap();
        let bytes = encoded.bytes().unwrap();
        assert_eq!((bytes.len() as u64, Sha256::of(&bytes)), (encoded.size, encoded.sha256));
        assert_eq!(zstd::bulk::decompress(&bytes, 10_000).unwrap(), text.as_bytes());
        assert!(bytes.len() < 100, "{}", bytes.len());
    }

    #[test]
    fn bytes_that_were_planned_otherwise_are_refused() {
        let planned = Encoded { sha256: Sha256::of(b""), ..Encoded::new(Encoding::Zstd, "{}".to_owned()).unwrap() };
        assert!(matches!(planned.bytes(), Err(EncodeError::Differs { .. })));
    }

    #[test]
    fn what_is_no_json_or_no_digest_is_refused() {
        for text in ["{", "{\"sha256\": \"xyz\"}", "{\"shards\": {\"a\": \"00\"}}", "{\"size\": 1.5}", "{\"a\": -1}"] {
            assert!(Encoded::new(Encoding::MsgpackZstd, text.to_owned()).is_err(), "{text}");
        }
    }
}
