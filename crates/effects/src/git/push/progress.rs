//! git's progress meters on standard error, as numbers.

/// How far a push has come. All zero until git begins to send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PushProgress {
    /// Objects that were sent.
    pub objects: u64,
    /// Objects that are to be sent.
    pub total: u64,
    /// Bytes that were sent, as precisely as git tells (it rounds to 1 %).
    pub bytes: u64,
}

/// Puts lines together out of portions of standard error.
#[derive(Debug, Default)]
pub(super) struct Meter {
    rest: Vec<u8>,
}

impl Meter {
    /// Takes a portion and reports each complete meter line of the sending phase.
    pub(super) fn feed(&mut self, bytes: &[u8], report: &dyn Fn(PushProgress)) {
        for byte in bytes {
            if !matches!(byte, b'\r' | b'\n') {
                self.rest.push(*byte);
                continue;
            }
            if let Some(progress) = parse(&String::from_utf8_lossy(&self.rest)) {
                report(progress);
            }
            self.rest.clear();
        }
    }
}

/// `Writing objects:  42% (5/12), 1.20 MiB | 3.00 MiB/s`.
fn parse(line: &str) -> Option<PushProgress> {
    let counts = line.strip_prefix("Writing objects:")?;
    let (_, rest) = counts.split_once('(')?;
    let (counts, rest) = rest.split_once(')')?;
    let (objects, total) = counts.split_once('/')?;
    let size = rest.trim_start_matches([',', ' ']).split('|').next().unwrap_or_default();
    Some(PushProgress { objects: objects.parse().ok()?, total: total.parse().ok()?, bytes: bytes(size).unwrap_or(0) })
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let factor: u64 = match unit.trim_end_matches(", done.").trim() {
        "bytes" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    let hundredths: u64 = format!("{fraction:0<2}").get(..2)?.parse().ok()?;
    Some(whole.parse::<u64>().ok()? * factor + hundredths * factor / 100)
}

/// What git said apart from its meters, for messages.
pub(super) fn without_meters(stderr: &[u8]) -> Vec<u8> {
    const METERS: [&str; 8] = [
        "Enumerating objects:",
        "Counting objects:",
        "Compressing objects:",
        "Writing objects:",
        "Delta compression using",
        "Total ",
        "remote: Resolving deltas:",
        "POST git-receive-pack",
    ];
    let text = String::from_utf8_lossy(stderr);
    let lines = text.lines().map(|line| line.rsplit('\r').next().unwrap_or(line));
    let kept: Vec<&str> = lines.filter(|line| !METERS.iter().any(|meter| line.starts_with(meter))).collect();
    kept.join("\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn meters_are_read_across_portions() {
        let seen = RefCell::new(Vec::new());
        let report = |progress| seen.borrow_mut().push(progress);
        let mut meter = Meter::default();
        for portion in [
            "Counting objects: 100% (3/3), done.\nWriting obj",
            "ects:  33% (1/3)\rWriting objects:  66% (2/3), 1.50 KiB | 3 KiB/s\r",
            "Writing objects: 100% (3/3), 12 bytes | 12.00 KiB/s, done.\n",
        ] {
            meter.feed(portion.as_bytes(), &report);
        }
        let seen: Vec<_> = seen.into_inner().iter().map(|p| (p.objects, p.total, p.bytes)).collect();
        assert_eq!(seen, [(1, 3, 0), (2, 3, 1_536), (3, 3, 12)]);
    }

    #[test]
    fn messages_are_kept_without_meters() {
        let text = b"Writing objects: 50%\rWriting objects: 100% (3/3), done.\nTotal 3 (delta 0)\nremote: no\n";
        assert_eq!(without_meters(text), b"remote: no");
    }
}
