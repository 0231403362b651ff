//! What a lane may hold.

use super::*;

#[test]
fn another_context_length_loads_the_base_anew_and_lasts() {
    with_desk(|desk| {
        start(desk);
        let asked = || match &desk.next_requests(str::to_owned)[..] {
            [Request::LoadModel { load_id, context_length, .. }] => Some((*load_id, *context_length)),
            [] => None,
            other => panic!("{other:?} is not one load"),
        };
        assert!(desk.use_context_length(8_192).is_empty(), "nothing is loaded");
        assert_eq!(asked(), None, "and nothing need be");
        desk.use_base(Some(stored("good", protocol::ItemKind::Model)));
        let (first, context_length) = asked().expect("a load");
        assert_eq!(context_length, 8_192);
        assert_eq!(desk.use_context_length(1_024), [Request::CancelLoad { load_id: first }]);
        let (second, context_length) = asked().expect("another load");
        assert_eq!(context_length, 1_024);
        desk.apply(&Event::ModelLoaded { load_id: second, model: model_info("good") });
        desk.use_context_length(2_048);
        assert_eq!(asked().map(|(_, context_length)| context_length), Some(2_048));
        let lasting = desk.library.with_untracked(|library| library.chosen.lasting());
        let text = serde_json::to_string(&lasting).expect("plain data");
        let again: crate::state::Chosen = serde_json::from_str(&text).expect("what was written");
        assert_eq!(again.context_length(), 2_048);
        let strange: crate::state::Chosen =
            serde_json::from_str(&text.replace("2048", "7")).expect("plain data");
        assert_eq!(strange.context_length(), protocol::DEFAULT_CONTEXT_LENGTH);
    });
}
