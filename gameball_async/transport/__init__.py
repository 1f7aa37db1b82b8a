"""How a call reaches the API: once, in turn, within the limits, and with its outcome known."""
