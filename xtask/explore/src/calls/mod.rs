//! The calls of one process: the real `Call`, `RetrySession`, `RetryBudget`, `Turnstile` and `Pacer`.

mod account;
mod bug;
mod clock;
mod ending;
mod gate;
mod plan;
mod rules;
mod scene;
mod server;
mod slot;
mod step;
mod world;

pub(crate) use self::bug::Bug;
pub(crate) use self::scene::{ALONE, DEEP, Scene, WIDE};
pub(crate) use self::step::Step;
pub(crate) use self::world::World;
use crate::search::{self, Broken, Model};

/// The model, with or without a seeded bug.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calls {
    pub(crate) scene: &'static Scene,
    pub(crate) bug: Option<Bug>,
}

impl Model for Calls {
    type Step = Step;
    type World = World;
    const ENDINGS: usize = ending::ENDINGS;

    fn start(&self, has_log: bool) -> World {
        World::new(self.scene, self.bug, has_log)
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

    fn end(&mut self, ending: usize) -> Result<(), Broken> {
        self.end(ending)
    }

    fn log(&self) -> &[String] {
        self.log.as_deref().unwrap_or_default()
    }

    /// The row of the call with the most outcomes.
    fn row(&self) -> Option<String> {
        let slot = self.slots.iter().max_by_key(|slot| slot.outcomes.len())?;
        let responses: Vec<_> = slot
            .outcomes
            .iter()
            .map(|outcome| outcome.scripted())
            .collect();
        Some(format!(
            "Scenario::new(\"found by the search\", {}, [{}], \"\"),",
            slot.plan.scripted,
            responses.join(", "),
        ))
    }
}
