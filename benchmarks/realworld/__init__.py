"""newsbeam on pages and feeds that nobody here wrote."""
