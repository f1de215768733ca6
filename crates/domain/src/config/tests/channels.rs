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
    for (written, said) in table.into_iter().chain(labels()) {
        assert_eq!(told(STABLE, &written), said, "{written}");
    }
}

/// What may be wrong with a label of anaconda.org.
fn labels() -> Vec<(String, &'static str)> {
    let with = |label: &str| format!("{STABLE}\nanaconda = \"{label}\"");
    vec![
        (with("s3://train/conda"), "trackside.toml:15:12: a label of anaconda.org is needed: `anaconda://OWNER/LABEL`"),
        (
            with("anaconda://train/trackside-2.15.0"),
            "trackside.toml:15:12: labels that begin with `trackside-` hold files that wait to be released",
        ),
        (
            with("anaconda://train?token=hunter2"),
            "trackside.toml:15:12: not the URL of a store: only `endpoint` may follow `?`; give the token in the environment",
        ),
        (
            STABLE.replace("s3://train/public", "anaconda://train/main"),
            "trackside.toml:14:9: anaconda.org takes conda packages only: name it with `anaconda`",
        ),
        (
            format!("{STABLE}\nmirrors = [{{ store = \"gs://one\", anaconda = \"anaconda://train\" }}]"),
            "trackside.toml:15:45: a mirror has no label of anaconda.org: its channel has one",
        ),
    ]
}

#[test]
fn labels_of_anaconda_org_are_read_and_told_apart() {
    let test = "store = \"./store\"";
    let both = |test_label: &str, label: &str| {
        let main = MAIN.replace(test, &format!("{test}\nanaconda = \"{test_label}\""));
        main.replace(STABLE, &format!("{STABLE}\nanaconda = \"{label}\""))
    };
    let project = read(&both("anaconda://train-test", "anaconda://train"), LINE).unwrap();
    let labels: Vec<String> = project.anaconda.iter().map(|(channel, url)| format!("{channel} {url}")).collect();
    assert_eq!(labels, ["test anaconda://train-test/main", "stable anaconda://train/main"]);
    assert!(read(&both("anaconda://train/rc", "anaconda://train"), LINE).is_ok(), "two labels of one owner");
    let problems = read(&both("anaconda://train", "anaconda://train/main"), LINE).unwrap_err();
    assert!(problems.to_string().contains("both channels have this label"), "{problems}");
    assert!(read(MAIN, LINE).unwrap().anaconda.is_empty());
}
