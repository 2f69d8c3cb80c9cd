//! A fleet: two real `Member`s and the real `Ledger`, with messages that are lost, late and repeated.

mod bug;
mod process;
mod step;
mod world;

pub(crate) use self::bug::Bug;
pub(crate) use self::step::Step;
pub(crate) use self::world::World;
use crate::search::{self, Broken, Model};

/// The model, with or without a seeded bug.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    bug: Option<Bug>,
    joined: World,
}

impl Fleet {
    /// A fleet whose two processes have shares, as far as the bug lets them.
    pub(crate) fn new(bug: Option<Bug>) -> Self {
        let joined = World::new(bug).joined();
        Self { bug, joined }
    }
}

impl Model for Fleet {
    type Step = Step;
    type World = World;
    const ENDINGS: usize = 1;

    fn start(&self, has_log: bool) -> World {
        if has_log {
            return World::new(self.bug).with_log().joined();
        }
        self.joined.clone()
    }
}

impl search::World for World {
    type Step = Step;

    fn steps(&self, steps: &mut Vec<Step>) {
        self.steps(steps);
    }

    fn take(&mut self, step: Step) -> Result<(), Broken> {
        self.take(step)
    }

    fn check(&self) -> Result<(), Broken> {
        self.check()
    }

    fn key(&self) -> u128 {
        self.key()
    }

    fn end(&mut self, _: usize) -> Result<(), Broken> {
        self.end()
    }

    fn log(&self) -> &[String] {
        self.log.as_deref().unwrap_or_default()
    }

    fn row(&self) -> Option<String> {
        None
    }
}
