"""The exit statuses that several commands share; docs/commands.md says what they mean."""

USAGE = 2
EVERY_FEED_FAILED = 3
NOTHING_COMMITTED = 4
