"""What the clients cost, next to what people use instead: ``python -m benchmarks``."""
