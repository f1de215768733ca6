//! Every mistake with the exact words that tell it.

use super::told;

/// A text of the good configuration, what is written instead, and what is said.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        r#"platforms = ["manylinux_2_28_x86_64", "win_amd64"]"#,
        r#"platfroms = ["manylinux_2_28_x86_64", "win_amd64"]"#,
        "trackside.toml:79:1: unknown key `platfroms` in a matrix row; did you mean `platforms`?",
    ),
    (
        "[backup]",
        "[bakcup]",
        "trackside.toml:1:1: trackside.toml needs `backup`\ntrackside.toml:16:2: unknown key `bakcup` in trackside.toml; did you mean `backup`?",
    ),
    (
        "cut = 2026-10-05",
        "cut-libraires = 2026-10-05",
        "lines/2.15.toml:4:1: there is no wave `libraires`; did you mean `libraries`?",
    ),
    ("timeout = 60", r#"timeout = "60""#, "trackside.toml:63:11: `timeout` must be an integer, not a string"),
    ("timeout = 60", "timeout = 0", "trackside.toml:63:11: `timeout` must be between 1 and 3600 seconds"),
    (r#"line = "2.15""#, "line = 2.15", r#"lines/2.15.toml:1:8: `line` must be a string: write "2.15", not 2.15"#),
    (r#"torch = "2.15.0""#, "torch = 2.10", r#"lines/2.15.toml:8:9: `torch` must be a string: write "2.10", not 2.10"#),
    (
        r#"torch = "2.15.0""#,
        "torch = 2026-10-05",
        r#"lines/2.15.toml:8:9: `torch` must be a string: write "2026-10-05", not 2026-10-05"#,
    ),
    ("exact = true", r#"exact = "yes""#, "trackside.toml:26:44: `exact` must be `true` or `false`, not a string"),
    ("name = \"Train\"\n", "", "trackside.toml:3:1: [project] needs `name`"),
    (r#"name = "Train""#, "name = \"Train\"\nname = \"Train\"", "trackside.toml:5:1: duplicate key `name`"),
    ("[state]", "[project]", "trackside.toml:7:2: duplicate key `project`"),
    (
        r#"waves = ["core", "libraries"]"#,
        r#"waves = "core""#,
        "trackside.toml:1:9: `waves` must be a list, not a string",
    ),
    (
        "[backup]",
        "[[waivers]]\ncode = \"create-onyl\"\nsubject = \"stabel\"\nreason = \" \"\nowner = \"O\"\nexpires = 2026-12-01\n[backup]",
        "trackside.toml:17:8: `create-onyl` cannot be waived; did you mean `create-only`?\ntrackside.toml:18:11: no store is called `stabel`; did you mean `stable`?\ntrackside.toml:19:10: `reason` must be a line of text",
    ),
    (
        "[backup]",
        "[[waivers]]\ncode = \"create-only\"\nsubject = \"stable\"\nreason = \"R\"\nowner = \"O\"\nexpires = \"soon\"\n[backup]",
        "trackside.toml:21:11: `soon` is no day; write it as 2026-10-28",
    ),
    (r#"kind = "pin""#, r#"kind = "pni""#, "trackside.toml:50:8: `kind` cannot be `pni`; did you mean `pin`?"),
    ("kind = \"patch\"\n", "", "trackside.toml:56:1: an edit needs `kind`"),
    (r#"to = "commit""#, r#"to = "tag""#, "trackside.toml:54:6: `to` cannot be `tag`; allowed: branch, commit"),
    (
        r#"edits = "topic-branch""#,
        r#"edits = "pull-request""#,
        "trackside.toml:27:21: `edits` cannot be `pull-request`; allowed: push, topic-branch",
    ),
    (
        r#"kind = "libtorch""#,
        r#"kind = "zip""#,
        "trackside.toml:86:8: `kind` cannot be `zip`; allowed: wheel, libtorch, sdist, source, conda",
    ),
    (r#"name = "Train""#, r#"name = "Train"#, r#"trackside.toml:4:14: invalid basic string, expected `"`"#),
    (r#"identity = "Release"#, r#"identity : "Release"#, "trackside.toml:5:10: key with no value, expected `=`"),
    (
        r#"python = ["cp310", "cp314t"]"#,
        "python = [3.10, 3.14]",
        "trackside.toml:77:11: `python` must be a string: write \"3.10\", not 3.10\ntrackside.toml:77:17: `python` must be a string: write \"3.14\", not 3.14",
    ),
    (
        "Release Bot <bot@example.org>",
        "Release Bot",
        "trackside.toml:5:12: `identity` must have the form `Name <mail@example.org>`",
    ),
    (
        r#"store = "s3://train/public""#,
        r#"store = "./store/public""#,
        "trackside.toml:11:9: `test` and `stable` must be one store or apart: one must not hold the other",
    ),
    (
        r#"store = "./state""#,
        r#"store = "./store/state""#,
        "trackside.toml:8:9: the state must be apart from the `test` store: what one holds the public reads",
    ),
    (
        r#"store = "./backup""#,
        r#"store = "./store/backup""#,
        "trackside.toml:17:9: the backup must be apart from the `test` store: one must not hold the other",
    ),
    (
        r#"store = "./backup""#,
        r#"store = "./state""#,
        "trackside.toml:17:9: the backup must be apart from the `state` store: one must not hold the other",
    ),
    (
        r#"store = "s3://train/public""#,
        r#"store = "ftp://train/public""#,
        "trackside.toml:14:9: not the URL of a store: only `file`, `s3`, `gs`, `az` and `anaconda` are known",
    ),
    (
        r#"store = "s3://train/public""#,
        r#"store = "s3://key:secret@train/public""#,
        "trackside.toml:14:9: not the URL of a store: it holds a user name or a secret; give credentials in the environment",
    ),
    (r#"store = "./state""#, r#"store = "../../../state""#, "trackside.toml:8:9: this path leaves the file system"),
    (
        r#""https://pypi.org/simple/""#,
        r#""https://user:hunter2@pypi.org/simple/""#,
        "trackside.toml:20:13: this index is refused: it holds a user name or a secret; give credentials in the environment",
    ),
    (
        r#""https://pypi.org/simple/""#,
        r#""ftp://pypi.org/simple/""#,
        "trackside.toml:20:13: this index is refused: only https, http and file are allowed",
    ),
    (r#""file:./mirror""#, r#""https://pypi.org/simple/""#, "trackside.toml:20:41: this index is listed twice"),
    (
        r#"waves = ["core", "libraries"]"#,
        r#"waves = ["core", "libraries", "late"]"#,
        "trackside.toml:1:31: no repository is cut in the wave `late`",
    ),
    (
        r#"waves = ["core", "libraries"]"#,
        r#"waves = ["core", "libraries", "core"]"#,
        "trackside.toml:1:31: the wave `core` is listed twice",
    ),
    (
        r#"wave = "core""#,
        r#"wave = "cores""#,
        "trackside.toml:1:10: no repository is cut in the wave `core`\ntrackside.toml:24:8: no wave is called `cores`; did you mean `core`?",
    ),
    (
        r#"url = "https://github.com/example/core.git""#,
        r#"url = "https://token@github.com/example/core.git""#,
        "trackside.toml:23:7: this git URL is refused: it holds a user name or a secret; give the token in the environment",
    ),
    (
        r#"url = "../library""#,
        r#"url = "https://github.com/example/core.git""#,
        "trackside.toml:66:7: `core` has the same URL",
    ),
    (
        r#"url = "../library""#,
        r#"url = "library""#,
        "trackside.toml:66:7: a path beside this file begins with `./` or `../`",
    ),
    (
        "[packages.torch]\n",
        "[repositories.Core]\nurl = \"./core\"\nwave = \"core\"\n\n[packages.torch]\n",
        "trackside.toml:22:15: `core` differs from `Core` only by case",
    ),
    (
        r#"cut-from = "viable/strict""#,
        r#"cut-from = "-x""#,
        "trackside.toml:25:12: `-x` is not a branch name: it must begin with a letter or a digit",
    ),
    (
        r#"release-branch = "r{line}""#,
        r#"release-branch = "r2.15""#,
        "trackside.toml:69:18: `r2.15` must hold `{line}` exactly once",
    ),
    (
        r#"release-branch = "r{line}""#,
        r#"release-branch = "r {line}""#,
        "trackside.toml:69:18: `r 2.15` is not a branch name: only letters, digits and `._/-` are allowed",
    ),
    (
        r#"cut-branch = "orig/r{line}""#,
        r#"cut-branch = "r{line}""#,
        "trackside.toml:70:14: the release branch and the frozen cut point must have different names",
    ),
    (
        r#"cut-branch = "orig/r{line}""#,
        r#"cut-branch = "r{line}/cut""#,
        "trackside.toml:70:14: git cannot hold a branch and another one below it as a folder",
    ),
    (
        r#"file = "CMakeLists.txt""#,
        r#"file = "../CMakeLists.txt""#,
        "trackside.toml:26:61: `../CMakeLists.txt` is not a path inside the repository",
    ),
    (
        r#"set(VERSION "{version}")"#,
        r#"set(VERSION "{versoin}")"#,
        "trackside.toml:26:89: `pattern` must hold `{version}` exactly once",
    ),
    (
        r#"set(VERSION "{version}")"#,
        "{version}",
        "trackside.toml:26:89: `pattern` needs text before `{version}`; leave it out if the file holds nothing else",
    ),
    (
        r#"{ file = "CMakeLists.txt", pattern = 'set(VERSION "{version}")' }"#,
        r#"{ file = "version.txt" }"#,
        "trackside.toml:26:61: this version place is listed twice",
    ),
    (
        r#"".github/workflows/*.yml""#,
        r#"".github/workflows/[.yml""#,
        "trackside.toml:32:10: `.github/workflows/[.yml` is not a legal glob: unclosed character class; missing ']'",
    ),
    (
        r#"".github/workflows/*.yml""#,
        r#""/etc/passwd""#,
        "trackside.toml:32:10: `/etc/passwd` is not a path inside the repository",
    ),
    (
        r#"".github/workflows/*.yml""#,
        r#"".git/config""#,
        "trackside.toml:32:10: `.git/config` is not a path inside the repository",
    ),
    (
        "at-least = 2",
        "at-least = 0",
        "trackside.toml:35:12: an edit that finds nothing is an error, so this must be 1 or more",
    ),
    (
        "at-least = 2",
        "at-least = 2\nexactly = 2",
        "trackside.toml:30:1: a `substitute` edit needs `exactly` or `at-least`, and not both",
    ),
    ("find = \"@main\"\n", "", "trackside.toml:30:1: a `substitute` edit needs `find` or `find-regex`, and not both"),
    (r#"find = "@main""#, r#"find = """#, "trackside.toml:33:8: `find` is empty"),
    (
        r#"find = "@main""#,
        r#"find = "@{branch}""#,
        "trackside.toml:34:11: `replace` is what it replaces, so the edit would change nothing",
    ),
    (
        r#"replace = "@{branch}""#,
        r#"replace = "@{brnach}""#,
        "trackside.toml:34:11: `{brnach}` is no placeholder; did you mean `{branch}`?",
    ),
    (
        "(?m)^(stable = )False$",
        "(?m)^(stable = False$",
        "trackside.toml:40:14: `find-regex` is no regular expression: unclosed group",
    ),
    (
        "(?m)^(stable = )False$",
        "(stable)*",
        "trackside.toml:40:14: `find-regex` matches nothing at all, so it would match everywhere",
    ),
    (
        "repository = \"library\"\nto",
        "repository = \"libary\"\nto",
        "trackside.toml:53:14: no repository is called `libary`; did you mean `library`?",
    ),
    (
        "repository = \"library\"\nto",
        "repository = \"core\"\nto",
        "trackside.toml:53:14: a repository cannot pin itself",
    ),
    (
        r#"pattern = "library={pin}""#,
        r#"pattern = "library=""#,
        "trackside.toml:52:11: `pattern` must hold `{pin}` exactly once",
    ),
    (
        r#"default-branch = "trunk""#,
        r#"edits = [{ kind = "pin", file = "pin.txt", repository = "core", to = "branch" }]"#,
        "trackside.toml:22:15: the pins go round in a circle: core -> library -> core",
    ),
    (
        r#""patches/drop-nightly.patch""#,
        r#""patches/drop-nightly.pach""#,
        "trackside.toml:58:8: there is no file `patches/drop-nightly.pach` beside trackside.toml; did you mean `patches/drop-nightly.patch`?",
    ),
    (
        r#""patches/drop-nightly.patch""#,
        r#""../drop-nightly.patch""#,
        "trackside.toml:58:8: `../drop-nightly.patch` is not a path inside the repository",
    ),
    (
        "commands = true",
        "commands = false",
        "trackside.toml:28:12: a `command` edit runs a program of the repository; allow it with `commands = true`",
    ),
    (
        r#""./regenerate.sh""#,
        r#""../regenerate.sh""#,
        "trackside.toml:62:7: `run` must begin with a program: a name, or a path inside the repository",
    ),
    (
        r#"run = ["./regenerate.sh", "{train}"]"#,
        "run = []",
        "trackside.toml:62:7: `run` must begin with a program: a name, or a path inside the repository",
    ),
    (
        "[packages.torch]\nrepository = \"core\"",
        "[packages.torch]\nrepository = \"cores\"",
        "trackside.toml:73:14: no repository is called `cores`; did you mean `core`?",
    ),
    (
        r#"after = ["torch"]"#,
        r#"after = ["trch"]"#,
        "trackside.toml:93:10: no package is called `trch`; did you mean `torch`?",
    ),
    (r#"after = ["torch"]"#, r#"after = ["torchvision"]"#, "trackside.toml:93:10: a package cannot come after itself"),
    (
        "[packages.torch]\n",
        "[packages.torch]\nafter = [\"torchvision\"]\n",
        "trackside.toml:72:11: the packages wait for one another: torch -> torchvision -> torch",
    ),
    (
        "[packages.torchvision]\nrepository = \"library\"\nafter = [\"torch\"]\n\n[[packages.torchvision.matrix]]",
        "[packages.\"torch vision\"]\nrepository = \"library\"\n\n[[packages.\"torch vision\".matrix]]",
        "trackside.toml:91:11: `torch vision` is not a package name: only letters, digits and `-_.` are allowed\nlines/2.15.toml:9:1: no package is called `torchvision`; did you mean `torch vision`?\nlines/2.15.toml:13:1: no package is called `torchvision`; did you mean `torch vision`?",
    ),
    (
        "[packages.torchvision]\nrepository = \"library\"\nafter = [\"torch\"]\n\n[[packages.torchvision.matrix]]",
        "[packages.Torch]\nrepository = \"library\"\n\n[[packages.Torch.matrix]]",
        "trackside.toml:72:11: the package `torch` is declared twice\nlines/2.15.toml:9:1: no package is called `torchvision`; allowed: Torch, torch\nlines/2.15.toml:13:1: no package is called `torchvision`; allowed: Torch, torch",
    ),
    (
        "[packages.torchvision]\nrepository = \"library\"\nafter = [\"torch\"]\n\n[[packages.torchvision.matrix]]",
        "[packages.test]\nrepository = \"library\"\n\n[[packages.test.matrix]]",
        "trackside.toml:91:11: `test` is the folder of the test channel, so no package can be called so\nlines/2.15.toml:7:11: the release 2.15.0 does not give the version of `test`\nlines/2.15.toml:9:1: no package is called `torchvision`; allowed: test, torch\nlines/2.15.toml:11:11: the release 2.15.1 does not give the version of `test`\nlines/2.15.toml:13:1: no package is called `torchvision`; allowed: test, torch",
    ),
    ("abi = \"{python}\"\n", "", "trackside.toml:75:1: matrix row 1 of `torch`: a wheel row needs `abi`"),
    (
        r#"abi = "{python}""#,
        "abi = \"none\"\nname = \"x.whl\"",
        "trackside.toml:75:1: matrix row 1 of `torch`: a wheel row has no `name`",
    ),
    (
        r#"local = "{accelerator}""#,
        r#"local = "{accelerators}""#,
        "trackside.toml:75:1: matrix row 1 of `torch`: `{accelerators}` in `{accelerators}` is no placeholder; there are `{package}`, `{version}`, `{python}`, `{platform}`, `{accelerator}`",
    ),
    (
        r#"folder = "{accelerator}""#,
        r#"folder = "test""#,
        "trackside.toml:75:1: matrix row 1 of `torch`: `test` cannot be a folder of the matrix: the channel has it for itself",
    ),
    (
        r#"folder = "{accelerator}""#,
        r#"folder = "a/b""#,
        "trackside.toml:75:1: matrix row 1 of `torch`: `a/b` is not a channel folder: only letters, digits and `-_.` are allowed",
    ),
    (
        r#"accelerators = ["rocm7.2"] }"#,
        r#"accelerators = ["rocm7.3"] }"#,
        "trackside.toml:75:1: matrix row 1 of `torch`: exclude 1 leaves nothing out",
    ),
    (
        r#"excludes = [{ platforms = ["win_amd64"], accelerators = ["rocm7.2"] }]"#,
        "excludes = [{}]",
        "trackside.toml:75:1: matrix row 1 of `torch`: its excludes leave nothing of it",
    ),
    (
        r#""cp310", "cp314t""#,
        r#""cp310", "cp310""#,
        "trackside.toml:75:1: matrix row 1 of `torch`: `cp310` stands twice in `python`",
    ),
    (
        r#""cp310", "cp314t""#,
        r#""3.10", "3.14t""#,
        "trackside.toml:75:1: matrix row 1 of `torch`: `3.10` is not a Python tag such as `cp310`, `cp314t` or `py3`",
    ),
    (
        "accelerators = [\"cpu\"]\nfolder = \"{accelerator}\"\nname",
        "accelerators = [\"cpu\", \"torchvision\"]\nfolder = \"{accelerator}\"\nname",
        "trackside.toml:91:11: the package `torchvision` is called like a channel folder of the matrix",
    ),
    (
        "[[matrix.torch.add]]\nkind = \"wheel\"",
        "[[matrix.torch.add]]\nkind = \"wheels\"",
        "lines/2.15.toml:16:8: `kind` cannot be `wheels`; did you mean `wheel`?",
    ),
    (
        r#"python = ["cp315"]"#,
        r#"pythons = ["cp315"]"#,
        "lines/2.15.toml:17:1: unknown key `pythons` in a matrix row; did you mean `python`?",
    ),
    (
        "commands = true",
        r#"commands = "true""#,
        "trackside.toml:28:12: `commands` must be `true` or `false`, not a string",
    ),
    ("url = \"../library\"\n", "", "trackside.toml:65:1: a repository needs `url`"),
    ("waves = [\"core\", \"libraries\"]\n", "", "trackside.toml:1:1: trackside.toml needs `waves`"),
    (r#"waves = ["core", "libraries"]"#, "waves = []", "trackside.toml:1:9: a train needs a wave"),
    (
        r#"store = "s3://train/public""#,
        r#"store = "public""#,
        "trackside.toml:14:9: a path beside this file begins with `./` or `../`",
    ),
    (
        r#"kind = "libtorch""#,
        "kind = 1",
        "trackside.toml:86:8: `kind` cannot be `1`; allowed: wheel, libtorch, sdist, source, conda",
    ),
    (
        "python = [\"py3\"]\nabi = \"none\"\nplatforms = [\"any\"]\nlocal = \"none\"\nfolder = \"none\"",
        r#"kind2 = "x""#,
        "trackside.toml:97:1: unknown key `kind2` in a matrix row; did you mean `kind`?",
    ),
    (
        "name = \"libtorch-shared-with-deps-{version}+{accelerator}.zip\"\n",
        "",
        "trackside.toml:85:1: matrix row 2 of `torch`: a libtorch row needs `name`",
    ),
    (
        r#"name = "libtorch-shared-with-deps-{version}+{accelerator}.zip""#,
        r#"name = "libtorch-{platform}.zip""#,
        "trackside.toml:85:1: matrix row 2 of `torch`: `libtorch-{platform}.zip` holds `{platform}`, but the row lists no platform",
    ),
    (
        r#"name = "libtorch-shared-with-deps-{version}+{accelerator}.zip""#,
        r#"name = "Torch-{version}+cpu-cp310-cp310-win_amd64.whl""#,
        "trackside.toml:85:1: matrix row 2 of `torch`: `Torch-1.0.0+cpu-cp310-cp310-win_amd64.whl` is not what a libtorch is called: its name ends with `.zip`",
    ),
    (
        r#"line = "2.15""#,
        r#"line = "2.16""#,
        "lines/2.15.toml:1:8: the file of the line 2.16 must be called `lines/2.16.toml`\nlines/2.15.toml:7:11: the release 2.15.0 does not belong to the line 2.16\nlines/2.15.toml:11:11: the release 2.15.1 does not belong to the line 2.16",
    ),
    (
        r#"line = "2.15""#,
        r#"line = "2.15.0""#,
        "lines/2.15.toml:1:8: `2.15.0` is not a line such as 2.15: two numbers are needed",
    ),
    (
        r#"[releases."2.15.1"]"#,
        r#"[releases."2.14.1"]"#,
        "lines/2.15.toml:8:9: `torch` goes back from 2.15.1 to 2.15.0\nlines/2.15.toml:11:11: the release 2.14.1 does not belong to the line 2.15",
    ),
    (
        r#"[releases."2.15.1"]"#,
        r#"[releases."2.15"]"#,
        "lines/2.15.toml:11:11: `2.15` is not a release such as 2.15.0: three numbers are needed",
    ),
    (
        "torchvision = \"0.30.0\"\n\n[[",
        "torchvison = \"0.30.0\"\n\n[[",
        "lines/2.15.toml:11:11: the release 2.15.1 does not give the version of `torchvision`\nlines/2.15.toml:13:1: no package is called `torchvison`; did you mean `torchvision`?",
    ),
    (
        "torchvision = \"0.30.0\"\n\n[[",
        "\n[[",
        "lines/2.15.toml:11:11: the release 2.15.1 does not give the version of `torchvision`",
    ),
    (
        "torchvision = \"0.30.0\"\n\n[[",
        "torchvision = \"0.31.0\"\n\n[[",
        "lines/2.15.toml:13:15: `torchvision` goes from 0.30.0 to 0.31.0; within a line it must stay in 0.30",
    ),
    (r#"torch = "2.15.0""#, r#"torch = "2.15.2""#, "lines/2.15.toml:12:9: `torch` goes back from 2.15.2 to 2.15.1"),
    (
        r#"torch = "2.15.0""#,
        r#"torch = "2.15""#,
        "lines/2.15.toml:8:9: `2.15` is not a release such as 2.15.0: three numbers are needed",
    ),
    (r#""2026-10-28""#, r#""28/10/26""#, "lines/2.15.toml:5:24: `28/10/26` is no day; write it as 2026-10-28"),
    (
        "[[matrix.torch.remove]]\npython = [\"cp310\"]",
        "[[matrix.torch.remove]]\npython = [\"cp39\"]",
        "lines/2.15.toml:24:1: nothing in the matrix of `torch` is like this, so nothing is removed",
    ),
    (
        r#"python = ["cp315"]"#,
        r#"python = ["cp314t"]"#,
        "lines/2.15.toml:15:1: matrix rows 1 and 3 of `torch` both make `cpu/torch-1.0.0+cpu-cp314-cp314t-manylinux_2_28_x86_64.whl`",
    ),
    (
        "[[matrix.torch.add]]",
        "[[matrix.touch.add]]",
        "lines/2.15.toml:15:10: no package is called `touch`; did you mean `torch`?",
    ),
    (
        "[packages.torchvision]\nrepository = \"library\"",
        "[packages.torchvision]\nrepository = \"core\"",
        "lines/2.15.toml:9:15: `torchvision` 0.30.0 and `torch` 2.15.0 are built from one repository, `core`, and need one version\nlines/2.15.toml:13:15: `torchvision` 0.30.0 and `torch` 2.15.1 are built from one repository, `core`, and need one version",
    ),
];

#[test]
fn every_mistake_is_told_with_its_place() {
    for (from, to, said) in MISTAKES {
        assert_eq!(told(from, to), *said, "{from:?} -> {to:?}");
    }
}
