//! Chat templates.

use model_wasm::{
    chat::{ChatTemplate, Prompt},
    session::Base,
};
use protocol::{Message, Role};

use super::{
    Case, check,
    support::{Quantisation, TEMPLATE, tiny},
};

#[test]
fn hostile_templates_are_refused_in_time() {
    let repeated = |text: &str, times: usize| text.repeat(times).into_bytes();
    let cases: Vec<Case> = vec![
        ("sound", TEMPLATE.as_bytes().to_vec(), ""),
        ("no-end", b"{% for message in messages %}".to_vec(), "end"),
        ("no-such-tag", b"{% exec 'rm' %}".to_vec(), "unknown statement"),
        ("no-such-function", b"{{ open('/etc/passwd') }}".to_vec(), "unknown"),
        ("include", b"{% include '/etc/passwd' %}".to_vec(), "unknown statement"),
        ("import", b"{% import 'os' as os %}{{ os.path }}".to_vec(), "unknown statement"),
        // Found by fuzzing: it made the compiler of templates panic.
        ("import-as-a-sum", b"{% import 'os' as os % ge(9) %}".to_vec(), "unknown statement"),
        ("refuses", b"{{ raise_exception('not this one') }}".to_vec(), "not this one"),
        ("endless-range", b"{% for i in range(1000000000) %}x{% endfor %}".to_vec(), "range"),
        (
            "nested-by-a-loop",
            b"{% set ns = namespace(a=[]) %}{% for i in range(90) %}{% for j in range(900) %}{% set ns.a = [ns.a] %}\
              {% endfor %}{% endfor %}x"
                .to_vec(),
            "fuel",
        ),
        (
            "nested-loops",
            b"{% for a in range(9999) %}{% for b in range(9999) %}{% set c = a * b %}{% endfor %}{% endfor %}"
                .to_vec(),
            "fuel",
        ),
        ("endless-macro", b"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}".to_vec(), "recursion"),
        (
            "doubling",
            [
                b"{% set ns = namespace(x='x') %}{% for i in range(64) %}".as_slice(),
                b"{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
            ]
            .concat(),
            "fuel",
        ),
        ("repeated-text", b"{{ 'xxxxxxxxxxxxxxxx' * 1000000000 }}".to_vec(), "fuel"),
        ("repeated-tokens", b"{{ '<|im_end|> x ' * 100000 }}".to_vec(), "fuel"),
        // As long as a prompt may be, and each character is a piece to the tokenizer: the most memory that one can take.
        ("many-pieces", b"{{ 'a1' * 65536 }}".to_vec(), ""),
        (
            "deep-brackets",
            [repeated("{{ ", 1), repeated("(", 5000), repeated(")", 5000), repeated(" }}", 1)].concat(),
            "recursion limits",
        ),
        ("deep-lists", [repeated("{{ ", 1), repeated("[", 5000)].concat(), "recursion limits"),
        ("long", vec![b'x'; (1 << 18) + 1], "the limit is 262144"),
    ];
    let base = Base::load(&tiny(Quantisation::F32).bytes()).expect("a sound model");
    check("template", cases, |bytes| -> Result<Prompt, String> {
        let source = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let template = ChatTemplate::new(source).map_err(|error| error.to_string())?;
        let messages = [Message { role: Role::User, content: "Hi".to_owned() }];
        template.prompt(&messages, false, &base.tokenizer).map_err(|error| error.to_string())
    });
}
