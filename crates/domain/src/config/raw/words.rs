//! The words of the configuration that stand for one of a few things.

use crate::artifact_kind::ArtifactKind;
use crate::config::read::words;
use crate::edit::PinTo;
use crate::finding::Severity;
use crate::project::Delivery;

words!(Delivery {
    "push" => Self::Push,
    "topic-branch" => Self::TopicBranch,
});

words!(PinTo {
    "branch" => Self::Branch,
    "commit" => Self::Commit,
});

words!(Severity {
    "error" => Self::Error,
    "warning" => Self::Warning,
    "ignore" => Self::Ignore,
});

words!(ArtifactKind {
    "wheel" => Self::Wheel,
    "libtorch" => Self::Libtorch,
    "sdist" => Self::Sdist,
    "source" => Self::Source,
    "conda" => Self::Conda,
});
