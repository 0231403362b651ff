"""Train the base model: ``python3 recipe/train_base.py``; run again to go on.

Warm-up, constant rate, and a linear decay that may start at any checkpoint
(``--decay-steps N`` or ``--decay-minutes M``): the constant part can always be resumed. Batches are
drawn on the fly from the seed and the step number, so nothing but the
checkpoint is needed; SIGTERM writes one and stops. The log has one JSON line per probe.
"""

import argparse
import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
import torch.nn.functional as F

from chat import Chat
from curriculum import STAGES
from model import Config, Llama, autocast, hardware
from tasks import TASKS

IGNORED = -100


GROUP = 8
STEP = 32


def draw_group(chat, stage, seed, group, other_share=0.1):
    """Batches of ``GROUP`` steps: (tokens, targets), each (rows, positions).

    Conversations of like length share a batch, one a row, so that little is
    padding and attention never reaches over a border. Every batch has about
    ``stage.batch_tokens`` places; the width is a multiple of ``STEP``. Targets
    are the answers and ``other_share`` of the remaining tokens.
    """
    rng = random.Random(f"base-{seed}-{group}")
    names = list(stage.mix)
    weights = [stage.mix[name][0] for name in names]
    drawn, places = [], 0
    while places < GROUP * stage.batch_tokens:
        name = rng.choices(names, weights)[0]
        ids, answer = chat.encode(TASKS[name](rng, stage.mix[name][1]))
        if len(ids) <= stage.context:
            drawn.append((ids, answer))
            places += len(ids)
    drawn.sort(key=lambda conversation: len(conversation[0]))
    batches, rows, filled = [], [], 0
    for ids, answer in drawn:
        rows.append((ids, answer))
        filled += len(ids)
        if filled >= stage.batch_tokens * (len(batches) + 1):
            batches.append(_tensors(rng, chat, rows, other_share))
            rows = []
    rng.shuffle(batches)
    return batches


def _tensors(rng, chat, rows, other_share):
    width = -(-len(rows[-1][0]) // STEP) * STEP
    tokens = torch.full((len(rows), width), chat.pad)
    targets = torch.full((len(rows), width), IGNORED)
    for row, (ids, answer) in enumerate(rows):
        wanted = [a or rng.random() < other_share for a in answer[1:]]
        tokens[row, : len(ids)] = torch.tensor(ids)
        targets[row, : len(ids) - 1] = torch.tensor(
            [i if w else IGNORED for i, w in zip(ids[1:], wanted, strict=True)]
        )
    return tokens, targets


@torch.no_grad()
def probe(model, chat, stage, count=40, split="dev"):
    """Share of conversations whose last answer the model gives exactly, by task.

    Greedy decoding gives an answer exactly when each of its tokens is the most
    likely one after the tokens before it, so one forward pass decides.
    """
    results = {}
    for name, (_, level) in stage.mix.items():
        rng = random.Random(f"probe-{name}")
        encoded = [chat.encode(TASKS[name](rng, level, split)) for _ in range(count)]
        results[name] = sum(exact_answers(model, chat, encoded)) / count
    return results


@torch.no_grad()
def exact_answers(model, chat, encoded, rows=10):
    """For each ``(ids, answer)``: does greedy decoding give the last answer?"""
    right = []
    for start in range(0, len(encoded), rows):
        batch = encoded[start : start + rows]
        width = -(-max(len(ids) for ids, _ in batch) // STEP) * STEP
        tokens = torch.full((len(batch), width), chat.pad)
        spans = []
        for row, (ids, answer) in enumerate(batch):
            tokens[row, : len(ids)] = torch.tensor(ids)
            last = len(answer) - 1 - answer[::-1].index(True)
            first = last
            while answer[first - 1]:
                first -= 1
            spans.append((row * width + first - 1, row * width + last))
        keep = torch.cat([torch.arange(a, b) for a, b in spans])
        with autocast():
            best = model(tokens, keep).argmax(-1)
        same = best == tokens.flatten()[keep + 1]
        right += [bool(s.all()) for s in same.split([b - a for a, b in spans])]
    return right


def learning_rate(step, peak, warmup, decayed):
    """Warm-up, constant, linear decay to a twentieth; ``decayed`` is the share of the decay that is over."""
    return peak * min(1.0, (step + 1) / warmup) * max(0.05, 1 - decayed)


def save(path, state):
    """Write a checkpoint so that a crash leaves the old one whole."""
    torch.save(state, path.with_suffix(".tmp"))
    os.replace(path.with_suffix(".tmp"), path)


def train(options, stages=STAGES, config=None):
    """Train until a limit of tokens or minutes, or to the end of the decay."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    chat = Chat(options.work / "tokenizer.json")
    model = Llama(config or Config(vocab_size=chat.vocab_size))
    decayed = [p for p in model.parameters() if p.dim() == 2]
    other = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.05}, {"params": other, "weight_decay": 0.0}],
        lr=options.rate, betas=(0.9, 0.95), fused=True,
    )
    path = options.work / "base.pt"
    state = {
        "step": 0, "tokens": 0, "seconds": 0.0, "stage": 0, "stage_tokens": 0, "stages": [],
        "warmed_at": 0, "trained_context": 0, "seed": options.seed, "hardware": hardware(),
    }
    if (options.resume or path).exists():
        saved = torch.load(options.resume or path)
        model.load_state_dict(saved.pop("model"))
        moments = saved.pop("optimizer")
        if moments:
            optimizer.load_state_dict(moments)
        state.update(saved)
    clock = lambda: state["step"] - state["warmed_at"]  # noqa: E731
    decay_start, decays = clock(), bool(options.decay_steps or options.decay_minutes)
    body = torch.compile(model.model, dynamic=True) if options.compile else model.model
    log = (options.work / "base-log.jsonl").open("a")
    session, saved_at, losses = time.monotonic(), time.monotonic(), []
    seconds_before = state["seconds"]

    def checkpoint():
        state["seconds"] = seconds_before + time.monotonic() - session
        # A decay that is cut leaves another file, so that nothing takes it for the final one.
        name = ("base-final.pt" if decayed() >= 1 else "base-decaying.pt") if decays else "base.pt"
        save(options.work / name, {**state, "model": model.state_dict(), "optimizer": optimizer.state_dict()})

    stopped = []
    handler = signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))

    def minutes():
        return (time.monotonic() - session) / 60

    def decayed():
        if options.decay_steps:
            return (clock() - decay_start) / options.decay_steps
        return minutes() / options.decay_minutes if options.decay_minutes else 0.0

    def finished():
        if stopped or decays:
            return bool(stopped) or decayed() >= 1
        return state["tokens"] >= options.tokens or minutes() >= options.minutes

    with ThreadPoolExecutor(1) as pool:
        stage = stages[state["stage"]]
        group = -(-state["step"] // GROUP)
        coming, batches = pool.submit(draw_group, chat, stage, options.seed, group), []
        while not finished():
            if not batches:
                batches = coming.result()
                group += 1
                coming = pool.submit(draw_group, chat, stage, options.seed, group)
            tokens, targets = batches.pop()
            rate = learning_rate(clock(), options.rate, options.warmup, decayed())
            for parameters in optimizer.param_groups:
                parameters["lr"] = rate
            targets = targets.flatten()
            keep = (targets != IGNORED).nonzero().squeeze(1)
            with autocast():
                hidden = body(tokens).flatten(0, 1)[keep]
                logits = F.linear(hidden, model.model.embed_tokens.weight)
            loss = F.cross_entropy(logits.float(), targets[keep])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            state["step"] += 1
            state["trained_context"] = max(state["trained_context"], stage.context)
            state["tokens"] += tokens.numel()
            state["stage_tokens"] += tokens.numel()
            if time.monotonic() - saved_at > options.save_seconds:
                checkpoint()
                saved_at = time.monotonic()
            if state["step"] % options.probe_steps == 0:
                figures = probe(model, chat, stage, options.probe_count)
                elapsed = seconds_before + time.monotonic() - session
                record = {
                    "step": state["step"], "tokens": state["tokens"], "seconds": round(elapsed),
                    "stage": state["stage"], "loss": round(sum(losses) / len(losses), 4),
                    "rate": round(rate, 6), **{k: round(v, 3) for k, v in figures.items()},
                }
                losses = []
                print(json.dumps(record), flush=True)
                log.write(json.dumps(record) + "\n")
                log.flush()
                reached = stage.gates and all(figures[k] >= v for k, v in stage.gates.items())
                if (reached or state["stage_tokens"] >= stage.most_tokens) and not decays:
                    state["stages"].append(
                        {"name": stage.name, "tokens": state["stage_tokens"], "gates_reached": bool(reached)}
                    )
                    state["stage"] = min(state["stage"] + 1, len(stages) - 1)
                    state["stage_tokens"] = 0
                    stage = stages[state["stage"]]
                    group += 1
                    coming, batches = pool.submit(draw_group, chat, stage, options.seed, group), []
    signal.signal(signal.SIGTERM, handler)
    checkpoint()
    return state


def parse(arguments=None):
    """Command line options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("target/recipe"))
    parser.add_argument("--resume", type=Path, help="checkpoint to go on from, if not WORK/base.pt")
    parser.add_argument("--tokens", type=float, default=float("inf"))
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--decay-steps", type=int, default=0, help="decay to a final model")
    parser.add_argument("--decay-minutes", type=float, default=0, help="the same, by the clock")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--warmup", type=int, default=200)
    parser.add_argument("--probe-steps", type=int, default=250)
    parser.add_argument("--probe-count", type=int, default=40)
    parser.add_argument("--save-seconds", type=float, default=180)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    train(parse())
