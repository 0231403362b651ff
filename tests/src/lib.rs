//! Journeys through the real page in a real browser.
