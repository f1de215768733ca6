//! How old a candidate is, where this machine and the server do not agree on what day it is.

use std::collections::BTreeMap;

use trackside_domain::config;
use trackside_domain::plan::prune::Request;
use trackside_effects::observe;
use trackside_effects::store::Stores;

use crate::bucket::{Shop, Stall};
use crate::common::World;

/// The ages in days of all candidates, by a clock here that is a thousand days ahead.
fn ages(stall: &Stall<'_>, environment: BTreeMap<String, String>) -> Vec<u32> {
    let files = ["trackside.toml", "lines/2.15.toml"];
    let files = files.map(|file| (file.to_owned(), stall.world.read(&format!("release/{file}"))));
    let project = config::load(&BTreeMap::from(files), stall.world.path("release").to_str().unwrap()).unwrap();
    let ahead = jiff::Timestamp::now().as_second() + 1000 * 24 * 60 * 60;
    let request = Request { days: 30, keep: 0, backup: false };
    let world = observe::prune(&Stores::new(environment), &project, request, ahead).unwrap();
    world.ages.into_values().collect()
}

#[test]
fn a_wrong_clock_here_makes_no_candidate_old() {
    for shop in [Shop::open(World::sealed()), Shop::on_disk(World::sealed())] {
        let stall = shop.stall("ages");
        let environment = shop.server.credentials().into_iter().map(|(name, value)| (name.to_owned(), value));
        assert_eq!(ages(&stall, environment.collect()), [0]);
    }
}
