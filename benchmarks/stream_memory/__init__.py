"""Does a stream's memory stay flat, and how long does a pass over unchanged feeds take?"""
