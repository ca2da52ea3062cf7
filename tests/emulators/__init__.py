"""BigQuery and Cloud Storage over HTTP on the loopback interface, each a process of its own."""
