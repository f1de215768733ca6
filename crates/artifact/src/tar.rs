//! Tar archives, read strictly in one pass from any stream.
//!
//! What passes is read alike by every reader: one header form, names and sizes that no extension
//! contradicts, links that stay inside, and an end with nothing behind it. Sources: POSIX (ustar and
//! pax), and what Python's `tarfile`, GNU tar, bsdtar and the Rust `tar` crate write of honest files.

mod blocks;
mod extension;
mod gzipped;
mod header;
mod link;
mod number;
mod pax;
mod walk;

use std::collections::BTreeMap;
use std::io::Read;

use trackside_domain::digest::Sha256;

pub(crate) use self::gzipped::read_gzipped;
use self::walk::Walk;
use crate::binary::Machine;
use crate::error::ReadError;
use crate::finding::Findings;
use crate::limits::MAX_NAME;
use crate::names::{self, Node, Place};
use crate::unpack::Stop;

/// The members of an archive whose framing is sound.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// The members in the order of the archive.
    pub(crate) members: Vec<Member>,
    /// The content of the files that were wanted, by name.
    pub(crate) kept: BTreeMap<String, Vec<u8>>,
}

/// One member.
#[derive(Debug)]
pub(crate) struct Member {
    /// The name without a slash at its end; what is not UTF-8 is replaced (and refused).
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The size in bytes; of a hard link that of the file.
    pub(crate) size: u64,
    /// The digest of the content, if digests were wanted and it is a file; of a hard link that of the
    /// file.
    pub(crate) sha256: Option<Sha256>,
    /// The processor that it is for, if digests were wanted and it is a program or library.
    pub(crate) machine: Option<Machine>,
}

/// What a member is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    /// A symbolic link to this target, relative to the folder that it stands in.
    Symlink(String),
    /// Another name of this member, which stands before it.
    HardLink(String),
}

/// What the caller wants to know of an archive.
pub(crate) struct Wanted<'a> {
    /// The archive in messages, with a colon and a space behind it; empty if there is no other.
    pub(crate) label: &'a str,
    /// How many bytes a file of this name may have for its content to be kept; none if it is not
    /// wanted.
    pub(crate) keep: &'a dyn Fn(&str) -> Option<u64>,
    /// Whether the digest of every file is wanted.
    pub(crate) digests: bool,
    /// How many folders deep a link must stay: 0 is the archive itself, 1 the top folder.
    pub(crate) root: usize,
}

impl Tree {
    /// The sum of the sizes of all files, in bytes. Other names of a file are not counted.
    pub(crate) fn unpacked_size(&self) -> u64 {
        let files = self.members.iter().filter(|member| member.kind == Kind::File);
        files.fold(0, |sum, member| sum.saturating_add(member.size))
    }

    /// The names against each other, as [`names::check_collisions`] wants them.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place<'_>> {
        let comparable = self.members.iter().filter(|member| member.name.len() <= MAX_NAME);
        comparable.map(|member| Place { name: &member.name, node: member.node() })
    }
}

impl Member {
    const fn node(&self) -> Node {
        match self.kind {
            Kind::File | Kind::HardLink(_) => Node::File,
            Kind::Folder => Node::Folder,
            Kind::Symlink(_) => Node::Link,
        }
    }
}

/// Reads an archive to the last byte of the stream and checks all but the names against each other.
/// None, with a finding, if the framing is refused; what else is refused is only noted.
pub(crate) fn read(input: impl Read, wanted: &Wanted<'_>, findings: &mut Findings) -> Result<Option<Tree>, ReadError> {
    let mut walk = Walk::new(input, wanted, findings);
    let stopped = walk.run();
    let (mut tree, here) = walk.into_parts();
    match stopped {
        Ok(()) => {
            link::check(&mut tree, wanted.root, findings);
            Ok(Some(tree))
        }
        Err(Stop::Read(error)) => Err(error),
        Err(Stop::Flaw(code, message)) => {
            let message = format!("{}{message}", wanted.label);
            match here {
                Some(name) => findings.member(code, &name, message),
                None => findings.archive(code, message),
            }
            Ok(None)
        }
    }
}

/// Checks all names against each other.
pub(crate) fn check_names(tree: &Tree, findings: &mut Findings) {
    names::check_collisions(tree.places(), findings);
}
