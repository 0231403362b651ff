"""The recipe at toy size: ``python3 recipe/smoke.py`` (two to three minutes).

Every stage runs for real in a temporary directory, on a few cases of each suite, and is checked for something that
breaks when the stage does; the committed suites, card and report are checked against the generator and against one
another. Exit status 0 means that all checks held.
"""

import csv
import io
import itertools
import json
import random
import re
import shutil
import struct
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from peft import PeftModel

import adapters
import architectures
import card
import evaluate
import export
import goldens
import make_data
import report
import templates
import tokenizer_kinds
import train_adapters
import train_base
import train_tokenizer
from chat import IM_END, Chat, read_json
from curriculum import Stage
from house import HOUSE_CODES, triage_answer
from model import Config, Llama
from prompts import CANDIDATES
from tasks import TASKS
from world import (
    NAMES,
    OPENINGS,
    ORDER_SENTENCES,
    PRODUCTS,
    REMARKS,
    SIGNATURES,
    SPLITS,
    TONE_FRAMES,
    TOPIC_FRAMES,
    TOPICS,
    draw_ticket,
)

ROOT = Path(__file__).resolve().parent.parent
TINY_STAGES = (
    Stage("toy", 256, 1024, {"naive_triage": (1, 0), "lookup": (1, 0)}, {"lookup": 2.0}, 10**9),
)


def check(condition, what):
    """Fail loudly, also under ``python -O``."""
    if not condition:
        raise AssertionError(what)


def wordings(frame):
    """Every sentence that a frame can become, but for the words that are filled in."""
    parts = re.split(r"\[([^\]]*)\]", frame)
    alternatives = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    return {" ".join("".join(choice).lower().split()) for choice in itertools.product(*alternatives)}


def check_world():
    """Splits are disjoint, labels are in the text, house codes are never drawn."""
    for topic in TOPICS:
        check(len(TOPIC_FRAMES[topic]["train"]) >= 40, f"{topic} has too few training frames")
    pools = {
        **TOPIC_FRAMES, **TONE_FRAMES, "openings": OPENINGS, "order sentences": ORDER_SENTENCES,
        "remarks": REMARKS, "signatures": SIGNATURES, "names": NAMES, "products": PRODUCTS,
    }
    for name, pool in pools.items():
        train, dev, test = (set().union(*map(wordings, pool[split])) for split in SPLITS)
        check(not (train & dev or train & test or dev & test), f"{name} stands in two splits")
    rng = random.Random(7)
    for _ in range(200):
        ticket = draw_ticket(rng, rng.choice(SPLITS))
        check(ticket.order == "none" or ticket.order in ticket.text, "an order number is lost")
        check(ticket.name == "none" or ticket.name in ticket.text, "a name is lost")
    for name, task in TASKS.items():
        for level in range(3):
            for _ in range(60):
                conversation = task(rng, level)
                check(conversation[-1][0] == "assistant", f"{name} does not end in an answer")
                text = " ".join(t for _, t in conversation)
                check(
                    not any(code in text for code in HOUSE_CODES if "-" in code),
                    f"{name} shows a house code",
                )


def check_committed_data():
    """The committed suites are what the generator writes today."""
    for name, make in make_data.SUITES.items():
        rows, file = make(), io.StringIO(newline="")
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        committed = (ROOT / "public/suites" / f"{name}.csv").read_text(encoding="utf-8")
        check(committed == file.getvalue(), f"public/suites/{name}.csv is not what make_data.py writes")
        check(all(row["__expected"] for row in rows), f"{name} has a case without an answer")
    scenario = read_json(ROOT / "public/scenarios/triage.json")
    check(scenario.pop("recorded"), "the scenario has no recorded answers: `lab record` writes them")
    check(scenario == make_data.triage_scenario(), "public/scenarios/triage.json is not what make_data.py writes")


def check_committed_card():
    """The card is about the files that lie beside it, and the report says what the card does."""
    models = ROOT / "public/models"
    told = read_json(models / "card.json")
    for file in told["base"]["files"]:
        path = models / file["file"]
        check(export.sha256(path) == file["sha256"], f"{file['file']} is not the one of the card")
        check(path.stat().st_size == file["size_bytes"], f"{file['file']} has another size")
    for adapter in told["adapters"]:
        config, weights = (
            models / adapter["folder"] / name for name in ("adapter_config.json", "adapter_model.safetensors")
        )
        hashes = (adapter["config_sha256"], adapter["weights_sha256"])
        check(hashes == (export.sha256(config), export.sha256(weights)), f"{adapter['id']} is not the one of the card")
        size = config.stat().st_size + weights.stat().st_size
        check(size == adapter["size_bytes"], f"{adapter['id']} has another size")
    of_base = told["base"]["files"][0]["sha256"]
    check(told["results"]["base_sha256"] == of_base, "the results are another base's")
    size = sum(path.stat().st_size for path in models.rglob("*") if path.is_file())
    check(size <= 40 << 20, f"the models take {size} bytes")
    log = len((ROOT / "recipe/training-log.jsonl").read_text().splitlines())
    shown = (ROOT / "recipe/RESULTS.md").read_text().splitlines()
    for line in report.report(told["results"], told, log, None).splitlines():
        check(line in shown or line.startswith("Measured on"), f"RESULTS.md does not say {line!r}")


def check_tokenizer(work):
    """Round trip, single digits, and control tokens that are one token each."""
    train_tokenizer.main(["--work", str(work), "--conversations", "60", "--vocab-size", "512"])
    chat = Chat(work / "tokenizer.json")
    for text in ("Order A-4821 🙂", " two  spaces\n\tand tabs", "ÄÖÜ 漢字"):
        check(chat.tokenizer.decode(chat.plain(text)) == text, f"{text!r} does not come back")
    check(len(chat.plain("4821")) == 4, "digits are not single")
    check(chat.tokenizer.token_to_id(IM_END) == 2, "the end token has moved")
    return chat


def check_training(work):
    """The loss falls, and a resumed run goes on where the first one stopped."""
    config = Config(vocab_size=512)
    common = ["--work", str(work), "--no-compile", "--warmup", "20", "--probe-steps", "20",
              "--probe-count", "4", "--rate", "2e-3"]
    first = train_base.train(train_base.parse([*common, "--tokens", str(60 * 1024)]), TINY_STAGES, config)
    last = train_base.train(
        train_base.parse([*common, "--decay-steps", "60"]), TINY_STAGES, config
    )
    check(40 < first["step"] <= 60, f"60 batches of tokens are {first['step']} steps")
    check(last["step"] == first["step"] + 60, "resuming does not continue")
    lines = [json.loads(line) for line in (work / "base-log.jsonl").read_text().splitlines()]
    check(lines[-1]["loss"] < 0.75 * lines[0]["loss"], "the loss does not fall")
    check(lines[-1]["rate"] < 0.4 * lines[0]["rate"], "the rate does not decay")


def check_checkpoint(work, recipe):
    """What is kept of a base is one to go on from."""
    final, later = torch.load(work / "base-final.pt"), work / "later"
    card.main(["--work", str(later), "--recipe", str(recipe), "--restore"])
    restored = torch.load(later / "base.pt")
    for name, weights in final["model"].items():
        check((restored["model"][name] - weights).abs().max() < 1e-3, f"{name} has changed")
    options = ["--work", str(later), "--no-compile", "--probe-steps", "100", "--decay-steps", "2"]
    last = train_base.train(train_base.parse(options), TINY_STAGES, Config(vocab_size=512))
    check(last["step"] == final["step"] + 2, "training does not go on from what is kept")


def check_export(work, models, chat):
    """The lean model, transformers and the GGUF agree."""
    export.main(["--work", str(work), "--out", str(models)])
    config = Config(vocab_size=512)
    saved = torch.load(work / "base-final.pt")["model"]
    state = export.dequantised_state(models / "base-Q8_0.gguf", config)
    error = max((state[name] - saved[name]).abs().max() / saved[name].abs().max() for name in saved)
    check(error < 0.01, f"Q8_0 is {error} away from the weights")
    lean = Llama(config)
    lean.load_state_dict(state)
    tokens = torch.tensor([chat.plain("Where is my parcel? Order A-4821.")])
    # The lean model wants a multiple of four positions.
    tokens = tokens[:, : tokens.shape[1] // 4 * 4]
    with torch.no_grad():
        ours = lean(tokens, torch.arange(tokens.shape[1]))
        theirs = export.transformers_model(state, config)(tokens).logits[0]
    check((ours - theirs).abs().max() < 1e-4, "the lean model and transformers differ")
    return state, config


def check_adapter(work, models, chat, state, config):
    """An adapter lowers the loss, is saved in f16, and changes the logits."""
    train_adapters.main(
        ["--work", str(work), "--out", str(models), "--only", "triage-50", "--scale-steps", "0.3"]
    )
    training = read_json(work / "adapters/triage-50.json")
    base = export.transformers_model(state, config)
    ids, answer = chat.encode(train_adapters.triage_examples(1, 1)[0])
    ids, answer = torch.tensor([ids]), torch.tensor([answer])

    def loss(model):
        with torch.no_grad():
            logits = model(ids).logits[:, :-1][answer[:, 1:]]
        return torch.nn.functional.cross_entropy(logits, ids[:, 1:][answer[:, 1:]]).item()

    before = loss(base)
    folder = models / "adapters/triage-50"
    after = loss(PeftModel.from_pretrained(base, str(folder)).eval())
    check(after < 0.7 * before, f"the adapter does not help: {before} -> {after}")
    check(training["examples"] == 50 and training["tokens"] > 0, "the training card is wrong")
    head = (folder / "adapter_model.safetensors").read_bytes()
    header = json.loads(head[8 : 8 + struct.unpack("<Q", head[:8])[0]])
    header.pop("__metadata__")
    check(len(header) == 2 * 7 * config.n_layers, "adapter tensors are missing")
    check({entry["dtype"] for entry in header.values()} == {"F16"}, "the adapter is not f16")


def check_goldens(work, models, out):
    """The files have the sizes the index promises."""
    goldens.main(
        ["--work", str(work), "--models", str(models), "--out", str(out), "--adapter", "triage-50"]
    )
    index = read_json(out / "index.json")
    for setup in index["setups"]:
        rows = len(index["prompts"]) + setup["all_positions"]["positions"]
        check((out / setup["file"]).stat().st_size == rows * index["vocab_size"] * 4, setup["name"])
    check(len(read_json(out / "tokenizer-cases.json")) == 300, "tokenizer cases are missing")


def check_architectures(out):
    """The committed logits of random models are those that transformers gives today."""
    architectures.main(["--out", str(out)])
    committed = ROOT / "tests/goldens/architectures"
    check(read_json(out / "index.json") == read_json(committed / "index.json"), "the random models have changed")
    today, then = (np.fromfile(folder / "logits.bin", "<f4") for folder in (out, committed))
    check(np.allclose(today, then, rtol=0, atol=1e-4), "the random models' logits have changed")


def check_tokenizer_kinds(out):
    """The committed reference of every kind of tokenizer is what the library gives today."""
    tokenizer_kinds.main(["--out", str(out)])
    committed = read_json(ROOT / "tests/goldens/tokenizers/index.json")
    check(read_json(out / "index.json") == committed, "a kind of tokenizer has changed")


def check_adapter_files(out):
    """PEFT's logits with the committed adapters are those that it gives today."""
    adapters.main(["--out", str(out)])
    for name in ("base.bin", "plain.bin", "patterns.bin", "ends.bin"):
        today, then = (np.fromfile(folder / name, "<f4") for folder in (out, ROOT / "tests/goldens/adapters"))
        check(np.allclose(today, then, rtol=0, atol=1e-4), f"{name} has changed")


def check_templates(out):
    """The committed renderings are those that transformers gives today."""
    templates.main(["--out", str(out)])
    for path in (ROOT / "tests/goldens/templates").iterdir():
        check((out / path.name).read_bytes() == path.read_bytes(), f"{path.name} has changed")


def check_evaluation(models, chat, state, config):
    """Measuring knows a right answer from a wrong one."""
    rows = make_data.triage_test(1)[:4]
    model = export.transformers_model(state, config)
    conversations = [[("user", row["input"])] for row in rows]
    answers, _ = evaluate.generate(model, chat, conversations)
    told = [{**row, "__expected": answer} for row, answer in zip(rows, answers, strict=True)]
    check(evaluate.measure(model, chat, told, conversations)[0]["accuracy"] == 1.0, "right is not right")
    wrong = [{**row, "__expected": row["__expected"] + "!"} for row in rows]
    check(evaluate.measure(model, chat, wrong, conversations)[0]["accuracy"] == 0.0, "wrong is right")
    fields = evaluate.triage_fields(rows, [row["__expected"] for row in rows])
    check(set(fields.values()) == {1.0}, "fields of a right answer are wrong")
    check(triage_answer(draw_ticket(random.Random(1))).startswith('{"queue": "'), "the JSON has changed")


def check_results(work, public, recipe):
    """Every setup is measured once, and the card and the report say of it what was measured."""
    models = public / "models"
    others = [identity for identity in train_adapters.ADAPTERS if identity != "triage-50"]
    train_adapters.main(["--work", str(work), "--out", str(models), "--scale-steps", "0", "--only", *others])
    for folder in ("scenarios", "suites"):
        shutil.copytree(ROOT / "public" / folder, public / folder)
    # So few that it is quick, and enough that every task and more than twenty groups are among them.
    common = ["--work", str(work), "--public", str(public), "--limit", "22"]
    evaluate.MAX_TOKENS = 4
    evaluate.main([*common, "--base-only"])
    of_base = read_json(work / "results.json")["measured"]
    evaluate.main(common)
    measured = read_json(work / "results.json")["measured"]
    setups = list(evaluate.setups(read_json(public / "scenarios/triage.json")))
    check([(r["setup"], r["suite"]) for r in measured] == [setup[:2] for setup in setups], "a setup is not measured")
    kept = [result for result in measured if result["adapter"] is None]
    check(kept == of_base, "what was measured before is measured again")
    evaluate.main([*common, "--choose", "--limit", "2"])
    check(len(read_json(work / "chosen.json")) == 2 * len(CANDIDATES), "a candidate prompt is not compared")
    card.main(["--work", str(work), "--models", str(models), "--recipe", str(recipe)])
    told = read_json(models / "card.json")
    check([a["id"] for a in told["adapters"]] == list(train_adapters.ADAPTERS), "an adapter has no card")
    check(told["base"]["files"][0]["sha256"] == told["results"]["base_sha256"], "the card is another base's")
    report.main(["--work", str(work), "--card", str(models / "card.json"), "--recipe", str(recipe)])
    text = (recipe / "RESULTS.md").read_text(encoding="utf-8")
    for name, suite, *_ in setups:
        check(suite != "triage-test" or name.split(",")[0] in text, f"the report does not have {name!r}")


def main():
    """Run every check."""
    torch.set_num_threads(2)
    started = time.monotonic()

    def passed(what):
        print(f"ok {what} ({time.monotonic() - started:.0f} s)", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        work, public, recipe = (Path(folder) / name for name in ("work", "public", "recipe"))
        models = public / "models"
        work.mkdir()
        check_world()
        passed("world")
        check_committed_data()
        passed("committed data")
        check_committed_card()
        passed("committed card and report")
        chat = check_tokenizer(work)
        passed("tokenizer")
        check_training(work)
        passed("training")
        state, config = check_export(work, models, chat)
        passed("export")
        check_adapter(work, models, chat, state, config)
        passed("adapter")
        check_goldens(work, models, Path(folder) / "goldens")
        passed("goldens")
        check_architectures(Path(folder) / "architectures")
        passed("architectures")
        check_tokenizer_kinds(Path(folder) / "tokenizers")
        passed("tokenizer kinds")
        check_adapter_files(Path(folder) / "adapters")
        passed("adapter files")
        check_templates(Path(folder) / "templates")
        passed("templates")
        check_evaluation(models, chat, state, config)
        passed("evaluation")
        check_results(work, public, recipe)
        passed("results, card and report")
        check_checkpoint(work, recipe)
        passed("checkpoint")
    print("15 passed, 0 failed")


if __name__ == "__main__":
    main()
