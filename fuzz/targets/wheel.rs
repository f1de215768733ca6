//! Wheels from raw bytes, under a name that the fuzzer may choose.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trackside_fuzz::{WHEEL, is_accepted, judge, second_reader};

fuzz_target!(|data: &[u8]| {
    let (name, bytes) = match data {
        [1, length, rest @ ..] if rest.len() >= usize::from(*length) => {
            let (name, bytes) = rest.split_at(usize::from(*length));
            let name = String::from_utf8_lossy(name).replace(['/', '\0'], "");
            (format!("{}.whl", name.chars().take(60).collect::<String>()), bytes)
        }
        _ => (WHEEL.to_owned(), data),
    };
    if is_accepted(&judge(&name, bytes)) {
        assert_eq!(second_reader::by_directory(bytes), second_reader::by_walking(bytes));
    }
});
