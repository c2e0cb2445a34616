"""`python -m tests.privacy_data --count 2000 --half held --seed 7 > file.json`"""

import argparse
import json
import sys

from tests.privacy_data.generator import samples


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.privacy_data", description="Make texts to measure privacy on."
    )
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--half", choices=("tuning", "held", "both"), default="tuning")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    json.dump(list(samples(chosen.count, chosen.half, chosen.seed)), sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
