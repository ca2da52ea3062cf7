"""What flows through newsbeam and what it writes: frozen rows and the tables derived from them."""
