//! Numbers and pieces taken off the front of the fuzzer's bytes, which steer what is built.

/// What is left of the fuzzer's bytes. At their end every number is 0 and every piece is empty.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    /// Whether anything is left.
    pub const fn has_more(&self) -> bool {
        !self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// The next two bytes.
    pub fn short(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// A number of any size; small ones need few bytes.
    pub fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=247 => small.into(),
            marks => {
                let length = usize::from(marks - 247);
                (0..length).fold(0, |value, at| value | u64::from(self.byte()) << (8 * at))
            }
        }
    }

    /// A piece whose length stands before it.
    pub fn piece(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        let (piece, rest) = self.0.split_at(length);
        self.0 = rest;
        piece
    }
}
