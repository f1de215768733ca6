//! The state log on a bucket: each number has one winner, and a lost answer is no loser.

use std::thread;

use serde_json::json;
use trackside_effects::log::{Log, LogError};
use trackside_testkit::servers::{Fault, Rule};

use crate::place::Place;
use crate::words::key;

#[test]
fn of_racing_writers_one_gets_each_number_and_the_others_know() {
    const WRITERS: usize = 4;
    const RECORDS: usize = 6;
    let place = Place::moto();
    let proxy = place.proxy();
    proxy.one_write_at_a_time();
    let store = place.through(&proxy, "one/state");
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let mut log = Log::open(&store, key("runs/x"));
            scope.spawn(move || {
                for record in 0..RECORDS {
                    append_at_the_end(&mut log, &json!({ "writer": writer, "record": record }));
                }
            });
        }
    });
    let records = Log::open(&store, key("runs/x")).read_all().unwrap();
    assert_eq!(records.len(), WRITERS * RECORDS);
    for writer in 0..WRITERS {
        let own: Vec<_> = records.iter().filter(|record| record.body["writer"] == json!(writer)).collect();
        assert!(own.iter().enumerate().all(|(index, record)| record.body["record"] == json!(index)));
    }
}

fn append_at_the_end(log: &mut Log, body: &serde_json::Value) {
    loop {
        let next = log.read_all().unwrap().len() as u64 + 1;
        match log.append(next, body.clone()) {
            Ok(record) => return assert_eq!(record.number, next),
            Err(LogError::Taken { number, .. }) => assert_eq!(number, next),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn an_append_whose_answer_is_lost_is_our_own_and_that_of_another_is_not() {
    let place = Place::moto();
    let proxy = place.proxy();
    let (ours, theirs) = (place.through(&proxy, "one/state"), place.store("one/state"));
    let (mut one, mut two) = (Log::open(&ours, key("runs/x")), Log::open(&theirs, key("runs/x")));
    for (number, fault) in (1..).zip([Fault::Lost, Fault::Truncated, Fault::Denied(500), Fault::Reset]) {
        proxy.inject(Rule { method: "PUT", part: "/runs/x/", nth: 1, times: 1, fault });
        let record = one.append(number, json!("ours")).unwrap();
        assert_eq!(record.number, number);
        proxy.clear();
        assert!(matches!(two.append(number, json!("ours")), Err(LogError::Taken { .. })));
    }
    two.append(5, json!("theirs")).unwrap();
    // Lost on its way, and written by another before it was sent again.
    proxy.inject(Rule { method: "PUT", part: "/runs/x/", nth: 1, times: 1, fault: Fault::Reset });
    assert!(matches!(one.append(5, json!("ours")), Err(LogError::Taken { number: 5, .. })));
    assert_eq!(two.read_all().unwrap().len(), 5);
}
