//! PE files.

/// A library or program for Windows.
#[derive(Clone, Copy, Debug)]
pub struct Pe {
    /// `Machine`: `0x8664` is x86_64, `0x14c` x86, `0xaa64` arm64.
    pub machine: u16,
    /// Whether it is a library.
    pub dll: bool,
    /// Whether it is code for the .NET runtime.
    pub managed: bool,
}

impl Pe {
    /// A library.
    pub const fn library(machine: u16) -> Self {
        Self { machine, dll: true, managed: false }
    }

    /// A program.
    pub const fn program(machine: u16) -> Self {
        Self { machine, dll: false, managed: false }
    }

    /// The file.
    pub fn bytes(self) -> Vec<u8> {
        const HEADER: u32 = 0x80;
        let wide = self.machine != 0x14c;
        let before: usize = if wide { 112 } else { 96 };
        let mut optional = vec![0; before + 16 * 8];
        optional[..2].copy_from_slice(&if wide { 0x20b_u16 } else { 0x10b }.to_le_bytes());
        optional[before - 4..before].copy_from_slice(&16_u32.to_le_bytes());
        if self.managed {
            optional[before + 14 * 8..before + 15 * 8].copy_from_slice(&[0, 0x20, 0, 0, 0x48, 0, 0, 0]);
        }
        let mut out = vec![0; HEADER as usize];
        out[..2].copy_from_slice(b"MZ");
        out[0x3c..0x40].copy_from_slice(&HEADER.to_le_bytes());
        out.extend(b"PE\0\0");
        out.extend([self.machine, 1].iter().flat_map(|half| half.to_le_bytes()));
        out.extend([0; 12]);
        out.extend((optional.len() as u16).to_le_bytes());
        out.extend(if self.dll { 0x2022_u16 } else { 0x0022 }.to_le_bytes());
        out.extend(optional);
        out.extend([0xcc; 100]);
        out
    }
}
