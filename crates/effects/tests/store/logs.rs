//! Logs: what is read is exactly what was written, or refused by name.

use serde_json::{Value, json};
use trackside_effects::log::{Log, LogError, RecordError};

use crate::scratch::{Scratch, create, key, listing, told};

const FOLDER: &str = "s/runs/x";

/// A log of three records.
fn three_records() -> (Scratch, Log) {
    let scratch = Scratch::new();
    let mut log = Log::open(&scratch.store("s"), key("runs/x"));
    for (number, body) in
        [json!({ "opened": "größe" }), json!({ "ratio": 0.1, "n": [1, null] }), json!("end")].iter().enumerate()
    {
        let record = log.append(number as u64 + 1, body.clone()).unwrap();
        assert_eq!(record.body, *body);
    }
    (scratch, log)
}

fn bodies(log: &mut Log) -> Vec<Value> {
    log.read_all().unwrap().into_iter().map(|record| record.body).collect()
}

fn path(scratch: &Scratch, number: usize) -> std::path::PathBuf {
    scratch.path(FOLDER).join(format!("{number:06}.json"))
}

#[test]
fn records_are_numbered_objects_of_one_line_and_chained_by_digest() {
    let (scratch, mut log) = three_records();
    assert_eq!(bodies(&mut log), [json!({ "opened": "größe" }), json!({ "n": [1, null], "ratio": 0.1 }), json!("end")]);
    let records = log.read_all().unwrap();
    let bytes: Vec<String> = (1..=3).map(|number| std::fs::read_to_string(path(&scratch, number)).unwrap()).collect();
    for (record, text) in records.iter().zip(&bytes) {
        let stored: Value = serde_json::from_str(text).unwrap();
        assert_eq!(stored["prev"], json!(record.prev));
        assert_eq!(text.matches('\n').count(), 1);
    }
    let digests = bytes.iter().map(|text| trackside_domain::digest::Sha256::of(text.as_bytes()));
    assert!(records[1..].iter().map(|record| record.prev).eq(digests.take(2)));
    let text = bytes[2].replace(&records[2].writer, "WRITER").replace(&records[2].prev.to_string(), "PREV");
    insta::assert_snapshot!(text.split_once(",\"sha256\"").unwrap().0, @r#"{"format":1,"number":3,"prev":"PREV","writer":"WRITER","body":"end""#);
}

#[test]
fn an_empty_log_is_empty_and_a_missing_store_is_an_error() {
    let scratch = Scratch::new();
    let mut log = Log::open(&scratch.store("s"), key("runs/x"));
    assert_eq!(log.read_all().unwrap(), []);
    std::fs::remove_dir_all(scratch.path("s")).unwrap();
    assert!(matches!(log.read_all(), Err(LogError::Store(_))));
    assert!(matches!(log.append(1, json!(1)), Err(LogError::Store(_))));
}

#[test]
fn the_last_record_is_read_without_the_others_and_continued() {
    let (scratch, mut log) = three_records();
    assert_eq!(Log::open(&scratch.store("s"), key("runs/none")).last().unwrap(), None);
    // What is wrong with an old record is for those to see who read it.
    std::fs::write(path(&scratch, 1), "damaged").unwrap();
    let mut other = Log::open(&scratch.store("s"), key("runs/x"));
    let last = other.last().unwrap().unwrap();
    assert_eq!((last.number, &last.body), (3, &json!("end")));
    let next = other.append(4, json!("more")).unwrap();
    assert_eq!(next.prev, trackside_domain::digest::Sha256::of(&std::fs::read(path(&scratch, 3)).unwrap()));
    assert!(matches!(log.read_all(), Err(LogError::Refused { number: 1, .. })));
    std::fs::write(path(&scratch, 4), "damaged").unwrap();
    assert!(matches!(other.last(), Err(LogError::Refused { number: 4, .. })));
    std::fs::remove_file(path(&scratch, 4)).unwrap();
    std::fs::write(scratch.path(FOLDER).join("note"), "x").unwrap();
    assert!(matches!(other.last(), Err(LogError::Stranger(_))));
}

#[test]
fn every_flipped_byte_is_noticed() {
    let (scratch, mut log) = three_records();
    let mut flipped = 0;
    for number in 1..=3 {
        let path = path(&scratch, number);
        let bytes = std::fs::read(&path).unwrap();
        for index in 0..bytes.len() {
            for bit in [0x01, 0x20, 0x80] {
                let mut damaged = bytes.clone();
                damaged[index] ^= bit;
                std::fs::write(&path, damaged).unwrap();
                match log.read_all() {
                    Err(LogError::Refused { number: refused, .. }) => assert_eq!(refused, number as u64),
                    other => panic!("byte {index} of record {number}: {other:?}"),
                }
                flipped += 1;
            }
        }
        std::fs::write(&path, bytes).unwrap();
    }
    assert!(flipped > 2000, "{flipped}");
    assert_eq!(bodies(&mut log).len(), 3);
}

#[test]
fn a_record_cut_or_lengthened_at_any_byte_is_refused() {
    let (scratch, mut log) = three_records();
    for number in 1..=3 {
        let path = path(&scratch, number);
        let bytes = std::fs::read(&path).unwrap();
        for length in 0..bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(matches!(log.read_all(), Err(LogError::Refused { .. })), "{length} bytes of record {number}");
        }
        for more in [" ", "\n", "{}", "\0"] {
            std::fs::write(&path, [bytes.as_slice(), more.as_bytes()].concat()).unwrap();
            assert!(matches!(log.read_all(), Err(LogError::Refused { .. })), "record {number} and {more:?}");
        }
        std::fs::write(&path, bytes).unwrap();
    }
}

#[test]
fn a_log_without_its_last_records_is_a_shorter_log_and_one_with_a_hole_is_refused() {
    let (scratch, mut log) = three_records();
    let all = bodies(&mut log);
    for left in (0..3).rev() {
        std::fs::rename(path(&scratch, left + 1), scratch.path(&left.to_string())).unwrap();
        assert_eq!(bodies(&mut log), all[..left]);
    }
    for back in [2, 3] {
        std::fs::copy(scratch.path(&(back - 1).to_string()), path(&scratch, back)).unwrap();
        assert!(matches!(log.read_all(), Err(LogError::Gap { number: 1, .. })));
    }
    std::fs::copy(scratch.path("0"), path(&scratch, 1)).unwrap();
    std::fs::remove_file(path(&scratch, 2)).unwrap();
    assert!(matches!(log.read_all(), Err(LogError::Gap { number: 2, .. })));
    assert!(matches!(
        Log::open(&scratch.store("s"), key("runs/x")).append(3, json!(1)),
        Err(LogError::Gap { number: 2, .. })
    ));
    assert!(matches!(log.append(0, json!(1)), Err(LogError::Gap { number: 0, .. })));
}

#[test]
fn records_of_another_place_or_another_history_are_refused() {
    let refusal = |log: &mut Log| match log.read_all() {
        Err(LogError::Refused { number, source, .. }) => (number, source),
        other => panic!("{other:?}"),
    };
    let (scratch, mut log) = three_records();
    std::fs::copy(path(&scratch, 3), path(&scratch, 2)).unwrap();
    assert!(matches!(refusal(&mut log), (2, RecordError::Misplaced { found: 3 })));

    // Another writer's record 2, in itself without fault: it is the third that does not follow it.
    let (scratch, mut log) = three_records();
    std::fs::remove_file(path(&scratch, 2)).unwrap();
    Log::open(&scratch.store("s"), key("runs/x")).append(2, json!("forged")).unwrap();
    assert!(matches!(refusal(&mut log), (3, RecordError::BrokenChain { .. })));

    let (scratch, mut log) = three_records();
    let newer = std::fs::read_to_string(path(&scratch, 3)).unwrap().replace(r#"{"format":1"#, r#"{"format":2"#);
    std::fs::write(path(&scratch, 3), newer).unwrap();
    assert!(matches!(refusal(&mut log), (3, RecordError::Newer { found: 2 })));
    // Nor is anything appended to what a newer trackside wrote.
    let mut other = Log::open(&scratch.store("s"), key("runs/x"));
    assert!(matches!(other.append(4, json!(1)), Err(LogError::Refused { number: 3, .. })));
    assert_eq!(std::fs::read_dir(scratch.path(FOLDER)).unwrap().count(), 3);
}

#[test]
fn strangers_among_the_records_are_named() {
    for stranger in
        ["000000.json", "1.json", "0000002.json", "000002.json.bak", "000002", "a/000002.json", "+00002.json"]
    {
        let (scratch, mut log) = three_records();
        let at = format!("runs/x/{stranger}");
        create(&scratch.store("s"), &at, b"{}").map(drop).unwrap();
        match log.read_all() {
            Err(LogError::Stranger(found)) => assert_eq!(found.as_str(), at),
            other => panic!("{stranger}: {other:?}"),
        }
    }
}

#[test]
fn the_number_that_another_has_taken_is_lost_and_our_own_second_try_is_not() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    let (mut one, mut two) = (Log::open(&store, key("runs/x")), Log::open(&store, key("runs/x")));
    let first = one.append(1, json!("same")).unwrap();
    // The answer was lost: the same again is the same record.
    assert_eq!(one.append(1, json!("same")).unwrap(), first);
    // Another writer with the very same words has not written them.
    insta::assert_snapshot!(told(&two.append(1, json!("same")).unwrap_err()), @"record 1 of runs/x was written by another");
    assert!(matches!(one.append(1, json!("other")), Err(LogError::Taken { number: 1, .. })));
    two.append(2, json!("next")).unwrap();
    assert!(matches!(one.append(2, json!("next")), Err(LogError::Taken { number: 2, .. })));
    assert_eq!(bodies(&mut one), [json!("same"), json!("next")]);
    assert_eq!(listing(&store).lines().count(), 2);
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    let mut log = Log::open(&store, key("runs/x"));
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    assert!(matches!(log.append(1, deep), Err(LogError::Refused { number: 1, .. })));
    let large = json!("x".repeat(5 << 20));
    assert!(matches!(log.append(1, large), Err(LogError::TooLarge { number: 1, .. })));
    assert_eq!(listing(&store), "");
}
