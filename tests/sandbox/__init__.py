"""The sandbox, tested without any of the client's code."""
