"""The application: options, graph, runners, the run's commit and the command line."""
