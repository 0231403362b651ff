"""Reference data for the Rust tests: ``python3 recipe/goldens.py`` -> tests/goldens/.

``index.json`` lists 20 prompts with their token ids, the four set-ups (Q8_0 and
Q4_0, each bare and with an adapter at scale 1) with a file of f32 little-endian
logits each (last position of every prompt, then the first 40 positions of one prompt),
and greedy continuations. All of it comes from transformers and PEFT in f32 on
the weights dequantised from the very files that the page loads.
``tokenizer-cases.json`` and ``chat-cases.json`` hold tokenizer and template cases.
"""

import argparse
import random
from pathlib import Path

import numpy as np
import torch
from peft import PeftModel

from chat import Chat, write_json
from export import dequantised_state, sha256, transformers_model, transformers_tokenizer
from model import Config
from tasks import TASKS

GREEDY_TOKENS = 30
EVERY_POSITION = 40

CHAT_CASES = [
    [("user", "Hi")],
    [("system", "You triage support tickets."), ("user", "Where is my parcel?")],
    [("user", "One"), ("assistant", "1"), ("user", "Two"), ("assistant", "2"), ("user", "Three")],
    [("system", ""), ("user", "")],
    [("system", "  spaces  \n"), ("user", "\n\nnew lines\n")],
    [("user", "Ünï çödé 漢字 🙂")],
    [("user", "{{ not a template }} {% raw %}")],
    [("user", "<b>html</b> & \"quotes\" 'single' \\ backslash")],
    [("system", "Codes:\nbilling: X-71\nrepair: J-76"), ("user", "Ticket: it broke"), ("assistant", "J-76")],
    [("user", "looks like <|im_end|> inside")],
]

TEXTS = [
    "", " ", "  ", "\n", "\n\n", "\t", " \n \t ", "a", "A", "Hello", " Hello", "Hello ", "hello world",
    "Order A-4821", "A-4821", "1234567890", "12 34 567", "3.14159", "1,000,000", "007", "2026-11-22",
    "x=1;y=22", "don't", "I'll we've they'd it's I'm you're", "DON'T", "don’t", "can't won't 'tis",
    "camelCase snake_case kebab-case", "def f(x):\n    return x**2  # square\n", "if (a<b && c>d) { e(); }",
    "{\"queue\": \"FIN-3\", \"priority\": \"P1\", \"order\": \"A-4821\"}", "<html><body>x</body></html>",
    "https://example.org/a?b=c&d=e#f", "name@example.org", "C:\\dir\\file.txt", "a/b/c", "#hashtag @name",
    "!!!", "???!!!", "...", "…", "—–-", "“quoted” ‘text’", "(brackets) [square] {curly}", "100% $5 €7 £9 ¥3",
    "é è ê ë ñ ü ö ä ß ø å", "e\u0301 combining", "İıŞş", "Привет, мир", "Γειά σου Κόσμε", "שלום עולם",
    "مرحبا بالعالم", "नमस्ते दुनिया", "สวัสดีชาวโลก", "你好，世界", "こんにちは世界", "안녕하세요 세계",
    "🙂", "👍🏽", "👩‍👩‍👧‍👦", "🇩🇪🇫🇷", "a🙂b", "🙂🙂🙂", "x\u200by", "x\u00a0y", "\u3000wide", "ﬁ ligature",
    "٣٤٥", "Ⅷ ²³ ½", "१२३", "１２３", "0\u0660\u0966", "tab\tseparated\tvalues", "line\r\nline\r\n", "\r", "\x00", "\x7f\x1b[0m",
    "    four spaces", "trailing   ", "a  b   c    d", "\n  \n  x", "a\n\n\nb", " \u00a0 \u2003x",
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_start|>user\nHi<|im_end|>\n", "<|im_start", "|im_end|>",
    "<|im_sep|>", "<|IM_START|>", "< |im_end|>", "text<|im_end|>text", "<|im_end|><|im_end|>", "<s> </s> [INST]",
    "aaaaaaaaaaaaaaaaaaaaaaaa", "abcabcabcabc", "The quick brown fox", "antidisestablishmentarianism", "ZXQJKV",
    "\ud7ff\ue000", "\ufffd", "\ufeffbom", "𝔘𝔫𝔦", "a\u0300\u0301\u0302", "ǆ Ǆ ǅ", "mixed 漢字 and 123 🙂 text",
]


def tokenizer_texts(count=300):
    """The hand-picked texts, then texts of the world and random mixtures of both."""
    rng = random.Random("goldens")
    texts = list(TEXTS)
    names = list(TASKS)
    while len(texts) < count * 2 // 3:
        texts.append(rng.choice(TASKS[rng.choice(names)](rng, 2, "test"))[1])
    while len(texts) < count:
        texts.append("".join(rng.choice(TEXTS) for _ in range(rng.randrange(2, 5))))
    return texts


def tokenizer_cases(chat):
    """Each text with its ids, control tokens taken as plain text and as tokens."""
    cases = []
    for text in tokenizer_texts():
        chat.tokenizer.encode_special_tokens = True
        plain = chat.tokenizer.encode(text).ids
        chat.tokenizer.encode_special_tokens = False
        cases.append({"text": text, "ids": plain, "ids_special": chat.tokenizer.encode(text).ids})
    return cases


def chat_cases(tokenizer):
    """Message lists as the chat template renders them, with and without the prompt for an answer."""
    cases = []
    for case in CHAT_CASES:
        messages = [{"role": role, "content": content} for role, content in case]
        render = lambda wanted, m=messages: tokenizer.apply_chat_template(  # noqa: E731
            m, tokenize=False, add_generation_prompt=wanted
        )
        cases.append({"messages": messages, "rendered": render(False), "rendered_with_prompt": render(True)})
    return cases


def prompts(chat):
    """Twenty prompts: conversations of the test split without their last answer."""
    rng = random.Random("golden-prompts")
    names = list(TASKS)
    out = []
    for number in range(20):
        messages = TASKS[names[number % len(names)]](rng, 2, "test" if number % 2 else "train")[:-1]
        out.append(chat.prompt(messages))
    return out


@torch.no_grad()
def logits_of(model, tokens):
    """Logits (T, V) of every position."""
    return model(input_ids=torch.tensor([tokens])).logits[0].float()


@torch.no_grad()
def greedy(model, tokens, end):
    """Greedy continuation: at most 30 tokens, the end token included if it comes."""
    out, ids, past = [], tokens, None
    while len(out) < GREEDY_TOKENS and (not out or out[-1] != end):
        step = model(input_ids=torch.tensor([ids]), past_key_values=past, use_cache=True)
        past = step.past_key_values
        out.append(int(step.logits[0, -1].argmax()))
        ids = out[-1:]
    return out


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("target/recipe"))
    parser.add_argument("--models", type=Path, default=Path("public/models"))
    parser.add_argument("--out", type=Path, default=Path("tests/goldens"))
    parser.add_argument("--adapter", default="triage-10000")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    chat = Chat(options.work / "tokenizer.json")
    config = Config(vocab_size=chat.vocab_size)
    token_lists = prompts(chat)
    whole = min(range(len(token_lists)), key=lambda n: len(token_lists[n]))
    folder = options.models / "adapters" / options.adapter
    index = {
        "vocab_size": config.vocab_size,
        "end_token": chat.end,
        "adapter": {
            "folder": f"adapters/{options.adapter}",
            "config_sha256": sha256(folder / "adapter_config.json"),
            "weights_sha256": sha256(folder / "adapter_model.safetensors"),
        },
        "prompts": [{"tokens": t, "text": chat.tokenizer.decode(t, skip_special_tokens=False)} for t in token_lists],
        "setups": [],
    }
    for quantisation in ("Q8_0", "Q4_0"):
        path = options.models / f"base-{quantisation}.gguf"
        for adapter in (None, options.adapter):
            model = transformers_model(dequantised_state(path, config), config)
            if adapter:
                model = PeftModel.from_pretrained(model, str(folder)).float().eval()
            name = quantisation + (f"-{adapter}" if adapter else "")
            rows = [logits_of(model, tokens)[-1] for tokens in token_lists]
            every = logits_of(model, token_lists[whole][:EVERY_POSITION])
            data = torch.cat([torch.stack(rows), every]).numpy().astype("<f4")
            (options.out / f"{name}.bin").write_bytes(np.ascontiguousarray(data).tobytes())
            setup = {
                "name": name, "model": path.name, "model_sha256": sha256(path),
                "adapter_scale": 1.0 if adapter else None, "file": f"{name}.bin",
                "last_position": [
                    {"prompt": n, "offset_bytes": n * config.vocab_size * 4} for n in range(len(rows))
                ],
                "all_positions": {
                    "prompt": whole, "offset_bytes": len(rows) * config.vocab_size * 4,
                    "positions": len(every),
                },
            }
            if quantisation == "Q8_0":
                setup["greedy"] = [greedy(model, tokens, chat.end) for tokens in token_lists]
            index["setups"].append(setup)
    write_json(options.out / "index.json", index, indent=None)
    write_json(options.out / "tokenizer-cases.json", tokenizer_cases(chat), indent=None, ensure_ascii=True)
    write_json(
        options.out / "chat-cases.json", chat_cases(transformers_tokenizer(options.work / "tokenizer.json"))
    )
    print(sum(f.stat().st_size for f in options.out.iterdir()), "bytes")


if __name__ == "__main__":
    main()
