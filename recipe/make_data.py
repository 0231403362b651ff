"""Write the suites and the scenario: ``python3 recipe/make_data.py``.

Everything is drawn from the test split of the world with fixed seeds. Training
data are not stored: ``train_base.py`` and ``train_adapters.py`` draw them.
"""

import argparse
import csv
import random
from pathlib import Path

from chat import write_json
from house import triage_answer
from policies import house_policies, test_questions
from prompts import scenario
from tasks import TASKS
from world import TONES, TOPICS, draw_facts, draw_ticket, write_ticket

OTHER_TASKS = (
    "ask_fields", "name_label", "lookup", "topic_code", "json_fields", "coded_json",
    "by_example", "text_task", "polite_reply", "facts_qa", "several_tickets",
)


def triage_test(per_pair=10):
    """Tickets of every topic and tone, each text once."""
    rng = random.Random("suite-triage")
    rows, seen = [], set()
    for topic in TOPICS:
        for tone in TONES:
            while len(rows) < per_pair * (TOPICS.index(topic) * len(TONES) + TONES.index(tone) + 1):
                ticket = draw_ticket(rng, "test", topic, tone)
                if ticket.text not in seen:
                    seen.add(ticket.text)
                    rows.append(
                        {"input": ticket.text, "__expected": triage_answer(ticket), "topic": topic,
                         "tone": tone, "task": "triage"}
                    )
    return rows


def triage_paraphrase(groups=60, wordings=5):
    """The same facts in several wordings, for consistency."""
    rng = random.Random("suite-paraphrase")
    rows = []
    for group in range(groups):
        facts = draw_facts(rng, "test", TOPICS[group % len(TOPICS)], TONES[group // 2 % len(TONES)])
        texts = {}
        while len(texts) < wordings:
            ticket = write_ticket(rng, facts, "test")
            texts[ticket.text] = ticket
        rows += [
            {"input": t.text, "__expected": triage_answer(t), "topic": t.topic, "tone": t.tone,
             "task": "triage", "group": f"t{group + 1:02}"}
            for t in texts.values()
        ]
    return rows


def other_tasks(per_task=20, level=1):
    """The base's own tasks, the instruction in the system text: what did tuning break?"""
    rows = []
    for name in OTHER_TASKS:
        rng, kept = random.Random(f"suite-other-{name}"), []
        while len(kept) < per_task:
            conversation = TASKS[name](rng, level, "test")
            if [role for role, _ in conversation] == ["system", "user", "assistant"]:
                (_, system), (_, given), (_, answer) = conversation
                kept.append({"input": given, "__expected": answer, "system": system, "task": name})
        rows += kept
    return rows


def triage_scenario():
    """The page's default comparison, with a ticket of every topic."""
    cases = triage_test()
    per_topic = len(cases) // len(TOPICS)
    per_pair = per_topic // len(TONES)
    return scenario([cases[n * per_topic + (n % len(TONES)) * per_pair] for n in range(len(TOPICS))])


def policy_cases():
    """Every house policy in wordings never trained on: closed book, and with the rule in the prompt."""
    rng, rows, rules = random.Random("suite-policies"), [], house_policies()
    for kind, product, value, sentence in rules:
        others = [s for k, p, _, s in rules if p != product and k != kind]
        for question in test_questions(kind):
            shown = rng.sample([sentence, *rng.sample(others, 2)], 3)
            case = {"input": question.format(p=product), "__expected": value, "topic": f"{kind} {product}"}
            rows.append({**case, "system": "", "group": "closed book", "task": "policies"})
            rows.append({**case, "system": "Policy:\n" + "\n".join(shown), "group": "open book", "task": "policies"})
    return rows


def write_suite(path, rows):
    """A CSV file with a header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_suite(path):
    """The rows of a suite."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


SUITES = {
    "triage-test": triage_test,
    "triage-paraphrase": triage_paraphrase,
    "other-tasks": other_tasks,
    "policies": policy_cases,
}


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("public"))
    options = parser.parse_args(arguments)
    for name, make in SUITES.items():
        rows = make()
        write_suite(options.out / "suites" / f"{name}.csv", rows)
        print(name, len(rows))
    write_json(options.out / "scenarios" / "triage.json", triage_scenario())


if __name__ == "__main__":
    main()
