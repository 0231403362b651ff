"""Write public/models/card.json, recipe/checkpoint/ and the log: ``python3 recipe/card.py``.

``--restore`` goes the other way: it makes WORK/base.pt and WORK/tokenizer.json
from the committed checkpoint, so that training can go on in a fresh clone.
"""

import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from chat import Chat, read_json, write_json
from curriculum import STAGES
from export import newest_checkpoint, sha256
from model import Config, Llama
from train_adapters import ADAPTERS, ALPHA, RANK

#: The final weights and where training stood, in the recipe's folder.
CHECKPOINT = "checkpoint"
#: One line each time that the tasks were probed, in the recipe's folder.
LOG = "training-log.jsonl"
PROGRESS = ("step", "tokens", "seconds", "stage", "stage_tokens", "stages", "trained_context", "seed", "hardware")


def base_entry(saved, models, chat):
    """The card's part on the base model."""
    config = Config(vocab_size=chat.vocab_size)
    model = Llama(config)
    return {
        "id": "desk-5m",
        "name": "Desk 5M",
        "parameters": sum(p.numel() for p in model.parameters()),
        "context_length": config.context_length,
        "licence": "MIT OR Apache-2.0",
        "files": [
            {
                "file": path.name, "quantisation": quantisation,
                "size_bytes": path.stat().st_size, "sha256": sha256(path),
            }
            for quantisation in ("Q8_0", "Q4_0")
            for path in [models / f"base-{quantisation}.gguf"]
        ],
        "training": {
            "tokens": saved["tokens"], "steps": saved["step"], "minutes": round(saved["seconds"] / 60, 1),
            "hardware": saved["hardware"], "seed": saved["seed"], "trained_context": saved["trained_context"],
            "stages": [
                *saved["stages"],
                {"name": STAGES[saved["stage"]].name, "tokens": saved["stage_tokens"], "gates_reached": False},
            ],
        },
    }


def adapter_entry(identity, models, work):
    """The card's part on one adapter."""
    title, description, *_ = ADAPTERS[identity]
    folder = models / "adapters" / identity
    files = [folder / "adapter_config.json", folder / "adapter_model.safetensors"]
    training = read_json(work / "adapters" / f"{identity}.json")
    training.pop("made_of")
    return {
        "id": identity, "name": title, "description": description, "folder": f"adapters/{identity}",
        "rank": RANK, "alpha": ALPHA, "config_sha256": sha256(files[0]), "weights_sha256": sha256(files[1]),
        "size_bytes": sum(f.stat().st_size for f in files), "training": training,
    }


def store(saved, work, recipe):
    """The final weights in f16 beside the tokenizer, the state of training and its log."""
    checkpoint = recipe / CHECKPOINT
    checkpoint.mkdir(parents=True, exist_ok=True)
    weights = {name: tensor.half().contiguous() for name, tensor in saved["model"].items()}
    save_file(weights, checkpoint / "base-f16.safetensors")
    write_json(checkpoint / "progress.json", {key: saved[key] for key in PROGRESS})
    shutil.copy(work / "tokenizer.json", checkpoint / "tokenizer.json")
    shutil.copy(work / "base-log.jsonl", recipe / LOG)


def restore(work, recipe):
    """A checkpoint to go on from, with a fresh optimizer."""
    checkpoint = recipe / CHECKPOINT
    work.mkdir(parents=True, exist_ok=True)
    shutil.copy(checkpoint / "tokenizer.json", work / "tokenizer.json")
    shutil.copy(recipe / LOG, work / "base-log.jsonl")
    weights = {name: tensor.float() for name, tensor in load_file(checkpoint / "base-f16.safetensors").items()}
    progress = read_json(checkpoint / "progress.json")
    torch.save({**progress, "model": weights, "optimizer": None, "warmed_at": progress["step"]}, work / "base.pt")


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("target/recipe"))
    parser.add_argument("--models", type=Path, default=Path("public/models"))
    parser.add_argument("--recipe", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--restore", action="store_true")
    options = parser.parse_args(arguments)
    if options.restore:
        restore(options.work, options.recipe)
        return
    saved = torch.load(newest_checkpoint(options.work))
    results = read_json(options.work / "results.json")
    for result in results["measured"]:
        result.pop("made_of")
    chat = Chat(options.work / "tokenizer.json")
    write_json(
        options.models / "card.json",
        {
            "base": base_entry(saved, options.models, chat),
            "adapters": [adapter_entry(identity, options.models, options.work) for identity in ADAPTERS],
            "results": results,
        },
    )
    store(saved, options.work, options.recipe)


if __name__ == "__main__":
    main()
