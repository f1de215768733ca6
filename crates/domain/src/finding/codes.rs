//! The table of everything that can be wrong with an artifact: identifier, level and source of each rule.

use super::Level;
use super::source;

/// Declares each code once.
macro_rules! codes {
    ($($(#[$doc:meta])+ $variant:ident = $id:literal, $level:ident, $source:ident;)+) => {
        /// What a finding is about. The identifiers are stable: the same on the screen, in JSON, in
        /// the configuration and in the docs; a code is retired, never used again for something else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])+ $variant,)+ }

        impl Code {
            /// Every code, in the order of the docs.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable identifier, `trailing-data`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// How heavy it is in each profile.
            pub const fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)+ }
            }

            /// Where the rule comes from.
            pub const fn source(self) -> &'static str {
                match self { $(Self::$variant => source::$source,)+ }
            }
        }
    };
}

codes! {
    /// An archive without members.
    Empty = "empty", Fixed, APPNOTE;
    /// No end of central directory record.
    NotAZip = "not-a-zip", Fixed, PYPI_ZIP;
    /// The bytes are a tar archive too.
    ZipAndTar = "zip-and-tar", Fixed, PYPI_ZIP;
    /// Bytes follow the end record and its comment.
    TrailingData = "trailing-data", Fixed, PYPI_ZIP;
    /// Bytes stand before the first member or between members and directory.
    HiddenData = "hidden-data", Fixed, PYPI_ZIP;
    /// Two end records: readers disagree which one counts.
    SecondEndRecord = "second-end-record", Fixed, OURS;
    /// Count, size or offset in an end record do not fit the file.
    EndRecordMismatch = "end-record-mismatch", Fixed, PYPI_ZIP;
    /// The zip64 locator or end record is missing, broken or contradicts the other one.
    Zip64EndRecord = "zip64-end-record", Fixed, PYPI_ZIP;
    /// Parts of the archive are said to be on other disks.
    SplitArchive = "split-archive", Fixed, APPNOTE;
    /// More members or a larger directory than the cap.
    TooManyMembers = "too-many-members", Fixed, OURS;
    /// A record of the central directory is cut short or has no signature.
    CentralDirectory = "central-directory", Fixed, PYPI_ZIP;
    /// A member of the directory has no local header where it says.
    MissingLocalHeader = "missing-local-header", Fixed, PYPI_ZIP;
    /// Two members share bytes.
    OverlappingMembers = "overlapping-members", Fixed, OURS;
    /// The local header's name is another.
    NameMismatch = "name-mismatch", Fixed, PYPI_ZIP;
    /// Sizes of local header and directory differ.
    SizeMismatch = "size-mismatch", Fixed, PYPI_ZIP;
    /// Checksums of local header and directory differ.
    CrcMismatch = "crc-mismatch", Fixed, APPNOTE;
    /// Method or flags of local header and directory differ.
    HeaderMismatch = "header-mismatch", Fixed, APPNOTE;
    /// An extra field's chain of lengths is broken.
    MalformedExtra = "malformed-extra", Fixed, PYPI_ZIP;
    /// An extra field stands twice in one header.
    DuplicateExtra = "duplicate-extra", Fixed, PYPI_ZIP;
    /// The zip64 extra holds more or less than the header needs.
    Zip64Extra = "zip64-extra", Fixed, PYPI_ZIP;
    /// A second name in an extra field.
    UnicodePathExtra = "unicode-path-extra", Fixed, OURS;
    /// Sizes follow the data (streaming).
    DataDescriptor = "data-descriptor", Fixed, PYPI_ZIP;
    /// Encrypted.
    Encrypted = "encrypted", Fixed, APPNOTE;
    /// Other flags that this reader does not know.
    UnsupportedFlags = "unsupported-flags", Fixed, OURS;
    /// Neither stored nor deflated.
    UnsupportedMethod = "unsupported-method", Fixed, PYPI_ZIP;
    /// A comment on a member.
    MemberComment = "member-comment", Fixed, PYPI_ZIP;
    /// Unpacks to more than the cap.
    UnpackedSize = "unpacked-size", Fixed, OURS;
    /// Compressed beyond all reason.
    CompressionRatio = "compression-ratio", Fixed, PYPI_ZIP;
    /// A symbolic link.
    Symlink = "symlink", Fixed, OURS;
    /// A device, pipe or socket.
    SpecialFile = "special-file", Fixed, OURS;
    /// Set-user-id, set-group-id or sticky bits.
    SpecialMode = "special-mode", Fixed, OURS;
    /// A folder by its mode, a file by its name, or the reverse.
    DirectoryMismatch = "directory-mismatch", Fixed, OURS;
    /// A folder with content.
    DirectoryWithData = "directory-with-data", Fixed, OURS;
    /// The name is empty.
    NameEmpty = "name-empty", Fixed, OURS;
    /// The name is longer than the cap.
    NameTooLong = "name-too-long", Fixed, OURS;
    /// The name is not UTF-8, or not marked as such.
    NameEncoding = "name-encoding", Fixed, OURS;
    /// A control character.
    NameControlCharacter = "name-control-character", Fixed, PYPI_ZIP;
    /// A direction mark or another character that is not seen.
    NameInvisibleCharacter = "name-invisible-character", Fixed, OURS;
    /// A character with a twin: combining marks, full-width forms.
    NameAmbiguousCharacter = "name-ambiguous-character", Fixed, OURS;
    /// A backslash.
    NameBackslash = "name-backslash", Fixed, OURS;
    /// A colon: a drive or an alternate stream on Windows.
    NameColon = "name-colon", Fixed, OURS;
    /// Begins with `/`.
    NameAbsolute = "name-absolute", Fixed, OURS;
    /// A part that is `..`.
    NameTraversal = "name-traversal", Fixed, OURS;
    /// A part that is empty or `.`.
    NameEmptyPart = "name-empty-part", Fixed, OURS;
    /// A part that ends with a dot or a space, which Windows drops.
    NameTrailingDotOrSpace = "name-trailing-dot-or-space", Fixed, OURS;
    /// A part that is a device on Windows.
    NameDevice = "name-device", Fixed, OURS;
    /// The same name twice.
    DuplicateMember = "duplicate-member", Fixed, PYPI_ZIP;
    /// Names that differ in case only.
    CaseCollision = "case-collision", Fixed, OURS;
    /// One name for a file and a folder.
    FileAndDirectory = "file-and-directory", Fixed, OURS;
    /// The content's checksum is not the declared one.
    ContentCrc = "content-crc", Fixed, APPNOTE;
    /// The content is shorter or longer than declared.
    ContentSize = "content-size", Fixed, APPNOTE;
    /// The deflate stream is corrupt or cut short.
    DeflateCorrupt = "deflate-corrupt", Fixed, RFC1951;
    /// Bytes follow the deflate stream.
    DeflateTrailingData = "deflate-trailing-data", Fixed, RFC1951;
    /// An archive comment.
    ArchiveComment = "archive-comment", Odd, APPNOTE;
    /// The name of the file is not that of a wheel.
    WheelFileName = "wheel-file-name", Always, WHEEL_NAME;
    /// No `.dist-info` folder.
    DistInfoMissing = "dist-info-missing", Always, WHEEL;
    /// More than one `.dist-info` folder.
    DistInfoSeveral = "dist-info-several", Always, WHEEL;
    /// The `.dist-info` folder is not named after the file.
    DistInfoName = "dist-info-name", Always, WHEEL;
    /// No METADATA.
    MetadataMissing = "metadata-missing", Always, METADATA;
    /// METADATA is larger than the cap.
    MetadataTooLarge = "metadata-too-large", Always, METADATA;
    /// METADATA is not UTF-8.
    MetadataNotUtf8 = "metadata-not-utf8", Always, METADATA;
    /// METADATA has a line that is no header.
    MetadataMalformed = "metadata-malformed", Always, METADATA;
    /// METADATA lacks a field that it must have.
    MetadataFieldMissing = "metadata-field-missing", Always, METADATA;
    /// METADATA has a field twice that may stand once.
    MetadataDuplicateField = "metadata-duplicate-field", Always, METADATA;
    /// A Metadata-Version that is not known.
    MetadataVersionUnknown = "metadata-version-unknown", Always, METADATA;
    /// Name is not that of the file name.
    MetadataNameDiffers = "metadata-name-differs", Always, METADATA;
    /// Version is not that of the file name.
    MetadataVersionDiffers = "metadata-version-differs", Always, METADATA;
    /// Requires-Python is not a set of version specifiers.
    RequiresPythonMalformed = "requires-python-malformed", Always, METADATA;
    /// No WHEEL.
    WheelMissing = "wheel-missing", Always, WHEEL;
    /// WHEEL cannot be read.
    WheelMalformed = "wheel-malformed", Always, WHEEL;
    /// A Wheel-Version that installers refuse.
    WheelVersionUnsupported = "wheel-version-unsupported", Always, WHEEL;
    /// Build is not that of the file name.
    WheelBuildDiffers = "wheel-build-differs", Always, WHEEL;
    /// The tags are not those of the file name.
    WheelTagsDiffer = "wheel-tags-differ", Strict, WHEEL;
    /// Root-Is-Purelib does not fit the platform tag.
    WheelPurelibDiffers = "wheel-purelib-differs", Strict, WHEEL;
    /// The name is not spelt in the normal form.
    NameNotNormalised = "name-not-normalised", Pypi, WHEEL_NAME;
    /// No RECORD.
    RecordMissing = "record-missing", Always, RECORD;
    /// RECORD is larger than the cap.
    RecordTooLarge = "record-too-large", Always, RECORD;
    /// RECORD is not UTF-8.
    RecordNotUtf8 = "record-not-utf8", Always, RECORD;
    /// RECORD has a line that is not `path,hash,size`.
    RecordMalformed = "record-malformed", Always, RECORD;
    /// RECORD has an absolute path or one with `..`.
    RecordPath = "record-path", Always, RECORD;
    /// RECORD lists a path twice.
    RecordDuplicate = "record-duplicate", Always, RECORD;
    /// RECORD lists what is not in the archive.
    RecordStranger = "record-stranger", Always, RECORD;
    /// RECORD does not list a member.
    RecordUnlisted = "record-unlisted", Always, RECORD;
    /// RECORD states a hash or size of itself.
    RecordOfItself = "record-of-itself", Always, RECORD;
    /// RECORD has no hash for a member.
    RecordHashMissing = "record-hash-missing", Always, RECORD;
    /// RECORD has a hash other than sha256.
    RecordHashAlgorithm = "record-hash-algorithm", Always, RECORD;
    /// RECORD has a hash that is not 32 bytes in unpadded base64url.
    RecordHashMalformed = "record-hash-malformed", Always, RECORD;
    /// RECORD has another hash than the member.
    RecordHashDiffers = "record-hash-differs", Always, RECORD;
    /// RECORD has another size than the member.
    RecordSizeDiffers = "record-size-differs", Always, RECORD;
    /// RECORD has no size for a member.
    RecordSizeMissing = "record-size-missing", Strict, RECORD;
}
