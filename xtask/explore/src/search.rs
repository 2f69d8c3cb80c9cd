//! The search: breadth first, so the first counterexample is one of the shortest.
//!
//! The shipping types cannot be cloned: they own permits, debits and the sources of errors. So a state is stored as its path, and
//! each step begins with a replay of the path. A stored state needs about 40 bytes.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::thread;

/// A world to explore: it starts in one state, and each step leads to another.
pub(crate) trait Model: Sync {
    /// A step. Small, because every state stores one.
    type Step: Copy + Send + Sync + fmt::Display;
    /// A state that can take steps.
    type World: World<Step = Self::Step>;

    /// Creates the world at its start. With a log, it writes down what each step does.
    fn start(&self, has_log: bool) -> Self::World;

    /// How many fair endings [`World::end`] has.
    const ENDINGS: usize;
}

/// A state of a model.
pub(crate) trait World {
    type Step;

    /// Adds the steps that are possible now.
    fn steps(&self, steps: &mut Vec<Self::Step>);

    /// Takes a step.
    fn take(&mut self, step: Self::Step) -> Result<(), Broken>;

    /// Checks the rules that hold in every state.
    fn check(&self) -> Result<(), Broken>;

    /// Returns a hash of everything that the future depends on.
    fn key(&self) -> u128;

    /// Takes the steps of a prompt driver and a fair server up to the end, and checks that there is one.
    fn end(&mut self, ending: usize) -> Result<(), Broken>;

    /// Returns the log.
    fn log(&self) -> &[String];

    /// Returns the counterexample as a row of the scenario table, if it is one of calls.
    fn row(&self) -> Option<String>;
}

/// A rule that does not hold.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) rule: &'static str,
    pub(crate) why: String,
}

impl Broken {
    pub(crate) fn new(rule: &'static str, why: impl Into<String>) -> Self {
        Self {
            rule,
            why: why.into(),
        }
    }
}

/// How far to search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The search ends after this many distinct states.
    pub(crate) states: usize,
    pub(crate) threads: usize,
    /// Whether each state is also led to its fair endings.
    pub(crate) has_endings: bool,
}

/// What the search has seen.
#[derive(Debug)]
pub(crate) struct Found<S> {
    pub(crate) states: usize,
    pub(crate) steps: u64,
    /// Every state that this many steps lead to was seen.
    pub(crate) depth: usize,
    /// Whether there are no more states.
    pub(crate) is_complete: bool,
    pub(crate) broken: Option<Counterexample<S>>,
}

/// The path to a state in which a rule does not hold.
#[derive(Debug)]
pub(crate) struct Counterexample<S> {
    pub(crate) path: Vec<S>,
    /// The ending that shows it; `None` if the last step does.
    pub(crate) ending: Option<usize>,
    pub(crate) broken: Broken,
}

/// How many states are expanded before their successors are merged. It does not depend on the number of threads, so the result does
/// not either.
const BATCH: usize = 1 << 14;

/// A state, as the step that led to it.
struct Node<S> {
    parent: u32,
    step: Option<S>,
}

struct Child<S> {
    key: u128,
    parent: u32,
    step: S,
}

/// What the expansion of some states has found.
struct Grown<S> {
    children: Vec<Child<S>>,
    steps: u64,
    broken: Option<Counterexample<S>>,
}

/// Searches the states of the model.
pub(crate) fn search<M: Model>(model: &M, bounds: Bounds) -> Found<M::Step> {
    let mut nodes = vec![Node {
        parent: 0,
        step: None,
    }];
    let mut seen = Seen::default();
    seen.insert(model.start(false).key());
    let mut found = Found {
        states: 1,
        steps: 0,
        depth: 0,
        is_complete: false,
        broken: None,
    };
    let mut level = 0..1;
    while !level.is_empty() {
        let end = level.end;
        for begin in level.step_by(BATCH) {
            let batch = begin..end.min(begin + BATCH);
            let work = Work {
                model,
                nodes: &nodes,
                seen: &seen,
                endings: if bounds.has_endings { M::ENDINGS } else { 0 },
            };
            for grown in work.expand_all(batch, bounds.threads) {
                found.steps += grown.steps;
                for Child { key, parent, step } in grown.children {
                    if seen.insert(key) {
                        nodes.push(Node {
                            parent,
                            step: Some(step),
                        });
                    }
                }
                found.broken = found.broken.or(grown.broken);
            }
            found.states = nodes.len();
            if found.broken.is_some() || found.states >= bounds.states {
                return found;
            }
        }
        found.depth += 1;
        level = end..nodes.len();
    }
    found.is_complete = true;
    found
}

/// What the threads read while they expand states.
struct Work<'w, M: Model> {
    model: &'w M,
    nodes: &'w [Node<M::Step>],
    seen: &'w Seen,
    endings: usize,
}

impl<M: Model> Work<'_, M> {
    /// Expands the states of a batch, a part in each thread. The results are in the order of the states.
    fn expand_all(&self, batch: Range<usize>, threads: usize) -> Vec<Grown<M::Step>> {
        let part = batch.len().div_ceil(threads.max(1)).max(1);
        thread::scope(|scope| {
            let parts: Vec<_> = batch
                .clone()
                .step_by(part)
                .map(|begin| {
                    let range = begin..batch.end.min(begin + part);
                    scope.spawn(move || self.expand(range))
                })
                .collect();
            let join = |part: thread::ScopedJoinHandle<'_, _>| match part.join() {
                Ok(grown) => grown,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            parts.into_iter().map(join).collect()
        })
    }

    /// Expands these states, up to the first one that breaks a rule.
    fn expand(&self, range: Range<usize>) -> Grown<M::Step> {
        let mut grown = Grown {
            children: Vec::new(),
            steps: 0,
            broken: None,
        };
        for index in range {
            let path = path(self.nodes, index);
            if let Err(broken) = self.expand_one(index, &path, &mut grown) {
                grown.broken = Some(broken);
                break;
            }
        }
        grown
    }

    fn expand_one(
        &self,
        index: usize,
        path: &[M::Step],
        grown: &mut Grown<M::Step>,
    ) -> Result<(), Counterexample<M::Step>> {
        let fail = |step: Option<M::Step>, ending, broken| Counterexample {
            path: path.iter().copied().chain(step).collect(),
            ending,
            broken,
        };
        let at = || replay(self.model, path).map_err(|broken| fail(None, None, broken));
        for ending in 0..self.endings {
            let mut world = at()?;
            world
                .end(ending)
                .map_err(|broken| fail(None, Some(ending), broken))?;
        }
        let mut steps = Vec::new();
        let world = at()?;
        world.steps(&mut steps);
        let mut unused = Some(world);
        for step in steps {
            let mut world = match unused.take() {
                Some(world) => world,
                None => at()?,
            };
            world
                .take(step)
                .and_then(|()| world.check())
                .map_err(|broken| fail(Some(step), None, broken))?;
            grown.steps += 1;
            let key = world.key();
            if !self.seen.contains(&key) {
                let parent = index as u32;
                grown.children.push(Child { key, parent, step });
            }
        }
        Ok(())
    }
}

fn replay<M: Model>(model: &M, path: &[M::Step]) -> Result<M::World, Broken> {
    let mut world = model.start(false);
    for step in path {
        world.take(*step)?;
    }
    Ok(world)
}

/// The steps to a state.
fn path<S: Copy>(nodes: &[Node<S>], index: usize) -> Vec<S> {
    let parent = |node: &&Node<S>| nodes.get(node.parent as usize);
    let mut path: Vec<S> = std::iter::successors(nodes.get(index), parent)
        .map_while(|node| node.step)
        .collect();
    path.reverse();
    path
}

/// The states seen so far, as their keys.
type Seen = HashSet<u128, BuildHasherDefault<AsIs>>;

/// The keys are hashes already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn write(&mut self, _: &[u8]) {}

    fn write_u128(&mut self, key: u128) {
        self.0 = key as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two counters that each count to three. They must not both be two.
    struct Counters {
        is_strict: bool,
    }

    struct Two(u8, u8, bool);

    impl Model for Counters {
        type Step = char;
        type World = Two;
        const ENDINGS: usize = 0;

        fn start(&self, _: bool) -> Two {
            Two(0, 0, self.is_strict)
        }
    }

    impl World for Two {
        type Step = char;

        fn steps(&self, steps: &mut Vec<char>) {
            steps.extend((self.0 < 3).then_some('a'));
            steps.extend((self.1 < 3).then_some('b'));
        }

        fn take(&mut self, step: char) -> Result<(), Broken> {
            match step {
                'a' => self.0 += 1,
                _ => self.1 += 1,
            }
            Ok(())
        }

        fn check(&self) -> Result<(), Broken> {
            match self {
                Self(2, 2, true) => Err(Broken::new("not both", "both are 2")),
                _ => Ok(()),
            }
        }

        fn key(&self) -> u128 {
            u128::from(self.0) << 8 | u128::from(self.1)
        }

        fn end(&mut self, _: usize) -> Result<(), Broken> {
            Ok(())
        }

        fn log(&self) -> &[String] {
            &[]
        }

        fn row(&self) -> Option<String> {
            None
        }
    }

    #[test]
    fn every_state_is_seen_once_with_any_number_of_threads() {
        for threads in 1..4 {
            let bounds = Bounds {
                states: 1000,
                threads,
                has_endings: true,
            };
            let found = search(&Counters { is_strict: false }, bounds);
            assert_eq!((found.states, found.steps), (16, 24));
            assert!(found.is_complete && found.broken.is_none());
        }
    }

    #[test]
    fn the_counterexample_is_one_of_the_shortest() {
        let bounds = Bounds {
            states: 1000,
            threads: 2,
            has_endings: true,
        };
        let found = search(&Counters { is_strict: true }, bounds);
        let broken = found.broken.unwrap();
        assert_eq!(broken.path.iter().collect::<String>(), "aabb");
    }
}
