"""A shelf file of models that are the starter model under other names."""

ROW = """
[[model]]
name = "{name}"
purpose = "chat"
about = "The starter model."
good_for = "Tests."
licence = "Apache-2.0"
context = 8192
builds = [{{precision = "bf16", repository = "none/{name}", bytes = 269060736}}]
[model.architecture]
kind = "decoder"
layers = 30
hidden = 576
intermediate = 1536
heads = 9
kv_heads = 3
head_size = 64
vocabulary = 49152
tied = true
"""


def shelf_file(*names: str) -> str:
    return "".join(ROW.format(name=name) for name in names)
