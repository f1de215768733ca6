//! Channels, their public URLs and their mirrors.

use super::{LINE, MAIN, read, told};
use crate::project::Links;

const STABLE: &str = r#"store = "s3://train/public""#;
/// The same bucket name at another server is another store.
const MIRRORED: &str = r#"store = "s3://train/public"
url = "https://download.example.org"
mirrors = [{ store = "s3://train/public?endpoint=https://r2.example.org", url = "https://mirror.example.org/wheels" }, { store = "./mirror" }]
links = "https://mirror.example.org/wheels/""#;

#[test]
fn stores_mirrors_and_urls_are_read() {
    let project = read(&MAIN.replace(STABLE, MIRRORED), LINE).unwrap();
    let stores: Vec<String> = project.released_stores().map(|(name, store)| format!("{name} {store}")).collect();
    assert_eq!(
        stores,
        [
            "stable s3://train/public",
            "mirror-1 s3://train/public?endpoint=https://r2.example.org",
            "mirror-2 file:///srv/release/mirror"
        ]
    );
    assert_eq!(project.stable_url.as_ref().map(url::Url::as_str), Some("https://download.example.org/"));
    assert_eq!(project.mirrors[0].url.as_ref().map(url::Url::as_str), Some("https://mirror.example.org/wheels/"));
    assert_eq!(project.mirrors[1].url, None);
    assert_eq!(project.links, Links::Absolute("https://mirror.example.org/wheels/".parse().unwrap()));
    assert_eq!(read(MAIN, LINE).unwrap().links, Links::Relative);
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let mirror = |rest: &str| format!("{STABLE}\nurl = \"https://download.example.org\"\nmirrors = [{rest}]");
    let table = [
        (
            mirror(r#"{ store = "s3://train/public/" }"#),
            "trackside.toml:16:22: a mirror must be apart from the `stable` store: one must not hold the other",
        ),
        (
            mirror(r#"{ store = "./store/mirror" }"#),
            "trackside.toml:16:22: a mirror must be apart from the `test` store: one must not hold the other",
        ),
        (
            mirror(r#"{ store = "gs://one" }, { store = "gs://one" }"#),
            "trackside.toml:16:46: a mirror must be apart from the `mirror 1` store: one must not hold the other",
        ),
        (
            mirror(r#"{ store = "./backup" }"#),
            "trackside.toml:19:9: the backup must be apart from the `mirror 1` store: one must not hold the other",
        ),
        (mirror(r#"{ url = "https://mirror.example.org" }"#), "trackside.toml:16:12: a channel needs `store`"),
        (
            mirror(r#"{ store = "gs://one", name = "r2" }"#),
            "trackside.toml:16:34: unknown key `name` in a channel; allowed: store, url, anaconda",
        ),
        (
            mirror(r#"{ store = "gs://one", url = "ftp://mirror.example.org" }"#),
            "trackside.toml:16:40: this public URL is refused: only https, http and file are allowed",
        ),
        (
            mirror(r#"{ store = "gs://one", url = "https://me:hunter2@mirror.example.org" }"#),
            "trackside.toml:16:40: this public URL is refused: it holds a user name or a secret; give credentials in the environment",
        ),
        (
            mirror(r#"{ store = "gs://one" }"#) + "\nlinks = \"https://elsewhere.example.org\"",
            "trackside.toml:17:9: links can only lead where all files are: `relative`, or the `url` of this channel or of a mirror; allowed: relative, https://download.example.org/",
        ),
    ];
    for (written, said) in table {
        assert_eq!(told(STABLE, &written), said, "{written}");
    }
}
