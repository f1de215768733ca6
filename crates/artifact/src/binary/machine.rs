//! Processors, by the numbers that each format has for them.

use std::fmt;

use serde::{Serialize, Serializer};

/// A processor for which a binary is built, or which a platform tag names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Machine {
    /// 32-bit x86: `i686`, `win32`.
    X86,
    /// 64-bit x86: `x86_64`, `win_amd64`.
    X86_64,
    /// 32-bit Arm: `armv7l`, `armv6l`.
    Arm,
    /// 64-bit Arm: `aarch64`, `arm64`.
    Arm64,
    /// 32-bit PowerPC.
    Ppc,
    /// 64-bit PowerPC, most significant byte first.
    Ppc64,
    /// 64-bit PowerPC, least significant byte first.
    Ppc64Le,
    /// 64-bit IBM Z.
    S390x,
    /// 64-bit RISC-V.
    Riscv64,
    /// 64-bit LoongArch.
    LoongArch64,
    /// Another one that no platform tag of PyPI names, by its number in the format of the file.
    Other(u32),
}

impl Machine {
    /// `e_machine` of an ELF file, with its class and byte order (System V ABI, "ELF header").
    pub(super) const fn of_elf(number: u16, wide: bool, big: bool) -> Self {
        match (number, wide, big) {
            (3, false, false) => Self::X86,
            (62, true, false) => Self::X86_64,
            (40, false, false) => Self::Arm,
            (183, true, false) => Self::Arm64,
            (20, false, true) => Self::Ppc,
            (21, true, true) => Self::Ppc64,
            (21, true, false) => Self::Ppc64Le,
            (22, true, true) => Self::S390x,
            (243, true, false) => Self::Riscv64,
            (258, true, false) => Self::LoongArch64,
            _ => Self::Other(number as u32),
        }
    }

    /// `cputype` of a Mach-O file (`mach/machine.h`).
    pub(super) const fn of_mach_o(number: u32) -> Self {
        match number {
            0x7 => Self::X86,
            0x100_0007 => Self::X86_64,
            0xc => Self::Arm,
            0x100_000c => Self::Arm64,
            0x12 => Self::Ppc,
            0x100_0012 => Self::Ppc64,
            other => Self::Other(other),
        }
    }

    /// `Machine` of a PE file (Microsoft, "PE format", machine types).
    pub(super) const fn of_pe(number: u16) -> Self {
        match number {
            0x14c => Self::X86,
            0x8664 => Self::X86_64,
            0x1c4 => Self::Arm,
            0xaa64 => Self::Arm64,
            other => Self::Other(other as u32),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86 => "x86",
            Self::X86_64 => "x86_64",
            Self::Arm => "arm",
            Self::Arm64 => "arm64",
            Self::Ppc => "ppc",
            Self::Ppc64 => "ppc64",
            Self::Ppc64Le => "ppc64le",
            Self::S390x => "s390x",
            Self::Riscv64 => "riscv64",
            Self::LoongArch64 => "loongarch64",
            Self::Other(number) => return write!(f, "machine {number:#x}"),
        })
    }
}

impl Serialize for Machine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
