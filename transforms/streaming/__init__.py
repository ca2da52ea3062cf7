"""The stages of a graph without end: what they remember lies in the engine's keyed state."""
