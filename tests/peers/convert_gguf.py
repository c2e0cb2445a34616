"""Runs in vLLM's environment: the GGUF file of the first argument becomes the bf16 folder of the second."""

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

CHAT_TEMPLATE = """\
{%- for message in messages %}
{{- '<|im_start|>' + message['role'] + '\\n' + (message['content'] or '') + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""


def convert(source: Path, folder: Path) -> None:
    origin = {"pretrained_model_name_or_path": str(source.parent), "gguf_file": source.name}
    packed = AutoModelForCausalLM.from_pretrained(**origin, dtype=torch.bfloat16)
    config = packed.config
    # A fresh model without it holds plain weights; vLLM would look for packed ones.
    del config.quantization_config
    plain = LlamaForCausalLM(config).to(torch.bfloat16)
    plain.load_state_dict(packed.state_dict())
    plain.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(**origin)
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
