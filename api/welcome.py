"""What a person at the terminal can do next."""

import shlex
from pathlib import Path

from appliance.settings import EngineSettings, Settings

WORDS = """
Ringfence answers on {base}. Try it, from another terminal:

  curl {base}/chat/completions \\
    -H "Authorization: Bearer $(cat {key})" -H "Content-Type: application/json" \\
    -d '{{"model": "{model}", "messages": [{{"role": "user", "content": "What is a router?"}}]}}'

From Python, with the `openai` package:

  from openai import OpenAI
  ringfence = OpenAI(base_url="{base}", api_key=open({path!r}).read().strip())
  question = [{{"role": "user", "content": "What is a router?"}}]
  answer = ringfence.chat.completions.create(model="{model}", messages=question)
  print(answer.choices[0].message.content)

Documentation: {root}/docs   Stop: Ctrl-C

"""


def text(settings: Settings, address: tuple[str, int]) -> str:
    host, port = address
    root = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    key = str((settings.paths.var / "admin.key").resolve())
    return WORDS.format(base=f"{root}/v1", root=root, key=shlex.quote(key), path=key, model=_model(settings.engines))


def _model(engines: tuple[EngineSettings, ...]) -> str:
    """A model to talk to; the name of the first that writes text."""
    for engine in engines:
        if engine.embeds:
            continue
        if engine.models:
            return engine.models[0]
        if engine.weights:
            return Path(engine.weights).name.removesuffix(".gguf")
    return "MODEL"
