//! What can be wrong with an artifact: a closed list of codes, and the findings that carry them.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::limits::MAX_FINDINGS;

/// Declares the codes once: the variant and its stable identifier.
macro_rules! codes {
    ($($(#[$doc:meta])+ $variant:ident = $id:literal,)+) => {
        /// What a finding is about. The identifiers are stable: the same on the screen, in JSON
        /// and in the docs; a code is retired, never used again for something else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])+ $variant,)+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable identifier, `trailing-data`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }
        }
    };
}

codes! {
    /// An archive without members.
    Empty = "empty",
    /// No end of central directory record.
    NotAZip = "not-a-zip",
    /// The bytes are a tar archive too.
    ZipAndTar = "zip-and-tar",
    /// Bytes follow the end record and its comment.
    TrailingData = "trailing-data",
    /// Bytes stand before the first member or between members and directory.
    HiddenData = "hidden-data",
    /// Two end records: readers disagree which one counts.
    SecondEndRecord = "second-end-record",
    /// Count, size or offset in an end record do not fit the file.
    EndRecordMismatch = "end-record-mismatch",
    /// The zip64 locator or end record is missing, broken or contradicts the other one.
    Zip64EndRecord = "zip64-end-record",
    /// Parts of the archive are said to be on other disks.
    SplitArchive = "split-archive",
    /// More members or a larger directory than the cap.
    TooManyMembers = "too-many-members",
    /// A record of the central directory is cut short or has no signature.
    CentralDirectory = "central-directory",
    /// A member of the directory has no local header where it says.
    MissingLocalHeader = "missing-local-header",
    /// Two members share bytes.
    OverlappingMembers = "overlapping-members",
    /// The local header's name is another.
    NameMismatch = "name-mismatch",
    /// Sizes of local header and directory differ.
    SizeMismatch = "size-mismatch",
    /// Checksums of local header and directory differ.
    CrcMismatch = "crc-mismatch",
    /// Method or flags of local header and directory differ.
    HeaderMismatch = "header-mismatch",
    /// An extra field's chain of lengths is broken.
    MalformedExtra = "malformed-extra",
    /// An extra field stands twice in one header.
    DuplicateExtra = "duplicate-extra",
    /// The zip64 extra holds more or less than the header needs.
    Zip64Extra = "zip64-extra",
    /// A second name in an extra field.
    UnicodePathExtra = "unicode-path-extra",
    /// Sizes follow the data (streaming).
    DataDescriptor = "data-descriptor",
    /// Encrypted.
    Encrypted = "encrypted",
    /// Other flags that this reader does not know.
    UnsupportedFlags = "unsupported-flags",
    /// Neither stored nor deflated.
    UnsupportedMethod = "unsupported-method",
    /// A comment on a member.
    MemberComment = "member-comment",
    /// Unpacks to more than the cap.
    UnpackedSize = "unpacked-size",
    /// Compressed beyond all reason.
    CompressionRatio = "compression-ratio",
    /// A symbolic link.
    Symlink = "symlink",
    /// A device, pipe or socket.
    SpecialFile = "special-file",
    /// Set-user-id, set-group-id or sticky bits.
    SpecialMode = "special-mode",
    /// A folder by its mode, a file by its name, or the reverse.
    DirectoryMismatch = "directory-mismatch",
    /// A folder with content.
    DirectoryWithData = "directory-with-data",
    /// The name is empty.
    NameEmpty = "name-empty",
    /// The name is longer than the cap.
    NameTooLong = "name-too-long",
    /// The name is not UTF-8, or not marked as such.
    NameEncoding = "name-encoding",
    /// A control character.
    NameControlCharacter = "name-control-character",
    /// A direction mark or another character that is not seen.
    NameInvisibleCharacter = "name-invisible-character",
    /// A character with a twin: combining marks, full-width forms.
    NameAmbiguousCharacter = "name-ambiguous-character",
    /// A backslash.
    NameBackslash = "name-backslash",
    /// A colon: a drive or an alternate stream on Windows.
    NameColon = "name-colon",
    /// Begins with `/`.
    NameAbsolute = "name-absolute",
    /// A part that is `..`.
    NameTraversal = "name-traversal",
    /// A part that is empty or `.`.
    NameEmptyPart = "name-empty-part",
    /// A part that ends with a dot or a space, which Windows drops.
    NameTrailingDotOrSpace = "name-trailing-dot-or-space",
    /// A part that is a device on Windows.
    NameDevice = "name-device",
    /// The same name twice.
    DuplicateMember = "duplicate-member",
    /// Names that differ in case only.
    CaseCollision = "case-collision",
    /// One name for a file and a folder.
    FileAndDirectory = "file-and-directory",
    /// The content's checksum is not the declared one.
    ContentCrc = "content-crc",
    /// The content is shorter or longer than declared.
    ContentSize = "content-size",
    /// The deflate stream is corrupt or cut short.
    DeflateCorrupt = "deflate-corrupt",
    /// Bytes follow the deflate stream.
    DeflateTrailingData = "deflate-trailing-data",
    /// An archive comment (a warning).
    ArchiveComment = "archive-comment",
    /// No `.dist-info` folder.
    DistInfoMissing = "dist-info-missing",
    /// More than one `.dist-info` folder.
    DistInfoSeveral = "dist-info-several",
    /// The `.dist-info` folder is not named after the file.
    DistInfoName = "dist-info-name",
    /// No METADATA.
    MetadataMissing = "metadata-missing",
    /// METADATA is larger than the cap.
    MetadataTooLarge = "metadata-too-large",
    /// METADATA is not UTF-8.
    MetadataNotUtf8 = "metadata-not-utf8",
    /// METADATA has a line that is no header.
    MetadataMalformed = "metadata-malformed",
    /// METADATA lacks a field that it must have.
    MetadataFieldMissing = "metadata-field-missing",
    /// METADATA has a field twice that may stand once.
    MetadataDuplicateField = "metadata-duplicate-field",
    /// A Metadata-Version that is not known.
    MetadataVersionUnknown = "metadata-version-unknown",
    /// Name is not that of the file name.
    MetadataNameDiffers = "metadata-name-differs",
    /// Version is not that of the file name.
    MetadataVersionDiffers = "metadata-version-differs",
    /// Requires-Python is not a set of version specifiers.
    RequiresPythonMalformed = "requires-python-malformed",
    /// No WHEEL.
    WheelMissing = "wheel-missing",
    /// WHEEL cannot be read.
    WheelMalformed = "wheel-malformed",
    /// A Wheel-Version that installers refuse.
    WheelVersionUnsupported = "wheel-version-unsupported",
    /// Build is not that of the file name.
    WheelBuildDiffers = "wheel-build-differs",
    /// The tags are not those of the file name (a warning).
    WheelTagsDiffer = "wheel-tags-differ",
    /// Root-Is-Purelib does not fit the platform tag (a warning).
    WheelPurelibDiffers = "wheel-purelib-differs",
    /// The name is not spelt in the normal form (a warning).
    NameNotNormalised = "name-not-normalised",
    /// No RECORD.
    RecordMissing = "record-missing",
    /// RECORD is larger than the cap.
    RecordTooLarge = "record-too-large",
    /// RECORD is not UTF-8.
    RecordNotUtf8 = "record-not-utf8",
    /// RECORD has a line that is not `path,hash,size`.
    RecordMalformed = "record-malformed",
    /// RECORD has an absolute path or one with `..`.
    RecordPath = "record-path",
    /// RECORD lists a path twice.
    RecordDuplicate = "record-duplicate",
    /// RECORD lists what is not in the archive.
    RecordStranger = "record-stranger",
    /// RECORD does not list a member.
    RecordUnlisted = "record-unlisted",
    /// RECORD states a hash or size of itself.
    RecordOfItself = "record-of-itself",
    /// RECORD has no hash for a member.
    RecordHashMissing = "record-hash-missing",
    /// RECORD has a hash other than sha256.
    RecordHashAlgorithm = "record-hash-algorithm",
    /// RECORD has a hash that is not 32 bytes in unpadded base64url.
    RecordHashMalformed = "record-hash-malformed",
    /// RECORD has another hash than the member.
    RecordHashDiffers = "record-hash-differs",
    /// RECORD has another size than the member.
    RecordSizeDiffers = "record-size-differs",
    /// RECORD has no size for a member (a warning).
    RecordSizeMissing = "record-size-missing",
    /// More findings than are listed.
    MoreFindings = "more-findings",
}

/// One thing that is wrong, or odd, about an artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub code: Code,
    /// The member of the archive, escaped for a terminal; none if it is the archive as a whole.
    pub member: Option<String>,
    /// A lowercase fragment for a person.
    pub message: String,
}

/// The findings of one read, in the order of their discovery. Bounded: a hostile archive must not
/// fill the memory with complaints.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    left_out: usize,
}

impl Findings {
    /// Adds what is wrong with the archive as a whole.
    pub(crate) fn archive(&mut self, code: Code, message: impl Into<String>) {
        self.push(Finding { code, member: None, message: message.into() });
    }

    /// Adds what is wrong with one member.
    pub(crate) fn member(&mut self, code: Code, member: &str, message: impl Into<String>) {
        self.push(Finding { code, member: Some(escaped(member)), message: message.into() });
    }

    /// Adds one.
    pub(crate) fn push(&mut self, finding: Finding) {
        if self.list.len() < MAX_FINDINGS {
            self.list.push(finding);
        } else {
            self.left_out += 1;
        }
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The list; if some were left out, the last one says how many.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        let mut list = self.list;
        if self.left_out > 0 {
            let message = format!("{} more findings are not listed", self.left_out);
            list.push(Finding { code: Code::MoreFindings, member: None, message });
        }
        list
    }
}

/// Names come from strangers: what is not plainly visible is escaped, and what is long is cut.
fn escaped(name: &str) -> String {
    const SHOWN: usize = 200;
    let mut shown: String = name.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if name.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    shown
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            Some(member) => write!(f, "`{member}`: {} [{}]", self.message, self.code),
            None => write!(f, "{} [{}]", self.message, self.code),
        }
    }
}
