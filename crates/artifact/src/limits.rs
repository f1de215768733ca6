//! The caps. Each bounds memory or time against a hostile archive and is far above every real one.

/// Members of one archive. torch 2.6.0 has about 13,000.
pub const MAX_MEMBERS: u64 = 200_000;

/// Bytes of the central directory, which is held in memory.
pub const MAX_CENTRAL_DIRECTORY: u64 = 64 << 20;

/// Bytes of one member's name.
pub const MAX_NAME: usize = 1024;

/// Bytes of all members together when unpacked.
pub const MAX_UNPACKED: u64 = 64 << 30;

/// Below this many unpacked bytes the ratio is not looked at (PyPI's number).
pub const RATIO_FREE: u64 = 64 << 20;

/// Unpacked bytes per byte of the file beyond which an archive is a bomb (PyPI's number).
pub const MAX_RATIO: u64 = 50;

/// Bytes of METADATA.
pub const MAX_METADATA: u64 = 16 << 20;

/// Bytes of WHEEL.
pub const MAX_WHEEL_FILE: u64 = 1 << 20;

/// Bytes of RECORD. That of torch 2.6.0 has about 1.5 MB.
pub const MAX_RECORD: u64 = 64 << 20;

/// Findings of one code that one read lists.
pub const MAX_FINDINGS: usize = 100;

/// Threads that verify members of one archive.
pub const MAX_THREADS: usize = 16;
