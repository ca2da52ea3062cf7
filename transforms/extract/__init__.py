"""The parts of article extraction: document, body, metadata, signs of cut text, language."""
