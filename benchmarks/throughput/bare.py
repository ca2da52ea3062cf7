"""The bare loop: trafilatura and the language pipeline over a folder of pages, nothing else.

The pipeline runs as spaCy runs it, without the caches that `newsbeam run` puts into it.

Prints the CPU seconds of each as JSON: trafilatura, spaCy's own components, newsbeam's components.
"""

import json
import sys
import time
from pathlib import Path

import trafilatura
from spacy.language import Language

from transforms.nlp.load import load_pipeline

OWN = ("newsbeam_line_breaks", "newsbeam_entities", "quotations")
BATCH = 16


def main() -> None:
    texts, nlp = [], load_pipeline(caches=False)
    seconds = dict.fromkeys(("trafilatura", "spacy", "newsbeam"), 0.0)
    for path in sorted(Path(sys.argv[1]).glob("*.html")):
        started = time.process_time()
        text = trafilatura.bare_extraction(path.read_bytes(), with_metadata=True)
        seconds["trafilatura"] += time.process_time() - started
        texts.append(text.text if text else "")
        if len(texts) == BATCH:
            annotate(nlp, texts, seconds)
            texts = []
    annotate(nlp, texts, seconds)
    print(json.dumps(seconds))


def annotate(nlp: Language, texts: list[str], seconds: dict[str, float]) -> None:
    """Run the pipeline's components one after the other over a batch, and add their times."""
    docs = [nlp.make_doc(text) for text in texts]
    for name, component in nlp.pipeline:
        started = time.process_time()
        docs = (
            list(component.pipe(docs))
            if hasattr(component, "pipe")
            else [component(d) for d in docs]
        )
        seconds["newsbeam" if name in OWN else "spacy"] += time.process_time() - started


if __name__ == "__main__":
    main()
