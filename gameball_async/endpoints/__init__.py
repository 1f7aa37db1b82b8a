"""The verbs: one class per group of operations, one method per operation."""
