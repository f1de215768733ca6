//! One Zstandard frame (RFC 8878) with a bounded window.

use trackside_domain::finding::Code;
use zstd::stream::raw::{DParameter, Decoder, Operation as _};

use super::input::Input;
use super::{Step, Stop};
use crate::limits::MAX_ZSTD_WINDOW;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

pub(super) struct Zstd(Decoder<'static>);

/// Longest frame header in bytes (RFC 8878, 3.1.1.1): descriptor, window, dictionary, content size.
const MAX_HEADER: usize = 14;

impl Zstd {
    /// Looks at the header of the frame, and consumes nothing.
    pub(super) fn begin(input: &mut Input<'_>) -> Result<Self, Stop> {
        let refused = |code, message: &str| Stop::Flaw(code, message.to_owned());
        let bytes = input.fill()?;
        // Skippable frames have other magic numbers.
        let Some(header) = bytes.strip_prefix(&MAGIC) else {
            return Err(refused(Code::ZstdCorrupt, "it does not begin with a Zstandard frame"));
        };
        let header = &header[..header.len().min(MAX_HEADER)];
        match window(header) {
            None => return Err(refused(Code::ZstdCorrupt, "the header of the Zstandard frame is cut short")),
            Some(Window::Dictionary) => return Err(refused(Code::ZstdWindow, "it needs a dictionary")),
            Some(Window::Size(size)) if size > MAX_ZSTD_WINDOW => {
                let message = format!("its window has {size} bytes, {MAX_ZSTD_WINDOW} are allowed");
                return Err(Stop::Flaw(Code::ZstdWindow, message));
            }
            Some(Window::Size(_)) => {}
        }
        let failed = |_| refused(Code::ZstdCorrupt, "no Zstandard decoder could be made");
        let mut decoder = Decoder::new().map_err(failed)?;
        decoder.set_parameter(DParameter::WindowLogMax(MAX_ZSTD_WINDOW.ilog2())).map_err(failed)?;
        Ok(Self(decoder))
    }

    /// None if the stream is corrupt.
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Option<Step> {
        let status = self.0.run_on_buffers(input, output).ok()?;
        Some(Step { consumed: status.bytes_read, produced: status.bytes_written, ended: status.remaining == 0 })
    }
}

enum Window {
    Size(u64),
    Dictionary,
}

/// The memory that the frame asks for, by its header behind the magic number.
fn window(header: &[u8]) -> Option<Window> {
    const SINGLE_SEGMENT: u8 = 1 << 5;
    let (descriptor, rest) = header.split_first()?;
    if descriptor & 0b11 != 0 {
        return Some(Window::Dictionary);
    }
    if descriptor & SINGLE_SEGMENT == 0 {
        let byte = rest.first()?;
        let (exponent, mantissa) = (u32::from(byte >> 3), u64::from(byte & 0b111));
        let base = 1_u64 << (10 + exponent);
        return Some(Window::Size(base + base / 8 * mantissa));
    }
    // The window is the whole content, whose size stands there.
    let length = 1_usize << (descriptor >> 6);
    let bytes = rest.get(..length)?;
    let size = bytes.iter().rev().fold(0, |size: u64, byte| size << 8 | u64::from(*byte));
    Some(Window::Size(if length == 2 { size + 256 } else { size }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(header: &[u8]) -> Option<u64> {
        match window(header)? {
            Window::Size(size) => Some(size),
            Window::Dictionary => None,
        }
    }

    #[test]
    fn the_window_is_read_from_either_form_of_the_header() {
        assert_eq!(size(&[0, 13 << 3]), Some(8 << 20));
        assert_eq!(size(&[0, 17 << 3 | 1]), Some((128 << 20) + (16 << 20)));
        assert_eq!(size(&[0, 0xff]), Some((1 << 41) + (7 << 38)));
        assert_eq!(size(&[1 << 5, 9]), Some(9));
        assert_eq!(size(&[1 << 6 | 1 << 5, 0, 1]), Some(512));
        assert_eq!(size(&[2 << 6 | 1 << 5, 0, 0, 0, 1]), Some(1 << 24));
        assert_eq!(size(&[3 << 6 | 1 << 5, 0, 0, 0, 0, 0, 0, 0, 1]), Some(1 << 56));
        assert!(window(&[3 << 6 | 1 << 5, 0]).is_none() && window(&[]).is_none() && window(&[0]).is_none());
        assert!(matches!(window(&[1, 0, 0]), Some(Window::Dictionary)));
    }
}
