"""The spaCy component `newsbeam_entities`: sets the document's entities and mentions."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from transforms.nlp.types import DocEntity, DocMention, EntityType, register_extensions

_TYPES: dict[str, EntityType] = {
    "PERSON": "person",
    "ORG": "organization",
    "GPE": "place",
    "LOC": "place",
}


def make_entities(nlp: Language, name: str = "newsbeam_entities") -> EntitiesComponent:
    """Make the component; the factory `newsbeam_entities` calls this."""
    register_extensions()
    return EntitiesComponent()


class EntitiesComponent:
    """Brings the names of a document together (needs `doc.ents`; uses tags and parse)."""

    def __call__(self, doc: Doc) -> Doc:
        """Set `doc._.newsbeam_entities` and `doc._.newsbeam_mentions`."""
        groups: dict[tuple[str, str], list[int]] = {}
        mentions: list[DocMention] = []
        for ent in doc.ents:
            key = (ent.label_, ent.text.split()[-1] if ent.label_ == "PERSON" else ent.text)
            index = list(groups).index(key) if key in groups else len(groups)
            groups.setdefault(key, []).append(len(mentions))
            mentions.append(DocMention(ent.start_char, ent.end_char, ent.label_, "name", index))
        entities = []
        for index, ((label, _), members) in enumerate(groups.items()):
            names = [doc.text[mentions[m].start : mentions[m].end] for m in members]
            best = max(names, key=len)
            aliases = tuple(dict.fromkeys(n for n in names if n != best))
            kind = _TYPES.get(label, "other")
            entities.append(DocEntity(index, best, kind, label, aliases, None, tuple(members)))
        doc._.newsbeam_entities = tuple(entities)
        doc._.newsbeam_mentions = tuple(mentions)
        return doc
