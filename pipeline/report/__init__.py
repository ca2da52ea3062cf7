"""A page to look at: one HTML file that holds everything it shows and asks no network."""
