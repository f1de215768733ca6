//! `trackside schema`: the JSON schema of the configuration.

use trackside_domain::config;

use crate::reply::Reply;

pub(super) fn run() -> Reply {
    let schema = config::schema();
    Reply::new("json-schema", format!("{schema:#}"), schema)
}
