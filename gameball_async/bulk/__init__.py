"""A great many orders: pull one, finish one."""
