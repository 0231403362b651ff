"""Reference ids of every kind of tokenizer: ``python3 recipe/tokenizer_kinds.py`` -> tests/goldens/tokenizers/.

For each kind a small vocabulary is trained with the kind's own splitting rule by the Hugging Face library, and
written with what a GGUF file would hold. The texts are put together from fragments by a generator that the
Rust test repeats, 5,000 different ones for each kind, so that a hash of the ids of each fifty is all that is kept:
once with control tokens as text, as in what people type, and once as tokens. The first forty texts are kept with
their ids, so that a difference can be read.
"""

import argparse
import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers.convert_slow_tokenizer import generate_merges

from chat import write_json

COUNT, GROUP, SHOWN, ENTRIES = 5000, 50, 40, 640
CONTROL = ["<|begin|>", "<|im_start|>", "<|im_end|>"]
#: Found in any text, before it is cut and spelt.
USER_DEFINED = ["<tool>", "<tool>x", "    "]

FRAGMENTS = [
    "Hello", "hello", "HELLO", "world", "The quick brown fox", " jumps", " over", "don't", "DON'T", "I'll", "we've",
    "they'd", "it's", "I'M", "you're", "'tis", "don’t", " ", "  ", "   ", "     ", "\n", "\n\n", "\n\n\n", "\r\n",
    "\t", " \n", "\n ", " \t ", "\u00a0", "\u3000", "\u2003", "1", "12", "123", "1234", "12345678", "3.14159",
    "1,000,000", "007", "2026-11-23", "x=1;", "A-4821", "٣٤٥", "१२३", "Ⅷ", "²³½", "!", "?", "...", "!!!", "—", "…", "“",
    "”", "(", ")", "[x]", "{y}", "$5", "€7", "100%", "a/b/c", "C:\\dir", "#tag", "@name", "a_b", "x**2", "->", "<=",
    "==", "&&", "||", "~", "^", "`code`", "def f(x):\n    return x\n", "if (a<b) { e(); }", "https://example.org/?q=1",
    "name@example.org", "{\"a\": [1, 2]}", "<b>x</b>", "é", "e\u0301", "ñ", "ü", "ß", "İ", "ſ", "Straße", "naïve",
    "Привет", "мир", "Γειά", "κόσμε", "שלום", "مرحبا", "नमस्ते", "สวัสดี", "你好", "世界", "こんにちは", "カタカナ",
    "안녕하세요", "𝔘𝔫𝔦", "ǅ", "ﬁ", "🙂", "👍🏽", "👩‍👩‍👧‍👦", "🇩🇪", "🙂🙂", "\u200b", "\ufeff", "\ufffd", "\u0000", "\u007f",
    "<|im_end|>", "<|im_start|>user", "<|im_end", "im_end|>", "<|begin|>", "<s>", "</s>", "<0x41>", "▁", "▁▁", "Ġ", "Ċ",
    "<tool>", "<tool", "<tool>x", "order number", "coffee maker", "refund", "delivery", "camelCase", "snake_case", "ABCdef", "abcDEF", "XMLHttp",
]

LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# The letters of deepseek-llm: the cased ones of Unicode 11, but for those of mathematics and phonetics.
LETTERS = (
    r"A-Za-z\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1ba}\x{1bc}-\x{1bf}\x{1c4}-\x{293}\x{295}-\x{2af}\x{370}-\x{373}"
    r"\x{376}\x{377}\x{37b}-\x{37d}\x{37f}\x{386}\x{388}-\x{38a}\x{38c}\x{38e}-\x{3a1}\x{3a3}-\x{3f5}\x{3f7}-\x{481}"
    r"\x{48a}-\x{52f}\x{531}-\x{556}\x{10a0}-\x{10c5}\x{13a0}-\x{13f5}\x{13f8}-\x{13fd}\x{1c90}-\x{1cba}"
    r"\x{1cbd}-\x{1cbf}\x{1d00}-\x{1d2b}\x{1d6b}-\x{1d77}\x{1d79}-\x{1d9a}\x{1e00}-\x{1f15}\x{1f18}-\x{1f1d}"
    r"\x{1f20}-\x{1f45}\x{1f48}-\x{1f4d}\x{1f50}-\x{1f57}\x{1f59}\x{1f5b}\x{1f5d}\x{1f5f}-\x{1f7d}\x{1f80}-\x{1fb4}"
    r"\x{1fb6}-\x{1fbc}\x{1fbe}\x{1fc2}-\x{1fc4}\x{1fc6}-\x{1fcc}\x{1fd0}-\x{1fd3}\x{1fd6}-\x{1fdb}\x{1fe0}-\x{1fec}"
    r"\x{1ff2}-\x{1ff4}\x{1ff6}-\x{1ffc}\x{2102}\x{2107}\x{210a}-\x{2113}\x{2115}\x{2119}-\x{211d}\x{2124}\x{2126}"
    r"\x{2128}\x{212a}-\x{212d}\x{212f}-\x{2134}\x{2139}\x{213c}-\x{213f}\x{2145}-\x{2149}\x{214e}\x{2183}\x{2184}"
    r"\x{2c00}-\x{2c7b}\x{2c7e}-\x{2ce4}\x{2ceb}-\x{2cee}\x{2cf2}\x{2cf3}\x{a640}-\x{a66d}\x{a680}-\x{a69b}"
    r"\x{a722}-\x{a76f}\x{a771}-\x{a787}\x{a78b}-\x{a78e}\x{ab70}-\x{abbf}\x{fb00}-\x{fb06}\x{fb13}-\x{fb17}"
    r"\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}\x{10400}-\x{1044f}\x{104b0}-\x{104d3}\x{104d8}-\x{104fb}\x{10c80}-\x{10cb2}"
    r"\x{10cc0}-\x{10cf2}\x{118a0}-\x{118df}\x{1e900}-\x{1e943}"
)
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
ENDINGS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"


def cased(ending, digits):
    """The rule of tekken and GPT-4o, which part words where capitals begin."""
    return (
        rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{ending}|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{ending}"
        rf"|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )


def by(*patterns):
    """Cut by each pattern in turn, then write bytes as characters."""
    cuts = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
    return pre_tokenizers.Sequence([*cuts, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


GPT_2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
KINDS = {
    "gpt-2": GPT_2,
    "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), GPT_2]),
    "llama-bpe": by(LLAMA_3),
    "qwen2": by(LLAMA_3.replace("{1,3}", "")),
    "deepseek-llm": by(
        r"[\r\n]", rf"\s?[{LETTERS}]+", r"\s?[!-/:-~！-／：-～‘-‟\x{3000}-。]+", r"\s+$", r"[一-龥ࠀ-一가-퟿]+", r"\p{N}",
    ),
    "deepseek-coder": by(r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", r"[一-龥ࠀ-一가-퟿]+", r"\p{N}"),
    "deepseek-v3": by(
        r"\p{N}{1,3}", r"[一-龥぀-ゟ゠-ヿ]+",
        r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
        r"""| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
    ),
    "tekken": by(cased("", r"\p{N}")),
    "gpt-4o": by(cased(ENDINGS, r"\p{N}{1,3}")),
    "default": by(
        r"[\p{P}\$\+<=>\^~\|]+", r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)", r"\p{N}+",
        r"[0-9][0-9][0-9]",
    ),
}


class Dice:
    """A generator of 31-bit numbers: the Lehmer one of Park and Miller."""

    def __init__(self, seed):
        self.state = seed

    def below(self, limit):
        """A number from 0 to ``limit - 1``."""
        self.state = self.state * 48271 % 0x7FFFFFFF
        return self.state % limit


def texts(fragments=FRAGMENTS, seed=20261123):
    """``COUNT`` texts of one to six fragments, no two of them the same."""
    dice, out = Dice(seed), {}
    while len(out) < COUNT:
        out["".join(fragments[dice.below(len(fragments))] for _ in range(1 + dice.below(6)))] = None
    return list(out)


def fingerprint(lists):
    """FNV-1a, 64 bits, over the ids of several texts, each ended by a number that is no id."""
    value = 0xCBF29CE484222325
    for ids in lists:
        for number in [*ids, 0xFFFFFFFF]:
            for byte in number.to_bytes(4, "little"):
                value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def corpus(last_character="\U0010ffff"):
    """Something to train on: other texts, of the fragments without brackets and without characters beyond that one.

    It hangs on nothing but this file, and no entry can look like a control token.
    """
    return texts([text for text in FRAGMENTS if "<" not in text and max(text) <= last_character], seed=1)


def token_type(token):
    """GGUF's number for what a token is."""
    return 3 if token in CONTROL else 4 if token in USER_DEFINED else 1


def find_user_defined(tokenizer):
    """Let the library find them in texts as they are."""
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in USER_DEFINED])


def byte_level(name):
    """A tokenizer of that kind and what a file would hold of it."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=name in ("llama-bpe", "tekken")))
    tokenizer.pre_tokenizer = KINDS[name]
    tokenizer.decoder = decoders.ByteLevel()
    if name == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=ENTRIES, special_tokens=CONTROL, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    vocabulary = tokenizer.get_vocab()
    tokens = [*sorted(vocabulary, key=vocabulary.get), *USER_DEFINED]
    types = [token_type(token) for token in tokens]
    find_user_defined(tokenizer)
    merges = [" ".join(merge) for merge in json.loads(tokenizer.to_str())["model"]["merges"]]
    return tokenizer, {"model": "gpt2", "pre": name, "tokens": tokens, "types": types, "merges": merges}


def sentencepiece(adds_space):
    """As :func:`byte_level`, of characters with scores: the merges are the ones that transformers makes of them."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always" if adds_space else "never")
    trainer = trainers.BpeTrainer(vocab_size=400, show_progress=False)
    # Without the other characters, which are spelt in bytes.
    trained.train_from_iterator(corpus(last_character="\u04ff"), trainer)
    vocabulary = trained.get_vocab()
    pieces = sorted(vocabulary, key=vocabulary.get)
    named = [*CONTROL, *USER_DEFINED]
    tokens = ["<unk>", "<s>", "</s>", *named, *(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    types = [2, 3, 3, *map(token_type, named), *([6] * 256), *([1] * len(pieces))]
    scores = [0.0] * (len(tokens) - len(pieces)) + [-float(rank) for rank in range(len(pieces))]
    ids = {token: number for number, token in enumerate(tokens)}
    spoken = {token: score for token, score, kind in zip(tokens, scores, types, strict=True) if kind in (1, 6)}
    merges = generate_merges(ids, spoken, skip_tokens=["<unk>", "<s>", "</s>", *named])
    tokenizer = Tokenizer(models.BPE(ids, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    prefix = [normalizers.Prepend("▁")] if adds_space else []
    tokenizer.normalizer = normalizers.Sequence([*prefix, normalizers.Replace(" ", "▁")])
    tokenizer.add_special_tokens(["<s>", "</s>", *CONTROL])
    find_user_defined(tokenizer)
    strip = [decoders.Strip(" ", 1, 0)] if adds_space else []
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), *strip]
    )
    return tokenizer, {
        "model": "llama", "tokens": tokens, "types": types, "scores": scores, "add_space_prefix": adds_space,
    }


def golden(name, tokenizer, file):
    """The ids of all texts, control tokens being text and being tokens; some of the former as they are."""

    def ids(control_is_text):
        tokenizer.encode_special_tokens = control_is_text
        return [encoding.ids for encoding in tokenizer.encode_batch(texts(), add_special_tokens=False)]

    def groups(lists):
        return [fingerprint(lists[start : start + GROUP]) for start in range(0, COUNT, GROUP)]

    plain = ids(True)
    return {
        "name": name, "file": file, "groups": groups(plain), "groups_special": groups(ids(False)),
        "shown": plain[:SHOWN],
    }


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("tests/goldens/tokenizers"))
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    kinds = [golden(name, *byte_level(name)) for name in KINDS]
    kinds += [golden("llama", *sentencepiece(True)), golden("llama, no space before", *sentencepiece(False))]
    index = {"fragments": FRAGMENTS, "count": COUNT, "group": GROUP, "control": CONTROL, "user_defined": USER_DEFINED, "kinds": kinds}
    write_json(options.out / "index.json", index, indent=None)
    print(len(kinds), "kinds", (options.out / "index.json").stat().st_size, "bytes")


if __name__ == "__main__":
    main()
