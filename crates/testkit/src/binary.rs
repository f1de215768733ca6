//! Binaries written field by field: just enough of ELF, Mach-O and PE to say for which machine they are
//! and what they need.
//!
//! Nothing here is shared with the reader, so a mistake cannot hide by being made twice.

mod elf;
mod mach_o;
mod pe;

pub use elf::{ElfBuilder, Needs};
pub use mach_o::{MachO, fat, fat_64};
pub use pe::Pe;
