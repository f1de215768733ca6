//! The table of everything that can be wrong with an artifact: identifier, level and source of each rule.

use super::Level;
use super::source;

/// Declares each code once.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $id:literal, $level:ident, $source:ident;)+) => {
        /// What a finding is about. The identifiers are stable: the same on the screen, in JSON, in
        /// the configuration and in the docs; a code is retired, never used again for something else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

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

            /// What is wrong, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
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
    /// Method, flags, time or version of local header and directory differ.
    HeaderMismatch = "header-mismatch", Fixed, APPNOTE;
    /// It needs a version of the format that installers do not read.
    UnsupportedVersion = "unsupported-version", Always, APPNOTE;
    /// A version, system or attribute that no writer of real wheels leaves.
    UnusualHeader = "unusual-header", Strict, OURS;
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
    /// A part that Windows cannot hold: `<`, `>`, `|`, `"`, `?`, `*`, or a console device.
    NameWindows = "name-windows", Strict, OURS;
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
    WheelFileName = "wheel-file-name", Fixed, WHEEL_NAME;
    /// No `.dist-info` folder.
    DistInfoMissing = "dist-info-missing", Fixed, WHEEL;
    /// More than one `.dist-info` folder.
    DistInfoSeveral = "dist-info-several", Fixed, WHEEL;
    /// The `.dist-info` folder is not named after the file.
    DistInfoName = "dist-info-name", Fixed, WHEEL;
    /// No METADATA.
    MetadataMissing = "metadata-missing", Fixed, METADATA;
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
    MetadataNameDiffers = "metadata-name-differs", Fixed, METADATA;
    /// Version is not that of the file name.
    MetadataVersionDiffers = "metadata-version-differs", Fixed, METADATA;
    /// Requires-Python is not a set of version specifiers.
    RequiresPythonMalformed = "requires-python-malformed", Always, METADATA;
    /// No WHEEL.
    WheelMissing = "wheel-missing", Always, WHEEL;
    /// WHEEL cannot be read.
    WheelMalformed = "wheel-malformed", Always, WHEEL;
    /// A Wheel-Version that installers refuse.
    WheelVersionUnsupported = "wheel-version-unsupported", Always, WHEEL;
    /// Build is not that of the file name; PySide2's wheels leave it out, and installers read the name.
    WheelBuildDiffers = "wheel-build-differs", Strict, WHEEL;
    /// The tags are not those of the file name.
    WheelTagsDiffer = "wheel-tags-differ", Strict, WHEEL;
    /// Root-Is-Purelib is missing or does not fit the platform tag.
    WheelPurelibDiffers = "wheel-purelib-differs", Strict, WHEEL;
    /// The name is not spelt in the normal form.
    NameNotNormalised = "name-not-normalised", Pypi, WHEEL_NAME;
    /// No RECORD.
    RecordMissing = "record-missing", Fixed, RECORD;
    /// RECORD is larger than the cap.
    RecordTooLarge = "record-too-large", Fixed, RECORD;
    /// RECORD is not UTF-8.
    RecordNotUtf8 = "record-not-utf8", Fixed, RECORD;
    /// RECORD has a line that is not `path,hash,size`.
    RecordMalformed = "record-malformed", Fixed, RECORD;
    /// RECORD has an absolute path or one with `..`.
    RecordPath = "record-path", Fixed, RECORD;
    /// RECORD lists a path twice.
    RecordDuplicate = "record-duplicate", Fixed, RECORD;
    /// RECORD lists what is not in the archive.
    RecordStranger = "record-stranger", Fixed, RECORD;
    /// RECORD does not list a member.
    RecordUnlisted = "record-unlisted", Fixed, RECORD;
    /// RECORD states a hash or size of itself.
    RecordOfItself = "record-of-itself", Fixed, RECORD;
    /// RECORD has no hash for a member.
    RecordHashMissing = "record-hash-missing", Fixed, RECORD;
    /// RECORD has a hash other than sha256.
    RecordHashAlgorithm = "record-hash-algorithm", Fixed, RECORD;
    /// RECORD has a hash that is not 32 bytes in unpadded base64url.
    RecordHashMalformed = "record-hash-malformed", Fixed, RECORD;
    /// RECORD has another hash than the member.
    RecordHashDiffers = "record-hash-differs", Fixed, RECORD;
    /// RECORD has another size than the member.
    RecordSizeDiffers = "record-size-differs", Fixed, RECORD;
    /// RECORD has no size for a member.
    RecordSizeMissing = "record-size-missing", Strict, RECORD;
    // The metadata of a wheel or a source distribution.
    /// A Metadata-Version that PyPI takes no more.
    MetadataVersionRetired = "metadata-version-retired", Upload, PYPI_UPLOAD;
    /// A field stands twice that may stand once, and readers take one of them.
    MetadataFieldTwice = "metadata-field-twice", Pypi, METADATA;
    /// A field that no version of the format knows.
    MetadataFieldUnknown = "metadata-field-unknown", Odd, METADATA;
    /// A field that came with a later Metadata-Version than the stated one.
    MetadataFieldTooNew = "metadata-field-too-new", Upload, PYPI_UPLOAD;
    /// Version is spelt otherwise than in the file name.
    MetadataVersionSpelling = "metadata-version-spelling", Strict, WHEEL_NAME;
    /// The version in the file name is not in its normal form.
    VersionNotNormalised = "version-not-normalised", Strict, PEP440;
    /// The version has a local part.
    LocalVersion = "local-version", Upload, PYPI_UPLOAD;
    /// Summary has more than one line.
    SummaryMalformed = "summary-malformed", Pypi, METADATA;
    /// Summary is longer than PyPI takes.
    SummaryTooLong = "summary-too-long", Pypi, PYPI_UPLOAD;
    /// Keywords has more than one line.
    KeywordsMalformed = "keywords-malformed", Odd, METADATA;
    /// A requirement cannot be read.
    RequiresDistMalformed = "requires-dist-malformed", Always, PEP508;
    /// A requirement is folded over several lines, which pip and PyPI do not read.
    RequiresDistFolded = "requires-dist-folded", Pypi, METADATA;
    /// A marker uses a variable that installers do not know.
    RequiresDistMarker = "requires-dist-marker", Pypi, PEP508;
    /// A marker compares with `===`, which not every installer does.
    RequiresDistArbitrary = "requires-dist-arbitrary", Odd, PEP508;
    /// A requirement is an address.
    RequiresDirectUrl = "requires-direct-url", Upload, PYPI_UPLOAD;
    /// A requirement names a local version, which PyPI never has.
    RequiresLocalVersion = "requires-local-version", Upload, OURS;
    /// Provides-Dist or Obsoletes-Dist cannot be read.
    ProvidesDistMalformed = "provides-dist-malformed", Pypi, METADATA;
    /// Provides-Extra is no name.
    ProvidesExtraMalformed = "provides-extra-malformed", Pypi, METADATA;
    /// Two extras are one in the normal form.
    ProvidesExtraTwice = "provides-extra-twice", Odd, METADATA;
    /// Home-page or Download-URL is no web address.
    UrlMalformed = "url-malformed", Pypi, PYPI_UPLOAD;
    /// Project-URL is not a label and a web address.
    ProjectUrlMalformed = "project-url-malformed", Pypi, PYPI_UPLOAD;
    /// The label of a Project-URL is longer than PyPI takes.
    ProjectUrlLabel = "project-url-label", Pypi, METADATA;
    /// An address of mail that is none.
    EmailMalformed = "email-malformed", Pypi, PYPI_UPLOAD;
    /// Description-Content-Type is none of those that PyPI renders.
    DescriptionContentType = "description-content-type", Pypi, METADATA;
    /// Dynamic names a field that cannot be left to the build.
    DynamicMalformed = "dynamic-malformed", Pypi, METADATA;
    /// Import-Name or Import-Namespace is no name of a module.
    ImportNameMalformed = "import-name-malformed", Pypi, METADATA;
    /// License-Expression is no expression of known licences.
    LicenseExpressionMalformed = "license-expression-malformed", Pypi, PEP639;
    /// License and License-Expression stand side by side.
    LicenseTwice = "license-twice", Pypi, PEP639;
    /// A classifier states a licence beside License-Expression.
    LicenseClassifier = "license-classifier", Odd, PEP639;
    /// License-File is a path that leads out, is absolute or a pattern.
    LicenseFilePath = "license-file-path", Pypi, PEP639;
    /// A License-File is not in the archive.
    LicenseFileMissing = "license-file-missing", Pypi, PEP639;
    /// A License-File from before PEP 639 is not in the archive.
    LicenseFileUnshipped = "license-file-unshipped", Odd, PEP639;
    /// A classifier that PyPI does not know.
    ClassifierUnknown = "classifier-unknown", Pypi, CLASSIFIERS;
    /// A classifier that PyPI takes no more.
    ClassifierDeprecated = "classifier-deprecated", Pypi, CLASSIFIERS;
    /// A classifier `Private ::`, which says that it is not for PyPI.
    ClassifierPrivate = "classifier-private", Upload, CLASSIFIERS;
    // The rest of a wheel.
    /// The platform tag is one that PyPI refuses.
    PlatformTagRefused = "platform-tag-refused", Upload, PYPI_UPLOAD;
    /// A minor Wheel-Version that is newer than installers know.
    WheelVersionNewer = "wheel-version-newer", Odd, WHEEL;
    /// WHEEL has a field twice that may stand once.
    WheelDuplicateField = "wheel-duplicate-field", Strict, WHEEL;
    /// entry_points.txt cannot be read, or a script of it cannot be made.
    EntryPointsMalformed = "entry-points-malformed", Always, ENTRY_POINTS;
    /// An entry point that is no script names no object.
    EntryPointValue = "entry-point-value", Odd, ENTRY_POINTS;
    /// A file in `.data` that belongs to no known scheme.
    DataScheme = "data-scheme", Always, WHEEL;
    /// A script in a folder below `.data/scripts`, which uv refuses and pip installs.
    DataScriptFolder = "data-script-folder", Strict, WHEEL;
    /// Two places of a wheel install to one path, or `.data` installs into a `.dist-info` folder.
    InstallCollision = "install-collision", Fixed, WHEEL;
    /// A build tag whose number uv cannot hold.
    BuildTagTooLarge = "build-tag-too-large", Strict, WHEEL_NAME;
    /// A `.data` folder that is not named after the file: some installers look into it, some do not.
    DataFolderName = "data-folder-name", Strict, WHEEL;
    /// A signature of RECORD, which nothing reads.
    RecordSignature = "record-signature", Odd, WHEEL;
    /// A file that installers write after the installation.
    InstallerFile = "installer-file", Odd, PEP376;
    // Several files of one release.
    /// Two files of one name have different bytes.
    SetSameName = "set-same-name", Always, OURS;
    /// Two names stand for the same bytes.
    SetSameBytes = "set-same-bytes", Upload, PYPI_UPLOAD;
    /// A second source distribution.
    SetSecondSdist = "set-second-sdist", Upload, PYPI_UPLOAD;
    /// Metadata-Version differs within a release.
    SetMetadataVersionDiffers = "set-metadata-version-differs", Pypi, PYPI_FIRST;
    /// Summary differs within a release.
    SetSummaryDiffers = "set-summary-differs", Pypi, PYPI_FIRST;
    /// Requires-Python differs within a release.
    SetRequiresPythonDiffers = "set-requires-python-differs", Pypi, PYPI_FIRST;
    /// The requirements differ within a release.
    SetRequiresDistDiffers = "set-requires-dist-differs", Pypi, PYPI_FIRST;
    /// The extras differ within a release.
    SetProvidesExtraDiffers = "set-provides-extra-differs", Pypi, PYPI_FIRST;
    /// The description differs within a release.
    SetDescriptionDiffers = "set-description-differs", Pypi, PYPI_FIRST;
    /// A requirement names a local version of a package of the set or the line.
    SetLocalRequirement = "set-local-requirement", Pypi, OURS;
    /// A requirement does not take the version that the line has.
    SetLineVersion = "set-line-version", Always, OURS;
    /// A file is larger than the configuration allows.
    FileTooLarge = "file-too-large", Always, OURS;
    /// The files together are larger than the configuration allows.
    TotalTooLarge = "total-too-large", Always, OURS;
    // Zips with the C++ library.
    /// `build-version` of a libtorch zip is not the version in the name of the file.
    LibtorchVersionDiffers = "libtorch-version-differs", Fixed, OURS;
    /// A libtorch zip with a version in its name holds other things than one folder `libtorch`.
    LibtorchLayout = "libtorch-layout", Strict, OURS;
    // Source archives.
    /// A source archive holds other things than one folder that is named like the file.
    SourceTopFolder = "source-top-folder", Strict, OURS;
    // Derivation records beside files.
    /// The derivation record beside the file cannot be read.
    DerivationRecordUnreadable = "derivation-record-unreadable", Strict, OURS;
    /// The derivation record beside the file is about other bytes or another name.
    DerivationRecordDiffers = "derivation-record-differs", Strict, OURS;
    // What the binaries inside need.
    /// A binary is for a processor that the platform tag, or the name of a zip, does not mean.
    BinaryMachineDiffers = "binary-machine-differs", Always, PLATFORM;
    /// Of several processors that the tags promise, one has no binary or is not in a fat one.
    BinaryMachineMissing = "binary-machine-missing", Strict, PLATFORM;
    /// A binary of another system, such as launchers for Windows, or one that runs by emulation only.
    BinaryForeign = "binary-foreign", Odd, PLATFORM;
    /// The platform is `any`, yet there are binaries.
    BinaryInAny = "binary-in-any", Odd, PLATFORM;
    /// The platform is a certain one, yet there is no binary.
    BinaryMissing = "binary-missing", Odd, PLATFORM;
    /// A file that begins like a binary, but is broken.
    BinaryMalformed = "binary-malformed", Odd, OURS;
    /// A binary needs a later glibc than the tag promises; torchvision 0.21.0 on PyPI does.
    GlibcTooNew = "glibc-too-new", Strict, MANYLINUX;
    /// A binary needs symbols that glibc keeps for itself.
    GlibcPrivate = "glibc-private", Strict, MANYLINUX;
    /// A binary for glibc in a wheel for musl, or the reverse.
    LibcDiffers = "libc-differs", Strict, MUSLLINUX;
    /// A binary needs a later macOS than the tag promises.
    MacosTooNew = "macos-too-new", Strict, PLATFORM;
    // Streams: gzip, bzip2, Zstandard.
    /// No gzip stream.
    NotGzip = "not-gzip", Fixed, RFC1952;
    /// Fields in the gzip header that no build of a source distribution writes.
    GzipHeader = "gzip-header", Fixed, RFC1952;
    /// Checksum or length at the end of the gzip stream is another.
    GzipChecksum = "gzip-checksum", Fixed, RFC1952;
    /// A second gzip stream, or other bytes, behind the first.
    GzipTrailingData = "gzip-trailing-data", Fixed, RFC1952;
    /// No bzip2 stream, or one that is corrupt or cut short.
    Bzip2Corrupt = "bzip2-corrupt", Fixed, BZIP2;
    /// A second bzip2 stream, or other bytes, behind the first.
    Bzip2TrailingData = "bzip2-trailing-data", Fixed, BZIP2;
    /// No Zstandard frame, or one that is corrupt or cut short.
    ZstdCorrupt = "zstd-corrupt", Fixed, RFC8878;
    /// A Zstandard frame that needs more memory than the cap, or a dictionary.
    ZstdWindow = "zstd-window", Fixed, RFC8878;
    /// A second Zstandard frame, or other bytes, behind the first.
    ZstdTrailingData = "zstd-trailing-data", Fixed, RFC8878;
    // Tar archives.
    /// A block that is no header, or a header with fields that readers take differently.
    TarHeader = "tar-header", Fixed, POSIX_PAX;
    /// The checksum of a header is wrong.
    TarChecksum = "tar-checksum", Fixed, POSIX_PAX;
    /// A number that is not octal, negative, or in the binary form without need.
    TarNumber = "tar-number", Fixed, POSIX_PAX;
    /// A type of member that is none of those that are released.
    TarType = "tar-type", Fixed, POSIX_PAX;
    /// A sparse member.
    TarSparse = "tar-sparse", Fixed, PYPI_TAR;
    /// Extension records that are malformed, stand twice, or describe no member.
    TarPax = "tar-pax", Fixed, POSIX_PAX;
    /// Global extension records that say more than a comment.
    TarPaxGlobal = "tar-pax-global", Fixed, OURS;
    /// An extension that gives another name or size than the header.
    TarPaxOverride = "tar-pax-override", Fixed, OURS;
    /// Something hidden behind the content of a member.
    TarPadding = "tar-padding", Fixed, OURS;
    /// The archive is cut short, or has no end.
    TarEnd = "tar-end", Fixed, POSIX_PAX;
    /// Something other than zeros behind the end.
    TarTrailingData = "tar-trailing-data", Fixed, OURS;
    /// A link without a target, or with content.
    TarLink = "tar-link", Fixed, OURS;
    /// A link that leads out of the archive.
    TarLinkOutside = "tar-link-outside", Fixed, PEP721;
    /// A hard link that names no file before it.
    TarHardLink = "tar-hard-link", Fixed, PEP721;
    /// A member below a symbolic link.
    TarThroughLink = "tar-through-link", Fixed, OURS;
    /// A folder with set-id or sticky bits, which extractors drop.
    TarFolderMode = "tar-folder-mode", Odd, PEP721;
    // Source distributions.
    /// The name of the file is not that of a source distribution.
    SdistFileName = "sdist-file-name", Fixed, PEP625;
    /// The name in the file name is spelt in an older way.
    SdistNameNotNormalised = "sdist-name-not-normalised", Pypi, PEP625;
    /// Not everything is in one top folder.
    SdistTopFolder = "sdist-top-folder", Always, PYPI_TAR;
    /// The top folder is not named after the file.
    SdistTopFolderName = "sdist-top-folder-name", Strict, PEP625;
    /// No PKG-INFO in the top folder.
    SdistPkgInfoMissing = "sdist-pkg-info-missing", Always, PYPI_TAR;
    /// A link, which not every system can make.
    SdistLink = "sdist-link", Odd, PEP721;
    // Conda packages.
    /// The name of the file is not `name-version-build`.
    CondaFileName = "conda-file-name", Fixed, CONDA;
    /// The outer archive of a `.conda` holds other members than it must, or they are compressed.
    CondaLayout = "conda-layout", Always, CONDA;
    /// metadata.json is missing, or states another version of the format.
    CondaFormat = "conda-format", Always, CONDA;
    /// No `info/index.json`.
    CondaIndexMissing = "conda-index-missing", Always, CONDA;
    /// `info/index.json` cannot be read.
    CondaIndexMalformed = "conda-index-malformed", Always, CONDA;
    /// Name, version or build in `info/index.json` is not that of the file name.
    CondaIndexDiffers = "conda-index-differs", Fixed, CONDA;
    /// The subdir is none that conda knows.
    CondaSubdir = "conda-subdir", Always, CONDA;
    /// A dependency or constraint is no plain match specification.
    CondaDepends = "conda-depends", Always, MATCH_SPEC;
    /// `info/run_exports.json` cannot be read, or exports what is no plain match specification.
    CondaRunExports = "conda-run-exports", Always, CONDA;
    /// No `info/paths.json`.
    CondaPathsMissing = "conda-paths-missing", Always, CONDA;
    /// `info/paths.json` cannot be read.
    CondaPathsMalformed = "conda-paths-malformed", Always, CONDA;
    /// `info/paths.json` lists a path twice.
    CondaPathsDuplicate = "conda-paths-duplicate", Always, CONDA;
    /// `info/paths.json` lists what is not in the package.
    CondaPathsStranger = "conda-paths-stranger", Always, CONDA;
    /// `info/paths.json` does not list a file.
    CondaPathsUnlisted = "conda-paths-unlisted", Always, CONDA;
    /// `info/paths.json` takes a file for a link, or the reverse.
    CondaPathsType = "conda-paths-type", Always, CONDA;
    /// `info/paths.json` has no hash or size of a file.
    CondaPathsHashMissing = "conda-paths-hash-missing", Always, CONDA;
    /// `info/paths.json` has another hash than the file.
    CondaPathsHashDiffers = "conda-paths-hash-differs", Always, CONDA;
    /// `info/paths.json` has another size than the file.
    CondaPathsSizeDiffers = "conda-paths-size-differs", Always, CONDA;
    /// `info/files` lists other files than `info/paths.json`.
    CondaFilesDiffer = "conda-files-differ", Always, CONDA;
}
