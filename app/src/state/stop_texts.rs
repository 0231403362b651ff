//! Stop texts as one line that people can edit: parted by commas, with `\` before what a line cannot hold otherwise.

/// The texts as one line.
pub fn write_stop_texts(texts: &[String]) -> String {
    texts.iter().map(|text| escaped(text)).collect::<Vec<_>>().join(", ")
}

/// The texts in a line; spaces around a text are not part of it unless `\` stands before them.
pub fn read_stop_texts(line: &str) -> Vec<String> {
    let (mut texts, mut text) = (Vec::new(), String::new());
    // How much of the text must stay although it ends in spaces.
    let mut meant = 0;
    let mut letters = line.chars();
    loop {
        match letters.next() {
            letter @ (None | Some(',')) => {
                text.truncate(meant.max(text.trim_end().len()));
                if !text.is_empty() {
                    texts.push(std::mem::take(&mut text));
                }
                if letter.is_none() {
                    return texts;
                }
                meant = 0;
            }
            Some('\\') => {
                text.push(match letters.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some(other) => other,
                    None => '\\',
                });
                meant = text.len();
            }
            Some(letter) if letter.is_whitespace() && text.is_empty() => {}
            Some(letter) => text.push(letter),
        }
    }
}

fn escaped(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut line = String::with_capacity(text.len());
    for (at, letter) in text.chars().enumerate() {
        match letter {
            '\n' => line.push_str("\\n"),
            '\t' => line.push_str("\\t"),
            ',' | '\\' => line.extend(['\\', letter]),
            letter if letter.is_whitespace() && (at == 0 || at == last) => line.extend(['\\', letter]),
            letter => line.push(letter),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_people_write_it() {
        assert_eq!(read_stop_texts(" END, two words ,,###, "), ["END", "two words", "###"]);
        assert_eq!(read_stop_texts(r"\n\n, a\, b, \ x\ "), ["\n\n", "a, b", " x "]);
        assert_eq!(read_stop_texts(r"ends in \"), [r"ends in \"]);
        assert!(read_stop_texts("").is_empty());
    }

    #[test]
    fn every_text_comes_back_from_its_line() {
        for texts in [vec!["\n\n", ", ", " and ", r"\", r"\n", "\t"], vec!["a,b", "é  ü", " "], vec![]] {
            let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
            let line = write_stop_texts(&texts);
            assert!(!line.contains('\n'), "{line:?} is more than a line");
            assert_eq!(read_stop_texts(&line), texts, "{line:?}");
        }
    }
}
