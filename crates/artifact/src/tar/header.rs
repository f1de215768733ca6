//! One header: the fields of ustar, as POSIX and GNU tar lay them out.

use std::ops::Range;

use trackside_domain::finding::Code;

use super::blocks::{Block, is_zero};
use super::number;
use crate::names::Flaw;

const NAME: Range<usize> = 0..100;
const MODE: Range<usize> = 100..108;
const SIZE: Range<usize> = 124..136;
const CHECKSUM: Range<usize> = 148..156;
const TYPE: usize = 156;
const LINK: Range<usize> = 157..257;
const MAGIC: Range<usize> = 257..265;
const PREFIX: Range<usize> = 345..500;
/// Behind the prefix of POSIX; GNU tar has fields for incremental archives and sparse files from the
/// prefix on, which no release has.
const UNUSED: Range<usize> = 500..512;
const UNUSED_GNU: Range<usize> = 345..512;
/// User, group, modification time, major and minor device: only their form is looked at.
const OTHER_NUMBERS: [Range<usize>; 5] = [108..116, 116..124, 136..148, 329..337, 337..345];

/// A header whose checksum is right.
pub(super) struct Header {
    /// The name, with the prefix before it.
    pub(super) name: Vec<u8>,
    /// The target of a link.
    pub(super) link: Vec<u8>,
    pub(super) mode: u64,
    pub(super) size: u64,
    pub(super) kind: Type,
}

/// What a header describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    File,
    HardLink,
    Symlink,
    Folder,
    /// A device or a pipe.
    Special,
    /// pax records for the next member.
    Pax,
    /// pax records for all members.
    PaxGlobal,
    /// GNU: the name of the next member.
    LongName,
    /// GNU: the target of the next member.
    LongLink,
}

impl Header {
    /// Reads a block that is not all zeros.
    pub(super) fn parse(block: &Block) -> Result<Self, Flaw> {
        check_sum(block)?;
        let is_gnu = match &block[MAGIC] {
            b"ustar\x0000" => false,
            b"ustar  \0" => true,
            _ => return Err((Code::TarHeader, "its header is neither that of POSIX nor that of GNU tar")),
        };
        if !is_zero(&block[if is_gnu { UNUSED_GNU } else { UNUSED }]) {
            return Err((Code::TarHeader, "its header has something where nothing belongs"));
        }
        for field in OTHER_NUMBERS {
            number::read(&block[field])?;
        }
        let mut name = text(&block[NAME])?.to_vec();
        let prefix = if is_gnu { &[] } else { text(&block[PREFIX])? };
        if !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        Ok(Self {
            name,
            link: text(&block[LINK])?.to_vec(),
            mode: number::read(&block[MODE])?.unwrap_or_default(),
            size: number::read(&block[SIZE])?.ok_or((Code::TarNumber, "its header has no size"))?,
            kind: kind(block[TYPE])?,
        })
    }
}

/// The sum of all bytes, those of the checksum itself taken as spaces.
fn check_sum(block: &Block) -> Result<(), Flaw> {
    let stated = number::read(&block[CHECKSUM]).ok().flatten();
    let stated = stated.ok_or((Code::TarHeader, "where a header should stand is none"))?;
    let counted = |(index, byte): (usize, &u8)| u64::from(if CHECKSUM.contains(&index) { b' ' } else { *byte });
    let sum: u64 = block.iter().enumerate().map(counted).sum();
    if sum == stated { Ok(()) } else { Err((Code::TarChecksum, "the checksum of its header is wrong")) }
}

/// The bytes before the first NUL, behind which are only NULs.
fn text(field: &[u8]) -> Result<&[u8], Flaw> {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    let (text, rest) = field.split_at(end);
    if is_zero(rest) { Ok(text) } else { Err((Code::TarHeader, "a text in its header goes on behind its end")) }
}

fn kind(flag: u8) -> Result<Type, Flaw> {
    match flag {
        b'0' | 0 => Ok(Type::File),
        b'1' => Ok(Type::HardLink),
        b'2' => Ok(Type::Symlink),
        b'3' | b'4' | b'6' => Ok(Type::Special),
        b'5' => Ok(Type::Folder),
        b'x' => Ok(Type::Pax),
        b'g' => Ok(Type::PaxGlobal),
        b'L' => Ok(Type::LongName),
        b'K' => Ok(Type::LongLink),
        b'S' => Err((Code::TarSparse, "it is sparse")),
        _ => Err((Code::TarType, "its type is none of those that are released")),
    }
}
