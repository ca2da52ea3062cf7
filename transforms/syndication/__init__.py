"""Near-duplicate articles: agency copy and texts that several outlets print.

`signatures` boils a text down to a few hundred numbers, `wire` finds the agency's credit,
`clusters` decides; no Beam in these three. `known` reads what earlier runs left, `group_articles`
is the transform, `fill_stories` writes the decisions into the articles' files.
"""
