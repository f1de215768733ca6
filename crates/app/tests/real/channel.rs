//! The stable channel over HTTP, and the installers that come to it: the real `trackside serve`, pip and uv.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use trackside_domain::digest::Sha256;

use crate::common::World;
use crate::tools::{run, tool};

/// `trackside serve` as a child; it is killed when the value is dropped.
pub(crate) struct Served {
    child: Child,
    /// Kept open, so that the child can always say what it has to.
    _stderr: BufReader<ChildStderr>,
    /// The index of the folder `cpu`.
    pub(crate) index: String,
}

impl Served {
    pub(crate) fn stable(world: &World) -> Self {
        let mut command = world.command(["serve", "--channel", "stable", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let (_, url) = line.split_once(" at ").unwrap_or_else(|| panic!("it does not say where it serves: {line}"));
        Self { index: format!("{}whl/cpu/", url.trim()), child, _stderr: stderr }
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn stop(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // After `stop` there is nothing left to kill; in a test that fails nobody asks.
        drop((self.child.kill(), self.child.wait()));
    }
}

/// The two installers.
pub(crate) const INSTALLERS: [&str; 2] = ["pip", "uv"];

/// Prints for every package its version, the tag that its WHEEL has, whether its RECORD has digests of many
/// files, and those files that are not there with these bytes.
const LOOK: &str = r#"
import base64, hashlib, importlib.metadata, sys
for name in sys.argv[1:]:
    found = importlib.metadata.distribution(name)
    listed = [file for file in found.files if file.hash]
    def differs(file):
        digest = hashlib.new(file.hash.mode, file.locate().read_bytes()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=") != file.hash.value
    tag = [line for line in found.read_text("WHEEL").splitlines() if line.startswith("Tag: ")]
    print(name, found.version, *tag, len(listed) > 30, [str(file) for file in listed if differs(file)])
"#;

/// Installs the given files without dependencies into a fresh environment. The installer must find exactly
/// these bytes: it refuses all others. What is in the environment afterwards.
pub(crate) fn install(installer: &str, index: &str, files: &BTreeMap<&str, &str>) -> String {
    let home = tempfile::tempdir().unwrap();
    let venv = home.path().join("venv");
    run(tool("python", home.path()).args(["-I", "-m", "venv", "--without-pip"]).arg(&venv));
    let python = venv.join("bin/python");
    let pin = |(name, sha256): (&&str, &&str)| {
        let mut parts = name.split('-');
        format!("{}=={} --hash=sha256:{sha256}\n", parts.next().unwrap(), parts.next().unwrap())
    };
    let list = home.path().join("requirements.txt");
    fs::write(&list, files.iter().map(pin).collect::<String>()).unwrap();
    let mut command = tool(installer, home.path());
    match installer {
        "pip" => command.arg("--python").arg(&python).args(["install", "--no-cache-dir", "--no-compile"]),
        _ => command.args(["pip", "install", "--no-cache", "--python"]).arg(&python),
    };
    command.args(["--no-deps", "--only-binary", ":all:", "--require-hashes", "--index-url", index]);
    run(command.arg("--requirement").arg(&list));
    let packages = files.keys().map(|name| name.split('-').next().unwrap());
    run(Command::new(&python).env_clear().args(["-I", "-c", LOOK]).args(packages))
}

/// Downloads what pip would take of each package on a platform; the digests by name.
pub(crate) fn download(index: &str, (python, platform): (&str, &str)) -> BTreeMap<String, String> {
    let home = tempfile::tempdir().unwrap();
    let into = home.path().join("downloads");
    let mut pip = tool("pip", home.path());
    pip.args(["download", "--quiet", "--no-cache-dir", "--no-deps", "--only-binary", ":all:", "--index-url", index]);
    pip.args(["--python-version", python, "--platform", platform, "--dest"]).arg(&into);
    run(pip.args(["torchaudio", "torchvision"]));
    let digest = |path: &Path| Sha256::of(&fs::read(path).unwrap()).to_string();
    let paths = fs::read_dir(&into).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), digest(&path))).collect()
}
