//! What must work every day.

use anyhow::{Result, ensure};
use end_to_end::{Setup, journey};

#[test]
fn the_first_paint_needs_no_model() -> Result<()> {
    journey(Setup::default(), async |stage| {
        let page = stage.visit("").await?;
        let lanes = page.lanes().await?;
        ensure!(lanes.len() == 5, "{lanes:?}");
        Ok(())
    })
}
