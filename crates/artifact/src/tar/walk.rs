//! The pass over an archive: header, extensions, content, next header, up to the end.

use std::io::Read;

use sha2::Digest as _;
use trackside_domain::digest::Sha256;
use trackside_domain::finding::Code;

use super::blocks::{Blocks, is_zero};
use super::extension::Extensions;
use super::header::{Header, Type};
use super::{Kind, Member, Tree, Wanted, pax};
use crate::binary::{HEAD, machine_of};
use crate::finding::Findings;
use crate::limits::{MAX_MEMBERS, MAX_TAR_EXTENSION, MAX_TAR_KEPT, MAX_TAR_NAMES};
use crate::names::{self, Flaw};
use crate::unpack::Stop;

pub(super) struct Walk<'w, R> {
    blocks: Blocks<R>,
    wanted: &'w Wanted<'w>,
    findings: &'w mut Findings,
    tree: Tree,
    extensions: Extensions,
    has_global: bool,
    /// Bytes that names and targets may still have.
    names_left: u64,
    /// Bytes of files that may still be kept.
    kept_left: u64,
    /// The member that is being read.
    here: Option<String>,
}

impl From<Flaw> for Stop {
    fn from((code, message): Flaw) -> Self {
        Self::Flaw(code, message.to_owned())
    }
}

impl<'w, R: Read> Walk<'w, R> {
    pub(super) fn new(input: R, wanted: &'w Wanted<'w>, findings: &'w mut Findings) -> Self {
        Self {
            blocks: Blocks::new(input),
            wanted,
            findings,
            tree: Tree::default(),
            extensions: Extensions::default(),
            has_global: false,
            names_left: MAX_TAR_NAMES,
            kept_left: MAX_TAR_KEPT,
            here: None,
        }
    }

    /// What was read, and the member at which it stopped.
    pub(super) fn into_parts(self) -> (Tree, Option<String>) {
        (self.tree, self.here)
    }

    /// Reads to the end of the stream.
    pub(super) fn run(&mut self) -> Result<(), Stop> {
        loop {
            let Some(block) = self.blocks.next()? else {
                return Err(Stop::Flaw(Code::TarEnd, "the archive has no end".to_owned()));
            };
            if is_zero(&block) {
                break;
            }
            let header = Header::parse(&block)?;
            match header.kind {
                Type::Pax | Type::PaxGlobal | Type::LongName | Type::LongLink => self.extension(&header)?,
                Type::File | Type::HardLink | Type::Symlink | Type::Folder | Type::Special => self.member(header)?,
            }
        }
        if !self.extensions.is_empty() {
            return Err(DANGLING.into());
        }
        self.blocks.finish()
    }

    /// Reads an extension; each kind may stand once before a member.
    fn extension(&mut self, header: &Header) -> Result<(), Stop> {
        if header.size > MAX_TAR_EXTENSION {
            return Err((Code::TarPax, "an extension is longer than any honest one").into());
        }
        let mut bytes = Vec::new();
        self.blocks.content(header.size, |piece| bytes.extend_from_slice(piece))?;
        let Extensions { pax, long_name, long_link } = &mut self.extensions;
        let twice = match header.kind {
            Type::PaxGlobal if self.has_global || pax.is_some() || long_name.is_some() || long_link.is_some() => true,
            Type::PaxGlobal => {
                pax::check_global(&bytes)?;
                self.has_global = true;
                false
            }
            Type::LongName => long_name.replace(long(bytes)?).is_some(),
            Type::LongLink => long_link.replace(long(bytes)?).is_some(),
            // The caller hands over extensions only.
            Type::Pax | Type::File | Type::HardLink | Type::Symlink | Type::Folder | Type::Special => {
                pax.replace(pax::read(&bytes)?).is_some()
            }
        };
        if twice { Err(DANGLING.into()) } else { Ok(()) }
    }

    fn member(&mut self, mut header: Header) -> Result<(), Stop> {
        self.here = Some(String::from_utf8_lossy(&header.name).into_owned());
        std::mem::take(&mut self.extensions).apply(&mut header)?;
        let name = String::from_utf8_lossy(&header.name).into_owned();
        self.here = Some(name.clone());
        self.count(&header)?;
        self.check_name(&header, &name);
        self.check_mode(&header, &name);
        let target = String::from_utf8_lossy(&header.link).into_owned();
        let trimmed = name.strip_suffix('/').unwrap_or(&name).to_owned();
        let kind = match header.kind {
            Type::Folder => Kind::Folder,
            Type::Symlink => Kind::Symlink(target),
            Type::HardLink => Kind::HardLink(target),
            Type::Special => {
                self.findings.member(Code::SpecialFile, &name, "it is a device or a pipe");
                self.here = None;
                return without_content(&header);
            }
            // The caller hands over members only.
            Type::File | Type::Pax | Type::PaxGlobal | Type::LongName | Type::LongLink => {
                self.file(&header, trimmed)?;
                self.here = None;
                return Ok(());
            }
        };
        without_content(&header)?;
        self.tree.members.push(Member { name: trimmed, kind, size: 0, sha256: None, machine: None });
        self.here = None;
        Ok(())
    }

    fn file(&mut self, header: &Header, name: String) -> Result<(), Stop> {
        let size = header.size;
        let mut hasher = self.wanted.digests.then(sha2::Sha256::new);
        let is_kept = (self.wanted.keep)(&name).is_some_and(|cap| size <= cap.min(self.kept_left));
        let mut kept = is_kept.then(Vec::new);
        let mut head = Vec::new();
        self.blocks.content(size, |piece| {
            if let Some(hasher) = &mut hasher {
                hasher.update(piece);
                head.extend_from_slice(&piece[..piece.len().min(HEAD.saturating_sub(head.len()))]);
            }
            if let Some(kept) = &mut kept {
                kept.extend_from_slice(piece);
            }
        })?;
        if let Some(kept) = kept {
            self.kept_left -= size;
            self.tree.kept.insert(name.clone(), kept);
        }
        let machine = machine_of(&head);
        let sha256 = hasher.map(|hasher| Sha256::from_bytes(hasher.finalize().into()));
        self.tree.members.push(Member { name, kind: Kind::File, size, sha256, machine });
        Ok(())
    }

    /// Keeps the caps on what is held in memory.
    fn count(&mut self, header: &Header) -> Result<(), Stop> {
        let length = (header.name.len() + header.link.len()) as u64;
        match self.names_left.checked_sub(length) {
            Some(left) if (self.tree.members.len() as u64) < MAX_MEMBERS => {
                self.names_left = left;
                Ok(())
            }
            _ => {
                self.here = None;
                let message = format!("more than {MAX_MEMBERS} members, or {MAX_TAR_NAMES} bytes of names");
                Err(Stop::Flaw(Code::TooManyMembers, message))
            }
        }
    }

    fn check_name(&mut self, header: &Header, name: &str) {
        if let Some((code, message)) = names::bytes_flaw(&header.name).or_else(|| names::text_flaw(name)) {
            self.findings.member(code, name, message);
        }
        if name.ends_with('/') && header.kind != Type::Folder {
            self.findings.member(Code::DirectoryMismatch, name, "a folder by name, another thing by type");
        }
    }

    fn check_mode(&mut self, header: &Header, name: &str) {
        const SPECIAL_BITS: u64 = 0o7_000;
        if header.mode & SPECIAL_BITS == 0 {
            return;
        }
        let message = format!("its mode {:o} has set-id or sticky bits", header.mode);
        let code = if header.kind == Type::Folder { Code::TarFolderMode } else { Code::SpecialMode };
        self.findings.member(code, name, message);
    }
}

const DANGLING: Flaw = (Code::TarPax, "an extension stands there twice, or describes no member");

/// A long name or target: one NUL at its end.
fn long(mut bytes: Vec<u8>) -> Result<Vec<u8>, Flaw> {
    if bytes.last() == Some(&0) {
        bytes.pop();
    }
    if bytes.is_empty() || bytes.contains(&0) {
        return Err((Code::TarPax, "a long name is empty or has a NUL in it"));
    }
    Ok(bytes)
}

/// Whether readers skip content behind such a header differs.
fn without_content(header: &Header) -> Result<(), Stop> {
    if header.size == 0 {
        return Ok(());
    }
    Err(match header.kind {
        Type::Folder => (Code::DirectoryWithData, "it is a folder and has content"),
        _ => (Code::TarLink, "it is no file and has content"),
    }
    .into())
}
