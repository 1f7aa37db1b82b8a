"""The nouns: what travels, in files named as the endpoints are."""
