//! The story of one release: cut, a candidate, a late fix, the next candidate, promotion.

use trackside_testkit::train::Member;

use super::broken;
use super::player::Player;
use crate::error::{Exit, Failure};

/// Plays the whole story in the player's world.
pub(super) fn play(player: &mut Player<'_>) -> Result<(), Failure> {
    let train = player.train;
    let (line, release) = (train.line().to_owned(), train.release().to_owned());
    let (first, second) = (format!("{release}-rc1"), format!("{release}-rc2"));
    player.chapter("the configuration of the train");
    player.show(Exit::Done, &["check"])?;
    cut(player, &line)?;
    player.chapter("the first candidate: a tag on the tip of every release branch");
    player.apply(&["candidate", &release])?;
    player.chapter("its builds arrive in portions; the set is sealed when it is complete");
    let members: Vec<&Member> = train.members().iter().collect();
    stage(player, &first, &members)?;
    player.show(Exit::Blocked, &["promote", &release])?;
    player.apply(&["verify", &first])?;
    player.chapter("a fix has landed on `main` of the core, and the release needs it");
    let fix = train.land_fix().map_err(broken)?;
    player.apply(&["pick", "land", &fix, "--onto", &line])?;
    player.chapter("the second candidate: what did not change is carried over");
    player.apply(&["candidate", &release])?;
    stage(player, &second, &members[..1])?;
    player.apply(&["verify", &second])?;
    player.chapter("exactly the bytes of the verified candidate become stable");
    player.apply(&["promote", &release])?;
    player.again(&["promote", &release])?;
    player.show(Exit::Done, &["status", &line])
}

fn cut(player: &mut Player<'_>, line: &str) -> Result<(), Failure> {
    player.chapter("the core wave is cut: first the plan, which changes nothing, then the deed");
    let core = ["cut", line, "--only", "core"];
    player.show(Exit::Done, &core)?;
    player.apply(&core)?;
    player.again(&core)?;
    if player.train.members().len() == 1 {
        return Ok(());
    }
    player.chapter("a week later the libraries are cut");
    player.apply(&["cut", line, "--only", "libraries"])
}

/// Builds the packages from the commits that their tags are on, and stages what comes out.
fn stage(player: &mut Player<'_>, candidate: &str, members: &[&Member]) -> Result<(), Failure> {
    let train = player.train;
    let number = candidate.rsplit_once("-rc").map_or("1", |(_, number)| number);
    let commit = |member: &Member| {
        let tag = format!("refs/tags/v{}-rc{number}^{{commit}}", member.version);
        train.repo(&member.repository).id(&tag).map_err(broken)
    };
    let of = members.iter().map(|member| Ok((*member, commit(member)?))).collect::<Result<Vec<_>, Failure>>()?;
    let portions = train.build(candidate, &of).map_err(broken)?;
    for portion in &portions {
        // The release repository and the builds are neighbours, so the path fits every copy of the world.
        let below = portion.strip_prefix(train.root()).map_err(broken)?;
        player.apply(&["stage", candidate, "--from", &format!("../{}", below.display())])?;
    }
    Ok(())
}
