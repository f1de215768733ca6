//! What the binaries in an artifact need: machine, C library, macOS; and whether that is what the
//! name of the file promises.

mod elf;
mod head;
mod input;
mod mach_o;
mod machine;
mod pe;
mod platform;
mod rules;
mod verneed;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};

pub(crate) use self::head::{HEAD, machine_of};
pub use self::machine::Machine;
pub(crate) use self::rules::{Found, check_wheel, check_zip};
pub(crate) use self::watch::Watch;

use self::input::{Input, Stop};

/// A binary, or in what way a file that begins as one is broken.
pub(crate) type Seen = Result<Binary, &'static str>;

/// A file of machine code, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Elf(Elf),
    /// One part, or in a fat file one for each processor.
    MachO(Vec<Slice>),
    Pe {
        /// None for code of the .NET runtime, which runs on every processor.
        machine: Option<Machine>,
        library: bool,
    },
}

/// An ELF file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Elf {
    /// None for code of a graphics processor or of the kernel's virtual machine.
    machine: Option<Machine>,
    /// The highest version of glibc's symbols that it needs.
    glibc: Option<PlatformVersion>,
    /// Whether it needs symbols that glibc keeps for itself.
    glibc_private: bool,
    /// Whether it needs the C library of musl.
    musl: bool,
}

/// The part of a Mach-O file that is for one processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    machine: Machine,
    /// The lowest macOS on which it runs, if it says so.
    macos: Option<PlatformVersion>,
}

/// A version of glibc or macOS as far as platform tags know it: `2.17`, `10.9`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlatformVersion {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

/// What the binaries of an artifact need, taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Binaries {
    /// How many there are, without code for graphics processors.
    pub count: usize,
    /// For which processors.
    pub machines: BTreeSet<Machine>,
    /// The highest version of glibc's symbols that one of them needs.
    pub glibc: Option<PlatformVersion>,
    /// The lowest macOS on which all of them run, for each processor.
    pub macos: BTreeMap<Machine, PlatformVersion>,
}

/// Which of the three forms a binary has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Format {
    Elf,
    MachO,
    Pe,
}

/// Reads a file as far as it is known; none if it is no binary.
fn parse(input: &Input) -> Result<Option<Binary>, Stop> {
    if input.size() < 4 {
        return Ok(None);
    }
    match *input.at(0, 4)? {
        [0x7f, b'E', b'L', b'F'] => elf::parse(input).map(Some),
        [b'M', b'Z', _, _] => pe::parse(input),
        [a, b, c, d] if mach_o::is_magic([a, b, c, d]) => mach_o::parse(input),
        _ => Ok(None),
    }
}

impl Binary {
    const fn format(&self) -> Format {
        match self {
            Self::Elf(_) => Format::Elf,
            Self::MachO(_) => Format::MachO,
            Self::Pe { .. } => Format::Pe,
        }
    }

    /// The processors it is for; none if it is for no CPU or for all.
    fn machines(&self) -> BTreeSet<Machine> {
        match self {
            Self::Elf(Elf { machine, .. }) | Self::Pe { machine, .. } => machine.iter().copied().collect(),
            Self::MachO(slices) => slices.iter().map(|slice| slice.machine).collect(),
        }
    }
}

impl Binaries {
    /// The sum of those that could be read.
    pub(crate) fn of<'a>(seen: impl IntoIterator<Item = &'a Seen>) -> Self {
        let mut sum = Self::default();
        for binary in seen.into_iter().flatten() {
            sum.add(binary);
        }
        sum
    }

    fn add(&mut self, binary: &Binary) {
        let machines = binary.machines();
        self.count += usize::from(!machines.is_empty());
        self.machines.extend(machines);
        match binary {
            Binary::Elf(elf) => self.glibc = self.glibc.max(elf.glibc),
            Binary::MachO(slices) => {
                for Slice { machine, macos } in slices {
                    if let Some(version) = macos {
                        let lowest = self.macos.entry(*machine).or_insert(*version);
                        *lowest = (*lowest).max(*version);
                    }
                }
            }
            Binary::Pe { .. } => {}
        }
    }
}

impl fmt::Display for PlatformVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Serialize for PlatformVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elf => "ELF",
            Self::MachO => "Mach-O",
            Self::Pe => "PE",
        })
    }
}
