//! What a person can do with lanes, and with everything that they share.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use comparison::{Scenario, judge};
use end_to_end::{Damage, LaneSnapshot, Page, Setup, default_scenario, journey, same_answer};
use fantoccini::key::Key;
use serde_json::Value;

/// The adapter that the scenario is about.
pub(crate) const TUNED: &str = "triage-10000";
pub(crate) const OWN_TEXT: &str = "My lamp of order B-1234 is broken. Please help!";
/// As long as the journal and the link may take to follow an edit.
pub(crate) const A_MOMENT: Duration = Duration::from_millis(300);

pub(crate) fn names(lanes: &[LaneSnapshot]) -> Vec<&str> {
    lanes.iter().map(|lane| lane.name.as_str()).collect()
}

pub(crate) fn outputs(lanes: &[LaneSnapshot]) -> Vec<&str> {
    lanes.iter().map(|lane| lane.output.as_str()).collect()
}

/// The lane of that number as it is now.
pub(crate) async fn now(page: &Page, lane: &LaneSnapshot) -> Result<LaneSnapshot> {
    let lanes = page.lanes().await?;
    lanes.into_iter().find(|found| found.id == lane.id).with_context(|| format!("{} is gone", lane.name))
}

/// Runs one lane and waits until it is done.
pub(crate) async fn run_one(page: &Page, lane: &LaneSnapshot) -> Result<LaneSnapshot> {
    page.click_in(lane, "lane-run").await?;
    let is_done = |found: &LaneSnapshot| found.id == lane.id && found.state == "done";
    let what = format!("{} is done", lane.name);
    page.until_lanes(&what, |lanes| lanes.iter().any(is_done)).await?;
    now(page, lane).await
}

/// Waits until there are as many lanes.
pub(crate) async fn until_count(page: &Page, count: usize) -> Result<Vec<LaneSnapshot>> {
    page.until_lanes(&format!("there are {count} lanes"), |lanes| lanes.len() == count).await
}

/// Waits until the focus is on a part of that name: it comes with the next picture.
pub(crate) async fn until_focus(page: &Page, testid: &str) -> Result<()> {
    let script = "return document.activeElement?.dataset.testid === arguments[0]";
    page.until_script(&format!("the focus is on {testid}"), script, vec![testid.into()]).await
}

#[test]
fn lanes_are_added_named_copied_moved_and_removed() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let first = page.lanes().await?;
        page.click("add-lane").await?;
        let lanes = until_count(&page, 6).await?;
        let added = &lanes[5];
        ensure!(added.weights == "base" && page.value_in(added, "lane-template").await? == "{{input}}");
        // Whoever made a lane can name it at once.
        until_focus(&page, "lane-name").await?;
        page.set_in(added, "lane-name", "Mine").await?;
        ensure!(now(&page, added).await?.name == "Mine", "it is called {}", now(&page, added).await?.name);

        page.click_in(&first[3], "lane-duplicate").await?;
        let lanes = until_count(&page, 7).await?;
        let copy = &lanes[4];
        ensure!(copy.name == format!("{} (copy)", first[3].name), "the copy is called {}", copy.name);
        ensure!(copy.weights == TUNED && copy.output == first[3].output, "the copy is {copy:?}");
        for part in ["lane-system", "lane-template", "lane-scale"] {
            let (of_copy, of_first) =
                (page.value_in(copy, part).await?, page.value_in(&first[3], part).await?);
            ensure!(of_copy == of_first, "{part} of the copy is {of_copy:?}, not {of_first:?}");
        }

        page.click_in(copy, "lane-right").await?;
        let moved = page.lanes().await?;
        ensure!(moved[5].id == copy.id && moved[4].id == first[4].id, "to the right: {:?}", names(&moved));
        until_focus(&page, "lane-right").await?;
        page.click_in(copy, "lane-left").await?;
        page.click_in(copy, "lane-left").await?;
        let moved = page.lanes().await?;
        ensure!(moved[3].id == copy.id && moved[4].id == first[3].id, "to the left: {:?}", names(&moved));
        let before = names(&moved).join("|");
        page.click_in(&first[0], "lane-left").await?;
        page.click_in(added, "lane-right").await?;
        let still = page.lanes().await?;
        ensure!(names(&still).join("|") == before, "a lane moves over the edge: {:?}", names(&still));

        page.click_in(copy, "lane-remove").await?;
        let left = until_count(&page, 6).await?;
        ensure!(left.iter().all(|lane| lane.id != copy.id), "another lane is gone: {:?}", names(&left));
        until_focus(&page, "add-lane").await?;
        Ok(())
    })
}

#[test]
fn there_is_room_for_twelve_lanes_and_always_one() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        for count in 6..=12 {
            page.click("add-lane").await?;
            until_count(&page, count).await?;
        }
        ensure!(!page.find("add-lane").await?.is_enabled().await?, "there is room for a thirteenth");
        for count in (1..12).rev() {
            let lanes = page.lanes().await?;
            page.click_in(&lanes[0], "lane-remove").await?;
            until_count(&page, count).await?;
        }
        let last = page.lanes().await?;
        page.click_in(&last[0], "lane-remove").await?;
        tokio::time::sleep(A_MOMENT).await;
        ensure!(page.lanes().await?.len() == 1, "the last lane can be removed");
        Ok(())
    })
}

#[test]
fn a_copy_answers_like_its_lane_however_many_run() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        page.set("temperature", "1").await?;
        for lane in page.lanes().await? {
            page.click_in(&lane, "lane-duplicate").await?;
        }
        let lanes = page.run_to_the_end().await?;
        ensure!(lanes.len() == 10, "{:?}", names(&lanes));
        for pair in lanes.chunks(2) {
            ensure!(pair[0].result() == pair[1].result(), "{:?} is not {:?}", pair[1], pair[0]);
        }
        Ok(())
    })
}

#[test]
fn one_click_puts_the_prompt_on_other_weights_or_another_prompt_on_the_weights() -> Result<()> {
    let scenario = default_scenario()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let first = page.lanes().await?;
        ensure!(page.text_in(&first[1], "same-prompt").await? == "Same prompt on the adapter");
        page.click_in(&first[1], "same-prompt").await?;
        let lanes = until_count(&page, 6).await?;
        let tuned = lanes[2].clone();
        ensure!(tuned.weights == TUNED && tuned.corner == "both", "{tuned:?}");
        ensure!(tuned.name == "Engineered prompt, on the adapter", "it is called {}", tuned.name);
        ensure!(page.value_in(&tuned, "lane-system").await? == scenario.lanes[1].prompt.system);

        ensure!(page.text_in(&first[3], "same-prompt").await? == "Same prompt on the base");
        page.click_in(&first[3], "same-prompt").await?;
        let lanes = until_count(&page, 7).await?;
        let plain = lanes[5].clone();
        ensure!(plain.weights == "base" && plain.corner == "naive", "{plain:?}");

        page.click_in(&first[4], "new-prompt").await?;
        let lanes = until_count(&page, 8).await?;
        let fresh = lanes[7].clone();
        ensure!(fresh.weights == TUNED && fresh.corner == "tuning" && fresh.state == "empty", "{fresh:?}");
        ensure!(page.value_in(&fresh, "lane-system").await?.is_empty(), "the prompt came along");
        ensure!(page.value_in(&fresh, "lane-template").await? == "{{input}}");

        let lanes = page.run_to_the_end().await?;
        let of = |wanted: &LaneSnapshot| {
            lanes.iter().find(|lane| lane.id == wanted.id).cloned().unwrap_or_default()
        };
        ensure!(of(&tuned).result() == of(&first[4]).result(), "{:?}", of(&tuned));
        ensure!(of(&plain).result() == of(&first[0]).result(), "{:?}", of(&plain));
        ensure!(of(&fresh).adapter_sha256 == of(&first[4]).adapter_sha256, "{:?}", of(&fresh));
        ensure!(!of(&fresh).output.is_empty(), "the new prompt has no answer");
        Ok(())
    })
}

/// Moves a lane's slider to one of its ends.
async fn slide(page: &Page, lane: &LaneSnapshot, end: Key) -> Result<()> {
    let slider = page.find_in(lane, "lane-scale").await?;
    slider.send_keys(&char::from(end).to_string()).await.context("the slider takes no keys")
}

#[test]
fn the_scale_goes_from_the_base_to_more_than_the_adapter() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        // Every scale has a say in every token then.
        page.set("temperature", "1").await?;
        let lanes = page.run_to_the_end().await?;
        let (base, tuned) = (lanes[0].clone(), lanes[3].clone());
        ensure!(!page.find_in(&base, "lane-scale").await?.is_enabled().await?, "the base has a scale");
        ensure!(base.output != tuned.output, "the adapter changes nothing: {base:?}");

        slide(&page, &tuned, Key::Home).await?;
        ensure!(page.value_in(&tuned, "lane-scale").await? == "0", "the slider stands elsewhere");
        ensure!(now(&page, &tuned).await?.mark == "from before your edit", "the old answer looks new");
        let off = run_one(&page, &tuned).await?;
        ensure!(
            off.output == base.output && off.output_tokens == base.output_tokens,
            "{off:?} is not {base:?}"
        );
        ensure!(off.adapter_sha256.is_empty(), "an adapter that has no part in it is claimed: {off:?}");

        slide(&page, &tuned, Key::End).await?;
        ensure!(page.value_in(&tuned, "lane-scale").await? == "1.5", "the slider stands elsewhere");
        let strong = run_one(&page, &tuned).await?;
        ensure!(strong.output != base.output, "{strong:?} is the base's");
        ensure!(strong.adapter_sha256 == tuned.adapter_sha256, "{strong:?} ran another adapter");
        ensure!(strong.weights_sha256 == base.weights_sha256, "{strong:?} ran another base");
        let proof = page.text_in(&strong, "lane-proof").await?;
        ensure!(proof.contains("× 1.50"), "the proof says {proof:?}");
        Ok(())
    })
}

#[test]
fn any_adapter_can_be_chosen_for_any_lane() -> Result<()> {
    let (_, sha256) = crate::sources::adapter("triage-50")?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let lane = page.lanes().await?[0].clone();
        let plain = run_one(&page, &lane).await?;
        page.select(&lane, "lane-adapter", "triage-50").await?;
        let chosen = now(&page, &lane).await?;
        ensure!(chosen.weights == "triage-50" && chosen.corner == "tuning", "{chosen:?}");
        ensure!(page.find_in(&lane, "lane-scale").await?.is_enabled().await?, "it has no scale");
        let tuned = run_one(&page, &lane).await?;
        ensure!(tuned.adapter_sha256 == sha256, "{tuned:?} ran another adapter than {sha256}");
        ensure!(tuned.weights_sha256 == plain.weights_sha256 && tuned.output != plain.output, "{tuned:?}");
        page.select(&lane, "lane-adapter", "base").await?;
        let again = run_one(&page, &lane).await?;
        ensure!(again.result() == plain.result(), "{again:?} is not {plain:?}");
        // Only one lane ran, and nothing was fetched for the others.
        let fetched = stage.weights_requested();
        ensure!(!fetched.iter().any(|path| path.contains(TUNED)), "nobody asked for {fetched:?}");
        Ok(())
    })
}

/// The two texts that a difference is made of.
async fn sides_of_diff(page: &Page) -> Result<(String, String, usize)> {
    let script = r#"
        const pieces = [...document.querySelector('[data-testid="diff-text"]').children];
        const side = other => pieces.filter(piece => piece.localName !== other).map(piece => piece.textContent).join("");
        return [side("ins"), side("del"), pieces.filter(piece => piece.localName !== "span").length];
    "#;
    let sides = page.execute(script, Vec::new()).await?;
    let text = |at: usize| sides[at].as_str().unwrap_or_default().to_owned();
    Ok((text(0), text(1), sides[2].as_u64().unwrap_or_default() as usize))
}

#[test]
fn the_difference_of_any_two_answers() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let lanes = page.lanes().await?;
        page.click_by(r#"[data-testid="diff"] > summary"#).await?;
        let (first, second, changes) = sides_of_diff(&page).await?;
        ensure!(first == lanes[0].output && second == lanes[3].output, "it opens with {first:?}, {second:?}");
        ensure!(changes > 0, "nothing differs between {first:?} and {second:?}");
        page.find("diff-first").await?.select_by_value(&lanes[4].id).await?;
        page.find("diff-second").await?.select_by_value(&lanes[0].id).await?;
        let (first, second, changes) = sides_of_diff(&page).await?;
        ensure!(first == lanes[4].output && second == lanes[0].output, "{first:?} and {second:?}");
        ensure!(changes > 0, "nothing differs between {first:?} and {second:?}");
        page.find("diff-second").await?.select_by_value(&lanes[3].id).await?;
        let (first, second, changes) = sides_of_diff(&page).await?;
        ensure!(first == second && changes == 0, "{changes} changes between {first:?} and {second:?}");
        // The lists follow the lanes' names, and the text follows a run.
        page.set_in(&lanes[3], "lane-name", "Renamed").await?;
        let list = page.text_of("diff-second").await?;
        ensure!(list.contains("Renamed"), "the list says {list:?}");
        page.set("temperature", "2").await?;
        page.set("max-tokens", "12").await?;
        let lanes = page.run_to_the_end().await?;
        let (first, second, _) = sides_of_diff(&page).await?;
        ensure!(first == lanes[4].output && second == lanes[3].output, "after a run {first:?}, {second:?}");
        Ok(())
    })
}

#[test]
fn worked_examples_are_added_edited_and_removed() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let lane = page.lanes().await?[0].clone();
        let tokens = async || Ok::<_, anyhow::Error>(run_one(&page, &lane).await?.prompt_tokens.unwrap_or(0));
        let none = tokens().await?;
        // Touching a field opens the prompt.
        ensure!(page.find_all_in(&lane, "add-example").await?.is_empty(), "the prompt is open by itself");
        page.find_in(&lane, "lane-template").await?.click().await?;
        page.click_in(&lane, "add-example").await?;
        page.set_in(&lane, "example-in", "The parcel is lost.").await?;
        page.set_in(&lane, "example-out", "LOG-7").await?;
        ensure!(now(&page, &lane).await?.corner == "prompt", "examples make no engineered prompt");
        let one = tokens().await?;
        page.click_in(&lane, "add-example").await?;
        let fields = page.find_all_in(&lane, "example-in").await?;
        ensure!(fields.len() == 2, "{} examples", fields.len());
        page.write(&fields[1], "The bill is wrong.").await?;
        page.write(&page.find_all_in(&lane, "example-out").await?[1], "FIN-3").await?;
        let two = tokens().await?;
        ensure!(none < one && one < two, "the prompt has {none}, {one}, {two} tokens");
        let longer = "The bill is wrong, and so was the last one.";
        page.write(&page.find_all_in(&lane, "example-in").await?[1], longer).await?;
        ensure!(tokens().await? > two, "an edit of an example changes nothing");

        page.click_in(&lane, "remove-example").await?;
        let left = page.find_all_in(&lane, "example-in").await?;
        ensure!(left.len() == 1, "{} examples are left", left.len());
        ensure!(page.value(&left[0]).await? == longer, "the wrong example is gone");
        until_focus(&page, "add-example").await?;
        page.click_in(&lane, "remove-example").await?;
        ensure!(tokens().await? == none, "what was removed is still in the prompt");
        ensure!(now(&page, &lane).await?.corner == "naive");
        Ok(())
    })
}

#[test]
fn a_template_without_the_input_is_warned_about() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let lane = page.lanes().await?[0].clone();
        ensure!(page.find_all_in(&lane, "lane-warning").await?.is_empty(), "it warns of nothing");
        page.set_in(&lane, "lane-template", "Say hello.").await?;
        let warning = page.text_in(&lane, "lane-warning").await?;
        ensure!(warning.contains("never sees the input"), "the warning says {warning:?}");
        page.set_in(&lane, "lane-template", "Say hello to {{input}}").await?;
        ensure!(page.find_all_in(&lane, "lane-warning").await?.is_empty(), "it goes on warning");
        Ok(())
    })
}

/// Picks the example ticket of that number.
pub(crate) async fn pick(page: &Page, number: usize) -> Result<()> {
    let script = r#"document.querySelectorAll('[data-testid="example-input"]')[arguments[0]].click()"#;
    page.execute(script, vec![number.into()]).await?;
    Ok(())
}

/// Every lane shows what was recorded for that ticket, and says so.
pub(crate) async fn shows_recorded(page: &Page, scenario: &Scenario, input: usize) -> Result<()> {
    let lanes = page.lanes().await?;
    for recorded in scenario.recorded.iter().filter(|recorded| recorded.input == input) {
        let lane = &lanes[recorded.lane];
        ensure!(lane.state == "recorded" && lane.mark == "recorded", "{lane:?}");
        ensure!(same_answer(&lane.output, &recorded.output), "{lane:?} is not {}", recorded.output);
    }
    Ok(())
}

#[test]
fn tickets_are_picked_or_written() -> Result<()> {
    let scenario = default_scenario()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let pressed = async || {
            let script = r#"return [...document.querySelectorAll('[data-testid="example-input"]')]
                .map(chip => chip.ariaPressed)"#;
            page.execute(script, Vec::new()).await
        };
        for (number, input) in scenario.inputs.iter().enumerate() {
            pick(&page, number).await?;
            let text = page.value(&page.find("input").await?).await?;
            ensure!(text == input.input, "picking {} gives {text:?}", input.title);
            let pressed = pressed().await?;
            let is_pressed = |at: usize| pressed[at] == "true";
            ensure!((0..scenario.inputs.len()).all(|at| is_pressed(at) == (at == number)), "{pressed}");
            shows_recorded(&page, &scenario, number).await?;
            let expected: Value =
                serde_json::from_str(input.expected.as_deref().context("it has an answer")?)?;
            let words = page.text_of("scenario").await?;
            for value in expected.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_str()) {
                ensure!(words.contains(value), "{value} is not in {words:?}");
            }
        }
        page.set("input", OWN_TEXT).await?;
        let words = page.text_of("scenario").await?;
        ensure!(words.contains("Unknown for your own text"), "it claims to know: {words:?}");
        let lanes = page.lanes().await?;
        ensure!(lanes.iter().all(|lane| lane.state == "empty" && lane.output.is_empty()), "{lanes:?}");
        ensure!(lanes.iter().all(|lane| lane.is_right.is_none() && lane.checks.is_empty()), "{lanes:?}");
        let ran = page.run_to_the_end().await?;
        ensure!(ran.iter().all(|lane| !lane.output.is_empty() && lane.is_right.is_none()), "{ran:?}");
        pick(&page, 2).await?;
        shows_recorded(&page, &scenario, 2).await
    })
}

/// Compares every lane's marks with the judge's, and counts the right, wrong and missing fields.
async fn check_fields(page: &Page, lanes: &[LaneSnapshot], expected: &str) -> Result<[usize; 3]> {
    let mut kinds = [0, 0, 0];
    for lane in lanes {
        let verdict = judge(expected, &lane.output);
        let checks = &verdict.fields;
        ensure!(lane.checks.len() == checks.len(), "{lane:?}");
        for (shown, check) in lane.checks.iter().zip(checks) {
            let mark = if check.is_right { "right" } else { "wrong" };
            let value = check.actual.as_deref().unwrap_or("missing");
            ensure!(shown.field == check.field && shown.verdict == mark, "{shown:?}: {check:?}");
            ensure!(shown.value == value, "{shown:?}: {check:?}");
            let right = Some(&check.expected).filter(|_| !check.is_right);
            ensure!(shown.right_value.as_ref() == right, "{shown:?}: {check:?}");
            kinds[if check.is_right { 0 } else { 1 + usize::from(check.actual.is_none()) }] += 1;
        }
        let right = checks.iter().filter(|check| check.is_right).count();
        ensure!(lane.is_right == Some(verdict.is_right), "{lane:?}");
        let words = page.text_in(lane, "lane-verdict").await?;
        let score = format!("{right} of {} fields right", checks.len());
        ensure!(words.contains(&score), "{score:?} is not in {words:?}");
    }
    Ok(kinds)
}

#[test]
fn each_field_of_an_answer_is_judged() -> Result<()> {
    let scenario = default_scenario()?;
    let expected = scenario.inputs[0].expected.clone().context("it has an answer")?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let recorded = page.lanes().await?;
        let [right, _, missing] = check_fields(&page, &recorded, &expected).await?;
        ensure!(right > 0 && missing > 0, "{right} right and {missing} missing");
        // A table with wrong codes is followed too.
        let system = scenario.lanes[1].prompt.system.replace(": P", ": Q");
        page.set_in(&recorded[1], "lane-system", &system).await?;
        let kinds = check_fields(&page, &page.run_to_the_end().await?, &expected).await?;
        ensure!(kinds.iter().all(|count| *count > 0), "right, wrong and missing: {kinds:?}");
        Ok(())
    })
}

#[test]
fn one_lane_runs_and_the_others_stay_as_they_are() -> Result<()> {
    let scenario = default_scenario()?;
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let lanes = page.lanes().await?;
        let ran = run_one(&page, &lanes[1]).await?;
        let recorded = &scenario.recorded[1];
        ensure!(recorded.lane == 1 && same_answer(&ran.output, &recorded.output), "{ran:?}");
        let remark = page.text_in(&ran, "lane-remark").await?;
        ensure!(remark == "reproduced the recording", "it remarks {remark:?}");
        for (before, after) in lanes.iter().zip(page.lanes().await?) {
            ensure!(before.id == ran.id || *before == after, "{before:?} became {after:?}");
        }
        let fetched = stage.weights_requested();
        ensure!(!fetched.iter().any(|path| path.ends_with(".safetensors")), "nobody asked for {fetched:?}");
        Ok(())
    })
}

/// As on a machine that takes a tenth of a second for every token.
pub(crate) const SLOW: &str = r#"
    const post = self.postMessage.bind(self);
    self.postMessage = (message, ...rest) => {
        post(message, ...rest);
        const text = typeof message === "string" ? message : JSON.stringify(message) ?? "";
        const until = performance.now() + 100;
        while (text.includes('"token"') && performance.now() < until) continue;
    };
"#;

#[test]
fn one_lane_stops_and_the_others_go_on_until_all_stop() -> Result<()> {
    journey(Setup::default(), async |stage| {
        stage.inflict("worker.js", Damage::Prepended(SLOW));
        let page = stage.visit("").await?;
        ensure!(!page.find("stop").await?.is_enabled().await?, "there is something to stop");
        page.run().await?;
        ensure!(page.text_of("run").await? == "Restart", "while lanes run, Run begins anew");
        // The lanes on the base; the others may still wait for their adapter.
        let speak = |lanes: &[LaneSnapshot]| {
            lanes.iter().all(|lane| lane.state == "running" && !lane.output.is_empty())
        };
        let lanes = page.until_lanes("three lanes speak", |lanes| speak(&lanes[..3])).await?;
        let first = lanes[0].clone();
        page.click_in(&first, "lane-stop").await?;
        let lanes =
            page.until_lanes("the first lane has stopped", |lanes| lanes[0].state == "stopped").await?;
        ensure!(speak(&lanes[1..3]), "the others stop with it: {lanes:?}");
        let (stopped, other) = (lanes[0].clone(), lanes[1].clone());
        let goes_on =
            |lanes: &[LaneSnapshot]| lanes[1].output_tokens > other.output_tokens.map(|count| count + 2);
        let lanes = page.until_lanes("the others go on", goes_on).await?;
        ensure!(lanes[0] == stopped, "{:?} goes on after stop", lanes[0]);
        ensure!(stopped.mark == "stopped" && stopped.is_right.is_none(), "{stopped:?}");
        page.click("stop").await?;
        let lanes = page.until_ended().await?;
        ensure!(lanes.iter().all(|lane| lane.state == "stopped"), "{lanes:?}");
        ensure!(lanes[..3].iter().all(|lane| !lane.output.is_empty()), "what was said is lost: {lanes:?}");
        ensure!(!page.find("stop").await?.is_enabled().await?, "there is still something to stop");
        // A stopped lane runs anew by itself.
        page.set("max-tokens", "3").await?;
        let again = run_one(&page, &first).await?;
        ensure!(again.output_tokens == Some(3) && again.mark == "cut at max tokens", "{again:?}");
        Ok(())
    })
}
