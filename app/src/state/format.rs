//! Numbers as the page writes them.

/// `9.1 MB`: one decimal below a hundred, none above.
pub fn bytes(count: u64) -> String {
    let steps = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    match steps.into_iter().find(|(size, _)| count as f64 >= *size) {
        Some((size, unit)) => format!("{} {unit}", short(count as f64 / size)),
        None => format!("{count} B"),
    }
}

/// `4.7 M`: a number of weights or tokens.
pub fn count(count: u64) -> String {
    let steps = [(1e9, "B"), (1e6, "M")];
    match steps.into_iter().find(|(size, _)| count as f64 >= *size) {
        Some((size, unit)) => format!("{} {unit}", short(count as f64 / size)),
        None => grouped(count),
    }
}

/// `10,000`
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `840 ms`, or `1.25 s` from a second on.
pub fn duration(milliseconds: f64) -> String {
    if milliseconds < 1000.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.2} s", milliseconds / 1000.0)
    }
}

/// `45 s`, `12 min` or `3.5 h`
pub fn minutes(minutes: f64) -> String {
    if minutes < 1.0 {
        format!("{:.0} s", minutes * 60.0)
    } else if minutes < 90.0 {
        format!("{minutes:.0} min")
    } else {
        format!("{:.1} h", minutes / 60.0)
    }
}

/// `12 s`, `3 min` or `1.5 h`
pub fn seconds(seconds: f64) -> String {
    minutes(seconds / 60.0)
}

/// `just now`, `5 min ago`, `3 h ago` or `12 days ago`
pub fn ago(milliseconds: f64) -> String {
    let minutes = milliseconds / 60_000.0;
    match minutes {
        ..1.0 => "just now".to_owned(),
        ..60.0 => format!("{minutes:.0} min ago"),
        ..1440.0 => format!("{:.0} h ago", minutes / 60.0),
        _ => format!("{:.0} days ago", minutes / 1440.0),
    }
}

/// The first eight digits of a hash.
pub fn short_hash(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}

fn short(number: f64) -> String {
    if number < 100.0 { format!("{number:.1}") } else { format!("{number:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(9_128_000), "9.1 MB");
        assert_eq!(bytes(412_000_000), "412 MB");
        assert_eq!(count(4_712_000), "4.7 M");
        assert_eq!(count(10_000), "10,000");
        assert_eq!([grouped(7), grouped(999), grouped(1_234_567)], ["7", "999", "1,234,567"]);
        assert_eq!([duration(840.4), duration(1250.0)], ["840 ms", "1.25 s"]);
        assert_eq!([minutes(0.5), minutes(12.2), minutes(210.0)], ["30 s", "12 min", "3.5 h"]);
        assert_eq!(
            [ago(5.0), ago(3e5), ago(1.08e7), ago(1e9)],
            ["just now", "5 min ago", "3 h ago", "12 days ago"]
        );
        assert_eq!(seconds(12.0), "12 s");
        assert_eq!(short_hash("0123456789"), "01234567");
    }
}
