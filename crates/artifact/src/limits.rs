//! The caps. Each bounds memory or time against a hostile archive and is far above every real one.

/// Members of one archive. torch 2.6.0 has about 13,000.
pub const MAX_MEMBERS: u64 = 200_000;

/// Bytes of the central directory, which is held in memory.
pub const MAX_CENTRAL_DIRECTORY: u64 = 32 << 20;

/// Bytes of one member's name.
pub const MAX_NAME: usize = 1024;

/// Bytes in one part of a name: what common file systems hold (NAME_MAX of Linux and macOS).
pub const MAX_NAME_PART: usize = 255;

/// Bytes of all members together when unpacked.
pub const MAX_UNPACKED: u64 = 64 << 30;

/// Below this many unpacked bytes the ratio is not looked at (PyPI's number).
pub const RATIO_FREE: u64 = 64 << 20;

/// Unpacked bytes per byte of the file beyond which an archive is a bomb (PyPI's number).
pub const MAX_RATIO: u64 = 50;

/// Bytes of METADATA.
pub const MAX_METADATA: u64 = 16 << 20;

/// Fields of METADATA: each costs far more memory than its bytes. The largest real ones have some thousands.
pub const MAX_FIELDS: usize = 50_000;

/// Bytes of WHEEL.
pub const MAX_WHEEL_FILE: u64 = 1 << 20;

/// Tags that WHEEL stands for, compressed sets multiplied out. Real ones have less than a hundred.
pub const MAX_TAGS: usize = 10_000;

/// Bytes of one tag in WHEEL, which may be a compressed set.
pub const MAX_TAG: usize = 4 << 10;

/// Bytes of entry_points.txt. Those of the largest wheels have some tens of kilobytes.
pub const MAX_ENTRY_POINTS: u64 = 1 << 20;

/// Bytes of a text in which a derivation replaces the old version.
pub const MAX_EDIT: u64 = 16 << 20;

/// Bytes of RECORD. That of torch 2.6.0 has about 1.5 MB.
pub const MAX_RECORD: u64 = 64 << 20;

/// Lines of RECORD: each costs far more memory than its bytes, and an archive cannot have more files.
pub const MAX_RECORD_LINES: usize = 2 * MAX_MEMBERS as usize;

/// Findings of one code that one read lists.
pub const MAX_FINDINGS: usize = 100;

/// Threads that verify members of one archive.
pub const MAX_THREADS: usize = 16;

/// Bytes of all names and link targets of one tar archive together, which are held in memory.
pub const MAX_TAR_NAMES: u64 = 16 << 20;

/// Bytes of the files of one tar archive that are held in memory to be looked into.
pub const MAX_TAR_KEPT: u64 = 65 << 20;

/// Bytes of all names of one archive that are not ASCII, which take long to compare.
pub const MAX_FOLDED_NAMES: usize = 8 << 20;

/// Bytes of the extension records of one tar member. Honest ones have a few hundred.
pub const MAX_TAR_EXTENSION: u64 = 64 << 10;

/// Zeros behind the end of a tar archive, in bytes. Writers fill up to 10,240, or what the option
/// for the blocking factor says.
pub const MAX_TAR_FILL: u64 = 1 << 20;

/// Unpacked bytes per byte of a compressed tar archive beyond which it is a bomb, where it has more
/// than [`RATIO_FREE`]. PyPI has no such rule for `.tar.gz`; of two dozen real sdists pyyaml 6.0.3 is
/// the densest, with 14.
pub const MAX_TAR_RATIO: u64 = 100;

/// Bytes of the window that a Zstandard stream may ask for: what `zstd --ultra -22` uses.
pub const MAX_ZSTD_WINDOW: u64 = 128 << 20;

/// Bytes of a gzip header, the file name in it included.
pub const MAX_GZIP_HEADER: u64 = 4 << 10;

/// Bytes of `info/index.json` or `metadata.json` of a conda package.
pub const MAX_CONDA_INDEX: u64 = 1 << 20;

/// Bytes of `info/paths.json` or `info/files` of a conda package. One of 50,000 files has 15 MB.
pub const MAX_CONDA_PATHS: u64 = 32 << 20;
