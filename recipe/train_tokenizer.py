"""Train the tokenizer on conversations of the base mix: ``python3 recipe/train_tokenizer.py``."""

import argparse
import random
from pathlib import Path

from chat import Chat, train_tokenizer
from tasks import TASKS


def corpus(seed, conversations):
    """Texts of training conversations, every task equally often."""
    rng = random.Random(f"tokenizer-{seed}")
    for _ in range(conversations):
        for task in TASKS.values():
            for _, text in task(rng, 2):
                yield text


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("target/recipe"))
    parser.add_argument("--vocab-size", type=int, default=1024)
    parser.add_argument("--conversations", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    texts = list(corpus(options.seed, options.conversations))
    file = options.work / "tokenizer.json"
    train_tokenizer(texts, options.vocab_size).save(str(file))
    chat = Chat(file)
    tokens = sum(len(chat.plain(t)) for t in texts[:5000])
    print(f"{chat.vocab_size} tokens, {sum(map(len, texts[:5000])) / tokens:.2f} characters a token")


if __name__ == "__main__":
    main()
