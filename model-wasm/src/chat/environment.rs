//! What templates find around them: Jinja as transformers sets it up, with limits.

use minijinja::{
    Environment, Error, ErrorKind, State, UndefinedBehavior, Value,
    syntax::SyntaxConfig,
    value::{Kwargs, from_args},
};

/// Instructions of minijinja, and data that they make. Conversations of a hundred turns take some ten thousand. Each
/// instruction can wrap a list in another, and lists are dropped by recursion: so many fit on the stack that a browser
/// gives a worker.
const FUEL: u64 = 16_000;
/// Bytes of text that cost a unit of fuel, as in minijinja.
const BYTES_A_UNIT: usize = 64;

/// The function that tells templates the date.
pub(super) const DATE: &str = "strftime_now";

/// An environment without templates.
///
/// # Errors
/// Never, as long as minijinja knows the syntax.
pub(super) fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_unknown_method_callback(method);
    environment.add_function("raise_exception", |reason: String| -> Result<String, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, reason))
    });
    // A prompt must not depend on the day, so the template is told a fixed one.
    environment.add_function(DATE, |format: String| on_a_fixed_day(&format));
    environment.add_filter("tojson", to_json);
    Ok(environment)
}

/// A Python method of a text, a list or a mapping.
fn method(state: &mut State, value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    if let Some(text) = value.as_str() {
        // The engine charges for results, not for reading what they are made of.
        state.consume_fuel((text.len() / BYTES_A_UNIT) as u64)?;
    }
    match (value.as_str(), name) {
        // Their results can be as large as a product of texts: the filters look at the fuel first.
        (Some(_), "replace") => {
            let all: Vec<Value> = [value].into_iter().chain(args).cloned().collect();
            state.apply_filter("replace", &all)
        }
        (Some(_), "join") => {
            let (items,): (Value,) = from_args(args)?;
            state.apply_filter("join", &[items, value.clone()])
        }
        // Its widths and precisions would have to be bounded; templates do not use it.
        (Some(_), "format") => Err(Error::from(ErrorKind::UnknownMethod)),
        _ => minijinja_contrib::pycompat::unknown_method_callback(state, value, name, args),
    }
}

/// JSON as Python writes it: minijinja's, in which `<`, `>`, `&` and `'` are not escaped.
fn to_json(state: &State, value: &Value, indent: Option<Value>, options: Kwargs) -> Result<Value, Error> {
    let ascii = options.get::<Option<bool>>("ensure_ascii")?.unwrap_or(false);
    let indent = indent.or(options.get::<Option<Value>>("indent")?).filter(|indent| !indent.is_none());
    options.assert_all_used()?;
    let escaped = minijinja::filters::tojson(value, indent, Kwargs::from_iter([] as [(&str, Value); 0]))?;
    let escaped = escaped.as_str().unwrap_or_default();
    state.consume_fuel((escaped.len() / BYTES_A_UNIT) as u64)?;
    let mut json = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(at) = rest.find('\\') {
        json.push_str(&rest[..at]);
        let (sequence, plain) = match rest.get(at..at + 6) {
            Some(r"\u003c") => (6, "<"),
            Some(r"\u003e") => (6, ">"),
            Some(r"\u0026") => (6, "&"),
            Some(r"\u0027") => (6, "'"),
            // A backslash with the character that it escapes, which is ASCII.
            _ => (2, &rest[at..at + 2]),
        };
        json.push_str(plain);
        rest = &rest[at + sequence..];
    }
    json.push_str(rest);
    Ok(Value::from(if ascii { only_ascii(&json) } else { json }))
}

/// JSON with every character beyond ASCII escaped.
fn only_ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut units = [0; 2];
    for character in json.chars() {
        if character.is_ascii() {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut units) {
            text.extend(["\\u", &format!("{unit:04x}")]);
        }
    }
    text
}

/// The first of January 2025, a Wednesday, in the words of `strftime`.
fn on_a_fixed_day(format: &str) -> String {
    let mut text = String::with_capacity(format.len());
    let mut rest = format.chars();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let code = rest.next();
        // A dash takes the zeros before a number away.
        let (short, code) = if code == Some('-') { (true, rest.next()) } else { (false, code) };
        let word = match code {
            Some('a') => "Wed",
            Some('A') => "Wednesday",
            Some('b' | 'h') => "Jan",
            Some('B') => "January",
            Some('d' | 'm') if short => "1",
            Some('d' | 'm') => "01",
            Some('e') => " 1",
            Some('j') => "001",
            Some('y') => "25",
            Some('Y') => "2025",
            Some('H' | 'M' | 'S') if short => "0",
            Some('H' | 'M' | 'S') => "00",
            Some('I') => "12",
            Some('p') => "AM",
            Some('F') => "2025-01-01",
            Some('T') => "00:00:00",
            Some('%') => "%",
            other => {
                text.push('%');
                text.extend(short.then_some('-').into_iter().chain(other));
                continue;
            }
        };
        text.push_str(word);
    }
    text
}

/// The template with transformers' `{% generation %}` blocks, which mark the assistant's words for training, as blocks
/// that do nothing: minijinja takes no blocks of others. Comments, texts and raw blocks stay as they are.
pub(super) fn without_generation_blocks(source: &str) -> String {
    let mut plain = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find('{') {
        let (before, tag) = rest.split_at(at);
        plain.push_str(before);
        let length = match tag.as_bytes().get(1) {
            Some(b'#') => tag.find("#}").map_or(tag.len(), |end| end + 2),
            Some(b'{') => length_of(tag, "}}"),
            Some(b'%') => {
                let length = length_of(tag, "%}");
                let word = tag[2..length].trim_start_matches(['-', '+']).trim_start();
                let name: &str = word.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
                let is_alone = word[name.len()..].trim_start().trim_start_matches(['-', '+']) == "%}";
                match name {
                    "generation" | "endgeneration" if is_alone => {
                        plain.push_str(&tag[..length].replacen("generation", "with", 1));
                        rest = &tag[length..];
                        continue;
                    }
                    "raw" if is_alone => tag.find("endraw").unwrap_or(tag.len()),
                    _ => length,
                }
            }
            _ => 1,
        };
        plain.push_str(&tag[..length]);
        rest = &tag[length..];
    }
    plain.push_str(rest);
    plain
}

/// Bytes of a tag up to and with `end`, which does not count inside a quoted text.
fn length_of(tag: &str, end: &str) -> usize {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, character) in tag.char_indices().skip(2) {
        match quote {
            None if tag[at..].starts_with(end) => return at + end.len(),
            None if matches!(character, '"' | '\'') => quote = Some(character),
            Some(_) if is_escaped => is_escaped = false,
            Some(_) if character == '\\' => is_escaped = true,
            Some(open) if character == open => quote = None,
            _ => {}
        }
    }
    tag.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str) -> Result<String, Error> {
        let environment = environment()?;
        environment.render_str(&without_generation_blocks(template), ())
    }

    #[test]
    fn json_is_as_python_writes_it() {
        let json = |filter: &str| {
            render(&format!(r#"{{{{ {{'k': ["a<b>&'\\u003c", 1.0, none, 'é']}} | {filter} }}}}"#))
        };
        let text = json("tojson").expect("JSON");
        assert_eq!(text, r#"{"k": ["a<b>&'\\u003c", 1.0, null, "é"]}"#);
        let text = json("tojson(ensure_ascii=true)").expect("JSON");
        assert_eq!(text, r#"{"k": ["a<b>&'\\u003c", 1.0, null, "\u00e9"]}"#);
        let text = render("{{ {'k': [1], 'e': []} | tojson(indent=2) }}").expect("JSON");
        assert_eq!(text, "{\n  \"k\": [\n    1\n  ],\n  \"e\": []\n}");
        assert!(render("{{ 1 | tojson(separators=(',', ':')) }}").is_err());
    }

    #[test]
    fn the_day_is_always_the_same() {
        assert_eq!(on_a_fixed_day("%A, %d %b %Y %H:%M"), "Wednesday, 01 Jan 2025 00:00");
        assert_eq!(on_a_fixed_day("%B %-d, %Y; 100%% %q %-q %"), "January 1, 2025; 100% %q %-q %");
    }

    #[test]
    fn generation_blocks_do_nothing() {
        let text =
            render("a {%- generation -%} b {%- set x = 1 %}{{ x }}{% endgeneration %}\nc").expect("text");
        assert_eq!(text, "ab1c");
        for same in [
            "{# {% generation %} #}",
            r#"{{ "}} {% generation %}" }}"#,
            "{% raw %}{% generation %}{% endraw %}",
            "{% if a == '%}{% generation %}' %}{% endif %}",
            "{% generation",
            "{% set generation = 1 %}{",
        ] {
            assert_eq!(without_generation_blocks(same), same);
        }
    }

    #[test]
    fn products_of_texts_are_paid_for_before_they_are_made() {
        let long = "{% set ns = namespace(x='xxxxxxxx') %}{% for i in range(15) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}";
        assert_eq!(render(&format!("{long}{{{{ ns.x | length }}}}")).expect("so far it is cheap"), "262144");
        for growth in [
            "{{ ns.x.replace('x', ns.x) }}",
            "{{ ns.x.join(ns.x) }}",
            "{{ '{:999999999}'.format('x') }}",
            "{% for i in range(99999) %}{% if ns.x.startswith('y') %}{% endif %}{% endfor %}",
            "{% for i in range(99999) %}{% if ns.x | tojson == '' %}{% endif %}{% endfor %}",
        ] {
            assert!(render(&format!("{long}{growth}")).is_err(), "{growth}");
        }
    }
}
