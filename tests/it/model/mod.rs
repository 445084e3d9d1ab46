//! The life of a request against a small model (DESIGN 2): people submit, decide, extend, cancel, give up and revoke,
//! and the clock moves, in random order; after each step the portal stands where the model does.

mod script;
mod stage;

use std::cell::RefCell;

use proptest::test_runner::{Config, TestCaseError, TestRunner};

use stage::Stage;

/// How many random stories each database is told.
const STORIES: u32 = 40;

on_both! {
    /// Whatever people do and however late the clock is looked at: one outcome per stage (I1), one live assignment
    /// and one open request (I2), no access without every stage's approval (I3), nobody decides for themselves (I4),
    /// no access at or after the end (I6), each timer once (I17). SPEC APR-4 to APR-6, APR-10, REQ-5, REQ-7.
    fn any_story_of_a_request_ends_as_the_model_says(t: &mut Test) {
        let world = RefCell::new(Stage::set(t));
        let progress = RefCell::new(script::Progress::default());
        let mut runner = TestRunner::new(Config { cases: STORIES, failure_persistence: None, ..Config::default() });
        let play = |acts: &[script::Act]| {
            let mut world = world.borrow_mut();
            world.begin();
            for (n, act) in acts.iter().enumerate() {
                let told = world.play(act, &mut progress.borrow_mut());
                told.map_err(|e| TestCaseError::fail(format!("{e}, at step {n} ({act:?})")))?;
            }
            Ok(())
        };
        // What every run has to meet, whatever chance brings.
        for story in script::known() {
            play(&story).unwrap_or_else(|e: TestCaseError| panic!("{e}: {story:?}"));
        }
        let told = runner.run(&script::any(), |acts| play(&acts));
        told.unwrap_or_else(|e| panic!("{e}"));
        let progress = progress.into_inner();
        assert!(progress.every_kind(), "the stories went nowhere: {progress:?}");
    }
}
