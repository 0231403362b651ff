//! Journeys through the real page in a real browser.
//!
//! A [`journey`] gets a stage: the built site on a server of its own, and as many fresh browsers as
//! it likes. What every journey checks beside its own point is checked once, when it ends: no
//! error on any console, no report of the content security policy.

mod axe;
mod driver;
mod fault;
mod hub;
mod journey;
mod lane;
mod page;
mod site;

pub use self::{
    driver::{Driver, fresh_browser},
    fault::Damage,
    hub::{Hub, HubFault, HubFile},
    journey::{Setup, Stage, journey},
    lane::{Check, LaneSnapshot, same_answer},
    page::{Page, Theme},
    site::default_scenario,
};
