"""The parts of the retriever: values, network guard, decoding, one request, the schedule."""
