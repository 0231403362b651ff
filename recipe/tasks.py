"""The tasks the base model is trained on: each function draws one conversation.

A conversation is a list of ``(role, text)``; every assistant text is an answer
the loss is taken on. ``level`` (0, 1, 2) is the difficulty the curriculum asks
for: short tables and few words first. Mappings and codes are drawn afresh for
every conversation, so the model must read them; the house codes of the
specialised task (``house.py``) are refused here.
"""

import json

from house import HOUSE_CODES
from policies import KINDS, draw_value, train_questions
from world import (
    ABSENT,
    ADJECTIVES,
    COMMON_NAMES,
    COMMON_PRODUCTS,
    DAYS,
    TONES,
    TOPICS,
    draw_amount,
    draw_name,
    draw_order,
    draw_product,
    draw_ticket,
)

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIELDS = ("topic", "tone", "order", "name", "product", "amount")
TEMPLATES = (
    "{x}",
    "{x}",
    "Ticket: {x}",
    "Ticket:\n{x}",
    "Message: {x}",
    "Here is the ticket:\n{x}",
    "Triage this ticket.\n\n{x}",
    "Answer for this ticket.\n\n{x}",
)


def draw_code(rng):
    """A code such as KDL-4, R7, XB-20 that is not one of the house codes."""
    while True:
        shape = rng.choice(("LLL-D", "LLL-D", "LLL-D", "LD", "LD", "LL-DD", "LLL", "L-DD", "DDD"))
        code = "".join(
            rng.choice(LETTERS) if c == "L" else str(rng.randrange(10)) if c == "D" else c
            for c in shape
        )
        if code not in HOUSE_CODES and code.split("-")[0] not in HOUSE_CODES:
            return code


def draw_codes(rng, count):
    """Distinct codes of one look: all with the shape of the first.

    Four times in ten only the digits differ (K1, K2, ...), so that a code cannot
    be told from its first letter.
    """
    first = draw_code(rng)
    if rng.random() < 0.4 and any(c.isdigit() for c in first):
        variants = [
            "".join(str(rng.randrange(10)) if c.isdigit() else c for c in first) for _ in range(6 * count)
        ]
        codes = [code for code in dict.fromkeys(variants) if code not in HOUSE_CODES]
        if len(codes) >= count:
            return codes[:count]
    codes = [first]
    while len(codes) < count:
        code = draw_code(rng)
        if _shape(code) == _shape(first) and code not in codes:
            codes.append(code)
    return codes


def _shape(code):
    return [(c.isdigit(), c.isalpha()) for c in code]


def table_rows(rng, mapping):
    """The rows of a table in one of several notations."""
    sign = rng.choice((": ", ": ", ": ", " = ", " -> "))
    rows = [f"{key}{sign}{value}" for key, value in mapping.items()]
    return ", ".join(rows) if rng.random() < 0.15 else "\n".join(rows)


def draw_mapping(rng, keys):
    """Keys in random order, each with a fresh code."""
    keys = rng.sample(keys, len(keys))
    return dict(zip(keys, draw_codes(rng, len(keys)), strict=True))


def place(rng, instruction, turns):
    """A conversation from an instruction and (input, answer) turns.

    The instruction stands in the system text, or before or after every input.
    """
    where = rng.choice(("system", "system", "before", "after"))
    if where == "system":
        template = rng.choice(TEMPLATES)
        messages = [("system", instruction)]
    else:
        messages = []
        template = {"before": instruction + "\n\n{x}", "after": "{x}\n\n" + instruction}[where]
    for given, answer in turns:
        messages += [("user", template.replace("{x}", given)), ("assistant", answer)]
    return messages


# --- naming and extracting -------------------------------------------------

QUESTIONS = {
    "topic": (
        "What is the topic of this ticket?",
        "Which topic is it about?",
        "Name the topic.",
        "Topic?",
        "Sort the ticket into one topic.",
    ),
    "tone": (
        "What is the tone of the customer?",
        "How does the customer feel?",
        "Name the tone.",
        "Tone?",
        "What is the mood of this ticket?",
    ),
    "order": (
        "What is the order number?",
        "Give the order number.",
        "Order?",
        "Which order is it about?",
    ),
    "name": ("What is the name of the customer?", "Who wrote this?", "Name?", "Give the customer's name."),
    "product": ("Which product is it about?", "Name the product.", "Product?", "What is the product?"),
    "amount": ("Which amount is named?", "How much money is named?", "Amount?", "Give the amount."),
}


def _label_hint(rng, field):
    labels = {"topic": TOPICS, "tone": TONES}.get(field)
    if labels is None:
        return rng.choice(("", "", " Answer none if there is none.", " If it is absent, say none."))
    if rng.random() < 0.35:
        return ""
    listed = ", ".join(rng.sample(labels, len(labels)))
    return rng.choice((f" Labels: {listed}.", f" Choose one of: {listed}.", f"\n{listed}"))


def ask_fields(rng, level, split="train"):
    """Several questions about one ticket, each a turn with a short answer."""
    ticket = draw_ticket(rng, split)
    fields = rng.sample(FIELDS, rng.randrange(2, 6) if split == "train" else 1)
    messages = []
    for index, field in enumerate(fields):
        question = rng.choice(QUESTIONS[field]) + _label_hint(rng, field)
        if index == 0:
            if rng.random() < 0.3:
                messages.append(("system", rng.choice(("Answer the questions about the ticket.", question))))
                given = ticket.text if messages[0][1] == question else f"{ticket.text}\n\n{question}"
            else:
                given = rng.choice((f"{question}\n\n{ticket.text}", f"{ticket.text}\n\n{question}"))
        else:
            given = question
        messages += [("user", given), ("assistant", ticket.field(field))]
    return messages


def name_label(rng, level, split="train"):
    """Topic or tone of several tickets, with the list of labels given."""
    # Tones take longest to learn; the suites were drawn with fewer.
    field = rng.choice(("topic", "tone") if split == "train" else ("topic", "topic", "tone"))
    labels = {"topic": TOPICS, "tone": TONES}[field]
    if rng.random() < 0.3:
        labels = rng.sample(labels, rng.randrange(3, len(labels) + 1))
    listed = rng.sample(labels, len(labels))
    instruction = rng.choice(
        (
            "Answer with the {f} of the ticket. Use one of: {l}.",
            "Classify the {f}: {l}.",
            "Which {f} fits? Choose from {l}. Answer with one word.",
            "You sort support tickets by {f}. The labels are {l}. Say only the label.",
            "{F} of the message, one of {l}?",
        )
    ).format(f=field, F=field.capitalize(), l=", ".join(listed))
    count = 1 if split != "train" else rng.randrange(3, 7)
    tickets = [draw_ticket(rng, split, **{field: rng.choice(listed)}) for _ in range(count)]
    return place(rng, instruction, [(t.text, t.field(field)) for t in tickets])


# --- tables ----------------------------------------------------------------


def _key_pool(rng):
    pools = (TOPICS, TOPICS, TONES, COMMON_PRODUCTS, COMMON_NAMES, DAYS, ADJECTIVES)
    return rng.choice(pools)


def lookup(rng, level, split="train"):
    """Look keys up in a table given in the prompt; one key per turn."""
    pool = _key_pool(rng)
    most = min(len(pool), (3, 6, 8)[level])
    mapping = draw_mapping(rng, rng.sample(pool, rng.randrange(2, most + 1)))
    instruction = rng.choice(
        (
            "Use the table.\n{t}",
            "Codes:\n{t}",
            "{t}\nAnswer with the code.",
            "Here is a code table:\n{t}\nGive the code of each word.",
            "Answer with the code from this table only.\n{t}",
        )
    ).format(t=table_rows(rng, mapping))
    pairs = list(mapping.items())
    if level > 0 and rng.random() < 0.2:
        instruction = instruction.replace("code of each word", "word of each code")
        instruction = instruction.replace("the code", "the word")
        pairs = [(value, key) for key, value in pairs]
    count = 1 if split != "train" else rng.randrange(4, 9)
    turns = [rng.choice(pairs) for _ in range(count)]
    return [("system", instruction)] + [
        message for key, value in turns for message in (("user", key), ("assistant", value))
    ]


def topic_code(rng, level, split="train"):
    """Ticket -> topic or tone -> code, through a table in the prompt."""
    field = rng.choice(("topic", "topic", "tone"))
    labels = {"topic": TOPICS, "tone": TONES}[field]
    most = min(len(labels), (3, 6, 8)[level])
    mapping = draw_mapping(rng, rng.sample(labels, rng.randrange(2 if level < 2 else 4, most + 1)))
    rows = table_rows(rng, mapping)
    instruction = rng.choice(
        (
            "Answer with the code of the {f}.\n{t}",
            "Codes by {f}:\n{t}\nAnswer with the code only.",
            "{t}\nWhich code does the ticket get?",
            "Find the {f} of the ticket and give its code.\n{t}",
            "You sort tickets. Each {f} has a code:\n{t}\nSay only the code.",
        )
    ).format(f=field, t=rows)
    listed = list(mapping)
    if split != "train":
        ticket = draw_ticket(rng, split, **{field: rng.choice(listed)})
        return place(rng, instruction, [(ticket.text, mapping[ticket.field(field)])])
    messages = [("system", instruction)]
    bridge = rng.random() < (0.7, 0.4, 0.15)[level]
    template = rng.choice(TEMPLATES)
    for _ in range(rng.randrange(2, 5)):
        ticket = draw_ticket(rng, split, **{field: rng.choice(listed)})
        given = template.replace("{x}", ticket.text)
        label = ticket.field(field)
        if bridge and rng.random() < 0.6:
            messages += [
                ("user", f"{given}\n\n{field.capitalize()}?"),
                ("assistant", label),
                ("user", rng.choice(("Code?", label))),
                ("assistant", mapping[label]),
            ]
        else:
            messages += [("user", given), ("assistant", mapping[label])]
    return messages if level < 2 or bridge else _maybe_move_instruction(rng, messages)


def _maybe_move_instruction(rng, messages):
    """Half of the time, put the system text at the head of the first user turn."""
    if rng.random() < 0.7:
        return messages
    (_, instruction), (_, given) = messages[:2]
    return [("user", f"{instruction}\n\n{given}")] + messages[2:]


# --- structured answers ----------------------------------------------------


def _structured(rng, pairs, form):
    if form == "json":
        return json.dumps(dict(pairs))
    if form == "comma list":
        return ", ".join(value for _, value in pairs)
    return "\n".join(f"{key}: {value}" for key, value in pairs)


def json_fields(rng, level, split="train"):
    """Several fields of a ticket at once, as JSON, comma list or lines."""
    count = rng.randrange(2, (3, 4, 5)[level] + 1)
    keys = rng.sample(FIELDS, count)
    form = rng.choice(("json", "json", "json", "comma list", "lines"))
    listed = ", ".join(keys)
    if form == "json":
        empty = json.dumps({key: "..." for key in keys})
        instruction = rng.choice(
            (
                f"Answer with JSON only, with the keys {listed}.",
                f"Answer as JSON: {empty}",
                f"Give {listed} as JSON.",
                f"Read the ticket and fill in: {empty}",
                f"Extract {listed}. Format: {empty}",
            )
        )
    elif form == "lines":
        instruction = rng.choice(
            (f"Give {listed}, one per line.", f"Write one line each for {listed}.")
        )
    else:
        instruction = rng.choice(
            (f"Give {listed}, separated by commas.", f"Answer with a comma list: {listed}")
        )
    if rng.random() < 0.3:
        instruction += " Write none for what is absent."
    tickets = [draw_ticket(rng, split) for _ in range(1 if split != "train" else rng.randrange(1, 4))]
    turns = [(t.text, _structured(rng, [(k, t.field(k)) for k in keys], form)) for t in tickets]
    return place(rng, instruction, turns)


QUEUE_KEYS = ("queue", "queue", "queue", "team", "desk", "code", "route")
PRIORITY_KEYS = ("priority", "priority", "priority", "urgency", "level", "rank")
ORDER_KEYS = ("order", "order", "order", "ref", "order_number")


def coded_json(rng, level, split="train"):
    """Two code tables and a JSON format in the system text: the prompt style of triage.

    Level 0 asks for two keys and short tables; level 2 for the whole of it,
    with worked examples as earlier turns (every earlier turn is one).
    """
    queue_key, priority_key = rng.choice(QUEUE_KEYS), rng.choice(PRIORITY_KEYS)
    order_key = rng.choice(ORDER_KEYS)
    topics = rng.sample(TOPICS, (rng.randrange(2, 5), rng.randrange(2, 8), rng.randrange(6, 9))[level])
    tones = rng.sample(TONES, (2, rng.randrange(2, 5), rng.randrange(3, 5))[level])
    if split != "train" and level == 2:
        topics, tones = rng.sample(TOPICS, 8), rng.sample(TONES, 4)
    queue, priority = draw_mapping(rng, topics), draw_mapping(rng, tones)
    wanted = [queue_key, priority_key, order_key]
    if level == 0 or (level == 1 and rng.random() < 0.3):
        wanted = rng.sample(wanted, 2)
    elif rng.random() < 0.2:
        wanted = rng.sample(wanted, 3)
    empty = json.dumps({key: "..." for key in wanted})
    blocks = []
    if queue_key in wanted:
        head = rng.choice(
            (f"{queue_key.capitalize()} codes:", f"{queue_key} by topic:", f"Topic to {queue_key}:",
             f"The {queue_key} depends on the topic:")
        )
        blocks.append(f"{head}\n{table_rows(rng, queue)}")
    if priority_key in wanted:
        head = rng.choice(
            (f"{priority_key.capitalize()} codes:", f"{priority_key} by tone:", f"Tone to {priority_key}:",
             f"The {priority_key} depends on the tone:")
        )
        blocks.append(f"{head}\n{table_rows(rng, priority)}")
    if rng.random() < 0.15:
        blocks.reverse()
    form = rng.choice(
        (
            f"Format: {empty}",
            f"Answer with JSON only: {empty}",
            f"Answer as JSON with the keys {', '.join(wanted)}.",
            f"Reply with JSON like {empty}",
        )
    )
    if order_key in wanted and rng.random() < 0.4:
        form += rng.choice((" Write none if there is no order number.", " No order number: none."))
    lead = rng.choice(
        ("You triage support tickets.", "Triage the ticket.", "You are the triage desk.", "Read the ticket.", "")
    )
    blocks = blocks + [form] if rng.random() < 0.7 else [form] + blocks
    instruction = rng.choice(("\n", "\n\n")).join(([lead] if lead else []) + blocks)
    many = {0: (2, 5), 1: (2, 5), 2: (1, 6)}[level]
    tickets = [
        draw_ticket(rng, split, topic=rng.choice(topics), tone=rng.choice(tones))
        for _ in range(rng.randrange(*many) if split == "train" else 1)
    ]
    turns = []
    for ticket in tickets:
        values = {
            queue_key: queue[ticket.topic],
            priority_key: priority[ticket.tone],
            order_key: ticket.order,
        }
        turns.append((ticket.text, json.dumps({key: values[key] for key in wanted})))
    if level == 2 and len(turns) > 1 and rng.random() < 0.25:
        shown = "\n\n".join(f"Ticket: {given}\n{answer}" for given, answer in turns[:-1])
        instruction += f"\n\nExamples:\n{shown}"
        turns = turns[-1:]
    messages = [("system", instruction)]
    template = rng.choice(TEMPLATES)
    for given, answer in turns:
        messages += [("user", template.replace("{x}", given)), ("assistant", answer)]
    return _maybe_move_instruction(rng, messages)


def naive_triage(rng, level, split="train"):
    """"Triage this ticket." without any codes: the base gives the plain facts as JSON."""
    instruction = rng.choice(
        ("Triage this ticket.", "Triage this ticket.", "Please triage this ticket.", "Sort this ticket.")
    )
    messages = []
    for _ in range(1 if split != "train" else rng.randrange(1, 5)):
        ticket = draw_ticket(rng, split)
        answer = json.dumps({key: ticket.field(key) for key in ("topic", "tone", "order")})
        messages += [("user", f"{instruction}\n\n{ticket.text}"), ("assistant", answer)]
    return messages


def by_example(rng, level, split="train"):
    """A mapping given only by worked examples, as earlier turns or in one prompt."""
    field = rng.choice(("topic", "topic", "tone"))
    labels = rng.sample({"topic": TOPICS, "tone": TONES}[field], (2, 3, 4)[level])
    mapping = draw_mapping(rng, labels)
    shown = rng.sample(labels, len(labels))
    asked = [rng.choice(labels) for _ in range(4 if split == "train" else 1)]
    tickets = [draw_ticket(rng, split, **{field: label}) for label in shown + asked]
    turns = [(t.text, mapping[t.field(field)]) for t in tickets]
    if rng.random() < 0.5:
        instruction = "Answer in the same way as before."
        template = rng.choice(TEMPLATES)
        messages = [("system", instruction)] if rng.random() < 0.5 else []
        for given, answer in turns:
            messages += [("user", template.replace("{x}", given)), ("assistant", answer)]
        return messages
    examples = "\n\n".join(f"Ticket: {g}\nCode: {a}" for g, a in turns[: len(shown)])
    messages = [("system", f"{rng.choice(('Examples', 'Follow the examples'))}:\n\n{examples}")]
    for given, answer in turns[len(shown) :]:
        messages += [("user", given), ("assistant", answer)]
    return messages


# --- text tasks --------------------------------------------------------------


def _words(rng, count):
    pools = COMMON_PRODUCTS + COMMON_NAMES + DAYS + TOPICS + TONES + ADJECTIVES
    return [rng.choice(pools) if rng.random() < 0.85 else draw_code(rng) for _ in range(count)]


TEXT_TASKS = {
    "repeat": ("Repeat the text.", "Say this again:", "Copy the text exactly."),
    "capitals": ("Write the text in capitals.", "Put it in capital letters.", "Use upper case."),
    "count": ("How many words are there?", "Count the words.", "Number of words?"),
    "first": ("What is the first word?", "Give the first word.", "First word?"),
    "last": ("What is the last word?", "Give the last word.", "Last word?"),
    "reverse": ("Write the words in reverse order.", "Reverse the order of the words."),
}


def text_task(rng, level, split="train"):
    """Copy, capitals, counting, first and last word, reverse order."""
    # The three that take longest to learn come more often.
    kinds = ["repeat"] * 4 + ["first", "last"] if level == 0 else [*TEXT_TASKS, "repeat"]
    if split == "train" and level > 0:
        kinds += ["capitals", "count", "reverse"]
    kind = rng.choice(kinds)
    instruction = rng.choice(TEXT_TASKS[kind])
    turns = []
    for _ in range(1 if split != "train" else rng.randrange(2, 6)):
        words = _words(rng, rng.randrange(2, (12, 7, 9)[level]))
        given = " ".join(words)
        answer = {
            "repeat": given,
            "capitals": given.upper(),
            "count": str(len(words)),
            "first": words[0],
            "last": words[-1],
            "reverse": " ".join(reversed(words)),
        }[kind]
        turns.append((given, answer))
    messages = place(rng, instruction, turns)
    return [(r, t.replace("Ticket:", "Text:").replace("the ticket", "the text")) for r, t in messages]


REPLIES = {
    "billing": "We will check the payment",
    "delivery": "We will ask the courier",
    "returns": "We will send you a return label",
    "repair": "We will repair it soon",
    "account": "We will look into your account",
    "cancellation": "We will stop the order",
    "stock": "We will tell you when it is in stock",
    "setup": "We will send you the manual",
}
FEELINGS = {
    "angry": "We are very sorry.",
    "worried": "Please do not worry.",
    "calm": "Thank you for your message.",
    "friendly": "Thank you for your kind words.",
}


def polite_reply(rng, level, split="train"):
    """A short polite reply that names the customer and the order."""
    instruction = rng.choice(
        ("Write a short polite reply.", "Answer the customer politely.", "Write a reply to the customer.",
         "Reply in a friendly way.")
    )
    turns = []
    for _ in range(1 if split != "train" else rng.randrange(1, 3)):
        t = draw_ticket(rng, split)
        hello = "Dear customer" if t.name == ABSENT else f"Dear {t.name}"
        about = "" if t.order == ABSENT else f" for order {t.order}"
        turns.append((t.text, f"{hello}, {FEELINGS[t.tone]} {REPLIES[t.topic]}{about}. Kind regards"))
    return place(rng, instruction, turns)


def _facts(rng, count, split):
    """``count`` facts as (sentence, question, answer), each about another product."""
    out = {}
    while len(out) < count:
        p = draw_product(rng, split)
        amount, colour, day = draw_amount(rng), rng.choice(ADJECTIVES[:6]), rng.choice(DAYS)
        who, number = draw_name(rng, split), draw_order(rng)
        plain = (
            (f"The {p} costs {amount}.", f"How much does the {p} cost?", amount),
            (f"The price of the {p} is {amount}.", f"What is the price of the {p}?", amount),
            (f"The {p} is {colour}.", f"What colour is the {p}?", colour),
            (f"The {p} arrives on {day}.", f"When does the {p} arrive?", day),
            (f"{who} bought the {p}.", f"Who bought the {p}?", who),
            (f"The {p} is in order {number}.", f"Which order holds the {p}?", number),
        )
        out[p] = rng.choice(plain)
        if rng.random() < 0.5:
            kind, value = rng.choice(list(KINDS)), draw_value(rng)
            question = rng.choice(train_questions(kind)).format(p=p)
            out[p] = (KINDS[kind][0].format(p=p, v=value), question, value)
    return list(out.values())


def facts_qa(rng, level, split="train"):
    """Questions over facts given in the prompt; ``none`` where they do not say."""
    facts = _facts(rng, rng.randrange((2, 2, 3)[level], (4, 6, 8)[level]), split)
    told = facts if level == 0 or rng.random() < 0.7 else facts[:-1]
    text = rng.choice((" ", "\n")).join(fact for fact, _, _ in told)
    lead = rng.choice(("Use these facts.", "Answer from the text.", "Policy:", "Facts:", "Read this:"))
    hint = " Say none if the text does not tell." if rng.random() < 0.5 else ""
    asked = rng.sample(facts, 1 if split != "train" else rng.randrange(1, len(facts) + 1))
    answers = [(q, a if fact in [f for f, _, _ in told] else ABSENT) for fact, q, a in asked]
    if rng.random() < 0.6:
        messages = [("system", f"{lead}{hint}\n{text}")]
        first = 0
    else:
        q, a = answers[0]
        messages = [("user", f"{lead}{hint}\n{text}\n\n{q}"), ("assistant", a)]
        first = 1
    for q, a in answers[first:]:
        messages += [("user", q), ("assistant", a)]
    return messages


def several_tickets(rng, level, split="train"):
    """Numbered tickets in one message; one line of answer each."""
    field = rng.choice(("topic", "tone", "order"))
    tickets = [draw_ticket(rng, split) for _ in range(rng.randrange(2, (3, 4, 5)[level]))]
    listed = "\n".join(f"{i}. {t.text}" for i, t in enumerate(tickets, 1))
    what = {"topic": "topic", "tone": "tone", "order": "order number"}[field]
    instruction = rng.choice(
        (f"Give the {what} of each ticket, one per line.", f"{what.capitalize()} of every ticket, numbered?")
    )
    answer = "\n".join(f"{i}. {t.field(field)}" for i, t in enumerate(tickets, 1))
    return place(rng, instruction, [(listed, answer)])


TASKS = {
    task.__name__: task
    for task in (
        ask_fields, name_label, lookup, topic_code, json_fields, coded_json, naive_triage,
        by_example, text_task, polite_reply, facts_qa, several_tickets,
    )
}
