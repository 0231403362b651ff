"""Measure base and adapters on the suites: ``python3 recipe/evaluate.py``.

Greedy decoding by transformers and PEFT in f32 on the weights dequantised from
base-Q8_0.gguf; a case counts when the whole text equals ``__expected``.
Results are kept in WORK/results.json, each as long as its model, prompt and suite are the same, and go into card.json.
``--choose`` compares the candidate prompts on development tickets instead.
"""

import argparse
import json
import math
import random
from pathlib import Path

import torch
from peft import PeftModel

from chat import Chat, digest, read_json, write_json
from export import dequantised_state, sha256, transformers_model
from house import triage_answer
from make_data import read_suite
from model import Config
from prompts import CANDIDATES, engineered_prompt, messages, naive_prompt
from train_adapters import ADAPTERS
from world import draw_ticket

TRIAGE = [identity for identity in ADAPTERS if identity.startswith("triage-")]
MAX_TOKENS = 64


@torch.no_grad()
def generate(model, chat, conversations, rows=32):
    """Greedy answers to the conversations, and the number of prompt tokens of each."""
    encoded = [chat.prompt(conversation) for conversation in conversations]
    answers = [None] * len(encoded)
    by_length = sorted(range(len(encoded)), key=lambda n: len(encoded[n]))
    for start in range(0, len(by_length), rows):
        numbers = by_length[start : start + rows]
        width = max(len(encoded[n]) for n in numbers)
        ids = torch.tensor([[chat.pad] * (width - len(encoded[n])) + encoded[n] for n in numbers])
        mask = torch.tensor([[0] * (width - len(encoded[n])) + [1] * len(encoded[n]) for n in numbers])
        out = model.generate(
            input_ids=ids, attention_mask=mask, do_sample=False, max_new_tokens=MAX_TOKENS,
            eos_token_id=chat.end, pad_token_id=chat.pad,
        )
        for number, row in zip(numbers, out[:, width:].tolist(), strict=True):
            row = row[: row.index(chat.end)] if chat.end in row else row
            answers[number] = chat.tokenizer.decode(row, skip_special_tokens=False)
    return answers, [len(ids) for ids in encoded]


def wilson(right, count, z=1.96):
    """95 % interval of a share."""
    share = right / count
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return [round(max(0.0, centre - half), 4), round(min(1.0, centre + half), 4)]


def measure(model, chat, rows, conversations):
    """Accuracy with its interval, by task where there are several, and prompt tokens."""
    answers, prompt_tokens = generate(model, chat, conversations)
    right = [answer == row["__expected"] for answer, row in zip(answers, rows, strict=True)]
    result = {
        "accuracy": round(sum(right) / len(right), 4),
        "interval_95": wilson(sum(right), len(right)),
        "cases": len(right),
        "mean_prompt_tokens": round(sum(prompt_tokens) / len(prompt_tokens), 1),
    }
    for column in ("task", "group"):
        values = sorted({row.get(column) or "" for row in rows})
        if 1 < len(values) <= 20:
            result[f"by_{column}"] = {
                v: round(sum(r for r, row in zip(right, rows, strict=True) if row[column] == v)
                         / sum(row[column] == v for row in rows), 4)
                for v in values
            }
    groups = {}
    for row, answer, ok in zip(rows, answers, right, strict=True):
        groups.setdefault(row.get("group"), []).append((answer, ok))
    if len(groups) > 20:
        result["all_wordings_right"] = round(
            sum(all(ok for _, ok in g) for g in groups.values()) / len(groups), 4
        )
    return result, answers


def triage_fields(rows, answers):
    """How often each field of the JSON is right, where the answer is JSON at all."""
    counts = {"queue": 0, "priority": 0, "order": 0}
    for row, answer in zip(rows, answers, strict=True):
        try:
            given = json.loads(answer)
        except ValueError:
            continue
        wanted = json.loads(row["__expected"])
        for key in counts:
            counts[key] += isinstance(given, dict) and given.get(key) == wanted[key]
    return {key: round(count / len(rows), 4) for key, count in counts.items()}


def choose(model, chat, count=100):
    """Every candidate prompt, bare and with two worked examples, on development tickets."""
    rng = random.Random("dev-tickets")
    tickets = [draw_ticket(rng, "dev") for _ in range(count)]
    rows = [{"input": t.text, "__expected": triage_answer(t)} for t in tickets]
    out = {}
    for name in CANDIDATES:
        for examples in (0, 2):
            prompt = engineered_prompt(name, examples)
            result, answers = measure(model, chat, rows, [messages(prompt, r["input"]) for r in rows])
            out[f"{name}, {examples} examples"] = {**result, "fields": triage_fields(rows, answers)}
            print(f"{result['accuracy']:.3f}  {examples} examples  {name}  {out[f'{name}, {examples} examples']['fields']}", flush=True)
    return out


def suite_conversations(rows):
    """Conversations of a suite that carries its own instruction in ``system``."""
    return [
        ([("system", row["system"])] if row.get("system") else []) + [("user", row["input"])] for row in rows
    ]


def setups(scenario):
    """What is measured: ``(name, suite, prompt or None, adapter or None)``."""
    lanes = [
        (lane["name"], lane["prompt"], None if lane["weights"] == "base" else lane["weights"]["adapter"])
        for lane in scenario["lanes"]
    ]
    for name, prompt, adapter in lanes:
        yield name, "triage-test", prompt, adapter
    for adapter in TRIAGE[:-1]:
        yield f"{adapter}, naive prompt", "triage-test", naive_prompt(), adapter
    for adapter in (None, *ADAPTERS):
        yield adapter or "base", "other-tasks", None, adapter
    for adapter in (None, "house-policies"):
        yield adapter or "base", "policies", None, adapter
    for adapter in TRIAGE[:-1]:
        yield f"{adapter}, engineered prompt", "triage-test", engineered_prompt(), adapter
    for name, prompt, adapter in lanes:
        yield name, "triage-paraphrase", prompt, adapter


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("target/recipe"))
    parser.add_argument("--public", type=Path, default=Path("public"))
    parser.add_argument("--choose", action="store_true")
    parser.add_argument("--base-only", action="store_true", help="leave the adapters for a later run")
    parser.add_argument("--limit", type=int, default=0, help="so many cases of each suite, spread over it")
    options = parser.parse_args(arguments)
    chat = Chat(options.work / "tokenizer.json")
    config = Config(vocab_size=chat.vocab_size)
    base_file = options.public / "models" / "base-Q8_0.gguf"
    state = dequantised_state(base_file, config)
    if options.choose:
        write_json(options.work / "chosen.json", choose(transformers_model(state, config), chat, options.limit or 100))
        return
    results_file = options.work / "results.json"
    scenario = read_json(options.public / "scenarios" / "triage.json")
    base_sha256 = sha256(base_file)
    before = read_json(results_file)["measured"] if results_file.exists() else []
    done = {(r["setup"], r["suite"], r["made_of"]): r for r in before}
    results = {"base_sha256": base_sha256, "measured": []}
    for name, suite, prompt, adapter in setups(scenario):
        if adapter and options.base_only:
            continue
        suite_file = options.public / "suites" / f"{suite}.csv"
        folder = options.public / "models" / "adapters" / (adapter or "")
        weights = sha256(folder / "adapter_model.safetensors") if adapter else None
        made_of = digest([base_sha256, weights, sha256(suite_file), prompt, options.limit])
        if (name, suite, made_of) in done:
            results["measured"].append(done.pop((name, suite, made_of)))
            continue
        rows = read_suite(suite_file)
        if 0 < options.limit < len(rows):
            rows = [rows[number * len(rows) // options.limit] for number in range(options.limit)]
        model = transformers_model(state, config)
        if adapter:
            model = PeftModel.from_pretrained(model, str(folder)).float().eval()
        conversations = (
            [messages(prompt, row["input"]) for row in rows] if prompt else suite_conversations(rows)
        )
        result, answers = measure(model, chat, rows, conversations)
        if suite.startswith("triage"):
            result["fields"] = triage_fields(rows, answers)
        results["measured"].append({"setup": name, "suite": suite, "adapter": adapter, "made_of": made_of, **result})
        # What an earlier run has measured is not lost when this one is cut.
        write_json(results_file, {**results, "measured": [*results["measured"], *done.values()]})
        print(f"{result['accuracy']:.3f}  {suite}  {name}  {answers[0]!r}", flush=True)
    write_json(results_file, results)


if __name__ == "__main__":
    main()
