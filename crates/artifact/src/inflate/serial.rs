//! Owns inflating from a true position, in order: the judge whenever guessing did not work.

use super::Flaw;
use super::delivery::Delivery;
use super::input::{Source, Walk};
use super::splice::CLOSING_ROOM;
use super::strand::{Broken, Strand};

/// Unpacked between two deliveries.
const ROOM: usize = 256 * 1024;

impl From<Broken> for Flaw {
    fn from(_: Broken) -> Self {
        Self::Corrupt
    }
}

/// Inflates from bit `start` to one of the `targets`: `Some` is the one
/// reached, `None` the end of the stream. A target that is no start of a block costs another
/// run from `start`; nothing is handed out twice.
pub(crate) fn to_one_of(
    source: Source<'_>,
    start: u64,
    targets: &[u64],
    delivery: &mut Delivery<'_>,
) -> Result<Option<u64>, Flaw> {
    let window = delivery.window().to_vec();
    let before = delivery.handed();
    for target in targets {
        let skip = delivery.handed() - before;
        match stretch(source, start, &window, Some(*target), skip, delivery)? {
            Stop::Target => return Ok(Some(*target)),
            Stop::Elsewhere => {}
        }
    }
    let skip = delivery.handed() - before;
    stretch(source, start, &window, None, skip, delivery).map(|_| None)
}

/// Where a stretch came to its end.
enum Stop {
    Target,
    Elsewhere,
}

fn stretch(
    source: Source<'_>,
    start: u64,
    window: &[u8],
    target: Option<u64>,
    mut skip: u64,
    delivery: &mut Delivery<'_>,
) -> Result<Stop, Flaw> {
    let mut strand = Strand::new(window)?;
    let mut walk = Walk::new(source, start, target)?;
    let mut room = vec![0; ROOM];
    let mut hand_out = |bytes: &[u8]| {
        let seen = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
        skip -= seen as u64;
        delivery.push(&bytes[seen..])?;
        // One byte more than is declared, so that a stream that is too long is found to be so
        // at that byte, whatever follows it.
        Ok::<_, Flaw>(usize::try_from(skip + delivery.room()).unwrap_or(ROOM).min(ROOM - 1) + 1)
    };
    let mut limit = hand_out(&[])?;
    loop {
        let body = walk.body()?;
        let starved = body.is_empty();
        if starved && target.is_some() {
            break;
        }
        let step = strand.run(body, &mut room[..limit])?;
        walk.advance(step.used);
        let full = step.made == limit;
        limit = hand_out(&room[..step.made])?;
        if step.ended {
            // Without a target every byte of the source was to be used.
            return match walk.left() {
                0 => Ok(Stop::Target),
                left => Err(Flaw::Trailing(left)),
            };
        }
        if starved && !full {
            return Err(Flaw::Truncated);
        }
    }
    // What comes out from here on is true only if the target is.
    match walk.closing()?.and_then(|end| end.prove(&mut strand, &mut room[..CLOSING_ROOM])) {
        Some(made) => hand_out(&room[..made]).map(|_| Stop::Target),
        None => Ok(Stop::Elsewhere),
    }
}
