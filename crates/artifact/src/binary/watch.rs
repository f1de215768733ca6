//! Looks at a member as it streams by, and keeps only what tells which machine and system it needs.

use std::ops::Range;

use super::input::{Input, Stop};
use super::{Seen, parse};

/// A sink for the bytes of one member. The readers of the formats ask for pieces in the order of
/// their need; those that lie ahead are caught as they pass, and one that has passed already is
/// asked for at the end.
pub(crate) struct Watch {
    input: Input,
    state: State,
    /// How many bytes have passed.
    position: u64,
}

enum State {
    /// Waits for a piece, of which the first bytes may be there.
    Wants { piece: Range<u64>, bytes: Vec<u8> },
    /// All is known; none if it is no binary.
    Knows(Option<Seen>),
}

impl Watch {
    /// Awaits a member of `size` bytes.
    pub(crate) fn new(size: u64) -> Self {
        let input = Input::new(size);
        Self { state: step(&input), input, position: 0 }
    }

    /// The next bytes of the member.
    pub(crate) fn feed(&mut self, chunk: &[u8]) {
        let begin = self.position;
        self.position = begin.saturating_add(chunk.len() as u64);
        while let State::Wants { piece, bytes } = &mut self.state {
            let missing = piece.start.saturating_add(bytes.len() as u64);
            let Some(ahead) = missing.checked_sub(begin) else {
                return;
            };
            let arrived = usize::try_from(ahead).ok().and_then(|ahead| chunk.get(ahead..)).unwrap_or_default();
            let wanted = usize::try_from(piece.end.saturating_sub(missing)).unwrap_or(usize::MAX);
            bytes.extend_from_slice(arrived.get(..wanted).unwrap_or(arrived));
            if arrived.len() < wanted {
                return;
            }
            let (start, bytes) = (piece.start, std::mem::take(bytes));
            self.supply(start, bytes);
        }
    }

    /// What the member is, once it has passed as a whole; none if it is no binary. What passed
    /// before its place was known is taken from `read`, at most a few times.
    ///
    /// # Errors
    /// Those of `read`.
    pub(crate) fn finish<E>(
        mut self,
        mut read: impl FnMut(Range<u64>) -> Result<Vec<u8>, E>,
    ) -> Result<Option<Seen>, E> {
        loop {
            let piece = match self.state {
                State::Knows(seen) => return Ok(seen),
                State::Wants { piece, .. } => piece,
            };
            let bytes = read(piece.clone())?;
            if bytes.len() as u64 != piece.end.saturating_sub(piece.start) {
                return Ok(Some(Err("it is cut short")));
            }
            self.input.supply(piece.start, bytes);
            self.state = step(&self.input);
        }
    }

    fn supply(&mut self, start: u64, bytes: Vec<u8>) {
        self.input.supply(start, bytes);
        self.state = step(&self.input);
    }
}

fn step(input: &Input) -> State {
    match parse(input) {
        Ok(binary) => State::Knows(binary.map(Ok)),
        Err(Stop::Needs(piece)) => State::Wants { bytes: input.beginning_of(&piece).to_vec(), piece },
        Err(Stop::Broken(reason)) => State::Knows(Some(Err(reason))),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;
    use trackside_testkit::binary::{ElfBuilder, MachO, Pe, fat};

    use super::*;

    /// What comes of the file in pieces of these sizes, over and over.
    fn watched(bytes: &[u8], sizes: &[usize]) -> Option<Seen> {
        let mut watch = Watch::new(bytes.len() as u64);
        let mut rest = bytes;
        for size in sizes.iter().cycle() {
            let (piece, later) = rest.split_at(rest.len().min(*size));
            watch.feed(piece);
            if later.is_empty() {
                break;
            }
            rest = later;
        }
        let read = |range: Range<u64>| Ok::<_, Infallible>(bytes[range.start as usize..range.end as usize].to_vec());
        watch.finish(read).unwrap()
    }

    #[test]
    fn nothing_is_read_again_that_can_be_caught() {
        let elf = ElfBuilder::new(62).needs("libc.musl-x86_64.so.1", &[]);
        let dynamic_first = ElfBuilder { dynamic_first: true, ..elf };
        for bytes in [dynamic_first.bytes(), MachO::new(7).macos(11, 0).bytes(), Pe::library(0x8664).bytes()] {
            let mut watch = Watch::new(bytes.len() as u64);
            bytes.iter().for_each(|byte| watch.feed(&[*byte]));
            let seen = watch.finish(Err);
            assert!(matches!(seen, Ok(Some(Ok(_)))), "{seen:?}");
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same(
            which in 0..5_usize,
            sizes in proptest::collection::vec(1..400_usize, 1..6),
            change in proptest::option::of((any::<usize>(), any::<u8>())),
        ) {
            let elf = || ElfBuilder::new(62).needs("libm.so.6", &["GLIBC_2.29"]).needs("libc.so.6", &["GLIBC_2.34"]).filler(700);
            let mut bytes = match which {
                0 => elf().bytes(),
                1 => ElfBuilder { names_last: true, dynamic_first: true, ..elf() }.bytes(),
                2 => ElfBuilder::new(20).narrow().big().needs("libc.so", &[]).filler(50).bytes(),
                3 => fat(&[(7, MachO { wide: false, ..MachO::new(7) }.bytes()), (12, MachO::new(12).macos(11, 0).bytes())]),
                _ => Pe::program(0x14c).bytes(),
            };
            if let Some((place, new)) = change {
                let place = place % bytes.len();
                bytes[place] = new;
            }
            prop_assert_eq!(watched(&bytes, &sizes), watched(&bytes, &[bytes.len()]));
        }
    }
}
