"""What chat templates come to: ``python3 recipe/templates.py`` -> tests/goldens/templates/cases.json.

The templates are written here, in the manner of the families' own: between them they use every construct by which
those find system texts, earlier thoughts, tools and the last question. Each is rendered by transformers for each
conversation; the day is fixed, as it is in the engine.
"""

import argparse
from datetime import datetime
from pathlib import Path

import jinja2
from transformers.utils import chat_template_utils
from transformers.utils.chat_template_utils import render_jinja_template

from chat import write_json

BOS, EOS = "<|endoftext|>", "<|im_end|>"

TEMPLATES = {
    # A default system text; what tools would change.
    "turns with a default": """\
{%- if tools %}
    {{- raise_exception('no tools here') }}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- else %}
    {{- '<|im_start|>system\\nYou answer in one sentence.<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "tool" %}
        {{- '<tool>' ~ message.content }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    # The day, slices, macros, blocks that are set.
    "headers with the day": """\
{{- bos_token }}
{%- if not tools is defined %}{%- set tools = none %}{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{%- macro head(role, end='\\n\\n') %}<|{{ role }}|>{{ end }}{% endmacro %}
{%- set opening %}
{{ head('system') }}Today: {{ date_string }}
{% if tools is not none %}with tools{% endif %}
{{ system_message -}}
{% endset %}
{{- opening ~ '<|eot|>' }}
{%- for message in messages %}
    {{- head(message['role'], end='\\n') + message['content'] | trim + '<|eot|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- head('assistant') }}
{%- endif %}
""",
    # Roles must alternate; contents that are text or lists.
    "two roles in turn": """\
{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set first_user_prefix = messages[0]['content'] + '\\n\\n' -%}
    {%- else -%}
        {%- set first_user_prefix = messages[0]['content'][0]['text'] + '\\n\\n' -%}
    {%- endif -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("Conversation roles must alternate user/assistant/user/assistant/...") }}
    {%- endif -%}
    {%- if (message['role'] == 'assistant') -%}
        {%- set role = "model" -%}
    {%- else -%}
        {%- set role = message['role'] -%}
    {%- endif -%}
    {{ '<start_of_turn>' + role + '\\n' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'text' -%}{{ item['text'] | trim }}{%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ '<end_of_turn>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model\\n'}}
{%- endif -%}
""",
    # Thoughts: the last question from behind, earlier thoughts cut off, thinking on and off.
    "thoughts": """\
{%- set ns = namespace(multi_step=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content if message.content is string else '' %}
    {%- if message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- elif '</think>' in content %}
            {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or (not loop.last and reasoning_content)) %}
            {{- '<|im_start|>assistant\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- else %}
        {%- if loop.first or (loop.previtem and loop.previtem.role != message.role) %}
            {{- '<|im_start|>' + message.role }}
        {%- endif %}
        {{- '\\n' + content }}
        {%- if loop.last or loop.nextitem.role != message.role %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
""",
    # Blocks for training, modes written into the system text, titles.
    "generation blocks": """\
{%- if enable_thinking is not defined -%}
{%- set enable_thinking = true -%}
{%- endif -%}
{%- set reasoning_mode = "/think" if enable_thinking else "/no_think" -%}
{%- set custom_instructions = "" -%}
{%- if messages[0].role == "system" -%}
{%- set custom_instructions = messages[0].content.replace("/no_think", "").replace("/think", "").rstrip() -%}
{%- endif -%}
{{- "<|im_start|>system\\n" -}}
## Metadata

Today: {{ strftime_now("%d %B %Y") }}
Mode: {{ reasoning_mode }} {{ reasoning_mode.strip('/').replace('_', ' ').title() }}

{% if custom_instructions -%}
{{- "## Instructions\\n\\n" ~ custom_instructions.upper() ~ "\\n" -}}
{%- endif -%}
{{- "<|im_end|>\\n" -}}
{%- for message in messages -%}
    {%- if message.role == "user" -%}
        {{ "<|im_start|>" + message.role + "\\n" + message.content + "<|im_end|>\\n" }}
    {%- elif message.role == "assistant" -%}
        {% generation %}
        {%- if reasoning_mode == "/think" -%}
            {{ "<|im_start|>assistant\\n" + message.content.lstrip("\\n") + "<|im_end|>\\n" }}
        {%- else -%}
            {{ "<|im_start|>assistant\\n" + "<think>\\n\\n</think>\\n" + message.content.lstrip("\\n") + "<|im_end|>\\n" }}
        {%- endif -%}
        {% endgeneration %}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ "<|im_start|>assistant\\n" + ("" if reasoning_mode == "/think" else "<think>\\n\\n</think>\\n") }}
{%- endif -%}
""",
    # Filters over messages; an instruction that holds the system text.
    "instructions": """\
{%- set system = messages | selectattr('role', 'equalto', 'system') | map(attribute='content') | join('\\n') %}
{%- set rest = messages | rejectattr('role', 'equalto', 'system') | list %}
{%- set questions = rest | selectattr("role", "equalto", "user") | list %}
{{- bos_token }}
{%- for message in rest %}
    {%- if message.role not in ['user', 'assistant'] %}{% continue %}{% endif %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system %}
            {{- "[INST] " + system + "\\n\\n" + message["content"] + " [/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + " [/INST]" }}
        {%- endif %}
    {%- else %}
        {{- " " + message["content"]|trim + eos_token }}
    {%- endif %}
    {%- if loop.index > 20 %}{% break %}{% endif %}
{%- endfor %}
{{- '(%s of %s)' | format(questions | length, messages | length) }}
{{- ' last: ' ~ (questions | last).content.split()[:2] | join(' ') }}
""",
    # JSON, mappings and lists.
    "json": """\
{%- for message in messages %}
{{ message | tojson }}
{{ message | tojson(indent=4) }}
{%- for key, value in message.items() %}
 {{ key }}={{ value[:4] }}{{ ',' if not loop.last }}
{%- endfor %}
{{ dict(role=message.role, n=loop.index, ratio=0.5, flags=[true, false, none]) | tojson }}
{% endfor %}
""",
    # How Python prints what is no text.
    "printed values": """\
{{ true }} {{ none }} {{ 1.0 }} {{ 7 // 2 }} {{ 7 / 2 }} {{ [1, 'a', true, none] }} {{ messages | length > 1 }}
{%- for message in messages %} {{ loop.first }}{{ loop.index is odd }}{% endfor %}
""",
    # Words joined while walking, without a space between blocks that trim.
    "state": """\
{% set ns = namespace(is_first=true, system='', said=[]) %}
{% for message in messages %}
    {% if message['role'] == 'system' %}
        {% if ns.is_first %}
            {% set ns.system = ns.system + message['content'] %}
            {% set ns.is_first = false %}
        {% else %}
            {% set ns.system = ns.system + '\\n\\n' + message['content'] %}
        {% endif %}
    {% endif %}
{% endfor %}
{{ bos_token }}{{ ns.system }}
{% for message in messages if message.role != 'system' %}
{{ message.role | capitalize }}: {{ message.content.strip() }}{% if not loop.last %}

{% endif %}
{% else %}
nobody said anything
{% endfor %}

Assistant:
""",
}

CONVERSATIONS = [
    [("user", "Hi")],
    [("system", " Be brief. /no_think "), ("user", "What is 2 + 2?\n")],
    [("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello, \"you\" & <me>!"), ("user", "  Bye 🙂 now é  ")],
    [("user", "one"), ("assistant", "<think>\nWell.\n</think>\n\nTwo."), ("user", "three")],
    [("user", "first"), ("user", "second <tool_response>")],
    [("assistant", "I begin."), ("user", "No, I do.")],
    [("user", "one"), ("assistant", "<think>\nShort.\n</think>\n\nEnd.")],
]


class FixedDay(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz=None):
        return cls(2025, 1, 1, tzinfo=tz)


def render(template, conversation, thinking):
    """What transformers writes, or why it refuses."""
    messages = [{"role": role, "content": content} for role, content in conversation]
    options = {"enable_thinking": thinking, "bos_token": BOS, "eos_token": EOS}
    try:
        texts, _ = render_jinja_template([messages], chat_template=template, add_generation_prompt=True, **options)
    except jinja2.TemplateError as error:
        return {"refused": str(error)}
    return {"text": texts[0]}


def main(arguments=None):
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent.parent / "tests/goldens/templates")
    options = parser.parse_args(arguments)
    chat_template_utils.datetime = FixedDay
    templates = [
        {
            "name": name,
            "source": source,
            "cases": [
                {"conversation": index, "thinking": thinking, **render(source, conversation, thinking)}
                for index, conversation in enumerate(CONVERSATIONS)
                for thinking in ([False, True] if "enable_thinking" in source else [False])
            ],
        }
        for name, source in TEMPLATES.items()
    ]
    conversations = [[{"role": role, "content": content} for role, content in turns] for turns in CONVERSATIONS]
    index = {"bos": BOS, "eos": EOS, "conversations": conversations, "templates": templates}
    write_json(options.out / "cases.json", index)


if __name__ == "__main__":
    main()
