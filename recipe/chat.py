"""Tokenizer and chat format: byte-level BPE with single digits, ChatML."""

import hashlib
import json

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

END_OF_TEXT, IM_START, IM_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
SPECIAL_TOKENS = (END_OF_TEXT, IM_START, IM_END)
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def train_tokenizer(texts, vocab_size):
    """A tokenizer in exactly the layout that GGUF calls ``gpt2`` / ``smollm``."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[AddedToken(t, special=True, normalized=False) for t in SPECIAL_TOKENS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


class Chat:
    """Turns conversations into token ids and a mask of the answers."""

    def __init__(self, tokenizer_file):
        self.tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self.start = self.tokenizer.token_to_id(IM_START)
        self.end = self.tokenizer.token_to_id(IM_END)
        self.pad = self.tokenizer.token_to_id(END_OF_TEXT)
        self.newline = self.plain("\n")
        self.assistant = [self.start, *self.plain("assistant\n")]

    @property
    def vocab_size(self):
        """Number of tokens."""
        return self.tokenizer.get_vocab_size()

    def plain(self, text):
        """Token ids of a text without control tokens in it."""
        return self.tokenizer.encode(text).ids

    def encode(self, messages):
        """``(ids, answer)``: answer[i] is true where ids[i] is to be predicted."""
        ids, answer = [], []
        for role, text in messages:
            if role == "assistant":
                head, body = self.assistant, [*self.plain(text), self.end]
            else:
                head, body = [self.start, *self.plain(f"{role}\n{text}"), self.end], []
            ids += head + body + self.newline
            answer += [False] * len(head) + [True] * len(body) + [False] * len(self.newline)
        return ids, answer

    def prompt(self, messages):
        """Token ids of the messages with the assistant's header at the end."""
        return self.encode(messages)[0] + self.assistant


def digest(value):
    """Hex SHA-256 of what JSON can hold."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def read_json(path):
    """A JSON file."""
    return json.loads(path.read_text())


def write_json(path, value, **options):
    """Write JSON with a final newline, keys in the order given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, **{"indent": 1, "ensure_ascii": False, **options}) + "\n")
